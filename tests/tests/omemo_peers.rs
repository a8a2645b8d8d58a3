//! The foreign clients among themselves, encrypted (XEP-0384): if these tests fail, those of Grend with them say nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use grend_tests::{Kind, Peer, Profanity, Server, User, shared};
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
fn two_slixmpps_and_the_archive() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, "archive");
        let folder = tempdir().unwrap();
        let keys = |name: &str| folder.path().join(name);
        let (mut a, _) = Peer::encrypted(server, &anna, "phone", &keys("a"));
        let (b, _) = Peer::encrypted(server, &ola, "phone", &keys("b"));
        drop(b);
        a.send_encrypted(&ola.address, "mens du var borte");
        let mut b = Peer::encrypted(server, &ola, "phone", &keys("b")).0;
        b.expect_encrypted("mens du var borte");
        b.send_encrypted(&anna.address, "nå er jeg her");
        a.expect_encrypted("nå er jeg her");
    }
}
