//! Keys, sessions and devices of end-to-end encryption. A [`Ring`] lends them to `grend-omemo` inside a transaction, so that what a message
//! said and what reading it changed become true together.

mod devices;
mod pre_keys;
mod readers;

use grend_omemo::{Device, Identity, Keys, PreKey, PublicKey, SignedPreKey, Version, random_id};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, Tx, accounts};
use crate::model::{AccountId, Encryption, Trust};

pub(crate) use devices::{
    Owed, about, broke, forget_list, forget_owed, healed, is_listed, know_list, listed, lists_known, owe, owed,
    put_list, seen, wrote,
};
#[cfg(test)]
pub(crate) use pre_keys::PRE_KEYS;
pub(crate) use pre_keys::{given_out, is_from_later, renew};
pub(crate) use readers::{all, announced, compare, expire, gone, name, noticed, remove, set_trust, unwanted};

/// The keys of an account, for as long as a transaction.
pub(crate) struct Ring<'t, 'c> {
    pub tx: &'t mut Tx<'c>,
    pub account: AccountId,
    /// ms UTC.
    pub now: i64,
}

/// The word of a version in a row.
pub(crate) fn encryption(version: Version) -> Encryption {
    match version {
        Version::Legacy => Encryption::Omemo,
        Version::Two => Encryption::Omemo2,
    }
}

/// Who this device is, if it is anybody yet.
fn own(conn: &Connection, account: AccountId) -> Result<Option<Identity>> {
    let known = conn
        .prepare_cached("SELECT device, seed FROM omemo_self WHERE account_id = ?1")?
        .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, seed)) = known else { return Ok(None) };
    let address = accounts::address(conn, account)?.to_string();
    Ok(Some(Identity::from_seed(Device::new(address, id), seed)))
}

/// Who this device is. Made when it is first asked for.
pub(crate) fn identity(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<Identity> {
    if let Some(identity) = own(tx, account)? {
        return Ok(identity);
    }
    let address = accounts::address(tx, account)?.to_string();
    let identity = Identity::generate(Device::new(address, random_id()));
    tx.execute(
        "INSERT INTO omemo_self (account_id, device, seed) VALUES (?1, ?2, ?3)",
        (account, identity.device.id, identity.seed().as_slice()),
    )?;
    pre_keys::first(tx, account, now)?;
    Ok(identity)
}

/// The number of this device, if it has one, and whether the database turned out to be restored.
pub(crate) fn number(conn: &Connection, account: AccountId) -> Result<Option<(u32, bool)>> {
    conn.prepare_cached("SELECT device, restored FROM omemo_self WHERE account_id = ?1")?
        .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Counts one more repair of our list; how many there were.
pub(crate) fn repaired(tx: &Tx<'_>, account: AccountId) -> Result<u32> {
    tx.prepare_cached("UPDATE omemo_self SET repairs = repairs + 1 WHERE account_id = ?1 RETURNING repairs")?
        .query_row([account], |row| row.get(0))
}

/// A session begins: repairs count anew.
pub(crate) fn begin_session(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("UPDATE omemo_self SET repairs = 0 WHERE account_id = ?1", [account])
        .map(drop)
}

/// The database is a backup: others remember more of our sessions than it does. `begin_anew` is for when the archive was read,
/// for much of that can be read with the sessions that are here.
pub(crate) fn found_restored(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tracing::warn!("this database was restored: sessions begin anew");
    tx.execute("UPDATE omemo_self SET restored = 1 WHERE account_id = ?1", [account])
        .map(drop)
}

/// Drops all sessions and gives out new keys, with ids that the life before cannot have given out. Whoever we had a session with
/// is to get a new one before they write in the old one.
pub(crate) fn begin_anew(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    tx.execute(
        "UPDATE omemo_device SET owed = 'session', owed_version = known.version
         FROM (SELECT address, device, min(version) AS version FROM omemo_session WHERE account_id = ?1
            GROUP BY address, device) AS known
         WHERE account_id = ?1 AND omemo_device.address = known.address AND omemo_device.device = known.device
            AND (omemo = 1 OR omemo2 = 1) AND trust IS NOT 'refused'",
        [account],
    )?;
    tx.execute("DELETE FROM omemo_session WHERE account_id = ?1", [account])?;
    pre_keys::replace_all(tx, account, now)?;
    tx.execute("UPDATE omemo_self SET restored = 0 WHERE account_id = ?1", [account])
        .map(drop)
}

/// What we have in common with a device is worth nothing any more.
pub(crate) fn forget_session(tx: &Tx<'_>, account: AccountId, device: &Device) -> Result<()> {
    tx.prepare_cached("DELETE FROM omemo_session WHERE account_id = ?1 AND address = ?2 AND device = ?3")?
        .execute((account, &device.address, device.id))
        .map(drop)
}

impl Keys for Ring<'_, '_> {
    type Error = rusqlite::Error;

    fn identity(&mut self) -> Result<Identity> {
        identity(self.tx, self.account, self.now)
    }

    fn signed_pre_key(&mut self, id: u32) -> Result<Option<SignedPreKey>> {
        pre_keys::get(self.tx, self.account, true, id)
    }

    fn pre_key(&mut self, id: u32) -> Result<Option<PreKey>> {
        pre_keys::get(self.tx, self.account, false, id)
    }

    fn pre_key_used(&mut self, id: u32) -> Result<()> {
        self.tx
            .prepare_cached("UPDATE omemo_prekey SET used = 1 WHERE account_id = ?1 AND signed = 0 AND id = ?2")?
            .execute((self.account, id))
            .map(drop)
    }

    fn session(&mut self, version: Version, device: &Device) -> Result<Option<Vec<u8>>> {
        self.tx
            .prepare_cached(
                "SELECT session FROM omemo_session WHERE account_id = ?1 AND address = ?2 AND device = ?3 AND version = ?4",
            )?
            .query_row((self.account, &device.address, device.id, encryption(version)), |row| row.get(0))
            .optional()
    }

    fn keep_session(&mut self, version: Version, device: &Device, session: &[u8]) -> Result<()> {
        self.tx
            .prepare_cached(
                "INSERT INTO omemo_session (account_id, address, device, version, session) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (account_id, address, device, version) DO UPDATE SET session = ?5",
            )?
            .execute((self.account, &device.address, device.id, encryption(version), session))
            .map(drop)
    }

    fn known_identity(&mut self, device: &Device) -> Result<Option<PublicKey>> {
        Ok(devices::worth(self.tx, self.account, device)?.map(|(identity, _)| identity))
    }

    fn met(&mut self, device: &Device, identity: PublicKey) -> Result<()> {
        devices::met(self, device, identity)
    }

    fn may_read(&mut self, device: &Device, identity: PublicKey) -> Result<bool> {
        let worth = devices::worth(self.tx, self.account, device)?;
        Ok(worth.is_some_and(|(known, trust)| known == identity && matches!(trust, Trust::Blind | Trust::Verified)))
    }
}
