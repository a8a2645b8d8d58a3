//! How far the archive is known: two cursors, no ranges. Each archive has its row; here it is the account's own.
//!
//! **Invariant**: between the floor and `newest_id` nothing is missing. What lies below a floor is not shown.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, Tx};
use crate::model::{AccountId, ChatId};

/// How far an account's archive is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Archive {
    /// Caught up to here.
    pub newest_id: Option<String>,
    /// Complete from here on.
    pub floor_id: Option<String>,
    pub floor_position: Option<i64>,
    /// The floor is the beginning.
    pub complete: bool,
    /// Pages fetched backwards since the last jump.
    pub pages: u32,
    /// After a jump: between the floor and this id nobody has looked yet; empty: down to the beginning. Whatever went
    /// before the jump and was not acknowledged may be there.
    pub gap_id: Option<String>,
}

/// Where a conversation ends at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Floor {
    /// Messages from this position on are shown.
    pub position: i64,
    /// The archive's id of the floor; absent before the first sync and where there is no archive.
    pub id: Option<String>,
    /// Nothing is older.
    pub complete: bool,
}

pub(crate) fn get(conn: &Connection, account: AccountId) -> Result<Archive> {
    conn.prepare_cached(
        "SELECT newest_id, floor_id, floor_position, complete, pages, gap_id FROM archive
         WHERE account_id = ?1 AND owner = (SELECT address FROM account WHERE id = ?1)",
    )?
    .query_row([account], |row| {
        Ok(Archive {
            newest_id: row.get(0)?,
            floor_id: row.get(1)?,
            floor_position: row.get(2)?,
            complete: row.get(3)?,
            pages: row.get(4)?,
            gap_id: row.get(5)?,
        })
    })
    .optional()
    .map(Option::unwrap_or_default)
}

pub(crate) fn put(tx: &mut Tx<'_>, account: AccountId, archive: &Archive) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO archive (account_id, owner, newest_id, floor_id, floor_position, complete, pages, gap_id)
         SELECT ?1, address, ?2, ?3, ?4, ?5, ?6, ?7 FROM account WHERE id = ?1
         ON CONFLICT (account_id, owner) DO UPDATE SET
            newest_id = ?2, floor_id = ?3, floor_position = ?4, complete = ?5, pages = ?6, gap_id = ?7",
    )?
    .execute((
        account,
        &archive.newest_id,
        &archive.floor_id,
        archive.floor_position,
        archive.complete,
        archive.pages,
        &archive.gap_id,
    ))
    .map(drop)
}

/// Moves "caught up to here" to a message that came live.
pub(crate) fn set_newest(tx: &Tx<'_>, account: AccountId, id: &str) -> Result<()> {
    tx.prepare_cached("UPDATE archive SET newest_id = ?2 WHERE account_id = ?1 AND owner = (SELECT address FROM account WHERE id = ?1)",
    )?
        .execute((account, id))
        .map(drop)
}

/// After a jump over a gap no conversation is known to reach further down than the new floor.
pub(crate) fn forget_chat_floors(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "UPDATE chat SET floor_id = NULL, floor_position = NULL, complete = 0 WHERE account_id = ?1",
        [account],
    )
    .map(drop)
}

pub(crate) fn set_chat_floor(tx: &Tx<'_>, chat: ChatId, id: Option<&str>, position: i64, complete: bool) -> Result<()> {
    tx.execute(
        "UPDATE chat SET floor_id = coalesce(?2, floor_id), floor_position = ?3, complete = ?4 WHERE id = ?1",
        (chat, id, position, complete),
    )
    .map(drop)
}

/// The lower of a chat's own floor and its account's.
pub(crate) fn floor(conn: &Connection, account: AccountId, chat: ChatId) -> Result<Floor> {
    let archive = get(conn, account)?;
    let own = conn
        .prepare_cached("SELECT floor_position, floor_id, complete FROM chat WHERE id = ?1")?
        .query_row([chat], |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?, row.get::<_, bool>(2)?))
        })?;
    if archive.complete || own.2 {
        return Ok(Floor {
            position: i64::MIN,
            id: None,
            complete: true,
        });
    }
    // Before the first sync there is no floor: everything that is here is shown.
    let whole = archive.floor_position.unwrap_or(i64::MIN);
    Ok(match own {
        // Where both stand equally high somebody scrolled over what was here already.
        (Some(position), id, _) if position <= whole => Floor {
            position,
            id,
            complete: false,
        },
        _ => Floor {
            position: whole,
            id: archive.floor_id,
            complete: false,
        },
    })
}
