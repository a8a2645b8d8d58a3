//! When only the user can go on: the password was changed, the certificate is wrong, Grend cannot start.

use grend_core::Cause;
use grend_core::model::{Account, Credentials};
use iced_core::Length::Fill;

use super::{Env, parts};
use crate::theme::style::Button;
use crate::widget::Element;

/// The screen, for one account.
pub struct Trouble {
    account: Account,
    cause: Cause,
    password: String,
    busy: bool,
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Password(String),
    SignIn,
    TryAgain,
    Later,
    Refused(Cause),
}

/// What the screen wants.
pub enum Event {
    /// Sign in with the new password.
    SignIn(Credentials),
    /// Connect again as before.
    TryAgain,
    /// Leave the screen; the account stays as it is.
    Later,
}

impl Trouble {
    /// The screen for an account that stopped, and why.
    pub fn new(account: Account, cause: Cause) -> Self {
        Self {
            account,
            cause,
            password: String::new(),
            busy: false,
        }
    }

    /// Changes the screen.
    pub fn update(&mut self, message: Message) -> Option<Event> {
        match message {
            Message::Password(text) => self.password = text,
            Message::SignIn if self.password.is_empty() || self.busy => {}
            Message::SignIn => {
                self.busy = true;
                return Some(Event::SignIn(Credentials {
                    address: self.account.address.clone(),
                    password: self.password.clone(),
                    host: self.account.host.clone(),
                    ca: self.account.ca.clone(),
                }));
            }
            Message::TryAgain => return Some(Event::TryAgain),
            Message::Later => return Some(Event::Later),
            Message::Refused(cause) => {
                self.busy = false;
                self.cause = cause;
            }
        }
        None
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let mut content = vec![
            parts::title(words.say("trouble-title")),
            parts::words(self.account.address.to_string()),
        ];
        content.push(parts::note(words.cause(&self.cause)));
        if self.cause == Cause::Authentication {
            content.push(parts::words(words.say("trouble-password")));
            let (name, input) = parts::field(
                ("new-password", words.say("trouble-new-password")),
                "",
                &self.password,
                (!self.busy).then_some(Message::Password as fn(String) -> Message),
            );
            content.push(input.secure().on_submit(Message::SignIn).under(name));
            let word = words.say(if self.busy { "form-busy" } else { "trouble-sign-in" });
            let ready = !self.busy && !self.password.is_empty();
            content.push(
                parts::button(word, Button::Primary)
                    .width(Fill)
                    .on_press_maybe(ready.then_some(Message::SignIn))
                    .into(),
            );
        } else {
            content.push(
                parts::button(words.say("try-again"), Button::Primary)
                    .width(Fill)
                    .on_press(Message::TryAgain)
                    .into(),
            );
        }
        content.push(
            parts::button(words.say("later"), Button::Plain)
                .width(Fill)
                .on_press(Message::Later)
                .into(),
        );
        parts::page(content)
    }
}

/// Grend cannot even start: why, and what to do.
pub fn cannot_start<'a, M: 'a>(env: Env<'a>, cause: &Cause) -> Element<'a, M> {
    parts::page(vec![
        parts::title(env.words.say("trouble-start")),
        parts::note(env.words.cause(cause)),
        parts::words(env.words.say("trouble-close")),
    ])
}
