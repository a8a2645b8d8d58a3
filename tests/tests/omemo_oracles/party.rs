//! What a scenario asks of its two devices, and what it counts.

use std::ops::AddAssign;

use grend_tests::oracle::{Bundle, Letter, Outcome, Refusal};

/// One of the two devices.
pub trait Party {
    /// Its number.
    fn device_id(&self) -> u32;
    /// What it publishes.
    fn bundle(&mut self) -> Bundle;
    /// Learns of the other one, or of its new bundle.
    fn meet(&mut self, device_id: u32, bundle: &Bundle);
    /// Encrypts for the other one.
    fn encrypt(&mut self, text: &str) -> Result<Outcome, Refusal>;
    /// Decrypts what the other one wrote.
    fn decrypt(&mut self, letter: &Letter) -> Result<Outcome, Refusal>;
    /// Makes a new session.
    fn replace(&mut self) -> Result<Outcome, Refusal>;
    /// Changes the signed prekey.
    fn rotate(&mut self);
    /// Everything is written down, and read again by a new process, as it were.
    fn save_and_load(&mut self);
    /// Whether it must read everything.
    fn is_ours(&self) -> bool;
    /// How many chains of the other one it remembers.
    fn chains(&self) -> Option<u32> {
        None
    }
}

/// What happened.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Messages that ours read.
    pub ours: u32,
    /// Messages that theirs read.
    pub theirs: u32,
    /// Second deliveries to ours.
    pub doubled: u32,
    /// Changed messages to ours.
    pub tampered: u32,
    /// Sessions made anew.
    pub replaced: u32,
    /// Messages that theirs could not know any more.
    pub excused: u32,
    /// Messages of a session that was so old that ours need not know it.
    pub forgotten: u32,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.ours += other.ours;
        self.theirs += other.theirs;
        self.doubled += other.doubled;
        self.tampered += other.tampered;
        self.replaced += other.replaced;
        self.excused += other.excused;
        self.forgotten += other.forgotten;
    }
}
