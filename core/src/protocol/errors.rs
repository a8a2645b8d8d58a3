//! Messages that came back. RFC 6120, section 8.3.

use minidom::Element;
use xmpp_parsers::ns;

use crate::inbox::Taken;
use crate::incoming::{Incoming, Via};
use crate::store::{Result, Tx, messages};

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    if !incoming.is_error {
        return Ok(Taken::No);
    }
    let live = !matches!(incoming.via, Via::Archive { .. });
    if live
        && !incoming.mine
        && let Some(chat) = incoming.known_chat(tx)?
        && let Some(message) = messages::by_wire_id(tx, chat, true, incoming.wire_id)?
    {
        messages::fail(tx, message, condition(incoming.stanza))?;
    }
    Ok(Taken::Yes)
}

/// The defined condition of an error stanza, say `service-unavailable`.
pub(crate) fn condition(stanza: &Element) -> &str {
    stanza
        .children()
        .find(|child| child.name() == "error")
        .and_then(|error| {
            error
                .children()
                .find(|child| child.has_ns(ns::XMPP_STANZAS) && child.name() != "text")
        })
        .map(Element::name)
        // Those that exist are short. A contact may invent others.
        .filter(|name| name.len() <= 40)
        .unwrap_or("undefined-condition")
}
