//! Grend without its window, on a desktop with a tray: it waits there, tells what is new, and comes back when it is wished for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use grend_tests::desktop::{Event, Notice};
use grend_tests::headless::program;
use grend_tests::window::{Hidden, MESSAGES, THEIRS, grend};
use grend_tests::{Desktop, Headless, Kind, Peer, Portal, Process, Screen, User, Window, shared};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);
const SIZE: (u32, u32) = (1000, 700);

/// Anna, signed in, with an empty conversation with Ola, who is online with somebody else's client.
struct Two {
    folder: TempDir,
    anna: User,
    ola: User,
    peer: Peer,
}

impl Two {
    fn new() -> Self {
        let server = shared(Kind::Prosody);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let chat = grend.open(account, &ola.address);
        // We wrote to them, so they may know what we read.
        let hello = grend.send(chat, "Hei");
        grend.expect_state(hello, "sent");
        grend.quit();
        let mut peer = Peer::online(server, &ola, "phone");
        peer.must(json!({"do": "ping"}));
        Self {
            folder,
            anna,
            ola,
            peer,
        }
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Ola writes; the desktop shows it.
    fn write(&mut self, desktop: &Desktop, text: &str) -> (String, Notice) {
        let id = self.peer.send(&self.anna.address, text);
        let notice = desktop.notice();
        assert_eq!(notice.text, text);
        (id, notice)
    }

    /// Waits until Ola is told that the message was read.
    fn was_read(&mut self, id: &str) {
        let read = |event: &Value| event["event"] == "marker" && event["of"] == id;
        self.peer.expect_event(PATIENCE, read);
    }
}

/// Starts the program once more, and waits until it has left.
fn once_more(screen: &Screen, desktop: &Desktop, command: &mut Command) {
    screen.show_here(command, Some(desktop.address()));
    let mut second = Process::start("a second grend", command, "run `cargo build -p grend` first");
    let status = second.wait(PATIENCE);
    assert!(status.success(), "{}", second.said());
}

fn says_that_it_stays(notice: &Notice) {
    assert_eq!(notice.title, "Grend keeps running");
    assert!(notice.text.contains("Quit"), "{notice:?}");
}

fn shows_the_conversation(window: &Window<'_>) {
    window.wait(|picture| picture.count(MESSAGES, THEIRS) > 100);
}

#[test]
fn closed_it_waits_in_the_tray_and_comes_back() {
    let mut two = Two::new();
    let (screen, desktop) = (Screen::start(), Desktop::start(&["actions", "body-markup"]));
    let window = Window::open(&screen, two.data(), SIZE, Some(desktop.address()));
    let icon = desktop.icon();
    let usual = icon.pixels();
    window.settled();

    let hidden = window.hide();
    says_that_it_stays(&desktop.notice());
    let (id, notice) = two.write(&desktop, "Er du hjemme?");
    let offered: Vec<&str> = notice.actions.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(offered, ["default", "reply", "read"]);
    assert_ne!(icon.pixels(), usual, "a dot says that something is new");

    // Pressing the notice opens the chat, which is read then.
    desktop.press(notice.id, "default");
    let window = hidden.opens(SIZE);
    shows_the_conversation(&window);
    two.was_read(&id);
    assert_eq!(desktop.event(), Event::Closed(notice.id));
    assert_eq!(icon.pixels(), usual);

    // It stays, and does not say so again; the next thing that happens is the next message.
    let hidden = window.hide();
    let (id, notice) = two.write(&desktop, "Hallo?");
    desktop.press(notice.id, "read");
    two.was_read(&id);
    assert_eq!(desktop.event(), Event::Closed(notice.id));

    // The icon, and its menu, open the window with what was open; what was typed is kept at the end.
    icon.press();
    let window = hidden.opens(SIZE);
    shows_the_conversation(&window);
    let hidden = window.hide();
    icon.choose("Open Grend");
    let window = hidden.opens(SIZE);
    shows_the_conversation(&window);
    window.after(|screen| screen.click(600, 670));
    window.write("half a thou");
    let hidden = window.hide();
    icon.choose("Quit");
    hidden.leaves();
    let mut grend = Headless::start(two.data());
    let chats = grend.must(json!({"do": "chats"}))["chats"].clone();
    assert_eq!(chats[0]["draft"], "half a thou");
}

#[test]
fn an_answer_typed_into_a_notice_is_sent() {
    let mut two = Two::new();
    let (screen, desktop) = (Screen::start(), Desktop::start(&["actions", "inline-reply"]));
    let window = Window::open(&screen, two.data(), SIZE, Some(desktop.address()));
    let icon = desktop.icon();
    let hidden = window.hide();
    says_that_it_stays(&desktop.notice());
    let (id, notice) = two.write(&desktop, "Kommer du? <3");
    assert_eq!(notice.actions[1], ("inline-reply".to_owned(), "Reply".to_owned()));
    desktop.answer(notice.id, "Om ti minutter & litt");
    // Whoever answers has read.
    two.was_read(&id);
    two.peer.expect_message("Om ti minutter & litt");
    assert_eq!(desktop.event(), Event::Closed(notice.id));
    // Nothing of this opened the window. A notice that is gone answers no more.
    desktop.press(notice.id, "default");
    let (_, notice) = two.write(&desktop, "Fint");
    let mut hidden = hidden;
    assert!(!hidden.has_window());
    desktop.press(notice.id, "reply");
    let window = hidden.opens(SIZE);
    shows_the_conversation(&window);
    // Ctrl+Q quits, tray or not.
    drop(icon);
    screen.press("ctrl+q");
    window.leaves();
}

#[test]
fn started_hidden_it_waits_until_it_is_started_once_more() {
    let mut two = Two::new();
    let (screen, desktop) = (Screen::start(), Desktop::start(&[]));
    let mut hidden = Hidden::start(&screen, grend(two.data()).arg("--hidden"), Some(desktop.address()));
    let icon = desktop.icon();
    let (id, notice) = two.write(&desktop, "God morgen");
    assert_eq!(notice.actions, []);
    assert!(!hidden.has_window());
    // A second start that is to be hidden, too, shows nothing.
    once_more(&screen, &desktop, grend(two.data()).arg("--hidden"));
    assert!(!hidden.has_window());
    once_more(&screen, &desktop, &mut grend(two.data()));
    let window = hidden.opens(SIZE);
    assert_eq!(desktop.event(), Event::Closed(notice.id));

    // A link shows the chat, also when the window is open already.
    let link = format!("xmpp:{}?message", two.ola.address);
    once_more(&screen, &desktop, grend(two.data()).arg(&link));
    shows_the_conversation(&window);
    two.was_read(&id);
    // A link to a stranger asks.
    once_more(&screen, &desktop, grend(two.data()).arg("xmpp:nobody@family.example"));
    let asked = window.settled();
    asked.shoot("link-to-a-stranger");
    icon.choose("Quit");
    window.leaves();

    // A link can be what starts it; then it is not hidden.
    let mut command = grend(two.data());
    let window = Window::run(&screen, command.arg("--hidden").arg(&link), Some(desktop.address())).shown(SIZE);
    shows_the_conversation(&window);
    desktop.icon().choose("Quit");
    window.leaves();
}

#[test]
fn who_cannot_be_signed_in_is_told_so_though_nothing_was_open() {
    let two = Two::new();
    let name = two.anna.address.split('@').next().unwrap();
    shared(Kind::Prosody).change_password(name, "another");
    let (screen, desktop) = (Screen::start(), Desktop::start(&[]));
    let hidden = Hidden::start(&screen, grend(two.data()).arg("--hidden"), Some(desktop.address()));
    let icon = desktop.icon();
    let window = hidden.opens(SIZE);
    window.settled().shoot("trouble-though-hidden");
    // The next window is as large as this one was.
    window.resize(700, 500);
    let hidden = window.hide();
    icon.press();
    let window = hidden.opens_by_itself();
    assert_eq!((window.picture().width, window.picture().height), (700, 500));
    icon.choose("Quit");
    window.leaves();
}

#[test]
fn another_start_finds_who_has_the_folder_or_says_so() {
    let two = Two::new();
    let (screen, desktop) = (Screen::start(), Desktop::start(&[]));
    let window = Window::open(&screen, two.data(), SIZE, Some(desktop.address()));
    let mut headless = Command::new(program());
    let mut second = Process::start("headless", headless.arg("headless").arg("--data").arg(two.data()), "");
    assert!(!second.wait(PATIENCE).success());
    assert!(second.said().contains("already running"), "{}", second.said());
    // After a crash the way in that was left behind leads nowhere, and is not needed.
    drop(window);
    assert!(two.data().join("door").exists());
    let window = Window::open(&screen, two.data(), SIZE, None);
    window.close();
    assert!(!two.data().join("door").exists());
}

#[test]
fn the_window_that_comes_back_is_as_dark_as_before() {
    let two = Two::new();
    let (screen, portal) = (Screen::start(), Portal::start());
    let mut command = grend(two.data());
    let mut hidden = Hidden::start(&screen, command.arg("--hidden"), Some(portal.address()));
    // Until another start finds it: else that would be the one that stays.
    let deadline = Instant::now() + PATIENCE;
    while !two.data().join("door").exists() {
        assert!(hidden.process().is_running() && Instant::now() < deadline);
        thread::sleep(LOOK); // between two looks; the file decides
    }
    portal.set_dark(true);
    for _ in 0..2 {
        let mut again = grend(two.data());
        screen.show_here(&mut again, Some(portal.address()));
        let mut second = Process::start("a second grend", &mut again, "");
        assert!(second.wait(PATIENCE).success());
        let window = hidden.opens(SIZE);
        window.wait(|picture| !picture.is_light());
        // Whoever starts it hidden finds it again without a tray.
        hidden = window.hide();
    }
}

#[test]
fn it_starts_with_the_computer_if_that_is_wanted() {
    let two = Two::new();
    let (screen, home) = (Screen::start(), tempdir().unwrap());
    let mut command = grend(two.data());
    let window = Window::run(&screen, command.env("XDG_CONFIG_HOME", home.path()), None).shown(SIZE);
    window.settled();
    window.after(|screen| screen.click(60, 680));
    // From "Back" over the size of text.
    let before = window.press(&["Tab", "Tab", "Tab"]);
    before.shoot("settings-start-off");
    window.press(&["Return"]).shoot("settings-start-on");
    let file = home.path().join("autostart/grend.desktop");
    let text = std::fs::read_to_string(&file).unwrap();
    let exec = text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
    let data = two.data().display();
    assert!(exec.ends_with(&format!("--hidden --data \"{data}\"")), "{exec}");
    window.press(&["Return"]);
    assert!(!file.exists());
    window.close();
}

#[test]
fn the_system_tells_of_sleep_and_networks() {
    let two = Two::new();
    let (screen, desktop) = (Screen::start(), Desktop::start(&[]));
    let mut command = grend(two.data());
    let hidden = Hidden::start(
        &screen,
        command.args(["--hidden", "--log", "debug"]),
        Some(desktop.address()),
    );
    let icon = desktop.icon();
    let wake_up = || {
        let path = "/org/freedesktop/login1";
        let what = ("org.freedesktop.login1.Manager", "PrepareForSleep");
        desktop.say("org.freedesktop.login1", path, what, &false);
    };
    let log = two.data().join("grend.log");
    let told = || {
        let log = std::fs::read_to_string(&log).unwrap();
        log.matches("the network changed, or the computer woke up").count()
    };
    // Said until somebody listens.
    let deadline = Instant::now() + PATIENCE;
    while told() == 0 {
        assert!(Instant::now() < deadline, "nobody heard that the computer woke up");
        wake_up();
        thread::sleep(LOOK); // between two looks; the log decides
    }
    icon.choose("Quit");
    hidden.leaves();
}
