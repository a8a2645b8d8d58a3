//! Catching up with the archive, one question at a time; the next is asked while the last answer is stored. XEP-0313.
//!
//! Forward from "caught up to here" first; then older history that somebody scrolls for; then, in the background and
//! within a limit, the rest. First sync, a forgotten id, or too long a gap: *jump* to the newest page.

use std::collections::VecDeque;
use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::sync::oneshot;
use tokio::time::Instant;
use xmpp_parsers::ns;

use crate::archive::{Fetched, Purpose, gap};
use crate::error::{Cause, Refused};
use crate::model::ChatId;
use crate::protocol::query::{self, Fin, Page};
use crate::random;
use crate::store::archives::Archive;

/// Large pages: every question costs a Raspberry Pi the same, whatever its size. Smaller ones if it takes its time all the
/// same: other people wait behind us.
const PAGE: u32 = 250;
const SMALLEST: u32 = 10;
const SLOW: Duration = Duration::from_secs(4);
/// What somebody who scrolls waits for.
const FILL: u32 = 100;
/// So many pages are fetched without being asked for: 25,000 messages. Few in `histories`, which are short.
const MOST_PAGES: u32 = if cfg!(test) { 6 } else { 100 };
/// A server that sends more than it was asked for is cut off here.
const MOST_RESULTS: usize = 2_000;

/// Somebody scrolls up and waits for older history.
pub(crate) struct Fill {
    pub chat: ChatId,
    pub peer: BareJid,
    /// The chat's own floor, where it is lower than the account's.
    pub before: Option<String>,
    pub done: oneshot::Sender<Result<bool, Cause>>,
}

/// How far we are with the archive.
pub(super) struct Sync {
    /// What the rows say, or will say once the page on its way to the store is there.
    archive: Archive,
    /// Everything up to now is here, or cannot be had.
    caught_up: bool,
    /// The archive does not answer: what is missing is asked for in the next session.
    given_up: bool,
    /// The gap was jumped over in this session.
    jumped: bool,
    /// Pages fetched forward in this session.
    forward: u32,
    /// How many results to ask for.
    page: u32,
    asked: Option<Asked>,
    /// How many results a page holds at the most, while something unreadable is being narrowed down.
    narrowed: Option<u32>,
    /// There is none.
    absent: bool,
    /// What may lie in the gap after a jump is waited for.
    seeks: bool,
    fills: VecDeque<Fill>,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            archive: Archive::default(),
            caught_up: false,
            given_up: false,
            jumped: false,
            forward: 0,
            page: PAGE,
            asked: None,
            narrowed: None,
            absent: false,
            seeks: false,
            fills: VecDeque::new(),
        }
    }
}

struct Asked {
    queryid: String,
    purpose: Purpose,
    results: Vec<Element>,
    /// So many of the last results come again if the stream is cut.
    uncounted: usize,
    at: Instant,
}

impl Sync {
    /// At the start of a session that was not resumed.
    pub fn begin(&mut self, archive: Archive) {
        let mut fills = std::mem::take(&mut self.fills);
        ask_anew(&mut fills);
        *self = Self {
            archive,
            fills,
            narrowed: self.narrowed,
            page: self.page,
            ..Self::default()
        };
    }

    /// Whether what is written here may leave.
    pub fn caught_up(&self) -> bool {
        self.caught_up
    }

    /// Whether nothing is missing before what comes now.
    pub fn is_whole(&self) -> bool {
        self.caught_up && !self.given_up
    }

    /// Whether nothing more is fetched by itself.
    pub fn is_settled(&self) -> bool {
        self.caught_up && self.asked.is_none() && !self.wants_more()
    }

    fn wants_more(&self) -> bool {
        let seeks = self.seeks && self.has_gap();
        !self.archive.complete && self.archive.floor_id.is_some() && (seeks || self.archive.pages < MOST_PAGES)
    }

    /// Whether a jump left something out that nobody has looked at yet.
    pub fn has_gap(&self) -> bool {
        self.archive.gap_id.is_some()
    }

    /// Something waits for what is in the gap.
    pub fn seek(&mut self) {
        self.seeks = true;
    }

    /// There is no archive: nothing to catch up with, and nothing older anywhere.
    pub fn none(&mut self) {
        self.caught_up = true;
        self.absent = true;
        self.archive.complete = true;
        self.archive.gap_id = None;
    }

