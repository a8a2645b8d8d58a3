//! A conversation: its messages, and the place to write.
//!
//! The screen holds a window of the newest messages that grows upwards as one scrolls. On every change it asks for the
//! window again; rows above what it shows are then left off, so that only scrolling makes it grow.

mod bubble;
mod composer;
mod lock;
mod view;
mod window;

use std::collections::HashSet;

use grend_core::model::{Chat, DeviceId, Message as Letter, MessageId, Readers, State, Timeline, Trust, Window};
use iced_runtime::Task;
use iced_runtime::widget::operation;
use iced_widget::text_editor;

use super::parts::sign;
use crate::widget::timeline::{Anchor, Jump, Notice};
use composer::Composer;
use lock::Lock;
use window::Letters;

/// The screen.
pub struct Conversation {
    chat: Chat,
    letters: Letters,
    /// The first message that was new when the chat was opened, or when the user was away from its end.
    unread_from: Option<MessageId>,
    whole: HashSet<MessageId>,
    /// Their writers were asked to send them again.
    asked: HashSet<MessageId>,
    jump: Option<Jump>,
    at_end: bool,
    /// The reader has scrolled away from the end.
    away: bool,
    looked_at: bool,
    /// Up to here the others were told that it was read.
    told: Option<MessageId>,
    composer: Composer,
    lock: Lock,
}

/// What a user does here, and what comes by itself.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Notice(Notice),
    Edit(text_editor::Action),
    Send,
    /// A second has passed since something was typed.
    Rested,
    Retry(MessageId),
    ShowAll(MessageId),
    Link(String),
    ToNewest,
    /// To the server, now.
    TryAgain,
    /// Who can read this?
    Readers,
    /// The new devices may read along.
    LetRead,
    /// Not yet.
    Later,
    /// Lock the conversation.
    Encrypt,
    /// Ask in these words for a message that could not be read.
    AskAgain(MessageId, String),
    Back,
}

/// What the screen wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Ask core for this window.
    Ask(Window),
    /// Bring older history from the server, then ask for this window.
    Fill(Window),
    /// Send this text.
    Send(String),
    /// Send this message again.
    Retry(MessageId),
    /// The user has seen everything up to here.
    Displayed(MessageId),
    /// Keep what was typed.
    Draft(String),
    /// The user types, or has stopped.
    Typing(bool),
    /// Open a web page.
    Open(String),
    /// Try now to reach the server.
    TryAgain,
    /// Show who can read this.
    Readers,
    /// What a device's key is worth.
    Trust(DeviceId, Trust),
    /// From now on what is written here is locked.
    Encrypt,
    /// Ask in these words for a message that could not be read.
    AskAgain(MessageId, String),
    /// Leave the conversation.
    Back,
}

/// The sign and the word of how far a message got; nothing for other people's.
pub fn state_words(state: State) -> Option<(&'static str, &'static str)> {
    Some(match state {
        State::Queued => (sign::WAITING, "state-queued"),
        State::Sent => (sign::SENT, "state-sent"),
        State::Delivered => (sign::DELIVERED, "state-delivered"),
        State::Displayed => (sign::READ, "state-displayed"),
        State::Failed => (sign::FAILED, "state-failed"),
        State::Received => return None,
    })
}

impl Conversation {
    /// The conversation of a chat, and what to ask first. The keyboard goes to the composer.
    pub fn new(chat: Chat, looked_at: bool) -> (Self, Task<Message>, Event) {
        let composer = Composer::new(&chat.draft);
        let letters = Letters::new(chat.unread);
        let first = Event::Ask(letters.window());
        let conversation = Self {
            chat,
            letters,
            unread_from: None,
            whole: HashSet::new(),
            asked: HashSet::new(),
            jump: None,
            at_end: false,
            away: false,
            looked_at,
            told: None,
            composer,
            lock: Lock::default(),
        };
        (conversation, operation::focus("composer"), first)
    }

    /// Which chat.
    pub fn chat(&self) -> &Chat {
        &self.chat
    }

    /// The line of the chat list changed: a name, say.
    pub fn set_chat(&mut self, chat: Chat) {
        self.chat = chat;
    }

    /// The answer to "who can read".
    pub fn set_readers(&mut self, known: Readers) {
        self.lock.set(known);
    }

