//! Bundles: what a device publishes so that others can begin sessions while it is away.

use crate::curve::{PublicKey, from_edwards, random_below, verify, verify_signed_bit};
use crate::identity::{Identity, PreKey, SignedPreKey};
use crate::{Unreachable, Version};

/// A bundle as it stands in its node, after base64: nothing in it has been checked. White space inside the base64 is allowed and must be
/// stripped by whoever decodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Which of the two nodes it is from.
    pub version: Version,
    /// `identityKey` (33 bytes: 5 and a Curve25519 key) or `ik` (32 bytes: an Ed25519 key).
    pub identity: Vec<u8>,
    /// The id of the signed pre-key. Some publish 0.
    pub signed_pre_key_id: u32,
    /// `signedPreKeyPublic` (33 bytes) or `spk` (32 bytes).
    pub signed_pre_key: Vec<u8>,
    /// `signedPreKeySignature` or `spks`, 64 bytes.
    pub signature: Vec<u8>,
    /// The one-time keys with their ids: `preKeyPublic` (33 bytes) or `pk` (32 bytes).
    pub pre_keys: Vec<(u32, Vec<u8>)>,
}

/// What a session is begun with: a bundle that was checked, and one of its one-time keys.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) identity: PublicKey,
    /// The identity as the version authenticates it.
    pub(crate) face: [u8; 32],
    pub(crate) signed_pre_key_id: u32,
    pub(crate) signed_pre_key: PublicKey,
    pub(crate) pre_key_id: u32,
    pub(crate) pre_key: PublicKey,
}

impl Bundle {
    /// Our own bundle. The same keys serve both versions.
    pub fn ours<'a>(
        version: Version,
        identity: &Identity,
        signed_pre_key: &SignedPreKey,
        pre_keys: impl IntoIterator<Item = &'a PreKey>,
    ) -> Self {
        let signed = version.write_key(signed_pre_key.key());
        Self {
            version,
            identity: version.write_face(&identity.face(version)),
            signed_pre_key_id: signed_pre_key.id,
            signature: identity.sign(version, &signed).to_vec(),
            signed_pre_key: signed,
            pre_keys: pre_keys
                .into_iter()
                .map(|key| (key.id, version.write_key(key.key())))
                .collect(),
        }
    }

    /// The identity key of the device, once the signature shows that the bundle is its own.
    ///
    /// # Errors
    /// What is wrong with the bundle; such a device is to be named, not to be waited for.
    pub fn verify(&self) -> Result<PublicKey, Unreachable> {
        self.signed().map(|(identity, ..)| identity)
    }

    /// Identity, its face, and the signed pre-key.
    fn signed(&self) -> Result<(PublicKey, [u8; 32], PublicKey), Unreachable> {
        let broken = Unreachable::BrokenBundle;
        let (identity, face) = self.version.read_identity(&self.identity).ok_or(broken)?;
        let key = self.version.read_key(&self.signed_pre_key).ok_or(broken)?;
        let signature: &[u8; 64] = self.signature.as_slice().try_into().map_err(|_| broken)?;
        let right = match self.version {
            Version::Legacy => verify_signed_bit(identity, &self.signed_pre_key, signature),
            Version::Two => verify(&face, &self.signed_pre_key, signature),
        };
        if right {
            Ok((identity, face, key))
        } else {
            Err(Unreachable::BadSignature)
        }
    }

    /// Checks everything and picks a one-time key at random. Those that are no keys are passed over.
    pub(crate) fn offer(&self) -> Result<Offer, Unreachable> {
        let (identity, face, signed_pre_key) = self.signed()?;
        let read = |(id, key): &(u32, Vec<u8>)| Some((*id, self.version.read_key(key)?));
        let mut usable: Vec<_> = self.pre_keys.iter().filter_map(read).collect();
        if usable.is_empty() {
            return Err(Unreachable::NoPreKeys);
        }
        let (pre_key_id, pre_key) = usable.swap_remove(random_below(usable.len()));
        Ok(Offer {
            identity,
            face,
            signed_pre_key_id: self.signed_pre_key_id,
            signed_pre_key,
            pre_key_id,
            pre_key,
        })
    }
}

/// How each version writes keys.
impl Version {
    pub(crate) fn write_key(self, key: PublicKey) -> Vec<u8> {
        match self {
            Self::Legacy => key.tagged().to_vec(),
            Self::Two => key.to_bytes().to_vec(),
        }
    }

    pub(crate) fn read_key(self, bytes: &[u8]) -> Option<PublicKey> {
        match self {
            Self::Legacy => PublicKey::from_tagged(bytes),
            Self::Two => PublicKey::from_slice(bytes),
        }
    }

