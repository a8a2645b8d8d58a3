//! One device: what it is called, when it was seen, whether it may read, the groups of digits by which it is told from others.

use grend_core::model::{Device, DeviceId, Trust};
use iced_core::Length::Fill;
use iced_widget::{column, row, text};

use super::{Event, Message, Readers, device_name};
use crate::font;
use crate::screen::{Env, parts};
use crate::theme::style::Button;
use crate::when;
use crate::widget::Element;

/// Digits of a group, and groups of a line.
const GROUP: usize = 8;
const LINE: usize = 2;

/// The page of a device.
pub(super) struct Open {
    pub id: DeviceId,
    name: String,
    leaving: bool,
}

impl Open {
    pub fn new(id: DeviceId, name: String) -> Self {
        Self {
            id,
            name,
            leaving: false,
        }
    }

    pub fn update(&mut self, message: Message) -> Option<Event> {
        match message {
            Message::Name(name) => self.name = name,
            Message::KeepName => return Some(Event::Name(self.id, self.name.trim().to_owned())),
            Message::Trust(trust) => return Some(Event::Trust(self.id, trust)),
            Message::Remove => self.leaving = true,
            Message::Keep => self.leaving = false,
            Message::RemoveSure => return Some(Event::Remove(self.id)),
            _ => {}
        }
        None
    }
}

/// The sign and the words of what a device can do.
pub(super) fn status(device: &Device) -> (&'static str, &'static str) {
    use parts::sign;

    match device.trust {
        _ if device.this => (sign::SENT, "device-reads"),
        _ if !device.listed => (sign::NOT_THERE, "device-gone"),
        Some(Trust::Undecided) => (sign::WAITING, "device-waits"),
        Some(Trust::Refused) => (sign::FAILED, "device-refused"),
        _ if device.broken => (sign::WARNING, "device-broken"),
        Some(Trust::Verified) => (sign::DELIVERED, "device-verified"),
        _ => (sign::SENT, "device-reads"),
    }
}

impl Readers {
    pub(super) fn view_device<'a>(&'a self, env: Env<'a>, open: &'a Open) -> (String, Vec<Element<'a, Message>>) {
        let words = env.words;
        let Some((device, all)) = self.device(open.id).zip(self.beside(open.id)) else {
            return (String::new(), Vec::new());
        };
        let (sign, key) = status(device);
        let line = row![parts::sign(sign, parts::BODY), text(words.say(key)).size(parts::BODY)].spacing(10);
        let mut content = vec![line.into()];
        content.extend(decide(env, device));
        let day = |at| when::day(words, env.local(at).date(), env.today());
        let used = match device.used_at {
            Some(at) => words.fill("device-used", "day", &day(at)),
            None => words.say("device-not-used"),
        };
        let seen = words.fill("device-seen", "day", &day(device.seen_at));
        content.push(if device.this {
            parts::words(seen)
        } else {
            column![parts::words(seen), parts::words(used)].spacing(4).into()
        });
        content.push(self.digits(env, device));
        if !device.this {
            content.push(name(env, open));
        }
        let ours = self.known.as_ref().is_some_and(|known| known.ours.contains(device));
        if ours && !device.this && device.listed {
            content.push(remove(env, open.leaving));
        }
        (device_name(words, all, device), content)
    }

    /// The devices among which this one is counted.
    fn beside(&self, id: DeviceId) -> Option<&[Device]> {
        let known = self.known.as_ref()?;
        let ours = known.ours.iter().any(|device| device.id == id);
        Some(if ours { &known.ours } else { &known.theirs })
    }

    fn digits<'a>(&self, env: Env<'a>, device: &Device) -> Element<'a, Message> {
        let words = env.words;
        let theirs = self.known.as_ref().is_some_and(|known| known.theirs.contains(device));
        let heading = text(words.say("device-digits")).size(parts::BODY).font(font::BOLD);
        let hint = match &self.peer {
            _ if device.this => words.say("device-digits-this"),
            Some(peer) if theirs => words.fill("device-digits-theirs", "name", &peer.name),
            _ => words.say("device-digits-ours"),
        };
        let Some(fingerprint) = &device.fingerprint else {
            return parts::hint(words.say("device-digits-later"));
        };
        let mut content = column![heading, parts::hint(hint), groups(fingerprint)].spacing(8);
        if !device.this && device.trust != Some(Trust::Verified) {
            let same = parts::button(words.say("device-digits-same"), Button::Secondary);
            content = content.push(same.width(Fill).id("same").on_press(Message::Trust(Trust::Verified)));
        }
        content.into()
    }
}

/// Groups that can be read aloud.
pub(super) fn groups<'a, M: 'a>(fingerprint: &str) -> Element<'a, M> {
    let digits: Vec<char> = fingerprint.chars().collect();
    let group = |digits: &[char]| {
        let (first, second) = digits.split_at(digits.len() / 2);
        let halves = format!("{} {}", String::from_iter(first), String::from_iter(second));
        text(halves).size(18).font(font::BOLD).width(Fill).into()
    };
    let lines = digits.chunks(GROUP * LINE).map(|line| {
        let groups = line.chunks(GROUP).map(group);
        iced_widget::Row::with_children(groups).spacing(16).into()
    });
    iced_widget::Column::with_children(lines).spacing(6).into()
}

fn decide<'a>(env: Env<'a>, device: &Device) -> Vec<Element<'a, Message>> {
    let press = |key, look, trust, id: &'static str| -> Element<'a, Message> {
        parts::button(env.words.say(key), look)
            .width(Fill)
            .id(id)
            .on_press(Message::Trust(trust))
            .into()
    };
    let yes = |look| press("device-let-read", look, Trust::Blind, "let-read");
    let no = || press("device-no-read", Button::Secondary, Trust::Refused, "no-read");
    match device.trust {
        None => Vec::new(),
        _ if device.this || !device.listed => Vec::new(),
        Some(Trust::Undecided) => vec![yes(Button::Primary), no()],
        Some(Trust::Refused) => vec![yes(Button::Secondary)],
        Some(Trust::Blind | Trust::Verified) => vec![no()],
    }
}

fn name<'a>(env: Env<'a>, open: &'a Open) -> Element<'a, Message> {
    let words = env.words;
    let (name, input) = parts::field(
        ("device-name", words.say("device-name")),
        &words.say("device-name-hint"),
        &open.name,
        Some(Message::Name),
    );
    let keep = parts::button(words.say("device-name-keep"), Button::Secondary);
    column![
        input.on_submit(Message::KeepName).under(name),
        keep.on_press(Message::KeepName)
    ]
    .spacing(8)
    .into()
}

fn remove(env: Env<'_>, leaving: bool) -> Element<'_, Message> {
    let words = env.words;
    let button = |key, look, message| parts::button(words.say(key), look).width(Fill).on_press(message);
    if !leaving {
        return button("device-remove", Button::Secondary, Message::Remove).into();
    }
    column![
        parts::note(words.say("device-remove-note")),
        button("device-keep", Button::Primary, Message::Keep),
        button("device-remove-sure", Button::Secondary, Message::RemoveSure),
    ]
    .spacing(8)
    .into()
}
