//! What can go wrong, told apart by what the caller does about it.

use thiserror::Error;

/// Why something did not work. The text is a sentence that a person can act on; `kind` is for programs.
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
    /// The server is there and does not want us; its words follow.
    #[error("The server refused: {0}")]
    Refused(String),
    /// Somebody's input was not usable (an address, an id, a command).
    #[error("{0}")]
    Invalid(String),
    /// The database did not take it.
    #[error("{0}")]
    Storage(String),
}

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Certificate {
    /// Its time is over.
    #[error("The server's certificate has expired. Whoever runs the server must renew it.")]
    Expired,
    /// It begins in the future, or this device's clock is wrong.
    #[error("The server's certificate is not valid yet. Is the date of this device right?")]
    NotYetValid,
    /// It is for another name.
    #[error("The server's certificate belongs to another name. You may be talking to the wrong server.")]
    WrongName,
    /// Nobody we trust signed it.
    #[error("The server's certificate is not signed by anybody this device trusts.")]
    UnknownIssuer,
    /// Anything else.
    #[error("The server's certificate is not valid.")]
    Invalid,
}

/// How the way to a server is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Network {
    /// DNS does not know the name.
    #[error("There is no server with this name. Is the part after the @ right?")]
    UnknownHost,
    /// Nobody listens there.
    #[error("The server does not answer at this port. It may be switched off.")]
    Refused,
    /// Connected, and then nothing, or no connection in time.
    #[error("The server does not answer. It may be busy, or the network may be blocking it.")]
    Silent,
    /// No network at all, or no route.
    #[error("There is no connection to the network.")]
    Unreachable,
    /// It was there and went away.
    #[error("The connection to the server was lost.")]
    Lost,
    /// What answers there does not speak XMPP.
    #[error("What answers there is not a chat server.")]
    NotXmpp,
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

    /// Whether trying again by itself can help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Network(_))
    }
}

impl From<Network> for Cause {
    fn from(network: Network) -> Self {
        Self::Network(network)
    }
}

impl From<Certificate> for Cause {
    fn from(certificate: Certificate) -> Self {
        Self::Certificate(certificate)
    }
}

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let code = error.sqlite_error_code();
        tracing::error!(?code, "the store failed");
        Self::Storage(
            match code {
                Some(ErrorCode::DiskFull) => "The disk is full. Make some room; nothing that was stored is lost.",
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    "Another program holds Grend's database. Close it and try again."
                }
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    "Grend cannot write to its folder. Check who owns it."
                }
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    "Grend's database is damaged. It was left as it is; restore a copy, or move it away to start anew."
                }
                _ => "Grend's database did not accept this.",
            }
            .to_owned(),
        )
    }
}
