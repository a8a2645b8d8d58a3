//! Tokens in place of the password: one round trip, and nothing to guess (XEP-0484; draft-ietf-kitten-sasl-ht as servers
//! speak it: HMAC-SHA-256 over who speaks and what binds to the connection).
//!
//! A token is as good as a password, so it lives in the vault, and is bound to the connection wherever the sign-in was
//! that brought it. What goes over the wire is a proof of it.

use hmac::{Hmac, KeyInit, Mac};
use minidom::Element;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use xmpp_parsers::date::DateTime;
use xmpp_parsers::ns;
use zeroize::Zeroizing;

use super::offer::Kind;

/// Nobody needs a longer one.
const LONGEST: usize = 4096;

/// A token, for one installation and one way to use it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is bound with: the server accepts it in no other way.
    kind: Option<Kind>,
    /// ms UTC.
    expires_at: i64,
    secret: Zeroizing<String>,
}

/// The mechanism for tokens of a kind.
pub(crate) const fn mechanism(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Exporter) => "HT-SHA-256-EXPR",
        Some(Kind::EndPoint) => "HT-SHA-256-ENDP",
        None => "HT-SHA-256-NONE",
    }
}

impl Token {
    /// The token that a server gives, if it gives one that can be used. `kind`: what it was asked for.
    pub(crate) fn given(success: &Element, kind: Option<Kind>) -> Option<Self> {
        let token = success.get_child("token", ns::FAST)?;
        let expires: DateTime = token.attr("expiry")?.parse().ok()?;
        let secret = token.attr("token")?;
        ((1..=LONGEST).contains(&secret.len())).then(|| Self {
            kind,
            expires_at: expires.0.timestamp_millis(),
            secret: Zeroizing::new(secret.to_owned()),
        })
    }

    /// As the vault keeps it.
    pub(crate) fn kept(&self) -> Zeroizing<String> {
        let (mechanism, secret) = (mechanism(self.kind), self.secret.as_str());
        Zeroizing::new(format!("{mechanism} {} {secret}", self.expires_at))
    }

    /// From the vault.
    pub(crate) fn find(kept: &str) -> Option<Self> {
        let mut words = kept.splitn(3, ' ');
        let name = words.next()?;
        let kinds = [None, Some(Kind::Exporter), Some(Kind::EndPoint)];
        Some(Self {
            kind: kinds.into_iter().find(|kind| mechanism(*kind) == name)?,
            expires_at: words.next()?.parse().ok()?,
            secret: Zeroizing::new(words.next()?.to_owned()),
        })
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kind
    }

    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.expires_at <= now
    }

    /// The client's only message. `bound`: what binds to this connection.
    pub(crate) fn message(&self, username: &str, bound: &[u8]) -> Vec<u8> {
        let mut message = username.as_bytes().to_vec();
        message.push(0);
        message.extend(self.proof("Initiator", bound));
        message
    }

    /// Whether the server proved that it knows the token too.
    pub(crate) fn proves(&self, answer: &[u8], bound: &[u8]) -> bool {
        bool::from(self.proof("Responder", bound).ct_eq(answer))
    }

    fn proof(&self, who: &str, bound: &[u8]) -> Vec<u8> {
        // HMAC takes keys of any length, so this does not fail; an empty proof proves nothing to anybody.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()) else {
            return Vec::new();
        };
        mac.update(who.as_bytes());
        mac.update(bound);
        mac.finalize().into_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(attributes: &str) -> Option<Token> {
        let success = format!(
            "<success xmlns='{}'><token xmlns='{}' {attributes}/></success>",
            ns::SASL2,
            ns::FAST
        );
        Token::given(&success.parse().unwrap(), Some(Kind::Exporter))
    }

    #[test]
    fn a_token_survives_the_vault() {
        let token = given("token='a secret with spaces' expiry='2026-12-01T00:00:00Z'").unwrap();
        let found = Token::find(&token.kept()).unwrap();
        assert!(found == token);
        assert_eq!(found.kind(), Some(Kind::Exporter));
        assert!(!found.is_over(1_796_083_199_999) && found.is_over(1_796_083_200_000));
        for other in [
            "",
            "HT-SHA-256-NONE",
            "HT-SHA-256-NONE x y",
            "HT-SHA-256-UNIQ 1 y",
            "password",
        ] {
            assert!(Token::find(other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_a_server_gives_is_looked_at() {
        for bad in [
            "",
            "token='' expiry='2026-12-01T00:00:00Z'",
            "token='a'",
            "token='a' expiry='soon'",
        ] {
            assert!(given(bad).is_none(), "{bad}");
        }
        let long = format!("token='{}' expiry='2026-12-01T00:00:00Z'", "a".repeat(LONGEST + 1));
        assert!(given(&long).is_none());
    }

    // python3 -c 'import hmac;print(*(hmac.new(b"pencil",w+bytes(range(4)),"sha256").hexdigest()
    // for w in (b"Initiator",b"Responder")))'
    #[test]
    fn the_proof_is_that_of_the_draft() {
        let token = Token::find("HT-SHA-256-EXPR 1 pencil").unwrap();
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .concat()
        };
        let message = token.message("anna", &[0, 1, 2, 3]);
        assert_eq!(&message[..5], b"anna\0");
        assert_eq!(
            hex(&message[5..]),
            "4c24548e76ad8e961af4bde497711337859819887ffcf3c670a7f41cbbd20c55"
        );
        let answer = token.proof("Responder", &[0, 1, 2, 3]);
        assert_eq!(
            hex(&answer),
            "b2525b7d3fac903bce68a8739a0a5f51d57d0c6decfd31ae80c9e3c74ac64c8c"
        );
        assert!(token.proves(&answer, &[0, 1, 2, 3]));
        // Neither on another connection, nor with our own proof sent back.
        assert!(!token.proves(&answer, &[0, 1, 2, 4]));
        assert!(!token.proves(&message[5..], &[0, 1, 2, 3]) && !token.proves(&[], &[0, 1, 2, 3]));
    }
}
