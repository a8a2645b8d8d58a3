//! `grend doctor`: what it says about real servers that have everything, that lack something, and of which something is
//! broken; and that a hostile one cannot use it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::Path;

use grend_tests::doctor::{Report, examine, run};
use grend_tests::fake::{ANNA, Script};
use grend_tests::{Dns, Fake, Https, Kind, Mechanisms, Options, Pki, Proof, Record, Server, User, shared};

fn dns_of(server: &Server) -> Dns {
    let dns = Dns::start();
    dns.add_server(server.domain(), server.port(), Some(server.tls_port()));
    dns
}

fn with_password(server: &Server, user: &User) -> Report {
    examine(&dns_of(server), server.ca(), &user.address, Some(&user.password))
}

fn changed(kind: Kind, prosody: &[(&str, &str)], ejabberd: &[(&str, &str)]) -> Server {
    let changes = match kind {
        Kind::Prosody => prosody,
        Kind::Ejabberd => ejabberd,
    };
    let changes = changes
        .iter()
        .map(|(piece, other)| ((*piece).to_owned(), (*other).to_owned()));
    let options = Options {
        changes: changes.collect(),
        ..Options::default()
    };
    Server::start(kind, options)
}

fn free_udp_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.local_addr().unwrap().port()
}

const CSI: &str = "\"csi_simple\", ";
const SECRET: &str = "family secret";

/// ejabberd that also is the STUN and TURN server, of its own people and of Prosody's.
fn complete_ejabberd(port: u16) -> Server {
    let listen = format!(
        "listen:\n  - port: {port}\n    ip: \"127.0.0.1\"\n    transport: udp\n    module: ejabberd_stun\n    \
         use_turn: true\n    turn_ipv4_address: \"127.0.0.1\"\n"
    );
    let modules = format!(
        "  mod_disco:\n    server_info:\n      - modules: all\n        name: admin-addresses\n        \
         urls: [\"mailto:uncle@family.test\"]\n  mod_push: {{}}\n  mod_push_keepalive: {{}}\n  mod_stun_disco:\n    \
         access: everybody\n    secret: \"{SECRET}\"\n    services:\n      - host: 127.0.0.1\n        port: {port}\n        type: stun\n        \
         transport: udp\n        restricted: false\n      - host: 127.0.0.1\n        port: {port}\n        type: turn\n        \
         transport: udp\n        restricted: true\n"
    );
    let hashes = "auth_password_format: scram\n";
    let changes = [
        ("listen:\n", listen.as_str()),
        ("  mod_disco: {}\n", &modules),
        (hashes, &format!("{hashes}auth_scram_hash: sha256\n")),
    ];
    changed(Kind::Ejabberd, &[], &changes)
}

fn complete_prosody(port: u16) -> Server {
    let modules = format!("{CSI}\"cloud_notify\", \"server_contact_info\", \"external_services\", ");
    let services = format!(
        "contact_info = {{ admin = {{ \"mailto:uncle@family.test\" }} }}\n\
         external_services = {{ {{ type = \"stun\", \
         transport = \"udp\", host = \"127.0.0.1\", port = {port} }}, {{ type = \"turn\", transport = \"udp\", \
         host = \"127.0.0.1\", port = {port}, secret = \"{SECRET}\" }} }}\nVirtualHost \"{{{{DOMAIN}}}}\"\n"
    );
    let changes = [(CSI, modules), ("VirtualHost \"{{DOMAIN}}\"\n", services)];
    let options = Options {
        hash: "SHA-256",
        bindings: vec!["tls-exporter"],
        changes: changes.map(|(piece, other)| (piece.to_owned(), other)).to_vec(),
        ..Options::default()
    };
    Server::start(Kind::Prosody, options)
}

const WORKS: [&str; 23] = [
    "names-both",
    "address-found",
    "direct-works",
    "starttls-works",
    "certificate-good",
    "signed-in",
    "mechanisms-good",
    "resumption-good",
    "archive-good",
    "carbons-good",
    "state-good",
    "upload-good",
    "groups-good",
    "blocking-good",
    "profiles-good",
    "events-good",
    "pictures-good",
    "notes-good",
    "push-good",
    "stun-answers",
    "contact-good",
    "capabilities-good",
    "compliance-advanced",
];

