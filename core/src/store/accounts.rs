//! The accounts that are signed in on this device.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Tx, row};
use crate::change::Change;
use crate::model::{Account, AccountId, Credentials, Override};

const COLUMNS: &str = "id, address, host, port, tls, ca";

fn read(row: &Row<'_>) -> Result<Account> {
    let host: Option<String> = row.get(2)?;
    let (port, tls) = (row.get(3)?, row.get::<_, Option<_>>(4)?.unwrap_or_default());
    Ok(Account {
        id: row.get(0)?,
        address: row::address(row, 1)?,
        host: host.map(|host| Override { host, port, tls }),
        ca: row.get::<_, Option<String>>(5)?.map(Into::into),
    })
}

pub(crate) fn all(conn: &Connection) -> Result<Vec<Account>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY id"))?
        .query_map([], read)?
        .collect()
}

pub(crate) fn by_address(conn: &Connection, address: &BareJid) -> Result<Option<Account>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE address = ?1"))?
        .query_row([address.as_str()], read)
        .optional()
}

/// Makes the account, or brings what the user typed about its server up to date.
pub(crate) fn put(tx: &mut Tx<'_>, credentials: &Credentials, resource: &str, now: i64) -> Result<AccountId> {
    let host = credentials.host.as_ref();
    let ca = credentials.ca.as_ref().map(|ca| ca.to_string_lossy());
    let id = tx.query_row(
        "INSERT INTO account (address, resource, host, port, tls, ca, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (address) DO UPDATE SET host = ?3, port = ?4, tls = ?5, ca = ?6 RETURNING id",
        (
            credentials.address.as_str(),
            resource,
            host.map(|host| host.host.as_str()),
            host.and_then(|host| host.port),
            host.map(|host| host.tls),
            ca,
            now,
        ),
        |row| row.get(0),
    )?;
    tx.changed(Change::Accounts);
    Ok(id)
}

/// Forgets the account and everything that was said in it.
pub(crate) fn remove(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("DELETE FROM account WHERE id = ?1", [account])?;
    tx.live(move |live| {
        live.connections.remove(&account);
        live.caught_up.remove(&account);
        live.resumed.remove(&account);
        live.presence.retain(|(of, _), _| *of != account);
        live.typing.retain(|(of, _)| *of != account);
    });
    for change in [Change::Accounts, Change::Chats, Change::Contacts] {
        tx.changed(change);
    }
    Ok(())
}

/// The resource of this installation and the version of the contact list we have.
pub(crate) fn connection(conn: &Connection, account: AccountId) -> Result<(String, Option<String>)> {
    conn.prepare_cached("SELECT resource, roster_version FROM account WHERE id = ?1")?
        .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn set_roster_version(tx: &Tx<'_>, account: AccountId, version: &str) -> Result<()> {
    tx.prepare_cached("UPDATE account SET roster_version = ?2 WHERE id = ?1")?
        .execute((account, version))
        .map(drop)
}

pub(crate) fn address(conn: &Connection, account: AccountId) -> Result<BareJid> {
    conn.prepare_cached("SELECT address FROM account WHERE id = ?1")?
        .query_row([account], |row| row::address(row, 0))
}
