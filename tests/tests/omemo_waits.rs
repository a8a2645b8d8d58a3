//! Who waits for whom when it is not known yet who may read a message.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use grend_tests::fake::Script;
use grend_tests::{Fake, Headless};
use minidom::Element;
use serde_json::json;
use tempfile::tempdir;

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const KARI: &str = "kari@silent.test";

/// What the fake server hears next: a question about devices, or the text of a message.
fn next(fake: &Fake) -> Result<Element, String> {
    let heard = fake.expect(|it| {
        it.children()
            .any(|child| child.is("pubsub", PUBSUB) || child.name() == "body")
    });
    let body = heard.children().find(|child| child.name() == "body");
    match body.map(Element::text) {
        Some(body) => Err(body),
        None => Ok(heard),
    }
}

#[test]
fn a_silent_server_holds_up_its_own_people_only() {
    let fake = Fake::start(Script {
        leaves_to_test: Some(PUBSUB),
        ..Script::default()
    });
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    let [kari, ola] = [KARI, "ola@family.test"].map(|who| grend.open(account, who));
    for (chat, body) in [(kari, "en"), (kari, "to"), (ola, "hei"), (kari, "tre")] {
        grend.send(chat, body);
    }
    let mut unanswered = Vec::new();
    let first = loop {
        match next(&fake) {
            Ok(question) if question.attr("to") == Some(KARI) => unanswered.push(question),
            Ok(question) => fake.answer(&question),
            Err(body) => break body,
        }
    };
    assert_eq!(first, "hei");
    unanswered.iter().for_each(|question| fake.answer(question));
    let mut bodies = Vec::new();
    while bodies.len() < 3 {
        match next(&fake) {
            Ok(question) => fake.answer(&question),
            Err(body) => bodies.push(body),
        }
    }
    assert_eq!(bodies, ["en", "to", "tre"]);
}