#[test]
fn a_server_with_everything() {
    let port = free_udp_port();
    let ejabberd = complete_ejabberd(port);
    let prosody = complete_prosody(port);
    for server in [&prosody, &ejabberd] {
        let user = server.add_user("kari", "hemmelig");
        let report = with_password(server, &user);
        match server.kind() {
            Kind::Ejabberd => {
                report.expect_broken(&[]);
                report.expect("turn-works");
                // What 23.01 lacks.
                report.expect("bookmarks-none");
                report.expect("binding-refused");
            }
            // ejabberd's relay believes only what ejabberd gave out.
            Kind::Prosody => {
                report.expect_broken(&["turn-refused"]);
                report.expect("bookmarks-good");
                assert_eq!(report.expect("binding-good")["facts"]["all"], "tls-exporter");
                assert!(report.find("binding-refused").is_none());
                assert_eq!(report.expect("turn-refused")["facts"]["code"], "401");
            }
        }
        for key in WORKS {
            report.expect(key);
        }
        assert_eq!(report.keys("unknown"), Vec::<&str>::new(), "{:#}", report.json);
        let certificate = &report.expect("certificate-good")["facts"];
        assert!(
            certificate["names"]
                .as_str()
                .unwrap()
                .starts_with("family.test, rooms.family.test")
        );
        assert_eq!(certificate["issuer"], "Grend test authority");
        assert!(certificate["days"].as_i64().unwrap() > 365);
        assert_eq!(
            report.expect("contact-good")["facts"]["all"],
            "mailto:uncle@family.test"
        );
        assert_eq!(report.expect("groups-good")["facts"]["host"], "rooms.family.test");
        let name = match server.kind() {
            Kind::Prosody => "Prosody",
            Kind::Ejabberd => "ejabberd",
        };
        let software = report.json["software"].as_str().unwrap();
        assert!(software.starts_with(name), "{software}");
    }
}

#[test]
fn from_outside_only_what_is_outside() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let dns = dns_of(server);
        for who in ["family.test", "kari@family.test"] {
            let report = examine(&dns, server.ca(), who, None);
            report.expect_broken(&[]);
            let topics = ["names", "connection", "certificate", "signing-in"];
            for finding in report.findings() {
                assert!(topics.contains(&finding["topic"].as_str().unwrap()), "{finding}");
            }
            report.expect("starttls-works");
            assert!(report.find("signed-in").is_none());
        }
    }
}

#[test]
fn what_is_switched_off_is_missing() {
    for kind in Kind::ALL {
        let server = changed(
            kind,
            &[(
                "\"carbons\", \"smacks\", \"csi_simple\", \"mam\", \"blocklist\", \"bookmarks\", \"pep\", \"private\", \
                     \"vcard4\", \"vcard_legacy\";",
                "",
            )],
            &[
                ("  mod_avatar: {}\n", ""),
                ("  mod_blocking: {}\n", ""),
                ("  mod_carboncopy: {}\n", ""),
                ("  mod_client_state: {}\n", ""),
                (
                    "  mod_mam:\n    default: always\n    assume_mam_usage: true\n    clear_archive_on_room_destroy: true\n",
                    "",
                ),
                ("    use_mam_for_storage: true\n", ""),
                ("  mod_private: {}\n", ""),
                ("  mod_stream_mgmt:\n    resend_on_timeout: if_offline\n", ""),
            ],
        );
        let user = server.add_user("kari", "hemmelig");
        let report = with_password(&server, &user);
        report.expect_broken(&[]);
        for key in [
            "archive-none",
            "carbons-none",
            "resumption-none",
            "state-none",
            "blocking-none",
            "push-none",
            "calls-none",
            "contact-none",
        ] {
            assert!(
                report.keys("missing").contains(&key),
                "{kind:?} has no {key}: {:#}",
                report.json
            );
        }
    }
}

#[test]
fn names_that_are_missing_or_lead_nowhere() {
    let server = shared(Kind::Prosody);
    let dns = Dns::start();
    dns.add_server("family.test", server.port(), None);
    let report = examine(&dns, server.ca(), "family.test", None);
    report.expect_broken(&[]);
    report.expect("names-no-direct");
    report.expect("direct-absent");

    let dns = Dns::start();
    let nowhere = Record::Srv {
        priority: 0,
        weight: 0,
        port: 5222,
        target: "old-pc.family.test".to_owned(),
    };
    dns.add("_xmpp-client._tcp.family.test", nowhere);
    let report = examine(&dns, server.ca(), "family.test", None);
    report.expect_broken(&["address-none", "starttls-fails", "unreachable"]);
    assert_eq!(report.expect("address-none")["facts"]["host"], "old-pc.family.test");

    let declined = Record::Srv {
        priority: 0,
        weight: 0,
        port: 0,
        target: ".".to_owned(),
    };
    let dns = Dns::start();
    dns.add("_xmpp-client._tcp.family.test", declined);
    dns.add("family.test", Record::Address(Ipv4Addr::LOCALHOST.into()));
    examine(&dns, server.ca(), "family.test", None).expect("names-declined");
}

