//! How a conversation is drawn: header, messages, the line about the connection, composer.

use grend_core::model::Connection;
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_widget::{column, container, row, text};

use super::{Conversation, Message};
use crate::font;
use crate::screen::{Env, parts};
use crate::text::line;
use crate::theme::style::{self, Button};
use crate::widget::Element;
use crate::widget::avatar::avatar;
use crate::widget::press::Press;
use crate::widget::timeline::{Rest, Timeline};

impl Conversation {
    /// Draws the screen.
    pub fn view<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let mut content = column![self.header(env)];
        if self.letters.filling() {
            content = content.push(strip(parts::hint(env.words.say("older-loading"))));
        }
        content = content.push(self.messages(env));
        if let Some(key) = env.connection(self.chat.account) {
            let word = text(env.words.say(key)).size(parts::SMALL + 1.0);
            let sign = text(parts::sign::WAITING).size(parts::SMALL).font(font::SIGNS);
            let mut note = row![sign, word.width(Fill)].spacing(8).align_y(Alignment::Center);
            if let Some(Connection::Waiting { .. }) = env.live.connections.get(&self.chat.account) {
                let again = text(env.words.say("try-again")).size(parts::SMALL + 1.0);
                note = note.push(
                    Press::new(again, Button::Plain)
                        .padding([4, 8])
                        .on_press(Message::TryAgain),
                );
            }
            content = content.push(container(note).padding([6, 14]).width(Fill).style(style::notice));
        }
        content = content.push(self.bar(env));
        content.push(self.composer_line(env)).width(Fill).height(Fill).into()
    }

    fn header<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let chat = &self.chat;
        let name = line(
            chat.name.as_str(),
            17.0,
            font::BOLD,
            Box::new(|_| text::Style::default()),
        );
        let under = if env.live.typing.contains(&(chat.account, chat.id)) {
            Some(env.words.say("typing"))
        } else {
            env.presence(chat.account, &chat.address).map(|key| env.words.say(key))
        };
        let mut lines = column![name];
        if let Some(under) = under {
            lines = lines.push(parts::hint(under));
        }
        let mut content = row![].spacing(10).align_y(Alignment::Center);
        if env.narrow {
            content = content.push(
                parts::sign_button(parts::sign::BACK, env.words.say("back"), Button::Plain)
                    .padding([8, 8])
                    .id("back")
                    .on_press(Message::Back),
            );
        }
        if !env.tight {
            content = content.push(avatar(chat.address.as_str(), &chat.name, 40.0));
        }
        let lines = container(lines).width(Fill).clip(true);
        let content: Element<'a, Message> = if env.tight {
            let buttons = content.push(iced_widget::space().width(Fill)).push(self.lock(env));
            column![buttons, lines].into()
        } else {
            content.push(lines).push(self.lock(env)).into()
        };
        container(content)
            .padding([8, 12])
            .width(Fill)
            .style(style::panel)
            .into()
    }

    fn messages<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let letters = self.letters.all();
        if letters.is_empty() {
            let nothing = (self.letters.arrived() && self.letters.complete())
                .then(|| parts::words(env.words.say("conversation-empty")));
            return container(iced_widget::Column::from_iter(nothing)).center(Fill).into();
        }
        let timeline = Timeline::new(
            letters.len(),
            |index| letters.get(index).map_or(0, |letter| letter.id.0),
            |key| self.letters.place(key),
            move |index| self.row(env, index),
        )
        .id("messages")
        .rest(Rest::End)
        .keyboard()
        .jump(self.jump)
        .on_notice(Message::Notice);
        let mut content = column![timeline];
        if self.away {
            let newest = parts::sign_button(parts::sign::DOWN, env.words.say("to-newest"), Button::Plain);
            content = content.push(strip(newest.id("newest").on_press(Message::ToNewest).into()));
        }
        content.height(Fill).into()
    }

    fn composer_line<'a>(&'a self, env: Env<'a>) -> Element<'a, Message> {
        let send = parts::sign_button(parts::sign::SEND, env.words.say("send"), Button::Primary)
            .id("send")
            .padding([8, 14])
            .on_press_maybe((!self.composer.is_empty()).then_some(Message::Send));
        let editor = self.composer.view(env.words.say("composer-hint"));
        let content: Element<'a, Message> = if env.tight {
            column![editor, send.width(Fill)].spacing(6).into()
        } else {
            let line = row![container(editor).width(Fill), send].spacing(8);
            line.align_y(Alignment::End).into()
        };
        container(content)
            .padding([8, 12])
            .width(Fill)
            .style(style::panel)
            .into()
    }
}

fn strip(content: Element<'_, Message>) -> Element<'_, Message> {
    container(content).center_x(Fill).padding([2, 8]).into()
}
