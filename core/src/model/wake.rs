//! What wakes a device that is not connected.

use jid::BareJid;
use serde::Serialize;

use super::AccountId;

/// The push service, where it reaches this device, and what the servers know of it. XEP-0357.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wake {
    /// Who is told by the servers.
    pub service: Option<BareJid>,
    /// Where that reaches this device.
    pub endpoint: Option<String>,
    /// How far each account got. None for one that is to know nothing, and knows nothing.
    pub accounts: Vec<(AccountId, PushState)>,
}

/// Whether the server of an account tells the push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushState {
    /// It is to be asked to.
    Wanted,
    /// It does.
    On,
    /// It cannot, or does not want to.
    Refused,
    /// It does, and is to be asked not to.
    Leaving,
}
