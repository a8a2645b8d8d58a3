//! What a hostile contact, stranger or server may try, each test named after its row in the list of hostile inputs. The
//! server is a fake, because real ones filter most of it, and a family's server may be an old one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use grend_tests::fake::Script;
use grend_tests::{Fake, Headless};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const OLA: &str = "ola@family.test/phone";
const EVE: &str = "eve@evil.test/x";
const FORWARD: &str = "urn:xmpp:forward:0";
const MAM: &str = "urn:xmpp:mam:2";

/// Grend, caught up at a fake server.
struct World {
    fake: Fake,
    grend: Headless,
    account: i64,
    _folder: TempDir,
}

impl World {
    fn with(script: Script) -> Self {
        let (fake, folder) = (Fake::start(script), tempdir().unwrap());
        let mut grend = Headless::start(folder.path());
        let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        Self {
            fake,
            grend,
            account,
            _folder: folder,
        }
    }

    fn new() -> Self {
        Self::with(Script::default())
    }

    /// Waits until everything said so far is stored: a last honest word, and its acknowledgement.
    fn settle(&mut self, word: &str) {
        self.fake.say(message(OLA, word, &format!("<body>{word}</body>")));
        self.grend.expect_message(word);
        self.fake.await_acknowledged();
    }

    /// The texts of a conversation; the chat is made if it is not there.
    fn bodies(&mut self, address: &str) -> Vec<String> {
        let chat = self.grend.open(self.account, address);
        let timeline = self.grend.timeline(chat, 1_000);
        timeline
            .iter()
            .map(|it| it["body"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Why stanzas were left out, the newest first.
    fn aside(&mut self) -> Vec<String> {
        let health = self.grend.must(json!({"do": "health", "account": self.account}));
        let last = health["last"].as_array().unwrap();
        last.iter()
            .map(|it| it["reason"].as_str().unwrap().to_owned())
            .collect()
    }

    fn chats(&mut self) -> Vec<Value> {
        self.grend.must(json!({"do": "chats"}))["chats"]
            .as_array()
            .unwrap()
            .clone()
    }
}

fn message(from: &str, id: &str, content: &str) -> String {
    format!("<message type='chat' from='{from}' to='anna@family.test' id='{id}'>{content}</message>")
}

/// A message inside another.
fn inner(from: &str, to: &str, id: &str, body: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' from='{from}' to='{to}' id='{id}'><body>{body}</body></message>"
    )
}

fn carbon(from: &str, name: &str, inner: &str) -> String {
    format!(
        "<message from='{from}' to='anna@family.test'><{name} xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='{FORWARD}'>{inner}</forwarded></{name}></message>"
    )
}

fn result(from: &str, queryid: &str, id: &str, inner: &str) -> String {
    format!(
        "<message from='{from}' to='anna@family.test'><result xmlns='{MAM}' queryid='{queryid}' id='{id}'>\
         <forwarded xmlns='{FORWARD}'>{inner}</forwarded></result></message>"
    )
}

fn archived(n: usize, content: &str) -> (String, String) {
    let stamp = format!(
        "<delay xmlns='urn:xmpp:delay' stamp='2026-11-20T10:{:02}:00Z'/>",
        n % 60
    );
    (format!("a{n}"), format!("{stamp}{content}"))
}

#[test]
fn h01_spoofed_carbon() {
    let mut world = World::new();
    for liar in [EVE, OLA, "family.test", "anna@evil.test"] {
        world.fake.say(carbon(
            liar,
            "received",
            &inner(OLA, "anna@family.test/x", "1", "forged"),
        ));
        world.fake.say(carbon(
            liar,
            "sent",
            &inner("anna@family.test/x", "ola@family.test", "2", "forged"),
        ));
    }
    world.settle("honest");
    assert_eq!(world.bodies("ola@family.test"), ["honest"]);
    // The same from our own account is believed: the test would see it.
    world.fake.say(carbon(
        "anna@family.test",
        "received",
        &inner(OLA, "anna@family.test/x", "3", "true"),
    ));
    world.grend.expect_message("true");
}

#[test]
fn h03_unsolicited_archive_result() {
    let mut world = World::with(Script {
        leaves_to_test: Some(MAM),
        features: vec![],
        ..Script::default()
    });
    let forged = inner(OLA, "anna@family.test", "1", "forged");
    for from in [EVE, "anna@family.test", "family.test"] {
        world.fake.say(result(from, "guess", "a1", &forged));
    }
    world.settle("honest");
    assert_eq!(world.bodies("ola@family.test"), ["honest"]);
}

#[test]
fn h03_a_result_of_our_query_from_somebody_else() {
    let fake = Fake::start(Script {
        leaves_to_test: Some(MAM),
        ..Script::default()
    });
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
    let question = fake.expect(|it| it.children().any(|it| it.is("query", MAM)));
    let query = question.children().next().unwrap();
    let (id, queryid) = (question.attr("id").unwrap(), query.attr("queryid").unwrap());
    // Eve has seen the id of the query, somehow.
    fake.say(result(
        EVE,
        queryid,
        "a1",
        &inner(OLA, "anna@family.test", "1", "forged"),
    ));
    let fin = format!("<fin xmlns='{MAM}' complete='true'/>");
    fake.say(format!("<iq type='result' from='{EVE}' id='{id}'>{fin}</iq>"));
    fake.say(result(
        "anna@family.test",
        queryid,
        "a2",
        &inner(OLA, "anna@family.test", "2", "true"),
    ));
    fake.say(format!("<iq type='result' id='{id}'>{fin}</iq>"));
    grend.expect_message("true");
    let chat = grend.open(account, "ola@family.test");
    assert_eq!(grend.timeline(chat, 10).len(), 1);
}

#[test]
fn h05_roster_push_from_a_stranger() {
    let mut world = World::new();
    for (n, liar) in [EVE, OLA, "anna@evil.test"].iter().enumerate() {
        world.fake.say(format!(
            "<iq type='set' from='{liar}' id='push{n}'><query xmlns='jabber:iq:roster'>\
             <item jid='eve@evil.test' name='Mor' subscription='both'/></query></iq>"
        ));
        let id = format!("push{n}");
        let answer = world.fake.expect(|it| it.name() == "iq" && it.attr("id") == Some(&id));
        assert_eq!((answer.attr("type"), answer.attr("to")), (Some("error"), Some(*liar)));
    }
    let contacts = world.grend.must(json!({"do": "contacts"}))["contacts"].clone();
    let addresses: Vec<_> = contacts
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["address"].clone())
        .collect();
    assert_eq!(addresses, ["ola@family.test"]);
}

#[test]
fn h13_receipt_for_an_unknown_or_foreign_id() {
    let mut world = World::new();
    let chat = world.grend.open(world.account, "ola@family.test");
    let mine = world.grend.send(chat, "mine");
    let id = world.fake.expect_message("mine").attr("id").unwrap().to_owned();
    world.grend.expect_state(mine, "sent");
    for (from, of) in [(EVE, id.as_str()), (OLA, "nonsense"), (EVE, "nonsense")] {
        world.fake.say(message(
            from,
            "r",
            &format!("<received xmlns='urn:xmpp:receipts' id='{of}'/>"),
        ));
        world.fake.say(message(
            from,
            "m",
            &format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{of}'/>"),
        ));
    }
    world.settle("honest");
    assert_eq!(world.grend.timeline(chat, 10)[0]["state"], "sent");
    assert_eq!(world.chats().len(), 1, "no empty conversation with Eve");
    // From whom it was sent to it counts.
    world.fake.say(message(
        OLA,
        "r",
        &format!("<received xmlns='urn:xmpp:receipts' id='{id}'/>"),
    ));
    world.grend.expect_state(mine, "delivered");
}

#[test]
fn h14_two_bodies_and_two_archive_ids() {
    let mut world = World::new();
    let by = "xmlns='urn:xmpp:sid:0' by='anna@family.test'";
    let twice = format!("<body>one</body><body>two</body><stanza-id {by} id='a1'/><stanza-id {by} id='a2'/>");
    world.fake.say(message(OLA, "1", &twice));
    let got = world.grend.expect_message("one");
    assert_eq!(got["archive_id"], Value::Null);
    world.settle("honest");
    assert_eq!(world.bodies("ola@family.test"), ["one", "honest"]);
}

#[test]
fn h15_forged_archive_id() {
    let mut world = World::new();
    let id = |by: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='a1'/>");
    world.fake.say(message(
        OLA,
        "1",
        &format!("<body>first</body>{}", id("anna@family.test")),
    ));
    assert_eq!(world.grend.expect_message("first")["archive_id"], "a1");
    // Whoever puts a known id on a new message cannot hide it.
    for (n, by) in ["ola@family.test", "family.test", "evil.test", ""].iter().enumerate() {
        let body = format!("next {n}");
        world
            .fake
            .say(message(OLA, &body, &format!("<body>{body}</body>{}", id(by))));
        assert_eq!(world.grend.expect_message(&body)["archive_id"], Value::Null, "by {by}");
    }
    // Nor on a server that does not say that it takes forged ones away.
    let mut world = World::with(Script {
        features: vec![],
        ..Script::default()
    });
    for n in ["1", "2"] {
        world
            .fake
            .say(message(OLA, n, &format!("<body>{n}</body>{}", id("anna@family.test"))));
        assert_eq!(world.grend.expect_message(n)["archive_id"], Value::Null);
    }
}

#[test]
fn h16_origin_id_collision() {
    let mut world = World::new();
    let chat = world.grend.open(world.account, "ola@family.test");
    world.grend.send(chat, "mine");
    let id = world.fake.expect_message("mine").attr("id").unwrap().to_owned();
    let origin = format!("<origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>");
    for body in ["mine", "theirs", "theirs again"] {
        world
            .fake
            .say(message(OLA, &id, &format!("<body>{body}</body>{origin}")));
    }
    world.settle("honest");
    assert_eq!(
        world.bodies("ola@family.test"),
        ["mine", "mine", "theirs", "theirs again", "honest"]
    );
}

#[test]
fn h32_dtd_entities_and_the_like_end_the_connection_and_nothing_else() {
    let mut world = World::new();
    for (n, attack) in [
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]>",
        "<message><body>&lol;</body></message>",
        "<?php evil ?>",
        "<!-- a comment -->",
        "<message><body>&#0;</body></message>",
    ]
    .iter()
    .enumerate()
    {
        world.fake.say(*attack);
        world.fake.await_signed_in(n + 2);
        world.settle(&format!("after {n}"));
    }
    // An element with a million attributes is skipped instead.
    let attributes: Vec<String> = (0..50_000).map(|n| format!(" a{n}='{n}'")).collect();
    let attributes = attributes.concat();
    world.fake.say(format!(
        "<message from='{OLA}' id='many'><x xmlns='urn:x'{attributes}/><body>many</body></message>"
    ));
    world.settle("after all");
    // The two that are stanzas end the stream twice: the server keeps them for a resumption.
    assert_eq!(world.fake.connections(), 8);
    assert_eq!(world.aside(), ["attributes", "unreadable", "unreadable"]);
}

