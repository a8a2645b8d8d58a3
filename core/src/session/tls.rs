//! TLS, and what binds a login to it (RFC 7590, XEP-0368; RFC 5929 and RFC 9266 for channel bindings).
//!
//! The system decides whom to trust, plus one file that the user may name: home servers often have their own authority.
//! On Windows only the system itself can tell, because it fetches authorities when they are first needed.
//!
//! **Invariant**: the certificate is checked against the domain of the address, never against a name that DNS gave.

use std::io;
use std::path::Path;
use std::sync::Arc;

use der::asn1::ObjectIdentifier;
use der::{Decode, Header, Reader, SliceReader, Tag};
use sha2::{Digest, Sha256, Sha384, Sha512};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, AlertDescription, CertificateError, ClientConfig, ProtocolVersion};

use super::trust::Trust;
use crate::error::{Cause, Certificate, Invalid, Network, Refused, Storage};

/// The ALPN name of client streams (XEP-0368).
const ALPN: &[u8] = b"xmpp-client";

/// What ties a login to this very connection, so that nobody can pass it on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bindings {
    /// `tls-exporter`.
    pub(crate) exporter: Option<Vec<u8>>,
    /// `tls-server-end-point`.
    pub(crate) end_point: Option<Vec<u8>>,
}

#[cfg(test)]
impl Bindings {
    /// Both kinds, and they differ.
    pub(crate) fn both() -> Self {
        Self {
            exporter: Some(vec![1; 32]),
            end_point: Some(vec![2; 32]),
        }
    }
}

/// What both sides of a connection to one domain share: roots of trust and versions.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Tls {
    /// Prepares connections to `domain`, trusting the system and what the file `ca` holds.
    pub(crate) fn new(domain: &str, ca: Option<&Path>) -> Result<Self, Cause> {
        Self::watched(domain, ca, |verifier| verifier)
    }

    /// The same, with somebody who looks at the certificates too: `watch` gets the verifier and gives back one that asks
    /// it.
    pub(crate) fn watched(
        domain: &str,
        ca: Option<&Path>,
        watch: impl FnOnce(Arc<dyn ServerCertVerifier>) -> Arc<dyn ServerCertVerifier>,
    ) -> Result<Self, Cause> {
        let bare = domain.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Invalid::ServerName)?;
        let provider = Arc::new(ring::default_provider());
        let verifier = watch(Arc::new(Trust::new(extra_roots(ca)?, &provider)?));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Storage::NoEncryption)?
            .dangerous() // The name of rustls for "an own verifier"; this one is the system's.
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Self {
            config: Arc::new(config),
            name,
        })
    }

    /// Encrypts a connection. `direct` says that TLS comes first and XMPP is named inside it.
    pub(crate) async fn handshake<Io>(&self, io: Io, direct: bool) -> Result<TlsStream<Io>, Cause>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        self.handshake_for(io, direct.then_some(ALPN)).await
    }

    /// Encrypts a connection for a protocol named by its ALPN name.
    pub(crate) async fn handshake_for<Io>(&self, io: Io, protocol: Option<&[u8]>) -> Result<TlsStream<Io>, Cause>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let mut config = Arc::clone(&self.config);
        if let Some(protocol) = protocol {
            Arc::make_mut(&mut config).alpn_protocols = vec![protocol.to_vec()];
        }
        TlsConnector::from(config)
            .connect(self.name.clone(), io)
            .await
            .map_err(|error| cause(&error))
    }
}

fn extra_roots(ca: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Cause> {
    let Some(path) = ca else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(path).map_err(|_| Invalid::CaUnreadable)?;
    let roots = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Invalid::CaUnreadable)?;
    if roots.is_empty() {
        return Err(Invalid::CaEmpty.into());
    }
    Ok(roots)
}

/// What a failed handshake means.
fn cause(error: &io::Error) -> Cause {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error.kind() {
            io::ErrorKind::TimedOut => Network::Silent.into(),
            _ => Network::Lost.into(),
        };
    };
    match error {
        rustls::Error::InvalidCertificate(error) => certificate(error).into(),
        rustls::Error::NoCertificatesPresented => Certificate::Invalid.into(),
        // It has a certificate, but for other names only.
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => Certificate::WrongName.into(),
        rustls::Error::AlertReceived(_) | rustls::Error::PeerIncompatible(_) => Refused::NoCommonEncryption.into(),
        _ => Network::NotXmpp.into(),
    }
}

