//! The screens. Each is a small state machine: `new`, `update`, `view`; what it wants of the world it says as an event,
//! so that none of them knows core, and a test can build each from plain values.

pub mod arrivals;
pub mod conversation;
pub mod health;
pub mod home;
pub mod parts;
pub mod readers;
pub mod settings;
pub mod trouble;
pub mod welcome;

use grend_core::model::{AccountId, BareJid, Connection, Live, Show};
use jiff::civil::{Date, DateTime};

use crate::host::Host;
use crate::l10n::Words;
use crate::when;

/// What every view may look at besides its own state.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The texts.
    pub words: &'a Words,
    /// The machine.
    pub host: &'a dyn Host,
    /// What is true now.
    pub live: &'a Live,
    /// One pane at a time.
    pub narrow: bool,
    /// Hardly room for a word beside another: large text on a small screen.
    pub tight: bool,
}

impl Env<'_> {
    /// Today, where the user is.
    pub fn today(&self) -> Date {
        self.local(self.host.now()).date()
    }

    /// A moment on the clock of the user.
    pub fn local(&self, at: i64) -> DateTime {
        when::local(self.host, at)
    }

    /// How somebody is there, in words; `None` if we are not told.
    pub fn presence(&self, account: AccountId, address: &BareJid) -> Option<&'static str> {
        let key = match self.live.presence.get(&(account, address.clone()))? {
            Show::Available => "contact-there",
            Show::Away => "contact-away",
            Show::Busy => "contact-busy",
        };
        Some(key)
    }

    /// What to say about the connection of an account, if it is not simply there.
    pub fn connection(&self, account: AccountId) -> Option<&'static str> {
        match self.live.connections.get(&account) {
            Some(Connection::Online) => None,
            Some(Connection::Connecting) => Some("connecting-line"),
            Some(Connection::Stopped(_)) => Some("stopped-line"),
            Some(Connection::Offline | Connection::Waiting { .. }) | None => Some("offline-line"),
        }
    }
}
