//! Messages for many devices: what the caller writes and reads.

use zeroize::Zeroizing;

use crate::bundle::Bundle;
use crate::curve::PublicKey;
use crate::identity::{Device, Identity};
use crate::keys::Keys;
use crate::session::{Read, Session, State};
use crate::wire::Exchange;
use crate::{Unreachable, Unreadable, Version, payload};

/// So many keys for one device are tried in one message; honest ones have one, or a few in a room where numbers coincide.
const ATTEMPTS: usize = 8;

/// The `<encrypted/>` element of a message, after base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// Its namespace.
    pub version: Version,
    /// `sid`: the number of the device that sent it.
    pub sender: u32,
    /// One for each device that is to read it.
    pub keys: Vec<EncryptedKey>,
    /// `iv`: empty in `omemo:2`.
    pub iv: Vec<u8>,
    /// `payload`: without it the message has nothing to say and only keeps sessions going.
    pub payload: Option<Vec<u8>>,
}

/// The `<key/>` for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedKey {
    /// Whose device: `<keys jid=''/>` in `omemo:2`. In 0.3 it is not on the wire; empty when read.
    pub address: String,
    /// `rid`.
    pub device: u32,
    /// `prekey` or `kex`: it begins a session.
    pub begins: bool,
    /// What stands in it.
    pub data: Vec<u8>,
}

/// What came of writing a message.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// What to send; `None` if nobody could read it.
    pub message: Option<Encrypted>,
    /// Who cannot read it, and why.
    pub left_out: Vec<(Device, Unreachable)>,
}

/// What came of reading a message.
#[derive(Clone, Debug)]
pub struct Decrypted {
    /// What it says: the text in 0.3, an envelope of XEP-0420 in `omemo:2`. `None` for one that only keeps the session going.
    pub content: Option<Zeroizing<Vec<u8>>>,
    /// The device it is from.
    pub from: Device,
    /// The identity key of that device, which is the known one.
    pub identity: PublicKey,
    /// It began a session. Answer once with an [`empty`] message, so that the session is used and not begun over and over; not to
    /// strangers, and not while the archive is being read.
    pub begun: bool,
    /// The other side has written much without an answer. Answer with an [`empty`] message, so that keys change.
    pub heartbeat: bool,
}

/// Begins a session with a device from its bundle, at the side of those that there are. Do it only when about to write to
/// the device.
///
/// To heal a session that is broken, do this and then send an [`empty`] message.
///
/// # Errors
/// Of the store; within, why the device cannot be written to. Then nothing has changed.
pub fn begin<K: Keys>(keys: &mut K, device: &Device, bundle: &Bundle) -> Result<Result<(), Unreachable>, K::Error> {
    let version = bundle.version;
    let offer = match bundle.offer() {
        Ok(offer) => offer,
        Err(why) => return Ok(Err(why)),
    };
    let known = keys.known_identity(device)?;
    if known.is_some_and(|known| known != offer.identity) {
        return Ok(Err(Unreachable::ForeignIdentity));
    }
    let state = match State::begin(version, &keys.identity()?, &offer) {
        Ok(state) => state,
        Err(why) => return Ok(Err(why)),
    };
    let mut session = session(keys, version, device)?.unwrap_or_else(|| Session::new(version));
    session.promote(state);
    if known.is_none() {
        keys.met(device, offer.identity)?;
    }
    keys.keep_session(version, device, &session.to_bytes())?;
    Ok(Ok(()))
}

/// Which of these devices need a bundle and [`begin`] before they can be written to.
///
/// # Errors
/// Of the store.
pub fn without_session<K: Keys>(keys: &mut K, version: Version, devices: &[Device]) -> Result<Vec<Device>, K::Error> {
    let mut without = Vec::new();
    for device in devices {
        if session(keys, version, device)?.is_none() {
            without.push(device.clone());
        }
    }
    Ok(without)
}

/// Writes a message for these devices. This device is passed over, if it is among them. Commit the store before the message leaves.
///
/// # Errors
/// Of the store.
pub fn encrypt<K: Keys>(keys: &mut K, version: Version, content: &[u8], to: &[Device]) -> Result<Sealed, K::Error> {
    let payload = payload::seal(version, content);
    let message = Encrypted {
        version,
        sender: 0,
        keys: Vec::new(),
        iv: payload.iv,
        payload: Some(payload.cipher),
    };
    address(keys, message, &payload.opener, to)
}

/// Writes a message that says nothing: the answer to a session that was begun, a heartbeat, or what heals. It needs no trust.
///
/// # Errors
/// Of the store.
pub fn empty<K: Keys>(keys: &mut K, version: Version, to: &[Device]) -> Result<Sealed, K::Error> {
    let (opener, iv) = payload::empty(version);
    let message = Encrypted {
        version,
        sender: 0,
        keys: Vec::new(),
        iv,
        payload: None,
    };
    address(keys, message, &opener, to)
}

