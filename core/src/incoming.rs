//! An incoming message whose envelope was opened once: who said it, in which conversation, under which ids.
//!
//! **Invariant**: every check of "may this sender claim that?" stands in this file. Concerns never see a stanza
//! that was not checked. XEP-0280 (carbons), XEP-0297 (forwarding), XEP-0313 (archive), XEP-0359 (ids).

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::date::DateTime;
use xmpp_parsers::ns;
use xso::error::FromElementError;

use crate::model::{AccountId, ChatId};
use crate::protocol::omemo::Opened;
use crate::store::{Result, Tx, chats};

/// What is known of the connection on which a stanza came.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub account: AccountId,
    /// Our own address.
    pub me: BareJid,
    /// ms UTC.
    pub now: i64,
    /// Our archive stamps messages with its ids and strips forged ones. XEP-0359, section 5.
    pub trusts_ids: bool,
}

/// How a message reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    /// Sent to this device now.
    Live,
    /// A copy of what another of our devices got or sent.
    Carbon,
    /// From the archive, to stand at this position. `fresh`: we were away when it came. `next`: it comes after what was
    /// here, without a gap, so that what was written here may stay where it was written.
    Archive { position: i64, fresh: bool, next: bool },
}

/// A checked message.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub account: AccountId,
    /// The other one of the conversation.
    pub peer: BareJid,
    /// Whether one of our devices sent it.
    pub mine: bool,
    pub sender: BareJid,
    /// The `id` attribute, empty if there was none.
    pub wire_id: &'a str,
    pub origin_id: Option<&'a str>,
    pub archive_id: Option<&'a str>,
    /// What claims to be the archive's id, also before we know that our server strips forged ones: good enough to
    /// recognise the same words under the same id again, and for nothing else.
    pub claimed_id: Option<&'a str>,
    /// Our server kept it for us until now, since this time (ms UTC). XEP-0203.
    pub kept_since: Option<i64>,
    left_to_archive: bool,
    /// When it was sent, ms UTC.
    pub sent_at: i64,
    /// When it came here.
    pub came_at: i64,
    pub via: Via,
    pub is_error: bool,
    /// What became of its encryption, if it has one.
    pub opened: Option<Opened>,
    pub stanza: &'a Element,
}

impl<'a> Incoming<'a> {
    /// Opens a message that came now, or a carbon of one. `None`: nobody may say that, or it is not for us.
    pub fn open(context: &Context, stanza: &'a Element) -> Option<Self> {
        let from = match stanza.attr("from") {
            Some(from) => bare(from)?,
            None => context.me.clone(),
        };
        // Results of archive queries are taken by the query that asked; others are forged.
        if stanza.has_child("result", ns::MAM) {
            return None;
        }
        // A message may also be marked `<private/>`: that asks for no copies and is none.
        let is_copy = |child: &&Element| child.is("received", ns::CARBONS) || child.is("sent", ns::CARBONS);
        let Some(copy) = stanza.children().find(is_copy) else {
            return Self::envelope(context, stanza, Via::Live, stanza);
        };
        // Only our own server speaks for our other devices; it does not speak as one of them.
        if from != context.me || stanza.attr("from").is_some_and(|from| from.contains('/')) {
            tracing::warn!("dropped a forged carbon");
            return None;
        }
        let inner = copy
            .get_child("forwarded", ns::FORWARD)?
            .get_child("message", ns::DEFAULT_NS)?;
        let opened = Self::envelope(context, inner, Via::Carbon, inner)?;
        let expected = if opened.mine { "sent" } else { "received" };
        (copy.name() == expected || opened.peer == context.me).then_some(opened)
    }

    /// Opens a result of a query to our own archive, which the caller has checked to be an answer to its query.
    /// Where it is to stand is yet to be said.
    pub fn open_archived(context: &Context, result: &'a Element, fresh: bool) -> Option<Self> {
        let forwarded = result.get_child("forwarded", ns::FORWARD)?;
        let inner = forwarded.get_child("message", ns::DEFAULT_NS)?;
        let via = Via::Archive {
            position: 0,
            fresh,
            next: false,
        };
        let mut opened = Self::envelope(context, inner, via, forwarded)?;
        opened.archive_id = result.attr("id");
        opened.claimed_id = opened.archive_id;
        Some(opened)
    }

