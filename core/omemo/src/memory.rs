//! Keys in memory, for tests and for programs that forget.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use zeroize::Zeroizing;

use crate::bundle::Bundle;
use crate::curve::PublicKey;
use crate::identity::{Device, Identity, PreKey, SignedPreKey};
use crate::keys::Keys;
use crate::{Trust, Version};

/// [`Keys`] that live as long as the program. A clone of it is a backup.
#[derive(Clone, PartialEq, Eq)]
pub struct Memory {
    identity: Identity,
    /// The signed pre-key that is given out, and former ones.
    pub signed_pre_keys: Vec<SignedPreKey>,
    /// Those that are given out.
    pub pre_keys: BTreeMap<u32, PreKey>,
    /// Those that were used. Clear it when the archive was read.
    pub used: BTreeMap<u32, PreKey>,
    sessions: BTreeMap<(Version, Device), Zeroizing<Vec<u8>>>,
    /// Whom we have met, and what their keys are worth.
    pub met: BTreeMap<Device, (PublicKey, Trust)>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Memory")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

impl Memory {
    /// A new device with a signed pre-key and 100 pre-keys.
    pub fn new(device: Device) -> Self {
        Self {
            identity: Identity::generate(device),
            signed_pre_keys: vec![SignedPreKey::generate(1)],
            pre_keys: (1..=100).map(|id| (id, PreKey::generate(id))).collect(),
            used: BTreeMap::new(),
            sessions: BTreeMap::new(),
            met: BTreeMap::new(),
        }
    }

    /// Who this is.
    pub fn own(&self) -> &Identity {
        &self.identity
    }

    /// What it publishes; `None` only if `signed_pre_keys` was emptied.
    pub fn bundle(&self, version: Version) -> Option<Bundle> {
        let signed = self.signed_pre_keys.last()?;
        Some(Bundle::ours(version, &self.identity, signed, self.pre_keys.values()))
    }

    /// Forgets all sessions, as one must with a restored backup.
    pub fn forget_sessions(&mut self) {
        self.sessions.clear();
    }
}

impl Keys for Memory {
    type Error = Infallible;

    fn identity(&mut self) -> Result<Identity, Infallible> {
        Ok(self.identity.clone())
    }

    fn signed_pre_key(&mut self, id: u32) -> Result<Option<SignedPreKey>, Infallible> {
        Ok(self.signed_pre_keys.iter().find(|key| key.id == id).cloned())
    }

    fn pre_key(&mut self, id: u32) -> Result<Option<PreKey>, Infallible> {
        Ok(self.pre_keys.get(&id).or_else(|| self.used.get(&id)).cloned())
    }

    fn pre_key_used(&mut self, id: u32) -> Result<(), Infallible> {
        if let Some(key) = self.pre_keys.remove(&id) {
            self.used.insert(id, key);
        }
        Ok(())
    }

    fn session(&mut self, version: Version, device: &Device) -> Result<Option<Vec<u8>>, Infallible> {
        let found = self.sessions.get(&(version, device.clone()));
        Ok(found.map(|session| session.to_vec()))
    }

    fn keep_session(&mut self, version: Version, device: &Device, session: &[u8]) -> Result<(), Infallible> {
        let session = Zeroizing::new(session.to_vec());
        self.sessions.insert((version, device.clone()), session);
        Ok(())
    }

    fn known_identity(&mut self, device: &Device) -> Result<Option<PublicKey>, Infallible> {
        Ok(self.met.get(device).map(|(identity, _)| *identity))
    }

    fn met(&mut self, device: &Device, identity: PublicKey) -> Result<(), Infallible> {
        let others = self.met.iter().filter(|(other, _)| other.address == device.address);
        let trust = Trust::of_new(others.map(|(_, (_, trust))| *trust));
        self.met.insert(device.clone(), (identity, trust));
        Ok(())
    }

    fn may_read(&mut self, device: &Device, identity: PublicKey) -> Result<bool, Infallible> {
        let known = self.met.get(device);
        Ok(known.is_some_and(|(key, trust)| *key == identity && trust.reads()))
    }
}
