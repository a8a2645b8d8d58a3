//! Grend at the fake server, and the stanzas that tests are made of.

use grend_tests::fake::Script;
use grend_tests::{Fake, Headless};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

pub const OLA: &str = "ola@family.test/phone";
pub const EVE: &str = "eve@evil.test/x";
pub const FORWARD: &str = "urn:xmpp:forward:0";
pub const MAM: &str = "urn:xmpp:mam:2";

/// Grend, caught up at a fake server.
pub struct World {
    pub fake: Fake,
    pub grend: Headless,
    pub account: i64,
    _folder: TempDir,
}

impl World {
    pub fn with(script: Script) -> Self {
        let (fake, folder) = (Fake::start(script), tempdir().unwrap());
        let mut grend = Headless::start(folder.path());
        let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        Self {
            fake,
            grend,
            account,
            _folder: folder,
        }
    }

    pub fn new() -> Self {
        Self::with(Script::default())
    }

    /// Waits until everything said so far is stored: a last honest word, and its acknowledgement.
    pub fn settle(&mut self, word: &str) {
        self.fake.say(message(OLA, word, &format!("<body>{word}</body>")));
        self.grend.expect_message(word);
        self.fake.await_acknowledged();
    }

    /// The texts of a conversation; the chat is made if it is not there.
    pub fn bodies(&mut self, address: &str) -> Vec<String> {
        let chat = self.grend.open(self.account, address);
        let timeline = self.grend.timeline(chat, 1_000);
        timeline
            .iter()
            .map(|it| it["body"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Why stanzas were left out, the newest first.
    pub fn aside(&mut self) -> Vec<String> {
        let health = self.grend.must(json!({"do": "health", "account": self.account}));
        let last = health["last"].as_array().unwrap();
        last.iter()
            .map(|it| it["reason"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn chats(&mut self) -> Vec<Value> {
        self.grend.must(json!({"do": "chats"}))["chats"]
            .as_array()
            .unwrap()
            .clone()
    }
}

pub fn message(from: &str, id: &str, content: &str) -> String {
    format!("<message type='chat' from='{from}' to='anna@family.test' id='{id}'>{content}</message>")
}

/// A message inside another.
pub fn inner(from: &str, to: &str, id: &str, body: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' from='{from}' to='{to}' id='{id}'><body>{body}</body></message>"
    )
}

pub fn carbon(from: &str, name: &str, inner: &str) -> String {
    format!(
        "<message from='{from}' to='anna@family.test'><{name} xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='{FORWARD}'>{inner}</forwarded></{name}></message>"
    )
}

pub fn result(from: &str, queryid: &str, id: &str, inner: &str) -> String {
    format!(
        "<message from='{from}' to='anna@family.test'><result xmlns='{MAM}' queryid='{queryid}' id='{id}'>\
         <forwarded xmlns='{FORWARD}'>{inner}</forwarded></result></message>"
    )
}

pub fn archived(n: usize, content: &str) -> (String, String) {
    let stamp = format!(
        "<delay xmlns='urn:xmpp:delay' stamp='2026-11-20T10:{:02}:00Z'/>",
        n % 60
    );
    (format!("a{n}"), format!("{stamp}{content}"))
}

impl World {
    /// Who is on the contact list or asks to be, by address.
    pub fn contacts(&mut self) -> Vec<String> {
        let contacts = self.grend.must(json!({"do": "contacts"}))["contacts"].clone();
        let contacts = contacts.as_array().unwrap().iter();
        contacts.map(|it| it["address"].as_str().unwrap().to_owned()).collect()
    }
}

/// ms UTC.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}
