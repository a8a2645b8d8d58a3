//! How accounts signed in so far.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, Tx};
use crate::model::{AccountId, Pins};

/// `None`: it never signed in.
pub(crate) fn get(conn: &Connection, account: AccountId) -> Result<Option<Pins>> {
    conn.prepare_cached("SELECT client_id, bound, strongest FROM pin WHERE account_id = ?1")?
        .query_row([account], |row| {
            Ok(Pins {
                client_id: row.get(0)?,
                bound: row.get(1)?,
                strongest: row.get(2)?,
            })
        })
        .optional()
}

pub(crate) fn put(tx: &Tx<'_>, account: AccountId, pins: &Pins) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO pin (account_id, client_id, bound, strongest) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account_id) DO UPDATE SET client_id = ?2, bound = ?3, strongest = ?4",
    )?
    .execute((account, &pins.client_id, pins.bound, &pins.strongest))
    .map(drop)
}
