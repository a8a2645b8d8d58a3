//! A vertical list that builds only what is visible.
//!
//! The scroll position is not a distance from the top of a height that nobody knows. It is an [`Anchor`]: the end, the
//! start, or a row and where its top stands in the viewport. Sticking to the end, jumping to a message and adding older
//! history without a shift follow from that; there is no correction pass.
//!
//! **Invariant**: no step of a frame costs more with more rows. Rows are built in `layout`, from the anchor outwards;
//! their states are kept by key; the scroll bar counts rows, not pixels (`bar.rs`).

mod anchor;
mod arrange;
mod bar;
mod input;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use iced_core::widget::{Id, Operation, Tree, tree};
use iced_core::{Border, Clipboard, Color, Event, Layout, Length, Rectangle, Shell, Size, Vector, Widget};
use iced_core::{border, layout, mouse, overlay, renderer};

pub use anchor::{Anchor, Jump, Notice, Rest};

use crate::theme::Theme;
use crate::widget::{Element, Renderer};
use anchor::State;
use arrange::Rows;

/// What tells rows apart, whatever their place.
pub type Key = i64;

/// The widget. Rows are asked for by index and known by key.
pub struct Timeline<'a, Message> {
    len: usize,
    key: Box<dyn Fn(usize) -> Key + 'a>,
    find: Box<dyn Fn(Key) -> Option<usize> + 'a>,
    view: Box<dyn Fn(usize) -> Element<'a, Message> + 'a>,
    id: Option<Id>,
    rest: Rest,
    keyboard: bool,
    jump: Option<Jump>,
    on_notice: Option<Box<dyn Fn(Notice) -> Message + 'a>>,
    /// The rows that exist, in order, with their index.
    live: Vec<(usize, Element<'a, Message>)>,
}

impl<'a, Message> Timeline<'a, Message> {
    /// A list of `len` rows. `key` names a row, `find` is its inverse, `view` builds it.
    pub fn new(
        len: usize,
        key: impl Fn(usize) -> Key + 'a,
        find: impl Fn(Key) -> Option<usize> + 'a,
        view: impl Fn(usize) -> Element<'a, Message> + 'a,
    ) -> Self {
        Self {
            len,
            key: Box::new(key),
            find: Box::new(find),
            view: Box::new(view),
            id: None,
            rest: Rest::Start,
            keyboard: false,
            jump: None,
            on_notice: None,
            live: Vec::new(),
        }
    }

    /// A name for operations.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Where the list begins and what it sticks to.
    #[must_use]
    pub fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }

    /// Takes Page Up and Page Down wherever the keyboard is, and can have the keyboard itself.
    #[must_use]
    pub fn keyboard(mut self) -> Self {
        self.keyboard = true;
        self
    }

    /// Moves the viewport, once for each new serial number.
    #[must_use]
    pub fn jump(mut self, jump: Option<Jump>) -> Self {
        self.jump = jump;
        self
    }

    /// Says what to do when an edge comes near.
    #[must_use]
    pub fn on_notice(mut self, message: impl Fn(Notice) -> Message + 'a) -> Self {
        self.on_notice = Some(Box::new(message));
        self
    }

    /// The rows that exist, with their states and layouts.
    fn children<'b, 't, 'l>(
        &'b mut self,
        trees: &'t mut [Tree],
        layout: Layout<'l>,
    ) -> impl Iterator<Item = (&'b mut Element<'a, Message>, &'t mut Tree, Layout<'l>)> {
        self.live
            .iter_mut()
            .zip(trees)
            .zip(layout.children())
            .filter_map(|(((_, element), tree), row)| Some((element, tree, row.children().next()?)))
    }

    /// The same, to look at.
    fn rows<'b, 't, 'l>(
        &'b self,
        trees: &'t [Tree],
        layout: Layout<'l>,
    ) -> impl Iterator<Item = (&'b Element<'a, Message>, &'t Tree, Layout<'l>)> {
        self.live
            .iter()
            .zip(trees)
            .zip(layout.children())
            .filter_map(|(((_, element), tree), row)| Some((element, tree, row.children().next()?)))
    }
}