fn certificate(error: &CertificateError) -> Certificate {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Certificate::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Certificate::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Certificate::WrongName,
        CertificateError::UnknownIssuer => Certificate::UnknownIssuer,
        CertificateError::Other(other) => match other.0.downcast_ref() {
            // What `openssl req -x509` makes for a home server: signed by itself, hence by nobody we know.
            Some(webpki::Error::CaUsedAsEndEntity) => Certificate::UnknownIssuer,
            _ => Certificate::Invalid,
        },
        _ => Certificate::Invalid,
    }
}

/// Takes the binding data of an encrypted connection.
pub(crate) fn bindings<Io>(stream: &TlsStream<Io>) -> Bindings {
    let (_, connection) = stream.get_ref();
    // RFC 9266 asks for an extended master secret below TLS 1.3, and rustls does not say whether there is one.
    let exporter = (connection.protocol_version() == Some(ProtocolVersion::TLSv1_3))
        .then(|| {
            connection
                .export_keying_material(vec![0_u8; 32], b"EXPORTER-Channel-Binding", Some(&[]))
                .ok()
        })
        .flatten();
    let end_point = connection
        .peer_certificates()
        .and_then(<[_]>::first)
        .and_then(|certificate| end_point(certificate));
    Bindings { exporter, end_point }
}

