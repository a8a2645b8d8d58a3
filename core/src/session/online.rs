//! A session that is signed in: reads batches, stores them, answers, sends what the outbox holds.
//!
//! **Invariant**: nothing here waits for the other side while it should listen: stanzas are queued on the stream, which
//! writes them while it reads.

use std::time::{Duration, Instant};

use futures::FutureExt as _;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use xmpp_parsers::ns;

use super::Ask;
use super::archive::{Fill, Sync};
use super::management::{self, Management, Sent};
use super::questions::{About, Questions};
use super::stream::{Incoming as Arrival, Stream};
use super::work::{self, Work};
use crate::clock;
use crate::error::{Cause, Network};
use crate::incoming::{Context, is_from_us};
use crate::model::Connection;
use crate::outbox;
use crate::protocol::presence::{self, Board};
use crate::protocol::{carbons, chat_states, client_state, roster};
use crate::store::outbox::{self as jobs, JobId};
use crate::store::{Store, accounts, archives, streams};

/// So many stanzas commit together at the most.
const BATCH: usize = 250;
/// So many jobs of the outbox are on their way at once.
const WINDOW: usize = 200;
/// How long a question may stay without any sign of life.
const ANSWER: Duration = Duration::from_secs(25);

/// What survives a cut connection that is resumed.
pub(super) struct State {
    pub context: Context,
    pub store: Store,
    pub management: Management,
    pub questions: Questions,
    pub sync: Sync,
    pub board: Board,
    pub active: bool,
    carbons: bool,
    /// Up to here the outbox was put on the wire in this session.
    last_job: JobId,
}

/// A session on a stream.
pub(super) struct Online<'a, Io> {
    pub state: &'a mut State,
    pub stream: &'a mut Stream<Io>,
    heard: Instant,
    /// We asked for a sign of life and wait for it.
    waiting_since: Option<Instant>,
    /// There may be something new in the outbox.
    nudged: bool,
}

impl State {
    pub fn new(context: Context, store: Store) -> Self {
        Self {
            context,
            store,
            management: Management::default(),
            questions: Questions::default(),
            sync: Sync::default(),
            board: Board::default(),
            active: true,
            carbons: false,
            last_job: JobId(0),
        }
    }

    fn publish(&self, connection: Connection) {
        let (account, caught_up) = (self.context.account, self.sync.is_settled());
        self.store.edit_live(move |live| {
            live.connections.insert(account, connection);
            if caught_up {
                live.caught_up.insert(account)
            } else {
                live.caught_up.remove(&account)
            };
        });
    }
}

impl<'a, Io: AsyncRead + AsyncWrite + Unpin> Online<'a, Io> {
    pub fn new(state: &'a mut State, stream: &'a mut Stream<Io>) -> Self {
        Self {
            state,
            stream,
            heard: Instant::now(),
            waiting_since: None,
            nudged: true,
        }
    }

    /// The first words of a session that was not resumed.
    pub async fn begin(&mut self, features: &Element) -> Result<(), Cause> {
        let account = self.state.context.account;
        let (archive, (_, version)) = self
            .state
            .store
            .write(move |tx| {
                streams::forget(tx, account)?;
                Ok((archives::get(tx, account)?, accounts::connection(tx, account)?))
            })
            .await?;
        self.state.questions.forget();
        self.state.sync.begin(archive);
        self.state.board = Board::default();
        self.state.carbons = false;
        self.state.context.trusts_ids = false;
        self.state.last_job = JobId(0);
        self.state.management.refused();
        self.state
            .store
            .edit_live(move |live| live.presence.retain(|(of, _), _| *of != account));
        if features.has_child("sm", ns::SM) {
            let enable = self.state.management.enable();
            self.write(&enable)?;
        }
        let me = self.state.context.me.to_string();
        let disco = Element::bare("query", ns::DISCO_INFO);
        self.ask(About::Features, "get", Some(&me), disco)?;
        self.ask(About::Carbons, "set", None, carbons::enable())?;
        self.ask(About::Roster, "get", None, roster::get(version.as_deref()))?;
        self.send(presence::available(), None)?;
        if !self.state.active && features.has_child("csi", ns::CSI) {
            self.write(&client_state::stanza(false))?;
        }
        Ok(())
    }

