//! A session: what this device and one other have in common. More than one state of it is kept, since both may begin at the same
//! time, and either may begin anew while messages of before are under way.

use zeroize::Zeroizing;

use crate::bundle::Offer;
use crate::curve::{KeyPair, PublicKey, agree};
use crate::identity::{Identity, PreKey, SignedPreKey};
use crate::ratchet::Ratchet;
use crate::wire::{self, Exchange, Message, Parties};
use crate::{Unreachable, Unreadable, Version, kdf};

/// So many states are kept, the one in use and those before it.
pub(crate) const STATES: usize = 11;

/// After so many messages in one chain the other side is answered, so that the ratchet turns.
const HEARTBEAT: u32 = 53;

/// What goes with our messages until one comes back.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) pre_key_id: u32,
    pub(crate) signed_pre_key_id: u32,
    pub(crate) begun_with: PublicKey,
}

/// One ratchet with the device, and who it is with.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Their identity.
    pub(crate) identity: PublicKey,
    pub(crate) face: [u8; 32],
    /// Whether we wrote first.
    pub(crate) ours: bool,
    pub(crate) pending: Option<Pending>,
    /// Their key for this session, if they wrote first.
    pub(crate) begun_with: Option<PublicKey>,
    pub(crate) ratchet: Ratchet,
}

impl State {
    /// Begins a session with X3DH.
    pub(crate) fn begin(version: Version, us: &Identity, offer: &Offer) -> Result<Self, Unreachable> {
        let ephemeral = KeyPair::generate();
        let pairs = [
            (us.secret(), &offer.signed_pre_key),
            (&ephemeral.secret, &offer.identity),
            (&ephemeral.secret, &offer.signed_pre_key),
            (&ephemeral.secret, &offer.pre_key),
        ];
        let secret = shared(version, pairs).ok_or(Unreachable::BrokenBundle)?;
        Ok(Self {
            identity: offer.identity,
            face: offer.face,
            ours: true,
            pending: Some(Pending {
                pre_key_id: offer.pre_key_id,
                signed_pre_key_id: offer.signed_pre_key_id,
                begun_with: ephemeral.public,
            }),
            begun_with: None,
            ratchet: Ratchet::writes_first(version, &secret, offer.signed_pre_key).ok_or(Unreachable::BrokenBundle)?,
        })
    }

    /// Answers an exchange that names these keys of ours.
    fn answer(
        version: Version,
        us: &Identity,
        exchange: &Exchange<'_>,
        keys: (&PreKey, &SignedPreKey),
    ) -> Result<Self, Unreadable> {
        let (pre_key, signed) = keys;
        let pairs = [
            (&signed.pair.secret, &exchange.identity),
            (us.secret(), &exchange.begun_with),
            (&signed.pair.secret, &exchange.begun_with),
            (&pre_key.pair.secret, &exchange.begun_with),
        ];
        let secret = shared(version, pairs).ok_or(Unreadable::Malformed)?;
        Ok(Self {
            identity: exchange.identity,
            face: exchange.face,
            ours: false,
            pending: None,
            begun_with: Some(exchange.begun_with),
            ratchet: Ratchet::reads_first(secret, signed.pair.clone()),
        })
    }

    /// What is authenticated with a message. In 0.3 it is who sends and who receives it, in `omemo:2` who began the session and who did not.
    fn parties(&self, version: Version, us: &Identity, sending: bool) -> Parties {
        let (ours, theirs) = (version.write_face(&us.face(version)), version.write_face(&self.face));
        let we_first = match version {
            Version::Legacy => sending,
            Version::Two => self.ours,
        };
        if we_first { [ours, theirs] } else { [theirs, ours] }
    }

    fn open(
        &mut self,
        version: Version,
        us: &Identity,
        message: &Message<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let key = self.ratchet.open(version, &message.header)?;
        let plain = message.open(version, &key, &self.parties(version, us, false))?;
        self.pending = None;
        Ok(plain)
    }
}

/// X3DH: the secret of four agreements.
fn shared(version: Version, pairs: [(&crate::curve::Secret, &PublicKey); 4]) -> Option<crate::curve::Secret> {
    let mut agreements = Zeroizing::new(Vec::with_capacity(128));
    for (ours, theirs) in pairs {
        agreements.extend_from_slice(agree(ours, theirs)?.as_slice());
    }
    Some(kdf::x3dh(version, &agreements))
}

