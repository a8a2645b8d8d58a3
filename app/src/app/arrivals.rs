//! The page about whether messages come in time, and the line that leads there once.

use grend_core::Cause;
use grend_core::model::{Account, Arrivals as Measured, BareJid, PushState, Wake};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_runtime::Task;
use iced_widget::{container, row, text};

use super::{Message, Page, State};
use crate::host::Limits;
use crate::screen::arrivals::{self, Arrivals};
use crate::screen::parts;
use crate::screen::settings::Settings;
use crate::theme::style::{self, Button};
use crate::widget::Element;

impl State {
    /// Asks the machine, which may take a moment.
    pub(super) fn ask_limits(&self) -> Task<Message> {
        let host = std::sync::Arc::clone(&self.host);
        Task::perform(async move { host.limits() }, Message::Limits)
    }

    pub(super) fn limited(&mut self, limits: Limits) -> Task<Message> {
        self.limits = limits;
        self.can_be_woken = self.host.can_be_woken();
        Task::none()
    }

    pub(super) fn show_arrivals(&mut self) -> Task<Message> {
        self.host.tell_limits();
        if self.wake.service.is_some() && self.wake.endpoint.is_none() {
            // Whatever was in the way the last time may be gone.
            self.host.let_wake(true);
        }
        if let Some(main) = self.main() {
            main.page = Page::Arrivals(Arrivals::default());
        }
        let measured = self.call(|core| async move { core.arrivals().await }, Message::Measured);
        Task::batch([self.ask_limits(), measured])
    }

    pub(super) fn hide_arrivals(&mut self) -> Task<Message> {
        self.host.tell_limits();
        Task::none()
    }

    pub(super) fn measured(&mut self, answer: Result<Measured, Cause>) -> Task<Message> {
        match (answer, self.main().map(|main| &mut main.page)) {
            (Ok(measured), Some(Page::Arrivals(page))) => page.measured(measured),
            (Err(cause), _) => self.fault = Some(cause),
            _ => {}
        }
        Task::none()
    }

    pub(super) fn arrivals(&mut self, message: &arrivals::Message) -> Task<Message> {
        match message {
            arrivals::Message::Lift(limit) => self.host.lift(*limit),
            arrivals::Message::Service(typed) => {
                if let Some(Page::Arrivals(page)) = self.main().map(|main| &mut main.page) {
                    page.typed(typed.clone());
                }
            }
            arrivals::Message::Wake(service) => return self.wake_by(service.clone()),
            arrivals::Message::Back => {
                if let Some(main) = self.main() {
                    main.page = Page::Settings(Settings::default());
                }
            }
        }
        Task::none()
    }

    /// A push service wakes Grend from now on, or nobody.
    fn wake_by(&mut self, service: Option<BareJid>) -> Task<Message> {
        self.host.let_wake(service.is_some());
        self.intend(move |core| async move {
            if service.is_none() {
                core.set_endpoint(None).await?;
            }
            core.wake_by(service).await
        })
    }

    pub(super) fn ask_wake(&mut self) -> Task<Message> {
        if self.core.is_none() || !self.questions.wake.begin() {
            return Task::none();
        }
        self.call(|core| async move { core.wake().await }, Message::Woken)
    }

    /// Grend stays connected unless every account can be woken.
    pub(super) fn woken(&mut self, answer: Result<Wake, Cause>) -> Task<Message> {
        let again = self.questions.wake.end();
        match answer {
            Ok(wake) => {
                let on = |account: &Account| wake.accounts.contains(&(account.id, PushState::On));
                let all = wake.service.is_some() && wake.endpoint.is_some() && self.accounts.iter().all(on);
                self.host.stay_connected(!self.accounts.is_empty() && !all);
                self.wake = wake;
            }
            Err(cause) => self.fault = Some(cause),
        }
        if again { self.ask_wake() } else { Task::none() }
    }

    /// Said once, where something holds Grend back that the user can change.
    pub(super) fn view_limits(&self) -> Option<Element<'_, Message>> {
        if self.host.limits_told() || self.limits.all().next().is_none() {
            return None;
        }
        let words = row![
            parts::sign(parts::sign::WAITING, parts::BODY),
            text(self.words.say("arrivals-line")).size(parts::BODY),
        ];
        let buttons = row![
            parts::button(self.words.say("bar-look"), Button::Secondary)
                .id("arrivals")
                .on_press(Message::ShowArrivals),
            parts::button(self.words.say("later"), Button::Plain).on_press(Message::HideArrivals),
        ];
        let line = row![words.spacing(10), buttons.spacing(8)];
        let line = line.spacing(10).align_y(Alignment::Center).wrap().vertical_spacing(6);
        Some(container(line).padding([6, 14]).width(Fill).style(style::notice).into())
    }
}
