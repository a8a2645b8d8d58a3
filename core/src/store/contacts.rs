//! Contacts: the server's contact list as we know it, and those who ask to be on it.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Tx, row};
use crate::change::Change;
use crate::model::{AccountId, Contact};

/// An entry as the server tells it.
pub(crate) struct Entry {
    pub address: BareJid,
    pub name: Option<String>,
    pub groups: Vec<String>,
    /// `none`, `to`, `from` or `both`.
    pub subscription: &'static str,
    pub asked: bool,
}

fn read(row: &Row<'_>) -> Result<Contact> {
    let address = row::address(row, 1)?;
    let name: Option<String> = row.get(2)?;
    let subscription: String = row.get(4)?;
    Ok(Contact {
        account: row.get(0)?,
        name: name.unwrap_or_else(|| local_part(&address)),
        address,
        groups: serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default(),
        we_see_them: matches!(subscription.as_str(), "to" | "both"),
        they_see_us: matches!(subscription.as_str(), "from" | "both"),
        asks: row.get(5)?,
        asked: row.get(6)?,
    })
}

/// What to call somebody who has no name in the list.
pub(super) fn local_part(address: &BareJid) -> String {
    address.node().map_or_else(|| address.to_string(), ToString::to_string)
}

/// Everybody in the lists and everybody who asks, by name.
pub(crate) fn all(conn: &Connection) -> Result<Vec<Contact>> {
    let mut contacts: Vec<Contact> = conn
        .prepare_cached(
            "SELECT account_id, address, name, groups, subscription, asks, asked FROM contact
             WHERE listed = 1 OR asks = 1",
        )?
        .query_map([], read)?
        .collect::<Result<_>>()?;
    contacts.sort_by_cached_key(|contact| contact.name.to_lowercase());
    Ok(contacts)
}

pub(crate) fn put(tx: &mut Tx<'_>, account: AccountId, entry: &Entry) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO contact (account_id, address, name, groups, subscription, asked, listed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
         ON CONFLICT (account_id, address) DO UPDATE SET
            name = ?3, groups = ?4, subscription = ?5, asked = ?6, listed = 1,
            asks = CASE WHEN ?5 IN ('from', 'both') THEN 0 ELSE asks END",
    )?
    .execute((
        account,
        entry.address.as_str(),
        entry.name.as_deref().filter(|name| !name.trim().is_empty()),
        serde_json::to_string(&entry.groups).unwrap_or_default(),
        entry.subscription,
        entry.asked,
    ))?;
    tx.changed(Change::Contacts);
    tx.changed(Change::Chats);
    Ok(())
}

/// Takes somebody off the list. Conversations stay: nobody loses messages to a change of groups.
pub(crate) fn remove(tx: &mut Tx<'_>, account: AccountId, address: &BareJid) -> Result<()> {
    tx.execute(
        "UPDATE contact SET listed = 0, subscription = 'none', asked = 0 WHERE account_id = ?1 AND address = ?2",
        (account, address.as_str()),
    )?;
    let gone = (account, address.clone());
    tx.live(move |live| {
        live.presence.remove(&gone);
    });
    tx.changed(Change::Contacts);
    tx.changed(Change::Chats);
    Ok(())
}

/// Before a whole list is read: what it does not name is not on it.
pub(crate) fn clear(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "UPDATE contact SET listed = 0, subscription = 'none', asked = 0 WHERE account_id = ?1",
        [account],
    )?;
    tx.changed(Change::Contacts);
    Ok(())
}

/// Notes that somebody asks to be a contact, or that the question was answered.
///
/// **Invariant**: at most 100 strangers ask at a time; a flood drops the oldest question, never a contact.
pub(crate) fn set_asks(tx: &mut Tx<'_>, account: AccountId, address: &BareJid, asks: bool) -> Result<()> {
    tx.execute(
        "INSERT INTO contact (account_id, address, asks) VALUES (?1, ?2, ?3)
         ON CONFLICT (account_id, address) DO UPDATE SET asks = ?3",
        (account, address.as_str(), asks),
    )?;
    tx.execute(
        "DELETE FROM contact WHERE account_id = ?1 AND listed = 0 AND (asks = 0 OR id NOT IN
            (SELECT id FROM contact WHERE account_id = ?1 AND listed = 0 AND asks = 1 ORDER BY id DESC LIMIT 100))",
        [account],
    )?;
    tx.changed(Change::Contacts);
    Ok(())
}

/// Whether they may see that we are there, and so also that a message arrived.
pub(crate) fn sees_us(conn: &Connection, account: AccountId, address: &BareJid) -> Result<bool> {
    let subscription: Option<String> = conn
        .prepare_cached("SELECT subscription FROM contact WHERE account_id = ?1 AND address = ?2")?
        .query_row((account, address.as_str()), |row| row.get(0))
        .optional()?;
    Ok(matches!(subscription.as_deref(), Some("from" | "both")))
}

pub(crate) fn is_listed(conn: &Connection, account: AccountId, address: &BareJid) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM contact WHERE account_id = ?1 AND address = ?2 AND listed = 1")?
        .exists((account, address.as_str()))
}

/// The name that we gave somebody, for the server's list.
pub(crate) fn name(conn: &Connection, account: AccountId, address: &BareJid) -> Result<Option<String>> {
    conn.prepare_cached("SELECT name FROM contact WHERE account_id = ?1 AND address = ?2")?
        .query_row((account, address.as_str()), |row| row.get(0))
        .optional()
        .map(Option::flatten)
}

/// Writes down whom the user wants on the list; the server hears of it through the outbox.
pub(crate) fn ask_for(tx: &mut Tx<'_>, account: AccountId, address: &BareJid, name: Option<&str>) -> Result<()> {
    tx.execute(
        "INSERT INTO contact (account_id, address, name, listed, asked) VALUES (?1, ?2, ?3, 1, 1)
         ON CONFLICT (account_id, address) DO UPDATE SET
            name = coalesce(?3, name), listed = 1, asked = subscription NOT IN ('to', 'both')",
        (account, address.as_str(), name.filter(|name| !name.trim().is_empty())),
    )?;
    tx.changed(Change::Contacts);
    tx.changed(Change::Chats);
    Ok(())
}

/// Whether we see them, or asked to.
pub(crate) fn is_wanted(conn: &Connection, account: AccountId, address: &BareJid) -> Result<bool> {
    conn.prepare_cached(
        "SELECT 1 FROM contact WHERE account_id = ?1 AND address = ?2 AND (asked = 1 OR subscription IN ('to', 'both'))",
    )?
    .exists((account, address.as_str()))
}