#[test]
fn h34_a_poisonous_stanza_is_not_resumed_for_ever() {
    let mut world = World::new();
    // A character that XML forbids: the server kept it for a resumption and would send it again each time.
    world.fake.say(message(OLA, "poison", "<body>\u{1}</body>"));
    world.settle("after the poison");
    // The second time it is left out.
    assert_eq!(world.fake.connections(), 3);
    assert_eq!(world.aside(), ["unreadable"]);
}

#[test]
fn h34_poison_in_the_archive_costs_one_message() {
    let text = |n: usize| inner(OLA, "anna@family.test", &format!("w{n}"), &format!("number {n}"));
    let poison = |n: usize| archived(n, &inner(OLA, "anna@family.test", "poison", "\u{1}"));
    let mut archive: Vec<_> = (0..30).map(|n| archived(n, &text(n))).collect();
    archive[7] = poison(7);
    archive[29] = poison(29);
    let fake = Fake::start(Script {
        archive,
        ..Script::default()
    });
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
    let caught_up = grend.ask(json!({"do": "wait_caught_up", "account": account}));
    grend.answer(caught_up, std::time::Duration::from_secs(60)).unwrap();
    let chat = grend.open(account, "ola@family.test");
    let expected: Vec<_> = (0..29).filter(|n| *n != 7).map(|n| format!("number {n}")).collect();
    let found = grend.timeline(chat, 100);
    let found: Vec<_> = found.iter().map(|it| it["body"].as_str().unwrap()).collect();
    assert_eq!(found, expected);
    // The same in what was missed.
    grend.quit();
    fake.script(|script| {
        script.archive.extend((30..60).map(|n| archived(n, &text(n))));
        script.archive[40] = poison(40);
    });
    grend.restart();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    let expected: Vec<_> = (0..60)
        .filter(|n| ![7, 29, 40].contains(n))
        .map(|n| format!("number {n}"))
        .collect();
    let found = grend.timeline(chat, 100);
    let found: Vec<_> = found.iter().map(|it| it["body"].as_str().unwrap()).collect();
    assert_eq!(found, expected);
}

