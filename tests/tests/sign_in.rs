//! Signing in, on both servers: every way to a server that DNS or a person may name, and every obstacle in its own words,
//! within the 15 s that a person looks at a spinner.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use grend_tests::headless::sign_in;
use grend_tests::{Dns, Headless, Kind, Mechanisms, Options, Peer, Proof, Proxy, Record, Server, User, shared};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const PATIENCE: Duration = Duration::from_secs(20);
/// How long a person looks at a spinner.
const SPINNER: Duration = Duration::from_secs(15);

/// The request of somebody who types only address and password; the authority is the test's.
fn typed(server: &Server, user: &User) -> Value {
    json!({"do": "sign_in", "address": user.address, "password": user.password, "ca": server.ca()})
}

fn at_port(mut request: Value, port: u16, tls: &str) -> Value {
    request["host"] = "127.0.0.1".into();
    request["port"] = port.into();
    request["tls"] = tls.into();
    request
}

fn service(port: u16, priority: u16) -> Record {
    Record::Srv {
        priority,
        weight: 0,
        port,
        target: "xmpp.family.test".to_owned(),
    }
}

/// A name server that knows where `xmpp.family.test` is.
fn dns() -> Dns {
    let dns = Dns::start();
    dns.add("xmpp.family.test", Record::Address(Ipv4Addr::LOCALHOST.into()));
    dns
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Signs in on a new folder and waits until online.
fn comes_online(dns: Option<SocketAddr>, request: Value) {
    let folder = tempdir().unwrap();
    let mut grend = Headless::with_dns(folder.path(), dns);
    let account = grend.must(request)["account"].clone();
    grend.must(json!({"do": "wait_online", "account": account}));
    grend.quit();
}

#[test]
fn by_srv() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let user = server.add_stranger("anna");
        let (starttls, direct) = (Proxy::to(server.port()), Proxy::to(server.tls_port()));
        // Both are offered: the one that is preferred is taken, and nothing else is tried.
        for (first, second) in [(5, 10), (10, 5)] {
            let dns = dns();
            dns.add("_xmpp-client._tcp.family.test", service(starttls.port(), first));
            dns.add("_xmpps-client._tcp.family.test", service(direct.port(), second));
            comes_online(Some(dns.address()), typed(server, &user));
        }
        assert_eq!((starttls.connected(), direct.connected()), (1, 1), "{kind:?}");
    }
}

#[test]
fn by_srv_for_direct_tls_alone() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let user = server.add_stranger("anna");
        let (dns, proxy) = (dns(), Proxy::to(server.tls_port()));
        dns.add("_xmpps-client._tcp.family.test", service(proxy.port(), 5));
        // Decidedly no STARTTLS.
        let none = Record::Srv {
            priority: 0,
            weight: 0,
            port: 0,
            target: ".".to_owned(),
        };
        dns.add("_xmpp-client._tcp.family.test", none);
        comes_online(Some(dns.address()), typed(server, &user));
        dns.remove("_xmpp-client._tcp.family.test");
        comes_online(Some(dns.address()), typed(server, &user));
        assert_eq!(proxy.connected(), 2, "{kind:?}");
    }
}

#[test]
fn by_the_second_server_if_the_first_is_away() {
    let server = shared(Kind::Prosody);
    let user = server.add_stranger("anna");
    let dns = dns();
    dns.add("_xmpp-client._tcp.family.test", service(closed_port(), 1));
    dns.add("_xmpp-client._tcp.family.test", service(server.port(), 2));
    comes_online(Some(dns.address()), typed(server, &user));
}

#[test]
fn by_host_and_port() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let user = server.add_stranger("anna");
        // No name server at all: what a person typed needs none.
        let dns = dns();
        for (port, tls) in [(server.port(), "starttls"), (server.tls_port(), "direct")] {
            comes_online(Some(dns.address()), at_port(typed(server, &user), port, tls));
        }
        assert_eq!(dns.asked(), Vec::<String>::new());
    }
}

/// One thing that can be wrong.
struct Obstacle {
    name: &'static str,
    request: Value,
    kind: &'static str,
}

/// Tries to sign in: in time, with the kind, nothing kept, no sentence twice; then, in the same program, rightly.
fn told_apart(dns: &Dns, obstacles: Vec<Obstacle>, right: Value) {
    let folder = tempdir().unwrap();
    let mut grend = Headless::with_dns(folder.path(), Some(dns.address()));
    let mut sentences: Vec<String> = Vec::new();
    for Obstacle { name, request, kind } in obstacles {
        let begun = Instant::now();
        let error = grend.request(request).expect_err(name);
        let took = begun.elapsed();
        let text = error["text"].as_str().unwrap().to_owned();
        assert_eq!(error["kind"], kind, "{name}: {text}");
        assert!(took < SPINNER, "{name} took {took:?}");
        assert!(
            text.ends_with(['.', '?']) && text.contains(' '),
            "{name} is no sentence: {text}"
        );
        assert!(!sentences.contains(&text), "{name} sounds like another: {text}");
        sentences.push(text);
        assert_eq!(grend.must(json!({"do": "accounts"}))["accounts"], json!([]), "{name}");
        assert!(!folder.path().join("passwords.json").exists(), "{name} left a password");
    }
    let account = grend.must(right)["account"].clone();
    grend.must(json!({"do": "wait_online", "account": account}));
    grend.quit();
}

