//! Reads a QR code from a picture: a frame of the camera, or a file that the user chose. ISO/IEC 18004.
//!
//! Pictures come from others. Their size is bounded here and by whoever decodes them; how many corners, regions and codes are
//! looked at is bounded by `quircs`; and nobody waits for the answer longer than [`PATIENCE`].

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use quircs::Quirc;

/// In pixels. The cameras of good telephones have as many.
pub const MOST: usize = 50_000_000;
/// A picture is looked at this large, and if nothing is found, this large.
const SIDES: [usize; 2] = [800, 1600];
/// How long somebody waits for a picture.
const PATIENCE: Duration = Duration::from_secs(10);
/// A dot is dark that is darker than so many percent of what is around it.
const DARK: u64 = 85;

/// A picture without colour.
pub struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    /// A picture from its rows, one byte for each pixel, 0 is black. `None` if the numbers do not fit each other.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        let fits = width > 0 && height > 0 && width.checked_mul(height) == Some(pixels.len());
        (fits && pixels.len() <= MOST).then_some(Self { width, height, pixels })
    }

    /// As large as it is, or smaller: squares of pixels become one.
    fn shrunk(&self, side: usize) -> Self {
        let by = self.width.max(self.height).div_ceil(side);
        let (width, height) = ((self.width / by).max(1), (self.height / by).max(1));
        let mut sums = vec![0_u64; width * height];
        let rows = self.pixels.chunks(self.width).take(height * by);
        for (y, row) in rows.enumerate() {
            let sums = sums.chunks_mut(width).nth(y / by).unwrap_or_default();
            for (sum, square) in sums.iter_mut().zip(row.chunks(by)) {
                *sum += square.iter().map(|pixel| u64::from(*pixel)).sum::<u64>();
            }
        }
        let square = (by.min(self.width) * by.min(self.height)) as u64;
        let pixels = sums.into_iter().map(|sum| (sum / square) as u8).collect();
        Self { width, height, pixels }
    }

    /// Black and white, each dot against the light around it: a shadow over half of a code does not hide it.
    fn evened(&self) -> Self {
        let (width, height) = (self.width, self.height);
        // Sums of all that stands above and to the left, with a row and a column of nothing before them.
        let mut sums = vec![0_u64; (width + 1) * (height + 1)];
        for (y, row) in self.pixels.chunks(width).enumerate() {
            let (above, here) = sums.split_at_mut((y + 1) * (width + 1));
            let above = above.chunks(width + 1).next_back().unwrap_or_default();
            let mut sum = 0;
            let places = here.iter_mut().zip(above).skip(1);
            for ((place, above), pixel) in places.zip(row) {
                sum += u64::from(*pixel);
                *place = above + sum;
            }
        }
        let at = |x: usize, y: usize| sums.get(y * (width + 1) + x).copied().unwrap_or(0);
        let reach = (width.max(height) / 16).max(1);
        let pixels = self.pixels.iter().enumerate().map(|(index, pixel)| {
            let (x, y) = (index % width, index / width);
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            let sum = at(right, bottom) + at(left, top) - at(right, top) - at(left, bottom);
            let many = ((right - left) * (bottom - top)) as u64;
            if u64::from(*pixel) * many * 100 < sum * DARK {
                0
            } else {
                255
            }
        });
        Self {
            width,
            height,
            pixels: pixels.collect(),
        }
    }

    /// The text of the first code that can be read.
    fn text(&self) -> Option<String> {
        let mut codes = Quirc::default();
        let found = codes.identify(self.width, self.height, &self.pixels);
        let read = found.flatten().filter_map(|code| code.decode().ok());
        read.filter_map(|data| String::from_utf8(data.payload).ok())
            .find(|text| !text.is_empty())
    }
}

/// What a code in the picture says; `None` if there is none that can be read. Looked at on a thread of its own: whoever made a
/// picture to waste time wastes that thread's.
pub fn read(picture: Grey) -> Option<String> {
    let (tell, told) = mpsc::channel();
    let look = move || drop(tell.send(find(&picture)));
    thread::Builder::new().name("scan".to_owned()).spawn(look).ok()?;
    told.recv_timeout(PATIENCE).ok().flatten()
}

