//! A write transaction that remembers what it changed, so that it can be told after the commit.

use std::ops::Deref;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{broadcast, watch};

use super::Result;
use crate::change::Change;
use crate::model::Live;

type Edit = Box<dyn FnOnce(&mut Live) + Send>;

/// A write transaction. Dropped without `commit`, it never happened.
pub(crate) struct Tx<'a> {
    inner: Transaction<'a>,
    news: News,
}

/// What a committed transaction has to tell.
#[derive(Default)]
#[must_use]
pub(crate) struct News {
    changes: Vec<Change>,
    edits: Vec<Edit>,
}

impl<'a> Tx<'a> {
    pub fn begin(conn: &'a mut Connection) -> Result<Self> {
        let inner = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Self {
            inner,
            news: News::default(),
        })
    }

    /// Notes that a query would answer differently once this is committed.
    pub fn changed(&mut self, change: Change) {
        if !self.news.changes.contains(&change) {
            self.news.changes.push(change);
        }
    }

    /// Notes something that is true now but not stored, say that somebody is typing.
    pub fn live(&mut self, edit: impl FnOnce(&mut Live) + Send + 'static) {
        self.news.edits.push(Box::new(edit));
    }

    /// Runs `f`; if the database refuses what it wants to write, all of `f` is undone and the rest goes on.
    /// A full disk and the like still fail the whole transaction. Answers whether `f` was done.
    pub fn attempt(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<bool> {
        self.prepare_cached("SAVEPOINT one")?.execute([])?;
        let done = match f(self) {
            Err(error) if refused(&error) => {
                tracing::error!(code = ?error.sqlite_error_code(), "left out a stanza that the store refused");
                self.prepare_cached("ROLLBACK TO one")?.execute([])?;
                false
            }
            other => other.map(|()| true)?,
        };
        self.prepare_cached("RELEASE one")?.execute([])?;
        Ok(done)
    }

    pub fn commit(self) -> Result<News> {
        self.inner.commit()?;
        Ok(self.news)
    }
}

/// Whether it is this one row that cannot be written, not the database that cannot write.
fn refused(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    !matches!(error, rusqlite::Error::SqliteFailure(..))
        || matches!(
            error.sqlite_error_code(),
            Some(ConstraintViolation | TooBig | TypeMismatch)
        )
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.inner
    }
}

impl News {
    pub fn announce(self, changes: &broadcast::Sender<Change>, live: &watch::Sender<Live>) {
        for change in self.changes {
            // Nobody listens: nobody needs to know.
            let _ = changes.send(change);
        }
        if !self.edits.is_empty() {
            edit_live(live, |live| self.edits.into_iter().for_each(|edit| edit(live)));
        }
    }
}

pub(super) fn edit_live(live: &watch::Sender<Live>, edit: impl FnOnce(&mut Live)) {
    live.send_if_modified(|live| {
        let before = live.clone();
        edit(live);
        *live != before
    });
}
