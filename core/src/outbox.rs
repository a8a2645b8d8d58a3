//! What must reach the server, in order, whatever happens to the process.

use jid::BareJid;
use minidom::Element;
use rusqlite::Connection;

use crate::model::{AccountId, MessageId};
use crate::protocol::{markers, messages, presence, receipts, roster};
use crate::store::Result;

/// One thing to be said. Its words are built from rows when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Job {
    /// A message of ours.
    Message(MessageId),
    /// "It arrived", to the sender of this message.
    Receipt(MessageId),
    /// "Read up to this message."
    Displayed(MessageId),
    /// This contact as it stands here, for the server's list.
    Contact(BareJid),
    /// May we see when you are there?
    Subscribe(BareJid),
    /// Yes, you may see us.
    Subscribed(BareJid),
    /// No.
    Unsubscribed(BareJid),
}

/// Builds the stanza of a job from what the store knows now.
pub(crate) fn stanza(conn: &Connection, account: AccountId, job: &Job) -> Result<Element> {
    match job {
        Job::Message(id) => messages::stanza(conn, *id),
        Job::Receipt(id) => receipts::stanza(conn, *id),
        Job::Displayed(id) => markers::stanza(conn, *id),
        Job::Contact(address) => roster::set(conn, account, address),
        Job::Subscribe(address) => Ok(presence::subscription("subscribe", address)),
        Job::Subscribed(address) => Ok(presence::subscription("subscribed", address)),
        Job::Unsubscribed(address) => Ok(presence::subscription("unsubscribed", address)),
    }
}
