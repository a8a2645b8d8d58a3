//! The way of an incoming message. The order is the protocol, so it is written as code.

use crate::clock;
use crate::incoming::Incoming;
use crate::model::Reason;
use crate::protocol::{chat_states, errors, markers, messages, omemo, receipts};
use crate::store::quarantine::{self, LeftOut};
use crate::store::{Result, Tx};

/// Whether a concern took the message for itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    No,
}

/// Takes a message. One that the database refuses is left out alone, and kept aside.
pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &mut Incoming<'_>) -> Result<()> {
    if tx.attempt(|tx| offer(tx, incoming))? {
        return Ok(());
    }
    let out = LeftOut {
        reason: Reason::Unstorable,
        sender: Some(incoming.sender.to_string()),
        archive_id: incoming.archive_id.map(ToOwned::to_owned),
    };
    quarantine::put(tx, incoming.account, &out, clock::now())
}

fn offer(tx: &mut Tx<'_>, incoming: &mut Incoming<'_>) -> Result<()> {
    omemo::open(tx, incoming)?;
    let incoming = &*incoming;
    let concerns = [
        errors::receive,
        omemo::receive,
        chat_states::receive,
        receipts::receive,
        markers::receive,
        messages::receive,
    ];
    for receive in concerns {
        if receive(tx, incoming)? == Taken::Yes {
            break;
        }
    }
    Ok(())
}
