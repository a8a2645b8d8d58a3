//! Two Grends make sure of each other by a link, and of what comes after: a link that lies, a new device, one that is removed.

use grend_tests::{Headless, Kind, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

use super::{Ours, number, two};

impl Ours {
    fn link(&mut self) -> String {
        let answer = self.grend.must(json!({"do": "link", "account": self.account}));
        answer["link"].as_str().expect("a link").to_owned()
    }

    fn compare(&mut self, address: &str, link: &str) -> Value {
        self.grend
            .must(json!({"do": "compare", "account": self.account, "address": address, "link": link}))
    }
}

#[test]
fn a_link_verifies_and_from_then_on_new_devices_wait() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let [anna, ola] = two(server, "verified");
        let folder = tempdir().unwrap();
        let mut a = Ours::begin(server, &anna, &ola.address, &folder.path().join("a"));
        let mut o = Ours::begin(server, &ola, &anna.address, &folder.path().join("o"));
        let (ours, theirs) = (number(&a.device()), number(&o.device()));
        a.await_device(&ola.address, |device| number(device) == theirs);
        a.write("hei");
        o.reads("hei", ours);

        let link = o.link();
        // Every way in which a link can be wrong, before the right one: none of them marks anything.
        let digits = link.len() - 64;
        let lie = format!("{}{}", &link[..digits], a.link().split('=').nth(1).expect("digits"));
        let found = a.compare(&ola.address, &lie);
        assert_eq!(
            (&found["found"], &found["devices"]),
            (&json!("differs"), &json!([theirs]))
        );
        assert_eq!(a.compare(&ola.address, &link[..digits + 63])["found"], "no_link");
        assert_eq!(a.compare(&anna.address, &link)["found"], "other");
        let trust = |device: &Value| device["trust"].clone();
        assert!(a.devices(&ola.address).iter().all(|device| trust(device) == "blind"));
        let found = a.compare(&ola.address, &link);
        assert_eq!((&found["found"], &found["verified"]), (&json!("same"), &json!(1)));
        assert_eq!(found["others"], json!([]));
        assert!(a.devices(&ola.address).iter().all(|device| trust(device) == "verified"));
        o.write("nå vet du at det er meg");
        a.reads("nå vet du at det er meg", theirs);

        // Another device of Ola's: his first one tells him, Anna's waits for her word.
        let (mut tablet, account) = Headless::online(&folder.path().join("tablet"), server, &ola);
        let new = o.await_device(&ola.address, |device| device["new"] == true);
        let tablet_number = number(&new);
        a.await_device(&ola.address, |device| number(device) == tablet_number);
        a.write("bare til telefonen");
        o.reads("bare til telefonen", ours);
        let waits = a.await_device(&ola.address, |device| trust(device) == "undecided");
        assert_eq!(number(&waits), tablet_number);
        a.grend
            .must(json!({"do": "trust", "device": waits["device"], "state": "blind"}));
        a.write("til begge");
        o.reads("til begge", ours);
        tablet.must(json!({"do": "wait_caught_up", "account": account}));
        // What was there before it is no news to it.
        let known = tablet.must(json!({"do": "devices", "account": account, "address": ola.address}));
        let known = known["devices"].as_array().expect("a list of devices");
        assert_eq!(
            known.iter().map(|device| &device["new"]).collect::<Vec<_>>(),
            [false, false]
        );
        let chat = tablet.open(account, &anna.address);
        tablet.expect_message("til begge");
        let before: Vec<Value> = tablet.timeline(chat, 100);
        let closed = |message: &&Value| message["unreadable"] == "not_for_this_device";
        assert!(before.iter().any(|message| closed(&message)), "{before:?}");

        // It is lost: from then on it is on nobody's list.
        tablet.quit();
        o.grend.must(json!({"do": "remove", "device": new["device"]}));
        a.await_device(&ola.address, |device| {
            number(device) == tablet_number && device["listed"] == false
        });
        a.write("bare til telefonen igjen");
        o.reads("bare til telefonen igjen", ours);
    }
}
