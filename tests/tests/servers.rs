//! The harness's own tests: the servers are what the other tests think they are. The foreign client looks, not Grend.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use grend_tests::{Archived, Kind, Mechanisms, Options, Peer, Process, Proof, Server, shared};
use serde_json::{Value, json};

/// Processes that were started with this folder in their arguments or environment.
fn processes_of(folder: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| {
            let read = |name| fs::read(entry.path().join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).into_owned();
            text.contains(folder)
                .then(|| format!("{}: {text}", entry.path().display()))
        })
        .collect()
}

#[test]
fn a_dropped_server_leaves_nothing() {
    for kind in Kind::ALL {
        let started = Instant::now();
        let server = Server::start(kind, Options::default());
        println!("{kind:?} started in {:?}", started.elapsed());
        let (folder, port) = (server.folder().to_owned(), server.port());
        let name = folder.display().to_string();
        assert!(!processes_of(&name).is_empty());
        drop(server);
        assert_eq!(processes_of(&name), Vec::<String>::new());
        assert!(!folder.exists());
        TcpListener::bind(("127.0.0.1", port)).expect("the port is free again");
    }
}

#[test]
fn a_server_leaves_when_its_test_program_is_killed() {
    let mut family = Process::start(
        "family",
        Command::new(env!("CARGO_BIN_EXE_family")).arg("--no-windows"),
        "Cargo builds it with the tests",
    );
    let deadline = Instant::now() + Duration::from_secs(30);
    let line = std::iter::from_fn(|| family.line(deadline))
        .find(|line| line.contains("ca.pem"))
        .unwrap();
    let folder = Path::new(line.split_whitespace().last().unwrap())
        .parent()
        .unwrap()
        .to_owned();
    let name = folder.display().to_string();
    assert!(!processes_of(&name).is_empty());
    family.kill();
    while folder.exists() || !processes_of(&name).is_empty() {
        assert!(Instant::now() < deadline, "left behind: {:?}", processes_of(&name));
        std::thread::sleep(Duration::from_millis(5)); // between two looks; the look decides
    }
}

#[test]
fn data_survives_kill_and_stop() {
    for mut server in Server::both(&Options::default()) {
        let (anna, ola) = (server.add_user("anna", "one"), server.add_user("ola", "two"));
        let mut peer = Peer::online(&server, &anna, "a");
        peer.send(&ola.address, "before the power cut");
        peer.must(json!({"do": "ping"}));
        server.restart();
        peer.expect("disconnected");
        let mut peer = Peer::online(&server, &ola, "b");
        assert_eq!(peer.archive(None)[0]["body"], "before the power cut");
        server.stop();
        peer.expect("disconnected");
        server.resume();
        let mut peer = Peer::online(&server, &anna, "a");
        assert_eq!(peer.archive(None).len(), 1);
    }
}

#[test]
fn two_people_talk_and_both_archives_have_it() {
    for server in Kind::ALL.map(shared) {
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let mut phone = Peer::online(server, &anna, "phone");
        let mut tablet = Peer::online(server, &anna, "tablet");
        let mut other = Peer::online(server, &ola, "laptop");
        let id = phone.send(&ola.address, "hei 🌲");
        let heard = other.expect_message("hei 🌲");
        assert_eq!(
            (&heard["origin_id"], &heard["asks_receipt"]),
            (&json!(id), &json!(true))
        );
        assert!(heard["archive_id"].is_string(), "{heard}");
        assert_eq!(tablet.expect_message("hei 🌲")["carbon"], "sent");
        let from = heard["from"].clone();
        other.must(json!({"do": "receipt", "to": from, "of": id}));
        assert_eq!(phone.expect("receipt")["of"], json!(id));
        other.must(json!({"do": "marker", "to": from, "of": id}));
        assert_eq!(phone.expect("marker")["kind"], "displayed");
        other.must(json!({"do": "typing", "to": from, "on": true}));
        assert_eq!(phone.expect("chat_state")["state"], "composing");
        other.send(&anna.address, "hallo");
        phone.expect_message("hallo");
        for archive in [phone.archive(Some(&ola.address)), other.archive(Some(&anna.address))] {
            let bodies: Vec<_> = archive.iter().filter_map(|message| message["body"].as_str()).collect();
            assert_eq!(bodies, ["hei 🌲", "hallo"], "{:?}", server.kind());
        }
    }
}