#[test]
fn h39_a_server_that_asks_for_too_much_or_cannot_prove_itself() {
    let greedy = Script {
        iterations: 2_000_000_000,
        ..Script::default()
    };
    let liar = Script {
        honest: false,
        ..Script::default()
    };
    for (script, kind) in [(greedy, "refused"), (liar, "certificate")] {
        let (fake, folder) = (Fake::start(script), tempdir().unwrap());
        let mut grend = Headless::start(folder.path());
        let error = grend.request(fake.sign_in()).unwrap_err();
        assert_eq!(error["kind"], kind, "{error}");
        assert_eq!(grend.must(json!({"do": "accounts"}))["accounts"], json!([]));
        fake.script(|script| *script = Script::default());
        grend.must(fake.sign_in());
    }
}

#[test]
fn h41_a_server_that_counts_what_was_never_sent() {
    let mut world = World::new();
    world.fake.script(|script| script.overcounts = 1_000);
    let chat = world.grend.open(world.account, "ola@family.test");
    let message = world.grend.send(chat, "really there?");
    let waiting = world
        .grend
        .expect_event(std::time::Duration::from_secs(10), |it| it["connection"] == "waiting");
    assert_eq!(waiting["error"]["kind"], "network");
    assert_eq!(world.grend.timeline(chat, 1)[0]["state"], "queued");
    world.fake.script(|script| script.overcounts = 0);
    // Not believed: asked again, it says what can be, and the message is there once.
    world.grend.expect_state(message, "sent");
    let heard = world.fake.heard();
    let sent = heard
        .iter()
        .filter(|it| it.children().any(|it| it.text() == "really there?"));
    assert_eq!(sent.count(), 1);
    assert!(world.fake.connections() > 1);
}

