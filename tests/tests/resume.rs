//! A stream goes on where it was cut, also when it was the process that ended: nothing is lost, nothing comes twice. On
//! both servers. XEP-0198.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use grend_tests::fake::Script;
use grend_tests::headless::sign_in;
use grend_tests::{Fake, Headless, Kind, Peer, Proxy, Server, User, shared};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const PATIENCE: Duration = Duration::from_secs(60);

/// Grend, caught up, at the end of a cable.
struct Cabled {
    grend: Headless,
    account: i64,
    chat: i64,
    proxy: Proxy,
    _folder: TempDir,
}

impl Cabled {
    fn online(server: &Server, user: &User, with: &User) -> Self {
        let (folder, proxy) = (tempdir().unwrap(), Proxy::to(server.port()));
        let mut request = sign_in(server, user);
        request["port"] = proxy.port().into();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request)["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let chat = grend.open(account, &with.address);
        Self {
            grend,
            account,
            chat,
            proxy,
            _folder: folder,
        }
    }

    fn send(&mut self, body: &str) -> i64 {
        self.grend.send(self.chat, body)
    }

    /// Waits until stanzas flow again; whether the stream went on.
    fn resumed(&mut self) -> bool {
        online(&mut self.grend)
    }
}

fn online(grend: &mut Headless) -> bool {
    let online = |event: &Value| event["event"] == "live" && event["connection"] == "online";
    grend.expect_event(PATIENCE, online)["resumed"] == true
}

fn bodies(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| message["body"].as_str())
        .map(ToOwned::to_owned)
        .collect()
}

/// Where the process dies.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Ours is written down.
    Written,
    /// It is on its way, and arrives when the process is gone.
    OnItsWay,
    /// The other side has it.
    There,
    /// The server said so.
    Acknowledged,
    /// Theirs is at the server.
    AtTheServer,
    /// Theirs is on its way here, where nobody is any more.
    OnItsWayHere,
    /// Theirs is stored here.
    Stored,
}

const STEPS: [Step; 7] = [
    Step::Written,
    Step::OnItsWay,
    Step::There,
    Step::Acknowledged,
    Step::AtTheServer,
    Step::OnItsWayHere,
    Step::Stored,
];

#[test]
fn killed_at_each_step_the_stream_goes_on() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut it = Cabled::online(server, &anna, &ola);
        let mut peer = Peer::online(server, &ola, "phone");
        let mut expected = Vec::new();
        for (n, step) in STEPS.iter().chain(&STEPS).enumerate() {
            let (mine, theirs) = (format!("mine {n}"), format!("theirs {n}"));
            match step {
                Step::Written => drop(it.send(&mine)),
                Step::OnItsWay => {
                    it.proxy.stall(true);
                    it.send(&mine);
                    // Its job was sent when the next request is answered: both are done in order.
                    it.grend.must(json!({"do": "timeline", "chat": it.chat}));
                }
                Step::There => {
                    it.send(&mine);
                    peer.expect_message(&mine);
                }
                Step::Acknowledged => {
                    let message = it.send(&mine);
                    it.grend.expect_state(message, "sent");
                }
                Step::AtTheServer | Step::OnItsWayHere => {
                    it.proxy.stall(matches!(step, Step::OnItsWayHere));
                    peer.send(&anna.address, &theirs);
                    peer.must(json!({"do": "ping"}));
                }
                Step::Stored => {
                    peer.send(&anna.address, &theirs);
                    it.grend.expect_message(&theirs);
                }
            }
            it.grend.kill_9();
            it.proxy.stall(false);
            it.grend.restart();
            assert!(it.resumed(), "{kind:?}: {n}, {step:?}: a new stream");
            let ours = matches!(step, Step::Written | Step::OnItsWay | Step::There | Step::Acknowledged);
            expected.push(if ours { mine } else { theirs });
        }
        let last = it.send("the end");
        it.grend.expect_state(last, "sent");
        peer.expect_message("the end");
        expected.push("the end".to_owned());
        it.grend.must(json!({"do": "wait_caught_up", "account": it.account}));
        assert_eq!(bodies(&it.grend.timeline(it.chat, 100)), expected, "{kind:?}: here");
        assert_eq!(bodies(&peer.archive(Some(&anna.address))), expected, "{kind:?}: there");
        // What came to the phone, live, came once.
        let came = peer.events().iter().filter(|event| event["event"] == "message");
        let came: Vec<_> = came.filter_map(|event| event["body"].as_str()).collect();
        let mine: Vec<_> = expected.iter().filter(|body| !body.starts_with("theirs")).collect();
        assert_eq!(came, mine, "{kind:?}: at the phone");
    }
}

