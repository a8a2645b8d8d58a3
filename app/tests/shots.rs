//! Pictures of every screen, wide and narrow, light and dark, in both languages, to be looked at: `target/shots`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::devices::{OURS, THEIRS, device, know, readers as family};
use common::{Desk, answer, conversation, home, letter, live, shoot};
use grend_app::app::{Message, State};
use grend_app::host::{Host, Seen, Wish};
use grend_app::screen::{conversation as chat, health, home as at_home, readers, settings, trouble, welcome};
use grend_core::model::{AccountId, ChatId, Compared, Connection, DeviceId, Encryption, State as Stand, Trust};
use grend_core::{Cause, Certificate, Network};
use std::sync::Arc;

const LANGUAGES: [&str; 2] = ["en", "nb"];

#[test]
fn welcome_and_form() {
    for language in LANGUAGES {
        let desk = Desk::new(language);
        let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
        let _ = state.update(Message::Accounts(Ok(Vec::new())));
        shoot(&mut state, &format!("welcome-{language}"));
        for message in [
            welcome::Message::Door,
            welcome::Message::Address("kari@familien.example".to_owned()),
            welcome::Message::Password("hemmelig".to_owned()),
            welcome::Message::Advanced,
            welcome::Message::Refused(Cause::Network(Network::UnknownHost)),
        ] {
            let _ = state.update(Message::Welcome(message));
        }
        shoot(&mut state, &format!("form-{language}"));
    }
}

#[test]
fn chats_and_contacts() {
    for language in LANGUAGES {
        let desk = Desk::new(language);
        let mut state = home(&desk);
        shoot(&mut state, &format!("chats-{language}"));
        let _ = state.update(Message::Home(at_home::Message::Tab(at_home::Tab::Contacts)));
        shoot(&mut state, &format!("contacts-{language}"));
        let _ = state.update(Message::Home(at_home::Message::Add));
        shoot(&mut state, &format!("add-{language}"));
    }
}

#[test]
fn conversations() {
    for language in LANGUAGES {
        let desk = Desk::new(language);
        let mut state = conversation(&desk);
        shoot(&mut state, &format!("conversation-{language}"));
        let mut offline = live(Connection::Waiting {
            cause: Network::Lost.into(),
            retry_at: 0,
        });
        offline.typing.insert((AccountId(1), ChatId(1)));
        let _ = state.update(Message::Live(offline));
        shoot(&mut state, &format!("offline-{language}"));
    }
}

#[test]
fn settings_and_trouble() {
    for language in LANGUAGES {
        let desk = Desk::new(language);
        let mut state = home(&desk);
        let _ = state.update(Message::Home(at_home::Message::Settings));
        let _ = state.update(Message::Settings(settings::Message::SignOut(common::ME)));
        *desk.starts.lock().unwrap() = Some(language == "nb");
        shoot(&mut state, &format!("settings-{language}"));
        let mut state = home(&desk);
        let _ = state.update(Message::Live(live(Connection::Stopped(Cause::Authentication))));
        shoot(&mut state, &format!("trouble-{language}"));
        for (name, cause) in [("unbound", Certificate::Unbound), ("doubtful", Certificate::Doubtful)] {
            let mut state = home(&desk);
            let _ = state.update(Message::Live(live(Connection::Stopped(cause.into()))));
            let typed = trouble::Message::Password("hemmelig".to_owned());
            let _ = state.update(Message::Trouble(typed));
            shoot(&mut state, &format!("trouble-{name}-{language}"));
        }
    }
}

#[test]
fn shared_and_seen() {
    for language in LANGUAGES {
        let mut desk = Desk::new(language);
        Arc::get_mut(&mut desk).unwrap().sees = true;
        let mut state = home(&desk);
        let text = "Så fin sykkel! https://annonser.example/sykler/barn/24-tommer/rød-og-blå-med-bjelle";
        let _ = state.update(Message::Wish(Wish::Share(text.to_owned())));
        shoot(&mut state, &format!("share-{language}"));
        let _ = state.update(Message::Wish(Wish::Share("x".repeat(30_000))));
        shoot(&mut state, &format!("share-too-long-{language}"));
        let _ = state.update(Message::GiveUpSharing);
        let key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let link = format!("xmpp:bestemor@familien.example?omemo-sid-27={key}");
        let _ = state.update(Message::Wish(Wish::Link(link)));
        know(&mut state, THEIRS, family());
        shoot(&mut state, &format!("compare-brought-{language}"));
        let _ = state.update(Message::Readers(readers::Message::Typed(String::new())));
        let _ = state.update(Message::Wish(Wish::Seen(Seen::NoCode)));
        shoot(&mut state, &format!("compare-unseen-{language}"));
    }
}

#[test]
fn is_the_server_all_right() {
    for language in LANGUAGES {
        let desk = Desk::new(language);
        let mut state = home(&desk);
        let _ = state.update(Message::Home(at_home::Message::Settings));
        let _ = state.update(Message::Settings(settings::Message::Health(common::ME)));
        shoot(&mut state, &format!("health-busy-{language}"));
        let _ = state.update(Message::Examined(common::ME, Ok((Box::new(common::report()), 2))));
        shoot(&mut state, &format!("health-{language}"));
        let _ = state.update(Message::Health(health::Message::Copy));
        shoot(&mut state, &format!("health-copied-{language}"));
    }
}

