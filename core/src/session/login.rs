//! Signing in (RFC 6120, section 6): works through the ways that `offer.rs` allows.

#![allow(clippy::transmute_ptr_to_ptr, reason = "inside xml_ncname!, where it is checked")]

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jid::BareJid;
use minidom::Element;
use rxml::xml_ncname;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::client::TlsStream;
use xmpp_parsers::ns;
use zeroize::Zeroizing;

use super::begin::{Beginning, Wish, begin};
use super::connector::{Target, connect, open, within};
use super::end::quote;
use super::offer::{Attempt, Offer};
use super::scram::{Account, Refusal, Scram, nonce};
use super::stream::{End, Incoming, Stream};
use super::tls::Bindings;
use super::wire::Wire;
use crate::error::{Cause, Certificate, Invalid, Network, Refused, Storage};
use crate::model::Pins;

/// For signing in once connected, all attempts together.
const SIGNING_IN: Duration = Duration::from_secs(15);

/// An authenticated stream.
pub(crate) struct LoggedIn {
    /// The stream, opened anew.
    pub(crate) stream: Stream<TlsStream<Wire>>,
    /// What the server offers to its own people.
    pub(crate) features: Element,
    /// What is to be held against the server from now on.
    pub(crate) pins: Pins,
    /// How it began, if that was wished. Otherwise it is still to be resumed or bound.
    pub(crate) beginning: Option<Beginning>,
}

/// Connects and signs in; with a wish, also takes up the old stream or begins a new one.
pub(crate) async fn login(
    target: &Target,
    address: &BareJid,
    password: &str,
    pins: &Pins,
    wish: Option<&Wish>,
) -> Result<LoggedIn, Cause> {
    let username = address.node().ok_or_else(|| Cause::from(Invalid::NoName))?;
    let account = Account {
        username: username.as_str(),
        password,
    };
    let mut secured = connect(target).await?;
    let mut logged_in = within(SIGNING_IN, async {
        let mut offer = Offer::read(&secured.features);
        let mut plan = offer.plan(&secured.bindings, pins, false)?;
        let attempt = loop {
            let exchange = exchange(&mut secured.stream, &offer, &mut plan, &secured.bindings, account);
            match exchange.await {
                Ok(attempt) => break attempt,
                // Some servers hang up instead of saying no.
                Err(Failed::Ended(_)) if !plan.is_empty() => {
                    secured = connect(target).await?;
                    // Another connection may come from somebody else.
                    offer = Offer::read(&secured.features);
                    let left = plan.len();
                    plan = offer.plan(&secured.bindings, pins, false)?;
                    plan.truncate(left);
                }
                Err(failed) if pins.bound && failed.is_about_the_binding() => return Err(Certificate::Unbound.into()),
                Err(failed) => return Err(failed.into()),
            }
        };
        let mut stream = secured.stream;
        stream.reset();
        let features = open(&mut stream, &target.domain).await?;
        Ok(LoggedIn {
            stream,
            features,
            pins: offer.pins(pins, attempt),
            beginning: None,
        })
    })
    .await?;
    if let Some(wish) = wish {
        logged_in.beginning = Some(begin(&mut logged_in.stream, wish).await?);
    }
    Ok(logged_in)
}

/// Why an attempt failed.
#[derive(Debug, Error)]
enum Failed {
    /// The server said no.
    #[error("denied: {condition}")]
    Denied { condition: String, text: Option<String> },
    /// The server did not keep to the rules; no further attempt may follow.
    #[error("dishonest: {0}")]
    Dishonest(Refusal),
    #[error(transparent)]
    Ended(#[from] End),
    /// This device could not do its part.
    #[error("no randomness, threads or XML")]
    Ours,
}

impl Failed {
    /// Whether another mechanism may fare better.
    fn may_be_the_mechanism(&self) -> bool {
        match self {
            Self::Denied { condition, .. } => !matches!(
                condition.as_str(),
                "account-disabled" | "credentials-expired" | "invalid-authzid" | "temporary-auth-failure"
            ),
            _ => false,
        }
    }

