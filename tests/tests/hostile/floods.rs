//! Too much of what is harmless once.

use grend_tests::fake::Script;
use serde_json::json;

use super::world::*;

#[test]
fn h56_a_flood_of_strangers() {
    let mut world = World::new();
    for n in 0..500 {
        world
            .fake
            .say(format!("<presence type='subscribe' from='eve{n}@evil.test'/>"));
        world.fake.say(format!(
            "<presence type='subscribe' from='{EVE}'><status>{}</status></presence>",
            "let me in ".repeat(50)
        ));
        world.fake.say(message(
            &format!("eve{n}@evil.test"),
            "i",
            "<x xmlns='jabber:x:conference' jid='room@rooms.test' reason='a prize'/>\
             <x xmlns='http://jabber.org/protocol/muc#user'><invite from='ola@family.test'><reason>a prize</reason></invite></x>",
        ));
    }
    world.settle("honest");
    let contacts = world.contacts();
    assert!(
        contacts.len() <= 101 && contacts.contains(&"ola@family.test".to_owned()),
        "{}",
        contacts.len()
    );
    assert_eq!(contacts.iter().filter(|it| *it == "eve@evil.test").count(), 1);
    assert_eq!(world.chats().len(), 1, "invitations begin no conversation");
    assert_eq!(world.fake.connections(), 1);
}

#[test]
fn h64_a_flood_of_questions() {
    // More than may be on their way without an acknowledgement.
    const QUESTIONS: usize = 6_000;
    let mut world = World::new();
    for n in 0..QUESTIONS {
        let caps = format!(
            "<presence from='{OLA}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n{n}' ver='{n}'/></presence>"
        );
        let question = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
        world.fake.say(caps);
        world
            .fake
            .say(format!("<iq type='get' from='{OLA}' id='d{n}'>{question}</iq>"));
    }
    world.settle("honest");
    assert_eq!(world.fake.connections(), 1);
    let heard = world.fake.heard();
    let answers = heard
        .iter()
        .filter(|it| it.name() == "iq" && it.attr("id").is_some_and(|id| id.starts_with('d')));
    assert!((1..=QUESTIONS).contains(&answers.count()), "as far as there was room");
    // Who asks afterwards is answered.
    let question = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    world.fake.await_acknowledged();
    let chat = world.grend.open(world.account, "ola@family.test");
    let message = world.grend.send(chat, "still here");
    world.grend.expect_state(message, "sent");
    world
        .fake
        .say(format!("<iq type='get' from='{OLA}' id='after'>{question}</iq>"));
    let answer = world.fake.expect(|it| it.attr("id") == Some("after"));
    assert_eq!(answer.attr("type"), Some("result"));
    assert_eq!(world.fake.connections(), 1);
    // What others claim to be able to do is asked of nobody.
    let asked = heard
        .iter()
        .filter(|it| it.attr("type") == Some("get") && it.attr("to").is_some_and(|to| to.starts_with("ola@")));
    assert_eq!(asked.count(), 0);
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
    assert!(world.contacts().is_empty());
    world.settle("after");
    assert_eq!(world.bodies("ola@family.test"), ["before", "after"]);
    assert_eq!(world.chats().len(), 1);
}

#[test]
fn h68_a_list_that_contradicts_itself() {
    let mut world = World::with(Script {
        contacts: "<item jid='ola@family.test' name='Ola' subscription='both'><group>a</group></item>\
                   <item jid='ola@family.test' name='Ola K' subscription='both'><group>b</group><group>b</group></item>\
                   <item jid='not an address'/><item/><item jid='mor@family.test' subscription='nonsense'/>\
                   <x xmlns='urn:x'/>"
            .to_owned(),
        ..Script::default()
    });
    world.settle("honest");
    assert_eq!(world.contacts(), ["ola@family.test"]);
    // Two in one push are refused whole (RFC 6121, section 2.1.6).
    let item = "<item jid='ola@family.test' subscription='remove'/>";
    world.fake.say(format!(
        "<iq type='set' id='two'><query xmlns='jabber:iq:roster'>{item}{item}</query></iq>"
    ));
    let answer = world.fake.expect(|it| it.attr("id") == Some("two"));
    assert_eq!(answer.attr("type"), Some("error"));
    assert_eq!(world.contacts(), ["ola@family.test"]);
}

#[test]
fn h69_a_large_archive_is_read_politely() {
    let archive = (0..1_000).map(|n| archived(n, &inner(OLA, "anna@family.test", &format!("w{n}"), &n.to_string())));
    let script = Script {
        archive: archive.collect(),
        leaves_to_test: Some(MAM),
        ..Script::default()
    };
    let fake = grend_tests::Fake::start(script);
    let folder = tempfile::tempdir().unwrap();
    let mut grend = grend_tests::Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
    // The newest, what came while they did, and three further back.
    for page in 1..=5 {
        let question = fake.expect(|it| it.children().any(|it| it.is("query", MAM)));
        let most: Vec<String> = question
            .children()
            .flat_map(|query| query.children())
            .flat_map(|set| set.children())
            .filter(|it| it.name() == "max")
            .map(minidom::Element::text)
            .collect();
        let [most] = most.as_slice() else {
            panic!("no limit: {question:?}")
        };
        assert!(
            (1..=250).contains(&most.parse::<u32>().unwrap()),
            "no counting, no heaps: {most}"
        );
        // While it waits it asks nothing else.
        fake.say(message(
            OLA,
            &format!("live {page}"),
            &format!("<body>live {page}</body>"),
        ));
        grend.expect_message(&format!("live {page}"));
        fake.await_acknowledged();
        let asked = fake
            .heard()
            .iter()
            .filter(|it| it.children().any(|it| it.is("query", MAM)))
            .count();
        assert_eq!(asked, page);
        fake.answer(&question);
    }
    let caught_up = grend.must(json!({"do": "wait_caught_up", "account": account}));
    assert_eq!(caught_up["stored"], 1_005);
}
