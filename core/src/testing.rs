//! A small world of accounts whose stanzas go from one to the other, without a network. For tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "for tests")]
#![cfg_attr(fuzzing, allow(dead_code, reason = "fuzzers need less of it"))]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minidom::Element;
use rusqlite::Connection;
use xmpp_parsers::ns;

use crate::archive::{self, Fetched};
use crate::incoming::{Context, Incoming};
use crate::model::{AccountId, BareJid, ChatId, Credentials, Message, MessageId, State, Timeline, Window};
use crate::protocol::omemo::{self, Question, Ready, Todo};
use crate::protocol::{element, messages as text, presence, with};
use crate::store::{self, Tx, accounts, chats, contacts, messages};
use crate::{inbox, outbox};

/// All accounts see the same clock. A Saturday in November 2026.
pub(crate) const NOW: i64 = 1_795_000_000_000;

pub(crate) struct World {
    accounts: Vec<Account>,
    /// What is published: whose, in which node, under which id.
    published: BTreeMap<(BareJid, String, String), Element>,
}

struct Account {
    conn: Connection,
    context: Context,
}

/// One of the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who(usize);

impl World {
    /// Accounts that are each other's contacts.
    pub fn of_friends<const N: usize>(addresses: [&str; N]) -> (Self, [Who; N]) {
        let mut world = Self {
            accounts: Vec::new(),
            published: BTreeMap::new(),
        };
        let all = addresses.map(|address| world.add(address));
        for who in all {
            for other in all {
                if who != other {
                    world.befriend(who, other);
                }
            }
        }
        (world, all)
    }

    fn add(&mut self, address: &str) -> Who {
        let mut conn = store::in_memory();
        let me = BareJid::new(address).unwrap();
        let credentials = Credentials {
            address: me.clone(),
            password: String::new(),
            host: None,
            ca: None,
        };
        // Ids are offset for each account, so that a mixed-up id fails.
        store::start_ids_at(&conn, 1_000 * (self.accounts.len() as i64 + 1));
        let mut tx = Tx::begin(&mut conn).unwrap();
        let account = accounts::put(&mut tx, &credentials, "test", NOW).unwrap();
        drop(tx.commit().unwrap());
        let context = Context {
            account,
            me,
            now: NOW,
            trusts_ids: true,
        };
        self.accounts.push(Account { conn, context });
        Who(self.accounts.len() - 1)
    }

    fn befriend(&mut self, who: Who, other: Who) {
        let entry = contacts::Entry {
            address: self.me(other),
            name: None,
            groups: Vec::new(),
            subscription: "both",
            asked: false,
        };
        self.write(who, |tx, context| contacts::put(tx, context.account, &entry));
    }

    pub fn me(&self, who: Who) -> BareJid {
        self.accounts[who.0].context.me.clone()
    }

    pub fn account(&self, who: Who) -> AccountId {
        self.accounts[who.0].context.account
    }

    pub fn conn(&self, who: Who) -> &Connection {
        &self.accounts[who.0].conn
    }

    /// Runs something in a committed transaction of an account.
    pub fn write<T>(&mut self, who: Who, f: impl FnOnce(&mut Tx<'_>, &Context) -> store::Result<T>) -> T {
        let account = &mut self.accounts[who.0];
        let mut tx = Tx::begin(&mut account.conn).unwrap();
        let value = f(&mut tx, &account.context).unwrap();
        drop(tx.commit().unwrap());
        value
    }

    /// The account on a new device: nothing is left of the old one but what it published.
    pub fn reinstall(&mut self, who: Who) {
        let me = self.me(who);
        self.add(me.as_str());
        self.accounts.swap_remove(who.0);
    }

    /// A copy of an account's database, as a backup is.
    #[cfg(test)]
    pub fn backup(&self, who: Who) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("grend.db");
        self.conn(who).execute("VACUUM INTO ?1", [copy.to_str()]).unwrap();
        folder
    }

    /// Puts a copy in the place of the database.
    #[cfg(test)]
    pub fn restore(&mut self, who: Who, backup: &tempfile::TempDir) {
        let conn = Connection::open(backup.path().join("grend.db")).unwrap();
        conn.pragma_update(None, "foreign_keys", true).unwrap();
        self.accounts[who.0].conn = conn;
    }

