//! Cuts what a client writes into stanzas. Only what our own client writes: no comments, no CDATA, prefixes only where
//! the stream's header declares them.

use minidom::Element;

/// One thing that a client said.
pub(super) enum Word {
    Header,
    Element(Element),
    Footer,
}

/// Bytes that have come and are not understood yet.
#[derive(Default)]
pub(super) struct Words {
    text: Vec<u8>,
}

impl Words {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
    }

    /// The next whole word, if it is here.
    pub(super) fn next(&mut self) -> Option<Word> {
        loop {
            let begin = self.text.iter().position(|byte| *byte == b'<')?;
            self.text.drain(..begin);
            let head = tag_end(&self.text, 0)?;
            if self.text.starts_with(b"<?") {
                self.text.drain(..head);
            } else if self.text.starts_with(b"<stream:stream") {
                self.text.drain(..head);
                return Some(Word::Header);
            } else if self.text.starts_with(b"</") {
                self.text.drain(..head);
                return Some(Word::Footer);
            } else {
                let end = element_end(&self.text)?;
                let text: Vec<u8> = self.text.drain(..end).collect();
                return Some(Word::Element(parse(&String::from_utf8_lossy(&text))));
            }
        }
    }
}

/// Behind the `>` of the tag that begins at `from`. Values may hold a `>`.
fn tag_end(text: &[u8], from: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

fn element_end(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        at += text[at..].iter().position(|byte| *byte == b'<')?;
        let end = tag_end(text, at)?;
        match (text.get(at + 1), text.get(end - 2)) {
            (Some(b'/'), _) => depth -= 1,
            (_, Some(b'/')) => {}
            _ => depth += 1,
        }
        at = end;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn parse(text: &str) -> Element {
    let whole = format!("<w xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{text}</w>");
    let whole: Element = whole
        .parse()
        .unwrap_or_else(|error| panic!("a client wrote what is no XML ({error}): {text}"));
    whole.children().next().cloned().expect("there is a stanza")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_in_pieces_and_in_heaps() {
        let mut words = Words::default();
        words.add(b"<?xml version='1.0'?><stream:stream to='a>b'><iq id=\"1\"><q xmlns='x'/></iq><r xmln");
        assert!(matches!(words.next(), Some(Word::Header)));
        let Some(Word::Element(iq)) = words.next() else {
            panic!()
        };
        assert_eq!((iq.name(), iq.attr("id")), ("iq", Some("1")));
        assert!(words.next().is_none());
        words.add(b"s='y'/></stream:stream>");
        assert!(matches!(words.next(), Some(Word::Element(r)) if r.is("r", "y")));
        assert!(matches!(words.next(), Some(Word::Footer)));
    }
}
