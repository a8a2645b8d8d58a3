//! Every screen on every glass: two sizes, two densities, text at 100 and 200 %, to be looked at in `target/shots/phone`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::HashSet;

use common::family::devices::{THEIRS, readers};
use common::{Handset, SMALL, USUAL, family};
use grend_android::shell::Look;
use grend_app::app::Message;
use grend_app::host::Wish;
use grend_app::screen::{home, settings, welcome};
use grend_core::model::{ChatId, Connection};
use grend_core::{Cause, Network};
use iced_core::Padding;

/// Brings a screen up.
type Show = fn(&mut Handset);

const SCREENS: [(&str, Show); 12] = [
    ("welcome", |phone| phone.message(Message::Accounts(Ok(Vec::new())))),
    ("form", |phone| {
        phone.message(Message::Accounts(Ok(Vec::new())));
        for message in [
            welcome::Message::Door,
            welcome::Message::Address("kari@familien.example".to_owned()),
            welcome::Message::Password("hemmelig".to_owned()),
            welcome::Message::Refused(Cause::Network(Network::UnknownHost)),
        ] {
            phone.message(Message::Welcome(message));
        }
    }),
    ("chats", Handset::sign_in),
    ("contacts", |phone| {
        phone.sign_in();
        phone.message(Message::Home(home::Message::Tab(home::Tab::Contacts)));
    }),
    ("conversation", |phone| {
        phone.sign_in();
        phone.open();
    }),
    ("offline", |phone| {
        phone.sign_in();
        phone.open();
        let mut offline = family::live(Connection::Offline);
        offline.typing.insert((family::ME, ChatId(1)));
        phone.message(Message::Live(offline));
    }),
    ("share", |phone| {
        phone.sign_in();
        phone.message(Message::Wish(Wish::Share(
            "Se her! https://familien.example/hagen".to_owned(),
        )));
    }),
    ("compare", |phone| {
        phone.sign_in();
        let link = format!("xmpp:{THEIRS}?omemo-sid-27={}", "9f86d081".repeat(8));
        phone.message(Message::Wish(Wish::Link(link)));
        let about = (family::ME, family::address(THEIRS));
        phone.message(Message::Known(Ok(vec![(about, readers())])));
    }),
    ("settings", |phone| {
        phone.sign_in();
        phone.message(Message::Home(home::Message::Settings));
        phone.message(Message::Settings(settings::Message::SignOut(family::ME)));
    }),
    ("arrivals-line", |phone| {
        phone.sign_in();
        phone.message(Message::Limits(family::held_back()));
    }),
    ("arrivals", |phone| {
        phone.sign_in();
        phone.message(Message::Limits(family::held_back()));
        phone.message(Message::ShowArrivals);
        phone.message(Message::Limits(family::held_back()));
        phone.message(Message::Measured(Ok(family::late())));
    }),
    ("trouble", |phone| {
        phone.sign_in();
        phone.message(Message::Live(family::live(Connection::Stopped(Cause::Authentication))));
    }),
];

/// Photographs all screens at one density and one size of text, light or dark.
fn photograph_all(density: f32, font_scale: f32, dark: bool) {
    for (size, name) in [(SMALL, "360x640"), (USUAL, "411x891")] {
        let mut seen = HashSet::new();
        for (screen, show) in SCREENS {
            let look = Look {
                density,
                font_scale,
                dark,
                covered: Padding {
                    top: 24.0 * density,
                    bottom: 16.0 * density,
                    ..Padding::ZERO
                },
            };
            let mut phone = Handset::speaking(if dark { "nb" } else { "en" }, size, look);
            show(&mut phone);
            phone.pass(400);
            let percent = font_scale * 100.0;
            phone.photograph(&format!("{screen}-{name}-x{density}-{percent}"));
            assert!(seen.insert(phone.glass.sum()), "{screen} at {name} looks like another");
        }
    }
}

#[test]
fn usual_text_on_a_coarse_glass() {
    photograph_all(1.5, 1.0, false);
}

#[test]
fn usual_text_on_a_fine_glass() {
    photograph_all(2.6, 1.0, true);
}

#[test]
fn large_text_on_a_coarse_glass() {
    photograph_all(1.5, 2.0, true);
}

#[test]
fn large_text_on_a_fine_glass() {
    photograph_all(2.6, 2.0, false);
}

#[test]
fn the_keyboard_covers_no_field_and_no_composer() {
    let look = Look {
        density: 1.5,
        ..Look::default()
    };
    let mut phone = Handset::new(SMALL, look);
    phone.sign_in();
    phone.open();
    phone.tap("#composer");
    let keyboard = Look {
        covered: Padding {
            bottom: 260.0 * look.density,
            ..Padding::ZERO
        },
        ..look
    };
    phone.look(keyboard);
    phone.keyboard(|typing| typing.compose("Kommer"));
    phone.pass(300);
    phone.photograph("keyboard-composer");
    let mut phone = Handset::new(SMALL, look);
    phone.message(Message::Accounts(Ok(Vec::new())));
    phone.message(Message::Welcome(welcome::Message::Door));
    phone.pass(100);
    phone.tap("#password");
    phone.look(keyboard);
    phone.pass(300);
    phone.photograph("keyboard-form");
    // Turned on its side.
    let mut phone = Handset::new(iced_core::Size::new(640.0, 360.0), look);
    phone.sign_in();
    phone.open();
    phone.photograph("landscape");
}
