//! Opening what others encrypted for us. XEP-0384; who may say what: XEP-0420.

use grend_omemo::{Decrypted, Device, Encrypted, Unreadable, Version, decrypt};

use super::{envelope, wire};
use crate::clock;
use crate::incoming::{Incoming, Via};
use crate::model::{BareJid, Encryption, MessageId};
use crate::store::omemo::{self, Owed, Ring};
use crate::store::{Result, Tx, accounts, messages};

/// Told again within so long of when it was said, ms.
const SOON: i64 = 10_000;
/// Some archives stamp in whole seconds, ms.
const SECOND: i64 = 1_000;

/// What became of an encrypted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub encryption: Encryption,
    /// The number of the device that encrypted it.
    pub device: u32,
    /// Its text; `None` if it says nothing.
    pub body: Option<String>,
    /// Why it cannot be read.
    pub unreadable: Option<&'static str>,
    /// We have it already.
    pub known: Option<MessageId>,
}

/// Opens a message, if it is encrypted. What stands beside the encryption as its text is for those who cannot read it.
pub(crate) fn open(tx: &mut Tx<'_>, incoming: &mut Incoming<'_>) -> Result<()> {
    if incoming.is_error {
        return Ok(());
    }
    for version in Version::ALL {
        let Some(element) = incoming.stanza.get_child("encrypted", version.namespace()) else {
            continue;
        };
        let opened = match wire::read(element, version) {
            Some(message) => open_one(tx, incoming, &message)?,
            None => said_nothing(version, 0).unreadable(Unreadable::Malformed),
        };
        // Each device has its key in one of the two.
        let good = opened.unreadable.is_none();
        if good || incoming.opened.is_none() {
            incoming.opened = Some(opened);
        }
        if good {
            break;
        }
    }
    Ok(())
}

fn said_nothing(version: Version, device: u32) -> Opened {
    Opened {
        encryption: omemo::encryption(version),
        device,
        body: None,
        unreadable: None,
        known: None,
    }
}

impl Opened {
    fn unreadable(self, why: Unreadable) -> Self {
        Self {
            unreadable: Some(word(why)),
            ..self
        }
    }
}

/// The word for a reason in a row, for scripts and for the texts of screens.
fn word(why: Unreadable) -> &'static str {
    match why {
        Unreadable::Duplicate => "duplicate",
        Unreadable::NotForThisDevice => "not_for_this_device",
        Unreadable::Own => "own",
        Unreadable::NoSession => "no_session",
        Unreadable::UnknownPreKey => "unknown_pre_key",
        Unreadable::ForeignIdentity => "foreign_identity",
        Unreadable::Tampered => "tampered",
        Unreadable::Unvouched => "unvouched",
        Unreadable::TooFarAhead => "too_far_ahead",
        _ => "malformed",
    }
}

fn open_one(tx: &mut Tx<'_>, incoming: &Incoming<'_>, message: &Encrypted) -> Result<Opened> {
    let empty = said_nothing(message.version, message.sender);
    let (certain, likely) = seen_before(tx, incoming)?;
    if certain.is_some() {
        return Ok(Opened {
            known: certain,
            ..empty
        });
    }
    let now = clock::now();
    let mut ring = Ring {
        tx,
        account: incoming.account,
        now,
    };
    let why = match decrypt(&mut ring, incoming.sender.as_str(), message)? {
        Ok(decrypted) => return read(tx, incoming, (empty, message.version), &decrypted),
        Err(why) => why,
    };
    if why == Unreadable::Own {
        return ours(tx, incoming, (empty, message));
    }
    if likely.is_some() {
        return Ok(Opened { known: likely, ..empty });
    }
    let history = matches!(incoming.via, Via::Archive { fresh: false, .. });
    if why.heals() && !history {
        let device = Device::new(incoming.sender.as_str(), message.sender);
        omemo::seen(tx, incoming.account, &device, now)?;
        omemo::owe(tx, incoming.account, &device, (Owed::Session, message.version), now)?;
    }
    // What says nothing cannot be missed, and what was read is here.
    let quiet = message.payload.is_none() || why == Unreadable::Duplicate;
    Ok(if quiet { empty } else { empty.unreadable(why) })
}

/// A message of this very device: our row has its text. If there is none, or one that never went, and we wrote nothing since, then this
/// database was restored after it was sent.
fn ours(tx: &Tx<'_>, incoming: &Incoming<'_>, of: (Opened, &Encrypted)) -> Result<Opened> {
    let (empty, message) = of;
    let (account, device) = (incoming.account, message.sender);
    let row = match incoming.known_chat(tx)? {
        Some(chat) => messages::by_wire_id(tx, chat, true, incoming.wire_id)?,
        None => None,
    };
    let went = match row {
        Some(row) => messages::get(tx, row)?.device.is_some(),
        None => message.payload.is_none(),
    };
    let away = matches!(incoming.via, Via::Archive { fresh: true, .. });
    let until = incoming.sent_at.saturating_add(SECOND);
    if !went && away && !messages::wrote_after(tx, account, device, until)? {
        omemo::found_restored(tx, account)?;
    }
    Ok(match row {
        None if message.payload.is_some() => empty.unreadable(Unreadable::Own),
        known => Opened { known, ..empty },
    })
}

fn read(tx: &mut Tx<'_>, incoming: &Incoming<'_>, of: (Opened, Version), decrypted: &Decrypted) -> Result<Opened> {
    let (empty, version) = of;
    let (account, device) = (incoming.account, &decrypted.from);
    omemo::seen(tx, account, device, clock::now())?;
    // A device that is on no list: the list we have may be old.
    let listed = omemo::listed(tx, account, &device.address)?;
    if !listed.iter().any(|(_, listed)| listed == device) {
        omemo::forget_list(tx, account, &device.address)?;
    }
    omemo::wrote(tx, account, device, incoming.sent_at)?;
    if decrypted.begun || decrypted.heartbeat {
        omemo::owe(tx, account, device, (Owed::Answer, version), clock::now())?;
    }
    let Some(content) = &decrypted.content else {
        return Ok(empty);
    };
    let to = if incoming.mine {
        incoming.peer.clone()
    } else {
        me(tx, incoming)?
    };
    Ok(match envelope::open(version, content, &incoming.sender, &to) {
        Ok(body) => Opened { body, ..empty },
        Err(why) => empty.unreadable(why),
    })
}

fn me(tx: &Tx<'_>, incoming: &Incoming<'_>) -> Result<BareJid> {
    accounts::address(tx, incoming.account)
}

/// The row of the message: by the archive's id, which is certain, or by its own, which some clients use twice.
fn seen_before(tx: &Tx<'_>, incoming: &Incoming<'_>) -> Result<(Option<MessageId>, Option<MessageId>)> {
    let Some(chat) = incoming.known_chat(tx)? else {
        return Ok((None, None));
    };
    if let Some(id) = incoming.archive_id
        && let Some(message) = messages::by_archive_id(tx, chat, id)?
    {
        return Ok((Some(message), None));
    }
    let Some(id) = messages::by_wire_id(tx, chat, incoming.mine, incoming.wire_id)? else {
        return Ok((None, None));
    };
    let row = messages::get(tx, id)?;
    let soon = |since: i64| since.saturating_sub(row.sent_at).abs() < SOON;
    let same = row.archive_id.is_none()
        || row.archive_id.as_deref() == incoming.claimed_id
        || incoming.kept_since.is_some_and(soon);
    Ok((None, Some(id).filter(|_| row.encryption != Encryption::None && same)))
}