#[test]
fn who_was_there_is_there_when_the_stream_goes_on() {
    for kind in Kind::ALL {
        let server = Server::start(kind, grend_tests::Options::default());
        let (anna, ola) = (server.add_user("anna", "one"), server.add_user("ola", "two"));
        let mut it = Cabled::online(&server, &anna, &ola);
        let peer = Peer::online(&server, &ola, "phone");
        let there = |event: &Value| event["event"] == "presence" && event["show"] == "available";
        it.grend.expect_event(PATIENCE, there);
        let message = it.send("there?");
        it.grend.expect_state(message, "sent");
        for cut in [Proxy::cut, |_: &Proxy| {}] {
            cut(&it.proxy);
            it.grend.restart();
            assert!(it.resumed(), "{kind:?}");
            // It is told with that, or was before.
            it.grend.must(json!({"do": "accounts"}));
            assert!(it.grend.events().iter().any(there), "{kind:?}");
        }
        // And leaves.
        drop(peer);
        let gone = |event: &Value| event["event"] == "presence" && event["show"] == "gone";
        it.grend.expect_event(PATIENCE, gone);
    }
}

#[test]
fn a_dead_connection_is_noticed_within_half_a_minute_while_somebody_talks() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        // One waits for its own word to arrive, the other only listens.
        let [mut speaking, mut listening] = [&anna, &ola].map(|user| Cabled::online(server, user, &anna));
        let mut peer = Peer::online(server, &anna, "phone");
        peer.send(&ola.address, "hello");
        listening.grend.expect_message("hello");
        let since = Instant::now();
        for it in [&speaking, &listening] {
            it.proxy.stall(true);
        }
        let message = speaking.send("is anybody there?");
        for it in [&mut speaking, &mut listening] {
            let waiting = |event: &Value| event["connection"] == "waiting";
            let waiting = it.grend.expect_event(PATIENCE, waiting);
            assert_eq!(waiting["error"]["kind"], "network", "{kind:?}");
            assert!(
                since.elapsed() < Duration::from_secs(30),
                "{kind:?}: {:?}",
                since.elapsed()
            );
            it.proxy.cut();
            it.proxy.stall(false);
            it.grend.must(json!({"do": "network_changed"}));
            assert!(it.resumed(), "{kind:?}");
        }
        speaking.grend.expect_state(message, "sent");
    }
}

#[test]
fn a_large_message_on_a_thin_cable_is_no_silence() {
    let mut all = Kind::ALL.map(|kind| {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let it = Cabled::online(server, &anna, &ola);
        let mut peer = Peer::online(server, &ola, "phone");
        peer.send(&anna.address, "hello");
        it.proxy.slow_down(Duration::from_secs(3));
        // 4 KB in 3 s: longer than anybody waits for a sign of life.
        peer.send(&anna.address, &"x".repeat(45_000));
        (it, peer)
    });
    for (it, _) in &mut all {
        let large = |event: &Value| {
            event["message"]["body"]
                .as_str()
                .is_some_and(|body| body.len() == 45_000)
        };
        it.grend.expect_event(PATIENCE, large);
        assert_eq!(it.proxy.connected(), 1);
    }
}

