//! Which rows exist: from the anchor outwards until the viewport and a margin are full.

use std::collections::{HashMap, VecDeque};

use iced_core::widget::Tree;
use iced_core::{Size, layout};

use super::{Anchor, Key, Rest, Timeline};
use crate::widget::{Element, Renderer};

/// Rows this far outside the viewport exist too, so that the keyboard finds the next thing to press.
const MARGIN: f32 = 120.0;

pub(super) struct Row<'a, Message> {
    pub index: usize,
    pub key: Key,
    pub element: Element<'a, Message>,
    pub tree: Tree,
    pub node: layout::Node,
}

/// Rows in their places.
pub(super) struct Laid<'a, Message> {
    pub rows: VecDeque<Row<'a, Message>>,
    /// The top of the first of them, below the top of the viewport.
    pub top: f32,
    /// How many rows there are in all.
    pub total: usize,
}

impl<Message> Laid<'_, Message> {
    /// Whether the start and the end of the list are in the viewport.
    pub fn edges(&self, height: f32) -> (bool, bool) {
        let tall: f32 = self.rows.iter().map(|row| row.node.size().height).sum();
        let first = self.rows.front().is_none_or(|row| row.index == 0);
        let last = self.rows.back().is_none_or(|row| row.index + 1 == self.total);
        (first && self.top > -0.5, last && self.top + tall < height + 0.5)
    }

    /// The row by which the place is remembered: the first whose top is visible, else the first that is.
    pub fn first_visible(&self, height: f32) -> Option<(Key, f32)> {
        let mut y = self.top;
        let mut cut = None;
        for row in &self.rows {
            if (0.0..height).contains(&y) {
                return Some((row.key, y));
            }
            let bottom = y + row.node.size().height;
            if bottom > 0.0 && cut.is_none() {
                cut = Some((row.key, y));
            }
            y = bottom;
        }
        cut
    }
}

/// Rows that stay from the frame before: elements by index, states by key.
pub(super) type Kept<'a, Message> = (HashMap<usize, Element<'a, Message>>, HashMap<Key, Tree>);

pub(super) struct Rows<'t, 'a, Message> {
    timeline: &'t Timeline<'a, Message>,
    renderer: &'t Renderer,
    size: Size,
    kept: Kept<'a, Message>,
    built: VecDeque<Row<'a, Message>>,
    top: f32,
    bottom: f32,
}

impl<'t, 'a, Message> Rows<'t, 'a, Message> {
    pub fn new(
        timeline: &'t Timeline<'a, Message>,
        renderer: &'t Renderer,
        size: Size,
        kept: Kept<'a, Message>,
    ) -> Self {
        Self {
            timeline,
            renderer,
            size,
            kept,
            built: VecDeque::new(),
            top: 0.0,
            bottom: 0.0,
        }
    }

    pub fn finish(self) -> Laid<'a, Message> {
        Laid {
            rows: self.built,
            top: self.top,
            total: self.timeline.len,
        }
    }

    /// Fills the viewport from the anchor.
    pub fn arrange(&mut self, anchor: Anchor) {
        if self.timeline.len == 0 {
            return;
        }
        self.seed(anchor);
        self.grow_down();
        if self.bottom < self.size.height && self.has_last() {
            self.shift(self.size.height - self.bottom);
        }
        self.grow_up();
        if self.top > 0.0 && self.has_first() {
            let short = self.has_last() && self.bottom - self.top <= self.size.height;
            if !(short && self.timeline.rest == Rest::End) {
                self.shift(-self.top);
                self.grow_down();
            }
        }
        self.drop_outside();
    }

    fn seed(&mut self, anchor: Anchor) {
        let last = self.timeline.len - 1;
        let at_rest = match self.timeline.rest {
            Rest::Start => (0, Anchor::Start),
            Rest::End => (last, Anchor::End),
        };
        let (index, anchor) = match anchor {
            Anchor::Start => (0, anchor),
            Anchor::End => (last, anchor),
            Anchor::Row { key, .. } => (self.timeline.find)(key).map_or(at_rest, |index| (index, anchor)),
        };
        let row = self.build(index.min(last));
        let tall = row.node.size().height;
        self.top = match anchor {
            Anchor::Start => 0.0,
            Anchor::End => self.size.height - tall,
            Anchor::Row { offset, .. } => offset.round(),
        };
        self.bottom = self.top + tall;
        self.built.push_back(row);
    }

    fn grow_down(&mut self) {
        while self.bottom < self.size.height + MARGIN && !self.has_last() {
            let next = self.built.back().map_or(0, |row| row.index + 1);
            let row = self.build(next);
            self.bottom += row.node.size().height;
            self.built.push_back(row);
        }
    }

    fn grow_up(&mut self) {
        while self.top > -MARGIN
            && let Some(before) = self.built.front().and_then(|row| row.index.checked_sub(1))
        {
            let row = self.build(before);
            self.top -= row.node.size().height;
            self.built.push_front(row);
        }
    }

    fn drop_outside(&mut self) {
        while self.built.len() > 1
            && let Some(tall) = self.built.front().map(|row| row.node.size().height)
            && self.top + tall < -MARGIN
        {
            self.top += tall;
            self.built.pop_front();
        }
        while self.built.len() > 1
            && let Some(tall) = self.built.back().map(|row| row.node.size().height)
            && self.bottom - tall > self.size.height + MARGIN
        {
            self.bottom -= tall;
            self.built.pop_back();
        }
    }

    fn shift(&mut self, by: f32) {
        self.top += by;
        self.bottom += by;
    }

    fn has_first(&self) -> bool {
        self.built.front().is_some_and(|row| row.index == 0)
    }

    fn has_last(&self) -> bool {
        self.built.back().is_some_and(|row| row.index + 1 == self.timeline.len)
    }

    fn build(&mut self, index: usize) -> Row<'a, Message> {
        let key = (self.timeline.key)(index);
        let (mut element, fresh) = match self.kept.0.remove(&index) {
            Some(element) => (element, false),
            None => ((self.timeline.view)(index), true),
        };
        let mut tree = match self.kept.1.remove(&key) {
            Some(mut tree) => {
                if fresh {
                    tree.diff(element.as_widget());
                }
                tree
            }
            None => Tree::new(element.as_widget()),
        };
        let limits = layout::Limits::new(Size::ZERO, Size::new(self.size.width, f32::INFINITY));
        let node = element.as_widget_mut().layout(&mut tree, self.renderer, &limits);
        // Whole pixels, so that every glyph falls on the same part of a pixel and is found in the cache.
        let size = Size::new(node.size().width, node.size().height.ceil());
        let node = layout::Node::with_children(size, vec![node]);
        Row {
            index,
            key,
            element,
            tree,
            node,
        }
    }
}
