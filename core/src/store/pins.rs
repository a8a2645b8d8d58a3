//! How accounts signed in so far.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, Tx};
use crate::model::{AccountId, Pins};

pub(crate) fn get(conn: &Connection, account: AccountId) -> Result<Pins> {
    let found = conn
        .prepare_cached("SELECT bound, strongest FROM pin WHERE account_id = ?1")?
        .query_row([account], |row| {
            Ok(Pins {
                bound: row.get(0)?,
                strongest: row.get(1)?,
            })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

pub(crate) fn put(tx: &Tx<'_>, account: AccountId, pins: &Pins) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO pin (account_id, bound, strongest) VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id) DO UPDATE SET bound = ?2, strongest = ?3",
    )?
    .execute((account, pins.bound, &pins.strongest))
    .map(drop)
}
