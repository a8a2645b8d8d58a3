//! Asking core. Every call becomes a task whose message is the answer.

use std::future::Future;

use grend_core::model::{ChatId, Window};
use grend_core::{Cause, Core};
use iced_runtime::Task;

use super::{Message, Screen, State};

/// A query that a screen owns. While one is on its way, changes only note that it must be asked again: a burst of
/// changes costs two answers, not one each.
#[derive(Debug, Default)]
pub(super) struct Question {
    asked: bool,
    again: bool,
    answered: bool,
}

impl Question {
    /// True if it is to be asked now.
    pub fn begin(&mut self) -> bool {
        if self.asked {
            self.again = true;
            return false;
        }
        self.asked = true;
        true
    }

    /// There was an answer already.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// An answer came. True if it is to be asked again.
    pub fn end(&mut self) -> bool {
        self.asked = false;
        self.answered = true;
        std::mem::take(&mut self.again)
    }
}

impl State {
    pub(super) fn call<F, T>(
        &self,
        ask: impl FnOnce(Core) -> F + Send + 'static,
        answer: impl Fn(T) -> Message + Send + 'static,
    ) -> Task<Message>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        match &self.core {
            Some(core) => {
                let core = core.clone();
                Task::perform(async move { ask(core).await }, answer)
            }
            None => Task::none(),
        }
    }

    /// An intent: what matters is only whether it was written down.
    pub(super) fn intend<F>(&self, ask: impl FnOnce(Core) -> F + Send + 'static) -> Task<Message>
    where
        F: Future<Output = Result<(), Cause>> + Send + 'static,
    {
        self.call(ask, Message::Done)
    }

    pub(super) fn ask_accounts(&mut self) -> Task<Message> {
        if self.core.is_none() || !self.questions.accounts.begin() {
            return Task::none();
        }
        self.call(|core| async move { core.accounts().await }, Message::Accounts)
    }

    pub(super) fn ask_chats(&mut self) -> Task<Message> {
        if self.core.is_none() || !self.questions.chats.begin() {
            return Task::none();
        }
        self.call(|core| async move { core.chats().await }, Message::Chats)
    }

    pub(super) fn ask_contacts(&mut self) -> Task<Message> {
        if self.core.is_none() || !self.questions.contacts.begin() {
            return Task::none();
        }
        self.call(|core| async move { core.contacts().await }, Message::Contacts)
    }

    /// Asks for the window of the open conversation.
    pub(super) fn ask_timeline(&mut self) -> Task<Message> {
        let Screen::Main(main) = &self.screen else {
            return Task::none();
        };
        let Some((chat, window)) = main.open.as_ref().map(|open| (open.chat().id, open.window())) else {
            return Task::none();
        };
        if self.core.is_none() || !self.questions.timeline.begin() {
            return Task::none();
        }
        self.timeline(chat, window)
    }

    fn timeline(&self, chat: ChatId, window: Window) -> Task<Message> {
        self.call(
            move |core| async move { core.timeline(chat, window).await },
            move |answer| Message::Timeline(chat, window, answer),
        )
    }
}
