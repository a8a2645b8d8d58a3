//! What comes on a stream that is signed in: batches, stored whole, counted only then. XEP-0198, RFC 6120.

use futures::FutureExt as _;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use xmpp_parsers::ns;

use super::online::Online;
use super::questions::About;
use super::stream::Incoming as Arrival;
use super::work::{self, Work};
use crate::archive::Purpose;
use crate::clock;
use crate::error::Cause;
use crate::incoming::is_from_us;
use crate::model::Connection;
use crate::store::quarantine::LeftOut;

/// So many stanzas commit together at the most.
const BATCH: usize = 250;

impl<Io: AsyncRead + AsyncWrite + Unpin> Online<'_, Io> {
    /// Takes what came and whatever else is here already, stores all of it, and only then counts it.
    pub(super) async fn batch(&mut self, first: Arrival) -> Result<(), Cause> {
        let mut work = Vec::new();
        let mut stanzas = 0_u32;
        let mut asked = false;
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(arrival) = next {
            match arrival {
                Arrival::Element(element) => {
                    // The server counts from here.
                    if element.is("enabled", ns::SM) {
                        stanzas = 0;
                    }
                    stanzas += u32::from(element.has_ns(ns::DEFAULT_NS));
                    asked |= element.is("r", ns::SM);
                    self.sort(element, &mut work)?;
                }
                Arrival::Dropped { name, from, reason, .. } => {
                    // It is counted, or the server would send it for ever.
                    stanzas += u32::from(matches!(name.as_str(), "message" | "presence" | "iq"));
                    work.push(Work::Aside(LeftOut {
                        reason: reason.into(),
                        sender: from,
                        archive_id: None,
                    }));
                }
            }
            taken += 1;
            next = if taken < BATCH {
                // An end is told again by the next read; what came before it is stored first, for its answers and
                // acknowledgements count as taken already.
                self.stream.try_next().await.unwrap_or_default()
            } else {
                None
            };
        }
        self.send_question()?;
        // Let the next question travel while this is stored. Whether it can shows at the next read.
        let _ = self.stream.flush().now_or_never();
        if work.is_empty() && self.state.sync.is_reading() {
            // Half a page is worth no transaction. It is counted with the other half.
            self.state.management.wait(stanzas);
            return self.answer(asked);
        }
        self.state.sync.counted();
        if (stanzas > 0 || !work.is_empty() || self.state.management.is_unwritten())
            && let Some(counts) = self.state.management.counts(stanzas)
        {
            work.push(Work::Counted(counts));
        }
        self.store(work).await?;
        self.state.publish(Connection::Online);
        self.state.management.stored(stanzas);
        self.answer(asked)
    }

    fn answer(&mut self, asked: bool) -> Result<(), Cause> {
        match self.state.management.answer(asked) {
            Some(answer) => self.write(&answer),
            None => Ok(()),
        }
    }

    pub(super) async fn store(&mut self, work: Vec<Work>) -> Result<(), Cause> {
        if work.is_empty() {
            return Ok(());
        }
        // What came may have put receipts into the outbox, or made room on the way.
        self.nudged = true;
        let fills = work.iter().filter_map(|work| match work {
            Work::Page(page) if matches!(page.purpose, Purpose::Fill(_)) => Some(page.fin.complete),
            _ => None,
        });
        let fills: Vec<bool> = fills.collect();
        self.state.context.now = clock::now();
        let context = self.state.context.clone();
        let settled = self.state.sync.caught_up();
        let written = self.state.store.write(move |tx| work::run(tx, &context, work, settled));
        let done = written.await?;
        for complete in fills {
            self.state.sync.filled(complete);
        }
        if let Some(id) = done.newest_id {
            self.state.sync.moved(id);
        }
        self.follow(done.todo)?;
        // Answers are kept until the server has them, and somebody may ask without end: who floods us waits in vain.
        if self.state.management.is_swamped() {
            return Ok(());
        }
        done.replies.into_iter().try_for_each(|reply| self.send(reply, None))?;
        if self.state.management.is_far_ahead() {
            self.request_sign_of_life()?;
        }
        Ok(())
    }

    /// What an element means for the connection at once, and for the store with its batch.
    fn sort(&mut self, element: Element, work: &mut Vec<Work>) -> Result<(), Cause> {
        if element.has_ns(ns::SM) {
            return self.managed(&element, work);
        }
        if !element.has_ns(ns::DEFAULT_NS) {
            return Ok(());
        }
        match (element.name(), element.attr("type")) {
            ("message", _) => {
                let shaken = self.state.is_shaken();
                let in_order = !shaken && !self.state.unsettled;
                let settles = self.state.sync.is_whole() && self.state.carbons && in_order;
                // Past what of ours is on its way: should it have to be sent again, the archive must be asked for it.
                let moves = settles && self.state.on_their_way().is_empty();
                // A result from anybody else is forged, whatever query it names.
                let left = if is_from_us(&self.state.context, &element) {
                    self.state.sync.take(element)
                } else {
                    Some(element)
                };
                if let Some(stanza) = left {
                    self.state.used = Some(Instant::now());
                    self.state.unsettled |= shaken;
                    work.push(Work::Message { stanza, settles, moves });
                }
            }
            ("presence", _) => work.push(Work::Presence(element)),
            ("iq", Some("result" | "error")) => self.answered(&element, work),
            ("iq", _) => work.push(Work::Request(element)),
            _ => {}
        }
        Ok(())
    }

    fn managed(&mut self, element: &Element, work: &mut Vec<Work>) -> Result<(), Cause> {
        match element.name() {
            "a" => {
                self.unproven = None;
                let jobs = self.state.management.acknowledged(element)?;
                if !jobs.is_empty() {
                    work.push(Work::Arrived(jobs));
                }
            }
            "enabled" => self.state.management.agreed(element),
            "failed" => self.state.management.refused(),
            _ => {}
        }
        Ok(())
    }

    fn answered(&mut self, answer: &Element, work: &mut Vec<Work>) {
        let Some(about) = self.state.questions.answered(&self.state.context, answer) else {
            return;
        };
        let good = answer.attr("type") == Some("result");
        match about {
            About::Features => {
                let features = answer.get_child("query", ns::DISCO_INFO);
                let has =
                    |feature| features.is_some_and(|it| it.children().any(|child| child.attr("var") == Some(feature)));
                // An archive that knows these ids also strips forged ones. XEP-0313, section 6.1.1.
                self.state.context.trusts_ids = has(ns::SID) || has(ns::MAM);
                if !has(ns::MAM) {
                    self.state.sync.none();
                    work.push(Work::NoArchive);
                }
            }
            About::Carbons => self.state.carbons = good,
            About::Roster if good => work.push(Work::Roster(answer.get_child("query", ns::ROSTER).cloned())),
            About::Page => work.extend(self.state.sync.answered(answer).map(Work::Page)),
            About::Arrival(jobs) if !jobs.is_empty() => work.push(Work::Arrived(jobs)),
            About::Omemo(about) => work.push(Work::Omemo(about, Some(answer.clone()))),
            About::Push(push) => work.push(Work::Pushed(push, good)),
            About::Roster | About::Woken | About::Arrival(_) => {}
        }
    }
}
