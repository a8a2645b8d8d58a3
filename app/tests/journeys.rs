//! What people do, clicked and typed through: signing in, reading, writing, finding, with the mouse and the keyboard.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;

use common::{Desk, NARROW, WIDE, act, answer, conversation, home, letter, letters, reach, settle, ui};
use grend_app::app::{Message, State};
use grend_app::host::Host;
use grend_app::screen::{conversation as chat, home as at_home, settings as screen_settings, welcome};
use grend_core::model::{AccountId, ChatId, Connection, MessageId, State as Stand};
use grend_core::{Cause, Change, Network, Refused, Storage};
use iced_core::keyboard::{self, Modifiers, key::Named};
use iced_core::widget::Id;
use iced_test::selector;

fn first_start() -> (Arc<Desk>, State) {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    let _ = state.update(Message::Accounts(Ok(Vec::new())));
    (desk, state)
}

fn click(state: &mut State, what: &str) {
    act(state, WIDE, |ui| {
        ui.click(what).unwrap();
    });
}

fn sees(state: &mut State, what: &str) -> bool {
    ui(state, WIDE).find(what).is_ok()
}

fn key(key: Named, modifiers: Modifiers) -> keyboard::Event {
    keyboard::Event::KeyPressed {
        key: keyboard::Key::Named(key),
        modified_key: keyboard::Key::Named(key),
        physical_key: keyboard::key::Physical::Unidentified(keyboard::key::NativeCode::Unidentified),
        location: keyboard::Location::Standard,
        modifiers,
        text: None,
        repeat: false,
    }
}

#[test]
fn a_wrong_address_is_told_before_anybody_is_asked() {
    let (_desk, mut state) = first_start();
    click(&mut state, "I have an address");
    let _ = state.update(Message::Welcome(welcome::Message::Address("kari".to_owned())));
    act(&mut state, WIDE, |ui| {
        ui.click(selector::id("sign-in")).unwrap();
    });
    assert!(sees(
        &mut state,
        "This is not an address. It looks like name@example.org."
    ));
}

#[test]
fn a_refusal_says_what_to_do_and_keeps_what_was_typed() {
    let (_desk, mut state) = first_start();
    click(&mut state, "I have an address");
    let _ = state.update(Message::Welcome(welcome::Message::Address(
        " kari@familien.example ".to_owned(),
    )));
    let _ = state.update(Message::Welcome(welcome::Message::Password("feil".to_owned())));
    act(&mut state, WIDE, |ui| {
        ui.click(selector::id("sign-in")).unwrap();
    });
    assert!(sees(&mut state, "Signing in …"));
    let _ = state.update(Message::SignedIn(Err(Cause::Authentication)));
    assert!(sees(
        &mut state,
        "The server does not accept this address and password. Check both; capital letters matter."
    ));
    act(&mut state, WIDE, |ui| {
        ui.click(selector::id("sign-in")).unwrap();
    });
    assert!(sees(&mut state, "Signing in …"), "the form is still filled in");
}

#[test]
fn a_port_alone_is_not_a_server() {
    let (_desk, mut state) = first_start();
    click(&mut state, "I have an address");
    for message in [
        welcome::Message::Address("kari@familien.example".to_owned()),
        welcome::Message::Password("hemmelig".to_owned()),
        welcome::Message::Port("5222".to_owned()),
        welcome::Message::Submit,
    ] {
        let _ = state.update(Message::Welcome(message));
    }
    assert!(sees(
        &mut state,
        "A port alone is not enough: type the server too, or leave both empty."
    ));
}

#[test]
fn every_cause_is_a_sentence_in_both_languages() {
    for words in [grend_app::l10n::Words::new("en"), grend_app::l10n::Words::new("nb")] {
        for cause in [
            Cause::Conflict,
            Cause::Network(Network::Silent),
            Refused::Server("x".to_owned()).into(),
        ] {
            assert!(words.cause(&cause).contains(' '));
        }
    }
}

#[test]
fn a_chat_opens_beside_the_list_or_in_its_place() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    settle(&mut state, WIDE);
    assert!(ui(&mut state, WIDE).find("Ses snart 😀").is_ok());
    assert!(ui(&mut state, WIDE).find("Tante Åse").is_ok());
    assert!(ui(&mut state, NARROW).find("Ses snart 😀").is_ok());
    assert!(ui(&mut state, NARROW).find("Tante Åse").is_err());
    act(&mut state, NARROW, |ui| {
        ui.click(selector::id("back")).unwrap();
    });
    assert!(ui(&mut state, NARROW).find("Tante Åse").is_ok());
}

