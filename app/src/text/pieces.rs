//! A text in pieces: letters, emoji, links. Only the standard library and the rules of Unicode, so that it can be fuzzed
//! without a screen.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// How many characters of a message are shown at first. A message of two megabytes must not stop the chat.
pub const SHOWN: usize = 4096;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters.
    Plain,
    /// Emoji.
    Emoji,
    /// An address that can be opened.
    Link,
}

/// The pieces of a text, in order, without gaps. `links` says whether links are looked for.
pub fn pieces(text: &str, links: bool) -> Vec<(Range<usize>, Kind)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    if links {
        for link in find_links(text) {
            emoji_pieces(text, at..link.start, &mut pieces);
            at = link.end;
            pieces.push((link, Kind::Link));
        }
    }
    emoji_pieces(text, at..text.len(), &mut pieces);
    pieces
}

fn emoji_pieces(text: &str, within: Range<usize>, pieces: &mut Vec<(Range<usize>, Kind)>) {
    let Some(part) = text.get(within.clone()).filter(|part| !part.is_empty()) else {
        return;
    };
    if part.is_ascii() {
        pieces.push((within, Kind::Plain));
        return;
    }
    let mut start = within.start;
    let mut kind = None;
    for (offset, grapheme) in part.grapheme_indices(true) {
        let next = if is_emoji(grapheme) { Kind::Emoji } else { Kind::Plain };
        if kind.is_some_and(|kind| kind != next) {
            pieces.push((start..within.start + offset, kind.unwrap_or(next)));
            start = within.start + offset;
        }
        kind = Some(next);
    }
    pieces.push((start..within.end, kind.unwrap_or(Kind::Plain)));
}

fn is_emoji(grapheme: &str) -> bool {
    let first = grapheme.chars().next().unwrap_or(' ');
    grapheme.contains('\u{FE0F}')
        || grapheme.contains('\u{20E3}')
        || matches!(u32::from(first),
            0x1F004 | 0x1F0CF | 0x1F18E | 0x1F191..=0x1F19A | 0x1F1E6..=0x1F1FF | 0x1F200..=0x1F265
            | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF | 0x1F7E0..=0x1F7F0 | 0x1F900..=0x1F9FF | 0x1FA70..=0x1FAFF
            | 0x231A | 0x231B | 0x23E9..=0x23F3 | 0x25FD | 0x25FE | 0x2614 | 0x2615 | 0x2648..=0x2653 | 0x267F
            | 0x2693 | 0x26A1 | 0x26AA | 0x26AB | 0x26BD | 0x26BE | 0x26C4 | 0x26C5 | 0x26CE | 0x26D4 | 0x26EA
            | 0x26F2 | 0x26F3 | 0x26F5 | 0x26FA | 0x26FD | 0x2705 | 0x270A | 0x270B | 0x2728 | 0x274C | 0x274E
            | 0x2753..=0x2755 | 0x2757 | 0x2764 | 0x2795..=0x2797 | 0x27B0 | 0x27BF | 0x2B1B | 0x2B1C | 0x2B50
            | 0x2B55)
}

fn find_links(text: &str) -> Vec<Range<usize>> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let Some(start) = ["https://", "http://"]
            .iter()
            .filter_map(|scheme| rest.find(scheme))
            .min()
        else {
            break;
        };
        let start = from + start;
        let tail = text.get(start..).unwrap_or_default();
        let length = tail
            .find(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c))
            .unwrap_or(tail.len());
        let end = start + trimmed(tail.get(..length).unwrap_or_default());
        let host = text
            .get(start..end)
            .and_then(|link| link.split_once("://"))
            .map_or("", |(_, host)| host);
        let begins = text
            .get(..start)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|c| !c.is_alphanumeric());
        if begins && host.starts_with(|c: char| c.is_alphanumeric() || c == '[') && end - start <= 2048 {
            links.push(start..end);
        }
        from = start + length.max(1);
    }
    links
}

