//! What happens in a schedule, in which order.

use std::fmt;

use fastrand::Rng;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// So many messages are to be sent by Grend; whether it wrote them down is not waited for.
    Mine(usize),
    /// So many by the other client.
    Theirs(usize),
    /// Grend has written down what it was asked to send.
    Promises,
    /// The cable will break in the middle of what comes.
    BreakAfter(usize),
    Cut,
    Reset,
    HalfClose {
        to_server: bool,
    },
    Stall,
    Slow,
    /// The way is open again.
    Mend,
    /// `kill -9` of Grend, and its next start.
    Kill,
    KillServer,
    StopServer,
}

/// The steps of a seed.
#[derive(Debug)]
pub(super) struct Schedule {
    pub seed: u64,
    pub steps: Vec<Step>,
}

impl Schedule {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut steps: Vec<Step> = (0..rng.usize(6..16)).map(|_| step(&mut rng)).collect();
        // A server takes seconds to start: not in each.
        if rng.usize(..10) == 0 {
            let at = rng.usize(..steps.len());
            let end = if rng.bool() { Step::KillServer } else { Step::StopServer };
            steps.insert(at, end);
        }
        Self { seed, steps }
    }
}

fn step(rng: &mut Rng) -> Step {
    match rng.usize(..20) {
        0..5 => Step::Mine(rng.usize(1..12)),
        5..10 => Step::Theirs(rng.usize(1..30)),
        10 => Step::Promises,
        11 => Step::BreakAfter(rng.usize(200..20_000)),
        12 => Step::Cut,
        13 => Step::Reset,
        14 => Step::HalfClose { to_server: rng.bool() },
        15 => Step::Stall,
        16 => Step::Slow,
        17 => Step::Mend,
        _ => Step::Kill,
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.steps.iter().map(|step| format!("{step:?}")).collect();
        write!(f, "{}", steps.join(", "))
    }
}
