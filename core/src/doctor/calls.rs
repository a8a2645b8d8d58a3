//! Whether calls find their way: the STUN and TURN servers that are announced (XEP-0215), each asked whether it is there,
//! and the relays whether they relay for us.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UdpSocket;
use tokio::time::timeout;
use xmpp_parsers::ns;

use super::stun::{self, Credentials, Method, Reply};
use super::{Fact, Notes, Says};
use crate::http::Way;
use crate::session::connector::race;
use crate::session::dns::Dns;
use crate::session::end::quote;
use crate::session::tls::Tls;

/// More servers than this are not asked.
const MOST: usize = 8;
/// For one server.
const TIME: Duration = Duration::from_secs(5);
/// A lost datagram is sent again after this, as RFC 8489 says.
const AGAIN: Duration = Duration::from_millis(500);

/// How to talk to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Udp,
    Tcp,
    Tls,
}

/// An announced server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relay {
    relays: bool,
    transport: Transport,
    host: String,
    port: u16,
    credentials: Option<(String, String)>,
}

/// The servers in an answer, each once.
pub(super) fn announced(answer: Option<&Element>) -> Vec<Relay> {
    let services = answer.and_then(|iq| iq.get_child("services", ns::EXT_DISCO));
    let services = services.into_iter().flat_map(Element::children);
    let mut relays: Vec<Relay> = Vec::new();
    for relay in services.take(100).filter_map(relay) {
        if relays.len() < MOST && !relays.contains(&relay) {
            relays.push(relay);
        }
    }
    relays
}

fn relay(service: &Element) -> Option<Relay> {
    let (relays, secure) = match service.attr("type")? {
        "stun" => (false, false),
        "stuns" => (false, true),
        "turn" => (true, false),
        "turns" => (true, true),
        _ => return None,
    };
    let transport = match (service.attr("transport").unwrap_or("udp"), secure) {
        ("udp", false) => Transport::Udp,
        ("tcp", false) => Transport::Tcp,
        ("tcp", true) => Transport::Tls,
        // DTLS, which nobody offers.
        _ => return None,
    };
    let usual = if secure { 5349 } else { 3478 };
    let port = service.attr("port").map_or(Some(usual), |port| port.parse().ok())?;
    let word = |name| {
        service
            .attr(name)
            .filter(|word| word.len() <= 500)
            .map(ToOwned::to_owned)
    };
    Some(Relay {
        relays,
        transport,
        host: quote(service.attr("host")?)?,
        port,
        credentials: word("username").zip(word("password")),
    })
}

/// Asks all of them at once.
pub(super) async fn try_out(relays: Vec<Relay>, way: &Way, notes: &Notes) {
    if relays.is_empty() {
        return notes.say(Says::CallsNone);
    }
    if !relays.iter().any(|relay| relay.relays) {
        notes.say(Says::TurnNone);
    }
    join_all(relays.iter().map(|relay| examine(relay, way, notes))).await;
}

async fn examine(relay: &Relay, way: &Way, notes: &Notes) {
    let reply = timeout(TIME, ask(relay, way)).await.ok().flatten();
    let transport = match relay.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    };
    let mut facts = vec![
        ("host", Fact::Text(relay.host.clone())),
        ("port", Fact::Text(relay.port.to_string())),
        ("transport", Fact::Text(transport.to_owned())),
    ];
    let says = match (relay.relays, reply) {
        (false, Some(_)) => Says::StunAnswers,
        (false, None) => Says::StunSilent,
        (true, Some(Reply::Success)) => Says::TurnWorks,
        (true, None) => Says::TurnSilent,
        (true, Some(Reply::Error { code, .. })) => {
            facts.push(("code", Fact::Text(code.to_string())));
            Says::TurnRefused
        }
    };
    notes.tell(says, facts);
}

