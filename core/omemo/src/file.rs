//! Encrypted files: XEP-0454. A file is encrypted with AES-256-GCM piece by piece, so that no film has to fit into memory,
//! uploaded with its tag at the end, and its key stands behind the `#` of an `aesgcm:` link inside the encrypted message.

use std::fmt;

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{BlockCipherEncrypt, KeyInit, KeyIvInit, StreamCipher};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::curve::random;
use crate::{Unreadable, hex};

/// What AES-GCM can encrypt with one key, in bytes: 64 GiB.
const MOST: u64 = (1 << 36) - 32;

/// Key and initialisation vector of one file.
#[derive(Clone, PartialEq, Eq)]
pub struct FileKey {
    key: [u8; 32],
    /// 12 bytes; 16 from old clients.
    iv: Vec<u8>,
}

impl Drop for FileKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FileKey")
    }
}

impl FileKey {
    /// A new one, for one file.
    pub fn generate() -> Self {
        Self {
            key: random(),
            iv: random::<12>().to_vec(),
        }
    }

    /// The `aesgcm:` link to a file that was uploaded to an `https:` address; `None` if it is no such address.
    pub fn link(&self, https: &str) -> Option<String> {
        let place = https.strip_prefix("https://").filter(|place| !place.contains('#'))?;
        Some(format!(
            "aesgcm://{place}#{}{}",
            hex::write(&self.iv),
            hex::write(&self.key)
        ))
    }

    /// The `https:` address of the file in an `aesgcm:` link, and its key.
    pub fn from_link(link: &str) -> Option<(String, Self)> {
        let (place, digits) = link.strip_prefix("aesgcm://")?.split_once('#')?;
        let ugly = |char: char| char.is_whitespace() || char.is_control();
        if place.is_empty() || place.starts_with('/') || place.contains(ugly) {
            return None;
        }
        let bytes = hex::read(digits.chars())?;
        let (iv, key) = bytes.split_last_chunk::<32>()?;
        if ![12, 16].contains(&iv.len()) {
            return None;
        }
        let key = Self {
            key: *key,
            iv: iv.to_vec(),
        };
        Some((format!("https://{place}"), key))
    }
}

/// GCM (NIST SP 800-38D) over pieces, which `aes-gcm` offers only for the whole.
struct Gcm {
    stream: ctr::Ctr32BE<Aes256>,
    hash: GHash,
    /// Encrypted bytes that do not fill a block of the hash yet.
    rest: Vec<u8>,
    length: u64,
    mask: [u8; 16],
}

impl Gcm {
    fn new(file: &FileKey) -> Self {
        let cipher = Aes256::new(&file.key.into());
        let mut subkey = Zeroizing::new([0; 16]);
        cipher.encrypt_block((&mut *subkey).into());
        let hash = GHash::new(&(*subkey).into());
        let mut counter = [0; 16];
        if file.iv.len() == 12 {
            counter.iter_mut().zip(&file.iv).for_each(|(to, from)| *to = *from);
            if let Some(last) = counter.last_mut() {
                *last = 1;
            }
        } else {
            let mut hash = hash.clone();
            hash.update_padded(&file.iv);
            hash.update_padded(&(file.iv.len() as u128 * 8).to_be_bytes());
            counter = hash.finalize().into();
        }
        // The first block masks the tag, the text follows.
        let mut stream = ctr::Ctr32BE::<Aes256>::new(&file.key.into(), &counter.into());
        let mut mask = [0; 16];
        stream.apply_keystream(&mut mask);
        Self {
            stream,
            hash,
            rest: Vec::with_capacity(16),
            length: 0,
            mask,
        }
    }

    /// Encrypts or decrypts; refuses what is longer than GCM can.
    fn apply(&mut self, piece: &mut [u8]) -> Result<(), Unreadable> {
        self.length = self.length.saturating_add(piece.len() as u64);
        if self.length > MOST {
            return Err(Unreadable::Malformed);
        }
        self.stream.apply_keystream(piece);
        Ok(())
    }

    fn absorb(&mut self, mut cipher: &[u8]) {
        if !self.rest.is_empty() {
            let wanted = cipher.len().min(16 - self.rest.len());
            let (head, tail) = cipher.split_at_checked(wanted).unwrap_or((cipher, &[]));
            self.rest.extend_from_slice(head);
            cipher = tail;
            if self.rest.len() < 16 {
                return;
            }
            self.hash.update_padded(&self.rest);
            self.rest.clear();
        }
        let (whole, rest) = cipher.split_at_checked(cipher.len() / 16 * 16).unwrap_or((&[], cipher));
        self.hash.update_padded(whole);
        self.rest.extend_from_slice(rest);
    }

    fn tag(mut self) -> [u8; 16] {
        self.hash.update_padded(&self.rest);
        self.hash.update_padded(&(u128::from(self.length) * 8).to_be_bytes());
        let mut tag: [u8; 16] = self.hash.finalize().into();
        tag.iter_mut().zip(self.mask).for_each(|(byte, mask)| *byte ^= mask);
        tag
    }
}

/// Encrypts a file, piece by piece.
///
/// ```
/// use grend_omemo::{FileKey, OpeningFile, SealingFile};
///
/// let key = FileKey::generate();
/// let mut file = b"a picture".to_vec();
/// let mut sealing = SealingFile::new(&key);
/// sealing.piece(&mut file)?;
/// let tag = sealing.finish(); // to be uploaded after the file
///
/// let mut opening = OpeningFile::new(&key);
/// opening.piece(&mut file)?;
/// opening.finish(&tag)?;
/// assert_eq!(file, b"a picture");
/// # Ok::<(), grend_omemo::Unreadable>(())
/// ```
pub struct SealingFile(Gcm);