#[test]
fn h41_a_stream_that_is_not_resumed_and_not_counted() {
    let mut world = World::with(Script {
        resumes: false,
        ..Script::default()
    });
    for n in 0..3 {
        world.fake.cut();
        world.fake.await_signed_in(n + 2);
        world.settle(&format!("round {n}"));
    }
    assert_eq!(world.fake.connections(), 4);
}

#[test]
fn h40_a_server_that_sends_us_elsewhere_is_not_followed() {
    let mut world = World::new();
    world.fake.say(
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>evil.test:5222</see-other-host>\
         </stream:error></stream:stream>",
    );
    let waiting = world
        .grend
        .expect_event(std::time::Duration::from_secs(10), |it| it["connection"] == "waiting");
    assert_eq!(waiting["error"]["kind"], "refused");
    world.fake.await_signed_in(2);
    world.settle("here again");
}

#[test]
fn h57_no_receipts_to_strangers() {
    let mut world = World::new();
    let asks = "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>";
    world
        .fake
        .say(message(EVE, "e1", &format!("<body>are you there?</body>{asks}")));
    let got = world.grend.expect_message("are you there?");
    let eve = world.grend.open(world.account, "eve@evil.test");
    world
        .grend
        .must(json!({"do": "displayed", "chat": eve, "message": got["id"]}));
    world.grend.must(json!({"do": "typing", "chat": eve, "on": true}));
    for (n, ns) in [
        "jabber:iq:version",
        "urn:xmpp:time",
        "urn:xmpp:ping",
        "http://jabber.org/protocol/disco#info",
    ]
    .iter()
    .enumerate()
    {
        world.fake.say(format!(
            "<iq type='get' from='{EVE}' id='q{n}'><query xmlns='{ns}'/></iq>"
        ));
        let id = format!("q{n}");
        let answer = world.fake.expect(|it| it.name() == "iq" && it.attr("id") == Some(&id));
        assert_eq!(answer.attr("type"), Some("error"), "{ns}");
    }
    // A contact gets one, after which everything that was to come has come: the outbox has an order.
    world
        .fake
        .say(message(OLA, "o1", &format!("<body>and you?</body>{asks}")));
    world.fake.expect(|it| {
        it.children()
            .any(|it| it.is("received", "urn:xmpp:receipts") && it.attr("id") == Some("o1"))
    });
    let heard = world.fake.heard();
    let to_eve = heard
        .iter()
        .filter(|it| it.name() != "iq" && it.attr("to").is_some_and(|to| to.contains("evil")));
    assert_eq!(to_eve.count(), 0);
}

