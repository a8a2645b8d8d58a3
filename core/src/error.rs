//! What can go wrong, told apart by what the caller does about it.
//!
//! Each cause has a sentence that a person can act on, and a key under which a screen finds the same in the user's own
//! language. Words of a server, if there are any, stand beside both.

use thiserror::Error;

/// Declares reasons: variant, key, sentence.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $(($words:ty))? : $key:literal = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Error)]
        pub enum $name {
            $(#[doc = $text] #[error($text)] $variant $(($words))?,)+
        }

        impl $name {
            const KEYS: &[&str] = &[$($key),+];

            fn key(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $key,)+
                }
            }

            #[allow(clippy::match_single_binding, reason = "not every kind of reason has words")]
            fn words(&self) -> Option<&str> {
                match self {
                    $($(Self::$variant(words) => Some::<&$words>(words).map(AsRef::as_ref),)?)+
                    _ => None,
                }
            }
        }
    };
}

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Cause {
    /// The server does not accept address and password.
    #[error("The server does not accept this password.")]
    Authentication,
    /// The server cannot prove who it is.
    #[error("{0}")]
    Certificate(Certificate),
    /// Somebody else signed in with our name and resource.
    #[error("This account was signed in elsewhere in a way that pushed this device out.")]
    Conflict,
    /// No way to the server. Retried.
    #[error("{0}")]
    Network(Network),
    /// The server is there and does not want us, or we do not want what it offers.
    #[error("{0}")]
    Refused(Refused),
    /// What somebody gave us was not usable.
    #[error("{0}")]
    Invalid(Invalid),
    /// The device did not keep or give what it should.
    #[error("{0}")]
    Storage(Storage),
}

reasons! {
    /// What is wrong with a server's certificate.
    #[derive(Copy)]
    Certificate {
        Expired: "certificate-expired" = "The server's certificate has expired. Whoever runs the server must renew it.",
        NotYetValid: "certificate-early" =
            "The server's certificate is not valid yet. Is the date of this device right?",
        WrongName: "certificate-name" =
            "The server's certificate belongs to another name. You may be talking to the wrong server.",
        UnknownIssuer: "certificate-issuer" =
            "The server's certificate is not signed by anybody this device trusts.",
        Invalid: "certificate-invalid" = "The server's certificate is not valid.",
        Unproven: "certificate-unproven" =
            "The server did not prove that it knows this password. You may be talking to the wrong server.",
        Unbound: "certificate-unbound" =
            "Until now your server proved that nobody listens between it and you. Now it does not, so Grend did not sign \
             in. Somebody may stand in between. Try another network, and ask whoever runs your server; if they changed \
             it, sign in again with your password.",
        Weaker: "certificate-weaker" =
            "Your server no longer offers the safer way to sign in that it had, so Grend did not sign in. Somebody may \
             stand in between. Ask whoever runs your server; if they changed it, sign in again with your password.",
        Tampered: "certificate-tampered" =
            "Somebody between you and your server changes what it says, so Grend did not sign in. Try another network, \
             and tell whoever runs your server.",
        Doubtful: "certificate-doubtful" =
            "The server does not accept this password. If you are sure that it is right, somebody may stand between you \
             and your server: ask whoever runs it.",
    }
}

reasons! {
    /// How the way to a server is blocked.
    #[derive(Copy)]
    Network {
        UnknownHost: "network-unknown" = "There is no server with this name. Is the part after the @ right?",
        Refused: "network-refused" = "The server does not answer at this port. It may be switched off.",
        Silent: "network-silent" =
            "The server does not answer. It may be busy, or the network may be blocking it.",
        Unreachable: "network-unreachable" = "There is no connection to the network.",
        Lost: "network-lost" = "The connection to the server was lost.",
        NotXmpp: "network-not-xmpp" = "What answers there is not a chat server.",
    }
}

reasons! {
    /// Why a server and we do not come together.
    Refused {
        Server(String): "refused-words" = "The server refused: {0}",
        NoService: "refused-no-service" = "The server refused: this domain says that it has no chat service.",
        NotServed: "refused-not-served" =
            "The server refused: it does not serve this address. Is the part after the @ right?",
        Elsewhere: "refused-elsewhere" =
            "The server refused: it sends us to another server, and Grend does not follow.",
        Unencrypted: "refused-unencrypted" =
            "The server refused: it offers no encryption, and Grend does not talk without.",
        CannotEncrypt: "refused-cannot-encrypt" = "The server refused: it cannot encrypt at the moment.",
        NoCommonEncryption: "refused-no-common-encryption" =
            "The server refused: it and this device know no encryption in common.",
        Injected: "refused-injected" =
            "Something was put into the connection before it was encrypted. Try another network.",
        OnlyPlain: "refused-only-plain" =
            "The server asks for the password itself instead of a proof. Grend does not give it away.",
        NoMechanism: "refused-no-mechanism" = "The server offers no way to sign in that Grend knows.",
        NextStep: "refused-next-step" =
            "The server asks for something besides the password, and Grend cannot answer that.",
        Disabled: "refused-disabled" = "The server refused: this account is disabled.",
        Rules: "refused-rules" = "The server does not sign in by the rules.",
        NoPlace(String): "refused-no-place" = "The server has no place for this device ({0}).",
        NoOlder: "refused-no-older" = "The server does not give older messages now.",
    }
}

