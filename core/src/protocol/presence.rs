//! Who is there, and who asks to be told. RFC 6121, sections 3 and 4; our capabilities go along (XEP-0115).

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use super::info;
use crate::incoming::{Context, bare};
use crate::model::Show;
use crate::outbox::Job;
use crate::store::{Result, Tx, chats, contacts, outbox, presences};

/// "I am here, and this is what my program can do."
pub(crate) fn available() -> Element {
    super::with(Element::bare("presence", ns::DEFAULT_NS), [info::caps()])
}

/// A question or an answer about being told of each other's presence.
pub(crate) fn subscription(kind: &str, to: &BareJid) -> Element {
    super::element("presence", ns::DEFAULT_NS, &[("type", kind), ("to", to.as_str())])
}

pub(crate) fn receive(tx: &mut Tx<'_>, context: &Context, stanza: &Element) -> Result<()> {
    let Some(from) = stanza.attr("from") else {
        return Ok(());
    };
    let Some(sender) = bare(from) else {
        return Ok(());
    };
    // Kept for each device. RFC 7622, section 3.4.
    if resource(from).len() > 1023 {
        return Ok(());
    }
    match stanza.attr("type") {
        None => shown(tx, context, (sender, resource(from)), Some(show(stanza))),
        Some("unavailable") => shown(tx, context, (sender, resource(from)), None),
        Some("subscribe") => asked(tx, context, &sender),
        Some("unsubscribe") => contacts::set_asks(tx, context.account, &sender, false),
        // What the server makes of the others comes as a change of the contact list.
        Some(_) => Ok(()),
    }
}

fn shown(tx: &mut Tx<'_>, context: &Context, (sender, resource): (BareJid, &str), show: Option<Show>) -> Result<()> {
    let account = context.account;
    // Only contacts: strangers and rooms could fill the database.
    if sender == context.me || !contacts::is_listed(tx, account, &sender)? {
        return Ok(());
    }
    match show {
        Some(show) => presences::put(tx, account, &sender, resource, show)?,
        // Without a resource the server speaks for all devices.
        None => presences::remove(tx, account, &sender, resource)?,
    }
    let best = presences::best(tx, account, &sender)?;
    let chat = chats::find(tx, account, &sender)?;
    tx.live(move |live| {
        if let Some(show) = best {
            live.presence.insert((account, sender), show);
        } else {
            live.presence.remove(&(account, sender));
            if let Some(chat) = chat {
                live.typing.remove(&(account, chat));
            }
        }
    });
    Ok(())
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
