//! The text itself, encrypted once for all devices, and what each device gets through its session to open it.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::array::{Array, ArraySize};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::consts::{U12, U16};
use aes_gcm::{AesGcm, KeyInit, Tag};
use zeroize::Zeroizing;

use crate::curve::random;
use crate::kdf::MessageKeys;
use crate::{Unreadable, Version};

/// A text, sealed.
pub(crate) struct Payload {
    /// What opens it: to go through every session.
    pub(crate) opener: Zeroizing<Vec<u8>>,
    /// Empty in `omemo:2`.
    pub(crate) iv: Vec<u8>,
    pub(crate) cipher: Vec<u8>,
}

/// Seals a text for everybody who gets the opener.
pub(crate) fn seal(version: Version, plain: &[u8]) -> Payload {
    match version {
        Version::Legacy => {
            let (key, iv) = (Zeroizing::new(random::<16>()), random::<12>());
            let mut cipher = plain.to_vec();
            let gcm = AesGcm::<Aes128, U12>::new(&(*key).into());
            // GCM refuses only what is longer than 64 GiB.
            let tag: Tag = gcm
                .encrypt_inout_detached(&iv.into(), &[], cipher.as_mut_slice().into())
                .unwrap_or_default();
            Payload {
                opener: Zeroizing::new([key.as_slice(), &tag].concat()),
                iv: iv.to_vec(),
                cipher,
            }
        }
        Version::Two => {
            let key = Zeroizing::new(random::<32>());
            let keys = MessageKeys::of_payload(&key);
            let cipher = keys.encrypt(plain);
            let tag: [u8; 16] = keys.sign(&[&cipher]);
            Payload {
                opener: Zeroizing::new([key.as_slice(), &tag].concat()),
                iv: Vec::new(),
                cipher,
            }
        }
    }
}

/// What goes through a session when there is no text, and the initialisation vector that 0.3 wants beside it.
pub(crate) fn empty(version: Version) -> (Zeroizing<Vec<u8>>, Vec<u8>) {
    match version {
        Version::Legacy => (Zeroizing::new(random::<16>().to_vec()), random::<12>().to_vec()),
        Version::Two => (Zeroizing::new(vec![0; 32]), Vec::new()),
    }
}

/// The text.
pub(crate) fn open(
    version: Version,
    opener: &[u8],
    iv: &[u8],
    cipher: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    match version {
        Version::Legacy => {
            // Without the tag in here, all whom the text was written to could change it for one another.
            let (key, tag) = opener.split_first_chunk::<16>().ok_or(Unreadable::Malformed)?;
            if tag.is_empty() {
                return Err(Unreadable::Unvouched);
            }
            let tag: &[u8; 16] = tag.try_into().map_err(|_| Unreadable::Malformed)?;
            match iv.len() {
                12 => open_gcm::<U12>(key, iv, cipher, tag),
                16 => open_gcm::<U16>(key, iv, cipher, tag),
                _ => Err(Unreadable::Malformed),
            }
        }
        Version::Two => {
            let (key, tag) = opener.split_first_chunk::<32>().ok_or(Unreadable::Malformed)?;
            if tag.is_empty() {
                return Err(Unreadable::Unvouched);
            }
            let keys = MessageKeys::of_payload(key);
            keys.check::<16>(&[cipher], tag)?;
            keys.decrypt(cipher)
        }
    }
}

fn open_gcm<N: ArraySize>(
    key: &[u8; 16],
    iv: &[u8],
    cipher: &[u8],
    tag: &[u8; 16],
) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let mut plain = Zeroizing::new(cipher.to_vec());
    let iv = <&Array<u8, N>>::try_from(iv).map_err(|_| Unreadable::Malformed)?;
    AesGcm::<Aes128, N>::new(&(*key).into())
        .decrypt_inout_detached(iv, &[], plain.as_mut_slice().into(), &(*tag).into())
        .map_err(|_| Unreadable::Tampered)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_sealed_opens() {
        for version in Version::ALL {
            let payload = seal(version, "hei på deg".as_bytes());
            assert_eq!(payload.opener.len(), if version == Version::Two { 48 } else { 32 });
            assert_eq!(payload.iv.len(), if version == Version::Two { 0 } else { 12 });
            let plain = open(version, &payload.opener, &payload.iv, &payload.cipher).unwrap();
            assert_eq!(plain.as_slice(), "hei på deg".as_bytes());
        }
    }

    #[test]
    fn h45_a_key_that_does_not_vouch_for_the_text_is_refused() {
        let payload = seal(Version::Legacy, b"hei");
        let (key, tag) = payload.opener.split_at(16);
        // As very old clients wrote: the tag at the end of the text, where every receiver can make a new one.
        let cipher = [&payload.cipher, tag].concat();
        assert_eq!(
            open(Version::Legacy, key, &payload.iv, &cipher),
            Err(Unreadable::Unvouched)
        );
        let payload = seal(Version::Two, b"hei");
        assert_eq!(
            open(Version::Two, &payload.opener[..32], &[], &payload.cipher),
            Err(Unreadable::Unvouched)
        );
        assert_eq!(
            open(Version::Two, &payload.opener[..40], &[], &payload.cipher),
            Err(Unreadable::Tampered)
        );
    }

    #[test]
    fn initialisation_vectors_of_16_bytes_are_read() {
        let (key, iv) = ([1; 16], [2; 16]);
        let mut cipher = b"hei".to_vec();
        let tag = AesGcm::<Aes128, U16>::new(&key.into())
            .encrypt_inout_detached(&iv.into(), &[], cipher.as_mut_slice().into())
            .unwrap();
        let opener = [key.as_slice(), &tag].concat();
        assert_eq!(open(Version::Legacy, &opener, &iv, &cipher).unwrap().as_slice(), b"hei");
        assert_eq!(
            open(Version::Legacy, &opener, &iv[..13], &cipher),
            Err(Unreadable::Malformed)
        );
    }

    proptest! {
        #[test]
        fn h45_no_change_of_the_text_is_read(two: bool, plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
            let version = if two { Version::Two } else { Version::Legacy };
            let mut payload = seal(version, &plain);
            if !payload.cipher.is_empty() {
                let at = at.index(payload.cipher.len());
                payload.cipher[at] ^= 1 << bit;
                prop_assert_eq!(
                    open(version, &payload.opener, &payload.iv, &payload.cipher),
                    Err(Unreadable::Tampered)
                );
            }
        }

        #[test]
        fn any_bytes_are_refused(two: bool, opener: Vec<u8>, iv: Vec<u8>, cipher: Vec<u8>) {
            let version = if two { Version::Two } else { Version::Legacy };
            prop_assert!(open(version, &opener, &iv, &cipher).is_err());
        }
    }
}
