//! A session that is signed in: reads batches, stores them, answers, sends what the outbox holds.
//!
//! **Invariant**: nothing here waits for the other side while it should listen: stanzas are queued on the stream, which
//! writes them while it reads.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use xmpp_parsers::ns;

use super::Ask;
use super::archive::{Fill, Sync};
use super::begin::Fresh;
use super::management::{self, Lost, Management};
use super::questions::{About, Questions};
use super::stream::Stream;
use super::work::Work;
use crate::clock;
use crate::error::{Cause, Network};
use crate::incoming::Context;
use crate::model::Connection;
use crate::protocol::{carbons, chat_states, client_state, omemo, presence, push, roster};
use crate::store::outbox::JobId;
use crate::store::{Store, accounts, archives, presences, pushes, streams};

/// How long a server may leave us without any sign of life once it was asked for one.
const ANSWER: Duration = Duration::from_secs(15);
/// A stream that went on answers within so much silence, and within so long at all: Prosody 0.12 takes up streams in which it
/// will never read again.
const PROOF: [Duration; 2] = [Duration::from_secs(8), Duration::from_secs(60)];
/// After so much silence it is asked: while somebody talks here, so that a dead connection shows within 30 s; while
/// somebody could; and while nobody looks.
const QUIET: [Duration; 3] = [
    Duration::from_secs(12),
    Duration::from_secs(120),
    Duration::from_secs(280),
];
/// So long after a stream went on, what comes may come in another order than the archive has it: Prosody 0.12 and ejabberd
/// 23.01 let what is new overtake what they bring again. Nor is the archive whole yet: ejabberd may have put the later of two
/// into it, and not the earlier.
const SHAKEN: Duration = Duration::from_secs(1);
/// So long after the last word of anybody a conversation goes on.
const TALK: Duration = Duration::from_secs(120);

/// What survives a cut connection that is resumed.
pub(super) struct State {
    pub context: Context,
    pub store: Store,
    pub management: Management,
    pub questions: Questions,
    pub sync: Sync,
    pub active: bool,
    /// Who waits until everything is here and gone.
    pub woken: Vec<oneshot::Sender<()>>,
    /// Until then the order of what comes is not to be trusted.
    pub shaken_until: Option<Instant>,
    /// Something came that only the archive can put in its place.
    pub unsettled: bool,
    /// When somebody here did something last, or somebody wrote to us.
    pub used: Option<Instant>,
    pub carbons: bool,
    /// Up to here the outbox was put on the wire in this session, but for those that are held.
    pub last_job: JobId,
    /// Messages that cannot go before something else is known.
    pub held: BTreeSet<JobId>,
    /// Jobs go one at a time, because one of them may be what ends the stream.
    pub careful: bool,
}

/// A session on a stream.
pub(super) struct Online<'a, Io> {
    pub state: &'a mut State,
    pub stream: &'a mut Stream<Io>,
    /// The server wants to know whether somebody looks.
    minds_state: bool,
    /// We asked for a sign of life and wait for it.
    waiting_since: Option<Instant>,
    /// The stream went on then, and the server has not shown yet that it listens.
    pub unproven: Option<Instant>,
    /// There may be something new in the outbox.
    pub nudged: bool,
}

impl State {
    pub fn new(context: Context, store: Store) -> Self {
        Self {
            context,
            store,
            management: Management::default(),
            questions: Questions::default(),
            sync: Sync::default(),
            active: true,
            woken: Vec::new(),
            shaken_until: None,
            unsettled: false,
            used: None,
            carbons: false,
            last_job: JobId(0),
            held: BTreeSet::new(),
            careful: false,
        }
    }

    /// Jobs that were sent and may not have arrived.
    pub fn on_their_way(&self) -> Vec<JobId> {
        self.management.jobs().chain(self.questions.jobs()).collect()
    }

    /// Whether the archive is to say where a message belongs that comes now.
    pub fn is_shaken(&self) -> bool {
        !self.sync.is_absent() && self.shaken_until.is_some_and(|until| until > Instant::now())
    }

