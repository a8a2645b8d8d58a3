//! The few settings: who is signed in, how large the text is, signing out.

use grend_core::model::{Account, AccountId};
use iced_core::Alignment;
use iced_widget::{column, row, text};

use super::{Env, parts};
use crate::font;
use crate::theme::style::Button;
use crate::widget::Element;

/// Text from the usual size to two and a half times that.
const SIZES: [u16; 7] = [100, 115, 130, 150, 175, 200, 250];

/// The screen.
#[derive(Default)]
pub struct Settings {
    leaving: Option<AccountId>,
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Back,
    Smaller,
    Larger,
    StartWithComputer(bool),
    Arrivals,
    Health(AccountId),
    Devices(AccountId),
    SignOut(AccountId),
    Keep,
    Sure(AccountId),
}

/// What the screen wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Leave the screen.
    Back,
    /// Show whether messages come in time.
    Arrivals,
    /// Look at the server of this account.
    Health(AccountId),
    /// Show the devices of this account.
    Devices(AccountId),
    /// Sign out of this account and remove its messages.
    SignOut(AccountId),
    /// Text of this size, in percent.
    TextSize(u16),
    /// Start with the computer, or not.
    StartWithComputer(bool),
}

/// The next size up or down.
pub fn next_size(percent: u16, larger: bool) -> u16 {
    let next = if larger {
        SIZES.iter().find(|size| **size > percent)
    } else {
        SIZES.iter().rev().find(|size| **size < percent)
    };
    next.copied().unwrap_or(percent)
}

impl Settings {
    /// Changes the screen.
    pub fn update(&mut self, message: Message, percent: u16) -> Option<Event> {
        match message {
            Message::Back => return Some(Event::Back),
            Message::Smaller => return Some(Event::TextSize(next_size(percent, false))),
            Message::Larger => return Some(Event::TextSize(next_size(percent, true))),
            Message::StartWithComputer(on) => return Some(Event::StartWithComputer(on)),
            Message::Arrivals => return Some(Event::Arrivals),
            Message::Health(account) => return Some(Event::Health(account)),
            Message::Devices(account) => return Some(Event::Devices(account)),
            Message::SignOut(account) => self.leaving = Some(account),
            Message::Keep => self.leaving = None,
            Message::Sure(account) => return Some(Event::SignOut(account)),
        }
        None
    }

    /// Draws the screen. `limits`: the machine knows what may hold Grend back.
    pub fn view<'a>(
        &'a self,
        env: Env<'a>,
        accounts: &'a [Account],
        percent: u16,
        limits: bool,
    ) -> Element<'a, Message> {
        let words = env.words;
        let mut content = vec![
            column![
                text(words.say("settings-text-size"))
                    .size(parts::SMALL + 1.0)
                    .font(font::BOLD),
                row![
                    parts::button(words.say("settings-smaller"), Button::Secondary)
                        .on_press_maybe((next_size(percent, false) != percent).then_some(Message::Smaller)),
                    text(words.with("settings-percent", &[("percent", percent.into())])).size(parts::BODY),
                    parts::button(words.say("settings-larger"), Button::Secondary)
                        .on_press_maybe((next_size(percent, true) != percent).then_some(Message::Larger)),
                ]
                .spacing(12)
                .align_y(Alignment::Center)
                // Where the text is large already, the way back to smaller must not leave the screen.
                .wrap()
                .vertical_spacing(8),
            ]
            .spacing(4)
            .into(),
        ];
        if let Some(on) = env.host.starts_with_computer() {
            content.push(start_with_computer(env, on));
        }
        if limits {
            let open = parts::button(words.say("arrivals-title"), Button::Secondary).id("arrivals");
            content.push(open.on_press(Message::Arrivals).into());
        }
        for account in accounts {
            content.push(self.account(env, account));
        }
        if env.host.passwords_in_file() {
            content.push(parts::hint(words.say("vault-note")));
        }
        let header = parts::header((words.say("back"), Message::Back), words.say("settings-title"));
        column![header, parts::sheet(content)].into()
    }

    fn account<'a>(&self, env: Env<'a>, account: &'a Account) -> Element<'a, Message> {
        let words = env.words;
        let mut lines = column![
            text(words.say("settings-account"))
                .size(parts::SMALL + 1.0)
                .font(font::BOLD),
            text(account.address.to_string()).size(parts::BODY),
        ]
        .spacing(6);
        if let Some(line) = env.connection(account.id) {
            lines = lines.push(parts::hint(words.say(line)));
        }
        lines = lines
            .push(parts::button(words.say("devices-ours"), Button::Secondary).on_press(Message::Devices(account.id)))
            .push(parts::button(words.say("health-open"), Button::Secondary).on_press(Message::Health(account.id)));
        if self.leaving == Some(account.id) {
            lines
                .push(parts::note(words.say("settings-sign-out-note")))
                .push(
                    parts::button(words.say("settings-keep"), Button::Primary)
                        .width(iced_core::Length::Fill)
                        .on_press(Message::Keep),
                )
                .push(
                    parts::button(words.say("settings-sign-out-sure"), Button::Secondary)
                        .width(iced_core::Length::Fill)
                        .on_press(Message::Sure(account.id)),
                )
                .into()
        } else {
            lines
                .push(
                    parts::button(words.say("settings-sign-out"), Button::Secondary)
                        .on_press(Message::SignOut(account.id)),
                )
                .into()
        }
    }
}

fn start_with_computer(env: Env<'_>, on: bool) -> Element<'_, Message> {
    let words = env.words;
    let (state, turn) = if on {
        ("settings-start-on", "settings-start-turn-off")
    } else {
        ("settings-start-off", "settings-start-turn-on")
    };
    column![
        text(words.say("settings-start"))
            .size(parts::SMALL + 1.0)
            .font(font::BOLD),
        row![
            text(words.say(state)).size(parts::BODY),
            parts::button(words.say(turn), Button::Secondary)
                .id("start-with-computer")
                .on_press(Message::StartWithComputer(!on)),
        ]
        .spacing(12)
        .align_y(Alignment::Center)
        .wrap()
        .vertical_spacing(8),
        parts::hint(words.say("settings-start-hint")),
    ]
    .spacing(4)
    .into()
}
