//! What a server offers for signing in, and which of it we take (RFC 6120, section 6.4; XEP-0440 for the choice of a
//! channel binding; XEP-0474 for proof that nobody changed the offer on the way).
//!
//! Bound to the connection before unbound, strong before weak, and the password itself only if the user allowed that
//! for this account. Some servers offer a binding and then refuse it (ejabberd 23.01 with TLS 1.3), and say no more
//! than "not authorized": so each binding gets its turn, then none, and only then is the password wrong.
//!
//! **Invariant**: an account whose sign-in was bound once is never signed in unbound again, nor with less than the
//! strongest mechanism it was ever offered, unless the user decides so. Whoever has a certificate for the domain, as those
//! who intercepted jabber.ru in 2023 had, can cut an offer short or pass a sign-in on, but cannot bind it. A renewed
//! certificate binds like the old one.

use minidom::Element;
use xmpp_parsers::ns;

use super::scram::{Binding, Hash};
use super::tls::Bindings;
use crate::error::{Cause, Certificate, Refused};
use crate::model::Pins;

/// The stronger first.
const HASHES: [Hash; 3] = [Hash::Sha512, Hash::Sha256, Hash::Sha1];

/// A kind of channel binding, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RFC 9266.
    Exporter,
    /// RFC 5929, section 4.
    EndPoint,
}

impl Kind {
    /// Its name in SASL and XEP-0440.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::EndPoint => "tls-server-end-point",
        }
    }

    /// What this connection gives for it.
    pub(crate) fn data(self, bindings: &Bindings) -> Option<&Vec<u8>> {
        match self {
            Self::Exporter => bindings.exporter.as_ref(),
            Self::EndPoint => bindings.end_point.as_ref(),
        }
    }
}

/// One way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// SCRAM, bound to the connection.
    Bound(Hash, Kind),
    /// SCRAM. The flag says whether to tell the server that we saw no offer of a binding.
    Unbound(Hash, bool),
    /// The password itself.
    Plain,
}

impl Attempt {
    /// The mechanism's name.
    pub(crate) fn mechanism(self) -> String {
        match self {
            Self::Bound(hash, _) => format!("{}-PLUS", hash.mechanism()),
            Self::Unbound(hash, _) => hash.mechanism().to_owned(),
            Self::Plain => "PLAIN".to_owned(),
        }
    }

    /// What SCRAM says about channel binding. `None`: this connection has no data of that kind.
    pub(crate) fn binding(self, bindings: &Bindings) -> Option<Binding> {
        Some(match self {
            Self::Bound(_, kind) => Binding::Bound {
                kind: kind.name(),
                data: kind.data(bindings)?.clone(),
            },
            Self::Unbound(_, true) => Binding::NotOffered,
            Self::Unbound(_, false) | Self::Plain => Binding::Unused,
        })
    }
}

/// What a server offers for signing in, as it came: nobody has vouched for it yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    mechanisms: Vec<String>,
    /// XEP-0440. `None`: it does not say.
    bindings: Option<Vec<String>>,
}

impl Offer {
    /// Reads what stands in the features of a stream.
    pub(crate) fn read(features: &Element) -> Self {
        let mechanisms = features.get_child("mechanisms", ns::SASL).map(|offered| {
            let mechanisms = offered.children().filter(|child| child.is("mechanism", ns::SASL));
            mechanisms.map(|mechanism| mechanism.text().trim().to_owned()).collect()
        });
        let bindings = features.get_child("sasl-channel-binding", ns::SASL_CB).map(|known| {
            let kinds = known
                .children()
                .filter(|child| child.is("channel-binding", ns::SASL_CB));
            kinds
                .filter_map(|kind| kind.attr("type"))
                .map(ToOwned::to_owned)
                .collect()
        });
        Self {
            mechanisms: mechanisms.unwrap_or_default(),
            bindings,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.mechanisms.iter().any(|mechanism| mechanism == name)
    }

    /// The strongest hash function, in whichever mechanism.
    fn strongest(&self) -> Option<Hash> {
        let offered = |hash: &Hash| self.has(hash.mechanism()) || self.has(&Attempt::plus(*hash));
        HASHES.into_iter().find(offered)
    }

    /// The offer as XEP-0474 hashes it, version 0.4 and later.
    pub(crate) fn digestible(&self) -> String {
        let sorted = |words: &[String]| {
            let mut words = words.to_vec();
            words.sort_unstable();
            words.join("\x1e")
        };
        let mut text = sorted(&self.mechanisms);
        if let Some(bindings) = &self.bindings {
            text.push('\x1f');
            text += &sorted(bindings);
        }
        text
    }

    /// What is to be remembered after a sign-in.
    pub(crate) fn pins(&self, before: &Pins, attempt: Attempt) -> Pins {
        let strongest = self.strongest().max(pinned(before));
        Pins {
            bound: before.bound || matches!(attempt, Attempt::Bound(..)),
            strongest: strongest.map(|hash| hash.mechanism().to_owned()),
        }
    }

    /// Which ways to try, the best **last**, so that the next one is popped.
    pub(crate) fn plan(&self, bindings: &Bindings, pins: &Pins, allow_plain: bool) -> Result<Vec<Attempt>, Cause> {
        if self.strongest() < pinned(pins) {
            return Err(Certificate::Weaker.into());
        }
        let bound = HASHES.into_iter().find(|hash| self.has(&Attempt::plus(*hash)));
        let unbound = HASHES.into_iter().find(|hash| self.has(hash.mechanism()));
        let mut plan = Vec::new();
        if let Some(hash) = unbound.filter(|_| !pins.bound) {
            let can_bind = bindings != &Bindings::default();
            plan.push(Attempt::Unbound(hash, bound.is_none() && can_bind));
        }
        if let Some(hash) = bound {
            let kinds = [Kind::EndPoint, Kind::Exporter].into_iter();
            let usable = kinds.filter(|kind| self.accepts(*kind) && kind.data(bindings).is_some());
            plan.extend(usable.map(|kind| Attempt::Bound(hash, kind)));
        }
        if !plan.is_empty() {
            return Ok(plan);
        }
        match (self.has("PLAIN"), allow_plain) {
            _ if pins.bound => Err(Certificate::Unbound.into()),
            (true, true) => Ok(vec![Attempt::Plain]),
            (true, false) => Err(Refused::OnlyPlain.into()),
            (false, _) => Err(Refused::NoMechanism.into()),
        }
    }

    fn accepts(&self, kind: Kind) -> bool {
        let known = self.bindings.as_ref();
        known.is_none_or(|known| known.iter().any(|name| name == kind.name()))
    }
}

impl Attempt {
    fn plus(hash: Hash) -> String {
        format!("{}-PLUS", hash.mechanism())
    }
}

fn pinned(pins: &Pins) -> Option<Hash> {
    HASHES
        .into_iter()
        .find(|hash| pins.strongest.as_deref() == Some(hash.mechanism()))
}

#[cfg(test)]
mod tests;