/// The certificate's hash, made with the hash function of its own signature (RFC 5929, section 4.1). `None` for
/// signatures without a hash function of their own, such as Ed25519, where the RFC leaves it undefined.
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(match signature_hash(certificate).ok()?? {
        SignatureHash::Sha256 => Sha256::digest(certificate).to_vec(),
        SignatureHash::Sha384 => Sha384::digest(certificate).to_vec(),
        SignatureHash::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SignatureHash {
    /// Also in place of MD5 and SHA-1.
    Sha256,
    Sha384,
    Sha512,
}

/// Reads `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }` as far as the algorithm.
fn signature_hash(certificate: &[u8]) -> der::Result<Option<SignatureHash>> {
    let mut reader = SliceReader::new(certificate)?;
    Header::decode(&mut reader)?;
    let signed = Header::decode(&mut reader)?;
    reader.drain(signed.length())?;
    Header::decode(&mut reader)?;
    let algorithm: ObjectIdentifier = ObjectIdentifier::decode(&mut reader)?;
    if algorithm == ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10") {
        return pss_hash(&mut reader).map(Some);
    }
    Ok(match algorithm.to_string().as_str() {
        // RSA with MD5, SHA-1, SHA-256; ECDSA with SHA-1, SHA-256.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2" => Some(SignatureHash::Sha256),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Some(SignatureHash::Sha384),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Some(SignatureHash::Sha512),
        _ => None,
    })
}

/// RSASSA-PSS names its hash in the parameters: `SEQUENCE { [0] hashAlgorithm DEFAULT sha1, ... }` (RFC 4055).
fn pss_hash(reader: &mut SliceReader<'_>) -> der::Result<SignatureHash> {
    let parameters = Header::decode(reader)?;
    if u32::from(parameters.length()) == 0 {
        return Ok(SignatureHash::Sha256);
    }
    let field = Header::decode(reader)?;
    if !matches!(field.tag(), Tag::ContextSpecific { number, .. } if number.value() == 0) {
        return Ok(SignatureHash::Sha256);
    }
    Header::decode(reader)?;
    let hash: ObjectIdentifier = ObjectIdentifier::decode(reader)?;
    Ok(match hash.to_string().as_str() {
        "2.16.840.1.101.3.4.2.2" => SignatureHash::Sha384,
        "2.16.840.1.101.3.4.2.3" => SignatureHash::Sha512,
        _ => SignatureHash::Sha256,
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SignatureAlgorithm, date_time_ymd,
    };
    use tokio::io::duplex;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    use tokio_rustls::rustls::version::{TLS12, TLS13};

    use super::*;

    type Authority = CertifiedIssuer<'static, KeyPair>;

    fn authority() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "The family's authority");
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn params(name: &str) -> CertificateParams {
        CertificateParams::new(vec![name.to_owned()]).unwrap()
    }

    struct Server {
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
        old: bool,
    }

    impl Server {
        fn new(
            params: CertificateParams,
            authority: Option<&Authority>,
            algorithm: &'static SignatureAlgorithm,
        ) -> Self {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let certificate = match authority {
                Some(authority) => params.signed_by(&key, authority),
                None => params.self_signed(&key),
            };
            Self {
                certificate: certificate.unwrap().der().clone(),
                key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
                old: false,
            }
        }

        fn config(self) -> ServerConfig {
            let versions: &[_] = if self.old { &[&TLS12] } else { &[&TLS13] };
            let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_protocol_versions(versions)
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![self.certificate], self.key)
                .unwrap();
            config.alpn_protocols = vec![ALPN.to_vec()];
            config
        }
    }

    /// The client's trust in `authority` alone, as a file.
    fn client(authority: &Authority, domain: &str) -> Tls {
        let path = std::env::temp_dir().join(format!("grend-{:x}.pem", getrandom::u64().unwrap()));
        std::fs::write(&path, authority.pem()).unwrap();
        let tls = Tls::new(domain, Some(&path)).unwrap();
        std::fs::remove_file(path).unwrap();
        tls
    }

    /// Both sides of a handshake: the client's result, and what the server exports if there was one.
    async fn meet(client: &Tls, server: Server) -> (Result<Bindings, Cause>, Option<Vec<u8>>) {
        let (ours, theirs) = duplex(64 * 1024);
        let acceptor = TlsAcceptor::from(Arc::new(server.config()));
        let (ours, theirs) = futures::join!(client.handshake(ours, true), acceptor.accept(theirs));
        let exported = theirs.ok().and_then(|theirs| {
            let (_, connection) = theirs.get_ref();
            assert_eq!(connection.alpn_protocol(), Some(ALPN));
            connection
                .export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", Some(&[]))
                .ok()
        });
        (ours.map(|stream| bindings(&stream)), exported)
    }

    #[tokio::test]
    async fn both_sides_derive_the_same_bindings() {
        let authority = authority();
        let server = Server::new(
            params("family.example"),
            Some(&authority),
            &rcgen::PKCS_ECDSA_P256_SHA256,
        );
        let hash = Sha256::digest(&server.certificate).to_vec();
        let (ours, theirs) = meet(&client(&authority, "family.example"), server).await;
        let ours = ours.unwrap();
        assert_eq!(ours.exporter, theirs);
        assert!(ours.exporter.is_some());
        assert_eq!(ours.end_point, Some(hash));
    }

    #[tokio::test]
    async fn older_tls_binds_to_the_certificate_alone() {
        let authority = authority();
        let mut server = Server::new(
            params("family.example"),
            Some(&authority),
            &rcgen::PKCS_ECDSA_P256_SHA256,
        );
        server.old = true;
        let (ours, _) = meet(&client(&authority, "family.example"), server).await;
        let ours = ours.unwrap();
        assert_eq!(ours.exporter, None);
        assert!(ours.end_point.is_some());
    }

    #[tokio::test]
    async fn each_bad_certificate_is_told_apart() {
        let authority = authority();
        let ecdsa = &rcgen::PKCS_ECDSA_P256_SHA256;
        let mut expired = params("family.example");
        expired.not_before = date_time_ymd(2020, 1, 1);
        expired.not_after = date_time_ymd(2021, 1, 1);
        let mut early = params("family.example");
        early.not_before = date_time_ymd(4000, 1, 1);
        let mut own = params("family.example");
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        for (server, expected) in [
            (Server::new(expired, Some(&authority), ecdsa), Certificate::Expired),
            (Server::new(early, Some(&authority), ecdsa), Certificate::NotYetValid),
            (
                Server::new(params("other.example"), Some(&authority), ecdsa),
                Certificate::WrongName,
            ),
            (
                Server::new(params("family.example"), None, ecdsa),
                Certificate::UnknownIssuer,
            ),
            (Server::new(own, None, ecdsa), Certificate::UnknownIssuer),
        ] {
            let (ours, _) = meet(&client(&authority, "family.example"), server).await;
            assert_eq!(ours, Err(expected.into()));
        }
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for (algorithm, expected) in [
            (&rcgen::PKCS_ECDSA_P256_SHA256, Some(SignatureHash::Sha256)),
            (&rcgen::PKCS_ECDSA_P384_SHA384, Some(SignatureHash::Sha384)),
            (&rcgen::PKCS_ED25519, None),
        ] {
            let server = Server::new(params("family.example"), None, algorithm);
            assert_eq!(signature_hash(&server.certificate).unwrap(), expected);
        }
        for garbage in [&[][..], &[0x30], &[0x30, 0x82, 0xff, 0xff], b"not a certificate at all"] {
            assert!(signature_hash(garbage).is_err());
            assert_eq!(end_point(garbage), None);
        }
    }

    #[test]
    fn a_useless_file_is_told_in_words() {
        let path = std::env::temp_dir().join(format!("grend-{:x}.pem", getrandom::u64().unwrap()));
        let kind = |path: &Path| Tls::new("family.example", Some(path)).err().map(|cause| cause.kind());
        assert_eq!(kind(&path), Some("invalid"));
        for content in [
            "",
            "nothing",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(kind(&path), Some("invalid"), "{content}");
        }
        std::fs::remove_file(path).unwrap();
    }
}
