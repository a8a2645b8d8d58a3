//! Where a domain's server is (RFC 6120, section 3.2; XEP-0368; RFC 2782 for the order).
//!
//! DNS is not trusted with anything but the way: whatever it says, the certificate has to be the domain's.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use crate::error::{Cause, Network, Refused};
use crate::model::Tls;

/// The names of the two services. XEP-0368; RFC 6120, section 3.2.1.
pub(crate) const DIRECT: &str = "_xmpps-client._tcp";
pub(crate) const STARTTLS: &str = "_xmpp-client._tcp";

/// A place to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
}

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Srv {
    priority: u16,
    weight: u16,
    pub(crate) endpoint: Endpoint,
}

/// What DNS says about a domain's services.
pub(crate) enum Offer {
    Records(Vec<Srv>),
    /// The name is there and says that there is no such service.
    Declined,
    Nothing,
    /// No name server answered.
    Silent,
}

/// Asks for names.
pub(crate) struct Dns {
    /// `None` where the system does not tell its name servers; then the system itself is asked.
    resolver: Option<TokioResolver>,
}

impl Dns {
    /// Asks the system's name servers, or the one given.
    pub(crate) fn new(server: Option<SocketAddr>) -> Self {
        let builder = match server {
            None => TokioResolver::builder_tokio().ok(),
            Some(address) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = address.port();
                    connection
                });
                let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_name_servers(vec![server]);
                Some(TokioResolver::builder_with_config(
                    config,
                    TokioRuntimeProvider::default(),
                ))
            }
        };
        let resolver = builder.and_then(|mut builder| {
            let options = builder.options_mut();
            options.timeout = Duration::from_secs(2);
            options.attempts = 1;
            builder.build().ok()
        });
        Self { resolver }
    }

    /// Where to try, in order. Without services in DNS: the domain itself at the usual ports.
    pub(crate) async fn endpoints(&self, domain: &str) -> Result<Vec<Endpoint>, Cause> {
        let domain = ascii(domain)?;
        if domain.parse::<IpAddr>().is_ok() {
            return Ok(usual(&domain));
        }
        let (direct, starttls) = futures::join!(
            self.services(&domain, DIRECT, Tls::Direct),
            self.services(&domain, STARTTLS, Tls::Starttls),
        );
        let mut found = Vec::new();
        let mut declined = false;
        for offer in [direct, starttls] {
            match offer {
                Offer::Records(services) => found.extend(services),
                Offer::Declined => declined = true,
                Offer::Nothing | Offer::Silent => {}
            }
        }
        if !found.is_empty() {
            return Ok(ordered(found, random));
        }
        if declined {
            return Err(Refused::NoService.into());
        }
        Ok(usual(&domain))
    }

    /// What DNS says about one kind of service. `domain` is spelled as DNS does.
    pub(crate) async fn services(&self, domain: &str, service: &str, tls: Tls) -> Offer {
        let Some(resolver) = &self.resolver else {
            return Offer::Silent;
        };
        // The dot at the end keeps the search list of the local network out.
        let answer = match resolver.lookup(format!("{service}.{domain}."), RecordType::SRV).await {
            Ok(answer) => answer,
            Err(error) if error.is_no_records_found() => return Offer::Nothing,
            Err(_) => return Offer::Silent,
        };
        let mut declined = false;
        let mut services = Vec::new();
        for record in answer.answers() {
            let RData::SRV(srv) = &record.data else {
                continue;
            };
            if srv.target.is_root() {
                declined = true;
                continue;
            }
            services.push(Srv {
                priority: srv.priority,
                weight: srv.weight,
                endpoint: Endpoint {
                    host: srv.target.to_ascii(),
                    port: srv.port,
                    tls,
                },
            });
        }
        match (services.is_empty(), declined) {
            (false, _) => Offer::Records(services),
            (true, true) => Offer::Declined,
            (true, false) => Offer::Nothing,
        }
    }

    /// The addresses of a host, the two families taking turns, IPv6 first (RFC 8305).
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
        let host = ascii(host)?;
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let bare = host.trim_end_matches('.');
        // Names of the local network (mDNS) are known to the system alone.
        let is_local = bare.rsplit('.').next() == Some("local");
        let found = match &self.resolver {
            Some(resolver) if !is_local => {
                let answer = resolver
                    .lookup_ip(format!("{bare}."))
                    .await
                    .map_err(|error| cause(&error))?;
                answer.iter().map(|address| SocketAddr::new(address, port)).collect()
            }
            _ => match tokio::net::lookup_host((bare, port)).await {
                Ok(found) => found.collect::<Vec<_>>(),
                Err(_) => return Err(Network::UnknownHost.into()),
            },
        };
        if found.is_empty() {
            return Err(Network::UnknownHost.into());
        }
        Ok(taking_turns(found))
    }
}

fn cause(error: &NetError) -> Cause {
    if error.is_no_records_found() {
        Network::UnknownHost.into()
    } else {
        // Name servers that cannot be reached mean no network; what else could we tell a person?
        Network::Unreachable.into()
    }
}

