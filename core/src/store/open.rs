//! Opening the database: one process at a time, migrated, and never touched if it is not ours to touch.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Cause, Storage};

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_sessions.sql"),
    include_str!("migrations/0003_pins.sql"),
    include_str!("migrations/0004_archives.sql"),
    include_str!("migrations/0005_omemo.sql"),
    include_str!("migrations/0006_devices.sql"),
    include_str!("migrations/0007_restored.sql"),
    include_str!("migrations/0008_order.sql"),
    include_str!("migrations/0009_since.sql"),
    include_str!("migrations/0010_gap.sql"),
    include_str!("migrations/0011_arrivals.sql"),
    include_str!("migrations/0012_push.sql"),
];

/// Answers the lock on the folder, the connection that writes and the one that reads.
pub(super) fn open(folder: &Path) -> Result<(File, Connection, Connection), Cause> {
    let lock = lock(folder)?;
    let path = folder.join("grend.db");
    let mut write = Connection::open(&path)?;
    write.busy_timeout(Duration::from_secs(5))?;
    // A database of a newer Grend must not be changed at all, not even its journal mode.
    refuse_newer(&write)?;
    write.pragma_update(None, "journal_mode", "WAL")?;
    // WAL with NORMAL survives `kill -9` whole; FULL also a power cut, and that is what "never loses" needs.
    write.pragma_update(None, "synchronous", "FULL")?;
    write.pragma_update(None, "foreign_keys", true)?;
    write.pragma_update(None, "cache_size", -2000)?;
    migrate(&mut write)?;
    let read = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    read.busy_timeout(Duration::from_secs(5))?;
    read.pragma_update(None, "cache_size", -2000)?;
    for conn in [&write, &read] {
        conn.set_prepared_statement_cache_capacity(64);
        // Otherwise SQLite looks at the values of parameters when it plans a query with LIMIT or a partial index, and
        // plans it again for the next values: a third of what storing a message cost.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    }
    Ok((lock, write, read))
}

fn lock(folder: &Path) -> Result<File, Cause> {
    let unusable = |error: std::io::Error| Storage::Folder(format!("{} ({error})", folder.display()));
    fs::create_dir_all(folder).map_err(unusable)?;
    private(folder).map_err(unusable)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("lock"))
        .map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Storage::Running.into()),
        Err(TryLockError::Error(error)) => Err(unusable(error).into()),
    }
}

/// Other users of the machine must not read a family's messages.
#[cfg(unix)]
fn private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn version(conn: &Connection) -> rusqlite::Result<usize> {
    conn.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))
        .map(|version| version as usize)
}

fn refuse_newer(conn: &Connection) -> Result<(), Cause> {
    if version(conn)? > MIGRATIONS.len() {
        return Err(Storage::Newer.into());
    }
    Ok(())
}

pub(super) fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    let done = version(conn)?;
    for (step, sql) in (1_u32..).zip(MIGRATIONS).skip(done) {
        let tx = conn.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", step)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(conn: &Connection) -> Vec<String> {
        conn.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    #[test]
    fn the_migrations_lead_to_the_schema() {
        let mut migrated = Connection::open_in_memory().unwrap();
        migrate(&mut migrated).unwrap();
        let whole = Connection::open_in_memory().unwrap();
        whole.execute_batch(include_str!("schema.sql")).unwrap();
        assert_eq!(schema(&migrated), schema(&whole));
    }

    #[test]
    fn a_statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let (_lock, write, read) = open(folder.path()).unwrap();
        for conn in [write, read] {
            for chat in 0..5 {
                let mut newest = conn
                    .prepare_cached(
                        "SELECT id FROM message WHERE chat_id = ?1 AND unread = 1 ORDER BY position LIMIT 1",
                    )
                    .unwrap();
                assert!(!newest.exists([chat]).unwrap());
                assert_eq!(newest.get_status(rusqlite::StatementStatus::RePrepare), 0);
            }
        }
    }

    #[test]
    fn a_database_of_a_newer_grend_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let path = folder.path().join("grend.db");
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", 9999)
            .unwrap();
        let before = fs::read(&path).unwrap();
        let error = open(folder.path()).err().unwrap();
        assert_eq!(error.kind(), "storage");
        assert!(error.to_string().contains("newer"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_damaged_database_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grend.db");
        let rubbish = b"this was a database once ".repeat(400);
        fs::write(&path, &rubbish).unwrap();
        let error = open(folder.path()).err().unwrap();
        assert!(error.to_string().contains("damaged"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), rubbish);
    }

    #[test]
    fn a_second_start_on_the_same_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path()).unwrap();
        let error = open(folder.path()).err().unwrap();
        assert!(error.to_string().contains("already running"), "{error}");
        drop(first);
        assert!(open(folder.path()).is_ok());
    }
}
