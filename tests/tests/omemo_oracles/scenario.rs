//! Two devices and a bad network between them: messages overtake each other, get lost, come twice, changed or very late,
//! sessions are made anew and cross each other, and everything is saved and loaded again and again.
//!
//! A scenario is made from its seed. What is expected:
//! - *Ours* reads every genuine message once, with its text, whatever happened; says of the second that it is one; reads no
//!   changed message as anything else; and an error changes nothing.
//! - *Theirs* reads everything as long as nobody replaced a session while something was on its way. python-omemo keeps no
//!   old sessions and omemo-dr five chains: what falls under that is counted, not complained about.
//! - Whatever happened, one new session in a quiet moment mends it.

use std::collections::{BTreeSet, VecDeque};

use fastrand::Rng;
use grend_tests::oracle::Letter;

use crate::party::{Party, Tally};
use crate::tamper::{changed, prekey_of};

/// How many new sessions a scenario has at most: old ones are kept, but not without end.
const REPLACEMENTS: u32 = 5;

/// After so many new ones a session may be forgotten.
const SESSIONS: u32 = 10;

#[derive(Debug, Clone)]
struct Mail {
    text: Option<String>,
    letter: Letter,
    /// The sender's chain, or a later one.
    turn: u32,
    /// How often a session had been replaced.
    epoch: u32,
    /// How many sessions had been begun, also by the libraries themselves.
    begun: u32,
    read: bool,
}

struct Side {
    party: Box<dyn Party>,
    /// On the way to the other side, in order.
    outbox: VecDeque<Mail>,
    /// Held back: very late.
    held: Vec<Mail>,
    /// Read by the other side.
    past: Vec<Mail>,
    turn: u32,
    heard: bool,
    has_session: bool,
    /// Prekeys of this side that the other one was given, one at a time, so that none is used twice by chance.
    given: BTreeSet<u32>,
    /// The one that it has now, unless it was used.
    open: Option<u32>,
    rotated: bool,
    jumped: bool,
}

/// A run.
pub struct Scenario {
    seed: u64,
    rng: Rng,
    sides: [Side; 2],
    epoch: u32,
    begun: u32,
    /// Whether sessions are replaced while something is on its way.
    stormy: bool,
    /// Whether theirs may be at a loss: a session was replaced while something was on its way.
    unsettled: bool,
    replacements: u32,
    written: u32,
    log: Vec<String>,
    /// What happened so far.
    pub tally: Tally,
}