#[test]
fn a_message_that_the_server_does_not_take_costs_no_other() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut it = Cabled::online(server, &anna, &ola);
        let mut peer = Peer::online(server, &ola, "phone");
        // Both servers hang up on whoever sends more than 256 KB at once.
        let [before, large, after] = ["before", &"x".repeat(600_000), "after"].map(|body| it.send(body));
        it.grend.expect_state(before, "sent");
        let failed = |event: &Value| event["message"] == large && event["state"] == "failed";
        it.grend.expect_event(PATIENCE, failed);
        it.grend.expect_state(after, "sent");
        peer.expect_message("before");
        peer.expect_message("after");
        let told = it.grend.timeline(it.chat, 10);
        assert_eq!(told[1]["failure"], "not-taken");
        assert_eq!(
            bodies(&peer.archive(Some(&anna.address))),
            ["before", "after"],
            "{kind:?}"
        );
        // It is not careful for ever.
        let last = it.send("the end");
        it.grend.expect_state(last, "sent");
    }
}

/// Grend, caught up at a fake server.
fn faked(script: Script) -> (Fake, Headless, i64, TempDir) {
    let (fake, folder) = (Fake::start(script), tempdir().unwrap());
    let mut grend = Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    (fake, grend, account, folder)
}

fn from_ola(id: &str, body: &str) -> String {
    format!(
        "<message type='chat' from='ola@family.test/phone' to='anna@family.test' id='{id}'><body>{body}</body></message>"
    )
}

/// A message of the archive, as the archive tells it and as it came.
fn archived(number: usize) -> ((String, String), String) {
    let live = from_ola(&format!("w{number}"), &format!("number {number}"));
    let told = live.replace("<message", "<message xmlns='jabber:client'");
    let told = format!("<delay xmlns='urn:xmpp:delay' stamp='2026-02-01T10:00:0{number}Z'/>{told}");
    let id = format!("<stanza-id xmlns='urn:xmpp:sid:0' by='anna@family.test' id='a{number}'/></message>");
    ((format!("a{number}"), told), live.replace("</message>", &id))
}

/// While a stream goes on, both servers let what comes in that moment overtake what they bring again.
#[test]
fn what_overtakes_on_a_stream_that_goes_on_stands_where_the_archive_has_it() {
    let (fake, mut grend, account, _folder) = faked(Script::default());
    let chat = grend.open(account, "ola@family.test");
    let (told, live): (Vec<_>, Vec<_>) = (0..6).map(archived).unzip();
    for crashes in [false, true] {
        let [first, second, third] = if crashes { [3, 4, 5] } else { [0, 1, 2] };
        fake.script(|script| {
            script.archive = told[..=third].to_vec();
            script.overtaking = [first, third, second].map(|number| live[number].clone()).to_vec();
        });
        if crashes {
            grend.restart();
        } else {
            fake.cut();
        }
        grend.expect_message(&format!("number {third}"));
        let expected: Vec<String> = (0..=third).map(|number| format!("number {number}")).collect();
        let since = Instant::now();
        while bodies(&grend.timeline(chat, 10)) != expected {
            assert!(since.elapsed() < PATIENCE, "{:?}", bodies(&grend.timeline(chat, 10)));
            std::thread::sleep(Duration::from_millis(20)); // between two looks; the look decides
        }
    }
}

fn health(grend: &mut Headless, account: i64) -> Value {
    grend.must(json!({"do": "health", "account": account}))
}

#[test]
fn h41_a_count_that_cannot_be_is_not_believed_after_a_crash() {
    let (fake, mut grend, account, _folder) = faked(Script {
        acknowledges: false,
        ..Script::default()
    });
    let chat = grend.open(account, "ola@family.test");
    grend.send(chat, "really there?");
    fake.expect_message("really there?");
    fake.script(|script| script.overcounts = 100_000);
    grend.restart();
    // A new stream, in which the server counts like others.
    fake.await_signed_in(2);
    fake.script(|script| {
        script.overcounts = 0;
        script.acknowledges = true;
    });
    assert!(!online(&mut grend));
    let message = grend.timeline(chat, 1)[0]["id"].as_i64().unwrap();
    grend.expect_state(message, "sent");
}

