//! A long history for the archives: two people who write to each other every few minutes.

use grend_tests::{Archived, Server, User};

/// Long after 1970 and long before the clock: what is sent live comes behind it.
const BEGIN: i64 = 1_700_000_000_000;
const STEP: i64 = 120_000;

const SAID: [&str; 6] = [
    "Ja!",
    "Hentet i barnehagen, vi er hjemme om ti minutter",
    "Kan du kjøpe melk, brød og noe til middag på vei hjem? Jeg rekker det ikke før møtet i kveld.",
    "👍",
    "Mormor spør om vi kommer på søndag",
    "Did you see the pictures from the garden? The roses have come back after the winter, and the old apple tree too.",
];

/// So many at once: a server that reads more has no time to answer us.
const PORTION: i64 = 2_500;

/// Puts messages `from..to` of a conversation into both archives.
pub fn import(server: &Server, between: (&User, &User), from: i64, to: i64) {
    for first in (from..to).step_by(PORTION as usize) {
        portion(server, between, first, to.min(first + PORTION));
    }
}

fn portion(server: &Server, (a, b): (&User, &User), from: i64, to: i64) {
    let messages: Vec<_> = (from..to)
        .map(|n| {
            let (from, to) = if n % 3 == 0 { (b, a) } else { (a, b) };
            let said = SAID[usize::try_from(n).expect("counted from 0") % SAID.len()];
            Archived {
                from: from.name.clone(),
                to: to.name.clone(),
                room: false,
                body: format!("{said} ({n})"),
                at: BEGIN + n * STEP,
                id: format!("{}-{n}", a.name),
            }
        })
        .collect();
    server.import(&messages);
}