    /// What to ask after a change.
    pub fn window(&self) -> Window {
        self.letters.window()
    }

    /// The answer to `Ask`.
    pub fn answer(&mut self, asked: Window, timeline: Timeline) -> Vec<Event> {
        let first = !self.letters.arrived();
        let unread_from = timeline.unread_from;
        let again = self.letters.take(asked, timeline, self.at_end);
        if first {
            self.unread_from = unread_from;
            if let Some(message) = unread_from {
                self.go(Anchor::Row {
                    key: message.0,
                    offset: 96.0,
                });
            }
        } else if unread_from.is_none_or(|_| !(self.at_end && self.looked_at)) && self.unread_from.is_none() {
            self.unread_from = unread_from;
        }
        again.into_iter().chain(self.displayed()).collect()
    }

    /// The server has brought older history, and whether that was all; `None` if it could not be asked.
    pub fn filled(&mut self, all: Option<bool>) -> Option<Event> {
        self.letters.filled(all)
    }

    /// The connection is back: what could not be brought is asked again.
    pub fn online(&mut self) -> Option<Event> {
        self.letters.retry()
    }

    /// Whether somebody looks at the window.
    pub fn look(&mut self, looked_at: bool) -> Option<Event> {
        self.looked_at = looked_at;
        self.displayed()
    }

    /// What was typed and is not kept yet. Asked before the conversation is left.
    pub fn unsaved(&mut self) -> Option<Event> {
        self.composer.unsaved()
    }

    /// The text could not be written down: it goes back where it was typed.
    pub fn take_back(&mut self, body: &str) {
        self.composer.take_back(body);
    }

    /// Puts a text behind what is written, and keeps it.
    pub fn append(&mut self, text: &str) -> Option<Event> {
        self.composer.append(text);
        self.composer.unsaved()
    }

    /// Changes the screen.
    pub fn update(&mut self, message: Message) -> (Task<Message>, Vec<Event>) {
        let mut task = Task::none();
        let events = match message {
            Message::Notice(Notice::NearStart) => self.letters.older().into_iter().collect(),
            Message::Notice(Notice::AtEnd(at_end)) => {
                self.at_end = at_end;
                self.away = !at_end;
                self.displayed().into_iter().collect()
            }
            Message::Edit(action) => {
                let (watch, typing) = self.composer.edit(action);
                task = watch;
                typing.into_iter().collect()
            }
            Message::Rested => {
                let (watch, events) = self.composer.rested();
                task = watch;
                events
            }
            Message::Send => {
                let events = self.composer.send();
                if !events.is_empty() {
                    self.unread_from = None;
                    self.go(Anchor::End);
                }
                task = operation::focus("composer");
                events
            }
            Message::Retry(message) => vec![Event::Retry(message)],
            Message::ShowAll(message) => {
                self.whole.insert(message);
                Vec::new()
            }
            Message::Link(link) => vec![Event::Open(link)],
            Message::ToNewest => {
                self.go(Anchor::End);
                Vec::new()
            }
            Message::TryAgain => vec![Event::TryAgain],
            Message::Readers => vec![Event::Readers],
            Message::LetRead => self.lock.let_read(),
            Message::Later => {
                self.lock.later();
                Vec::new()
            }
            Message::Encrypt => vec![Event::Encrypt],
            Message::AskAgain(message, words) => {
                self.asked.insert(message);
                self.go(Anchor::End);
                vec![Event::AskAgain(message, words)]
            }
            Message::Back => vec![Event::Back],
        };
        (task, events)
    }

    fn go(&mut self, to: Anchor) {
        let serial = self.jump.map_or(0, |jump| jump.serial) + 1;
        self.jump = Some(Jump { serial, to });
    }

    /// Somebody looks at the end of the conversation: everything there is read.
    fn displayed(&mut self) -> Option<Event> {
        if !self.at_end || !self.looked_at {
            return None;
        }
        let newest = self
            .letters
            .all()
            .iter()
            .rev()
            .find(|letter| !letter.mine)
            .map(|letter| letter.id)?;
        if self.told == Some(newest) {
            return None;
        }
        self.told = Some(newest);
        Some(Event::Displayed(newest))
    }

    fn letter(&self, index: usize) -> Option<&Letter> {
        self.letters.all().get(index)
    }
}
