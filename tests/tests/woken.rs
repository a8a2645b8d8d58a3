//! A device that sleeps is woken for a moment: `catch_up` says when everything is here and everything has left, and says so only
//! then. On both servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::thread;
use std::time::{Duration, Instant};

use grend_tests::headless::sign_in;
use grend_tests::{Headless, Kind, Options, Peer, Proxy, Server, User, shared};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const LONG: u64 = 60_000;

/// Anna's Grend, caught up, at the end of a cable, and Ola's phone.
struct Woken {
    grend: Headless,
    account: i64,
    chat: i64,
    peer: Peer,
    /// Somebody who is signed in as Anna, is not there for anybody, and looks into her archive.
    reader: Peer,
    anna: User,
    proxy: Proxy,
    _folder: TempDir,
}

impl Woken {
    fn online(server: &Server) -> Self {
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let (folder, proxy) = (tempdir().unwrap(), Proxy::to(server.port()));
        let mut request = sign_in(server, &anna);
        request["port"] = proxy.port().into();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request)["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let chat = grend.open(account, &ola.address);
        let mut reader = Peer::start();
        let mut absent = Peer::connect(server, &anna, "reader");
        absent["presence"] = false.into();
        reader.must(absent);
        Self {
            reader,
            grend,
            account,
            chat,
            peer: Peer::online(server, &ola, "phone"),
            anna,
            proxy,
            _folder: folder,
        }
    }

    /// Ola writes; Anna's archive has it when this returns. Ejabberd puts it there only when it has ended the session that Anna
    /// just left.
    fn ola_writes(&mut self, body: &str) {
        self.peer.send(&self.anna.address, body);
        let deadline = Instant::now() + Duration::from_millis(LONG);
        while self.reader.archive(None).iter().all(|it| it["body"] != body) {
            assert!(Instant::now() < deadline, "the server does not keep {body:?}");
            thread::sleep(Duration::from_millis(10)); // between two looks; the archive decides
        }
    }

    fn catch_up(&mut self, deadline_ms: u64) -> Value {
        self.grend.must(json!({"do": "catch_up", "deadline_ms": deadline_ms}))
    }

    /// The bodies that are here, and how far each got.
    fn timeline(&mut self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let messages = self.grend.timeline(self.chat, 50);
        messages
            .iter()
            .map(|it| (text(&it["body"]), text(&it["state"])))
            .collect()
    }

    /// How far ours got, if theirs is here.
    fn exchanged(&mut self, theirs: &str, mine: &str) -> Option<String> {
        let timeline = self.timeline();
        timeline.iter().find(|(body, _)| body == theirs)?;
        timeline.into_iter().find(|(body, _)| body == mine).map(|it| it.1)
    }
}

fn done() -> Value {
    json!({"done": true, "behind": []})
}

fn behind(account: i64) -> Value {
    json!({"done": false, "behind": [account]})
}

#[test]
fn a_process_that_was_just_started_says_done_when_it_is() {
    for kind in Kind::ALL {
        let mut it = Woken::online(shared(kind));
        for round in 0..5 {
            let (theirs, mine) = (format!("theirs {round}"), format!("mine {round}"));
            if round % 2 == 0 {
                it.grend.quit();
            } else {
                it.grend.kill_9();
            }
            it.ola_writes(&theirs);
            it.proxy.stall(true);
            it.grend.restart();
            it.grend.send(it.chat, &mine);
            it.proxy.stall(false);
            assert_eq!(it.catch_up(LONG), done(), "{kind:?} {round}");
            let state = it.exchanged(&theirs, &mine);
            let state = state.unwrap_or_else(|| panic!("{kind:?} {round}: {:?}", it.timeline()));
            assert!(state == "sent" || state == "delivered", "{kind:?} {round}: {state}");
        }
    }
}

#[test]
fn a_connection_that_died_unnoticed_is_no_connection() {
    for kind in Kind::ALL {
        let mut it = Woken::online(shared(kind));
        it.proxy.stall(true);
        it.ola_writes("in the tunnel");
        let since = Instant::now();
        assert_eq!(it.catch_up(1000), behind(it.account), "{kind:?}");
        assert!(since.elapsed() >= Duration::from_secs(1), "{kind:?}");
        it.proxy.stall(false);
        assert_eq!(it.catch_up(LONG), done(), "{kind:?}");
        assert_eq!(it.timeline().last().unwrap().0, "in the tunnel", "{kind:?}");
    }
}

#[test]
fn nobody_waits_for_the_next_try_and_a_cut_on_the_way_is_no_end() {
    let mut it = Woken::online(shared(Kind::Prosody));
    it.proxy.break_now();
    // The longer it lasts, the later the next try: after this one at least 8 s.
    for _ in 0..6 {
        it.grend
            .expect_event(Duration::from_secs(60), |event| event["connection"] == "waiting");
    }
    it.ola_writes("theirs");
    it.grend.send(it.chat, "mine");
    it.proxy.mend();
    it.proxy.break_after(2000);
    let asked = it.grend.ask(json!({"do": "catch_up", "deadline_ms": 7000}));
    it.proxy.await_broken();
    it.proxy.mend();
    assert_eq!(it.grend.answer(asked, Duration::from_secs(60)), Ok(done()));
    assert_eq!(it.exchanged("theirs", "mine").unwrap(), "sent");
}

#[test]
fn a_server_that_is_away_is_waited_for_until_the_deadline() {
    for kind in Kind::ALL {
        let mut server = Server::start(kind, Options::default());
        let mut it = Woken::online(&server);
        server.kill();
        it.grend
            .expect_event(Duration::from_secs(60), |event| event["connection"] == "waiting");
        let since = Instant::now();
        assert_eq!(it.catch_up(1500), behind(it.account), "{kind:?}");
        assert!(since.elapsed() >= Duration::from_millis(1500), "{kind:?}");
        // It comes back before the deadline.
        let asked = it.grend.ask(json!({"do": "catch_up", "deadline_ms": LONG}));
        server.resume();
        assert_eq!(it.grend.answer(asked, Duration::from_secs(60)), Ok(done()), "{kind:?}");
    }
}

#[test]
fn an_account_that_needs_the_user_is_not_waited_for() {
    let server = shared(Kind::Prosody);
    let mut it = Woken::online(server);
    it.grend.quit();
    server.change_password(&it.anna.name, "another");
    it.grend.restart();
    let since = Instant::now();
    assert_eq!(it.catch_up(LONG), behind(it.account));
    // And once more, as it stands still.
    assert_eq!(it.catch_up(LONG), behind(it.account));
    assert!(since.elapsed() < Duration::from_millis(LONG));
    // Nobody is behind where nobody is signed in.
    let folder = tempdir().unwrap();
    let mut nobody = Headless::start(folder.path());
    assert_eq!(nobody.must(json!({"do": "catch_up", "deadline_ms": LONG})), done());
}
