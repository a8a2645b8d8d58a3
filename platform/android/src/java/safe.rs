//! Passwords and tokens: in a file that only the phone's own key opens. The key is in the Android Keystore and cannot be read.
//!
//! A file that the key does not open belongs to another phone, or the key was taken away with the screen's lock: then
//! there are no passwords, and Grend asks for them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use grend_core::model::BareJid;
use grend_core::{Secret, Vault};

use super::call::Java;

/// Where passwords are kept.
pub(super) struct Safe {
    file: PathBuf,
    java: Arc<Java>,
    /// One at a time reads and writes the file.
    one: Mutex<()>,
}

impl Safe {
    pub fn new(folder: &Path, java: Arc<Java>) -> Self {
        Self {
            file: folder.join("passwords.sealed"),
            java,
            one: Mutex::default(),
        }
    }

    fn read(&self) -> Result<BTreeMap<String, String>, String> {
        let sealed = match std::fs::read(&self.file) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(trouble(&error)),
        };
        let opened = self.java.seal(&sealed, true);
        if opened.is_none() {
            tracing::warn!("the phone's key does not open the passwords");
        }
        Ok(opened
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default())
    }

    /// Changes the file: a new one takes the old one's place, so that a crash leaves one of the two.
    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), String> {
        let _one = self.one.lock().unwrap_or_else(PoisonError::into_inner);
        let mut passwords = self.read()?;
        change(&mut passwords);
        let bytes = serde_json::to_vec(&passwords).map_err(|error| trouble(&error))?;
        let sealed = self.java.seal(&bytes, false);
        let sealed = sealed.ok_or("The phone's keystore does not keep passwords.")?;
        let new = self.file.with_extension("new");
        let written = std::fs::File::create(&new).and_then(|mut file| {
            file.write_all(&sealed)?;
            file.sync_all()
        });
        written
            .and_then(|()| std::fs::rename(&new, &self.file))
            .map_err(|error| trouble(&error))
    }
}

impl Vault for Safe {
    fn get(&self, address: &BareJid, which: Secret) -> Result<Option<String>, String> {
        let _one = self.one.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.read()?.remove(&which.name(address)))
    }

    fn set(&self, address: &BareJid, which: Secret, secret: &str) -> Result<(), String> {
        self.change(|secrets| drop(secrets.insert(which.name(address), secret.to_owned())))
    }

    fn remove(&self, address: &BareJid, which: Secret) -> Result<(), String> {
        self.change(|secrets| drop(secrets.remove(&which.name(address))))
    }
}

fn trouble(error: &dyn std::error::Error) -> String {
    format!("The password could not be kept or found: {error}.")
}
