//! Why a message cannot be read, or a device cannot be written to: reasons that a screen can put in words.

use thiserror::Error;

/// Why a message cannot be read. Nothing has changed in the store when one of these is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It was read before. Say nothing to anybody.
    #[error("this message was read before")]
    Duplicate,
    /// No key in it is for this device: the sender did not know this device yet.
    #[error("the message was not encrypted for this device")]
    NotForThisDevice,
    /// It comes from this very device, a copy of what we sent: our own store has the text.
    #[error("the message is our own")]
    Own,
    /// We have no session with the device that sent it: a new one heals that.
    #[error("there is no session with the sending device")]
    NoSession,
    /// It begins a session with a key of ours that we do not have (any more): a new session heals that.
    #[error("the message begins a session with a key that this device does not have")]
    UnknownPreKey,
    /// The device now has another identity key than the one we know: somebody reset it, or poses as it.
    #[error("the sending device has another identity key than before")]
    ForeignIdentity,
    /// It was changed on its way, or was made for another session.
    #[error("the message was changed on its way or belongs to another session")]
    Tampered,
    /// The key that came with it does not vouch for its text, so that any of its readers could have changed the text. Only
    /// very old clients write so.
    #[error("nothing vouches for the text of the message")]
    Unvouched,
    /// More messages were lost before it than anybody loses.
    #[error("too many messages before this one are missing")]
    TooFarAhead,
    /// These bytes are no OMEMO message.
    #[error("the message is not well-formed")]
    Malformed,
}

impl Unreadable {
    /// Of two failed attempts at one message, how much this one tells.
    pub(crate) fn tells(self) -> u8 {
        match self {
            Self::Duplicate => 9,
            Self::ForeignIdentity => 8,
            Self::Unvouched => 7,
            Self::UnknownPreKey => 6,
            Self::TooFarAhead => 5,
            Self::Tampered => 4,
            Self::NoSession => 3,
            Self::Own | Self::NotForThisDevice => 2,
            Self::Malformed => 1,
        }
    }

    /// Whether a new session, begun by us, would heal this. Do it at most once per device and connection, never while the
    /// archive is being read, and only when the message is certainly not one that was seen before.
    pub fn heals(self) -> bool {
        matches!(self, Self::NoSession | Self::UnknownPreKey)
    }
}

/// Why a device cannot be written to. Name it to the user and serve the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Unreachable {
    /// Its bundle is missing a part, or has one of the wrong length, or a key that is no key.
    #[error("the keys of the device are damaged")]
    BrokenBundle,
    /// Its bundle is signed by somebody else.
    #[error("the keys of the device are not signed by the device")]
    BadSignature,
    /// Its bundle has no one-time keys left.
    #[error("the device has no keys left for new conversations")]
    NoPreKeys,
    /// It has another identity key than the one we know.
    #[error("the device has another identity key than before")]
    ForeignIdentity,
    /// There is no session with it: fetch its bundle and [`begin`](crate::begin) one.
    #[error("there is no session with the device")]
    NoSession,
    /// The store says that it may not read this.
    #[error("the device is not trusted")]
    Untrusted,
}