    /// Whether there is no archive to ask.
    pub fn is_absent(&self) -> bool {
        self.absent
    }

    /// Something live was left out: the archive is asked for it.
    pub fn fall_behind(&mut self) {
        self.caught_up = self.absent;
        self.given_up = false;
        self.jumped = false;
        self.forward = 0;
    }

    pub fn fill(&mut self, fill: Fill) {
        self.fills.push_back(fill);
    }

    /// The next question, if none is open.
    pub fn next(&mut self) -> Option<Element> {
        if self.asked.is_some() {
            return None;
        }
        let (purpose, page, most, with) = self.choose()?;
        let most = self.narrowed.map_or(most, |narrowed| most.min(narrowed)).min(self.page);
        tracing::debug!(?purpose, "asks the archive for a page");
        let queryid = random::token();
        let question = query::page(&queryid, &page, most, with.as_ref());
        self.asked = Some(Asked {
            queryid,
            purpose,
            results: Vec::new(),
            uncounted: 0,
            at: Instant::now(),
        });
        Some(question)
    }

    fn choose(&mut self) -> Option<(Purpose, Page, u32, Option<BareJid>)> {
        if !self.caught_up {
            return Some(match &self.archive.newest_id {
                Some(id) if self.forward < MOST_PAGES => (Purpose::Forward, Page::After(id.clone()), PAGE, None),
                _ => (Purpose::Latest, Page::Latest, PAGE, None),
            });
        }
        // Nobody waits for it any more: the screen is gone.
        self.fills.retain(|fill| !fill.done.is_closed());
        if self.archive.complete {
            // Asked before we knew.
            self.fills.drain(..).for_each(|fill| drop(fill.done.send(Ok(true))));
        }
        if self.given_up && self.archive.floor_id.is_none() {
            // There is nothing yet that it would be older than.
            let none = || Err(Refused::NoOlder.into());
            self.fills.drain(..).for_each(|fill| drop(fill.done.send(none())));
        }
        if let Some(fill) = self.fills.front_mut() {
            fill.before = fill.before.take().or_else(|| self.archive.floor_id.clone());
            let page = fill.before.clone().map_or(Page::Latest, Page::Before);
            return Some((Purpose::Fill(fill.chat), page, FILL, Some(fill.peer.clone())));
        }
        let floor = self.archive.floor_id.clone().filter(|_| self.wants_more())?;
        Some((Purpose::Backward, Page::Before(floor), PAGE, None))
    }

    /// Takes a message that is a result of the open question. Gives it back if it is not.
    pub fn take(&mut self, mut message: Element) -> Option<Element> {
        let Some(asked) = &mut self.asked else {
            return Some(message);
        };
        let answers = |result: &Element| result.attr("queryid") == Some(asked.queryid.as_str());
        if !message.get_child("result", ns::MAM).is_some_and(answers) {
            return Some(message);
        }
        if asked.results.len() < MOST_RESULTS {
            asked.results.extend(message.remove_child("result", ns::MAM));
            asked.uncounted += 1;
        }
        None
    }

    /// Whether a page is being told.
    pub fn is_reading(&self) -> bool {
        self.asked.is_some()
    }

    /// The results that came so far count as taken.
    pub fn counted(&mut self) {
        if let Some(asked) = &mut self.asked {
            asked.uncounted = 0;
        }
    }

    /// The stream goes on: what does not count as taken comes again, and an archive that was silent may answer now.
    pub fn resumed(&mut self) {
        if self.given_up {
            self.fall_behind();
        }
        if let Some(asked) = &mut self.asked {
            let kept = asked.results.len().saturating_sub(asked.uncounted);
            asked.results.truncate(kept);
            asked.uncounted = 0;
        }
    }

