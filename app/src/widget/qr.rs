//! A QR code, black on white also where everything else is dark: cameras want it so. ISO/IEC 18004.

use iced_core::widget::Tree;
use iced_core::{Color, Layout, Length, Rectangle, Size, Widget, layout, mouse, renderer};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::theme::Theme;
use crate::widget::{Element, Renderer};

/// How many modules stay white around it.
const QUIET: u32 = 4;
/// The largest side, in pixels at 100 %.
const LARGEST: f32 = 320.0;

/// What a code shows: made once, drawn often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    side: u32,
    /// Rows of dark modules: where they begin, and how many there are.
    dark: Vec<(u32, u32, u32)>,
}

impl Code {
    /// The code of a text; `None` if it is too long for one.
    pub fn new(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
        let side = code.size();
        let mut dark: Vec<(u32, u32, u32)> = Vec::new();
        for y in 0..side {
            for x in (0..side).filter(|x| code.get_module(*x, y)) {
                let (x, y) = (x.cast_unsigned(), y.cast_unsigned());
                match dark.last_mut() {
                    Some((from, row, length)) if *row == y && *from + *length == x => *length += 1,
                    _ => dark.push((x, y, 1)),
                }
            }
        }
        Some(Self {
            side: side.cast_unsigned(),
            dark,
        })
    }
}

/// The widget.
pub struct Qr<'a>(&'a Code);

impl<'a> Qr<'a> {
    /// Shows a code, as large as there is room and never blurred: a module is a whole number of pixels.
    pub fn new(code: &'a Code) -> Self {
        Self(code)
    }

    fn modules(&self) -> f32 {
        (self.0.side + 2 * QUIET) as f32
    }
}

impl<Message> Widget<Message, Theme, Renderer> for Qr<'_> {
    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let room = limits.max().width.min(LARGEST);
        let module = (room / self.modules()).floor().max(1.0);
        let side = module * self.modules();
        layout::Node::new(Size::new(side, side))
    }

    fn draw(
        &self,
        _tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let module = bounds.width / self.modules();
        let mut fill = |bounds: Rectangle, color: Color| {
            let quad = renderer::Quad {
                bounds,
                ..renderer::Quad::default()
            };
            renderer::Renderer::fill_quad(renderer, quad, color);
        };
        fill(bounds, Color::WHITE);
        for (x, y, length) in &self.0.dark {
            let place = |at: u32| (at + QUIET) as f32 * module;
            let run = Rectangle {
                x: bounds.x + place(*x),
                y: bounds.y + place(*y),
                width: *length as f32 * module,
                height: module,
            };
            fill(run, Color::BLACK);
        }
    }
}

impl<'a, Message: 'a> From<Qr<'a>> for Element<'a, Message> {
    fn from(qr: Qr<'a>) -> Self {
        Self::new(qr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_text_without_end_has_none() {
        let code = Code::new("xmpp:anna@a.example?omemo-sid-27=9f86").unwrap();
        let far = code.side - 7;
        for corner in [(0, 0, 7), (far, 0, 7), (0, far, 7)] {
            assert!(code.dark.contains(&corner), "{corner:?} of {code:?}");
        }
        assert_eq!(Code::new(&"x".repeat(10_000)), None);
    }
}
