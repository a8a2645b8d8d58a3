//! The first conversation, through every layer, on both servers: Grend on one side, Grend or a foreign client on the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use grend_tests::{Headless, Kind, Peer, shared};
use serde_json::json;
use tempfile::tempdir;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn two_grends_talk() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folders = (tempdir().unwrap(), tempdir().unwrap());
        let (mut a, account) = Headless::online(folders.0.path(), server, &anna);
        let (mut b, _) = Headless::online(folders.1.path(), server, &ola);
        let chat = a.open(account, &ola.address);
        let message = a.send(chat, "hei, hører du meg? 👋");
        let got = b.expect_message("hei, hører du meg? 👋");
        assert_eq!(got["mine"], false);
        assert_eq!(got["from"], anna.address.as_str());
        assert_eq!(got["state"], "received");
        // Ola does not know Anna yet: her server has it, and nothing is told of his devices.
        a.expect_state(message, "sent");
        let back = b.must(json!({"do": "chats"}))["chats"][0].clone();
        assert_eq!(back["unread"], 1);
        let back = back["chat"].as_i64().unwrap();
        b.send(back, "ja, godt!");
        a.expect_message("ja, godt!");
        // They have met: now devices tell what arrived and what was read.
        let second = a.send(chat, "fint!");
        let got = b.expect_message("fint!");
        a.expect_state(second, "delivered");
        b.must(json!({"do": "displayed", "chat": back, "message": got["id"]}));
        a.expect_state(second, "displayed");
        let states: Vec<_> = a.timeline(chat, 10).iter().map(|it| it["state"].clone()).collect();
        assert_eq!(states, ["displayed", "received", "displayed"]);
        assert_eq!(b.must(json!({"do": "chats"}))["chats"][0]["unread"], 0);
        b.quit();
        a.quit();
    }
}

#[test]
fn a_foreign_client_talks_with_grend() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let mut peer = Peer::online(server, &ola, "phone");
        let chat = grend.open(account, &ola.address);
        let message = grend.send(chat, "to slixmpp");
        let got = peer.expect_message("to slixmpp");
        peer.must(json!({"do": "receipt", "to": anna.address, "of": got["id"]}));
        grend.expect_state(message, "delivered");
        peer.must(json!({"do": "marker", "to": anna.address, "of": got["id"]}));
        grend.expect_state(message, "displayed");
        let id = peer.send(&anna.address, "from slixmpp");
        let got = grend.expect_message("from slixmpp");
        assert_eq!(got["wire_id"], id.as_str());
        let receipt = peer.expect_event(PATIENCE, |event| event["event"] == "receipt");
        assert_eq!(receipt["of"], id.as_str());
        grend.must(json!({"do": "displayed", "chat": chat, "message": got["id"]}));
        let marker = peer.expect_event(PATIENCE, |event| event["event"] == "marker");
        assert_eq!(marker["of"], id.as_str());
        grend.quit();
    }
}