impl SealingFile {
    /// With a key that is for this file alone.
    pub fn new(key: &FileKey) -> Self {
        Self(Gcm::new(key))
    }

    /// Encrypts the next bytes in place.
    ///
    /// # Errors
    /// [`Unreadable::Malformed`] beyond 64 GiB.
    pub fn piece(&mut self, piece: &mut [u8]) -> Result<(), Unreadable> {
        self.0.apply(piece)?;
        self.0.absorb(piece);
        Ok(())
    }

    /// The tag, which belongs at the end of the file.
    pub fn finish(self) -> [u8; 16] {
        self.0.tag()
    }
}

/// Decrypts a file, piece by piece. Nothing of it may be shown before [`OpeningFile::finish`] has said that it is right.
pub struct OpeningFile(Gcm);

impl OpeningFile {
    /// With the key from the link.
    pub fn new(key: &FileKey) -> Self {
        Self(Gcm::new(key))
    }

    /// Decrypts the next bytes in place. The last 16 bytes of the file are not for here: they are the tag.
    ///
    /// # Errors
    /// [`Unreadable::Malformed`] beyond 64 GiB.
    pub fn piece(&mut self, piece: &mut [u8]) -> Result<(), Unreadable> {
        self.0.absorb(piece);
        self.0.apply(piece)
    }

    /// Whether the file is what was uploaded.
    ///
    /// # Errors
    /// [`Unreadable::Tampered`]: throw away what was decrypted.
    pub fn finish(self, tag: &[u8; 16]) -> Result<(), Unreadable> {
        let right = bool::from(self.0.tag().ct_eq(tag));
        if right { Ok(()) } else { Err(Unreadable::Tampered) }
    }
}

impl fmt::Debug for SealingFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingFile")
    }
}

impl fmt::Debug for OpeningFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OpeningFile")
    }
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::consts::{U12, U16};
    use aes_gcm::{AesGcm, aead::AeadInOut};
    use proptest::prelude::*;

    use super::*;

    /// What the library makes of the whole.
    fn whole(key: &FileKey, plain: &[u8]) -> (Vec<u8>, [u8; 16]) {
        let mut cipher = plain.to_vec();
        let iv: &[u8] = &key.iv;
        let tag = if let Ok(iv) = <[u8; 12]>::try_from(iv) {
            AesGcm::<Aes256, U12>::new(&key.key.into()).encrypt_inout_detached(
                &iv.into(),
                &[],
                cipher.as_mut_slice().into(),
            )
        } else {
            let iv: [u8; 16] = iv.try_into().unwrap();
            AesGcm::<Aes256, U16>::new(&key.key.into()).encrypt_inout_detached(
                &iv.into(),
                &[],
                cipher.as_mut_slice().into(),
            )
        };
        (cipher, tag.unwrap().into())
    }

    proptest! {
        #[test]
        fn pieces_make_the_whole(
            key: [u8; 32], long: bool, plain in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..70,
        ) {
            let key = FileKey { key, iv: vec![3; if long { 16 } else { 12 }] };
            let (cipher, tag) = whole(&key, &plain);
            let (mut pieces, mut sealing, mut opening) = (plain.clone(), SealingFile::new(&key), OpeningFile::new(&key));
            pieces.chunks_mut(size).for_each(|piece| sealing.piece(piece).unwrap());
            prop_assert_eq!(&pieces, &cipher);
            prop_assert_eq!(sealing.finish(), tag);
            pieces.chunks_mut(size).for_each(|piece| opening.piece(piece).unwrap());
            prop_assert_eq!(pieces, plain);
            prop_assert_eq!(opening.finish(&tag), Ok(()));
        }

        #[test]
        fn any_link_is_read_or_refused(link: String) {
            prop_assert!(FileKey::from_link(&link).is_none());
            let _ = FileKey::from_link(&format!("aesgcm://{link}"));
        }

        #[test]
        fn links_are_read(path in "[a-z0-9/]{1,20}") {
            let key = FileKey::generate();
            let https = format!("https://family.example/{path}");
            prop_assert_eq!(FileKey::from_link(&key.link(&https).unwrap()), Some((https, key)));
        }
    }

    #[test]
    fn a_changed_file_is_seen() {
        let key = FileKey::generate();
        let (mut cipher, tag) = whole(&key, b"a picture");
        cipher[3] ^= 1;
        let mut opening = OpeningFile::new(&key);
        opening.piece(&mut cipher).unwrap();
        assert_eq!(opening.finish(&tag), Err(Unreadable::Tampered));
    }

    #[test]
    fn links_with_keys_of_other_lengths_are_none() {
        let link = |digits: usize| format!("aesgcm://family.example/a#{}", "0".repeat(digits));
        assert!(FileKey::from_link(&link(88)).is_some());
        assert!(FileKey::from_link(&link(96)).is_some());
        for digits in [0, 64, 87, 89, 97] {
            assert!(FileKey::from_link(&link(digits)).is_none());
        }
        assert!(FileKey::from_link(&link(88).replace('0', "g")).is_none());
        assert!(FileKey::from_link(&link(88).replace("/a", "/a b")).is_none());
        assert!(FileKey::from_link(&link(88).replace("aesgcm", "http")).is_none());
        assert!(FileKey::generate().link("http://family.example/a").is_none());
    }
}
