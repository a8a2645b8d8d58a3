//! Signing in (RFC 6120, section 6; SCRAM in `scram.rs`; XEP-0440 for the choice of a channel binding).
//!
//! Bound to the connection before unbound, strong before weak, and the password itself only if the user allowed that
//! for this account. Some servers offer a binding and then refuse it (ejabberd 23.01 with TLS 1.3), and say no more
//! than "not authorized": so each binding gets its turn, then none, and only then is the password wrong.

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
use super::scram::{Binding, Hash, Refusal, Scram, nonce};
use super::stream::{End, Incoming, Stream};
use super::tls::Bindings;
use super::wire::Wire;
use crate::error::{Cause, Certificate, Invalid, Network, Refused, Storage};

/// For signing in once connected, all attempts together.
const SIGNING_IN: Duration = Duration::from_secs(15);
const HASHES: [Hash; 3] = [Hash::Sha512, Hash::Sha256, Hash::Sha1];

/// An authenticated stream.
pub(crate) struct LoggedIn {
    /// The stream, opened anew.
    pub(crate) stream: Stream<TlsStream<Wire>>,
    /// What the server offers to its own people.
    pub(crate) features: Element,
    /// How we signed in, say `SCRAM-SHA-1-PLUS tls-exporter`: what an account remembers to notice when it gets weaker.
    #[allow(dead_code, reason = "pinning the mechanism of an account comes with its settings")]
    pub(crate) mechanism: String,
    /// How it began, if that was wished. Otherwise it is still to be resumed or bound.
    pub(crate) beginning: Option<Beginning>,
}

/// Connects and signs in; with a wish, also takes up the old stream or begins a new one.
pub(crate) async fn login(
    target: &Target,
    address: &BareJid,
    password: &str,
    allow_plain: bool,
    wish: Option<&Wish>,
) -> Result<LoggedIn, Cause> {
    let username = address.node().ok_or_else(|| Cause::from(Invalid::NoName))?;
    let account = Account {
        username: username.as_str(),
        password,
    };
    let mut secured = connect(target).await?;
    let mut logged_in = within(SIGNING_IN, async {
        let mut plan = plan(&secured.features, &secured.bindings, allow_plain)?;
        let mechanism = loop {
            let attempt = exchange(&mut secured.stream, &mut plan, &secured.bindings, account);
            match attempt.await {
                Ok(mechanism) => break mechanism,
                // Some servers hang up instead of saying no.
                Err(Failed::Ended(_)) if !plan.is_empty() => secured = connect(target).await?,
                Err(failed) => return Err(failed.into()),
            }
        };
        let mut stream = secured.stream;
        stream.reset();
        let features = open(&mut stream, &target.domain).await?;
        Ok(LoggedIn {
            stream,
            features,
            mechanism,
            beginning: None,
        })
    })
    .await?;
    if let Some(wish) = wish {
        logged_in.beginning = Some(begin(&mut logged_in.stream, wish).await?);
    }
    Ok(logged_in)
}

#[derive(Clone, Copy)]
struct Account<'a> {
    username: &'a str,
    password: &'a str,
}

/// A kind of channel binding, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exporter,
    EndPoint,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::EndPoint => "tls-server-end-point",
        }
    }

    fn data(self, bindings: &Bindings) -> Option<&Vec<u8>> {
        match self {
            Self::Exporter => bindings.exporter.as_ref(),
            Self::EndPoint => bindings.end_point.as_ref(),
        }
    }
}

/// One way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Bound(Hash, Kind),
    /// The flag says whether to tell the server that we saw no offer of a binding.
    Unbound(Hash, bool),
    Plain,
}

