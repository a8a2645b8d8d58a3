//! SCRAM: logging in without showing the password, and making the server prove that it knows it too.
//!
//! RFC 5802 (SCRAM, SHA-1), RFC 7677 (SHA-256), draft-melnikov-scram-sha-512; `SASLprep` is RFC 4013; XEP-0474 for the
//! server's word on what it offered. No input or output here: three messages, each a step that consumes the one before,
//! so that no check can be left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// More would only keep the device busy: servers use 4,096 to 100,000.
const MAX_ITERATIONS: u32 = 1_000_000;

/// A hash function, the weaker first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// Runs an expression with the type that implements a [`Hash`].
macro_rules! with_hash {
    ($hash:expr, $implementation:ident => $run:expr) => {
        match $hash {
            Hash::Sha1 => {
                type $implementation = Sha1;
                $run
            }
            Hash::Sha256 => {
                type $implementation = Sha256;
                $run
            }
            Hash::Sha512 => {
                type $implementation = Sha512;
                $run
            }
        }
    };
}

type Secret = Zeroizing<Vec<u8>>;

impl Hash {
    /// The mechanism without channel binding.
    pub(crate) const fn mechanism(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    fn digest(self, data: &[u8]) -> Secret {
        with_hash!(self, H => Zeroizing::new(H::digest(data).to_vec()))
    }

    fn hmac(self, key: &[u8], data: &[u8]) -> Result<Secret, Refusal> {
        with_hash!(self, H => {
            // HMAC takes keys of any length, so this does not fail.
            let mut mac = Hmac::<H>::new_from_slice(key).map_err(|_| Refusal::Malformed)?;
            mac.update(data);
            Ok(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
        })
    }

    fn salted_password(self, password: &str, salt: &[u8], iterations: u32) -> Secret {
        let length = match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        };
        let mut salted = Zeroizing::new(vec![0_u8; length]);
        with_hash!(self, H => pbkdf2::pbkdf2_hmac::<H>(password.as_bytes(), salt, iterations, &mut salted));
        salted
    }
}

/// What the login says about channel binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Binding {
    /// We cannot, or what we have did not work with this server (`n`).
    Unused,
    /// We can, and saw no server that can (`y`). If the server did offer it, somebody cut the offer out, and the
    /// server will notice.
    NotOffered,
    /// Bound to this connection (`p=`).
    Bound {
        /// `tls-exporter` or `tls-server-end-point`.
        kind: &'static str,
        /// The data both sides derive from the connection.
        data: Vec<u8>,
    },
}

/// Why the exchange went no further.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    /// Not a SCRAM message.
    #[error("a malformed message")]
    Malformed,
    /// The answer belongs to another exchange.
    #[error("a nonce that does not continue ours")]
    Nonce,
    /// Too little salt, too few or too many rounds.
    #[error("unacceptable parameters")]
    Parameters,
    /// It asks for an extension that we would have to know.
    #[error("an unknown mandatory extension")]
    Extension,
    /// What the server offered is not what we saw: somebody changed it on the way.
    #[error("an offer that was tampered with")]
    Tampered,
    /// The server did not prove that it knows the password.
    #[error("a wrong signature")]
    Signature,
    /// The server ended the exchange, with SCRAM's word for why.
    #[error("the server says {0}")]
    Server(String),
}

/// Who signs in.
#[derive(Clone, Copy)]
pub(crate) struct Account<'a> {
    /// The part of the address before the @.
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}

/// Before anything was sent.
pub(crate) struct Scram {
    hash: Hash,
    offer: String,
    gs2: String,
    binding: Vec<u8>,
    bare: String,
    nonce: String,
    password: Zeroizing<String>,
}

/// After the proof was made: only the server's signature is missing.
pub(crate) struct Proven {
    signature: Secret,
}