    /// An identity as it stands on the wire and in what is authenticated.
    pub(crate) fn write_face(self, face: &[u8; 32]) -> Vec<u8> {
        match self {
            Self::Legacy => [&[5], face.as_slice()].concat(),
            Self::Two => face.to_vec(),
        }
    }

    /// An identity key and its face.
    pub(crate) fn read_identity(self, bytes: &[u8]) -> Option<(PublicKey, [u8; 32])> {
        match self {
            Self::Legacy => PublicKey::from_tagged(bytes).map(|key| (key, key.to_bytes())),
            Self::Two => {
                let face = bytes.try_into().ok()?;
                Some((from_edwards(&face)?, face))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::Device;

    fn bundle(version: Version) -> Bundle {
        let identity = Identity::generate(Device::new("anna@family.example", 7));
        let keys: Vec<_> = (1..=3).map(PreKey::generate).collect();
        Bundle::ours(version, &identity, &SignedPreKey::generate(1), &keys)
    }

    #[test]
    fn ours_is_right_in_both_versions_and_for_both_signs() {
        let mut signs = [false; 2];
        for seed in 0..32 {
            let identity = Identity::from_seed(Device::new("a", 1), [seed; 32]);
            signs[usize::from(identity.face(Version::Two)[31] >> 7)] = true;
            for version in Version::ALL {
                let bundle = Bundle::ours(version, &identity, &SignedPreKey::generate(1), &[PreKey::generate(1)]);
                assert_eq!(bundle.verify(), Ok(identity.key()));
                assert!(bundle.offer().is_ok());
            }
        }
        assert_eq!(signs, [true, true]);
    }

    #[test]
    fn h44_bundles_with_missing_or_broken_parts() {
        for version in Version::ALL {
            let good = bundle(version);
            let broken = |change: fn(&mut Bundle)| {
                let mut bundle = good.clone();
                change(&mut bundle);
                bundle.offer().map(|_| ())
            };
            assert_eq!(broken(|_| ()), Ok(()));
            assert_eq!(broken(|bundle| bundle.pre_keys.clear()), Err(Unreachable::NoPreKeys));
            assert_eq!(
                broken(|bundle| bundle.identity.truncate(16)),
                Err(Unreachable::BrokenBundle)
            );
            assert_eq!(
                broken(|bundle| bundle.signed_pre_key.push(0)),
                Err(Unreachable::BrokenBundle)
            );
            assert_eq!(
                broken(|bundle| bundle.signature.clear()),
                Err(Unreachable::BrokenBundle)
            );
            assert_eq!(
                broken(|bundle| bundle.signature[3] ^= 1),
                Err(Unreachable::BadSignature)
            );
            assert_eq!(
                broken(|bundle| bundle.signed_pre_key[9] ^= 1),
                Err(Unreachable::BadSignature)
            );
            // One-time keys of a wrong length are passed over, and the others serve.
            let mut some = good.clone();
            some.pre_keys[0].1.truncate(16);
            some.pre_keys[2].1.clear();
            assert_eq!(some.offer().unwrap().pre_key_id, 2);
            assert_eq!(
                broken(|bundle| bundle.pre_keys.iter_mut().for_each(|key| key.1.truncate(16))),
                Err(Unreachable::NoPreKeys)
            );
        }
    }

    #[test]
    fn one_version_is_not_taken_for_the_other() {
        let mut bundle = bundle(Version::Legacy);
        bundle.version = Version::Two;
        assert_eq!(bundle.verify(), Err(Unreachable::BrokenBundle));
    }

    #[test]
    fn a_signed_pre_key_with_id_0_is_taken() {
        let mut bundle = bundle(Version::Legacy);
        bundle.signed_pre_key_id = 0;
        assert!(bundle.offer().is_ok());
    }

    proptest! {
        #[test]
        fn any_bundle_is_judged(
            two: bool, identity: Vec<u8>, signed_pre_key_id: u32, signed_pre_key: Vec<u8>, signature: Vec<u8>,
            pre_keys: Vec<(u32, Vec<u8>)>,
        ) {
            let version = if two { Version::Two } else { Version::Legacy };
            let bundle = Bundle { version, identity, signed_pre_key_id, signed_pre_key, signature, pre_keys };
            prop_assert!(bundle.verify().is_err());
        }

        #[test]
        fn any_change_is_seen(two: bool, part in 0..3_usize, at: prop::sample::Index, bit in 0..8_u8) {
            let mut bundle = bundle(if two { Version::Two } else { Version::Legacy });
            let part = match part {
                0 => &mut bundle.identity,
                1 => &mut bundle.signed_pre_key,
                _ => &mut bundle.signature,
            };
            let at = at.index(part.len());
            part[at] ^= 1 << bit;
            prop_assert!(bundle.verify().is_err());
        }
    }
}
