//! Chance that can be repeated: the same seed falls the same way (`SplitMix64`).

/// Dice of one history.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    state: u64,
    /// No disaster strikes any more.
    pub calm: bool,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            calm: false,
        }
    }

    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    /// Whether something happens that happens so often in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// Whether a disaster strikes, of those that do so often in a hundred times.
    pub fn strikes(&mut self, chance: usize) -> bool {
        !self.calm && self.percent(chance)
    }

    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }
}
