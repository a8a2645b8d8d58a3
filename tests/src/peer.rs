//! A client written by others on the other side: slixmpp, in Python. `tests/peers/slixmpp_peer.py` says what it can do.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::dialogue::Dialogue;
use crate::process::Process;
use crate::server::{Server, User};

pub(crate) const ADVICE: &str =
    "./run-tests makes the Python environment of the tests; GREND_TEST_VENV may name another one";

/// A slixmpp client.
pub struct Peer {
    dialogue: Dialogue,
}

impl Peer {
    /// Starts the program; it is not connected yet.
    pub fn start() -> Self {
        let mut command = Command::new(python());
        command.args(["-B", "-u"]).arg(script("slixmpp_peer.py"));
        Self {
            dialogue: Dialogue::new(Process::start("the slixmpp peer", &mut command, ADVICE)),
        }
    }

    /// Starts the program with OMEMO; it is not connected yet.
    pub fn with_omemo() -> Self {
        let mut command = Command::new(python());
        command.args(["-B", "-u"]).arg(script("slixmpp_omemo_peer.py"));
        Self {
            dialogue: Dialogue::new(Process::start("the slixmpp peer", &mut command, ADVICE)),
        }
    }

    /// The request to connect with OMEMO.
    pub fn connect_with_keys(server: &Server, user: &User, resource: &str, keys: &Path) -> Value {
        let mut request = Self::connect(server, user, resource);
        request["keys"] = keys.to_string_lossy().into();
        request
    }

    /// Starts and connects somebody with OMEMO; the keys are in `keys`, and whoever deletes that file has lost them. With the
    /// number of the device.
    pub fn encrypted(server: &Server, user: &User, resource: &str, keys: &Path) -> (Self, u32) {
        let mut peer = Self::with_omemo();
        let request = Self::connect_with_keys(server, user, resource, keys);
        let device = peer.must(request)["device"].as_u64().expect("a device has a number");
        (peer, u32::try_from(device).expect("31 bits"))
    }

    /// Sends a text to all devices of somebody that it knows; its id.
    ///
    /// # Panics
    /// When a device was left out.
    pub fn send_encrypted(&mut self, to: &str, body: &str) -> String {
        let sent = self.must(json!({"do": "send", "to": to, "body": body, "encrypted": true}));
        assert_eq!(sent["left_out"], json!([]), "{sent}");
        sent["id"].as_str().expect("a sent message has an id").to_owned()
    }

    /// Waits until a message with this text arrives that was encrypted, carbon or not.
    pub fn expect_encrypted(&mut self, body: &str) -> Value {
        let found = self.expect_message(body);
        assert!(found["encryption"].is_string(), "in clear: {found}");
        found
    }

    /// Starts and connects somebody; their contact list is fetched, carbons are on and they are present.
    pub fn online(server: &Server, user: &User, resource: &str) -> Self {
        let mut peer = Self::start();
        peer.must(Self::connect(server, user, resource));
        peer
    }

    /// The request to connect, to be changed by those who want it otherwise (`tls`, `port`, `presence`,
    /// `stream_management`).
    pub fn connect(server: &Server, user: &User, resource: &str) -> Value {
        json!({
            "do": "connect",
            "address": user.address,
            "password": user.password,
            "resource": resource,
            "host": "127.0.0.1",
            "port": server.port(),
            "ca": server.ca(),
        })
    }

    /// Sends a text that asks for a receipt and a marker; the id it went with.
    pub fn send(&mut self, to: &str, body: &str) -> String {
        let sent = self.must(json!({"do": "send", "to": to, "body": body}));
        sent["id"].as_str().expect("a sent message has an id").to_owned()
    }

    /// Waits until a message with this text arrives, carbon or not.
    pub fn expect_message(&mut self, body: &str) -> Value {
        self.expect_event(crate::dialogue::PATIENCE, |event| {
            event["event"] == "message" && event["body"] == body
        })
    }

    /// Everything the archive has, oldest first; `with` limits it to one conversation.
    pub fn archive(&mut self, with: Option<&str>) -> Vec<Value> {
        let found = self.must(json!({"do": "archive", "with": with}));
        found["messages"].as_array().cloned().unwrap_or_default()
    }

    /// Sends anything at all.
    pub fn raw(&mut self, xml: &str) {
        self.must(json!({"do": "raw", "xml": xml}));
    }
}

impl std::ops::Deref for Peer {
    type Target = Dialogue;

    fn deref(&self) -> &Dialogue {
        &self.dialogue
    }
}

impl std::ops::DerefMut for Peer {
    fn deref_mut(&mut self) -> &mut Dialogue {
        &mut self.dialogue
    }
}

/// How fast a server can deliver an archive: the raw page reader of the benchmark.
pub fn read_pages(server: &Server, user: &User, page: u32, quick_ack: bool) -> Value {
    let output = Command::new(python())
        .arg(script("raw_pages.py"))
        .args([
            "127.0.0.1",
            &server.port().to_string(),
            server.domain(),
            &user.name,
            &user.password,
        ])
        .arg(server.ca())
        .args([page.to_string(), u8::from(quick_ack).to_string()])
        .output()
        .unwrap_or_else(|error| panic!("the page reader does not start ({error}): {ADVICE}"));
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!(
            "the page reader failed: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    })
}

pub(crate) fn script(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name);
    assert!(path.exists(), "{} is missing", path.display());
    path
}

/// The Python of the environment that has slixmpp: `GREND_TEST_VENV`, or `venv` in the target folder.
///
/// # Panics
/// When it was not made.
pub fn python() -> PathBuf {
    let venv = env::var_os("GREND_TEST_VENV").map_or_else(|| profile_folder().with_file_name("venv"), PathBuf::from);
    let python = venv.join("bin/python");
    assert!(python.exists(), "there is no {}: {ADVICE}", python.display());
    python
}

/// Where Cargo puts programs, `<target>/<profile>`. Test programs lie one deeper, in `deps`.
pub(crate) fn profile_folder() -> PathBuf {
    let program = env::current_exe().expect("a program knows where it lies");
    let folder = program.parent().expect("a program lies in a folder");
    let folder = if folder.ends_with("deps") {
        folder.parent().expect("deps lies in the profile")
    } else {
        folder
    };
    folder.to_owned()
}
