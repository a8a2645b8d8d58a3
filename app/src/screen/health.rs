//! "Is the server all right?": an examination in plain words, and a copy of it for whoever runs the server.

use grend_core::Cause;
use grend_core::doctor::{Report, Verdict};
use grend_core::model::Account;
use iced_core::Length::Fill;
use iced_widget::{Column, row, text};

use super::{Env, parts};
use crate::doctor::{VERDICTS, letter, sentence, summary};
use crate::font;
use crate::l10n::Words;
use crate::theme::style::Button;
use crate::widget::Element;

/// The screen, for one account.
pub struct Health {
    account: Account,
    seen: Seen,
    copied: bool,
}

enum Seen {
    Busy,
    /// The report, and how many stanzas of this account were left out.
    Report(Box<Report>, u32),
    Failed(Cause),
}

/// What a user does here, and what core answers.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Back,
    Again,
    Copy,
    Examined(Result<(Box<Report>, u32), Cause>),
}

/// What the screen wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Leave the screen.
    Back,
    /// Examine the server of this account.
    Examine(Account),
    /// Put this text where it can be pasted from.
    Copy(String),
}

impl Health {
    /// The screen while the server is looked at.
    pub fn new(account: Account) -> (Self, Event) {
        let event = Event::Examine(account.clone());
        let health = Self {
            account,
            seen: Seen::Busy,
            copied: false,
        };
        (health, event)
    }

    /// Whose server it is.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Changes the screen.
    pub fn update(&mut self, words: &Words, message: Message) -> Option<Event> {
        match message {
            Message::Back => return Some(Event::Back),
            Message::Again => {
                (self.seen, self.copied) = (Seen::Busy, false);
                return Some(Event::Examine(self.account.clone()));
            }
            Message::Copy => {
                let Seen::Report(report, aside) = &self.seen else {
                    return None;
                };
                self.copied = true;
                let mut text = letter(words, report);
                if *aside > 0 {
                    text.push_str(&format!("\n{}\n", words.count("health-aside", *aside)));
                }
                return Some(Event::Copy(text));
            }
            Message::Examined(Ok((report, aside))) => self.seen = Seen::Report(report, aside),
            Message::Examined(Err(cause)) => self.seen = Seen::Failed(cause),
        }
        None
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let domain = self.account.address.domain().as_str();
        let content = match &self.seen {
            Seen::Busy => vec![parts::words(words.fill("health-busy", "domain", domain))],
            Seen::Failed(cause) => vec![
                parts::note(format!("{} {}", words.say("health-failed"), words.cause(cause))),
                again(env, Button::Primary),
            ],
            Seen::Report(report, aside) => self.report(env, report, *aside),
        };
        let header = parts::header((words.say("back"), Message::Back), words.say("health-title"));
        iced_widget::column![header, parts::sheet(content)].into()
    }

    fn report<'a>(&'a self, env: Env<'a>, report: &'a Report, aside: u32) -> Vec<Element<'a, Message>> {
        let words = env.words;
        let mut content = vec![
            parts::words(report.domain.clone()),
            parts::title(summary(words, report)),
            parts::button(words.say("health-copy"), Button::Primary)
                .width(Fill)
                .on_press(Message::Copy)
                .into(),
        ];
        if self.copied {
            content.push(parts::hint(words.say("health-copied")));
        }
        for (verdict, heading) in VERDICTS {
            let mut findings = report.findings.iter().filter(|it| it.verdict() == verdict).peekable();
            if findings.peek().is_none() {
                continue;
            }
            let heading = text(words.say(heading)).size(parts::BODY).font(font::BOLD);
            let lines = findings.map(|finding| line(verdict, sentence(words, report, finding)));
            content.push(Column::with_children([heading.into()]).extend(lines).spacing(8).into());
        }
        if aside > 0 {
            content.push(parts::note(words.count("health-aside", aside)));
        }
        content.push(again(env, Button::Secondary));
        content
    }
}

fn again(env: Env<'_>, look: Button) -> Element<'_, Message> {
    parts::button(env.words.say("health-again"), look)
        .width(Fill)
        .on_press(Message::Again)
        .into()
}

fn line<'a>(verdict: Verdict, words: String) -> Element<'a, Message> {
    let sign = match verdict {
        Verdict::Broken => parts::sign::FAILED,
        Verdict::Missing => parts::sign::NOT_THERE,
        Verdict::Unknown => parts::sign::WARNING,
        Verdict::Good => parts::sign::SENT,
    };
    row![
        parts::sign(sign, parts::BODY),
        text(words).size(parts::BODY).width(Fill)
    ]
    .spacing(10)
    .into()
}
