//! Pictures of every screen, wide and narrow, light and dark, in both languages, to be looked at: `target/shots`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Desk, conversation, home, live, shoot};
use grend_app::app::{Message, State};
use grend_app::host::Host;
use grend_app::screen::{health, home as at_home, settings, trouble, welcome};
use grend_core::model::{AccountId, ChatId, Connection};
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
    // At 250 % a window of 1000 pixels is as wide as one of 400.
    for (name, width) in [("large-250", 400.0), ("large-narrow", 180.0)] {
        common::shoot_at(&mut state, name, iced_core::Size::new(width, 256.0 + width / 4.0));
    }
}
