//! What the machine wishes: somebody used the tray or a notice, followed a link, or started Grend once more.
//!
//! **Invariant**: an answer typed into a notice is written down, or shown where it can be sent again, before the machine hears
//! that the wish is fulfilled.

use grend_core::model::{ChatId, Window};
use grend_core::{Cause, Storage};
use iced_runtime::Task;

use super::{Message, Page, Screen, State};
use crate::host::{News, Wish};
use crate::screen::readers;

impl State {
    pub(super) fn wish(&mut self, wish: Wish) -> Task<Message> {
        match wish {
            Wish::Show => self.show_window(),
            Wish::Quit => self.quit(),
            Wish::Link(link) => Task::batch([self.show_window(), self.take_link(&link)]),
            Wish::Share(text) => Task::batch([self.show_window(), self.take_shared(&text)]),
            Wish::Endpoint(endpoint) => self.intend(move |core| async move { core.set_endpoint(endpoint).await }),
            Wish::Seen(seen) => self.readers(readers::Message::Seen(seen)),
            Wish::Open(chat) => {
                self.opens = Some(chat);
                Task::batch([self.show_window(), self.follow_notice()])
            }
            Wish::Reply(chat, text) => self.reply(chat, &text),
            Wish::Read(chat) => self.read(chat),
        }
    }

    /// To the chat of a notice, whatever covers the chats now, once they are known; and what could not be sent into their fields.
    pub(super) fn follow_notice(&mut self) -> Task<Message> {
        if !self.questions.chats.is_answered() || self.main().is_none() {
            return Task::none();
        }
        let mut tasks = Vec::new();
        for (chat, text) in std::mem::take(&mut self.unsent) {
            tasks.push(self.uncover(chat));
            if let Some(open) = self.open_chat(chat) {
                open.take_back(&text);
            }
        }
        if let Some(chat) = self.opens.take() {
            tasks.push(self.uncover(chat));
        }
        Task::batch(tasks)
    }

    fn uncover(&mut self, chat: ChatId) -> Task<Message> {
        if let Some(main) = self.main() {
            main.page = Page::None;
        }
        self.opened(Ok(chat))
    }

    fn reply(&mut self, chat: ChatId, text: &str) -> Task<Message> {
        let body = text.trim().to_owned();
        if body.is_empty() {
            self.host.fulfilled(chat);
            return Task::none();
        }
        if let Err(cause) = self.opened_core() {
            return self.replied(chat, &body, Err(cause));
        }
        let kept = body.clone();
        self.call(
            move |core| async move { core.send(chat, body).await.map(|_| ()) },
            move |answer| Message::Replied(chat, kept.clone(), answer),
        )
    }

    /// What could not be written down is shown where it can be sent again, and told to whoever looks away.
    pub(super) fn replied(&mut self, chat: ChatId, text: &str, answer: Result<(), Cause>) -> Task<Message> {
        let Err(cause) = answer else {
            return self.read(chat);
        };
        self.fault = Some(cause);
        self.unsent.push((chat, text.to_owned()));
        let shown = Task::batch([self.show_window(), self.follow_notice()]);
        if !self.looked_at {
            let news = News {
                title: self.words.say("reply-unsent"),
                text: text.to_owned(),
                chat: Some(chat),
            };
            self.host.notify(Some(news.clone()));
            self.unsent_news = Some(news);
        }
        self.host.fulfilled(chat);
        shown
    }

    fn read(&mut self, chat: ChatId) -> Task<Message> {
        if let Err(cause) = self.opened_core() {
            return self.was_read(chat, Err(cause));
        }
        let read = move |core: grend_core::Core| async move {
            let newest = Window { limit: 1, before: None };
            match core.timeline(chat, newest).await?.messages.last() {
                Some(message) => core.displayed(chat, message.id).await,
                None => Ok(()),
            }
        };
        self.call(read, move |answer| Message::Read(chat, answer))
    }

    pub(super) fn was_read(&mut self, chat: ChatId, answer: Result<(), Cause>) -> Task<Message> {
        self.host.fulfilled(chat);
        self.update(Message::Done(answer))
    }

    /// Why nothing can be written down, if nothing can.
    fn opened_core(&self) -> Result<(), Cause> {
        match (&self.core, &self.screen) {
            (Some(_), _) => Ok(()),
            (None, Screen::Broken(cause)) => Err(cause.clone()),
            (None, _) => Err(Storage::Closing.into()),
        }
    }
}
