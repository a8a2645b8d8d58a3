//! Two people make sure of each other by pictures: of the other's window, as it is and as a telephone would take it. A link led
//! them to the page, and the desktop's own window let them choose.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

use grend_tests::window::grend;
use grend_tests::{Desktop, Headless, Kind, Portal, Screen, Server, User, Window, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

/// High enough for all of the page.
const SIZE: (u32, u32) = (1000, 1000);

/// Somebody, and where their Grend has its things.
struct Person {
    user: User,
    folder: PathBuf,
}

fn devices(grend: &mut Headless, account: i64, address: &str) -> Vec<Value> {
    let answer = grend.must(json!({"do": "devices", "account": account, "address": address}));
    answer["devices"].as_array().unwrap().clone()
}

/// Both are signed in and know each other's device.
fn meet(server: &Server, anna: &Person, ola: &Person) {
    let begin = |one: &Person, other: &Person| {
        let (mut grend, account) = Headless::online(&one.folder, server, &one.user);
        let chat = grend.open(account, &other.user.address);
        (grend, account, chat)
    };
    // Strangers are not told of new devices: his is there before she asks.
    let (mut o, account, to_anna) = begin(ola, anna);
    let is_listed = |device: &Value| device["listed"] == true;
    while !devices(&mut o, account, &ola.user.address).iter().any(is_listed) {
        o.expect("devices");
    }
    let (mut a, account, to_ola) = begin(anna, ola);
    while !devices(&mut a, account, &ola.user.address).iter().any(is_listed) {
        a.expect("devices");
    }
    // A key is fetched when something is written to it.
    let write = |from: &mut Headless, chat, to: &mut Headless, text: &str| {
        let sent = from.send(chat, text);
        from.expect_state(sent, "sent");
        assert_eq!(to.expect_message(text)["encryption"], "omemo");
    };
    write(&mut a, to_ola, &mut o, "Hei");
    write(&mut o, to_anna, &mut a, "Hei du");
    a.quit();
    o.quit();
}

/// Opens the page on which one makes sure of the other, by a link that says nothing true.
fn compare<'a>(screen: &'a Screen, one: &Person, other: &Person, bus: &str) -> Window<'a> {
    let link = format!("xmpp:{}?omemo-sid-1={}", other.user.address, "0".repeat(64));
    let window = Window::run(screen, grend(&one.folder).arg(link), Some(bus)).shown(SIZE);
    window.settled();
    window
}

/// Whose devices this one has made sure of.
fn verified(one: &Person, other: &Person) -> bool {
    let mut grend = Headless::start(&one.folder);
    let account = grend.must(json!({"do": "accounts"}))["accounts"][0]["account"]
        .as_i64()
        .unwrap();
    let known = devices(&mut grend, account, &other.user.address);
    grend.quit();
    assert!(!known.is_empty());
    known.iter().all(|device| device["trust"] == "verified")
}

/// What a telephone makes of a screen: turned, a little blurred, with noise, as JPEG.
fn photographed(picture: &Path) -> PathBuf {
    let photo = picture.with_extension("jpg");
    let made = Command::new("convert")
        .arg(picture)
        .args(["-background", "gray40", "-rotate", "7", "-blur", "0x0.6"])
        .args(["-attenuate", "0.2", "+noise", "Gaussian", "-quality", "60"])
        .arg(&photo)
        .status()
        .expect("the test needs convert: install imagemagick");
    assert!(made.success());
    photo
}

/// Anna and Ola, who have met.
fn two(folder: &Path) -> (Person, Person) {
    let server = shared(Kind::Prosody);
    let person = |name: &str| Person {
        user: server.add_stranger(name),
        folder: folder.join(name),
    };
    let (anna, ola) = (person("anna"), person("ola"));
    meet(server, &anna, &ola);
    (anna, ola)
}

#[test]
fn two_people_make_sure_of_each_other_by_pictures() {
    let folder = tempdir().unwrap();
    let (anna, ola) = two(folder.path());
    let (screen, portal) = (Screen::start(), Portal::start());
    let (of_anna, of_ola) = (folder.path().join("of anna.png"), folder.path().join("of ola.png"));
    let garbage = folder.path().join("garbage.png");
    std::fs::write(&garbage, "no picture").unwrap();

    let window = compare(&screen, &ola, &anna, portal.address());
    window.settled().save(&of_ola);
    window.close();

    let window = compare(&screen, &anna, &ola, portal.address());
    let page = window.settled();
    page.save(&of_anna);
    page.shoot("compare-brought");
    // From "Back" over the field and "Compare".
    window.press(&["Tab", "Tab", "Tab", "Tab"]);
    portal.choose(Some(&garbage));
    window.press(&["Return"]).shoot("compare-no-picture");
    // Our own code is somebody else's.
    portal.choose(Some(&of_anna));
    window.press(&["Return"]).shoot("compare-somebody-else");
    window.close();
    assert!(
        !verified(&anna, &ola),
        "a link, garbage and another's code mark nothing"
    );

    let window = compare(&screen, &anna, &ola, portal.address());
    window.press(&["Tab", "Tab", "Tab", "Tab"]);
    portal.choose(Some(&photographed(&of_ola)));
    window.press(&["Return"]).shoot("compare-photographed");
    window.close();
    assert!(verified(&anna, &ola));

    // Who would not choose has chosen nothing.
    let window = compare(&screen, &ola, &anna, portal.address());
    window.press(&["Tab", "Tab", "Tab", "Tab"]);
    portal.choose(None);
    screen.press("Return");
    assert!(!window.settled().is_unlike(&window.settled()));
    portal.choose(Some(&of_anna));
    window.press(&["Return"]);
    window.close();
    assert!(verified(&ola, &anna));
}

#[test]
fn a_desktop_without_a_window_for_files_says_so() {
    let folder = tempdir().unwrap();
    let (anna, ola) = two(folder.path());
    let (screen, desktop) = (Screen::start(), Desktop::start(&[]));
    let window = compare(&screen, &anna, &ola, desktop.address());
    window
        .press(&["Tab", "Tab", "Tab", "Tab", "Return"])
        .shoot("compare-no-files");
    desktop.icon().choose("Quit");
    window.leaves();
}
