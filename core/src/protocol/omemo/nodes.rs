//! Lists of devices and bundles in personal nodes: XEP-0163, XEP-0060 with publish-options, for both versions of XEP-0384.
//!
//! Read by hand, not by derived types: one device with an absurd number must not cost the others of its list.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use grend_omemo::{Bundle, DeviceList, Version};
use minidom::Element;
use xmpp_parsers::ns;

use crate::protocol::{element, leaf, with};

/// More keys than a bundle has are not looked at.
const MOST_KEYS: usize = 500;

/// A node, and the item of it that we mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub version: Version,
    /// The bundle of this device; `None`: the list of devices.
    pub bundle: Option<u32>,
}

impl Node {
    pub fn devices(version: Version) -> Self {
        Self { version, bundle: None }
    }

    pub fn bundle(version: Version, device: u32) -> Self {
        Self {
            version,
            bundle: Some(device),
        }
    }

    /// The list whose node this is, if it is one.
    pub fn of_list(name: &str) -> Option<Version> {
        Version::ALL
            .into_iter()
            .find(|version| Self::devices(*version).name() == name)
    }

    fn name(&self) -> String {
        match (self.version, self.bundle) {
            (Version::Legacy, None) => ns::LEGACY_OMEMO_DEVICELIST.to_owned(),
            (Version::Legacy, Some(device)) => format!("{}:{device}", ns::LEGACY_OMEMO_BUNDLES),
            (Version::Two, None) => format!("{}:devices", Version::Two.namespace()),
            (Version::Two, Some(_)) => format!("{}:bundles", Version::Two.namespace()),
        }
    }

    /// In `omemo:2` all bundles of an address are in one node.
    fn item(&self) -> String {
        match (self.version, self.bundle) {
            (Version::Two, Some(device)) => device.to_string(),
            _ => "current".to_owned(),
        }
    }

    /// Asks for what is published.
    pub fn fetch(&self) -> Element {
        let mut items = element("items", ns::PUBSUB, &[("node", &self.name())]);
        if self.version == Version::Two && self.bundle.is_some() {
            items.append_child(element("item", ns::PUBSUB, &[("id", &self.item())]));
        }
        with(Element::bare("pubsub", ns::PUBSUB), [items])
    }

    /// Publishes, and wants the node to be one that everybody may read.
    pub fn publish(&self, payload: Element) -> Element {
        let item = with(element("item", ns::PUBSUB, &[("id", &self.item())]), [payload]);
        let publish = with(element("publish", ns::PUBSUB, &[("node", &self.name())]), [item]);
        let options = Element::bare("publish-options", ns::PUBSUB);
        let options = with(
            options,
            [self.form("http://jabber.org/protocol/pubsub#publish-options")],
        );
        with(Element::bare("pubsub", ns::PUBSUB), [publish, options])
    }

    /// Makes the node such a one, where another client made it otherwise.
    pub fn configure(&self) -> Element {
        let configure = element("configure", ns::PUBSUB_OWNER, &[("node", &self.name())]);
        let configure = with(configure, [self.form(ns::PUBSUB_CONFIGURE)]);
        with(Element::bare("pubsub", ns::PUBSUB_OWNER), [configure])
    }

    /// Takes away what is published: a node of its own, or an item of one.
    pub fn delete(&self) -> Element {
        if self.version == Version::Legacy {
            let delete = element("delete", ns::PUBSUB_OWNER, &[("node", &self.name())]);
            return with(Element::bare("pubsub", ns::PUBSUB_OWNER), [delete]);
        }
        let item = element("item", ns::PUBSUB, &[("id", &self.item())]);
        let retract = element("retract", ns::PUBSUB, &[("node", &self.name())]);
        with(Element::bare("pubsub", ns::PUBSUB), [with(retract, [item])])
    }

    fn form(&self, kind: &str) -> Element {
        let mut form = element("x", ns::DATA_FORMS, &[("type", "submit")]);
        let mut fields = vec![
            ("FORM_TYPE", kind),
            ("pubsub#access_model", "open"),
            ("pubsub#persist_items", "true"),
        ];
        if self.version == Version::Two && self.bundle.is_some() {
            fields.push(("pubsub#max_items", "max"));
        }
        for (name, text) in fields {
            let mut field = element("field", ns::DATA_FORMS, &[("var", name)]);
            if name == "FORM_TYPE" {
                field = element("field", ns::DATA_FORMS, &[("var", name), ("type", "hidden")]);
            }
            form.append_child(with(field, [leaf("value", ns::DATA_FORMS, text)]));
        }
        form
    }

    /// What we mean of an answer or an event: the payload of the last item, whatever its id.
    pub fn payload<'a>(&self, items: &'a Element) -> Option<&'a Element> {
        if items.attr("node") != Some(&self.name()) {
            return None;
        }
        let named = |item: &&Element| {
            self.version == Version::Legacy || self.bundle.is_none() || item.attr("id") == Some(&self.item())
        };
        let last = items
            .children()
            .filter(|item| item.name() == "item")
            .filter(named)
            .last()?;
        last.children().find(|child| child.ns() == self.version.namespace())
    }
}

pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Some break their base64 into lines.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let dense: String = text.split_whitespace().collect();
    BASE64_STANDARD.decode(dense).ok()
}

pub(super) fn read_list(list: Option<&Element>) -> DeviceList {
    let devices = list
        .into_iter()
        .flat_map(Element::children)
        .filter(|child| child.name() == "device");
    DeviceList::read(devices.filter_map(|device| device.attr("id")?.parse().ok()))
}

