//! Keys, sessions and devices of end-to-end encryption. A [`Ring`] lends them to `grend-omemo` inside a transaction, so that what a message
//! said and what reading it changed become true together.

mod devices;
mod readers;

use grend_omemo::{Bundle, Device, Identity, Keys, PreKey, PublicKey, SignedPreKey, Version, random_id};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, Tx, accounts};
use crate::model::{AccountId, Encryption, Trust};

pub(crate) use devices::{
    Owed, about, broke, forget_list, forget_owed, healed, is_listed, listed, lists_known, owe, owed, put_list, seen,
    wrote,
};
pub(crate) use readers::{all, announced, compare, gone, name, noticed, remove, set_trust, unwanted};

/// So many pre-keys are given out.
pub(crate) const PRE_KEYS: usize = 100;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// A signed pre-key is given out for a week, and kept for two months: somebody may have been on a boat.
const ROTATE: i64 = 7 * DAY;
const KEEP: i64 = 60 * DAY;
/// A pre-key that was used is kept for so long, and so many of them at the most: somebody may begin sessions for fun.
const HIDDEN: i64 = 7 * DAY;
const MOST_HIDDEN: i64 = 500;
/// More pre-keys than a device makes between a backup and its end.
const LIFE: u32 = 1 << 20;

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
    let signed = SignedPreKey::generate(1);
    put_pre_key(tx, account, true, &signed, now)?;
    put_pre_keys(tx, account, (0, PRE_KEYS as u32), now)?;
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

fn put_pre_key(tx: &Tx<'_>, account: AccountId, signed: bool, key: &PreKey, now: i64) -> Result<()> {
    tx.prepare_cached("INSERT INTO omemo_prekey (account_id, signed, id, secret, made_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((account, signed, key.id, key.secret().as_slice(), now))
        .map(drop)
}

fn pre_key(conn: &Connection, account: AccountId, signed: bool, id: u32) -> Result<Option<PreKey>> {
    conn.prepare_cached("SELECT secret FROM omemo_prekey WHERE account_id = ?1 AND signed = ?2 AND id = ?3")?
        .query_row((account, signed, id), |row| Ok(PreKey::from_secret(id, row.get(0)?)))
        .optional()
}

/// The signed pre-key that is given out now, and the pre-keys.
pub(crate) fn given_out(conn: &Connection, account: AccountId) -> Result<Option<(SignedPreKey, Vec<PreKey>)>> {
    let mut keys = conn.prepare_cached(
        "SELECT signed, id, secret FROM omemo_prekey WHERE account_id = ?1 AND used = 0 ORDER BY made_at DESC, id DESC",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, PreKey::from_secret(row.get(1)?, row.get(2)?)));
    let keys: Vec<(bool, PreKey)> = keys.query_map([account], read)?.collect::<Result<_>>()?;
    let (signed, plain): (Vec<_>, Vec<_>) = keys.into_iter().partition(|(signed, _)| *signed);
    let newest = signed.into_iter().next().map(|(_, key)| key);
    Ok(newest.map(|newest| (newest, plain.into_iter().map(|(_, key)| key).collect())))
}