impl Scram {
    /// Begins an exchange. `offer`: what we saw offered, as XEP-0474 hashes it. `nonce` is printable, random and never
    /// used before.
    pub(crate) fn new(hash: Hash, account: Account<'_>, binding: Binding, offer: String, nonce: String) -> Self {
        let (gs2, binding) = match binding {
            Binding::Unused => ("n,,".to_owned(), Vec::new()),
            Binding::NotOffered => ("y,,".to_owned(), Vec::new()),
            Binding::Bound { kind, data } => (format!("p={kind},,"), data),
        };
        let username = prepared(account.username).replace('=', "=3D").replace(',', "=2C");
        Self {
            hash,
            offer,
            gs2,
            binding,
            bare: format!("n={username},r={nonce}"),
            nonce,
            password: prepared(account.password),
        }
    }

    /// The client's first message.
    pub(crate) fn first(&self) -> String {
        format!("{}{}", self.gs2, self.bare)
    }

    /// The client's final message, in answer to the server's first one. Takes time, by design.
    pub(crate) fn prove(self, server_first: &str) -> Result<(String, Proven), Refusal> {
        let Challenge {
            nonce,
            salt,
            iterations,
            offer,
        } = challenge(server_first, &self.nonce)?;
        // Nobody on the way can leave it out or make it up: it is part of what both sides sign.
        if offer.is_some_and(|offer| offer != BASE64.encode(self.hash.digest(self.offer.as_bytes()))) {
            return Err(Refusal::Tampered);
        }
        let mut bound = self.gs2.into_bytes();
        bound.extend_from_slice(&self.binding);
        let without_proof = format!("c={},r={nonce}", BASE64.encode(&bound));
        let signed = format!("{},{server_first},{without_proof}", self.bare);

        let salted = self.hash.salted_password(&self.password, &salt, iterations);
        let client_key = self.hash.hmac(&salted, b"Client Key")?;
        let stored_key = self.hash.digest(&client_key);
        let client_signature = self.hash.hmac(&stored_key, signed.as_bytes())?;
        let mut proof: Vec<u8> = client_key
            .iter()
            .zip(client_signature.iter())
            .map(|(a, b)| a ^ b)
            .collect();
        let message = format!("{without_proof},p={}", BASE64.encode(&proof));
        proof.zeroize();

        let server_key = self.hash.hmac(&salted, b"Server Key")?;
        let signature = self.hash.hmac(&server_key, signed.as_bytes())?;
        Ok((message, Proven { signature }))
    }
}

impl Proven {
    /// Checks the server's final message.
    pub(crate) fn verify(&self, server_final: &str) -> Result<(), Refusal> {
        let first = server_final.split(',').next().unwrap_or_default();
        if let Some(error) = first.strip_prefix("e=") {
            return Err(Refusal::Server(error.to_owned()));
        }
        let signature = first.strip_prefix("v=").ok_or(Refusal::Malformed)?;
        let signature = BASE64.decode(signature).map_err(|_| Refusal::Malformed)?;
        if bool::from(signature.ct_eq(&self.signature)) {
            Ok(())
        } else {
            Err(Refusal::Signature)
        }
    }
}

struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: u32,
    offer: Option<&'a str>,
}

/// Reads `r=...,s=...,i=...`; extensions may follow, and are ignored unless they are mandatory or `h=` of XEP-0474.
fn challenge<'a>(message: &'a str, ours: &str) -> Result<Challenge<'a>, Refusal> {
    let mut fields = message.split(',');
    if message.split(',').any(|field| field.starts_with("m=")) {
        return Err(Refusal::Extension);
    }
    let mut field = |name: &str| {
        fields
            .next()
            .and_then(|field| field.strip_prefix(name))
            .ok_or(Refusal::Malformed)
    };
    let nonce = field("r=")?;
    let salt = field("s=")?;
    let iterations = field("i=")?;
    if nonce.len() <= ours.len() || !nonce.starts_with(ours) {
        return Err(Refusal::Nonce);
    }
    let salt = BASE64.decode(salt).map_err(|_| Refusal::Malformed)?;
    // Digits only: `parse` would take a plus sign, too.
    if iterations.is_empty() || !iterations.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Malformed);
    }
    let iterations = iterations.parse().unwrap_or(u32::MAX);
    if salt.is_empty() || !(1..=MAX_ITERATIONS).contains(&iterations) {
        return Err(Refusal::Parameters);
    }
    Ok(Challenge {
        nonce,
        salt,
        iterations,
        offer: fields.find_map(|field| field.strip_prefix("h=")),
    })
}

