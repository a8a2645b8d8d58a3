//! Home: the chats and the contacts, one search field for both, and adding a contact.

mod add;
mod lines;

use grend_core::model::{AccountId, BareJid, Chat, ChatId, Contact};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_core::widget::Id;
use iced_runtime::Task;
use iced_runtime::widget::operation;
use iced_widget::{column, container, row, text, text_input};

use super::{Env, parts};
use crate::font;
use crate::theme::style::{self, Button};
use crate::widget::Element;
use crate::widget::press::Press;
use crate::widget::timeline::Timeline;
use add::Add;
pub use lines::preview;

/// The screen.
#[derive(Default)]
pub struct Home {
    chats: Vec<Chat>,
    contacts: Vec<Contact>,
    tab: Tab,
    search: String,
    chosen: Option<ChatId>,
    add: Option<Add>,
}

/// Which list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Tab {
    #[default]
    Chats,
    Contacts,
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Tab(Tab),
    Search(String),
    /// Enter in the search field: the first that was found.
    First,
    Open(ChatId),
    OpenContact(AccountId, BareJid),
    Answer(AccountId, BareJid, bool),
    Settings,
    Add,
    AddAddress(String),
    AddName(String),
    AddNext,
    AddSend,
    AddBack,
}

/// What the screen wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Show this chat.
    Open(ChatId),
    /// Show the chat with somebody, making it if there is none.
    OpenContact(AccountId, BareJid),
    /// Say yes or no to somebody who wants to be a contact.
    Answer(AccountId, BareJid, bool),
    /// Ask somebody to be a contact.
    Add(BareJid, String),
    /// Show the settings.
    Settings,
}

