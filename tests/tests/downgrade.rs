//! Who stands in between: rows H36 to H38. The case to beat is jabber.ru in 2023, where somebody with a valid certificate
//! listened for months and no client noticed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use grend_tests::fake::Script;
use grend_tests::headless::sign_in;
use grend_tests::{Fake, Headless, Interceptor, Kind, Options, Proxy, Server, User, shared};
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);
const BOTH: [&str; 2] = ["tls-exporter", "tls-server-end-point"];

/// Somebody who is online, by a way that others may lead elsewhere.
struct Anna {
    grend: Headless,
    account: i64,
    request: Value,
    way: Proxy,
    _folder: TempDir,
}

impl Anna {
    /// Online by direct TLS.
    fn online(server: &Server, user: &User) -> Self {
        Self::by(server.tls_port(), "direct", server, user)
    }

    fn by(port: u16, tls: &str, server: &Server, user: &User) -> Self {
        let way = Proxy::to(port);
        let mut request = sign_in(server, user);
        request["port"] = way.port().into();
        request["tls"] = tls.into();
        let folder = tempfile::tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request.clone())["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        Self {
            grend,
            account,
            request,
            way,
            _folder: folder,
        }
    }

    fn wait_online(&mut self) {
        self.grend.must(json!({"do": "wait_online", "account": self.account}));
    }

    /// Is led elsewhere, and says why she does not sign in there.
    fn led_to(&mut self, port: u16) -> Value {
        self.way.lead_to(port);
        self.stopped()
    }

    fn stopped(&mut self) -> Value {
        let mut stopped = self
            .grend
            .expect_event(PATIENCE, |event| event["connection"] == "stopped");
        stopped["error"].take()
    }

    /// Led to somebody whom she trusts, she goes on by herself once something tells her that the network is another.
    fn comes_back(&mut self, port: u16) {
        let before = self.way.connected();
        self.way.lead_to(port);
        self.grend.must(json!({"do": "network_changed"}));
        self.way.await_connected(before + 1);
        self.wait_online();
    }

    /// What she is told when she types her password, without and with the word that the server was changed.
    fn types_password(&mut self, anew: bool) -> Result<Value, Value> {
        let mut request = self.request.clone();
        request["anew"] = anew.into();
        self.grend.request(request)
    }
}

/// Whether an error is one that only the user can decide about, in words that say so.
fn warns(error: &Value) -> bool {
    let text = error["text"].as_str().unwrap_or_default();
    error["kind"] == "certificate" && (text.contains("stand in between") || text.contains("stand between"))
}

