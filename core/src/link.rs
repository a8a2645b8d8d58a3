//! Links that say which keys the devices of an address have: `xmpp:anna@a.example?omemo-sid-27=9f86...;omemo-sid-31=...`, as other
//! clients show them for verification. RFC 5122, XEP-0147.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jid::BareJid;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::model::{Device, Trust};

/// Longer is none, in bytes.
const LONGEST: usize = 20_000;
/// More devices than anybody has.
const MOST: usize = 100;
/// What stands in the address of such a link as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whose devices have which keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLink {
    /// Whose.
    pub address: BareJid,
    /// The number of each device and its fingerprint, 64 lowercase hexadecimal digits.
    pub devices: BTreeMap<u32, String>,
}

impl DeviceLink {
    /// The link to show to others: this device, and those of the same owner that the owner has verified. `None` before this device
    /// has keys.
    pub fn of(address: &BareJid, ours: &[Device]) -> Option<Self> {
        let vouched = ours
            .iter()
            .filter(|device| device.this || device.listed && device.trust == Some(Trust::Verified));
        let devices: BTreeMap<u32, String> = vouched
            .filter_map(|device| Some((device.number, device.fingerprint.clone()?)))
            .take(MOST)
            .collect();
        let has_this = ours
            .iter()
            .any(|device| device.this && devices.contains_key(&device.number));
        has_this.then(|| Self {
            address: address.clone(),
            devices,
        })
    }
}

impl fmt::Display for DeviceLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("xmpp:")?;
        if let Some(node) = self.address.node() {
            write!(f, "{}@", utf8_percent_encode(node.as_str(), PLAIN))?;
        }
        write!(f, "{}", utf8_percent_encode(self.address.domain().as_str(), PLAIN))?;
        for (index, (number, fingerprint)) in self.devices.iter().enumerate() {
            let mark = if index == 0 { '?' } else { ';' };
            write!(f, "{mark}omemo-sid-{number}={fingerprint}")?;
        }
        Ok(())
    }
}

/// The text is no link that says anything about devices, or one of which a part cannot be understood: a comparison that passes
/// over what it does not understand proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no link that says which keys devices have")]
pub struct NoLink;

impl FromStr for DeviceLink {
    type Err = NoLink;

    fn from_str(text: &str) -> Result<Self, NoLink> {
        read(text).ok_or(NoLink)
    }
}

fn read(text: &str) -> Option<DeviceLink> {
    if text.len() > LONGEST {
        return None;
    }
    // Mail programs break long lines.
    let text: String = text.split_whitespace().collect();
    let (scheme, rest) = text.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("xmpp") {
        return None;
    }
    let (address, query) = rest.split_once('?')?;
    let address = percent_decode_str(address).decode_utf8().ok()?;
    let address = BareJid::new(&address).ok().filter(|address| address.node().is_some())?;
    let query = query.split('#').next().unwrap_or_default();
    let mut devices = BTreeMap::new();
    for part in query.split([';', '&']) {
        let Some(said) = part.strip_prefix("omemo-sid-") else {
            continue;
        };
        let (number, digits) = said.split_once('=')?;
        let number = number.parse().ok().filter(|number| (1..1 << 31).contains(number))?;
        let known = devices.insert(number, fingerprint(digits)?);
        // Twice the same device means that one of the two is not meant.
        if known.is_some() || devices.len() > MOST {
            return None;
        }
    }
    (!devices.is_empty()).then_some(DeviceLink { address, devices })
}

/// Some put dashes between groups.
fn fingerprint(digits: &str) -> Option<String> {
    let digits: String = digits.chars().filter(|digit| *digit != '-').collect();
    let good = digits.len() == 64 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    good.then(|| digits.to_ascii_lowercase())
}

/// For the fuzzer: what was read is read again as it was written.
#[cfg(any(test, fuzzing))]
pub fn check(text: &str) {
    if let Some(link) = read(text) {
        assert_eq!(read(&link.to_string()).as_ref(), Some(&link));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const B: &str = "b1bd7615afd947335a8edce8b4bd45e0b8fa2938630c163df7094e1a286ecf6e";

    fn link(text: &str) -> Option<DeviceLink> {
        text.parse().ok()
    }

    #[test]
    fn what_other_clients_show_is_read() {
        let wanted = DeviceLink {
            address: BareJid::new("anna@a.example").unwrap(),
            devices: [(27, A.to_owned()), (31, B.to_owned())].into(),
        };
        for text in [
            format!("xmpp:anna@a.example?omemo-sid-27={A};omemo-sid-31={B}"),
            format!("XMPP:anna@a.example?omemo-sid-31={B}&omemo-sid-27={A}"),
            format!("  xmpp:anna@a.example?roster;name=Anna;omemo-sid-31={B};omemo-sid-27={A}#x \n"),
            format!(
                "xmpp:anna%40a.example?omemo-sid-27={};omemo-\n sid-31={B}",
                A.to_uppercase()
            ),
            format!(
                "xmpp:anna@a.example?omemo-sid-27={}-{};omemo-sid-31={B}",
                &A[..8],
                &A[8..]
            ),
        ] {
            assert_eq!(link(&text).as_ref(), Some(&wanted), "{text}");
        }
    }

    #[test]
    fn the_corpus_of_codes() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/codes");
        let files: Vec<_> = std::fs::read_dir(corpus).unwrap().flatten().collect();
        assert!(!files.is_empty());
        for file in files {
            check(&String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()));
        }
    }

    #[test]
    fn a_link_is_read_as_it_was_written() {
        for address in ["anna@a.example", "søster+bror;x@gård.example", "a%b?c#d=e@a.example"] {
            let written = DeviceLink {
                address: BareJid::new(address).unwrap(),
                devices: [(1, A.to_owned()), ((1 << 31) - 1, B.to_owned())].into(),
            };
            assert_eq!(link(&written.to_string()), Some(written), "{address}");
        }
    }

    #[test]
    fn h52_what_is_not_understood_to_the_end_is_no_link() {
        let many: Vec<String> = (1..200).map(|number| format!("omemo-sid-{number}={A}")).collect();
        let many = many.join(";");
        for text in [
            String::new(),
            "xmpp:".to_owned(),
            "xmpp:anna@a.example".to_owned(),
            "xmpp:anna@a.example?message;body=hei".to_owned(),
            format!("https://a.example/?omemo-sid-27={A}"),
            format!("xmpp:a.example?omemo-sid-27={A}"),
            format!("xmpp:%ff@a.example?omemo-sid-27={A}"),
            format!("xmpp:anna@a.example?omemo-sid-27={A};omemo-sid-31={}", &B[1..]),
            format!("xmpp:anna@a.example?omemo-sid-27={A};omemo-sid-31"),
            format!("xmpp:anna@a.example?omemo-sid-27={A};omemo-sid-27={B}"),
            format!("xmpp:anna@a.example?omemo-sid-0={A}"),
            format!("xmpp:anna@a.example?omemo-sid-2147483648={A}"),
            format!("xmpp:anna@a.example?omemo-sid-27={}é", &A[2..]),
            format!("xmpp:anna@a.example?{many}"),
            "x".repeat(10_000_000),
        ] {
            assert_eq!(link(&text), None, "{text:.100}");
        }
    }
}
