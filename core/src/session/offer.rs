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

use super::fast;
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
    /// The token in place of the password, bound or not. XEP-0484.
    Token(Option<Kind>),
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
            Self::Token(kind) => fast::mechanism(kind).to_owned(),
            Self::Bound(hash, _) => format!("{}-PLUS", hash.mechanism()),
            Self::Unbound(hash, _) => hash.mechanism().to_owned(),
            Self::Plain => "PLAIN".to_owned(),
        }
    }

    /// What SCRAM needs to know. `None`: it is not SCRAM, or this connection has no data of that kind.
    pub(crate) fn scram(self, bindings: &Bindings) -> Option<(Hash, Binding)> {
        match self {
            Self::Bound(hash, kind) => {
                let (kind, data) = (kind.name(), kind.data(bindings)?.clone());
                Some((hash, Binding::Bound { kind, data }))
            }
            Self::Unbound(hash, true) => Some((hash, Binding::NotOffered)),
            Self::Unbound(hash, false) => Some((hash, Binding::Unused)),
            Self::Token(_) | Self::Plain => None,
        }
    }

    /// The kind of binding.
    pub(crate) fn kind(self) -> Option<Kind> {
        match self {
            Self::Bound(_, kind) => Some(kind),
            Self::Token(kind) => kind,
            Self::Unbound(..) | Self::Plain => None,
        }
    }
}

/// What a server offers for signing in, as it came: nobody has vouched for it yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    mechanisms: Vec<String>,
    /// XEP-0440. `None`: it does not say.
    bindings: Option<Vec<String>>,
    /// SASL2. `None`: only as RFC 6120 has it.
    pub(crate) modern: Option<Modern>,
}

/// What may go along with signing in. XEP-0388.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Modern {
    /// A resource (XEP-0386), and with it these features.
    pub(crate) bind: Option<Vec<String>>,
    /// An old stream can be taken up (XEP-0198).
    pub(crate) resume: bool,
    /// The mechanisms for tokens (XEP-0484).
    fast: Vec<String>,
}

impl Modern {
    fn read(authentication: &Element) -> Self {
        let Some(inline) = authentication.get_child("inline", ns::SASL2) else {
            return Self::default();
        };
        let bind = inline.get_child("bind", ns::BIND2).map(|bind| {
            let features = bind
                .get_child("inline", ns::BIND2)
                .into_iter()
                .flat_map(Element::children);
            let names = features.filter_map(|feature| feature.attr("var"));
            names.map(ToOwned::to_owned).collect()
        });
        let fast = inline.get_child("fast", ns::FAST);
        Self {
            bind,
            resume: inline.has_child("sm", ns::SM),
            fast: fast.map(|fast| mechanisms(fast, ns::FAST)).unwrap_or_default(),
        }
    }

    /// Whether a feature can come with the resource.
    pub(crate) fn binds(&self, feature: &str) -> bool {
        self.bind.iter().flatten().any(|known| known == feature)
    }

    /// Of what a stream offers, what holds for one that goes on.
    pub(crate) fn lasting_features(&self) -> Element {
        let mut features = Element::bare("features", ns::STREAM);
        if self.binds(ns::CSI) {
            features.append_child(Element::bare("csi", ns::CSI));
        }
        features
    }

    /// Whether a token of this kind can be had and used.
    pub(crate) fn has_tokens(&self, kind: Option<Kind>) -> bool {
        self.fast.iter().any(|known| known == fast::mechanism(kind))
    }
}

fn mechanisms(parent: &Element, ns: &str) -> Vec<String> {
    let offered = parent.children().filter(|child| child.is("mechanism", ns));
    offered.map(|mechanism| mechanism.text().trim().to_owned()).collect()
}

impl Offer {
    /// Reads what stands in the features of a stream.
    pub(crate) fn read(features: &Element) -> Self {
        let modern = features.get_child("authentication", ns::SASL2);
        let classic = features.get_child("mechanisms", ns::SASL);
        let offered = modern.map_or_else(
            || classic.map(|classic| mechanisms(classic, ns::SASL)),
            |modern| Some(mechanisms(modern, ns::SASL2)),
        );
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
            mechanisms: offered.unwrap_or_default(),
            bindings,
            modern: modern.map(Modern::read),
        }
    }

    /// Whether the server says that a token of this kind will do, and this connection and account allow it: where a
    /// binding was, a token goes bound or not at all.
    pub(crate) fn takes(&self, kind: Option<Kind>, bindings: &Bindings, pins: &Pins) -> bool {
        let bound = kind.map_or(!pins.bound, |kind| kind.data(bindings).is_some());
        bound && self.modern.as_ref().is_some_and(|modern| modern.has_tokens(kind))
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
            client_id: before.client_id.clone(),
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
