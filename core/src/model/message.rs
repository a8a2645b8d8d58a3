//! A message, and the window of a conversation that a screen shows.

use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::{ChatId, Encryption, MessageId};

/// How far a message got. Outgoing messages only ever move down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Written down, waits for the connection.
    Queued,
    /// The server has it.
    Sent,
    /// A device of theirs has it.
    Delivered,
    /// They have read it.
    Displayed,
    /// It will not arrive; the reason stands beside it.
    Failed,
    /// Not ours: somebody sent it to us.
    Received,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its row.
    pub id: MessageId,
    /// Where it stands.
    pub chat: ChatId,
    /// Whether we wrote it, on whichever device.
    pub mine: bool,
    /// Who wrote it.
    pub from: BareJid,
    /// The text.
    pub body: String,
    /// When it was sent, ms UTC, as far as the servers know.
    pub sent_at: i64,
    /// How far it got.
    pub state: State,
    /// Why it failed: the server's condition, say `service-unavailable`.
    pub failure: Option<String>,
    /// How it travelled; while it is queued, how it must.
    pub encryption: Encryption,
    /// The number of the device that encrypted it.
    pub device: Option<u32>,
    /// Why it could not be read, say `no_session`; then the body is empty.
    pub unreadable: Option<String>,
    /// The `id` attribute of the stanza.
    pub wire_id: String,
    /// XEP-0359 `<origin-id/>`, chosen by the sending client.
    pub origin_id: Option<String>,
    /// XEP-0359 `<stanza-id/>`, given by our archive.
    pub archive_id: Option<String>,
}

/// Which messages of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// At most so many; the newest of what fits.
    pub limit: u32,
    /// Only messages that stand above this one.
    pub before: Option<MessageId>,
}

/// A piece of a conversation, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// The messages.
    pub messages: Vec<Message>,
    /// Nothing stands above the first of them, neither here nor on the server.
    pub complete: bool,
    /// The first message that was not read yet, wherever it is.
    pub unread_from: Option<MessageId>,
}
