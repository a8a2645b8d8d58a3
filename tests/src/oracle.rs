//! Somebody else's OMEMO (XEP-0384) in a process of its own, without a network: what ours is compared with.
//! `tests/peers/oracle.py` says what an oracle can do.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dialogue::Dialogue;
use crate::peer::{ADVICE, python, script};
use crate::process::Process;

/// Whose OMEMO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// python-omemo in `eu.siacs.conversations.axolotl`.
    Oldmemo,
    /// python-omemo in `urn:xmpp:omemo:2`.
    Twomemo,
    /// omemo-dr, the second one in `eu.siacs.conversations.axolotl`.
    OmemoDr,
}

/// Bytes, in JSON as base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        BASE64.encode(bytes.0)
    }
}

impl TryFrom<String> for Bytes {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64.decode(text).map(Self)
    }
}

/// The keys that a device publishes, as its version of OMEMO writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The identity key.
    pub ik: Bytes,
    /// The number of the signed prekey.
    pub spk_id: u32,
    /// The signed prekey.
    pub spk: Bytes,
    /// Its signature.
    pub spks: Bytes,
    /// The prekeys by number.
    pub prekeys: BTreeMap<u32, Bytes>,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The sending device.
    pub sid: u32,
    /// One for each receiving device.
    pub keys: Vec<Key>,
    /// The nonce of the payload; only in the older version.
    pub iv: Option<Bytes>,
    /// The text; none in a message that only carries a key.
    pub payload: Option<Bytes>,
}

/// What a message has for one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The receiving device.
    pub rid: u32,
    /// Whether it can begin a session.
    pub kex: bool,
    /// The message of the ratchet.
    pub key: Bytes,
}

/// What came of encrypting or decrypting.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The text, if the message had one; only when decrypting.
    pub text: Option<String>,
    /// The message; only when encrypting.
    pub letter: Option<Letter>,
    /// Messages without text that the library wants to be sent, too.
    pub also: Vec<Letter>,
}

/// Why the library refused, and what it wants to be sent all the same.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The library's word and sentence.
    pub why: String,
    /// Messages without text.
    pub also: Vec<Letter>,
}

/// The process.
pub struct Oracle {
    dialogue: Dialogue,
}

impl Oracle {
    /// Starts it, without devices.
    pub fn start(library: Library) -> Self {
        let mut command = Command::new(python());
        command.arg("-B");
        match library {
            Library::Oldmemo => command.arg(script("python_omemo_oracle.py")).arg("oldmemo"),
            Library::Twomemo => command.arg(script("python_omemo_oracle.py")).arg("twomemo"),
            Library::OmemoDr => command.arg(script("omemo_dr_oracle.py")),
        };
        Self {
            dialogue: Dialogue::new(Process::start("an OMEMO oracle", &mut command, ADVICE)),
        }
    }

    /// A new device of the account `address`: its number, its fingerprint, its bundle.
    pub fn new_device(&mut self, device: &str, address: &str) -> (u32, String, Bundle) {
        let mut made = self.must(json!({"do": "new", "device": device, "address": address}));
        let fingerprint = made["fingerprint"].as_str().expect("a fingerprint").to_owned();
        (taken(&mut made, "device_id"), fingerprint, taken(&mut made, "bundle"))
    }

    /// What the device would publish now.
    pub fn bundle(&mut self, device: &str) -> Bundle {
        taken(&mut self.must(json!({"do": "bundle", "device": device})), "bundle")
    }

    /// Tells `device` of somebody else's.
    pub fn meet(&mut self, device: &str, address: &str, device_id: u32, bundle: &Bundle) {
        self.must(json!({
            "do": "meet", "device": device, "address": address, "device_id": device_id, "bundle": bundle,
        }));
    }

    /// Encrypts a text for all devices of an address that `device` knows.
    pub fn encrypt(&mut self, device: &str, to: &str, text: &str) -> Result<Outcome, Refusal> {
        self.outcome(json!({"do": "encrypt", "device": device, "to": [to], "text": text}))
    }

    /// Decrypts a message.
    pub fn decrypt(&mut self, device: &str, from: &str, letter: &Letter) -> Result<Outcome, Refusal> {
        self.outcome(json!({"do": "decrypt", "device": device, "from": from, "message": letter}))
    }

    /// Makes a new session with a device in place of the one that is there; the messages that say so.
    pub fn replace(&mut self, device: &str, address: &str, device_id: u32) -> Result<Outcome, Refusal> {
        self.outcome(json!({"do": "replace", "device": device, "address": address, "device_id": device_id}))
    }

    /// Changes the signed prekey.
    pub fn rotate(&mut self, device: &str) {
        self.must(json!({"do": "rotate", "device": device}));
    }

    /// Everything of a device.
    pub fn save(&mut self, device: &str) -> String {
        taken(&mut self.must(json!({"do": "save", "device": device})), "state")
    }

    /// Makes a device again as it was, here or in another process.
    pub fn load(&mut self, device: &str, state: &str) {
        self.must(json!({"do": "load", "device": device, "state": state}));
    }

    fn must(&mut self, request: Value) -> Value {
        self.dialogue.must(request)
    }

    fn outcome(&mut self, request: Value) -> Result<Outcome, Refusal> {
        match self.dialogue.request(request) {
            Ok(mut found) => Ok(Outcome {
                text: found["text"].as_str().map(str::to_owned),
                letter: found.get("message").is_some().then(|| taken(&mut found, "message")),
                also: messages(&mut found),
            }),
            Err(mut error) => Err(Refusal {
                why: format!("{}: {}", error["kind"], error["text"]),
                also: messages(&mut error),
            }),
        }
    }
}

fn taken<T: for<'de> Deserialize<'de>>(value: &mut Value, name: &str) -> T {
    serde_json::from_value(value[name].take()).unwrap_or_else(|error| panic!("an oracle's {name}: {error}"))
}

fn messages(value: &mut Value) -> Vec<Letter> {
    let Value::Array(also) = value["also"].take() else {
        return Vec::new();
    };
    also.into_iter().map(|mut it| taken(&mut it, "message")).collect()
}
