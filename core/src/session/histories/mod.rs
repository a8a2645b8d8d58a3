//! Random histories of one device, without a network: catching up with the archive, live traffic meanwhile, what is
//! written offline, two devices of one account, connections that break, servers that forget, clocks that jump, and a
//! process that dies between any two steps. The store, the archive, the inbox, the outbox and stream management are the
//! real ones; a scripted server stands for the other side.
//!
//! `cargo test -p grend-core histories` plays 40,000. `GREND_HISTORIES` says how many, `GREND_SEED` plays one of them
//! and tells each step.

#![allow(clippy::print_stderr, reason = "a history that is played again tells its steps")]

mod check;
mod device;
mod dice;
mod server;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::sync::oneshot::error::TryRecvError;

use crate::store::Connection;
use crate::{clock, store};
use device::{Device, End, Filled};
use dice::Dice;
use server::{Author, Server};

const HISTORIES: u64 = 40_000;
const YEAR: i64 = 365 * 86_400_000;

struct History<'a> {
    dice: Dice,
    server: Server,
    device: Device<'a>,
    friends: usize,
    /// How many messages the user wrote.
    written: usize,
    tells: bool,
    /// Those who scroll up wait for this.
    fills: Vec<Filled>,
}

impl<'a> History<'a> {
    fn new(seed: u64, conn: &'a mut Connection, tells: bool) -> Self {
        let mut dice = Dice::new(seed);
        Self {
            server: Server::new(&mut dice),
            device: Device::new(conn),
            friends: 1 + dice.below(3),
            written: 0,
            dice,
            tells,
            fills: Vec::new(),
        }
    }

    fn tell(&self, what: &str) {
        if self.tells {
            eprintln!(
                "{:>3} in the archive, {:>2} written: {what}",
                self.server.archive.len(),
                self.written
            );
        }
    }

    fn play(&mut self) -> Result<(), String> {
        for _ in 0..10 + self.dice.below(35) {
            self.step();
            // To look costs more than to do.
            if self.dice.percent(20) {
                self.check()?;
            }
        }
        self.dice.calm = true;
        self.come_to_rest()?;
        // An archive that did not answer is asked again when the connection comes back.
        self.server.lose(&mut self.dice);
        self.come_to_rest()?;
        for friend in 0..self.friends {
            // A page at a time, each of at least one message.
            for _ in 0..=self.server.archive.len() {
                if self.device.is_complete(friend) {
                    break;
                }
                self.scroll(friend);
                self.come_to_rest()?;
            }
        }
        self.check()?;
        check::in_the_end(&self.server, &mut self.device, self.friends, self.written)
    }

    fn check(&mut self) -> Result<(), String> {
        check::always(&self.server, &mut self.device, self.friends)
    }

    fn step(&mut self) {
        let pass = self.dice.pick(&[0, 0, 1, 30, 700, 5_000, 3_600_000, -2_000]);
        self.server.now += pass;
        self.device.set_time(&self.server);
        let friend = self.dice.below(self.friends);
        match self.dice.below(100) {
            0..20 => {
                for _ in 0..self.dice.pick(&[1, 1, 1, 2, 5]) {
                    self.tell("a friend writes");
                    self.server.arrives(&mut self.dice, friend, Author::Friend);
                }
            }
            20..26 => {
                self.tell("our other device writes");
                self.server.arrives(&mut self.dice, friend, Author::OtherDevice);
            }
            26..38 => self.write(friend),
            38..85 => self.go_on(),
            85..88 => {
                self.tell("the connection breaks");
                self.server.lose(&mut self.dice);
            }
            88..90 => self.ended(End::Died),
            90 => {
                self.tell("the server restarts");
                self.server.restart(&mut self.dice);
            }
            91 => {
                self.tell("the broken stream is given up");
                self.server.end_broken();
            }
            92 => {
                self.server.forgotten = self
                    .dice
                    .below(self.server.archive.len() + 1)
                    .max(self.server.forgotten);
                self.tell(&format!("the archive forgets all before {}", self.server.forgotten));
            }
            93 => {
                self.device.clock = self.dice.pick(&[0, -1_500, 7_000, -YEAR, YEAR]);
                self.tell(&format!("the device's clock is off by {} s", self.device.clock / 1000));
            }
            94..96 => self.scroll(friend),
            96..98 => self.server.wants_acknowledgement(),
            _ => self.confirm(),
        }
    }