/// A name as DNS spells it; addresses without the brackets of IPv6.
pub(crate) fn ascii(name: &str) -> Result<String, Cause> {
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    idna::domain_to_ascii(bare)
        .ok()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Network::UnknownHost.into())
}

/// Where servers are found without DNS saying so.
fn usual(domain: &str) -> Vec<Endpoint> {
    [(5222, Tls::Starttls), (5223, Tls::Direct)]
        .map(|(port, tls)| Endpoint {
            host: domain.to_owned(),
            port,
            tls,
        })
        .to_vec()
}

fn taking_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (six, four): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv6);
    let (mut six, mut four) = (six.into_iter(), four.into_iter());
    let mut turns = Vec::new();
    loop {
        let pair = (six.next(), four.next());
        if pair == (None, None) {
            return turns;
        }
        turns.extend(pair.0);
        turns.extend(pair.1);
    }
}

/// By priority; within one priority at random, a heavier one more likely first (RFC 2782). `pick(n)` is a number
/// from 0 to n.
fn ordered(mut services: Vec<Srv>, mut pick: impl FnMut(u32) -> u32) -> Vec<Endpoint> {
    // Stable, and the weightless first: so they keep their small chance.
    services.sort_by_key(|service| (service.priority, service.weight));
    let mut order = Vec::new();
    while let Some(priority) = services.first().map(|service| service.priority) {
        let peers = services.iter().take_while(|service| service.priority == priority);
        let total = peers.clone().map(|service| u32::from(service.weight)).sum();
        let chosen = pick(total);
        let mut sum = 0;
        let at = peers
            .take_while(|service| {
                sum += u32::from(service.weight);
                sum < chosen
            })
            .count();
        order.push(services.remove(at).endpoint);
    }
    order
}

fn random(most: u32) -> u32 {
    // Without a source of randomness the order is still a valid one.
    getrandom::u32().map_or(0, |number| number % (most.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(host: &str, priority: u16, weight: u16) -> Srv {
        Srv {
            priority,
            weight,
            endpoint: Endpoint {
                host: host.to_owned(),
                port: 5222,
                tls: Tls::Starttls,
            },
        }
    }

    fn hosts(services: &[Srv], pick: impl FnMut(u32) -> u32) -> Vec<String> {
        ordered(services.to_vec(), pick)
            .into_iter()
            .map(|endpoint| endpoint.host)
            .collect()
    }

    #[test]
    fn priorities_come_first_and_weights_decide_within_one() {
        let services = [
            service("backup", 20, 65535),
            service("small", 10, 1),
            service("large", 10, 9),
            service("none", 10, 0),
        ];
        assert_eq!(hosts(&services, |most| most), ["large", "small", "none", "backup"]);
        assert_eq!(hosts(&services, |_| 0), ["none", "small", "large", "backup"]);
        let mut sums = Vec::new();
        hosts(&services, |most| {
            sums.push(most);
            1.min(most)
        });
        assert_eq!(sums, [10, 9, 0, 65535]);
        assert_eq!(hosts(&[], |most| most), Vec::<String>::new());
    }

    #[test]
    fn a_heavier_service_is_first_more_often() {
        let services = [service("small", 1, 1), service("large", 1, 3)];
        let first = (0..=4).filter(|n| hosts(&services, |most| (*n).min(most))[0] == "large");
        assert_eq!(first.count(), 3);
    }

    #[test]
    fn families_of_addresses_take_turns() {
        let parse = |text: &str| text.parse::<SocketAddr>().unwrap();
        let mixed = ["1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1", "[::1]:1"].map(parse).to_vec();
        let expected = ["[::1]:1", "1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1"].map(parse);
        assert_eq!(taking_turns(mixed), expected);
    }

    #[test]
    fn names_are_spelled_as_dns_does() {
        assert_eq!(
            ascii("familie-sm\u{f8}rg\u{e5}s.example").unwrap(),
            "xn--familie-smrgs-0fb6z.example"
        );
        assert_eq!(ascii("[::1]").unwrap(), "::1");
        assert_eq!(ascii("192.0.2.1").unwrap(), "192.0.2.1");
        assert_eq!(ascii("").unwrap_err(), Network::UnknownHost.into());
    }

    #[tokio::test]
    async fn addresses_and_this_machine_need_no_network() {
        // Nobody answers there.
        let dns = Dns::new(Some("127.0.0.1:1".parse().unwrap()));
        assert_eq!(dns.addresses("::1", 7).await.unwrap(), ["[::1]:7".parse().unwrap()]);
        let local = dns.addresses("localhost", 7).await.unwrap();
        assert!(local.iter().all(|address| address.ip().is_loopback()));
        let endpoints = dns.endpoints("192.0.2.1").await.unwrap();
        assert_eq!(endpoints, usual("192.0.2.1"));
    }
}
