//! What an account proves itself with, here and in the vault.

use std::sync::Arc;

use jid::BareJid;
use zeroize::Zeroizing;

use super::fast::Token;
use crate::error::{Cause, Storage};
use crate::vault::{Secret, Vault};

/// The secrets of one account.
pub(crate) struct Secrets {
    vault: Arc<dyn Vault>,
    address: BareJid,
    password: Zeroizing<String>,
    token: Option<Token>,
    /// The vault has another token, or one too many.
    token_changed: bool,
}

impl Secrets {
    /// A password that was typed just now. A token that there was before goes when this is kept.
    pub(crate) fn typed(vault: Arc<dyn Vault>, address: BareJid, password: &str) -> Self {
        Self {
            vault,
            address,
            password: Zeroizing::new(password.to_owned()),
            token: None,
            token_changed: true,
        }
    }

    /// What the vault has. `None` if it has no password.
    pub(crate) async fn find(vault: Arc<dyn Vault>, address: BareJid) -> Result<Option<Self>, Cause> {
        // A secret service may ask the user to unlock it: that blocks.
        let found = tokio::task::spawn_blocking(move || {
            let Some(password) = vault.get(&address, Secret::Password)? else {
                return Ok(None);
            };
            let token = vault.get(&address, Secret::Token)?.map(Zeroizing::new);
            Ok(Some(Self {
                token: token.as_deref().and_then(|kept| Token::find(kept)),
                vault,
                address,
                password: Zeroizing::new(password),
                token_changed: false,
            }))
        });
        found
            .await
            .map_err(|_| Storage::Closing)?
            .map_err(|words: String| Storage::Passwords(words).into())
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    pub(crate) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// Has this token from now on, or none.
    pub(crate) fn set_token(&mut self, token: Option<Token>) {
        self.token = token;
        self.token_changed = true;
    }

    /// Keeps the password.
    pub(crate) async fn keep_password(&self) -> Result<(), Cause> {
        let (address, password) = (self.address.clone(), self.password.clone());
        self.on_vault(move |vault| vault.set(&address, Secret::Password, &password))
            .await
    }

    /// Keeps the token, if it is another one. Without it the next sign-in takes the password and some round trips more:
    /// nothing to bother anybody with.
    pub(crate) async fn keep_token(&mut self) {
        if !std::mem::take(&mut self.token_changed) {
            return;
        }
        let (address, token) = (self.address.clone(), self.token.as_ref().map(Token::kept));
        let kept = self.on_vault(move |vault| match token {
            Some(token) => vault.set(&address, Secret::Token, &token),
            None => vault.remove(&address, Secret::Token),
        });
        if kept.await.is_err() {
            tracing::warn!("the vault did not keep a token");
        }
    }

    /// Forgets everything.
    pub(crate) async fn forget(vault: Arc<dyn Vault>, address: BareJid) -> Result<(), Cause> {
        let forgotten = tokio::task::spawn_blocking(move || {
            let token = vault.remove(&address, Secret::Token);
            vault.remove(&address, Secret::Password).and(token)
        });
        forgotten
            .await
            .map_err(|_| Storage::Closing)?
            .map_err(|words| Storage::Passwords(words).into())
    }

    async fn on_vault<F>(&self, f: F) -> Result<(), Cause>
    where
        F: FnOnce(&dyn Vault) -> Result<(), String> + Send + 'static,
    {
        let vault = Arc::clone(&self.vault);
        let done = tokio::task::spawn_blocking(move || f(&*vault));
        done.await
            .map_err(|_| Storage::Closing)?
            .map_err(|words| Storage::Passwords(words).into())
    }
}