    /// Runs something in a transaction of an account that never happens, and without a word of the account's connection.
    pub fn dream<T>(&mut self, who: Who, f: impl FnOnce(&mut Tx<'_>, &Context) -> T) -> T {
        let account = &mut self.accounts[who.0];
        f(&mut Tx::begin(&mut account.conn).unwrap(), &account.context)
    }

    pub fn chat(&mut self, who: Who, with: Who) -> ChatId {
        let peer = self.me(with);
        self.write(who, |tx, context| chats::with(tx, context.account, &peer))
    }

    pub fn say(&mut self, from: Who, to: Who, body: &str) -> MessageId {
        let chat = self.chat(from, to);
        self.write(from, |tx, _| text::send(tx, chat, body))
    }

    /// Whether the archive is known to strip forged ids.
    pub fn trust_ids(&mut self, who: Who, trusts_ids: bool) {
        self.accounts[who.0].context.trusts_ids = trusts_ids;
    }

    /// A message stanza arrives now, as XML.
    pub fn inject(&mut self, who: Who, xml: &str) {
        let stanza: Element = xml.parse().unwrap();
        self.receive(who, &stanza);
    }

    /// A message arrives now, while the archive is not caught up with.
    pub fn inject_behind(&mut self, who: Who, xml: &str) {
        let stanza: Element = xml.parse().unwrap();
        self.write(who, |tx, context| {
            let mut incoming = Incoming::open(context, &stanza).unwrap();
            incoming.leave_to_archive();
            inbox::receive(tx, &mut incoming)
        });
    }

    /// A presence arrives now.
    pub fn inject_presence(&mut self, who: Who, xml: &str) {
        let stanza: Element = xml.parse().unwrap();
        self.write(who, |tx, context| presence::receive(tx, context, &stanza));
    }

    /// A page of the archive arrives.
    pub fn page(&mut self, who: Who, page: &Fetched) {
        self.write(who, |tx, context| archive::store(tx, context, page));
    }

    fn receive(&mut self, who: Who, stanza: &Element) {
        self.write(who, |tx, context| match Incoming::open(context, stanza) {
            Some(mut incoming) => {
                inbox::receive(tx, &mut incoming)?;
                messages::place_untold(tx, context.account)
            }
            None => Ok(()),
        });
    }

    /// Carries stanzas until nobody has anything to send.
    pub fn settle(&mut self) {
        while (0..self.accounts.len()).any(|sender| self.carry(Who(sender))) {}
    }

    /// Carries what one account has to send. False if it had nothing.
    fn carry(&mut self, who: Who) -> bool {
        let account = self.account(who);
        let jobs = store::outbox::after(self.conn(who), account, store::outbox::JobId(0), 100).unwrap();
        for (id, job) in &jobs {
            let stanza = self.next(who, job);
            self.write(who, |tx, _| match (store::outbox::done(tx, *id)?, &stanza) {
                (Some(message), Ok(_)) => messages::advance(tx, message, State::Sent),
                (Some(message), Err(why)) => messages::fail(tx, message, why),
                (None, _) => Ok(()),
            });
            if let Ok(stanza) = stanza {
                self.deliver(who, &stanza);
            }
        }
        !jobs.is_empty()
    }

    /// The stanza of a job, after everything it needs was asked for.
    pub fn next(&mut self, who: Who, job: &outbox::Job) -> Result<Element, &'static str> {
        loop {
            match self.write(who, |tx, context| outbox::next(tx, context, job)) {
                Ready::Stanza(stanza) => return Ok(stanza),
                Ready::Never(why) => return Err(why),
                Ready::Wants(questions) => self.follow(
                    who,
                    Todo {
                        questions,
                        stanzas: Vec::new(),
                    },
                ),
            }
        }
    }

    /// Brings a stanza to whom it is for: over the wire and back, so that what we write is what we can read.
    pub fn deliver(&mut self, from: Who, stanza: &Element) {
        let mut stanza: Element = String::from(stanza).parse().unwrap();
        let sender = format!("{}/test", self.me(from));
        stanza.set_attr(minidom::rxml::Namespace::NONE, "from".try_into().unwrap(), sender);
        let to = self
            .accounts
            .iter()
            .position(|it| Some(it.context.me.as_str()) == stanza.attr("to"));
        if let Some(to) = to.filter(|_| stanza.name() == "message") {
            self.receive(Who(to), &stanza);
        }
    }

    /// The account publishes its device, as a session does when it begins.
    pub fn publish(&mut self, who: Who) {
        let todo = self.write(who, omemo::begin);
        self.follow(who, todo);
    }

    /// So much time goes by for an account.
    pub fn wait(&mut self, who: Who, ms: i64) {
        self.accounts[who.0].context.now += ms;
    }

