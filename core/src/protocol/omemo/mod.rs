//! End-to-end encryption: XEP-0384 in versions 0.3 and 0.9, with XEP-0420, XEP-0380 and XEP-0334.
//!
//! Cryptography is in `grend-omemo`. Here is what it needs of XMPP: lists of devices and bundles, published and repaired;
//! messages sealed for all devices (`send`) and opened (`receive`); and sessions kept alive (`upkeep`).

mod envelope;
mod nodes;
mod receive;
mod send;
#[cfg(test)]
mod tests;
mod upkeep;
mod wire;

use grend_omemo::{Device, Version};
use minidom::Element;
use xmpp_parsers::ns;

use crate::inbox::Taken;
use crate::incoming::{Incoming, Via};
use crate::model::{BareJid, MessageId};
use crate::protocol::messages as text;
use crate::store::{Result, Tx, chats, messages, omemo};

pub(crate) use nodes::Node;
pub(crate) use receive::{Opened, open};
pub(crate) use send::{Ready, look, message};
pub(crate) use upkeep::{answered, begin, upkeep};

/// What we want to be told of: new lists of devices. XEP-0163, section 4.
pub(crate) const NOTIFY: [&str; 2] = [
    "eu.siacs.conversations.axolotl.devicelist+notify",
    "urn:xmpp:omemo:2:devices+notify",
];

/// What a question was about, for when its answer comes, or none does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// The devices of an address.
    List(Version, BareJid),
    /// The keys of a device. `heal`: for a new session in place of one that was lost.
    Bundle {
        version: Version,
        device: Device,
        heal: bool,
    },
    /// Something of ours was published. `again`: the node may be made fit, and then it is published once more.
    Published { node: Node, again: bool },
    /// The bundle of a device of ours that is gone.
    Deleted(Node),
    /// A node of ours was made fit.
    Configured(Node),
}

/// A question to a server: to whom, if not our own account; whether it changes something; what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question {
    pub about: About,
    pub to: Option<BareJid>,
    pub kind: &'static str,
    pub payload: Element,
}

/// What follows from something.
#[derive(Debug, Default)]
pub(crate) struct Todo {
    pub questions: Vec<Question>,
    pub stanzas: Vec<Element>,
}

impl Todo {
    pub fn extend(&mut self, more: Self) {
        self.questions.extend(more.questions);
        self.stanzas.extend(more.stanzas);
    }
}

fn ask_list(version: Version, address: &BareJid) -> Question {
    Question {
        about: About::List(version, address.clone()),
        to: Some(address.clone()),
        kind: "get",
        payload: Node::devices(version).fetch(),
    }
}

/// `None` for a device whose address is none.
fn ask_bundle(version: Version, device: &Device, heal: bool) -> Option<Question> {
    Some(Question {
        to: Some(BareJid::new(&device.address).ok()?),
        about: About::Bundle {
            version,
            device: device.clone(),
            heal,
        },
        kind: "get",
        payload: Node::bundle(version, device.id).fetch(),
    })
}

/// Asks in these words for a message that cannot be read. If it is the session that seems to be broken, it is forgotten, and these
/// words begin a new one.
pub(crate) fn ask_again(tx: &mut Tx<'_>, message: MessageId, words: &str) -> Result<MessageId> {
    let unread = messages::get(tx, message)?;
    let (account, _) = chats::parties(tx, unread.chat)?;
    let broken = matches!(unread.unreadable.as_deref(), Some("tampered" | "too_far_ahead"));
    if let Some(device) = unread.device.filter(|_| broken && !unread.mine) {
        omemo::forget_session(tx, account, &Device::new(unread.from.as_str(), device))?;
    }
    text::send(tx, unread.chat, words)
}

/// Takes the news of a list of devices. Only the address itself speaks of its devices, and only now.
pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    let Some(items) = incoming
        .stanza
        .get_child("event", ns::PUBSUB_EVENT)
        .and_then(|event| event.get_child("items", ns::PUBSUB_EVENT))
    else {
        return Ok(Taken::No);
    };
    let Some(version) = items.attr("node").and_then(Node::of_list) else {
        return Ok(Taken::No);
    };
    let list = Node::devices(version).payload(items);
    if incoming.via == Via::Live
        && let Some(list) = list
    {
        let (now, list) = (crate::clock::now(), nodes::read_list(Some(list)));
        let of = (incoming.account, incoming.sender.as_str(), version);
        if omemo::is_listed(tx, of)? != list || !omemo::lists_known(tx, of.0, of.1)?.contains(&version) {
            omemo::put_list(tx, of, &list, now)?;
        }
    }
    Ok(Taken::Yes)
}
