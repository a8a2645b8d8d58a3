//! What goes out on a stream that is signed in: the outbox, questions, answers.

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use xmpp_parsers::ns;

use super::online::Online;
use super::questions::About;
use crate::clock;
use crate::error::{Cause, Network};
use crate::outbox::{self, Look, Next};
use crate::protocol::omemo::{Question, Todo};
use crate::store::outbox::{self as jobs, JobId};
use crate::store::streams::Counts;
use crate::store::{messages, streams};

/// So many jobs of the outbox are on their way at once.
const WINDOW: usize = 200;

impl<Io: AsyncRead + AsyncWrite + Unpin> Online<'_, Io> {
    pub(super) fn send_question(&mut self) -> Result<(), Cause> {
        // First what the server can do, and that nothing more passes us by, then its archive, once it is whole.
        let early = !self.state.context.trusts_ids || self.state.questions.awaits(&About::Carbons);
        if early || self.state.is_shaken() {
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
            if next.seeks {
                self.state.sync.seek();
            }
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

    /// The next jobs as stanzas, and the stream's counts with them.
    async fn next_jobs(&mut self, room: usize) -> Result<Next, Cause> {
        self.state.context.now = clock::now();
        let context = self.state.context.clone();
        let look = Look {
            after: self.state.last_job,
            held: self.state.held.clone(),
            room,
            first: self.state.management.next_sequence(),
            has_gap: self.state.sync.has_gap(),
        };
        let counts = self.state.management.counts(0);
        let next = self.state.store.write(move |tx| {
            let next = outbox::look(tx, &context, &look)?;
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
