//! What other clients and `tokio_xmpp` stumbled over, once each: broken connections, servers that come and go, people who
//! push each other out, and stanzas that no parser expected. On both servers where a real one lets it through.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use grend_tests::fake::Script;
use grend_tests::headless::sign_in;
use grend_tests::{Fake, Headless, Kind, Mechanisms, Options, Peer, Proxy, Server, User, shared};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const PATIENCE: Duration = Duration::from_secs(60);

/// Grend, online through a cable.
struct Cabled {
    grend: Headless,
    account: i64,
    proxy: Proxy,
    _folder: TempDir,
}

impl Cabled {
    fn online(server: &Server, user: &User) -> Self {
        let (folder, proxy) = (tempdir().unwrap(), Proxy::to(server.port()));
        let mut request = sign_in(server, user);
        request["port"] = proxy.port().into();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request)["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        Self {
            grend,
            account,
            proxy,
            _folder: folder,
        }
    }

    fn await_connection(&mut self, word: &str) -> Value {
        self.grend.expect_event(PATIENCE, |event| {
            event["event"] == "live" && event["connection"] == word
        })
    }
}

fn bodies(messages: &[Value], mine: bool) -> Vec<String> {
    let mine = messages.iter().filter(|it| it["mine"] == mine);
    mine.filter_map(|it| it["body"].as_str())
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn a_server_that_is_killed_and_comes_back() {
    for kind in Kind::ALL {
        let mut server = Server::start(kind, Options::default());
        let (anna, ola) = (server.add_user("anna", "one"), server.add_user("ola", "two"));
        let mut it = Cabled::online(&server, &anna);
        let chat = it.grend.open(it.account, &ola.address);
        for round in 0..3 {
            let mut peer = Peer::online(&server, &ola, "phone");
            let message = it.grend.send(chat, &format!("mine {round}"));
            peer.expect_message(&format!("mine {round}"));
            it.grend.expect_state(message, "sent");
            peer.send(&anna.address, &format!("theirs {round}"));
            it.grend.expect_message(&format!("theirs {round}"));
            let before = it.proxy.accepted();
            server.kill();
            it.await_connection("waiting");
            it.grend.send(chat, &format!("waiting {round}"));
            server.resume();
            it.grend.must(json!({"do": "network_changed"}));
            it.await_connection("online");
            it.grend.must(json!({"do": "wait_caught_up", "account": it.account}));
            // Every failed try makes the next one wait longer: a few, however long the server took.
            let tries = it.proxy.accepted() - before;
            assert!(tries <= 12, "{kind:?}: {tries} tries");
        }
        let mut peer = Peer::online(&server, &ola, "phone");
        let online = it.proxy.accepted();
        let last = it.grend.send(chat, "the end");
        peer.expect_message("the end");
        it.grend.expect_state(last, "sent");
        // Once online it stays so.
        assert_eq!(it.proxy.accepted(), online, "{kind:?}");
        let timeline = it.grend.timeline(chat, 100);
        let mine = [
            "mine 0",
            "waiting 0",
            "mine 1",
            "waiting 1",
            "mine 2",
            "waiting 2",
            "the end",
        ];
        assert_eq!(bodies(&timeline, true), mine, "{kind:?}");
        assert_eq!(
            bodies(&timeline, false),
            ["theirs 0", "theirs 1", "theirs 2"],
            "{kind:?}"
        );
        let archive = peer.archive(Some(&anna.address));
        let archived: Vec<_> = archive.iter().filter_map(|it| it["body"].as_str()).collect();
        for body in mine {
            let count = archived.iter().filter(|it| **it == body).count();
            assert_eq!(count, 1, "{kind:?}: “{body}” in {archived:?}");
        }
    }
}

const DROPS: usize = 20;
const BETWEEN: usize = 100;

fn numbered(who: &str) -> Vec<String> {
    let lots = (0..DROPS).flat_map(|lot| (0..BETWEEN).map(move |n| (lot, n)));
    lots.map(|(lot, n)| format!("{who} {lot} {n}")).collect()
}

#[test]
fn twenty_drops_with_two_thousand_messages_each_way() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut it = Cabled::online(server, &anna);
        let chat = it.grend.open(it.account, &ola.address);
        let mut peer = Peer::online(server, &ola, "phone");
        for lot in 0..DROPS {
            let flood = json!({"do": "flood", "to": anna.address, "body": format!("theirs {lot}"),
                               "count": BETWEEN, "receipt": false});
            let flooding = peer.ask(flood);
            let asked = (0..BETWEEN).map(|n| json!({"do": "send", "chat": chat, "body": format!("mine {lot} {n}")}));
            let asked: Vec<u64> = asked.map(|request| it.grend.ask(request)).collect();
            // In the middle of the flood, and of a stanza; each drop somewhere else.
            it.proxy.break_after(1_000 + lot * 1_777);
            for id in asked {
                it.grend.answer(id, PATIENCE).unwrap();
            }
            peer.answer(flooding, PATIENCE).unwrap();
            it.proxy.await_broken();
            it.await_connection("waiting");
            // The server has all of it before the way is open again: while a stream is being resumed, Prosody 0.12
            // and ejabberd 23.01 may themselves put what comes in that moment before what came earlier.
            peer.must(json!({"do": "ping"}));
            it.proxy.mend();
            it.grend.must(json!({"do": "network_changed"}));
            it.await_connection("online");
        }
        let last = it.grend.send(chat, "the end");
        it.grend.expect_state(last, "sent");
        peer.expect_message("the end");
        peer.send(&anna.address, "the end");
        let got = |event: &Value| {
            let message = &event["message"];
            event["event"] == "message" && message["mine"] == false && message["body"] == "the end"
        };
        it.grend.expect_event(PATIENCE, got);
        assert!(it.proxy.connected() > DROPS, "{kind:?}: the cable was cut");
        let timeline = it.grend.timeline(chat, 10_000);
        for (who, mine) in [("mine", true), ("theirs", false)] {
            let mut expected = numbered(who);
            expected.push("the end".to_owned());
            assert!(
                bodies(&timeline, mine) == expected,
                "{kind:?}: {who}: {}",
                difference(&expected, &bodies(&timeline, mine))
            );
        }
        // The other side saw each of ours once, in order.
        let seen: Vec<String> = peer
            .events()
            .iter()
            .filter(|event| event["event"] == "message")
            .filter_map(|event| event["body"].as_str().map(ToOwned::to_owned))
            .collect();
        let mut expected = numbered("mine");
        expected.push("the end".to_owned());
        assert!(seen == expected, "{kind:?}: there: {}", difference(&expected, &seen));
    }
}

