//! What can be seen before signing in: names (RFC 6120, section 3.2; XEP-0368), each way in, certificates, and how people
//! may sign in there (XEP-0440).

use std::time::Duration;

use futures::future::join_all;
use minidom::Element;
use tokio::time::timeout;
use xmpp_parsers::ns;

use super::certificate::{self, Seen};
use super::{Fact, Notes, Patient, Says};
use crate::clock;
use crate::error::{Cause, Network};
use crate::model::Tls;
use crate::session::connector::{self, Secured};
use crate::session::dns::{DIRECT, Dns, Endpoint, Offer, STARTTLS, ascii};
use crate::session::end::quote;
use crate::session::tls;

/// For one name.
const NAMING: Duration = Duration::from_secs(5);
/// For one way in, from TCP to the server's features.
const REACHING: Duration = Duration::from_secs(9);
/// Of one kind of way, no more than this are tried; of a host's addresses no more are told.
const FEW: usize = 4;

/// The channel bindings that we can do.
const OUR_BINDINGS: [&str; 2] = ["tls-exporter", "tls-server-end-point"];

/// One way in.
struct Way {
    endpoint: Endpoint,
    /// DNS or the user named it; otherwise it is a guess.
    named: bool,
}

/// What came of trying it.
struct Tried {
    way: Way,
    result: Result<Secured, Cause>,
    certificate: Option<Vec<u8>>,
}

/// Looks from outside. True if the server offers to tie sign-ins to their connection.
pub(super) async fn examine(patient: &Patient, notes: &Notes) -> bool {
    let domain = patient.address.domain().to_string();
    let Ok(name) = ascii(&domain) else {
        notes.tell(Says::Unreachable, [("cause", Fact::Cause(Network::UnknownHost.into()))]);
        return false;
    };
    let dns = Dns::new(patient.dns);
    let (direct, starttls) = futures::join!(
        timeout(NAMING, dns.services(&name, DIRECT, Tls::Direct)),
        timeout(NAMING, dns.services(&name, STARTTLS, Tls::Starttls)),
    );
    let offers = [direct, starttls].map(|offer| offer.unwrap_or(Offer::Silent));
    let mut ways = named_ways(&name, &offers, notes);
    if let Some(host) = &patient.host {
        let endpoint = connector::endpoint(host);
        if ways.iter().all(|way| way.endpoint != endpoint) {
            ways.push(Way { endpoint, named: true });
        }
    }
    add_guesses(&name, &mut ways);
    let tried = join_all(ways.into_iter().map(|way| attempt(way, patient, &dns, notes))).await;
    tell_ways(&tried, notes);
    tell_certificates(&tried, notes);
    let features = tried
        .into_iter()
        .find_map(|tried| tried.result.ok().map(|secured| secured.features));
    features.is_some_and(|features| mechanisms(&features, notes))
}

/// The ways that DNS names, after telling what it says.
fn named_ways(domain: &str, offers: &[Offer; 2], notes: &Notes) -> Vec<Way> {
    let mut ways = Vec::new();
    for offer in offers {
        if let Offer::Records(services) = offer {
            ways.extend(services.iter().take(FEW).map(|service| Way {
                endpoint: service.endpoint.clone(),
                named: true,
            }));
        }
    }
    let has = offers.each_ref().map(|offer| matches!(offer, Offer::Records(_)));
    let host = ways
        .first()
        .map_or(domain, |way| way.endpoint.host.trim_end_matches('.'));
    let domain = Fact::Text(domain.to_owned());
    let facts = [("domain", domain), ("host", Fact::Text(host.to_owned()))];
    let says = if offers.iter().any(|offer| matches!(offer, Offer::Silent)) {
        Says::NamesSilent
    } else {
        match has {
            [true, true] => Says::NamesBoth,
            [false, true] => Says::NamesNoDirect,
            [true, false] => Says::NamesNoStarttls,
            _ if offers.iter().any(|offer| matches!(offer, Offer::Declined)) => Says::NamesDeclined,
            _ => Says::NamesNone,
        }
    };
    notes.tell(says, facts);
    ways
}

