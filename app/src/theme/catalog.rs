//! The default style of each iced widget we use.
//!
//! iced asks a theme for a `Catalog` per widget; the class is always a function, so that a screen can give its own.

use iced_core::{Background, Border, Color, Shadow, border, widget::text};
use iced_widget::{container, rule, scrollable, text_editor, text_input};

use super::Theme;

impl text::Catalog for Theme {
    type Class<'a> = text::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|_| text::Style::default())
    }

    fn style(&self, class: &Self::Class<'_>) -> text::Style {
        class(self)
    }
}

impl container::Catalog for Theme {
    type Class<'a> = container::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|_| container::Style::default())
    }

    fn style(&self, class: &Self::Class<'_>) -> container::Style {
        class(self)
    }
}

impl rule::Catalog for Theme {
    type Class<'a> = rule::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme| rule::Style {
            color: theme.palette().line,
            radius: 0.0.into(),
            fill_mode: rule::FillMode::Full,
            snap: true,
        })
    }

    fn style(&self, class: &Self::Class<'_>) -> rule::Style {
        class(self)
    }
}

impl scrollable::Catalog for Theme {
    type Class<'a> = scrollable::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme, _| {
            let scroller = scrollable::Scroller {
                background: Background::Color(theme.palette().edge),
                border: border::rounded(3),
            };
            let rail = scrollable::Rail {
                background: None,
                border: Border::default(),
                scroller,
            };
            scrollable::Style {
                container: container::Style::default(),
                vertical_rail: rail,
                horizontal_rail: rail,
                gap: None,
                auto_scroll: scrollable::AutoScroll {
                    background: Background::Color(theme.palette().panel),
                    border: border::rounded(16),
                    shadow: Shadow::default(),
                    icon: theme.palette().text,
                },
            }
        })
    }

    fn style(&self, class: &Self::Class<'_>, status: scrollable::Status) -> scrollable::Style {
        class(self, status)
    }
}

fn field_border(theme: Theme, focused: bool) -> Border {
    let palette = theme.palette();
    let (color, width) = if focused {
        (palette.focus, 2.0)
    } else {
        (palette.edge, 1.0)
    };
    Border {
        color,
        width,
        radius: 8.0.into(),
    }
}

impl text_input::Catalog for Theme {
    type Class<'a> = text_input::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme, status| {
            let palette = theme.palette();
            text_input::Style {
                background: Background::Color(palette.ground),
                border: field_border(*theme, matches!(status, text_input::Status::Focused { .. })),
                icon: palette.muted,
                placeholder: palette.muted,
                value: if status == text_input::Status::Disabled {
                    palette.muted
                } else {
                    palette.text
                },
                selection: palette.selection,
            }
        })
    }

    fn style(&self, class: &Self::Class<'_>, status: text_input::Status) -> text_input::Style {
        class(self, status)
    }
}

impl text_editor::Catalog for Theme {
    type Class<'a> = text_editor::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme, status| {
            let palette = theme.palette();
            text_editor::Style {
                background: Background::Color(palette.ground),
                border: field_border(*theme, matches!(status, text_editor::Status::Focused { .. })),
                placeholder: palette.muted,
                value: palette.text,
                selection: palette.selection,
            }
        })
    }

    fn style(&self, class: &Self::Class<'_>, status: text_editor::Status) -> text_editor::Style {
        class(self, status)
    }
}

/// Nothing: the ground shines through.
pub(super) const CLEAR: Color = Color::TRANSPARENT;
