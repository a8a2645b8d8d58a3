//! What is being written: the text, the draft that keeps it, and the hint that somebody types.
//!
//! **Invariant**: a text that was typed is on the screen, in the draft, or sent. It is kept a second after the last
//! key and whenever the conversation is left; the second is only watched while there is something to keep.

use std::sync::Arc;
use std::time::Duration;

use iced_core::keyboard::{self, key::Named};
use iced_core::text::LineHeight;
use iced_core::{Length, Pixels};
use iced_runtime::{Task, task};
use iced_widget::text_editor::{self, Action, Binding, Edit};

use super::{Event, Message};
use crate::screen::parts;
use crate::widget::{Element, Renderer};

const REST: Duration = Duration::from_secs(1);
/// So many seconds without a key, and the others are told that typing has stopped.
const STILL: u8 = 5;
const LINE: f32 = 22.0;
const LINES: f32 = 6.0;

pub(super) struct Composer {
    content: text_editor::Content<Renderer>,
    /// What the draft holds.
    kept: String,
    /// Something was typed since the last second passed.
    stirred: bool,
    watching: bool,
    typing: bool,
    still: u8,
}

impl Composer {
    pub fn new(draft: &str) -> Self {
        let mut content = text_editor::Content::with_text(draft);
        content.perform(Action::Move(text_editor::Motion::DocumentEnd));
        Self {
            content,
            kept: draft.to_owned(),
            stirred: false,
            watching: false,
            typing: false,
            still: 0,
        }
    }

    /// Nothing is written that could be sent.
    pub fn is_empty(&self) -> bool {
        self.content.text().trim().is_empty()
    }

    pub fn edit(&mut self, action: Action) -> (Task<Message>, Option<Event>) {
        let edits = action.is_edit();
        self.content.perform(action);
        if !edits {
            return (Task::none(), None);
        }
        self.stirred = true;
        self.still = 0;
        let types = !self.is_empty();
        let event = (types != self.typing).then_some(Event::Typing(types));
        self.typing = types;
        (self.watch(), event)
    }

    /// A second has passed.
    pub fn rested(&mut self) -> (Task<Message>, Vec<Event>) {
        self.watching = false;
        if std::mem::take(&mut self.stirred) {
            return (self.watch(), Vec::new());
        }
        let mut events: Vec<Event> = self.unsaved().into_iter().collect();
        self.still += 1;
        if self.typing && self.still >= STILL {
            self.typing = false;
            events.push(Event::Typing(false));
        }
        (if self.typing { self.watch() } else { Task::none() }, events)
    }

    /// The draft, if it is not what is written.
    pub fn unsaved(&mut self) -> Option<Event> {
        let text = self.content.text();
        if text == self.kept {
            return None;
        }
        self.kept.clone_from(&text);
        Some(Event::Draft(text))
    }

    pub fn send(&mut self) -> Vec<Event> {
        let text = self.content.text();
        let body = text.trim();
        if body.is_empty() {
            return Vec::new();
        }
        let mut events = Vec::new();
        if std::mem::take(&mut self.typing) {
            events.push(Event::Typing(false));
        }
        events.push(Event::Send(body.to_owned()));
        self.content = text_editor::Content::new();
        // Sending clears the draft.
        self.kept.clear();
        self.stirred = false;
        events
    }

    /// Puts a text back that could not be written down, before whatever was typed since.
    pub fn take_back(&mut self, body: &str) {
        self.content.perform(Action::Move(text_editor::Motion::DocumentStart));
        let body = if self.content.is_empty() {
            body.to_owned()
        } else {
            format!("{body}\n")
        };
        self.content.perform(Action::Edit(Edit::Paste(Arc::new(body))));
    }

    /// Puts a text behind what is written, on a line of its own.
    pub fn append(&mut self, text: &str) {
        self.content.perform(Action::Move(text_editor::Motion::DocumentEnd));
        let text = if self.content.is_empty() {
            text.to_owned()
        } else {
            format!("\n{text}")
        };
        self.content.perform(Action::Edit(Edit::Paste(Arc::new(text))));
    }

    fn watch(&mut self) -> Task<Message> {
        if std::mem::replace(&mut self.watching, true) {
            return Task::none();
        }
        // A sleeping thread, because the program has no timers of its own: it lives as long as somebody types.
        task::blocking(|mut done| {
            std::thread::sleep(REST);
            // The conversation may be gone by then; whoever left it has kept the draft.
            let _ = done.try_send(Message::Rested);
        })
    }

    pub fn view(&self, placeholder: String) -> Element<'_, Message> {
        iced_widget::text_editor(&self.content)
            .id("composer")
            .placeholder(placeholder)
            .on_action(Message::Edit)
            .size(parts::BODY)
            .line_height(LineHeight::Absolute(Pixels(LINE)))
            .padding([11, 12])
            .height(Length::Shrink)
            .max_height(LINE * LINES + 22.0)
            .key_binding(binding)
            .into()
    }
}

/// Enter sends and Shift+Enter breaks the line; keys that mean the screen are left to it.
fn binding(press: text_editor::KeyPress) -> Option<Binding<Message>> {
    match press.key.as_ref() {
        keyboard::Key::Named(Named::Enter) if press.modifiers.shift() => Some(Binding::Enter),
        keyboard::Key::Named(Named::Enter) => Some(Binding::Custom(Message::Send)),
        keyboard::Key::Named(Named::PageUp | Named::PageDown | Named::Escape | Named::Tab) => None,
        keyboard::Key::Character("k" | "K" | "+" | "=" | "-" | "0") if press.modifiers.command() => None,
        _ => Binding::from_key_press(press),
    }
}
