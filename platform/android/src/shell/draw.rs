//! One frame: widgets are asked what they want, the picture is drawn where it changed, and the keyboard follows the field.

use std::slice;
use std::sync::Arc;
use std::time::{Duration, Instant};

use grend_app::theme::Theme;
use iced_core::theme::Base as _;
use iced_core::widget::{Id, Operation, operation};
use iced_core::window::{self, RedrawRequest};
use iced_core::{Event, InputMethod, Rectangle, input_method, renderer};
use iced_futures::subscription;
use iced_program::Program as _;
use iced_runtime::user_interface;

use super::canvas::Canvas;
use super::phone::Field;
use super::screen::{Clip, Frame, Screen, View, mode};

/// Frames do not follow each other faster: no screen shows more.
const FRAME: Duration = Duration::from_millis(8);
/// So often in a row widgets may want something else before they are drawn all the same.
const TRIES: u8 = 3;
/// A surface that could not be drawn on is tried again after this.
const AGAIN: Duration = Duration::from_millis(100);

impl Screen {
    /// Draws, if something is to be drawn by now. True if something was done.
    pub(super) fn draw<'v>(&mut self, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) -> bool {
        let due = match self.redraw {
            RedrawRequest::NextFrame => true,
            RedrawRequest::At(at) => at <= frame.now,
            RedrawRequest::Wait => false,
        };
        if !due || self.earliest().is_some_and(|earliest| frame.now < earliest) || self.told_size().is_none() {
            return false;
        }
        let Some((wanted, keyboard)) = self.ask(view, frame) else {
            return true;
        };
        if self.tries < TRIES && self.hold(view, frame) {
            self.tries += 1;
            return true;
        }
        self.tries = 0;
        self.redraw = wanted;
        self.drawn_at = Some(frame.now);
        self.follow_field(&keyboard, view, frame);
        self.paint(view, frame);
        true
    }

    /// The next moment at which a frame may be drawn.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.drawn_at.map(|last| last + FRAME)
    }

    /// Asks widgets what they want before they are drawn. `None`: they want to be built anew first.
    fn ask<'v>(
        &mut self,
        view: &mut Option<View<'v>>,
        frame: &mut Frame<'v, '_>,
    ) -> Option<(RedrawRequest, InputMethod)> {
        let event = Event::Window(window::Event::RedrawRequested(frame.now));
        let (cursor, last) = (self.cursor, self.tries >= TRIES);
        let mut clipboard = Clip(Arc::clone(&self.phone));
        let (ui, renderer) = self.view(view, frame)?;
        let mut state = user_interface::State::Outdated;
        for _ in 0..TRIES {
            let events = slice::from_ref(&event);
            (state, _) = ui.update(events, cursor, renderer, &mut clipboard, frame.messages);
            if !frame.messages.is_empty() || !state.has_layout_changed() {
                break;
            }
        }
        frame.runtime.broadcast(subscription::Event::Interaction {
            window: self.window,
            event,
            status: iced_core::event::Status::Ignored,
        });
        let outdated = matches!(state, user_interface::State::Outdated);
        if (outdated || !frame.messages.is_empty()) && !last {
            self.tries += 1;
            self.keep(view.take());
            return None;
        }
        match state {
            user_interface::State::Updated {
                redraw_request,
                input_method,
                ..
            } => Some((redraw_request, input_method)),
            user_interface::State::Outdated => Some((RedrawRequest::Wait, InputMethod::Disabled)),
        }
    }

    /// Draws the picture and shows what changed of it.
    fn paint<'v>(&mut self, view: &mut Option<View<'v>>, frame: &Frame<'v, '_>) {
        let (window, cursor, scale, dark) = (self.window, self.cursor, self.scale(frame.state), self.look.dark);
        let Some((ui, renderer)) = self.view(view, frame) else {
            return;
        };
        let theme = frame.program.theme(frame.state, window);
        let theme = theme.unwrap_or_else(|| Theme::default(mode(dark)));
        let style = frame.program.style(frame.state, &theme);
        let text = renderer::Style {
            text_color: style.text_color,
        };
        ui.draw(renderer, &theme, &text, cursor);
        let (Some(surface), Some(renderer)) = (&mut self.surface, &mut self.renderer) else {
            return;
        };
        let size = surface.size();
        if self.canvas.as_ref().map(Canvas::size) != Some(size) {
            self.canvas = Canvas::new(size);
            self.stale = true;
        }
        let Some(canvas) = &mut self.canvas else {
            return;
        };
        let changed = canvas.draw(renderer, scale, style.background_color);
        let changed = if self.stale { Some(canvas.whole()) } else { changed };
        let Some(changed) = changed else {
            return;
        };
        self.stale = surface.show(canvas.picture(), changed).is_err();
        if self.stale {
            self.redraw = self.redraw.min(RedrawRequest::At(frame.now + AGAIN));
        }
    }

    /// The keyboard comes and goes with the field that has the cursor.
    fn follow_field<'v>(&mut self, wanted: &InputMethod, view: &mut Option<View<'v>>, frame: &Frame<'v, '_>) {
        let tapped = std::mem::take(&mut self.tapped);
        let mut cursor = Cursor::default();
        let field = match wanted {
            InputMethod::Disabled => None,
            InputMethod::Enabled { purpose, .. } => {
                if let Some((view, renderer)) = self.view(view, frame) {
                    view.operate(renderer, &mut operation::black_box(&mut cursor));
                }
                Some(Field {
                    secret: *purpose == input_method::Purpose::Secure,
                    many_lines: cursor.many_lines,
                })
            }
        };
        self.focused = cursor.field;
        if field == self.field && !(tapped && field.is_some()) {
            return;
        }
        if field != self.field {
            self.field = field;
            self.typing().forget(field.is_some_and(|field| field.many_lines));
        }
        self.phone.keyboard(field);
    }

    /// Gives the cursor back to the field that lost it when the screen was turned. True if that changed something.
    pub(super) fn hold<'v>(&mut self, view: &mut Option<View<'v>>, frame: &Frame<'v, '_>) -> bool {
        let Some(held) = self.held.clone() else {
            return false;
        };
        let mut cursor = Cursor {
            looks_for: Some(held.clone()),
            ..Cursor::default()
        };
        let Some((view, renderer)) = self.view(view, frame) else {
            return false;
        };
        view.operate(renderer, &mut operation::black_box(&mut cursor));
        let lost = cursor.found && cursor.field.is_none();
        if lost {
            view.operate(renderer, &mut operation::focusable::focus::<()>(held));
        }
        lost
    }
}

/// Finds the field with the cursor, or a field by its name.
#[derive(Default)]
struct Cursor {
    /// The last field of one line: nothing else in iced calls itself a text input.
    input: Option<Rectangle>,
    field: Option<Id>,
    many_lines: bool,
    looks_for: Option<Id>,
    found: bool,
}

impl Operation for Cursor {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn text_input(&mut self, _id: Option<&Id>, bounds: Rectangle, _state: &mut dyn operation::TextInput) {
        self.input = Some(bounds);
    }

    fn focusable(&mut self, id: Option<&Id>, bounds: Rectangle, state: &mut dyn operation::Focusable) {
        self.found |= id.is_some() && id == self.looks_for.as_ref();
        if state.is_focused() {
            self.field = id.cloned();
            self.many_lines = self.input != Some(bounds);
        }
    }
}