fn prosody(bindings: &[&'static str]) -> Server {
    let options = Options {
        bindings: bindings.to_vec(),
        ..Options::default()
    };
    Server::start(Kind::Prosody, options)
}

/// The features that offer a sign-in bound to its connection.
fn without_plus(text: &str) -> String {
    let text = text.replace("<mechanism>SCRAM-SHA-1-PLUS</mechanism>", "");
    text.replace("urn:xmpp:sasl-cb:0", "urn:example:nothing")
}

#[test]
fn h38_somebody_with_a_valid_certificate_is_noticed() {
    let server = prosody(&BOTH);
    let (user, ola) = (server.add_user("anna", "secret"), server.add_user("ola", "secret"));
    let mut anna = Anna::online(&server, &user);
    // Prosody 0.12 never listens again to a stream that was cut while it took something in, though it resumes it: not
    // what is asked here. What is sent comes behind everything else.
    let chat = anna.grend.open(anna.account, &ola.address);
    let before = anna.grend.send(chat, "before");
    anna.grend.expect_state(before, "sent");
    let between = Interceptor::before(&server);
    let error = anna.led_to(between.port());
    assert!(warns(&error), "{error}");
    let message = anna.grend.send(chat, "waits");
    // Typing the password does not help who listens, until she is told that the server was changed.
    let error = anna.types_password(false).unwrap_err();
    assert!(warns(&error), "{error}");
    let heard = between.heard();
    assert!(heard.contains("SCRAM-SHA-1-PLUS"), "{heard}");
    assert!(
        !heard.contains("mechanism='SCRAM-SHA-1'") && !heard.contains("PLAIN") && !heard.contains("waits"),
        "{heard}"
    );
    anna.comes_back(server.tls_port());
    anna.grend.expect_state(message, "sent");
    anna.grend.quit();
}

#[test]
fn h38_somebody_who_strips_the_binding_hears_nothing() {
    let server = prosody(&BOTH);
    let user = server.add_user("anna", "secret");
    let mut anna = Anna::online(&server, &user);
    let between = Interceptor::before(&server);
    between.edit(without_plus);
    let error = anna.led_to(between.port());
    assert!(warns(&error), "{error}");
    // After a restart it is the same: what is held against the server is a row.
    anna.grend.restart();
    let error = anna.stopped();
    assert!(warns(&error), "{error}");
    assert!(!between.heard().contains("<auth"), "{}", between.heard());
    anna.comes_back(server.tls_port());
    anna.grend.quit();
}

#[test]
fn h38_a_renewed_certificate_raises_no_alarm() {
    for kind in BOTH {
        let mut server = prosody(&[kind]);
        let user = server.add_user("anna", "secret");
        let mut anna = Anna::online(&server, &user);
        for _ in 0..2 {
            server.renew_certificate();
            anna.comes_back(server.tls_port());
        }
        let stopped = |event: &&Value| event["connection"] == "stopped";
        assert_eq!(anna.grend.events().iter().find(stopped), None, "{kind}");
        // It was bound all the time.
        server.set_bindings(&[]);
        let error = anna.led_to(server.tls_port());
        assert!(warns(&error), "{kind}: {error}");
        anna.grend.quit();
    }
}

#[test]
fn h37_another_kind_of_binding_raises_no_alarm() {
    let server = prosody(&["tls-exporter"]);
    let user = server.add_user("anna", "secret");
    let mut anna = Anna::online(&server, &user);
    for kinds in [&["tls-server-end-point"][..], &BOTH, &["tls-exporter"]] {
        server.set_bindings(kinds);
        anna.comes_back(server.tls_port());
    }
    anna.grend.quit();
}

#[test]
fn h37_a_server_that_was_really_changed_is_accepted_by_hand() {
    let server = prosody(&BOTH);
    let user = server.add_user("anna", "secret");
    let mut anna = Anna::online(&server, &user);
    server.set_bindings(&[]);
    let error = anna.led_to(server.tls_port());
    assert!(warns(&error), "{error}");
    let error = anna.types_password(false).unwrap_err();
    assert!(warns(&error), "{error}");
    assert_eq!(anna.types_password(true).unwrap()["account"], anna.account);
    anna.wait_online();
    anna.comes_back(server.tls_port());
    anna.grend.restart();
    anna.wait_online();
    // And it is held to what it can do from now on.
    server.set_bindings(&BOTH);
    anna.comes_back(server.tls_port());
    server.set_bindings(&[]);
    let error = anna.led_to(server.tls_port());
    assert!(warns(&error), "{error}");
    anna.grend.quit();
}

#[test]
fn h37_a_password_that_was_changed_is_a_password_that_was_changed() {
    let server = prosody(&BOTH);
    let user = server.add_user("anna", "secret");
    let mut anna = Anna::online(&server, &user);
    server.change_password("anna", "new secret");
    let error = anna.led_to(server.tls_port());
    assert_eq!(error["kind"], "authentication");
    // The wrong one once more could be somebody who says "wrong" to everything.
    let error = anna.types_password(false).unwrap_err();
    assert!(warns(&error), "{error}");
    anna.request["password"] = "new secret".into();
    assert_eq!(anna.types_password(false).unwrap()["account"], anna.account);
    anna.wait_online();
    anna.grend.quit();
}

#[test]
fn h37_a_stronger_mechanism_that_is_gone() {
    let server = Server::start(
        Kind::Prosody,
        Options {
            hash: "SHA-256",
            ..Options::default()
        },
    );
    let user = server.add_user("anna", "secret");
    let weaken: [fn(&str) -> String; 2] = [
        |text| text.replace("SCRAM-SHA-256", "SCRAM-SHA-1"),
        |text| text.replace("SCRAM-", "X-"),
    ];
    for weaken in weaken {
        let mut anna = Anna::online(&server, &user);
        let between = Interceptor::before(&server);
        between.edit(weaken);
        let error = anna.led_to(between.port());
        assert!(warns(&error), "{error}");
        assert!(warns(&anna.types_password(false).unwrap_err()));
        assert!(!between.heard().contains("<auth"), "{}", between.heard());
        anna.comes_back(server.tls_port());
        anna.grend.quit();
    }
}

#[test]
fn h38_a_server_that_cannot_bind_is_used_as_ever() {
    // ejabberd 23.01 offers to bind and refuses every kind that there is over TLS 1.3.
    let server = shared(Kind::Ejabberd);
    let user = server.add_stranger("anna");
    let mut anna = Anna::online(server, &user);
    for _ in 0..2 {
        anna.comes_back(server.tls_port());
    }
    // The limit: where nothing was ever bound, nobody can tell who listens.
    let between = Interceptor::before(server);
    anna.comes_back(between.port());
    anna.grend.quit();
}

#[test]
fn h37_a_server_that_swears_what_it_offered() {
    let swears = |offered: &[&'static str]| {
        Fake::start(Script {
            mechanisms: vec!["SCRAM-SHA-1", "PLAIN"],
            offered: Some(offered.to_vec()),
            ..Script::default()
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    for cut in [
        &["SCRAM-SHA-1", "PLAIN", "SCRAM-SHA-1-PLUS"][..],
        &["SCRAM-SHA-1", "PLAIN", "SCRAM-SHA-512"],
        &["SCRAM-SHA-1"],
    ] {
        // Nobody needs to have seen the server before.
        let fake = swears(cut);
        let error = grend.request(fake.sign_in()).unwrap_err();
        assert_eq!(error["kind"], "certificate");
        assert!(
            error["text"].as_str().unwrap().contains("changes what it says"),
            "{error}"
        );
        // That is proof, not a suspicion: no word of anybody makes it good.
        let mut anew = fake.sign_in();
        anew["anew"] = true.into();
        assert_eq!(grend.request(anew).unwrap_err(), error);
    }
    let fake = swears(&["PLAIN", "SCRAM-SHA-1"]);
    grend.must(fake.sign_in());
    fake.await_signed_in(1);
    grend.quit();
}

#[test]
fn h36_who_strips_the_offer_of_encryption_hears_nothing() {
    let server = shared(Kind::Prosody);
    let user = server.add_stranger("anna");
    let mut anna = Anna::by(server.port(), "starttls", server, &user);
    let between = Interceptor::in_the_clear(server);
    between.edit(|text| text.replace("urn:ietf:params:xml:ns:xmpp-tls", "urn:example:nothing"));
    anna.way.lead_to(between.port());
    let waits = anna.grend.expect_event(PATIENCE, |event| {
        event["connection"] == "waiting" && event["error"]["kind"] == "refused"
    });
    let text = waits["error"]["text"].as_str().unwrap();
    assert!(text.contains("no encryption"), "{text}");
    let heard = between.heard();
    assert!(!heard.contains(&user.name) && !heard.contains("auth"), "{heard}");
    assert_eq!(
        heard.matches("<stream:stream").count(),
        heard.matches('<').count() / 2,
        "{heard}"
    );
    // On another network it goes on by itself.
    anna.way.lead_to(server.port());
    anna.grend
        .expect_event(PATIENCE, |event| event["connection"] == "online");
    anna.grend.quit();
}