impl Scenario {
    /// Two devices that know of each other, without a session.
    pub fn new(seed: u64, parties: [Box<dyn Party>; 2]) -> Self {
        let sides = parties.map(|party| Side {
            party,
            outbox: VecDeque::new(),
            held: Vec::new(),
            past: Vec::new(),
            turn: 0,
            heard: false,
            has_session: false,
            given: BTreeSet::new(),
            open: None,
            rotated: false,
            jumped: false,
        });
        let mut rng = Rng::with_seed(seed);
        Self {
            seed,
            stormy: rng.u8(..3) == 0,
            rng,
            sides,
            epoch: 0,
            begun: 0,
            unsettled: false,
            replacements: 0,
            written: 0,
            log: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Plays it.
    pub fn play(&mut self, steps: u32) {
        if self.stormy && self.rng.bool() {
            self.both_begin();
        } else {
            let first = self.any_side();
            self.write(first);
            self.drain();
        }
        for _ in 0..steps {
            self.step();
            self.save_and_load();
        }
        self.come_to_rest();
    }

    fn step(&mut self) {
        let side = self.any_side();
        match self.rng.u8(..100) {
            0..=35 => self.write(side),
            36..=65 => self.deliver_next(side),
            66..=72 => self.deliver_any(side),
            73..=75 => self.lose(side),
            76..=79 => self.hold(side),
            80..=83 => self.deliver_held(side),
            84..=88 => self.double(side),
            89..=94 => self.tamper(side),
            95 => self.rotate(side),
            96 => self.jump(side),
            97 => self.replace_quietly(side),
            98 if self.stormy => self.replace(side),
            99 if self.stormy => self.cross(),
            _ => {}
        }
    }

    fn any_side(&mut self) -> usize {
        self.rng.usize(..2)
    }

    fn note(&mut self, what: String) {
        self.log.push(what);
    }

    fn fail(&self, why: &str) -> ! {
        let tail = self.log.len().saturating_sub(40);
        panic!(
            "{why}\nThe last steps:\n  {}\nGREND_OMEMO_SEED={} plays it again.",
            self.log[tail..].join("\n  "),
            self.seed
        );
    }

    // What the sides do

    /// `side` writes, if it can without a crossing that nobody asked for.
    fn write(&mut self, side: usize) {
        let begins = !self.sides[side].has_session;
        if begins && (self.sides[1 - side].has_session || self.epoch > 0) {
            self.drain();
            if !self.sides[side].has_session {
                return;
            }
        }
        self.written += 1;
        let text = format!("{} {}", self.written, "å".repeat(self.rng.usize(..60)));
        self.introduce(side);
        let outcome = match self.sides[side].party.encrypt(&text) {
            Ok(outcome) => outcome,
            Err(refusal) => self.fail(&format!("side {side} cannot encrypt: {}", refusal.why)),
        };
        self.note(format!("{side} writes {}", self.written));
        self.sides[side].has_session = true;
        let letter = outcome.letter.clone();
        if let Some(letter) = letter {
            self.post(side, Some(text), letter);
        }
        self.post_all(side, outcome.also);
    }

    fn post_all(&mut self, side: usize, letters: Vec<Letter>) {
        for letter in letters {
            self.post(side, None, letter);
        }
    }

    fn post(&mut self, side: usize, text: Option<String>, letter: Letter) {
        let other = self.sides[1 - side].party.device_id();
        let Some(key) = letter.keys.iter().find(|key| key.rid == other) else {
            self.fail(&format!("side {side} encrypted, but not for the other side"));
        };
        if key.kex && prekey_of(&key.key) == self.sides[1 - side].open {
            self.sides[1 - side].open = None;
            self.begun += 1;
        }
        let sender = &mut self.sides[side];
        if std::mem::take(&mut sender.heard) {
            sender.turn += 1;
        }
        let mail = Mail {
            text,
            letter,
            turn: sender.turn,
            epoch: self.epoch,
            begun: self.begun,
            read: false,
        };
        sender.outbox.push_back(mail);
    }

    /// Tells `side` of a prekey of the other one that nobody used.
    fn introduce(&mut self, side: usize) {
        let owner = &mut self.sides[1 - side];
        if owner.open.is_some() && !owner.rotated {
            return;
        }
        let mut bundle = owner.party.bundle();
        let fresh = bundle.prekeys.keys().find(|id| !owner.given.contains(id)).copied();
        let Some(id) = owner.open.or(fresh) else {
            self.fail("no prekey is left");
        };
        let Some(key) = bundle.prekeys.remove(&id) else {
            self.fail(&format!("prekey {id} was never used and is gone"));
        };
        bundle.prekeys = [(id, key)].into();
        owner.given.insert(id);
        (owner.open, owner.rotated) = (Some(id), false);
        let number = owner.party.device_id();
        self.sides[side].party.meet(number, &bundle);
    }

    /// Gives `mail` from `from` to the other side; whether it was read, now or before.
    fn hand_over(&mut self, from: usize, mut mail: Mail) {
        let to = 1 - from;
        self.introduce(to);
        let result = self.sides[to].party.decrypt(&mail.letter);
        let ours = self.sides[to].party.is_ours();
        let excused = self.excuses(from, &mail);
        self.note(format!(
            "{to} gets {:?} of epoch {} (now {}): {}",
            mail.text.as_deref().unwrap_or("nothing").split(' ').next(),
            mail.epoch,
            self.epoch,
            match &result {
                Ok(_) => "read",
                Err(refusal) => refusal.why.as_str(),
            }
        ));
        if mail.epoch != self.epoch {
            self.unsettled = true;
        }
        match result {
            Ok(outcome) => {
                if mail.read && ours {
                    self.fail("ours read a message twice");
                }
                if outcome.text != mail.text {
                    self.fail(&format!("{:?} was read as {:?}", mail.text, outcome.text));
                }
                self.sides[to].has_session = true;
                self.sides[to].heard = true;
                self.post_all(to, outcome.also);
                if ours {
                    self.tally.ours += 1;
                } else {
                    self.tally.theirs += 1;
                }
                mail.read = true;
                self.sides[from].past.push(mail);
            }
            Err(refusal) => {
                if !mail.read && !excused {
                    self.fail(&format!("side {to} does not read: {}", refusal.why));
                }
                if mail.read && ours && !refusal.why.starts_with("Duplicate") {
                    self.fail(&format!("ours does not know a message again: {}", refusal.why));
                }
                if !mail.read && ours {
                    self.tally.forgotten += 1;
                } else if !mail.read {
                    self.tally.excused += 1;
                }
                self.post_all(to, refusal.also);
            }
        }
    }

    /// Whether the receiver need not be able to read this.
    fn excuses(&self, from: usize, mail: &Mail) -> bool {
        if self.sides[1 - from].party.is_ours() {
            return self.begun - mail.begun >= SESSIONS;
        }
        let chains = self.sides[1 - from].party.chains().unwrap_or(u32::MAX);
        self.unsettled || mail.epoch != self.epoch || self.sides[from].turn - mail.turn + 1 >= chains
    }

    // What the network does

    fn deliver_next(&mut self, from: usize) {
        if let Some(mail) = self.sides[from].outbox.pop_front() {
            self.hand_over(from, mail);
        }
    }

    fn take_any(&mut self, from: usize) -> Option<Mail> {
        let waiting = self.sides[from].outbox.len();
        if waiting == 0 {
            return None;
        }
        let place = self.rng.usize(..waiting);
        self.sides[from].outbox.remove(place)
    }

    fn deliver_any(&mut self, from: usize) {
        if let Some(mail) = self.take_any(from) {
            self.hand_over(from, mail);
        }
    }

    fn lose(&mut self, from: usize) {
        if let Some(mail) = self.take_any(from) {
            self.note(format!("lost: {:?}", mail.text));
        }
    }

    fn hold(&mut self, from: usize) {
        if let Some(mail) = self.take_any(from) {
            self.sides[from].held.push(mail);
        }
    }

    fn deliver_held(&mut self, from: usize) {
        let held = &mut self.sides[from].held;
        if !held.is_empty() {
            let mail = held.swap_remove(self.rng.usize(..held.len()));
            self.hand_over(from, mail);
        }
    }

    /// A second time. python-omemo takes that for a broken session and mends it, so only ours gets that when all is calm.
    fn double(&mut self, from: usize) {
        let ours = self.sides[1 - from].party.is_ours();
        let past = &self.sides[from].past;
        if !past.is_empty() && (ours || self.unsettled) {
            let mail = past[self.rng.usize(..past.len())].clone();
            self.tally.doubled += u32::from(ours);
            self.hand_over(from, mail);
        }
    }

    /// Ours gets a changed copy before the true one.
    fn tamper(&mut self, from: usize) {
        let to = 1 - from;
        let Some(mut mail) = self.take_any(from) else { return };
        if self.sides[to].party.is_ours() {
            let letter = changed(&mut self.rng, &mail.letter, self.sides[to].party.device_id());
            self.introduce(to);
            self.tally.tampered += 1;
            // Some of a kex is not under the seal and may change: then it is still the same message.
            if let Ok(outcome) = self.sides[to].party.decrypt(&letter) {
                if outcome.text != mail.text {
                    self.fail(&format!("changed, {:?} was read as {:?}", mail.text, outcome.text));
                }
                self.sides[to].has_session = true;
                self.sides[to].heard = true;
                self.post_all(to, outcome.also);
                mail.read = true;
            }
        }
        self.hand_over(from, mail);
    }

    /// Hundreds at once. The last comes first; the rest after it in any order, or hardly any of it.
    fn jump(&mut self, from: usize) {
        if self.unsettled || !self.sides[from].has_session || self.sides[from].jumped {
            return;
        }
        self.drain();
        self.sides[from].jumped = true;
        for _ in 0..700 {
            self.write(from);
        }
        let Some(last) = self.sides[from].outbox.pop_back() else {
            return;
        };
        self.hand_over(from, last);
        let mut rest: Vec<_> = self.sides[from].outbox.drain(..).collect();
        self.rng.shuffle(&mut rest);
        // python-omemo takes its time with hundreds of kept keys, and answers each of these messages.
        let all = self.sides[1 - from].party.is_ours() && self.rng.bool();
        rest.truncate(if all { rest.len() } else { 10 });
        for mail in rest {
            self.hand_over(from, mail);
        }
    }

    fn save_and_load(&mut self) {
        for side in 0..2 {
            let party = &mut self.sides[side].party;
            if party.is_ours() || self.rng.u8(..12) == 0 {
                party.save_and_load();
            }
        }
    }

    // What makes sessions

    fn rotate(&mut self, side: usize) {
        self.note(format!("{side} rotates"));
        self.sides[side].party.rotate();
        self.sides[side].rotated = true;
    }

    fn both_begin(&mut self) {
        self.note("both begin".to_owned());
        self.unsettled = true;
        for side in [0, 1] {
            self.write(side);
        }
    }

    fn replace(&mut self, side: usize) {
        if self.replacements >= REPLACEMENTS {
            return;
        }
        self.introduce(side);
        let outcome = match self.sides[side].party.replace() {
            Ok(outcome) => outcome,
            Err(refusal) => self.fail(&format!("side {side} cannot make a session: {}", refusal.why)),
        };
        self.replacements += 1;
        self.tally.replaced += 1;
        self.unsettled = true;
        self.epoch += 1;
        self.note(format!("{side} makes session {}", self.epoch));
        self.sides[side].has_session = true;
        self.post_all(side, outcome.letter.into_iter().chain(outcome.also).collect());
    }

    fn cross(&mut self) {
        self.replace(0);
        self.replace(1);
    }

    /// With nothing on its way: both must be well after it.
    fn replace_quietly(&mut self, side: usize) {
        if self.replacements < REPLACEMENTS {
            self.drain();
            self.replace(side);
            self.drain();
            self.unsettled = false;
        }
    }

    /// Delivers everything that is on its way, in order.
    fn drain(&mut self) {
        for _ in 0..20_000 {
            let waiting: Vec<_> = (0..2).filter(|side| !self.sides[*side].outbox.is_empty()).collect();
            match waiting.as_slice() {
                [] => return,
                [one] => self.deliver_next(*one),
                _ => {
                    let side = self.any_side();
                    self.deliver_next(side);
                }
            }
        }
        self.fail("they never come to rest");
    }

    /// The end: what was held back comes too, and then all must be well again.
    fn come_to_rest(&mut self) {
        self.drain();
        for from in [0, 1] {
            while !self.sides[from].held.is_empty() {
                self.deliver_held(from);
            }
        }
        self.drain();
        if self.unsettled {
            self.replacements = REPLACEMENTS.saturating_sub(1);
            let side = self.any_side();
            self.replace_quietly(side);
        }
        for _ in 0..4 {
            for side in [0, 1] {
                self.write(side);
                self.drain();
            }
        }
    }
}