#[test]
fn each_obstacle_has_its_own_sentence() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let user = server.add_stranger("anna");
        let right = sign_in(server, &user);
        let (silent, http) = (Stranger::silent(), Stranger::http());
        let folder = tempdir().unwrap();
        let no_ca = folder.path().join("no-ca.pem");
        std::fs::write(&no_ca, "this is no certificate").unwrap();
        let with = |key: &str, value: Value| {
            let mut request = right.clone();
            request[key] = value;
            request
        };
        let obstacle = |name, kind, request| Obstacle { name, request, kind };
        let mut no_authority = right.clone();
        no_authority.as_object_mut().unwrap().remove("ca");
        let mut unknown = typed(server, &user);
        unknown["address"] = "anna@nowhere.test".into();
        let dns = dns();
        told_apart(
            &dns,
            vec![
                obstacle("wrong password", "authentication", with("password", "wrong".into())),
                obstacle("unknown host", "network", unknown),
                obstacle("refused port", "network", with("port", closed_port().into())),
                obstacle("silent server", "network", with("port", silent.port.into())),
                obstacle("HTTP server", "network", with("port", http.port.into())),
                obstacle("authority not given", "certificate", no_authority),
                obstacle("authority that is none", "invalid", with("ca", json!(no_ca))),
                obstacle(
                    "authority that is not there",
                    "invalid",
                    with("ca", json!(folder.path().join("x"))),
                ),
                obstacle("no address", "invalid", with("address", "anna".into())),
                obstacle("wrong domain", "refused", with("address", "anna@elsewhere.test".into())),
            ]
            .into_iter()
            // Prosody answers for a domain it does not know without TLS: that is one more certificate for us.
            .filter(|it| it.name != "wrong domain" || kind == Kind::Ejabberd)
            .collect(),
            right.clone(),
        );
        assert!(dns.asked().iter().any(|name| name.ends_with("nowhere.test")));
    }
}

#[test]
fn a_server_that_cannot_prove_who_it_is() {
    for kind in Kind::ALL {
        let start = |proof, mechanisms| {
            let options = Options {
                proof,
                mechanisms,
                ..Options::default()
            };
            let server = Server::start(kind, options);
            let user = server.add_user("anna", "secret");
            let request = sign_in(&server, &user);
            (server, request)
        };
        let (_expired, expired) = start(Proof::Expired, Mechanisms::Scram);
        let (_other, other) = start(Proof::WrongName, Mechanisms::Scram);
        let (_plain, plain) = start(Proof::Good, Mechanisms::PlainOnly);
        let good = shared(kind);
        let user = good.add_stranger("anna");
        let obstacle = |name, kind, request| Obstacle { name, request, kind };
        let obstacles = vec![
            obstacle("expired certificate", "certificate", expired),
            obstacle("wrong name", "certificate", other),
            obstacle("only PLAIN", "refused", plain),
        ];
        told_apart(&dns(), obstacles, sign_in(good, &user));
    }
}

#[test]
fn a_name_server_that_says_nothing_is_no_network() {
    let server = shared(Kind::Prosody);
    let user = server.add_stranger("anna");
    let silent = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let folder = tempdir().unwrap();
    let mut grend = Headless::with_dns(folder.path(), Some(silent.local_addr().unwrap()));
    let begun = Instant::now();
    let error = grend.request(typed(server, &user)).unwrap_err();
    assert!(begun.elapsed() < SPINNER, "{:?}", begun.elapsed());
    assert_eq!(error["kind"], "network", "{error}");
    assert!(error["text"].as_str().unwrap().contains("network"), "{error}");
}