    fn envelope(context: &Context, stanza: &'a Element, via: Via, stamped: &'a Element) -> Option<Self> {
        // What concerns rooms is not ours yet; a private message in a room must not look like a conversation.
        if stanza.attr("type") == Some("groupchat") || stanza.has_child("x", ns::MUC_USER) {
            return None;
        }
        let from = stanza.attr("from").map_or_else(|| Some(context.me.clone()), bare)?;
        let to = stanza.attr("to").map_or_else(|| Some(context.me.clone()), bare)?;
        let mine = from == context.me;
        if !mine && to != context.me {
            return None;
        }
        let stamp = stamped
            .children()
            .filter(|child| child.is("delay", ns::DELAY))
            .find_map(|delay| {
                let by = delay.attr("from").map_or_else(|| Some(context.me.clone()), bare)?;
                let trusted = by == context.me || by.as_str() == context.me.domain().as_str();
                trusted.then(|| time(delay.attr("stamp")?)).flatten()
            });
        let claimed_id = archive_id(context, stanza);
        Some(Self {
            account: context.account,
            peer: if mine { to } else { from.clone() },
            mine,
            sender: from,
            wire_id: id(stanza).unwrap_or_default(),
            origin_id: stanza.get_child("origin-id", ns::SID).and_then(id),
            archive_id: claimed_id.filter(|_| context.trusts_ids),
            claimed_id,
            kept_since: stamp.filter(|_| via == Via::Live),
            left_to_archive: false,
            sent_at: match via {
                Via::Archive { .. } => stamp.unwrap_or(context.now),
                Via::Live | Via::Carbon => stamp.unwrap_or(context.now).min(context.now),
            },
            came_at: context.now,
            via,
            is_error: stanza.attr("type") == Some("error"),
            opened: None,
            stanza,
        })
    }

    /// Sets where a message of the archive is to stand.
    pub fn place(&mut self, at: i64, comes_next: bool) {
        if let Via::Archive { position, next, .. } = &mut self.via {
            (*position, *next) = (at, comes_next);
        }
    }

    /// The archive is not caught up with and will tell of this message again. Until then it has no place: what stands
    /// before it in the archive is to stand above it here.
    pub fn leave_to_archive(&mut self) {
        self.left_to_archive = true;
    }

    /// Whether the archive is about to tell of it again.
    pub fn is_left_to_archive(&self) -> bool {
        self.left_to_archive
    }

    /// Reads one payload. A malformed one counts as absent.
    pub fn payload<P>(&self) -> Option<P>
    where
        P: TryFrom<Element, Error = FromElementError>,
    {
        self.stanza.children().find_map(|child| P::try_from(child.clone()).ok())
    }

    /// Whether there is such a payload.
    pub fn has(&self, name: &str, ns: &str) -> bool {
        self.stanza.has_child(name, ns)
    }

    /// The text: what was encrypted, and never what stands beside it; empty if it cannot be read. In the clear the first
    /// body, one without a language before others.
    pub fn body(&self) -> Option<String> {
        if let Some(opened) = &self.opened {
            return opened.body.clone().or_else(|| opened.unreadable.map(|_| String::new()));
        }
        let bodies = || self.stanza.children().filter(|child| child.is("body", ns::DEFAULT_NS));
        let plain = bodies().find(|body| body.attrs().iter().next().is_none());
        plain
            .or_else(|| bodies().next())
            .map(Element::text)
            .filter(|text| !text.is_empty())
    }

    /// The conversation, made if there is none.
    pub fn chat(&self, tx: &mut Tx<'_>) -> Result<ChatId> {
        chats::with(tx, self.account, &self.peer)
    }

    /// The conversation, if there is one: signals alone do not begin a conversation.
    pub fn known_chat(&self, tx: &Tx<'_>) -> Result<Option<ChatId>> {
        chats::find(tx, self.account, &self.peer)
    }
}

/// The `id` attribute. One longer than any program makes counts as none: we would say it again, to a server that ends
/// the stream over it each time.
pub(crate) fn id(element: &Element) -> Option<&str> {
    const LONGEST: usize = 1_000;
    element.attr("id").filter(|id| id.len() <= LONGEST)
}

