//! Who this device is, and the keys it gives out: one identity for both versions, pre-keys for both from one supply.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use crate::Version;
use crate::curve::{KeyPair, PublicKey, Secret, random};

/// One device of one address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Device {
    /// The bare address, in the form in which the caller compares addresses.
    pub address: String,
    /// The number of the device, unique for its address: 1 to 2^31-1.
    pub id: u32,
}

impl Device {
    /// A device of an address.
    pub fn new(address: impl Into<String>, id: u32) -> Self {
        Self {
            address: address.into(),
            id,
        }
    }
}

/// A number for a new device or pre-key: 1 to 2^31-1. Zero is allowed nowhere, as some clients refuse it.
pub fn random_id() -> u32 {
    (u32::from_le_bytes(random()) & 0x7fff_ffff).max(1)
}

/// Who this device is: its address and number, and a secret Ed25519 seed, from which all of its identity follows in both
/// versions. An account on a device has one; it is never used for another.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// This device.
    pub device: Device,
    seed: Secret,
    scalar: Secret,
    edwards: [u8; 32],
    public: PublicKey,
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// A new one.
    pub fn generate(device: Device) -> Self {
        Self::from_seed(device, random())
    }

    /// The one with this seed.
    pub fn from_seed(device: Device, seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(&seed);
        let scalar = KeyPair::from_secret(signing.to_scalar_bytes());
        Self {
            device,
            seed: Secret(seed),
            public: scalar.public,
            scalar: scalar.secret,
            edwards: signing.verifying_key().to_bytes(),
        }
    }

    /// The seed, to be kept.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.seed.0)
    }

    /// The identity key that others know this device by, in both versions. Its
    /// [fingerprint](PublicKey::fingerprint) is what people compare.
    pub fn key(&self) -> PublicKey {
        self.public
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.scalar
    }

    /// The 32 bytes that stand for this identity in what a version authenticates: Curve25519 or Ed25519.
    pub(crate) fn face(&self, version: Version) -> [u8; 32] {
        match version {
            Version::Legacy => self.public.to_bytes(),
            Version::Two => self.edwards,
        }
    }

    /// A signature as a version wants it. A Curve25519 key has lost the sign of its Ed25519 key: in 0.3 the signature carries it.
    pub(crate) fn sign(&self, version: Version, message: &[u8]) -> [u8; 64] {
        let mut signature = SigningKey::from_bytes(&self.seed.0).sign(message).to_bytes();
        if version == Version::Legacy
            && let (Some(last), Some(key)) = (signature.last_mut(), self.edwards.last())
        {
            *last |= key & 0x80;
        }
        signature
    }
}

/// A key of ours that begins one session: given out in the bundle, used once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreKey {
    /// 1 to 2^31-1, never used again for another.
    pub id: u32,
    pub(crate) pair: KeyPair,
}

impl PreKey {
    /// A new one. The store chooses ids; counting upwards is fine.
    pub fn generate(id: u32) -> Self {
        Self {
            id,
            pair: KeyPair::generate(),
        }
    }

    /// The one with this secret.
    pub fn from_secret(id: u32, secret: [u8; 32]) -> Self {
        Self {
            id,
            pair: KeyPair::from_secret(secret),
        }
    }

    /// The secret half, to be kept.
    pub fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.pair.secret.0)
    }

    /// The public half.
    pub fn key(&self) -> PublicKey {
        self.pair.public
    }
}

/// A key of ours that is part of every session begun with us until it is replaced. It is a [`PreKey`] that is used many times;
/// its signatures are made when a bundle is.
pub type SignedPreKey = PreKey;
