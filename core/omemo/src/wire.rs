//! What two devices say to each other inside a message: `WhisperMessage` and `PreKeyWhisperMessage` in 0.3,
//! `OMEMOAuthenticatedMessage` and `OMEMOKeyExchange` in `omemo:2`.

use zeroize::Zeroizing;

use crate::curve::{PublicKey, Secret};
use crate::kdf::MessageKeys;
use crate::proto::{Fields, Writer};
use crate::ratchet::Header;
use crate::{Unreadable, Version};

/// The first byte of 0.3: message version 3, made by version 3.
const VERSION_3: u8 = 0x33;
const LEGACY_MAC: usize = 8;
const MAC: usize = 16;

/// The identities of both sides as they are authenticated, each in the form of its version: sender and receiver in 0.3, who wrote first and
/// who read first in `omemo:2`.
pub(crate) type Parties = [Vec<u8>; 2];

/// A message of the ratchet, taken apart and not yet believed.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) header: Header,
    cipher: &'a [u8],
    signed: &'a [u8],
    tag: &'a [u8],
}

impl<'a> Message<'a> {
    pub(crate) fn read(version: Version, bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let malformed = Unreadable::Malformed;
        let (signed, tag, fields) = match version {
            Version::Legacy => {
                let at = bytes.len().checked_sub(LEGACY_MAC).ok_or(malformed)?;
                let (signed, tag) = bytes.split_at_checked(at).ok_or(malformed)?;
                (signed, tag, Fields::read(without_version(signed)?)?)
            }
            Version::Two => {
                let outer = Fields::read(bytes)?;
                let (tag, signed) = (outer.need_bytes(1)?, outer.need_bytes(2)?);
                (signed, tag, Fields::read(signed)?)
            }
        };
        let [ratchet, number, previous, cipher] = version.message_fields();
        Ok(Self {
            header: Header {
                ratchet: version.read_key(fields.need_bytes(ratchet)?).ok_or(malformed)?,
                number: fields.need_number(number)?,
                previous: fields.need_number(previous)?,
            },
            // Optional in omemo:2, but there is always a key in it or 32 zero bytes.
            cipher: fields.need_bytes(cipher)?,
            signed,
            tag,
        })
    }

    /// The plaintext, if `key` is the one it was written with.
    pub(crate) fn open(
        &self,
        version: Version,
        key: &Secret,
        parties: &Parties,
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let keys = MessageKeys::of_message(version, key);
        let [first, second] = parties;
        let parts = [first.as_slice(), second, self.signed];
        match version {
            Version::Legacy => keys.check::<LEGACY_MAC>(&parts, self.tag)?,
            Version::Two => keys.check::<MAC>(&parts, self.tag)?,
        }
        keys.decrypt(self.cipher)
    }
}

/// A message of the ratchet.
pub(crate) fn write(version: Version, header: &Header, key: &Secret, parties: &Parties, plain: &[u8]) -> Vec<u8> {
    let keys = MessageKeys::of_message(version, key);
    let [first, second] = parties;
    let ratchet = version.write_key(header.ratchet);
    let cipher = keys.encrypt(plain);
    match version {
        Version::Legacy => {
            let fields = Writer::default().bytes(1, &ratchet).number(2, header.number);
            let fields = fields.number(3, header.previous).bytes(4, &cipher).finish();
            let mut message = with_version(&fields);
            let tag: [u8; LEGACY_MAC] = keys.sign(&[first, second, &message]);
            message.extend_from_slice(&tag);
            message
        }
        Version::Two => {
            let fields = Writer::default().number(1, header.number).number(2, header.previous);
            let message = fields.bytes(3, &ratchet).bytes(4, &cipher).finish();
            let tag: [u8; MAC] = keys.sign(&[first, second, &message]);
            Writer::default().bytes(1, &tag).bytes(2, &message).finish()
        }
    }
}

/// What a session is begun with, around its first messages until one comes back.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) pre_key_id: u32,
    pub(crate) signed_pre_key_id: u32,
    pub(crate) identity: PublicKey,
    pub(crate) face: [u8; 32],
    /// The key made for this session alone (`ek`).
    pub(crate) begun_with: PublicKey,
    pub(crate) message: &'a [u8],
}

impl<'a> Exchange<'a> {
    pub(crate) fn read(version: Version, bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let malformed = Unreadable::Malformed;
        let fields = match version {
            Version::Legacy => Fields::read(without_version(bytes)?)?,
            Version::Two => Fields::read(bytes)?,
        };
        let [pre_key, signed, identity, begun_with, message] = version.exchange_fields();
        let (identity, face) = version.read_identity(fields.need_bytes(identity)?).ok_or(malformed)?;
        Ok(Self {
            // Optional in 0.3, but a session without a one-time key can be replayed.
            pre_key_id: fields.need_number(pre_key)?,
            signed_pre_key_id: fields.need_number(signed)?,
            identity,
            face,
            begun_with: version.read_key(fields.need_bytes(begun_with)?).ok_or(malformed)?,
            message: fields.need_bytes(message)?,
        })
    }

    pub(crate) fn write(&self, version: Version) -> Vec<u8> {
        let [pre_key, signed, identity, begun_with, message] = version.exchange_fields();
        let face = version.write_face(&self.face);
        let key = version.write_key(self.begun_with);
        match version {
            Version::Legacy => {
                let fields = Writer::default()
                    .number(pre_key, self.pre_key_id)
                    .bytes(begun_with, &key);
                let fields = fields.bytes(identity, &face).bytes(message, self.message);
                with_version(&fields.number(signed, self.signed_pre_key_id).finish())
            }
            Version::Two => {
                let fields = Writer::default().number(pre_key, self.pre_key_id);
                let fields = fields.number(signed, self.signed_pre_key_id).bytes(identity, &face);
                fields.bytes(begun_with, &key).bytes(message, self.message).finish()
            }
        }
    }
}

impl Version {
    /// Numbers of the fields: ratchet key, number, length of the chain before, ciphertext.
    fn message_fields(self) -> [u32; 4] {
        match self {
            Self::Legacy => [1, 2, 3, 4],
            Self::Two => [3, 1, 2, 4],
        }
    }

    /// Numbers of the fields: pre-key, signed pre-key, identity, the key for this session, message. In 0.3 there may be a registration id in
    /// 5, which means nothing here.
    fn exchange_fields(self) -> [u32; 5] {
        match self {
            Self::Legacy => [1, 6, 3, 2, 4],
            Self::Two => [1, 2, 3, 4, 5],
        }
    }
}

fn with_version(fields: &[u8]) -> Vec<u8> {
    [&[VERSION_3], fields].concat()
}

/// The high half of the first byte is the version of the message, the low half the newest that the sender knows.
fn without_version(bytes: &[u8]) -> Result<&[u8], Unreadable> {
    match bytes.split_first() {
        Some((first, rest)) if first >> 4 == 3 => Ok(rest),
        _ => Err(Unreadable::Malformed),
    }
}
