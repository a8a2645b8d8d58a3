//! Where keys are kept: the store that the caller lends us.

use crate::Version;
use crate::curve::PublicKey;
use crate::identity::{Device, Identity, PreKey, SignedPreKey};

/// What OMEMO keeps between two messages. It is synchronous, so that it can be a database transaction: what a message
/// changed here, and what it said, then become true together or not at all.
///
/// The functions of this crate read first, and write only when everything has succeeded. An error of the store goes to
/// the caller as it is; what was written by then is the caller's to roll back.
pub trait Keys {
    /// Why the store failed.
    type Error;

    /// Who this device is.
    fn identity(&mut self) -> Result<Identity, Self::Error>;

    /// One of our signed pre-keys: the one given out now, or a former one. Keep a former one for as long as messages may lie in
    /// an archive, 30 days or more.
    fn signed_pre_key(&mut self, id: u32) -> Result<Option<SignedPreKey>, Self::Error>;

    /// One of our pre-keys, also one that was used and is still kept.
    fn pre_key(&mut self, id: u32) -> Result<Option<PreKey>, Self::Error>;

    /// A session was begun with this pre-key. It must not be given out again. While an archive is being read it is better hidden than
    /// removed, for two devices may have taken the same; afterwards remove it, put a new one in its place, and publish the bundle.
    fn pre_key_used(&mut self, id: u32) -> Result<(), Self::Error>;

    /// The session with a device, as bytes. Bytes that are damaged count as no session.
    fn session(&mut self, version: Version, device: &Device) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Keeps a session in place of the one before. The bytes are secret.
    fn keep_session(&mut self, version: Version, device: &Device, session: &[u8]) -> Result<(), Self::Error>;

    /// The identity key that we know this device by.
    fn known_identity(&mut self, device: &Device) -> Result<Option<PublicKey>, Self::Error>;

    /// The identity key of a device is seen for the first time. The store decides what it is worth:
    /// [`Trust::of_new`](crate::Trust::of_new).
    fn met(&mut self, device: &Device, identity: PublicKey) -> Result<(), Self::Error>;

    /// Whether this device may read what we write.
    fn may_read(&mut self, device: &Device, identity: PublicKey) -> Result<bool, Self::Error>;
}