/// What a message of the ratchet said, and what became of the session.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) plain: Zeroizing<Vec<u8>>,
    pub(crate) identity: PublicKey,
    /// The other side has written so much since our last that it wants an answer.
    pub(crate) heartbeat: bool,
    /// The pre-key that this message used up, if it began a session.
    pub(crate) used: Option<u32>,
}

/// All that we have in common with one device in one version. The caller keeps it as bytes.
///
/// **Invariant**: all states are with one identity, the one that the store knows for the device.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) version: Version,
    /// The one we write with first, then the others, the one used last first.
    pub(crate) states: Vec<State>,
}

impl Session {
    pub(crate) fn new(version: Version) -> Self {
        Self {
            version,
            states: Vec::new(),
        }
    }

    /// Whether the device has not answered yet, so that every message to it begins the session again.
    pub fn unanswered(&self) -> bool {
        self.states.first().is_some_and(|state| state.pending.is_some())
    }

    /// The identity key it is with.
    pub fn identity(&self) -> Option<PublicKey> {
        self.states.first().map(|state| state.identity)
    }

    /// Makes a state the one to write with, and forgets those that are too old.
    pub(crate) fn promote(&mut self, state: State) {
        self.states.retain(|other| other.identity == state.identity);
        self.states.insert(0, state);
        self.states.truncate(STATES);
        let mut most = self.version.most_skipped();
        for state in &mut self.states {
            state.ratchet.forget(most);
            most -= state.ratchet.skipped.len();
        }
    }

    /// Writes to the device: the bytes, and whether they begin the session.
    pub(crate) fn write(&mut self, us: &Identity, plain: &[u8]) -> Option<(Vec<u8>, bool)> {
        let version = self.version;
        let state = self.states.first_mut()?;
        let (header, key) = state.ratchet.next()?;
        let message = wire::write(version, &header, &key, &state.parties(version, us, true), plain);
        let Some(pending) = &state.pending else {
            return Some((message, false));
        };
        let exchange = Exchange {
            pre_key_id: pending.pre_key_id,
            signed_pre_key_id: pending.signed_pre_key_id,
            identity: us.key(),
            face: us.face(version),
            begun_with: pending.begun_with,
            message: &message,
        };
        Some((exchange.write(version), true))
    }

    /// Reads a message of a session that we have. Changes nothing if it cannot.
    pub(crate) fn read(&mut self, us: &Identity, bytes: &[u8]) -> Result<Read, Unreadable> {
        let message = Message::read(self.version, bytes)?;
        let mut reason = Unreadable::NoSession;
        for at in 0..self.states.len() {
            match self.attempt(at, us, &message) {
                Ok(read) => return Ok(read),
                Err(why) if why.tells() > reason.tells() => reason = why,
                Err(_) => {}
            }
        }
        Err(reason)
    }

    /// One state's attempt, on a clone of it; the one that can is the one to write with from now on.
    fn attempt(&mut self, at: usize, us: &Identity, message: &Message<'_>) -> Result<Read, Unreadable> {
        let mut state = self.states.get(at).ok_or(Unreadable::NoSession)?.clone();
        let plain = state.open(self.version, us, message)?;
        let read = Read {
            plain,
            identity: state.identity,
            heartbeat: message.header.number >= HEARTBEAT,
            used: None,
        };
        self.states.remove(at);
        self.promote(state);
        Ok(read)
    }

    /// Whether this exchange began a state that we have: then only the message in it is to be read. Building the session anew would throw
    /// away the one in use, each time the archive tells the message again.
    pub(crate) fn knows(&self, exchange: &Exchange<'_>) -> bool {
        let same = |state: &State| state.begun_with == Some(exchange.begun_with);
        self.states.iter().any(same)
    }

    /// Reads a message that begins a session with these keys of ours. Changes nothing if it cannot.
    pub(crate) fn accept(
        &mut self,
        us: &Identity,
        exchange: &Exchange<'_>,
        keys: (&PreKey, &SignedPreKey),
    ) -> Result<Read, Unreadable> {
        let message = Message::read(self.version, exchange.message)?;
        let mut state = State::answer(self.version, us, exchange, keys)?;
        let plain = state.open(self.version, us, &message)?;
        self.promote(state);
        Ok(Read {
            plain,
            identity: exchange.identity,
            heartbeat: message.header.number >= HEARTBEAT,
            used: Some(exchange.pre_key_id),
        })
    }
}