/// Adds the opener for each device, and keeps the sessions.
fn address<K: Keys>(keys: &mut K, mut message: Encrypted, opener: &[u8], to: &[Device]) -> Result<Sealed, K::Error> {
    let us = keys.identity()?;
    message.sender = us.device.id;
    let mut left_out = Vec::new();
    for device in to.iter().filter(|device| **device != us.device) {
        let trust_needed = message.payload.is_some();
        match write_to(keys, &us, (message.version, device), trust_needed, opener)? {
            Ok(key) => message.keys.push(key),
            Err(why) => left_out.push((device.clone(), why)),
        }
    }
    let message = (!message.keys.is_empty()).then_some(message);
    Ok(Sealed { message, left_out })
}

fn write_to<K: Keys>(
    keys: &mut K,
    us: &Identity,
    (version, device): (Version, &Device),
    trust_needed: bool,
    opener: &[u8],
) -> Result<Result<EncryptedKey, Unreachable>, K::Error> {
    let Some(mut session) = session(keys, version, device)? else {
        return Ok(Err(Unreachable::NoSession));
    };
    let Some(identity) = session.identity() else {
        return Ok(Err(Unreachable::NoSession));
    };
    if trust_needed && !keys.may_read(device, identity)? {
        return Ok(Err(Unreachable::Untrusted));
    }
    let Some((data, begins)) = session.write(us, opener) else {
        return Ok(Err(Unreachable::NoSession));
    };
    keys.keep_session(version, device, &session.to_bytes())?;
    Ok(Ok(EncryptedKey {
        address: device.address.clone(),
        device: device.id,
        begins,
        data,
    }))
}

/// Reads a message from an address. What the message changes is kept only if all of it could be read.
///
/// Look first whether the message was seen before, by its id: a message is read once, and its text is kept.
///
/// # Errors
/// Of the store; within, why the message cannot be read. Then nothing has changed.
pub fn decrypt<K: Keys>(
    keys: &mut K,
    sender: &str,
    message: &Encrypted,
) -> Result<Result<Decrypted, Unreadable>, K::Error> {
    let us = keys.identity()?;
    let from = Device::new(sender, message.sender);
    if from == us.device {
        return Ok(Err(Unreadable::Own));
    }
    let ours = |key: &&EncryptedKey| {
        key.device == us.device.id && (message.version == Version::Legacy || key.address == us.device.address)
    };
    let mut reason = Unreadable::NotForThisDevice;
    for key in message.keys.iter().filter(ours).take(ATTEMPTS) {
        match read_key(keys, &us, &from, (message, key))? {
            Ok(decrypted) => return Ok(Ok(decrypted)),
            Err(why) if why.tells() > reason.tells() || reason == Unreadable::NotForThisDevice => reason = why,
            Err(_) => {}
        }
    }
    Ok(Err(reason))
}

/// One key's attempt.
fn read_key<K: Keys>(
    keys: &mut K,
    us: &Identity,
    from: &Device,
    (message, key): (&Encrypted, &EncryptedKey),
) -> Result<Result<Decrypted, Unreadable>, K::Error> {
    let version = message.version;
    let known = keys.known_identity(from)?;
    let mut session = session(keys, version, from)?.unwrap_or_else(|| Session::new(version));
    let read = if key.begins {
        read_exchange(keys, us, (&mut session, known), &key.data)?
    } else {
        session.read(us, &key.data)
    };
    let opened = read.and_then(|read| {
        let open = |cipher: &Vec<u8>| payload::open(version, &read.plain, &message.iv, cipher);
        Ok((message.payload.as_ref().map(open).transpose()?, read))
    });
    let (content, read) = match opened {
        Ok(opened) => opened,
        Err(why) => return Ok(Err(why)),
    };
    if known.is_none() {
        keys.met(from, read.identity)?;
    }
    if let Some(used) = read.used {
        keys.pre_key_used(used)?;
    }
    keys.keep_session(version, from, &session.to_bytes())?;
    Ok(Ok(Decrypted {
        content,
        from: from.clone(),
        identity: read.identity,
        begun: read.used.is_some(),
        heartbeat: read.heartbeat,
    }))
}

fn read_exchange<K: Keys>(
    keys: &mut K,
    us: &Identity,
    (session, known): (&mut Session, Option<PublicKey>),
    bytes: &[u8],
) -> Result<Result<Read, Unreadable>, K::Error> {
    let exchange = match Exchange::read(session.version, bytes) {
        Ok(exchange) => exchange,
        Err(why) => return Ok(Err(why)),
    };
    if known.is_some_and(|known| known != exchange.identity) {
        return Ok(Err(Unreadable::ForeignIdentity));
    }
    if session.knows(&exchange) {
        return Ok(session.read(us, exchange.message));
    }
    let keys = (
        keys.pre_key(exchange.pre_key_id)?,
        keys.signed_pre_key(exchange.signed_pre_key_id)?,
    );
    let (Some(pre_key), Some(signed)) = keys else {
        return Ok(Err(Unreadable::UnknownPreKey));
    };
    Ok(session.accept(us, &exchange, (&pre_key, &signed)))
}

/// The session with a device, if it is whole and with the identity that the store knows.
fn session<K: Keys>(keys: &mut K, version: Version, device: &Device) -> Result<Option<Session>, K::Error> {
    let known = keys.known_identity(device)?;
    let bytes = keys.session(version, device)?.map(Zeroizing::new);
    let whole = bytes.and_then(|bytes| Session::from_bytes(&bytes).ok());
    Ok(whole.filter(|session| session.version == version && session.identity() == known))
}
