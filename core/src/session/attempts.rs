//! When to try again: later and later, at random, and soon after a session that was good.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Cause, Network};
use crate::random;

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(300);
/// Somebody who was online for so long may try again at once, also in a train that goes from tunnel to tunnel. A server
/// that throws us out sooner is asked later and later.
const GOOD: Duration = Duration::from_secs(10);
/// A password that was right once is wrong only when the server says so three times: one that is just starting may not
/// know its people yet (ejabberd does so).
const REFUSALS: u32 = 3;
/// So often a stream that goes on may end without anything having come of it.
const FUTILE: u32 = 5;

/// What is remembered from one try to the next.
#[derive(Debug)]
pub(super) struct Attempts {
    delay: Duration,
    refusals: u32,
    futile: u32,
    /// Since when stanzas flow.
    online_since: Option<Instant>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            delay: FIRST_DELAY,
            refusals: 0,
            futile: 0,
            online_since: None,
        }
    }
}

impl Attempts {
    /// Stanzas flow.
    pub fn online(&mut self) {
        self.online_since = Some(Instant::now());
    }

    /// Another network, or the user's wish: what failed before counts no more.
    pub fn soon(&mut self) {
        self.delay = FIRST_DELAY;
    }

    /// A session ended, or did not begin. `came_of_it`: the stream that was to go on got further.
    pub fn ended(&mut self, cause: &Cause, came_of_it: bool) {
        let good = self.online_since.take().is_some_and(|since| since.elapsed() >= GOOD);
        if good {
            self.delay = FIRST_DELAY;
        }
        self.refusals = if *cause == Cause::Authentication {
            self.refusals + 1
        } else {
            0
        };
        // A cable that is cut again and again says nothing about the stream. A server that hangs up for so long does.
        let futile = match cause {
            Cause::Refused(_) | Cause::Network(Network::NotXmpp) => true,
            Cause::Network(Network::Lost) => self.delay == LONGEST_DELAY,
            _ => false,
        };
        if good || came_of_it {
            self.futile = 0;
        } else {
            self.futile += u32::from(futile);
        }
    }

    /// Whether the stream that is to go on never will.
    pub fn are_futile(&mut self) -> bool {
        let futile = self.futile >= FUTILE;
        if futile {
            self.futile = 0;
        }
        futile
    }

    /// How long to wait before the next try. `None`: until somebody does something about it.
    pub fn wait(&mut self, cause: &Cause) -> Option<Duration> {
        if !cause.is_passing() && !(1..REFUSALS).contains(&self.refusals) {
            return None;
        }
        let wait = self.delay.mul_f64(0.5 + random::unit());
        self.delay = (self.delay * 2).min(LONGEST_DELAY);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refused;

    fn lost() -> Cause {
        Network::Lost.into()
    }

    /// The longest that a wait may be at this delay.
    fn within(wait: Option<Duration>, delay: Duration) -> bool {
        wait.is_some_and(|wait| wait >= delay.mul_f64(0.49) && wait <= delay.mul_f64(1.51))
    }

    #[tokio::test(start_paused = true)]
    async fn h42_each_failure_makes_the_next_wait_longer_up_to_five_minutes() {
        let mut attempts = Attempts::default();
        for doubled in 0..20 {
            // A server that lets us in and throws us out gets no more patience than one that is not there.
            attempts.online();
            tokio::time::sleep(Duration::from_secs(1)).await;
            attempts.ended(&Refused::Server(String::new()).into(), true);
            let delay = (FIRST_DELAY * 2_u32.pow(doubled.min(10))).min(LONGEST_DELAY);
            assert!(within(attempts.wait(&lost()), delay), "{doubled}");
        }
        attempts.soon();
        assert!(within(attempts.wait(&lost()), FIRST_DELAY));
    }

    #[tokio::test(start_paused = true)]
    async fn from_tunnel_to_tunnel() {
        let mut attempts = Attempts::default();
        for _ in 0..10 {
            attempts.online();
            tokio::time::sleep(GOOD).await;
            attempts.ended(&lost(), true);
            assert!(within(attempts.wait(&lost()), FIRST_DELAY));
        }
        // Slow failures before anybody is online are no good sessions.
        for _ in 0..3 {
            tokio::time::sleep(GOOD * 3).await;
            attempts.ended(&lost(), true);
            attempts.wait(&lost());
        }
        assert!(within(attempts.wait(&lost()), FIRST_DELAY * 16));
    }

    #[test]
    fn what_a_retry_does_not_mend_waits_for_somebody() {
        let mut attempts = Attempts::default();
        for refusal in 1..=REFUSALS {
            attempts.ended(&Cause::Authentication, false);
            assert_eq!(attempts.wait(&Cause::Authentication).is_some(), refusal < REFUSALS);
        }
        attempts.ended(&Cause::Conflict, false);
        assert_eq!(attempts.wait(&Cause::Conflict), None);
    }

    #[test]
    fn h42_a_stream_that_never_goes_on_is_given_up() {
        let mut attempts = Attempts::default();
        let mut ends = |cause: Cause, came_of_it| {
            attempts.ended(&cause, came_of_it);
            attempts.wait(&cause);
            attempts.are_futile()
        };
        let refused = || Cause::from(Refused::Server(String::new()));
        for _ in 0..5 {
            // No network, and one that breaks, say nothing about the stream.
            assert!(!ends(Network::Unreachable.into(), false));
            assert!(!ends(lost(), false));
            assert!(!ends(refused(), true));
        }
        let futile: Vec<bool> = (0..10).map(|_| ends(refused(), false)).collect();
        assert_eq!(futile.iter().filter(|it| **it).count(), 2);
        assert!(futile[4] && futile[9]);
        // For hours nobody but a server that hangs up.
        assert_eq!((0..5).filter(|_| ends(lost(), false)).count(), 1);
    }
}
