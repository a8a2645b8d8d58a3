//! The few styles that screens choose by name.

use iced_core::{Background, Border, Color, border, widget::text};
use iced_widget::container;

use super::Theme;
use super::catalog::CLEAR;

/// Text of less weight.
pub fn muted(theme: &Theme) -> text::Style {
    text::Style {
        color: Some(theme.palette().muted),
    }
}

/// Text in the colour of what one may press.
pub fn accent(theme: &Theme) -> text::Style {
    text::Style {
        color: Some(theme.palette().accent),
    }
}

/// Text that tells of something that went wrong. Always beside a sign, never by colour alone.
pub fn danger(theme: &Theme) -> text::Style {
    text::Style {
        color: Some(theme.palette().danger),
    }
}

fn ground(color: Color) -> container::Style {
    container::Style {
        background: Some(Background::Color(color)),
        ..container::Style::default()
    }
}

/// Lists, headers, the composer.
pub fn panel(theme: &Theme) -> container::Style {
    ground(theme.palette().panel)
}

/// A note across a screen.
pub fn notice(theme: &Theme) -> container::Style {
    container::Style {
        text_color: Some(theme.palette().text),
        ..ground(theme.palette().notice)
    }
}

/// A note in a form: a box of its own.
pub fn note(theme: &Theme) -> container::Style {
    container::Style {
        border: border::rounded(8),
        ..notice(theme)
    }
}

/// A count of what is new.
pub fn badge(theme: &Theme) -> container::Style {
    let palette = theme.palette();
    container::Style {
        text_color: Some(palette.on_accent),
        border: border::rounded(12),
        ..ground(palette.accent)
    }
}

/// A message of ours, or of somebody else.
pub fn bubble(mine: bool) -> impl Fn(&Theme) -> container::Style {
    move |theme| {
        let palette = theme.palette();
        container::Style {
            border: border::rounded(14),
            ..ground(if mine { palette.mine } else { palette.theirs })
        }
    }
}

/// How a thing one may press looks at rest and under the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The one thing to do here.
    Primary,
    /// Another thing one can do.
    Secondary,
    /// A word that can be pressed.
    Plain,
    /// A line of a list; chosen or not.
    Row(bool),
}

/// What a [`Button`] paints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pressable {
    /// Behind the content.
    pub background: Color,
    /// The colour of text that has none of its own.
    pub text: Color,
    /// Its edge.
    pub border: Border,
}

impl Button {
    /// The look in a theme. `lit` is under the pointer or held down, `enabled` whether pressing does something.
    pub fn look(self, theme: Theme, lit: bool, enabled: bool) -> Pressable {
        let palette = theme.palette();
        let radius = match self {
            Self::Row(_) => 0.0,
            _ => 8.0,
        };
        let line = |color| Border {
            color,
            width: 1.0,
            radius: radius.into(),
        };
        let (background, text, border) = match self {
            Self::Primary if enabled && lit => {
                (mix(palette.accent, palette.text, 0.15), palette.on_accent, line(CLEAR))
            }
            Self::Primary if enabled => (palette.accent, palette.on_accent, line(CLEAR)),
            Self::Primary => (palette.panel, palette.muted, line(palette.edge)),
            Self::Secondary => (
                if lit { palette.raised } else { palette.ground },
                palette.text,
                line(palette.edge),
            ),
            Self::Plain => (if lit { palette.raised } else { CLEAR }, palette.accent, line(CLEAR)),
            Self::Row(chosen) => (
                if lit || chosen { palette.raised } else { CLEAR },
                palette.text,
                line(CLEAR),
            ),
        };
        Pressable {
            background,
            text: if enabled { text } else { palette.muted },
            border,
        }
    }
}

fn mix(a: Color, b: Color, part: f32) -> Color {
    Color::from_rgb(
        a.r + (b.r - a.r) * part,
        a.g + (b.g - a.g) * part,
        a.b + (b.b - a.b) * part,
    )
}
