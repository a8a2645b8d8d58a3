//! The real program under Wayland: read, written in, copied from and photographed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use grend_tests::window::{MESSAGES, grend};
use grend_tests::{Headless, Kind, Peer, Screen, Weston, shared};
use serde_json::json;
use tempfile::tempdir;

const PATIENCE: Duration = Duration::from_secs(20);
const SIZE: (u32, u32) = (1000, 700);

#[test]
fn a_conversation_under_wayland() {
    let server = shared(Kind::Prosody);
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let folder = tempdir().unwrap();
    let (mut headless, account) = Headless::online(folder.path(), server, &anna);
    let chat = headless.open(account, &ola.address);
    let hello = headless.send(chat, "Hei");
    headless.expect_state(hello, "sent");
    headless.quit();
    let mut peer = Peer::online(server, &ola, "phone");

    let screen = Screen::start();
    let weston = Weston::start(&screen, SIZE);
    let ground = weston.window.settled();
    let mut program = weston.run(&mut grend(folder.path()));
    let window = &weston.window;
    window.wait(|now| now.is_unlike(&ground) && now.is_drawn());
    let chats = window.settled();
    // Weston takes a click only where it knows the mouse to be.
    window.after(|screen| screen.point(170, 150));
    let opened = window.after(|screen| screen.click(171, 150));
    assert!(opened.differs_within(&chats, MESSAGES), "no conversation is shown");

    // What is read there and written here.
    peer.send(&anna.address, "Kommer du? 🚲");
    window.wait(|now| now.differs_within(&opened, MESSAGES));
    window.settled();
    window.write("On my way");
    // What was copied is pasted: the compositor's clipboard, not X11's.
    window.press(&["ctrl+a", "ctrl+x", "ctrl+v"]);
    screen.press("ctrl+v");
    window.settled();
    screen.press("Return");
    peer.expect_message("On my wayOn my way");
    window.settled().shoot("wayland");

    screen.press("ctrl+q");
    assert!(program.wait(PATIENCE).success(), "{}", program.said());
    peer.must(json!({"do": "ping"}));
}
