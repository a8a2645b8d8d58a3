//! From an account to an encrypted stream (RFC 6120, sections 3 to 5; XEP-0368).
//!
//! Every step has a deadline, and so has the whole: a family member looking at a spinner is told within 15 s what is
//! wrong. There is no way to a stream without TLS.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jid::BareJid;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;
use xmpp_parsers::ns;

use super::dns::{Dns, Endpoint, ascii};
use super::stream::{End, Incoming, Stream};
use super::tls::{self, Bindings};
use super::wire::Wire;
use crate::error::{Cause, Network, Refused};
use crate::model::{Override, Tls};

/// For one step: names, TCP, TLS, the server's features.
const STEP: Duration = Duration::from_secs(5);
/// For all endpoints together.
const WHOLE: Duration = Duration::from_secs(12);
/// How long one address has before the next is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Where to connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The domain of the address, whose certificate we want to see.
    pub(crate) domain: String,
    /// Where the server is, in place of what DNS says.
    pub(crate) host: Option<Override>,
    /// An extra certificate authority (PEM file).
    pub(crate) ca: Option<PathBuf>,
    /// A name server in place of the system's.
    pub(crate) dns: Option<SocketAddr>,
}

/// An encrypted stream, before authentication.
pub(crate) struct Secured {
    /// The stream, opened.
    pub(crate) stream: Stream<TlsStream<Wire>>,
    /// What the server offers.
    pub(crate) features: Element,
    /// What ties a login to this connection.
    pub(crate) bindings: Bindings,
}

/// Connects to the first endpoint that works, for somebody whose address is told once the connection is encrypted.
pub(crate) async fn connect(target: &Target, address: &BareJid) -> Result<Secured, Cause> {
    let mut worst = None;
    let attempt = async {
        let tls = tls::Tls::new(&ascii(&target.domain)?, target.ca.as_deref())?;
        let dns = Dns::new(target.dns);
        let endpoints = match &target.host {
            Some(host) => vec![endpoint(host)],
            None => named(dns.endpoints(&target.domain)).await?,
        };
        let mut nowhere = None;
        for endpoint in endpoints {
            if nowhere.as_ref() == Some(&endpoint.host) {
                continue;
            }
            let result = match named(dns.addresses(&endpoint.host, endpoint.port)).await {
                Ok(addresses) => reach(addresses, endpoint.tls, &tls, (&target.domain, Some(address))).await,
                Err(cause) => {
                    // Asking the same again would only cost the time of another endpoint.
                    nowhere = Some(endpoint.host);
                    Err(cause)
                }
            };
            match result {
                Ok(secured) => return Ok(secured),
                Err(cause) => {
                    tracing::debug!(port = endpoint.port, kind = cause.kind(), "an endpoint did not work");
                    worst = Some(more_telling(worst.take(), cause));
                }
            }
        }
        Err(worst.take().unwrap_or_else(|| Network::UnknownHost.into()))
    };
    let result = timeout(WHOLE, attempt).await;
    result.unwrap_or_else(|_| Err(more_telling(worst, Network::Silent.into())))
}

pub(crate) fn endpoint(host: &Override) -> Endpoint {
    Endpoint {
        host: host.host.clone(),
        port: host.port.unwrap_or(match host.tls {
            Tls::Direct => 5223,
            Tls::Starttls => 5222,
        }),
        tls: host.tls,
    }
}

pub(crate) fn more_telling(known: Option<Cause>, new: Cause) -> Cause {
    match known {
        Some(known) if telling(&known) >= telling(&new) => known,
        _ => new,
    }
}

/// Of several failures, which one a person should hear about.
fn telling(cause: &Cause) -> u8 {
    match cause {
        Cause::Certificate(_) => 7,
        Cause::Refused(_) => 6,
        Cause::Network(Network::NotXmpp) => 5,
        // Alike: then the endpoint that was tried first counts, the others may be guesses.
        Cause::Network(Network::Refused | Network::Silent | Network::Lost) => 2,
        Cause::Network(Network::Unreachable) => 1,
        Cause::Network(Network::UnknownHost) => 0,
        // Whatever the server or the user's input says outranks the network.
        _ => 8,
    }
}

/// A question for names. Name servers that do not answer mean that there is no network, not that the chat server is
/// silent.
pub(crate) async fn named<T>(question: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    let answer = timeout(STEP, question).await;
    answer.unwrap_or_else(|_| Err(Network::Unreachable.into()))
}

pub(crate) async fn reach(
    addresses: Vec<SocketAddr>,
    when: Tls,
    tls: &tls::Tls,
    (domain, address): (&str, Option<&BareJid>),
) -> Result<Secured, Cause> {
    let tcp = within(STEP, race(addresses)).await?;
    let tcp = Wire::new(tcp).map_err(|_| Network::Lost)?;
    let direct = when == Tls::Direct;
    let tcp = if direct {
        tcp
    } else {
        within(STEP, starttls(Stream::new(tcp), domain)).await?
    };
    let encrypted = within(STEP, tls.handshake(tcp, direct)).await?;
    let bindings = tls::bindings(&encrypted);
    let mut stream = Stream::new(encrypted);
    let features = within(STEP, open(&mut stream, domain, address)).await?;
    Ok(Secured {
        stream,
        features,
        bindings,
    })
}

pub(crate) async fn within<T>(time: Duration, step: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    timeout(time, step)
        .await
        .unwrap_or_else(|_| Err(Network::Silent.into()))
}

