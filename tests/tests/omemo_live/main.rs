//! Encrypted conversations (XEP-0384) of Grend with clients written by others, on both servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod foreign;
mod verified;

use std::fs;
use std::path::Path;

use grend_tests::{Headless, Kind, Server, User, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

use foreign::{Foreign, InTerminal, Slixmpp};

/// Grend on one side.
struct Ours {
    grend: Headless,
    account: i64,
    user: User,
    chat: i64,
}

impl Ours {
    /// A new device that others can find.
    fn begin(server: &Server, user: &User, other: &str, folder: &Path) -> Self {
        let (mut grend, account) = Headless::online(folder, server, user);
        let chat = grend.open(account, other);
        let mut ours = Self {
            grend,
            account,
            user: user.clone(),
            chat,
        };
        ours.device();
        ours
    }

    /// The device that a backup of its folder is.
    fn restored(folder: &Path, other: &str, user: &User) -> Self {
        let mut grend = Headless::start(folder);
        let account = grend.must(json!({"do": "accounts"}))["accounts"][0]["account"]
            .as_i64()
            .unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let chat = grend.open(account, other);
        Self {
            grend,
            account,
            user: user.clone(),
            chat,
        }
    }

    fn devices(&mut self, address: &str) -> Vec<Value> {
        let found = self
            .grend
            .must(json!({"do": "devices", "account": self.account, "address": address}));
        found["devices"].as_array().cloned().expect("a list of devices")
    }

    /// Waits until a device of an address is as wanted.
    fn await_device(&mut self, address: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(device) = self.devices(address).into_iter().find(|device| wanted(device)) {
                return device;
            }
            self.grend.expect("devices");
        }
    }

    /// This device, once the server has it on the list.
    fn device(&mut self) -> Value {
        let address = self.user.address.clone();
        self.await_device(&address, |device| device["this"] == true && device["listed"] == true)
    }

    fn write(&mut self, body: &str) {
        let message = self.grend.send(self.chat, body);
        self.grend.expect_state(message, "sent");
        let written = self.in_timeline(body);
        assert_eq!(written["encryption"], "omemo", "{written}");
    }

    /// Waits until a message is there; it was encrypted by that device.
    fn reads(&mut self, body: &str, device: u32) {
        let message = self.grend.expect_message(body);
        assert_eq!(message["encryption"], "omemo", "{message}");
        assert_eq!(message["device"], device, "{message}");
        assert_eq!(message["unreadable"], Value::Null, "{message}");
    }

    fn in_timeline(&mut self, body: &str) -> Value {
        let messages = self.grend.timeline(self.chat, 100);
        let found = messages.iter().find(|message| message["body"] == body);
        found
            .cloned()
            .unwrap_or_else(|| panic!("{body:?} is not in {messages:?}"))
    }

    fn come_back(&mut self) {
        self.grend.restart();
        self.grend
            .must(json!({"do": "wait_caught_up", "account": self.account}));
    }

    /// Nothing in the conversation is in clear or cannot be read.
    fn is_whole(&mut self) {
        for message in self.grend.timeline(self.chat, 100) {
            assert_eq!(message["encryption"], "omemo", "{message}");
            assert_eq!(message["unreadable"], Value::Null, "{message}");
        }
    }
}

fn number(device: &Value) -> u32 {
    u32::try_from(device["number"].as_u64().expect("a number")).expect("31 bits")
}

/// Two people who are in each other's contact lists.
fn two(server: &Server, test: &str) -> [User; 2] {
    ["anna", "ola"].map(|name| server.add_user(&format!("{name}-{test}"), "secret"))
}

/// A conversation through everything that happens to people.
fn conversation<F: Foreign>(test: &str, we_begin: bool) {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, test);
        let folder = tempdir().unwrap();
        let mut theirs = F::begin(server, &ola, &anna.address, folder.path());
        let mut ours = Ours::begin(server, &anna, &ola.address, &folder.path().join("grend"));
        let device = ours.device();
        theirs.knows(&device);
        if we_begin {
            ours.write("hei, er det trygt her?");
            theirs.reads("hei, er det trygt her?");
        }
        both_ways(&mut ours, &mut theirs, "ja");
        ours.come_back();
        both_ways(&mut ours, &mut theirs, "etter at Grend ble startet på nytt");
        theirs.leave();
        theirs.come_back();
        both_ways(&mut ours, &mut theirs, "etter at den andre ble startet på nytt");
        // Away: the archive has it.
        ours.grend.kill_9();
        for number in 1..=3 {
            theirs.write(&format!("mens du sov {number}"));
        }
        ours.come_back();
        for number in 1..=3 {
            ours.in_timeline(&format!("mens du sov {number}"));
        }
        theirs.leave();
        for number in 1..=3 {
            ours.write(&format!("mens du var på skolen {number}"));
        }
        theirs.come_back();
        for number in 1..=3 {
            theirs.reads(&format!("mens du var på skolen {number}"));
        }
        both_ways(&mut ours, &mut theirs, "til slutt");
        ours.is_whole();
        assert_eq!(
            ours.device()["number"],
            device["number"],
            "the same device all the time"
        );
    }
}

