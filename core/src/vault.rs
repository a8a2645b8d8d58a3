//! Where secrets live: a seam, because every operating system has its own place for them.

use jid::BareJid;

/// A secret of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// What the user typed.
    Password,
    /// What the server gave to this installation in place of it (XEP-0484).
    Token,
}

impl Secret {
    /// A name for the secret of an account: the address alone for a password. No address has a space.
    pub fn name(self, address: &BareJid) -> String {
        match self {
            Self::Password => address.to_string(),
            Self::Token => format!("token {address}"),
        }
    }
}

/// Keeps secrets outside the database. Called from any thread; may block.
pub trait Vault: Send + Sync {
    /// A secret of an account, if it is kept here.
    fn get(&self, address: &BareJid, which: Secret) -> Result<Option<String>, String>;
    /// Keeps a secret. The error is a sentence for the user.
    fn set(&self, address: &BareJid, which: Secret, secret: &str) -> Result<(), String>;
    /// Forgets a secret.
    fn remove(&self, address: &BareJid, which: Secret) -> Result<(), String>;
}

/// Keeps nothing: for somebody who signs in once, to look around.
pub struct Nowhere;

impl Vault for Nowhere {
    fn get(&self, _: &BareJid, _: Secret) -> Result<Option<String>, String> {
        Ok(None)
    }

    fn set(&self, _: &BareJid, _: Secret, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn remove(&self, _: &BareJid, _: Secret) -> Result<(), String> {
        Ok(())
    }
}
