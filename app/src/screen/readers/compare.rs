//! Making sure that the devices are theirs: a code to show, a code to paste or to look for, groups of digits to read aloud.
//!
//! A code is compared, and devices with it, when the user says so: by pressing the button under the field, or by pointing the
//! camera at it or choosing a picture of it, which nobody does for them. What a link brought only stands in the field, with
//! words about what a link is worth.

use grend_core::DeviceLink;
use grend_core::model::{AccountId, BareJid, Compared, Device};
use iced_core::Length::Fill;
use iced_widget::{Column, column, container, text};

use super::{Event, Message, Readers, device, device_name};
use crate::font;
use crate::host::Seen;
use crate::screen::{Env, parts};
use crate::theme::style::Button;
use crate::widget::Element;
use crate::widget::qr::{Code, Qr};

/// The page.
pub(super) struct Compare {
    /// What we show to others; absent before this device has keys.
    shown: Option<(String, Option<Code>)>,
    /// The digits of this device.
    digits: Option<String>,
    copied: bool,
    typed: String,
    /// A link brought what stands in the field.
    brought: bool,
    found: Option<Compared>,
    /// Why nothing was seen: the key of its words.
    unseen: Option<&'static str>,
}

impl Compare {
    /// `brought`: the code that a link brought, or nothing.
    pub fn new(me: &BareJid, ours: &[Device], brought: String) -> Self {
        let link = DeviceLink::of(me, ours).map(|link| link.to_string());
        let this = ours.iter().find(|device| device.this);
        Self {
            shown: link.map(|link| {
                let code = Code::new(&link);
                (link, code)
            }),
            digits: this.and_then(|device| device.fingerprint.clone()),
            copied: false,
            brought: !brought.is_empty(),
            typed: brought,
            found: None,
            unseen: None,
        }
    }

    /// `about`: whose devices the pasted code should speak of.
    pub fn update(&mut self, message: Message, about: (AccountId, BareJid)) -> Option<Event> {
        match message {
            Message::Copy => {
                let (link, _) = self.shown.as_ref()?;
                self.copied = true;
                return Some(Event::Copy(link.clone()));
            }
            Message::Typed(text) => {
                self.typed = text;
                self.brought = false;
                self.found = None;
                self.unseen = None;
            }
            Message::Seen(Seen::Code(text)) => {
                self.update(Message::Typed(text), about.clone());
                return self.update(Message::Check, about);
            }
            Message::Seen(seen) => {
                self.found = None;
                self.unseen = Some(match seen {
                    Seen::NoPicture => "scan-no-picture",
                    Seen::NoCamera => "scan-no-camera",
                    Seen::NoFiles => "scan-no-files",
                    Seen::NoCode | Seen::Code(_) => "scan-no-code",
                });
            }
            Message::Check if !self.typed.trim().is_empty() => {
                let (account, address) = about;
                return Some(Event::Compare(account, address, self.typed.clone()));
            }
            Message::Compared(found) => {
                self.unseen = None;
                self.found = Some(found);
            }
            _ => {}
        }
        None
    }
}

