//! Where a timeline stands, and what of it is remembered between frames.

use std::time::Instant;

use iced_core::widget::operation::Focusable;
use iced_core::{Point, touch};

use super::Key;
use super::arrange::Laid;
use super::bar::Bar;

/// Where the viewport stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Anchor {
    /// The first row at the top edge, whatever comes before it later.
    Start,
    /// The last row at the bottom edge, whatever comes after it later.
    End,
    /// The top of a row so many pixels below the top of the viewport.
    Row {
        /// Which row.
        key: Key,
        /// How far below.
        offset: f32,
    },
}

/// Where a list begins, what it sticks to, and where it stands when it is shorter than the viewport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// At the top, as lists do.
    Start,
    /// At the bottom, as conversations do.
    End,
}

/// A wish to move the viewport.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jump {
    /// Counts wishes: each is followed once.
    pub serial: u64,
    /// Where to.
    pub to: Anchor,
}

/// What a timeline tells the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Few rows are left above: time to bring older ones. Once for each first row.
    NearStart,
    /// The viewport reached the end, or left it.
    AtEnd(bool),
}

pub(super) struct State {
    pub anchor: Anchor,
    /// The keys of the tree's children, in order.
    pub keys: Vec<Key>,
    pub bar: Option<Bar>,
    /// The first row that exists: its index, key and top.
    pub first: Option<(usize, Key, f32)>,
    pub at_end: bool,
    pub told_end: Option<bool>,
    /// The first row of all for which older ones were asked.
    pub asked_for: Option<Key>,
    /// Where the bar is held, below the top of its thumb.
    pub held: Option<f32>,
    pub finger: Option<Finger>,
    /// Speed in pixels a second, and since when.
    pub fling: Option<(f32, Instant)>,
    pub focused: bool,
    /// The keyboard may have moved to a row outside the viewport.
    pub focus_moved: bool,
    /// Counts how often the rows have moved.
    moves: u16,
    jump: u64,
}

/// A finger on the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finger {
    pub id: touch::Finger,
    pub at: Point,
    pub since: Instant,
    pub speed: f32,
    /// Moved far enough to be a scroll rather than a tap.
    pub scrolls: bool,
}

impl State {
    pub fn new(rest: Rest) -> Self {
        Self {
            anchor: match rest {
                Rest::Start => Anchor::Start,
                Rest::End => Anchor::End,
            },
            keys: Vec::new(),
            bar: None,
            first: None,
            at_end: false,
            told_end: None,
            asked_for: None,
            held: None,
            finger: None,
            fling: None,
            focused: false,
            focus_moved: false,
            moves: 0,
            jump: 0,
        }
    }

    /// Follows a wish that was not followed yet.
    pub fn follow(&mut self, jump: Option<Jump>) {
        if let Some(jump) = jump.filter(|jump| jump.serial != self.jump) {
            self.jump = jump.serial;
            self.anchor = jump.to;
            self.fling = None;
        }
    }

    /// Remembers what was laid out. The anchor becomes the first row whose top is visible: whatever
    /// changes above it later then grows upwards, out of sight.
    pub fn settle(&mut self, laid: &Laid<'_, impl Sized>, height: f32, rest: Rest) {
        let (start, end) = laid.edges(height);
        self.at_end = end;
        let first = laid.rows.front().map(|row| (row.index, row.key, laid.top));
        if self.first != first {
            self.moves = self.moves.wrapping_add(1);
        }
        self.first = first;
        self.bar = Bar::of(laid, height);
        self.anchor = match rest {
            Rest::End if end => Anchor::End,
            Rest::Start if start => Anchor::Start,
            _ => laid
                .first_visible(height)
                .map_or(self.anchor, |(key, offset)| Anchor::Row { key, offset }),
        };
    }

    /// Less than a pixel can show, and different after each move of the rows. See `draw`.
    pub fn hair(&self) -> f32 {
        f32::from(self.moves % 16) / 1024.0
    }

    /// Moves the rows up by so many pixels (down, if negative). `layout` stops at both ends.
    pub fn scroll_by(&mut self, pixels: f32) {
        if let Anchor::Start | Anchor::End = self.anchor {
            let Some((_, key, offset)) = self.first else {
                return;
            };
            self.anchor = Anchor::Row { key, offset };
        }
        if let Anchor::Row { offset, .. } = &mut self.anchor {
            *offset -= pixels;
        }
    }
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focused
    }

    fn focus(&mut self) {
        self.focused = true;
    }

    fn unfocus(&mut self) {
        self.focused = false;
    }
}
