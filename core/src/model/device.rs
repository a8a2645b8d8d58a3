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
    /// Whether it is this very device.
    pub this: bool,
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
