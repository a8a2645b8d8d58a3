//! Places in a shaped text, and what lies between two of them.

use iced_core::{Point, Rectangle, Size};
use iced_graphics::text::Paragraph;
use iced_graphics::text::cosmic_text::{Affinity, Cursor};
use unicode_segmentation::UnicodeSegmentation;

/// A place between two characters: the number of a line of the text, and a byte in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    line: usize,
    byte: usize,
}

impl Place {
    /// The place nearest to a point.
    pub fn at(paragraph: &Paragraph, point: Point) -> Option<Self> {
        let cursor = paragraph.buffer().hit(point.x, point.y)?;
        Some(Self {
            line: cursor.line,
            byte: cursor.index,
        })
    }

    fn cursor(self, affinity: Affinity) -> Cursor {
        Cursor::new_with_affinity(self.line, self.byte, affinity)
    }
}

/// What is selected: from where the mouse went down to where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Selected {
    from: (Place, Place),
    to: Place,
}

impl From<Place> for Selected {
    fn from(place: Place) -> Self {
        Self {
            from: (place, place),
            to: place,
        }
    }
}

impl Selected {
    /// The word around a place.
    pub fn word(paragraph: &Paragraph, place: Place) -> Self {
        let text = line(paragraph, place.line).unwrap_or_default();
        let (start, word) = text
            .split_word_bound_indices()
            .take_while(|(start, _)| *start <= place.byte)
            .last()
            .unwrap_or((place.byte, ""));
        let end = Place {
            byte: start + word.len(),
            ..place
        };
        Self {
            from: (Place { byte: start, ..place }, end),
            to: end,
        }
    }

    /// Everything.
    pub fn all(paragraph: &Paragraph) -> Self {
        let last = paragraph.buffer().lines.len().saturating_sub(1);
        let end = Place {
            line: last,
            byte: line(paragraph, last).map_or(0, str::len),
        };
        Self {
            from: (Place { line: 0, byte: 0 }, end),
            to: end,
        }
    }

    /// Goes on to another place; what was selected at first stays selected.
    pub fn reach(&mut self, place: Place) {
        self.to = place;
    }

    /// Nothing lies between.
    pub fn is_empty(self) -> bool {
        let (start, end) = self.ends();
        start == end
    }

    fn ends(self) -> (Place, Place) {
        (self.from.0.min(self.to), self.from.1.max(self.to))
    }

    /// The rectangles behind the selected text.
    pub fn parts(self, paragraph: &Paragraph) -> Vec<Rectangle> {
        let (start, end) = self.ends();
        if start == end {
            return Vec::new();
        }
        let (start, end) = (start.cursor(Affinity::After), end.cursor(Affinity::Before));
        paragraph
            .buffer()
            .layout_runs()
            .filter_map(|run| {
                let (x, width) = run.highlight(start, end)?;
                Some(Rectangle::new(
                    Point::new(x, run.line_top),
                    Size::new(width, run.line_height),
                ))
            })
            .collect()
    }

    /// The selected text.
    pub fn text(self, paragraph: &Paragraph) -> Option<String> {
        let (start, end) = self.ends();
        let mut lines = Vec::new();
        for number in start.line..=end.line {
            let text = line(paragraph, number)?;
            let from = if number == start.line { start.byte } else { 0 };
            let to = if number == end.line { end.byte } else { text.len() };
            lines.push(text.get(from..to)?);
        }
        Some(lines.join("\n")).filter(|text| !text.is_empty())
    }
}

fn line(paragraph: &Paragraph, number: usize) -> Option<&str> {
    paragraph
        .buffer()
        .lines
        .get(number)
        .map(iced_graphics::text::cosmic_text::BufferLine::text)
}
