//! What the keyboard on the screen types.
//!
//! An Android keyboard edits a text that it asks us for: it composes a word, replaces it by a better one, takes back what
//! it wrote. iced tells nobody what stands in a field (0.14), so this keeps what was typed since the cursor came to
//! where it is, and answers from that; it is forgotten when the cursor moves otherwise. What the keyboard does becomes
//! a few edits of the field.
//!
//! **Invariant**: a word that is being composed stands in the field like any other. Whatever happens to the keyboard,
//! the screen or the process's window, nothing that was seen is lost; iced's own preview of composed words would lose it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

/// What is remembered at most: a keyboard asks for a sentence, not for a novel.
const LONGEST: usize = 4000;

/// What is done to the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Backspace, so often.
    Back(usize),
    /// The cursor goes left, so often.
    Left(usize),
    /// The cursor goes right, so often.
    Right(usize),
    /// This is typed.
    Insert(String),
    /// Enter is pressed.
    Enter,
}

/// The text around the cursor, as far as we know it.
#[derive(Debug, Default)]
pub struct Typing {
    many_lines: bool,
    text: String,
    /// In bytes, as everywhere here.
    cursor: usize,
    composed: Option<Range<usize>>,
}

/// Where the cursor is and what is being composed, in UTF-16 as Java counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The cursor.
    pub cursor: usize,
    /// Beginning and end of the composed word.
    pub composed: Option<(usize, usize)>,
}

impl Typing {
    /// The cursor moved, or the keyboard went to another field.
    pub fn forget(&mut self, many_lines: bool) {
        *self = Self {
            many_lines,
            ..Self::default()
        };
    }

    /// What stands before the cursor, at most so many units of UTF-16.
    pub fn before(&self, most: usize) -> String {
        let (before, _) = self.text.split_at(self.cursor);
        let units: Vec<u16> = before.encode_utf16().collect();
        let from = units.len().saturating_sub(most);
        String::from_utf16_lossy(units.get(from..).unwrap_or_default())
    }

    /// What stands after it.
    pub fn after(&self, most: usize) -> String {
        let (_, after) = self.text.split_at(self.cursor);
        let units: Vec<u16> = after.encode_utf16().take(most).collect();
        String::from_utf16_lossy(&units)
    }

    /// Where things are now.
    pub fn place(&self) -> Place {
        Place {
            cursor: self.units(self.cursor),
            composed: self
                .composed
                .as_ref()
                .map(|range| (self.units(range.start), self.units(range.end))),
        }
    }