fn find(picture: &Grey) -> Option<String> {
    SIDES.iter().enumerate().find_map(|(index, side)| {
        let small = picture.shrunk(*side);
        let is_known = index > 0 && small.width.max(small.height) <= SIDES.first().copied().unwrap_or(0);
        if is_known {
            return None;
        }
        small.text().or_else(|| small.evened().text())
    })
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use qrcodegen::{QrCode, QrCodeEcc};

    use super::*;

    const CODE: &str = "xmpp:anna@a.example?omemo-sid-27=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08;omemo-sid-31=b1bd7615afd947335a8edce8b4bd45e0b8fa2938630c163df7094e1a286ecf6e";

    /// Numbers that look like chance.
    fn chance(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed;
        move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        }
    }

    /// A photograph of a code on a table: turned, seen from the side, half in the shadow, with the noise of a telephone.
    fn photograph(text: &str, turn: f64, noise: u64) -> Grey {
        let code = QrCode::encode_text(text, QrCodeEcc::Low).unwrap();
        let (width, height, module) = (1200_usize, 900_usize, 9.0);
        let middle = f64::from(code.size()) / 2.0;
        let mut random = chance(7);
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as f64 - 600.0, y as f64 - 450.0);
                let depth = 1.0 + dx * 0.0002;
                let (dx, dy) = (dx * depth, dy * depth);
                let u = (dx * turn.cos() + dy * turn.sin()) / module + middle;
                let v = (dy * turn.cos() - dx * turn.sin()) / module + middle;
                let size = f64::from(code.size());
                let paper = (-4.0..size + 4.0).contains(&u) && (-4.0..size + 4.0).contains(&v);
                let dark = code.get_module(u.floor() as i32, v.floor() as i32);
                let ink = if dark {
                    40
                } else if paper {
                    220
                } else {
                    120
                };
                let light = if x > y { 100 } else { 55 };
                let light = ink * light / 100 + random() % (noise + 1);
                pixels.push(light.min(255) as u8);
            }
        }
        Grey::new(width, height, pixels).unwrap()
    }

    #[test]
    fn a_photograph_is_read() {
        for turn in [0.0, 0.3, 0.8, 1.57, 2.5, 4.0] {
            assert_eq!(
                find(&photograph(CODE, turn, 30)).as_deref(),
                Some(CODE),
                "turned by {turn}"
            );
        }
        assert_eq!(read(photograph(CODE, 0.1, 10)).as_deref(), Some(CODE));
    }

    #[test]
    fn what_is_no_code_is_none() {
        let mut random = chance(1);
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (300, 200), (2000, 1700)] {
            let noise = (0..width * height).map(|_| (random() % 256) as u8).collect();
            assert_eq!(find(&Grey::new(width, height, noise).unwrap()), None);
            for flat in [0, 255] {
                assert_eq!(
                    find(&Grey::new(width, height, vec![flat; width * height]).unwrap()),
                    None
                );
            }
        }
        // Corners of codes without end.
        let corner = |x: usize, y: usize| {
            let (x, y) = (x % 9, y % 9);
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            ring == 3 || ring < 2
        };
        let corners = (0..1600 * 1600).map(|at| if corner(at % 1600, at / 1600) { 0 } else { 255 });
        assert_eq!(read(Grey::new(1600, 1600, corners.collect()).unwrap()), None);
    }

    #[test]
    fn a_broken_code_breaks_nothing() {
        let mut random = chance(3);
        for round in 0..12 {
            let mut picture = photograph(CODE, f64::from(round) / 2.0, 20);
            for _ in 0..40 {
                let (x, y, side) = (
                    random() as usize % 1100,
                    random() as usize % 800,
                    random() as usize % 90,
                );
                let ink = (random() % 256) as u8;
                for row in y..y + side {
                    picture.pixels[row * 1200 + x..row * 1200 + x + side].fill(ink);
                }
            }
            // Read right or not at all: the code corrects itself.
            assert!(find(&picture).is_none_or(|text| text == CODE));
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_no_picture() {
        for (width, height, length) in [(0, 0, 0), (2, 2, 3), (usize::MAX, 2, 6), (0, 5, 0)] {
            assert!(Grey::new(width, height, vec![0; length]).is_none());
        }
    }
}