reasons! {
    /// What is wrong with what somebody gave us.
    Invalid {
        Address(String): "invalid-address" = "“{0}” is not an address like name@server.",
        NoName: "invalid-no-name" = "The address needs a name before the @.",
        ServerName: "invalid-server-name" = "The part after the @ is not the name of a server.",
        CaUnreadable: "invalid-ca-unreadable" = "The certificate file cannot be read.",
        CaEmpty: "invalid-ca-empty" = "The certificate file holds no certificate.",
        CaOther: "invalid-ca-other" = "The certificate file holds something else than a certificate authority.",
        Device: "invalid-device" = "The keys of this device were never seen.",
        Nothing: "invalid-nothing" = "There is nothing to send.",
        Request(String): "invalid-request" = "This line is not a request: {0}.",
    }
}

reasons! {
    /// What is wrong with this device.
    Storage {
        Full: "storage-full" = "The disk is full. Make some room; nothing that was stored is lost.",
        Busy: "storage-busy" = "Another program holds Grend's database. Close it and try again.",
        ReadOnly: "storage-read-only" = "Grend cannot write to its folder. Check who owns it.",
        Damaged: "storage-damaged" =
            "Grend's database is damaged. It was left as it is; restore a copy, or move it away to start anew.",
        Newer: "storage-newer" =
            "These messages were stored by a newer Grend. Update Grend to read them; nothing was changed.",
        Running: "storage-running" = "Grend is already running with this folder.",
        Folder(String): "storage-folder" = "Grend cannot use its folder {0}.",
        Other: "storage-other" = "Grend's database did not accept this.",
        Passwords(String): "storage-passwords" = "The password could not be kept: {0}",
        Threads: "storage-threads" = "This device has no room for another thread.",
        NoTrust: "storage-no-trust" = "This device has no list of trusted certificate authorities.",
        NoEncryption: "storage-no-encryption" = "Encryption is not available on this device.",
        Closing: "storage-closing" = "Grend is closing.",
    }
}

impl Cause {
    /// The word for programs: `authentication certificate conflict network refused invalid storage`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Certificate(_) => "certificate",
            Self::Conflict => "conflict",
            Self::Network(_) => "network",
            Self::Refused(_) => "refused",
            Self::Invalid(_) => "invalid",
            Self::Storage(_) => "storage",
        }
    }

    /// Whether a server, or somebody who pretends to be it, does less to protect the user than it did. Only the user can
    /// decide to go on: with [`sign_in_anew`](crate::Core::sign_in_anew).
    pub fn is_downgrade(&self) -> bool {
        matches!(
            self,
            Self::Certificate(Certificate::Unbound | Certificate::Weaker | Certificate::Doubtful)
        )
    }

    /// Whether trying again later can help without anybody doing something about it here.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Network(_) | Self::Storage(_) => true,
            // A server may be mended, but not one that cheats.
            Self::Refused(reason) => *reason != Refused::Rules,
            Self::Authentication | Self::Certificate(_) | Self::Conflict | Self::Invalid(_) => false,
        }
    }

    /// Under which name a screen keeps the sentence.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Authentication | Self::Conflict => self.kind(),
            Self::Certificate(reason) => reason.key(),
            Self::Network(reason) => reason.key(),
            Self::Refused(reason) => reason.key(),
            Self::Invalid(reason) => reason.key(),
            Self::Storage(reason) => reason.key(),
        }
    }

    /// What belongs into the sentence: words of a server, of the system, or the user's own. Not in anybody's language.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Authentication | Self::Conflict => None,
            Self::Certificate(reason) => reason.words(),
            Self::Network(reason) => reason.words(),
            Self::Refused(reason) => reason.words(),
            Self::Invalid(reason) => reason.words(),
            Self::Storage(reason) => reason.words(),
        }
    }

    /// All keys, so that a screen can prove that it has all sentences.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        let reasons = [
            Certificate::KEYS,
            Network::KEYS,
            Refused::KEYS,
            Invalid::KEYS,
            Storage::KEYS,
        ];
        ["authentication", "conflict"]
            .into_iter()
            .chain(reasons.into_iter().flatten().copied())
    }
}

macro_rules! from {
    ($($reason:ident),+) => {$(
        impl From<$reason> for Cause {
            fn from(reason: $reason) -> Self {
                Self::$reason(reason)
            }
        }
    )+};
}

from!(Certificate, Network, Refused, Invalid, Storage);

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let code = error.sqlite_error_code();
        tracing::error!(?code, "the store failed");
        Self::Storage(match code {
            Some(ErrorCode::DiskFull) => Storage::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Storage::Busy,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Storage::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Storage::Damaged,
            _ => Storage::Other,
        })
    }
}
