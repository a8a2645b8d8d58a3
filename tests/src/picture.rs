//! What a window shows, as pixels: to be compared, and to be kept as a PNG.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::peer::profile_folder;

/// A place in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The left edge.
    pub x: usize,
    /// The upper edge.
    pub y: usize,
    /// How wide.
    pub width: usize,
    /// How high.
    pub height: usize,
}

/// The pixels of a window at one moment.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// How wide.
    pub width: usize,
    /// How high.
    pub height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// From what an X server gives: four bytes a pixel, blue first.
    pub(crate) fn from_x(width: usize, height: usize, data: &[u8]) -> Self {
        let pixels = data.chunks_exact(4).map(|bytes| [bytes[2], bytes[1], bytes[0]]);
        let pixels: Vec<_> = pixels.collect();
        assert_eq!(pixels.len(), width * height, "the screen has 24 bits a pixel");
        Self { width, height, pixels }
    }

    /// One pixel: red, green, blue.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.pixels[y * self.width + x]
    }

    /// Whether anything is drawn: a window that is not yet has one colour.
    pub fn is_drawn(&self) -> bool {
        self.pixels.iter().any(|pixel| *pixel != self.pixels[0])
    }

    /// Whether it is more light than dark.
    pub fn is_light(&self) -> bool {
        let light = self.pixels.iter().filter(|pixel| pixel[1] > 127).count();
        light > self.pixels.len() / 2
    }

    /// How many pixels of an area have this colour.
    pub fn count(&self, area: Area, colour: [u8; 3]) -> usize {
        let rows = area.y..area.y + area.height;
        rows.flat_map(|y| &self.pixels[y * self.width + area.x..][..area.width])
            .filter(|pixel| **pixel == colour)
            .count()
    }

    /// Where it differs from another: the smallest area around all of that. `None` if it does not.
    pub fn difference(&self, other: &Self) -> Option<Area> {
        if (self.width, self.height) != (other.width, other.height) {
            let (width, height) = (self.width, self.height);
            return Some(Area {
                x: 0,
                y: 0,
                width,
                height,
            });
        }
        let different = (0..self.pixels.len()).filter(|index| self.pixels[*index] != other.pixels[*index]);
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        for index in different {
            let (x, y) = (index % self.width, index / self.width);
            (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
        }
        (left != usize::MAX).then(|| Area {
            x: left,
            y: top,
            width: right - left + 1,
            height: bottom - top + 1,
        })
    }

    /// Whether it differs by more than a caret that blinks.
    pub fn is_unlike(&self, other: &Self) -> bool {
        self.difference(other).is_some_and(|area| area.width > 3)
    }

    /// Whether something differs within an area.
    pub fn differs_within(&self, other: &Self, area: Area) -> bool {
        (area.y..area.y + area.height).any(|y| {
            let row = y * self.width + area.x..y * self.width + area.x + area.width;
            self.pixels[row.clone()] != other.pixels[row]
        })
    }

    /// Keeps it as a PNG.
    pub fn save(&self, path: &Path) {
        let file = File::create(path).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        let size = |side: usize| u32::try_from(side).expect("a screen is not that large");
        let mut encoder = png::Encoder::new(file, size(self.width), size(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("a PNG can be written");
        writer
            .write_image_data(self.pixels.as_flattened())
            .expect("a PNG can be written");
    }

    /// Keeps it in `target/shots`, to be looked at.
    pub fn shoot(&self, name: &str) -> PathBuf {
        let folder = profile_folder().with_file_name("shots");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let path = folder.join(format!("{name}-{}x{}.png", self.width, self.height));
        self.save(&path);
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_is_no_difference_and_a_word_is() {
        let mut data = vec![255; 4 * 20 * 10];
        let blank = Picture::from_x(20, 10, &data);
        assert!(!blank.is_drawn() && blank.is_light());
        data[4 * (3 * 20 + 5)] = 0;
        let caret = Picture::from_x(20, 10, &data);
        assert!(caret.is_drawn() && !caret.is_unlike(&blank));
        let spot = Area {
            x: 5,
            y: 3,
            width: 1,
            height: 1,
        };
        assert_eq!(caret.difference(&blank), Some(spot));
        assert!(caret.differs_within(&blank, spot));
        assert_eq!(caret.count(spot, [255, 255, 0]), 1);
        data[4 * (4 * 20 + 9) + 1] = 0;
        assert!(Picture::from_x(20, 10, &data).is_unlike(&blank));
    }
}
