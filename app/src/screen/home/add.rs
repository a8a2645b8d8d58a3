//! Adding a contact by address.

use std::str::FromStr;

use grend_core::model::BareJid;
use iced_core::Length::Fill;
use iced_widget::{column, container};

use super::{Event, Message};
use crate::screen::{Env, parts};
use crate::theme::style::{self, Button};
use crate::widget::Element;

/// The form.
#[derive(Default)]
pub(super) struct Add {
    address: String,
    name: String,
    wrong: bool,
}

impl Add {
    pub fn update(&mut self, message: Message) -> Option<Event> {
        match message {
            Message::AddAddress(text) => self.address = text,
            Message::AddName(text) => self.name = text,
            _ => {
                let typed = self.address.trim();
                let typed = typed.strip_prefix("xmpp:").unwrap_or(typed);
                match BareJid::from_str(typed).ok().filter(|address| address.node().is_some()) {
                    Some(address) => return Some(Event::Add(address, self.name.trim().to_owned())),
                    None => self.wrong = true,
                }
            }
        }
        None
    }

    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let words = env.words;
        let (name, input) = parts::field(
            ("add-address", words.say("contact-add-address")),
            &words.say("form-address-hint"),
            &self.address,
            Some(Message::AddAddress),
        );
        let address = input.on_submit(Message::AddNext).under(name);
        let (name, input) = parts::field(
            ("add-name", words.say("contact-add-name")),
            "",
            &self.name,
            Some(Message::AddName),
        );
        let name = input.on_submit(Message::AddSend).under(name);
        let mut content = vec![address, name];
        if self.wrong {
            content.push(parts::note(words.say("form-address-wrong")));
        }
        content.push(parts::hint(words.say("contact-add-hint")));
        content.push(
            parts::button(words.say("contact-add-send"), Button::Primary)
                .width(Fill)
                .id("add-send")
                .on_press(Message::AddSend)
                .into(),
        );
        let header = parts::header((words.say("back"), Message::AddBack), words.say("contact-add"));
        container(column![header, parts::sheet(content)])
            .width(Fill)
            .height(Fill)
            .style(style::panel)
            .into()
    }
}
