//! The key derivations of X3DH and the Double Ratchet: HKDF and HMAC with SHA-256 (RFC 5869, RFC 2104) and the words that
//! keep the two versions of OMEMO apart.

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Unreadable;
use crate::Version;
use crate::curve::Secret;

/// `N` bytes from `input`. HKDF gives up to 8160; nobody asks for more than 80.
fn derive<const N: usize>(salt: &[u8; 32], input: &[u8], info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut output = Zeroizing::new([0; N]);
    let possible = Hkdf::<Sha256>::new(Some(salt), input).expand(info, output.as_mut());
    debug_assert!(possible.is_ok());
    output
}

/// The two halves of 64 bytes.
fn halves(both: &[u8; 64]) -> (Secret, Secret) {
    let (mut first, mut second) = (Secret([0; 32]), Secret([0; 32]));
    let (left, right) = both.split_at(32);
    first.0.copy_from_slice(left);
    second.0.copy_from_slice(right);
    (first, second)
}

/// The first root key, from the agreements of X3DH one after the other.
pub(crate) fn x3dh(version: Version, agreements: &[u8]) -> Secret {
    let info: &[u8] = match version {
        Version::Legacy => b"WhisperText",
        Version::Two => b"OMEMO X3DH",
    };
    let input = Zeroizing::new([&[0xff; 32], agreements].concat());
    Secret(*derive::<32>(&[0; 32], &input, info))
}

/// The next root key and the key of a new chain.
pub(crate) fn root(version: Version, root: &Secret, agreement: &[u8; 32]) -> (Secret, Secret) {
    let info: &[u8] = match version {
        Version::Legacy => b"WhisperRatchet",
        Version::Two => b"OMEMO Root Chain",
    };
    halves(&derive::<64>(&root.0, agreement, info))
}

/// The key of the next message, and the chain after it.
pub(crate) fn chain(chain: &Secret) -> (Secret, Secret) {
    (Secret(mac(&chain.0, &[&[1]])), Secret(mac(&chain.0, &[&[2]])))
}

/// HMAC-SHA-256 over the parts one after the other.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    hmac(key, parts).finalize().into_bytes().into()
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    // The library takes a whole block of 64 bytes; a shorter key ends in zeros (RFC 2104).
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut hmac = <Hmac<Sha256> as KeyInit>::new(&(*block).into());
    parts.iter().for_each(|part| hmac.update(part));
    hmac
}

/// What one message, or the payload of `omemo:2`, is encrypted with: AES-256-CBC and a MAC.
pub(crate) struct MessageKeys(Zeroizing<[u8; 80]>);

impl MessageKeys {
    /// For a message of the ratchet.
    pub(crate) fn of_message(version: Version, key: &Secret) -> Self {
        let info: &[u8] = match version {
            Version::Legacy => b"WhisperMessageKeys",
            Version::Two => b"OMEMO Message Key Material",
        };
        Self(derive(&[0; 32], &key.0, info))
    }

    /// For a payload of `omemo:2`.
    pub(crate) fn of_payload(key: &[u8; 32]) -> Self {
        Self(derive(&[0; 32], key, b"OMEMO Payload"))
    }

    fn part<const N: usize>(&self, from: usize) -> Zeroizing<[u8; N]> {
        let mut part = Zeroizing::new([0; N]);
        let bytes = self.0.iter().skip(from);
        part.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        part
    }

    pub(crate) fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        let (key, iv) = (self.part::<32>(0), self.part::<16>(64));
        cbc::Encryptor::<aes::Aes256>::new(&(*key).into(), &(*iv).into()).encrypt_padded_vec::<Pkcs7>(plain)
    }

    /// After the MAC was checked.
    pub(crate) fn decrypt(&self, cipher: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let (key, iv) = (self.part::<32>(0), self.part::<16>(64));
        let plain =
            cbc::Decryptor::<aes::Aes256>::new(&(*key).into(), &(*iv).into()).decrypt_padded_vec::<Pkcs7>(cipher);
        plain.map(Zeroizing::new).map_err(|_| Unreadable::Malformed)
    }

    /// The first `N` bytes of the MAC.
    pub(crate) fn sign<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        let whole = mac(&self.part::<32>(32), parts);
        let mut cut = [0; N];
        cut.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        cut
    }

    /// Whether `tag` is the beginning of the MAC, `N` bytes of it, compared in constant time.
    pub(crate) fn check<const N: usize>(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), Unreadable> {
        let right = tag.len() == N && hmac(&self.part::<32>(32), parts).verify_truncated_left(tag).is_ok();
        if right { Ok(()) } else { Err(Unreadable::Tampered) }
    }
}
