//! Sessions as bytes, for the store: a version byte and Protocol Buffers, read strictly.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use crate::curve::{KeyPair, PublicKey, Secret};
use crate::proto::{Fields, Writer};
use crate::ratchet::{Chain, REMEMBERED, Ratchet, Skipped};
use crate::session::{Pending, STATES, Session, State};
use crate::{Unreadable, Version};

/// The first byte; another number is for another form.
const FORM: u8 = 1;

impl Session {
    /// As bytes, with all its secrets.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let version = match self.version {
            Version::Legacy => 1,
            Version::Two => 2,
        };
        let states: Vec<_> = self.states.iter().map(write_state).collect();
        let room: usize = states.iter().map(|state| state.len() + 8).sum();
        let whole = Writer::roomy(room + 8).number(1, version);
        let whole = states.iter().fold(whole, |whole, state| whole.bytes(2, state)).finish();
        let whole = Zeroizing::new(whole);
        Zeroizing::new([&[FORM], whole.as_slice()].concat())
    }

    /// From what [`Session::to_bytes`] gave.
    ///
    /// # Errors
    /// [`Unreadable::Malformed`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let Some((&FORM, rest)) = bytes.split_first() else {
            return Err(Unreadable::Malformed);
        };
        let fields = Fields::read(rest)?;
        let version = match fields.need_number(1)? {
            1 => Version::Legacy,
            2 => Version::Two,
            _ => return Err(Unreadable::Malformed),
        };
        let states: Vec<State> = fields
            .repeated(2)
            .map(|state| read_state(version, state?))
            .collect::<Result<_, _>>()?;
        let whole = Self { version, states };
        let one = whole.identity();
        let skipped: usize = whole.states.iter().map(|state| state.ratchet.skipped.len()).sum();
        let sane = !whole.states.is_empty()
            && whole.states.len() <= STATES
            && skipped <= version.most_skipped()
            && whole.states.iter().all(|state| Some(state.identity) == one);
        if sane { Ok(whole) } else { Err(Unreadable::Malformed) }
    }
}

fn write_state(state: &State) -> Zeroizing<Vec<u8>> {
    let ratchet = &state.ratchet;
    // Twelve fields of 32 bytes and some numbers, and the lists.
    let room = 512 + 40 * ratchet.former.len() + 84 * ratchet.skipped.len();
    let mut writer = Writer::roomy(room)
        .bytes(1, &state.identity.to_bytes())
        .bytes(2, &state.face)
        .number(3, u32::from(state.ours));
    if let Some(pending) = &state.pending {
        writer = writer
            .number(4, pending.pre_key_id)
            .number(5, pending.signed_pre_key_id)
            .bytes(6, &pending.begun_with.to_bytes());
    }
    if let Some(key) = &state.begun_with {
        writer = writer.bytes(7, &key.to_bytes());
    }
    writer = writer
        .bytes(8, &ratchet.root.0)
        .bytes(9, &ratchet.ours.secret.0)
        .bytes(10, &ratchet.ours.public.to_bytes());
    if let Some(theirs) = &ratchet.theirs {
        writer = writer.bytes(11, &theirs.to_bytes());
    }
    if let Some(chain) = &ratchet.sending {
        writer = writer.bytes(12, &chain.key.0).number(13, chain.next);
    }
    if let Some(chain) = &ratchet.receiving {
        writer = writer.bytes(14, &chain.key.0).number(15, chain.next);
    }
    writer = writer.number(16, ratchet.previous);
    for former in &ratchet.former {
        writer = writer.bytes(17, &former.to_bytes());
    }
    for skipped in &ratchet.skipped {
        let one = Writer::roomy(84).bytes(1, &skipped.ratchet.to_bytes());
        let mut one = one.number(2, skipped.number).bytes(3, &skipped.key.0);
        if skipped.spare {
            one = one.number(4, 1);
        }
        let one = Zeroizing::new(one.finish());
        writer = writer.bytes(18, &one);
    }
    Zeroizing::new(writer.finish())
}

fn read_state(version: Version, bytes: &[u8]) -> Result<State, Unreadable> {
    let fields = Fields::read(bytes)?;
    let face = thirty_two(fields.need_bytes(2)?)?;
    let identity = key(fields.need_bytes(1)?)?;
    if version == Version::Legacy && face != identity.to_bytes() {
        return Err(Unreadable::Malformed);
    }
    let pending = match (fields.number(4)?, fields.number(5)?, fields.bytes(6)?) {
        (None, None, None) => None,
        (Some(pre_key_id), Some(signed_pre_key_id), Some(begun_with)) => Some(Pending {
            pre_key_id,
            signed_pre_key_id,
            begun_with: key(begun_with)?,
        }),
        _ => return Err(Unreadable::Malformed),
    };
    Ok(State {
        identity,
        face,
        ours: match fields.need_number(3)? {
            0 => false,
            1 => true,
            _ => return Err(Unreadable::Malformed),
        },
        pending,
        begun_with: fields.bytes(7)?.map(key).transpose()?,
        ratchet: read_ratchet(&fields)?,
    })
}

fn read_ratchet(fields: &Fields<'_>) -> Result<Ratchet, Unreadable> {
    let former: VecDeque<PublicKey> = fields
        .repeated(17)
        .map(|former| key(former?))
        .collect::<Result<_, _>>()?;
    if former.len() > REMEMBERED {
        return Err(Unreadable::Malformed);
    }
    Ok(Ratchet {
        root: Secret(thirty_two(fields.need_bytes(8)?)?),
        ours: KeyPair {
            secret: Secret(thirty_two(fields.need_bytes(9)?)?),
            public: key(fields.need_bytes(10)?)?,
        },
        theirs: fields.bytes(11)?.map(key).transpose()?,
        sending: chain(fields, 12)?,
        receiving: chain(fields, 14)?,
        previous: fields.need_number(16)?,
        former,
        skipped: fields
            .repeated(18)
            .map(|skipped| read_skipped(skipped?))
            .collect::<Result<_, _>>()?,
    })
}

fn read_skipped(bytes: &[u8]) -> Result<Skipped, Unreadable> {
    let fields = Fields::read(bytes)?;
    Ok(Skipped {
        ratchet: key(fields.need_bytes(1)?)?,
        number: fields.need_number(2)?,
        key: Secret(thirty_two(fields.need_bytes(3)?)?),
        spare: fields.number(4)?.is_some(),
    })
}

fn chain(fields: &Fields<'_>, at: u32) -> Result<Option<Chain>, Unreadable> {
    match (fields.bytes(at)?, fields.number(at + 1)?) {
        (None, None) => Ok(None),
        (Some(key), Some(next)) => Ok(Some(Chain {
            key: Secret(thirty_two(key)?),
            next,
        })),
        _ => Err(Unreadable::Malformed),
    }
}

fn thirty_two(bytes: &[u8]) -> Result<[u8; 32], Unreadable> {
    bytes.try_into().map_err(|_| Unreadable::Malformed)
}

fn key(bytes: &[u8]) -> Result<PublicKey, Unreadable> {
    PublicKey::from_slice(bytes).ok_or(Unreadable::Malformed)
}
