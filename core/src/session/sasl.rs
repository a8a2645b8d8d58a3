//! SASL's messages on the wire: as RFC 6120 has them, section 6, or as XEP-0388 (SASL2), where what a session begins with
//! goes along.

#![allow(clippy::transmute_ptr_to_ptr, reason = "inside xml_ncname!, where it is checked")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use rxml::xml_ncname;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use xmpp_parsers::ns;
use zeroize::Zeroizing;

use super::end::quote;
use super::scram::Refusal;
use super::stream::{End, Incoming, Stream};
use crate::error::{Cause, Certificate, Network, Refused, Storage};

/// Why an attempt failed.
#[derive(Debug, Error)]
pub(super) enum Failed {
    /// The server said no.
    #[error("denied: {condition}")]
    Denied { condition: String, text: Option<String> },
    /// The server did not keep to the rules; no further attempt may follow.
    #[error("dishonest: {0}")]
    Dishonest(Refusal),
    /// The server wants something more than a password (a second factor).
    #[error("another step")]
    Continue,
    #[error(transparent)]
    Ended(#[from] End),
    /// This device could not do its part.
    #[error("no randomness, threads or XML")]
    Ours,
}

impl Failed {
    /// Whether another mechanism may fare better.
    pub fn may_be_the_mechanism(&self) -> bool {
        match self {
            Self::Denied { condition, .. } => !matches!(
                condition.as_str(),
                "account-disabled" | "credentials-expired" | "invalid-authzid" | "temporary-auth-failure"
            ),
            _ => false,
        }
    }

    /// SCRAM's own words for a refusal. RFC 5802, section 7.
    pub fn from_scram(refusal: Refusal) -> Self {
        let condition = match refusal {
            // We saw no offer of a binding, and there was one.
            Refusal::Server(word) if word == "server-does-support-channel-binding" => {
                return Self::Dishonest(Refusal::Tampered);
            }
            Refusal::Server(word) if word.contains("channel-binding") => "malformed-request",
            Refusal::Server(_) => "not-authorized",
            other => return Self::Dishonest(other),
        };
        Self::Denied {
            condition: condition.to_owned(),
            text: None,
        }
    }

    /// The server may have meant the password.
    pub fn is_wrong_password(&self) -> bool {
        matches!(self, Self::Denied { condition, .. } if condition == "not-authorized")
    }
}

impl From<Failed> for Cause {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Denied { condition, text } => match condition.as_str() {
                "not-authorized" | "invalid-authzid" | "credentials-expired" => Self::Authentication,
                "account-disabled" => text.map_or(Refused::Disabled, Refused::Server).into(),
                // Its database is away: try later, as with a server that is busy.
                "temporary-auth-failure" => Network::Silent.into(),
                other => Refused::Server(text.unwrap_or_else(|| other.replace('-', " "))).into(),
            },
            Failed::Dishonest(Refusal::Signature) => Certificate::Unproven.into(),
            Failed::Dishonest(Refusal::Tampered) => Certificate::Tampered.into(),
            Failed::Dishonest(_) => Refused::Rules.into(),
            Failed::Continue => Refused::NextStep.into(),
            Failed::Ended(end) => end.into(),
            Failed::Ours => Storage::NoEncryption.into(),
        }
    }
}

/// What the server says.
pub(super) enum Reply {
    Challenge(String),
    /// With additional data, and, in SASL2, all that came along.
    Success(Vec<u8>, Option<Element>),
}

/// One exchange on a stream.
pub(super) struct Sasl<'a, Io> {
    stream: &'a mut Stream<Io>,
    /// SASL2: what goes along with the first message.
    along: Option<Vec<Element>>,
}

impl<'a, Io: AsyncRead + AsyncWrite + Unpin> Sasl<'a, Io> {
    pub fn new(stream: &'a mut Stream<Io>, along: Option<Vec<Element>>) -> Self {
        Self { stream, along }
    }

    fn ns(&self) -> &'static str {
        if self.along.is_some() { ns::SASL2 } else { ns::SASL }
    }

    /// The first message.
    pub fn start(&mut self, mechanism: &str, message: &[u8]) -> Result<(), Failed> {
        let message = Zeroizing::new(BASE64.encode(message));
        let name = if self.along.is_some() { "authenticate" } else { "auth" };
        let start = Element::builder(name, self.ns()).attr(xml_ncname!("mechanism").to_owned(), mechanism);
        let start = match &self.along {
            None => start.append(message.as_str()),
            Some(along) => {
                let first = Element::builder("initial-response", ns::SASL2).append(message.as_str());
                start.append(first).append_all(along.iter().cloned())
            }
        };
        self.stream.send_element(&start.build()).map_err(|_| Failed::Ours)
    }

    /// A further message.
    pub fn respond(&mut self, message: &str) -> Result<(), Failed> {
        let element = Element::builder("response", self.ns())
            .append(BASE64.encode(message))
            .build();
        self.stream.send_element(&element).map_err(|_| Failed::Ours)
    }

    pub async fn reply(&mut self) -> Result<Reply, Failed> {
        let Incoming::Element(element) = self.stream.next().await? else {
            return Err(malformed());
        };
        if !element.has_ns(self.ns()) {
            return Err(malformed());
        }
        match element.name() {
            "challenge" => String::from_utf8(decoded(&element)?)
                .map(Reply::Challenge)
                .map_err(|_| malformed()),
            "success" if self.along.is_some() => {
                let data = element.get_child("additional-data", ns::SASL2);
                Ok(Reply::Success(data.map_or(Ok(Vec::new()), decoded)?, Some(element)))
            }
            "success" => Ok(Reply::Success(decoded(&element)?, None)),
            "failure" => Err(denied(&element)),
            "continue" => Err(Failed::Continue),
            _ => Err(malformed()),
        }
    }
}

pub(super) fn malformed() -> Failed {
    Failed::Dishonest(Refusal::Malformed)
}

fn decoded(element: &Element) -> Result<Vec<u8>, Failed> {
    match element.text().trim() {
        "=" => Ok(Vec::new()),
        encoded => BASE64.decode(encoded).map_err(|_| malformed()),
    }
}

fn denied(failure: &Element) -> Failed {
    let mut condition = "not-authorized";
    let mut text = None;
    // The conditions are those of RFC 6120 in both; some servers forget their namespace in SASL2.
    let known = |child: &&Element| child.has_ns(ns::SASL) || child.has_ns(ns::SASL2);
    for child in failure.children().filter(known) {
        if child.name() == "text" {
            text = quote(&child.text());
        } else {
            condition = child.name();
        }
    }
    Failed::Denied {
        condition: condition.to_owned(),
        text,
    }
}
