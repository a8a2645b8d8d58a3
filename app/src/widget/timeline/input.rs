//! Wheel, finger, scroll bar and keys.

use std::time::Instant;

use iced_core::keyboard::{self, key::Named};
use iced_core::widget::{Operation, Tree, operation};
use iced_core::{Event, Layout, Point, Rectangle, Shell, mouse, touch, window};

use super::anchor::{Finger, State};
use super::bar::REACH;
use super::{Anchor, Notice, Timeline};
use crate::widget::Renderer;

/// A notch of the wheel.
const NOTCH: f32 = 60.0;
/// An arrow key.
const STEP: f32 = 48.0;
/// A finger that moved less is a tap.
const TAP: f32 = 8.0;
/// So many rows before the first, older ones are asked for.
const NEAR: usize = 20;
/// Slower than this, a fling is over (pixels a second).
const SLOWEST: f32 = 20.0;

impl<Message> Timeline<'_, Message> {
    /// The scroll bar. True if the event was for it.
    pub(super) fn drag(
        &self,
        state: &mut State,
        event: &Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) -> bool {
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                let (Some(at), Some(bar)) = (cursor.position_in(bounds), state.bar) else {
                    return false;
                };
                if at.x < bounds.width - REACH {
                    return false;
                }
                let thumb = bar.thumb(bounds);
                let below = at.y + bounds.y - thumb.y;
                let grip = if (0.0..thumb.height).contains(&below) {
                    below
                } else {
                    thumb.height / 2.0
                };
                state.held = Some(grip);
                self.drag_to(state, at.y - grip, bounds);
            }
            Event::Mouse(mouse::Event::CursorMoved { position }) => {
                let Some(grip) = state.held else {
                    return false;
                };
                self.drag_to(state, position.y - bounds.y - grip, bounds);
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => return state.held.take().is_some(),
            _ => return false,
        }
        moved(shell);
        shell.capture_event();
        true
    }

    fn drag_to(&self, state: &mut State, y: f32, bounds: Rectangle) {
        let Some(bar) = state.bar else {
            return;
        };
        state.fling = None;
        let rows = bar.rows_at(bounds, y);
        let index = (rows as usize).min(self.len.saturating_sub(1));
        state.anchor = if rows >= bar.above + bar.below - 0.01 {
            Anchor::End
        } else {
            Anchor::Row {
                key: (self.key)(index),
                offset: -(rows.fract() * bar.row),
            }
        };
    }

    /// Everything else that scrolls.
    pub(super) fn scroll(
        &self,
        state: &mut State,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) {
        let bounds = layout.bounds();
        match event {
            Event::Mouse(mouse::Event::WheelScrolled { delta }) if cursor.is_over(bounds) => {
                let pixels = match delta {
                    mouse::ScrollDelta::Lines { y, .. } => y * NOTCH,
                    mouse::ScrollDelta::Pixels { y, .. } => *y,
                };
                state.fling = None;
                state.scroll_by(-pixels);
                moved(shell);
                shell.capture_event();
            }
            Event::Touch(event) => finger(state, *event, bounds, shell),
            Event::Keyboard(keyboard::Event::KeyPressed {
                key: keyboard::Key::Named(key),
                ..
            }) if self.keyboard && press(state, *key, bounds.height) => {
                moved(shell);
                shell.capture_event();
            }
            Event::Mouse(mouse::Event::ButtonPressed(_)) if state.focused => {
                state.focused = false;
                shell.request_redraw();
            }
            Event::Window(window::Event::RedrawRequested(now)) => {
                if let Some((speed, since)) = state.fling {
                    let passed = now.saturating_duration_since(since).as_secs_f32();
                    let slower = speed * (-3.0 * passed).exp();
                    state.scroll_by(speed * passed);
                    state.fling = (slower.abs() > SLOWEST).then_some((slower, *now));
                    moved(shell);
                }
            }
            _ => {}
        }
    }

    /// Brings what has the keyboard into the viewport.
    pub(super) fn reveal(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        shell: &mut Shell<'_, Message>,
    ) {
        let state = tree.state.downcast_mut::<State>();
        if !std::mem::take(&mut state.focus_moved) {
            return;
        }
        let mut focused = Focused(None);
        for (element, tree, row) in self.children(&mut tree.children, layout) {
            element.as_widget_mut().operate(tree, row, renderer, &mut focused);
        }
        let bounds = layout.bounds();
        let Some(part) = focused.0 else {
            return;
        };
        let over = bounds.y - part.y;
        let under = part.y + part.height - bounds.y - bounds.height;
        let state = tree.state.downcast_mut::<State>();
        if over > 0.0 {
            state.scroll_by(-over);
        } else if under > 0.0 {
            state.scroll_by(under);
        } else {
            return;
        }
        moved(shell);
    }

    /// Tells the screen what it should know, each thing once.
    pub(super) fn notify(&self, state: &mut State, shell: &mut Shell<'_, Message>) {
        let Some(on_notice) = &self.on_notice else {
            return;
        };
        if state.told_end != Some(state.at_end) {
            state.told_end = Some(state.at_end);
            shell.publish(on_notice(Notice::AtEnd(state.at_end)));
        }
        if self.len > 0 && state.first.is_some_and(|(index, ..)| index < NEAR) {
            let oldest = (self.key)(0);
            if state.asked_for != Some(oldest) {
                state.asked_for = Some(oldest);
                shell.publish(on_notice(Notice::NearStart));
            }
        }
    }
}

