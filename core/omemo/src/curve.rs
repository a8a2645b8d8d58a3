//! Curve25519 (RFC 7748) and Ed25519 (RFC 8032), with the checks that OMEMO needs and their libraries leave to the caller.

use std::fmt;

use curve25519_dalek::montgomery::MontgomeryPoint;
use ed25519_dalek::{Signature, VerifyingKey};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::hex;

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness there are no keys. Ending is better than writing with one that others know.
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// A random index below `length`, which is not 0 and small beside 2^64.
pub(crate) fn random_below(length: usize) -> usize {
    (u64::from_le_bytes(random()) % length as u64) as usize
}

/// 32 secret bytes, overwritten when dropped and never shown.
#[derive(Clone, Eq)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The public half of a Curve25519 key: the `u` coordinate of RFC 7748, in its one canonical form.
///
/// **Invariant**: bit 255 is not set and the number is below 2^255-19. Curve25519 itself takes both, so that the same
/// key would have several faces and a key exchange seen before would look new.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({})", self.fingerprint())
    }
}

impl PublicKey {
    /// From 32 bytes; `None` if they are not the canonical form of a number.
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        let [first, middle @ .., last] = bytes;
        let beyond = last == 0x7f && first >= 0xed && middle.iter().all(|byte| *byte == 0xff);
        (last & 0x80 == 0 && !beyond).then_some(Self(bytes))
    }

    /// From a slice of exactly 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Self::from_bytes(bytes.try_into().ok()?)
    }

    /// The 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// As libsignal writes it: a type byte 5 in front.
    pub(crate) fn tagged(self) -> [u8; 33] {
        let mut tagged = [5; 33];
        let (_, rest) = tagged.split_at_mut(1);
        rest.copy_from_slice(&self.0);
        tagged
    }

    /// From what [`PublicKey::tagged`] gives.
    pub(crate) fn from_tagged(bytes: &[u8]) -> Option<Self> {
        let (5, rest) = bytes.split_first().map(|(tag, rest)| (*tag, rest))? else {
            return None;
        };
        Self::from_slice(rest)
    }

    /// 64 lowercase hexadecimal digits: how clients show an identity key, in both versions of OMEMO.
    pub fn fingerprint(self) -> String {
        hex::write(&self.0)
    }

    /// From 64 hexadecimal digits; spaces between them and capitals are allowed, for people copy them from screens.
    pub fn from_fingerprint(text: &str) -> Option<Self> {
        let bytes = hex::read(text.chars().filter(|char| !char.is_whitespace()))?;
        Self::from_slice(&bytes)
    }
}

/// A Curve25519 key pair. The public half is kept, since it costs as much as a signature to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPair {
    pub(crate) secret: Secret,
    pub(crate) public: PublicKey,
}

impl KeyPair {
    pub(crate) fn generate() -> Self {
        Self::from_secret(random())
    }

    pub(crate) fn from_secret(secret: [u8; 32]) -> Self {
        Self {
            // What the library computes is reduced, so it is canonical.
            public: PublicKey(MontgomeryPoint::mul_base_clamped(secret).to_bytes()),
            secret: Secret(secret),
        }
    }
}

/// The shared secret of ours and theirs; `None` if theirs is one of the few points that give the same secret with everybody.
pub(crate) fn agree(ours: &Secret, theirs: &PublicKey) -> Option<Zeroizing<[u8; 32]>> {
    let shared = Zeroizing::new(MontgomeryPoint(theirs.0).mul_clamped(ours.0).to_bytes());
    (*shared != [0; 32]).then_some(shared)
}

/// An Ed25519 key as Curve25519 key; `None` if it is no point.
pub(crate) fn from_edwards(key: &[u8; 32]) -> Option<PublicKey> {
    let key = VerifyingKey::from_bytes(key).ok().filter(|key| !key.is_weak())?;
    Some(PublicKey(key.to_montgomery().to_bytes()))
}