/// What pressing a key in the composer says.
fn composer_says(state: &mut State, keys: keyboard::Event) -> Vec<Message> {
    let mut ui = ui(state, WIDE);
    ui.click(selector::id("composer")).unwrap();
    ui.simulate([iced_core::Event::Keyboard(keys)]);
    ui.into_messages().collect()
}

#[test]
fn enter_sends_and_shift_enter_breaks_the_line() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    settle(&mut state, WIDE);
    let says = |said: &[Message], wanted: fn(&chat::Message) -> bool| {
        said.iter()
            .any(|message| matches!(message, Message::Conversation(message) if wanted(message)))
    };
    let said = composer_says(&mut state, key(Named::Enter, Modifiers::empty()));
    assert!(says(&said, |message| matches!(message, chat::Message::Send)));
    let said = composer_says(&mut state, key(Named::Enter, Modifiers::SHIFT));
    assert!(!says(&said, |message| matches!(message, chat::Message::Send)));
    assert!(says(
        &said,
        |message| matches!(message, chat::Message::Edit(action) if action.is_edit())
    ));
}

#[test]
fn keys_that_mean_the_window_are_not_typed() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    settle(&mut state, WIDE);
    let plus = keyboard::Key::Character("+".into());
    let keys = keyboard::Event::KeyPressed {
        key: plus.clone(),
        modified_key: plus,
        physical_key: keyboard::key::Physical::Unidentified(keyboard::key::NativeCode::Unidentified),
        location: keyboard::Location::Standard,
        modifiers: Modifiers::COMMAND,
        text: Some("+".into()),
        repeat: false,
    };
    let said = composer_says(&mut state, keys);
    let edits = |message: &Message| match message {
        Message::Conversation(chat::Message::Edit(action)) => action.is_edit(),
        _ => false,
    };
    assert!(!said.iter().any(edits));
}

#[test]
fn what_could_not_be_stored_can_be_sent_again() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    let can_send = |state: &mut State| reach(state, WIDE).iter().any(|(id, _)| *id == Some(Id::new("send")));
    assert!(!can_send(&mut state), "there is nothing to send yet");
    let full = Cause::from(Storage::Full);
    let _ = state.update(Message::Sent(ChatId(1), "Hei på deg".to_owned(), Err(full)));
    assert!(can_send(&mut state), "the text is back where it was typed");
    click(&mut state, "Not now");
    assert!(can_send(&mut state));
}

#[test]
fn new_messages_are_marked_and_states_are_words() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    settle(&mut state, WIDE);
    for word in [
        "New messages",
        "Waiting",
        "On the server",
        "On their device",
        "Try again",
    ] {
        assert!(sees(&mut state, word), "{word}");
    }
}

#[test]
fn a_long_message_is_cut_until_all_of_it_is_wanted() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    let mut all = letters();
    let long = "ord ".repeat(5000);
    all.push(letter(20, false, &long, common::NOW, Stand::Received));
    answer(&mut state, all, None);
    let _ = state.update(Message::Conversation(chat::Message::ToNewest));
    settle(&mut state, WIDE);
    assert!(sees(&mut state, "Show all"));
    assert!(!sees(&mut state, &long));
    click(&mut state, "Show all");
    assert!(sees(&mut state, &long));
}

#[test]
fn links_reach_the_machine() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    let _ = state.update(Message::Conversation(chat::Message::Link(
        "https://a.example/".to_owned(),
    )));
    assert_eq!(*desk.opened.lock().unwrap(), ["https://a.example/"]);
}

#[test]
fn searching_finds_chats_and_people_and_enter_opens_the_first() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let _ = state.update(Message::Home(at_home::Message::Search("åse".to_owned())));
    assert!(sees(&mut state, "Tante Åse"));
    assert!(!sees(&mut state, "Bestemor"));
    let _ = state.update(Message::Home(at_home::Message::First));
    assert!(ui(&mut state, WIDE).find(selector::id("composer")).is_ok());
    assert!(sees(&mut state, "Bestemor"), "the list is whole again");
}

#[test]
fn escape_goes_back_step_by_step() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    let _ = state.update(Message::Home(at_home::Message::Settings));
    assert!(sees(&mut state, "Signed in as"));
    let escape = || Message::Key(key(Named::Escape, Modifiers::empty()));
    let _ = state.update(escape());
    assert!(ui(&mut state, WIDE).find(selector::id("composer")).is_ok());
    let _ = state.update(escape());
    assert!(sees(&mut state, "Choose a chat"));
}

#[test]
fn a_changed_password_is_asked_for_at_once_and_can_wait() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let _ = state.update(Message::Live(common::live(Connection::Stopped(Cause::Authentication))));
    assert!(sees(&mut state, "New password"));
    click(&mut state, "Not now");
    assert!(sees(&mut state, "Bestemor"));
    click(&mut state, "See why");
    assert!(sees(&mut state, "New password"));
}