    /// The server did not answer the open question. It may be able to answer a smaller one.
    pub fn unanswered(&mut self) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        if self.page == SMALLEST {
            self.failed(asked.purpose);
        }
        self.page = (self.page / 5).max(SMALLEST);
    }

    /// The open question was answered. What is to be stored; the cursors here are already moved.
    pub fn answered(&mut self, answer: &Element) -> Option<Fetched> {
        let Asked {
            purpose, results, at, ..
        } = self.asked.take()?;
        self.page = match at.elapsed() {
            took if took > SLOW => (self.page / 2).max(SMALLEST),
            took if took < SLOW / 4 => (self.page * 2).min(PAGE),
            _ => self.page,
        };
        let fin = query::fin(answer).filter(|_| answer.attr("type") == Some("result"));
        let Some(fin) = fin.or_else(|| forgotten(purpose, answer)) else {
            tracing::info!(
                ?purpose,
                condition = crate::protocol::errors::condition(answer),
                "no page of the archive"
            );
            return self.failed(purpose);
        };
        if purpose != Purpose::Forward {
            self.narrowed = self.narrowed.map(|most| most * 2).filter(|most| *most < PAGE);
        }
        let fin = self.without_standstill(purpose, fin);
        tracing::debug!(?purpose, results = results.len(), complete = fin.complete, "got a page");
        let page = Fetched { purpose, results, fin };
        self.turn(&page);
        Some(page)
    }

    /// Moves the cursors past a page.
    fn turn(&mut self, page: &Fetched) {
        let (fin, before) = (&page.fin, &mut self.archive);
        match page.purpose {
            Purpose::Latest => {
                ask_anew(&mut self.fills);
                let end = before.gap_id.take().or(before.newest_id.take());
                self.archive = Archive {
                    newest_id: fin.last.clone(),
                    floor_id: fin.first.clone(),
                    complete: fin.complete,
                    gap_id: gap(end.or_else(|| Some(String::new())), page),
                    ..Archive::default()
                };
                self.jumped = true;
                self.forward = 0;
                // What came meanwhile stands behind what the next page tells, if it tells anything.
                self.caught_up = fin.last.is_none();
            }
            Purpose::Forward => {
                self.forward += 1;
                if let Some(last) = &fin.last {
                    self.archive.newest_id = Some(last.clone());
                }
                self.caught_up = fin.complete;
            }
            Purpose::Backward => {
                self.archive.pages += 1;
                self.archive.complete = fin.complete;
                self.archive.gap_id = gap(self.archive.gap_id.take(), page);
                if let Some(first) = &fin.first {
                    self.archive.floor_id = Some(first.clone());
                }
            }
            Purpose::Fill(_) => {}
        }
    }

    /// The stream ended inside something unreadable, after the head of this result of the open question, if it was one.
    /// It will be there the next time, so the way leads past it: what is to be stored of the page.
    pub fn unreadable(&mut self, id: Option<String>) -> Option<Fetched> {
        let (Asked { purpose, results, .. }, id) = (self.asked.take()?, id?);
        let (first, results) = match purpose {
            // Pages forward come in the order of their cursor: all before it are here.
            Purpose::Forward => (None, results),
            // Pages backward begin with what is farthest: smaller ones, until it stands at the cursor.
            _ if self.narrowed != Some(1) => {
                self.narrowed = Some((self.narrowed.unwrap_or(PAGE) / 8).max(1));
                return None;
            }
            _ => (Some(id.clone()), Vec::new()),
        };
        tracing::warn!(?purpose, "passed over something unreadable in the archive");
        let (complete, last) = (false, Some(id));
        let fin = Fin { complete, first, last };
        Some(Fetched { purpose, results, fin })
    }

    /// A page that does not move its cursor is the last one, whatever the server says: no endless loops.
    fn without_standstill(&self, purpose: Purpose, fin: Fin) -> Fin {
        let stands = match purpose {
            Purpose::Latest => fin.first.is_none(),
            Purpose::Forward => fin.last.is_none() || fin.last == self.archive.newest_id,
            Purpose::Backward => fin.first.is_none() || fin.first == self.archive.floor_id,
            Purpose::Fill(_) => fin.first.is_none() || self.fills.front().is_some_and(|fill| fill.before == fin.first),
        };
        Fin {
            complete: fin.complete || stands,
            ..fin
        }
    }

    /// The archive does not answer this question.
    fn failed(&mut self, purpose: Purpose) -> Option<Fetched> {
        match purpose {
            // It forgot the id that we know: the gap cannot be measured, so jump over it.
            Purpose::Forward if !self.jumped => self.forward = MOST_PAGES,
            Purpose::Forward | Purpose::Latest => {
                self.caught_up = true;
                self.given_up = true;
            }
            Purpose::Backward => {
                self.archive.pages = MOST_PAGES;
                // Twice is better than never.
                self.archive.gap_id = None;
            }
            Purpose::Fill(_) => {
                if let Some(fill) = self.fills.pop_front() {
                    // Nobody waits: nobody is told.
                    let _ = fill.done.send(Err(Refused::NoOlder.into()));
                }
            }
        }
        None
    }

    /// The page that somebody waited for is stored.
    pub fn filled(&mut self, complete: bool) {
        if let Some(fill) = self.fills.pop_front() {
            let _ = fill.done.send(Ok(complete));
        }
    }

    /// A live message moved the cursor.
    pub fn moved(&mut self, newest_id: String) {
        self.archive.newest_id = Some(newest_id);
    }
}