    /// Runs until the connection ends or somebody wants it to.
    pub async fn run(&mut self, asks: &mut mpsc::UnboundedReceiver<Ask>) -> Result<(), Cause> {
        self.state.publish(Connection::Online);
        loop {
            self.send_outbox().await?;
            self.send_question()?;
            let deadline = tokio::time::Instant::from_std(self.deadline());
            tokio::select! {
                arrival = self.stream.next() => {
                    self.heard = Instant::now();
                    self.waiting_since = None;
                    let first = arrival?;
                    self.batch(first).await?;
                }
                ask = asks.recv() => match ask {
                    None | Some(Ask::Stop) => return Ok(()),
                    Some(ask) => self.hear(ask).await?,
                },
                () = tokio::time::sleep_until(deadline) => self.look_for_life()?,
            }
        }
    }

    /// When silence becomes suspicious: sooner if somebody waits for an answer, later if nobody looks.
    fn deadline(&self) -> Instant {
        let quiet = Duration::from_secs(if self.state.active { 120 } else { 280 });
        let silence = self.waiting_since.map_or(self.heard + quiet, |since| since + ANSWER);
        self.state
            .questions
            .deadline()
            .map_or(silence, |question| question.min(silence))
    }

    fn look_for_life(&mut self) -> Result<(), Cause> {
        if self.waiting_since.is_some() || self.state.questions.deadline().is_some_and(|at| at <= Instant::now()) {
            return Err(Network::Silent.into());
        }
        self.request_sign_of_life()
    }

