//! Stream management: which stanzas the other side has, and how a cut connection goes on. XEP-0198.
//!
//! **Invariant**: `handled` counts a stanza only after the transaction that stored it. What we acknowledge we have.

use std::collections::{HashMap, VecDeque};

use minidom::Element;
use xmpp_parsers::ns;

use super::begin::Previous;
use crate::error::{Cause, Network};
use crate::protocol::element;
use crate::store::outbox::JobId;
use crate::store::streams::Counts;

/// A server that never acknowledges must not fill our memory.
const MOST_UNACKED: usize = 5_000;
/// So many stanzas may go before it is written down how many went. What comes from the outbox is always written first.
const MOST_UNWRITTEN: u32 = 500;

/// A stanza on its way.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// Absent when it was sent before a crash: then it is built anew, if it came from the outbox.
    pub stanza: Option<Element>,
    /// What it does, if it came from the outbox.
    pub job: Option<JobId>,
}

/// What a cut stream that goes on has lost.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// These stanzas, oldest first: they are to be sent again. `jobs`: and some that came from the outbox, where they are
    /// still. ejabberd 23.01 takes more from the old connection while it says how much it has, so the archive is asked
    /// first.
    Stanzas { stanzas: Vec<Element>, jobs: bool },
    /// With the process all that was remembered. What came from the outbox is still there.
    Memory,
}

/// The state of one managed stream. What it takes to go on after a crash is written down as `Counts`.
#[derive(Debug, Default)]
pub(super) struct Management {
    /// We asked for it and were not refused.
    enabled: bool,
    /// The stream's name for resuming, if the server offers that.
    id: Option<String>,
    /// How many of their stanzas we have.
    handled: u32,
    /// What we last told them of it.
    told: u32,
    /// How many of our stanzas they have.
    acked: u32,
    unacked: VecDeque<Sent>,
    /// How many we had sent when that was written down last.
    written: u32,
    /// How many of their stanzas came after those we have, and wait for the end of their page.
    pending: u32,
    /// It comes from the store and does not go on yet.
    restored: bool,
}

impl Management {
    /// The stream that a crash left. Of what it sent only the jobs are known; a few more stanzas may have gone than is
    /// written down.
    pub fn restored(counts: Counts, jobs: &[(JobId, u32)]) -> Self {
        let jobs: HashMap<u32, JobId> = jobs.iter().map(|(job, sequence)| (*sequence, *job)).collect();
        let sent = counts.sent.wrapping_sub(counts.acked).min(MOST_UNACKED as u32);
        let sequences = (1..=sent + MOST_UNWRITTEN).map(|n| counts.acked.wrapping_add(n));
        Self {
            enabled: true,
            id: Some(counts.id),
            handled: counts.handled,
            told: counts.handled,
            acked: counts.acked,
            unacked: sequences
                .map(|sequence| Sent {
                    stanza: None,
                    job: jobs.get(&sequence).copied(),
                })
                .collect(),
            written: counts.sent,
            pending: 0,
            restored: true,
        }
    }

    pub fn enable(&mut self) -> Element {
        *self = Self {
            enabled: true,
            ..Self::default()
        };
        element("enable", ns::SM, &[("resume", "true")])
    }

    /// The server agreed. It counts from here.
    pub fn agreed(&mut self, enabled: &Element) {
        let resumable = matches!(enabled.attr("resume"), Some("true" | "1"));
        self.id = enabled.attr("id").filter(|_| resumable).map(ToOwned::to_owned);
        self.handled = 0;
        self.told = 0;
        self.pending = 0;
    }

    /// The server does not manage this stream.
    pub fn refused(&mut self) {
        *self = Self::default();
    }

    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The stream that can go on, if there is one.
    pub fn previous(&self) -> Option<Previous> {
        Some(Previous {
            id: self.id.clone()?,
            handled: self.handled,
        })
    }

    /// What to write down with a batch of so many stanzas of theirs.
    pub fn counts(&mut self, handled: u32) -> Option<Counts> {
        let id = self.id.clone()?;
        self.written = self.sent_so_far();
        Some(Counts {
            id,
            handled: self.handled.wrapping_add(self.pending).wrapping_add(handled),
            sent: self.written,
            acked: self.acked,
        })
    }

    /// Whether so many stanzas went since it was written down how many, that it should be again.
    pub fn is_unwritten(&self) -> bool {
        self.id.is_some() && self.sent_so_far().wrapping_sub(self.written) > MOST_UNWRITTEN / 4
    }

