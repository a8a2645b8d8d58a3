//! What a finger means: a tap, a scroll that goes on after the finger left, a long press.
//!
//! Widgets are told of a finger only. A fling is the same finger, moved on by the shell and slowing down, so every list
//! goes on by itself without knowing how; its end is a *lost* finger, which presses nothing.

use std::time::{Duration, Instant};

use iced_core::{Point, Vector};

/// A finger that moved less trembles (pixels at density 1).
const TREMBLE: f32 = 8.0;
/// A finger that rests so long wants something else than a tap.
const LONG: Duration = Duration::from_millis(500);
/// How far back the speed of a leaving finger is measured.
const RECENT: Duration = Duration::from_millis(100);
/// A finger that leaves slower than this stops the list (pixels a second).
const SLOW: f32 = 50.0;
/// A faster one is not believed.
const FAST: f32 = 8000.0;
/// The speed falls to a third in half a second.
const FRICTION: f32 = 2.2;
/// Between two steps of a fling.
const FRAME: Duration = Duration::from_millis(16);

/// What the phone tells of one finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It touched.
    Down,
    /// It moved.
    Move,
    /// It left.
    Up,
    /// The system took it away.
    Cancel,
}

/// What it means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// It touched.
    Pressed(Point),
    /// It scrolls.
    Moved(Point),
    /// It tapped.
    Tapped(Point),
    /// It is of no more meaning.
    Lost(Point),
    /// It rested: after `Lost`.
    Rested(Point),
}

/// The first finger; others mean nothing yet.
#[derive(Debug, Default)]
pub(super) struct Touch(State);

#[derive(Debug, Default)]
enum State {
    #[default]
    Nothing,
    /// It may become anything.
    Held {
        id: u64,
        began: Point,
        at: Point,
        since: Instant,
    },
    Scrolls {
        id: u64,
        trail: Vec<(Point, Instant)>,
    },
    /// A long press was made of it: it only has to leave.
    Spent(u64),
    /// It left, and the list goes on.
    Flies {
        at: Point,
        speed: Vector,
        then: Instant,
    },
}

impl Touch {
    /// Takes what a finger did.
    pub fn take(&mut self, id: u64, phase: Phase, at: Point, now: Instant) -> Vec<Meaning> {
        match (phase, std::mem::take(&mut self.0)) {
            (Phase::Down, State::Nothing) => self.press(id, at, now, Vec::new()),
            // Touching a list that flies stops it.
            (Phase::Down, State::Flies { at: end, .. }) => self.press(id, at, now, vec![Meaning::Lost(end)]),
            (
                Phase::Move,
                State::Held {
                    id: held,
                    began,
                    at: before,
                    since,
                },
            ) if id == held => {
                if began.distance(at) < TREMBLE {
                    self.0 = State::Held { id, began, at, since };
                    return Vec::new();
                }
                let trail = vec![(before, since.max(now.checked_sub(RECENT).unwrap_or(since))), (at, now)];
                self.0 = State::Scrolls { id, trail };
                vec![Meaning::Moved(at)]
            }
            (Phase::Move, State::Scrolls { id: held, mut trail }) if id == held => {
                trail.retain(|(_, then)| now.saturating_duration_since(*then) <= RECENT);
                trail.push((at, now));
                self.0 = State::Scrolls { id, trail };
                vec![Meaning::Moved(at)]
            }
            (Phase::Up, State::Held { id: held, began, .. }) if id == held => vec![Meaning::Tapped(began)],
            (Phase::Up, State::Scrolls { id: held, trail }) if id == held => self.leave(&trail, at, now),
            (Phase::Up | Phase::Cancel, State::Spent(held)) if id == held => Vec::new(),
            (Phase::Cancel, State::Held { id: held, at, .. }) if id == held => vec![Meaning::Lost(at)],
            (Phase::Cancel, State::Scrolls { id: held, .. }) if id == held => vec![Meaning::Lost(at)],
            (_, state) => {
                self.0 = state;
                Vec::new()
            }
        }
    }

    fn press(&mut self, id: u64, at: Point, since: Instant, mut said: Vec<Meaning>) -> Vec<Meaning> {
        self.0 = State::Held {
            id,
            began: at,
            at,
            since,
        };
        said.push(Meaning::Pressed(at));
        said
    }

    fn leave(&mut self, trail: &[(Point, Instant)], at: Point, now: Instant) -> Vec<Meaning> {
        let speed = trail
            .iter()
            .find(|(_, then)| now.saturating_duration_since(*then) <= RECENT)
            .map_or(Vector::ZERO, |(from, then)| {
                let passed = now.saturating_duration_since(*then).as_secs_f32().max(0.008);
                let limit = |way: f32| (way / passed).clamp(-FAST, FAST);
                Vector::new(limit(at.x - from.x), limit(at.y - from.y))
            });
        if length(speed) < SLOW {
            return vec![Meaning::Lost(at)];
        }
        self.0 = State::Flies { at, speed, then: now };
        Vec::new()
    }

