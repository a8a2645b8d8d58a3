//! What must reach the server, in order, whatever happens to the process.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Tx, row};
use crate::model::{AccountId, MessageId};
use crate::outbox::Job;

/// The number of a job; grows in the order in which jobs are to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobId(pub i64);

pub(crate) fn push(tx: &Tx<'_>, account: AccountId, job: &Job) -> Result<()> {
    let (kind, message, address) = match job {
        Job::Message(message) => ("message", Some(*message), None),
        Job::Receipt(message) => ("receipt", Some(*message), None),
        Job::Displayed(message) => ("displayed", Some(*message), None),
        Job::Contact(address) => ("contact", None, Some(address)),
        Job::Subscribe(address) => ("subscribe", None, Some(address)),
        Job::Subscribed(address) => ("subscribed", None, Some(address)),
        Job::Unsubscribed(address) => ("unsubscribed", None, Some(address)),
    };
    tx.prepare_cached("INSERT INTO outbox (account_id, kind, message_id, address) VALUES (?1, ?2, ?3, ?4)")?
        .execute((account, kind, message, address.map(|address| address.as_str())))
        .map(drop)
}

fn read(row: &Row<'_>) -> Result<(JobId, Job)> {
    let kind: String = row.get(1)?;
    let job = match kind.as_str() {
        "message" => Job::Message(row.get(2)?),
        "receipt" => Job::Receipt(row.get(2)?),
        "displayed" => Job::Displayed(row.get(2)?),
        "contact" => Job::Contact(row::address(row, 3)?),
        "subscribe" => Job::Subscribe(row::address(row, 3)?),
        "subscribed" => Job::Subscribed(row::address(row, 3)?),
        _ => Job::Unsubscribed(row::address(row, 3)?),
    };
    Ok((JobId(row.get(0)?), job))
}

/// The next jobs after one, in order.
pub(crate) fn after(conn: &Connection, account: AccountId, after: JobId, limit: usize) -> Result<Vec<(JobId, Job)>> {
    conn.prepare_cached(
        "SELECT id, kind, message_id, address FROM outbox WHERE account_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?
    .query_map((account, after.0, limit as i64), read)?
    .collect()
}

/// Those of these jobs that are still to be done, in order.
pub(crate) fn these(conn: &Connection, jobs: &BTreeSet<JobId>) -> Result<Vec<(JobId, Job)>> {
    let mut one = conn.prepare_cached("SELECT id, kind, message_id, address FROM outbox WHERE id = ?1")?;
    let found = jobs.iter().map(|job| one.query_row([job.0], read).optional());
    found.filter_map(Result::transpose).collect()
}

/// Takes a job off the list. Answers the message it was about, if it was to send one.
pub(crate) fn done(tx: &Tx<'_>, job: JobId) -> Result<Option<MessageId>> {
    tx.prepare_cached("DELETE FROM outbox WHERE id = ?1 RETURNING CASE kind WHEN 'message' THEN message_id END")?
        .query_row([job.0], |row| row.get(0))
        .optional()
        .map(Option::flatten)
}

/// The message is known to have arrived: nobody needs to send it any more.
pub(crate) fn message_arrived(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    tx.prepare_cached("DELETE FROM outbox WHERE kind = 'message' AND message_id = ?1")?
        .execute([message])
        .map(drop)
}

/// Only the last "read up to here" of a conversation matters.
pub(crate) fn drop_older_displayed(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM outbox WHERE kind = 'displayed' AND message_id IN
            (SELECT id FROM message WHERE chat_id = (SELECT chat_id FROM message WHERE id = ?1) AND id <> ?1)",
    )?
    .execute([message])
    .map(drop)
}
