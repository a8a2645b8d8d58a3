//! Who wakes this device, and what the servers know of it. XEP-0357.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Tx, row};
use crate::change::Change;
use crate::model::{AccountId, PushState};

/// One registration at the server of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Push {
    pub account: AccountId,
    pub service: BareJid,
    pub node: String,
    pub secret: String,
    pub state: PushState,
}

fn read(row: &Row<'_>) -> Result<Push> {
    Ok(Push {
        account: row.get(0)?,
        service: row::address(row, 1)?,
        node: row.get(2)?,
        secret: row.get(3)?,
        state: row.get(4)?,
    })
}

/// The push service and the endpoint, as far as they are known.
pub(crate) fn wake(conn: &Connection) -> Result<(Option<BareJid>, Option<String>)> {
    let wake = conn
        .prepare_cached("SELECT service, endpoint FROM wake WHERE service IS NOT NULL")?
        .query_row([], |row| Ok((row::address(row, 0)?, row.get(1)?)))
        .optional()?;
    Ok(wake.map_or((None, None), |(service, endpoint)| (Some(service), endpoint)))
}

pub(crate) fn set_service(tx: &mut Tx<'_>, service: Option<&BareJid>) -> Result<()> {
    tx.execute(
        "INSERT INTO wake (id, service) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET service = ?1",
        [service.map(|service| service.as_str())],
    )?;
    tx.changed(Change::Accounts);
    Ok(())
}

pub(crate) fn set_endpoint(tx: &mut Tx<'_>, endpoint: Option<&str>) -> Result<()> {
    tx.execute(
        "INSERT INTO wake (id, endpoint) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET endpoint = ?1",
        [endpoint],
    )?;
    tx.changed(Change::Accounts);
    Ok(())
}

pub(crate) fn all(conn: &Connection) -> Result<Vec<Push>> {
    conn.prepare_cached("SELECT account_id, service, node, secret, state FROM push ORDER BY account_id, rowid")?
        .query_map([], read)?
        .collect()
}

/// Writes down what is wanted of a registration, new or known.
pub(crate) fn put(tx: &mut Tx<'_>, push: &Push) -> Result<()> {
    tx.execute(
        "INSERT INTO push (account_id, service, node, secret, state) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (account_id, service, node) DO UPDATE SET state = ?5",
        (
            push.account,
            push.service.as_str(),
            &push.node,
            &push.secret,
            push.state,
        ),
    )?;
    tx.changed(Change::Accounts);
    Ok(())
}

/// The server knows nothing of it any more.
pub(crate) fn remove(tx: &mut Tx<'_>, push: &Push) -> Result<()> {
    tx.execute(
        "DELETE FROM push WHERE account_id = ?1 AND service = ?2 AND node = ?3",
        (push.account, push.service.as_str(), &push.node),
    )?;
    tx.changed(Change::Accounts);
    Ok(())
}