impl<Message> Widget<Message, Theme, Renderer> for Timeline<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::new(self.rest))
    }

    fn diff(&self, _tree: &mut Tree) {
        // Rows meet their states by key, in `layout`.
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let size = limits.max();
        let state = tree.state.downcast_mut::<State>();
        state.follow(self.jump);

        let elements: HashMap<usize, Element<'_, Message>> = std::mem::take(&mut self.live).into_iter().collect();
        let trees = std::mem::take(&mut state.keys)
            .into_iter()
            .zip(tree.children.drain(..))
            .collect();
        let mut rows = Rows::new(self, renderer, size, (elements, trees));
        rows.arrange(state.anchor);
        let laid = rows.finish();

        state.settle(&laid, size.height, self.rest);
        let mut nodes = Vec::with_capacity(laid.rows.len());
        let mut y = laid.top;
        for row in laid.rows {
            let height = row.node.size().height;
            nodes.push(row.node.move_to((0.0, y)));
            state.keys.push(row.key);
            tree.children.push(row.tree);
            self.live.push((row.index, row.element));
            y += height;
        }
        layout::Node::with_children(size, nodes)
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        use renderer::Renderer as _;

        let bounds = layout.bounds();
        let Some(visible) = bounds.intersection(viewport) else {
            return;
        };
        let state = tree.state.downcast_ref::<State>();
        let inner = masked(cursor, bounds);
        // The renderer compares each quad and text with the frame before, and draws every layer once for each place
        // where they differ. When the rows move all differ, in a dozen places: a layer of another height is one.
        let layer = Rectangle {
            height: visible.height - state.hair(),
            ..visible
        };
        renderer.with_layer(layer, |renderer| {
            for (element, tree, row) in self.rows(&tree.children, layout) {
                if row.bounds().intersects(&visible) {
                    element
                        .as_widget()
                        .draw(tree, renderer, theme, style, row, inner, &visible);
                }
            }
        });
        let palette = theme.palette();
        renderer.with_layer(visible, |renderer| {
            if let Some(bar) = state.bar {
                let quad = renderer::Quad {
                    bounds: bar.thumb(bounds),
                    border: border::rounded(3),
                    ..renderer::Quad::default()
                };
                renderer.fill_quad(quad, palette.edge);
            }
            if state.focused {
                let border = Border {
                    color: palette.focus,
                    width: 2.0,
                    radius: 4.0.into(),
                };
                renderer.fill_quad(
                    renderer::Quad {
                        bounds,
                        border,
                        ..renderer::Quad::default()
                    },
                    Color::TRANSPARENT,
                );
            }
        });
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        let state = tree.state.downcast_mut::<State>();
        if self.keyboard {
            operation.focusable(self.id.as_ref(), layout.bounds(), state);
        }
        state.focus_moved = true;
        operation.container(self.id.as_ref(), layout.bounds());
        operation.traverse(&mut |operation| {
            for (element, tree, row) in self.children(&mut tree.children, layout) {
                element.as_widget_mut().operate(tree, row, renderer, operation);
            }
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<State>();
        // The bar lies over the rows, so it is asked first.
        if self.drag(state, event, bounds, cursor, shell) {
            return;
        }
        let inner = masked(cursor, bounds);
        for (element, tree, row) in self.children(&mut tree.children, layout) {
            element
                .as_widget_mut()
                .update(tree, event, row, inner, renderer, clipboard, shell, &bounds);
        }
        self.reveal(tree, layout, renderer, shell);
        let state = tree.state.downcast_mut::<State>();
        if !shell.is_event_captured() {
            self.scroll(state, event, layout, cursor, shell);
        }
        if matches!(event, Event::Window(iced_core::window::Event::RedrawRequested(_))) {
            self.notify(state, shell);
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let bounds = layout.bounds();
        let cursor = masked(cursor, bounds);
        self.rows(&tree.children, layout)
            .map(|(element, tree, row)| {
                element
                    .as_widget()
                    .mouse_interaction(tree, row, cursor, &bounds, renderer)
            })
            .max()
            .unwrap_or_default()
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let overlays: Vec<_> = self
            .children(&mut tree.children, layout)
            .filter_map(|(element, tree, row)| {
                element
                    .as_widget_mut()
                    .overlay(tree, row, renderer, viewport, translation)
            })
            .collect();
        (!overlays.is_empty()).then(|| overlay::Group::with_children(overlays).overlay())
    }
}

/// A pointer outside the viewport touches no row, though rows of the margin lie under it.
fn masked(cursor: mouse::Cursor, bounds: Rectangle) -> mouse::Cursor {
    if cursor.is_over(bounds) {
        cursor
    } else {
        cursor.levitate()
    }
}

impl<'a, Message: 'a> From<Timeline<'a, Message>> for Element<'a, Message> {
    fn from(timeline: Timeline<'a, Message>) -> Self {
        Self::new(timeline)
    }
}
