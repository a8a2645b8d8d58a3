//! What is new to somebody who does not look: told once, in one piece, not one notice for each message.

use std::collections::HashMap;

use grend_core::model::{Chat, ChatId, Connection};

use super::{Screen, State};
use crate::host::News;
use crate::screen::home::preview;

/// How many unread messages of each chat the user knows of, because they stood there when they looked last.
pub(super) type Known = HashMap<ChatId, u32>;

impl State {
    /// Tells the machine what is new, or that nothing is.
    pub(super) fn tell_news(&mut self) {
        if self.looked_at && self.unsent.is_empty() {
            self.unsent_news = None;
        }
        let Screen::Main(main) = &self.screen else {
            return;
        };
        self.host.show_unread(main.home.unread());
        if self.looked_at {
            self.known = main.home.chats().iter().map(|chat| (chat.id, chat.unread)).collect();
            self.host.notify(None);
        } else if !self.catches_up() {
            // While the archive tells what was missed, it is not known yet what was read elsewhere.
            let unsent = self.unsent_news.clone();
            self.host.notify(unsent.or_else(|| self.news(main.home.chats())));
        }
    }

    fn catches_up(&self) -> bool {
        let online = |connection: &Connection| *connection == Connection::Online;
        let mut connections = self.live.connections.iter();
        connections.any(|(account, connection)| online(connection) && !self.live.caught_up.contains(account))
    }

    fn news(&self, chats: &[Chat]) -> Option<News> {
        let fresh = |chat: &Chat| {
            chat.unread
                .saturating_sub(self.known.get(&chat.id).copied().unwrap_or(0))
        };
        let new: Vec<(&Chat, u32)> = chats
            .iter()
            .map(|chat| (chat, fresh(chat)))
            .filter(|(_, n)| *n > 0)
            .collect();
        let count = new.iter().map(|(_, n)| n).sum();
        match new.as_slice() {
            [] => None,
            [(chat, 1)] => Some(News {
                title: chat.name.clone(),
                text: preview(&self.words, chat),
                chat: Some(chat.id),
            }),
            [(chat, _)] => Some(News {
                title: chat.name.clone(),
                text: self.words.count("unread-count", count),
                chat: Some(chat.id),
            }),
            several => {
                let names: Vec<&str> = several.iter().map(|(chat, _)| chat.name.as_str()).collect();
                Some(News {
                    title: self.words.count("unread-count", count),
                    text: names.join(", "),
                    chat: None,
                })
            }
        }
    }
}
