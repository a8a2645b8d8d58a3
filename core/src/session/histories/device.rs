//! Grend on one device: the real store, archive, inbox, outbox and stream management, moved step by step as `online.rs`
//! and `supervise.rs` move them. Between any two steps it may die; what it had written down is all that is left then.

use std::collections::BTreeSet;

use minidom::Element;
use tokio::sync::oneshot;
use xmpp_parsers::ns;

use super::dice::Dice;
use super::server::{ME, Server};
use crate::clock;
use crate::incoming::{Context, is_from_us};
use crate::model::{AccountId, BareJid, ChatId, Credentials};
use crate::outbox::{self, Look};
use crate::protocol::{carbons, messages, presence, roster};
use crate::session::archive::{Fill, Sync};
use crate::session::management::{self, Lost, Management};
use crate::session::questions::{About, Questions};
use crate::session::work::{self, Work};
use crate::store::outbox::{self as jobs, JobId};
use crate::store::streams::Counts;
use crate::store::{self, Connection, Tx, accounts, archives, chats, streams};

/// Why a session did not go on.
#[derive(Debug)]
pub(super) enum End {
    /// `kill -9`, or a power cut.
    Died,
    /// A full disk.
    Storage,
}

type Result<T> = std::result::Result<T, End>;

/// Tells when older history is there.
pub(super) type Filled = oneshot::Receiver<std::result::Result<bool, crate::Cause>>;

/// The device.
pub(super) struct Device<'a> {
    pub conn: &'a mut Connection,
    pub account: AccountId,
    /// How far its clock is from the server's, ms.
    pub clock: i64,
    memory: Memory,
}

/// What ends with the process.
struct Memory {
    context: Context,
    management: Management,
    questions: Questions,
    sync: Sync,
    carbons: bool,
    last_job: JobId,
    held: BTreeSet<JobId>,
}

impl Memory {
    fn new(account: AccountId) -> Self {
        Self {
            context: Context {
                account,
                me: BareJid::new(ME).unwrap(),
                now: 0,
                trusts_ids: false,
            },
            management: Management::default(),
            questions: Questions::default(),
            sync: Sync::default(),
            carbons: false,
            last_job: JobId(0),
            held: BTreeSet::new(),
        }
    }
}

impl<'a> Device<'a> {
    /// A new device, on a database that others had before.
    pub fn new(conn: &'a mut Connection) -> Self {
        let credentials = Credentials {
            address: BareJid::new(ME).unwrap(),
            password: String::new(),
            host: None,
            ca: None,
        };
        let mut tx = Tx::begin(conn).unwrap();
        for old in accounts::all(&tx).unwrap() {
            accounts::remove(&mut tx, old.id).unwrap();
        }
        let account = accounts::put(&mut tx, &credentials, "test", 0).unwrap();
        drop(tx.commit().unwrap());
        Self {
            conn,
            account,
            clock: 0,
            memory: Memory::new(account),
        }
    }

    /// The process ends without warning, and starts again.
    pub fn die(&mut self) {
        self.memory = Memory::new(self.account);
    }

    /// As `supervise.rs` does after a failed transaction.
    pub fn distrust_memory(&mut self) {
        self.memory.management.refused();
    }

    pub fn set_time(&self, server: &Server) {
        clock::set(Some(server.now + self.clock));
    }

