//! Which devices of our contacts are there. Rows, because a stream that goes on after a crash does not tell it again.

use jid::BareJid;
use rusqlite::Connection;

use super::{Result, Tx, row};
use crate::model::{AccountId, Show};

/// A person has a handful of devices; more are not told apart.
const MOST_DEVICES: i64 = 20;

/// A device is there.
pub(crate) fn put(tx: &Tx<'_>, account: AccountId, address: &BareJid, resource: &str, show: Show) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO presence (account_id, address, resource, show) SELECT ?1, ?2, ?3, ?4
         WHERE (SELECT count(*) FROM presence WHERE account_id = ?1 AND address = ?2 AND resource <> ?3) < ?5
         ON CONFLICT (account_id, address, resource) DO UPDATE SET show = ?4",
    )?
    .execute((account, address.as_str(), resource, show, MOST_DEVICES))
    .map(drop)
}

/// A device is gone; without a resource all of them are.
pub(crate) fn remove(tx: &Tx<'_>, account: AccountId, address: &BareJid, resource: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM presence WHERE account_id = ?1 AND address = ?2 AND (resource = ?3 OR ?3 = '')")?
        .execute((account, address.as_str(), resource))
        .map(drop)
}

/// A new stream begins, which tells everything anew.
pub(crate) fn forget(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("DELETE FROM presence WHERE account_id = ?1", [account])
        .map(drop)
}

/// How somebody is there, by the device on which they are the most.
pub(crate) fn best(conn: &Connection, account: AccountId, address: &BareJid) -> Result<Option<Show>> {
    let shows = conn
        .prepare_cached("SELECT show FROM presence WHERE account_id = ?1 AND address = ?2")?
        .query_map((account, address.as_str()), |row| row.get(0))?
        .collect::<Result<Vec<Show>>>()?;
    Ok(shows.into_iter().max())
}

/// Everybody who is there, a device at a time.
pub(crate) fn all(conn: &Connection, account: AccountId) -> Result<Vec<(BareJid, Show)>> {
    conn.prepare("SELECT address, show FROM presence WHERE account_id = ?1")?
        .query_map([account], |row| Ok((row::address(row, 0)?, row.get(1)?)))?
        .collect()
}
