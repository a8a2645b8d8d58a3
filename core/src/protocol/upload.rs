//! A place on the server where a file may be put: XEP-0363.
//!
//! The server names an address and headers, and we would send them anywhere: so the address must be https, and of the
//! headers only the three that the XEP allows are taken, without the line breaks that would begin another.

use minidom::Element;

use super::element;
use crate::http::{self, Address};

/// The namespace, and the feature of the service.
pub(crate) const UPLOAD: &str = "urn:xmpp:http:upload:0";
/// An address or a header is not longer, in bytes.
const LONGEST: usize = 8 * 1024;
const HEADERS: [&str; 3] = ["authorization", "cookie", "expires"];

/// Where to put a file, and where others find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub put: Address,
    pub headers: Vec<(&'static str, String)>,
    pub get: Address,
}

/// Asks for a place: a name, a size in bytes, a media type.
pub(crate) fn request(name: &str, size: usize, media_type: &str) -> Element {
    let size = size.to_string();
    let attributes = [("filename", name), ("size", &size), ("content-type", media_type)];
    element("request", UPLOAD, &attributes)
}

/// The place in an answer. `None` if there is none that we would use.
pub(crate) fn slot(answer: &Element) -> Option<Slot> {
    let slot = answer.get_child("slot", UPLOAD)?;
    let put = slot.get_child("put", UPLOAD)?;
    let mut headers = Vec::new();
    for header in put.children().filter(|child| child.is("header", UPLOAD)) {
        let name = unbroken(header.attr("name").unwrap_or_default()).to_lowercase();
        let value = unbroken(&header.text());
        let known = HEADERS.into_iter().find(|known| *known == name);
        let fits = value.len() <= LONGEST && !value.chars().any(char::is_control);
        if let Some(name) = known.filter(|known| fits && headers.iter().all(|(name, _)| name != known)) {
            headers.push((name, value));
        }
    }
    Some(Slot {
        put: address(put)?,
        headers,
        get: address(slot.get_child("get", UPLOAD)?)?,
    })
}

/// The largest file the service takes, in bytes, from what it says about itself (XEP-0128).
pub(crate) fn largest(info: &Element) -> Option<u64> {
    super::form(info, UPLOAD)?
        .into_iter()
        .find(|(name, _)| name == "max-file-size")
        .and_then(|(_, values)| values.first()?.trim().parse().ok())
}

fn unbroken(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect()
}

fn address(of: &Element) -> Option<Address> {
    let uri: Address = of.attr("url").filter(|url| url.len() <= LONGEST)?.parse().ok()?;
    http::place(&uri)?;
    Some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(put: &str, get: &str, headers: &str) -> Element {
        format!(
            "<iq xmlns='jabber:client'><slot xmlns='{UPLOAD}'><put url='{put}'>{headers}</put><get url='{get}'/></slot></iq>"
        )
        .parse()
        .unwrap()
    }

    const GOOD: &str = "https://files.family.example/1/a.txt";

    #[test]
    fn h26_upload_slot_that_is_not_https_is_not_used() {
        assert!(slot(&answer(GOOD, GOOD, "")).is_some());
        for bad in [
            "http://files.family.example/1/a.txt",
            "file:///etc/passwd",
            "https://anna:secret@files.family.example/1",
            "//files.family.example/1",
            "https:///1",
            "",
            "https://files.family.example/1 HTTP/1.1&#13;&#10;Host: elsewhere",
        ] {
            assert_eq!(slot(&answer(bad, GOOD, "")), None, "put {bad}");
            assert_eq!(slot(&answer(GOOD, bad, "")), None, "get {bad}");
        }
        let long = format!("https://files.family.example/{}", "a".repeat(LONGEST));
        assert_eq!(address(&element("put", UPLOAD, &[("url", &long)])), None);
        assert!(address(&element("put", UPLOAD, &[("url", GOOD)])).is_some());
    }

    #[test]
    fn h26_upload_slot_headers_are_the_allowed_ones_on_one_line() {
        let headers = "<header name='Authorization'>Basic a&#13;&#10;X-Evil: 1</header>\
                       <header name='X-Evil'>1</header><header name='Host'>elsewhere</header>\
                       <header name='Coo&#10;kie'>a=b</header><header name='Expires'>\u{7f}</header>\
                       <header name='authorization'>second</header>";
        let slot = slot(&answer(GOOD, GOOD, headers)).unwrap();
        let expected = [("authorization", "Basic aX-Evil: 1"), ("cookie", "a=b")];
        assert_eq!(slot.headers, expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn the_largest_file_is_in_the_form() {
        let info: Element = format!(
            "<query xmlns='http://jabber.org/protocol/disco#info'><x xmlns='jabber:x:data' type='result'>\
             <field var='FORM_TYPE' type='hidden'><value>{UPLOAD}</value></field>\
             <field var='max-file-size'><value>1048576</value></field></x></query>"
        )
        .parse()
        .unwrap();
        assert_eq!(largest(&info), Some(1_048_576));
    }
}
