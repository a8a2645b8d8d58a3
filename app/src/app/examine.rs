//! The page about the server: asked for in the settings, answered by core after some seconds.

use grend_core::Cause;
use grend_core::doctor::Report;
use grend_core::model::AccountId;
use iced_runtime::Task;

use super::{Message, Page, Screen, State};
use crate::screen::health::{self, Event, Health};
use crate::screen::settings::Settings;

impl State {
    pub(super) fn show_health(&mut self, account: AccountId) -> Task<Message> {
        let account = self.accounts.iter().find(|known| known.id == account).cloned();
        let (Some(account), Screen::Main(main)) = (account, &mut self.screen) else {
            return Task::none();
        };
        let (page, event) = Health::new(account);
        main.page = Page::Health(page);
        self.follow_health(Some(event))
    }

    pub(super) fn health(&mut self, message: health::Message) -> Task<Message> {
        let event = match &mut self.screen {
            Screen::Main(main) => match &mut main.page {
                Page::Health(page) => page.update(&self.words, message),
                _ => None,
            },
            _ => None,
        };
        self.follow_health(event)
    }

    /// An answer for a page that is not there any more, or is about another account by now, is not wanted.
    pub(super) fn examined(&mut self, account: AccountId, answer: Result<(Box<Report>, u32), Cause>) -> Task<Message> {
        let wanted = self.main().is_some_and(|main| match &main.page {
            Page::Health(page) => page.account().id == account,
            _ => false,
        });
        if wanted {
            self.health(health::Message::Examined(answer))
        } else {
            Task::none()
        }
    }

    fn follow_health(&mut self, event: Option<Event>) -> Task<Message> {
        match event {
            Some(Event::Examine(account)) => {
                let id = account.id;
                self.call(
                    move |core| async move {
                        let report = Box::pin(core.examine(id)).await?;
                        Ok((Box::new(report), core.health(id).await?.aside))
                    },
                    move |answer| Message::Examined(id, answer),
                )
            }
            Some(Event::Copy(text)) => iced_runtime::clipboard::write(text),
            Some(Event::Back) => {
                if let Some(main) = self.main() {
                    main.page = Page::Settings(Settings::default());
                }
                Task::none()
            }
            None => Task::none(),
        }
    }
}
