//! Two and more devices that talk: what the texts of the protocol leave open, and what goes wrong between real clients.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod people;

use grend_omemo::{
    Device, Keys, Memory, Trust, Unreachable, Unreadable, Version, empty, encrypt, random_id, without_session,
};
use people::{device, meet, open, pair, read, refuses, say_nothing, text, write};

#[test]
fn both_directions_in_both_versions() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        for round in 0..5 {
            for word in ["hei", "hvordan går det?", ""] {
                let message = write(&mut anna, &bob, version, word);
                let read = open(&mut bob, &anna, &message).unwrap();
                assert_eq!(text(&read), word);
                assert_eq!(read.identity, anna.own().key());
            }
            let message = write(&mut bob, &anna, version, &format!("{round}: fint"));
            assert_eq!(read(&mut anna, &bob, &message), format!("{round}: fint"));
        }
    }
}

#[test]
fn every_message_begins_the_session_until_one_comes_back() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let first = write(&mut anna, &bob, version, "1");
        let second = write(&mut anna, &bob, version, "2");
        assert!(first.keys[0].begins && second.keys[0].begins);
        assert!(open(&mut bob, &anna, &first).unwrap().begun);
        // The second brings the same exchange: it is read within the session, and nothing begins.
        let used = bob.used.len();
        assert!(!open(&mut bob, &anna, &second).unwrap().begun);
        assert_eq!((bob.used.len(), used), (1, 1));
        let answer = say_nothing(&mut bob, &anna, version);
        assert!(!answer.keys[0].begins);
        assert!(open(&mut anna, &bob, &answer).unwrap().content.is_none());
        assert!(!write(&mut anna, &bob, version, "3").keys[0].begins);
    }
}

#[test]
fn the_second_message_may_come_before_the_first() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let messages: Vec<_> = ["0", "1", "2"]
            .map(|text| write(&mut anna, &bob, version, text))
            .to_vec();
        for at in [2, 0, 1] {
            assert_eq!(read(&mut bob, &anna, &messages[at]), at.to_string());
        }
    }
}

#[test]
fn both_begin_at_the_same_moment() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        meet(&mut bob, &anna, version).unwrap();
        let (hers, his) = (
            write(&mut anna, &bob, version, "hun"),
            write(&mut bob, &anna, version, "han"),
        );
        let late = write(&mut anna, &bob, version, "sent");
        assert_eq!(read(&mut bob, &anna, &hers), "hun");
        assert_eq!(read(&mut anna, &bob, &his), "han");
        for round in 0..4 {
            let message = write(&mut bob, &anna, version, "b");
            assert_eq!(read(&mut anna, &bob, &message), "b", "round {round}");
            let message = write(&mut anna, &bob, version, "a");
            assert_eq!(read(&mut bob, &anna, &message), "a", "round {round}");
        }
        assert_eq!(read(&mut bob, &anna, &late), "sent");
    }
}

#[test]
fn h47_the_archive_tells_the_first_message_again() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let first = write(&mut anna, &bob, version, "først");
        assert_eq!(read(&mut bob, &anna, &first), "først");
        // The pre-key is still kept, as it is while an archive is read, and the session is not begun again.
        refuses(&mut bob, "anna@family.example", &first, Unreadable::Duplicate);
        let answer = write(&mut bob, &anna, version, "svar");
        assert_eq!(read(&mut anna, &bob, &answer), "svar");
        refuses(&mut bob, "anna@family.example", &first, Unreadable::Duplicate);
        // Nor when another session took its place.
        meet(&mut bob, &anna, version).unwrap();
        let anew = write(&mut bob, &anna, version, "på nytt");
        assert_eq!(read(&mut anna, &bob, &anew), "på nytt");
        refuses(&mut bob, "anna@family.example", &first, Unreadable::Duplicate);
        let message = write(&mut anna, &bob, version, "ja");
        assert_eq!(read(&mut bob, &anna, &message), "ja");
        refuses(&mut bob, "anna@family.example", &first, Unreadable::Duplicate);
    }
}

/// Curve25519 does not look at the highest bit, so the same exchange with that bit set would begin another session.
#[test]
fn h47_the_first_message_again_with_a_bit_that_does_not_count() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let mut first = write(&mut anna, &bob, version, "først");
        assert_eq!(read(&mut bob, &anna, &first), "først");
        // The key of the exchange is the field with tag 2 in 0.3, behind a byte 5, and 4 in omemo:2.
        let mark: &[u8] = if version == Version::Legacy {
            &[0x12, 33, 5]
        } else {
            &[0x22, 32]
        };
        let data = &mut first.keys[0].data;
        let at = data.windows(mark.len()).position(|part| part == mark).unwrap() + mark.len();
        data[at + 31] ^= 0x80;
        refuses(&mut bob, "anna@family.example", &first, Unreadable::Malformed);
    }
}

