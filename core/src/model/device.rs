//! Devices that read encrypted messages, and what their keys are worth.

use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::{AccountId, DeviceId};

/// How a message is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// Not: servers can read it.
    #[default]
    None,
    /// Version 0.3 of OMEMO.
    Omemo,
    /// `urn:xmpp:omemo:2`.
    Omemo2,
}

/// What the key of a device is worth to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// New, and waits for the user. Reads nothing that we write.
    Undecided,
    /// The user said no.
    Refused,
    /// Nobody has looked, and nothing of this person was verified: trusted.
    Blind,
    /// The user has compared it.
    Verified,
}

/// A device of ours or of somebody we write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its row.
    pub id: DeviceId,
    /// Whose account knows it.
    pub account: AccountId,
    /// Whose device it is.
    pub address: BareJid,
    /// Its number, unique for the address.
    pub number: u32,
    /// What the user calls it.
    pub name: Option<String>,
    /// Whether it is this very device.
    pub this: bool,
    /// Ours, and the user does not know yet that it came.
    pub new: bool,
    /// Whether it is on a list of its address now.
    pub listed: bool,
    /// 64 hexadecimal digits; absent until its keys were seen.
    pub fingerprint: Option<String>,
    /// Absent until its keys were seen.
    pub trust: Option<Trust>,
    /// It is listed and its keys cannot be had or used: it cannot read what we write.
    pub broken: bool,
    /// When it was seen first, ms UTC.
    pub seen_at: i64,
    /// When it wrote last, ms UTC.
    pub used_at: Option<i64>,
}

impl Device {
    /// Whether it can read what we write from now on.
    pub fn reads(&self) -> bool {
        self.listed && !self.broken && !matches!(self.trust, Some(Trust::Undecided | Trust::Refused))
    }

    /// Whether it waits for the user to say that it may read.
    pub fn waits(&self) -> bool {
        self.listed && self.trust == Some(Trust::Undecided)
    }
}

/// Who can read what is written to an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readers {
    /// What was decided; `None`: it is encrypted as soon as the other one can read it.
    pub decided: Option<bool>,
    /// Since when it is encrypted, ms UTC.
    pub since: Option<i64>,
    /// The other one's devices; none if it is our own address.
    pub theirs: Vec<Device>,
    /// Our own, and this one among them.
    pub ours: Vec<Device>,
}

impl Readers {
    /// Whether what is written now is encrypted, or else not sent.
    pub fn encrypted(&self) -> bool {
        self.decided.unwrap_or_else(|| self.somebody_reads())
    }

    /// Whether a device of the other one can read.
    pub fn somebody_reads(&self) -> bool {
        self.theirs.iter().any(Device::reads)
    }
}

/// What comparing a link (see [`DeviceLink`](crate::DeviceLink)) with the keys we know found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// The text is no such link.
    NoLink,
    /// It speaks of this address, and another was meant.
    Of(BareJid),
    /// These devices have other keys than it says. Nothing was marked.
    Differs(Vec<Device>),
    /// All that it says is so.
    Same {
        /// How many devices are verified now.
        verified: usize,
        /// The others of this address, which it does not mention and which can read.
        others: Vec<Device>,
    },
}
