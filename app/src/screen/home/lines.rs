//! The lines of the lists.

use grend_core::model::{Chat, Contact, State};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_widget::{column, container, row, text};

use super::Message;
use crate::font;
use crate::l10n::Words;
use crate::screen::conversation::state_words;
use crate::screen::{Env, parts};
use crate::text::line;
use crate::theme::style::{self, Button};
use crate::when;
use crate::widget::Element;
use crate::widget::avatar::avatar;
use crate::widget::press::Press;

const NAME: f32 = 16.0;
const UNDER: f32 = 14.0;

/// How many are new.
pub(super) fn badge<'a, M: 'a>(count: u32) -> Element<'a, M> {
    let shown = if count > 999 {
        "999+".to_owned()
    } else {
        count.to_string()
    };
    container(text(shown).size(parts::SMALL).font(font::BOLD))
        .padding([1, 8])
        .style(style::badge)
        .into()
}

/// What the last message says.
pub fn preview(words: &Words, chat: &Chat) -> String {
    match chat.preview.as_deref() {
        // Nobody writes nothing: it could not be read.
        Some("") => words.say("unreadable-short"),
        said => said.unwrap_or_default().to_owned(),
    }
}

/// A chat: name, last line, time, how many are new.
pub(super) fn chat<'a>(env: Env<'a>, chat: &'a Chat, chosen: bool) -> Element<'a, Message> {
    let words = env.words;
    let typing = env.live.typing.contains(&(chat.account, chat.id));
    let under = if typing {
        words.say("typing")
    } else if !chat.draft.is_empty() && !chosen {
        words.fill("draft", "text", &chat.draft)
    } else {
        let preview = preview(words, chat);
        match chat.preview_state {
            Some(State::Received) | None => preview,
            Some(_) => words.fill("you", "text", &preview),
        }
    };
    let time = chat
        .last_at
        .map(|at| when::brief(words, env.local(at), env.today()))
        .unwrap_or_default();
    let top = row![
        container(line(
            chat.name.as_str(),
            NAME,
            font::BOLD,
            Box::new(|_| text::Style::default())
        ))
        .width(Fill)
        .clip(true),
        text(time).size(parts::SMALL).style(style::muted),
    ]
    .spacing(8)
    .align_y(Alignment::Center);
    let mut bottom = row![].spacing(6).align_y(Alignment::Center);
    if let Some((sign, word)) = chat.preview_state.filter(|_| !typing).and_then(state_words) {
        let failed = chat.preview_state == Some(State::Failed);
        let mark =
            text(sign)
                .size(parts::SMALL)
                .font(font::SIGNS)
                .style(if failed { style::danger } else { style::muted });
        bottom = bottom.push(mark);
        if failed || chat.preview_state == Some(State::Queued) {
            bottom = bottom.push(text(words.say(word)).size(parts::SMALL).style(style::muted));
        }
    }
    bottom = bottom.push(
        container(line(under, UNDER, font::TEXT, Box::new(style::muted)))
            .width(Fill)
            .clip(true),
    );
    if chat.unread > 0 {
        bottom = bottom.push(badge(chat.unread));
    }
    let face = avatar(chat.address.as_str(), &chat.name, 44.0);
    let content = row![face, column![top, bottom].spacing(2).width(Fill)]
        .spacing(12)
        .align_y(Alignment::Center);
    Press::new(content, Button::Row(chosen))
        .padding([8, 12])
        .width(Fill)
        .at_start()
        .on_press(Message::Open(chat.id))
        .into()
}

/// A contact: name, and whether they are there; or their wish to be one.
pub(super) fn contact<'a>(env: Env<'a>, contact: &'a Contact) -> Element<'a, Message> {
    let words = env.words;
    let face = avatar(contact.address.as_str(), &contact.name, 44.0);
    if contact.asks {
        return asking(env, contact, face);
    }
    let presence = env.presence(contact.account, &contact.address);
    let (mark, under) = match presence {
        _ if contact.asked => (parts::sign::WAITING, words.say("contact-asked")),
        Some(key) => (
            if key == "contact-there" {
                parts::sign::THERE
            } else {
                parts::sign::AWAY
            },
            words.say(key),
        ),
        None if contact.we_see_them => (parts::sign::NOT_THERE, words.say("contact-not-there")),
        None => ("", contact.address.to_string()),
    };
    let mut bottom = row![].spacing(6).align_y(Alignment::Center);
    if !mark.is_empty() {
        bottom = bottom.push(text(mark).size(11).font(font::SIGNS).style(style::muted));
    }
    let bottom = bottom.push(line(under, UNDER, font::TEXT, Box::new(style::muted)));
    let name = line(
        contact.name.as_str(),
        NAME,
        font::BOLD,
        Box::new(|_| text::Style::default()),
    );
    let lines = container(column![name, bottom].spacing(2)).width(Fill).clip(true);
    let content = row![face, lines].spacing(12).align_y(Alignment::Center);
    Press::new(content, Button::Row(false))
        .padding([8, 12])
        .width(Fill)
        .at_start()
        .on_press(Message::OpenContact(contact.account, contact.address.clone()))
        .into()
}

fn asking<'a>(env: Env<'a>, contact: &'a Contact, face: Element<'a, Message>) -> Element<'a, Message> {
    let words = env.words;
    let answer = |yes| Message::Answer(contact.account, contact.address.clone(), yes);
    let buttons = row![
        parts::button(words.say("contact-accept"), Button::Primary).on_press(answer(true)),
        parts::button(words.say("contact-decline"), Button::Secondary).on_press(answer(false)),
    ]
    .spacing(8);
    let lines = column![
        text(words.fill("contact-asks", "name", &contact.name))
            .size(NAME)
            .font(font::BOLD),
        text(contact.address.to_string()).size(UNDER).style(style::muted),
        buttons.wrap(),
    ]
    .spacing(6)
    .width(Fill);
    container(row![face, lines].spacing(12))
        .padding([10, 12])
        .width(Fill)
        .into()
}
