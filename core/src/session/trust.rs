//! Whom to trust: the system first, then the authorities of a file that the user named (RFC 5280).
//!
//! Two verifiers rather than one with more roots, because Android's system decides alone and takes no roots along.

use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::error::{Cause, Invalid, Storage};

/// Asks the system, and where it says no the user's own authorities.
#[derive(Debug)]
pub(super) struct Trust {
    system: Option<rustls_platform_verifier::Verifier>,
    named: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    /// Trusts the system and these authorities. Fails if that is nobody.
    pub fn new(named: Vec<CertificateDer<'static>>, provider: &Arc<CryptoProvider>) -> Result<Self, Cause> {
        let system = rustls_platform_verifier::Verifier::new(Arc::clone(provider)).ok();
        let named = if named.is_empty() {
            None
        } else {
            Some(authorities(named, provider).ok_or(Invalid::CaOther)?)
        };
        if system.is_none() && named.is_none() {
            return Err(Storage::NoTrust.into());
        }
        Ok(Self {
            system,
            named,
            provider: Arc::clone(provider),
        })
    }
}

fn authorities(
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).ok()?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .ok()
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ask = |who: &dyn ServerCertVerifier| {
            who.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let system = self.system.as_ref().map(|system| ask(system));
        let named = || self.named.as_deref().map(|named| ask(named));
        match (system, named) {
            (Some(Ok(trusted)), _) => Ok(trusted),
            // Who knows the authority knows what else is wrong.
            (Some(Err(error)), named) => match named() {
                None | Some(Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))) => Err(error),
                Some(answer) => answer,
            },
            (None, named) => named().unwrap_or(Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
