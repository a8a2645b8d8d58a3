//! "Do messages come in time?": what on this device may hold Grend back while nobody looks, how to change it, and how late the last
//! messages came.

use grend_core::model::Arrivals as Measured;
use iced_core::Length::Fill;
use iced_widget::{Column, column};

use super::{Env, parts};
use crate::host::{Limit, Limits};
use crate::l10n::Words;
use crate::theme::style::Button;
use crate::widget::Element;

const MINUTE: i64 = 60_000;

/// The screen.
#[derive(Default)]
pub struct Arrivals {
    limits: Limits,
    measured: Option<Measured>,
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Back,
    Lift(Limit),
}

impl Arrivals {
    /// What the machine says now.
    pub fn limited(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What core measured.
    pub fn measured(&mut self, measured: Measured) {
        self.measured = Some(measured);
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let mut content: Vec<Element<'a, Message>> = self.limits.all().map(|limit| held(env, limit)).collect();
        if content.is_empty() {
            content.push(parts::title(words.say("arrivals-good")));
        }
        if let Some(measured) = &self.measured {
            content.push(parts::words(sentence(words, measured)));
        }
        if self.limits.metered == Some(true) {
            content.push(parts::hint(words.say("arrivals-metered")));
        }
        let header = parts::header((words.say("back"), Message::Back), words.say("arrivals-head"));
        column![header, parts::sheet(content)].into()
    }
}

/// One thing that holds Grend back, and the way to where that is changed.
fn held(env: Env<'_>, limit: Limit) -> Element<'_, Message> {
    let key = match limit {
        Limit::Notices => "arrivals-notices",
        Limit::Background => "arrivals-background",
        Limit::Battery => "arrivals-battery",
        Limit::Data => "arrivals-data",
        Limit::Power if env.host.can_lift() => "arrivals-power",
        Limit::Power => "arrivals-power-computer",
    };
    let note = parts::note(env.words.say(key));
    if !env.host.can_lift() {
        return note;
    }
    let lift = parts::button(env.words.say(&format!("{key}-lift")), Button::Primary);
    Column::with_children([note, lift.width(Fill).on_press(Message::Lift(limit)).into()])
        .spacing(8)
        .into()
}

/// How late the last messages came.
fn sentence(words: &Words, measured: &Measured) -> String {
    let minutes = measured.longest_ms / MINUTE;
    let longest = match minutes {
        ..120 => words.count("arrivals-minutes", u32::try_from(minutes).unwrap_or_default()),
        120..2880 => words.count("arrivals-hours", u32::try_from(minutes / 60).unwrap_or_default()),
        _ => words.count("arrivals-days", u32::try_from(minutes / 1440).unwrap_or(u32::MAX)),
    };
    let holes = [
        ("count", measured.count.into()),
        ("late", measured.late.into()),
        ("longest", longest.into()),
    ];
    match (measured.count, measured.late) {
        (0, _) => words.say("arrivals-none"),
        (_, 0) => words.with("arrivals-on-time", &holes),
        _ => words.with("arrivals-late", &holes),
    }
}
