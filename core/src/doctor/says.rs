//! Everything an examination can say, in one table: about what, how it stands, under which key the sentences are kept
//! (`assets/locales`), and the settings that mend it. Settings are the same in every language, so they stand here.

/// What a finding is about, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What DNS says.
    Names,
    /// Whether devices get through, encrypted.
    Connection,
    /// How the server proves who it is.
    Certificate,
    /// How devices prove who they are.
    SigningIn,
    /// Whether messages arrive, on all devices.
    Messages,
    /// Pictures and other files.
    Files,
    /// Conversations of many.
    Groups,
    /// Profiles, blocking, what one's devices share.
    People,
    /// Waking a phone.
    Push,
    /// Voice and video.
    Calls,
    /// Who runs it.
    Contact,
    /// The XMPP Standards Foundation's suites. XEP-0479.
    Compliance,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is there and does not work, or keeps people out.
    Broken,
    /// It is not there.
    Missing,
    /// It could not be found out.
    Unknown,
    /// It works.
    Good,
}

macro_rules! says {
    ($($name:ident: $topic:ident $verdict:ident $key:literal $(, $prosody:literal, $ejabberd:literal)?;)+) => {
        /// One thing that an examination can say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the sentences are in assets/locales")]
        pub enum Says { $($name,)+ }

        impl Says {
            /// All of them, so that a screen can prove that it has all sentences.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What it is about.
            pub fn topic(self) -> Topic {
                match self { $(Self::$name => Topic::$topic,)+ }
            }

            /// How it stands.
            pub fn verdict(self) -> Verdict {
                match self { $(Self::$name => Verdict::$verdict,)+ }
            }

            /// Under which name the sentences are kept.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ }
            }

            /// The settings that mend it: of Prosody, of ejabberd.
            pub fn settings(self) -> Option<(&'static str, &'static str)> {
                match self {
                    $($(Self::$name => Some(($prosody, $ejabberd)),)?)+
                    _ => None,
                }
            }
        }
    };
}