/// Puts new keys in the place of those that were used or are too old. Whether anything changed: then the bundle is to be published.
///
/// Who used one may not be alone: two devices can have fetched the same bundle, and the archive tells of the second one later. So a
/// used one is kept for a while, hidden.
pub(crate) fn renew(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<bool> {
    let used = tx
        .prepare_cached(
            "UPDATE omemo_prekey SET replaced_at = ?2 WHERE account_id = ?1 AND used = 1 AND replaced_at IS NULL",
        )?
        .execute((account, now))?;
    if used > 0 {
        let (last, _) = newest(tx, account, false)?;
        put_pre_keys(tx, account, (last, used as u32), now)?;
    }
    let (last, made_at) = newest(tx, account, true)?;
    let due = last > 0 && now.saturating_sub(made_at) > ROTATE;
    if due {
        put_pre_key(tx, account, true, &SignedPreKey::generate(after(last, 1)), now)?;
    }
    if used > 0 || due {
        forget_pre_keys(tx, account, now)?;
    }
    Ok(used > 0 || due)
}

/// Whether a bundle of this device was published by a later life of it: ids only grow, and these are beyond what we ever made.
pub(crate) fn is_from_later(conn: &Connection, account: AccountId, bundle: &Bundle) -> Result<bool> {
    let (last, _) = newest(conn, account, false)?;
    let (signed, _) = newest(conn, account, true)?;
    Ok(bundle.signed_pre_key_id > signed || bundle.pre_keys.iter().any(|(id, _)| *id > last))
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
    let beyond = LIFE + random_id() % LIFE;
    let (last, _) = newest(tx, account, false)?;
    let (signed, _) = newest(tx, account, true)?;
    tx.execute(
        "UPDATE omemo_prekey SET used = 1, replaced_at = coalesce(replaced_at, ?2) WHERE account_id = ?1 AND signed = 0",
        (account, now),
    )?;
    put_pre_keys(tx, account, (after(last, beyond), PRE_KEYS as u32), now)?;
    put_pre_key(tx, account, true, &SignedPreKey::generate(after(signed, beyond)), now)?;
    forget_pre_keys(tx, account, now)?;
    tx.execute("UPDATE omemo_self SET restored = 0 WHERE account_id = ?1", [account])
        .map(drop)
}

/// What we have in common with a device is worth nothing any more.
pub(crate) fn forget_session(tx: &Tx<'_>, account: AccountId, device: &Device) -> Result<()> {
    tx.prepare_cached("DELETE FROM omemo_session WHERE account_id = ?1 AND address = ?2 AND device = ?3")?
        .execute((account, &device.address, device.id))
        .map(drop)
}

/// The id and the time of the last key that was made.
fn newest(conn: &Connection, account: AccountId, signed: bool) -> Result<(u32, i64)> {
    conn.prepare_cached(
        "SELECT coalesce(max(id), 0), coalesce(max(made_at), 0) FROM omemo_prekey WHERE account_id = ?1 AND signed = ?2",
    )?
    .query_row((account, signed), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Ids only grow, and start again where they end; those given out are far below by then.
fn after(last: u32, steps: u32) -> u32 {
    (last.wrapping_add(steps) & 0x7fff_ffff).max(1)
}

/// Makes so many pre-keys, with ids after the last.
fn put_pre_keys(tx: &Tx<'_>, account: AccountId, (last, count): (u32, u32), now: i64) -> Result<()> {
    (1..=count).try_for_each(|next| put_pre_key(tx, account, false, &PreKey::generate(after(last, next)), now))
}

/// Forgets the keys with which no message can be expected to begin a session any more.
fn forget_pre_keys(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    let signed = "DELETE FROM omemo_prekey WHERE account_id = ?1 AND signed = 1 AND made_at < ?2";
    tx.execute(signed, (account, now.saturating_sub(KEEP)))?;
    let hidden = "DELETE FROM omemo_prekey WHERE account_id = ?1 AND used = 1 AND (replaced_at < ?2 OR id NOT IN
        (SELECT id FROM omemo_prekey WHERE account_id = ?1 AND used = 1 ORDER BY replaced_at DESC, id DESC LIMIT ?3))";
    tx.execute(hidden, (account, now.saturating_sub(HIDDEN), MOST_HIDDEN))
        .map(drop)
}

impl Keys for Ring<'_, '_> {
    type Error = rusqlite::Error;

    fn identity(&mut self) -> Result<Identity> {
        identity(self.tx, self.account, self.now)
    }

    fn signed_pre_key(&mut self, id: u32) -> Result<Option<SignedPreKey>> {
        pre_key(self.tx, self.account, true, id)
    }

    fn pre_key(&mut self, id: u32) -> Result<Option<PreKey>> {
        pre_key(self.tx, self.account, false, id)
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
