//! Messages of STUN (RFC 8489) and the one of TURN (RFC 8656) that shows that a relay works. No input or output here.
//!
//! Only what an examination needs: a binding request, an allocation, its end, and the reading of answers. Crates that know
//! all of STUN bring a second set of hash functions; calls will bring their own with ICE.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;

const COOKIE: u32 = 0x2112_A442;
const HEADER: usize = 20;
/// Answers are read no further than this, in bytes.
pub(super) const MOST: usize = 2048;

const USERNAME: u16 = 0x0006;
const INTEGRITY: u16 = 0x0008;
const ERROR: u16 = 0x0009;
const LIFETIME: u16 = 0x000D;
const REALM: u16 = 0x0014;
const NONCE: u16 = 0x0015;
const REQUESTED_TRANSPORT: u16 = 0x0019;
/// UDP, as IANA counts protocols.
const UDP: [u8; 4] = [17, 0, 0, 0];

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Binding = 0x0001,
    Allocate = 0x0003,
    Refresh = 0x0004,
}

/// What lets a request be believed: the long-term credentials of RFC 8489, section 9.2.
#[derive(Debug, Clone, Default)]
pub(super) struct Credentials {
    pub username: String,
    pub password: String,
    pub realm: Vec<u8>,
    pub nonce: Vec<u8>,
}

/// Twelve bytes that nobody can guess.
pub(super) type Transaction = [u8; 12];

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Success,
    /// The code, and what is needed to try again with credentials.
    Error {
        code: u16,
        realm: Vec<u8>,
        nonce: Vec<u8>,
    },
}

