//! One file for each concern of the protocol; its first line names the XEPs.
//!
//! Each has up to three verbs: an intent that records and queues, `stanza` that writes for the wire from rows, and
//! `receive` that takes a checked stanza from the wire.

pub(crate) mod carbons;
pub(crate) mod chat_states;
pub(crate) mod client_state;
pub(crate) mod errors;
pub(crate) mod info;
pub(crate) mod markers;
pub(crate) mod messages;
pub(crate) mod omemo;
pub(crate) mod presence;
pub(crate) mod push;
pub(crate) mod query;
pub(crate) mod receipts;
pub(crate) mod roster;
pub(crate) mod upload;

use jid::BareJid;
use minidom::Element;
use minidom::rxml::{Namespace, NcName};
use xmpp_parsers::ns;

/// Advice to servers about storing. XEP-0334.
pub(crate) const HINTS: &str = "urn:xmpp:hints";

/// An element with attributes. Names are ours and valid; an invalid one would be left out.
pub(crate) fn element(name: &str, ns: &str, attributes: &[(&str, &str)]) -> Element {
    let mut element = Element::bare(name, ns);
    for (name, value) in attributes {
        if let Ok(name) = NcName::try_from(*name) {
            element.set_attr(Namespace::NONE, name, *value);
        }
    }
    element
}

/// An element with nothing but text.
pub(crate) fn leaf(name: &str, ns: &str, text: &str) -> Element {
    let mut element = Element::bare(name, ns);
    element.append_text_node(text);
    element
}

/// A message to one person, without content yet. No `from`: the server knows who we are.
pub(crate) fn message(to: &BareJid, id: &str) -> Element {
    element(
        "message",
        ns::DEFAULT_NS,
        &[("type", "chat"), ("to", to.as_str()), ("id", id)],
    )
}

/// Asks archives to keep a message without a body, so that our other devices and theirs learn of it.
fn store_hint() -> Element {
    Element::bare("store", HINTS)
}

/// Adds content to an element, one thing after the other.
pub(crate) fn with(mut element: Element, children: impl IntoIterator<Item = Element>) -> Element {
    for child in children {
        element.append_child(child);
    }
    element
}

/// The fields of the form of this type (XEP-0004, XEP-0068): names and values, at most 100 of each.
pub(crate) fn form(within: &Element, form_type: &str) -> Option<Vec<(String, Vec<String>)>> {
    let forms = within.children().filter(|child| child.is("x", ns::DATA_FORMS));
    forms.take(100).find_map(|form| {
        let fields: Vec<_> = form
            .children()
            .filter(|child| child.is("field", ns::DATA_FORMS))
            .take(100)
            .map(|field| {
                let values = field.children().filter(|child| child.is("value", ns::DATA_FORMS));
                let name = field.attr("var").unwrap_or_default().to_owned();
                (name, values.take(100).map(Element::text).collect::<Vec<_>>())
            })
            .collect();
        let of_type = |(name, values): &(String, Vec<String>)| {
            name == "FORM_TYPE" && values.first().map(String::as_str) == Some(form_type)
        };
        fields.iter().any(of_type).then_some(fields)
    })
}