/// True if the key scrolls.
fn press(state: &mut State, key: Named, height: f32) -> bool {
    let page = height * 0.9;
    match key {
        Named::PageUp => state.scroll_by(-page),
        Named::PageDown => state.scroll_by(page),
        Named::ArrowUp if state.focused => state.scroll_by(-STEP),
        Named::ArrowDown if state.focused => state.scroll_by(STEP),
        Named::Home if state.focused => state.anchor = Anchor::Start,
        Named::End if state.focused => state.anchor = Anchor::End,
        _ => return false,
    }
    state.fling = None;
    true
}

fn moved<Message>(shell: &mut Shell<'_, Message>) {
    // Only the layout: scrolling never runs the program's `view`.
    shell.invalidate_layout();
    shell.request_redraw();
}

fn finger<Message>(state: &mut State, event: touch::Event, bounds: Rectangle, shell: &mut Shell<'_, Message>) {
    let held = |id| state.finger.filter(|finger| finger.id == id);
    match event {
        touch::Event::FingerPressed { id, position } if bounds.contains(position) => {
            state.fling = None;
            state.finger = Some(Finger {
                id,
                at: position,
                since: Instant::now(),
                speed: 0.0,
                scrolls: false,
            });
        }
        touch::Event::FingerMoved { id, position } => {
            if let Some(finger) = held(id)
                && (finger.scrolls || far(finger.at, position))
            {
                let pixels = finger.at.y - position.y;
                let passed = finger.since.elapsed().as_secs_f32().max(0.001);
                let speed = 0.7 * pixels / passed + 0.3 * finger.speed;
                state.finger = Some(Finger {
                    id,
                    at: position,
                    since: Instant::now(),
                    speed,
                    scrolls: true,
                });
                state.scroll_by(pixels);
                moved(shell);
                shell.capture_event();
            }
        }
        touch::Event::FingerLifted { id, .. } | touch::Event::FingerLost { id, .. } => {
            if let Some(finger) = held(id) {
                state.finger = None;
                if finger.scrolls && finger.since.elapsed().as_millis() < 80 {
                    state.fling = Some((finger.speed, Instant::now()));
                    shell.request_redraw();
                }
            }
        }
        touch::Event::FingerPressed { .. } => {}
    }
}

fn far(from: Point, to: Point) -> bool {
    (from.y - to.y).abs() > TAP
}

/// Finds where the keyboard is.
struct Focused(Option<Rectangle>);

impl Operation for Focused {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn focusable(
        &mut self,
        _id: Option<&iced_core::widget::Id>,
        bounds: Rectangle,
        state: &mut dyn operation::Focusable,
    ) {
        if state.is_focused() {
            self.0 = Some(bounds);
        }
    }
}
