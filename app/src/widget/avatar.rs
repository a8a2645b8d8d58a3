//! A coloured circle with an initial, for people without a picture.
//!
//! XEP-0392 turns an address into a hue: the first two bytes of its SHA-1, little-endian, as an angle of HSLuv. We
//! take the angle as it says, and HSL with a lightness per hue in place of HSLuv: one formula instead of a crate. The
//! lightness is lowered until white text reads on it (4.5:1), which HSLuv does not promise either.

use iced_core::{Background, Color, border};
use iced_widget::container;

use crate::font;
use crate::theme::{Theme, contrast};
use crate::widget::Element;

/// The circle.
pub fn avatar<'a, M: 'a>(address: &str, name: &str, size: f32) -> Element<'a, M> {
    use unicode_segmentation::UnicodeSegmentation;

    let color = color(address);
    let initial = name
        .graphemes(true)
        .find(|g| g.chars().any(char::is_alphanumeric))
        .unwrap_or("?")
        .to_uppercase();
    let letter = iced_widget::text(initial)
        .size((size * 0.45).round())
        .font(font::BOLD)
        .color(Color::WHITE);
    container(letter)
        .center(size)
        .style(move |_: &Theme| container::Style {
            background: Some(Background::Color(color)),
            border: border::rounded(size / 2.0),
            ..container::Style::default()
        })
        .into()
}

/// The colour of an address.
pub fn color(address: &str) -> Color {
    let [low, high] = first_bytes_of_sha1(address.as_bytes());
    let hue = f32::from(u16::from_le_bytes([low, high])) / 65536.0 * 360.0;
    let mut lightness = 0.5;
    loop {
        let color = hsl(hue, 0.6, lightness);
        if contrast(color, Color::WHITE) >= 4.5 || lightness < 0.1 {
            return color;
        }
        lightness -= 0.02;
    }
}

fn hsl(hue: f32, saturation: f32, lightness: f32) -> Color {
    let amount = saturation * lightness.min(1.0 - lightness);
    let part = |n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        lightness - amount * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    Color::from_rgb(part(0.0), part(8.0), part(4.0))
}

/// SHA-1, of which only the first two bytes are wanted: a colour, not a secret.
fn first_bytes_of_sha1(input: &[u8]) -> [u8; 2] {
    let mut message = input.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend((input.len() as u64 * 8).to_be_bytes());
    let mut state: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    for block in message.chunks_exact(64) {
        let mut words: Vec<u32> = block
            .chunks_exact(4)
            .filter_map(|word| word.try_into().ok().map(u32::from_be_bytes))
            .collect();
        for i in 16..80_usize {
            let word = |back: usize| words.get(i - back).copied().unwrap_or_default();
            words.push((word(3) ^ word(8) ^ word(14) ^ word(16)).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in words.into_iter().enumerate() {
            let (f, k) = match i {
                0..20 => ((b & c) | (!b & d), 0x5A82_7999),
                20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6_u32),
            };
            let next = a
                .rotate_left(5)
                .wrapping_add(f)
                .wrapping_add(e)
                .wrapping_add(k)
                .wrapping_add(word);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let [first, second, ..] = state[0].to_be_bytes();
    [first, second]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_follow_the_test_vectors_of_xep_0392() {
        for (input, angle) in [
            ("Romeo", 327.255_25),
            ("juliet@capulet.lit", 209.410_4),
            ("😺", 331.199_95),
        ] {
            let [low, high] = first_bytes_of_sha1(input.as_bytes());
            let hue = f64::from(u16::from_le_bytes([low, high])) / 65536.0 * 360.0;
            assert!((hue - angle).abs() < 0.001, "{input}: {hue}");
        }
    }

    #[test]
    fn white_letters_read_on_every_hue() {
        for n in 0..500 {
            let color = color(&format!("user{n}@example.org"));
            assert!(contrast(color, Color::WHITE) >= 4.5, "{n}: {color:?}");
        }
    }
}
