//! Opens a picture that the user chose, and looks for a code in it. The file may be anything: it is read to a limit and shown
//! to decoders that are told theirs.

use std::fs::{self, File};
use std::io::{Cursor, Read as _};
use std::path::Path;

use grend_app::host::Seen;
use grend_app::scan::{self, Grey};
use png::{ColorType, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Of a file, in bytes.
const LARGEST: u64 = 50_000_000;
/// Of a side, in pixels.
const LONGEST: usize = 20_000;
/// What the decoder of PNG may take of memory, in bytes.
const ROOM: usize = 200_000_000;

/// What a code in the picture says, or why nothing is seen.
pub fn look(path: &Path) -> Seen {
    match open(path) {
        Some(picture) => scan::read(picture).map_or(Seen::NoCode, Seen::Code),
        None => Seen::NoPicture,
    }
}

fn open(path: &Path) -> Option<Grey> {
    // A pipe would wait for somebody who writes.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).ok()?.take(LARGEST + 1);
    file.read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > LARGEST {
        return None;
    }
    if bytes.starts_with(b"\x89PNG") {
        png(&bytes)
    } else {
        jpeg(&bytes)
    }
}

fn fits(width: usize, height: usize) -> bool {
    width <= LONGEST && height <= LONGEST && width * height <= scan::MOST
}

fn jpeg(bytes: &[u8]) -> Option<Grey> {
    let options = DecoderOptions::new_safe()
        .set_max_width(LONGEST)
        .set_max_height(LONGEST)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    if !fits(width, height) {
        return None;
    }
    Grey::new(width, height, decoder.decode().ok()?)
}

fn png(bytes: &[u8]) -> Option<Grey> {
    let limits = png::Limits { bytes: ROOM };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    let room = reader.output_buffer_size().filter(|room| *room <= ROOM)?;
    if !fits(width, height) {
        return None;
    }
    let mut pixels = vec![0; room];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let pixels = pixels.get(..frame.buffer_size())?;
    let of = |samples: usize| pixels.chunks_exact(samples);
    let grey = match frame.color_type {
        ColorType::Grayscale => pixels.to_vec(),
        ColorType::GrayscaleAlpha => of(2).map(|dot| on_paper(dot, 1)).collect(),
        ColorType::Rgb => of(3).map(|dot| on_paper(dot, 3)).collect(),
        ColorType::Rgba => of(4).map(|dot| on_paper(dot, 3)).collect(),
        ColorType::Indexed => return None,
    };
    Grey::new(width, height, grey)
}

/// How light a dot is: the mean of its colours, and white where it is not there.
fn on_paper(dot: &[u8], colors: usize) -> u8 {
    let sum: u32 = dot.iter().take(colors).map(|color| u32::from(*color)).sum();
    let light = sum / u32::try_from(colors).unwrap_or(1);
    let there = dot.get(colors).map_or(255, |alpha| u32::from(*alpha));
    ((light * there + 255 * (255 - there)) / 255) as u8
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written(color: ColorType, (width, height): (u32, u32), pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        bytes
    }

    fn seen(bytes: &[u8]) -> Seen {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture");
        fs::write(&path, bytes).unwrap();
        look(&path)
    }

    #[test]
    fn pictures_without_a_code_and_files_that_are_none() {
        for (color, samples) in [
            (ColorType::Grayscale, 1),
            (ColorType::GrayscaleAlpha, 2),
            (ColorType::Rgb, 3),
            (ColorType::Rgba, 4),
        ] {
            let picture = written(color, (30, 20), &vec![7; 30 * 20 * samples]);
            assert_eq!(seen(&picture), Seen::NoCode, "{color:?}");
            assert_eq!(seen(picture.get(..picture.len() / 2).unwrap()), Seen::NoPicture);
        }
        for garbage in [&b""[..], b"\x89PNG", b"\xff\xd8\xff\xe0", b"GIF89a", &[0xff; 5000]] {
            assert_eq!(seen(garbage), Seen::NoPicture);
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(look(folder.path()), Seen::NoPicture);
        assert_eq!(look(&folder.path().join("nothing")), Seen::NoPicture);
    }

    #[test]
    fn what_says_that_it_is_huge_is_refused() {
        // A header that promises 60,000 by 60,000 dots, in a file of a few bytes.
        let mut picture = written(ColorType::Rgba, (1, 1), &[0; 4]);
        let huge = 60_000_u32.to_be_bytes();
        picture.splice(16..24, huge.into_iter().chain(huge));
        let sum = crc(picture.get(12..29).unwrap()).to_be_bytes();
        picture.splice(29..33, sum);
        assert_eq!(seen(&picture), Seen::NoPicture);
        // The same of a JPEG: baseline, one component, 65,000 by 65,000.
        let jpeg =
            b"\xff\xd8\xff\xc0\x00\x0b\x08\xfd\xe8\xfd\xe8\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00";
        assert_eq!(seen(jpeg), Seen::NoPicture);
        // A file without end: its holes take no room on the disk.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert_eq!(look(&path), Seen::NoPicture);
    }

    /// CRC-32 as PNG has it. ISO 3309.
    fn crc(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        !crc
    }
}
