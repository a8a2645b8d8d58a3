//! A push service wakes a device that is away, and the device fetches what came: through Prosody and ejabberd, and through the
//! gateway that a family runs, as far as the endpoint of a distributor. XEP-0357.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use grend_tests::headless::sign_in;
use grend_tests::peer::python;
use grend_tests::{Headless, Https, Kind, Options, Peer, Pki, Process, Server, User};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

const PATIENCE: Duration = Duration::from_secs(60);
const CREATED: &str = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

fn pushing() -> Options {
    Options {
        push: true,
        ..Options::default()
    }
}

/// A distributor's server, the gateway beside a chat server, Anna's Grend and Ola's phone.
struct Family {
    web: Https,
    gateway: Process,
    grend: Headless,
    account: i64,
    peer: Peer,
    anna: User,
    ola: User,
    service: String,
    pki: Pki,
    _folders: [TempDir; 2],
}

impl Family {
    fn of(server: &Server) -> Self {
        let folders = [tempdir().unwrap(), tempdir().unwrap()];
        let pki = Pki::new(folders[0].path());
        let web = Https::start(&pki, CREATED);
        let service = format!("push.{}", server.domain());
        let gateway = gateway(server, &service, &web, &pki);
        let (anna, ola) = (server.add_stranger("anna"), server.add_stranger("ola"));
        let (grend, account) = Headless::online(folders[1].path(), server, &anna);
        Self {
            web,
            gateway,
            grend,
            account,
            peer: Peer::online(server, &ola, "phone"),
            anna,
            ola,
            service,
            pki,
            _folders: folders,
        }
    }

    fn endpoint(&self, token: &str) -> String {
        format!("https://127.0.0.1:{}/up/{token}?up=1", self.web.port())
    }

    /// Has it registered there.
    fn register(&mut self, token: &str) {
        let endpoint = self.endpoint(token);
        let service = self.service.clone();
        self.grend.must(json!({"do": "wake_by", "service": service}));
        self.grend.must(json!({"do": "endpoint", "endpoint": endpoint}));
        self.until(&json!([{"account": self.account, "state": "on"}]));
    }

    fn register_as(&mut self, account: &Value, token: &str) {
        let endpoint = self.endpoint(token);
        self.grend.must(json!({"do": "endpoint", "endpoint": endpoint}));
        self.until(&json!([{"account": account, "state": "on"}]));
    }

    /// Waits until the servers know so much. Each change of it is an event.
    fn until(&mut self, wanted: &Value) {
        loop {
            let wake = self.grend.must(json!({"do": "wake"}));
            if wake["accounts"] == *wanted {
                return;
            }
            self.grend.expect("accounts");
        }
    }

    /// The gateway says that it sent something, and what came of that.
    fn pushed(&mut self) -> String {
        self.gateway
            .line(Instant::now() + PATIENCE)
            .expect("the gateway goes on")
    }

    fn catch_up(&mut self) -> Value {
        self.grend.must(json!({"do": "catch_up", "deadline_ms": 60_000}))["done"].clone()
    }

    fn heard(&self, token: &str) -> usize {
        let wanted = format!("POST /up/{token}?up=1 ");
        let heard = self.web.heard();
        heard.iter().filter(|request| request.starts_with(&wanted)).count()
    }
}

fn gateway(server: &Server, service: &str, web: &Https, pki: &Pki) -> Process {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../platform/android/push/gateway");
    let mut command = Command::new(python());
    command.args(["-B", "-u"]).arg(script).envs([
        ("GREND_PUSH_ADDRESS", service),
        ("GREND_PUSH_SECRET", "component"),
        ("GREND_PUSH_PORT", &server.component_port().to_string()),
        ("GREND_PUSH_HOSTS", &format!("127.0.0.1:{}", web.port())),
        ("SSL_CERT_FILE", &pki.ca().to_string_lossy()),
    ]);
    let mut process = Process::start("the gateway", &mut command, "./run-tests makes the Python environment");
    let first = process.line(Instant::now() + PATIENCE);
    assert_eq!(first.as_deref(), Some("ready"), "{}", process.said());
    process
}

#[test]
fn who_is_away_is_woken_and_fetches_what_came() {
    for kind in Kind::ALL {
        let server = Server::start(kind, pushing());
        let mut it = Family::of(&server);
        it.register("first");
        // Killed, as Android does, and gone in order: the stream waits for us, or nobody does.
        for (round, killed) in [true, false, true].into_iter().enumerate() {
            if killed {
                it.grend.kill_9();
            } else {
                it.grend.quit();
            }
            let (body, before) = (format!("are you there? {round}"), it.heard("first"));
            it.peer.send(&it.anna.address, &body);
            // ejabberd pushes for streams that end, too.
            while it.heard("first") == before {
                assert_eq!(it.pushed(), format!("{} 201", server.domain()), "{kind:?}");
            }
            it.grend.restart();
            assert_eq!(it.catch_up(), true, "{kind:?}");
            let chat = it.grend.open(it.account, &it.ola.address);
            let last = it.grend.timeline(chat, 1).pop().unwrap();
            assert_eq!(last["body"], body, "{kind:?}");
        }
        let request = it.web.heard().pop().unwrap();
        assert!(
            request.contains("TTL: 86400") && request.ends_with("\r\n\r\n1"),
            "{request}"
        );
    }
}

