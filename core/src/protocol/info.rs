//! What we answer to questions about our program: what it can do (XEP-0030, XEP-0115), which it is (XEP-0092), what time
//! it is here (XEP-0202), and whether it is there (XEP-0199).

use std::collections::BTreeSet;

use minidom::Element;
use xmpp_parsers::caps::{self, Caps};
use xmpp_parsers::disco::{DiscoInfoResult, Identity};
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::ns;

use super::leaf;

const NODE: &str = "https://grend.chat";

const FEATURES: &[&str] = &[
    ns::CAPS,
    ns::CHATSTATES,
    ns::DISCO_INFO,
    ns::DISPLAYED_MARKERS,
    ns::PING,
    ns::RECEIPTS,
    ns::SID,
    ns::TIME,
    ns::VERSION,
];

fn disco(node: Option<String>) -> DiscoInfoResult {
    DiscoInfoResult {
        node,
        identities: vec![Identity::new("client", "pc", "", "Grend")],
        features: FEATURES
            .iter()
            .chain(&super::omemo::NOTIFY)
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>(),
        extensions: Vec::new(),
    }
}

/// Our capabilities in short, for presence.
pub(crate) fn caps() -> Element {
    let data = caps::compute_disco(&disco(None));
    caps::hash_caps(&data, Algo::Sha_1)
        .map_or_else(|_| Element::bare("c", ns::CAPS), |hash| Caps::new(NODE, hash).into())
}

/// Our answer to a question: its content. `None`: we do not answer such questions.
pub(crate) fn answer(question: &Element) -> Option<Vec<Element>> {
    if question.is("query", ns::DISCO_INFO) {
        let node = question.attr("node");
        // It goes back with the answer; our own are short.
        if node.is_some_and(|node| !node.starts_with(NODE) || node.len() > 100) {
            return None;
        }
        return Some(vec![disco(node.map(ToOwned::to_owned)).into()]);
    }
    if question.is("query", ns::DISCO_ITEMS) && question.attr("node").is_none() {
        return Some(vec![Element::bare("query", ns::DISCO_ITEMS)]);
    }
    if question.is("query", ns::VERSION) {
        let parts = [("name", "Grend"), ("version", env!("CARGO_PKG_VERSION"))];
        let parts = parts.map(|(name, text)| leaf(name, ns::VERSION, text));
        return Some(vec![super::with(Element::bare("query", ns::VERSION), parts)]);
    }
    if question.is("time", ns::TIME) {
        // UTC: where on earth somebody is, is nobody's business.
        let parts = [leaf("tzo", ns::TIME, "+00:00"), leaf("utc", ns::TIME, &utc())];
        return Some(vec![super::with(Element::bare("time", ns::TIME), parts)]);
    }
    question.is("ping", ns::PING).then(Vec::new)
}

fn utc() -> String {
    chrono::DateTime::from_timestamp_millis(crate::clock::now())
        .unwrap_or_default()
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}
