//! What only Windows has, as far as wine shows it: its safe for passwords, the notification area, `xmpp:` links, starting with
//! the computer. `packaging/windows/check` runs it with the installed program, in the folder that people have.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use grend_tests::headless::{program, sign_in};
use grend_tests::picture::Area;
use grend_tests::window::{MESSAGES, THEIRS};
use grend_tests::{Dialogue, Kind, Peer, Process, Screen, User, Window, shared};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);
const SIZE: (u32, u32) = (1000, 700);
/// What the icon is mostly made of.
const ACCENT: [u8; 3] = [0x0A, 0x66, 0x54];

/// The program with these words, on this screen.
fn grend(screen: &Screen, words: &[&str]) -> Command {
    let mut command = Command::new(program());
    screen.show_here(command.args(words), None);
    command
}

/// Another program of Windows; what it said.
fn windows(screen: &Screen, words: &[&str]) -> String {
    let wine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/windows/wine");
    let mut command = Command::new(wine);
    screen.show_here(command.args(words), None);
    let said = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// Where Windows keeps what is Grend's.
fn data() -> PathBuf {
    let prefix = PathBuf::from(std::env::var_os("WINEPREFIX").expect("packaging/windows/check says where wine lives"));
    let mut people = std::fs::read_dir(prefix.join("drive_c/users")).unwrap();
    let mut folders = people
        .by_ref()
        .map(|person| person.unwrap().path().join("AppData/Local/Grend/data"));
    folders.find(|folder| folder.exists()).expect("Grend was started once")
}

/// Signs in as a script would, and opens a chat.
fn prepare(screen: &Screen, anna: &User, ola: &User, peer: &mut Peer) -> i64 {
    let mut headless = Dialogue::new(Process::start("grend headless", &mut grend(screen, &["headless"]), ""));
    let account = headless.must(sign_in(shared(Kind::Prosody), anna))["account"]
        .as_i64()
        .unwrap();
    headless.must(json!({"do": "wait_caught_up", "account": account}));
    let chat = headless.must(json!({"do": "open", "account": account, "address": ola.address}));
    headless.must(json!({"do": "send", "chat": chat["chat"], "body": "Hei"}));
    peer.expect_message("Hei");
    headless.process().end_input();
    assert!(headless.process().wait(PATIENCE).success());
    account
}

#[test]
fn what_windows_has_of_its_own() {
    let screen = Screen::start();
    let server = shared(Kind::Prosody);
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let mut peer = Peer::online(server, &ola, "phone");
    let account = prepare(&screen, &anna, &ola, &mut peer);
    // The password is where Windows keeps passwords, and nowhere else.
    assert!(!data().join("passwords.json").exists());

    let window = Window::run(&screen, &mut grend(&screen, &["--log", "debug"]), None).shown(SIZE);
    let chats = window.settled();
    let opened = window.after(|screen| screen.click(170, 150));
    assert!(opened.differs_within(&chats, MESSAGES));
    peer.send(&anna.address, "Kommer du?");
    window.wait(|now| now.count(MESSAGES, THEIRS) > 500);

    // Closed, it stays in the notification area, and what comes in without toasts does it no harm.
    let hidden = window.hide();
    peer.send(&anna.address, "Hallo?");
    let told = || std::fs::read_to_string(data().join("grend.log")).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !told().contains("the desktop shows no notices") {
        assert!(Instant::now() < deadline, "no notice was tried: {}", told());
        thread::sleep(LOOK); // between two looks; the log decides
    }
    let area = screen
        .titled("Wine System Tray")
        .expect("wine shows the notification area");
    let area = screen.picture(area, None).expect("it is there");
    let whole = Area {
        x: 0,
        y: 0,
        width: area.width,
        height: area.height,
    };
    assert!(area.count(whole, ACCENT) > 20, "the icon is not to be seen");
    area.shoot("windows-tray");
    // A click on it does nothing: wine does not say where an icon lies, which the library asks for. Starting it again does.
    assert!(
        Process::start("a second grend", &mut grend(&screen, &[]), "")
            .wait(PATIENCE)
            .success()
    );
    let window = hidden.opens(SIZE);
    window.wait(|now| now.count(MESSAGES, THEIRS) > 500);
    window.settled().shoot("windows-comes-back");

    // A link that somebody presses elsewhere starts the program, which hands it over to the one that runs.
    window.press(&["Escape"]);
    window.after(|screen| screen.click(130, 25));
    // Wine 8 looks for them only where programs of all people are.
    let (mine, everybodys) = (r"HKCU\Software\Classes\xmpp", r"HKLM\Software\Classes\xmpp");
    windows(&screen, &["reg", "copy", mine, everybodys, "/s", "/f"]);
    windows(&screen, &["start", &format!("xmpp:{}", ola.address)]);
    windows(&screen, &["reg", "delete", everybodys, "/f"]);
    window.wait(|now| now.count(MESSAGES, THEIRS) > 500);
    window.settled().shoot("windows-from-a-link");

    // Settings, and there the switch behind the size of text.
    let run = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    let starts = || windows(&screen, &["reg", "query", run, "/v", "Grend"]);
    window.after(|screen| screen.click(60, 680));
    window.press(&["Tab", "Tab", "Tab", "Return"]).shoot("windows-settings");
    assert!(starts().contains("grend.exe\" --hidden"), "{}", starts());
    window.press(&["Return"]);
    assert!(!starts().contains("--hidden"), "{}", starts());
    screen.press("ctrl+q");
    window.leaves();

    let mut headless = Dialogue::new(Process::start("grend headless", &mut grend(&screen, &["headless"]), ""));
    headless.must(json!({"do": "wait_caught_up", "account": account}));
    headless.must(json!({"do": "sign_out", "account": account}));
}
