//! The foreign clients among themselves, encrypted (XEP-0384): if these tests fail, those of Grend with them say nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use grend_tests::{Kind, Peer, Profanity, Server, User, shared};
use serde_json::json;
use tempfile::tempdir;

/// Two people who are in each other's contact lists.
fn two(server: &Server, test: &str) -> [User; 2] {
    ["anna", "ola"].map(|name| server.add_user(&format!("{name}-{test}"), "secret"))
}

#[test]
fn slixmpp_and_profanity_understand_each_other() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, "peers");
        let folder = tempdir().unwrap();
        let home = folder.path().join("profanity");
        let (mut profanity, device) = Profanity::with_keys(&home, server, &ola);
        let (mut peer, _) = Peer::encrypted(server, &anna, "phone", &folder.path().join("keys"));
        peer.send_encrypted(&ola.address, "hei fra slixmpp");
        profanity.open(&anna.address);
        profanity.expect_encrypted("hei fra slixmpp");
        profanity.type_line("hei fra Profanity");
        assert_eq!(peer.expect_encrypted("hei fra Profanity")["device"], device);
        // Its keys are still there after a power cut.
        profanity.kill_9();
        let mut profanity = Profanity::start(&home, server, &ola);
        peer.send_encrypted(&ola.address, "er du der?");
        profanity.open(&anna.address);
        profanity.expect_encrypted("er du der?");
        profanity.type_line("ja");
        assert_eq!(peer.expect_encrypted("ja")["device"], device);
    }
}

#[test]
fn slixmpp_reads_what_the_archive_has() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, "archive");
        let folder = tempdir().unwrap();
        let keys = |name: &str| folder.path().join(name);
        let (mut a, _) = Peer::encrypted(server, &anna, "phone", &keys("a"));
        let (b, device) = Peer::encrypted(server, &ola, "phone", &keys("b"));
        drop(b);
        for number in 1..=3 {
            a.send_encrypted(&ola.address, &format!("mens du var borte {number}"));
        }
        a.must(json!({"do": "ping"}));
        // Not present: nothing comes by itself.
        let mut b = Peer::with_omemo();
        let mut request = Peer::connect_with_keys(server, &ola, "phone", &keys("b"));
        request["presence"] = false.into();
        assert_eq!(b.must(request)["device"], device);
        let found = b.must(json!({"do": "archive", "with": anna.address, "decrypt": true}));
        let found = found["messages"].as_array().expect("messages").iter();
        let bodies: Vec<_> = found.filter_map(|message| message["body"].as_str()).collect();
        assert_eq!(bodies, [1, 2, 3].map(|number| format!("mens du var borte {number}")));
        b.send_encrypted(&anna.address, "nå er jeg her");
        assert_eq!(a.expect_encrypted("nå er jeg her")["device"], device);
    }
}
