//! What OMEMO costs without network and disk: `grend-omemo` as this program was built, beside the bare cryptography of ring and
//! beside python-omemo.

use std::hint::black_box;
use std::time::Instant;

use grend_omemo::{Device, Encrypted, Memory, Version, begin, decrypt, encrypt};
use grend_tests::Oracle;
use grend_tests::oracle::Library;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::SystemRandom;

use crate::Plan;
use crate::table::Table;

const TEXT: &str = "Kan du kjøpe melk, brød og noe til middag på vei hjem? Jeg rekker det ikke før møtet i kveld.";
const ANNA: &str = "anna@family.test";
const OLA: &str = "ola@family.test";

/// Measures.
pub fn measure(plan: &Plan, table: &mut Table) {
    let rounds = if plan.quick { 50 } else { 1_000 };
    let agreement = agreement(rounds);
    let cipher = cipher(rounds);
    for (version, library, name) in [
        (Version::Legacy, Library::Oldmemo, "0.3"),
        (Version::Two, Library::Twomemo, "omemo:2"),
    ] {
        let theirs = python(library, rounds.min(200));
        let setup = set_up(version, rounds / 10);
        // Each side makes four agreements and takes a step of the ratchet, two more for the reader.
        row(
            table,
            name,
            "session begun and first message read",
            setup,
            agreement,
            theirs.setup,
        );
        let twenty = for_twenty(version, rounds / 10);
        row(table, name, "message written for 20 devices", twenty, cipher, None);
        let chain = in_chain(version, rounds);
        row(table, name, "message read in a chain", chain, cipher, theirs.read);
        let turn = turning(version, rounds / 2);
        row(
            table,
            name,
            "message written and read, ratchet turned",
            turn,
            agreement,
            theirs.turn,
        );
    }
}

/// One row, in microseconds.
fn row(table: &mut Table, version: &str, what: &str, ours: f64, bare: (&str, f64), python: Option<f64>) {
    let (unit, cost) = bare;
    let mut beside = format!("{:.1} times {unit} ({cost:.1} µs)", ours / cost);
    if let Some(python) = python {
        beside.push_str(&format!("; python {python:.0} µs"));
    }
    table.row(
        &format!("OMEMO {version}: {what}"),
        &format!("{ours:.0} µs"),
        &beside,
        "",
    );
}

/// The mean time of `rounds` of something, in microseconds.
fn mean(rounds: usize, mut what: impl FnMut()) -> f64 {
    let started = Instant::now();
    for _ in 0..rounds {
        what();
    }
    started.elapsed().as_secs_f64() * 1e6 / rounds as f64
}

fn agreement(rounds: usize) -> (&'static str, f64) {
    let random = SystemRandom::new();
    let other = EphemeralPrivateKey::generate(&X25519, &random).expect("a key");
    let other = UnparsedPublicKey::new(&X25519, other.compute_public_key().expect("a key"));
    let cost = mean(rounds, || {
        let ours = EphemeralPrivateKey::generate(&X25519, &random).expect("a key");
        agree_ephemeral(ours, &other, |secret| drop(black_box(secret.to_vec()))).expect("a secret");
    });
    ("a key and X25519 of ring", cost)
}

fn cipher(rounds: usize) -> (&'static str, f64) {
    let cost = mean(rounds, || {
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("a key"));
        let mut text = TEXT.as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key([9; 12]), Aad::empty(), &mut text)
            .expect("a short text");
        black_box(text);
    });
    ("an AES-GCM of ring", cost)
}

/// Two that know of each other.
fn pair() -> (Memory, Memory) {
    (Memory::new(Device::new(ANNA, 1)), Memory::new(Device::new(OLA, 2)))
}

fn meet(keys: &mut Memory, other: &Memory, version: Version) {
    let bundle = other.bundle(version).expect("a bundle");
    let Ok(begun) = begin(keys, &other.own().device, &bundle);
    begun.expect("a session");
}

fn write(keys: &mut Memory, version: Version, to: &[Device]) -> Encrypted {
    let Ok(sealed) = encrypt(keys, version, TEXT.as_bytes(), to);
    assert!(sealed.left_out.is_empty());
    sealed.message.expect("a message")
}