fn both_ways(ours: &mut Ours, theirs: &mut impl Foreign, what: &str) {
    let (there, back) = (format!("{what}, sier den andre"), format!("{what}, sier Grend"));
    theirs.write(&there);
    ours.reads(&there, theirs.device());
    ours.write(&back);
    theirs.reads(&back);
}

#[test]
fn with_slixmpp_who_begins() {
    conversation::<Slixmpp>("slixmpp-begins", false);
}

#[test]
fn with_slixmpp_when_we_begin() {
    conversation::<Slixmpp>("slixmpp-waits", true);
}

#[test]
fn with_profanity_which_begins() {
    conversation::<InTerminal>("profanity-begins", false);
}

#[test]
fn with_profanity_when_we_begin() {
    conversation::<InTerminal>("profanity-waits", true);
}

/// The other one reinstalls: a new device with new keys, while the old one stays on the list.
fn they_lose_their_keys<F: Foreign>(test: &str) {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, test);
        let folder = tempdir().unwrap();
        let mut theirs = F::begin(server, &ola, &anna.address, folder.path());
        let mut ours = Ours::begin(server, &anna, &ola.address, &folder.path().join("grend"));
        let device = ours.device();
        theirs.knows(&device);
        both_ways(&mut ours, &mut theirs, "først");
        theirs.leave();
        theirs.come_back_without_keys();
        theirs.knows(&device);
        both_ways(&mut ours, &mut theirs, "med ny telefon");
        ours.is_whole();
    }
}

#[test]
fn slixmpp_loses_its_keys() {
    they_lose_their_keys::<Slixmpp>("slixmpp-loses");
}

#[test]
fn profanity_loses_its_keys() {
    they_lose_their_keys::<InTerminal>("profanity-loses");
}

/// We reinstall: a new device with new keys.
fn we_lose_our_keys<F: Foreign>(test: &str) {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, test);
        let folder = tempdir().unwrap();
        let mut theirs = F::begin(server, &ola, &anna.address, folder.path());
        let mut ours = Ours::begin(server, &anna, &ola.address, &folder.path().join("grend"));
        let device = ours.device();
        theirs.knows(&device);
        both_ways(&mut ours, &mut theirs, "først");
        ours.grend.kill_9();
        let mut ours = Ours::begin(server, &anna, &ola.address, &folder.path().join("new"));
        assert_ne!(ours.device()["number"], device["number"]);
        theirs.knows(&ours.device());
        both_ways(&mut ours, &mut theirs, "med ny maskin");
        // What was written before stands there, with a reason and without a text.
        let before = ours.grend.timeline(ours.chat, 100);
        let unreadable: Vec<_> = before.iter().filter(|it| it["unreadable"].is_string()).collect();
        assert_eq!(unreadable.len(), 2, "{before:?}");
        assert!(unreadable.iter().all(|message| message["body"] == ""), "{unreadable:?}");
    }
}

#[test]
fn we_lose_our_keys_with_slixmpp() {
    we_lose_our_keys::<Slixmpp>("we-lose-s");
}

#[test]
fn we_lose_our_keys_with_profanity() {
    we_lose_our_keys::<InTerminal>("we-lose-p");
}

/// Copies what is in a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// The computer breaks, and a backup of some days ago comes onto a new one: the same device, which others write to as before.
fn a_backup<F: Foreign>(test: &str) {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, test);
        let folder = tempdir().unwrap();
        let [old, backup] = ["grend", "backup"].map(|name| folder.path().join(name));
        let mut theirs = F::begin(server, &ola, &anna.address, folder.path());
        let mut ours = Ours::begin(server, &anna, &ola.address, &old);
        let device = ours.device();
        theirs.knows(&device);
        both_ways(&mut ours, &mut theirs, "før");
        ours.grend.quit();
        copy(&old, &backup);
        ours.come_back();
        for what in ["en", "to"] {
            both_ways(&mut ours, &mut theirs, what);
        }
        ours.grend.kill_9();
        let mut ours = Ours::restored(&backup, &ola.address, &anna);
        assert_eq!(ours.device()["number"], device["number"], "the same device");
        ours.write("jeg har fått ny maskin");
        theirs.reads("jeg har fått ny maskin");
        for what in ["etter", "og igjen"] {
            both_ways(&mut ours, &mut theirs, what);
        }
        // What we had written since is lost, and nothing is in the clear.
        let messages = ours.grend.timeline(ours.chat, 100);
        assert!(messages.iter().all(|it| it["encryption"] == "omemo"), "{messages:?}");
        let lost: Vec<_> = messages.iter().filter(|it| it["unreadable"] == "own").collect();
        assert_eq!(lost.len(), 2, "{messages:?}");
    }
}

