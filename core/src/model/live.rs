//! What is true now and not stored: connections, who is there, who is typing.

use std::collections::{HashMap, HashSet};

use jid::BareJid;

use super::{AccountId, ChatId};
use crate::error::Cause;

/// Everything that is true now. Cheap to clone for a family's worth of contacts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// How each account is connected.
    pub connections: HashMap<AccountId, Connection>,
    /// Accounts whose stream went on where it was cut. XEP-0198.
    pub resumed: HashSet<AccountId>,
    /// Accounts whose archive has been caught up with.
    pub caught_up: HashSet<AccountId>,
    /// Contacts who are there.
    pub presence: HashMap<(AccountId, BareJid), Show>,
    /// Conversations in which the other one is typing.
    pub typing: HashSet<(AccountId, ChatId)>,
}

/// How an account is connected.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Connection {
    /// Not, and nobody tries.
    #[default]
    Offline,
    /// On the way.
    Connecting,
    /// Signed in; stanzas flow.
    Online,
    /// It failed; the next try is at this time (ms UTC).
    Waiting {
        /// Why it failed.
        cause: Cause,
        /// When the next try begins, ms UTC.
        retry_at: i64,
    },
    /// It failed in a way that a retry does not mend; the user must act.
    Stopped(Cause),
}

/// How somebody is there. RFC 6121, section 4.7.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Show {
    /// Do not disturb.
    Busy,
    /// Away from the device.
    Away,
    /// There.
    Available,
}
