//! The first start: an address and a password, nothing else asked.
//!
//! Host, port and certificate are behind "Advanced", for servers that DNS does not tell about.

use std::path::PathBuf;
use std::str::FromStr;

use grend_core::Cause;
use grend_core::model::{BareJid, Credentials, Override, Tls};
use iced_runtime::Task;
use iced_runtime::widget::operation;
use iced_widget::{column, row};

use super::{Env, parts};
use crate::theme::style::Button;
use crate::widget::Element;

/// The screen.
#[derive(Default)]
pub struct Welcome {
    form: bool,
    address: String,
    password: String,
    advanced: bool,
    host: String,
    port: String,
    tls: Tls,
    certificate: String,
    busy: bool,
    problem: Option<Problem>,
}

/// Why signing in did not work.
#[derive(Debug, Clone, PartialEq)]
enum Problem {
    /// Something in the form.
    Form(&'static str),
    /// What the server or the way to it answered.
    Cause(Cause),
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Door,
    Back,
    Address(String),
    Password(String),
    Advanced,
    Host(String),
    Port(String),
    Security(Tls),
    Certificate(String),
    Next,
    Submit,
    /// Core answered.
    Refused(Cause),
}

/// What the screen wants.
pub enum Event {
    /// Sign in with these.
    SignIn(Credentials),
}

impl Welcome {
    /// Changes the screen.
    pub fn update(&mut self, message: Message) -> (Task<Message>, Option<Event>) {
        match message {
            Message::Door => {
                self.form = true;
                return (operation::focus("address"), None);
            }
            Message::Back => *self = Self::default(),
            Message::Address(text) => self.address = text,
            Message::Password(text) => self.password = text,
            Message::Advanced => self.advanced = !self.advanced,
            Message::Host(text) => self.host = text,
            Message::Port(text) => self.port = text,
            Message::Security(tls) => self.tls = tls,
            Message::Certificate(text) => self.certificate = text,
            Message::Next => return (operation::focus("password"), None),
            Message::Submit => return (Task::none(), self.submit()),
            Message::Refused(cause) => {
                self.busy = false;
                self.problem = Some(Problem::Cause(cause));
            }
        }
        (Task::none(), None)
    }

    /// Whether Esc leads anywhere.
    pub fn can_go_back(&self) -> bool {
        self.form && !self.busy
    }

    fn submit(&mut self) -> Option<Event> {
        if self.busy {
            return None;
        }
        match self.credentials() {
            Ok(credentials) => {
                self.problem = None;
                self.busy = true;
                Some(Event::SignIn(credentials))
            }
            Err(key) => {
                self.problem = Some(Problem::Form(key));
                None
            }
        }
    }

    fn credentials(&self) -> Result<Credentials, &'static str> {
        let typed = self.address.trim();
        let typed = typed.strip_prefix("xmpp:").unwrap_or(typed);
        let address = BareJid::from_str(typed).map_err(|_| "form-address-wrong")?;
        if address.node().is_none() {
            return Err("form-address-wrong");
        }
        if self.password.is_empty() {
            return Err("form-password-missing");
        }
        let port = match self.port.trim() {
            "" => None,
            port => Some(port.parse().ok().filter(|port| *port != 0).ok_or("form-port-wrong")?),
        };
        let host = match (self.host.trim(), port) {
            ("", None) => None,
            ("", Some(_)) => return Err("form-host-missing"),
            (host, port) => Some(Override {
                host: host.to_owned(),
                port,
                tls: self.tls,
            }),
        };
        let ca = Some(self.certificate.trim())
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        Ok(Credentials {
            address,
            password: self.password.clone(),
            host,
            ca,
        })
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        if self.form {
            self.view_form(env)
        } else {
            view_doors(env)
        }
    }

