//! What is no XMPP, and servers that do not keep to it.

use grend_tests::fake::Script;
use grend_tests::{Fake, Headless};
use serde_json::json;
use tempfile::tempdir;

use super::world::*;

#[test]
fn h32_dtd_entities_and_the_like_end_the_connection_and_nothing_else() {
    let mut world = World::new();
    // With how many connections there were when Grend is back: the two that are stanzas end the stream twice, because the server
    // keeps them for a resumption. What is said before that may be said to nobody.
    for (attack, connections) in [
        ("<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]>", 2),
        ("<message><body>&lol;</body></message>", 4),
        ("<?php evil ?>", 5),
        ("<!-- a comment -->", 6),
        ("<message><body>&#0;</body></message>", 8),
    ] {
        world.fake.say(attack);
        world.fake.await_signed_in(connections);
        world.settle(&format!("after {connections}"));
    }
    // An element with a million attributes is skipped instead.
    let attributes: Vec<String> = (0..50_000).map(|n| format!(" a{n}='{n}'")).collect();
    let attributes = attributes.concat();
    world.fake.say(format!(
        "<message from='{OLA}' id='many'><x xmlns='urn:x'{attributes}/><body>many</body></message>"
    ));
    world.settle("after all");
    assert_eq!(world.fake.connections(), 8);
    assert_eq!(world.aside(), ["attributes", "unreadable", "unreadable"]);
}

#[test]
fn h33_bytes_that_are_no_text_smuggle_nothing() {
    let attacks: [&[u8]; 6] = [
        // `</body>` and `<` in more bytes than needed, half a pair, a byte order mark, UTF-16, beyond the last character.
        b"\xc0\xbc/body></message><message from='mor@family.test'><body>smuggled",
        b"\xe0\x80\xbc",
        b"\xed\xa0\xbd\xed\xb8\x80",
        b"\xff\xfe<\0b\0",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82</body>",
    ];
    // Two each: after each Grend waits a little longer before it comes back.
    for attacks in attacks.chunks(2) {
        let mut world = World::new();
        for (n, attack) in attacks.iter().enumerate() {
            let head = format!("<message type='chat' from='{OLA}' to='anna@family.test' id='s{n}'><body>");
            let whole = [head.as_bytes(), attack, b"</body></message>"].concat();
            world.fake.say_bytes(&whole);
            world.fake.await_signed_in(n + 2);
            world.settle(&format!("after {n}"));
        }
        assert_eq!(world.bodies("ola@family.test"), ["after 0", "after 1"]);
        assert_eq!(world.chats().len(), 1);
    }
}

#[test]
fn h33_what_only_looks_like_the_end_of_a_stanza_is_text() {
    let mut world = World::new();
    let within = "</body></message><message from='mor@family.test'><body>smuggled</body></message>";
    let escaped = within.replace('<', "&lt;");
    world.fake.say(message(OLA, "e", &format!("<body>{escaped}</body>")));
    world
        .fake
        .say(message(OLA, "c", &format!("<body><![CDATA[{within}]]></body>")));
    world.settle("last");
    assert_eq!(world.bodies("ola@family.test"), [within, within, "last"]);
    assert_eq!(world.chats().len(), 1);
}

#[test]
fn h34_a_poisonous_stanza_is_not_resumed_for_ever() {
    let mut world = World::new();
    // A character that XML forbids: the server kept it for a resumption and would send it again each time.
    world.fake.say(message(OLA, "poison", "<body>\u{1}</body>"));
    // The second time it is left out.
    world.fake.await_signed_in(3);
    world.settle("after the poison");
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
fn h35_nothing_is_ever_compressed() {
    let mut world = World::with(Script {
        more_features:
            "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method><method>lzw</method>\
                 </compression>"
                .to_owned(),
        ..Script::default()
    });
    // Not even if the server behaves as if we had asked.
    world
        .fake
        .say("<compressed xmlns='http://jabber.org/protocol/compress'/>");
    world.settle("honest");
    assert!(world.fake.heard().iter().all(|it| it.name() != "compress"));
    assert_eq!(world.fake.connections(), 1);
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
fn h41_a_server_that_goes_on_with_another_stream() {
    let mut world = World::new();
    world
        .fake
        .script(|script| script.goes_on_with = Some("of somebody else"));
    world.fake.cut();
    // Not believed, and not asked for again: a new one.
    world.fake.await_signed_in(3);
    world.settle("honest");
    let chat = world.grend.open(world.account, "ola@family.test");
    let message = world.grend.send(chat, "mine");
    world.grend.expect_state(message, "sent");
    assert_eq!(world.bodies("ola@family.test"), ["honest", "mine"]);
    assert_eq!(world.fake.connections(), 3);
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

/// What servers take from their own people; from other servers they take twice as much.
const LONGEST: usize = 256 * 1024;

#[test]
fn h42_what_we_echo_does_not_end_our_stream_again_and_again() {
    let mut world = World::with(Script {
        longest: LONGEST,
        ..Script::default()
    });
    // Fits through the server to us, and would not fit back with all that an answer has around it.
    let long = "i".repeat(LONGEST - 50);
    let wants = "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>";
    world
        .fake
        .say(message(OLA, &long, &format!("<body>long</body>{wants}")));
    let got = world.grend.expect_message("long");
    let chat = got["chat"]
        .as_i64()
        .unwrap_or_else(|| world.grend.open(world.account, "ola@family.test"));
    world
        .grend
        .must(json!({"do": "displayed", "chat": chat, "message": got["id"]}));
    for from in [OLA, EVE] {
        world.fake.say(format!(
            "<iq type='get' from='{from}' id='{long}'><query xmlns='jabber:iq:version'/></iq>"
        ));
        let disco = "http://jabber.org/protocol/disco#info";
        world.fake.say(format!(
            "<iq type='get' from='{from}' id='q'><query xmlns='{disco}' node='https://grend.chat#{long}'/></iq>"
        ));
        world.fake.say(format!(
            "<iq type='get' from='{from}{long}' id='f'><query xmlns='jabber:iq:version'/></iq>"
        ));
        world
            .fake
            .say(format!("<presence type='subscribe' from='{from}' id='{long}'/>"));
    }
    for name in ["received", "displayed"] {
        world.fake.say(message(
            OLA,
            "r",
            &format!("<{name} xmlns='urn:xmpp:chat-markers:0' id='{long}'/>"),
        ));
    }
    world.settle("honest");
    let message = world.grend.send(chat, "still here");
    world.grend.expect_state(message, "sent");
    assert_eq!(world.fake.connections(), 1);
    assert_eq!(world.bodies("ola@family.test"), ["long", "honest", "still here"]);
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
fn h63_a_challenge_that_cannot_be_decoded() {
    let huge = "QUJD".repeat(2 * 1024 * 1024);
    for challenge in ["***", "=", "r", "cj1hYmM", "/////w==", "\u{1F41F}", "<x/>", &huge] {
        let fake = Fake::start(Script {
            challenge: Some(challenge.to_owned()),
            ..Script::default()
        });
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let error = grend.request(fake.sign_in()).unwrap_err();
        assert_eq!(error["kind"], "refused", "{error}");
        fake.script(|script| script.challenge = None);
        grend.must(fake.sign_in());
    }
}
