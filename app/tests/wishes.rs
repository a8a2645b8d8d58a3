//! What the machine wishes: a chat from a notice, a link from a page, a window that closes and comes back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;

use common::devices::{OURS, THEIRS, know, readers as family};
use common::{Desk, NARROW, WIDE, act, home, reach, ui};
use grend_app::app::{Message, State};
use grend_app::host::{Host, Seen, Wish};
use grend_app::screen::{conversation, home as at_home, readers, settings};
use grend_core::model::ChatId;
use grend_core::{Cause, Storage};
use iced_core::window;

fn sees(state: &mut State, text: &str) -> bool {
    ui(state, WIDE).find(text).is_ok()
}

fn wish(state: &mut State, wish: Wish) {
    let _ = state.update(Message::Wish(wish));
}

fn link(state: &mut State, address: &str) {
    wish(state, Wish::Link(format!("xmpp:{address}")));
}

#[test]
fn a_notice_leads_to_its_chat_whatever_is_open() {
    let mut state = home(&Desk::new("en"));
    assert!(sees(&mut state, "Choose a chat"));
    let _ = state.update(Message::Home(at_home::Message::Settings));
    wish(&mut state, Wish::Open(ChatId(1)));
    assert!(!sees(&mut state, "Choose a chat") && !sees(&mut state, "Text size"));
    // A chat that is gone by now breaks nothing.
    wish(&mut state, Wish::Open(ChatId(99)));
    wish(&mut state, Wish::Reply(ChatId(99), "  ".to_owned()));
    wish(&mut state, Wish::Read(ChatId(99)));
}

#[test]
fn an_answer_that_cannot_be_kept_stands_in_the_field() {
    let mut state = home(&Desk::new("en"));
    let full = Err(Cause::Storage(Storage::Full));
    let _ = state.update(Message::Replied(ChatId(1), "Straks".to_owned(), full));
    assert!(sees(
        &mut state,
        "The disk is full. Make some room; nothing that was stored is lost."
    ));
    let send = Some(iced_core::widget::Id::new("send"));
    assert!(common::reach(&mut state, WIDE).iter().any(|(id, _)| *id == send));
}

#[test]
fn an_answer_that_cannot_be_kept_is_told_to_whom_looks_away_and_waits_for_its_chat() {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    wish(&mut state, Wish::Show);
    let _ = state.update(Message::Window(window::Event::Unfocused));
    // Nothing is known yet, and nothing can be written down.
    wish(&mut state, Wish::Reply(ChatId(1), " Straks ".to_owned()));
    assert_eq!(*desk.fulfilled.lock().unwrap(), [ChatId(1)]);
    let told = |desk: &Desk| desk.notices.lock().unwrap().last().cloned().flatten();
    let news = told(&desk).expect("it is told");
    assert_eq!(
        (news.title.as_str(), news.text.as_str()),
        ("Your answer was not sent", "Straks")
    );
    assert_eq!(news.chat, Some(ChatId(1)));
    let _ = state.update(Message::Accounts(Ok(vec![common::account()])));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    let _ = state.update(Message::Contacts(Ok(common::contacts())));
    assert_eq!(told(&desk), Some(news), "and stays, whatever else is new");
    let _ = state.update(Message::Window(window::Event::Focused));
    assert_eq!(told(&desk), None);
    // It stands in the field: it can be sent.
    let send = Some(iced_core::widget::Id::new("send"));
    assert!(common::reach(&mut state, WIDE).iter().any(|(id, _)| *id == send));
    let _ = state.update(Message::Window(window::Event::Unfocused));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    assert_eq!(told(&desk), None, "it was seen");
}

#[test]
fn whoever_brings_a_wish_hears_when_it_is_written_down() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let fulfilled = |desk: &Desk| std::mem::take(&mut *desk.fulfilled.lock().unwrap());
    let _ = state.update(Message::Read(ChatId(2), Ok(())));
    assert_eq!(fulfilled(&desk), [ChatId(2)]);
    let _ = state.update(Message::Read(ChatId(3), Err(Cause::Storage(Storage::Full))));
    assert_eq!(fulfilled(&desk), [ChatId(3)]);
    wish(&mut state, Wish::Reply(ChatId(4), " ".to_owned()));
    assert_eq!(fulfilled(&desk), [ChatId(4)]);
}

#[test]
fn a_notice_that_starts_the_program_leads_to_its_chat() {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    wish(&mut state, Wish::Open(ChatId(1)));
    let _ = state.update(Message::Accounts(Ok(vec![common::account()])));
    assert!(sees(&mut state, "Choose a chat"));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    assert!(!sees(&mut state, "Choose a chat"));
}

#[test]
fn a_link_leads_to_whom_we_know_and_asks_strangers() {
    let mut state = home(&Desk::new("en"));
    link(&mut state, "ole@familien.example?message");
    assert!(!sees(&mut state, "Choose a chat"));
    link(&mut state, "fremmed@sted.example");
    assert!(sees(&mut state, "Add a contact"));
    assert!(sees(&mut state, "fremmed@sted.example"));
    link(&mut state, "rommet@grupper.example?join");
    let text = "“xmpp:rommet@grupper.example?join” is not an address like name@server.";
    assert!(sees(&mut state, text));
}

#[test]
fn a_link_waits_until_it_is_known_who_is_known() {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    link(&mut state, "ole@familien.example");
    let _ = state.update(Message::Accounts(Ok(vec![common::account()])));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    assert!(sees(&mut state, "Choose a chat"));
    let _ = state.update(Message::Contacts(Ok(common::contacts())));
    assert!(!sees(&mut state, "Choose a chat"));
}