#[test]
fn one_who_lost_everything_is_healed() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let message = write(&mut anna, &bob, version, "hei");
        assert_eq!(read(&mut bob, &anna, &message), "hei");
        let message = write(&mut bob, &anna, version, "hei");
        assert_eq!(read(&mut anna, &bob, &message), "hei");
        bob.forget_sessions();
        let lost = write(&mut anna, &bob, version, "hører du meg?");
        refuses(&mut bob, "anna@family.example", &lost, Unreadable::NoSession);
        assert!(Unreadable::NoSession.heals());
        meet(&mut bob, &anna, version).unwrap();
        let healing = say_nothing(&mut bob, &anna, version);
        assert!(open(&mut anna, &bob, &healing).unwrap().begun);
        let message = write(&mut anna, &bob, version, "nå?");
        assert_eq!(read(&mut bob, &anna, &message), "nå?");
    }
}

#[test]
fn a_session_begun_with_a_key_that_is_gone_is_healed() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        bob.pre_keys.clear();
        let message = write(&mut anna, &bob, version, "hei");
        refuses(&mut bob, "anna@family.example", &message, Unreadable::UnknownPreKey);
        assert!(Unreadable::UnknownPreKey.heals());
        meet(&mut bob, &anna, version).unwrap();
        let healing = say_nothing(&mut bob, &anna, version);
        open(&mut anna, &bob, &healing).unwrap();
        let message = write(&mut anna, &bob, version, "hei igjen");
        assert_eq!(read(&mut bob, &anna, &message), "hei igjen");
    }
}

#[test]
fn another_identity_is_refused_both_ways() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let message = write(&mut anna, &bob, version, "hei");
        assert_eq!(read(&mut bob, &anna, &message), "hei");
        let mut impostor = device("anna@family.example", 1);
        meet(&mut impostor, &bob, version).unwrap();
        let message = write(&mut impostor, &bob, version, "det er meg");
        refuses(&mut bob, "anna@family.example", &message, Unreadable::ForeignIdentity);
        let before = bob.clone();
        assert_eq!(meet(&mut bob, &impostor, version), Err(Unreachable::ForeignIdentity));
        assert!(before == bob);
        // The user accepts: what was with the other is forgotten, and nothing is written to it.
        bob.met
            .insert(impostor.own().device.clone(), (impostor.own().key(), Trust::Verified));
        assert_eq!(read(&mut bob, &impostor, &message), "det er meg");
        let answer = write(&mut bob, &impostor, version, "greit");
        assert_eq!(read(&mut impostor, &bob, &answer), "greit");
        assert!(open(&mut anna, &bob, &answer).is_err());
    }
}

#[test]
fn many_devices_and_those_left_out() {
    for version in Version::ALL {
        let mut anna = device("anna@family.example", 1);
        let tablet = device("anna@family.example", 5);
        let mut phone = device("bob@family.example", 2);
        let refused = device("bob@family.example", 3);
        let to: Vec<_> = [&anna, &tablet, &phone, &refused]
            .map(|device| device.own().device.clone())
            .to_vec();
        assert_eq!(without_session(&mut anna, version, &to[1..]).unwrap(), to[1..]);
        meet(&mut anna, &phone, version).unwrap();
        meet(&mut anna, &refused, version).unwrap();
        anna.met.get_mut(&to[3]).unwrap().1 = Trust::Refused;
        let sealed = encrypt(&mut anna, version, b"hei", &to).unwrap();
        let wanted = [
            (to[1].clone(), Unreachable::NoSession),
            (to[3].clone(), Unreachable::Untrusted),
        ];
        assert_eq!(sealed.left_out, wanted);
        let message = sealed.message.unwrap();
        assert_eq!(message.keys.len(), 1);
        assert_eq!(read(&mut phone, &anna, &message), "hei");
        refuses(
            &mut tablet.clone(),
            "anna@family.example",
            &message,
            Unreadable::NotForThisDevice,
        );
        refuses(&mut anna, "anna@family.example", &message, Unreadable::Own);
        // Nothing needs no trust.
        assert_eq!(empty(&mut anna, version, &to[3..]).unwrap().left_out, []);
        // Nobody can read it: then there is no message.
        assert_eq!(encrypt(&mut anna, version, b"hei", &to[3..]).unwrap().message, None);
    }
}

