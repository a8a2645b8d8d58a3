//! The server of the histories: an archive (XEP-0313), managed streams (XEP-0198) and copies for other devices
//! (XEP-0280), as Prosody and ejabberd have them, each with what it may do at its worst.

use std::collections::VecDeque;

use minidom::Element;
use xmpp_parsers::ns;

use super::dice::Dice;
use crate::protocol::{element, with};
use crate::session::begin::Previous;

pub(super) const ME: &str = "anna@a.example";
const DEVICE: &str = "anna@a.example/test";

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Friend,
    ThisDevice,
    OtherDevice,
}

/// A message that reached the server. Its archive has it under its index.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub friend: usize,
    pub author: Author,
    pub wire_id: String,
    /// `None`: a receipt or a marker, which is kept too.
    pub body: Option<String>,
    /// ms UTC.
    pub at: i64,
    asks_receipt: bool,
}

/// What it tells again of what nobody acknowledged, when the device comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Nothing,
    WithIds,
    /// ejabberd, after a crash of the device's stream. What had no id of its own either would be told twice.
    WithoutIds,
}

/// One stream of the device.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The name for resuming.
    id: Option<String>,
    is_managed: bool,
    carbons: bool,
    present: bool,
    /// How many of the device's stanzas were handled.
    handled: u32,
    /// How many of ours the device acknowledged.
    acked: u32,
    unacked: VecDeque<Element>,
    /// A question that it takes its time to answer.
    later: Option<Element>,
    /// From the device, not read yet.
    pub up: VecDeque<Element>,
    /// To the device, not read yet.
    pub down: VecDeque<Element>,
}

/// The server.
#[derive(Debug)]
pub(super) struct Server {
    /// ms UTC.
    pub now: i64,
    pub manages: bool,
    /// Its stamps have whole seconds.
    coarse: bool,
    /// It takes its time to send copies.
    hesitates: bool,
    /// The most results it gives in a page.
    page: usize,
    /// It answers for ids that it forgot, as if the archive began there.
    forgives: bool,
    again: Again,
    pub archive: Vec<Said>,
    /// So many of the oldest were thrown away.
    pub forgotten: usize,
    /// The stream that the device uses.
    pub live: Option<Stream>,
    /// One that broke; it may be resumed, and what came on it before may still be read.
    pub broken: Option<Stream>,
    /// What is told again.
    kept: Vec<usize>,
    streams: usize,
    /// Streams that cannot be resumed any more, and how many stanzas of the device were handled in each.
    ended: Vec<(String, u32)>,
    tells_counts: bool,
    /// It did not answer a question for its archive.
    refused: bool,
    /// A message that came again although its archive would have told of it.
    pub doubled: Option<String>,
    /// It reads what came on the broken connection; nobody writes there.
    is_late: bool,
}

impl Server {
    pub fn new(dice: &mut Dice) -> Self {
        Self {
            now: crate::testing::NOW,
            manages: dice.percent(85),
            coarse: dice.percent(50),
            hesitates: dice.percent(30),
            page: 2 + dice.below(5),
            forgives: dice.percent(50),
            again: dice.pick(&[Again::Nothing, Again::WithIds, Again::WithoutIds]),
            archive: Vec::new(),
            forgotten: 0,
            live: None,
            broken: None,
            kept: Vec::new(),
            streams: 0,
            ended: Vec::new(),
            tells_counts: dice.percent(50),
            refused: false,
            doubled: None,
            is_late: false,
        }
    }

    /// A friend writes, or another device of ours: to the archive, and to the device if it is there.
    pub fn arrives(&mut self, dice: &mut Dice, friend: usize, author: Author) {
        let index = self.archive.len();
        let said = Said {
            friend,
            author,
            wire_id: if self.again == Again::WithoutIds || dice.percent(90) {
                format!("w{index}")
            } else {
                String::new()
            },
            body: dice.percent(90).then(|| format!("{author:?} {index}")),
            at: self.stamp(),
            asks_receipt: dice.percent(50),
        };
        // A friend may have written to the other device alone: then a copy comes here.
        let is_copy = author == Author::OtherDevice || dice.percent(25);
        let message = message(&said, Some(index));
        self.archive.push(said);
        let here = |stream: &&mut Stream| stream.present && (!is_copy || stream.carbons);
        match self.live.as_mut().or(self.broken.as_mut()).filter(here) {
            Some(stream) => {
                let name = if author == Author::Friend { "received" } else { "sent" };
                stream.tell(if is_copy { copy(name, message) } else { message });
            }
            None if author == Author::Friend => self.kept.push(index),
            None => {}
        }
    }

