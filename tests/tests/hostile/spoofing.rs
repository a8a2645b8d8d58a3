//! Who says what only somebody else may say.

use grend_tests::fake::Script;
use grend_tests::{Fake, Headless};
use serde_json::json;
use tempfile::tempdir;

use super::world::*;

#[test]
fn h01_spoofed_carbon() {
    let mut world = World::new();
    for liar in [EVE, OLA, "family.test", "anna@evil.test", "anna@family.test/phone"] {
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
fn h01_a_message_that_asks_for_no_copies_is_no_copy() {
    let mut world = World::new();
    let private = "<body>between us</body><private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/>";
    world.fake.say(message(OLA, "1", private));
    world.grend.expect_message("between us");
}

#[test]
fn h02_copies_of_what_is_no_conversation() {
    let mut world = World::new();
    let in_a_room = inner("room@rooms.test/Ola", "anna@family.test", "1", "forged").replace("'chat'", "'groupchat'");
    let forwarded = format!(
        "<forwarded xmlns='{FORWARD}'>{}</forwarded>",
        inner(OLA, "anna@family.test", "2", "forged")
    );
    let copy_of_a_copy = carbon(
        "anna@family.test",
        "received",
        &inner(OLA, "anna@family.test/x", "3", "forged"),
    );
    let of_others = inner(OLA, "eve@evil.test", "4", "forged");
    for copied in [&in_a_room, &copy_of_a_copy, &of_others] {
        for name in ["received", "sent"] {
            world.fake.say(carbon("anna@family.test", name, copied));
        }
    }
    // Forwarded is not said, whoever forwards.
    for from in [EVE, OLA, "anna@family.test"] {
        world.fake.say(message(from, "f", &forwarded));
        world
            .fake
            .say(message(from, "f", &format!("<x xmlns='urn:x'>{forwarded}</x>")));
    }
    world.fake.say(format!(
        "<message type='groupchat' from='room@rooms.test/Ola' id='5'><body>forged</body>{forwarded}</message>"
    ));
    world.settle("honest");
    assert_eq!(world.bodies("ola@family.test"), ["honest"]);
    assert_eq!(world.chats().len(), 1);
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
fn h04_an_archive_that_tells_of_others() {
    let nested = format!(
        "<forwarded xmlns='{FORWARD}'>{}</forwarded>",
        inner(OLA, "anna@family.test", "n", "forged")
    );
    let wrapped = |wrap: &str| {
        format!("<message xmlns='jabber:client' from='anna@family.test' to='anna@family.test'>{wrap}</message>")
    };
    let contents = [
        inner(OLA, "anna@family.test", "1", "honest"),
        // Between others; in rooms, whose names anybody chooses; copies and results, which only our server may bring.
        inner("eve@evil.test", "ola@family.test", "2", "forged"),
        inner("room@rooms.test/Ola", "anna@family.test", "3", "forged").replace("'chat'", "'groupchat'"),
        inner("room@rooms.test/Ola", "anna@family.test", "4", "forged").replace(
            "</message>",
            "<x xmlns='http://jabber.org/protocol/muc#user'/></message>",
        ),
        wrapped(&format!("<received xmlns='urn:xmpp:carbons:2'>{nested}</received>")),
        wrapped(&format!("<result xmlns='{MAM}' id='a9'>{nested}</result>")),
        wrapped(&nested),
        inner("@@", "anna@family.test", "5", "forged"),
        inner("anna@family.test/phone", "ola@family.test", "6", "mine"),
    ];
    let archive = contents.iter().enumerate().map(|(n, content)| archived(n, content));
    let mut world = World::with(Script {
        archive: archive.collect(),
        ..Script::default()
    });
    assert_eq!(world.bodies("ola@family.test"), ["honest", "mine"]);
    let chats: Vec<_> = world.chats().iter().map(|chat| chat["address"].clone()).collect();
    assert_eq!(chats, ["ola@family.test"]);
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
    assert_eq!(world.contacts(), ["ola@family.test"]);
}

#[test]
fn h06_an_answer_from_somebody_else() {
    let fake = Fake::start(Script {
        leaves_to_test: Some("jabber:iq:roster"),
        ..Script::default()
    });
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
    let question = fake.expect(|it| it.children().any(|it| it.is("query", "jabber:iq:roster")));
    let id = question.attr("id").unwrap();
    let list = |name: &str| {
        format!("<query xmlns='jabber:iq:roster'><item jid='{name}@evil.test' subscription='both'/></query>")
    };
    // They have seen the id, somehow.
    for liar in [EVE, OLA, "evil.test", "anna@evil.test"] {
        fake.say(format!(
            "<iq type='result' from='{liar}' id='{id}'>{}</iq>",
            list("mor")
        ));
        fake.say(format!("<iq type='error' from='{liar}' id='{id}'/>"));
    }
    fake.say(format!(
        "<iq type='result' from='anna@family.test' id='{id}'>{}</iq>",
        list("far")
    ));
    // Once is enough.
    fake.say(format!("<iq type='result' id='{id}'>{}</iq>", list("mor")));
    fake.await_acknowledged();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    let contacts = grend.must(json!({"do": "contacts"}))["contacts"].clone();
    assert_eq!(contacts.as_array().unwrap().len(), 1);
    assert_eq!(contacts[0]["address"], "far@evil.test");
}

#[test]
fn h07_ids_that_nobody_guesses() {
    let mut world = World::new();
    let chat = world.grend.open(world.account, "ola@family.test");
    for n in 0..20 {
        let message = world.grend.send(chat, &n.to_string());
        world.grend.expect_state(message, "sent");
    }
    // A second session has others.
    world.grend.restart();
    world.fake.await_signed_in(2);
    world.settle("honest");
    let mut ids: Vec<String> = Vec::new();
    for said in world.fake.heard() {
        if matches!(said.name(), "iq" | "message") && !matches!(said.attr("type"), Some("result" | "error")) {
            ids.push(said.attr("id").expect("everything has an id").to_owned());
        }
        ids.extend(
            said.children()
                .filter_map(|it| it.attr("queryid"))
                .map(ToOwned::to_owned),
        );
    }
    assert!(ids.len() > 30, "{ids:?}");
    // 128 bits as 32 digits, none of which tells the next: at every place of them most digits occur.
    assert!(
        ids.iter()
            .all(|id| id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit())),
        "{ids:?}"
    );
    for place in 0..32 {
        let different: std::collections::BTreeSet<u8> = ids.iter().map(|id| id.as_bytes()[place]).collect();
        assert!(different.len() > 4, "place {place}: {ids:?}");
    }
}

/// What a person keeps at the server for their own devices only.
const PRIVATE: [&str; 4] = [
    "urn:xmpp:bookmarks:1",
    "urn:xmpp:mds:displayed:0",
    "storage:bookmarks",
    "urn:xmpp:grend:settings",
];

#[test]
fn h08_somebody_else_tells_what_only_we_know() {
    let mut world = World::new();
    world.settle("before");
    let said = world.fake.heard().len();
    for (n, node) in PRIVATE.iter().enumerate() {
        for from in [EVE, OLA, "family.test", "anna@evil.test"] {
            let event = format!(
                "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{node}'><item id='ola@family.test'>\
                 <displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='anna@family.test' id='a1'/>\
                 </displayed><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'><nick>x</nick></conference></item></items></event>"
            );
            world.fake.say(format!(
                "<message type='headline' from='{from}' to='anna@family.test' id='p{n}'>{event}</message>"
            ));
        }
    }
    world.settle("after");
    let chats = world.chats();
    assert_eq!(chats.len(), 1, "{chats:?}");
    assert_eq!(chats[0]["unread"], 2, "nothing was read");
    assert_eq!(world.contacts(), ["ola@family.test"]);
    let after = &world.fake.heard()[said..];
    assert!(after.iter().all(|it| it.name() != "presence"), "no room was joined");
}

#[test]
fn h09_nothing_private_goes_where_all_may_read_it() {
    // This server does not say that it can keep a node private.
    let mut world = World::new();
    let chat = world.grend.open(world.account, "ola@family.test");
    world.settle("hei");
    let message = world.grend.send(chat, "hei selv");
    world.grend.expect_state(message, "sent");
    world
        .grend
        .must(json!({"do": "add_contact", "account": world.account, "address": "tante@family.test"}));
    world.settle("ha det");
    for said in world.fake.heard() {
        let said = String::from(&said);
        assert!(PRIVATE.iter().all(|node| !said.contains(node)), "{said}");
        assert!(!said.contains("jabber:iq:private"), "{said}");
    }
}

#[test]
fn h17_a_private_message_in_a_room_is_no_conversation_of_two() {
    let mut world = World::new();
    let user = "<x xmlns='http://jabber.org/protocol/muc#user'/>";
    let private = message("room@rooms.test/Ola", "1", &format!("<body>psst</body>{user}"));
    world.fake.say(&private);
    let copied = private.replace("<message ", "<message xmlns='jabber:client' ");
    world.fake.say(carbon("anna@family.test", "received", &copied));
    let from_phone = format!(
        "<message xmlns='jabber:client' type='chat' from='anna@family.test/phone' to='room@rooms.test/Ola' id='2'>\
         <body>psst yourself</body>{user}</message>"
    );
    world.fake.say(carbon("anna@family.test", "sent", &from_phone));
    world.settle("honest");
    assert_eq!(world.chats().len(), 1);
}

#[test]
fn h21_powers_in_a_room_from_who_is_no_room() {
    let mut world = World::new();
    for from in [EVE, "family.test", "anna@family.test/other", "room@rooms.test/Ola"] {
        for kind in ["", " type='unavailable'"] {
            world.fake.say(format!(
                "<presence from='{from}' to='anna@family.test'{kind}><x xmlns='http://jabber.org/protocol/muc#user'>\
                 <item affiliation='owner' role='moderator' jid='eve@evil.test/x' nick='Ola'/><status code='110'/></x></presence>"
            ));
        }
        world.fake.say(message(
            from,
            "a",
            "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='outcast' jid='ola@family.test'/></x>",
        ));
    }
    world.settle("honest");
    assert_eq!(world.contacts(), ["ola@family.test"]);
    assert_eq!(world.chats().len(), 1);
    assert!(
        world.grend.events().iter().all(|it| it["event"] != "presence"),
        "nobody of these is a contact"
    );
}
