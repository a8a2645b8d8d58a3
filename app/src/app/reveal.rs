//! Scrolls to where Tab has led.
//!
//! iced moves the keyboard to a field below the edge of the window and leaves it there (0.14). The conversation's own
//! list looks after itself; this is for the pages that scroll.

use iced_core::widget::operation::{Focusable, Operation, Outcome, Scrollable, scrollable::AbsoluteOffset};
use iced_core::widget::{Id, operation};
use iced_core::{Rectangle, Vector};
use iced_runtime::{Task, task};

/// Between what is reached and the edge.
const MARGIN: f32 = 16.0;

/// To the next thing.
pub(super) fn next<M: Send + 'static>() -> Task<M> {
    task::widget(operation::focusable::focus_next()).chain(task::widget(Find::default()))
}

/// To the one before.
pub(super) fn previous<M: Send + 'static>() -> Task<M> {
    task::widget(operation::focusable::focus_previous()).chain(task::widget(Find::default()))
}

/// To where the keyboard is.
pub(super) fn focused<M: Send + 'static>() -> Task<M> {
    task::widget(Find::default())
}

/// Finds how far the page has to move.
#[derive(Default)]
struct Find {
    page: Option<(Rectangle, Vector)>,
    by: f32,
}

impl<T: 'static> Operation<T> for Find {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<T>)) {
        operate(self);
    }

    fn scrollable(
        &mut self,
        _id: Option<&Id>,
        bounds: Rectangle,
        _content: Rectangle,
        translation: Vector,
        _state: &mut dyn Scrollable,
    ) {
        self.page = Some((bounds, translation));
    }

    fn focusable(&mut self, _id: Option<&Id>, part: Rectangle, state: &mut dyn Focusable) {
        let Some((page, moved)) = self.page.filter(|_| state.is_focused()) else {
            return;
        };
        let top = part.y - moved.y - page.y;
        let over = MARGIN - top;
        let under = top + part.height + MARGIN - page.height;
        self.by = if over > 0.0 { -over } else { under.max(0.0) };
    }

    fn finish(&self) -> Outcome<T> {
        if self.by == 0.0 {
            return Outcome::None;
        }
        Outcome::Chain(Box::new(Move(self.by)))
    }
}

/// Moves it. There is one page on a screen.
struct Move(f32);

impl<T> Operation<T> for Move {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<T>)) {
        operate(self);
    }

    fn scrollable(
        &mut self,
        _id: Option<&Id>,
        bounds: Rectangle,
        content: Rectangle,
        _translation: Vector,
        state: &mut dyn Scrollable,
    ) {
        state.scroll_by(AbsoluteOffset { x: 0.0, y: self.0 }, bounds, content);
    }
}