#[test]
fn a_stream_that_goes_on_and_is_never_read_from_is_given_up() {
    let (fake, mut grend, account, _folder) = faked(Script {
        deaf_once_resumed: true,
        ..Script::default()
    });
    let chat = grend.open(account, "ola@family.test");
    let message = grend.send(chat, "before");
    grend.expect_state(message, "sent");
    fake.cut();
    fake.await_signed_in(2);
    // Writing it still can.
    fake.say(from_ola("1", "can you hear me?"));
    grend.expect_message("can you hear me?");
    let message = grend.send(chat, "yes");
    fake.await_signed_in(3);
    grend.expect_state(message, "sent");
    let heard = fake.heard();
    let said = heard
        .iter()
        .filter_map(|it| it.children().find(|child| child.name() == "body"));
    let said: Vec<String> = said.map(minidom::Element::text).collect();
    assert_eq!(said, ["before", "yes"]);
    assert_eq!(bodies(&grend.timeline(chat, 10)), ["before", "can you hear me?", "yes"]);
}

/// ejabberd 23.01 may take more from the old connection while it says on the new one how much it has.
#[test]
fn what_a_server_took_without_counting_it_is_not_sent_twice() {
    let (fake, mut grend, account, _folder) = faked(Script {
        acknowledges: false,
        ..Script::default()
    });
    let chat = grend.open(account, "ola@family.test");
    let message = grend.send(chat, "once");
    let taken = fake.expect_message("once");
    let told = String::from(&taken).replacen("<message", "<message from='anna@family.test/grend'", 1);
    let told = format!("<delay xmlns='urn:xmpp:delay' stamp='2026-02-01T10:00:00Z'/>{told}");
    fake.script(|script| {
        script.archive.push(("a1".to_owned(), told));
        (script.undercounts, script.acknowledges) = (1, true);
    });
    fake.cut();
    fake.await_signed_in(2);
    grend.expect_state(message, "sent");
    let last = grend.send(chat, "after");
    grend.expect_state(last, "sent");
    let heard = fake.heard();
    let copies = heard.iter().filter(|it| it.attr("id") == taken.attr("id"));
    assert_eq!(copies.count(), 1);
    assert_eq!(bodies(&grend.timeline(chat, 10)), ["once", "after"]);
}

#[test]
fn h34_poison_is_counted_unread_where_there_is_no_archive() {
    let (fake, mut grend, account, _folder) = faked(Script {
        features: vec![],
        ..Script::default()
    });
    for (id, body) in [("1", "before"), ("poison", "\u{1}"), ("2", "after")] {
        fake.say(from_ola(id, body));
    }
    grend.expect_message("after");
    fake.await_acknowledged();
    let chat = grend.open(account, "ola@family.test");
    assert_eq!(bodies(&grend.timeline(chat, 10)), ["before", "after"]);
    let health = health(&mut grend, account);
    assert_eq!(health["aside"], 1);
    assert_eq!(health["last"][0]["reason"], "unreadable");
    assert_eq!(health["last"][0]["sender"], "ola@family.test/phone");
    // Twice it ended the stream, and then no more, also after a crash.
    assert_eq!(fake.connections(), 3);
    grend.restart();
    assert!(online(&mut grend));
    assert_eq!(fake.connections(), 4);
}

#[test]
fn what_goes_beyond_a_limit_is_counted() {
    let (fake, mut grend, account, _folder) = faked(Script::default());
    let long = "x".repeat(3 * 1024 * 1024);
    fake.say(format!(
        "<message from='eve@evil.test/x' id='{long}'><body>long</body></message>"
    ));
    fake.say(from_ola("1", "after"));
    grend.expect_message("after");
    let health = health(&mut grend, account);
    assert_eq!(
        (&health["aside"], &health["last"][0]["reason"]),
        (&json!(1), &json!("large"))
    );
    assert_eq!(fake.connections(), 1);
}
