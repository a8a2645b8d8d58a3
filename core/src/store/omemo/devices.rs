//! Devices of ours and of others: where they are listed, what their keys are worth, what they wait for.

use grend_omemo::{Device, DeviceList, PublicKey, Version};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Ring, encryption};
use crate::change::Change;
use crate::model::{AccountId, Encryption, Trust};
use crate::store::{Result, Tx};

/// A device with broken keys is not asked for them again for so long, ms.
const PATIENCE: i64 = 10 * 60 * 1000;
/// A session is healed once in so long, ms.
const HEALED: i64 = 60 * 60 * 1000;

/// What a device waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owed {
    /// An empty message in the session it began or wrote much in.
    Answer,
    /// A new session, as the old one is lost.
    Session,
}

impl Owed {
    fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Session => "session",
        }
    }
}

fn version(encryption: Encryption) -> Version {
    if encryption == Encryption::Omemo2 {
        Version::Two
    } else {
        Version::Legacy
    }
}

/// Makes the row of a device, if there is none. Answers whether it was made.
pub(crate) fn seen(tx: &mut Tx<'_>, account: AccountId, device: &Device, now: i64) -> Result<bool> {
    let made = tx
        .prepare_cached(
            "INSERT INTO omemo_device (account_id, address, device, seen_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account_id, address, device) DO NOTHING",
        )?
        .execute((account, &device.address, device.id, now))?;
    if made > 0 {
        tx.changed(Change::Devices);
    }
    Ok(made > 0)
}

/// Takes a list as it is published now. Devices that are not on it keep their keys: they may come back. Those without keys go.
///
/// A device of ours that comes onto a list that we know came without our doing: it is announced, and so is one that comes back after
/// it was removed.
pub(crate) fn put_list(tx: &mut Tx<'_>, of: (AccountId, &str, Version), list: &DeviceList, now: i64) -> Result<()> {
    let (account, address, version) = of;
    let column = if version == Version::Legacy { "omemo" } else { "omemo2" };
    let own = super::own(tx, account)?.filter(|own| own.device.address == address);
    let known = tx
        .prepare_cached("SELECT 1 FROM omemo_list WHERE account_id = ?1 AND address = ?2 AND version = ?3")?
        .exists((account, address, encryption(version)))?;
    let set = format!(
        "UPDATE omemo_device SET {column} = 1, listed_at = iif(omemo = 0 AND omemo2 = 0, ?4, listed_at),
            announce = announce OR (?5 AND omemo = 0 AND omemo2 = 0 AND (listed_at IS NULL OR trust IS 'refused'))
         WHERE account_id = ?1 AND address = ?2 AND device = ?3"
    );
    for id in list.ids() {
        seen(tx, account, &Device::new(address, *id), now)?;
        let announce = known && own.as_ref().is_some_and(|own| own.device.id != *id);
        tx.prepare_cached(&set)?
            .execute((account, address, id, now, announce))?;
    }
    let others = format!(
        "UPDATE omemo_device SET {column} = 0 WHERE account_id = ?1 AND address = ?2
            AND device NOT IN (SELECT value FROM json_each(?3))"
    );
    tx.prepare_cached(&others)?
        .execute((account, address, format!("{:?}", list.ids())))?;
    tx.prepare_cached(
        "DELETE FROM omemo_device WHERE account_id = ?1 AND address = ?2 AND omemo = 0 AND omemo2 = 0
            AND identity IS NULL AND used_at IS NULL AND owed IS NULL AND name IS NULL AND unwanted = 0",
    )?
    .execute((account, address))?;
    know_list(tx, of, now)
}

/// What is known of a list is all that will be known for now.
pub(crate) fn know_list(tx: &mut Tx<'_>, of: (AccountId, &str, Version), now: i64) -> Result<()> {
    let (account, address, version) = of;
    tx.prepare_cached(
        "INSERT INTO omemo_list (account_id, address, version, known_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account_id, address, version) DO UPDATE SET known_at = ?4, stale = 0",
    )?
    .execute((account, address, encryption(version), now))?;
    tx.changed(Change::Devices);
    Ok(())
}