/// A list as it was published, with one more device and without others: what the rest said of themselves in it stays.
pub(super) fn with_device(version: Version, list: Option<&Element>, device: u32, gone: &[u32]) -> Element {
    let name = if version == Version::Legacy { "list" } else { "devices" };
    let ns = version.namespace();
    let known = read_list(list);
    let keep = |child: &&Element| {
        let id = child.attr("id").and_then(|id| id.parse().ok());
        id.is_some_and(|id| known.ids().contains(&id) && id != device && !gone.contains(&id))
    };
    let mut seen = Vec::new();
    let others: Vec<Element> = list
        .into_iter()
        .flat_map(Element::children)
        .filter(keep)
        .filter(|child| {
            let new = !seen.contains(&child.attr("id"));
            seen.push(child.attr("id"));
            new
        })
        .cloned()
        .collect();
    let ours = element("device", ns, &[("id", &device.to_string())]);
    with(Element::bare(name, ns), others.into_iter().chain([ours]))
}

/// The names of the parts of a bundle: signed pre-key and its id, signature, identity, a pre-key and its id.
fn names(version: Version) -> [&'static str; 6] {
    match version {
        Version::Legacy => [
            "signedPreKeyPublic",
            "signedPreKeyId",
            "signedPreKeySignature",
            "identityKey",
            "preKeyPublic",
            "preKeyId",
        ],
        Version::Two => ["spk", "id", "spks", "ik", "pk", "id"],
    }
}

pub(super) fn read_bundle(version: Version, bundle: &Element) -> Option<Bundle> {
    let ns = version.namespace();
    let [signed, signed_id, signature, identity, key, key_id] = names(version);
    let bytes = |name| decode(&bundle.get_child(name, ns)?.text());
    let keys = bundle
        .get_child("prekeys", ns)?
        .children()
        .filter(|child| child.is(key, ns));
    let read = |key: &Element| Some((key.attr(key_id)?.parse().ok()?, decode(&key.text())?));
    Some(Bundle {
        version,
        identity: bytes(identity)?,
        signed_pre_key_id: bundle.get_child(signed, ns)?.attr(signed_id)?.parse().ok()?,
        signed_pre_key: bytes(signed)?,
        signature: bytes(signature)?,
        pre_keys: keys.take(MOST_KEYS).filter_map(read).collect(),
    })
}

pub(super) fn write_bundle(bundle: &Bundle) -> Element {
    let ns = bundle.version.namespace();
    let [signed, signed_id, signature, identity, key, key_id] = names(bundle.version);
    let mut spk = element(signed, ns, &[(signed_id, &bundle.signed_pre_key_id.to_string())]);
    spk.append_text_node(encode(&bundle.signed_pre_key));
    let keys = bundle.pre_keys.iter().map(|(id, bytes)| {
        let mut element = element(key, ns, &[(key_id, &id.to_string())]);
        element.append_text_node(encode(bytes));
        element
    });
    let parts = [
        spk,
        leaf(signature, ns, &encode(&bundle.signature)),
        leaf(identity, ns, &encode(&bundle.identity)),
        with(Element::bare("prekeys", ns), keys),
    ];
    with(Element::bare("bundle", ns), parts)
}

#[cfg(test)]
mod tests {
    use grend_omemo::{Device, Memory};

    use super::*;

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let memory = Memory::new(Device::new("anna@a.example", 7));
        for version in Version::ALL {
            let bundle = memory.bundle(version).unwrap();
            let written: Element = String::from(&write_bundle(&bundle)).parse().unwrap();
            assert_eq!(read_bundle(version, &written), Some(bundle));
        }
    }

    #[test]
    fn h43_absurd_numbers_cost_the_others_nothing() {
        let list: Element =
            "<list xmlns='eu.siacs.conversations.axolotl'><device id='5'/><device id='99999999999999999999'/>\
             <device id='x'/><device/><device id='0'/><device id='5'/><device id='6'/></list>"
                .parse()
                .unwrap();
        assert_eq!(read_list(Some(&list)).ids(), [5, 6]);
        let ours = with_device(Version::Legacy, Some(&list), 7, &[]);
        assert_eq!(read_list(Some(&ours)).ids(), [5, 6, 7]);
        assert_eq!(ours.children().count(), 3);
    }

    #[test]
    fn labels_of_others_stay_on_the_list() {
        let list: Element = "<devices xmlns='urn:xmpp:omemo:2'><device id='5' label='Phone' labelsig='x'/></devices>"
            .parse()
            .unwrap();
        let ours = with_device(Version::Two, Some(&list), 7, &[]);
        assert_eq!(
            ours.children().next().and_then(|device| device.attr("label")),
            Some("Phone")
        );
    }

    #[test]
    fn h44_a_bundle_without_a_part_is_none() {
        let memory = Memory::new(Device::new("anna@a.example", 7));
        for version in Version::ALL {
            let whole = write_bundle(&memory.bundle(version).unwrap());
            for missing in 0..4 {
                let parts = whole.children().enumerate().filter(|(at, _)| *at != missing);
                let rest = with(
                    Element::bare("bundle", version.namespace()),
                    parts.map(|(_, part)| part.clone()),
                );
                assert_eq!(read_bundle(version, &rest), None);
            }
        }
    }

    #[test]
    fn lines_in_base64_are_no_trouble() {
        assert_eq!(decode(" aGVp\n\t "), Some(b"hei".to_vec()));
        assert_eq!(decode("hei!"), None);
    }
}
