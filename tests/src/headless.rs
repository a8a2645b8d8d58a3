//! Grend without a face, `grend headless`, driven from outside like any other program. `docs/headless.md` says what it
//! understands.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::dialogue::{Dialogue, PATIENCE};
use crate::peer::profile_folder;
use crate::process::Process;
use crate::server::{Server, User};

/// A running `grend headless` and the folder with its data, which outlives it.
pub struct Headless {
    dialogue: Dialogue,
    data: PathBuf,
    dns: Option<SocketAddr>,
    environment: Vec<(String, String)>,
}

impl Headless {
    /// Starts it with the accounts that are in `data`, if any.
    pub fn start(data: &Path) -> Self {
        Self::with_dns(data, None)
    }

    /// Starts it with a DNS server of our own.
    pub fn with_dns(data: &Path, dns: Option<SocketAddr>) -> Self {
        Self::with(data, dns, Vec::new())
    }

    /// Starts it with words in its environment.
    pub fn with_environment(data: &Path, environment: Vec<(String, String)>) -> Self {
        Self::with(data, None, environment)
    }

    fn with(data: &Path, dns: Option<SocketAddr>, environment: Vec<(String, String)>) -> Self {
        Self {
            dialogue: Dialogue::new(spawn(data, dns, &environment)),
            data: data.to_owned(),
            dns,
            environment,
        }
    }

    /// Starts it, signs in and waits until it has what was missed; with the number of the account.
    pub fn online(data: &Path, server: &Server, user: &User) -> (Self, i64) {
        let mut grend = Self::start(data);
        let account = grend.must(sign_in(server, user))["account"]
            .as_i64()
            .expect("an account has a number");
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        (grend, account)
    }

    /// The folder with its data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The conversation with an address.
    pub fn open(&mut self, account: i64, address: &str) -> i64 {
        let opened = self.must(json!({"do": "open", "account": account, "address": address}));
        opened["chat"].as_i64().expect("a chat has a number")
    }

    /// Writes a message down to be sent.
    pub fn send(&mut self, chat: i64, body: &str) -> i64 {
        let sent = self.must(json!({"do": "send", "chat": chat, "body": body}));
        sent["message"].as_i64().expect("a message has a number")
    }

    /// The last messages of a conversation, oldest first.
    pub fn timeline(&mut self, chat: i64, limit: u32) -> Vec<Value> {
        let found = self.must(json!({"do": "timeline", "chat": chat, "limit": limit}));
        found["messages"].as_array().cloned().expect("a timeline has messages")
    }

    /// Waits until a message got as far as `state`, or further.
    ///
    /// # Panics
    /// When it fails, or does not get there in time.
    pub fn expect_state(&mut self, message: i64, state: &str) {
        let order = ["queued", "sent", "delivered", "displayed"];
        let rank = |state: &str| order.iter().position(|known| *known == state);
        let wanted = rank(state).expect("a state that a sent message may have");
        self.expect_event(PATIENCE, |event| {
            if event["event"] != "state" || event["message"] != message {
                return false;
            }
            let now = event["state"].as_str().unwrap_or_default();
            rank(now).unwrap_or_else(|| panic!("message {message} is now {now}")) >= wanted
        });
    }

    /// Waits until a message with this text comes in; the message.
    pub fn expect_message(&mut self, body: &str) -> Value {
        let wanted = |event: &Value| event["event"] == "message" && event["message"]["body"] == body;
        self.expect_event(PATIENCE, wanted)["message"].take()
    }

    /// Ends it between any two steps, like a power cut or Android.
    pub fn kill_9(&mut self) {
        self.process().kill();
    }

    /// Starts it again on the same data; it connects by itself. A running one is killed.
    pub fn restart(&mut self) {
        self.kill_9();
        self.dialogue = Dialogue::new(spawn(&self.data, self.dns, &self.environment));
    }

    /// The orderly end: closes its input and waits.
    ///
    /// # Panics
    /// When it does not leave, or not with success.
    pub fn quit(&mut self) {
        self.process().end_input();
        let status = self.process().wait(Duration::from_secs(10));
        assert!(
            status.success(),
            "grend headless ended with {status}: {}",
            self.dialogue.process().said()
        );
    }
}

impl std::ops::Deref for Headless {
    type Target = Dialogue;

    fn deref(&self) -> &Dialogue {
        &self.dialogue
    }
}

impl std::ops::DerefMut for Headless {
    fn deref_mut(&mut self) -> &mut Dialogue {
        &mut self.dialogue
    }
}

/// The request to sign in by host and port, to be changed by those who want it otherwise.
pub fn sign_in(server: &Server, user: &User) -> Value {
    json!({
        "do": "sign_in",
        "address": user.address,
        "password": user.password,
        "host": "127.0.0.1",
        "port": server.port(),
        "tls": "starttls",
        "ca": server.ca(),
    })
}

/// The program to be used in place of what `program` would find.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Lets `program` be this one from now on.
pub fn use_program(path: PathBuf) {
    PROGRAM.set(path).expect("one program is measured in a run");
}

/// The program `grend`: what `GREND` names, or the one that Cargo built beside us.
///
/// # Panics
/// When it has not been built.
pub fn program() -> PathBuf {
    if let Some(program) = PROGRAM.get() {
        return program.clone();
    }
    let program = env::var_os("GREND").map_or_else(|| profile_folder().join("grend"), PathBuf::from);
    assert!(
        program.exists(),
        "there is no {}: run `cargo build -p grend` first",
        program.display()
    );
    program
}

fn spawn(data: &Path, dns: Option<SocketAddr>, environment: &[(String, String)]) -> Process {
    let mut command = Command::new(program());
    command.envs(environment.iter().cloned());
    command.arg("headless").arg("--data").arg(data);
    if let Some(dns) = dns {
        command.arg("--dns").arg(dns.to_string());
    }
    Process::start("grend headless", &mut command, "run `cargo build -p grend` first")
}
