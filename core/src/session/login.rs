//! Signing in: works through the ways that `offer.rs` allows, each an exchange of SASL (`sasl.rs`), with what may go along
//! (`inline.rs`).

use std::time::Duration;

use jid::{BareJid, Jid};
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::client::TlsStream;
use xmpp_parsers::ns;
use zeroize::Zeroizing;

use super::begin::{Beginning, Wish, begin};
use super::connector::{Secured, Target, connect, open, within};
use super::fast::Token;
use super::inline::{Along, outcome};
use super::offer::{Attempt, Offer};
use super::sasl::{Failed, Reply, Sasl, malformed};
use super::scram::{Account, Refusal, Scram, nonce};
use super::secrets::Secrets;
use super::stream::{Incoming, Stream};
use super::tls::Bindings;
use super::wire::Wire;
use crate::clock;
use crate::error::{Cause, Certificate, Invalid, Network, Refused};
use crate::model::Pins;

/// For taking leave of a token: somebody waits for it.
const LEAVE: Duration = Duration::from_secs(5);
/// For signing in once connected, all attempts together.
const SIGNING_IN: Duration = Duration::from_secs(15);

/// An account that signs in, and what it remembers of the last times.
pub(crate) struct SignIn {
    pub(crate) target: Target,
    pub(crate) address: BareJid,
    /// Changed by a server that gives or refuses a token: keep them, whether or not it let us in.
    pub(crate) secrets: Secrets,
    pub(crate) pins: Pins,
    /// A token was shown, and nothing came back.
    pub(crate) unanswered: bool,
}

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
pub(crate) async fn login(sign_in: &mut SignIn, wish: Option<&Wish>) -> Result<LoggedIn, Cause> {
    sign_in.address.node().ok_or(Invalid::NoName)?;
    let secured = connect(&sign_in.target, &sign_in.address).await?;
    if std::mem::take(&mut sign_in.unanswered) {
        // Some servers give tokens and choke on them (Prosody 0.12 with a newer module). The password still works.
        sign_in.secrets.set_token(None);
    }
    // Boxed: the greatest of all futures, and it lives for a moment only.
    let mut logged_in = within(SIGNING_IN, Box::pin(authenticate(sign_in, wish, secured))).await?;
    if let (Some(wish), None) = (wish, &logged_in.beginning) {
        logged_in.beginning = Some(begin(&mut logged_in.stream, wish).await?);
    }
    Ok(logged_in)
}

/// Lets the server forget the token that it gave, for whoever may have copied it: by one more sign-in, says XEP-0484.
pub(crate) async fn give_up_token(sign_in: &SignIn) -> Result<(), Cause> {
    let Some(token) = sign_in.secrets.token() else {
        return Ok(());
    };
    let giving_up = async {
        let mut secured = connect(&sign_in.target, &sign_in.address).await?;
        let offer = Offer::read(&secured.features);
        // An alarm about who is there now ends it here.
        offer.plan(&secured.bindings, &sign_in.pins, false)?;
        if !offer.takes(token.kind(), &secured.bindings, &sign_in.pins) {
            return Ok(());
        }
        let mut ways = Ways::of(sign_in, &offer, &secured.bindings, None)?;
        ways.along.gives_up_token = true;
        let mut tries = Tries {
            left: vec![Attempt::Token(token.kind())],
            ..Tries::default()
        };
        let given_up = exchange(&mut secured.stream, &ways, &mut tries).await;
        given_up.map_err(|(_, failed)| failed)?;
        secured.stream.close().await.map_err(Cause::from)
    };
    within(LEAVE, Box::pin(giving_up)).await
}

/// Tries one way after the other, on as many connections as that takes.
async fn authenticate(sign_in: &mut SignIn, wish: Option<&Wish>, mut secured: Secured) -> Result<LoggedIn, Cause> {
    let mut tries = Tries::default();
    loop {
        // Another connection may come from somebody else: each offer is looked at.
        let offer = Offer::read(&secured.features);
        tries.plan(&offer, &secured.bindings, sign_in)?;
        sign_in.unanswered = matches!(tries.left.last(), Some(Attempt::Token(_)));
        let ways = Ways::of(sign_in, &offer, &secured.bindings, wish)?;
        let exchanged = exchange(&mut secured.stream, &ways, &mut tries).await;
        sign_in.unanswered = false;
        match exchanged {
            Ok((attempt, success)) => {
                return Box::pin(settled(sign_in, wish, secured, (offer, attempt, success))).await;
            }
            Err((Attempt::Token(_), failed @ (Failed::Denied { .. } | Failed::Ended(_)))) => {
                tracing::debug!(%failed, "a token is not accepted any more");
                sign_in.secrets.set_token(None);
                tries = Tries::default();
            }
            // Some servers hang up instead of saying no.
            Err((_, failed))
                if !tries.left.is_empty() && (failed.may_be_the_mechanism() || matches!(failed, Failed::Ended(_))) =>
            {
                tracing::debug!(%failed, "another connection, another way to sign in");
            }
            Err((_, failed)) => return Err(tries.verdict(failed, &sign_in.pins)),
        }
        secured = connect(&sign_in.target, &sign_in.address).await?;
    }
}

