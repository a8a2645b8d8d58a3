//! Where passwords live: a seam, because every operating system has its own place for secrets.

use jid::BareJid;

/// Keeps passwords outside the database. Called from any thread; may block.
pub trait Vault: Send + Sync {
    /// The password of an account, if it is kept here.
    fn get(&self, address: &BareJid) -> Result<Option<String>, String>;
    /// Keeps a password. The error is a sentence for the user.
    fn set(&self, address: &BareJid, password: &str) -> Result<(), String>;
    /// Forgets a password.
    fn remove(&self, address: &BareJid) -> Result<(), String>;
}