says! {
    NamesBoth: Names Good "names-both";
    NamesNoDirect: Names Missing "names-no-direct";
    NamesNoStarttls: Names Missing "names-no-starttls";
    NamesNone: Names Missing "names-none";
    NamesDeclined: Names Broken "names-declined";
    NamesSilent: Names Unknown "names-silent";
    AddressFound: Names Good "address-found";
    AddressNone: Names Broken "address-none";
    AddressSilent: Names Unknown "address-silent";

    DirectWorks: Connection Good "direct-works";
    DirectUnannounced: Connection Missing "direct-unannounced";
    DirectAbsent: Connection Missing "direct-absent",
        "c2s_direct_tls_ports = { 5223 }",
        "listen: - port: 5223, module: ejabberd_c2s, tls: true";
    DirectFails: Connection Broken "direct-fails",
        "c2s_direct_tls_ports = { 5223 }",
        "listen: - port: 5223, module: ejabberd_c2s, tls: true";
    StarttlsWorks: Connection Good "starttls-works";
    StarttlsUnannounced: Connection Missing "starttls-unannounced";
    StarttlsAbsent: Connection Missing "starttls-absent",
        "modules_enabled = { \"tls\" }, c2s_ports = { 5222 }",
        "listen: - port: 5222, module: ejabberd_c2s, starttls_required: true";
    StarttlsFails: Connection Broken "starttls-fails",
        "modules_enabled = { \"tls\" }, c2s_ports = { 5222 }",
        "listen: - port: 5222, module: ejabberd_c2s, starttls_required: true";
    Unreachable: Connection Broken "unreachable";

    CertificateGood: Certificate Good "certificate-good";
    CertificateSoon: Certificate Broken "certificate-soon",
        "prosodyctl --root cert import /etc/letsencrypt/live",
        "certfiles: [...], or acme: auto: true";
    CertificateExpired: Certificate Broken "certificate-expired",
        "prosodyctl --root cert import /etc/letsencrypt/live",
        "certfiles: [...], or acme: auto: true";
    CertificateEarly: Certificate Broken "certificate-early";
    CertificateName: Certificate Broken "certificate-name",
        "prosodyctl --root cert import /etc/letsencrypt/live",
        "certfiles: [...], or acme: auto: true";
    CertificateIssuer: Certificate Broken "certificate-issuer",
        "prosodyctl --root cert import /etc/letsencrypt/live",
        "certfiles: [...], or acme: auto: true";
    CertificateInvalid: Certificate Broken "certificate-invalid",
        "prosodyctl --root cert import /etc/letsencrypt/live",
        "certfiles: [...], or acme: auto: true";

    SignedIn: SigningIn Good "signed-in";
    NotSignedIn: SigningIn Broken "not-signed-in";
    MechanismsGood: SigningIn Good "mechanisms-good";
    MechanismsOld: SigningIn Missing "mechanisms-old",
        "password_hash = \"SHA-256\"",
        "auth_password_format: scram, auth_scram_hash: sha256";
    MechanismsPlain: SigningIn Broken "mechanisms-plain",
        "authentication = \"internal_hashed\", and no SCRAM in disable_sasl_mechanisms",
        "auth_password_format: scram, and no SCRAM in disable_sasl_mechanisms";
    MechanismsNone: SigningIn Broken "mechanisms-none",
        "modules_enabled = { \"saslauth\" }, authentication = \"internal_hashed\"",
        "auth_method, auth_password_format: scram";
    BindingGood: SigningIn Good "binding-good";
    BindingUntold: SigningIn Good "binding-untold";
    BindingNone: SigningIn Missing "binding-none";
    BindingRefused: SigningIn Missing "binding-refused";
    QuickSignIn: SigningIn Good "quick-sign-in";

    ResumptionGood: Messages Good "resumption-good";
    ResumptionNone: Messages Missing "resumption-none",
        "modules_enabled = { \"smacks\" }", "modules: mod_stream_mgmt: {}";
    ArchiveGood: Messages Good "archive-good";
    ArchiveNone: Messages Missing "archive-none",
        "modules_enabled = { \"mam\" }, default_archive_policy = true",
        "modules: mod_mam: default: always";
    ArchiveRefused: Messages Broken "archive-refused";
    CarbonsGood: Messages Good "carbons-good";
    CarbonsNone: Messages Missing "carbons-none",
        "modules_enabled = { \"carbons\" }", "modules: mod_carboncopy: {}";
    StateGood: Messages Good "state-good";
    StateNone: Messages Missing "state-none",
        "modules_enabled = { \"csi_simple\" }", "modules: mod_client_state: {}";

    UploadGood: Files Good "upload-good";
    UploadSmall: Files Missing "upload-small",
        "http_file_share_size_limit = 100 * 1024 * 1024", "modules: mod_http_upload: max_size: 104857600";
    UploadNone: Files Missing "upload-none",
        "Component \"upload.your.domain\" \"http_file_share\"",
        "modules: mod_http_upload: {}, and listen: - port: 5443, module: ejabberd_http, tls: true, request_handlers: /upload: mod_http_upload";
    UploadNoSlot: Files Broken "upload-no-slot",
        "http_file_share_daily_quota, http_file_share_global_quota, http_file_share_access",
        "modules: mod_http_upload: access, mod_http_upload_quota";
    UploadBadSlot: Files Broken "upload-bad-slot",
        "http_file_share_base_url or http_external_url = \"https://...\"",
        "modules: mod_http_upload: put_url: https://@HOST@:5443/upload";
    UploadUnreachable: Files Broken "upload-unreachable",
        "https_ports = { 5281 }, https_interfaces, http_external_url",
        "listen: - port: 5443, ip: \"::\", module: ejabberd_http, tls: true";
    UploadCertificate: Files Broken "upload-certificate",
        "https_certificate, prosodyctl --root cert import",
        "certfiles: a certificate with the name in put_url";
    UploadRefused: Files Broken "upload-refused",
        "http_external_url must lead to Prosody; storage of \"uploads\" must be writable",
        "modules: mod_http_upload: docroot must be writable, put_url must lead to ejabberd";
    UploadUnreadable: Files Broken "upload-unreadable",
        "http_external_url must lead to Prosody",
        "modules: mod_http_upload: get_url must lead to docroot";

    GroupsGood: Groups Good "groups-good";
    GroupsNone: Groups Missing "groups-none",
        "Component \"groups.your.domain\" \"muc\", modules_enabled = { \"muc_mam\" }",
        "modules: mod_muc: host: groups.@HOST@, default_room_options: mam: true";

    BlockingGood: People Good "blocking-good";
    BlockingNone: People Missing "blocking-none",
        "modules_enabled = { \"blocklist\" }", "modules: mod_blocking: {}";
    ProfilesGood: People Good "profiles-good";
    ProfilesNone: People Missing "profiles-none",
        "modules_enabled = { \"vcard_legacy\" }", "modules: mod_vcard: {}";
    EventsGood: People Good "events-good";
    EventsOld: People Missing "events-old",
        "modules_enabled = { \"pep\" }", "modules: mod_pubsub: plugins: [flat, pep]";
    EventsNone: People Missing "events-none",
        "modules_enabled = { \"pep\" }", "modules: mod_pubsub: plugins: [flat, pep]";
    PicturesGood: People Good "pictures-good";
    PicturesNone: People Missing "pictures-none",
        "modules_enabled = { \"vcard_legacy\" }", "modules: mod_avatar: {}";
    BookmarksGood: People Good "bookmarks-good";
    BookmarksNone: People Missing "bookmarks-none",
        "modules_enabled = { \"bookmarks\" }", "modules: mod_private: {}, in a newer ejabberd";
    NotesGood: People Good "notes-good";
    NotesNone: People Missing "notes-none",
        "modules_enabled = { \"private\" } or \"bookmarks\"", "modules: mod_private: {}";

    PushGood: Push Good "push-good";
    PushNone: Push Missing "push-none",
        "modules_enabled = { \"cloud_notify\" }", "modules: mod_push: {}, mod_push_keepalive: {}";

    CallsNone: Calls Missing "calls-none",
        "modules_enabled = { \"turn_external\" }, turn_external_host, turn_external_secret (coturn beside it)",
        "listen: - port: 3478, transport: udp, module: ejabberd_stun, use_turn: true; modules: mod_stun_disco: {}";
    StunAnswers: Calls Good "stun-answers";
    StunSilent: Calls Broken "stun-silent",
        "turn_external_host, turn_external_port", "listen: - port: 3478, transport: udp, module: ejabberd_stun";
    TurnWorks: Calls Good "turn-works";
    TurnSilent: Calls Broken "turn-silent",
        "turn_external_host, turn_external_port", "listen: - port: 3478, transport: udp, module: ejabberd_stun";
    TurnRefused: Calls Broken "turn-refused",
        "turn_external_secret must be coturn's static-auth-secret",
        "listen: ... module: ejabberd_stun, use_turn: true, turn_ipv4_address";
    TurnNone: Calls Missing "turn-none",
        "modules_enabled = { \"turn_external\" }",
        "listen: ... module: ejabberd_stun, use_turn: true, turn_ipv4_address";

    ContactGood: Contact Good "contact-good";
    ContactNone: Contact Missing "contact-none",
        "modules_enabled = { \"server_contact_info\" }, contact_info = { admin = { \"mailto:...\" } }",
        "modules: mod_disco: server_info: - modules: all, name: admin-addresses, urls: [\"mailto:...\"]";

    CapabilitiesGood: Compliance Good "capabilities-good";
    CapabilitiesNone: Compliance Missing "capabilities-none",
        "modules_enabled = { \"disco\" }", "modules: mod_caps: {}";
    ComplianceAdvanced: Compliance Good "compliance-advanced";
    ComplianceCore: Compliance Good "compliance-core";
    ComplianceBelow: Compliance Missing "compliance-below";
    TooSlow: Compliance Unknown "too-slow";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_says_something_of_its_own() {
        let keys: HashSet<_> = Says::ALL.iter().map(|says| says.key()).collect();
        assert_eq!(keys.len(), Says::ALL.len());
        for says in Says::ALL {
            assert!(
                says.verdict() != Verdict::Good || says.settings().is_none(),
                "{} needs no mending",
                says.key()
            );
        }
    }
}