/// Where two lists part, in few words.
fn difference(expected: &[String], found: &[String]) -> String {
    let at = expected
        .iter()
        .zip(found)
        .position(|(a, b)| a != b)
        .unwrap_or(expected.len().min(found.len()));
    let lost = expected.iter().filter(|it| !found.contains(it)).count();
    format!(
        "{} expected, {} found, {lost} lost; they part at {at}: {:?} and {:?}",
        expected.len(),
        found.len(),
        expected.get(at),
        found.get(at)
    )
}

#[test]
fn a_cable_that_stalls_loses_nothing() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut it = Cabled::online(server, &anna);
        let chat = it.grend.open(it.account, &ola.address);
        let mut peer = Peer::online(server, &ola, "phone");
        it.proxy.stall(true);
        let message = it.grend.send(chat, "from the tunnel");
        peer.send(&anna.address, "into the tunnel");
        peer.must(json!({"do": "ping"}));
        assert_eq!(it.grend.timeline(chat, 10)[0]["state"], "queued");
        it.proxy.stall(false);
        it.grend.expect_message("into the tunnel");
        it.grend.expect_state(message, "sent");
        peer.expect_message("from the tunnel");
        assert_eq!(it.proxy.accepted(), 1, "{kind:?}");
    }
}

#[test]
fn a_wrong_password_is_tried_once() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let anna = server.add_stranger("anna");
        let mut it = Cabled::online(server, &anna);
        server.change_password(&anna.name, "another");
        it.proxy.cut();
        let stopped = it.await_connection("stopped");
        assert_eq!(stopped["error"]["kind"], "authentication");
        let tried = it.proxy.accepted();
        for _ in 0..20 {
            it.grend.must(json!({"do": "network_changed"}));
        }
        // Longer than the first pauses between tries: what would come has come. Sign-in in between proves that it lives.
        let mut wrong = sign_in(server, &anna);
        wrong["port"] = it.proxy.port().into();
        assert_eq!(it.grend.request(wrong).unwrap_err()["kind"], "authentication");
        assert!(
            it.proxy.accepted() - tried <= 3,
            "{kind:?}: {} tries",
            it.proxy.accepted() - tried
        );
    }
}

