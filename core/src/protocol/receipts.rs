//! "It arrived on my device." XEP-0184.

use minidom::Element;
use rusqlite::Connection;
use xmpp_parsers::ns;

use crate::inbox::Taken;
use crate::incoming::{Incoming, Via};
use crate::model::{ChatId, MessageId, State};
use crate::outbox::Job;
use crate::random;
use crate::store::{Result, Tx, chats, contacts, messages, orphans, outbox};

/// Asks for a receipt.
pub(crate) fn request() -> Element {
    Element::bare("request", ns::RECEIPTS)
}

/// Queues a receipt, if one was asked for and the sender may know that we are there.
pub(crate) fn answer(tx: &mut Tx<'_>, incoming: &Incoming<'_>, chat: ChatId, message: MessageId) -> Result<()> {
    let asked = incoming.has("request", ns::RECEIPTS) && !incoming.wire_id.is_empty();
    // A carbon's original was sent to another of our devices, which answers.
    if !asked || incoming.via == Via::Carbon {
        return Ok(());
    }
    if contacts::sees_us(tx, incoming.account, &incoming.peer)? || messages::wrote_to(tx, chat)? {
        outbox::push(tx, incoming.account, &Job::Receipt(message))?;
    }
    Ok(())
}

pub(crate) fn stanza(conn: &Connection, message: MessageId) -> Result<Element> {
    let message = messages::get(conn, message)?;
    let (_, peer) = chats::parties(conn, message.chat)?;
    let received = super::element("received", ns::RECEIPTS, &[("id", &message.wire_id)]);
    Ok(super::with(
        super::message(&peer, &random::token()),
        [received, super::store_hint()],
    ))
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    let Some(received) = incoming.payload::<xmpp_parsers::receipts::Received>() else {
        return Ok(Taken::No);
    };
    // What our own devices received is no news about our messages.
    if !incoming.mine
        && let Some(chat) = incoming.known_chat(tx)?
    {
        match messages::by_wire_id(tx, chat, true, &received.id)? {
            Some(message) => {
                outbox::message_arrived(tx, message)?;
                messages::advance(tx, message, State::Delivered)?;
            }
            None => orphans::keep(tx, chat, true, &received.id, State::Delivered)?,
        }
    }
    Ok(if incoming.body().is_none() {
        Taken::Yes
    } else {
        Taken::No
    })
}