    fn stamp(&self) -> i64 {
        if self.coarse { self.now / 1000 * 1000 } else { self.now }
    }

    /// A new stream; a broken one can be resumed still.
    pub fn connect(&mut self) {
        if let Some(broken) = self.broken.as_mut().filter(|_| !self.manages) {
            // Nobody can be asked how far it came: without stream management an old connection must be at its end.
            broken.up.clear();
        }
        self.live = Some(Stream::default());
    }

    /// The cable is pulled: what was on the way to the device is gone, and some of what was on the way from it.
    pub fn lose(&mut self, dice: &mut Dice) {
        let Some(mut stream) = self.live.take() else { return };
        stream.down.clear();
        let left = dice.below(stream.up.len() + 1);
        stream.up.truncate(left);
        // A stream that never said where it belongs stands for nothing.
        if stream.is_managed || stream.present {
            self.end_broken();
            self.broken = Some(stream);
        }
    }

    /// All streams end, and whatever the server had not handled.
    pub fn restart(&mut self, dice: &mut Dice) {
        self.lose(dice);
        if let Some(stream) = &mut self.broken {
            stream.up.clear();
        }
        self.end_broken();
        self.ended.clear();
    }

    /// The time for resuming is over.
    pub fn end_broken(&mut self) {
        let Some(stream) = self.broken.take() else { return };
        let ids = stream.unacked.iter().filter_map(archive_index);
        self.kept
            .extend(ids.filter(|index| self.archive[*index].author == Author::Friend));
        self.kept.sort_unstable();
        self.ended.extend(stream.id.map(|id| (id, stream.handled)));
    }

    /// Takes a new connection for the broken stream of that name, or says that there is none.
    pub fn resume(&mut self, previous: &Previous) -> Element {
        let named = |stream: &mut Stream| stream.id.as_deref() == Some(&previous.id);
        let Some(mut old) = self.broken.take_if(named) else {
            let ended = self.ended.iter().find(|(id, _)| *id == previous.id);
            let count = ended
                .filter(|_| self.tells_counts)
                .map(|(_, handled)| handled.to_string());
            let attributes: Vec<_> = count.iter().map(|count| ("h", count.as_str())).collect();
            return element("failed", ns::SM, &attributes);
        };
        // What was not read of the broken connection never will be.
        old.up.clear();
        old.acknowledged(previous.handled);
        old.down = old.unacked.clone();
        let answer = element(
            "resumed",
            ns::SM,
            &[("h", &old.handled.to_string()), ("previd", &previous.id)],
        );
        self.live = Some(old);
        answer
    }

    /// Reads one thing that the device sent, also on a connection that is broken already. False if there is none.
    pub fn read(&mut self, dice: &mut Dice) -> bool {
        let late = dice.percent(50);
        let broken = self.broken.as_mut().filter(|_| late);
        if let Some(heard) = broken.and_then(|stream| stream.up.pop_front()) {
            let live = self.live.take();
            self.live = self.broken.take();
            self.is_late = true;
            self.hear(dice, &heard);
            self.is_late = false;
            self.broken = self.live.take();
            self.live = live;
            return true;
        }
        let Some(stream) = &mut self.live else { return false };
        if let Some(heard) = stream.up.pop_front() {
            self.hear(dice, &heard);
        } else if let Some(question) = stream.later.take() {
            self.asked(dice, &question);
        } else {
            return false;
        }
        true
    }

    fn hear(&mut self, dice: &mut Dice, heard: &Element) {
        if heard.has_ns(ns::SM) {
            return self.managed(heard);
        }
        if let Some(stream) = self.live.as_mut().filter(|stream| stream.is_managed) {
            stream.handled += 1;
        }
        match heard.name() {
            "iq" if self.hesitates && heard.has_child("enable", ns::CARBONS) => {
                if let Some(stream) = &mut self.live {
                    stream.later = Some(heard.clone());
                }
            }
            "iq" => self.asked(dice, heard),
            "presence" => self.present(),
            _ => self.sent(heard),
        }
    }

    fn managed(&mut self, heard: &Element) {
        self.streams += 1;
        let name = format!("stream {}", self.streams);
        let Some(stream) = &mut self.live else { return };
        match heard.name() {
            "enable" => {
                stream.is_managed = true;
                stream
                    .down
                    .push_back(element("enabled", ns::SM, &[("id", &name), ("resume", "true")]));
                stream.id = Some(name);
            }
            "r" => stream
                .down
                .push_back(element("a", ns::SM, &[("h", &stream.handled.to_string())])),
            _ => stream.acknowledged(heard.attr("h").unwrap().parse().unwrap()),
        }
    }