    fn write(&mut self, friend: usize) {
        let body = format!("mine {}", self.written);
        self.tell(&format!("the user writes “{body}”"));
        self.device.writes(friend, &body);
        self.written += 1;
    }

    /// A friend's device tells that it got one of ours.
    fn confirm(&mut self) {
        let ours = |(index, said): (usize, &server::Said)| {
            (said.author == Author::ThisDevice && said.body.is_some()).then_some(index)
        };
        let ours: Vec<usize> = self.server.archive.iter().enumerate().filter_map(ours).collect();
        if !ours.is_empty() {
            let index = self.dice.pick(&ours);
            self.tell(&format!("a friend's device confirms {index}"));
            self.server.confirms(index);
        }
    }

    fn scroll(&mut self, friend: usize) {
        self.tell(&format!("the user scrolls up with friend {friend}"));
        self.fills.push(self.device.scrolls(friend));
    }

    /// The session does its next few things.
    fn go_on(&mut self) {
        let most = 1 + self.dice.below(8);
        let went = if self.server.live.is_none() {
            self.tell("connects");
            self.device.connect(&mut self.server, &mut self.dice)
        } else if self.dice.percent(40) {
            self.tell("the server reads");
            for _ in 0..most {
                self.server.read(&mut self.dice);
            }
            Ok(())
        } else if self.dice.percent(60) {
            self.tell(&format!("reads {most}"));
            self.device.batch(&mut self.server, &mut self.dice, most)
        } else {
            self.tell("sends");
            self.device.send_outbox(&mut self.server, &mut self.dice, most)
        };
        if let Err(end) = went {
            self.ended(end);
        }
    }

    fn ended(&mut self, end: End) {
        self.tell(&format!("ends: {end:?}"));
        self.server.lose(&mut self.dice);
        match end {
            End::Died => self.device.die(),
            End::Storage => self.device.distrust_memory(),
        }
    }

    /// Connects, and goes on until nothing is left to do.
    fn come_to_rest(&mut self) -> Result<(), String> {
        for _ in 0..10_000 {
            let quiet = |server: &Server| {
                let live = server.live.as_ref();
                live.is_some_and(|stream| stream.up.is_empty() && stream.down.is_empty())
            };
            self.fills
                .retain_mut(|fill| fill.try_recv() == Err(TryRecvError::Empty));
            if self.fills.is_empty() && quiet(&self.server) && self.device.is_settled() {
                return Ok(());
            }
            self.go_on();
        }
        Err("it never comes to rest".to_owned())
    }
}

/// Plays one; what went wrong.
fn play(seed: u64, conn: &mut Connection, tells: bool) -> Result<(), String> {
    let played = catch_unwind(AssertUnwindSafe(|| History::new(seed, conn, tells).play()));
    clock::set(None);
    played.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().expect("a number"))
}

#[test]
fn no_history_loses_or_doubles_a_message() {
    if let Some(seed) = number("GREND_SEED") {
        play(seed, &mut store::in_memory(), true).unwrap();
        return;
    }
    let count = number("GREND_HISTORIES").unwrap_or(HISTORIES);
    let next = AtomicU64::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut conn = store::in_memory();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        break;
                    }
                    if let Err(wrong) = play(seed, &mut conn, false) {
                        next.store(count, Ordering::Relaxed);
                        panic!("{wrong}. To see it again: GREND_SEED={seed} cargo test -p grend-core histories");
                    }
                }
            });
        }
    });
}
