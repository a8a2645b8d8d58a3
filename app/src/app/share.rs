//! A text that another program handed over: the user says to whom, and finds it in the field there. It is never sent by itself.

use grend_core::model::{BareJid, ChatId};
use iced_core::Length::Fill;
use iced_runtime::Task;
use iced_widget::{Column, container, text};

use super::{About, Message, Page, State};
use crate::font;
use crate::screen::{home, parts};
use crate::text::line;
use crate::theme::style::{self, Button};
use crate::widget::Element;

/// In characters. Longer is no message but a file.
const MOST: usize = 20_000;
/// How much of it is shown.
const SHOWN: usize = 200;

/// What was handed over.
pub(super) enum Shared {
    Text { text: String, to: Option<About> },
    TooLong,
}

impl Shared {
    /// `None` if there is nothing in it.
    fn new(text: &str) -> Option<Self> {
        let said = text.trim();
        if said.chars().nth(MOST).is_some() {
            return Some(Self::TooLong);
        }
        let kept = |c: &char| *c == '\n' || *c == '\t' || !c.is_control();
        let text: String = said.chars().filter(kept).collect();
        (!text.is_empty()).then_some(Self::Text { text, to: None })
    }
}

impl State {
    /// Asks to whom, above the list.
    pub(super) fn take_shared(&mut self, text: &str) -> Task<Message> {
        self.shared = Shared::new(text);
        if self.shared.is_none() {
            return Task::none();
        }
        // On a narrow window the list is behind the conversation.
        let leave = if self.env().narrow { self.leave() } else { Task::none() };
        if let Some(main) = self.main() {
            main.page = Page::None;
            main.home.back();
        }
        leave
    }

    /// The user chose somebody in the list.
    pub(super) fn share_with(&mut self, chosen: &home::Event) {
        let about = match chosen {
            home::Event::Open(chat) => {
                let chat = self.main().and_then(|main| main.home.chat(*chat));
                chat.map(|chat| (chat.account, chat.address.clone()))
            }
            home::Event::OpenContact(account, address) => Some((*account, address.clone())),
            _ => None,
        };
        if let (Some(Shared::Text { to, .. }), Some(about)) = (&mut self.shared, about) {
            *to = Some(about);
        }
    }

    /// A chat is open now: what was meant for it is put there.
    pub(super) fn arrived(&mut self, chat: ChatId) -> Task<Message> {
        let Some(open) = self.open_chat(chat) else {
            return Task::none();
        };
        let about = (open.chat().account, open.chat().address.clone());
        let is_meant = |shared: &mut Shared| matches!(shared, Shared::Text { to, .. } if *to == Some(about.clone()));
        let kept = match self.shared.take_if(is_meant) {
            Some(Shared::Text { text, .. }) => {
                let event = self.open_chat(chat).and_then(|open| open.append(&text));
                self.follow(event)
            }
            _ => Task::none(),
        };
        let is_theirs = |(whose, _): &mut (BareJid, String)| *whose == about.1;
        match self.code.take_if(is_theirs) {
            Some((_, code)) => Task::batch([kept, self.show_readers(chat), self.bring_code(code)]),
            None => kept,
        }
    }

    /// The question stands where the user can see it.
    pub(super) fn asks_to_whom(&self) -> bool {
        let open = matches!(&self.screen, super::Screen::Main(main) if main.open.is_some());
        self.shared.is_some() && !(open && self.env().narrow)
    }

    /// The question, and how to give it up.
    pub(super) fn view_shared(&self) -> Option<Element<'_, Message>> {
        let give_up = parts::button(self.words.say("share-give-up"), Button::Secondary)
            .id("share-give-up")
            .on_press(Message::GiveUpSharing);
        let mut content = Column::new().spacing(6).width(Fill);
        match self.shared.as_ref()? {
            Shared::TooLong => {
                let most = [("most", MOST.into())];
                content = content.push(parts::words(self.words.with("share-too-long", &most)));
            }
            Shared::Text { text: said, .. } => {
                let shown: String = said.lines().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
                let shown = line(shown, parts::SMALL + 1.0, font::TEXT, Box::new(style::muted));
                content = content
                    .push(text(self.words.say("share-to")).size(parts::BODY).font(font::BOLD))
                    .push(container(shown).width(Fill).clip(true));
            }
        }
        let content = container(content.push(give_up)).padding([8, 14]);
        Some(content.width(Fill).style(style::notice).into())
    }
}
