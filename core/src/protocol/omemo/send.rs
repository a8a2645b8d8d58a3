//! A message of ours, sealed for all devices that may read it. XEP-0384, XEP-0380, XEP-0334.

use std::collections::BTreeMap;

use grend_omemo::{Device, Sealed, Version, encrypt, without_session};
use minidom::Element;

use super::{Question, Todo, ask_bundle, ask_list, envelope, wire};
use crate::incoming::Context;
use crate::model::{BareJid, Encryption, Message, MessageId, Trust};
use crate::protocol::{messages as plain, store_hint};
use crate::store::omemo::{self, Ring};
use crate::store::{Result, Tx, chats, messages};

/// What a message needs next.
#[derive(Debug)]
pub(crate) enum Ready {
    /// Nothing: this is it.
    Stanza(Element),
    /// Answers, before it can be said who reads it.
    Wants(Vec<Question>),
    /// It cannot be sent as it must be. Why, as a screen looks it up.
    Never(&'static str),
}

/// Builds the stanza of a message, encrypted if it must or can be.
///
/// **Invariant**: what was promised to be encrypted is never sent in the clear.
pub(crate) fn message(tx: &mut Tx<'_>, context: &Context, id: MessageId) -> Result<Ready> {
    let message = messages::get(tx, id)?;
    let (account, peer) = chats::parties(tx, message.chat)?;
    let decided = chats::encrypts(tx, message.chat)?;
    let promised = message.encryption != Encryption::None || decided == Some(true);
    if decided == Some(false) && !promised {
        return Ok(Ready::Stanza(plain::clear(&message, &peer)));
    }
    let unknown = unknown_lists(tx, context, &peer)?;
    if !unknown.is_empty() {
        return Ok(Ready::Wants(unknown));
    }
    let mut theirs = omemo::listed(tx, account, peer.as_str())?;
    if theirs.is_empty() && peer != context.me {
        return Ok(unencrypted(promised, &message, &peer));
    }
    if peer != context.me {
        theirs.extend(omemo::listed(tx, account, context.me.as_str())?);
    }
    let wanted = missing(tx, context, &theirs)?;
    if !wanted.is_empty() {
        return Ok(Ready::Wants(wanted));
    }
    let sealed = seal(tx, context, (&message, &peer), &theirs)?;
    let reached = |it: &Sealed| {
        it.message
            .iter()
            .any(|it| it.keys.iter().any(|key| key.address == peer.as_str()))
    };
    if !sealed.iter().any(reached) {
        return Ok(unencrypted(promised, &message, &peer));
    }
    let encrypted: Vec<_> = sealed.into_iter().filter_map(|it| it.message).collect();
    let Some(first) = encrypted.first().map(|it| (it.version, it.sender)) else {
        return Ok(unencrypted(promised, &message, &peer));
    };
    messages::set_encryption(tx, id, omemo::encryption(first.0), first.1)?;
    if decided.is_none() {
        chats::set_encrypts(tx, message.chat, true)?;
    }
    let mut parts: Vec<Element> = encrypted.iter().map(wire::write).collect();
    parts.extend([wire::explains(first.0), store_hint()]);
    if first.0 == Version::Legacy {
        parts.push(wire::fallback());
    }
    Ok(Ready::Stanza(plain::around(&message, &peer, parts)))
}

fn unencrypted(promised: bool, message: &Message, peer: &BareJid) -> Ready {
    if promised {
        Ready::Never("omemo-no-devices")
    } else {
        Ready::Stanza(plain::clear(message, peer))
    }
}

/// Asks for what must be known before something can be written to somebody.
pub(crate) fn look(tx: &mut Tx<'_>, context: &Context, peer: &BareJid) -> Result<Todo> {
    let mut questions = unknown_lists(tx, context, peer)?;
    if questions.is_empty() && *peer == context.me && !omemo::unwanted(tx, context.account)?.is_empty() {
        // What the user wants to be gone goes from the lists as they are published now.
        questions.extend(Version::ALL.map(|version| ask_list(version, peer)));
    }
    Ok(Todo {
        questions,
        stanzas: Vec::new(),
    })
}

/// Lists that were never asked for: theirs, and ours.
fn unknown_lists(tx: &Tx<'_>, context: &Context, peer: &BareJid) -> Result<Vec<Question>> {
    let mut unknown = Vec::new();
    for address in [peer, &context.me] {
        let known = omemo::lists_known(tx, context.account, address.as_str())?;
        let missing = Version::ALL.into_iter().filter(|version| !known.contains(version));
        unknown.extend(missing.map(|version| ask_list(version, address)));
    }
    Ok(unknown)
}

/// The bundles of devices that we have no session with, except of those that are broken or may not read.
fn missing(tx: &mut Tx<'_>, context: &Context, devices: &[(Version, Device)]) -> Result<Vec<Question>> {
    let (account, now) = (context.account, context.now);
    let own = omemo::identity(tx, account, now)?.device;
    let mut wanted = Vec::new();
    for (version, device) in devices.iter().filter(|(_, device)| *device != own) {
        let (broken, trust) = omemo::about(tx, account, device, now)?;
        if broken || matches!(trust, Some(Trust::Refused | Trust::Undecided)) {
            continue;
        }
        let mut ring = Ring { tx, account, now };
        if !without_session(&mut ring, *version, std::slice::from_ref(device))?.is_empty() {
            wanted.extend(ask_bundle(*version, device, false));
        }
    }
    Ok(wanted)
}

/// Once for each version that somebody needs.
fn seal(tx: &mut Tx<'_>, context: &Context, of: (&Message, &BareJid), to: &[(Version, Device)]) -> Result<Vec<Sealed>> {
    let (message, peer) = of;
    let mut groups: BTreeMap<Version, Vec<Device>> = BTreeMap::new();
    for (version, device) in to {
        groups.entry(*version).or_default().push(device.clone());
    }
    let mut ring = Ring {
        tx,
        account: context.account,
        now: context.now,
    };
    let mut sealed = Vec::new();
    for (version, devices) in groups {
        let content = envelope::seal(version, &context.me, peer, &message.body);
        sealed.push(encrypt(&mut ring, version, &content, &devices)?);
    }
    Ok(sealed)
}