/// Tries addresses beside each other, each with a head start before the next, and takes the first that answers
/// (RFC 8305).
pub(crate) async fn race(addresses: Vec<SocketAddr>) -> Result<TcpStream, Cause> {
    let mut waiting = addresses.into_iter();
    let mut running = FuturesUnordered::new();
    let mut worst: Option<Cause> = None;
    loop {
        if let Some(address) = waiting.next() {
            running.push(TcpStream::connect(address));
        }
        tokio::select! {
            finished = running.next() => match finished {
                Some(Ok(tcp)) => return Ok(tcp),
                Some(Err(error)) => worst = Some(more_telling(worst, tcp_cause(&error))),
                None => return Err(worst.unwrap_or_else(|| Network::UnknownHost.into())),
            },
            () = sleep(HEAD_START), if waiting.len() > 0 => {}
        }
    }
}

fn tcp_cause(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Network::Refused,
        io::ErrorKind::TimedOut => Network::Silent,
        _ => Network::Unreachable,
    }
    .into()
}

/// Opens a stream and reads the server's features.
pub(super) async fn open<Io>(stream: &mut Stream<Io>, domain: &str, from: Option<&BareJid>) -> Result<Element, Cause>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    stream.open(domain, from.map(|from| from.as_str())).await?;
    match stream.next().await? {
        Incoming::Element(features) if features.is("features", ns::STREAM) => Ok(features),
        _ => Err(Network::NotXmpp.into()),
    }
}

/// Asks for encryption and gives the connection back, ready for it.
async fn starttls<Io>(mut stream: Stream<Io>, domain: &str) -> Result<Io, Cause>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    // In the clear nobody needs to know who comes.
    let features = open(&mut stream, domain, None).await?;
    if !features.has_child("starttls", ns::TLS) {
        return Err(Refused::Unencrypted.into());
    }
    stream
        .send_element(&Element::bare("starttls", ns::TLS))
        .map_err(|_| Network::Lost)?;
    match stream.next().await? {
        Incoming::Element(answer) if answer.is("proceed", ns::TLS) => stream.into_inner().map_err(Cause::from),
        Incoming::Element(answer) if answer.is("failure", ns::TLS) => Err(Refused::CannotEncrypt.into()),
        _ => Err(End::NotXml("an answer to starttls that is none").into()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::error::Certificate;

    const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                          version='1.0' id='1'>";

    fn anna() -> BareJid {
        "anna@family.example".parse().unwrap()
    }

    fn to(port: u16) -> Target {
        Target {
            domain: "family.example".to_owned(),
            host: Some(Override {
                host: "127.0.0.1".to_owned(),
                port: Some(port),
                tls: Tls::Starttls,
            }),
            ca: None,
            dns: None,
        }
    }

    /// What becomes of a connection to a server that answers `script` to the first bytes, and hangs up.
    async fn met_with(script: String) -> Cause {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (target, anna) = (to(listener.local_addr().unwrap().port()), anna());
        let server = async {
            let (mut tcp, _) = listener.accept().await.unwrap();
            tcp.read_buf(&mut Vec::new()).await.unwrap();
            tcp.write_all(script.as_bytes()).await.unwrap();
            tcp.shutdown().await.unwrap();
            // Reads what else comes, so that the script is not lost in a reset.
            tcp.read_to_end(&mut Vec::new()).await.ok();
        };
        let (result, ()) = futures::join!(connect(&target, &anna), server);
        result.err().unwrap()
    }

    #[tokio::test]
    async fn each_obstacle_is_told_apart() {
        let features = |inner: &str| format!("{HEADER}<stream:features>{inner}</stream:features>");
        let starttls = features("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        let answer = |name: &str| format!("{starttls}<{name} xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        let unknown = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
        for (script, kind) in [
            (features(""), "refused"),
            (answer("failure"), "refused"),
            (format!("{}<iq/>", answer("proceed")), "refused"),
            (format!("{HEADER}{unknown}"), "refused"),
        ] {
            assert_eq!(met_with(script.clone()).await.kind(), kind, "{script}");
        }
        let http = "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned();
        assert_eq!(met_with(http).await, Network::NotXmpp.into());
        assert_eq!(met_with(answer("success")).await, Network::NotXmpp.into());
        assert_eq!(met_with(String::new()).await, Network::Lost.into());
        assert_eq!(met_with(answer("proceed")).await, Network::Lost.into());
    }

    #[tokio::test]
    async fn a_closed_port_is_not_an_unknown_name() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert_eq!(connect(&to(port), &anna()).await.err(), Some(Network::Refused.into()));
    }

    #[tokio::test]
    async fn the_first_address_that_answers_wins() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        // A discard prefix (RFC 6666) and a closed port.
        let bad = ["[100::1]:1", "127.0.0.1:1"].map(|address| address.parse().unwrap());
        let tcp = race(vec![bad[0], bad[1], good]).await.unwrap();
        assert_eq!(tcp.peer_addr().unwrap(), good);
    }

    #[test]
    fn the_most_telling_failure_is_told() {
        let network = |network: Network| Cause::from(network);
        let tell = |causes: Vec<Cause>| {
            causes
                .into_iter()
                .fold(None, |known, new| Some(more_telling(known, new)))
        };
        let expired = Cause::from(Certificate::Expired);
        assert_eq!(
            tell(vec![
                network(Network::Refused),
                expired.clone(),
                network(Network::NotXmpp)
            ]),
            Some(expired)
        );
        assert_eq!(
            tell(vec![
                network(Network::UnknownHost),
                network(Network::Silent),
                network(Network::Refused)
            ]),
            Some(network(Network::Silent))
        );
    }
}
