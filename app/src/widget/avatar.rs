//! A coloured circle with an initial, for people without a picture.
//!
//! XEP-0392 turns an address into a hue: the first two bytes of its SHA-1, little-endian, as an angle of `HSLuv`. We
//! take the angle as it says, and HSL with a lightness per hue in place of `HSLuv`: one formula instead of a crate. The
//! lightness is lowered until white text reads on it (4.5:1), which `HSLuv` does not promise either.

use iced_core::{Background, Color, border};
use iced_widget::container;
use sha1::{Digest as _, Sha1};

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
    let hue = hue(address);
    let mut lightness = 0.5;
    loop {
        let color = hsl(hue, 0.6, lightness);
        if contrast(color, Color::WHITE) >= 4.5 || lightness < 0.1 {
            return color;
        }
        lightness -= 0.02;
    }
}

/// The angle of XEP-0392.
fn hue(address: &str) -> f32 {
    let [low, high, ..] = <[u8; 20]>::from(Sha1::digest(address.as_bytes()));
    f32::from(u16::from_le_bytes([low, high])) / 65536.0 * 360.0
}

fn hsl(hue: f32, saturation: f32, lightness: f32) -> Color {
    let amount = saturation * lightness.min(1.0 - lightness);
    let part = |n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        lightness - amount * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    Color::from_rgb(part(0.0), part(8.0), part(4.0))
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
            let hue = hue(input);
            assert!((hue - angle).abs() < 0.01, "{input}: {hue}");
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
