//! The scroll bar: how many rows are above, visible and below.
//!
//! Rows are counted rather than pixels, because nobody knows the height of a row that was never built, and summing
//! guesses over a long history costs more than drawing it. Both ends are exact, and nothing is remembered.

use iced_core::{Rectangle, Size};

use super::arrange::Laid;

const WIDTH: f32 = 6.0;
const EDGE: f32 = 3.0;
/// A thumb is never shorter, so that it can be held.
const SHORTEST: f32 = 32.0;
/// How far from the edge a press still means the bar.
pub(super) const REACH: f32 = 14.0;

/// Rows, with fractions, above the viewport, in it, and below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub above: f32,
    pub visible: f32,
    pub below: f32,
    /// The height of a row, as those that exist have it.
    pub row: f32,
}

impl Bar {
    /// `None` if everything is visible.
    pub fn of<M>(laid: &Laid<'_, M>, height: f32) -> Option<Self> {
        let first = laid.rows.front()?;
        let mut above = first.index as f32;
        let mut visible = 0.0;
        let mut y = laid.top;
        for row in &laid.rows {
            let tall = row.node.size().height.max(1.0);
            above += ((-y) / tall).clamp(0.0, 1.0);
            visible += (((y + tall).min(height) - y.max(0.0)) / tall).clamp(0.0, 1.0);
            y += tall;
        }
        let below = laid.total as f32 - above - visible;
        let row = (y - laid.top) / laid.rows.len() as f32;
        (above > 0.01 || below > 0.01).then_some(Self {
            above,
            visible,
            below: below.max(0.0),
            row,
        })
    }

    /// Where the thumb is drawn.
    pub fn thumb(self, bounds: Rectangle) -> Rectangle {
        let tall = self.tall(bounds);
        let y = bounds.y + (bounds.height - tall) * self.above / (self.above + self.below);
        Rectangle::new(
            (bounds.x + bounds.width - WIDTH - EDGE, y).into(),
            Size::new(WIDTH, tall),
        )
    }

    /// How many rows are above the viewport when the thumb's top is `y` pixels below the top of the bar.
    pub fn rows_at(self, bounds: Rectangle, y: f32) -> f32 {
        let way = (bounds.height - self.tall(bounds)).max(1.0);
        (self.above + self.below) * (y / way).clamp(0.0, 1.0)
    }

    fn tall(self, bounds: Rectangle) -> f32 {
        let part = self.visible / (self.above + self.visible + self.below);
        (bounds.height * part).max(SHORTEST).min(bounds.height)
    }
}
