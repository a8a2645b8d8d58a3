//! What was missed arrives, once, in order; what is older comes when somebody scrolls. On both servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use grend_tests::{Archived, Headless, Kind, Peer, Server, User, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

const DAY: i64 = 86_400_000;
/// A Saturday in November 2026, ms UTC.
const NOW: i64 = 1_795_000_000_000;

fn bodies(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| message["body"].as_str())
        .map(ToOwned::to_owned)
        .collect()
}

/// Numbered small talk between two people, `step` ms apart.
fn history(server: &Server, (a, b): (&User, &User), count: i64, step: i64) {
    let messages: Vec<_> = (0..count)
        .map(|n| {
            let (from, to) = if n % 3 == 0 { (b, a) } else { (a, b) };
            Archived {
                from: from.name.clone(),
                to: to.name.clone(),
                room: false,
                body: format!("number {n}"),
                at: NOW - 30 * DAY + n * step,
                id: format!("history-{n}"),
            }
        })
        .collect();
    server.import(&messages);
}

fn numbers(range: std::ops::Range<i64>) -> Vec<String> {
    range.map(|n| format!("number {n}")).collect()
}

#[test]
fn what_was_missed_arrives_once_and_in_order() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let mut peer = Peer::online(server, &ola, "phone");
        peer.send(&anna.address, "number 0");
        let got = grend.expect_message("number 0");
        grend.quit();
        for n in 1..700 {
            peer.must(json!({"do": "send", "to": anna.address, "body": format!("number {n}")}));
        }
        peer.must(json!({"do": "ping"}));
        grend.restart();
        let chat = grend.open(account, &ola.address);
        let stored = grend.must(json!({"do": "wait_caught_up", "account": account}))["stored"].clone();
        assert_eq!(stored, 700, "{kind:?}");
        assert_eq!(bodies(&grend.timeline(chat, 1000)), numbers(0..700), "{kind:?}");
        let list = grend.must(json!({"do": "chats"}));
        assert_eq!(list["chats"][0]["unread"], 700);
        // Live again, and still once.
        peer.send(&anna.address, "number 700");
        grend.expect_message("number 700");
        grend.restart();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let timeline = grend.timeline(chat, 1000);
        assert_eq!(bodies(&timeline), numbers(0..701), "{kind:?}");
        assert_eq!(timeline[0]["id"], got["id"]);
        assert!(timeline.iter().all(|message| message["archive_id"].is_string()));
    }
}

#[test]
fn a_new_device_has_the_newest_at_once_and_the_rest_soon() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        // Ten a second: Prosody's stamps have whole seconds, so the order must come from the archive.
        history(server, (&anna, &ola), 1_000, 100);
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let chat = grend.open(account, &ola.address);
        let found = grend.must(json!({"do": "timeline", "chat": chat, "limit": 2000}));
        assert_eq!(
            bodies(found["messages"].as_array().unwrap()),
            numbers(0..1_000),
            "{kind:?}"
        );
        assert_eq!(found["complete"], true);
        // History is not news.
        assert_eq!(grend.must(json!({"do": "chats"}))["chats"][0]["unread"], 0);
        let page = grend.must(json!({"do": "timeline", "chat": chat, "limit": 50}));
        assert_eq!(page["complete"], false);
        let before = page["messages"][0]["id"].clone();
        let older = grend.must(json!({"do": "timeline", "chat": chat, "limit": 50, "before": before}));
        assert_eq!(bodies(older["messages"].as_array().unwrap()), numbers(900..950));
        grend.quit();
    }
}

#[test]
fn what_another_device_sends_and_reads_appears_here() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let mut phone = Peer::online(server, &anna, "phone");
        let mut peer = Peer::online(server, &ola, "pc");
        let id = peer.send(&anna.address, "are you there?");
        let got = grend.expect_message("are you there?");
        phone.expect_message("are you there?");
        assert_eq!(grend.must(json!({"do": "chats"}))["chats"][0]["unread"], 1);
        phone.must(json!({"do": "marker", "to": ola.address, "of": id}));
        phone.send(&ola.address, "on my phone");
        let carbon = grend.expect_message("on my phone");
        assert_eq!(carbon["mine"], true);
        assert_eq!(carbon["state"], "sent");
        assert_eq!(grend.must(json!({"do": "chats"}))["chats"][0]["unread"], 0);
        let chat = grend.open(account, &ola.address);
        assert_eq!(bodies(&grend.timeline(chat, 10)), ["are you there?", "on my phone"]);
        // After a restart the archive tells the same, and nothing twice.
        grend.restart();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let timeline = grend.timeline(chat, 10);
        assert_eq!(bodies(&timeline), ["are you there?", "on my phone"]);
        assert_eq!(timeline[0]["id"], got["id"]);
        assert_eq!(timeline[1]["id"], carbon["id"]);
    }
}

