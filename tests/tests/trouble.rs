//! What may be wrong with the folder of the data: each ends in a sentence, the data stays as it was, and what came while
//! the disk was full comes once there is room.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use grend_tests::fake::Script;
use grend_tests::headless::{program, sign_in};
use grend_tests::{Fake, Headless, Kind, Peer, Process, shared};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_remount, unmount};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

/// A folder with an account and a conversation, left in order.
fn used_folder(folder: &Path) -> Vec<u8> {
    let server = shared(Kind::Prosody);
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let (mut grend, account) = Headless::online(folder, server, &anna);
    let chat = grend.open(account, &ola.address);
    let message = grend.send(chat, "precious");
    grend.expect_state(message, "sent");
    grend.quit();
    fs::read(folder.join("grend.db")).unwrap()
}

/// Starts on a folder and expects to be refused; the sentence.
fn refused(folder: &Path) -> String {
    let mut command = Command::new(program());
    command.arg("headless").arg("--data").arg(folder).stdin(Stdio::null());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "it started: {said}");
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|error| {
        panic!(
            "no line of JSON ({error}): {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    });
    assert_eq!(said["error"]["kind"], "storage");
    let text = said["error"]["text"].as_str().unwrap();
    assert!(text.ends_with('.') && text.contains(' '), "no sentence: {text}");
    text.to_owned()
}

#[test]
fn a_database_from_a_newer_version() {
    let folder = tempdir().unwrap();
    let mut data = used_folder(folder.path());
    // The version that SQLite keeps for its users: four bytes at 60.
    data[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    fs::write(folder.path().join("grend.db"), &data).unwrap();
    let text = refused(folder.path());
    assert!(text.contains("newer"), "{text}");
    assert!(fs::read(folder.path().join("grend.db")).unwrap() == data);
}

#[test]
fn a_damaged_database() {
    for damage in [rubbish, cut_in_half, no_schema] {
        let folder = tempdir().unwrap();
        let data = damage(used_folder(folder.path()));
        fs::write(folder.path().join("grend.db"), &data).unwrap();
        let text = refused(folder.path());
        assert!(text.contains("damaged"), "{text}");
        assert!(fs::read(folder.path().join("grend.db")).unwrap() == data);
    }
}

fn rubbish(data: Vec<u8>) -> Vec<u8> {
    vec![b'x'; data.len()]
}

fn cut_in_half(mut data: Vec<u8>) -> Vec<u8> {
    data.truncate(data.len() / 2);
    data
}

/// The header says that all is well, and the page with the names of the tables is gone.
fn no_schema(mut data: Vec<u8>) -> Vec<u8> {
    data[100..4096].fill(0x5a);
    data
}

#[test]
fn a_second_start_on_the_same_folder() {
    let folder = tempdir().unwrap();
    let server = shared(Kind::Prosody);
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let (mut first, account) = Headless::online(folder.path(), server, &anna);
    let chat = first.open(account, &ola.address);
    let text = refused(folder.path());
    assert!(text.contains("already running"), "{text}");
    // The first one does not notice.
    let message = first.send(chat, "still here");
    first.expect_state(message, "sent");
    first.kill_9();
    let mut again = Headless::start(folder.path());
    again.must(json!({"do": "wait_caught_up", "account": account}));
    assert_eq!(again.timeline(chat, 10).len(), 1);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let disk = Disk::new("16m");
    let data = used_folder(disk.path());
    disk.set_read_only();
    let text = refused(disk.path());
    assert!(text.contains("cannot"), "{text}");
    assert!(fs::read(disk.path().join("grend.db")).unwrap() == data);
    // Nor can one be made there.
    let text = refused(&disk.path().join("new"));
    assert!(text.contains("cannot"), "{text}");
}

#[test]
fn a_full_disk_at_the_start() {
    let disk = Disk::new("64k");
    let ballast = disk.fill();
    let text = refused(disk.path());
    assert!(text.contains("full") || text.contains("cannot"), "{text}");
    drop(ballast);
}

#[test]
fn what_comes_while_the_disk_is_full_comes_afterwards_once() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let disk = Disk::new("4m");
        let (mut grend, account) = Headless::online(disk.path(), server, &anna);
        let chat = grend.open(account, &ola.address);
        let mut peer = Peer::online(server, &ola, "phone");
        peer.send(&anna.address, "before");
        grend.expect_message("before");
        let mine = grend.send(chat, "mine before");
        grend.expect_state(mine, "sent");
        let ballast = disk.fill();
        // More than the free pages of the database can take.
        let large = "x".repeat(3_000);
        for n in 0..60 {
            peer.send(&anna.address, &format!("{n} {large}"));
        }
        let full = |event: &Value| event["connection"] == "waiting" && event["error"]["kind"] == "storage";
        let waiting = grend.expect_event(Duration::from_secs(30), full);
        let text = waiting["error"]["text"].as_str().unwrap();
        assert!(text.contains("disk is full"), "{text}");
        // What cannot be written down is not taken.
        let error = loop {
            let sent = grend.request(json!({"do": "send", "chat": chat, "body": large}));
            if let Err(error) = sent {
                break error;
            }
        };
        assert_eq!(error["kind"], "storage", "{error}");
        let kept = grend.timeline(chat, 1_000).len();
        assert!(kept >= 2, "everything that was there is readable");
        drop(ballast);
        grend.must(json!({"do": "network_changed"}));
        grend.must(json!({"do": "wait_online", "account": account}));
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        peer.send(&anna.address, "after");
        grend.expect_message("after");
        let last = grend.send(chat, "mine after");
        grend.expect_state(last, "sent");
        let timeline = grend.timeline(chat, 1_000);
        let theirs: Vec<_> = timeline
            .iter()
            .filter(|it| it["mine"] == false)
            .map(first_word)
            .collect();
        let mut expected = vec!["before".to_owned()];
        expected.extend((0..60).map(|n| n.to_string()));
        expected.push("after".to_owned());
        assert_eq!(theirs, expected, "{kind:?}");
        let mine = timeline.iter().filter(|it| it["mine"] == true);
        assert!(mine.clone().all(|it| it["state"] == "sent"), "{kind:?}");
        let count = mine.count();
        let told = peer.archive(Some(&anna.address));
        let from_anna = told
            .iter()
            .filter(|it| it["from"].as_str().unwrap().starts_with(&anna.name))
            .filter(|it| it["body"].is_string());
        assert_eq!(from_anna.count(), count, "{kind:?}: each of ours went once");
        grend.quit();
    }
}

