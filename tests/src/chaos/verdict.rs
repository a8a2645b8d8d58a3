//! What came of a schedule.

use std::fmt;
use std::ops::{Add, AddAssign};

use serde_json::Value;

/// Counts. All but the first three, and the last three, must be zero.
#[derive(Debug, Default, Clone, Copy)]
pub struct Verdict {
    /// Schedules that were played.
    pub schedules: usize,
    /// Messages that were written, by either side.
    pub sent: usize,
    /// Those of them that the other side has.
    pub arrived: usize,
    /// Those that Grend did not bring to the server, or did not get from it.
    pub lost: usize,
    /// Copies beyond the first, in Grend's rows or, of what Grend wrote, in its server's archive.
    pub doubled: usize,
    /// Messages that stand before one that was written earlier, or that stands earlier in the archive.
    pub reordered: usize,
    /// Messages that count as sent, and the server never had them.
    pub wrongly_marked: usize,
    /// Schedules that did not come to an end.
    pub stuck: usize,
    /// What the server had taken from one side, and its archive of the other side does not have.
    pub withheld: usize,
    /// Copies that only the archive of the other side has.
    pub copied: usize,
    /// What stands in another order in the archive of the other side than in that of the writer.
    pub shuffled: usize,
}

/// The messages of one direction in the server's two archives.
pub(super) struct Archived {
    /// In the archive of who wrote them.
    pub writer: Vec<String>,
    /// In the archive of who was to get them.
    pub reader: Vec<String>,
}

impl Archived {
    fn words(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }

    /// What is between the two is the server's own doing.
    fn by_the_server(&self) -> Verdict {
        let (writer, reader) = (Self::words(&self.writer), Self::words(&self.reader));
        Verdict {
            copied: copies(&reader).saturating_sub(copies(&writer)),
            shuffled: falls(&reader).saturating_sub(falls(&writer)),
            ..Verdict::default()
        }
    }
}

impl Verdict {
    /// Whether all is as it must be.
    pub fn is_good(&self) -> bool {
        self.lost + self.doubled + self.reordered + self.wrongly_marked + self.stuck == 0
    }

    pub(super) fn stuck() -> Self {
        Self {
            schedules: 1,
            stuck: 1,
            ..Self::default()
        }
    }

    /// What Grend wrote: promised, here in its rows, there in the server's archives.
    pub(super) fn ours(promised: &[String], here: &[Value], there: &Archived) -> Self {
        let rows: Vec<&Value> = here.iter().filter(|it| it["mine"] == true).collect();
        let bodies: Vec<&str> = rows.iter().filter_map(|it| it["body"].as_str()).collect();
        let absent = |body: &str, from: &[String]| !from.iter().any(|it| it == body);
        let forgotten = promised.iter().filter(|body| !bodies.contains(&body.as_str())).count();
        let unsent = bodies.iter().filter(|body| absent(body, &there.writer)).count();
        let arrived = bodies.iter().filter(|body| !absent(body, &there.reader)).count();
        let marked = |row: &&&Value| row["state"] != "queued" && row["state"] != "failed";
        let wrongly = rows
            .iter()
            .filter(marked)
            .filter(|row| absent(row["body"].as_str().unwrap_or_default(), &there.writer));
        let writer = Archived::words(&there.writer);
        Self {
            schedules: 1,
            sent: bodies.len() + forgotten,
            arrived,
            lost: forgotten + unsent,
            doubled: copies(&writer) + copies(&bodies),
            reordered: falls(&writer) + falls(&bodies),
            wrongly_marked: wrongly.count(),
            withheld: there.writer.iter().filter(|body| absent(body, &there.reader)).count(),
            ..there.by_the_server()
        }
    }