impl Readers {
    pub(super) fn view_compare<'a>(&'a self, env: Env<'a>, compare: &'a Compare) -> Vec<Element<'a, Message>> {
        let words = env.words;
        let name = self.peer.as_ref().map(|peer| peer.name.as_str());
        let say = |theirs: &str, ours: &str| match name {
            Some(name) => words.fill(theirs, "name", name),
            None => words.say(ours),
        };
        let mut content = vec![
            parts::words(say("compare-why", "compare-why-own")),
            self.view_paste(env, compare, say("compare-paste", "compare-paste-own")),
        ];
        if compare.brought {
            content.insert(1, parts::note(say("compare-brought", "compare-brought-own")));
        }
        content.extend(look(env));
        content.push(show(env, compare, say("compare-show", "compare-show-own")));
        content.push(read(env, compare, say("compare-read", "compare-read-own")));
        content
    }

    fn view_paste<'a>(&'a self, env: Env<'a>, compare: &'a Compare, name: String) -> Element<'a, Message> {
        let words = env.words;
        let (name, input) = parts::field(
            ("compare-code", name),
            &words.say("compare-paste-hint"),
            &compare.typed,
            Some(Message::Typed),
        );
        let check = parts::button(words.say("compare-check"), Button::Secondary)
            .width(Fill)
            .id("check")
            .on_press_maybe((!compare.typed.trim().is_empty()).then_some(Message::Check));
        let mut content = column![input.on_submit(Message::Check).under(name)].spacing(8);
        if let Some(found) = &compare.found {
            content = content.push(self.view_found(env, found));
        }
        if let Some(key) = compare.unseen {
            content = content.push(parts::note(words.say(key)));
        }
        content.push(check).into()
    }

    fn view_found<'a>(&'a self, env: Env<'a>, found: &Compared) -> Element<'a, Message> {
        let words = env.words;
        let name = match &self.peer {
            Some(peer) => peer.name.as_str(),
            None => self.account.address.as_str(),
        };
        let names = |devices: &[Device]| {
            let known = self.known.as_ref();
            let all = known.map_or(&[][..], |known| {
                if self.peer.is_some() {
                    &known.theirs
                } else {
                    &known.ours
                }
            });
            let names = devices.iter().map(|device| device_name(words, all, device));
            names.collect::<Vec<_>>().join(", ")
        };
        match found {
            Compared::NoLink => parts::note(words.say("compare-no-code")),
            Compared::Of(address) => {
                let holes = [("address", address.to_string().into()), ("name", name.into())];
                parts::note(words.with("compare-other", &holes))
            }
            Compared::Differs(devices) if devices.is_empty() => {
                parts::note(words.fill("compare-differs", "name", name))
            }
            Compared::Differs(devices) => {
                let holes = [("devices", names(devices).into()), ("name", name.into())];
                parts::note(words.with("compare-differs-at", &holes))
            }
            Compared::Same { verified, others } => {
                let count = u32::try_from(*verified).unwrap_or(u32::MAX);
                let sign = parts::sign(parts::sign::DELIVERED, parts::BODY);
                let good = text(words.count("compare-same", count))
                    .size(parts::BODY)
                    .font(font::BOLD);
                let mut lines = column![iced_widget::row![sign, good.width(Fill)].spacing(10)].spacing(8);
                if !others.is_empty() {
                    let holes = [("devices", names(others).into()), ("name", name.into())];
                    lines = lines.push(parts::note(words.with("compare-others", &holes)));
                }
                lines.into()
            }
        }
    }
}

/// The ways to a code that need no typing, where the machine has them.
fn look(env: Env<'_>) -> Option<Element<'_, Message>> {
    let button = |key, id: &'static str, message| {
        let button = parts::button(env.words.say(key), Button::Secondary).width(Fill);
        button.id(id).on_press(message)
    };
    let mut content = Column::new().spacing(8);
    if env.host.has_camera() {
        content = content.push(button("compare-scan", "scan", Message::Scan));
    }
    if env.host.has_pictures() {
        content = content.push(button("compare-picture", "picture", Message::ChoosePicture));
    }
    (env.host.has_camera() || env.host.has_pictures()).then(|| content.into())
}

fn heading<'a>(content: String) -> Element<'a, Message> {
    text(content).size(parts::SMALL + 1.0).font(font::BOLD).into()
}

fn show<'a>(env: Env<'a>, compare: &'a Compare, name: String) -> Element<'a, Message> {
    let words = env.words;
    let mut content = Column::with_children([heading(name)]).spacing(8);
    let Some((_, code)) = &compare.shown else {
        return content.push(parts::hint(words.say("device-digits-later"))).into();
    };
    if let Some(code) = code {
        content = content.push(container(Qr::new(code)).center_x(Fill));
    }
    content = content.push(
        parts::button(words.say("compare-copy"), Button::Secondary)
            .width(Fill)
            .id("copy")
            .on_press(Message::Copy),
    );
    if compare.copied {
        content = content.push(parts::hint(words.say("compare-copied")));
    }
    content.into()
}

fn read<'a>(env: Env<'a>, compare: &'a Compare, hint: String) -> Element<'a, Message> {
    let mut content = Column::with_children([heading(env.words.say("compare-aloud"))]).spacing(8);
    if let Some(digits) = &compare.digits {
        content = content.push(device::groups(digits));
    }
    content.push(parts::hint(hint)).into()
}