/// The list of an address is to be asked for again before anything is written.
pub(crate) fn forget_list(tx: &Tx<'_>, account: AccountId, address: &str) -> Result<()> {
    tx.prepare_cached("UPDATE omemo_list SET stale = 1 WHERE account_id = ?1 AND address = ?2")?
        .execute((account, address))
        .map(drop)
}

/// Which lists of an address are known.
pub(crate) fn lists_known(conn: &Connection, account: AccountId, address: &str) -> Result<Vec<Version>> {
    conn.prepare_cached("SELECT version FROM omemo_list WHERE account_id = ?1 AND address = ?2 AND stale = 0")?
        .query_map((account, address), |row| Ok(version(row.get(0)?)))?
        .collect()
}

/// The devices of an address that are on a list, and the version in which each is written to: 0.3 if it can.
pub(crate) fn listed(conn: &Connection, account: AccountId, address: &str) -> Result<Vec<(Version, Device)>> {
    conn.prepare_cached(
        "SELECT omemo, device FROM omemo_device WHERE account_id = ?1 AND address = ?2 AND (omemo = 1 OR omemo2 = 1)
            AND unwanted = 0 ORDER BY id",
    )?
    .query_map((account, address), |row| {
        let version = if row.get(0)? { Version::Legacy } else { Version::Two };
        Ok((version, Device::new(address, row.get(1)?)))
    })?
    .collect()
}

/// The numbers on one published list, as far as we know it.
pub(crate) fn is_listed(conn: &Connection, of: (AccountId, &str, Version)) -> Result<DeviceList> {
    let (account, address, version) = of;
    let column = if version == Version::Legacy { "omemo" } else { "omemo2" };
    let sql =
        format!("SELECT device FROM omemo_device WHERE account_id = ?1 AND address = ?2 AND {column} = 1 ORDER BY id");
    let ids: Vec<u64> = conn
        .prepare_cached(&sql)?
        .query_map((account, address), |row| row.get::<_, u32>(0).map(u64::from))?
        .collect::<Result<_>>()?;
    Ok(DeviceList::read(ids))
}

/// The identity key of a device and what it is worth.
pub(super) fn worth(conn: &Connection, account: AccountId, device: &Device) -> Result<Option<(PublicKey, Trust)>> {
    let found: Option<(Option<[u8; 32]>, Option<Trust>)> = conn
        .prepare_cached(
            "SELECT identity, trust FROM omemo_device WHERE account_id = ?1 AND address = ?2 AND device = ?3",
        )?
        .query_row((account, &device.address, device.id), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (Some(identity), Some(trust)) = found.unwrap_or_default() else {
        return Ok(None);
    };
    Ok(PublicKey::from_bytes(identity).map(|identity| (identity, trust)))
}

/// The keys of a device are seen for the first time.
pub(super) fn met(ring: &mut Ring<'_, '_>, device: &Device, identity: PublicKey) -> Result<()> {
    let (account, now) = (ring.account, ring.now);
    seen(ring.tx, account, device, now)?;
    let verified = ring
        .tx
        .prepare_cached("SELECT 1 FROM omemo_device WHERE account_id = ?1 AND address = ?2 AND trust = 'verified'")?
        .exists((account, &device.address))?;
    let others = verified.then_some(grend_omemo::Trust::Verified);
    let trust = match grend_omemo::Trust::of_new(others) {
        grend_omemo::Trust::Undecided => Trust::Undecided,
        grend_omemo::Trust::Refused => Trust::Refused,
        grend_omemo::Trust::Blind => Trust::Blind,
        grend_omemo::Trust::Verified => Trust::Verified,
    };
    ring.tx
        .prepare_cached(
            "UPDATE omemo_device SET identity = ?4, trust = ?5
             WHERE account_id = ?1 AND address = ?2 AND device = ?3",
        )?
        .execute((account, &device.address, device.id, identity.to_bytes(), trust))?;
    ring.tx.changed(Change::Devices);
    Ok(())
}

/// A device wrote something that we could read.
pub(crate) fn wrote(tx: &Tx<'_>, account: AccountId, device: &Device, at: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE omemo_device SET used_at = max(coalesce(used_at, 0), ?4), broken_at = NULL
         WHERE account_id = ?1 AND address = ?2 AND device = ?3",
    )?
    .execute((account, &device.address, device.id, at))
    .map(drop)
}