#[test]
fn an_account_that_is_there_simply_goes_on() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let user = server.add_stranger("anna");
        let proxy = Proxy::to(server.port());
        let request = at_port(typed(server, &user), proxy.port(), "starttls");
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request.clone())["account"].clone();
        grend.must(json!({"do": "wait_online", "account": account}));
        assert_eq!(grend.must(request.clone())["account"], account);
        grend.must(json!({"do": "wait_online", "account": account}));
        // A wrong password does not disturb who is there.
        let mut wrong = request.clone();
        wrong["password"] = "wrong".into();
        assert_eq!(grend.request(wrong).unwrap_err()["kind"], "authentication");
        grend.must(json!({"do": "wait_online", "account": account}));
        let stopped = |event: &Value| event["event"] == "live" && event["connection"] != "online";
        let ends: Vec<_> = grend.events().iter().filter(|event| stopped(event)).cloned().collect();
        assert!(ends.iter().all(|event| event["connection"] == "connecting"), "{ends:?}");
        grend.quit();
        // It starts by itself, with the right password.
        let mut grend = Headless::start(folder.path());
        grend.must(json!({"do": "wait_online", "account": account}));
        assert_eq!(grend.must(request)["account"], account);
        let accounts = grend.must(json!({"do": "accounts"}))["accounts"].clone();
        assert_eq!(accounts, json!([{"account": account, "address": user.address}]));
        grend.quit();
    }
}

/// A running account whose password was changed by somebody's uncle, through a cable that breaks then.
struct Changed {
    grend: Headless,
    account: i64,
    chat: i64,
    anna: User,
    ola: User,
    request: Value,
    _proxy: Proxy,
    _folder: TempDir,
}

fn changed(server: &Server) -> Changed {
    let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
    let proxy = Proxy::to(server.port());
    let request = at_port(typed(server, &anna), proxy.port(), "starttls");
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    let account = grend.must(request.clone())["account"].as_i64().unwrap();
    grend.must(json!({"do": "wait_caught_up", "account": account}));
    let chat = grend.open(account, &ola.address);
    let message = grend.send(chat, "before");
    grend.expect_state(message, "sent");
    server.change_password(&anna.name, "new secret");
    proxy.cut();
    let stopped = grend.expect_event(PATIENCE, |event| event["connection"] == "stopped");
    assert_eq!(stopped["error"]["kind"], "authentication");
    // A wrong password is not tried again and again, whatever the network does.
    let tried = proxy.accepted();
    grend.must(json!({"do": "network_changed"}));
    grend.send(chat, "written while locked out");
    let bodies: Vec<_> = grend.timeline(chat, 10).iter().map(|it| it["body"].clone()).collect();
    assert_eq!(bodies, ["before", "written while locked out"]);
    assert_eq!(grend.timeline(chat, 10)[1]["state"], "queued");
    assert_eq!(proxy.accepted(), tried);
    Changed {
        grend,
        account,
        chat,
        anna,
        ola,
        request,
        _proxy: proxy,
        _folder: folder,
    }
}

#[test]
fn a_password_that_was_changed_on_the_server() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let mut it = changed(server);
        // After a restart it is the same.
        it.grend.restart();
        let stopped = it
            .grend
            .expect_event(PATIENCE, |event| event["connection"] == "stopped");
        assert_eq!(stopped["error"]["kind"], "authentication");
        // The old password again is answered by the server, not from memory.
        let error = it.grend.request(it.request.clone()).unwrap_err();
        assert_eq!(error["kind"], "authentication");
        it.request["password"] = "new secret".into();
        assert_eq!(it.grend.must(it.request.clone())["account"], it.account);
        it.grend.must(json!({"do": "wait_caught_up", "account": it.account}));
        let last = it.grend.send(it.chat, "after");
        it.grend.expect_state(last, "sent");
        let mut peer = Peer::online(server, &it.ola, "phone");
        let archived: Vec<_> = peer.archive(None).iter().map(|it| it["body"].clone()).collect();
        assert_eq!(archived, ["before", "written while locked out", "after"], "{kind:?}");
        it.grend.quit();
    }
}

#[test]
fn a_password_that_was_changed_back() {
    for kind in Kind::ALL {
        let server = shared(kind);
        let mut it = changed(server);
        server.change_password(&it.anna.name, &it.anna.password);
        // The same password as before, and this time it is right: the account must really go on.
        assert_eq!(it.grend.must(it.request.clone())["account"], it.account);
        it.grend.must(json!({"do": "wait_online", "account": it.account}));
        let last = it.grend.send(it.chat, "after");
        it.grend.expect_state(last, "sent");
        let states: Vec<_> = it
            .grend
            .timeline(it.chat, 10)
            .iter()
            .map(|it| it["state"].clone())
            .collect();
        assert_eq!(states, ["sent", "sent", "sent"], "{kind:?}");
        it.grend.quit();
    }
}

/// Something that listens and is no chat server.
struct Stranger {
    port: u16,
}

impl Stranger {
    /// Takes connections and says nothing. The kernel does it: nobody ever accepts.
    fn silent() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        // Held open until the test program ends.
        std::mem::forget(listener);
        Self { port }
    }

    /// A web server.
    fn http() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let _ = client.read(&mut [0; 1024]);
                let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no</html>");
            }
        });
        Self { port }
    }
}
