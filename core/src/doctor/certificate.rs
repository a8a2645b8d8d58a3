//! What a server's certificate says about itself: names, issuer, days left (RFC 5280), also when it is not accepted.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use der::Decode as _;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Fact, Finding, Says};
use crate::error::{Cause, Certificate as Fault};
use crate::session::end::quote;

const DAY: i64 = 24 * 60 * 60;
/// Fewer days than this, and fewer than a sixth of its time, are few: whoever renews by itself does so earlier.
const FEW: i64 = 14;
/// More names than this are not told.
const NAMES: usize = 8;

/// The certificate that a server showed, once it did.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<Vec<u8>>>>);

impl Seen {
    pub fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Looks on while `verifier` decides.
    pub fn watch(&self, verifier: Arc<dyn ServerCertVerifier>) -> Arc<dyn ServerCertVerifier> {
        Arc::new(Watch {
            verifier,
            seen: self.clone(),
        })
    }
}

struct Watch {
    verifier: Arc<dyn ServerCertVerifier>,
    seen: Seen,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// **Invariant**: it only looks; every decision is the verifier's.
impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.to_vec());
        self.verifier
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.verifier.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.verifier.root_hint_subjects()
    }
}

/// What there is to say about a certificate and how it fared.
pub(super) fn finding(der: &[u8], fault: Option<&Cause>, now: i64) -> Finding {
    let Ok(certificate) = Certificate::from_der(der) else {
        return Finding::new(Says::CertificateInvalid, []);
    };
    let signed = certificate.tbs_certificate();
    let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let (begins, ends) = (
        seconds(&signed.validity().not_before),
        seconds(&signed.validity().not_after),
    );
    let days = ends.saturating_sub(now / 1000).div_euclid(DAY);
    let says = match fault {
        Some(Cause::Certificate(Fault::Expired)) => Says::CertificateExpired,
        Some(Cause::Certificate(Fault::NotYetValid)) => Says::CertificateEarly,
        Some(Cause::Certificate(Fault::WrongName)) => Says::CertificateName,
        Some(Cause::Certificate(Fault::UnknownIssuer)) => Says::CertificateIssuer,
        Some(Cause::Certificate(_)) => Says::CertificateInvalid,
        _ if days < FEW.min((ends.saturating_sub(begins) / 6).div_euclid(DAY)) => Says::CertificateSoon,
        _ => Says::CertificateGood,
    };
    let days = if says == Says::CertificateExpired { -days } else { days };
    Finding::new(
        says,
        [
            ("days", Fact::Number(days)),
            ("names", Fact::Text(names(&certificate))),
            ("issuer", Fact::Text(issuer(&certificate))),
        ],
    )
}

fn names(certificate: &Certificate) -> String {
    let Ok(Some((_, alternatives))) = certificate.tbs_certificate().get_extension::<SubjectAltName>() else {
        return String::new();
    };
    let names = alternatives.0.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => quote(name.as_str()),
        _ => None,
    });
    names.take(NAMES).collect::<Vec<_>>().join(", ")
}

/// The organization that signed it and what it calls the key it did so with.
fn issuer(certificate: &Certificate) -> String {
    let issuer = certificate.tbs_certificate().issuer();
    let parts = ["O=", "CN="].map(|start| {
        issuer.iter().find_map(|part| {
            let part = part.to_string();
            part.strip_prefix(start).and_then(quote)
        })
    });
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(to: (i32, u8, u8)) -> Vec<u8> {
        let mut params =
            CertificateParams::new(vec!["family.example".to_owned(), "rooms.family.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::OrganizationName, "The Family");
        params.distinguished_name.push(DnType::CommonName, "R7");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(to.0, to.1, to.2);
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .der()
            .to_vec()
    }

    /// 2026-03-01, ms UTC.
    const MARCH: i64 = 1_772_323_200_000;

    #[test]
    fn days_names_and_issuer_are_told() {
        let found = finding(&certificate((2026, 4, 1)), None, MARCH);
        assert_eq!(found.says, Says::CertificateGood);
        let facts = [
            ("days", Fact::Number(31)),
            ("names", Fact::Text("family.example, rooms.family.example".to_owned())),
            ("issuer", Fact::Text("The Family, R7".to_owned())),
        ];
        assert_eq!(found.facts, facts);
    }

    #[test]
    fn the_end_is_told_before_it_comes_and_after() {
        let soon = finding(&certificate((2026, 3, 9)), None, MARCH);
        assert_eq!((soon.says, &soon.facts[0].1), (Says::CertificateSoon, &Fact::Number(8)));
        let over = finding(&certificate((2026, 2, 20)), Some(&Fault::Expired.into()), MARCH);
        assert_eq!(
            (over.says, &over.facts[0].1),
            (Says::CertificateExpired, &Fact::Number(9))
        );
    }

    #[test]
    fn garbage_is_an_invalid_certificate() {
        for garbage in [&[][..], &[0x30, 0x82, 0xff, 0xff], b"not a certificate"] {
            assert_eq!(finding(garbage, None, MARCH).says, Says::CertificateInvalid);
        }
    }
}
