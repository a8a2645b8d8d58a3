//! The stream that an account had last, and which jobs are on their way in it. XEP-0198.

use rusqlite::{Connection, OptionalExtension as _};

use super::outbox::JobId;
use super::{Result, Tx};
use crate::model::AccountId;

/// A stream as it was when something was stored last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The server's name for the stream.
    pub id: String,
    /// How many stanzas of the server are stored.
    pub handled: u32,
    /// How many of ours went.
    pub sent: u32,
    /// How many of those the server has.
    pub acked: u32,
}

/// A new stream begins: what was on its way in the old one is not any more.
pub(crate) fn forget(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("DELETE FROM stream WHERE account_id = ?1", [account])?;
    forget_sequences(tx, account)
}

/// A job that went in a stream that is gone, or did not count.
const WENT: i64 = -1;

/// What the server does not have is to be sent anew, as whichever stanza. It stays known that it went: the server may have
/// it all the same.
pub(crate) fn forget_sequences(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "UPDATE outbox SET sequence = ?2 WHERE account_id = ?1 AND sequence >= 0",
        (account, WENT),
    )
    .map(drop)
}

pub(crate) fn put(tx: &Tx<'_>, account: AccountId, stream: &Counts) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO stream (account_id, resume_id, handled, sent, acked) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (account_id) DO UPDATE SET resume_id = ?2, handled = ?3, sent = ?4, acked = ?5",
    )?
    .execute((account, &stream.id, stream.handled, stream.sent, stream.acked))
    .map(drop)
}

/// The stream that a crash left, if it can go on.
pub(crate) fn get(conn: &Connection, account: AccountId) -> Result<Option<Counts>> {
    conn.prepare_cached("SELECT resume_id, handled, sent, acked FROM stream WHERE account_id = ?1")?
        .query_row([account], |row| {
            Ok(Counts {
                id: row.get(0)?,
                handled: row.get(1)?,
                sent: row.get(2)?,
                acked: row.get(3)?,
            })
        })
        .optional()
}

/// Notes, before it is sent, as which stanza a job goes.
pub(crate) fn set_sequence(tx: &Tx<'_>, job: JobId, sequence: u32) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET sequence = ?2 WHERE id = ?1")?
        .execute((job.0, sequence))
        .map(drop)
}

/// The jobs that are on their way, and as which stanza each went.
pub(crate) fn on_their_way(conn: &Connection, account: AccountId) -> Result<Vec<(JobId, u32)>> {
    conn.prepare_cached("SELECT id, sequence FROM outbox WHERE account_id = ?1 AND sequence >= 0")?
        .query_map([account], |row| Ok((JobId(row.get(0)?), row.get(1)?)))?
        .collect()
}

/// Whether a job went once and nobody said what became of it.
pub(crate) fn went(conn: &Connection, job: JobId) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM outbox WHERE id = ?1 AND sequence IS NOT NULL")?
        .exists([job.0])
}
