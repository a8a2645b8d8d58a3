//! What goes out on a stream that is signed in: the outbox, questions, answers.

use std::collections::{BTreeSet, HashSet};

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use xmpp_parsers::ns;

use super::online::Online;
use super::questions::About;
use crate::clock;
use crate::error::{Cause, Network};
use crate::outbox;
use crate::protocol::omemo::{Question, Ready, Todo};
use crate::store::outbox::{self as jobs, JobId};
use crate::store::streams::Counts;
use crate::store::{messages, streams};

/// So many jobs of the outbox are on their way at once.
const WINDOW: usize = 200;

/// What of the outbox can go now, and what cannot.
#[derive(Debug, Default)]
struct Next {
    stanzas: Vec<(JobId, Element)>,
    /// What is to be asked for those that wait.
    wanted: Vec<Question>,
    /// Jobs that were looked at and wait.
    held: BTreeSet<JobId>,
    /// Up to here they were looked at.
    last: JobId,
    /// There may be others behind.
    more: bool,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Online<'_, Io> {
    pub(super) fn send_question(&mut self) -> Result<(), Cause> {
        // First what the server can do, and that nothing more passes us by, then its archive.
        if !self.state.context.trusts_ids || self.state.questions.awaits(&About::Carbons) {
            return Ok(());
        }
        match self.state.sync.next() {
            Some(question) => self.ask(About::Page, "set", None, question),
            None => Ok(()),
        }
    }

    /// Puts on the wire what the outbox holds. Nothing is sent until we know what the archive has of it already.
    pub(super) async fn send_outbox(&mut self) -> Result<(), Cause> {
        while self.nudged && self.state.sync.caught_up() {
            let window = if self.state.careful { 1 } else { WINDOW };
            let room = window.saturating_sub(self.state.on_their_way().len());
            if room == 0 {
                break;
            }
            let next = self.next_jobs(room).await?;
            self.nudged = next.more;
            self.state.last_job = next.last;
            self.state.held = next.held;
            self.ask_others(next.wanted)?;
            if next.stanzas.is_empty() {
                self.state.careful &= next.more || !self.state.held.is_empty() || room < window;
                continue;
            }
            // Until it is on the wire, each is held.
            self.state.held.extend(next.stanzas.iter().map(|(id, _)| *id));
            let mut sent = Vec::with_capacity(next.stanzas.len());
            for (id, stanza) in next.stanzas {
                self.state.held.remove(&id);
                if self.stream.send_element(&stanza).is_err() {
                    // The others are counted anew without it.
                    self.refuse(id).await?;
                    self.nudged = true;
                    break;
                }
                self.state.management.sent(stanza, Some(id))?;
                sent.push(id);
            }
            if self.state.management.is_enabled() {
                self.request_sign_of_life()?;
            } else {
                // Stanzas are handled in order: when this comes back, those before it arrived.
                self.ask(About::Arrival(sent), "get", None, Element::bare("ping", ns::PING))?;
            }
        }
        Ok(())
    }

    /// Takes back a job that cannot be said in XML, so that it does not end each session anew.
    async fn refuse(&mut self, job: JobId) -> Result<(), Cause> {
        let refused = self.state.store.write(move |tx| match jobs::done(tx, job)? {
            Some(message) => messages::fail(tx, message, "not-acceptable"),
            None => Ok(()),
        });
        Ok(refused.await?)
    }

    /// The next jobs as stanzas. A conversation in which a message needs something first waits, the others go on. It is written down
    /// that they go, and as the how-manieth, before they go.
    async fn next_jobs(&mut self, room: usize) -> Result<Next, Cause> {
        self.state.context.now = clock::now();
        let context = self.state.context.clone();
        let (after, held) = (self.state.last_job, self.state.held.clone());
        let first = self.state.management.next_sequence();
        let counts = self.state.management.counts(0);
        let next = self.state.store.write(move |tx| {
            let new = jobs::after(tx, context.account, after, room)?;
            let mut next = Next {
                more: new.len() == room,
                last: new.last().map_or(after, |(id, _)| *id),
                ..Next::default()
            };
            let mut waiting = HashSet::new();
            for (id, job) in jobs::these(tx, &held)?.into_iter().chain(new) {
                let chat = outbox::chat(tx, &job)?;
                if next.stanzas.len() == room || chat.is_some_and(|chat| waiting.contains(&chat)) {
                    next.held.insert(id);
                    continue;
                }
                match outbox::next(tx, &context, &job)? {
                    Ready::Stanza(stanza) => {
                        streams::set_sequence(tx, id, first.wrapping_add(next.stanzas.len() as u32))?;
                        next.stanzas.push((id, stanza));
                    }
                    Ready::Wants(questions) => {
                        next.wanted.extend(questions);
                        next.held.insert(id);
                        waiting.extend(chat);
                    }
                    Ready::Never(why) => {
                        if let Some(message) = jobs::done(tx, id)? {
                            messages::fail(tx, message, why)?;
                        }
                    }
                }
            }
            if let Some(counts) = counts.filter(|_| !next.stanzas.is_empty()) {
                let sent = counts.sent.wrapping_add(next.stanzas.len() as u32);
                streams::put(tx, context.account, &Counts { sent, ..counts })?;
            }
            Ok(next)
        });
        Ok(next.await?)
    }

    /// Does what follows from an answer about devices.
    pub(super) fn follow(&mut self, todo: Todo) -> Result<(), Cause> {
        todo.stanzas
            .into_iter()
            .try_for_each(|stanza| self.send(stanza, None))?;
        self.ask_others(todo.questions)
    }

    /// Asks about devices what is not asked already.
    fn ask_others(&mut self, questions: Vec<Question>) -> Result<(), Cause> {
        for question in questions {
            let about = About::Omemo(question.about);
            if !self.state.questions.awaits(&about) {
                let to = question.to.as_ref().map(|to| to.as_str());
                self.ask(about, question.kind, to, question.payload)?;
            }
        }
        Ok(())
    }

    pub(super) fn ask(&mut self, about: About, kind: &str, to: Option<&str>, payload: Element) -> Result<(), Cause> {
        let question = self.state.questions.ask(about, kind, to, payload);
        self.send(question, None)
    }

    /// Queues a stanza.
    pub(super) fn send(&mut self, stanza: Element, job: Option<JobId>) -> Result<(), Cause> {
        self.write(&stanza)?;
        self.state.management.sent(stanza, job)
    }

    /// Queues something that is not a stanza, and so not counted.
    pub(super) fn write(&mut self, element: &Element) -> Result<(), Cause> {
        self.stream.send_element(element).map_err(|_| Network::Lost.into())
    }
}