#[test]
fn certificates_that_nobody_should_accept() {
    for (proof, key) in [
        (Proof::Expired, "certificate-expired"),
        (Proof::WrongName, "certificate-name"),
    ] {
        for kind in Kind::ALL {
            let server = Server::start(
                kind,
                Options {
                    proof,
                    ..Options::default()
                },
            );
            let user = server.add_user("kari", "hemmelig");
            let report = with_password(&server, &user);
            report.expect_broken(&["direct-fails", "starttls-fails", "unreachable", key, "not-signed-in"]);
            assert_eq!(report.expect("unreachable")["facts"]["cause"], key);
            let facts = &report.expect(key)["facts"];
            let names = facts["names"].as_str().unwrap();
            match proof {
                Proof::Expired => assert!(facts["days"].as_i64().unwrap() > 5 * 365),
                _ => assert_eq!(names, "elsewhere.test"),
            }
        }
    }
    // The same server, seen by somebody who was not told of the family's authority.
    let server = shared(Kind::Prosody);
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, another_authority()).unwrap();
    let report = examine(&dns_of(server), &other, "family.test", None);
    assert_eq!(
        report.expect("certificate-issuer")["facts"]["issuer"],
        "Grend test authority"
    );
}

fn another_authority() -> String {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

#[test]
fn a_server_that_wants_the_password_itself() {
    for kind in Kind::ALL {
        let server = Server::start(
            kind,
            Options {
                mechanisms: Mechanisms::PlainOnly,
                ..Options::default()
            },
        );
        let user = server.add_user("kari", "hemmelig");
        let report = with_password(&server, &user);
        report.expect_broken(&["not-signed-in", "mechanisms-plain"]);
        assert_eq!(report.expect("not-signed-in")["facts"]["cause"], "refused-only-plain");
    }
}

#[test]
fn a_wrong_password_is_the_only_thing_that_is_wrong() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let user = server.add_stranger("kari");
        let report = examine(&dns_of(server), server.ca(), &user.address, Some("guess"));
        report.expect_broken(&["not-signed-in"]);
        assert_eq!(report.expect("not-signed-in")["facts"]["cause"], "authentication");
    }
}

/// What is wrong with files, how a server is made to be so, and what is said about it.
fn broken_files(prosody_url: &str, ejabberd_url: &str, key: &str) -> Vec<Report> {
    let reports = Kind::ALL.map(|kind| {
        let server = changed(
            kind,
            &[("\"https://127.0.0.1:{{HTTPS_PORT}}/\"", &format!("\"{prosody_url}\""))],
            &[(
                "\"https://127.0.0.1:{{HTTPS_PORT}}/upload\"",
                &format!("\"{ejabberd_url}\""),
            )],
        );
        let user = server.add_user("kari", "hemmelig");
        let report = with_password(&server, &user);
        report.expect_broken(&[key]);
        report
    });
    reports.into()
}

#[test]
fn files_whose_port_is_closed() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("https://127.0.0.1:{port}/");
    for report in broken_files(&url, &format!("{url}upload"), "upload-unreachable") {
        let facts = &report.expect("upload-unreachable")["facts"];
        assert_eq!(facts["port"], port.to_string());
        assert_eq!(facts["cause"], "network-refused");
    }
}

#[test]
fn files_that_are_refused() {
    let nowhere = "https://127.0.0.1:{{HTTPS_PORT}}/nowhere/";
    for report in broken_files(nowhere, nowhere, "upload-refused") {
        assert_eq!(report.expect("upload-refused")["facts"]["status"], "404");
    }
}

#[test]
fn files_whose_certificate_is_for_another_name() {
    let other = "https://localhost:{{HTTPS_PORT}}/";
    for report in broken_files(other, &format!("{other}upload"), "upload-certificate") {
        assert_eq!(
            report.expect("upload-certificate")["facts"]["cause"],
            "certificate-name"
        );
    }
}

#[test]
fn helpers_for_calls_that_do_not_answer() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = complete_prosody(silent.local_addr().unwrap().port());
    let user = server.add_user("kari", "hemmelig");
    with_password(&server, &user).expect_broken(&["stun-silent", "turn-silent"]);
}

#[test]
fn a_server_that_says_nothing_costs_no_more_than_its_time() {
    // It accepts connections, and that is all.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let dns = Dns::start();
    dns.add_server("family.test", port, Some(port));
    let folder = tempfile::tempdir().unwrap();
    let report = examine(&dns, Pki::new(folder.path()).ca(), ANNA, Some("secret"));
    report.expect_broken(&["direct-fails", "starttls-fails", "unreachable", "not-signed-in"]);
    assert_eq!(report.expect("unreachable")["facts"]["cause"], "network-silent");
}

