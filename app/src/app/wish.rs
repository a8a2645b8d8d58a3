//! What the machine wishes: somebody used the tray or a notice, followed a link, or started Grend once more.

use grend_core::Cause;
use grend_core::model::{ChatId, Window};
use iced_runtime::Task;

use super::{Message, Page, State};
use crate::host::Wish;
use crate::screen::readers;

impl State {
    pub(super) fn wish(&mut self, wish: Wish) -> Task<Message> {
        match wish {
            Wish::Show => self.show_window(),
            Wish::Quit => self.quit(),
            Wish::Link(link) => Task::batch([self.show_window(), self.take_link(&link)]),
            Wish::Share(text) => Task::batch([self.show_window(), self.take_shared(&text)]),
            Wish::Seen(seen) => self.readers(readers::Message::Seen(seen)),
            Wish::Open(chat) => Task::batch([self.show_window(), self.uncover(chat)]),
            Wish::Reply(chat, text) => self.reply(chat, &text),
            Wish::Read(chat) => self.intend(move |core| async move {
                let newest = Window { limit: 1, before: None };
                match core.timeline(chat, newest).await?.messages.last() {
                    Some(message) => core.displayed(chat, message.id).await,
                    None => Ok(()),
                }
            }),
        }
    }

    /// Shows a chat, whatever covers the chats now.
    fn uncover(&mut self, chat: ChatId) -> Task<Message> {
        if let Some(main) = self.main() {
            main.page = Page::None;
        }
        self.opened(Ok(chat))
    }

    fn reply(&mut self, chat: ChatId, text: &str) -> Task<Message> {
        let body = text.trim().to_owned();
        if body.is_empty() {
            return Task::none();
        }
        let kept = body.clone();
        self.call(
            move |core| async move { core.send(chat, body).await.map(|_| ()) },
            move |answer| Message::Replied(chat, kept.clone(), answer),
        )
    }

    /// What could not be written down is shown where it can be sent again.
    pub(super) fn replied(&mut self, chat: ChatId, text: &str, answer: Result<(), Cause>) -> Task<Message> {
        let Err(cause) = answer else {
            return self.wish(Wish::Read(chat));
        };
        self.fault = Some(cause);
        let shown = self.wish(Wish::Open(chat));
        if let Some(open) = self.open_chat(chat) {
            open.take_back(text);
        }
        shown
    }
}