fn read(keys: &mut Memory, from: &str, message: &Encrypted) {
    let Ok(read) = decrypt(keys, from, message);
    assert_eq!(
        read.expect("readable").content.expect("a text").as_slice(),
        TEXT.as_bytes()
    );
}

fn set_up(version: Version, rounds: usize) -> f64 {
    let mut pairs: Vec<_> = (0..rounds).map(|_| pair()).collect();
    mean(rounds, || {
        let (mut a, mut b) = pairs.pop().expect("as many as rounds");
        meet(&mut a, &b, version);
        let message = write(&mut a, version, &[b.own().device.clone()]);
        read(&mut b, ANNA, &message);
    })
}

fn for_twenty(version: Version, rounds: usize) -> f64 {
    let (mut a, _) = pair();
    let others: Vec<_> = (10..30).map(|id| Memory::new(Device::new(OLA, id))).collect();
    for other in &others {
        meet(&mut a, other, version);
    }
    let devices: Vec<_> = others.iter().map(|other| other.own().device.clone()).collect();
    mean(rounds, || drop(black_box(write(&mut a, version, &devices))))
}

/// Both have written, so that messages are small.
fn settled(version: Version) -> (Memory, Memory) {
    let (mut a, mut b) = pair();
    meet(&mut a, &b, version);
    let message = write(&mut a, version, &[b.own().device.clone()]);
    read(&mut b, ANNA, &message);
    let message = write(&mut b, version, &[a.own().device.clone()]);
    read(&mut a, OLA, &message);
    (a, b)
}

fn in_chain(version: Version, rounds: usize) -> f64 {
    let (mut a, mut b) = settled(version);
    let to = [b.own().device.clone()];
    let mut messages = (0..rounds)
        .map(|_| write(&mut a, version, &to))
        .collect::<Vec<_>>()
        .into_iter();
    mean(rounds, || {
        read(&mut b, ANNA, &messages.next().expect("as many as rounds"));
    })
}

fn turning(version: Version, rounds: usize) -> f64 {
    let (mut a, mut b) = settled(version);
    let both = mean(rounds, || {
        let message = write(&mut a, version, &[b.own().device.clone()]);
        read(&mut b, ANNA, &message);
        let message = write(&mut b, version, &[a.own().device.clone()]);
        read(&mut a, OLA, &message);
    });
    both / 2.0
}

/// What the same costs in Python, with a process and its lines of JSON between.
struct Python {
    setup: Option<f64>,
    read: Option<f64>,
    turn: Option<f64>,
}

fn python(library: Library, rounds: usize) -> Python {
    let mut oracle = Oracle::start(library);
    let (first, _, bundle_a) = oracle.new_device("a", ANNA);
    let (second, _, bundle_b) = oracle.new_device("b", OLA);
    oracle.meet("a", OLA, second, &bundle_b);
    oracle.meet("b", ANNA, first, &bundle_a);
    let mut say = |from: &str, to: &str, address: &str| {
        let letter = oracle.encrypt(from, address, TEXT).expect("encrypts").letter;
        let sender = if from == "a" { ANNA } else { OLA };
        oracle
            .decrypt(to, sender, &letter.expect("a message"))
            .expect("decrypts");
    };
    let setup = mean(1, || say("a", "b", OLA));
    say("b", "a", ANNA);
    let turn = mean(rounds, || {
        say("a", "b", OLA);
        say("b", "a", ANNA);
    });
    let letters: Vec<_> = (0..rounds.min(50))
        .map(|_| {
            oracle
                .encrypt("a", OLA, TEXT)
                .expect("encrypts")
                .letter
                .expect("a message")
        })
        .collect();
    let mut waiting = letters.iter();
    let read = mean(letters.len(), || {
        let letter = waiting.next().expect("as many as letters");
        oracle.decrypt("b", ANNA, letter).expect("decrypts");
    });
    Python {
        setup: Some(setup),
        read: Some(read),
        turn: Some(turn / 2.0),
    }
}
