//! How the list is drawn: who can read in a sentence, the switch, the devices.

use grend_core::model::{Device, Readers as Known};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_widget::{Column, column, row, text};

use super::{Message, Part, Peer, Readers, device, device_name};
use crate::font;
use crate::screen::{Env, parts};
use crate::theme::style::{self, Button};
use crate::when;
use crate::widget::Element;
use crate::widget::press::Press;

impl Readers {
    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let (name, content) = match (&self.part, &self.known) {
            (Part::Device(open), _) => self.view_device(env, open),
            (Part::Compare(compare), _) => (words.say("compare-title"), self.view_compare(env, compare)),
            (Part::List, Some(known)) => (self.title(env), self.view_list(env, known)),
            (Part::List, None) => (self.title(env), Vec::new()),
        };
        let header = parts::header((words.say("back"), Message::Back), name);
        column![header, parts::sheet(content)].into()
    }

    fn title(&self, env: Env<'_>) -> String {
        env.words.say(if self.is_own() {
            "devices-title"
        } else {
            "readers-title"
        })
    }

    fn view_list<'a>(&'a self, env: Env<'a>, known: &'a Known) -> Vec<Element<'a, Message>> {
        let words = env.words;
        let mut content = Vec::new();
        if let Some(peer) = &self.peer {
            content.extend(lock(env, peer, known));
            let heading = words.fill("devices-theirs", "name", &peer.name);
            content.push(if known.theirs.is_empty() {
                let none = words.fill("devices-none", "name", &peer.name);
                column![bold(heading), parts::hint(none)].spacing(8).into()
            } else {
                devices(env, heading, &known.theirs)
            });
            if !known.theirs.is_empty() {
                content.push(compare(words.fill("compare-open", "name", &peer.name)));
            }
            content.push(devices(env, words.say("devices-ours"), &known.ours));
        } else {
            content.push(parts::words(words.say("devices-line")));
            content.push(devices(env, self.account.address.to_string(), &known.ours));
            content.push(compare(words.say("compare-open-own")));
        }
        content
    }
}

/// Who can read, in a sentence, and the switch.
fn lock<'a>(env: Env<'a>, peer: &'a Peer, known: &Known) -> Vec<Element<'a, Message>> {
    let words = env.words;
    let (sign, key) = match (known.encrypted(), known.decided, known.somebody_reads()) {
        (true, _, true) => (parts::LOCKED, "readers-locked"),
        (true, _, false) => (parts::LOCKED, "readers-nobody"),
        (false, None, _) => (parts::OPEN, "readers-not-yet"),
        (false, ..) => (parts::OPEN, "readers-open"),
    };
    let sentence = text(words.fill(key, "name", &peer.name)).size(18).font(font::BOLD);
    let line = row![parts::emoji(sign, 28.0), sentence.width(Fill)]
        .spacing(12)
        .align_y(Alignment::Center);
    let on = known.decided.unwrap_or(true);
    let mark = if on { parts::sign::ON } else { parts::sign::OFF };
    let switch = row![
        parts::sign(mark, 20.0),
        text(words.say("readers-lock")).size(parts::BODY)
    ]
    .spacing(10)
    .align_y(Alignment::Center);
    let switch = Press::new(switch, Button::Secondary)
        .width(Fill)
        .at_start()
        .id("lock")
        .on_press(Message::Encrypt(!on));
    let hint = words.say(if on { "readers-lock-hint" } else { "readers-lock-off" });
    vec![line.into(), column![switch, parts::hint(hint)].spacing(6).into()]
}

fn bold<'a>(content: String) -> Element<'a, Message> {
    text(content).size(parts::BODY).font(font::BOLD).into()
}

fn compare<'a>(words: String) -> Element<'a, Message> {
    parts::button(words, Button::Secondary)
        .width(Fill)
        .id("compare")
        .on_press(Message::Compare)
        .into()
}

fn devices<'a>(env: Env<'a>, heading: String, all: &'a [Device]) -> Element<'a, Message> {
    let mut shown: Vec<&Device> = all.iter().collect();
    shown.sort_by_key(|device| (!device.this, !device.waits(), !device.listed));
    let lines = shown.into_iter().map(|device| line(env, all, device));
    Column::with_children([bold(heading)]).extend(lines).spacing(8).into()
}

fn line<'a>(env: Env<'a>, all: &'a [Device], device: &'a Device) -> Element<'a, Message> {
    let words = env.words;
    let name = device_name(words, all, device);
    let (sign, key) = device::status(device);
    let alarms = !device.this && !device.reads();
    let look = move |theme: &crate::theme::Theme| {
        if alarms {
            style::danger(theme)
        } else {
            style::muted(theme)
        }
    };
    let status = row![
        text(sign).size(parts::SMALL).font(font::SIGNS).style(look),
        text(words.say(key)).size(parts::SMALL + 1.0).style(look).width(Fill),
    ]
    .spacing(6);
    let mut lines = column![text(name).size(parts::BODY).font(font::BOLD), status].spacing(2);
    if !device.this {
        let at = device.used_at.unwrap_or(device.seen_at);
        let key = if device.used_at.is_some() {
            "device-used"
        } else {
            "device-seen"
        };
        let day = when::day(words, env.local(at).date(), env.today());
        lines = lines.push(parts::hint(words.fill(key, "day", &day)));
    }
    let content = row![lines.width(Fill), parts::sign(parts::sign::MORE, parts::BODY)]
        .spacing(8)
        .align_y(Alignment::Center);
    Press::new(content, Button::Secondary)
        .width(Fill)
        .padding([8, 14])
        .at_start()
        .on_press(Message::Device(device.id))
        .into()
}
