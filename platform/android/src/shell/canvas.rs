//! The picture of the screen, kept in memory: each frame draws only what differs from the one before.
//!
//! A window's own buffers are two or three, each as old as it likes. This one is always whole, so a buffer takes from it
//! what it lacks and nothing is drawn twice for a window that came back.

use iced_core::{Color, Rectangle, Size};
use iced_graphics::{Viewport, damage};
use iced_tiny_skia::{Layer, Renderer};
use tiny_skia::{Mask, Pixmap};

use super::phone::Area;

/// What was drawn so far.
pub(super) struct Canvas {
    pixels: Pixmap,
    mask: Mask,
    /// What the pixels show. `None`: nothing yet.
    drawn: Option<Drawn>,
}

struct Drawn {
    layers: Vec<Layer>,
    ground: Color,
    scale: f32,
}

/// Pixels of the screen, row by row without gaps, four bytes each: blue, green, red and alpha.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// Width and height.
    pub size: Size<u32>,
    /// All of it.
    pub bytes: &'a [u8],
}

impl Canvas {
    /// An empty picture. `None` if no picture can have this size.
    pub fn new(size: Size<u32>) -> Option<Self> {
        Some(Self {
            pixels: Pixmap::new(size.width, size.height)?,
            mask: Mask::new(size.width, size.height)?,
            drawn: None,
        })
    }

    pub fn size(&self) -> Size<u32> {
        Size::new(self.pixels.width(), self.pixels.height())
    }

    pub fn whole(&self) -> Area {
        Area {
            left: 0,
            top: 0,
            right: self.pixels.width(),
            bottom: self.pixels.height(),
        }
    }

    pub fn picture(&self) -> Picture<'_> {
        Picture {
            size: self.size(),
            bytes: self.pixels.data(),
        }
    }

    /// Draws what the renderer holds, and says which part of the picture changed.
    pub fn draw(&mut self, renderer: &mut Renderer, scale: f32, ground: Color) -> Option<Area> {
        let viewport = Viewport::with_physical_size(self.size(), scale);
        let changed = match &self.drawn {
            Some(drawn) if drawn.ground == ground && drawn.scale.to_bits() == scale.to_bits() => {
                let parts = damage::diff(
                    &drawn.layers,
                    renderer.layers(),
                    |layer| vec![layer.bounds],
                    Layer::damage,
                );
                let parts = damage::group(parts, Rectangle::with_size(viewport.logical_size()));
                parts.into_iter().reduce(|all, part| all.union(&part))
            }
            _ => Some(Rectangle::with_size(viewport.logical_size())),
        };
        let area = self.area(changed? * scale)?;
        self.drawn = Some(Drawn {
            layers: renderer.layers().to_vec(),
            ground,
            scale,
        });
        let part = Rectangle {
            x: area.left as f32,
            y: area.top as f32,
            width: (area.right - area.left) as f32,
            height: (area.bottom - area.top) as f32,
        };
        let part = part * (1.0 / scale);
        renderer.draw(&mut self.pixels.as_mut(), &mut self.mask, &viewport, &[part], ground);
        Some(area)
    }

    /// Whole pixels, and one more for edges that are smoothed.
    fn area(&self, part: Rectangle) -> Option<Area> {
        let low = |edge: f32| (edge - 1.0).floor().max(0.0) as u32;
        let high = |edge: f32, most: u32| ((edge + 1.0).ceil().max(0.0) as u32).min(most);
        let area = Area {
            left: low(part.x),
            top: low(part.y),
            right: high(part.x + part.width, self.pixels.width()),
            bottom: high(part.y + part.height, self.pixels.height()),
        };
        (area.left < area.right && area.top < area.bottom).then_some(area)
    }
}