    /// The server wants to know how far the device is.
    pub fn wants_acknowledgement(&mut self) {
        if let Some(stream) = self.live.as_mut().filter(|stream| stream.is_managed) {
            stream.down.push_back(Element::bare("r", ns::SM));
        }
    }

    fn present(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        let Some(stream) = &mut self.live else { return };
        stream.present = true;
        for index in kept {
            let said = &self.archive[index];
            let delay = delay(said.at);
            match self.again {
                Again::Nothing => {}
                Again::WithIds => stream.tell(with(message(said, Some(index)), [delay])),
                Again::WithoutIds => stream.tell(with(message(said, None), [delay])),
            }
        }
    }

    /// A message of the device.
    fn sent(&mut self, heard: &Element) {
        let body = heard.get_child("body", ns::DEFAULT_NS).map(Element::text);
        let here = &self.archive[self.forgotten..];
        if !self.refused && body.is_some() && here.iter().any(|said| said.body == body) {
            self.doubled.clone_from(&body);
        }
        self.archive.push(Said {
            friend: number(heard.attr("to").unwrap()),
            author: Author::ThisDevice,
            wire_id: heard.attr("id").unwrap().to_owned(),
            body,
            at: self.stamp(),
            asks_receipt: false,
        });
    }

    /// A friend's device confirms a message of ours.
    pub fn confirms(&mut self, index: usize) {
        let (said, at) = (&self.archive[index], self.stamp());
        let received = element("received", ns::RECEIPTS, &[("id", &said.wire_id)]);
        let receipt = Said {
            author: Author::Friend,
            wire_id: format!("r{}", self.archive.len()),
            body: None,
            at,
            asks_receipt: false,
            ..said.clone()
        };
        let told = with(message(&receipt, Some(self.archive.len())), [received]);
        self.archive.push(receipt);
        if let Some(stream) = self.live.as_mut().filter(|stream| stream.present) {
            stream.tell(told);
        }
    }

    fn asked(&mut self, dice: &mut Dice, iq: &Element) {
        let (id, question) = (iq.attr("id").unwrap(), iq.children().next().unwrap());
        let answer = |kind, content: Option<Element>| {
            with(
                element("iq", ns::DEFAULT_NS, &[("type", kind), ("id", id), ("from", ME)]),
                content,
            )
        };
        let answer = match question.ns().as_str() {
            ns::DISCO_INFO => {
                let features = [ns::SID, ns::MAM].map(|var| element("feature", ns::DISCO_INFO, &[("var", var)]));
                answer("result", Some(with(Element::bare("query", ns::DISCO_INFO), features)))
            }
            ns::MAM if dice.strikes(3) => {
                self.refused = true;
                let condition = Element::bare("internal-server-error", ns::XMPP_STANZAS);
                answer("error", Some(with(Element::bare("error", ns::DEFAULT_NS), [condition])))
            }
            ns::MAM => {
                if let Some(fin) = self.pages(dice, question) {
                    answer("result", Some(fin))
                } else {
                    let condition = Element::bare("item-not-found", ns::XMPP_STANZAS);
                    answer("error", Some(with(Element::bare("error", ns::DEFAULT_NS), [condition])))
                }
            }
            _ => answer("result", None),
        };
        let Some(stream) = &mut self.live else { return };
        stream.carbons |= question.has_ns(ns::CARBONS);
        stream.tell(answer);
    }