    pub fn publish(&self, connection: Connection) {
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
            minds_state: false,
            waiting_since: None,
            unproven: None,
            nudged: true,
        }
    }

    /// The first words on a new stream, but for what came along with signing in.
    pub async fn begin(&mut self, features: &Element, fresh: &Fresh) -> Result<(), Cause> {
        let account = self.state.context.account;
        let begun = self.state.store.write(move |tx| {
            streams::forget(tx, account)?;
            presences::forget(tx, account)
        });
        begun.await?;
        self.state.management.refused();
        self.state.store.edit_live(move |live| {
            live.presence.retain(|(of, _), _| *of != account);
            live.resumed.remove(&account);
        });
        if let Some(enabled) = &fresh.enabled {
            self.state.management.enable();
            self.state.management.agreed(enabled);
        } else if features.has_child("sm", ns::SM) {
            let enable = self.state.management.enable();
            self.write(&enable)?;
        }
        self.introduce(fresh.carbons).await?;
        self.send(presence::available(), None)?;
        self.look_after_devices().await?;
        self.minds_state = features.has_child("csi", ns::CSI);
        if self.state.active == fresh.inactive {
            self.tell_state()?;
        }
        Ok(())
    }

    /// The first words on a stream that goes on.
    pub async fn go_on(&mut self, features: &Element, lost: Lost) -> Result<(), Cause> {
        let account = self.state.context.account;
        match lost {
            Lost::Stanzas { stanzas, jobs } => {
                self.state.questions.renew();
                self.state.sync.resumed();
                self.state.last_job = JobId(0);
                self.state.held.clear();
                if jobs {
                    self.state.sync.fall_behind();
                }
                stanzas.iter().try_for_each(|stanza| self.write(stanza))?;
            }
            Lost::Memory => {
                self.introduce(false).await?;
                // Whether it arrived nobody knows any more: without it nothing would come here.
                self.send(presence::available(), None)?;
                self.look_after_devices().await?;
            }
        }
        let there = self.state.store.read(move |conn| presences::all(conn, account)).await?;
        self.state.store.edit_live(move |live| {
            live.resumed.insert(account);
            for (address, show) in there {
                let best = live.presence.entry((account, address)).or_insert(show);
                *best = show.max(*best);
            }
        });
        // It begins as if somebody looked, says XEP-0352; Prosody 0.12 remembers otherwise and stops writing after a while.
        self.minds_state = features.has_child("csi", ns::CSI);
        self.tell_state()?;
        self.unproven = Some(Instant::now());
        self.state.shaken_until = Some(Instant::now() + SHAKEN);
        self.request_sign_of_life()
    }

    /// What a session asks for that remembers nothing. `carbons`: it has them already.
    async fn introduce(&mut self, carbons: bool) -> Result<(), Cause> {
        let account = self.state.context.account;
        let known = self.state.store.read(move |conn| {
            let (_, version) = accounts::connection(conn, account)?;
            Ok((archives::get(conn, account)?, version))
        });
        let (archive, version) = known.await?;
        self.state.questions.forget();
        self.state.sync.begin(archive);
        (self.state.shaken_until, self.state.unsettled) = (None, false);
        self.state.carbons = carbons;
        self.state.context.trusts_ids = false;
        self.state.last_job = JobId(0);
        self.state.held.clear();
        let me = self.state.context.me.to_string();
        let disco = Element::bare("query", ns::DISCO_INFO);
        self.ask(About::Features, "get", Some(&me), disco)?;
        if !carbons {
            self.ask(About::Carbons, "set", None, carbons::enable())?;
        }
        self.ask(About::Roster, "get", None, roster::get(version.as_deref()))?;
        self.ask_pushes(true).await
    }

    /// Tells the server who is to wake this device. `anew`: whatever it was told before.
    async fn ask_pushes(&mut self, anew: bool) -> Result<(), Cause> {
        let account = self.state.context.account;
        let all = self.state.store.read(pushes::all).await?;
        push::untold(all, account, anew).into_iter().try_for_each(|push| {
            let question = push::question(&push);
            self.ask(About::Push(push), "set", None, question)
        })
    }

    /// Asks whether what we published of this device is still there.
    async fn look_after_devices(&mut self) -> Result<(), Cause> {
        self.state.context.now = clock::now();
        let context = self.state.context.clone();
        let todo = self.state.store.write(move |tx| omemo::begin(tx, &context));
        self.follow(todo.await?)
    }

    async fn look_at_devices(&mut self, peer: BareJid) -> Result<(), Cause> {
        let context = self.state.context.clone();
        let todo = self.state.store.write(move |tx| omemo::look(tx, &context, &peer));
        self.follow(todo.await?)
    }

    /// Tells whether somebody looks.
    fn tell_state(&mut self) -> Result<(), Cause> {
        if !self.minds_state {
            return Ok(());
        }
        self.write(&client_state::stanza(self.state.active))?;
        if self.state.active {
            return Ok(());
        }
        // Prosody 0.12 stops writing there and then, with whatever was about to go; with an answer it lets that go too.
        self.request_sign_of_life()
    }

    /// Runs until the connection ends or somebody wants it to.
    pub async fn run(&mut self, asks: &mut mpsc::UnboundedReceiver<Ask>) -> Result<(), Cause> {
        self.state.publish(Connection::Online);
        self.ask_for_all()?;
        loop {
            self.send_outbox().await?;
            self.send_question()?;
            self.tell_woken();
            let deadline = self.deadline();
            tokio::select! {
                arrival = self.stream.next() => {
                    self.waiting_since = None;
                    let first = arrival?;
                    self.batch(first).await?;
                }
                ask = asks.recv() => match ask {
                    None | Some(Ask::Stop) => return Ok(()),
                    Some(ask) => {
                        self.state.used = Some(Instant::now());
                        self.hear(ask).await?;
                    }
                },
                () = tokio::time::sleep_until(deadline) => self.look_for_life().await?,
            }
        }
    }

    /// When silence becomes suspicious: sooner if somebody waits for an answer, later if nobody looks.
    fn deadline(&self) -> Instant {
        let [talking, looking, away] = QUIET;
        let quiet = match self.state.active {
            // Whoever stops in the middle of a word is gone, or holds the rest back.
            _ if self.stream.is_inside() => talking,
            true if self.state.used.is_some_and(|used| used.elapsed() < TALK) => talking,
            true => looking,
            false => away,
        };
        // A large picture on a thin cable is no silence.
        let heard = self.stream.read_at();
        let silence = self
            .waiting_since
            .map_or(heard + quiet, |since| since.max(heard) + ANSWER);
        let calm = self.state.shaken_until;
        let others = [self.state.questions.deadline(), self.proof(), calm];
        others.into_iter().flatten().fold(silence, Instant::min)
    }

    /// By when the server must have shown that it listens on a stream that went on.
    fn proof(&self) -> Option<Instant> {
        let [silence, at_all] = PROOF;
        let since = self.unproven?;
        Some((since.max(self.stream.read_at()) + silence).min(since + at_all))
    }

    async fn look_for_life(&mut self) -> Result<(), Cause> {
        if self.deadline() > Instant::now() {
            // Bytes came meanwhile, if no whole stanza.
            return Ok(());
        }
        if self.state.shaken_until.is_some_and(|until| until <= Instant::now()) {
            self.state.shaken_until = None;
            if std::mem::take(&mut self.state.unsettled) {
                self.state.sync.fall_behind();
            }
            return Ok(());
        }
        match self.state.questions.unanswered() {
            Some(About::Page) => {
                self.state.sync.unanswered();
                return Ok(());
            }
            // Somebody else's server is silent: that says nothing of ours.
            Some(About::Omemo(about)) => return self.store(vec![Work::Omemo(about, None)]).await,
            // It will not be answered where the stream goes on either.
            Some(_) => return self.begin_anew().await,
            None => {}
        }
        if self.proof().is_some_and(|proof| proof <= Instant::now()) {
            tracing::warn!("the server went on with a stream that it does not read from");
            return self.begin_anew().await;
        }
        if self.waiting_since.is_some() {
            return Err(Network::Silent.into());
        }
        self.request_sign_of_life()
    }

    /// Ends the session; the next one does not take up its stream.
    async fn begin_anew(&mut self) -> Result<(), Cause> {
        self.state.management.refused();
        let account = self.state.context.account;
        self.state.store.write(move |tx| streams::forget(tx, account)).await?;
        Err(Network::Silent.into())
    }

    pub(super) fn request_sign_of_life(&mut self) -> Result<(), Cause> {
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
                let before = std::mem::replace(&mut self.state.active, active);
                if before == active { Ok(()) } else { self.tell_state() }
            }
            Ask::Typing(peer, on) => self.send(chat_states::stanza(&peer, on), None),
            Ask::Devices(peer) => self.look_at_devices(peer).await,
            Ask::Fill(fill) => self.fill(fill).await,
            Ask::Pushes => self.ask_pushes(false).await,
            Ask::CatchUp(woken) => {
                self.state.wake(woken);
                self.ask_for_all()
            }
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
}
