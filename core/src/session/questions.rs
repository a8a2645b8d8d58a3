//! Questions to our own server, and to others about devices, and their answers. RFC 6120, section 8.2.3.
//!
//! **Invariant**: an answer is believed only under an id that nobody can guess and only from whom we asked.

use std::collections::HashMap;
use std::time::Duration;

use minidom::Element;
use tokio::time::Instant;
use xmpp_parsers::ns;

use crate::incoming::{Context, bare};
use crate::model::BareJid;
use crate::protocol::{element, omemo, with};
use crate::random;
use crate::store::outbox::JobId;
use crate::store::pushes::Push;

/// How long a server may think, even a busy Raspberry Pi about its archive.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a message waits for somebody else's server to say who may read it.
const MOMENT: Duration = Duration::from_secs(10);

/// What a question was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// What our account's server can do for us.
    Features,
    Carbons,
    Roster,
    /// A page of the archive.
    Page,
    /// A device or its keys, at whichever server.
    Omemo(omemo::About),
    /// It is to tell a push service, or not any more.
    Push(Push),
    /// Nothing: the answer comes after what is new.
    Woken,
    /// Whether these jobs arrived, on a stream without stream management.
    Arrival(Vec<JobId>),
}

impl About {
    fn patience(&self) -> Duration {
        match self {
            Self::Omemo(_) => MOMENT,
            _ => PATIENCE,
        }
    }
}

/// Questions that wait for an answer.
#[derive(Debug, Default)]
pub(super) struct Questions(HashMap<String, Asked>);

#[derive(Debug)]
struct Asked {
    about: About,
    /// Who answers, if it is not our own account or its server.
    who: Option<BareJid>,
    deadline: Instant,
}

impl Questions {
    /// Builds a question and remembers it. `to`: nobody named means our own account.
    pub fn ask(&mut self, about: About, kind: &str, to: Option<&str>, payload: Element) -> Element {
        let id = random::token();
        let mut attributes = vec![("type", kind), ("id", id.as_str())];
        attributes.extend(to.map(|to| ("to", to)));
        let iq = with(element("iq", ns::DEFAULT_NS, &attributes), [payload]);
        let asked = Asked {
            who: to.and_then(bare),
            deadline: Instant::now() + about.patience(),
            about,
        };
        self.0.insert(id, asked);
        iq
    }

    /// What this is the answer to; `None` if it answers nothing that we asked.
    pub fn answered(&mut self, context: &Context, answer: &Element) -> Option<About> {
        let id = answer.attr("id")?;
        let other = self.0.get(id)?.who.as_ref().filter(|who| **who != context.me);
        let believed = match answer.attr("from").map(bare) {
            None => other.is_none(),
            Some(None) => false,
            Some(Some(from)) => match other {
                Some(other) => from == *other,
                None => from == context.me || from.as_str() == context.me.domain().as_str(),
            },
        };
        if !believed {
            return None;
        }
        self.0.remove(id).map(|asked| asked.about)
    }

    /// Whether an answer to this is still awaited.
    pub fn awaits(&self, about: &About) -> bool {
        self.0.values().any(|asked| asked.about == *about)
    }

    /// The jobs whose arrival is asked for.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> {
        let jobs = self.0.values().filter_map(|asked| match &asked.about {
            About::Arrival(jobs) => Some(jobs),
            _ => None,
        });
        jobs.flatten().copied()
    }

    /// The answers may have been held up on the way: each has its time anew.
    pub fn renew(&mut self) {
        let now = Instant::now();
        self.0
            .values_mut()
            .for_each(|asked| asked.deadline = now + asked.about.patience());
    }

    /// Gives up one that has waited too long. What it was about.
    pub fn unanswered(&mut self) -> Option<About> {
        let now = Instant::now();
        let id = self.0.iter().find(|(_, asked)| asked.deadline <= now)?.0.clone();
        self.0.remove(&id).map(|asked| asked.about)
    }

    /// When the first of them has waited too long.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.values().map(|asked| asked.deadline).min()
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
