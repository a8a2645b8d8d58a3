//! The real program in a real window against both servers: signed in by keyboard and mouse, written in, looked at.
//!
//! What a person sees is in `target/shots` afterwards. `docs/conversation.png`, the README's picture, is
//! `conversation-prosody-1000x700.png` from there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use grend_tests::family::{Family, PASSWORD};
use grend_tests::picture::Area;
use grend_tests::screen::Wheel;
use grend_tests::window::MESSAGES;
use grend_tests::{Headless, Kind, Peer, Picture, Portal, Screen, User, Window, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

const PATIENCE: Duration = Duration::from_secs(20);
const WIDE: (u32, u32) = (1000, 700);
/// The hairline between the two panes at that width, and its colours.
const HAIRLINE: usize = 340;
const LINE: [[u8; 3]; 2] = [[0xD3, 0xDA, 0xDF], [0x34, 0x3C, 0x45]];
/// The list at that width.
const LIST: Area = Area {
    x: 0,
    y: 110,
    width: 330,
    height: 590,
};
/// The ground of our own bubbles, light.
const MINE: [u8; 3] = [0xD6, 0xEF, 0xE5];

/// Whether the chats and a conversation stand side by side: somebody is signed in.
fn two_panes(picture: &Picture) -> bool {
    picture.width > HAIRLINE && [100, 350, 690].iter().all(|y| LINE.contains(&picture.at(HAIRLINE, *y)))
}

/// Signs in as a person would whose server DNS does not tell about. The mouse finds the door, the keyboard does the rest.
fn sign_in(window: &Window<'_>, family: &Family, person: &User, shot: &dyn Fn(&Picture, &str)) {
    let server = &family.server;
    let door = window.settled();
    shot(&door, "welcome");
    let (x, y) = primary_button(&door);
    window.after(|screen| screen.click(x, y));
    window.write(&person.address);
    window.press(&["Return"]);
    window.write(PASSWORD);
    // From the password to "Sign in", "Back" and "Advanced", which opens more fields behind it.
    window.press(&["Tab", "Tab", "Tab", "Return", "Tab"]);
    window.write("127.0.0.1");
    window.press(&["Tab"]);
    window.write(&server.port().to_string());
    window.press(&["Tab", "Tab", "Tab"]);
    shot(&window.write(&server.ca().display().to_string()), "form");
    window.screen().press("Return");
    window.wait(two_panes);
}

/// The middle of the first button that is filled with the accent colour.
fn primary_button(picture: &Picture) -> (usize, usize) {
    let accent = [0x0A, 0x66, 0x54];
    let rows = 0..picture.height;
    let row = |y: &usize| {
        picture.count(
            Area {
                x: 0,
                y: *y,
                width: picture.width,
                height: 1,
            },
            accent,
        ) > 100
    };
    let edge = rows.into_iter().find(row).expect("a button to press");
    (picture.width / 2, edge + 10)
}

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["body"].as_str()).collect()
}