/// The floor may be another one: from the old one on a page would leave out what lies between.
fn ask_anew(fills: &mut VecDeque<Fill>) {
    fills.iter_mut().for_each(|fill| fill.before = None);
}

/// An archive that does not know the floor any more has nothing older: what is here is all there is.
fn forgotten(purpose: Purpose, answer: &Element) -> Option<Fin> {
    let backward = matches!(purpose, Purpose::Backward | Purpose::Fill(_));
    (backward && crate::protocol::errors::condition(answer) == "item-not-found").then_some(Fin {
        complete: true,
        first: None,
        last: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{element, with};

    /// How many results a question wants.
    fn most(question: &Element) -> u32 {
        let set = question.get_child("set", ns::RSM).unwrap();
        set.get_child("max", ns::RSM).unwrap().text().parse().unwrap()
    }

    fn result(question: &Element, id: &str) -> Element {
        let queryid = question.attr("queryid").unwrap();
        let result = element("result", ns::MAM, &[("queryid", queryid), ("id", id)]);
        with(Element::bare("message", ns::DEFAULT_NS), [result])
    }

    fn fin() -> Element {
        let fin = "<iq xmlns='jabber:client' type='result'><fin xmlns='urn:xmpp:mam:2'>\
                   <set xmlns='http://jabber.org/protocol/rsm'><first>a</first><last>z</last></set></fin></iq>";
        fin.parse().unwrap()
    }

    #[test]
    fn what_comes_again_after_a_cut_is_in_the_page_once() {
        let mut sync = Sync::default();
        let question = sync.next().unwrap();
        sync.take(result(&question, "a"));
        // Something live came with it, so that it was counted.
        sync.counted();
        sync.take(result(&question, "b"));
        sync.resumed();
        for id in ["b", "z"] {
            sync.take(result(&question, id));
        }
        let page = sync.answered(&fin()).unwrap();
        let ids: Vec<_> = page.results.iter().filter_map(|result| result.attr("id")).collect();
        assert_eq!(ids, ["a", "b", "z"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_takes_its_time_is_asked_for_less() {
        let mut sync = Sync::default();
        let mut sizes = Vec::new();
        for seconds in [0, 5, 5, 2, 0, 0] {
            sizes.push(most(&sync.next().unwrap()));
            tokio::time::advance(Duration::from_secs(seconds)).await;
            sync.answered(&fin()).unwrap();
            sync.archive.floor_id = Some(random::token());
        }
        assert_eq!(sizes, [250, 250, 125, 62, 62, 124]);
    }

    #[test]
    fn a_server_that_does_not_answer_is_asked_for_less_and_then_left_in_peace() {
        let mut sync = Sync::default();
        let mut sizes = Vec::new();
        while let Some(question) = sync.next() {
            sizes.push(most(&question));
            sync.unanswered();
        }
        assert_eq!(sizes, [250, 50, 10]);
        assert!(sync.caught_up(), "what is written here can leave");
        assert!(!sync.is_whole(), "what comes now hides nothing");
        sync.resumed();
        assert!(sync.next().is_some(), "it may answer now");
    }

    #[test]
    fn after_a_jump_it_is_asked_for_what_came_meanwhile() {
        let mut sync = Sync::default();
        sync.next().unwrap();
        sync.answered(&fin()).unwrap();
        assert!(!sync.caught_up());
        let question = String::from(&sync.next().unwrap());
        assert!(question.contains("<after>z</after>"), "{question}");
        // Nor does an archive that will not say end in a circle.
        let refused = "<iq xmlns='jabber:client' type='error'/>".parse().unwrap();
        assert!(sync.answered(&refused).is_none());
        assert!(sync.caught_up() && !sync.is_whole());
    }
}
