//! OMEMO without I/O: XEP-0384, XEP-0454, and Signal's X3DH and Double Ratchet.
//!
#![doc = include_str!("../README.md")]
//!
//! # Everything at a glance
//!
//! ```text
//! begin(keys, device, bundle)             -> Result<Result<(), Unreachable>, K::Error>
//! without_session(keys, version, devices) -> Result<Vec<Device>, K::Error>           fetch their bundles, begin
//! encrypt(keys, version, content, to)     -> Result<Sealed, K::Error>                Sealed { message: Option<Encrypted>, left_out }
//! empty(keys, version, to)                -> Result<Sealed, K::Error>                answer, heartbeat, heal after `begin`
//! decrypt(keys, sender, message)          -> Result<Result<Decrypted, Unreadable>, K::Error>
//!
//! Encrypted { version, sender, keys: Vec<EncryptedKey { address, device, begins, data }>, iv, payload: Option<Vec<u8>> }
//! Decrypted { content: Option<..>, from: Device, identity: PublicKey, begun, heartbeat }
//! Bundle { version, identity, signed_pre_key_id, signed_pre_key, signature, pre_keys: Vec<(u32, Vec<u8>)> }   bytes after base64
//! DeviceList::read(ids), ids(), with(own), without(gone)
//! FileKey::generate(), link(https), from_link(aesgcm); SealingFile, OpeningFile
//! Memory::new(device): Keys, with own(), bundle(version), met, pre_keys, used, forget_sessions(); clone() is a backup
//! ```
#![forbid(unsafe_code)]

mod bundle;
mod curve;
mod devices;
mod file;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod hex;
mod identity;
mod kdf;
mod kept;
mod keys;
mod memory;
mod message;
mod payload;
mod proto;
mod ratchet;
mod session;
mod trust;
mod unreadable;
mod wire;

pub use bundle::Bundle;
pub use curve::PublicKey;
pub use devices::{DeviceList, MOST_DEVICES};
pub use file::{FileKey, OpeningFile, SealingFile};
pub use identity::{Device, Identity, PreKey, SignedPreKey, random_id};
pub use keys::Keys;
pub use memory::Memory;
pub use message::{Decrypted, Encrypted, EncryptedKey, Sealed, begin, decrypt, empty, encrypt, without_session};
pub use session::Session;
pub use trust::Trust;
pub use unreadable::{Unreachable, Unreadable};

/// The two versions of OMEMO that are in use. Sessions, bundles and messages of one mean nothing in the other; identity and
/// pre-keys are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// `eu.siacs.conversations.axolotl`: version 0.3 of XEP-0384, which almost everybody speaks. Protects the text of a message.
    Legacy,
    /// `urn:xmpp:omemo:2`: version 0.9. Protects whatever is put in its envelope (XEP-0420).
    Two,
}

impl Version {
    /// Both, the one to be preferred first: who is on both lists is written to in 0.3.
    pub const ALL: [Self; 2] = [Self::Legacy, Self::Two];

    /// The XML namespace.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Legacy => "eu.siacs.conversations.axolotl",
            Self::Two => "urn:xmpp:omemo:2",
        }
    }
}
