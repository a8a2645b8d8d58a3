//! What somebody on the way can see of a message, and change.

use fastrand::Rng;
use grend_tests::oracle::{Bytes, Letter};

/// The number of the prekey that a kex uses: the first field of it in either version, after the version byte of the
/// older one.
pub fn prekey_of(kex: &Bytes) -> Option<u32> {
    let fields = kex.0.strip_prefix(&[0x33]).unwrap_or(&kex.0);
    let varint = fields.strip_prefix(&[0x08])?;
    let mut value = 0;
    for (place, byte) in varint.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return u32::try_from(value).ok();
        }
    }
    None
}

/// The same with one bit or the length of something changed.
pub fn changed(rng: &mut Rng, letter: &Letter, device: u32) -> Letter {
    let mut letter = letter.clone();
    let Letter { keys, iv, payload, .. } = &mut letter;
    let key = keys.iter_mut().find(|key| key.rid == device).map(|key| &mut key.key.0);
    // A nonce without a payload is nobody's.
    let iv = iv.as_mut().filter(|_| payload.is_some()).map(|iv| &mut iv.0);
    let payload = payload.as_mut().map(|payload| &mut payload.0);
    let mut parts: Vec<_> = [key, iv, payload]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    let place = if rng.bool() { 0 } else { rng.usize(..parts.len()) };
    let part = &mut *parts[place];
    if rng.u8(..8) == 0 {
        let length = rng.usize(..part.len());
        part.truncate(length);
    } else {
        let bit = rng.usize(..part.len() * 8);
        part[bit / 8] ^= 1 << (bit % 8);
    }
    letter
}