/// Whether `signature` over `message` is of the Ed25519 key `signer`.
pub(crate) fn verify(signer: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = Signature::from_bytes(signature);
    VerifyingKey::from_bytes(signer).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// Whether `signature` over `message` is of the Curve25519 key `signer`, as version 0.3 signs: the sign that a Curve25519 key lacks
/// stands in the highest bit of the signature. Signatures by libsignal's `XEdDSA` have 0 there, and verify the same.
pub(crate) fn verify_signed_bit(signer: PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
    let mut plain = *signature;
    let Some(last) = plain.last_mut() else { return false };
    let sign = *last >> 7;
    *last &= 0x7f;
    let point = MontgomeryPoint(signer.0).to_edwards(sign);
    point.is_some_and(|point| verify(&point.compress().to_bytes(), message, &plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_public_key_has_one_face() {
        let key = KeyPair::generate().public;
        let mut flipped = key.to_bytes();
        flipped[31] |= 0x80;
        assert_eq!(PublicKey::from_bytes(flipped), None);
        // p itself and p + 1 are 0 and 1 again; p - 1 is fine.
        let mut prime = [0xff; 32];
        prime[31] = 0x7f;
        prime[0] = 0xed;
        assert_eq!(PublicKey::from_bytes(prime), None);
        prime[0] = 0xee;
        assert_eq!(PublicKey::from_bytes(prime), None);
        prime[0] = 0xec;
        assert!(PublicKey::from_bytes(prime).is_some());
        assert_eq!(PublicKey::from_tagged(&key.tagged()), Some(key));
        assert_eq!(PublicKey::from_tagged(&[&[6], key.0.as_slice()].concat()), None);
        assert_eq!(PublicKey::from_tagged(&key.0), None);
        assert_eq!(PublicKey::from_slice(&key.0[1..]), None);
    }

    #[test]
    fn h44_points_of_low_order_agree_with_nobody() {
        let ours = KeyPair::generate();
        for low in [0, 1] {
            let mut bytes = [0; 32];
            bytes[0] = low;
            assert!(agree(&ours.secret, &PublicKey::from_bytes(bytes).unwrap()).is_none());
        }
        let mut low = [0; 32];
        low[0] = 1; // the neutral element of Ed25519
        assert_eq!(from_edwards(&low), None);
        assert!(!verify(&low, b"", &[0; 64]));
    }

    #[test]
    fn rfc_7748_agrees() {
        let hex = |text: &str| -> [u8; 32] {
            let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            std::array::from_fn(|byte| digit(2 * byte))
        };
        let ours = Secret(hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
        let theirs = hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
        let shared = agree(&ours, &PublicKey::from_bytes(theirs).unwrap()).unwrap();
        assert_eq!(
            *shared,
            hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
        );
    }

    #[test]
    fn a_fingerprint_is_read_as_people_copy_it() {
        let key = KeyPair::generate().public;
        let text = key.fingerprint();
        assert_eq!(text.len(), 64);
        assert_eq!(PublicKey::from_fingerprint(&text.to_uppercase()), Some(key));
        let spaced: String = text.chars().enumerate().fold(String::new(), |mut out, (index, char)| {
            if index % 8 == 0 && index > 0 {
                out.push(' ');
            }
            out.push(char);
            out
        });
        assert_eq!(PublicKey::from_fingerprint(&spaced), Some(key));
        assert_eq!(PublicKey::from_fingerprint(&text[1..]), None);
        assert_eq!(PublicKey::from_fingerprint(&text.replacen(|_| true, "g", 1)), None);
    }

    #[test]
    fn secrets_are_not_shown() {
        let pair = KeyPair::from_secret([7; 32]);
        assert!(!format!("{pair:?}").contains("7, 7"));
    }

    proptest! {
        #[test]
        fn both_sides_agree(ours: [u8; 32], theirs: [u8; 32]) {
            let (ours, theirs) = (KeyPair::from_secret(ours), KeyPair::from_secret(theirs));
            prop_assert_eq!(agree(&ours.secret, &theirs.public), agree(&theirs.secret, &ours.public));
        }
    }
}