/// The id that our own archive gave. Two of them mean that one is forged: then there is none.
fn archive_id<'a>(context: &Context, stanza: &'a Element) -> Option<&'a str> {
    let mut ids = stanza.children().filter(|child| {
        child.is("stanza-id", ns::SID) && child.attr("by").and_then(bare).as_ref() == Some(&context.me)
    });
    let id = ids.next()?.attr("id");
    if ids.next().is_some() { None } else { id }
}

/// Whether our own account says this, and so our own archive may.
pub(crate) fn is_from_us(context: &Context, stanza: &Element) -> bool {
    let from = stanza.attr("from");
    from.is_none_or(|from| bare(from).as_ref() == Some(&context.me))
}

/// The bare part of an address. The resource is not looked at: rooms put names into it that addresses may not hold.
pub(crate) fn bare(address: &str) -> Option<BareJid> {
    let bare = address.split_once('/').map_or(address, |(bare, _)| bare);
    BareJid::new(bare).ok()
}

/// A time as ms UTC, if it lies between 1970 and the year 3000. XEP-0082.
pub(crate) fn time(stamp: &str) -> Option<i64> {
    const YEAR_3000: i64 = 32_503_680_000_000;
    let at = stamp.parse::<DateTime>().ok()?.0.timestamp_millis();
    (0..YEAR_3000).contains(&at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    fn carbon(from: &str, kind: &str, inner: &str) -> String {
        format!(
            "<message xmlns='jabber:client' from='{from}' to='anna@a.example/test'><{kind} xmlns='urn:xmpp:carbons:2'>\
             <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' {inner} id='c'><body>hei</body>\
             </message></forwarded></{kind}></message>"
        )
    }

    #[test]
    fn h01_only_our_own_account_speaks_of_our_other_devices() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let received = "from='ola@b.example/x' to='anna@a.example/phone'";
        let sent = "from='anna@a.example/phone' to='ola@b.example'";
        for liar in ["eve@evil.example", "ola@b.example/x", "a.example", "anna@evil.example"] {
            world.inject(anna, &carbon(liar, "received", received));
            world.inject(anna, &carbon(liar, "sent", sent));
        }
        // What is no copy of ours, and what contradicts itself.
        world.inject(
            anna,
            &carbon(
                "anna@a.example",
                "received",
                "from='ola@b.example' to='eve@evil.example'",
            ),
        );
        world.inject(anna, &carbon("anna@a.example", "sent", received));
        world.inject(anna, &carbon("anna@a.example", "received", sent));
        assert_eq!(world.transcript(anna, ola), "");
        world.inject(anna, &carbon("anna@a.example", "received", received));
        assert_eq!(world.transcript(anna, ola), "ola@b.example: hei\n");
    }

    #[test]
    fn h02_a_forwarded_message_alone_is_no_message() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.inject(anna, "<message xmlns='jabber:client' from='eve@evil.example/x' to='anna@a.example'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body></message></forwarded></message>");
        assert_eq!(world.transcript(anna, ola), "");
    }

    #[test]
    fn h03_an_archive_result_that_nobody_asked_for_is_dropped() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        for from in ["eve@evil.example", "anna@a.example"] {
            world.inject(anna, &format!("<message xmlns='jabber:client' from='{from}' to='anna@a.example'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body></message></forwarded></result><body>hei</body></message>"));
        }
        assert_eq!(world.transcript(anna, ola), "");
    }

    #[test]
    fn h17_a_private_message_in_a_room_is_no_conversation_of_two() {
        let (mut world, [anna]) = World::of_friends(["anna@a.example"]);
        world.inject(anna, "<message xmlns='jabber:client' type='chat' from='room@rooms.example/Ola' to='anna@a.example' id='1'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>");
        assert_eq!(crate::store::chats::all(world.conn(anna)).unwrap().len(), 0);
    }

    #[test]
    fn h60_times_that_cannot_be_are_no_times() {
        for stamp in [
            "99999-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "-0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "now",
            "",
        ] {
            assert_eq!(time(stamp), None, "{stamp}");
        }
        assert_eq!(time("2026-11-18T19:06:40Z"), Some(1_795_028_800_000));
    }

    #[test]
    fn a_resource_that_no_address_may_have_costs_no_message() {
        assert_eq!(bare("room@a.example/🦆 nick"), BareJid::new("room@a.example").ok());
        assert_eq!(bare("a b@"), None);
    }
}