    /// Tells a page of the archive, and answers how it ends; `None` if it cannot.
    fn pages(&mut self, dice: &mut Dice, query: &Element) -> Option<Element> {
        let set = query.get_child("set", ns::RSM).unwrap();
        let word = |name| set.get_child(name, ns::RSM).map(Element::text);
        let friend = query.get_child("x", ns::DATA_FORMS).map(|form| {
            let with = form.children().find(|field| field.attr("var") == Some("with")).unwrap();
            number(&with.children().next().unwrap().text())
        });
        let known = |id: String| {
            let index: usize = id.strip_prefix('a').unwrap().parse().unwrap();
            (index >= self.forgotten || self.forgives).then_some(index)
        };
        let all = (self.forgotten..self.archive.len())
            .filter(|index| friend.is_none_or(|friend| self.archive[*index].friend == friend));
        let most = word("max").unwrap().parse::<usize>().unwrap().min(self.page);
        let (page, complete): (Vec<usize>, bool) = if let Some(after) = word("after") {
            let after = known(after)?;
            let rest: Vec<_> = all.filter(|index| *index > after).collect();
            (rest.iter().copied().take(most).collect(), rest.len() <= most)
        } else {
            let before = word("before").filter(|id| !id.is_empty());
            let before = before.map_or(Some(usize::MAX), known)?;
            let rest: Vec<_> = all.filter(|index| *index < before).collect();
            (rest[rest.len().saturating_sub(most)..].to_vec(), rest.len() <= most)
        };
        for (nth, index) in page.iter().enumerate() {
            let result = self.result(*index, query.attr("queryid").unwrap());
            self.live.as_mut()?.tell(result);
            // Life goes on while a page is told.
            if nth + 1 == page.len() && !self.is_late && dice.strikes(15) {
                self.arrives(dice, 0, Author::Friend);
            }
        }
        let leaf = |name, index: &usize| {
            let mut leaf = Element::bare(name, ns::RSM);
            leaf.append_text_node(format!("a{index}"));
            leaf
        };
        let ends = page.first().map(|first| leaf("first", first));
        let ends = ends.into_iter().chain(page.last().map(|last| leaf("last", last)));
        let set = with(Element::bare("set", ns::RSM), ends);
        Some(with(
            element("fin", ns::MAM, &[("complete", if complete { "true" } else { "false" })]),
            [set],
        ))
    }

    fn result(&self, index: usize, queryid: &str) -> Element {
        let said = &self.archive[index];
        let forwarded = with(
            Element::bare("forwarded", ns::FORWARD),
            [delay(said.at), message(said, None)],
        );
        let result = element("result", ns::MAM, &[("queryid", queryid), ("id", &format!("a{index}"))]);
        with(Element::bare("message", ns::DEFAULT_NS), [with(result, [forwarded])])
    }
}

impl Stream {
    fn tell(&mut self, stanza: Element) {
        if self.is_managed {
            self.unacked.push_back(stanza.clone());
        }
        self.down.push_back(stanza);
    }

    fn acknowledged(&mut self, count: u32) {
        let new = count.checked_sub(self.acked).expect("no count goes backwards") as usize;
        assert!(
            new <= self.unacked.len(),
            "the device acknowledges what it was never told"
        );
        self.unacked.drain(..new);
        self.acked = count;
    }
}

/// Which friend an address names.
fn number(address: &str) -> usize {
    let rest = address.strip_prefix("friend").unwrap();
    rest.split('@').next().unwrap().parse().unwrap()
}

/// The message as it goes over the wire, with the id of the archive if it is told now.
fn message(said: &Said, index: Option<usize>) -> Element {
    let friend = format!("friend{}@b.example", said.friend);
    let (from, to) = match said.author {
        Author::Friend => (format!("{friend}/phone"), ME.to_owned()),
        Author::ThisDevice => (DEVICE.to_owned(), friend),
        Author::OtherDevice => (format!("{ME}/other"), friend),
    };
    let attributes = [("type", "chat"), ("from", &from), ("to", &to), ("id", &said.wire_id)];
    let body = said.body.as_ref().map(|text| {
        let mut body = Element::bare("body", ns::DEFAULT_NS);
        body.append_text_node(text.clone());
        body
    });
    let request = said.asks_receipt.then(|| Element::bare("request", ns::RECEIPTS));
    let id = index.map(|index| element("stanza-id", ns::SID, &[("by", ME), ("id", &format!("a{index}"))]));
    with(
        element("message", ns::DEFAULT_NS, &attributes),
        body.into_iter().chain(request).chain(id),
    )
}

fn delay(at: i64) -> Element {
    let stamp = chrono::DateTime::from_timestamp_millis(at).unwrap();
    let stamp = stamp.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    element("delay", ns::DELAY, &[("from", "a.example"), ("stamp", &stamp)])
}

fn copy(name: &str, message: Element) -> Element {
    let forwarded = with(Element::bare("forwarded", ns::FORWARD), [message]);
    let copy = with(Element::bare(name, ns::CARBONS), [forwarded]);
    with(
        element("message", ns::DEFAULT_NS, &[("from", ME), ("to", DEVICE)]),
        [copy],
    )
}

/// Which of the archive's messages a stanza tells, if it tells one directly.
fn archive_index(stanza: &Element) -> Option<usize> {
    let id = stanza.get_child("stanza-id", ns::SID)?.attr("id")?;
    id.strip_prefix('a')?.parse().ok()
}
