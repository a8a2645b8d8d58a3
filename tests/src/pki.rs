//! A certificate authority made on the spot, and what a server proves itself with: a good certificate, one whose time
//! is over, one for another name. RFC 5280, RFC 6125.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// How a server proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proof {
    /// As it should be.
    #[default]
    Good,
    /// The time of the certificate is over.
    Expired,
    /// The certificate is for `elsewhere.test`.
    WrongName,
}

/// A certificate authority whose files lie in a folder.
pub struct Pki {
    issuer: CertifiedIssuer<'static, KeyPair>,
    ca: PathBuf,
}

impl Pki {
    /// Makes an authority and writes its certificate to `ca.pem` in `folder`.
    pub fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
        params
            .distinguished_name
            .push(DnType::CommonName, "Grend test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2050, 1, 1));
        let key = KeyPair::generate().expect("ring makes a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate can be signed");
        let ca = folder.join("ca.pem");
        write(&ca, &issuer.pem());
        Self { issuer, ca }
    }

    /// The authority's certificate (PEM).
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// Writes `name.pem` (certificate and chain) and `name.key` into the authority's folder, for `names` (domains and
    /// IP addresses).
    pub fn write_server(&self, name: &str, names: &[String], proof: Proof) -> (PathBuf, PathBuf) {
        let names = if proof == Proof::WrongName {
            vec!["elsewhere.test".to_owned()]
        } else {
            names.to_vec()
        };
        let mut params = CertificateParams::new(names.clone()).expect("the names are valid");
        params.distinguished_name.push(DnType::CommonName, names[0].clone());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let end = if proof == Proof::Expired { 2021 } else { 2050 };
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(end, 1, 1));
        let key = KeyPair::generate().expect("ring makes a key");
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("a certificate can be signed");
        let folder = self.ca.parent().expect("the authority has a folder");
        let (chain, secret) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        write(&chain, &format!("{}{}", certificate.pem(), self.issuer.pem()));
        write(&secret, &key.serialize_pem());
        (chain, secret)
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
