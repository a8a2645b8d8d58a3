//! The messages a conversation holds: the newest so many, and how many more to ask for.

use std::collections::HashMap;

use grend_core::model::{Message as Letter, Timeline, Window};

use super::Event;

/// One page.
const PAGE: u32 = 60;
/// A chat with thousands of new messages does not bring them all at once.
const MOST: u32 = 1000;
/// At the end of the conversation, a window longer than this is cut to a page.
const LONG: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Older {
    /// Nobody asked.
    Rest,
    /// The next answer may show more rows above.
    Asked,
    /// The server is asked.
    Filling,
    /// The server could not be asked; when the connection is back it will be.
    Wanted,
}

pub(super) struct Letters {
    all: Vec<Letter>,
    places: HashMap<i64, usize>,
    /// Nothing stands above, neither here nor on the server.
    complete: bool,
    arrived: bool,
    limit: u32,
    older: Older,
    /// The server has said that it has no more.
    exhausted: bool,
}

impl Letters {
    pub fn new(unread: u32) -> Self {
        Self {
            all: Vec::new(),
            places: HashMap::new(),
            complete: false,
            arrived: false,
            limit: PAGE.max(unread.saturating_add(PAGE / 3)).min(MOST),
            older: Older::Asked,
            exhausted: false,
        }
    }

    pub fn all(&self) -> &[Letter] {
        &self.all
    }

    pub fn place(&self, key: i64) -> Option<usize> {
        self.places.get(&key).copied()
    }

    pub fn complete(&self) -> bool {
        self.complete
    }

    /// Whether the first answer has come.
    pub fn arrived(&self) -> bool {
        self.arrived
    }

    /// Older history is on its way.
    pub fn filling(&self) -> bool {
        self.older == Older::Filling
    }

    /// What to ask now.
    pub fn window(&self) -> Window {
        let shown = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        Window {
            limit: self.limit.max(shown.saturating_add(PAGE / 2)),
            before: None,
        }
    }

    /// Takes the answer to a window. Away from the end nothing that is shown goes away.
    pub fn take(&mut self, asked: Window, timeline: Timeline, at_end: bool) -> Option<Event> {
        let Timeline {
            mut messages, complete, ..
        } = timeline;
        let oldest = self.all.first().map(|letter| letter.id);
        let above = oldest.and_then(|oldest| messages.iter().position(|letter| letter.id == oldest));
        let wanted = self.older == Older::Asked && asked.limit >= self.limit;
        let full = messages.len() >= asked.limit as usize;
        if oldest.is_some() && above.is_none() && full && !at_end {
            // More came at once than the window is long: a longer one, or the place of the reader is lost.
            self.limit = asked.limit.saturating_mul(2);
            return Some(Event::Ask(self.window()));
        }
        let surplus = match above {
            _ if at_end && !wanted && messages.len() > LONG => messages.len() - PAGE as usize,
            Some(above) if !wanted => above,
            _ => 0,
        };
        messages.drain(..surplus);
        self.complete = complete && surplus == 0;
        self.places = messages
            .iter()
            .enumerate()
            .map(|(place, letter)| (letter.id.0, place))
            .collect();
        self.all = messages;
        self.arrived = true;
        if !wanted {
            return None;
        }
        self.older = Older::Rest;
        // What was asked for did not come: it is not here, so the server is asked.
        if above == Some(0) { self.older() } else { None }
    }

    /// The first message comes near: asks for those before it, here first, then the server.
    pub fn older(&mut self) -> Option<Event> {
        if self.complete || self.exhausted || !self.arrived || matches!(self.older, Older::Asked | Older::Filling) {
            return None;
        }
        let shown = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let here = shown >= self.limit;
        self.limit = shown.saturating_add(PAGE);
        if here {
            self.older = Older::Asked;
            Some(Event::Ask(self.window()))
        } else {
            self.older = Older::Filling;
            Some(Event::Fill(self.window()))
        }
    }

    /// The server answered: whether that was all, or that it could not be asked.
    pub fn filled(&mut self, all: Option<bool>) -> Option<Event> {
        let Some(all) = all else {
            self.older = Older::Wanted;
            return None;
        };
        self.exhausted = all;
        self.older = Older::Asked;
        Some(Event::Ask(self.window()))
    }

    /// Asks the server again, if it could not be asked.
    pub fn retry(&mut self) -> Option<Event> {
        if self.older != Older::Wanted {
            return None;
        }
        self.older = Older::Filling;
        Some(Event::Fill(self.window()))
    }
}