    /// Types a text, in place of the composed word.
    pub fn commit(&mut self, text: &str) -> Vec<Edit> {
        let range = self.composed.take().unwrap_or(self.cursor..self.cursor);
        if self.many_lines {
            let edits = self.replace(range, text);
            self.shorten();
            return edits;
        }
        // A line break in a field of one line is the wish to go on.
        let mut edits = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                edits.push(Edit::Enter);
                self.forget(false);
            }
            let range = if index == 0 { range.clone() } else { 0..0 };
            edits.extend(self.replace(range, line));
        }
        edits
    }

    /// Shows a word as it is being composed, in place of the one before.
    pub fn compose(&mut self, text: &str) -> Vec<Edit> {
        let text = if self.many_lines {
            text.to_owned()
        } else {
            text.replace('\n', " ")
        };
        let range = self.composed.take().unwrap_or(self.cursor..self.cursor);
        let start = range.start;
        let edits = self.replace(range, &text);
        self.composed = (!text.is_empty()).then_some(start..start + text.len());
        edits
    }

    /// What stands there becomes the composed word again.
    pub fn recompose(&mut self, start: usize, end: usize) {
        let (start, end) = (self.bytes(start.min(end)), self.bytes(start.max(end)));
        let range = self.whole(start..end);
        self.composed = (start < end).then_some(range);
    }

    /// The composed word is done.
    pub fn finish(&mut self) {
        self.composed = None;
    }

    /// Takes away what stands around the cursor, in units of UTF-16.
    pub fn delete(&mut self, before: usize, after: usize) -> Vec<Edit> {
        let cursor = self.units(self.cursor);
        let start = self.bytes(cursor.saturating_sub(before));
        let end = self.bytes(cursor + after);
        // What stood there before we looked: one press of the key, for nobody knows how much two units are.
        let unknown = before > cursor;
        self.composed = None;
        let mut edits = self.replace(start..end, "");
        if unknown {
            edits.push(Edit::Back(1));
        }
        edits
    }

    /// The cursor goes to a place in what is known.
    pub fn go(&mut self, to: usize) -> Vec<Edit> {
        let to = self.edge(self.bytes(to));
        self.walk(to)
    }

    fn walk(&mut self, to: usize) -> Vec<Edit> {
        let (low, high) = (to.min(self.cursor), to.max(self.cursor));
        let steps = self.text.get(low..high).map_or(0, |way| way.graphemes(true).count());
        let left = to < self.cursor;
        self.cursor = to;
        match steps {
            0 => Vec::new(),
            _ if left => vec![Edit::Left(steps)],
            _ => vec![Edit::Right(steps)],
        }
    }

    /// Puts a text in the place of another: the cursor is behind it then. What both begin with is left alone.
    fn replace(&mut self, range: Range<usize>, new: &str) -> Vec<Edit> {
        let range = self.whole(range);
        let mut edits = self.walk(range.end);
        let mut text = self.text.clone();
        text.replace_range(range.clone(), new);
        let same = common(&self.text, &text, range.end.min(range.start + new.len()));
        let gone = self.text.get(same..range.end).unwrap_or_default();
        let back = self.presses(gone);
        if back > 0 {
            edits.push(Edit::Back(back));
        }
        let added = text.get(same..range.start + new.len()).unwrap_or_default();
        if !added.is_empty() {
            edits.push(Edit::Insert(added.to_owned()));
        }
        self.cursor = range.start + new.len();
        self.text = text;
        edits
    }

    /// How often Backspace is pressed to take this away: iced's field of one line takes whole signs, its editor takes
    /// code points (0.14).
    fn presses(&self, text: &str) -> usize {
        if self.many_lines {
            text.chars().count()
        } else {
            text.graphemes(true).count()
        }
    }

    /// Forgets the beginning of what is long.
    fn shorten(&mut self) {
        if self.text.len() <= LONGEST {
            return;
        }
        let mut cut = self.cursor.min(self.text.len() - LONGEST / 2);
        while !self.text.is_char_boundary(cut) {
            cut -= 1;
        }
        self.text.drain(..cut);
        self.cursor -= cut;
    }

    /// The range, widened to whole signs: cursors of fields do not stand within one.
    fn whole(&self, range: Range<usize>) -> Range<usize> {
        let start = self.edge(range.start);
        let end = self
            .text
            .grapheme_indices(true)
            .map(|(index, _)| index)
            .find(|index| *index >= range.end)
            .unwrap_or(self.text.len());
        start..end.max(start)
    }

    /// The beginning of the sign at a place.
    fn edge(&self, at: usize) -> usize {
        if at >= self.text.len() {
            return self.text.len();
        }
        let signs = self.text.grapheme_indices(true).map(|(index, _)| index);
        signs.take_while(|index| *index <= at).last().unwrap_or(0)
    }

    fn units(&self, bytes: usize) -> usize {
        self.text.get(..bytes).map_or(0, |text| text.encode_utf16().count())
    }

    fn bytes(&self, units: usize) -> usize {
        let mut seen = 0;
        for (index, char) in self.text.char_indices() {
            seen += char.len_utf16();
            if seen > units {
                return index;
            }
        }
        self.text.len()
    }
}

/// How much both texts have in common at their beginning, in whole signs of either and not beyond `end`.
fn common(old: &str, new: &str, end: usize) -> usize {
    let mut same = 0;
    for ((index, a), (_, b)) in old.grapheme_indices(true).zip(new.grapheme_indices(true)) {
        if a != b || index + a.len() > end {
            break;
        }
        same = index + a.len();
    }
    same
}

#[cfg(test)]
mod tests {
    use super::Edit::{Back, Enter, Insert, Left, Right};
    use super::*;

    fn editor() -> Typing {
        let mut typing = Typing::default();
        typing.forget(true);
        typing
    }

    fn insert(text: &str) -> Edit {
        Insert(text.to_owned())
    }

    #[test]
    fn a_composed_word_grows_in_the_field() {
        let mut typing = editor();
        assert_eq!(typing.compose("h"), [insert("h")]);
        assert_eq!(typing.compose("he"), [insert("e")]);
        assert_eq!(typing.compose("hei"), [insert("i")]);
        assert_eq!(
            typing.place(),
            Place {
                cursor: 3,
                composed: Some((0, 3))
            }
        );
        // A suggestion is taken.
        assert_eq!(typing.commit("heisann"), [insert("sann")]);
        assert_eq!(typing.commit(" "), [insert(" ")]);
        assert_eq!(typing.before(100), "heisann ");
        assert_eq!(
            typing.place(),
            Place {
                cursor: 8,
                composed: None
            }
        );
    }