    fn sent_so_far(&self) -> u32 {
        self.acked.wrapping_add(self.unacked.len() as u32)
    }

    /// As which stanza the next one goes.
    pub fn next_sequence(&self) -> u32 {
        self.sent_so_far().wrapping_add(1)
    }

    /// Notes a stanza that was sent.
    pub fn sent(&mut self, stanza: Element, job: Option<JobId>) -> Result<(), Cause> {
        if self.enabled {
            let stanza = Some(stanza);
            self.unacked.push_back(Sent { stanza, job });
        }
        if self.unacked.len() > MOST_UNACKED {
            Err(Network::Silent.into())
        } else {
            Ok(())
        }
    }

    /// The stream goes on, and what it said it has was believed.
    pub fn resumed(&mut self) -> Lost {
        self.told = self.handled;
        // They come again.
        self.pending = 0;
        if std::mem::take(&mut self.restored) {
            self.unacked.clear();
            return Lost::Memory;
        }
        let jobs = self.jobs().next().is_some();
        self.unacked.retain(|sent| sent.job.is_none());
        let stanzas = self.unacked.iter().filter_map(|sent| sent.stanza.clone()).collect();
        Lost::Stanzas { stanzas, jobs }
    }

    /// The jobs that were sent and may not have arrived.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.unacked.iter().filter_map(|sent| sent.job)
    }

    /// An error if the server goes on with another stream than we asked for.
    pub fn is_ours(&mut self, resumed: &Element) -> Result<(), Cause> {
        let named = resumed.attr("previd");
        if named.is_none() || named == self.id.as_deref() || resumed.name() != "resumed" {
            return Ok(());
        }
        tracing::warn!("the server goes on with another stream");
        *self = Self::default();
        Err(Network::Lost.into())
    }

    /// Whether so much is on its way that only what must go may be added.
    pub fn is_swamped(&self) -> bool {
        self.unacked.len() > MOST_UNACKED / 2
    }

    /// Whether so much is on its way that it is time to ask what arrived.
    pub fn is_far_ahead(&self) -> bool {
        self.unacked.len() > MOST_UNACKED / 20
    }

    /// The server says that it has so many. An error if it claims what cannot be.
    pub fn acknowledged(&mut self, h: &Element) -> Result<Vec<JobId>, Cause> {
        // XEP-0198 lets `<failed/>` come without a count.
        let Some(h) = h.attr("h") else {
            return Ok(Vec::new());
        };
        let h: u32 = h.parse().map_err(|_| Network::Lost)?;
        let count = h.wrapping_sub(self.acked) as usize;
        if count > self.unacked.len() {
            tracing::warn!("the server acknowledges what was never sent");
            *self = Self::default();
            return Err(Network::Lost.into());
        }
        self.acked = h;
        Ok(self.unacked.drain(..count).filter_map(|sent| sent.job).collect())
    }

    /// So many more of their stanzas came, and are stored with others that are still to come.
    pub fn wait(&mut self, count: u32) {
        self.pending = self.pending.wrapping_add(count);
    }

    /// We have stored so many more of their stanzas, and with them those that waited.
    pub fn stored(&mut self, count: u32) {
        self.handled = self.handled.wrapping_add(self.pending).wrapping_add(count);
        self.pending = 0;
    }

    /// "We have so many", if they asked or if we have not said so for long.
    pub fn answer(&mut self, asked: bool) -> Option<Element> {
        /// ejabberd ends sessions that lag behind by a few hundred.
        const LAG: u32 = 50;
        if !self.enabled || (!asked && self.handled.wrapping_sub(self.told) < LAG) {
            return None;
        }
        self.told = self.handled;
        Some(element("a", ns::SM, &[("h", &self.handled.to_string())]))
    }
}

/// "Let me go on with this stream; I have so many of your stanzas."
pub(super) fn resume(previous: &Previous) -> Element {
    let handled = previous.handled.to_string();
    element("resume", ns::SM, &[("h", &handled), ("previd", &previous.id)])
}