/// What was not named is tried where servers usually are: some admin has only forgotten to say so.
fn add_guesses(domain: &str, ways: &mut Vec<Way>) {
    let host = ways
        .first()
        .map_or_else(|| domain.to_owned(), |way| way.endpoint.host.clone());
    for (tls, port) in [(Tls::Direct, 5223), (Tls::Starttls, 5222)] {
        if ways.iter().all(|way| way.endpoint.tls != tls) {
            let host = host.clone();
            let endpoint = Endpoint { host, port, tls };
            ways.push(Way { endpoint, named: false });
        }
    }
}

async fn attempt(way: Way, patient: &Patient, dns: &Dns, notes: &Notes) -> Tried {
    let seen = Seen::default();
    let watch = |verifier| seen.watch(verifier);
    let result = async {
        let domain = patient.address.domain().to_string();
        let tls = tls::Tls::watched(&ascii(&domain)?, patient.ca.as_deref(), watch)?;
        let Endpoint { host, port, tls: when } = &way.endpoint;
        let found = connector::named(dns.addresses(host, *port)).await;
        let told = host.trim_end_matches('.').to_owned();
        match &found {
            Ok(addresses) => {
                let all: Vec<_> = addresses
                    .iter()
                    .take(FEW)
                    .map(|address| address.ip().to_string())
                    .collect();
                let facts = [("host", Fact::Text(told)), ("addresses", Fact::Text(all.join(", ")))];
                notes.tell(Says::AddressFound, facts);
            }
            Err(Cause::Network(Network::UnknownHost)) => notes.tell(Says::AddressNone, [("host", Fact::Text(told))]),
            Err(_) => notes.tell(Says::AddressSilent, [("host", Fact::Text(told))]),
        }
        let reached = timeout(REACHING, connector::reach(found?, *when, &tls, (&domain, None))).await;
        reached.unwrap_or_else(|_| Err(Network::Silent.into()))
    };
    let result = result.await;
    let certificate = seen.take();
    Tried {
        way,
        result,
        certificate,
    }
}

fn tell_ways(tried: &[Tried], notes: &Notes) {
    let reached = tried.iter().any(|tried| tried.result.is_ok());
    let nothing_named = tried.iter().all(|tried| !tried.way.named);
    for Tried { way, result, .. } in tried {
        let [works, unannounced, fails, absent] = match way.endpoint.tls {
            Tls::Direct => [
                Says::DirectWorks,
                Says::DirectUnannounced,
                Says::DirectFails,
                Says::DirectAbsent,
            ],
            Tls::Starttls => [
                Says::StarttlsWorks,
                Says::StarttlsUnannounced,
                Says::StarttlsFails,
                Says::StarttlsAbsent,
            ],
        };
        let mut facts = vec![
            ("host", Fact::Text(way.endpoint.host.trim_end_matches('.').to_owned())),
            ("port", Fact::Text(way.endpoint.port.to_string())),
        ];
        let says = match result {
            Ok(_) if way.named || nothing_named => works,
            Ok(_) => unannounced,
            Err(cause) => {
                facts.push(("cause", Fact::Cause(cause.clone())));
                // Somebody is there who cannot do it right: that is more than not being there.
                let absent_here = matches!(cause, Cause::Network(_));
                if way.named || !absent_here { fails } else { absent }
            }
        };
        notes.tell(says, facts);
    }
    if !reached {
        let causes = tried.iter().filter_map(|tried| tried.result.as_ref().err().cloned());
        let worst = causes.reduce(|worst, cause| connector::more_telling(Some(worst), cause));
        let cause = worst.unwrap_or_else(|| Network::UnknownHost.into());
        notes.tell(Says::Unreachable, [("cause", Fact::Cause(cause))]);
    }
}

