//! "Do messages come in time?": what on this device may hold Grend back while nobody looks, how to change it, and how late the last
//! messages came.

use grend_core::model::{Arrivals as Measured, BareJid, PushState, Wake};
use iced_core::Length::Fill;
use iced_widget::{Column, column, text};

use super::{Env, parts};
use crate::font;
use crate::host::{Limit, Limits};
use crate::l10n::Words;
use crate::theme::style::Button;
use crate::widget::Element;

const MINUTE: i64 = 60_000;

/// The screen.
#[derive(Default)]
pub struct Arrivals {
    measured: Option<Measured>,
    /// The address of the push service.
    typed: String,
}

/// What a user does here.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Back,
    Lift(Limit),
    Service(String),
    Wake(Option<BareJid>),
}

impl Arrivals {
    /// What stands in the field.
    pub fn typed(&mut self, typed: String) {
        self.typed = typed;
    }

    /// What core measured.
    pub fn measured(&mut self, measured: Measured) {
        self.measured = Some(measured);
    }

    /// Draws the screen: what the machine says now, what wakes this device, and whether anything can.
    pub fn view<'a>(&'a self, env: Env<'a>, limits: Limits, wake: &Wake, can_be_woken: bool) -> Element<'a, Message> {
        let words = env.words;
        let mut content: Vec<Element<'a, Message>> = limits.all().map(|limit| held(env, limit)).collect();
        if content.is_empty() {
            content.push(parts::title(words.say("arrivals-good")));
        }
        if let Some(measured) = &self.measured {
            content.push(parts::words(sentence(words, measured)));
        }
        if limits.metered == Some(true) {
            content.push(parts::hint(words.say("arrivals-metered")));
        }
        if can_be_woken || wake.service.is_some() {
            content.push(self.wake(env, wake));
        }
        let header = parts::header((words.say("back"), Message::Back), words.say("arrivals-head"));
        column![header, parts::sheet(content)].into()
    }

    /// A push service in place of a connection.
    fn wake<'a>(&'a self, env: Env<'a>, wake: &Wake) -> Element<'a, Message> {
        let words = env.words;
        let heading = text(words.say("wake-title")).size(parts::SMALL + 1.0).font(font::BOLD);
        let content = column![heading].spacing(8);
        if let Some(service) = &wake.service {
            let off = parts::button(words.say("wake-turn-off"), Button::Secondary).id("wake");
            return content
                .push(parts::words(service.to_string()))
                .push(parts::words(words.say(state(wake))))
                .push(off.width(Fill).on_press(Message::Wake(None)))
                .into();
        }
        let name = ("push-service", words.say("wake-service"));
        let (name, field) = parts::field(name, "push.example.org", &self.typed, Some(Message::Service));
        let service = BareJid::new(self.typed.trim()).ok().filter(|it| it.node().is_none());
        let on = parts::button(words.say("wake-turn-on"), Button::Primary).id("wake");
        content
            .push(parts::hint(words.say("wake-hint")))
            .push(field.under(name))
            .push(on.width(Fill).on_press_maybe(service.map(|it| Message::Wake(Some(it)))))
            .into()
    }
}

/// How far it got, in words.
fn state(wake: &Wake) -> &'static str {
    let any = |wanted| wake.accounts.iter().any(|(_, state)| *state == wanted);
    match &wake.endpoint {
        None => "wake-no-endpoint",
        Some(_) if any(PushState::Refused) => "wake-refused",
        Some(_) if any(PushState::Wanted) => "wake-wanted",
        Some(_) => "wake-on",
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
