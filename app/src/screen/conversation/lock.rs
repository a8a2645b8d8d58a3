//! Who can read along, seen from the conversation: the lock in its head, and the line above the composer when something is to
//! be known or decided.

use grend_core::model::{Device, DeviceId, Encryption, Message as Letter, Readers, Trust};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_widget::{Row, column, container, row, text};

use super::{Conversation, Event, Message};
use crate::screen::readers::device_name;
use crate::screen::{Env, parts};
use crate::theme::Theme;
use crate::theme::style::{self, Button};
use crate::widget::press::Press;
use crate::widget::{Element, Renderer};

/// What is known of who can read.
#[derive(Default)]
pub(super) struct Lock {
    /// Absent until core has answered.
    known: Option<Readers>,
    /// The user wants to decide about new devices another time.
    later: bool,
}

impl Lock {
    pub fn set(&mut self, known: Readers) {
        self.known = Some(known);
    }

    /// Whether a message is in the clear where none should be any more.
    pub fn marks(&self, letter: &Letter) -> bool {
        let since = self.known.as_ref().and_then(|known| known.since);
        letter.encryption == Encryption::None && since.is_some_and(|since| letter.sent_at >= since)
    }

    pub fn later(&mut self) {
        self.later = true;
    }

    /// All devices that wait may read from now on.
    pub fn let_read(&self) -> Vec<Event> {
        let waiting = self.waiting().into_iter();
        waiting.map(|device| Event::Trust(device, Trust::Blind)).collect()
    }

    fn waiting(&self) -> Vec<DeviceId> {
        let theirs = self.known.iter().flat_map(|known| &known.theirs);
        theirs.filter(|device| device.waits()).map(|device| device.id).collect()
    }
}

impl Conversation {
    /// The lock in the head. It leads to the page that says who can read.
    pub(super) fn lock<'a>(&'a self, env: Env<'a>) -> Option<Element<'a, Message>> {
        let known = self.lock.known.as_ref()?;
        let (sign, word) = if known.encrypted() {
            (parts::LOCKED, "lock-closed")
        } else {
            (parts::OPEN, "lock-open")
        };
        let content =
            column![parts::emoji(sign, 20.0), text(env.words.say(word)).size(parts::SMALL)].align_x(Alignment::Center);
        Some(
            Press::new(content, Button::Plain)
                .padding([2, 8])
                .id("lock")
                .on_press(Message::Readers)
                .into(),
        )
    }

    /// The one line above the composer, if there is something to know: the most urgent.
    pub(super) fn bar<'a>(&'a self, env: Env<'a>) -> Option<Element<'a, Message>> {
        let words = env.words;
        let name = self.chat.name.as_str();
        let known = self.lock.known.as_ref()?;
        if !self.lock.waiting().is_empty() && !self.lock.later {
            let buttons = row![
                parts::button(words.say("bar-let-read"), Button::Primary)
                    .id("let-read")
                    .on_press(Message::LetRead),
                parts::button(words.say("bar-later"), Button::Secondary).on_press(Message::Later),
            ];
            return Some(bar(words.fill("bar-new-device", "name", name), buttons));
        }
        let look = || row![parts::button(words.say("bar-look"), Button::Secondary).on_press(Message::Readers)];
        if known.decided == Some(false) {
            let lock = parts::button(words.say("bar-lock"), Button::Secondary).on_press(Message::Encrypt);
            return Some(bar(words.fill("bar-open", "name", name), row![lock]));
        }
        if !known.encrypted() {
            return None;
        }
        if !known.somebody_reads() {
            return Some(bar(words.fill("bar-nobody", "name", name), look()));
        }
        if env.tight {
            // Messages need what room there is; the page behind the lock tells.
            return None;
        }
        let blind = |device: &&Device| device.listed && !device.reads() && device.trust != Some(Trust::Refused);
        let theirs: Vec<&Device> = known.theirs.iter().filter(blind).collect();
        let ours: Vec<&Device> = known.ours.iter().filter(blind).filter(|device| !device.this).collect();
        let line = match (theirs.as_slice(), ours.as_slice()) {
            ([], []) => return None,
            ([one], []) => match &one.name {
                Some(device) => words.fill("bar-blind-named", "device", device),
                None => words.fill("bar-blind", "name", name),
            },
            ([], [one]) => match &one.name {
                Some(device) => words.fill("bar-blind-named", "device", device),
                None => words.fill("bar-blind-own", "device", &device_name(words, &known.ours, one)),
            },
            (theirs, ours) => {
                let count = u32::try_from(theirs.len() + ours.len()).unwrap_or(u32::MAX);
                words.count("bar-blind-several", count)
            }
        };
        Some(bar(line, look()))
    }
}

fn bar(content: String, buttons: Row<'_, Message, Theme, Renderer>) -> Element<'_, Message> {
    let sign = parts::sign(parts::sign::WARNING, parts::BODY);
    let sentence = row![sign, text(content).size(parts::SMALL + 1.0)].spacing(8);
    let line = row![sentence, buttons.spacing(8)]
        .spacing(10)
        .align_y(Alignment::Center)
        .wrap()
        .vertical_spacing(6);
    container(line).padding([6, 14]).width(Fill).style(style::notice).into()
}
