//! What a message says inside its encryption: a text in 0.3 of XEP-0384, an envelope of XEP-0420 in `omemo:2`.

use grend_omemo::{Unreadable, Version};
use minidom::Element;
use xmpp_parsers::ns;

use crate::incoming::bare;
use crate::model::BareJid;
use crate::protocol::{element, leaf, with};
use crate::random;

const SCE: &str = "urn:xmpp:sce:1";
/// Levels of an envelope that are looked at; dropping a deep tree would overflow the stack.
const DEPTH: usize = 30;
/// Short messages are all as long as this, so that "yes" and "no" look the same.
const SHORT: usize = 200;

/// The content to be encrypted.
pub(super) fn seal(version: Version, from: &BareJid, to: &BareJid, body: &str) -> Vec<u8> {
    if version == Version::Legacy {
        return body.as_bytes().to_vec();
    }
    let content = with(Element::bare("content", SCE), [leaf("body", ns::DEFAULT_NS, body)]);
    let wanted = SHORT.saturating_sub(body.len()) + (random::unit() * 200.0) as usize;
    let padding: String = std::iter::repeat_with(random::token).take(wanted / 32 + 1).collect();
    let parts = [
        content,
        leaf("rpad", SCE, padding.get(..wanted).unwrap_or_default()),
        element("from", SCE, &[("jid", from.as_str())]),
        element("to", SCE, &[("jid", to.as_str())]),
    ];
    String::from(&with(Element::bare("envelope", SCE), parts)).into_bytes()
}

/// The text in a content, if it has one.
///
/// # Errors
/// The content is no envelope, or is addressed otherwise than the stanza was.
pub(super) fn open(
    version: Version,
    content: &[u8],
    from: &BareJid,
    to: &BareJid,
) -> Result<Option<String>, Unreadable> {
    let text = std::str::from_utf8(content).map_err(|_| Unreadable::Malformed)?;
    if version == Version::Legacy {
        return Ok(Some(text.to_owned()));
    }
    if depth(text) > DEPTH {
        return Err(Unreadable::Malformed);
    }
    let envelope: Element = text.parse().map_err(|_| Unreadable::Malformed)?;
    let content = envelope
        .get_child("content", SCE)
        .filter(|_| envelope.is("envelope", SCE));
    let content = content.ok_or(Unreadable::Malformed)?;
    let says = |name, who: &BareJid| {
        let mut said = envelope.children().filter(|child| child.is(name, SCE));
        said.all(|said| said.attr("jid").and_then(bare).as_ref() == Some(who))
    };
    if !says("from", from) || !says("to", to) {
        return Err(Unreadable::Tampered);
    }
    Ok(content.get_child("body", ns::DEFAULT_NS).map(Element::text))
}

/// How deep the elements of a text lie, at the most: never less than they do.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let bytes = text.as_bytes();
    for pair in bytes.windows(2) {
        match pair {
            b"</" | b"/>" => depth = depth.saturating_sub(1),
            [b'<', _] => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(address: &str) -> BareJid {
        BareJid::new(address).unwrap()
    }

    #[test]
    fn h50_an_envelope_for_somebody_else_is_not_opened() {
        let (anna, ola, eve) = (jid("anna@a.example"), jid("ola@b.example"), jid("eve@c.example"));
        for version in Version::ALL {
            let content = seal(version, &anna, &ola, "hei <du> & deg");
            let body = Ok(Some("hei <du> & deg".to_owned()));
            assert_eq!(open(version, &content, &anna, &ola), body);
            if version == Version::Two {
                assert_eq!(open(version, &content, &eve, &ola), Err(Unreadable::Tampered));
                assert_eq!(open(version, &content, &anna, &eve), Err(Unreadable::Tampered));
            }
        }
    }

    #[test]
    fn what_is_no_envelope_is_none() {
        let anna = jid("anna@a.example");
        for content in [
            "",
            "hei",
            "<body xmlns='jabber:client'>hei</body>",
            "<envelope xmlns='urn:xmpp:sce:1'/>",
        ] {
            assert_eq!(
                open(Version::Two, content.as_bytes(), &anna, &anna),
                Err(Unreadable::Malformed),
                "{content}"
            );
        }
        assert_eq!(open(Version::Legacy, b"\xff", &anna, &anna), Err(Unreadable::Malformed));
        let nothing = "<envelope xmlns='urn:xmpp:sce:1'><content><x xmlns='y'/></content></envelope>";
        assert_eq!(open(Version::Two, nothing.as_bytes(), &anna, &anna), Ok(None));
    }

    #[test]
    fn a_deep_envelope_is_not_built() {
        let anna = jid("anna@a.example");
        let deep = format!("<envelope xmlns='urn:xmpp:sce:1'>{}", "<a>".repeat(1_000_000));
        assert_eq!(
            open(Version::Two, deep.as_bytes(), &anna, &anna),
            Err(Unreadable::Malformed)
        );
        // What hides its end inside an attribute is deep all the same.
        let hidden = format!("<envelope xmlns='urn:xmpp:sce:1'>{}", "<a b='/>'>".repeat(100_000));
        assert_eq!(
            open(Version::Two, hidden.as_bytes(), &anna, &anna),
            Err(Unreadable::Malformed)
        );
    }

    #[test]
    fn short_messages_look_the_same() {
        let anna = jid("anna@a.example");
        assert!(seal(Version::Two, &anna, &anna, "ja").len() >= SHORT);
    }
}
