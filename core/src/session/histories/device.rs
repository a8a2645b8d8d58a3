//! Grend on one device: the real store, archive, inbox, outbox and stream management, moved step by step as `online.rs`
//! and `supervise.rs` move them. Between any two steps it may die; what it had written down is all that is left then.

use minidom::Element;
use rusqlite::Connection;
use tokio::sync::oneshot;
use xmpp_parsers::ns;

use super::dice::Dice;
use super::server::{ME, Server};
use crate::clock;
use crate::incoming::{Context, is_from_us};
use crate::model::{AccountId, BareJid, ChatId, Credentials};
use crate::outbox;
use crate::protocol::presence::{self, Board};
use crate::protocol::{carbons, messages, roster};
use crate::session::archive::{Fill, Sync};
use crate::session::management::{self, Management, Sent};
use crate::session::questions::{About, Questions};
use crate::session::work::{self, Work};
use crate::store::outbox::{self as jobs, JobId};
use crate::store::{self, Tx, accounts, archives, chats, streams};

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
    board: Board,
    carbons: bool,
    last_job: JobId,
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
            board: Board::default(),
            carbons: false,
            last_job: JobId(0),
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
            messages::send(tx, chat, body)
        });
    }

    pub fn chat(&mut self, friend: usize) -> ChatId {
        let (account, friend) = (self.account, address(friend));
        self.intent(|tx| chats::with(tx, account, &friend))
    }

    /// A transaction of the session. Everything may end before and after it.
    fn write<T>(
        &mut self,
        dice: &mut Dice,
        f: impl FnOnce(&mut Tx<'_>, &Context, &mut Memory) -> store::Result<T>,
    ) -> Result<T> {
        survives(dice)?;
        self.memory.context.now = clock::now();
        let context = self.memory.context.clone();
        let mut tx = Tx::begin(self.conn).unwrap();
        let value = f(&mut tx, &context, &mut self.memory).unwrap();
        if dice.strikes(1) {
            return Err(End::Storage);
        }
        drop(tx.commit().unwrap());
        survives(dice)?;
        Ok(value)
    }

    /// From nothing to a session, resumed or begun.
    pub fn connect(&mut self, server: &mut Server, dice: &mut Dice) -> Result<()> {
        if self.memory.management.resume().is_none() {
            self.ask_broken(server, dice)?;
        }
        if self.resume(server, dice)? {
            return Ok(());
        }
        server.connect();
        survives(dice)?;
        self.begin(server, dice)
    }

    fn ask_broken(&mut self, server: &mut Server, dice: &mut Dice) -> Result<()> {
        let Some(broken) = streams::broken(self.conn, self.account).unwrap() else {
            return Ok(());
        };
        let account = self.account;
        let count = match server.resume(&broken.resume_id, broken.handled) {
            Ok(count) => Some(count),
            Err(count) => count,
        };
        self.write(dice, |tx, _, _| {
            if let Some(count) = count {
                let arrived = streams::arrived(tx, account, count)?;
                work::arrived(tx, arrived)?;
            }
            streams::forget(tx, account)
        })?;
        server.goodbye();
        survives(dice)
    }

    fn resume(&mut self, server: &mut Server, dice: &mut Dice) -> Result<bool> {
        let Some(resume) = self.memory.management.resume() else {
            return Ok(false);
        };
        let answer = server.resume(resume.attr("previd").unwrap(), resume.attr("h").unwrap().parse().unwrap());
        let (name, count) = match answer {
            Ok(count) => ("resumed", Some(count)),
            Err(count) => ("failed", count),
        };
        let mut element = Element::bare(name, ns::SM);
        if let Some(count) = count {
            element = crate::protocol::element(name, ns::SM, &[("h", &count.to_string())]);
        }
        let arrived = self.memory.management.acknowledged(&element).unwrap();
        self.write(dice, |tx, context, _| {
            work::run(tx, context, &mut Board::default(), vec![Work::Arrived(arrived)]).map(drop)
        })?;
        if name == "failed" {
            return Ok(false);
        }
        for sent in self.memory.management.unacked() {
            hear(server, &sent.stanza);
        }
        hear(server, &management::request());
        Ok(true)
    }

    fn begin(&mut self, server: &mut Server, dice: &mut Dice) -> Result<()> {
        let account = self.account;
        let archive = self.write(dice, |tx, _, _| {
            streams::forget(tx, account)?;
            archives::get(tx, account)
        })?;
        let memory = &mut self.memory;
        memory.questions.forget();
        memory.sync.begin(archive);
        memory.board = Board::default();
        memory.carbons = false;
        memory.context.trusts_ids = false;
        memory.last_job = JobId(0);
        memory.management.refused();
        if server.manages {
            hear(server, &memory.management.enable());
        }
        let disco = Element::bare("query", ns::DISCO_INFO);
        self.ask(server, About::Features, "get", disco);
        self.ask(server, About::Carbons, "set", carbons::enable());
        self.ask(server, About::Roster, "get", roster::get(None));
        self.send(server, presence::available(), None);
        Ok(())
    }

    fn ask(&mut self, server: &mut Server, about: About, kind: &str, payload: Element) {
        let question = self.memory.questions.ask(about, kind, None, payload);
        self.send(server, question, None);
    }

    fn send(&mut self, server: &mut Server, stanza: Element, job: Option<JobId>) {
        hear(server, &stanza);
        self.memory.management.sent(Sent { stanza, job }).unwrap();
    }

    fn send_question(&mut self, server: &mut Server) {
        if self.memory.context.trusts_ids
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
            stanzas += u32::from(element.has_ns(ns::DEFAULT_NS));
            asked |= element.is("r", ns::SM);
            self.sort(element, &mut work);
        }
        self.send_question(server);
        if let Some((id, handled)) = self.memory.management.row(stanzas).filter(|_| stanzas > 0) {
            work.push(Work::Counted(id, handled));
        }
        let fills: Vec<bool> = work.iter().filter_map(filled).collect();
        let done = self.write(dice, |tx, context, memory| {
            let mut board = std::mem::take(&mut memory.board);
            let done = work::run(tx, context, &mut board, work);
            memory.board = board;
            done
        })?;
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
                let moves = memory.sync.caught_up() && memory.carbons;
                let left = if is_from_us(&memory.context, &element) {
                    memory.sync.take(element)
                } else {
                    Some(element)
                };
                work.extend(left.map(|stanza| Work::Message { stanza, moves }));
            }
            _ => self.answered(&element, work),
        }
    }

    fn answered(&mut self, answer: &Element, work: &mut Vec<Work>) {
        let memory = &mut self.memory;
        match memory.questions.answered(&memory.context, answer) {
            Some(About::Features) => memory.context.trusts_ids = true,
            Some(About::Carbons) => memory.carbons = true,
            Some(About::Page) => work.extend(memory.sync.answered(answer).map(Work::Page)),
            Some(About::Arrival(jobs)) => work.push(Work::Arrived(jobs)),
            Some(About::Roster) | None => {}
        }
    }

    /// Sends what the outbox holds, at most so many at once.
    pub fn send_outbox(&mut self, server: &mut Server, dice: &mut Dice, most: usize) -> Result<()> {
        self.send_question(server);
        if !self.memory.sync.caught_up() {
            return Ok(());
        }
        let (account, after) = (self.account, self.memory.last_job);
        let first = self.memory.management.next_sequence();
        let next = self.write(dice, |tx, _, _| {
            let mut stanzas = Vec::new();
            for (sequence, (id, job)) in (0_u32..).zip(jobs::after(tx, account, after, most)?) {
                stanzas.push((id, outbox::stanza(tx, account, &job)?));
                streams::set_sequence(tx, id, first.wrapping_add(sequence))?;
            }
            Ok(stanzas)
        })?;
        if next.is_empty() {
            return Ok(());
        }
        let mut sent = Vec::new();
        for (id, stanza) in next {
            self.memory.last_job = id;
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
            && self.memory.management.unacked_jobs() == 0
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
