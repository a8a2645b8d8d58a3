//! A clock that is set back, and a laptop that sleeps for a day: nothing is lost, doubled or out of order. The clock is
//! Debian's libfaketime's, of one process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::PathBuf;

use grend_tests::headless::sign_in;
use grend_tests::{Headless, Kind, Options, Peer, Server, User};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

/// Grend with a clock that can be set.
struct Clocked {
    grend: Headless,
    account: i64,
    chat: i64,
    clock: PathBuf,
    _folder: TempDir,
}

impl Clocked {
    /// `all`: also the clock that never goes back and that timers go by.
    fn online(server: &Server, user: &User, peer: &User, all: bool) -> Self {
        let folder = tempdir().unwrap();
        let clock = folder.path().join("clock");
        fs::write(&clock, "+0").unwrap();
        let environment = [
            // The loader knows the folder of this machine's libraries.
            ("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1"),
            ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("DONT_FAKE_MONOTONIC", if all { "0" } else { "1" }),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut grend = Headless::with_environment(&folder.path().join("data"), environment.to_vec());
        let account = grend.must(sign_in(server, user))["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let chat = grend.open(account, &peer.address);
        Self {
            grend,
            account,
            chat,
            clock,
            _folder: folder,
        }
    }

    fn set(&self, offset: &str) {
        fs::write(&self.clock, offset).unwrap();
    }

    /// One message each way.
    fn talk(&mut self, peer: &mut Peer, me: &User, said: &mut Vec<String>) {
        let (mine, theirs) = (format!("mine {}", said.len()), format!("theirs {}", said.len()));
        let message = self.grend.send(self.chat, &mine);
        self.grend.expect_state(message, "sent");
        peer.expect_message(&mine);
        peer.send(&me.address, &theirs);
        self.grend.expect_message(&theirs);
        said.extend([mine, theirs]);
    }

    fn bodies(&mut self) -> Vec<String> {
        let timeline = self.grend.timeline(self.chat, 100);
        let bodies = timeline.iter().map(|it| it["body"].as_str().unwrap().to_owned());
        bodies.collect()
    }
}

#[test]
fn a_clock_that_is_set_back_a_year_and_forward_again() {
    for kind in Kind::ALL {
        let server = Server::start(kind, Options::default());
        let [anna, ola] = ["anna", "ola"].map(|name| server.add_user(name, "secret"));
        let mut peer = Peer::online(&server, &ola, "phone");
        let mut it = Clocked::online(&server, &anna, &ola, false);
        let mut said = Vec::new();
        it.talk(&mut peer, &anna, &mut said);
        let newest = |it: &mut Clocked| it.grend.timeline(it.chat, 1)[0]["sent_at"].as_i64().unwrap();
        let before = newest(&mut it);
        for offset in ["-1y", "+1y", "+0"] {
            it.set(offset);
            it.talk(&mut peer, &anna, &mut said);
            if offset == "-1y" {
                assert!(newest(&mut it) < before, "the clock is set");
            }
            // And over a restart, with something missed.
            it.grend.kill_9();
            let missed = format!("missed {offset}");
            peer.send(&anna.address, &missed);
            peer.must(json!({"do": "ping"}));
            said.push(missed);
            it.grend.restart();
            it.grend.must(json!({"do": "wait_caught_up", "account": it.account}));
            it.talk(&mut peer, &anna, &mut said);
            assert_eq!(it.bodies(), said, "{kind:?}, {offset}");
        }
        let archive = peer.archive(Some(&anna.address));
        let there: Vec<_> = archive.iter().filter_map(|it| it["body"].as_str()).collect();
        assert_eq!(there, said, "{kind:?}: the other side has the same");
    }
}

#[test]
fn a_laptop_that_sleeps_for_a_day() {
    // Linux stops the clock of timers while a machine sleeps; others let it run on.
    for (kind, all) in [(Kind::Prosody, false), (Kind::Ejabberd, true)] {
        let mut server = Server::start(kind, Options::default());
        let [anna, ola] = ["anna", "ola"].map(|name| server.add_user(name, "secret"));
        let mut peer = Peer::online(&server, &ola, "phone");
        let mut it = Clocked::online(&server, &anna, &ola, all);
        let mut said = Vec::new();
        it.talk(&mut peer, &anna, &mut said);
        let grend = Pid::from_raw(it.grend.process().pid().cast_signed()).unwrap();
        kill_process(grend, Signal::STOP).unwrap();
        peer.send(&anna.address, "while you slept");
        peer.must(json!({"do": "ping"}));
        said.push("while you slept".to_owned());
        // A day is longer than any server waits: to it, it is as after a new start.
        server.stop();
        server.resume();
        peer = Peer::online(&server, &ola, "phone");
        peer.send(&anna.address, "good morning");
        peer.must(json!({"do": "ping"}));
        said.push("good morning".to_owned());
        it.set("+1d");
        kill_process(grend, Signal::CONT).unwrap();
        // Nobody tells it that the network changed.
        let morning = |event: &Value| event["message"]["body"] == "good morning";
        it.grend.expect_event(std::time::Duration::from_secs(60), morning);
        it.grend.must(json!({"do": "wait_caught_up", "account": it.account}));
        it.talk(&mut peer, &anna, &mut said);
        assert_eq!(it.bodies(), said, "{kind:?}");
    }
}
