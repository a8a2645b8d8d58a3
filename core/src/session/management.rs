//! Stream management: which stanzas the other side has, and how a cut connection goes on. XEP-0198.
//!
//! **Invariant**: `handled` counts a stanza only after the transaction that stored it. What we acknowledge we have.

use std::collections::VecDeque;

use minidom::Element;
use xmpp_parsers::ns;

use crate::error::{Cause, Network};
use crate::protocol::element;
use crate::store::outbox::JobId;

/// A server that never acknowledges must not fill our memory.
const MOST_UNACKED: usize = 5_000;

/// A stanza on its way.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub stanza: Element,
    /// What it does, if it came from the outbox.
    pub job: Option<JobId>,
}

/// The state of one managed stream. Survives the connection, not the process.
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
}

impl Management {
    pub fn enable(&mut self) -> Element {
        *self = Self {
            enabled: true,
            ..Self::default()
        };
        element("enable", ns::SM, &[("resume", "true")])
    }

    /// The server agreed.
    pub fn agreed(&mut self, enabled: &Element) {
        let resumable = matches!(enabled.attr("resume"), Some("true" | "1"));
        self.id = enabled.attr("id").filter(|_| resumable).map(ToOwned::to_owned);
    }

    /// The server does not manage this stream.
    pub fn refused(&mut self) {
        *self = Self::default();
    }

    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// How to ask for the old stream, if there is one.
    pub fn resume(&self) -> Option<Element> {
        Some(resume(self.id.as_deref()?, self.handled))
    }

    /// The stream's name and the count to write down with the next batch of so many stanzas.
    pub fn row(&self, count: u32) -> Option<(String, u32)> {
        Some((self.id.clone()?, self.handled.wrapping_add(count)))
    }

    /// As which stanza the next one goes.
    pub fn next_sequence(&self) -> u32 {
        self.acked.wrapping_add(self.unacked.len() as u32).wrapping_add(1)
    }

    /// Notes a stanza that was sent.
    pub fn sent(&mut self, sent: Sent) -> Result<(), Cause> {
        if self.enabled {
            self.unacked.push_back(sent);
        }
        if self.unacked.len() > MOST_UNACKED {
            Err(Network::Silent.into())
        } else {
            Ok(())
        }
    }

    /// What was sent and may not have arrived, oldest first.
    pub fn unacked(&self) -> impl Iterator<Item = &Sent> {
        self.unacked.iter()
    }

    pub fn unacked_jobs(&self) -> usize {
        self.unacked.iter().filter(|sent| sent.job.is_some()).count()
    }

    /// The server says that it has so many. An error if it claims what cannot be.
    pub fn acknowledged(&mut self, h: &Element) -> Result<Vec<JobId>, Cause> {
        // XEP-0198 lets `<failed/>` come without a count.
        let Some(h) = h.attr("h") else {
            return Ok(Vec::new());
        };
        let h: u32 = h.parse().map_err(|_| Network::NotXmpp)?;
        let count = h.wrapping_sub(self.acked) as usize;
        if count > self.unacked.len() {
            tracing::warn!("the server acknowledges what was never sent");
            *self = Self::default();
            return Err(Network::Lost.into());
        }
        self.acked = h;
        Ok(self.unacked.drain(..count).filter_map(|sent| sent.job).collect())
    }

    /// We have stored so many more of their stanzas.
    pub fn stored(&mut self, count: u32) {
        self.handled = self.handled.wrapping_add(count);
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
pub(super) fn resume(id: &str, handled: u32) -> Element {
    element("resume", ns::SM, &[("h", &handled.to_string()), ("previd", id)])
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

    fn sent(job: i64) -> Sent {
        Sent {
            stanza: Element::bare("message", ns::DEFAULT_NS),
            job: Some(JobId(job)),
        }
    }

    #[test]
    fn acknowledged_jobs_come_back_in_order() {
        let mut management = Management::default();
        management.enable();
        for job in 1..=3 {
            management.sent(sent(job)).unwrap();
        }
        assert_eq!(management.acknowledged(&ack(2)).unwrap(), [JobId(1), JobId(2)]);
        assert_eq!(management.acknowledged(&ack(2)).unwrap(), []);
        assert_eq!(management.acknowledged(&ack(3)).unwrap(), [JobId(3)]);
    }

    #[test]
    fn h41_a_server_that_acknowledges_too_much_is_not_believed() {
        let mut management = Management::default();
        management.enable();
        management.sent(sent(1)).unwrap();
        assert!(management.acknowledged(&ack(2)).is_err());
        assert!(management.resume().is_none());
    }

    #[test]
    fn h41_a_count_that_goes_backwards_is_not_believed() {
        let mut management = Management::default();
        management.enable();
        management.sent(sent(1)).unwrap();
        management.acknowledged(&ack(1)).unwrap();
        assert!(management.acknowledged(&ack(0)).is_err());
    }

    #[test]
    fn the_count_wraps_around() {
        let mut management = Management::default();
        management.enable();
        management.acked = u32::MAX;
        management.sent(sent(1)).unwrap();
        assert_eq!(management.acknowledged(&ack(0)).unwrap(), [JobId(1)]);
    }

    #[test]
    fn a_failed_resumption_without_a_count_is_no_error() {
        let mut management = Management::default();
        management.enable();
        assert_eq!(management.acknowledged(&Element::bare("failed", ns::SM)).unwrap(), []);
    }
}