    /// What the user does is one transaction, there or not.
    pub fn intent<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> store::Result<T>) -> T {
        let mut tx = Tx::begin(self.conn).unwrap();
        let value = f(&mut tx).unwrap();
        drop(tx.commit().unwrap());
        value
    }

    pub fn writes(&mut self, friend: usize, body: &str) {
        let account = self.account;
        let friend = address(friend);
        self.intent(|tx| {
            let chat = chats::with(tx, account, &friend)?;
            chats::set_encrypts(tx, chat, false)?;
            messages::send(tx, chat, body)
        });
    }

    pub fn chat(&mut self, friend: usize) -> ChatId {
        let (account, friend) = (self.account, address(friend));
        self.intent(|tx| chats::with(tx, account, &friend))
    }

    /// A transaction of the session. Everything may end before and after it.
    fn write<T>(&mut self, dice: &mut Dice, f: impl FnOnce(&mut Tx<'_>, &Context) -> store::Result<T>) -> Result<T> {
        survives(dice)?;
        self.memory.context.now = clock::now();
        let context = self.memory.context.clone();
        let mut tx = Tx::begin(self.conn).unwrap();
        let value = f(&mut tx, &context).unwrap();
        if dice.strikes(3) {
            return Err(End::Storage);
        }
        drop(tx.commit().unwrap());
        survives(dice)?;
        Ok(value)
    }

    /// From nothing to a session, resumed or begun.
    pub fn connect(&mut self, server: &mut Server, dice: &mut Dice) -> Result<()> {
        self.recall();
        let answer = self
            .memory
            .management
            .previous()
            .map(|previous| server.resume(&previous));
        let goes_on = answer.as_ref().is_some_and(|answer| answer.is("resumed", ns::SM));
        if !goes_on {
            server.connect();
        }
        survives(dice)?;
        let lost = match answer {
            Some(answer) => self.settle(dice, &answer, goes_on)?,
            None => None,
        };
        match lost {
            Some(Lost::Stanzas { stanzas, jobs }) => {
                self.memory.questions.renew();
                self.memory.sync.resumed();
                self.memory.last_job = JobId(0);
                self.memory.held.clear();
                if jobs {
                    self.memory.sync.fall_behind();
                }
                stanzas.iter().for_each(|stanza| hear(server, stanza));
            }
            Some(Lost::Memory) => {
                self.introduce(server);
                self.send(server, presence::available(), None);
            }
            None => self.begin(server, dice)?,
        }
        if goes_on {
            hear(server, &management::request());
        }
        survives(dice)
    }

    fn recall(&mut self) {
        if self.memory.management.previous().is_none()
            && let Some(counts) = streams::get(self.conn, self.account).unwrap()
        {
            let jobs = streams::on_their_way(self.conn, self.account).unwrap();
            self.memory.management = Management::restored(counts, &jobs);
        }
    }

    fn settle(&mut self, dice: &mut Dice, answer: &Element, goes_on: bool) -> Result<Option<Lost>> {
        let account = self.account;
        let jobs = self.memory.management.acknowledged(answer).unwrap();
        let lost = goes_on.then(|| self.memory.management.resumed());
        let counts = self.memory.management.counts(0).filter(|_| goes_on);
        self.write(dice, |tx, _| {
            work::arrived(tx, jobs)?;
            streams::forget_sequences(tx, account)?;
            counts.map_or(Ok(()), |counts| streams::put(tx, account, &counts))
        })?;
        Ok(lost)
    }

    fn begin(&mut self, server: &mut Server, dice: &mut Dice) -> Result<()> {
        let account = self.account;
        self.write(dice, |tx, _| streams::forget(tx, account))?;
        self.memory.management.refused();
        if server.manages {
            hear(server, &self.memory.management.enable());
        }
        self.introduce(server);
        self.send(server, presence::available(), None);
        Ok(())
    }

    fn introduce(&mut self, server: &mut Server) {
        let memory = &mut self.memory;
        memory.questions.forget();
        memory.sync.begin(archives::get(self.conn, self.account).unwrap());
        memory.carbons = false;
        memory.context.trusts_ids = false;
        memory.last_job = JobId(0);
        memory.held.clear();
        let disco = Element::bare("query", ns::DISCO_INFO);
        self.ask(server, About::Features, "get", disco);
        self.ask(server, About::Carbons, "set", carbons::enable());
        self.ask(server, About::Roster, "get", roster::get(None));
    }

    fn ask(&mut self, server: &mut Server, about: About, kind: &str, payload: Element) {
        let question = self.memory.questions.ask(about, kind, None, payload);
        self.send(server, question, None);
    }

    fn send(&mut self, server: &mut Server, stanza: Element, job: Option<JobId>) {
        hear(server, &stanza);
        self.memory.management.sent(stanza, job).unwrap();
    }

    fn send_question(&mut self, server: &mut Server) {
        if self.memory.context.trusts_ids
            && !self.memory.questions.awaits(&About::Carbons)
            && let Some(question) = self.memory.sync.next()
        {
            self.ask(server, About::Page, "set", question);
        }
    }

    /// Takes up to so many things that the server said.
    pub fn batch(&mut self, server: &mut Server, dice: &mut Dice, most: usize) -> Result<()> {
        let (mut work, mut stanzas, mut asked) = (Vec::new(), 0, false);
        for _ in 0..most {
            let Some(element) = server.live.as_mut().and_then(|stream| stream.down.pop_front()) else {
                break;
            };
            if element.is("enabled", ns::SM) {
                stanzas = 0;
            }
            stanzas += u32::from(element.has_ns(ns::DEFAULT_NS));
            asked |= element.is("r", ns::SM);
            self.sort(element, &mut work);
        }
        self.send_question(server);
        if work.is_empty() && self.memory.sync.is_reading() {
            self.memory.management.wait(stanzas);
            if let Some(answer) = self.memory.management.answer(asked) {
                hear(server, &answer);
            }
            return survives(dice);
        }
        self.memory.sync.counted();
        if (stanzas > 0 || !work.is_empty() || self.memory.management.is_unwritten())
            && let Some(counts) = self.memory.management.counts(stanzas)
        {
            work.push(Work::Counted(counts));
        }
        let fills: Vec<bool> = work.iter().filter_map(filled).collect();
        let settled = self.memory.sync.caught_up();
        let done = self.write(dice, |tx, context| work::run(tx, context, work, settled))?;
        fills.into_iter().for_each(|complete| self.memory.sync.filled(complete));
        if let Some(id) = done.newest_id {
            self.memory.sync.moved(id);
        }
        for reply in done.replies {
            self.send(server, reply, None);
        }
        self.memory.management.stored(stanzas);
        if let Some(answer) = self.memory.management.answer(asked) {
            hear(server, &answer);
        }
        survives(dice)
    }

    fn sort(&mut self, element: Element, work: &mut Vec<Work>) {
        let memory = &mut self.memory;
        if element.has_ns(ns::SM) {
            match element.name() {
                "a" => work.push(Work::Arrived(memory.management.acknowledged(&element).unwrap())),
                "enabled" => memory.management.agreed(&element),
                _ => {}
            }
            return;
        }
        match element.name() {
            "message" => {
                let settles = memory.sync.is_whole() && memory.carbons;
                let on_their_way = memory.management.jobs().chain(memory.questions.jobs());
                let moves = settles && on_their_way.count() == 0;
                let left = if is_from_us(&memory.context, &element) {
                    memory.sync.take(element)
                } else {
                    Some(element)
                };
                work.extend(left.map(|stanza| Work::Message { stanza, settles, moves }));
            }
            _ => self.answered(&element, work),
        }
    }

    fn answered(&mut self, answer: &Element, work: &mut Vec<Work>) {
        let memory = &mut self.memory;
        match memory.questions.answered(&memory.context, answer) {
            Some(About::Features) => {
                let mut features = answer.children().flat_map(Element::children);
                memory.context.trusts_ids = features.any(|it| it.attr("var") == Some(ns::MAM));
                if !memory.context.trusts_ids {
                    memory.sync.none();
                    work.push(Work::NoArchive);
                }
            }
            Some(About::Carbons) => memory.carbons = true,
            Some(About::Page) => work.extend(memory.sync.answered(answer).map(Work::Page)),
            Some(About::Arrival(jobs)) => work.push(Work::Arrived(jobs)),
            Some(About::Roster | About::Push(_) | About::Woken | About::Omemo(_)) | None => {}
        }
    }

    /// Sends what the outbox holds, at most so many at once.
    pub fn send_outbox(&mut self, server: &mut Server, dice: &mut Dice, most: usize) -> Result<()> {
        self.send_question(server);
        if !self.memory.sync.caught_up() {
            return Ok(());
        }
        let account = self.account;
        let look = Look {
            after: self.memory.last_job,
            held: self.memory.held.clone(),
            room: most,
            first: self.memory.management.next_sequence(),
            has_gap: self.memory.sync.has_gap(),
        };
        let counts = self.memory.management.counts(0);
        let next = self.write(dice, |tx, context| {
            let next = outbox::look(tx, context, &look)?;
            if let Some(counts) = counts.filter(|_| !next.stanzas.is_empty()) {
                let sent = counts.sent.wrapping_add(next.stanzas.len() as u32);
                streams::put(tx, account, &Counts { sent, ..counts })?;
            }
            Ok(next)
        })?;
        self.memory.last_job = next.last;
        self.memory.held = next.held;
        if next.seeks {
            self.memory.sync.seek();
        }
        if next.stanzas.is_empty() {
            return Ok(());
        }
        let mut sent = Vec::new();
        for (id, stanza) in next.stanzas {
            self.send(server, stanza, Some(id));
            sent.push(id);
        }
        if self.memory.management.is_enabled() {
            hear(server, &management::request());
        } else {
            self.ask(server, About::Arrival(sent), "get", Element::bare("ping", ns::PING));
        }
        survives(dice)
    }

    pub fn is_complete(&mut self, friend: usize) -> bool {
        let chat = self.chat(friend);
        archives::floor(self.conn, self.account, chat).unwrap().complete
    }

    /// Somebody scrolls up.
    pub fn scrolls(&mut self, friend: usize) -> Filled {
        let chat = self.chat(friend);
        let floor = archives::floor(self.conn, self.account, chat).unwrap();
        let (done, answer) = oneshot::channel();
        if !floor.complete {
            self.memory.sync.fill(Fill {
                chat,
                peer: address(friend),
                before: floor.id,
                done,
            });
        }
        answer
    }

    /// Whether nothing is on its way and nothing waits.
    pub fn is_settled(&self) -> bool {
        self.memory.sync.is_settled()
            && self.memory.management.jobs().next().is_none()
            && jobs::after(self.conn, self.account, JobId(0), 1).unwrap().is_empty()
    }
}

fn filled(work: &Work) -> Option<bool> {
    use crate::archive::Purpose;
    match work {
        Work::Page(page) if matches!(page.purpose, Purpose::Fill(_)) => Some(page.fin.complete),
        _ => None,
    }
}

fn survives(dice: &mut Dice) -> Result<()> {
    if dice.strikes(2) { Err(End::Died) } else { Ok(()) }
}

/// Onto the wire.
fn hear(server: &mut Server, element: &Element) {
    if let Some(stream) = &mut server.live {
        stream.up.push_back(element.clone());
    }
}

pub(super) fn address(friend: usize) -> BareJid {
    BareJid::new(&format!("friend{friend}@b.example")).unwrap()
}