    fn view_form<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let open = |to: fn(String) -> Message| (!self.busy).then_some(to);
        let (name, input) = parts::field(
            ("address", words.say("form-address")),
            &words.say("form-address-hint"),
            &self.address,
            open(Message::Address),
        );
        let address = input.on_submit(Message::Next).under(name);
        let (name, input) = parts::field(
            ("password", words.say("form-password")),
            "",
            &self.password,
            open(Message::Password),
        );
        let password = input.secure().on_submit(Message::Submit).under(name);

        let mut content = vec![parts::title(words.say("form-title")), address, password];
        if let Some(problem) = &self.problem {
            content.push(parts::note(match problem {
                Problem::Form(key) => words.say(key),
                Problem::Cause(cause) => words.cause(cause),
            }));
        }
        if env.host.passwords_in_file() {
            content.push(parts::hint(words.say("vault-note")));
        }
        let word = words.say(if self.busy { "form-busy" } else { "form-sign-in" });
        content.push(
            parts::button(word, Button::Primary)
                .width(iced_core::Length::Fill)
                .id("sign-in")
                .on_press_maybe((!self.busy).then_some(Message::Submit))
                .into(),
        );
        let fold = words.say(if self.advanced {
            "form-advanced-hide"
        } else {
            "form-advanced"
        });
        let back = parts::sign_button(parts::sign::BACK, words.say("back"), Button::Plain);
        content.push(
            row![
                back.id("back").on_press_maybe((!self.busy).then_some(Message::Back)),
                iced_widget::space::horizontal(),
                parts::button(fold, Button::Plain)
                    .id("advanced")
                    .on_press(Message::Advanced),
            ]
            .into(),
        );
        if self.advanced {
            content.push(self.view_advanced(env));
        }
        parts::page(content)
    }

    fn view_advanced<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let open = |to: fn(String) -> Message| (!self.busy).then_some(to);
        let (name, input) = parts::field(
            ("host", words.say("form-host")),
            &words.say("form-host-hint"),
            &self.host,
            open(Message::Host),
        );
        let host = input.on_submit(Message::Submit).under(name);
        let default = if self.tls == Tls::Direct { "5223" } else { "5222" };
        let (name, input) = parts::field(
            ("port", words.say("form-port")),
            &words.fill("form-port-hint", "default", default),
            &self.port,
            open(Message::Port),
        );
        let port = input.on_submit(Message::Submit).under(name);
        let (name, input) = parts::field(
            ("certificate", words.say("form-certificate")),
            &words.say("form-certificate-hint"),
            &self.certificate,
            open(Message::Certificate),
        );
        let certificate = input.on_submit(Message::Submit).under(name);
        column![
            parts::hint(words.say("form-advanced-hint")),
            host,
            port,
            column![
                iced_widget::text(words.say("form-security"))
                    .size(parts::SMALL + 1.0)
                    .font(crate::font::BOLD),
                row![
                    self.choice(Tls::Starttls, words.say("form-starttls")),
                    self.choice(Tls::Direct, words.say("form-direct")),
                ]
                .spacing(8),
            ]
            .spacing(4),
            certificate,
        ]
        .spacing(14)
        .into()
    }

    fn choice<'a>(&self, tls: Tls, word: String) -> Element<'a, Message> {
        let chosen = self.tls == tls;
        let mark = if chosen {
            parts::sign::READ
        } else {
            parts::sign::NOT_THERE
        };
        parts::sign_button(mark, word, Button::Secondary)
            .width(iced_core::Length::Fill)
            .on_press_maybe((!self.busy).then_some(Message::Security(tls)))
            .into()
    }
}

fn view_doors(env: Env<'_>) -> Element<'_, Message> {
    let words = env.words;
    parts::page(vec![
        parts::title(words.say("welcome-title")),
        parts::words(words.say("welcome-line")),
        parts::button(words.say("welcome-address-door"), Button::Primary)
            .width(iced_core::Length::Fill)
            .id("door-address")
            .on_press(Message::Door)
            .into(),
    ])
}