#[test]
fn the_family_is_in_everybodys_contact_list() {
    for server in Server::both(&Options::default()) {
        let anna = server.add_user("anna", "one");
        server.add_user("ola", "two");
        server.add_stranger("passer-by");
        let found = Peer::online(&server, &anna, "a").must(json!({"do": "roster"}));
        let contacts: Vec<_> = found["contacts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["address"] != anna.address)
            .collect();
        assert_eq!(contacts.len(), 1, "{found}");
        let ola = contacts[0];
        assert_eq!(
            (&ola["address"], &ola["subscription"]),
            (&json!("ola@family.test"), &json!("both"))
        );
        assert_eq!(ola["groups"], json!(["Family"]));
    }
}

#[test]
fn the_server_offers_what_a_family_needs() {
    for server in Kind::ALL.map(shared) {
        let anna = server.add_stranger("anna");
        let mut peer = Peer::online(server, &anna, "a");
        let own = peer.must(json!({"do": "disco", "to": anna.address}));
        let host = peer.must(json!({"do": "disco", "items": true}));
        let features: Vec<&Value> = [&own, &host]
            .iter()
            .flat_map(|found| found["features"].as_array().unwrap())
            .collect();
        for wanted in [
            "urn:xmpp:mam:2",
            "urn:xmpp:carbons:2",
            "urn:xmpp:blocking",
            "jabber:iq:version",
            "urn:xmpp:time",
            "urn:xmpp:ping",
            "vcard-temp",
            "http://jabber.org/protocol/pubsub#publish-options",
        ] {
            assert!(
                features.iter().any(|feature| *feature == wanted),
                "{:?} lacks {wanted}: {features:?}",
                server.kind()
            );
        }
        // Prosody converts between all kinds of bookmarks, ejabberd of this age between the older two.
        assert!(
            features
                .iter()
                .any(|feature| feature.as_str().unwrap().starts_with("urn:xmpp:bookmarks"))
        );
        for item in [server.rooms(), "upload.family.test".to_owned()] {
            assert!(host["items"].as_array().unwrap().contains(&json!(item)), "{host}");
        }
        let request = "<request xmlns='urn:xmpp:http:upload:0' filename='photo.jpg' size='1000'/>";
        let slot = peer.must(json!({"do": "iq", "to": "upload.family.test", "payload": request}));
        let put = format!("<put url=\"https://127.0.0.1:{}/", server.https_port());
        assert!(slot["xml"].as_str().unwrap().contains(&put), "{slot}");
    }
}

#[test]
fn a_password_can_be_changed_by_its_owner_and_by_the_uncle() {
    for server in Kind::ALL.map(shared) {
        let mut anna = server.add_stranger("anna");
        let mut peer = Peer::online(server, &anna, "a");
        peer.must(json!({"do": "change_password", "password": "my own"}));
        let refused = Peer::start().request(Peer::connect(server, &anna, "b")).unwrap_err();
        assert_eq!(refused["kind"], "failed_all_auth");
        anna.password = "my own".to_owned();
        Peer::online(server, &anna, "b");
        server.change_password(&anna.name, "forgotten");
        anna.password = "forgotten".to_owned();
        Peer::online(server, &anna, "c");
    }
}

#[test]
fn direct_tls_works_and_bad_certificates_are_seen() {
    for server in Kind::ALL.map(shared) {
        let anna = server.add_stranger("anna");
        let mut request = Peer::connect(server, &anna, "a");
        request["tls"] = "direct".into();
        request["port"] = server.tls_port().into();
        Peer::start().must(request);
    }
    for proof in [Proof::Expired, Proof::WrongName] {
        for server in Server::both(&Options {
            proof,
            ..Options::default()
        }) {
            let anna = server.add_user("anna", "one");
            for (tls, port) in [("starttls", server.port()), ("direct", server.tls_port())] {
                let mut request = Peer::connect(&server, &anna, "a");
                request["tls"] = tls.into();
                request["port"] = port.into();
                let refused = Peer::start().request(request).unwrap_err();
                let kind = server.kind();
                assert!(
                    refused["text"].as_str().unwrap().contains("certificate"),
                    "{kind:?} {proof:?} {tls}: {refused}"
                );
            }
        }
    }
}

/// What the server says in the clear after the stream's opening and `then`.
fn in_the_clear(server: &Server, then: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let open = format!(
        "<stream:stream to='{}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
        server.domain()
    );
    stream.write_all(open.as_bytes()).unwrap();
    let mut said = Vec::new();
    // A server that has heard enough may close before it has read the rest: what it said until then counts.
    let heard = stream
        .write_all(format!("{then}</stream:stream>").as_bytes())
        .and_then(|()| stream.read_to_end(&mut said).map(drop));
    if let Err(error) = heard {
        assert!(
            matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
            "{error}"
        );
    }
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("<stream:features") || !then.is_empty(), "{said}");
    said
}