/// "How many do you have?"
pub(super) fn request() -> Element {
    Element::bare("r", ns::SM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(h: u32) -> Element {
        element("a", ns::SM, &[("h", &h.to_string())])
    }

    fn send(management: &mut Management, job: i64) {
        let stanza = Element::bare("message", ns::DEFAULT_NS);
        management.sent(stanza, Some(JobId(job))).unwrap();
    }

    /// A stream in which 10 stanzas went, of which 6 arrived; 8 and 9 were jobs.
    fn after_a_crash() -> Management {
        let counts = Counts {
            id: "x".to_owned(),
            handled: 40,
            sent: 10,
            acked: 6,
        };
        Management::restored(counts, &[(JobId(1), 8), (JobId(2), 9)])
    }

    #[test]
    fn acknowledged_jobs_come_back_in_order() {
        let mut management = Management::default();
        management.enable();
        for job in 1..=3 {
            send(&mut management, job);
        }
        assert_eq!(management.acknowledged(&ack(2)).unwrap(), [JobId(1), JobId(2)]);
        assert_eq!(management.acknowledged(&ack(2)).unwrap(), []);
        assert_eq!(management.acknowledged(&ack(3)).unwrap(), [JobId(3)]);
    }

    #[test]
    fn h41_a_server_that_acknowledges_too_much_is_not_believed() {
        let mut management = Management::default();
        management.enable();
        send(&mut management, 1);
        assert!(management.acknowledged(&ack(2)).is_err());
        assert!(management.previous().is_none());
    }

    #[test]
    fn h41_a_count_that_goes_backwards_is_not_believed() {
        let mut management = Management::default();
        management.enable();
        send(&mut management, 1);
        management.acknowledged(&ack(1)).unwrap();
        assert!(management.acknowledged(&ack(0)).is_err());
    }

    #[test]
    fn the_count_wraps_around() {
        let mut management = Management::default();
        management.enable();
        management.acked = u32::MAX;
        send(&mut management, 1);
        assert_eq!(management.acknowledged(&ack(0)).unwrap(), [JobId(1)]);
    }

    #[test]
    fn a_failed_resumption_without_a_count_is_no_error() {
        let mut management = Management::default();
        management.enable();
        assert_eq!(management.acknowledged(&Element::bare("failed", ns::SM)).unwrap(), []);
    }

    #[test]
    fn what_was_not_counted_and_comes_from_the_outbox_goes_from_there() {
        let mut management = Management::default();
        management.enable();
        send(&mut management, 1);
        management.sent(Element::bare("iq", ns::DEFAULT_NS), None).unwrap();
        send(&mut management, 2);
        management.acknowledged(&ack(1)).unwrap();
        let stanzas = vec![Element::bare("iq", ns::DEFAULT_NS)];
        assert_eq!(management.resumed(), Lost::Stanzas { stanzas, jobs: true });
        assert_eq!((management.jobs().count(), management.next_sequence()), (0, 3));
    }

    #[test]
    fn after_a_crash_the_count_tells_which_jobs_arrived() {
        let mut management = after_a_crash();
        assert_eq!(management.previous().unwrap().handled, 40);
        assert_eq!(management.acknowledged(&ack(8)).unwrap(), [JobId(1)]);
        assert_eq!(management.resumed(), Lost::Memory);
        assert_eq!(management.jobs().count(), 0, "the outbox has the other one");
        // The server counts on from what it has.
        assert_eq!(management.next_sequence(), 9);
        send(&mut management, 2);
        assert_eq!(management.acknowledged(&ack(9)).unwrap(), [JobId(2)]);
    }

    #[test]
    fn what_waits_for_the_end_of_its_page_is_not_counted() {
        let mut management = after_a_crash();
        management.wait(3);
        assert_eq!(management.previous().unwrap().handled, 40);
        assert_eq!(management.counts(2).unwrap().handled, 45);
        management.stored(2);
        assert_eq!(management.previous().unwrap().handled, 45);
        management.wait(3);
        management.resumed();
        management.stored(1);
        assert_eq!(management.previous().unwrap().handled, 46, "they came again");
    }

    #[test]
    fn h41_after_a_crash_a_count_that_cannot_be_is_not_believed() {
        for h in [5, 10 + MOST_UNWRITTEN + 1, u32::MAX] {
            assert!(after_a_crash().acknowledged(&ack(h)).is_err(), "{h}");
        }
        // What does not come from the outbox goes before it is written down.
        assert_eq!(after_a_crash().acknowledged(&ack(11)).unwrap(), [JobId(1), JobId(2)]);
    }

    #[test]
    fn what_is_written_down_is_never_far_behind_what_went() {
        let mut management = after_a_crash();
        management.acknowledged(&ack(10)).unwrap();
        management.resumed();
        for _ in 0..MOST_UNWRITTEN / 4 {
            assert!(!management.is_unwritten());
            send(&mut management, 3);
        }
        send(&mut management, 3);
        assert!(management.is_unwritten());
        assert_eq!(management.counts(1).unwrap().handled, 41);
        assert!(!management.is_unwritten());
    }
}
