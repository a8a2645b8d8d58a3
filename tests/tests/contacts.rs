//! The family's contact list: shared by the server, or asked for and answered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use grend_tests::{Headless, Kind, Options, Peer, Server, shared};
use serde_json::{Value, json};
use tempfile::tempdir;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

fn contacts(grend: &mut Headless) -> Vec<Value> {
    grend.must(json!({"do": "contacts"}))["contacts"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn the_shared_contact_list_is_there_at_once() {
    for server in Server::both(&Options::default()) {
        let (anna, ola) = (server.add_user("anna", "one"), server.add_user("ola", "two"));
        let folder = tempdir().unwrap();
        let (mut grend, _) = Headless::online(folder.path(), &server, &anna);
        let kind = server.kind();
        let list = contacts(&mut grend);
        let found = list.iter().find(|contact| contact["address"] == ola.address.as_str());
        let found = found.unwrap_or_else(|| panic!("{kind:?}: {list:?}"));
        assert_eq!(found["name"], "Ola", "{kind:?}");
        assert_eq!(found["groups"], json!(["Family"]), "{kind:?}");
        assert_eq!(
            (&found["we_see_them"], &found["they_see_us"]),
            (&json!(true), &json!(true))
        );
        // And who is there shows.
        let mut peer = Peer::online(&server, &ola, "phone");
        let here = |show: &'static str| {
            let address = ola.address.clone();
            move |event: &Value| {
                event["event"] == "presence" && event["address"] == address.as_str() && event["show"] == show
            }
        };
        grend.expect_event(PATIENCE, here("available"));
        peer.must(json!({"do": "presence", "show": "away"}));
        grend.expect_event(PATIENCE, here("away"));
        let chat = {
            peer.send(&anna.address, "hei");
            grend.expect_message("hei");
            grend.must(json!({"do": "chats"}))["chats"][0]["chat"].clone()
        };
        peer.must(json!({"do": "typing", "to": anna.address, "on": true}));
        grend.expect_event(PATIENCE, |event| {
            event["event"] == "typing" && event["chat"] == chat && event["on"] == true
        });
        grend.must(json!({"do": "typing", "chat": chat, "on": true}));
        let composing = |event: &Value| event["event"] == "chat_state" && event["state"] == "composing";
        assert_eq!(
            peer.expect_event(PATIENCE, composing)["from"]
                .as_str()
                .unwrap()
                .split('/')
                .next(),
            Some(&*anna.address)
        );
        peer.must(json!({"do": "drop"}));
        grend.expect_event(PATIENCE, here("gone"));
        grend.quit();
    }
}

#[test]
fn two_strangers_become_contacts() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let folders = (tempdir().unwrap(), tempdir().unwrap());
        let (mut a, account_a) = Headless::online(folders.0.path(), server, &anna);
        let (mut b, account_b) = Headless::online(folders.1.path(), server, &ola);
        a.must(json!({"do": "add_contact", "account": account_a, "address": ola.address, "name": "Onkel Ola"}));
        assert_eq!(contacts(&mut a)[0]["asked"], true);
        let asks = |list: &[Value]| {
            list.iter()
                .any(|it| it["address"] == anna.address.as_str() && it["asks"] == true)
        };
        while !asks(&contacts(&mut b)) {
            b.expect("contacts");
        }
        b.must(json!({"do": "answer_contact", "account": account_b, "address": anna.address, "yes": true}));
        for (grend, name) in [(&mut a, "Onkel Ola".to_owned()), (&mut b, anna.name.clone())] {
            let both = |list: &[Value]| list[0]["we_see_them"] == true && list[0]["they_see_us"] == true;
            loop {
                let list = contacts(grend);
                if both(&list) {
                    assert_eq!(
                        (&list[0]["name"], &list[0]["asks"]),
                        (&json!(name), &json!(false)),
                        "{kind:?}"
                    );
                    break;
                }
                grend.expect("contacts");
            }
        }
    }
}