const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const WORTH: &str = "This code came with a link, and anybody can make a link. Compare it only if Bestemor gave it to you in a way that nobody else can change.";

#[test]
fn a_link_with_keys_is_laid_before_the_user_and_compares_nothing() {
    let mut state = home(&Desk::new("en"));
    let code = format!("bestemor@familien.example?omemo-sid-27={KEY}");
    link(&mut state, &code);
    assert!(!sees(&mut state, WORTH), "it is not known yet who can read");
    know(&mut state, THEIRS, family());
    assert!(sees(&mut state, WORTH));
    assert!(!sees(&mut state, "It matches. One device is marked now."));
    // What is typed then is the user's own.
    let _ = state.update(Message::Readers(readers::Message::Typed("xmpp:".to_owned())));
    assert!(!sees(&mut state, WORTH));
    // Our own address leads to our own devices.
    link(&mut state, &format!("kari@familien.example?omemo-sid-27={KEY}"));
    know(&mut state, OURS, family());
    assert!(sees(
        &mut state,
        "This code came with a link, and anybody can make a link. Compare it only if you took it from your other device yourself."
    ));
    // A stranger has no keys to compare: they are asked first.
    link(&mut state, &format!("fremmed@sted.example?omemo-sid-27={KEY}"));
    assert!(sees(&mut state, "Add a contact"));
}

#[test]
fn what_was_seen_is_compared_and_what_was_not_is_said() {
    let mut desk = Desk::new("en");
    Arc::get_mut(&mut desk).unwrap().sees = true;
    let mut state = common::conversation(&desk);
    // Nobody asked: nothing comes of it.
    wish(&mut state, Wish::Seen(Seen::Code("xmpp:".to_owned())));
    let _ = state.update(Message::Conversation(conversation::Message::Readers));
    know(&mut state, THEIRS, family());
    let _ = state.update(Message::Readers(readers::Message::Compare));
    for (id, asked) in [("scan", "scan"), ("picture", "picture")] {
        act(&mut state, WIDE, |ui| {
            ui.click(iced_test::selector::id(id)).unwrap();
        });
        assert_eq!(desk.looked.lock().unwrap().last(), Some(&asked));
    }
    for (seen, said) in [
        (Seen::NoCode, "No code was found"),
        (Seen::NoPicture, "This is no picture"),
        (Seen::NoCamera, "The camera cannot be used"),
        (Seen::NoFiles, "This computer offers no window"),
    ] {
        wish(&mut state, Wish::Seen(seen));
        let begins = move |candidate: iced_test::selector::Candidate<'_>| match candidate {
            iced_test::selector::Candidate::Text { content, .. } => content.starts_with(said).then_some(()),
            _ => None,
        };
        assert!(ui(&mut state, WIDE).find(begins).is_ok(), "{said}");
    }
}

#[test]
fn a_shared_text_asks_above_the_list_wide_and_narrow() {
    let question = "Send this to whom?";
    let mut state = home(&Desk::new("en"));
    let _ = state.update(Message::Home(at_home::Message::Settings));
    wish(&mut state, Wish::Share("Se her".to_owned()));
    assert!(sees(&mut state, question));
    // Side by side with a conversation the question stays; narrow, it waits behind it.
    wish(&mut state, Wish::Open(ChatId(1)));
    assert!(sees(&mut state, question));
    assert!(ui(&mut state, NARROW).find(question).is_err());
    let _ = state.update(Message::Conversation(conversation::Message::Back));
    assert!(ui(&mut state, NARROW).find(question).is_ok());
    act(&mut state, NARROW, |ui| {
        ui.click(iced_test::selector::id("share-give-up")).unwrap();
    });
    assert!(ui(&mut state, NARROW).find(question).is_err());
    // Somebody who is a contact only, and whom a search found.
    wish(&mut state, Wish::Share("Se her".to_owned()));
    let _ = state.update(Message::Home(at_home::Message::Search("ole".to_owned())));
    let _ = state.update(Message::Home(at_home::Message::First));
    assert!(!sees(&mut state, question));
    let send = Some(iced_core::widget::Id::new("send"));
    assert!(
        reach(&mut state, WIDE).iter().any(|(id, _)| *id == send),
        "there is something to send"
    );
}

#[test]
fn a_window_that_closes_ends_the_program_or_says_that_it_does_not() {
    let desk = Desk::new("nb");
    let mut state = home(&desk);
    assert_eq!(*desk.unread.lock().unwrap(), 15);
    let _ = state.update(Message::Window(window::Event::CloseRequested));
    assert!(*desk.left.lock().unwrap());

    let mut desk = Desk::new("nb");
    Arc::get_mut(&mut desk).unwrap().stays = true;
    let mut state = home(&desk);
    wish(&mut state, Wish::Show);
    let _ = state.update(Message::Window(window::Event::CloseRequested));
    assert!(!*desk.left.lock().unwrap());
    assert_eq!(desk.said_it_stays.lock().unwrap()[0].title, "Grend er fortsatt på");
    wish(&mut state, Wish::Quit);
    assert!(*desk.left.lock().unwrap());
}

#[test]
fn the_switch_for_starting_is_there_where_there_is_something_to_switch() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let _ = state.update(Message::Home(at_home::Message::Settings));
    assert!(!sees(&mut state, "Start with the computer"));
    *desk.starts.lock().unwrap() = Some(false);
    assert!(sees(&mut state, "Start with the computer") && sees(&mut state, "Turn on"));
    let _ = state.update(Message::Settings(settings::Message::StartWithComputer(true)));
    assert!(sees(&mut state, "Turn off"));
}