/// Its keys could not be had or used.
pub(crate) fn broke(tx: &mut Tx<'_>, account: AccountId, device: &Device, now: Option<i64>) -> Result<()> {
    tx.prepare_cached("UPDATE omemo_device SET broken_at = ?4 WHERE account_id = ?1 AND address = ?2 AND device = ?3")?
        .execute((account, &device.address, device.id, now))?;
    tx.changed(Change::Devices);
    Ok(())
}

/// What is known of a device: whether its keys were broken a moment ago, and its trust.
pub(crate) fn about(conn: &Connection, account: AccountId, device: &Device, now: i64) -> Result<(bool, Option<Trust>)> {
    let found: Option<(Option<i64>, Option<Trust>)> = conn
        .prepare_cached(
            "SELECT broken_at, trust FROM omemo_device WHERE account_id = ?1 AND address = ?2 AND device = ?3",
        )?
        .query_row((account, &device.address, device.id), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (broken_at, trust) = found.unwrap_or_default();
    Ok((broken_at.is_some_and(|at| now.saturating_sub(at) < PATIENCE), trust))
}

/// A device waits for something. A session is healed once in an hour, and is more than an answer.
pub(crate) fn owe(tx: &Tx<'_>, account: AccountId, device: &Device, what: (Owed, Version), now: i64) -> Result<()> {
    let (owed, version) = what;
    let earliest = if owed == Owed::Session {
        now.saturating_sub(HEALED)
    } else {
        i64::MAX
    };
    tx.prepare_cached(
        "UPDATE omemo_device SET owed = ?4, owed_version = ?5
         WHERE account_id = ?1 AND address = ?2 AND device = ?3 AND trust IS NOT 'refused'
            AND owed IS NOT 'session' AND coalesce(healed_at, 0) < ?6",
    )?
    .execute((
        account,
        &device.address,
        device.id,
        owed.word(),
        encryption(version),
        earliest,
    ))
    .map(drop)
}

/// The devices that wait for something.
pub(crate) fn owed(conn: &Connection, account: AccountId) -> Result<Vec<(Device, Owed, Version)>> {
    conn.prepare_cached(
        "SELECT address, device, owed, owed_version FROM omemo_device WHERE account_id = ?1 AND owed IS NOT NULL",
    )?
    .query_map([account], |row| {
        let owed = if row.get::<_, String>(2)? == "session" {
            Owed::Session
        } else {
            Owed::Answer
        };
        let device = Device::new(row.get::<_, String>(0)?, row.get(1)?);
        Ok((device, owed, version(row.get(3)?)))
    })?
    .collect()
}

pub(crate) fn forget_owed(tx: &Tx<'_>, account: AccountId, device: &Device) -> Result<()> {
    tx.prepare_cached(
        "UPDATE omemo_device SET owed = NULL, owed_version = NULL
         WHERE account_id = ?1 AND address = ?2 AND device = ?3",
    )?
    .execute((account, &device.address, device.id))
    .map(drop)
}

/// A lost session with it is being begun anew.
pub(crate) fn healed(tx: &Tx<'_>, account: AccountId, device: &Device, now: i64) -> Result<()> {
    tx.prepare_cached("UPDATE omemo_device SET healed_at = ?4 WHERE account_id = ?1 AND address = ?2 AND device = ?3")?
        .execute((account, &device.address, device.id, now))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, World};

    #[test]
    fn h43_lists_that_change_all_the_time_leave_nothing_behind() {
        let (mut world, [anna]) = World::of_friends(["anna@a.example"]);
        let count = world.write(anna, |tx, context| {
            let of = (context.account, "ola@b.example", Version::Legacy);
            seen(tx, context.account, &Device::new("ola@b.example", 7), NOW)?;
            wrote(tx, context.account, &Device::new("ola@b.example", 7), NOW)?;
            for round in 1..20 {
                let list = DeviceList::read((0..50).map(|id| round * 1_000 + id));
                put_list(tx, of, &list, NOW)?;
            }
            tx.query_row("SELECT count(*) FROM omemo_device", [], |row| row.get::<_, i64>(0))
        });
        assert_eq!(count, 50 + 1);
    }
}