/// Keys of 0.3 have no address, so that two devices of a room may have the same number.
#[test]
fn the_right_one_of_several_keys_for_a_number_is_found() {
    let (mut anna, mut bob) = pair();
    let mut carla = device("carla@family.example", 2);
    meet(&mut anna, &bob, Version::Legacy).unwrap();
    meet(&mut anna, &carla, Version::Legacy).unwrap();
    let to = [&bob, &carla].map(|device| device.own().device.clone());
    let message = encrypt(&mut anna, Version::Legacy, b"hei", &to)
        .unwrap()
        .message
        .unwrap();
    assert_eq!(read(&mut bob, &anna, &message), "hei");
    assert_eq!(read(&mut carla, &anna, &message), "hei");
    // In omemo:2 the address stands beside it.
    let mut message = message;
    message.version = Version::Two;
    message
        .keys
        .iter_mut()
        .for_each(|key| key.address = "carla@family.example".into());
    refuses(&mut bob, "anna@family.example", &message, Unreadable::NotForThisDevice);
}

#[test]
fn who_only_listens_is_asked_to_answer() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        for number in 0..60 {
            let message = write(&mut anna, &bob, version, "hei");
            assert_eq!(
                open(&mut bob, &anna, &message).unwrap().heartbeat,
                number >= 53,
                "{number}"
            );
        }
        let answer = say_nothing(&mut bob, &anna, version);
        open(&mut anna, &bob, &answer).unwrap();
        let message = write(&mut anna, &bob, version, "hei");
        assert!(!open(&mut bob, &anna, &message).unwrap().heartbeat);
    }
}

#[test]
fn very_late_and_a_jump_of_700() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let messages: Vec<_> = (0..702)
            .map(|number| write(&mut anna, &bob, version, &number.to_string()))
            .collect();
        assert_eq!(read(&mut bob, &anna, &messages[701]), "701");
        for _ in 0..30 {
            let message = write(&mut bob, &anna, version, "b");
            assert_eq!(read(&mut anna, &bob, &message), "b");
            let message = write(&mut anna, &bob, version, "a");
            assert_eq!(read(&mut bob, &anna, &message), "a");
        }
        for (number, message) in messages[..701].iter().enumerate() {
            assert_eq!(read(&mut bob, &anna, message), number.to_string());
        }
        refuses(&mut bob, "anna@family.example", &messages[5], Unreadable::Duplicate);
    }
}

#[test]
fn one_message_in_both_versions() {
    let (mut anna, mut old) = pair();
    let mut new = device("bob@family.example", 3);
    meet(&mut anna, &old, Version::Legacy).unwrap();
    meet(&mut anna, &new, Version::Two).unwrap();
    let (first, second) = (
        write(&mut anna, &old, Version::Legacy, "hei"),
        write(&mut anna, &new, Version::Two, "<hei/>"),
    );
    assert_eq!(read(&mut old, &anna, &first), "hei");
    assert_eq!(read(&mut new, &anna, &second), "<hei/>");
    // One identity serves both, and a session of one version is none of the other.
    assert_eq!(
        without_session(&mut anna, Version::Two, &[old.own().device.clone()])
            .unwrap()
            .len(),
        1
    );
    meet(&mut anna, &old, Version::Two).unwrap();
    let message = write(&mut anna, &old, Version::Two, "<hei/>");
    assert_eq!(open(&mut old, &anna, &message).unwrap().identity, anna.own().key());
}

#[test]
fn no_id_is_zero() {
    for _ in 0..1000 {
        assert!((1..=i32::MAX as u32).contains(&random_id()));
    }
}

#[test]
fn a_damaged_session_is_no_session() {
    let (mut anna, bob) = pair();
    let device: Device = bob.own().device.clone();
    meet(&mut anna, &bob, Version::Two).unwrap();
    let bytes = anna.session(Version::Two, &device).unwrap().unwrap();
    anna.keep_session(Version::Two, &device, &bytes[1..]).unwrap();
    let without = without_session(&mut anna, Version::Two, std::slice::from_ref(&device)).unwrap();
    assert_eq!(without, [device]);
    meet(&mut anna, &bob, Version::Two).unwrap();
    let mut bob: Memory = bob;
    let message = write(&mut anna, &bob, Version::Two, "hei");
    assert_eq!(read(&mut bob, &anna, &message), "hei");
}
