//! When only the user can go on: the password was changed, the certificate is wrong, the server protects less than it did,
//! Grend cannot start.

use grend_core::model::{Account, Credentials};
use grend_core::{Cause, Certificate};
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
    /// The user said that the server was changed.
    changed: bool,
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Password(String),
    SignIn,
    SignInAnew,
    TryAgain,
    Later,
    Refused(Cause),
}

/// What the screen wants.
pub enum Event {
    /// Sign in with the new password.
    SignIn(Credentials),
    /// Sign in, though the server protects less than it did.
    SignInAnew(Credentials),
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
            changed: false,
        }
    }

    /// Changes the screen.
    pub fn update(&mut self, message: Message) -> Option<Event> {
        match message {
            Message::Password(text) => self.password = text,
            Message::SignIn | Message::SignInAnew if self.password.is_empty() || self.busy => {}
            Message::SignIn => {
                self.busy = true;
                return Some(Event::SignIn(self.credentials()));
            }
            Message::SignInAnew => {
                (self.busy, self.changed) = (true, true);
                return Some(Event::SignInAnew(self.credentials()));
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

    fn credentials(&self) -> Credentials {
        Credentials {
            address: self.account.address.clone(),
            password: self.password.clone(),
            host: self.account.host.clone(),
            ca: self.account.ca.clone(),
        }
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let mut content = vec![
            parts::title(words.say("trouble-title")),
            parts::words(self.account.address.to_string()),
            parts::note(words.cause(&self.cause)),
        ];
        let refused = matches!(
            self.cause,
            Cause::Authentication | Cause::Certificate(Certificate::Doubtful)
        );
        if self.cause == Cause::Authentication {
            content.push(parts::words(words.say("trouble-password")));
        }
        if refused {
            content.push(self.field(env, "trouble-new-password", Message::SignIn));
            content.push(self.go(env, ("trouble-sign-in", Button::Primary), Message::SignIn));
        } else {
            content.push(
                parts::button(words.say("try-again"), Button::Primary)
                    .width(Fill)
                    .on_press(Message::TryAgain)
                    .into(),
            );
        }
        if self.changed || self.cause.is_downgrade() {
            content.push(parts::words(words.say("trouble-changed")));
            if !refused {
                content.push(self.field(env, "form-password", Message::SignInAnew));
            }
            content.push(self.go(env, ("trouble-sign-in-anew", Button::Secondary), Message::SignInAnew));
        }
        content.push(
            parts::button(words.say("later"), Button::Plain)
                .width(Fill)
                .on_press(Message::Later)
                .into(),
        );
        parts::page(content)
    }

    /// Where the password is typed. `submit`: what Enter does.
    fn field<'a>(&'a self, env: Env<'a>, name: &'static str, submit: Message) -> Element<'a, Message> {
        let (name, input) = parts::field(
            ("new-password", env.words.say(name)),
            "",
            &self.password,
            (!self.busy).then_some(Message::Password as fn(String) -> Message),
        );
        input.secure().on_submit(submit).under(name)
    }

    /// A way to sign in, once there is a password.
    fn go<'a>(&self, env: Env<'a>, (word, look): (&'static str, Button), message: Message) -> Element<'a, Message> {
        let word = env.words.say(if self.busy { "form-busy" } else { word });
        let ready = !self.busy && !self.password.is_empty();
        parts::button(word, look)
            .width(Fill)
            .on_press_maybe(ready.then_some(message))
            .into()
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