#[test]
fn two_clients_with_one_name_do_not_push_each_other_out_for_ever() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut it = Cabled::online(server, &anna);
        let chat = it.grend.open(it.account, &ola.address);
        let mut peer = Peer::online(server, &ola, "phone");
        it.grend.send(chat, "who am I?");
        let from = peer.expect_message("who am I?")["from"].as_str().unwrap().to_owned();
        let resource = from.split_once('/').unwrap().1;
        let mut twin = Peer::online(server, &anna, resource);
        let stopped = it.await_connection("stopped");
        assert_eq!(stopped["error"]["kind"], "conflict", "{kind:?}");
        let tries = it.proxy.accepted();
        it.grend.must(json!({"do": "network_changed"}));
        // The twin lives on in peace.
        peer.send(&anna.address, "who are you?");
        twin.expect_message("who are you?");
        assert!(
            twin.events().iter().all(|event| event["event"] != "stream_error"),
            "{kind:?}"
        );
        assert_eq!(it.proxy.accepted(), tries, "{kind:?}");
        // Until the user wants it otherwise.
        let mut request = sign_in(server, &anna);
        request["port"] = it.proxy.port().into();
        it.grend.must(request);
        it.grend.must(json!({"do": "wait_caught_up", "account": it.account}));
        assert_eq!(
            bodies(&it.grend.timeline(chat, 10), false),
            ["who are you?"],
            "{kind:?}"
        );
    }
}

#[test]
fn a_long_attribute_costs_nothing() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut it = Cabled::online(server, &anna);
        let mut peer = Peer::online(server, &ola, "phone");
        let id = "9".repeat(9 * 1024);
        // The blanks are for Prosody: its libexpat (2.5.0-1+deb12u2) reads a long attribute that came in pieces only when
        // twice as much has come.
        peer.raw(&format!(
            "<message to='{}' type='chat' id='{id}'><body>long</body></message>{}",
            anna.address,
            " ".repeat(32 * 1024)
        ));
        // An id that no program makes counts as none (H42).
        assert_eq!(it.grend.expect_message("long")["wire_id"], "");
        assert_eq!(it.proxy.accepted(), 1);
        // Nor when it comes from the archive.
        let folder = tempdir().unwrap();
        let (mut second, account) = Headless::online(folder.path(), server, &anna);
        let chat = second.open(account, &ola.address);
        assert_eq!(second.timeline(chat, 10)[0]["body"], "long", "{kind:?}");
    }
}

/// Levels inside a message.
fn nested(levels: usize) -> String {
    format!("{}{}", "<x xmlns='urn:deep'>".repeat(levels), "</x>".repeat(levels))
}

#[test]
fn four_thousand_levels_cost_one_message_at_most() {
    // Prosody lets it through or not, as it likes. ejabberd 23.01 itself dies of it (SIGSEGV in its XML library), so it
    // is not asked.
    let server = shared(Kind::Prosody);
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let mut it = Cabled::online(server, &anna);
    let mut peer = Peer::online(server, &ola, "phone");
    peer.raw(&format!(
        "<message to='{}' type='chat' id='deep'>{}</message>",
        anna.address,
        nested(4_000)
    ));
    peer.send(&anna.address, "shallow");
    it.grend.expect_message("shallow");
    let (fake, mut grend, _folder) = faked(Script::default());
    for _ in 0..3 {
        fake.say(format!(
            "<message from='ola@family.test/x' id='deep'><body>deep</body>{}</message>",
            nested(4_000)
        ));
    }
    fake.say("<message from='ola@family.test/x' id='1'><body>shallow</body></message>");
    grend.expect_message("shallow");
    // It counts as taken, or it would come again with every resumption.
    fake.await_acknowledged();
    fake.cut();
    fake.await_signed_in(2);
    fake.say("<message from='ola@family.test/x' id='2'><body>still here</body></message>");
    grend.expect_message("still here");
    assert_eq!(fake.connections(), 2);
}

