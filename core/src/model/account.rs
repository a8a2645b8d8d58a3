//! An account: an address, and how to reach its server where DNS does not say.

use std::path::PathBuf;

use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::AccountId;

/// An account that is signed in on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its row.
    pub id: AccountId,
    /// The address people write to.
    pub address: BareJid,
    /// How to reach the server, where the user said so.
    pub host: Option<Override>,
    /// A file with certificates (PEM) that are trusted besides the system's.
    pub ca: Option<PathBuf>,
}

/// What a person types to sign in.
#[derive(Clone)]
pub struct Credentials {
    /// The address, say `alice@family.example`.
    pub address: BareJid,
    /// The password. Never logged, never in the database.
    pub password: String,
    /// "Advanced": where the server is, if DNS does not say.
    pub host: Option<Override>,
    /// An extra certificate authority (PEM file).
    pub ca: Option<PathBuf>,
}

/// Where the server is, in place of what DNS says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// A host name or an IP address.
    pub host: String,
    /// A TCP port; `None` is 5222 with STARTTLS, 5223 with direct TLS.
    pub port: Option<u16>,
    /// How the connection is secured. There is no "not at all".
    pub tls: Tls,
}

/// When TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// At once. XEP-0368.
    Direct,
    /// After a request in the clear. RFC 6120, section 5.
    #[default]
    Starttls,
}