#[test]
fn it_is_told_again_and_where_the_phone_is_now_and_nothing_any_more() {
    for kind in Kind::ALL {
        let mut server = Server::start(kind, pushing());
        let mut it = Family::of(&server);
        it.register("first");
        // Elsewhere now, and written down while nobody was there to be told.
        server.kill();
        it.grend
            .expect_event(PATIENCE, |event| event["connection"] == "waiting");
        let endpoint = it.endpoint("second");
        it.grend.must(json!({"do": "endpoint", "endpoint": endpoint}));
        it.grend.kill_9();
        server.resume();
        it.gateway = gateway(&server, &it.service, &it.web, &it.pki);
        it.peer = Peer::online(&server, &it.ola, "phone");
        it.grend.restart();
        it.until(&json!([{"account": it.account, "state": "on"}]));
        it.grend.quit();
        it.peer.send(&it.anna.address, "where are you?");
        it.pushed();
        assert_eq!(it.heard("first"), 0, "{kind:?}");
        assert!(it.heard("second") > 0, "{kind:?}");
        // Who does not want to be woken any more is not.
        it.grend.restart();
        it.grend.must(json!({"do": "wake_by"}));
        it.until(&json!([]));
        assert_eq!(it.grend.must(json!({"do": "wake"}))["service"], Value::Null);
        it.grend.quit();
        it.peer.send(&it.anna.address, "sleep well");
        it.peer.must(json!({"do": "ping"}));
        let other = server.add_stranger("kari");
        let folder = tempdir().unwrap();
        let (mut kari, account) = Headless::online(folder.path(), &server, &other);
        let (service, endpoint) = (it.service.clone(), it.endpoint("kari"));
        kari.must(json!({"do": "endpoint", "endpoint": endpoint}));
        kari.must(json!({"do": "wake_by", "service": service}));
        while kari.must(json!({"do": "wake"}))["accounts"] != json!([{"account": account, "state": "on"}]) {
            kari.expect("accounts");
        }
        kari.quit();
        let before = it.heard("second");
        it.peer.send(&it.anna.address, "sleep well, still");
        it.peer.send(&other.address, "and you?");
        while it.heard("kari") == 0 {
            it.pushed();
        }
        assert_eq!(it.heard("second"), before, "{kind:?}");
    }
}

#[test]
fn who_signs_out_is_not_woken_and_a_server_that_cannot_says_so() {
    for kind in Kind::ALL {
        let server = Server::start(kind, pushing());
        let mut it = Family::of(&server);
        it.register("first");
        it.grend.must(json!({"do": "sign_out", "account": it.account}));
        let wake = it.grend.must(json!({"do": "wake"}));
        assert_eq!(wake["accounts"], json!([]));
        // Whoever signs in next on this device is woken as before.
        let ola = it.ola.clone();
        let account = it.grend.must(sign_in(&server, &ola))["account"].clone();
        it.until(&json!([{"account": account, "state": "on"}]));
        it.register_as(&account, "second");
        it.peer.send(&it.anna.address, "are you there?");
        it.peer.must(json!({"do": "ping"}));
        it.grend.quit();
        drop(it.peer);
        let kari = server.add_stranger("kari");
        let mut peer = Peer::online(&server, &kari, "phone");
        peer.send(&ola.address, "hello");
        while it.web.heard().is_empty() {
            it.gateway.line(Instant::now() + PATIENCE).unwrap();
        }
        let heard = it.web.heard();
        assert!(
            heard.iter().all(|it| it.starts_with("POST /up/second")),
            "{kind:?}: {heard:?}"
        );

        let server = Server::start(kind, Options::default());
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), &server, &server.add_stranger("anna"));
        grend.must(json!({"do": "endpoint", "endpoint": "https://up.example/1"}));
        grend.must(json!({"do": "wake_by", "service": "push.family.test"}));
        while grend.must(json!({"do": "wake"}))["accounts"] != json!([{"account": account, "state": "refused"}]) {
            grend.expect("accounts");
        }
        for wrong in ["http://up.example/1", "https://up.example/ 1", "ftp://up.example"] {
            let refused = grend.request(json!({"do": "endpoint", "endpoint": wrong}));
            assert_eq!(refused.unwrap_err()["kind"], "invalid", "{wrong}");
        }
    }
}

#[test]
fn the_gateway_sends_to_the_hosts_of_the_family_and_to_nobody_else() {
    let server = Server::start(Kind::Prosody, pushing());
    let mut it = Family::of(&server);
    let service = it.service.clone();
    it.grend.must(json!({"do": "wake_by", "service": service}));
    it.grend
        .must(json!({"do": "endpoint", "endpoint": "https://127.0.0.1:1/elsewhere"}));
    it.until(&json!([{"account": it.account, "state": "on"}]));
    it.grend.quit();
    it.peer.send(&it.anna.address, "are you there?");
    assert_eq!(it.pushed(), format!("{} not one of ours", server.domain()));
    assert_eq!(it.web.heard(), Vec::<String>::new());
}
