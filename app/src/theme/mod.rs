//! How Grend looks: two palettes of its own, light and dark, and the type that iced asks for styles.
//!
//! The type is ours rather than iced's `Theme`, so that every widget looks right without being told,
//! and "follow the system" needs no code: without a theme iced takes `Base::default(mode)`.

mod catalog;
pub mod style;

use iced_core::{Color, theme};

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

/// The colours of a theme, by what they are for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// The ground of conversations and forms.
    pub ground: Color,
    /// The ground of lists, headers and the composer.
    pub panel: Color,
    /// What the pointer is over, or what is chosen in a list.
    pub raised: Color,
    /// Text.
    pub text: Color,
    /// Text of less weight: times, hints, addresses.
    pub muted: Color,
    /// What one may press, and what is new.
    pub accent: Color,
    /// Text on `accent`.
    pub on_accent: Color,
    /// The ground of our own messages.
    pub mine: Color,
    /// The ground of other people's messages.
    pub theirs: Color,
    /// Hairlines between parts.
    pub line: Color,
    /// The edge of a field.
    pub edge: Color,
    /// What went wrong.
    pub danger: Color,
    /// The ground of what went wrong, and of notes that ask for attention.
    pub notice: Color,
    /// The ground of selected text.
    pub selection: Color,
    /// The ring around what has the keyboard.
    pub focus: Color,
}

const LIGHT: Palette = Palette {
    ground: Color::from_rgb8(0xFF, 0xFF, 0xFF),
    panel: Color::from_rgb8(0xF4, 0xF6, 0xF7),
    raised: Color::from_rgb8(0xDD, 0xEA, 0xE6),
    text: Color::from_rgb8(0x1A, 0x1F, 0x24),
    muted: Color::from_rgb8(0x4F, 0x5A, 0x63),
    accent: Color::from_rgb8(0x0A, 0x66, 0x54),
    on_accent: Color::from_rgb8(0xFF, 0xFF, 0xFF),
    mine: Color::from_rgb8(0xD6, 0xEF, 0xE5),
    theirs: Color::from_rgb8(0xEC, 0xEF, 0xF2),
    line: Color::from_rgb8(0xD3, 0xDA, 0xDF),
    edge: Color::from_rgb8(0x77, 0x82, 0x8B),
    danger: Color::from_rgb8(0xA8, 0x1F, 0x18),
    notice: Color::from_rgb8(0xFD, 0xF0, 0xD8),
    selection: Color::from_rgb8(0xA9, 0xCF, 0xFF),
    focus: Color::from_rgb8(0x1A, 0x4F, 0xD0),
};

const DARK: Palette = Palette {
    ground: Color::from_rgb8(0x14, 0x18, 0x1C),
    panel: Color::from_rgb8(0x1C, 0x21, 0x27),
    raised: Color::from_rgb8(0x2B, 0x37, 0x38),
    text: Color::from_rgb8(0xE9, 0xED, 0xF0),
    muted: Color::from_rgb8(0xAA, 0xB4, 0xBD),
    accent: Color::from_rgb8(0x5F, 0xCB, 0xAC),
    on_accent: Color::from_rgb8(0x06, 0x24, 0x1C),
    mine: Color::from_rgb8(0x1E, 0x46, 0x3C),
    theirs: Color::from_rgb8(0x28, 0x2F, 0x37),
    line: Color::from_rgb8(0x34, 0x3C, 0x45),
    edge: Color::from_rgb8(0x7C, 0x88, 0x93),
    danger: Color::from_rgb8(0xFF, 0xA0, 0x97),
    notice: Color::from_rgb8(0x40, 0x33, 0x1B),
    selection: Color::from_rgb8(0x2E, 0x58, 0x91),
    focus: Color::from_rgb8(0x8C, 0xB6, 0xFF),
};

impl Theme {
    /// The colours.
    pub fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

impl theme::Base for Theme {
    fn default(preference: theme::Mode) -> Self {
        match preference {
            theme::Mode::Dark => Self::Dark,
            theme::Mode::Light | theme::Mode::None => Self::Light,
        }
    }

    fn mode(&self) -> theme::Mode {
        match self {
            Self::Light => theme::Mode::Light,
            Self::Dark => theme::Mode::Dark,
        }
    }

    fn base(&self) -> theme::Style {
        let palette = Theme::palette(*self);
        theme::Style {
            background_color: palette.ground,
            text_color: palette.text,
        }
    }

    fn palette(&self) -> Option<theme::Palette> {
        None
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Light => "Grend light",
            Self::Dark => "Grend dark",
        }
    }
}

/// How much two colours differ in lightness for an eye: 1 to 21. WCAG 2.1, "contrast ratio".
pub fn contrast(a: Color, b: Color) -> f32 {
    let (a, b) = (a.relative_luminance(), b.relative_luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_readable_on_every_ground_it_stands_on() {
        for theme in [Theme::Light, Theme::Dark] {
            let p = theme.palette();
            for ground in [p.ground, p.panel, p.raised, p.mine, p.theirs, p.notice] {
                for text in [p.text, p.muted, p.accent, p.danger] {
                    let ratio = contrast(ground, text);
                    assert!(ratio >= 4.5, "{theme:?}: {text:?} on {ground:?} is {ratio}");
                }
            }
            assert!(contrast(p.selection, p.text) >= 4.5, "{theme:?}: selection");
            assert!(contrast(p.accent, p.on_accent) >= 4.5, "{theme:?}: buttons");
            for ground in [p.ground, p.panel, p.raised] {
                assert!(contrast(ground, p.focus) >= 3.0, "{theme:?}: focus ring");
            }
            assert!(contrast(p.ground, p.edge) >= 3.0, "{theme:?}: fields");
        }
    }
}