    /// What the other client wrote: confirmed by the server, here in Grend's rows, there in the server's archives.
    pub(super) fn theirs(confirmed: &[String], here: &[Value], there: &Archived) -> Self {
        let rows = here.iter().filter(|it| it["mine"] == false);
        let bodies: Vec<&str> = rows.filter_map(|it| it["body"].as_str()).collect();
        let there_for_us = Archived::words(&there.reader);
        let withheld = confirmed.iter().filter(|body| !there.reader.contains(body)).count();
        let lost = there_for_us.iter().filter(|body| !bodies.contains(body)).count();
        Self {
            sent: there_for_us.len() + withheld,
            arrived: there_for_us.len() - lost,
            lost,
            doubled: copies(&bodies).saturating_sub(copies(&there_for_us)),
            reordered: displaced(&bodies, &there_for_us),
            withheld,
            ..there.by_the_server()
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

/// How many of these stand before one that stands earlier there.
fn displaced(bodies: &[&str], there: &[&str]) -> usize {
    let place = |body: &&str| there.iter().position(|it| it == body);
    let places: Vec<usize> = bodies.iter().filter_map(place).collect();
    places.windows(2).filter(|pair| pair[0] > pair[1]).count()
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
        self.withheld += other.withheld;
        self.copied += other.copied;
        self.shuffled += other.shuffled;
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
        if self.withheld + self.copied + self.shuffled > 0 {
            let (withheld, copied, shuffled) = (self.withheld, self.copied, self.shuffled);
            write!(
                f,
                "; by the server itself: withheld {withheld}, copied {copied}, shuffled {shuffled}"
            )?;
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

    fn archived(writer: &[&str], reader: &[&str]) -> Archived {
        let (writer, reader) = (words(writer), words(reader));
        Archived { writer, reader }
    }

    #[test]
    fn each_wrong_is_seen() {
        let here = rows(
            true,
            &[("s1 mine 0", "sent"), ("s1 mine 2", "sent"), ("s1 mine 1", "queued")],
        );
        let promised = words(&["s1 mine 0", "s1 mine 1", "s1 mine 3"]);
        let there = ["s1 mine 0", "s1 mine 0", "s1 mine 1"];
        let verdict = Verdict::ours(&promised, &here, &archived(&there, &there));
        let counts = (verdict.sent, verdict.arrived, verdict.lost);
        assert_eq!(counts, (4, 2, 2));
        assert_eq!((verdict.doubled, verdict.reordered), (1, 1));
        assert_eq!(verdict.wrongly_marked, 1, "the one that the server never had");
        assert_eq!((verdict.withheld, verdict.copied, verdict.shuffled), (0, 0, 0));
        let here = rows(false, &[("s1 theirs 0 1", "received"), ("s1 theirs 0 0", "received")]);
        let there = ["s1 theirs 0 0", "s1 theirs 0 1", "s1 theirs 1 0"];
        let verdict = Verdict::theirs(&words(&[]), &here, &archived(&there, &there));
        assert_eq!((verdict.sent, verdict.arrived, verdict.lost), (3, 2, 1));
        assert_eq!(verdict.reordered, 1);
        assert!(!verdict.is_good() && Verdict::default().is_good());
    }

    #[test]
    fn what_the_server_did_itself_is_told_apart() {
        let all = ["s1 mine 0", "s1 mine 1", "s1 mine 2"];
        let here = rows(true, &all.map(|body| (body, "sent")));
        let there = archived(&all, &["s1 mine 2", "s1 mine 0", "s1 mine 0"]);
        let verdict = Verdict::ours(&words(&all), &here, &there);
        assert!(verdict.is_good(), "{verdict}");
        assert_eq!((verdict.withheld, verdict.copied, verdict.shuffled), (1, 1, 1));
        let all = ["s1 theirs 0 0", "s1 theirs 0 1", "s1 theirs 0 2"];
        let shuffled = ["s1 theirs 0 1", "s1 theirs 0 0"];
        let here = rows(false, &shuffled.map(|body| (body, "received")));
        let verdict = Verdict::theirs(&words(&all), &here, &archived(&all, &shuffled));
        assert!(verdict.is_good(), "{verdict}");
        assert_eq!((verdict.withheld, verdict.copied, verdict.shuffled), (1, 0, 1));
    }
}
