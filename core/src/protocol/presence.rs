//! Who is there, and who asks to be told. RFC 6121, sections 3 and 4; our capabilities go along (XEP-0115).

use std::collections::HashMap;

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use super::info;
use crate::incoming::{Context, bare};
use crate::model::Show;
use crate::outbox::Job;
use crate::store::{Result, Tx, contacts, outbox};

/// A person has a handful of devices; more are not told apart.
const MOST_DEVICES: usize = 20;

/// Which devices of our contacts are there. Lives as long as the session.
#[derive(Debug, Default)]
pub(crate) struct Board(HashMap<BareJid, HashMap<String, Show>>);

/// "I am here, and this is what my program can do."
pub(crate) fn available() -> Element {
    super::with(Element::bare("presence", ns::DEFAULT_NS), [info::caps()])
}

/// A question or an answer about being told of each other's presence.
pub(crate) fn subscription(kind: &str, to: &BareJid) -> Element {
    super::element("presence", ns::DEFAULT_NS, &[("type", kind), ("to", to.as_str())])
}

impl Board {
    pub fn receive(&mut self, tx: &mut Tx<'_>, context: &Context, stanza: &Element) -> Result<()> {
        let Some(from) = stanza.attr("from") else {
            return Ok(());
        };
        let Some(sender) = bare(from) else {
            return Ok(());
        };
        match stanza.attr("type") {
            None => self.shown(tx, context, (sender, resource(from)), Some(show(stanza))),
            Some("unavailable") => self.shown(tx, context, (sender, resource(from)), None),
            Some("subscribe") => asked(tx, context, &sender),
            Some("unsubscribe") => contacts::set_asks(tx, context.account, &sender, false),
            // What the server makes of the others comes as a change of the contact list.
            Some(_) => Ok(()),
        }
    }

    fn shown(
        &mut self,
        tx: &mut Tx<'_>,
        context: &Context,
        (sender, resource): (BareJid, &str),
        show: Option<Show>,
    ) -> Result<()> {
        // Only contacts: strangers and rooms could fill the memory.
        if sender == context.me || !contacts::is_listed(tx, context.account, &sender)? {
            return Ok(());
        }
        let devices = self.0.entry(sender.clone()).or_default();
        match show {
            Some(show) if devices.len() < MOST_DEVICES || devices.contains_key(resource) => {
                devices.insert(resource.to_owned(), show);
            }
            Some(_) => {}
            // Without a resource the server speaks for all devices.
            None if resource.is_empty() => devices.clear(),
            None => drop(devices.remove(resource)),
        }
        let best = devices.values().max().copied();
        let chat = crate::store::chats::find(tx, context.account, &sender)?;
        let key = (context.account, sender);
        tx.live(move |live| {
            if let Some(show) = best {
                live.presence.insert(key, show);
            } else {
                live.presence.remove(&key);
                if let Some(chat) = chat {
                    live.typing.remove(&chat);
                }
            }
        });
        Ok(())
    }
}

fn resource(address: &str) -> &str {
    address.split_once('/').map_or("", |(_, resource)| resource)
}

fn show(stanza: &Element) -> Show {
    let show = stanza.get_child("show", ns::DEFAULT_NS).map(Element::text);
    match show.as_deref() {
        Some("dnd") => Show::Busy,
        Some("away" | "xa") => Show::Away,
        // Anything else, also what no specification knows, is somebody who is there.
        _ => Show::Available,
    }
}

/// Somebody asks to see us. Those whom we asked ourselves need not wait for an answer.
fn asked(tx: &mut Tx<'_>, context: &Context, sender: &BareJid) -> Result<()> {
    let account = context.account;
    if contacts::sees_us(tx, account, sender)? || contacts::is_wanted(tx, account, sender)? {
        outbox::push(tx, account, &Job::Subscribed(sender.clone()))
    } else {
        contacts::set_asks(tx, account, sender, true)
    }
}
