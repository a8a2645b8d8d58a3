//! The store: one `SQLite` file, one thread that writes, one that reads.
//!
//! **Invariant**: a change is announced if and only if the transaction that caused it was committed.
//! SQL stands in this folder and nowhere else.

pub(crate) mod accounts;
pub(crate) mod archives;
pub(crate) mod chats;
pub(crate) mod contacts;
pub(crate) mod messages;
pub(crate) mod omemo;
mod open;
pub(crate) mod orphans;
pub(crate) mod outbox;
pub(crate) mod pins;
pub(crate) mod presences;
pub(crate) mod pushes;
pub(crate) mod quarantine;
mod row;
pub(crate) mod streams;
mod tx;

use std::path::Path;
use std::sync::mpsc;
use std::thread;

pub(crate) use rusqlite::Connection;
use tokio::sync::{broadcast, oneshot, watch};

use crate::change::Change;
use crate::error::{Cause, Storage};
use crate::model::Live;

pub(crate) use tx::Tx;

pub(crate) type Result<T> = std::result::Result<T, rusqlite::Error>;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A cheap handle to the database and to what is announced about it.
#[derive(Clone)]
pub(crate) struct Store {
    writer: mpsc::Sender<Job>,
    reader: mpsc::Sender<Job>,
    changes: broadcast::Sender<Change>,
    live: watch::Sender<Live>,
}

impl Store {
    /// Opens or makes the database in `folder`.
    pub fn open(folder: &Path) -> std::result::Result<Self, Cause> {
        let (lock, write, read) = open::open(folder)?;
        Ok(Self {
            writer: spawn("store-write", write, Some(lock))?,
            reader: spawn("store-read", read, None)?,
            changes: broadcast::channel(1024).0,
            live: watch::channel(Live::default()).0,
        })
    }

    /// Runs `f` in one transaction; announces what it changed after the commit.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (changes, live) = (self.changes.clone(), self.live.clone());
        call(&self.writer, move |conn| {
            let mut tx = Tx::begin(conn)?;
            let value = f(&mut tx)?;
            tx.commit()?.announce(&changes, &live);
            Ok(value)
        })
        .await
    }

    /// Runs `f` on the connection that only reads. All its questions see the database at the same moment, and the file
    /// is locked once, not once for each.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        call(&self.reader, move |conn| f(&*conn.transaction()?)).await
    }

    /// Brings everything into the one file, for whoever copies it while Grend is closed.
    pub async fn gather(&self) -> Result<()> {
        call(&self.writer, |conn| {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
        .await
    }

    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    pub fn live(&self) -> watch::Receiver<Live> {
        self.live.subscribe()
    }

    /// Changes what is true now and not stored. Readers wake only if it is different afterwards.
    pub fn edit_live(&self, edit: impl FnOnce(&mut Live)) {
        tx::edit_live(&self.live, edit);
    }
}

fn spawn(
    name: &str,
    mut conn: Connection,
    lock: Option<std::fs::File>,
) -> std::result::Result<mpsc::Sender<Job>, Cause> {
    let (sender, jobs) = mpsc::channel::<Job>();
    thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            for job in jobs {
                job(&mut conn);
            }
            drop(conn);
            // Only now may another process open the folder.
            drop(lock);
        })
        .map_err(|_| Storage::Threads)?;
    Ok(sender)
}

async fn call<T, F>(thread: &mpsc::Sender<Job>, f: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
{
    let (reply, result) = oneshot::channel();
    let sent = thread.send(Box::new(move |conn| {
        // The asker may be gone; the work is done all the same.
        let _ = reply.send(f(conn));
    }));
    if sent.is_err() {
        return Err(rusqlite::Error::InvalidQuery);
    }
    result.await.unwrap_or(Err(rusqlite::Error::InvalidQuery))
}

/// A database that nobody else sees.
#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) fn in_memory() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    open::migrate(&mut conn).unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn
}

/// The database of a folder that nobody else has open.
#[cfg(fuzzing)]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) fn in_folder(folder: &Path) -> Connection {
    open::open(folder).unwrap().1
}

/// Makes the ids of rows begin above a number.
#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, reason = "for tests")]
pub(crate) fn start_ids_at(conn: &Connection, first: i64) {
    for table in ["account", "chat", "message"] {
        conn.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
            (table, first),
        )
        .unwrap();
    }
}

/// Loses what we have in common with other devices, as a restored database has.
#[cfg(test)]
pub(crate) fn forget_sessions(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM omemo_session", []).map(drop)
}

/// Whether new messages are refused.
#[cfg(test)]
pub(crate) fn refuse_messages(conn: &Connection, on: bool) -> Result<()> {
    conn.execute_batch(if on {
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON message BEGIN SELECT raise(ABORT, 'refused'); END;"
    } else {
        "DROP TRIGGER refuse"
    })
}
