//! What a message may hold: ids, times, texts.

use std::time::Duration;

use grend_tests::fake::Script;
use serde_json::Value;

use super::world::*;

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
    // As her server, whose own stamp nobody can tell from hers: the words say so, and stand where they came.
    let delay = "<delay xmlns='urn:xmpp:delay' from='family.test' stamp='2001-01-01T00:00:00Z'/>";
    world
        .fake
        .say(message(OLA, "kept", &format!("<body>kept</body>{delay}")));
    world.grend.expect_message("kept");
    world.settle("honest");
    let expected: Vec<_> = (0..stamps.len())
        .map(|n| format!("time {n}"))
        .chain(["kept", "honest"].map(ToOwned::to_owned))
        .collect();
    assert_eq!(world.bodies("ola@family.test"), expected);
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
fn h61_what_is_hard_to_draw_arrives_whole() {
    let mut world = World::new();
    let hard = [
        "👨‍👩‍👧‍👦".repeat(5_000),
        format!("Z{}", "\u{0323}\u{0334}\u{0489}".repeat(20_000)),
        "\u{202e}a\u{202c}".repeat(50_000),
        "x".repeat(1_000_000),
        "\n".repeat(10_000) + ".",
    ];
    for (n, body) in hard.iter().enumerate() {
        world
            .fake
            .say(message(OLA, &format!("h{n}"), &format!("<body>{body}</body>")));
    }
    world.settle("small");
    let expected: Vec<_> = hard.into_iter().chain(["small".to_owned()]).collect();
    assert!(world.bodies("ola@family.test") == expected);
    assert!(
        world.chats()[0]["last"].as_str().unwrap().len() < 1_000,
        "a list holds no novels"
    );
    assert_eq!(world.fake.connections(), 1);
}

#[test]
fn h65_words_of_a_server_stand_behind_our_own() {
    let mut world = World::new();
    world.fake.say(
        "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Your account is locked.\nGo to &lt;a href='https://evil.test'&gt;\
         \u{202e}https://evil.test\u{202c}&lt;/a&gt; \u{200b}now&#10;&#13; AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
         </text></stream:error></stream:stream>",
    );
    let ended = world
        .grend
        .expect_event(Duration::from_secs(10), |it| it["error"].is_object());
    let text = ended["error"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("The server refused: Your account is locked."),
        "{text}"
    );
    assert!(text.chars().count() < 340, "{text}");
    assert!(
        !text.contains(|c: char| c.is_control() || "\u{202e}\u{202c}\u{200b}".contains(c)),
        "{text:?}"
    );
    // What a contact's server writes about a message is not shown at all, only what kind of no it is.
    world.fake.await_signed_in(2);
    let chat = world.grend.open(world.account, "ola@family.test");
    for (n, condition) in ["forbidden", &"call-this-number-".repeat(20)].iter().enumerate() {
        let body = format!("mine {n}");
        let mine = world.grend.send(chat, &body);
        let id = world.fake.expect_message(&body).attr("id").unwrap().to_owned();
        world.grend.expect_state(mine, "sent");
        world.fake.say(format!(
            "<message type='error' from='{OLA}' id='{id}'><error type='cancel'><{condition} \
             xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Call 555</text>\
             </error></message>"
        ));
        let wanted = |it: &Value| it["event"] == "state" && it["message"] == mine && it["state"] == "failed";
        world.grend.expect_event(Duration::from_secs(10), wanted);
    }
    let failures: Vec<_> = world
        .grend
        .timeline(chat, 10)
        .iter()
        .map(|it| it["failure"].clone())
        .collect();
    assert_eq!(failures, ["forbidden", "undefined-condition"]);
}