    #[test]
    fn another_word_takes_back_only_what_differs() {
        let mut typing = editor();
        typing.compose("bolel");
        assert_eq!(typing.commit("boller"), [Back(2), insert("ler")]);
    }

    #[test]
    fn a_word_that_is_done_can_be_composed_again() {
        let mut typing = editor();
        typing.commit("god mrgen");
        typing.recompose(4, 9);
        assert_eq!(typing.compose("morgen"), [Back(4), insert("orgen")]);
        assert_eq!(typing.before(100), "god morgen");
        typing.finish();
        assert_eq!(typing.commit("!"), [insert("!")]);
    }

    #[test]
    fn an_emoji_goes_as_it_came() {
        let mut typing = editor();
        typing.commit("ja 👩‍👩‍👧🤷🏿‍♀️");
        // The keyboard counts units, the editor code points.
        assert_eq!(typing.delete("🤷🏿‍♀️".encode_utf16().count(), 0), [Back(5)]);
        assert_eq!(typing.delete("👩‍👩‍👧".encode_utf16().count(), 0), [Back(5)]);
        assert_eq!(typing.before(100), "ja ");
        let mut typing = Typing::default();
        typing.commit("ja 👩‍👩‍👧");
        assert_eq!(typing.delete(8, 0), [Back(1)], "a field of one line takes whole signs");
    }

    #[test]
    fn japanese_is_composed_and_converted_in_place() {
        let mut typing = editor();
        assert_eq!(typing.compose("k"), [insert("k")]);
        assert_eq!(typing.compose("か"), [Back(1), insert("か")]);
        assert_eq!(typing.compose("かn"), [insert("n")]);
        assert_eq!(typing.compose("かん"), [Back(1), insert("ん")]);
        assert_eq!(typing.compose("漢"), [Back(2), insert("漢")]);
        assert_eq!(typing.commit("漢"), []);
        assert_eq!(typing.before(9), "漢");
    }

    #[test]
    fn what_stood_there_before_goes_one_by_one() {
        let mut typing = editor();
        assert_eq!(typing.delete(2, 0), [Back(1)]);
        typing.commit("a");
        assert_eq!(typing.delete(5, 0), [Back(1), Back(1)]);
    }

    #[test]
    fn the_cursor_walks_through_what_is_known() {
        let mut typing = editor();
        typing.commit("å👩‍👩‍👧b");
        assert_eq!(typing.go(0), [Left(3)]);
        assert_eq!(typing.after(1), "å");
        assert_eq!(typing.go(9), [Right(2)]);
        assert_eq!(typing.delete(0, 1), [Right(1), Back(1)]);
        assert_eq!(typing.before(100), "å👩‍👩‍👧");
    }

    #[test]
    fn an_accent_that_joins_a_letter_takes_it_along() {
        let mut typing = editor();
        typing.commit("e");
        assert_eq!(typing.commit("\u{301}"), [Back(1), insert("e\u{301}")]);
    }

    #[test]
    fn enter_breaks_a_line_or_goes_on() {
        assert_eq!(editor().commit("\n"), [insert("\n")]);
        let mut typing = Typing::default();
        assert_eq!(typing.commit("a\n"), [insert("a"), Enter]);
        assert_eq!(typing.before(9), "");
    }

    #[test]
    fn a_novel_is_forgotten_from_its_beginning() {
        let mut typing = editor();
        for _ in 0..500 {
            typing.commit("fjorten tegn å ");
        }
        assert!(typing.text.len() <= LONGEST);
        assert!(typing.before(10).ends_with("tegn å "));
    }

    /// Whatever a keyboard says: the field and what we remember of it stay the same.
    #[test]
    fn nonsense_harms_nothing() {
        let words = ["", "a", "é", "e\u{301}", "👩‍👩‍👧", "漢", "x y", "\n", "\u{200d}", "🇳🇴"];
        for many_lines in [true, false] {
            let mut seed: u64 = 7;
            let mut random = |below: usize| {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) as usize % below
            };
            let mut typing = Typing::default();
            typing.forget(many_lines);
            for _ in 0..20_000 {
                let word = words.get(random(words.len())).unwrap();
                match random(7) {
                    0 => drop(typing.commit(word)),
                    1 => drop(typing.compose(word)),
                    2 => typing.recompose(random(12), random(12)),
                    3 => typing.finish(),
                    4 => drop(typing.delete(random(5), random(3))),
                    5 => drop(typing.go(random(12))),
                    _ => assert!(typing.place().cursor <= typing.text.encode_utf16().count()),
                }
                assert!(typing.text.is_char_boundary(typing.cursor));
            }
        }
    }
}
