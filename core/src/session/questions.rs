//! Questions to our own server and their answers. RFC 6120, section 8.2.3.
//!
//! **Invariant**: an answer is believed only under an id that nobody can guess and only from whom we asked.

use std::collections::HashMap;
use std::time::Duration;

use minidom::Element;
use tokio::time::Instant;
use xmpp_parsers::ns;

use crate::incoming::{Context, bare};
use crate::protocol::{element, with};
use crate::random;
use crate::store::outbox::JobId;

/// How long a server may think, even a busy Raspberry Pi about its archive.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a question was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// What our account's server can do for us.
    Features,
    Carbons,
    Roster,
    /// A page of the archive.
    Page,
    /// Whether these jobs arrived, on a stream without stream management.
    Arrival(Vec<JobId>),
}

/// Questions that wait for an answer.
#[derive(Debug, Default)]
pub(super) struct Questions(HashMap<String, (About, Instant)>);

impl Questions {
    /// Builds a question and remembers it. `to`: nobody named means our own account.
    pub fn ask(&mut self, about: About, kind: &str, to: Option<&str>, payload: Element) -> Element {
        let id = random::token();
        let mut attributes = vec![("type", kind), ("id", id.as_str())];
        attributes.extend(to.map(|to| ("to", to)));
        let iq = with(element("iq", ns::DEFAULT_NS, &attributes), [payload]);
        self.0.insert(id, (about, Instant::now() + PATIENCE));
        iq
    }

    /// What this is the answer to; `None` if it answers nothing that we asked.
    pub fn answered(&mut self, context: &Context, answer: &Element) -> Option<About> {
        let from = answer.attr("from");
        let ours = from.is_none_or(|from| {
            bare(from).is_some_and(|from| from == context.me || from.as_str() == context.me.domain().as_str())
        });
        if !ours {
            return None;
        }
        self.0.remove(answer.attr("id")?).map(|(about, _)| about)
    }

    /// The jobs whose arrival is asked for.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> {
        let jobs = self.0.values().filter_map(|(about, _)| match about {
            About::Arrival(jobs) => Some(jobs),
            _ => None,
        });
        jobs.flatten().copied()
    }

    /// When the first of them has waited too long.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.values().map(|(_, deadline)| *deadline).min()
    }

    pub fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, BareJid};

    fn answer(id: &str, from: Option<&str>) -> Element {
        let mut attributes = vec![("type", "result"), ("id", id)];
        attributes.extend(from.map(|from| ("from", from)));
        element("iq", ns::DEFAULT_NS, &attributes)
    }

    #[test]
    fn h06_an_answer_from_somebody_else_is_not_believed() {
        let context = Context {
            account: AccountId(1),
            me: BareJid::new("alice@a.example").unwrap(),
            now: 0,
            trusts_ids: true,
        };
        let mut questions = Questions::default();
        let asked = questions.ask(About::Roster, "get", None, Element::bare("query", ns::ROSTER));
        let id = asked.attr("id").unwrap();
        for liar in ["mallory@evil.example/x", "alice@evil.example", "b.example"] {
            assert_eq!(questions.answered(&context, &answer(id, Some(liar))), None);
        }
        assert_eq!(questions.answered(&context, &answer("guess", None)), None);
        assert_eq!(
            questions.answered(&context, &answer(id, Some("alice@a.example/pc"))),
            Some(About::Roster)
        );
        assert_eq!(questions.answered(&context, &answer(id, None)), None, "answered once");
    }
}