/// What is still to be tried.
#[derive(Default)]
struct Tries {
    /// The best last.
    left: Vec<Attempt>,
    begun: bool,
    /// An attempt failed for the password.
    wrong_password: bool,
}

impl Tries {
    /// Plans by what is offered; on a further connection only what was not tried yet.
    fn plan(&mut self, offer: &Offer, bindings: &Bindings, sign_in: &SignIn) -> Result<(), Cause> {
        let mut plan = offer.plan(bindings, &sign_in.pins, false)?;
        if self.begun {
            plan.truncate(self.left.len());
        } else if let Some(token) = sign_in.secrets.token()
            && !token.is_over(clock::now())
            && offer.takes(token.kind(), bindings, &sign_in.pins)
        {
            plan.push(Attempt::Token(token.kind()));
        }
        self.begun = true;
        self.left = plan;
        Ok(())
    }

    /// What the last failure means, after all others.
    fn verdict(&self, failed: Failed, pins: &Pins) -> Cause {
        if !pins.bound || !failed.may_be_the_mechanism() {
            return failed.into();
        }
        // A binding that the server does not know says nothing of the password; one that it knows does.
        if self.wrong_password {
            Cause::Authentication
        } else {
            Certificate::Unbound.into()
        }
    }
}

/// What an exchange needs to know.
struct Ways<'a> {
    offer: &'a Offer,
    account: Account<'a>,
    token: Option<&'a Token>,
    along: Along<'a>,
}

impl<'a> Ways<'a> {
    fn of(
        sign_in: &'a SignIn,
        offer: &'a Offer,
        bindings: &'a Bindings,
        wish: Option<&'a Wish>,
    ) -> Result<Self, Cause> {
        Ok(Self {
            offer,
            account: Account {
                username: sign_in.address.node().ok_or(Invalid::NoName)?.as_str(),
                password: sign_in.secrets.password(),
            },
            token: sign_in.secrets.token(),
            along: Along {
                pins: &sign_in.pins,
                bindings,
                wish,
                gives_up_token: false,
            },
        })
    }
}

/// Works through the tries on one stream, up to the first success, or the first failure after which the stream is of no
/// use. With what the server says to a success in SASL2.
async fn exchange<Io>(
    stream: &mut Stream<Io>,
    ways: &Ways<'_>,
    tries: &mut Tries,
) -> Result<(Attempt, Option<Element>), (Attempt, Failed)>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let Some(attempt) = tries.left.pop() else {
            return Err((Attempt::Plain, Failed::Ours));
        };
        let mut sasl = Sasl::new(stream, ways.along.with(ways.offer, attempt));
        let result = match attempt {
            Attempt::Plain => plain(&mut sasl, ways.account).await,
            Attempt::Token(_) => token(&mut sasl, attempt, ways).await,
            Attempt::Bound(..) | Attempt::Unbound(..) => scram(&mut sasl, attempt, ways).await,
        };
        let failed = match result {
            Ok(success) => {
                tracing::debug!(?attempt, "signed in");
                return Ok((attempt, success));
            }
            Err(failed) => failed,
        };
        if failed.is_wrong_password() {
            tries.wrong_password = true;
        }
        // Those that know SASL2 do not all take a second attempt.
        if !failed.may_be_the_mechanism() || tries.left.is_empty() || ways.offer.modern.is_some() {
            return Err((attempt, failed));
        }
        tracing::debug!(?attempt, %failed, "another way to sign in is tried");
    }
}

