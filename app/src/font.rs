//! The fonts: few, ours, the same everywhere.
//!
//! A glyph that no font has makes cosmic-text probe every font of the system (20 MB, twice the CPU), and which font
//! draws an emoji would be chance. So the global font system is replaced by one of our own files, the system's fonts
//! for scripts that ours lack, and our own order of fallback.

use std::sync::Arc;

use iced_core::Font;
use iced_core::font::Weight;
use iced_graphics::text::cosmic_text::{self, Fallback, fontdb};
use iced_graphics::text::font_system;
use unicode_script::Script;

/// Text.
pub const TEXT: Font = Font::with_name("Grend Sans");
/// Names and headings.
pub const BOLD: Font = Font {
    weight: Weight::Bold,
    ..TEXT
};
/// Emoji, in colour.
pub const EMOJI: Font = Font::with_name("Grend Emoji");
/// The signs that screens draw.
pub const SIGNS: Font = Font::with_name("Grend Symbols");

const OURS: [&[u8]; 4] = [
    include_bytes!("../../assets/fonts/GrendSans-Regular.ttf"),
    include_bytes!("../../assets/fonts/GrendSans-Bold.ttf"),
    include_bytes!("../../assets/fonts/GrendSymbols.ttf"),
    include_bytes!("../../assets/fonts/GrendEmoji.ttf"),
];

/// Families of the system that may draw other scripts: Debian's and Android's, then those of Windows.
const OTHERS: &[&str] = &[
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Sans Georgian",
    "Noto Sans Armenian",
    "Noto Sans Ethiopic",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "DejaVu Sans",
    "Segoe UI",
    "Nirmala UI",
    "Leelawadee UI",
    "Ebrima",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
];

struct Curated;

impl Fallback for Curated {
    fn common_fallback(&self) -> &[&'static str] {
        &["Grend Sans", "Grend Emoji", "Grend Symbols", "DejaVu Sans", "Segoe UI"]
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        &[]
    }

    fn script_fallback(&self, script: Script, _locale: &str) -> &[&'static str] {
        match script {
            Script::Arabic => &["Noto Sans Arabic", "Noto Naskh Arabic", "Segoe UI", "DejaVu Sans"],
            Script::Hebrew => &["Noto Sans Hebrew", "Segoe UI", "DejaVu Sans"],
            Script::Devanagari => &["Noto Sans Devanagari", "Nirmala UI"],
            Script::Bengali => &["Noto Sans Bengali", "Nirmala UI"],
            Script::Tamil => &["Noto Sans Tamil", "Nirmala UI"],
            Script::Thai => &["Noto Sans Thai", "Leelawadee UI"],
            Script::Georgian => &["Noto Sans Georgian", "Segoe UI", "DejaVu Sans"],
            Script::Armenian => &["Noto Sans Armenian", "Segoe UI", "DejaVu Sans"],
            Script::Ethiopic => &["Noto Sans Ethiopic", "Ebrima"],
            Script::Han => &["Noto Sans CJK SC", "Microsoft YaHei"],
            Script::Hiragana | Script::Katakana => &["Noto Sans CJK JP", "Yu Gothic"],
            Script::Hangul => &["Noto Sans CJK KR", "Malgun Gothic"],
            _ => &[],
        }
    }
}

/// Replaces the fonts of the process. Once, before the first text is measured.
pub fn install() {
    let Ok(mut system) = font_system().write() else {
        return;
    };
    let raw = system.raw();
    let mut faces = fontdb::Database::new();
    for face in raw.db().faces() {
        let known = face
            .families
            .iter()
            .any(|(name, _)| OTHERS.contains(&name.as_str()) || name == "Iced-Icons");
        let upright = face.style == fontdb::Style::Normal && face.stretch == fontdb::Stretch::Normal;
        if known && upright && [fontdb::Weight::NORMAL, fontdb::Weight::BOLD].contains(&face.weight) {
            faces.push_face_info(face.clone());
        }
    }
    for bytes in OURS {
        faces.load_font_source(fontdb::Source::Binary(Arc::new(bytes)));
    }
    faces.set_sans_serif_family("Grend Sans");
    let locale = raw.locale().to_owned();
    *raw = cosmic_text::FontSystem::new_with_locale_and_db_and_fallback(locale, faces, Curated);
}