    /// SCRAM's own words for a refusal. RFC 5802, section 7.
    fn from_scram(refusal: Refusal) -> Self {
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

    /// Whether a bound attempt failed for another reason than the password.
    fn is_about_the_binding(&self) -> bool {
        let wrong_password = matches!(self, Self::Denied { condition, .. } if condition == "not-authorized");
        self.may_be_the_mechanism() && !wrong_password
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
            Failed::Ended(end) => end.into(),
            Failed::Ours => Storage::NoEncryption.into(),
        }
    }
}

/// Works through the plan on one stream, up to the first success or the first failure that is final.
async fn exchange<Io>(
    stream: &mut Stream<Io>,
    offer: &Offer,
    plan: &mut Vec<Attempt>,
    bindings: &Bindings,
    account: Account<'_>,
) -> Result<Attempt, Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let mut wrong_password = None;
    loop {
        let attempt = plan.pop().ok_or(Failed::Ours)?;
        let result = match attempt {
            Attempt::Plain => plain(stream, account).await,
            Attempt::Bound(hash, _) | Attempt::Unbound(hash, _) => {
                let Some(binding) = attempt.binding(bindings) else {
                    continue;
                };
                let nonce = nonce().map_err(|_| Failed::Ours)?;
                let begun = Scram::new(hash, account, binding, offer.digestible(), nonce);
                scram(stream, &attempt.mechanism(), begun).await
            }
        };
        match result {
            Ok(()) => {
                tracing::debug!(?attempt, "signed in");
                return Ok(attempt);
            }
            Err(failed) if failed.may_be_the_mechanism() && !plan.is_empty() => {
                tracing::debug!(?attempt, %failed, "another way to sign in is tried");
                // A binding that the server does not know says nothing of the password; one that it knows does.
                if !failed.is_about_the_binding() {
                    wrong_password = Some(failed);
                }
            }
            Err(failed) => {
                let bound = matches!(attempt, Attempt::Bound(..)) && failed.is_about_the_binding();
                return Err(wrong_password.filter(|_| bound).unwrap_or(failed));
            }
        }
    }
}

async fn plain<Io>(stream: &mut Stream<Io>, account: Account<'_>) -> Result<(), Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let message = Zeroizing::new(format!("\0{}\0{}", account.username, account.password));
    start(stream, "PLAIN", &message)?;
    match reply(stream).await? {
        Reply::Success(_) => Ok(()),
        Reply::Challenge(_) => Err(Failed::Dishonest(Refusal::Malformed)),
    }
}

async fn scram<Io>(stream: &mut Stream<Io>, mechanism: &str, scram: Scram) -> Result<(), Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    start(stream, mechanism, &scram.first())?;
    let Reply::Challenge(server_first) = reply(stream).await? else {
        return Err(Failed::Dishonest(Refusal::Malformed));
    };
    // Thousands of hashes: not on the thread that serves all accounts.
    let (message, proven) = tokio::task::spawn_blocking(move || scram.prove(&server_first))
        .await
        .map_err(|_| Failed::Ours)?
        .map_err(Failed::Dishonest)?;
    send(stream, "response", &message)?;
    let (server_final, done) = match reply(stream).await? {
        Reply::Success(message) => (message, true),
        Reply::Challenge(message) => (message, false),
    };
    proven.verify(&server_final).map_err(Failed::from_scram)?;
    if done {
        return Ok(());
    }
    // The server's proof came as a challenge of its own (RFC 4422 without additional data).
    send(stream, "response", "")?;
    match reply(stream).await? {
        Reply::Success(_) => Ok(()),
        Reply::Challenge(_) => Err(Failed::Dishonest(Refusal::Malformed)),
    }
}

enum Reply {
    Challenge(String),
    Success(String),
}

fn start<Io>(stream: &mut Stream<Io>, mechanism: &str, message: &str) -> Result<(), Failed> {
    let auth = Element::builder("auth", ns::SASL)
        .attr(xml_ncname!("mechanism").to_owned(), mechanism)
        .append(BASE64.encode(message))
        .build();
    stream.send_element(&auth).map_err(|_| Failed::Ours)
}

fn send<Io>(stream: &mut Stream<Io>, name: &str, message: &str) -> Result<(), Failed> {
    let element = Element::builder(name, ns::SASL).append(BASE64.encode(message)).build();
    stream.send_element(&element).map_err(|_| Failed::Ours)
}

async fn reply<Io>(stream: &mut Stream<Io>) -> Result<Reply, Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let malformed = || Failed::Dishonest(Refusal::Malformed);
    let Incoming::Element(element) = stream.next().await? else {
        return Err(malformed());
    };
    if !element.has_ns(ns::SASL) {
        return Err(malformed());
    }
    if element.name() == "failure" {
        return Err(denied(&element));
    }
    let text = element.text();
    let message = match text.trim() {
        "=" => Vec::new(),
        encoded => BASE64.decode(encoded).map_err(|_| malformed())?,
    };
    let message = String::from_utf8(message).map_err(|_| malformed())?;
    match element.name() {
        "challenge" => Ok(Reply::Challenge(message)),
        "success" => Ok(Reply::Success(message)),
        _ => Err(malformed()),
    }
}

fn denied(failure: &Element) -> Failed {
    let mut condition = "not-authorized";
    let mut text = None;
    for child in failure.children().filter(|child| child.has_ns(ns::SASL)) {
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

#[cfg(test)]
mod tests;
