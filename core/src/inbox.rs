//! The way of an incoming message. The order is the protocol, so it is written as code.

use crate::incoming::Incoming;
use crate::protocol::{chat_states, errors, markers, messages, omemo, receipts};
use crate::store::{Result, Tx};

/// Whether a concern took the message for itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    No,
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &mut Incoming<'_>) -> Result<()> {
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