/// Writes a request.
pub(super) fn request(method: Method, transaction: &Transaction, credentials: Option<&Credentials>) -> Vec<u8> {
    let mut message = Vec::with_capacity(200);
    message.extend((method as u16).to_be_bytes());
    message.extend([0, 0]);
    message.extend(COOKIE.to_be_bytes());
    message.extend(transaction);
    match method {
        Method::Binding => {}
        Method::Allocate => attribute(&mut message, REQUESTED_TRANSPORT, &UDP),
        Method::Refresh => attribute(&mut message, LIFETIME, &[0; 4]),
    }
    if let Some(credentials) = credentials {
        attribute(&mut message, USERNAME, credentials.username.as_bytes());
        attribute(&mut message, REALM, &credentials.realm);
        attribute(&mut message, NONCE, &credentials.nonce);
        // The length counts the attribute that is to come.
        set_length(&mut message, 24);
        let sum = integrity(&message, credentials);
        attribute(&mut message, INTEGRITY, &sum);
    }
    set_length(&mut message, 0);
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

fn set_length(message: &mut [u8], more: usize) {
    let length = u16::try_from(message.len() - HEADER + more).unwrap_or_default();
    if let Some(place) = message.get_mut(2..4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

fn integrity(message: &[u8], credentials: &Credentials) -> Vec<u8> {
    let mut key = Md5::new();
    for part in [
        credentials.username.as_bytes(),
        b":",
        &credentials.realm,
        b":",
        credentials.password.as_bytes(),
    ] {
        key.update(part);
    }
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&key.finalize()) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// How long the message that begins like this is, header and all; `None` if it is none. For TCP, where messages follow
/// each other.
pub(super) fn length(header: &[u8]) -> Option<usize> {
    let length = u16::from_be_bytes(header.get(2..4)?.try_into().ok()?);
    let cookie = u32::from_be_bytes(header.get(4..8)?.try_into().ok()?);
    let whole = HEADER + usize::from(length);
    (cookie == COOKIE && length % 4 == 0 && whole <= MOST).then_some(whole)
}

/// Reads an answer to our request. `None` for anything else.
pub(super) fn reply(message: &[u8], method: Method, transaction: &Transaction) -> Option<Reply> {
    if message.len() < length(message)? || message.get(8..HEADER)? != transaction {
        return None;
    }
    let kind = u16::from_be_bytes(message.get(..2)?.try_into().ok()?);
    let (success, error) = (method as u16 | 0x0100, method as u16 | 0x0110);
    if kind == success {
        return Some(Reply::Success);
    }
    if kind != error {
        return None;
    }
    let (mut code, mut realm, mut nonce) = (0, Vec::new(), Vec::new());
    let mut rest = message.get(HEADER..length(message)?)?;
    while let [a, b, c, d, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let value = after.get(..length)?;
        match (u16::from_be_bytes([*a, *b]), value) {
            (ERROR, [_, _, hundreds, rest, ..]) => code = u16::from(*hundreds & 7) * 100 + u16::from(*rest),
            (REALM, value) => realm = value.to_vec(),
            (NONCE, value) => nonce = value.to_vec(),
            _ => {}
        }
        rest = after.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(Reply::Error { code, realm, nonce })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769, section 2.4: a request with long-term credentials.
    #[test]
    fn the_sum_is_that_of_the_rfc() {
        let header = [
            0x00, 0x01, 0x00, 0x60, 0x21, 0x12, 0xa4, 0x42, 0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72, 0xc0, 0x29, 0xda,
            0x41, 0x2e,
        ];
        let credentials = Credentials {
            username: "\u{30de}\u{30c8}\u{30ea}\u{30c3}\u{30af}\u{30b9}".to_owned(),
            password: "TheMatrIX".to_owned(),
            realm: b"example.org".to_vec(),
            nonce: b"f//499k954d6OL34oL9FSTvy64sA".to_vec(),
        };
        let mut message = header.to_vec();
        attribute(&mut message, USERNAME, credentials.username.as_bytes());
        attribute(&mut message, NONCE, &credentials.nonce);
        attribute(&mut message, REALM, &credentials.realm);
        let expected = [
            0xf6, 0x70, 0x24, 0x65, 0x6d, 0xd6, 0x4a, 0x3e, 0x02, 0xb8, 0xe0, 0x71, 0x2e, 0x85, 0xc9, 0xa2, 0x8c, 0xa8,
            0x96, 0x66,
        ];
        assert_eq!(integrity(&message, &credentials), expected);
    }

    const TRANSACTION: Transaction = [7; 12];

    fn answer(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = kind.to_be_bytes().to_vec();
        message.extend([0, 0]);
        message.extend(COOKIE.to_be_bytes());
        message.extend(TRANSACTION);
        for (kind, value) in attributes {
            attribute(&mut message, *kind, value);
        }
        set_length(&mut message, 0);
        message
    }

    #[test]
    fn answers_are_read() {
        let read = |message: &[u8]| reply(message, Method::Allocate, &TRANSACTION);
        assert_eq!(read(&answer(0x0103, &[])), Some(Reply::Success));
        let refused = answer(
            0x0113,
            &[(ERROR, &[0, 0, 4, 1, b'n', b'o']), (REALM, b"home"), (NONCE, b"n")],
        );
        let expected = Reply::Error {
            code: 401,
            realm: b"home".to_vec(),
            nonce: b"n".to_vec(),
        };
        assert_eq!(read(&refused), Some(expected));
    }

    #[test]
    fn what_is_no_answer_of_ours_is_none() {
        let good = answer(0x0113, &[(ERROR, &[0, 0, 4, 1]), (REALM, b"home")]);
        let read = |message: &[u8]| reply(message, Method::Allocate, &TRANSACTION);
        for cut in 0..good.len() {
            assert_eq!(read(&good[..cut]), None, "{cut}");
        }
        assert_eq!(reply(&good, Method::Binding, &TRANSACTION), None);
        assert_eq!(reply(&good, Method::Allocate, &[8; 12]), None);
        let mut lying = good.clone();
        lying[22..24].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(read(&lying), None);
        let mut long = good.clone();
        long[2..4].copy_from_slice(&[0xff, 0xfc]);
        assert_eq!(length(&long), None);
        assert_eq!(read(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None);
    }
}
