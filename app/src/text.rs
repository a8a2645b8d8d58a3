//! Text as it is shown: emoji told apart from letters, links found, long texts cut.
//!
//! Emoji are given to the emoji font by name, grapheme by grapheme: neither the text font nor the order of fallback
//! then decides how `❤️`, `1️⃣` or a family looks. Only http and https become links: other schemes start programs.

mod pieces;

use iced_core::text::{LineHeight, Wrapping};
use iced_core::widget::text::StyleFn;

use crate::font;
use crate::theme::Theme;
use crate::widget::Element;

pub use pieces::{Kind, SHOWN, cut, pieces};

/// One line for lists and headers: no line breaks, emoji in colour.
pub fn line<'a, M: 'a>(
    content: impl Into<String>,
    size: f32,
    face: iced_core::Font,
    style: StyleFn<'a, Theme>,
) -> Element<'a, M> {
    let content = content.into().replace(['\n', '\r', '\t'], " ");
    let pieces = pieces(&content, false);
    let height = LineHeight::Absolute((size * 1.4).round().into());
    if pieces.iter().all(|(_, kind)| *kind == Kind::Plain) {
        return iced_widget::text(content)
            .size(size)
            .font(face)
            .line_height(height)
            .wrapping(Wrapping::None)
            .style(style)
            .into();
    }
    let spans: Vec<iced_core::text::Span<'a, ()>> = pieces
        .into_iter()
        .filter_map(|(range, kind)| {
            let piece = iced_core::text::Span::new(content.get(range)?.to_owned());
            Some(piece.font(if kind == Kind::Emoji { font::EMOJI } else { face }))
        })
        .collect();
    iced_widget::rich_text(spans)
        .size(size)
        .line_height(height)
        .wrapping(Wrapping::None)
        .style(style)
        .into()
}
