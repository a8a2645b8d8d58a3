//! Questions to a server, several at once, until a deadline (RFC 6120, section 8.2.3).
//!
//! **Invariant**: an answer is believed only under an id that nobody can guess and only from whom we asked.

use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;
use xmpp_parsers::ns;

use crate::incoming::bare;
use crate::protocol::{element, with};
use crate::random;
use crate::session::stream::{Incoming, Stream};
use crate::session::wire::Wire;

/// A question: its kind (`get` or `set`), whom (nobody named is our own account), and what.
pub(super) struct Question(pub &'static str, pub Option<String>, pub Element);

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// The whole answer.
    Result(Element),
    /// The condition of the error.
    Refused(String),
    /// None in time.
    None,
}

impl Answer {
    pub fn result(&self) -> Option<&Element> {
        match self {
            Self::Result(answer) => Some(answer),
            _ => None,
        }
    }
}

/// A stream that is bound, and whose.
pub(super) struct Asker {
    pub stream: Stream<TlsStream<Wire>>,
    pub me: BareJid,
}

impl Asker {
    /// Asks all at once and waits for all answers, or until the time is over. Answers stand in the order of the
    /// questions.
    pub async fn ask(&mut self, questions: Vec<Question>, time: Duration) -> Vec<Answer> {
        let deadline = Instant::now() + time;
        let mut answers = vec![Answer::None; questions.len()];
        let mut open = Vec::new();
        for (index, Question(kind, to, payload)) in questions.into_iter().enumerate() {
            let id = random::token();
            let mut attributes = vec![("type", kind), ("id", id.as_str())];
            attributes.extend(to.as_deref().map(|to| ("to", to)));
            let iq = with(element("iq", ns::DEFAULT_NS, &attributes), [payload]);
            if self.stream.send_element(&iq).is_ok() {
                open.push((index, id, to));
            }
        }
        while !open.is_empty() {
            let Ok(Ok(next)) = timeout_at(deadline, self.stream.next()).await else {
                break;
            };
            let Incoming::Element(iq) = next else {
                continue;
            };
            let Some(at) = open.iter().position(|(_, id, to)| self.answers(&iq, id, to.as_deref())) else {
                continue;
            };
            let (index, ..) = open.swap_remove(at);
            if let Some(answer) = answers.get_mut(index) {
                *answer = read(iq);
            }
        }
        answers
    }

    fn answers(&self, iq: &Element, id: &str, to: Option<&str>) -> bool {
        let kind = matches!(iq.attr("type"), Some("result" | "error"));
        if iq.name() != "iq" || !kind || iq.attr("id") != Some(id) {
            return false;
        }
        match (iq.attr("from"), to) {
            (None, None) => true,
            (Some(from), None) => {
                bare(from).is_some_and(|from| from == self.me || from.as_str() == self.me.domain().as_str())
            }
            (Some(from), Some(to)) => bare(from) == bare(to),
            (None, Some(to)) => to == self.me.domain().as_str(),
        }
    }
}

fn read(iq: Element) -> Answer {
    if iq.attr("type") == Some("result") {
        Answer::Result(iq)
    } else {
        Answer::Refused(crate::protocol::errors::condition(&iq).to_owned())
    }
}
