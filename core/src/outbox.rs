//! What must reach the server, in order, whatever happens to the process.

use jid::BareJid;

use crate::incoming::Context;
use crate::model::{ChatId, MessageId};
use crate::protocol::omemo::{self, Ready};
use crate::protocol::{markers, presence, receipts, roster};
use crate::store::{Result, Tx, messages};

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

/// The conversation whose order a job must keep.
pub(crate) fn chat(tx: &Tx<'_>, job: &Job) -> Result<Option<ChatId>> {
    match job {
        Job::Message(id) => Ok(Some(messages::get(tx, *id)?.chat)),
        _ => Ok(None),
    }
}

/// What a job needs next: mostly nothing, and its stanza is built from what the store knows now.
pub(crate) fn next(tx: &mut Tx<'_>, context: &Context, job: &Job) -> Result<Ready> {
    let stanza = match job {
        Job::Message(id) => return omemo::message(tx, context, *id),
        Job::Receipt(id) => receipts::stanza(tx, *id)?,
        Job::Displayed(id) => markers::stanza(tx, *id)?,
        Job::Contact(address) => roster::set(tx, context.account, address)?,
        Job::Subscribe(address) => presence::subscription("subscribe", address),
        Job::Subscribed(address) => presence::subscription("subscribed", address),
        Job::Unsubscribed(address) => presence::subscription("unsubscribed", address),
    };
    Ok(Ready::Stanza(stanza))
}