#[test]
fn a_name_with_an_emoji_costs_nothing() {
    let (fake, mut grend, _folder) = faked(Script::default());
    // In a room, where it is a nick that no address may have, and in an address, where some servers let it through.
    fake.say("<presence from='room@rooms.family.test/🦆 Ola'/>");
    fake.say("<message type='groupchat' from='room@rooms.family.test/🦆 Ola' id='1'><body>quack</body></message>");
    fake.say("<message from='ola@family.test/📱' id='2'><body>from my phone</body></message>");
    let got = grend.expect_message("from my phone");
    assert_eq!(got["from"], "ola@family.test");
    fake.await_acknowledged();
    assert_eq!(fake.connections(), 1);
    assert_eq!(grend.must(json!({"do": "chats"}))["chats"].as_array().unwrap().len(), 1);
}

#[test]
fn a_server_that_offers_only_plain_does_not_get_the_password() {
    for kind in Kind::ALL {
        let options = Options {
            mechanisms: Mechanisms::PlainOnly,
            ..Options::default()
        };
        let server = Server::start(kind, options);
        let anna = server.add_user("anna", "one");
        // It is a right password for such a server: others do show it.
        drop(Peer::online(&server, &anna, "phone"));
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let error = grend.request(sign_in(&server, &anna)).unwrap_err();
        assert_eq!(error["kind"], "refused");
        assert!(error["text"].as_str().unwrap().contains("password itself"), "{error}");
    }
}

#[test]
fn a_server_that_offers_a_binding_and_refuses_it() {
    let (fake, _grend, _folder) = faked(Script {
        mechanisms: vec!["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"],
        ..Script::default()
    });
    assert_eq!(fake.connections(), 1, "one connection is enough for all attempts");
}

#[test]
fn words_on_their_way_do_not_cost_the_stream() {
    let (fake, mut grend, _folder) = faked(Script {
        acknowledges: false,
        ..Script::default()
    });
    let chat = grend.open(1, "ola@family.test");
    let message = grend.send(chat, "on its way");
    fake.expect_message("on its way");
    fake.cut();
    // The stream itself goes on and tells that it came: no other connection is needed, nor a second copy.
    grend.expect_state(message, "sent");
    fake.say("<message from='ola@family.test/x' id='1'><body>and on</body></message>");
    grend.expect_message("and on");
    assert_eq!(fake.connections(), 2);
    let heard = fake.heard();
    let copies = heard
        .iter()
        .filter(|it| it.children().any(|it| it.text() == "on its way"));
    assert_eq!(copies.count(), 1);
}

#[test]
fn a_page_that_comes_with_the_end_of_the_connection_is_not_lost() {
    const MAM: &str = "urn:xmpp:mam:2";
    // Whether end and page come in one reading is up to the kernel: many rounds, of which some do.
    for round in 0..10 {
        let fake = Fake::start(Script {
            leaves_to_test: Some(MAM),
            ..Script::default()
        });
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
        let question = fake.expect(|it| it.children().any(|it| it.is("query", MAM)));
        let queryid = question.children().next().unwrap().attr("queryid").unwrap();
        let results = (0..20).map(|n| {
            format!(
                "<message><result xmlns='{MAM}' queryid='{queryid}' id='a{n}'><forwarded xmlns='urn:xmpp:forward:0'>\
                 <message xmlns='jabber:client' from='ola@family.test/x' to='anna@family.test' id='w{n}'>\
                 <body>number {n}</body></message></forwarded></result></message>"
            )
        });
        let set = "<set xmlns='http://jabber.org/protocol/rsm'><first>a0</first><last>a19</last></set>";
        let id = question.attr("id").unwrap();
        let end = format!("<iq type='result' id='{id}'><fin xmlns='{MAM}' complete='true'>{set}</fin></iq>");
        // What is asked for once the stream goes on, the archive answers: it has nothing more.
        fake.script(|script| script.leaves_to_test = None);
        fake.say_last(results.chain([end]).collect());
        fake.await_signed_in(2);
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let chat = grend.open(account, "ola@family.test");
        assert_eq!(grend.timeline(chat, 100).len(), 20, "round {round}");
    }
}

/// Grend, online at a fake server.
fn faked(script: Script) -> (Fake, Headless, TempDir) {
    let fake = Fake::start(script);
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].clone();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    (fake, grend, folder)
}
