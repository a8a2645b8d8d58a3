//! Whether somebody looks at Grend is told to the server, which may then hold back what can wait; a message never waits.
//! XEP-0352.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use grend_tests::fake::Script;
use grend_tests::headless::sign_in;
use grend_tests::{Fake, Headless, Kind, Options, Peer, Proxy, Server};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::tempdir;

const PATIENCE: Duration = Duration::from_secs(20);

fn signal(server: &Server, signal: Signal) {
    let pid = server.pid().expect("the server runs").cast_signed();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// What comes in the same breath in which Grend says that nobody looks is not held back with what can wait: Prosody's
/// `mod_csi_simple` (0.12) stops writing, with the message in its buffer already.
#[test]
fn a_message_that_comes_while_somebody_looks_away() {
    for kind in Kind::ALL {
        let server = Server::start(kind, Options::default());
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let (mut grend, _) = Headless::online(folder.path(), &server, &anna);
        let mut peer = Peer::online(&server, &ola, "phone");
        for round in 0..60 {
            // A busy server finds both at once.
            signal(&server, Signal::STOP);
            let looks_away = |grend: &mut Headless| drop(grend.must(json!({"do": "active", "on": false})));
            let body = format!("round {round}");
            if round % 2 == 0 {
                looks_away(&mut grend);
            }
            peer.send(&anna.address, &body);
            if round % 2 == 1 {
                looks_away(&mut grend);
            }
            signal(&server, Signal::CONT);
            grend.expect_message(&body);
            grend.must(json!({"do": "active", "on": true}));
        }
    }
}

/// A stream that goes on does so as if somebody looked, say the XEP; Prosody 0.12 remembers half of the old state, and
/// stops writing five seconds later.
#[test]
fn a_stream_that_goes_on_while_somebody_looks_again() {
    for kind in Kind::ALL {
        let server = Server::start(kind, Options::default());
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let (folder, proxy) = (tempdir().unwrap(), Proxy::to(server.port()));
        let mut request = sign_in(&server, &anna);
        request["port"] = proxy.port().into();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request)["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let mut peer = Peer::online(&server, &ola, "phone");
        grend.must(json!({"do": "active", "on": false}));
        peer.send(&anna.address, "nobody looks");
        grend.expect_message("nobody looks");
        proxy.break_now();
        grend.expect_event(PATIENCE, |event| event["connection"] == "waiting");
        grend.must(json!({"do": "active", "on": true}));
        proxy.mend();
        grend.must(json!({"do": "network_changed"}));
        let online = |event: &serde_json::Value| event["connection"] == "online";
        assert_eq!(grend.expect_event(PATIENCE, online)["resumed"], true, "{kind:?}");
        let since = Instant::now();
        for number in 0.. {
            let body = format!("somebody looks {number}");
            peer.send(&anna.address, &body);
            grend.expect_message(&body);
            if since.elapsed() > Duration::from_secs(7) {
                break;
            }
        }
        assert_eq!(proxy.connected(), 2, "{kind:?}");
    }
}

#[test]
fn a_server_that_did_not_offer_to_listen_is_told_nothing() {
    for (offers, told) in [("", 0), ("<csi xmlns='urn:xmpp:csi:0'/>", 2)] {
        let fake = Fake::start(Script {
            more_features: offers.to_owned(),
            ..Script::default()
        });
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        grend.must(json!({"do": "active", "on": false}));
        grend.must(json!({"do": "active", "on": true}));
        let chat = grend.open(account, "ola@family.test");
        grend.send(chat, "after that");
        fake.expect_message("after that");
        let heard = fake.heard();
        let states = heard.iter().filter(|element| element.ns() == "urn:xmpp:csi:0");
        assert_eq!(states.count(), told, "{offers}");
    }
}
