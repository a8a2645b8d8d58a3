//! Stanzas that could not be taken, kept aside with the reason.

use rusqlite::Connection;

use super::{Result, Tx};
use crate::change::Change;
use crate::model::{AccountId, Aside, Reason};

/// So many are kept for an account; then the oldest go.
const MOST: u32 = 1_000;

/// A stanza that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub reason: Reason,
    /// Who sent it, as it said itself. Nobody checked that.
    pub sender: Option<String>,
    pub archive_id: Option<String>,
}

pub(crate) fn put(tx: &mut Tx<'_>, account: AccountId, out: &LeftOut, now: i64) -> Result<()> {
    // An address has 3,071 bytes at the most (RFC 7622); a liar's may be longer.
    let sender: Option<String> = out.sender.as_ref().map(|sender| sender.chars().take(3_071).collect());
    tx.prepare_cached(
        "INSERT INTO quarantine (account_id, reason, sender, archive_id, aside_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((account, out.reason, sender, &out.archive_id, now))?;
    tx.prepare_cached(
        "DELETE FROM quarantine WHERE account_id = ?1 AND id <=
            (SELECT id FROM quarantine WHERE account_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute((account, MOST))?;
    tx.changed(Change::Accounts);
    Ok(())
}

/// What was left out last, the newest first.
pub(crate) fn newest(conn: &Connection, account: AccountId, limit: u32) -> Result<Vec<Aside>> {
    conn.prepare(
        "SELECT reason, sender, archive_id, aside_at FROM quarantine WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2",
    )?
    .query_map((account, limit), |row| {
        Ok(Aside {
            reason: row.get(0)?,
            sender: row.get(1)?,
            archive_id: row.get(2)?,
            at: row.get(3)?,
        })
    })?
    .collect()
}

pub(crate) fn count(conn: &Connection, account: AccountId) -> Result<u32> {
    conn.query_row(
        "SELECT count(*) FROM quarantine WHERE account_id = ?1",
        [account],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[test]
    fn a_flood_of_bad_stanzas_does_not_fill_the_disk() {
        let (mut world, [anna]) = World::of_friends(["anna@a.example"]);
        let account = world.account(anna);
        for n in 0..1_010 {
            let out = LeftOut {
                reason: Reason::Large,
                sender: Some("🦆".repeat(5_000)),
                archive_id: None,
            };
            world.write(anna, |tx, _| put(tx, account, &out, n));
        }
        assert_eq!(count(world.conn(anna), account), Ok(MOST));
        let newest = newest(world.conn(anna), account, 1).unwrap();
        assert_eq!((newest[0].at, newest[0].reason), (1_009, Reason::Large));
        assert_eq!(newest[0].sender.as_ref().unwrap().chars().count(), 3_071);
    }
}
