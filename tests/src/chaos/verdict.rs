//! What came of a schedule.

use std::fmt;
use std::ops::{Add, AddAssign};

use serde_json::Value;

/// Counts. All but the first three must be zero.
#[derive(Debug, Default, Clone, Copy)]
pub struct Verdict {
    /// Schedules that were played.
    pub schedules: usize,
    /// Messages that were written, by either side.
    pub sent: usize,
    /// Those of them that the other side has.
    pub arrived: usize,
    /// Those that it has not.
    pub lost: usize,
    /// Copies beyond the first.
    pub doubled: usize,
    /// Messages that stand before one that was written earlier.
    pub reordered: usize,
    /// Messages that count as sent, and the server never had them.
    pub wrongly_marked: usize,
    /// Schedules that did not come to an end.
    pub stuck: usize,
}

impl Verdict {
    /// Whether all is as it must be.
    pub fn is_good(&self) -> bool {
        self.is_whole() && self.reordered == 0
    }

    /// Whether every message is there once and marked as it is, if perhaps not in order.
    pub fn is_whole(&self) -> bool {
        self.lost + self.doubled + self.wrongly_marked + self.stuck == 0
    }

    pub(super) fn stuck() -> Self {
        Self {
            schedules: 1,
            stuck: 1,
            ..Self::default()
        }
    }

    /// What Grend wrote: promised, here in its rows, there in the server's archive.
    pub(super) fn ours(promised: &[String], here: &[Value], there: &[String]) -> Self {
        let rows: Vec<&Value> = here.iter().filter(|it| it["mine"] == true).collect();
        let bodies: Vec<&str> = rows.iter().filter_map(|it| it["body"].as_str()).collect();
        let absent = |body: &str| !there.iter().any(|it| it == body);
        let forgotten = promised.iter().filter(|body| !bodies.contains(&body.as_str())).count();
        let unsent = bodies.iter().filter(|body| absent(body)).count();
        let marked = |row: &&&Value| row["state"] != "queued" && row["state"] != "failed";
        let wrongly = rows
            .iter()
            .filter(marked)
            .filter(|row| absent(row["body"].as_str().unwrap_or_default()));
        let there: Vec<&str> = there.iter().map(String::as_str).collect();
        Self {
            schedules: 1,
            sent: bodies.len() + forgotten,
            arrived: bodies.len() - unsent,
            lost: forgotten + unsent,
            doubled: copies(&there) + copies(&bodies),
            reordered: falls(&there) + falls(&bodies),
            wrongly_marked: wrongly.count(),
            stuck: 0,
        }
    }

    /// What the other client wrote: confirmed by the server, here in Grend's rows, there in the server's archive.
    pub(super) fn theirs(confirmed: &[String], here: &[Value], there: &[String]) -> Self {
        let rows = here.iter().filter(|it| it["mine"] == false);
        let bodies: Vec<&str> = rows.filter_map(|it| it["body"].as_str()).collect();
        let swallowed = confirmed.iter().filter(|body| !there.contains(body)).count();
        let lost = there.iter().filter(|body| !bodies.contains(&body.as_str())).count();
        Self {
            schedules: 0,
            sent: there.len() + swallowed,
            arrived: there.len() - lost,
            lost: lost + swallowed,
            doubled: copies(&bodies),
            reordered: falls(&bodies),
            ..Self::default()
        }
    }
}

fn copies(bodies: &[&str]) -> usize {
    let mut each = bodies.to_vec();
    each.sort_unstable();
    each.dedup();
    bodies.len() - each.len()
}

/// How many of the numbered texts come after one with a higher number.
fn falls(bodies: &[&str]) -> usize {
    let numbers: Vec<Vec<usize>> = bodies
        .iter()
        .map(|body| body.split(' ').skip(2).filter_map(|word| word.parse().ok()).collect())
        .filter(|numbers: &Vec<usize>| !numbers.is_empty())
        .collect();
    numbers.windows(2).filter(|pair| pair[0] > pair[1]).count()
}

impl Add for Verdict {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Verdict {
    fn add_assign(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.sent += other.sent;
        self.arrived += other.arrived;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.reordered += other.reordered;
        self.wrongly_marked += other.wrongly_marked;
        self.stuck += other.stuck;
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} schedules: sent {}, arrived {}, lost {}, doubled {}, reordered {}, wrongly marked {}",
            self.schedules, self.sent, self.arrived, self.lost, self.doubled, self.reordered, self.wrongly_marked
        )?;
        if self.stuck > 0 {
            write!(f, ", stuck {}", self.stuck)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(mine: bool, rows: &[(&str, &str)]) -> Vec<Value> {
        let row = |(body, state): &(&str, &str)| json!({"mine": mine, "body": body, "state": state});
        rows.iter().map(row).collect()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn each_wrong_is_seen() {
        let here = rows(
            true,
            &[("s1 mine 0", "sent"), ("s1 mine 2", "sent"), ("s1 mine 1", "queued")],
        );
        let promised = words(&["s1 mine 0", "s1 mine 1", "s1 mine 3"]);
        let verdict = Verdict::ours(&promised, &here, &words(&["s1 mine 0", "s1 mine 0", "s1 mine 1"]));
        let counts = (
            verdict.sent,
            verdict.arrived,
            verdict.lost,
            verdict.doubled,
            verdict.reordered,
        );
        assert_eq!(counts, (4, 2, 2, 1, 1));
        assert_eq!(verdict.wrongly_marked, 1, "the one that the server never had");
        let here = rows(false, &[("s1 theirs 0 1", "received"), ("s1 theirs 0 0", "received")]);
        let there = words(&["s1 theirs 0 0", "s1 theirs 0 1", "s1 theirs 1 0"]);
        let verdict = Verdict::theirs(&words(&["s1 theirs 2 0"]), &here, &there);
        assert_eq!((verdict.sent, verdict.arrived, verdict.lost), (4, 2, 2));
        assert_eq!(verdict.reordered, 1);
        assert!(!verdict.is_good() && Verdict::default().is_good());
    }
}
