//! The foreign clients in one dress, so that what works with one is tested with the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use grend_tests::dialogue::PATIENCE;
use grend_tests::{Peer, Profanity, Server, User};
use serde_json::json;

/// Somebody who talks with one other person, always encrypted.
pub trait Foreign {
    /// A new device, that others can find.
    fn begin(server: &'static Server, user: &User, other: &str, folder: &Path) -> Self;
    /// Its number.
    fn device(&self) -> u32;
    /// Waits until it can write to this device of the other one.
    fn knows(&mut self, device: u32);
    /// Writes.
    fn write(&mut self, body: &str);
    /// Waits until it has read this, which was encrypted.
    fn reads(&mut self, body: &str);
    /// Ends like a power cut.
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

    fn knows(&mut self, device: u32) {
        let deadline = Instant::now() + PATIENCE;
        let other = self.other.clone();
        loop {
            let known = self.peer().must(json!({"do": "devices", "address": other}));
            let mut devices = known["devices"].as_array().expect("a list").iter();
            if devices.any(|it| it["device"] == device && it["active"] == true) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "slixmpp does not see device {device}: {known}"
            );
            sleep(Duration::from_millis(50)); // between two looks; the look decides
        }
    }

    fn write(&mut self, body: &str) {
        let other = self.other.clone();
        self.peer().send_encrypted(&other, body);
    }

    fn reads(&mut self, body: &str) {
        self.peer().expect_encrypted(body);
    }

    fn leave(&mut self) {
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
    /// Whether the conversation stands on the screen.
    open: bool,
}

impl InTerminal {
    fn profanity(&mut self) -> &mut Profanity {
        self.profanity.as_mut().expect("it is there")
    }

    fn opened(&mut self) -> &mut Profanity {
        if !self.open {
            let other = self.other.clone();
            self.profanity().open(&other);
            self.open = true;
        }
        self.profanity()
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
            open: false,
        }
    }

    fn device(&self) -> u32 {
        self.device
    }

    fn knows(&mut self, device: u32) {
        // It has built a session then. That stands in its first window.
        self.open = false;
        let trusts = format!("device {device}");
        self.profanity().type_line("/win 1");
        self.profanity().expect(&trusts);
    }

    fn write(&mut self, body: &str) {
        self.opened().type_line(body);
        self.opened().expect_encrypted(body);
    }

    fn reads(&mut self, body: &str) {
        self.opened().expect_encrypted(body);
    }

    fn leave(&mut self) {
        self.profanity = None;
    }

    fn come_back(&mut self) {
        self.profanity = Some(Profanity::start(&self.home, self.server, &self.user));
        self.open = false;
    }

    fn come_back_without_keys(&mut self) {
        Profanity::forget_keys(&self.home);
        let (profanity, device) = Profanity::with_keys(&self.home, self.server, &self.user);
        (self.profanity, self.device) = (Some(profanity), device);
        self.open = false;
    }
}
