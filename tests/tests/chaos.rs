//! Two hundred schedules of chaos, a hundred on each server. `grend_tests::chaos` says what happens in them, and the
//! program `chaos` plays as many as somebody likes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::thread;

use grend_tests::Kind;
use grend_tests::chaos::{Verdict, play};

#[test]
fn two_hundred_schedules_lose_nothing() {
    let sums = thread::scope(|scope| {
        let playing = Kind::ALL.map(|kind| scope.spawn(move || play(kind, 0..100)));
        playing.map(|each| each.join().unwrap())
    });
    let [prosody, ejabberd]: [Verdict; 2] = sums;
    assert!(prosody.is_good() && ejabberd.is_good(), "{prosody}; {ejabberd}");
    assert_eq!(prosody.schedules + ejabberd.schedules, 200);
    assert!(
        prosody.sent.min(ejabberd.sent) > 4_000,
        "next to nothing was sent: {prosody}; {ejabberd}"
    );
}