/// Which ways to try, the best **last**, so that the next one is popped.
fn plan(features: &Element, bindings: &Bindings, allow_plain: bool) -> Result<Vec<Attempt>, Cause> {
    let offered: Vec<String> = features
        .get_child("mechanisms", ns::SASL)
        .map(|mechanisms| {
            mechanisms
                .children()
                .map(|mechanism| mechanism.text().trim().to_owned())
                .collect()
        })
        .unwrap_or_default();
    let offers = |name: &str| offered.iter().any(|mechanism| mechanism == name);
    let bound = HASHES
        .into_iter()
        .find(|hash| offers(&format!("{}-PLUS", hash.mechanism())));
    let unbound = HASHES.into_iter().find(|hash| offers(hash.mechanism()));
    let known = features.get_child("sasl-channel-binding", ns::SASL_CB);
    let mut plan = Vec::new();
    if let Some(hash) = unbound {
        let can_bind = bindings != &Bindings::default();
        plan.push(Attempt::Unbound(hash, bound.is_none() && can_bind));
    }
    if let Some(hash) = bound {
        for kind in [Kind::EndPoint, Kind::Exporter] {
            let accepted = known.is_none_or(|known| {
                known
                    .children()
                    .any(|binding| binding.name() == "channel-binding" && binding.attr("type") == Some(kind.name()))
            });
            if accepted && kind.data(bindings).is_some() {
                plan.push(Attempt::Bound(hash, kind));
            }
        }
    }
    if !plan.is_empty() {
        return Ok(plan);
    }
    let plain = offers("PLAIN");
    match (plain, allow_plain) {
        (true, true) => Ok(vec![Attempt::Plain]),
        (true, false) => Err(Refused::OnlyPlain.into()),
        (false, _) => Err(Refused::NoMechanism.into()),
    }
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
            Failed::Dishonest(_) => Refused::Rules.into(),
            Failed::Ended(end) => end.into(),
            Failed::Ours => Storage::NoEncryption.into(),
        }
    }
}

/// Works through the plan on one stream, up to the first success or the first failure that is final.
async fn exchange<Io>(
    stream: &mut Stream<Io>,
    plan: &mut Vec<Attempt>,
    bindings: &Bindings,
    account: Account<'_>,
) -> Result<String, Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let attempt = plan.pop().ok_or(Failed::Ours)?;
        let (result, mechanism) = match attempt {
            Attempt::Plain => (plain(stream, account).await, "PLAIN".to_owned()),
            Attempt::Unbound(hash, not_offered) => {
                let binding = if not_offered {
                    Binding::NotOffered
                } else {
                    Binding::Unused
                };
                let mechanism = hash.mechanism().to_owned();
                (scram(stream, hash, &mechanism, binding, account).await, mechanism)
            }
            Attempt::Bound(hash, kind) => {
                let Some(data) = kind.data(bindings).cloned() else {
                    continue;
                };
                let binding = Binding::Bound {
                    kind: kind.name(),
                    data,
                };
                let mechanism = format!("{}-PLUS", hash.mechanism());
                let result = scram(stream, hash, &mechanism, binding, account).await;
                (result, format!("{mechanism} {}", kind.name()))
            }
        };
        match result {
            Ok(()) => {
                tracing::debug!(mechanism, "signed in");
                return Ok(mechanism);
            }
            Err(failed) if failed.may_be_the_mechanism() && !plan.is_empty() => {
                tracing::debug!(mechanism, %failed, "another way to sign in is tried");
            }
            Err(failed) => return Err(failed),
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

async fn scram<Io>(
    stream: &mut Stream<Io>,
    hash: Hash,
    mechanism: &str,
    binding: Binding,
    account: Account<'_>,
) -> Result<(), Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let nonce = nonce().map_err(|_| Failed::Ours)?;
    let scram = Scram::new(hash, account.username, account.password, binding, nonce);
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
    proven.verify(&server_final).map_err(|refusal| match refusal {
        Refusal::Server(_) => Failed::Denied {
            condition: "not-authorized".to_owned(),
            text: None,
        },
        other => Failed::Dishonest(other),
    })?;
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