#[test]
fn large_text() {
    let desk = Desk::new("nb");
    let mut state = conversation(&desk);
    know(&mut state, THEIRS, family());
    // At 250 % a window of 1000 pixels is as wide as one of 400.
    let size = |width: f32| iced_core::Size::new(width, 256.0 + width / 4.0);
    for (name, width) in [("large-250", 400.0), ("large-narrow", 180.0)] {
        common::shoot_at(&mut state, name, size(width));
    }
    let _ = state.update(Message::Conversation(chat::Message::Readers));
    know(&mut state, THEIRS, family());
    for (name, does) in [
        ("list", readers::Message::Keep),
        ("device", readers::Message::Device(DeviceId(1))),
        ("compare", readers::Message::Compare),
    ] {
        let _ = state.update(Message::Readers(does));
        common::shoot_at(&mut state, &format!("large-narrow-{name}"), size(180.0));
    }
}

/// A conversation with messages that are locked, unlocked and not readable.
fn locked(language: &'static str) -> State {
    let mut state = conversation(&Desk::new(language));
    let at = |n: i64| common::NOW - (20 - n) * common::MINUTE;
    let mut letters: Vec<_> = [
        (1, true, "Kommer dere i morgen?", Stand::Displayed),
        (2, false, "Ja, klokka fem", Stand::Received),
        (3, false, "", Stand::Received),
        (4, true, "", Stand::Sent),
        (5, false, "Dette gikk åpent", Stand::Received),
        (6, true, "Så fint!", Stand::Delivered),
    ]
    .map(|(id, mine, body, stand)| letter(id, mine, body, at(id), stand))
    .into();
    for letter in &mut letters {
        letter.encryption = if letter.id.0 == 5 {
            Encryption::None
        } else {
            Encryption::Omemo
        };
        letter.unreadable = letter.body.is_empty().then(|| "not_for_this_device".to_owned());
    }
    answer(&mut state, letters, None);
    know(&mut state, THEIRS, family());
    state
}

#[test]
fn locks_of_conversations() {
    for language in LANGUAGES {
        let mut state = locked(language);
        shoot(&mut state, &format!("lock-{language}"));
        let mut known = family();
        known.theirs.push(device(9, THEIRS, Some(Trust::Undecided)));
        know(&mut state, THEIRS, known);
        shoot(&mut state, &format!("lock-new-{language}"));
        let mut known = family();
        known.decided = Some(false);
        know(&mut state, THEIRS, known);
        let mut ours = device(8, OURS, Some(Trust::Blind));
        ours.new = true;
        let _ = state.update(Message::NewDevices(Ok(vec![ours])));
        shoot(&mut state, &format!("lock-off-{language}"));
    }
}

#[test]
fn who_can_read() {
    for language in LANGUAGES {
        let mut state = locked(language);
        let _ = state.update(Message::Conversation(chat::Message::Readers));
        let mut known = family();
        known.theirs.push(device(9, THEIRS, Some(Trust::Undecided)));
        know(&mut state, THEIRS, known);
        shoot(&mut state, &format!("readers-{language}"));
        let _ = state.update(Message::Readers(readers::Message::Device(DeviceId(9))));
        shoot(&mut state, &format!("device-{language}"));
        let _ = state.update(Message::Readers(readers::Message::Device(DeviceId(4))));
        let _ = state.update(Message::Readers(readers::Message::Remove));
        shoot(&mut state, &format!("device-own-{language}"));
        let _ = state.update(Message::Readers(readers::Message::Compare));
        shoot(&mut state, &format!("compare-{language}"));
        let same = Compared::Same {
            verified: 1,
            others: vec![device(1, THEIRS, Some(Trust::Blind))],
        };
        let _ = state.update(Message::Readers(readers::Message::Typed(
            "xmpp:bestemor@familien.example?omemo-sid-1=ab".to_owned(),
        )));
        let _ = state.update(Message::Compared(Ok(same)));
        shoot(&mut state, &format!("compare-same-{language}"));
        let differs = Compared::Differs(vec![device(1, THEIRS, Some(Trust::Blind))]);
        let _ = state.update(Message::Compared(Ok(differs)));
        shoot(&mut state, &format!("compare-differs-{language}"));
    }
}

#[test]
fn whether_messages_come_in_time() {
    for language in LANGUAGES {
        let mut desk = Desk::new(language);
        std::sync::Arc::get_mut(&mut desk).unwrap().keys = false;
        let mut state = home(&desk);
        let _ = state.update(Message::Limits(common::held_back()));
        shoot(&mut state, &format!("arrivals-line-{language}"));
        let _ = state.update(Message::ShowArrivals);
        let _ = state.update(Message::Limits(common::held_back()));
        let _ = state.update(Message::Measured(Ok(common::late())));
        shoot(&mut state, &format!("arrivals-{language}"));
        let _ = state.update(Message::Limits(grend_app::host::Limits::default()));
        shoot(&mut state, &format!("arrivals-good-{language}"));
    }
}

#[test]
fn our_devices() {
    for language in LANGUAGES {
        let mut state = home(&Desk::new(language));
        let _ = state.update(Message::ShowDevices(common::ME));
        know(&mut state, OURS, family());
        shoot(&mut state, &format!("devices-{language}"));
    }
}
