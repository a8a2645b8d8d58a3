//! More than a family ever writes at once: nothing is lost, and Grend goes on. How fast is a matter of `tests/bench`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use grend_tests::{Archived, Headless, Kind, Options, Peer, Server, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn five_thousand_messages_at_once_are_all_there_in_order() {
    const COUNT: usize = 5_000;
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let mut peer = Peer::online(server, &ola, "phone");
        peer.ask(json!({"do": "flood", "to": anna.address, "body": "flood", "count": COUNT}));
        let last = format!("flood {}", COUNT - 1);
        let ended = |event: &Value| event["event"] == "message" && event["message"]["body"] == last.as_str();
        grend.expect_event(PATIENCE, ended);
        let chat = grend.open(account, &ola.address);
        let bodies: Vec<String> = grend
            .timeline(chat, 10_000)
            .iter()
            .map(|it| it["body"].as_str().unwrap().to_owned())
            .collect();
        let expected: Vec<String> = (0..COUNT).map(|n| format!("flood {n}")).collect();
        assert!(
            bodies == expected,
            "{kind:?}: {} of {COUNT}, or not in order",
            bodies.len()
        );
        // It was not thrown out for being slow, and goes on.
        let cut = grend.events().iter().filter(|it| it["connection"] == "waiting");
        assert_eq!(cut.count(), 0, "{kind:?}");
        let answer = grend.send(chat, "enough");
        grend.expect_state(answer, "sent");
        peer.expect_event(PATIENCE, |event| {
            event["event"] == "message" && event["body"] == "enough"
        });
    }
}

#[test]
fn a_thousand_chats_are_all_in_the_list() {
    const COUNT: i64 = 1_000;
    let server = Server::start(Kind::Ejabberd, Options::default());
    let anna = server.add_user("anna", "secret");
    let messages: Vec<_> = (0..COUNT)
        .map(|n| Archived {
            from: format!("person{n}"),
            to: anna.name.clone(),
            room: false,
            body: format!("hello from {n}"),
            at: 1_790_000_000_000 + n * 1_000,
            id: format!("hello-{n}"),
        })
        .collect();
    server.import(&messages);
    let folder = tempdir().unwrap();
    let (mut grend, _) = Headless::online(folder.path(), &server, &anna);
    let chats = grend.must(json!({"do": "chats"}));
    let last: Vec<_> = chats["chats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["last"].clone())
        .collect();
    let expected: Vec<_> = (0..COUNT).rev().map(|n| format!("hello from {n}")).collect();
    assert_eq!(last, expected, "the newest stand first");
}
