//! What must reach the server, in order, whatever happens to the process.

use std::collections::{BTreeSet, HashSet};

use jid::BareJid;
use minidom::Element;

use crate::incoming::Context;
use crate::model::{ChatId, MessageId};
use crate::protocol::omemo::{self, Question, Ready};
use crate::protocol::{markers, presence, receipts, roster};
use crate::store::outbox::{self as jobs, JobId};
use crate::store::{Result, Tx, messages, streams};

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

/// Where to look in the outbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// Jobs up to here went, but for those that are held.
    pub after: JobId,
    pub held: BTreeSet<JobId>,
    /// So many may go.
    pub room: usize,
    /// As which stanza the first goes.
    pub first: u32,
    /// The archive may have what it was not asked for yet: what went once already is held.
    pub has_gap: bool,
}

/// What of the outbox can go now, and what cannot.
#[derive(Debug, Default)]
pub(crate) struct Next {
    pub stanzas: Vec<(JobId, Element)>,
    /// What is to be asked for those that wait.
    pub wanted: Vec<Question>,
    /// Jobs that were looked at and wait.
    pub held: BTreeSet<JobId>,
    /// Up to here they were looked at.
    pub last: JobId,
    /// There may be others behind.
    pub more: bool,
    /// Something waits for what is in the gap.
    pub seeks: bool,
}

/// The next jobs as stanzas. A conversation in which a message needs something first waits, the others go on. It is written
/// down that they go, and as the how-manieth, before they go.
pub(crate) fn look(tx: &mut Tx<'_>, context: &Context, look: &Look) -> Result<Next> {
    let new = jobs::after(tx, context.account, look.after, look.room)?;
    let mut next = Next {
        more: new.len() == look.room,
        last: new.last().map_or(look.after, |(id, _)| *id),
        ..Next::default()
    };
    let mut waiting = HashSet::new();
    for (id, job) in jobs::these(tx, &look.held)?.into_iter().chain(new) {
        let chat = chat(tx, &job)?;
        if next.stanzas.len() == look.room || chat.is_some_and(|chat| waiting.contains(&chat)) {
            next.held.insert(id);
            continue;
        }
        if look.has_gap && chat.is_some() && streams::went(tx, id)? {
            next.seeks = true;
            next.held.insert(id);
            waiting.extend(chat);
            continue;
        }
        match self::next(tx, context, &job)? {
            Ready::Stanza(stanza) => {
                streams::set_sequence(tx, id, look.first.wrapping_add(next.stanzas.len() as u32))?;
                next.stanzas.push((id, stanza));
            }
            Ready::Wants(questions) => {
                next.wanted.extend(questions);
                next.held.insert(id);
                waiting.extend(chat);
            }
            Ready::Never(why) => {
                if let Some(message) = jobs::done(tx, id)? {
                    messages::fail(tx, message, why)?;
                }
            }
        }
    }
    Ok(next)
}

/// The conversation whose order a job must keep.
fn chat(tx: &Tx<'_>, job: &Job) -> Result<Option<ChatId>> {
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
