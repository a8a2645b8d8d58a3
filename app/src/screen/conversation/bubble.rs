//! One row of a conversation: what stands above a message, and the message.
//!
//! What a row looks like depends on the row above only through the day and the divider, and the first row of all has
//! neither until the history is complete: so adding older messages changes no row that is there.

use grend_core::model::{Message as Letter, State};
use iced_core::{Alignment, Length};
use iced_widget::{Row, column, container, row, text};

use super::{Conversation, Message, state_words};
use crate::font;
use crate::screen::{Env, parts};
use crate::text::{SHOWN, cut};
use crate::theme::style::{self, Button};
use crate::when;
use crate::widget::Element;
use crate::widget::selectable::Selectable;

/// A bubble is not wider, so that a line can be read.
const WIDEST: f32 = 560.0;
/// Messages by the same person within this time stand close together, ms.
const TOGETHER: i64 = 5 * 60 * 1000;

impl Conversation {
    pub(super) fn row<'a>(&'a self, env: Env<'a>, index: usize) -> Element<'a, Message> {
        let Some(letter) = self.letter(index) else {
            return iced_widget::space().into();
        };
        let above = index.checked_sub(1).and_then(|above| self.letter(above));
        let below = self.letter(index + 1);
        let mut content = column![].width(Length::Fill);
        let day = env.local(letter.sent_at).date();
        let new_day = above.map_or(self.letters.complete(), |above| env.local(above.sent_at).date() != day);
        if above.is_none() && self.letters.complete() {
            content = content.push(divider(parts::hint(env.words.say("history-start"))));
        }
        if new_day {
            content = content.push(divider(
                text(when::day(env.words, day, env.today()))
                    .size(parts::SMALL)
                    .style(style::muted)
                    .into(),
            ));
        }
        if self.unread_from == Some(letter.id) {
            content = content.push(unread(env));
        }
        let together = below.is_some_and(|below| {
            below.mine == letter.mine && below.from == letter.from && below.sent_at - letter.sent_at < TOGETHER
        });
        content = content.push(self.bubble(env, letter));
        content
            .push(iced_widget::space().height(if together { 3 } else { 10 }))
            .into()
    }

    fn bubble<'a>(&'a self, env: Env<'a>, letter: &'a Letter) -> Element<'a, Message> {
        let words = env.words;
        let limit = if self.whole.contains(&letter.id) {
            usize::MAX
        } else {
            SHOWN
        };
        let (shown, more) = cut(&letter.body, limit);
        let said: Element<'a, Message> = match &letter.unreadable {
            Some(why) => self.unreadable(env, letter, why),
            None => Selectable::new(shown, parts::BODY).on_link(Message::Link).into(),
        };
        let mut content = column![said].spacing(3);
        if more {
            content = content
                .push(parts::button(words.say("show-all"), Button::Secondary).on_press(Message::ShowAll(letter.id)));
        }
        content = content.push(below(env, letter));
        if self.lock.marks(letter) {
            let mark = row![
                parts::emoji(parts::OPEN, parts::SMALL),
                parts::hint(words.say("not-locked"))
            ];
            content = content.push(mark.spacing(5).align_y(Alignment::Center));
        }
        if letter.state == State::Failed {
            let retry = parts::sign_button(parts::sign::RETRY, words.say("try-again"), Button::Secondary);
            content = content
                .push(failure(env, letter))
                .push(retry.on_press(Message::Retry(letter.id)));
        }
        let bubble = container(content)
            .padding([7, 12])
            .max_width(WIDEST)
            .style(style::bubble(letter.mine));
        let gap = if env.narrow { 36.0 } else { 72.0 };
        let (side, padding) = if letter.mine {
            (Alignment::End, iced_core::padding::left(gap))
        } else {
            (Alignment::Start, iced_core::padding::right(gap))
        };
        container(container(bubble).padding(padding))
            .padding([0, 14])
            .width(Length::Fill)
            .align_x(side)
            .into()
    }

    /// Why a message cannot be read, in place of what it says.
    fn unreadable<'a>(&self, env: Env<'a>, letter: &Letter, why: &str) -> Element<'a, Message> {
        let words = env.words;
        let sign = parts::sign(parts::sign::WARNING, parts::BODY);
        let reason = text(words.unreadable(why, letter.mine))
            .size(parts::BODY)
            .style(style::muted);
        let mut content = column![row![sign, reason].spacing(8)].spacing(6);
        if self.asked.contains(&letter.id) {
            content = content.push(parts::hint(words.say("ask-again-done")));
        } else if !letter.mine {
            let again = parts::sign_button(parts::sign::RETRY, words.say("ask-again"), Button::Secondary);
            content = content.push(again.on_press(Message::AskAgain(letter.id, words.say("ask-again-text"))));
        }
        content.into()
    }
}

/// The time, and how far a message of ours got: a sign and a word.
fn below<'a>(env: Env<'a>, letter: &'a Letter) -> Element<'a, Message> {
    let time = text(when::time(env.local(letter.sent_at)))
        .size(parts::SMALL)
        .style(style::muted);
    let mut line: Row<'a, Message, _, _> = row![time].spacing(5).align_y(Alignment::Center);
    if let Some((sign, word)) = state_words(letter.state).filter(|_| letter.state != State::Failed) {
        line = line
            .push(
                text(sign)
                    .size(parts::SMALL - 1.0)
                    .font(font::SIGNS)
                    .style(style::muted),
            )
            .push(text(env.words.say(word)).size(parts::SMALL).style(style::muted));
    }
    line.into()
}

/// Why a message did not leave, in words.
fn failure<'a>(env: Env<'a>, letter: &'a Letter) -> Element<'a, Message> {
    let sign = text(parts::sign::FAILED)
        .size(parts::SMALL)
        .font(font::SIGNS)
        .style(style::danger);
    let reason = text(env.words.failure(letter.failure.as_deref()))
        .size(parts::SMALL)
        .style(style::danger);
    row![sign, reason].spacing(5).into()
}

fn divider(content: Element<'_, Message>) -> Element<'_, Message> {
    container(content).padding([10, 14]).center_x(Length::Fill).into()
}

fn unread(env: Env<'_>) -> Element<'_, Message> {
    let rule = || container(iced_widget::rule::horizontal(1)).width(Length::Fill);
    let word = text(env.words.say("unread-from-here"))
        .size(parts::SMALL)
        .font(font::BOLD)
        .style(style::accent);
    container(row![rule(), word, rule()].spacing(10).align_y(Alignment::Center))
        .padding([8, 14])
        .into()
}
