//! The `<encrypted/>` element of XEP-0384 in both versions, what stands beside it (XEP-0380, XEP-0334), and back.

use std::collections::BTreeMap;

use grend_omemo::{Encrypted, EncryptedKey, Version};
use minidom::Element;
use xmpp_parsers::eme::ExplicitMessageEncryption;
use xmpp_parsers::ns;

use super::nodes::{decode, encode};
use crate::model::BareJid;
use crate::protocol::{element, leaf, with};

/// More keys than this in one message are not looked at.
const MOST_KEYS: usize = 2_000;

pub(super) fn write(message: &Encrypted) -> Element {
    let ns = message.version.namespace();
    let header = element("header", ns, &[("sid", &message.sender.to_string())]);
    let mut header = match message.version {
        Version::Legacy => with(header, message.keys.iter().map(|it| key("prekey", ns, it))),
        Version::Two => {
            let mut of: BTreeMap<&str, Vec<Element>> = BTreeMap::new();
            for it in &message.keys {
                of.entry(&it.address).or_default().push(key("kex", ns, it));
            }
            let groups = of
                .into_iter()
                .map(|(jid, keys)| with(element("keys", ns, &[("jid", jid)]), keys));
            with(header, groups)
        }
    };
    if message.version == Version::Legacy {
        header.append_child(leaf("iv", ns, &encode(&message.iv)));
    }
    let payload = message
        .payload
        .as_ref()
        .map(|payload| leaf("payload", ns, &encode(payload)));
    with(Element::bare("encrypted", ns), [header].into_iter().chain(payload))
}

fn key(begins: &str, ns: &str, key: &EncryptedKey) -> Element {
    let rid = key.device.to_string();
    let attributes: &[(&str, &str)] = if key.begins {
        &[("rid", &rid), (begins, "true")]
    } else {
        &[("rid", &rid)]
    };
    let mut written = element("key", ns, attributes);
    written.append_text_node(encode(&key.data));
    written
}

/// `None` if it is no such element, or one without sender. Keys that are no keys are passed over.
pub(super) fn read(encrypted: &Element, version: Version) -> Option<Encrypted> {
    let ns = version.namespace();
    let header = encrypted.get_child("header", ns)?;
    let sender = header.attr("sid")?.parse().ok()?;
    let keys: Vec<EncryptedKey> = match version {
        Version::Legacy => read_keys(header, "prekey", ns, "").take(MOST_KEYS).collect(),
        Version::Two => {
            let groups = header.children().filter(|child| child.is("keys", ns));
            let of = |group: &Element| {
                let jid = BareJid::new(group.attr("jid")?).ok()?;
                Some(read_keys(group, "kex", ns, jid.as_str()).collect::<Vec<_>>())
            };
            groups.filter_map(of).flatten().take(MOST_KEYS).collect()
        }
    };
    let iv = header.get_child("iv", ns).and_then(|iv| decode(&iv.text()));
    let payload = match encrypted.get_child("payload", ns) {
        Some(payload) => Some(decode(&payload.text())?),
        None => None,
    };
    Some(Encrypted {
        version,
        sender,
        keys,
        iv: iv.unwrap_or_default(),
        payload,
    })
}

fn read_keys<'a>(from: &'a Element, begins: &'a str, ns: &'a str, address: &str) -> impl Iterator<Item = EncryptedKey> {
    let address = address.to_owned();
    let keys = from.children().filter(move |child| child.is("key", ns));
    keys.filter_map(move |key| {
        Some(EncryptedKey {
            address: address.clone(),
            device: key.attr("rid")?.parse().ok()?,
            begins: matches!(key.attr(begins), Some("true" | "1")),
            data: decode(&key.text())?,
        })
    })
}

/// Says to others how it is encrypted.
pub(super) fn explains(version: Version) -> Element {
    let encryption = ExplicitMessageEncryption {
        namespace: version.namespace().to_owned(),
        name: Some("OMEMO".to_owned()),
    };
    encryption.into()
}

/// What a client that cannot read it shows.
pub(super) fn fallback() -> Element {
    leaf(
        "body",
        ns::DEFAULT_NS,
        "I sent you a message encrypted with OMEMO, but your client cannot read it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        for version in Version::ALL {
            let key = |address: &str, device, begins| EncryptedKey {
                address: if version == Version::Two {
                    address.to_owned()
                } else {
                    String::new()
                },
                device,
                begins,
                data: vec![1, 2, 3],
            };
            let message = Encrypted {
                version,
                sender: 5,
                keys: vec![key("anna@a.example", 1, false), key("ola@b.example", 2, true)],
                iv: if version == Version::Two {
                    Vec::new()
                } else {
                    vec![9; 12]
                },
                payload: Some(vec![7; 3]),
            };
            let written: Element = String::from(&write(&message)).parse().unwrap();
            assert_eq!(read(&written, version), Some(message));
        }
    }

    #[test]
    fn broken_keys_cost_the_others_nothing() {
        let message: Element =
            "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='5'><key rid='x'>AA==</key>\
             <key>AA==</key><key rid='3'>!</key><key rid='4' prekey='1'> A\nA== </key></header></encrypted>"
                .parse()
                .unwrap();
        let read = read(&message, Version::Legacy).unwrap();
        assert_eq!(read.keys.len(), 1);
        assert!(read.keys[0].begins);
        assert_eq!(read.payload, None);
    }
}
