//! How a stream ends, and what that means to the account (RFC 6120, section 4.9).

use std::io;

use minidom::Element;
use thiserror::Error;
use xmpp_parsers::ns;

use crate::error::{Cause, Network, Refused};

/// Why there is nothing more to read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum End {
    /// The peer closed the stream, with a footer or without.
    #[error("closed")]
    Closed,
    /// The peer said why.
    #[error("stream error: {condition}")]
    Error {
        /// The condition's name, say `system-shutdown`.
        condition: String,
        /// What the server's admin or author wrote for people.
        text: Option<String>,
    },
    /// The connection failed.
    #[error("connection failed: {0}")]
    Io(io::ErrorKind),
    /// What came is not the XML of XMPP. Nothing of what came is quoted, so that this can be logged.
    #[error("not XMPP: {0}")]
    NotXml(&'static str),
    /// Somebody slipped bytes in before the encryption began.
    #[error("bytes before the encryption began")]
    Injected,
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Many servers close TLS without saying so.
            io::ErrorKind::UnexpectedEof => Self::Closed,
            kind => Self::Io(kind),
        }
    }
}

impl End {
    /// The end that a `<stream:error/>` announces; `None` for any other element.
    pub(super) fn announced(element: &Element) -> Option<Self> {
        if !element.is("error", ns::STREAM) {
            return None;
        }
        let mut condition = None;
        let mut text = None;
        for child in element.children().filter(|child| child.has_ns(ns::XMPP_STREAMS)) {
            if child.name() == "text" {
                text = quote(&child.text());
            } else if condition.is_none() {
                condition = Some(child.name().to_owned());
            }
        }
        Some(Self::Error {
            condition: condition.unwrap_or_else(|| "undefined-condition".to_owned()),
            text,
        })
    }
}

impl From<End> for Cause {
    fn from(end: End) -> Self {
        match end {
            End::Closed | End::Io(_) => Network::Lost.into(),
            End::NotXml(_) => Network::NotXmpp.into(),
            End::Injected => Refused::Injected.into(),
            End::Error { condition, text } => from_stream_error(&condition, text),
        }
    }
}

fn from_stream_error(condition: &str, text: Option<String>) -> Cause {
    match condition {
        "conflict" => Cause::Conflict,
        "not-authorized" => Cause::Authentication,
        "system-shutdown" | "reset" | "connection-timeout" | "internal-server-error" | "remote-connection-failed" => {
            Network::Lost.into()
        }
        // Too many connections, too little memory: it asks us to come later.
        "resource-constraint" => Network::Silent.into(),
        "host-unknown" | "host-gone" | "improper-addressing" => Refused::NotServed.into(),
        // Followed nowhere: whoever could forge this could send the family anywhere.
        "see-other-host" => Refused::Elsewhere.into(),
        other => Refused::Server(text.unwrap_or_else(|| other.replace('-', " "))).into(),
    }
}

/// Foreign words that are to be shown: one line, not a long one, and nothing that hides or turns around what it says.
pub(crate) fn quote(text: &str) -> Option<String> {
    let line: String = text
        .chars()
        .map(|c| match c {
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .take(300)
        .collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(condition: &str) -> Cause {
        let error: Element = format!(
            "<error xmlns='{}'><{condition} xmlns='{1}'/><text xmlns='{1}'>Why\nnot</text></error>",
            ns::STREAM,
            ns::XMPP_STREAMS
        )
        .parse()
        .unwrap();
        End::announced(&error).unwrap().into()
    }

    #[test]
    fn each_condition_becomes_what_the_account_does_about_it() {
        assert_eq!(cause("conflict"), Cause::Conflict);
        assert_eq!(cause("not-authorized"), Cause::Authentication);
        assert_eq!(cause("system-shutdown"), Network::Lost.into());
        assert_eq!(cause("policy-violation"), Refused::Server("Why not".to_owned()).into());
        assert_eq!(cause("host-unknown").kind(), "refused");
        assert_eq!(cause("see-other-host").kind(), "refused");
    }

    #[test]
    fn an_error_from_a_contact_is_not_the_end() {
        let error: Element = "<error xmlns='jabber:client'/>".parse().unwrap();
        assert_eq!(End::announced(&error), None);
    }
}