#[test]
fn what_was_written_without_a_network_leaves_when_it_is_back() {
    for kind in Kind::ALL {
        let mut server = Server::start(kind, grend_tests::Options::default());
        let (anna, ola) = (server.add_user("anna", "one"), server.add_user("ola", "two"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), &server, &anna);
        let chat = grend.open(account, &ola.address);
        server.stop();
        grend.expect_event(std::time::Duration::from_secs(20), |event| {
            event["connection"] == "waiting"
        });
        let first = grend.send(chat, "written on the train");
        grend.must(json!({"do": "draft", "chat": chat, "text": "half a thou"}));
        assert_eq!(grend.timeline(chat, 10)[0]["state"], "queued");
        grend.restart();
        let second = grend.send(chat, "and after a restart");
        server.resume();
        grend.must(json!({"do": "network_changed"}));
        grend.expect_state(second, "sent");
        let mut peer = Peer::online(&server, &ola, "phone");
        let archived = peer.archive(None);
        assert_eq!(
            bodies(&archived),
            ["written on the train", "and after a restart"],
            "{kind:?}"
        );
        let states: Vec<_> = grend.timeline(chat, 10).iter().map(|it| it["state"].clone()).collect();
        assert_eq!(states, ["sent", "sent"], "{first} {second}");
    }
}

#[test]
fn killed_between_any_two_steps_every_message_exists_once() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), server, &anna);
        let chat = grend.open(account, &ola.address);
        let mut peer = Peer::online(server, &ola, "phone");
        for round in 0..12 {
            grend.send(chat, &format!("mine {round}"));
            peer.send(&anna.address, &format!("theirs {round}"));
            // Each round dies one step later than the one before.
            match round % 4 {
                0 => {}
                1 => drop(grend.expect_event(grend_tests::dialogue::PATIENCE, |event| event["event"] == "message")),
                2 => drop(grend.expect_message(&format!("theirs {round}"))),
                _ => drop(grend.must(json!({"do": "wait_caught_up", "account": account}))),
            }
            grend.restart();
        }
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let last = grend.send(chat, "the end");
        grend.expect_state(last, "sent");
        peer.must(json!({"do": "ping"}));
        let sides: [(Vec<String>, &str); 2] = [
            (bodies(&grend.timeline(chat, 100)), "here"),
            (bodies(&peer.archive(None)), "there"),
        ];
        for (bodies, side) in sides {
            for round in 0..12 {
                for who in ["mine", "theirs"] {
                    let body = format!("{who} {round}");
                    let count = bodies.iter().filter(|it| **it == body).count();
                    assert_eq!(count, 1, "{kind:?}: “{body}” {side}: {bodies:?}");
                }
            }
        }
    }
}

#[test]
fn whoever_scrolls_up_sees_no_hole() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola, mor) = (
            server.add_stranger("anna"),
            server.add_stranger("ola"),
            server.add_stranger("mor"),
        );
        // The newest page is all Mor's: of Ola's messages nothing comes with it.
        history(server, (&anna, &ola), 600, 1_000);
        let later: Vec<_> = (0..400)
            .map(|n| Archived {
                from: mor.name.clone(),
                to: anna.name.clone(),
                room: false,
                body: format!("later {n}"),
                at: NOW + n * 1_000,
                id: format!("later-{n}"),
            })
            .collect();
        server.import(&later);
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(grend_tests::headless::sign_in(server, &anna))["account"].clone();
        let chat = grend.open(account.as_i64().unwrap(), &ola.address);
        // A fast server may have told everything before we ask: also then there is no hole.
        grend.must(json!({"do": "fill", "chat": chat}));
        let shown = bodies(&grend.timeline(chat, 1_000));
        assert!(shown.len() >= 100, "{kind:?}: {}", shown.len());
        let first = 600 - i64::try_from(shown.len()).unwrap();
        assert_eq!(shown, numbers(first..600), "{kind:?}");
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        assert_eq!(bodies(&grend.timeline(chat, 1_000)), numbers(0..600), "{kind:?}");
        grend.must(json!({"do": "fill", "chat": chat}));
        grend.quit();
    }
}