#[test]
fn a_server_with_nothing_is_told_so_in_every_matter() {
    let fake = Fake::start(Script {
        features: Vec::new(),
        ..Script::default()
    });
    let dns = Dns::start();
    dns.add_server("family.test", 1, Some(fake.port()));
    let report = examine(&dns, fake.pki().ca(), ANNA, Some(fake.password()));
    report.expect_broken(&["starttls-fails"]);
    for topic in [
        "messages",
        "files",
        "groups",
        "people",
        "push",
        "calls",
        "contact",
        "compliance",
    ] {
        let of = report.findings().iter().filter(|finding| finding["topic"] == topic);
        assert!(
            of.clone().any(|finding| finding["verdict"] == "missing"),
            "{topic}: {:#}",
            report.json
        );
    }
}

#[test]
fn the_letter_for_whoever_runs_it() {
    let server = shared(Kind::Ejabberd);
    let user = server.add_stranger("kari");
    let dns = dns_of(server);
    let (code, text) = run(&dns, server.ca(), &[&user.address], Some(&user.password));
    assert_eq!(code, 0, "{text}");
    for part in [
        "Grend looked at the chat server family.test",
        "In ejabberd: modules: mod_push",
        "✓ Pictures and files",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(
        !text.contains("In Prosody") && !text.contains('\u{2068}') && !text.contains(&user.password),
        "{text}"
    );
}

/// An examination of the fake server, whose upload service gives this slot.
fn of_slot(slot: impl FnOnce(&Fake) -> String) -> Report {
    const UPLOAD: &str = "urn:xmpp:http:upload:0";
    let fake = Fake::start(Script {
        features: vec!["urn:xmpp:mam:2", UPLOAD],
        ..Script::default()
    });
    let slot = format!("<slot xmlns='{UPLOAD}'>{}</slot>", slot(&fake));
    fake.script(|script| script.answers.push((UPLOAD, slot)));
    let dns = Dns::start();
    dns.add_server("family.test", 1, Some(fake.port()));
    examine(&dns, fake.pki().ca(), ANNA, Some(fake.password()))
}

#[test]
fn h26_upload_slot_without_https() {
    let web = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    web.set_nonblocking(true).unwrap();
    let port = web.local_addr().unwrap().port();
    let good = format!("https://127.0.0.1:{port}/a");
    for bad in [
        format!("http://127.0.0.1:{port}/a"),
        format!("https://anna:secret@127.0.0.1:{port}/a"),
    ] {
        for (put, get) in [(&bad, &good), (&good, &bad)] {
            let report = of_slot(|_| format!("<put url='{put}'/><get url='{get}'/>"));
            report.expect("upload-bad-slot");
            assert!(web.accept().is_err(), "it went to {put}");
        }
    }
}

#[test]
fn h26_upload_slot_with_headers_that_are_not_for_us() {
    let mut web = None;
    let report = of_slot(|fake| {
        let answer = "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        let https = web.insert(Https::start(fake.pki(), answer));
        let url = format!("https://127.0.0.1:{}/a.txt", https.port());
        format!(
            "<put url='{url}'><header name='Authorization'>Basic x&#13;&#10;X-Evil: 1</header>\
             <header name='X-Evil'>1</header><header name='Host'>elsewhere.test</header>\
             <header name='Cookie'>a=b</header></put><get url='{url}'/>"
        )
    });
    // A redirection is not followed: whoever gave it could send the file anywhere.
    assert_eq!(report.expect("upload-refused")["facts"]["status"], "302");
    let heard = web.unwrap().heard();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let head = heard[0].to_lowercase();
    assert!(
        head.contains("\r\nauthorization: basic xx-evil: 1\r\n") && head.contains("\r\ncookie: a=b\r\n"),
        "{head}"
    );
    assert!(!head.contains("\r\nx-evil") && !head.contains("elsewhere"), "{head}");
}

#[test]
fn h26_upload_slot_answer_without_end() {
    let mut web = None;
    let report = of_slot(|fake| {
        let answer = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "a".repeat(1024 * 1024));
        let https = web.insert(Https::start(fake.pki(), &answer));
        let url = format!("https://127.0.0.1:{}/a.txt", https.port());
        format!("<put url='{url}'/><get url='{url}'/>")
    });
    report.expect("upload-unreachable");
}

#[test]
fn a_command_line_that_is_wrong() {
    let dns = Dns::start();
    let nowhere = Path::new("/nowhere.pem");
    for words in [
        &["family.test", "--loud"][..],
        &["@"],
        &["family.test", "--password-file", "/nowhere"],
    ] {
        assert_eq!(run(&dns, nowhere, words, None).0, 2, "{words:?}");
    }
}