async fn ask(relay: &Relay, way: &Way) -> Option<Reply> {
    let addresses = Dns::new(way.dns).addresses(&relay.host, relay.port).await.ok()?;
    let mut line = Line::open(relay, addresses, way).await?;
    if !relay.relays {
        return line.ask(Method::Binding, None).await;
    }
    let Reply::Error { code, realm, nonce } = line.ask(Method::Allocate, None).await? else {
        // A relay for everybody: that works too.
        return Some(Reply::Success);
    };
    let Some((username, password)) = relay.credentials.clone().filter(|_| code == 401) else {
        return Some(Reply::Error { code, realm, nonce });
    };
    let credentials = Credentials {
        username,
        password,
        realm,
        nonce,
    };
    let allocated = line.ask(Method::Allocate, Some(&credentials)).await?;
    if allocated == Reply::Success {
        // Given back. That it is gone need not be heard.
        let _ = timeout(AGAIN, line.ask(Method::Refresh, Some(&credentials))).await;
    }
    Some(allocated)
}

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// The way to one server.
enum Line {
    Datagrams(UdpSocket),
    Stream(Box<dyn Both>),
}

impl Line {
    async fn open(relay: &Relay, addresses: Vec<SocketAddr>, way: &Way) -> Option<Self> {
        Some(match relay.transport {
            Transport::Udp => {
                let to = addresses
                    .iter()
                    .find(|address| address.is_ipv4())
                    .or(addresses.first())?;
                let any = if to.is_ipv4() {
                    Ipv4Addr::UNSPECIFIED.into()
                } else {
                    Ipv6Addr::UNSPECIFIED.into()
                };
                let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await.ok()?;
                // Connected: only this address is heard.
                socket.connect(to).await.ok()?;
                Self::Datagrams(socket)
            }
            Transport::Tcp => Self::Stream(Box::new(race(addresses).await.ok()?)),
            Transport::Tls => {
                let tls = Tls::new(&relay.host, way.ca.as_deref()).ok()?;
                let tcp = race(addresses).await.ok()?;
                Self::Stream(Box::new(tls.handshake_for(tcp, None).await.ok()?))
            }
        })
    }

    /// The answer to a request; waits for ever if there is none.
    async fn ask(&mut self, method: Method, credentials: Option<&Credentials>) -> Option<Reply> {
        let mut transaction = stun::Transaction::default();
        getrandom::fill(&mut transaction).ok()?;
        let request = stun::request(method, &transaction, credentials);
        match self {
            Self::Datagrams(socket) => {
                let mut packet = [0; stun::MOST];
                loop {
                    socket.send(&request).await.ok()?;
                    let heard = timeout(AGAIN, async {
                        loop {
                            let length = socket.recv(&mut packet).await.ok()?;
                            if let Some(reply) = stun::reply(packet.get(..length)?, method, &transaction) {
                                return Some(reply);
                            }
                        }
                    });
                    if let Ok(reply) = heard.await {
                        return reply;
                    }
                }
            }
            Self::Stream(stream) => {
                stream.write_all(&request).await.ok()?;
                stream.flush().await.ok()?;
                let mut message = vec![0; 20];
                stream.read_exact(&mut message).await.ok()?;
                message.resize(stun::length(&message)?, 0);
                stream.read_exact(message.get_mut(20..)?).await.ok()?;
                stun::reply(&message, method, &transaction)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_asked_is_taken_and_not_without_end() {
        let service = |attributes: &str| format!("<service {attributes}/>");
        let mut services = vec![
            service("type='stun' host='a.example' port='3478' transport='udp'"),
            service("type='turn' host='a.example' username='u' password='p'"),
            service("type='turns' host='a.example' transport='tcp'"),
            service("type='turns' host='a.example' transport='udp'"),
            service("type='ftp' host='a.example'"),
            service("type='stun' host='a.example' port='70000'"),
            service("type='stun'"),
        ];
        services.extend((1..90).map(|n| service(&format!("type='stun' host='{n}.example'"))));
        let answer: Element = format!(
            "<iq xmlns='jabber:client'><services xmlns='{}'>{}</services></iq>",
            ns::EXT_DISCO,
            services.concat()
        )
        .parse()
        .unwrap();
        let relays = announced(Some(&answer));
        assert_eq!(relays.len(), MOST);
        assert_eq!((relays[1].port, relays[1].credentials.is_some()), (3478, true));
        assert_eq!((relays[2].port, relays[2].transport), (5349, Transport::Tls));
        assert_eq!(announced(None), []);
    }
}
