//! From a stream that is signed in to one on which stanzas flow: the old one goes on (XEP-0198, section 5), or a new one
//! gets our resource (RFC 6120, section 7).

use std::time::Duration;

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use xmpp_parsers::ns;

use super::connector::within;
use super::management;
use super::stream::{Incoming, Stream};
use crate::error::{Cause, Network, Refused};
use crate::protocol::{element, errors, leaf, with};
use crate::random;

/// For an answer to each of the two questions.
const ANSWER: Duration = Duration::from_secs(15);

/// How an account wants its stream to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The name of this device.
    pub resource: String,
    /// The stream that is to go on.
    pub previous: Option<Previous>,
    /// Somebody looks at Grend.
    pub active: bool,
}

/// A stream that was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Previous {
    /// The server's name for it.
    pub id: String,
    /// How many stanzas of the server are stored.
    pub handled: u32,
}

/// How a stream began. What the server says in it was not checked by anybody.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Beginning {
    /// The old stream goes on: the server's `<resumed/>`.
    Resumed(Element),
    /// A new stream with our resource.
    Fresh(Fresh),
}

/// What is known of a new stream at its beginning.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fresh {
    /// `<failed/>`, if the old stream was asked for: it may say how much of what we sent arrived.
    pub failed: Option<Element>,
    /// `<enabled/>`, if stream management came along with signing in.
    pub enabled: Option<Element>,
    /// Carbons came along.
    pub carbons: bool,
    /// The server knows that nobody looks. XEP-0352.
    pub inactive: bool,
}

/// Takes up the old stream, or else binds our resource.
pub(super) async fn begin<Io>(stream: &mut Stream<Io>, wish: &Wish) -> Result<Beginning, Cause>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let mut fresh = Fresh::default();
    if let Some(previous) = &wish.previous {
        let answer = within(ANSWER, resume(stream, previous)).await?;
        if answer.name() == "resumed" {
            return Ok(Beginning::Resumed(answer));
        }
        fresh.failed = Some(answer);
    }
    within(ANSWER, bind(stream, &wish.resource)).await?;
    Ok(Beginning::Fresh(fresh))
}

/// Asks for the old stream; the server's answer.
async fn resume<Io>(stream: &mut Stream<Io>, previous: &Previous) -> Result<Element, Cause>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    write(stream, &management::resume(previous))?;
    loop {
        if let Incoming::Element(answer) = stream.next().await?
            && (answer.is("resumed", ns::SM) || answer.is("failed", ns::SM))
        {
            return Ok(answer);
        }
    }
}

/// Gives the stream its resource.
async fn bind<Io>(stream: &mut Stream<Io>, resource: &str) -> Result<(), Cause>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let name = leaf("resource", ns::BIND, resource);
    let id = random::token();
    let iq = element("iq", ns::DEFAULT_NS, &[("type", "set"), ("id", &id)]);
    write(stream, &with(iq, [with(Element::bare("bind", ns::BIND), [name])]))?;
    loop {
        let Incoming::Element(answer) = stream.next().await? else {
            continue;
        };
        if answer.name() != "iq" || answer.attr("id") != Some(&id) {
            continue;
        }
        return match answer.attr("type") {
            Some("result") => Ok(()),
            _ if errors::condition(&answer) == "conflict" => Err(Cause::Conflict),
            _ => Err(Refused::NoPlace(errors::condition(&answer).to_owned()).into()),
        };
    }
}

fn write<Io>(stream: &mut Stream<Io>, element: &Element) -> Result<(), Cause>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    stream.send_element(element).map_err(|_| Network::Lost.into())
}