/// A line of the lists.
#[derive(Clone, Copy)]
enum Line<'a> {
    Chat(&'a Chat),
    Contact(&'a Contact),
}

impl Home {
    /// The answer to "which chats".
    pub fn set_chats(&mut self, chats: Vec<Chat>) {
        self.chats = chats;
    }

    /// The answer to "which contacts".
    pub fn set_contacts(&mut self, contacts: Vec<Contact>) {
        self.contacts = contacts;
    }

    /// The chat that is open beside the list.
    pub fn choose(&mut self, chat: Option<ChatId>) {
        self.chosen = chat;
    }

    /// A chat of the list.
    pub fn chat(&self, id: ChatId) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.id == id)
    }

    /// What is being written in a chat.
    pub fn set_draft(&mut self, id: ChatId, text: &str) {
        if let Some(chat) = self.chats.iter_mut().find(|chat| chat.id == id) {
            text.clone_into(&mut chat.draft);
        }
    }

    /// What leads to somebody, if they are known here.
    pub fn toward(&self, address: &BareJid) -> Option<Event> {
        let chat = self.chats.iter().find(|chat| chat.address == *address);
        let contact = || self.contacts.iter().find(|contact| contact.address == *address);
        chat.map(|chat| Event::Open(chat.id))
            .or_else(|| contact().map(|it| Event::OpenContact(it.account, it.address.clone())))
    }

    /// All chats, the newest first.
    pub fn chats(&self) -> &[Chat] {
        &self.chats
    }

    /// How many messages wait to be read, in all chats.
    pub fn unread(&self) -> u32 {
        self.chats.iter().map(|chat| chat.unread).sum()
    }

    /// Puts the keyboard into the search field.
    pub fn find(&mut self) -> Task<Message> {
        self.add = None;
        Task::batch([operation::focus("search"), operation::select_all("search")])
    }

    /// There is something to go back from.
    pub fn can_go_back(&self) -> bool {
        self.add.is_some() || !self.search.is_empty()
    }

    /// Esc: leaves what is open here. False if nothing was.
    pub fn back(&mut self) -> bool {
        let open = self.can_go_back();
        self.add = None;
        self.search.clear();
        open
    }

    /// Changes the screen.
    pub fn update(&mut self, message: Message) -> (Task<Message>, Option<Event>) {
        let event = match message {
            Message::Tab(tab) => {
                self.tab = tab;
                self.search.clear();
                None
            }
            Message::Search(text) => {
                self.search = text;
                None
            }
            Message::First => match self.lines().first() {
                Some(Line::Chat(chat)) => Some(self.open(Event::Open(chat.id))),
                Some(Line::Contact(contact)) => {
                    Some(self.open(Event::OpenContact(contact.account, contact.address.clone())))
                }
                None => None,
            },
            Message::Open(chat) => Some(self.open(Event::Open(chat))),
            Message::OpenContact(account, address) => Some(self.open(Event::OpenContact(account, address))),
            Message::Answer(account, address, yes) => Some(Event::Answer(account, address, yes)),
            Message::Settings => Some(Event::Settings),
            Message::Add => {
                self.add = Some(Add::default());
                return (operation::focus("add-address"), None);
            }
            Message::AddNext => return (operation::focus("add-name"), None),
            Message::AddBack => {
                self.add = None;
                None
            }
            Message::AddAddress(_) | Message::AddName(_) | Message::AddSend => self.update_add(message),
        };
        (Task::none(), event)
    }

    fn update_add(&mut self, message: Message) -> Option<Event> {
        let add = self.add.as_mut()?;
        let event = add.update(message);
        if event.is_some() {
            self.add = None;
        }
        event
    }

    /// What was searched for is found; the list is whole again.
    fn open(&mut self, event: Event) -> Event {
        self.search.clear();
        event
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let wanted = self.search.trim().to_lowercase();
        if wanted.is_empty() {
            return match self.tab {
                Tab::Chats => self.chats.iter().map(Line::Chat).collect(),
                Tab::Contacts => self.contacts.iter().map(Line::Contact).collect(),
            };
        }
        let fits = |name: &str, address: &BareJid| {
            name.to_lowercase().contains(&wanted) || address.as_str().to_lowercase().contains(&wanted)
        };
        let chats = self.chats.iter().filter(|chat| fits(&chat.name, &chat.address));
        let known = |contact: &Contact| {
            self.chats
                .iter()
                .any(|chat| chat.account == contact.account && chat.address == contact.address)
        };
        let contacts = self
            .contacts
            .iter()
            .filter(|contact| fits(&contact.name, &contact.address) && !known(contact));
        chats.map(Line::Chat).chain(contacts.map(Line::Contact)).collect()
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        if let Some(add) = &self.add {
            return add.view(env);
        }
        let words = env.words;
        let search = text_input(&words.say("search"), &self.search)
            .id(Id::new("search"))
            .padding([12, 12])
            .size(parts::BODY)
            .on_input(Message::Search)
            .on_submit(Message::First);
        let asking = self.contacts.iter().filter(|contact| contact.asks).count();
        let top = row![
            self.tab(Tab::Chats, words.say("tab-chats"), self.unread()),
            self.tab(
                Tab::Contacts,
                words.say("tab-contacts"),
                u32::try_from(asking).unwrap_or(u32::MAX)
            ),
        ];
        let settings = parts::sign_button(parts::sign::SETTINGS, words.say("settings"), Button::Plain)
            .padding([8, 12])
            .id("settings")
            .on_press(Message::Settings);
        let mut content = column![container(column![top, search].spacing(6)).padding([6, 10])];
        if self.tab == Tab::Contacts && self.search.is_empty() {
            let add = parts::sign_button(parts::sign::ADD, words.say("contact-add"), Button::Secondary);
            content = content.push(container(add.width(Fill).id("add").on_press(Message::Add)).padding([0, 10]));
        }
        let content = content
            .push(container(self.list(env)).height(Fill))
            .push(iced_widget::rule::horizontal(1))
            .push(settings);
        container(content).width(Fill).height(Fill).style(style::panel).into()
    }

    fn tab<'a>(&self, tab: Tab, word: String, count: u32) -> Element<'a, Message> {
        let chosen = self.tab == tab && self.search.is_empty();
        let name = text(word).size(17).font(if chosen { font::BOLD } else { font::TEXT });
        let mut content = row![name].spacing(6).align_y(Alignment::Center);
        if count > 0 {
            content = content.push(lines::badge(count));
        }
        // The chosen one is bold and underlined: not told by colour alone.
        let under = container(iced_widget::space().height(3))
            .width(Fill)
            .style(move |theme: &crate::theme::Theme| {
                let mut style = container::Style::default();
                if chosen {
                    style.background = Some(theme.palette().accent.into());
                }
                style
            });
        Press::new(
            column![content, under].spacing(3).width(iced_core::Length::Shrink),
            Button::Plain,
        )
        .padding([6, 10])
        .on_press(Message::Tab(tab))
        .into()
    }

    fn list<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let lines = self.lines();
        if lines.is_empty() {
            let words = env.words;
            let nothing = match (self.search.is_empty(), self.tab) {
                (false, _) => words.fill("search-none", "text", self.search.trim()),
                (true, Tab::Chats) => words.say("chats-none"),
                (true, Tab::Contacts) => words.say("contacts-none"),
            };
            return container(parts::words(nothing))
                .padding(20)
                .width(Fill)
                .height(Fill)
                .into();
        }
        let keys: Vec<i64> = lines.iter().map(Line::key).collect();
        let find = keys.clone();
        Timeline::new(
            lines.len(),
            move |index| keys.get(index).copied().unwrap_or_default(),
            move |key| find.iter().position(|found| *found == key),
            move |index| match lines.get(index) {
                Some(Line::Chat(chat)) => lines::chat(env, chat, self.chosen == Some(chat.id)),
                Some(Line::Contact(contact)) => lines::contact(env, contact),
                None => iced_widget::space().into(),
            },
        )
        .into()
    }
}

impl Line<'_> {
    /// A number that stays with the line: the chat's row, or a hash of whose contact it is.
    fn key(&self) -> i64 {
        use std::hash::{DefaultHasher, Hash, Hasher};

        match self {
            Self::Chat(chat) => chat.id.0,
            Self::Contact(contact) => {
                let mut hasher = DefaultHasher::new();
                (contact.account, &contact.address).hash(&mut hasher);
                -((hasher.finish() >> 1).cast_signed())
            }
        }
    }
}