fn a_family_evening(kind: Kind) {
    let name = format!("{kind:?}").to_lowercase();
    let shot = |picture: &Picture, what: &str| drop(picture.shoot(&format!("{what}-{name}")));
    let family = Family::start(kind);
    let (anna, bjorn) = (family.person("anna"), family.person("bjorn"));
    let mut peer = Peer::online(&family.server, bjorn, "phone");
    let (screen, folder) = (Screen::start(), tempdir().unwrap());

    let window = Window::open(&screen, folder.path(), WIDE, None);
    sign_in(&window, &family, anna, &shot);
    let empty = window.settled();
    window.wait(|now| now.differs_within(&empty, LIST) || now.count(LIST, [0x1A, 0x1F, 0x24]) > 200);
    let chats = window.settled();
    shot(&chats, "chats");

    // The keyboard finds Bjørn; the conversation opens with its history.
    window.press(&["ctrl+k"]);
    window.write("bj");
    let opened = window.press(&["Return"]);
    assert!(opened.differs_within(&chats, MESSAGES), "{kind:?}: no history is shown");

    // What is written here arrives there.
    let before = window.write("I am on my way home").count(MESSAGES, MINE);
    screen.press("Return");
    let got = peer.expect_message("I am on my way home");
    assert_eq!(got["asks_receipt"], true);
    window.wait(|now| now.count(MESSAGES, MINE) > before);
    peer.must(json!({"do": "receipt", "to": anna.address, "of": got["id"]}));
    peer.must(json!({"do": "marker", "to": anna.address, "of": got["id"]}));
    window.settled();

    // What is written there is shown here, and told to have been read, because somebody looks at it.
    let before = window.settled();
    let answer = peer.send(&anna.address, "Supert! Kjøper du melk? 🥛");
    window.wait(|now| now.differs_within(&before, MESSAGES));
    peer.expect_event(PATIENCE, |event| {
        event["event"] == "marker" && event["of"] == answer.as_str()
    });
    shot(&window.settled(), "conversation");

    // Nobody looks: it is received, not read, until somebody does.
    window.look(false);
    let unseen = peer.send(&anna.address, "Og bananer 🍌");
    let is = |event: &Value, kind: &str| event["event"] == kind && event["of"] == unseen.as_str();
    peer.expect_event(PATIENCE, |event| is(event, "receipt"));
    peer.must(json!({"do": "ping"}));
    assert!(
        !peer.events().iter().any(|event| is(event, "marker")),
        "{kind:?}: read by nobody"
    );
    window.look(true);
    peer.expect_event(PATIENCE, |event| is(event, "marker"));

    narrow(&window, &shot);
    // Who leaves in the middle of a sentence finds it again. Its cross alone would keep it in Windows' notification area.
    window.resize(WIDE.0, WIDE.1);
    window.press(&["ctrl+k"]);
    window.write("bj");
    window.press(&["Return"]);
    window.write("half a thou");
    screen.press("ctrl+q");
    window.leaves();

    let mut grend = Headless::start(folder.path());
    let account = grend.must(json!({"do": "accounts"}))["accounts"][0]["account"]
        .as_i64()
        .unwrap();
    let chat = grend.open(account, &bjorn.address);
    let timeline = grend.timeline(chat, 3);
    let said = ["I am on my way home", "Supert! Kjøper du melk? 🥛", "Og bananer 🍌"];
    assert_eq!(bodies(&timeline), said, "{kind:?}");
    assert_eq!(timeline[0]["state"], "displayed");
    let chats = grend.must(json!({"do": "chats"}))["chats"].as_array().unwrap().clone();
    let with_bjorn = chats.iter().find(|it| it["chat"] == chat).unwrap();
    assert_eq!(with_bjorn["draft"], "half a thou", "{kind:?}");
    assert_eq!(with_bjorn["unread"], 0);
    let contacts = grend.must(json!({"do": "contacts"}))["contacts"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(contacts.len(), 3, "{kind:?}: the shared contacts: {contacts:?}");
}

/// A window as narrow as a phone shows one of the two panes.
fn narrow(window: &Window<'_>, shot: &dyn Fn(&Picture, &str)) {
    let conversation = window.resize(360, 640);
    shot(&conversation, "conversation");
    window.screen().point(180, 300);
    let older = window.after(|screen| (0..12).for_each(|_| screen.wheel(Wheel::Up)));
    assert!(older.is_unlike(&conversation));
    shot(&older, "older");
    shot(&window.press(&["Escape"]), "chats");
    shot(&window.after(|screen| screen.click(130, 25)), "contacts");
    window.after(|screen| screen.click(60, 618)).shoot("settings");
    window.press(&["Escape"]);
}

#[test]
fn a_family_evening_on_prosody() {
    a_family_evening(Kind::Prosody);
}

#[test]
fn a_family_evening_on_ejabberd() {
    a_family_evening(Kind::Ejabberd);
}

#[test]
fn the_window_follows_light_and_dark() {
    let server = shared(Kind::Prosody);
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let folder = tempdir().unwrap();
    let (mut grend, account) = Headless::online(folder.path(), server, &anna);
    let chat = grend.open(account, &ola.address);
    let sent = grend.send(chat, "Good night 🌙");
    grend.expect_state(sent, "sent");
    grend.quit();
    let (screen, portal) = (Screen::start(), Portal::start());
    let window = Window::open(&screen, folder.path(), WIDE, Some(portal.address()));
    assert!(window.wait(two_panes).is_light());
    window.after(|screen| screen.click(170, 150));
    portal.set_dark(true);
    window.wait(|picture| !picture.is_light());
    window.settled().shoot("dark");
    window.resize(360, 640).shoot("dark");
    window.close();
    // And from its first moment.
    let window = Window::open(&screen, folder.path(), WIDE, Some(portal.address()));
    assert!(!window.wait(two_panes).is_light());
    portal.set_dark(false);
    window.wait(Picture::is_light);
    window.close();
}