    fn request_sign_of_life(&mut self) -> Result<(), Cause> {
        if self.state.management.is_enabled() {
            self.write(&management::request())?;
        } else {
            self.ask(About::Arrival(Vec::new()), "get", None, Element::bare("ping", ns::PING))?;
        }
        self.waiting_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    async fn hear(&mut self, ask: Ask) -> Result<(), Cause> {
        match ask {
            // Whether the old connection survived shows when it is used.
            Ask::NetworkChanged => self.request_sign_of_life(),
            Ask::Active(active) => {
                self.state.active = active;
                self.write(&client_state::stanza(active))
            }
            Ask::Typing(peer, on) => self.send(chat_states::stanza(&peer, on), None),
            Ask::Fill(fill) => self.fill(fill).await,
            Ask::Outbox => {
                self.nudged = true;
                Ok(())
            }
            Ask::Stop => Ok(()),
        }
    }

    async fn fill(&mut self, mut fill: Fill) -> Result<(), Cause> {
        let (account, chat) = (self.state.context.account, fill.chat);
        let floor = self
            .state
            .store
            .read(move |conn| archives::floor(conn, account, chat))
            .await?;
        if floor.complete {
            // Whoever asked may be gone.
            let _ = fill.done.send(Ok(true));
            return Ok(());
        }
        fill.before = floor.id;
        self.state.sync.fill(fill);
        Ok(())
    }

    /// Takes what came and whatever else is here already, stores all of it, and only then counts it.
    async fn batch(&mut self, first: Arrival) -> Result<(), Cause> {
        let mut work = Vec::new();
        let mut stanzas = 0_u32;
        let mut asked = false;
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(arrival) = next {
            if let Arrival::Element(element) = arrival {
                stanzas += u32::from(element.has_ns(ns::DEFAULT_NS));
                asked |= element.is("r", ns::SM);
                self.sort(element, &mut work)?;
            } else {
                // Skipped because it broke a limit. It is counted, or the server would send it for ever.
                tracing::warn!("skipped a stanza beyond all limits");
                stanzas += 1;
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
        if let Some((id, handled)) = self.state.management.row(stanzas).filter(|_| stanzas > 0) {
            work.push(Work::Counted(id, handled));
        }
        self.store(work).await?;
        self.state.publish(Connection::Online);
        self.state.management.stored(stanzas);
        if let Some(answer) = self.state.management.answer(asked) {
            self.write(&answer)?;
        }
        Ok(())
    }

    async fn store(&mut self, work: Vec<Work>) -> Result<(), Cause> {
        if work.is_empty() {
            return Ok(());
        }
        // What came may have put receipts into the outbox, or made room on the way.
        self.nudged = true;
        let fills = work.iter().filter_map(|work| match work {
            Work::Page(page) if matches!(page.purpose, crate::archive::Purpose::Fill(_)) => Some(page.fin.complete),
            _ => None,
        });
        let fills: Vec<bool> = fills.collect();
        self.state.context.now = clock::now();
        let context = self.state.context.clone();
        let mut board = std::mem::take(&mut self.state.board);
        let (done, board) = self
            .state
            .store
            .write(move |tx| Ok((work::run(tx, &context, &mut board, work)?, board)))
            .await?;
        self.state.board = board;
        for complete in fills {
            self.state.sync.filled(complete);
        }
        if let Some(id) = done.newest_id {
            self.state.sync.moved(id);
        }
        done.replies.into_iter().try_for_each(|reply| self.send(reply, None))
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
                let moves = self.state.sync.caught_up() && self.state.carbons;
                // A result from anybody else is forged, whatever query it names.
                let left = if is_from_us(&self.state.context, &element) {
                    self.state.sync.take(element)
                } else {
                    Some(element)
                };
                if let Some(stanza) = left {
                    work.push(Work::Message { stanza, moves });
                }
            }
            ("presence", _) => work.push(Work::Presence(element)),
            ("iq", Some("result" | "error")) => self.answered(&element, work)?,
            ("iq", _) => work.push(Work::Request(element)),
            _ => {}
        }
        Ok(())
    }

    fn managed(&mut self, element: &Element, work: &mut Vec<Work>) -> Result<(), Cause> {
        match element.name() {
            "a" => {
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

    fn answered(&mut self, answer: &Element, work: &mut Vec<Work>) -> Result<(), Cause> {
        let Some(about) = self.state.questions.answered(&self.state.context, answer) else {
            return Ok(());
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
            About::Roster => {}
            About::Page => work.extend(self.state.sync.answered(answer).map(Work::Page)),
            About::Arrival(jobs) if !jobs.is_empty() => work.push(Work::Arrived(jobs)),
            About::Arrival(_) => {}
        }
        Ok(())
    }

    fn send_question(&mut self) -> Result<(), Cause> {
        // First what the server can do, then its archive.
        if !self.state.context.trusts_ids {
            return Ok(());
        }
        match self.state.sync.next() {
            Some(question) => self.ask(About::Page, "set", None, question),
            None => Ok(()),
        }
    }

    /// Puts on the wire what the outbox holds. Nothing is sent until we know what the archive has of it already.
    async fn send_outbox(&mut self) -> Result<(), Cause> {
        while self.nudged && self.state.sync.caught_up() && self.state.management.unacked_jobs() < WINDOW {
            let room = WINDOW - self.state.management.unacked_jobs();
            let jobs = self.next_jobs(room).await?;
            self.nudged = jobs.len() == room;
            let ids: Vec<JobId> = jobs.iter().map(|(id, _)| *id).collect();
            let Some(last) = ids.last() else { break };
            self.state.last_job = *last;
            for (id, stanza) in jobs {
                self.send(stanza, Some(id))?;
            }
            if self.state.management.is_enabled() {
                self.request_sign_of_life()?;
            } else {
                // Stanzas are handled in order: when this comes back, those before it arrived.
                self.ask(About::Arrival(ids), "get", None, Element::bare("ping", ns::PING))?;
            }
        }
        Ok(())
    }

    /// The next jobs as stanzas. It is written down that they go, and as the how-manieth, before they go.
    async fn next_jobs(&mut self, room: usize) -> Result<Vec<(JobId, Element)>, Cause> {
        let (account, after) = (self.state.context.account, self.state.last_job);
        let first = self.state.management.next_sequence();
        let jobs = self.state.store.write(move |tx| {
            let mut stanzas = Vec::new();
            for (sequence, (id, job)) in (0_u32..).zip(jobs::after(tx, account, after, room)?) {
                stanzas.push((id, outbox::stanza(tx, account, &job)?));
                streams::set_sequence(tx, id, first.wrapping_add(sequence))?;
            }
            Ok(stanzas)
        });
        Ok(jobs.await?)
    }

    fn ask(&mut self, about: About, kind: &str, to: Option<&str>, payload: Element) -> Result<(), Cause> {
        let question = self.state.questions.ask(about, kind, to, payload);
        self.send(question, None)
    }

    /// Queues a stanza.
    fn send(&mut self, stanza: Element, job: Option<JobId>) -> Result<(), Cause> {
        self.write(&stanza)?;
        self.state.management.sent(Sent { stanza, job })
    }

    /// Queues something that is not a stanza, and so not counted.
    fn write(&mut self, element: &Element) -> Result<(), Cause> {
        self.stream
            .send_element(element)
            .map_err(|_| Cause::Invalid("This text holds characters that cannot be sent.".to_owned()))
    }
}