    /// Takes that time has passed.
    pub fn pass(&mut self, now: Instant) -> Vec<Meaning> {
        match &mut self.0 {
            State::Held { id, at, since, .. } if now.saturating_duration_since(*since) >= LONG => {
                let at = *at;
                self.0 = State::Spent(*id);
                vec![Meaning::Lost(at), Meaning::Rested(at)]
            }
            State::Flies { at, speed, then } if now.saturating_duration_since(*then) >= FRAME => {
                let passed = now.saturating_duration_since(*then).as_secs_f32();
                let left = (-FRICTION * passed).exp();
                // The way of something that slows down like this, whatever the steps.
                *at += *speed * ((1.0 - left) / FRICTION);
                *speed *= left;
                *then = now;
                let (at, speed) = (*at, *speed);
                if length(speed) >= SLOW {
                    return vec![Meaning::Moved(at)];
                }
                self.0 = State::Nothing;
                vec![Meaning::Moved(at), Meaning::Lost(at)]
            }
            _ => Vec::new(),
        }
    }

    /// When `pass` is to be called.
    pub fn next(&self) -> Option<Instant> {
        match &self.0 {
            State::Held { since, .. } => Some(*since + LONG),
            State::Flies { then, .. } => Some(*then + FRAME),
            State::Nothing | State::Scrolls { .. } | State::Spent(_) => None,
        }
    }

    /// Nobody looks any more.
    pub fn forget(&mut self) {
        self.0 = State::Nothing;
    }
}

fn length(way: Vector) -> f32 {
    way.x.hypot(way.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn at(y: f32) -> Point {
        Point::new(100.0, y)
    }

    #[test]
    fn a_trembling_finger_taps_where_it_touched() {
        let (mut touch, start) = (Touch::default(), Instant::now());
        assert_eq!(
            touch.take(1, Phase::Down, at(50.0), start),
            [Meaning::Pressed(at(50.0))]
        );
        assert_eq!(touch.take(1, Phase::Move, at(54.0), start + ms(20)), []);
        assert_eq!(
            touch.take(1, Phase::Up, at(55.0), start + ms(90)),
            [Meaning::Tapped(at(50.0))]
        );
        assert_eq!(touch.next(), None);
    }

    #[test]
    fn a_resting_finger_is_a_long_press_and_no_tap() {
        let (mut touch, start) = (Touch::default(), Instant::now());
        touch.take(1, Phase::Down, at(50.0), start);
        assert_eq!(touch.next(), Some(start + LONG));
        assert_eq!(touch.pass(start + ms(499)), []);
        assert_eq!(
            touch.pass(start + LONG),
            [Meaning::Lost(at(50.0)), Meaning::Rested(at(50.0))]
        );
        assert_eq!(touch.take(1, Phase::Move, at(90.0), start + ms(600)), []);
        assert_eq!(touch.take(1, Phase::Up, at(90.0), start + ms(700)), []);
        assert_eq!(
            touch.take(2, Phase::Down, at(10.0), start + ms(800)),
            [Meaning::Pressed(at(10.0))]
        );
    }

    /// Scrolls 20 pixels every 10 ms, leaves, and steps with these pauses; where the list comes to rest.
    fn fling(step: Duration) -> f32 {
        let (mut touch, start) = (Touch::default(), Instant::now());
        touch.take(1, Phase::Down, at(600.0), start);
        for turn in 1..=10_u8 {
            let y = 600.0 - 20.0 * f32::from(turn);
            touch.take(1, Phase::Move, at(y), start + ms(10) * u32::from(turn));
        }
        let mut now = start + ms(100);
        assert_eq!(touch.take(1, Phase::Up, at(400.0), now), []);
        loop {
            assert!(touch.next().is_some());
            now += step;
            let said = touch.pass(now);
            if let [Meaning::Moved(end), Meaning::Lost(lost)] = said[..] {
                assert_eq!(end, lost);
                assert_eq!(touch.next(), None);
                return end.y;
            }
        }
    }

    #[test]
    fn a_fling_goes_as_far_whatever_the_frame_rate() {
        let (smooth, jerky) = (fling(ms(16)), fling(ms(48)));
        // 2000 pixels a second, a friction of 2.2: some 880 pixels more.
        assert!((-530.0..-410.0).contains(&smooth), "{smooth}");
        assert!((smooth - jerky).abs() < 30.0, "{smooth} {jerky}");
    }

    #[test]
    fn a_finger_that_stopped_before_it_left_flings_nothing() {
        let (mut touch, start) = (Touch::default(), Instant::now());
        touch.take(1, Phase::Down, at(600.0), start);
        touch.take(1, Phase::Move, at(500.0), start + ms(50));
        assert_eq!(
            touch.take(1, Phase::Up, at(500.0), start + ms(300)),
            [Meaning::Lost(at(500.0))]
        );
    }

    #[test]
    fn touching_stops_a_fling_and_a_second_finger_is_nobody() {
        let (mut touch, start) = (Touch::default(), Instant::now());
        touch.take(1, Phase::Down, at(600.0), start);
        assert_eq!(touch.take(2, Phase::Down, at(10.0), start), []);
        touch.take(1, Phase::Move, at(500.0), start + ms(30));
        touch.take(1, Phase::Up, at(500.0), start + ms(31));
        let said = touch.take(1, Phase::Down, at(300.0), start + ms(40));
        assert_eq!(said, [Meaning::Lost(at(500.0)), Meaning::Pressed(at(300.0))]);
        assert_eq!(
            touch.take(1, Phase::Cancel, at(300.0), start + ms(50)),
            [Meaning::Lost(at(300.0))]
        );
    }
}