/// `SASLprep`. What it forbids stays as it was typed: the server decides whether that is a password.
fn prepared(text: &str) -> Zeroizing<String> {
    Zeroizing::new(stringprep::saslprep(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned))
}

/// A nonce: 192 random bits as text.
pub(crate) fn nonce() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Account<'_> = Account {
        username: "user",
        password: "pencil",
    };

    struct Vector {
        hash: Hash,
        binding: Binding,
        nonce: &'static str,
        server_first: &'static str,
        client_final: &'static str,
        server_final: &'static str,
    }

    fn check(vector: Vector) {
        let scram = Scram::new(
            vector.hash,
            USER,
            vector.binding,
            String::new(),
            vector.nonce.to_owned(),
        );
        let (message, proven) = scram.prove(vector.server_first).unwrap();
        assert_eq!(message, vector.client_final);
        assert_eq!(proven.verify(vector.server_final), Ok(()));
        assert_eq!(proven.verify("v=AAAA"), Err(Refusal::Signature));
    }

    #[test]
    fn rfc_5802() {
        check(Vector {
            hash: Hash::Sha1,
            binding: Binding::Unused,
            nonce: "fyko+d2lbbFgONRv9qkxdawL",
            server_first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            client_final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            server_final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        });
    }

    #[test]
    fn rfc_7677() {
        check(Vector {
            hash: Hash::Sha256,
            binding: Binding::Unused,
            nonce: "rOprNGfwEbeRWgbNEkqO",
            server_first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            client_final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                           p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            server_final: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        });
    }

    // No published vector has SHA-512 and a binding. This one is from Python's standard library:
    // python3 -c 'import hashlib as h,hmac,base64 as b;H="sha512";e=lambda x:b.b64encode(x).decode();m=lambda k,t:
    // hmac.new(k,t,H).digest();bare="n=user,r=abc";sf="r=abcdef,s="+e(b"0123456789")+",i=1000";cf="c="+e(b"p=tls-exporter,,"
    // +bytes(range(32)))+",r=abcdef";am=",".join([bare,sf,cf]).encode();sp=h.pbkdf2_hmac(H,b"pencil",b"0123456789",1000);
    // ck=m(sp,b"Client Key");print(cf+",p="+e(bytes(x^y for x,y in zip(ck,m(h.new(H,ck).digest(),am)))),
    // "v="+e(m(m(sp,b"Server Key"),am)))'
    #[test]
    fn sha_512_bound() {
        check(Vector {
            hash: Hash::Sha512,
            binding: Binding::Bound {
                kind: "tls-exporter",
                data: (0..32).collect(),
            },
            nonce: "abc",
            server_first: "r=abcdef,s=MDEyMzQ1Njc4OQ==,i=1000",
            client_final: "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r=abcdef,p=JJyUieN\
                           fy/AuheNSM8o1eHYXaNkW1khmdqtyN02p+Lqi3Kg/mjE2giyzu8axfxdHnFv3YBIE/t3bxqlD/JHM/Q==",
            server_final: "v=RHRIluZv3z28Ro7LO7H5Qjvvz4A3KijmOkSEaxHJ6ylGOlIwjhBSSNmznjvyCq/DAX/976aqXek9eqhm9Mc\
                           HxA==",
        });
    }

    #[test]
    fn the_first_message_says_what_is_known_of_bindings() {
        let account = Account {
            username: "a,b=c",
            password: "",
        };
        let first = |binding| Scram::new(Hash::Sha1, account, binding, String::new(), "N".to_owned()).first();
        assert_eq!(first(Binding::Unused), "n,,n=a=2Cb=3Dc,r=N");
        assert_eq!(first(Binding::NotOffered), "y,,n=a=2Cb=3Dc,r=N");
        let bound = Binding::Bound {
            kind: "tls-server-end-point",
            data: vec![1],
        };
        assert_eq!(first(bound), "p=tls-server-end-point,,n=a=2Cb=3Dc,r=N");
    }

    fn unbound(offer: &str) -> Scram {
        Scram::new(Hash::Sha1, USER, Binding::Unused, offer.to_owned(), "abc".to_owned())
    }

    fn refusal(server_first: &str) -> Refusal {
        let scram = unbound("a\x1eb");
        match scram.prove(server_first) {
            Ok(_) => panic!("accepted {server_first}"),
            Err(refusal) => refusal,
        }
    }

    #[test]
    fn hostile_challenges_are_refused() {
        for (message, expected) in [
            ("", Refusal::Malformed),
            ("s=QSXC,r=abcdef,i=1", Refusal::Malformed),
            ("r=abcdef,s=QSXC", Refusal::Malformed),
            ("r=abcdef,s=*,i=4096", Refusal::Malformed),
            ("r=abcdef,s=QSXC,i=+5", Refusal::Malformed),
            ("r=abcdef,s=QSXC,i=", Refusal::Malformed),
            ("r=abdcef,s=QSXC,i=4096", Refusal::Nonce),
            ("r=abc,s=QSXC,i=4096", Refusal::Nonce),
            ("r=abcdef,s=,i=4096", Refusal::Parameters),
            ("r=abcdef,s=QSXC,i=0", Refusal::Parameters),
            ("r=abcdef,s=QSXC,i=1000001", Refusal::Parameters),
            ("r=abcdef,s=QSXC,i=99999999999999999999", Refusal::Parameters),
            ("m=x,r=abcdef,s=QSXC,i=4096", Refusal::Extension),
            ("r=abcdef,s=QSXC,i=4096,m=x", Refusal::Extension),
        ] {
            assert_eq!(refusal(message), expected, "{message}");
        }
    }

    #[test]
    fn h37_an_offer_that_was_changed_on_the_way_is_noticed() {
        // printf 'a\x1eb' | openssl sha1 -binary | base64
        let told = "ofdGJdcJmUQUSiUwAw+9CQ/kmQ0=";
        let proven = |h: &str| unbound("a\x1eb").prove(&format!("r=abcdef,s=QSXC,i=1,x=y,h={h}"));
        assert!(proven(told).is_ok());
        for other in ["", "ofdGJdcJmUQUSiUwAw+9CQ/kmQ0", "AAAA"] {
            assert_eq!(proven(other).err(), Some(Refusal::Tampered), "{other}");
        }
    }

    #[test]
    fn a_final_message_without_signature_proves_nothing() {
        let scram = unbound("a\x1eb");
        let (_, proven) = scram.prove("r=abcdef,s=QSXC,i=1,x=ignored").unwrap();
        assert_eq!(proven.verify(""), Err(Refusal::Malformed));
        assert_eq!(proven.verify("v="), Err(Refusal::Signature));
        assert_eq!(proven.verify("x=AAAA"), Err(Refusal::Malformed));
        assert_eq!(
            proven.verify("e=invalid-proof"),
            Err(Refusal::Server("invalid-proof".to_owned()))
        );
    }

    #[test]
    fn passwords_are_prepared_and_emoji_survive() {
        // RFC 4013, section 3: a soft hyphen goes, a ligature is taken apart.
        assert_eq!(*prepared("I\u{ad}X"), "IX");
        assert_eq!(*prepared("\u{2168}"), "IX");
        assert_eq!(*prepared("\u{7}"), "\u{7}");
        assert_eq!(*prepared("🐟🐠"), "🐟🐠");
    }
}
