//! What goes along with signing in, so that it costs no round trip of its own (XEP-0388): taking up the old stream
//! (XEP-0198), a resource (XEP-0386) with stream management, carbons and client state, a token (XEP-0484).

use minidom::Element;
use xmpp_parsers::ns;

use super::begin::{Beginning, Fresh, Wish};
use super::fast;
use super::management;
use super::offer::{Attempt, Modern, Offer};
use super::tls::Bindings;
use crate::error::{Cause, Refused};
use crate::model::Pins;
use crate::protocol::{carbons, client_state, element, errors, leaf, with};

/// What our sessions are called. The server appends something to it.
const TAG: &str = "grend";

/// What is asked of a server that offers to take it along.
pub(super) struct Along<'a> {
    pub pins: &'a Pins,
    pub bindings: &'a Bindings,
    pub wish: Option<&'a Wish>,
    /// The token is shown for the last time.
    pub gives_up_token: bool,
}

impl Along<'_> {
    /// What goes with the first message of an attempt. `None` where nothing can.
    pub fn with(&self, offer: &Offer, attempt: Attempt) -> Option<Vec<Element>> {
        let modern = offer.modern.as_ref()?;
        let agent = element("user-agent", ns::SASL2, &[("id", &self.pins.client_id)]);
        let mut along = vec![with(agent, [leaf("software", ns::SASL2, "Grend")])];
        match attempt {
            Attempt::Token(_) if self.gives_up_token => {
                along.push(element("fast", ns::FAST, &[("invalidate", "true")]));
            }
            Attempt::Token(_) => along.push(Element::bare("fast", ns::FAST)),
            _ if offer.takes(attempt.kind(), self.bindings, self.pins) => {
                let mechanism = fast::mechanism(attempt.kind());
                along.push(element("request-token", ns::FAST, &[("mechanism", mechanism)]));
            }
            _ => {}
        }
        if let Some(wish) = self.wish {
            along.extend(wish.previous.as_ref().filter(|_| modern.resume).map(management::resume));
            // Who is bound cannot take up the old stream any more.
            if wish.previous.is_none() || modern.resume {
                along.extend(bind(modern, wish));
            }
        }
        Some(along)
    }
}

fn bind(modern: &Modern, wish: &Wish) -> Option<Element> {
    modern.bind.as_ref()?;
    let mut parts = vec![leaf("tag", ns::BIND2, TAG)];
    if modern.binds(ns::SM) {
        parts.push(element("enable", ns::SM, &[("resume", "true")]));
    }
    if modern.binds(ns::CARBONS) {
        parts.push(carbons::enable());
    }
    if modern.binds(ns::CSI) && !wish.active {
        parts.push(client_state::stanza(false));
    }
    Some(with(Element::bare("bind", ns::BIND2), parts))
}

/// How the stream began, if it did. `None`: it is still to be taken up or bound.
pub(super) fn outcome(success: &Element, modern: &Modern, wish: &Wish) -> Result<Option<Beginning>, Cause> {
    if let Some(resumed) = success.get_child("resumed", ns::SM).filter(|_| wish.previous.is_some()) {
        return Ok(Some(Beginning::Resumed(resumed.clone())));
    }
    if let Some(bound) = success.get_child("bound", ns::BIND2) {
        return Ok(Some(Beginning::Fresh(Fresh {
            failed: success.get_child("failed", ns::SM).cloned(),
            enabled: bound.get_child("enabled", ns::SM).cloned(),
            carbons: modern.binds(ns::CARBONS),
            inactive: modern.binds(ns::CSI) && !wish.active,
        })));
    }
    match success.get_child("failed", ns::BIND2) {
        Some(failed) => Err(Refused::NoPlace(errors::condition(failed).to_owned()).into()),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