/// The length of a link without the punctuation of the sentence around it.
fn trimmed(link: &str) -> usize {
    let mut link = link;
    loop {
        let shorter = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        // A closing bracket belongs to the link only if it was opened in it.
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if inner.matches('(').count() <= inner.matches(')').count() => inner,
            _ => shorter,
        };
        if shorter.len() == link.len() {
            return link.len();
        }
        link = shorter;
    }
}

/// The beginning of a long text, and whether anything was left off.
pub fn cut(text: &str, limit: usize) -> (&str, bool) {
    match text.char_indices().nth(limit) {
        Some((end, _)) => (text.get(..end).unwrap_or(text), true),
        None => (text, false),
    }
}

/// What must be true of the pieces of any text, whoever wrote it.
#[cfg(any(test, fuzzing))]
#[allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]
pub fn check(text: &str) {
    let mut end = 0;
    for (range, kind) in pieces(text, true) {
        assert_eq!(range.start, end, "no gaps and no overlaps");
        end = range.end;
        let piece = text.get(range).unwrap_or_default();
        assert!(!piece.is_empty(), "no piece is empty, or cut within a character");
        if kind == Kind::Link {
            assert!(piece.starts_with("https://") || piece.starts_with("http://"), "{piece}");
            assert!(piece.len() <= 2048 && !piece.contains(|c: char| c.is_whitespace() || c.is_control()));
        }
    }
    assert_eq!(end, text.len(), "nothing is left out");
    assert!(pieces(text, false).iter().all(|(_, kind)| *kind != Kind::Link));
    let (shown, more) = cut(text, 10);
    assert!(text.starts_with(shown) && more == (shown.len() < text.len()) && shown.chars().count() <= 10);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&str, Kind)> {
        pieces(text, true)
            .into_iter()
            .map(|(range, kind)| (&text[range], kind))
            .collect()
    }

    #[test]
    fn emoji_are_told_apart_whole() {
        assert_eq!(
            kinds("hei 👨‍👩‍👧‍👦 1️⃣🇳🇴 ok"),
            [
                ("hei ", Kind::Plain),
                ("👨‍👩‍👧‍👦", Kind::Emoji),
                (" ", Kind::Plain),
                ("1️⃣🇳🇴", Kind::Emoji),
                (" ok", Kind::Plain)
            ]
        );
        assert_eq!(kinds("1 # * ©"), [("1 # * ©", Kind::Plain)]);
    }

    #[test]
    fn h24_only_the_web_becomes_a_link() {
        assert_eq!(
            kinds("see https://a.example/x_(y), ok?"),
            [
                ("see ", Kind::Plain),
                ("https://a.example/x_(y)", Kind::Link),
                (", ok?", Kind::Plain)
            ]
        );
        for text in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "xhttps://a.example",
            "https://",
            "smb://a",
        ] {
            assert_eq!(kinds(text), [(text, Kind::Plain)], "{text}");
        }
    }

    #[test]
    fn h25_a_link_with_a_key_in_it_is_not_opened_by_a_browser() {
        for text in ["aesgcm://a.example/x.jpg#00ff", "AESGCM://a.example/x#00ff"] {
            assert_eq!(kinds(text), [(text, Kind::Plain)]);
        }
    }

    #[test]
    fn h24_a_very_long_link_stays_text() {
        let text = format!("https://a.example/{}", "x".repeat(3000));
        assert_eq!(kinds(&text), [(text.as_str(), Kind::Plain)]);
    }

    #[test]
    fn h61_long_texts_are_cut_between_characters() {
        let text = "å".repeat(SHOWN + 1);
        let (shown, more) = cut(&text, SHOWN);
        assert!(more);
        assert_eq!(shown.chars().count(), SHOWN);
        assert_eq!(cut("kort", SHOWN), ("kort", false));
    }

    #[test]
    #[allow(clippy::print_stdout, reason = "shown when it fails")]
    fn the_corpus_of_links() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/links");
        let files: Vec<_> = std::fs::read_dir(corpus)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        assert!(!files.is_empty());
        for file in files {
            let bytes = std::fs::read(&file).unwrap();
            let checked = std::panic::catch_unwind(|| check(&String::from_utf8_lossy(&bytes)));
            assert!(checked.is_ok(), "fails: {}", file.display());
        }
    }
}
