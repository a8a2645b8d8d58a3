//! Passwords and tokens: in the system's secret service, or, where there is none, in a file that only its owner can read.
//!
//! The secret service is a program on a bus, and either may hang: every question has a deadline, and whether there is
//! one at all is found out once, beside the start rather than in its way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use grend_core::model::BareJid;
use grend_core::{Secret, Vault};
use keyring::{Entry, Error};

use crate::files::write_private;

const SERVICE: &str = "Grend";
/// A secret service that is there answers faster.
const PROBE: Duration = Duration::from_secs(3);
/// The user may have to unlock it first.
const ANSWER: Duration = Duration::from_secs(90);

/// Where passwords are kept.
pub struct Passwords {
    safe: Arc<Probe>,
    file: PathBuf,
    /// One at a time reads and writes the file.
    writing: Mutex<()>,
}

/// Whether there is a secret service; unknown at first.
#[derive(Default)]
struct Probe {
    found: Mutex<Option<bool>>,
    known: Condvar,
}

impl Probe {
    fn start() -> Arc<Self> {
        let probe = Arc::new(Self::default());
        let finder = Arc::clone(&probe);
        thread::spawn(move || {
            let found = within(PROBE, || {
                let asked = Entry::new(SERVICE, "probe").and_then(|entry| entry.get_password());
                matches!(asked, Ok(_) | Err(Error::NoEntry))
            });
            finder.tell(found.unwrap_or(false));
        });
        probe
    }

    fn none() -> Arc<Self> {
        let probe = Self::default();
        probe.tell(false);
        Arc::new(probe)
    }

    fn tell(&self, found: bool) {
        tracing::info!(found, "secret service");
        *locked(&self.found) = Some(found);
        self.known.notify_all();
    }

    fn wait(&self) -> bool {
        let found = self.known.wait_while(locked(&self.found), |found| found.is_none());
        found.unwrap_or_else(PoisonError::into_inner).unwrap_or(false)
    }
}

impl Passwords {
    /// Passwords of a data folder; `in_safe` asks for the system's secret service.
    pub fn new(folder: &Path, in_safe: bool) -> Self {
        Self {
            safe: if in_safe { Probe::start() } else { Probe::none() },
            file: folder.join("passwords.json"),
            writing: Mutex::default(),
        }
    }

    /// Whether it is known that passwords are kept in a file.
    pub fn in_file(&self) -> bool {
        *locked(&self.safe.found) == Some(false)
    }

    /// Asks the secret service, if there is one. `None` if it has no answer.
    fn ask<T: Send + 'static>(
        &self,
        name: &str,
        question: impl FnOnce(Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Option<keyring::Result<T>> {
        if !self.safe.wait() {
            return None;
        }
        let user = name.to_owned();
        within(ANSWER, move || Entry::new(SERVICE, &user).and_then(question))
    }

    fn read(&self) -> Result<BTreeMap<String, String>, String> {
        match std::fs::read(&self.file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| trouble(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// Changes the file: a new one takes the old one's place, so that a crash leaves one of the two.
    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), String> {
        let _one = locked(&self.writing);
        let before = self.read()?;
        let mut passwords = before.clone();
        change(&mut passwords);
        if passwords == before {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&passwords).map_err(|error| trouble(&error))?;
        write_private(&self.file, &bytes).map_err(|error| trouble(&error))
    }
}

impl Vault for Passwords {
    fn get(&self, address: &BareJid, which: Secret) -> Result<Option<String>, String> {
        let name = which.name(address);
        if let Some(Ok(secret)) = self.ask(&name, |entry| entry.get_password()) {
            return Ok(Some(secret));
        }
        Ok(self.read()?.remove(&name))
    }

    fn set(&self, address: &BareJid, which: Secret, secret: &str) -> Result<(), String> {
        let (name, kept) = (which.name(address), secret.to_owned());
        let kept = self.ask(&name, move |entry| entry.set_password(&kept));
        self.change(|secrets| {
            if matches!(kept, Some(Ok(()))) {
                // An older one in the file must not be found in its place one day.
                secrets.remove(&name);
            } else {
                secrets.insert(name, secret.to_owned());
            }
        })
    }

    fn remove(&self, address: &BareJid, which: Secret) -> Result<(), String> {
        let name = which.name(address);
        let removed = self.ask(&name, |entry| entry.delete_credential());
        self.change(|secrets| drop(secrets.remove(&name)))?;
        match removed {
            Some(Err(error)) if !matches!(error, Error::NoEntry) => Err(trouble(&error)),
            _ => Ok(()),
        }
    }
}

/// Runs a question on a thread of its own; `None` if it is not answered in time. The thread is then left to itself.
fn within<T: Send + 'static>(limit: Duration, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || answer.send(question()));
    answered.recv_timeout(limit).ok()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn trouble(error: &dyn std::error::Error) -> String {
    format!("The password could not be kept or found: {error}.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_owner_alone_keeps_passwords() {
        let folder = std::env::temp_dir().join(format!("grend-vault-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let vault = Passwords::new(&folder, false);
        let kari: BareJid = "kari@familien.example".parse().unwrap();
        assert!(vault.in_file());
        assert_eq!(vault.get(&kari, Secret::Password).unwrap(), None);
        vault.set(&kari, Secret::Password, "hemmelig").unwrap();
        vault.set(&kari, Secret::Token, "a token").unwrap();
        let again = Passwords::new(&folder, false);
        assert_eq!(again.get(&kari, Secret::Password).unwrap().as_deref(), Some("hemmelig"));
        assert_eq!(again.get(&kari, Secret::Token).unwrap().as_deref(), Some("a token"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.join("passwords.json"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        vault.remove(&kari, Secret::Password).unwrap();
        assert_eq!(vault.get(&kari, Secret::Password).unwrap(), None);
        assert_eq!(vault.get(&kari, Secret::Token).unwrap().as_deref(), Some("a token"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