#[test]
fn a_backup_with_slixmpp() {
    a_backup::<Slixmpp>("backup-s");
}

#[test]
fn a_backup_with_profanity() {
    a_backup::<InTerminal>("backup-p");
}

/// Two devices of each, all different: everybody reads everything.
#[test]
fn two_devices_on_each_side() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, "four");
        let folder = tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let mut profanity = InTerminal::begin(server, &ola, &anna.address, folder.path());
        let mut slixmpp = Slixmpp::begin(server, &ola, &anna.address, folder.path());
        let mut laptop = Ours::begin(server, &anna, &ola.address, &place("laptop"));
        let mut desktop = Ours::begin(server, &anna, &ola.address, &place("desktop"));
        for ours in [&mut laptop, &mut desktop] {
            let device = ours.device();
            profanity.knows(&device);
            slixmpp.knows(&device);
        }
        let numbers = [&mut laptop, &mut desktop].map(|ours| number(&ours.device()));
        for (ours, other) in [(&mut laptop, numbers[1]), (&mut desktop, numbers[0])] {
            ours.await_device(&anna.address, |device| device["number"] == other);
        }

        laptop.write("fra den bærbare");
        desktop.reads("fra den bærbare", numbers[0]);
        profanity.reads("fra den bærbare");
        slixmpp.reads("fra den bærbare");
        // Profanity first: it has had the desktop's keys since it heard of it, and slixmpp, which fetches them now, might by chance take
        // the same one-time key.
        profanity.write("fra Profanity");
        for ours in [&mut laptop, &mut desktop] {
            ours.reads("fra Profanity", profanity.device());
        }
        slixmpp.write("fra slixmpp");
        for ours in [&mut laptop, &mut desktop] {
            ours.reads("fra slixmpp", slixmpp.device());
            ours.is_whole();
        }
        desktop.write("fra den store");
        laptop.reads("fra den store", numbers[1]);
        profanity.reads("fra den store");
        slixmpp.reads("fra den store");
    }
}

/// The tablet is lost: nobody writes to it any more. It is found: it comes back, and the user is told.
#[test]
fn a_device_that_is_removed_and_comes_back() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, "removed");
        let folder = tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let mut theirs = Slixmpp::begin(server, &ola, &anna.address, folder.path());
        let mut laptop = Ours::begin(server, &anna, &ola.address, &place("laptop"));
        let mut tablet = Ours::begin(server, &anna, &ola.address, &place("tablet"));
        let device = tablet.device();
        let same = |it: &Value| it["number"] == device["number"] && it["listed"] == true;
        let known = laptop.await_device(&anna.address, same);
        assert_eq!(known["new"], true, "{known}");
        laptop.write("til alle");
        tablet.reads("til alle", number(&laptop.device()));
        theirs.knows(&device);
        tablet.grend.kill_9();
        laptop.grend.must(json!({"do": "remove", "device": known["device"]}));
        theirs.misses(number(&device));
        tablet.come_back();
        let back = laptop.await_device(&anna.address, same);
        assert_eq!(
            (&back["new"], &back["trust"]),
            (&json!(true), &json!("refused")),
            "{back}"
        );
        theirs.knows(&device);
        laptop.write("ikke for nettbrettet");
        theirs.reads("ikke for nettbrettet");
        both_ways(&mut tablet, &mut theirs, "derfra");
    }
}

/// Nobody in anybody's contact list: nothing is told by itself, everything has to be asked for.
#[test]
fn strangers() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folder = tempdir().unwrap();
        let mut theirs = Slixmpp::begin(server, &ola, &anna.address, folder.path());
        let mut ours = Ours::begin(server, &anna, &ola.address, &folder.path().join("grend"));
        ours.write("hei, vi kjenner ikke hverandre");
        theirs.reads("hei, vi kjenner ikke hverandre");
        both_ways(&mut ours, &mut theirs, "nei, ikke ennå");
        // The server does not tell us of a new device of a stranger. The device itself does, by writing.
        theirs.leave();
        theirs.come_back_without_keys();
        both_ways(&mut ours, &mut theirs, "med ny telefon");
        ours.is_whole();
    }
}
