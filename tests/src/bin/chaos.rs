//! Plays chaos for as long as somebody likes. `docs/proof.md` says what is counted.
//!
//! `cargo run -p grend-tests --bin chaos -- [--schedules N] [--server prosody|ejabberd] [--seed S]`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::env;
use std::process::exit;
use std::thread;

use grend_tests::Kind;
use grend_tests::chaos::{Verdict, play};

fn main() {
    let (mut count, mut kinds, mut seed) = (10_000, Kind::ALL.to_vec(), None);
    let words: Vec<String> = env::args().skip(1).collect();
    for pair in words.chunks(2) {
        match pair {
            [name, value] if name == "--schedules" => count = number(value),
            [name, value] if name == "--seed" => seed = Some(number(value)),
            [name, value] if name == "--server" && value == "prosody" => kinds = vec![Kind::Prosody],
            [name, value] if name == "--server" && value == "ejabberd" => kinds = vec![Kind::Ejabberd],
            _ => usage(),
        }
    }
    let each = count.div_ceil(kinds.len() as u64);
    let seeds = seed.map_or(0..each, |seed| seed..seed + 1);
    let mut sum = Verdict::default();
    thread::scope(|scope| {
        let playing: Vec<_> = kinds
            .iter()
            .map(|kind| {
                scope.spawn({
                    let seeds = seeds.clone();
                    move || play(*kind, seeds)
                })
            })
            .collect();
        for each in playing {
            sum += each.join().expect("a schedule that panics is counted");
        }
    });
    println!("{sum}");
    exit(i32::from(!sum.is_good()));
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| usage())
}

fn usage() -> ! {
    println!("usage: chaos [--schedules N] [--server prosody|ejabberd] [--seed S]");
    exit(2);
}