fn tell_certificates(tried: &[Tried], notes: &Notes) {
    for tried in tried {
        if let Some(der) = &tried.certificate {
            notes.add(certificate::finding(der, tried.result.as_ref().err(), clock::now()));
        }
    }
}

/// Tells how people may sign in. True if a sign-in may be tied to its connection.
fn mechanisms(features: &Element, notes: &Notes) -> bool {
    let offered = features.get_child("mechanisms", ns::SASL);
    let offered = offered.into_iter().flat_map(Element::children).take(30);
    let offered: Vec<String> = offered.filter_map(|mechanism| quote(&mechanism.text())).collect();
    let all = || [("all", Fact::Text(offered.join(", ")))];
    let has = |wanted: &str| offered.iter().any(|mechanism| mechanism.starts_with(wanted));
    let says = if has("SCRAM-SHA-256") || has("SCRAM-SHA-512") {
        Says::MechanismsGood
    } else if has("SCRAM-SHA-1") {
        Says::MechanismsOld
    } else if has("PLAIN") {
        Says::MechanismsPlain
    } else {
        Says::MechanismsNone
    };
    notes.tell(says, all());
    if features.has_child("authentication", "urn:xmpp:sasl:2") {
        notes.say(Says::QuickSignIn);
    }
    let binds = offered.iter().any(|mechanism| mechanism.ends_with("-PLUS"));
    let kinds = features.get_child("sasl-channel-binding", ns::SASL_CB);
    let Some(kinds) = kinds.filter(|_| binds) else {
        notes.either(binds, Says::BindingUntold, Says::BindingNone);
        return binds;
    };
    let kinds = kinds.children().take(10).filter_map(|kind| quote(kind.attr("type")?));
    let kinds: Vec<_> = kinds.collect();
    notes.tell(Says::BindingGood, [("all", Fact::Text(kinds.join(", ")))]);
    kinds.iter().any(|kind| OUR_BINDINGS.contains(&kind.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(features: &str) -> (bool, Vec<Says>) {
        let features: Element = format!("<features xmlns='http://etherx.jabber.org/streams'>{features}</features>")
            .parse()
            .unwrap();
        let notes = Notes::default();
        let binds = mechanisms(&features, &notes);
        (
            binds,
            notes.into_inner().0.into_iter().map(|finding| finding.says).collect(),
        )
    }

    fn offer(mechanisms: &[&str]) -> String {
        let mechanisms: Vec<_> = mechanisms
            .iter()
            .map(|it| format!("<mechanism>{it}</mechanism>"))
            .collect();
        format!("<mechanisms xmlns='{}'>{}</mechanisms>", ns::SASL, mechanisms.concat())
    }

    #[test]
    fn ways_to_sign_in_are_weighed() {
        let (bare, plus) = ("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS");
        let kinds = format!(
            "<sasl-channel-binding xmlns='{}'><channel-binding type='tls-exporter'/></sasl-channel-binding>",
            ns::SASL_CB
        );
        let cases = [
            (
                offer(&[bare, plus]) + &kinds,
                true,
                vec![Says::MechanismsGood, Says::BindingGood],
            ),
            (
                offer(&[bare, plus]),
                true,
                vec![Says::MechanismsGood, Says::BindingUntold],
            ),
            (
                offer(&["SCRAM-SHA-1", "PLAIN"]),
                false,
                vec![Says::MechanismsOld, Says::BindingNone],
            ),
            (offer(&["PLAIN"]), false, vec![Says::MechanismsPlain, Says::BindingNone]),
            (offer(&[]), false, vec![Says::MechanismsNone, Says::BindingNone]),
            (String::new(), false, vec![Says::MechanismsNone, Says::BindingNone]),
        ];
        for (features, binds, expected) in cases {
            assert_eq!(says(&features), (binds, expected), "{features}");
        }
    }
}