#[test]
fn h60_times_that_cannot_be() {
    let before = now();
    let mut world = World::new();
    let stamps = [
        "9999-12-31T23:59:59Z",
        "-0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-11-20T10:00:00+99:99",
        "x",
    ];
    for (n, stamp) in stamps.iter().enumerate() {
        let delay = format!("<delay xmlns='urn:xmpp:delay' from='family.test' stamp='{stamp}'/>");
        world
            .fake
            .say(message(OLA, &format!("t{n}"), &format!("<body>time {n}</body>{delay}")));
        let got = world.grend.expect_message(&format!("time {n}"));
        let at = got["sent_at"].as_i64().unwrap();
        assert!((before..=now()).contains(&at), "{stamp} became {at}");
    }
    // Eve cannot date back.
    let delay = "<delay xmlns='urn:xmpp:delay' from='evil.test' stamp='2001-01-01T00:00:00Z'/>";
    world
        .fake
        .say(message(EVE, "back", &format!("<body>long ago</body>{delay}")));
    assert!(world.grend.expect_message("long ago")["sent_at"].as_i64().unwrap() >= before);
    world.settle("honest");
    let expected: Vec<_> = (0..stamps.len())
        .map(|n| format!("time {n}"))
        .chain(["honest".to_owned()])
        .collect();
    assert_eq!(world.bodies("ola@family.test"), expected);
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

#[test]
fn h61_two_megabytes_arrive_whole() {
    let mut world = World::new();
    let body = "0123456789abcde\u{202e}".repeat(2 * 1024 * 1024 / 18);
    world.fake.say(message(OLA, "large", &format!("<body>{body}</body>")));
    world.settle("small");
    assert_eq!(world.bodies("ola@family.test"), [body, "small".to_owned()]);
    assert_eq!(world.fake.connections(), 1);
}

#[test]
fn h68_who_leaves_the_contact_list_keeps_the_conversation() {
    let mut world = World::new();
    world.settle("before");
    world.fake.say(
        "<iq type='set' id='push'><query xmlns='jabber:iq:roster'><item jid='ola@family.test' subscription='remove'/>\
         </query></iq>",
    );
    let answer = world.fake.expect(|it| it.attr("id") == Some("push"));
    assert_eq!(answer.attr("type"), Some("result"));
    assert_eq!(world.grend.must(json!({"do": "contacts"}))["contacts"], json!([]));
    world.settle("after");
    assert_eq!(world.bodies("ola@family.test"), ["before", "after"]);
    assert_eq!(world.chats().len(), 1);
}