#[test]
fn nobody_signs_in_without_tls_and_nobody_registers() {
    for server in Kind::ALL.map(shared) {
        let anna = server.add_stranger("anna");
        let said = in_the_clear(server, "");
        assert!(
            said.contains("<required") && !said.contains("PLAIN") && !said.contains("SCRAM"),
            "{said}"
        );
        let secret = "AGFubmEAb25l"; // \0anna\0one
        let auth = format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
        let said = in_the_clear(server, &auth);
        assert!(!said.contains("<success"), "{said}");
        let said = in_the_clear(
            server,
            "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>thief</username><password>x</password>\
             </query></iq>",
        );
        assert!(!said.contains("type='result'"), "{said}");
        let _ = anna;
    }
}

#[test]
fn a_server_may_offer_only_plain() {
    for server in Server::both(&Options {
        mechanisms: Mechanisms::PlainOnly,
        debug_log: true,
        ..Options::default()
    }) {
        let anna = server.add_user("anna", "one");
        Peer::online(&server, &anna, "a");
        let log = server.log();
        assert!(
            log.contains("PLAIN") && !log.contains("mechanism='SCRAM") && !log.contains(">SCRAM-"),
            "{log}"
        );
    }
}

#[test]
fn history_can_be_imported_and_rooms_made() {
    for server in Kind::ALL.map(shared) {
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let room = format!("room-of-{}", anna.name);
        server.add_room(&room, "Hele familien 🏡", &[&anna.name, &ola.name]);
        let message = |room: Option<&str>, number: i64| Archived {
            from: anna.name.clone(),
            to: room.unwrap_or(&ola.name).to_owned(),
            room: room.is_some(),
            body: format!("{number}: <Ærlig> & \"god\" 'dag' 🎂"),
            at: 1_750_000_000_123 + number * 1000,
            id: format!("id-{number}"),
        };
        let messages: Vec<_> = (0..300)
            .flat_map(|number| [message(None, number), message(Some(&room), number)])
            .collect();
        let started = Instant::now();
        server.import(&messages);
        println!(
            "{:?} imported {} messages in {:?}",
            server.kind(),
            messages.len(),
            started.elapsed()
        );
        let mut peer = Peer::online(server, &ola, "a");
        let found = peer.archive(Some(&anna.address));
        assert_eq!(found.len(), 300);
        assert_eq!(found[299]["body"], "299: <Ærlig> & \"god\" 'dag' 🎂");
        let address = format!("{room}@{}", server.rooms());
        peer.must(json!({"do": "join", "room": address, "nick": "Ola"}));
        let found = peer.must(json!({"do": "archive", "of": address}));
        assert_eq!(found["count"], 300, "{:?}", server.kind());
        let pages = grend_tests::peer::read_pages(server, &ola, 50, true);
        println!("{:?}: {pages}", server.kind());
        assert_eq!(pages["messages"], 300);
    }
}