    /// What a session does when it has caught up.
    pub fn upkeep(&mut self, who: Who) {
        let todo = self.write(who, omemo::upkeep);
        self.follow(who, todo);
    }

    /// What is published, by the beginning of the node's name.
    pub fn published(&mut self, who: Who, node: &str) -> Vec<&mut Element> {
        let me = self.me(who);
        let all = self.published.iter_mut();
        all.filter(|((of, name, _), _)| *of == me && name.starts_with(node))
            .map(|(_, payload)| payload)
            .collect()
    }

    /// Somebody else of the same account publishes this list of devices.
    pub fn publish_list(&mut self, who: Who, node: &str, devices: &[u32]) {
        let (ns, name) = match node.strip_suffix(":devices") {
            Some(ns) => (ns, "devices"),
            None => ("eu.siacs.conversations.axolotl", "list"),
        };
        let devices = devices
            .iter()
            .map(|id| element("device", ns, &[("id", &id.to_string())]));
        let list = with(Element::bare(name, ns), devices);
        self.published
            .insert((self.me(who), node.to_owned(), "current".to_owned()), list);
    }

    fn follow(&mut self, who: Who, todo: Todo) {
        todo.stanzas.iter().for_each(|stanza| self.deliver(who, stanza));
        for question in todo.questions {
            let answer = self.ask(who, &question);
            let todo = self.write(who, |tx, context| {
                omemo::answered(tx, context, &question.about, Some(&answer))
            });
            self.follow(who, todo);
        }
    }

    /// A server's answer to a question about devices.
    fn ask(&mut self, who: Who, question: &Question) -> Element {
        let of = question.to.clone().unwrap_or_else(|| self.me(who));
        let result = element("iq", ns::DEFAULT_NS, &[("type", "result")]);
        let part = question.payload.children().next().unwrap();
        let node = part.attr("node").unwrap().to_owned();
        let wanted = part
            .children()
            .next()
            .and_then(|item| item.attr("id"))
            .map(ToOwned::to_owned);
        if part.name() == "publish" {
            let payload = part.children().next().unwrap().children().next().unwrap().clone();
            self.published.insert((of, node, wanted.unwrap()), payload);
            return result;
        }
        if matches!(part.name(), "delete" | "retract") {
            self.published.retain(|(address, name, id), _| {
                *address != of || *name != node || wanted.as_ref().is_some_and(|wanted| wanted != id)
            });
            return result;
        }
        let mut items = element("items", ns::PUBSUB, &[("node", &node)]);
        let all = self
            .published
            .iter()
            .filter(|((address, name, _), _)| *address == of && *name == node);
        for ((_, _, id), payload) in all.filter(|((_, _, id), _)| wanted.as_ref().is_none_or(|it| it == id)) {
            let item = element("item", ns::PUBSUB, &[("id", id)]);
            items.append_child(with(item, [payload.clone()]));
        }
        with(result, [with(Element::bare("pubsub", ns::PUBSUB), [items])])
    }

    pub fn timeline(&mut self, who: Who, with: Who) -> Timeline {
        let chat = self.chat(who, with);
        messages::timeline(
            self.conn(who),
            chat,
            Window {
                limit: 1000,
                before: None,
            },
        )
        .unwrap()
    }

    pub fn last(&mut self, who: Who, with: Who) -> Message {
        self.timeline(who, with).messages.pop().unwrap()
    }

    pub fn unread(&mut self, who: Who, with: Who) -> u32 {
        let chat = self.chat(who, with);
        chats::all(self.conn(who))
            .unwrap()
            .into_iter()
            .find(|it| it.id == chat)
            .unwrap()
            .unread
    }

    /// The jobs that wait to be sent.
    pub fn waiting(&self, who: Who) -> Vec<outbox::Job> {
        let jobs = store::outbox::after(self.conn(who), self.account(who), store::outbox::JobId(0), 100).unwrap();
        jobs.into_iter().map(|(_, job)| job).collect()
    }

    /// The conversation as a person would read it.
    pub fn transcript(&mut self, who: Who, with: Who) -> String {
        let mut text = String::new();
        for message in self.timeline(who, with).messages {
            let name = if message.mine { "me" } else { message.from.as_str() };
            let state = if message.mine {
                format!(" ({:?})", message.state).to_lowercase()
            } else {
                String::new()
            };
            writeln!(text, "{name}: {}{state}", message.body).unwrap();
        }
        text
    }
}