#[test]
fn a_page_of_the_archive_that_found_no_room_is_asked_for_again() {
    const MAM: &str = "urn:xmpp:mam:2";
    // Few and short: what comes together is stored together, or not.
    let archive = (0..5).map(|n| {
        let message = format!(
            "<message xmlns='jabber:client' from='ola@family.test/x' to='anna@family.test' id='w{n}'><body>{n}</body>\
             </message>"
        );
        (format!("a{n}"), message)
    });
    let fake = Fake::start(Script {
        leaves_to_test: Some(MAM),
        archive: archive.collect(),
        ..Script::default()
    });
    let disk = Disk::new("2m");
    let mut grend = Headless::start(disk.path());
    let account = grend.must(fake.sign_in())["account"].clone();
    let question = fake.expect(|it| it.children().any(|it| it.is("query", MAM)));
    let ballast = disk.fill();
    // The page comes, whole, and cannot be stored.
    fake.script(|script| script.leaves_to_test = None);
    fake.answer(&question);
    let full = |event: &Value| event["connection"] == "waiting" && event["error"]["kind"] == "storage";
    grend.expect_event(Duration::from_secs(30), full);
    drop(ballast);
    grend.must(json!({"do": "network_changed"}));
    grend.must(json!({"do": "wait_online", "account": account}));
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    let chat = grend.open(account.as_i64().unwrap(), "ola@family.test");
    let found: Vec<_> = grend.timeline(chat, 1_000).iter().map(first_word).collect();
    assert_eq!(found, (0..5).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// Another program that writes to the database and takes its time: somebody's backup.
fn lock(data: &Path) -> Process {
    let script = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
                  base.execute('BEGIN IMMEDIATE')\nprint('locked', flush=True)\nsys.stdin.read()";
    let mut command = Command::new("/usr/bin/python3");
    command.arg("-c").arg(script).arg(data.join("grend.db"));
    let mut other = Process::start("another program", &mut command, "install python3 (./run-tests does)");
    let deadline = Instant::now() + Duration::from_secs(30);
    assert_eq!(other.line(deadline).as_deref(), Some("locked"), "{}", other.said());
    other
}

#[test]
fn what_comes_while_another_program_holds_the_database_comes_afterwards_once() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let chat = grend.open(account, &ola.address);
        let mut peer = Peer::online(server, &ola, "phone");
        let before = grend.send(chat, "mine before");
        grend.expect_state(before, "sent");
        let other = lock(folder.path());
        peer.send(&anna.address, "number 0");
        let locked = |event: &Value| event["connection"] == "waiting" && event["error"]["kind"] == "storage";
        grend.expect_event(Duration::from_secs(30), locked);
        for n in 1..5 {
            peer.send(&anna.address, &format!("number {n}"));
        }
        // What cannot be written down is not taken.
        let refused = grend.request(json!({"do": "send", "chat": chat, "body": "mine meanwhile"}));
        assert_eq!(refused.unwrap_err()["kind"], "storage", "{kind:?}");
        peer.must(json!({"do": "ping"}));
        drop(other);
        grend.must(json!({"do": "network_changed"}));
        grend.must(json!({"do": "wait_online", "account": account}));
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let after = grend.send(chat, "mine after");
        grend.expect_state(after, "sent");
        peer.send(&anna.address, "number 5");
        grend.expect_message("number 5");
        let timeline = grend.timeline(chat, 100);
        let said = |mine: bool| -> Vec<String> {
            let said = timeline.iter().filter(|it| it["mine"] == mine);
            said.map(|it| it["body"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(said(true), ["mine before", "mine after"], "{kind:?}");
        assert_eq!(
            said(false),
            (0..6).map(|n| format!("number {n}")).collect::<Vec<_>>(),
            "{kind:?}"
        );
    }
}

fn first_word(message: &Value) -> String {
    let body = message["body"].as_str().unwrap();
    body.split(' ').next().unwrap().to_owned()
}

#[test]
fn signing_in_with_a_full_disk() {
    let server = shared(Kind::Prosody);
    let anna = server.add_stranger("anna");
    let disk = Disk::new("1m");
    let mut grend = Headless::start(disk.path());
    // It answers: it has its database.
    grend.must(json!({"do": "accounts"}));
    let ballast = disk.fill();
    let error = grend.request(sign_in(server, &anna)).unwrap_err();
    assert_eq!(error["kind"], "storage", "{error}");
    drop(ballast);
    let account = grend.must(sign_in(server, &anna))["account"].clone();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    grend.quit();
}

/// A small disk of its own, in memory. Needs root, as in CI; without, the test fails and says so.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn new(size: &str) -> Self {
        let folder = tempdir().unwrap();
        let options = std::ffi::CString::new(format!("size={size}")).unwrap();
        mount(
            "tmpfs",
            folder.path(),
            "tmpfs",
            MountFlags::empty(),
            Some(options.as_c_str()),
        )
        .unwrap_or_else(|error| panic!("a small disk cannot be mounted ({error}): these tests run as root"));
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn set_read_only(&self) {
        mount_remount(self.path(), MountFlags::RDONLY, "").expect("a disk can be made read-only");
    }

    /// Takes all the room that is left.
    fn fill(&self) -> Ballast {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        for size in [4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        Ballast(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = unmount(self.path(), UnmountFlags::DETACH);
    }
}

/// Room is there again when it is dropped.
struct Ballast(std::path::PathBuf);

impl Drop for Ballast {
    fn drop(&mut self) {
        fs::remove_file(&self.0).expect("the ballast is there");
    }
}
