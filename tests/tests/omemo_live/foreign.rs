//! The foreign clients in one dress, so that what works with one is tested with the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use grend_tests::dialogue::PATIENCE;
use grend_tests::{Peer, Profanity, Server, User};
use serde_json::{Value, json};

/// Somebody who talks with one other person, always encrypted.
pub trait Foreign {
    /// A new device, that others can find.
    fn begin(server: &'static Server, user: &User, other: &str, folder: &Path) -> Self;
    /// Its number.
    fn device(&self) -> u32;
    /// Waits until it can write to this device of the other one, as `devices` tells of it.
    fn knows(&mut self, device: &Value);
    /// Writes.
    fn write(&mut self, body: &str);
    /// Waits until it has read this, which was encrypted.
    fn reads(&mut self, body: &str);
    /// Ends.
    fn leave(&mut self);
    /// The same device again.
    fn come_back(&mut self);
    /// Comes back with keys of its own, for the others are lost.
    fn come_back_without_keys(&mut self);
}

/// slixmpp with slixmpp-omemo.
pub struct Slixmpp {
    server: &'static Server,
    user: User,
    other: String,
    keys: PathBuf,
    peer: Option<Peer>,
    device: u32,
}

impl Slixmpp {
    fn peer(&mut self) -> &mut Peer {
        self.peer.as_mut().expect("it is there")
    }
}

impl Slixmpp {
    /// Waits until this device of the other one is on no list any more.
    pub fn misses(&mut self, number: u32) {
        self.await_devices(|devices| !devices.iter().any(|it| it["device"] == number && it["active"] == true));
    }

    fn await_devices(&mut self, wanted: impl Fn(&[Value]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let other = self.other.clone();
        loop {
            let known = self.peer().must(json!({"do": "devices", "address": other}));
            if wanted(known["devices"].as_array().expect("a list")) {
                return;
            }
            assert!(Instant::now() < deadline, "slixmpp sees other devices: {known}");
            sleep(Duration::from_millis(50)); // between two looks; the look decides
        }
    }
}

impl Foreign for Slixmpp {
    fn begin(server: &'static Server, user: &User, other: &str, folder: &Path) -> Self {
        let keys = folder.join(format!("{}-slixmpp", user.name));
        let (peer, device) = Peer::encrypted(server, user, "slixmpp", &keys);
        Self {
            server,
            user: user.clone(),
            other: other.to_owned(),
            keys,
            peer: Some(peer),
            device,
        }
    }

    fn device(&self) -> u32 {
        self.device
    }

    fn knows(&mut self, device: &Value) {
        let number = device["number"].clone();
        self.await_devices(|devices| devices.iter().any(|it| it["device"] == number && it["active"] == true));
    }

    fn write(&mut self, body: &str) {
        let other = self.other.clone();
        self.peer().send_encrypted(&other, body);
    }

    fn reads(&mut self, body: &str) {
        self.peer().expect_encrypted(body);
    }

    fn leave(&mut self) {
        // In order: what is sent to a connection that the server has not seen end may be lost, and this is not its test.
        self.peer().must(json!({"do": "disconnect"}));
        self.peer = None;
    }

    fn come_back(&mut self) {
        let (peer, device) = Peer::encrypted(self.server, &self.user, "slixmpp", &self.keys);
        (self.peer, self.device) = (Some(peer), device);
    }

    fn come_back_without_keys(&mut self) {
        fs::remove_file(&self.keys).expect("it had keys");
        self.come_back();
    }
}

/// Profanity.
pub struct InTerminal {
    server: &'static Server,
    user: User,
    other: String,
    home: PathBuf,
    profanity: Option<Profanity>,
    device: u32,
    /// The device of the other one that it last heard of.
    known: Option<Value>,
}

impl InTerminal {
    fn profanity(&mut self) -> &mut Profanity {
        self.profanity.as_mut().expect("it is there")
    }
}

impl Foreign for InTerminal {
    fn begin(server: &'static Server, user: &User, other: &str, folder: &Path) -> Self {
        let home = folder.join(format!("{}-profanity", user.name));
        let (profanity, device) = Profanity::with_keys(&home, server, user);
        Self {
            server,
            user: user.clone(),
            other: other.to_owned(),
            home,
            profanity: Some(profanity),
            device,
            known: None,
        }
    }

    fn device(&self) -> u32 {
        self.device
    }

    fn knows(&mut self, device: &Value) {
        let number = u32::try_from(device["number"].as_u64().expect("a number")).expect("31 bits");
        let fingerprint = device["fingerprint"].as_str().expect("a fingerprint");
        let other = self.other.clone();
        self.profanity().expect_device(&other, number, fingerprint);
        self.known = Some(device.clone());
    }

    fn write(&mut self, body: &str) {
        self.profanity().type_line(body);
        self.profanity().expect_encrypted(body);
    }

    fn reads(&mut self, body: &str) {
        self.profanity().expect_encrypted(body);
    }

    fn leave(&mut self) {
        self.profanity = None;
    }

    fn come_back(&mut self) {
        self.profanity = Some(Profanity::start(&self.home, self.server, &self.user));
        // It keeps keys, but not who has which device.
        if let Some(device) = self.known.clone() {
            self.knows(&device);
        }
    }

    fn come_back_without_keys(&mut self) {
        Profanity::forget_keys(&self.home);
        let (profanity, device) = Profanity::with_keys(&self.home, self.server, &self.user);
        (self.profanity, self.device) = (Some(profanity), device);
    }
}
