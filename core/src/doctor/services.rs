//! What the answers of a server mean (XEP-0030 and the XEPs named below).

use std::collections::HashSet;

use minidom::Element;
use xmpp_parsers::ns;

use super::questions::Answer;
use super::{Fact, Notes, Says};
use crate::protocol::{form, query};
use crate::session::end::quote;

/// Features, identities, addresses: of each no more than this are read.
const MOST: usize = 500;
/// Contact addresses that are told.
const CONTACTS: usize = 6;

/// What somebody says about itself. XEP-0030.
#[derive(Debug, Default)]
pub(super) struct Info {
    identities: Vec<(String, String)>,
    features: HashSet<String>,
    /// The answer's content, for its forms.
    pub query: Option<Element>,
    /// There was an answer.
    known: bool,
}

impl Info {
    pub fn read(answer: &Answer) -> Self {
        let Some(query) = answer.result().and_then(|iq| iq.get_child("query", ns::DISCO_INFO)) else {
            return Self::default();
        };
        let attr = |child: &Element, name| child.attr(name).unwrap_or_default().to_owned();
        let children = |name: &'static str| {
            query
                .children()
                .filter(move |child| child.is(name, ns::DISCO_INFO))
                .take(MOST)
        };
        Self {
            identities: children("identity")
                .map(|identity| (attr(identity, "category"), attr(identity, "type")))
                .collect(),
            features: children("feature").map(|feature| attr(feature, "var")).collect(),
            query: Some(query.clone()),
            known: true,
        }
    }

    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    fn is(&self, category: &str, kind: &str) -> bool {
        self.identities.iter().any(|(of, is)| of == category && is == kind)
    }
}

/// What our account's server can do for it.
pub(super) fn account(account: &Info, server: &Info, notes: &Notes) {
    let either = |feature: &str| account.has(feature) || server.has(feature);
    notes.either(either(ns::CARBONS), Says::CarbonsGood, Says::CarbonsNone);
    notes.either(either("urn:xmpp:blocking"), Says::BlockingGood, Says::BlockingNone);
    notes.either(either("vcard-temp"), Says::ProfilesGood, Says::ProfilesNone);
    notes.either(either("urn:xmpp:push:0"), Says::PushGood, Says::PushNone);
    notes.either(
        either("urn:xmpp:pep-vcard-conversion:0"),
        Says::PicturesGood,
        Says::PicturesNone,
    );
    notes.either(
        either("urn:xmpp:bookmarks:1#compat"),
        Says::BookmarksGood,
        Says::BookmarksNone,
    );
    // Private things need both: a place, and a word who may read it (XEP-0223).
    let options = format!("{}#publish-options", ns::PUBSUB);
    notes.say(match account.is("pubsub", "pep") || server.is("pubsub", "pep") {
        true if either(&options) => Says::EventsGood,
        true => Says::EventsOld,
        false => Says::EventsNone,
    });
}

/// Whether the archive is there and gives what it has. XEP-0313.
pub(super) fn archive(account: &Info, answer: &Answer, notes: &Notes) {
    if account.known && !account.has(ns::MAM) {
        return notes.say(Says::ArchiveNone);
    }
    match answer {
        Answer::Result(fin) if query::fin(fin).is_some() => notes.say(Says::ArchiveGood),
        Answer::Refused(condition) => notes.tell(Says::ArchiveRefused, [("reason", words(condition))]),
        Answer::Result(_) | Answer::None => notes.tell(Says::ArchiveRefused, [("reason", words("no-answer"))]),
    }
}

/// Where people are told to turn to. XEP-0157.
pub(super) fn contact(server: &Info, notes: &Notes) {
    const FORM: &str = "http://jabber.org/network/serverinfo";
    let fields = server
        .query
        .as_ref()
        .and_then(|query| form(query, FORM))
        .unwrap_or_default();
    let addresses = fields.into_iter().filter(|(name, _)| name.ends_with("-addresses"));
    let addresses = addresses
        .flat_map(|(_, values)| values)
        .filter_map(|value| quote(&value));
    let mut told: Vec<String> = Vec::new();
    for address in addresses {
        if told.len() < CONTACTS && !told.contains(&address) {
            told.push(address);
        }
    }
    if told.is_empty() {
        notes.say(Says::ContactNone);
    } else {
        notes.tell(Says::ContactGood, [("all", Fact::Text(told.join(", ")))]);
    }
}

/// The program that runs there, as it says. XEP-0092.
pub(super) fn software(answer: &Element) -> Option<String> {
    let version = answer.get_child("query", ns::VERSION)?;
    let text = |name| version.get_child(name, ns::VERSION).map(Element::text);
    let all = [text("name"), text("version")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    quote(&all.join(" ")).map(|words| words.chars().take(60).collect())
}

/// Addresses of services.
pub(super) fn items(answer: Option<&Element>, most: usize) -> Vec<String> {
    let items = answer.and_then(|iq| iq.get_child("query", ns::DISCO_ITEMS));
    let items = items.into_iter().flat_map(Element::children);
    let addresses = items.filter_map(|item| item.attr("jid").map(ToOwned::to_owned));
    let mut different: Vec<String> = addresses.take(MOST).collect();
    different.sort();
    different.dedup();
    different.truncate(most);
    different
}

/// Whether group chats have a home. XEP-0045.
pub(super) fn groups(infos: &[(String, Info)], notes: &Notes) {
    let service = infos
        .iter()
        .find(|(_, info)| info.is("conference", "text") && info.has(ns::MUC));
    match service.and_then(|(address, _)| quote(address)) {
        Some(address) => notes.tell(Says::GroupsGood, [("host", Fact::Text(address))]),
        None => notes.say(Says::GroupsNone),
    }
}

/// A condition of the protocol as words.
pub(super) fn words(condition: &str) -> Fact {
    Fact::Text(quote(&condition.replace('-', " ")).unwrap_or_default())
}
