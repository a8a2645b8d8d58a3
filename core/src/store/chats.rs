//! Conversations: one of an account with an address.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Tx, contacts, row};
use crate::change::Change;
use crate::model::{AccountId, Chat, ChatId};

/// Whose conversation with whom; an error if there is none of this id.
pub(crate) fn parties(conn: &Connection, chat: ChatId) -> Result<(AccountId, BareJid)> {
    conn.prepare_cached("SELECT account_id, address FROM chat WHERE id = ?1")?
        .query_row([chat], |row| Ok((row.get(0)?, row::address(row, 1)?)))
}

pub(crate) fn find(conn: &Connection, account: AccountId, address: &BareJid) -> Result<Option<ChatId>> {
    conn.prepare_cached("SELECT id FROM chat WHERE account_id = ?1 AND address = ?2")?
        .query_row((account, address.as_str()), |row| row.get(0))
        .optional()
}

/// The conversation with an address, made if there is none.
pub(crate) fn with(tx: &mut Tx<'_>, account: AccountId, address: &BareJid) -> Result<ChatId> {
    if let Some(chat) = find(tx, account, address)? {
        return Ok(chat);
    }
    tx.prepare_cached("INSERT INTO chat (account_id, address) VALUES (?1, ?2)")?
        .execute((account, address.as_str()))?;
    tx.changed(Change::Chats);
    Ok(ChatId(tx.last_insert_rowid()))
}

pub(crate) fn set_draft(tx: &mut Tx<'_>, chat: ChatId, text: &str) -> Result<()> {
    let changed = tx
        .prepare_cached("UPDATE chat SET draft = ?2 WHERE id = ?1 AND draft <> ?2")?
        .execute((chat, text))?;
    if changed > 0 {
        tx.changed(Change::Chats);
    }
    Ok(())
}

/// Whether what we write in a chat is encrypted; `None`: nobody decided yet.
pub(crate) fn encrypts(conn: &Connection, chat: ChatId) -> Result<Option<bool>> {
    conn.prepare_cached("SELECT encrypt FROM chat WHERE id = ?1")?
        .query_row([chat], |row| row.get(0))
}

/// Since when it is, ms UTC; `None`: it is not.
pub(crate) fn encrypted_at(conn: &Connection, chat: ChatId) -> Result<Option<i64>> {
    conn.prepare_cached("SELECT iif(encrypt = 1, encrypted_at, NULL) FROM chat WHERE id = ?1")?
        .query_row([chat], |row| row.get(0))
}

pub(crate) fn set_encrypts(tx: &mut Tx<'_>, chat: ChatId, on: bool) -> Result<()> {
    tx.prepare_cached(
        "UPDATE chat SET encrypt = ?2,
            encrypted_at = iif(?2 AND encrypt IS NOT 1, CAST(unixepoch('subsec') * 1000 AS INTEGER), encrypted_at)
         WHERE id = ?1",
    )?
    .execute((chat, on))?;
    tx.changed(Change::Chats);
    tx.changed(Change::Chat(chat));
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Chat> {
    let address = row::address(row, 2)?;
    let name: Option<String> = row.get(3)?;
    let mine: Option<bool> = row.get(6)?;
    Ok(Chat {
        id: row.get(0)?,
        account: row.get(1)?,
        // A stranger is shown with the whole address: anybody may be `mamma` somewhere.
        name: match name {
            Some(name) => name,
            None if row.get(10)? => contacts::local_part(&address),
            None => address.to_string(),
        },
        address,
        draft: row.get(4)?,
        preview: row.get(5)?,
        preview_state: if mine == Some(true) { row.get(7)? } else { None },
        last_at: row.get(8)?,
        unread: row.get(9)?,
    })
}

/// All conversations, the one with the newest message first.
pub(crate) fn all(conn: &Connection) -> Result<Vec<Chat>> {
    conn.prepare_cached(
        "SELECT chat.id, chat.account_id, chat.address, contact.name, chat.draft,
                substr(message.body, 1, 200), message.mine, message.state, message.sent_at,
                (SELECT count(*) FROM message WHERE chat_id = chat.id AND unread = 1),
                coalesce(contact.listed, 0)
         FROM chat
         LEFT JOIN contact ON contact.account_id = chat.account_id AND contact.address = chat.address
         LEFT JOIN message ON message.id =
            (SELECT id FROM message WHERE chat_id = chat.id ORDER BY position DESC, id DESC LIMIT 1)
         ORDER BY message.position DESC NULLS LAST, chat.id DESC",
    )?
    .query_map([], read)?
    .collect()
}