/// From an accepted sign-in to a stream that can be used.
async fn settled(
    sign_in: &mut SignIn,
    wish: Option<&Wish>,
    secured: Secured,
    (offer, attempt, success): (Offer, Attempt, Option<Element>),
) -> Result<LoggedIn, Cause> {
    let mut stream = secured.stream;
    let pins = offer.pins(&sign_in.pins, attempt);
    let (Some(success), Some(modern)) = (success, &offer.modern) else {
        stream.reset();
        let features = open(&mut stream, &sign_in.target.domain, Some(&sign_in.address)).await?;
        return Ok(LoggedIn {
            stream,
            features,
            pins,
            beginning: None,
        });
    };
    if !is_ours(&success, &sign_in.address) {
        return Err(Refused::Rules.into());
    }
    if offer.takes(attempt.kind(), &secured.bindings, &sign_in.pins)
        && let Some(token) = Token::given(&success, attempt.kind())
    {
        sign_in.secrets.set_token(Some(token));
    }
    let beginning = match wish {
        Some(wish) => outcome(&success, modern, wish)?,
        None => None,
    };
    let features = if let Some(Beginning::Resumed(_)) = beginning {
        // They come too, but behind what the old stream had still to say.
        modern.lasting_features()
    } else {
        features(&mut stream).await?
    };
    Ok(LoggedIn {
        stream,
        features,
        pins,
        beginning,
    })
}

/// Whether the server took us for whom we said we are.
fn is_ours(success: &Element, address: &BareJid) -> bool {
    let named = success.get_child("authorization-identifier", ns::SASL2);
    let named = named.and_then(|named| Jid::new(named.text().trim()).ok());
    named.is_some_and(|named| named.to_bare() == *address)
}

/// What follows a success without a new stream.
async fn features<Io: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<Io>) -> Result<Element, Cause> {
    match stream.next().await? {
        Incoming::Element(features) if features.is("features", ns::STREAM) => Ok(features),
        _ => Err(Network::NotXmpp.into()),
    }
}

async fn plain<Io>(sasl: &mut Sasl<'_, Io>, account: Account<'_>) -> Result<Option<Element>, Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let message = Zeroizing::new(format!("\0{}\0{}", account.username, account.password));
    sasl.start("PLAIN", message.as_bytes())?;
    match sasl.reply().await? {
        Reply::Success(_, success) => Ok(success),
        Reply::Challenge(_) => Err(malformed()),
    }
}

async fn token<Io>(sasl: &mut Sasl<'_, Io>, attempt: Attempt, ways: &Ways<'_>) -> Result<Option<Element>, Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let token = ways.token.ok_or(Failed::Ours)?;
    let bound = match attempt.kind() {
        None => &[][..],
        Some(kind) => kind.data(ways.along.bindings).ok_or(Failed::Ours)?,
    };
    sasl.start(&attempt.mechanism(), &token.message(ways.account.username, bound))?;
    match sasl.reply().await? {
        Reply::Success(proof, success) if token.proves(&proof, bound) => Ok(success),
        Reply::Success(..) => Err(Failed::Dishonest(Refusal::Signature)),
        Reply::Challenge(_) => Err(malformed()),
    }
}

async fn scram<Io>(sasl: &mut Sasl<'_, Io>, attempt: Attempt, ways: &Ways<'_>) -> Result<Option<Element>, Failed>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let (hash, binding) = attempt.scram(ways.along.bindings).ok_or(Failed::Ours)?;
    let nonce = nonce().map_err(|_| Failed::Ours)?;
    let scram = Scram::new(hash, ways.account, binding, ways.offer.digestible(), nonce);
    sasl.start(&attempt.mechanism(), scram.first().as_bytes())?;
    let Reply::Challenge(server_first) = sasl.reply().await? else {
        return Err(malformed());
    };
    // Thousands of hashes: not on the thread that serves all accounts.
    let (message, proven) = tokio::task::spawn_blocking(move || scram.prove(&server_first))
        .await
        .map_err(|_| Failed::Ours)?
        .map_err(Failed::Dishonest)?;
    sasl.respond(&message)?;
    let (server_final, success) = match sasl.reply().await? {
        Reply::Success(message, success) => (String::from_utf8(message).map_err(|_| malformed())?, Some(success)),
        Reply::Challenge(message) => (message, None),
    };
    proven.verify(&server_final).map_err(Failed::from_scram)?;
    if let Some(success) = success {
        return Ok(success);
    }
    // The server's proof came as a challenge of its own (RFC 4422 without additional data).
    sasl.respond("")?;
    match sasl.reply().await? {
        Reply::Success(_, success) => Ok(success),
        Reply::Challenge(_) => Err(malformed()),
    }
}

#[cfg(test)]
mod tests;
