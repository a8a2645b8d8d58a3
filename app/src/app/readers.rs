//! Who can read: asked for the open conversation and the open page, and what the user decides there.

use grend_core::Cause;
use grend_core::model::{Account, AccountId, BareJid, ChatId, Compared, Device, DeviceId, Readers as Known, Trust};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_runtime::Task;
use iced_widget::{container, row, text};

use super::{Message, Page, Screen, State};
use crate::screen::parts;
use crate::screen::readers::{self, Event, Readers};
use crate::screen::settings::Settings;
use crate::theme::style::{self, Button};
use crate::widget::Element;

/// Whose devices an answer is about.
pub type About = (AccountId, BareJid);

impl State {
    /// What the open conversation and the open page want to know.
    fn wanted(&self) -> Vec<About> {
        let Screen::Main(main) = &self.screen else {
            return Vec::new();
        };
        let open = main
            .open
            .as_ref()
            .map(|open| (open.chat().account, &open.chat().address));
        let page = match &main.page {
            Page::Readers(page) => Some(page.about()),
            _ => None,
        };
        let page = page.filter(|page| Some(*page) != open);
        let all = open.into_iter().chain(page);
        all.map(|(account, address)| (account, address.clone())).collect()
    }

    pub(super) fn ask_readers(&mut self) -> Task<Message> {
        let wanted = self.wanted();
        if wanted.is_empty() || self.core.is_none() || !self.questions.readers.begin() {
            return Task::none();
        }
        self.call(
            move |core| async move {
                let mut known = Vec::new();
                for (account, address) in wanted {
                    known.push(((account, address.clone()), core.readers(account, address).await?));
                }
                Ok(known)
            },
            Message::Known,
        )
    }

    pub(super) fn known(&mut self, answer: Result<Vec<(About, Known)>, Cause>) -> Task<Message> {
        let again = self.questions.readers.end();
        match (answer, self.main()) {
            (Ok(all), Some(main)) => {
                for ((account, address), known) in all {
                    if let Some(open) = &mut main.open
                        && (open.chat().account, &open.chat().address) == (account, &address)
                    {
                        open.set_readers(known.clone());
                    }
                    if let Page::Readers(page) = &mut main.page
                        && page.about() == (account, &address)
                    {
                        page.set(known);
                    }
                }
            }
            (Ok(_), None) => {}
            (Err(cause), _) => self.fault = Some(cause),
        }
        if again { self.ask_readers() } else { Task::none() }
    }

    /// Asks the servers who can read, where nobody asked before.
    pub(super) fn look_at_devices(&self, about: &About) {
        if let Some(core) = &self.core {
            core.look_at_devices(about.0, about.1.clone());
        }
    }

    /// A link said which keys the devices have whose page was just opened.
    pub(super) fn bring_code(&mut self, code: String) -> Task<Message> {
        self.readers(readers::Message::Brought(code))
    }

    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.iter().find(|account| account.id == id).cloned()
    }

    /// The page of the open conversation.
    pub(super) fn show_readers(&mut self, chat: ChatId) -> Task<Message> {
        let Some(chat) = self.open_chat(chat).map(|open| open.chat().clone()) else {
            return Task::none();
        };
        match self.account(chat.account) {
            Some(account) => self.show_devices(Readers::of_chat(account, &chat)),
            None => Task::none(),
        }
    }

    /// The page of our own devices.
    pub(super) fn show_own_devices(&mut self, account: AccountId) -> Task<Message> {
        match self.account(account) {
            Some(account) => self.show_devices(Readers::of_account(account)),
            None => Task::none(),
        }
    }

    fn show_devices(&mut self, page: Readers) -> Task<Message> {
        let (account, address) = page.about();
        self.look_at_devices(&(account, address.clone()));
        if let Some(main) = self.main() {
            main.page = Page::Readers(Box::new(page));
        }
        self.ask_readers()
    }

    pub(super) fn readers(&mut self, message: readers::Message) -> Task<Message> {
        let Some(main) = self.main() else {
            return Task::none();
        };
        let Page::Readers(page) = &mut main.page else {
            return Task::none();
        };
        match page.update(message) {
            None => Task::none(),
            Some(Event::Back) => {
                main.page = if page.is_own() {
                    Page::Settings(Settings::default())
                } else {
                    Page::None
                };
                Task::none()
            }
            Some(Event::Encrypt(chat, on)) => {
                self.intend(move |core| async move { core.set_encryption(chat, on).await })
            }
            Some(Event::Trust(device, trust)) => {
                self.intend(move |core| async move { core.trust(device, trust).await })
            }
            Some(Event::Name(device, name)) => {
                self.intend(move |core| async move { core.name_device(device, name).await })
            }
            Some(Event::Remove(device)) => self.intend(move |core| async move { core.remove_device(device).await }),
            Some(Event::Compare(account, address, text)) => self.call(
                move |core| async move { core.compare(account, address, &text).await },
                Message::Compared,
            ),
            Some(Event::Copy(text)) => iced_runtime::clipboard::write(text),
            Some(Event::Scan) => {
                self.host.scan();
                Task::none()
            }
            Some(Event::ChoosePicture) => {
                self.host.choose_picture();
                Task::none()
            }
        }
    }

    pub(super) fn compared(&mut self, answer: Result<Compared, Cause>) -> Task<Message> {
        match answer {
            Ok(found) => self.readers(readers::Message::Compared(found)),
            Err(cause) => {
                self.fault = Some(cause);
                Task::none()
            }
        }
    }

    pub(super) fn ask_new_devices(&mut self) -> Task<Message> {
        if self.core.is_none() || !self.questions.new_devices.begin() {
            return Task::none();
        }
        self.call(|core| async move { core.new_devices().await }, Message::NewDevices)
    }

    pub(super) fn set_new_devices(&mut self, answer: Result<Vec<Device>, Cause>) -> Task<Message> {
        let again = self.questions.new_devices.end();
        match answer {
            Ok(devices) => self.new_devices = devices,
            Err(cause) => self.fault = Some(cause),
        }
        if again { self.ask_new_devices() } else { Task::none() }
    }

    /// The user knows of a device of theirs, and so it may read if it waited for that.
    pub(super) fn notice(&mut self, device: DeviceId) -> Task<Message> {
        let waits = self.new_devices.iter().any(|new| new.id == device && new.waits());
        self.new_devices.retain(|new| new.id != device);
        self.intend(move |core| async move {
            if waits {
                core.trust(device, Trust::Blind).await
            } else {
                core.notice_device(device).await
            }
        })
    }

    /// A new device of our own: said until somebody has seen it.
    pub(super) fn view_new_device(&self) -> Option<Element<'_, Message>> {
        let device = self.new_devices.first()?;
        let (key, mine) = if device.waits() {
            ("new-device-waits", "bar-let-read")
        } else {
            ("new-device", "new-device-mine")
        };
        let sentence = text(self.words.fill(key, "address", device.address.as_str())).size(parts::BODY);
        let buttons = row![
            parts::button(self.words.say(mine), Button::Secondary)
                .id("mine")
                .on_press(Message::Notice(device.id)),
            parts::button(self.words.say("bar-look"), Button::Secondary).on_press(Message::ShowDevices(device.account)),
        ];
        let line = row![
            row![parts::sign(parts::sign::WARNING, parts::BODY), sentence].spacing(10),
            buttons.spacing(8),
        ];
        let line = line.spacing(10).align_y(Alignment::Center).wrap().vertical_spacing(6);
        Some(container(line).padding([6, 14]).width(Fill).style(style::notice).into())
    }
}
