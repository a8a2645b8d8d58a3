//! The server's side of SCRAM-SHA-1 (RFC 5802), with the ways to cheat that a test may want.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest as _, Sha1};

const SALT: &[u8] = b"salt of the fake";

/// After the client's first message.
pub(super) struct Exchange {
    bare: String,
    first: String,
}

impl Exchange {
    /// Answers the client's first message. `offered`: what it says it offered (XEP-0474).
    pub(super) fn begin(client_first: &str, iterations: u32, offered: Option<&[&str]>) -> Option<(Self, String)> {
        let bare = client_first.splitn(3, ',').nth(2)?.to_owned();
        let nonce = bare.split(',').find_map(|field| field.strip_prefix("r="))?;
        let hash = offered.map(|offered| format!(",h={}", BASE64.encode(Sha1::digest(digestible(offered)))));
        let first = format!(
            "r={nonce}fake,s={},i={iterations}{}",
            BASE64.encode(SALT),
            hash.unwrap_or_default()
        );
        Some((
            Self {
                bare,
                first: first.clone(),
            },
            first,
        ))
    }

    /// The server's final message, if the client knows the password.
    pub(super) fn finish(self, client_final: &str, password: &str, honest: bool) -> Option<String> {
        let (without_proof, proof) = client_final.rsplit_once(",p=")?;
        let iterations = self.first.split(",i=").nth(1)?.split(',').next()?.parse().ok()?;
        let signed = format!("{},{},{without_proof}", self.bare, self.first);
        let mut salted = [0; 20];
        pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), SALT, iterations, &mut salted);
        let client_key = hmac(&salted, b"Client Key");
        let signature = hmac(&Sha1::digest(&client_key), signed.as_bytes());
        let expected: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        if BASE64.decode(proof).ok()? != expected {
            return None;
        }
        let proof = hmac(&hmac(&salted, b"Server Key"), signed.as_bytes());
        let proof = if honest { proof } else { vec![0; 20] };
        Some(format!("v={}", BASE64.encode(proof)))
    }
}

fn digestible(offered: &[&str]) -> String {
    let mut offered = offered.to_vec();
    offered.sort_unstable();
    offered.join("\x1e")
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_know_the_password_does_not_get_in() {
        let (exchange, first) = Exchange::begin("n,,n=anna,r=abc", 1, None).unwrap();
        assert!(first.starts_with("r=abcfake,s="));
        assert_eq!(exchange.finish("c=biws,r=abcfake,p=AAAA", "secret", true), None);
    }
}
