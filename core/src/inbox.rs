//! The way of an incoming message. The order is the protocol, so it is written as code.

use crate::incoming::Incoming;
use crate::protocol::{chat_states, errors, markers, messages, receipts};
use crate::store::{Result, Tx};

/// Whether a concern took the message for itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    No,
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<()> {
    let concerns = [
        errors::receive,
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
