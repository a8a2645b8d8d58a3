//! The stream that an account had last, and which jobs are on their way in it. XEP-0198.

use rusqlite::{Connection, OptionalExtension as _};

use super::outbox::JobId;
use super::{Result, Tx};
use crate::model::AccountId;

/// A stream that can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub resume_id: String,
    pub handled: u32,
}

/// A new stream begins: what was on its way in the old one is not any more.
pub(crate) fn forget(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("DELETE FROM stream WHERE account_id = ?1", [account])?;
    tx.execute(
        "UPDATE outbox SET sequence = NULL WHERE account_id = ?1 AND sequence IS NOT NULL",
        [account],
    )
    .map(drop)
}

pub(crate) fn put(tx: &Tx<'_>, account: AccountId, resume_id: &str, handled: u32) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO stream (account_id, resume_id, handled) VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id) DO UPDATE SET resume_id = ?2, handled = ?3",
    )?
    .execute((account, resume_id, handled))
    .map(drop)
}

/// Notes, before it is sent, as which stanza a job goes.
pub(crate) fn set_sequence(tx: &Tx<'_>, job: JobId, sequence: u32) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET sequence = ?2 WHERE id = ?1")?
        .execute((job.0, sequence))
        .map(drop)
}

/// The last stream, if a crash left jobs in it of which nobody knows whether they arrived.
pub(crate) fn broken(conn: &Connection, account: AccountId) -> Result<Option<Broken>> {
    conn.prepare(
        "SELECT resume_id, handled FROM stream WHERE account_id = ?1
            AND EXISTS (SELECT 1 FROM outbox WHERE account_id = ?1 AND sequence IS NOT NULL)",
    )?
    .query_row([account], |row| {
        Ok(Broken {
            resume_id: row.get(0)?,
            handled: row.get(1)?,
        })
    })
    .optional()
}

/// The jobs that went as the first `count` stanzas.
pub(crate) fn arrived(conn: &Connection, account: AccountId, count: u32) -> Result<Vec<JobId>> {
    conn.prepare("SELECT id FROM outbox WHERE account_id = ?1 AND sequence <= ?2 ORDER BY id")?
        .query_map((account, count), |row| row.get(0).map(JobId))?
        .collect()
}
