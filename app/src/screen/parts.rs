//! What several screens are built from.

use iced_core::widget::Id;
use iced_core::{Alignment, Font, Length};
use iced_widget::{Column, Row, column, container, row, scrollable, text, text_input};

use crate::font;
use crate::theme::style::{self, Button};
use crate::widget::Element;
use crate::widget::press::Press;

/// The size of text, in pixels at 100 %.
pub const BODY: f32 = 16.0;
/// Of text with less weight.
pub const SMALL: f32 = 13.0;
/// Of headings.
pub const TITLE: f32 = 22.0;

/// Signs that stand beside words.
pub mod sign {
    #![allow(missing_docs)]
    pub const BACK: &str = "←";
    pub const SEND: &str = "➤";
    pub const SETTINGS: &str = "⚙";
    pub const ADD: &str = "+";
    pub const WARNING: &str = "⚠";
    pub const WAITING: &str = "⏱";
    pub const SENT: &str = "✓";
    pub const DELIVERED: &str = "✓✓";
    pub const READ: &str = "●";
    pub const FAILED: &str = "✗";
    pub const RETRY: &str = "↻";
    pub const DOWN: &str = "↓";
    pub const THERE: &str = "●";
    pub const AWAY: &str = "◐";
    pub const NOT_THERE: &str = "○";
    pub const ON: &str = "☑";
    pub const OFF: &str = "☐";
    pub const MORE: &str = "▸";
}

/// Only those who are meant can read.
pub const LOCKED: &str = "🔒";
/// Others can read too.
pub const OPEN: &str = "🔓";

/// A sign in colour.
pub fn emoji<'a, M: 'a>(sign: &'a str, size: f32) -> Element<'a, M> {
    text(sign).size(size).font(font::EMOJI).into()
}

/// A sign, drawn with the font that has it.
pub fn sign<'a, M: 'a>(sign: &'a str, size: f32) -> Element<'a, M> {
    let face = if sign == sign::ADD { font::BOLD } else { font::SIGNS };
    text(sign).size(size).font(face).into()
}

/// A paragraph.
pub fn words<'a, M: 'a>(content: String) -> Element<'a, M> {
    text(content).size(BODY).into()
}

/// A paragraph of less weight.
pub fn hint<'a, M: 'a>(content: String) -> Element<'a, M> {
    text(content).size(SMALL).style(style::muted).into()
}

/// A heading.
pub fn title<'a, M: 'a>(content: String) -> Element<'a, M> {
    text(content).size(TITLE).font(font::BOLD).into()
}

/// A word to press.
pub fn button<'a, M: Clone + 'a>(word: String, look: Button) -> Press<'a, M> {
    let face: Font = if look == Button::Primary {
        font::BOLD
    } else {
        font::TEXT
    };
    Press::new(text(word).size(BODY).font(face), look)
}

/// A sign and a word to press.
pub fn sign_button<'a, M: Clone + 'a>(glyph: &'a str, word: String, look: Button) -> Press<'a, M> {
    let content = row![sign(glyph, BODY), text(word).size(BODY)]
        .spacing(8)
        .align_y(Alignment::Center);
    Press::new(content, look)
}

/// A field with its name above it.
pub fn field<'a, M: Clone + 'a>(
    (id, name): (&'static str, String),
    hint: &str,
    value: &str,
    on_input: Option<fn(String) -> M>,
) -> (
    Column<'a, M, crate::theme::Theme, crate::widget::Renderer>,
    Field<'a, M>,
) {
    let input = text_input(hint, value)
        .id(Id::new(id))
        .padding([12, 12])
        .size(BODY)
        .on_input_maybe(on_input);
    (
        column![text(name).size(SMALL + 1.0).font(font::BOLD)].spacing(4),
        Field(input),
    )
}

/// The input of a field, to be given more before it takes its place.
pub struct Field<'a, M: Clone>(text_input::TextInput<'a, M, crate::theme::Theme, crate::widget::Renderer>);

impl<'a, M: Clone + 'a> Field<'a, M> {
    /// Shows dots.
    #[must_use]
    pub fn secure(self) -> Self {
        Self(self.0.secure(true))
    }

    /// What Enter does.
    #[must_use]
    pub fn on_submit(self, message: M) -> Self {
        Self(self.0.on_submit(message))
    }

    /// Takes its place under its name.
    pub fn under(self, name: Column<'a, M, crate::theme::Theme, crate::widget::Renderer>) -> Element<'a, M> {
        name.push(self.0).into()
    }
}

/// A note with a sign: what went wrong, or what to know.
pub fn note<'a, M: 'a>(content: String) -> Element<'a, M> {
    let line = row![sign(sign::WARNING, BODY), text(content).size(BODY).width(Length::Fill)].spacing(10);
    container(line)
        .padding(12)
        .width(Length::Fill)
        .style(style::note)
        .into()
}

/// A page of things one below the other, not wider than a hand reads, scrolled when the window is low.
pub fn page<'a, M: 'a>(content: Vec<Element<'a, M>>) -> Element<'a, M> {
    container(strip(content))
        .center_y(Length::Fill)
        .width(Length::Fill)
        .into()
}

/// The same below a header: it begins at the top.
pub fn sheet<'a, M: 'a>(content: Vec<Element<'a, M>>) -> Element<'a, M> {
    container(strip(content))
        .height(Length::Fill)
        .width(Length::Fill)
        .into()
}

fn strip<'a, M: 'a>(content: Vec<Element<'a, M>>) -> Element<'a, M> {
    let column = Column::with_children(content)
        .spacing(16)
        .max_width(440)
        .width(Length::Fill);
    let centered = container(column).padding(20).center_x(Length::Fill);
    scrollable(centered).width(Length::Fill).into()
}

/// The top of a page: back, and what it is.
pub fn header<'a, M: Clone + 'a>(back: (String, M), name: String) -> Element<'a, M> {
    let (word, message) = back;
    let line: Row<'a, M, _, _> = row![
        sign_button(sign::BACK, word, Button::Plain)
            .padding([8, 10])
            .id("back")
            .on_press(message),
        text(name).size(18).font(font::BOLD),
    ];
    container(line.spacing(8).align_y(Alignment::Center))
        .padding([6, 8])
        .width(Length::Fill)
        .style(style::panel)
        .into()
}