#[test]
fn what_changes_without_a_chat_open_asks_for_nothing() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let task = state.update(Message::Changed(vec![Change::Chat(ChatId(1)), Change::Everything]));
    assert_eq!(task.units(), 0);
}

#[test]
fn a_reader_who_scrolled_up_stays_where_they_are() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    let many = |from: i64, to: i64| -> Vec<_> {
        (from..to)
            .map(|n| {
                letter(
                    n,
                    n % 3 == 0,
                    &format!("number {n}"),
                    common::NOW - (500 - n) * 60_000,
                    Stand::Received,
                )
            })
            .collect()
    };
    answer(&mut state, many(100, 160), None);
    settle(&mut state, WIDE);
    let _ = state.update(Message::Conversation(chat::Message::ToNewest));
    settle(&mut state, WIDE);
    // The newest one arrives: whoever is at the end sees it.
    answer(&mut state, many(100, 161), Some(MessageId(160)));
    assert!(sees(&mut state, "number 160"));
}

#[test]
fn tab_reaches_everything_in_reading_order() {
    let desk = Desk::new("en");
    let mut state = conversation(&desk);
    settle(&mut state, WIDE);
    let reached: Vec<Option<Id>> = reach(&mut state, WIDE).into_iter().map(|(id, _)| id).collect();
    // Two tabs, the search, a line per chat, the settings; then the messages, what can be tried again, the composer.
    let place = |name: &'static str| reached.iter().position(|id| *id == Some(Id::new(name)));
    assert_eq!(place("search"), Some(2));
    assert_eq!(place("settings"), Some(3 + common::chats().len()));
    assert_eq!(place("messages"), place("settings").map(|settings| settings + 1));
    assert_eq!(
        place("composer"),
        place("messages").map(|messages| messages + 2),
        "the failed message is between"
    );
}

#[test]
fn somebody_asks_whether_the_server_is_all_right() {
    let mut state = home(&Desk::new("en"));
    let _ = state.update(Message::Home(at_home::Message::Settings));
    click(&mut state, "Is the server all right?");
    let busy = "Looking at familien.example … This takes up to 20 seconds.";
    assert!(sees(&mut state, busy));
    let examined = |account| Message::Examined(account, Ok((Box::new(common::report()), 2)));
    let _ = state.update(examined(AccountId(7)));
    assert!(sees(&mut state, busy), "the answer was about another account");
    let _ = state.update(examined(common::ME));
    assert!(sees(&mut state, "Does not work") && sees(&mut state, "Missing"));
    click(&mut state, "Copy for whoever runs your server");
    assert!(sees(&mut state, "Copied. Paste it into a message or a mail."));
    click(&mut state, "Back");
    assert!(sees(&mut state, "Sign out"));
    let _ = state.update(examined(common::ME));
    assert!(sees(&mut state, "Sign out"), "nobody waits for it any more");
}

#[test]
fn everything_that_can_be_pressed_is_as_large_as_a_fingertip() {
    let desk = Desk::new("nb");
    *desk.starts.lock().unwrap() = Some(false);
    let mut screens = vec![first_start().1, home(&desk), conversation(&desk)];
    let mut form = first_start().1;
    let _ = form.update(Message::Welcome(welcome::Message::Door));
    let _ = form.update(Message::Welcome(welcome::Message::Advanced));
    let mut contacts = home(&desk);
    let _ = contacts.update(Message::Home(at_home::Message::Tab(at_home::Tab::Contacts)));
    let mut adding = home(&desk);
    let _ = adding.update(Message::Home(at_home::Message::Add));
    let mut settings = home(&desk);
    let _ = settings.update(Message::Home(at_home::Message::Settings));
    let mut health = home(&desk);
    let _ = health.update(Message::Home(at_home::Message::Settings));
    let _ = health.update(Message::Settings(screen_settings::Message::Health(common::ME)));
    let _ = health.update(Message::Examined(common::ME, Ok((Box::new(common::report()), 2))));
    screens.extend([form, contacts, adding, settings, health]);
    for state in &mut screens {
        for size in [WIDE, NARROW] {
            for (id, bounds) in reach(state, size) {
                assert!(bounds.width >= 44.0 && bounds.height >= 44.0, "{id:?} is {bounds:?}");
                assert!(
                    bounds.x >= 0.0 && bounds.x + bounds.width <= size.width + 0.5,
                    "{id:?} leaves the window: {bounds:?}"
                );
            }
        }
    }
}
