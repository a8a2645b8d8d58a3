//! What the fuzzers of `tests/fuzz` call with any bytes: nothing panics, nothing is read that nobody wrote, nothing changes on an
//! error. Compiled for fuzzers and tests, which replay the committed corpora.

#![allow(clippy::panic, clippy::missing_panics_doc, reason = "a panic is how it fails")]

use std::cell::RefCell;

use crate::{Bundle, Device, Encrypted, EncryptedKey, Memory, Session, Version, begin, decrypt, encrypt, payload};

thread_local! {
    /// Anna and Bob in the middle of a conversation, in both versions.
    static PEOPLE: RefCell<[Memory; 2]> = RefCell::new(people());
}

fn people() -> [Memory; 2] {
    let new = |address: &str, id| Memory::new(Device::new(address, id));
    let (mut anna, mut bob) = (new("anna@family.example", 1), new("bob@family.example", 2));
    for version in Version::ALL {
        let Some(bundle) = bob.bundle(version) else { continue };
        let Ok(begun) = begin(&mut anna, &bob.own().device.clone(), &bundle);
        assert_eq!(begun, Ok(()));
        for _ in 0..3 {
            talk(&mut anna, &mut bob, version);
            talk(&mut bob, &mut anna, version);
        }
    }
    [anna, bob]
}

fn talk(writer: &mut Memory, reader: &mut Memory, version: Version) {
    let to = [reader.own().device.clone()];
    let Ok(sealed) = encrypt(writer, version, b"hei", &to);
    let from = writer.own().device.address.clone();
    let read = sealed.message.map(|message| decrypt(reader, &from, &message));
    assert!(matches!(read, Some(Ok(Ok(_)))));
}

fn version(byte: u8) -> Version {
    if byte & 1 == 0 { Version::Legacy } else { Version::Two }
}

/// A message to Anna: a byte of choices, then what stands in its key, or what a session says of it.
pub fn message(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let (key, cipher) = rest.split_at(rest.len() / 2);
    PEOPLE.with_borrow_mut(|[anna, _]| {
        let data = if choice & 2 == 0 {
            key.to_vec()
        } else {
            [&[0x33], key].concat()
        };
        let key = EncryptedKey {
            address: anna.own().device.address.clone(),
            device: 1,
            begins: choice & 4 != 0,
            data,
        };
        let message = Encrypted {
            version: version(*choice),
            sender: if choice & 8 == 0 { 2 } else { 3 },
            keys: vec![key],
            iv: cipher.iter().copied().take(12).collect(),
            payload: (choice & 16 != 0).then(|| cipher.to_vec()),
        };
        let before = anna.clone();
        assert!(matches!(decrypt(anna, "bob@family.example", &message), Ok(Err(_))));
        assert!(before == *anna, "a message that cannot be read changed something");
    });
}

/// A session as the store gave it back: what is read is written the same, and it can be written with as long as anybody wants.
pub fn session(data: &[u8]) {
    let Ok(mut session) = Session::from_bytes(data) else {
        return;
    };
    let written = session.to_bytes();
    let again = Session::from_bytes(&written);
    assert!(again.is_ok_and(|again| again.to_bytes() == written));
    PEOPLE.with_borrow(|[anna, _]| {
        if let Some((message, _)) = session.write(anna.own(), b"hei") {
            // A state that nobody else can have may even read it.
            let _ = session.read(anna.own(), &message);
        }
        assert!(Session::from_bytes(&session.to_bytes()).is_ok());
    });
}

/// A bundle: lengths of its parts, then the parts.
pub fn bundle(data: &[u8]) {
    let Some((lengths, mut rest)) = data.split_first_chunk::<5>() else {
        return;
    };
    let [choice, lengths @ ..] = *lengths;
    let parts = lengths.map(|length| {
        let (part, left) = rest.split_at(usize::from(length).min(rest.len()));
        rest = left;
        part.to_vec()
    });
    let [identity, signed_pre_key, signature, key] = parts;
    let bundle = Bundle {
        version: version(choice),
        identity,
        signed_pre_key_id: u32::from(choice),
        signed_pre_key,
        signature,
        pre_keys: vec![(0, key), (1, rest.to_vec())],
    };
    PEOPLE.with_borrow_mut(|[anna, _]| {
        let before = anna.clone();
        let Ok(begun) = begin(anna, &Device::new("eve@c.example", 9), &bundle);
        if begun.is_err() {
            assert!(before == *anna, "a bundle that is refused changed something");
        } else {
            *anna = before;
        }
    });
}

/// A payload: what a session says of it, the initialisation vector, the text.
pub fn payload(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let opener = [16, 32, 48, 64]
        .get(usize::from(choice >> 1 & 3))
        .map_or(0, |length| rest.len().min(*length));
    let (opener, rest) = rest.split_at(opener);
    let (iv, cipher) = rest.split_at(rest.len().min(if choice & 8 == 0 { 12 } else { 16 }));
    assert!(payload::open(version(*choice), opener, iv, cipher).is_err());
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    /// Everything that the fuzzers kept, once more.
    fn replay(target: &str, run: fn(&[u8])) {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
        let files: Vec<_> = fs::read_dir(corpus.join(target)).unwrap().collect();
        assert!(!files.is_empty(), "no corpus of {target}");
        for file in files {
            run(&fs::read(file.unwrap().path()).unwrap());
        }
    }

    #[test]
    fn the_corpora() {
        replay("omemo_message", super::message);
        replay("omemo_session", super::session);
        replay("omemo_bundle", super::bundle);
        replay("omemo_payload", super::payload);
    }

    proptest! {
        #[test]
        fn any_bytes(data in prop::collection::vec(any::<u8>(), 0..200)) {
            super::message(&data);
            super::session(&data);
            super::bundle(&data);
            super::payload(&data);
        }
    }

    #[test]
    fn a_session_is_written_as_it_was_read() {
        let [mut anna, bob] = super::people();
        for version in crate::Version::ALL {
            let kept = crate::Keys::session(&mut anna, version, &bob.own().device)
                .unwrap()
                .unwrap();
            super::session(&kept);
        }
    }
}
