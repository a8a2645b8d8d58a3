//! Messages: written down once, in order, and how far each of ours got.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Tx, archives, row};
use crate::change::Change;
use crate::model::{AccountId, ChatId, Encryption, Message, MessageId, State, Timeline, Window};

const COLUMNS: &str = "id, chat_id, mine, sender, body, sent_at, state, failure, wire_id, origin_id, archive_id,
    encryption, device, unreadable";

/// What the position of a message means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Newer than "caught up to here", in the order in which it came.
    Next = 0,
    /// Where the archive has it.
    Fixed = 1,
    /// Only the archive knows where it belongs.
    Unknown = 2,
    /// Where it was written, on this device.
    Written = 3,
}

/// A message that is to be written down.
pub(crate) struct NewMessage<'a> {
    pub chat: ChatId,
    pub mine: bool,
    pub sender: &'a BareJid,
    pub wire_id: &'a str,
    pub origin_id: Option<&'a str>,
    pub archive_id: Option<&'a str>,
    pub body: &'a str,
    pub sent_at: i64,
    pub position: i64,
    pub place: Place,
    pub state: State,
    pub unread: bool,
    pub markable: bool,
    pub encryption: Encryption,
    /// The number of the device that encrypted it.
    pub device: Option<u32>,
    /// Why it could not be read.
    pub unreadable: Option<&'a str>,
    /// When it came, if it is somebody else's and no history.
    pub came_at: Option<i64>,
}

fn read(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        chat: row.get(1)?,
        mine: row.get(2)?,
        from: row::address(row, 3)?,
        body: row.get(4)?,
        sent_at: row.get(5)?,
        state: row.get(6)?,
        failure: row.get(7)?,
        wire_id: row.get(8)?,
        origin_id: row.get(9)?,
        archive_id: row.get(10)?,
        encryption: row.get(11)?,
        device: row.get(12)?,
        unreadable: row.get(13)?,
    })
}

pub(crate) fn insert(tx: &mut Tx<'_>, new: &NewMessage<'_>) -> Result<MessageId> {
    tx.prepare_cached(
        "INSERT INTO message (chat_id, mine, sender, wire_id, origin_id, archive_id, body, sent_at, position, state,
            unread, markable, encryption, device, unreadable, placed, came_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(rusqlite::params![
        new.chat,
        new.mine,
        new.sender.as_str(),
        new.wire_id,
        new.origin_id,
        new.archive_id,
        new.body,
        new.sent_at,
        new.position,
        new.state,
        new.unread,
        new.markable,
        new.encryption,
        new.device,
        new.unreadable,
        new.place as u8,
        new.came_at,
    ])?;
    let id = MessageId(tx.last_insert_rowid());
    touched(tx, new.chat);
    Ok(id)
}

fn touched(tx: &mut Tx<'_>, chat: ChatId) {
    tx.changed(Change::Chat(chat));
    tx.changed(Change::Chats);
}

pub(crate) fn get(conn: &Connection, message: MessageId) -> Result<Message> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE id = ?1"))?
        .query_row([message], read)
}

/// The position of a message that is to stand below all others of its chat, and never out of sight above the floor.
pub(crate) fn next_position(conn: &Connection, chat: ChatId, now: i64) -> Result<i64> {
    conn.prepare_cached(
        "SELECT max(?2, coalesce((SELECT max(position) + 1 FROM message WHERE chat_id = ?1), ?2),
            coalesce((SELECT archive.floor_position FROM chat
                JOIN account ON account.id = chat.account_id
                JOIN archive ON archive.account_id = account.id AND archive.owner = account.address
                WHERE chat.id = ?1), ?2))",
    )?
    .query_row((chat, now.saturating_mul(1000)), |row| row.get(0))
}

/// The position of the newest message of a chat that stands where the archive has it.
pub(crate) fn placed_bottom(conn: &Connection, chat: ChatId) -> Result<Option<i64>> {
    conn.prepare_cached(
        "SELECT position FROM message WHERE chat_id = ?1 AND placed = 1 ORDER BY position DESC LIMIT 1",
    )?
    .query_row([chat], |row| row.get(0))
    .optional()
}

/// "Caught up to here" is now: what came live and was not told is at its end, in the order in which it came.
pub(crate) fn place_untold(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let untold: Vec<(MessageId, ChatId, i64)> = tx
        .prepare_cached(
            "SELECT message.id, chat_id, position FROM chat CROSS JOIN message ON chat_id = chat.id
             WHERE account_id = ?1 AND placed = 0 ORDER BY message.id",
        )?
        .query_map([account], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_>>()?;
    for (message, chat, position) in untold {
        let bottom = placed_bottom(tx, chat)?;
        place(
            tx,
            message,
            bottom.map_or(position, |bottom| position.max(bottom.saturating_add(1))),
        )?;
    }
    Ok(())
}

/// After a jump what came live and was not told may lie beyond the gap.
pub(crate) fn leave_untold(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.prepare_cached(
        "UPDATE message SET placed = 2 WHERE placed = 0 AND chat_id IN (SELECT id FROM chat WHERE account_id = ?1)",
    )?
    .execute([account])
    .map(drop)
}

/// Puts all that is here above whatever may come to stand between it and a new floor, in the same order.
pub(crate) fn sink(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    /// 36 years: more than a clock is wrong.
    const SPAN: i64 = 1 << 50;
    /// After 8,000 times; a sum that does not fit is refused.
    const LOWEST: i64 = i64::MIN + SPAN;
    let sunk = tx.execute(
        "UPDATE message SET position = max(position, ?3) - ?2 WHERE chat_id IN (SELECT id FROM chat WHERE account_id = ?1)",
        (account, SPAN, LOWEST),
    )?;
    if sunk > 0 {
        tx.changed(Change::Everything);
    }
    Ok(())
}

/// Puts what waits to be sent below everything else, and what came in these minutes and the archive has not told of yet,
/// so that a jump over a gap does not hide it.
pub(crate) fn lift_untold(tx: &mut Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    const MINUTES: i64 = 10 * 60 * 1000;
    let untold: Vec<(MessageId, ChatId)> = tx
        .prepare(
            "SELECT id, chat_id FROM message
             WHERE (state IN ('queued', 'failed') OR (mine = 0 AND placed <> 1 AND sent_at > ?2))
                AND chat_id IN (SELECT id FROM chat WHERE account_id = ?1) ORDER BY position",
        )?
        .query_map((account, now.saturating_sub(MINUTES)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_>>()?;
    for (message, chat) in untold {
        let position = next_position(tx, chat, now)?;
        tx.execute("UPDATE message SET position = ?2 WHERE id = ?1", (message, position))?;
        touched(tx, chat);
    }
    Ok(())
}

pub(crate) fn by_archive_id(conn: &Connection, chat: ChatId, archive_id: &str) -> Result<Option<MessageId>> {
    conn.prepare_cached("SELECT id FROM message WHERE chat_id = ?1 AND archive_id = ?2")?
        .query_row((chat, archive_id), |row| row.get(0))
        .optional()
}

/// The newest message that one side wrote under this id.
pub(crate) fn by_wire_id(conn: &Connection, chat: ChatId, mine: bool, wire_id: &str) -> Result<Option<MessageId>> {
    conn.prepare_cached(
        "SELECT id FROM message WHERE chat_id = ?1 AND wire_id = ?2 AND wire_id <> '' AND mine = ?3
         ORDER BY id DESC LIMIT 1",
    )?
    .query_row((chat, wire_id, mine), |row| row.get(0))
    .optional()
}

/// What was said, as a stanza tells it.
pub(crate) struct Said<'a> {
    pub mine: bool,
    pub wire_id: &'a str,
    pub body: &'a str,
    /// The archive's id, as far as the stanza can be believed.
    pub claimed_id: Option<&'a str>,
    /// When the server put it aside to tell it again, ms UTC.
    pub kept_since: Option<i64>,
    /// The archive is about to tell of it, so that nothing is lost if it is taken for another.
    pub will_be_told: bool,
}

/// A message with the same id and words from the same side that the archive does not tell apart from this one, or that
/// is told again without the archive's id, as ejabberd does after a crash: then it came in the same ten seconds, or the
/// archive tells whether it is the same (this device's clock may be wrong). Without an id of its own it is known only where
/// the archive will tell two apart in the end. One of ours with an id for all times was sent twice.
pub(crate) fn said(conn: &Connection, chat: ChatId, said: &Said<'_>) -> Result<Option<MessageId>> {
    conn.prepare_cached(
        "SELECT id FROM message WHERE chat_id = ?1 AND wire_id = ?2 AND mine = ?3 AND body = ?4
            AND (archive_id IS NULL AND (wire_id <> '' OR ?5 IS NOT NULL) OR archive_id = ?5
                OR wire_id <> '' AND (abs(sent_at - ?6) < ?7 OR mine = 1 AND origin_id = wire_id))
         ORDER BY archive_id IS NULL, id LIMIT 1",
    )?
    .query_row(
        (
            chat,
            said.wire_id,
            said.mine,
            said.body,
            said.claimed_id,
            said.kept_since,
            if said.will_be_told { i64::MAX } else { 10_000 },
        ),
        |row| row.get(0),
    )
    .optional()
}

/// The first one stays: a message of ours that the archive has twice was sent twice.
pub(crate) fn set_archive_id(tx: &mut Tx<'_>, message: MessageId, archive_id: &str) -> Result<()> {
    tx.prepare_cached("UPDATE message SET archive_id = ?2 WHERE id = ?1 AND archive_id IS NULL")?
        .execute((message, archive_id))
        .map(drop)
}

/// What was written here stays where it was written, but counts as told.
pub(crate) fn place_written(tx: &mut Tx<'_>, message: MessageId) -> Result<()> {
    tx.prepare_cached("UPDATE message SET placed = 1 WHERE id = ?1 AND placed = 3")?
        .execute([message])
        .map(drop)
}

/// Puts a message where the archive has it, if it does not stand there yet.
pub(crate) fn place(tx: &mut Tx<'_>, message: MessageId, position: i64) -> Result<()> {
    let chat = tx
        .prepare_cached("UPDATE message SET position = ?2, placed = 1 WHERE id = ?1 AND placed <> 1 RETURNING chat_id")?
        .query_row((message, position), |row| row.get(0))
        .optional()?;
    if let Some(chat) = chat {
        touched(tx, chat);
    }
    Ok(())
}

/// Where the message that the archive has under this id stands, if that is where the archive has it.
pub(crate) fn placed_position(conn: &Connection, chat: ChatId, archive_id: &str) -> Result<Option<i64>> {
    conn.prepare_cached("SELECT position FROM message WHERE chat_id = ?1 AND archive_id = ?2 AND placed = 1")?
        .query_row((chat, archive_id), |row| row.get(0))
        .optional()
}

pub(crate) fn position(conn: &Connection, message: MessageId) -> Result<i64> {
    conn.prepare_cached("SELECT position FROM message WHERE id = ?1")?
        .query_row([message], |row| row.get(0))
}

/// Whether a device of ours wrote anything after this time.
pub(crate) fn wrote_after(conn: &Connection, account: AccountId, device: u32, at: i64) -> Result<bool> {
    conn.prepare_cached(
        "SELECT 1 FROM message JOIN chat ON chat.id = chat_id
         WHERE account_id = ?1 AND mine = 1 AND device = ?2 AND message.sent_at > ?3",
    )?
    .exists((account, device, at))
}

/// Whether we ever wrote to this chat: then the other side knows that we exist.
pub(crate) fn wrote_to(conn: &Connection, chat: ChatId) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM message WHERE chat_id = ?1 AND mine = 1 LIMIT 1")?
        .exists([chat])
}

/// Moves a message of ours on; it never moves back, and one that failed stays failed.
pub(crate) fn advance(tx: &mut Tx<'_>, message: MessageId, state: State) -> Result<()> {
    let from: &[State] = match state {
        State::Sent => &[State::Queued],
        State::Delivered => &[State::Queued, State::Sent],
        State::Displayed => &[State::Queued, State::Sent, State::Delivered],
        State::Queued | State::Failed | State::Received => return Ok(()),
    };
    let Some((chat, now)) = state_of(tx, message)? else {
        return Ok(());
    };
    if from.contains(&now) {
        tx.prepare_cached("UPDATE message SET state = ?2 WHERE id = ?1")?
            .execute((message, state))?;
        touched(tx, chat);
    }
    Ok(())
}

fn state_of(conn: &Connection, message: MessageId) -> Result<Option<(ChatId, State)>> {
    conn.prepare_cached("SELECT chat_id, state FROM message WHERE id = ?1")?
        .query_row([message], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// They have read this message of ours, so also those above it that reached the server.
pub(crate) fn displayed_by_them(tx: &mut Tx<'_>, message: MessageId) -> Result<()> {
    advance(tx, message, State::Displayed)?;
    let Some((chat, _)) = state_of(tx, message)? else {
        return Ok(());
    };
    let position = position(tx, message)?;
    let changed = tx
        .prepare_cached(
            "UPDATE message SET state = 'displayed'
             WHERE chat_id = ?1 AND position < ?2 AND mine = 1 AND state IN ('sent', 'delivered')",
        )?
        .execute((chat, position))?;
    if changed > 0 {
        touched(tx, chat);
    }
    Ok(())
}

/// An older message of ours that comes from the archive: read, if a newer one was.
pub(crate) fn read_below(conn: &Connection, chat: ChatId, position: i64) -> Result<bool> {
    conn.prepare_cached(
        "SELECT state = 'displayed' FROM message WHERE chat_id = ?1 AND position > ?2 AND mine = 1
         ORDER BY position LIMIT 1",
    )?
    .query_row((chat, position), |row| row.get(0))
    .optional()
    .map(|read| read.unwrap_or(false))
}

pub(crate) fn fail(tx: &mut Tx<'_>, message: MessageId, reason: &str) -> Result<()> {
    let Some((chat, state)) = state_of(tx, message)? else {
        return Ok(());
    };
    if matches!(state, State::Queued | State::Sent) {
        tx.execute(
            "UPDATE message SET state = 'failed', failure = ?2 WHERE id = ?1",
            (message, reason),
        )?;
        touched(tx, chat);
    }
    Ok(())
}

/// Makes a failed message new: the old ids stand for an attempt that the server refused.
pub(crate) fn renew(tx: &mut Tx<'_>, message: MessageId, wire_id: &str, now: i64) -> Result<bool> {
    let Some((chat, State::Failed)) = state_of(tx, message)? else {
        return Ok(false);
    };
    let position = next_position(tx, chat, now)?;
    tx.execute(
        "UPDATE message SET state = 'queued', failure = NULL, wire_id = ?2, origin_id = ?2, archive_id = NULL,
            sent_at = ?3, position = ?4, placed = 3 WHERE id = ?1",
        (message, wire_id, now, position),
    )?;
    touched(tx, chat);
    Ok(true)
}

/// How a message of ours went.
pub(crate) fn set_encryption(tx: &mut Tx<'_>, message: MessageId, encryption: Encryption, device: u32) -> Result<()> {
    let chat = tx
        .prepare_cached("UPDATE message SET encryption = ?2, device = ?3 WHERE id = ?1 RETURNING chat_id")?
        .query_row((message, encryption, device), |row| row.get(0))?;
    touched(tx, chat);
    Ok(())
}

/// Takes everything up to a position as read. Answers the last message of it whose sender wants to know.
pub(crate) fn mark_read(tx: &mut Tx<'_>, chat: ChatId, position: i64) -> Result<Option<MessageId>> {
    let asker = tx
        .prepare_cached(
            "SELECT id FROM message WHERE chat_id = ?1 AND position <= ?2 AND unread = 1 AND markable = 1
             ORDER BY position DESC LIMIT 1",
        )?
        .query_row((chat, position), |row| row.get(0))
        .optional()?;
    let read = tx
        .prepare_cached("UPDATE message SET unread = 0 WHERE chat_id = ?1 AND position <= ?2 AND unread = 1")?
        .execute((chat, position))?;
    if read > 0 {
        touched(tx, chat);
    }
    Ok(asker)
}

/// A window of a conversation, oldest first. Never shows past the floor, so that there is no silent hole.
pub(crate) fn timeline(conn: &Connection, chat: ChatId, window: Window) -> Result<Timeline> {
    let (account, _) = super::chats::parties(conn, chat)?;
    let floor = archives::floor(conn, account, chat)?;
    let before = window
        .before
        .map(|message| position(conn, message))
        .transpose()?
        .unwrap_or(i64::MAX);
    let limit = i64::from(window.limit);
    let sql = format!(
        "SELECT {COLUMNS} FROM message WHERE chat_id = ?1 AND position < ?2 AND position >= ?3
         ORDER BY position DESC LIMIT ?4"
    );
    let mut messages: Vec<Message> = conn
        .prepare_cached(&sql)?
        .query_map((chat, before, floor.position, limit + 1), read)?
        .collect::<Result<_>>()?;
    let more = messages.len() > window.limit as usize;
    messages.truncate(window.limit as usize);
    messages.reverse();
    let unread_from = conn
        .prepare_cached("SELECT id FROM message WHERE chat_id = ?1 AND unread = 1 ORDER BY position LIMIT 1")?
        .query_row([chat], |row| row.get(0))
        .optional()?;
    Ok(Timeline {
        messages,
        complete: !more && floor.complete,
        unread_from,
    })
}

/// Messages in the order in which they were stored.
pub(crate) fn stored_after(conn: &Connection, after: MessageId, limit: u32) -> Result<Vec<Message>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM message WHERE id > ?1 ORDER BY id LIMIT ?2"
    ))?
    .query_map((after, limit), read)?
    .collect()
}

/// How long after they were sent the last messages came, ms, the newest first, at most so many.
pub(crate) fn delays(conn: &Connection, limit: u32) -> Result<Vec<i64>> {
    // History has no such time, and there may be a lot of it: it is not searched without end.
    conn.prepare_cached(
        "SELECT max(came_at - sent_at, 0) FROM (SELECT came_at, sent_at FROM message ORDER BY id DESC LIMIT 2000)
         WHERE came_at IS NOT NULL LIMIT ?1",
    )?
    .query_map([limit], |row| row.get(0))?
    .collect()
}

pub(crate) fn state(conn: &Connection, message: MessageId) -> Result<Option<State>> {
    Ok(state_of(conn, message)?.map(|(_, state)| state))
}

pub(crate) fn count(conn: &Connection, account: AccountId) -> Result<u64> {
    conn.query_row(
        "SELECT count(*) FROM message WHERE chat_id IN (SELECT id FROM chat WHERE account_id = ?1)",
        [account],
        |row| row.get::<_, i64>(0),
    )
    .map(i64::unsigned_abs)
}

/// The message that was stored last.
pub(crate) fn last(conn: &Connection) -> Result<MessageId> {
    conn.query_row("SELECT coalesce(max(id), 0) FROM message", [], |row| row.get(0))
}

/// Messages of ours that may still get further, the newest first, at most `limit`.
pub(crate) fn unfinished(conn: &Connection, limit: u32) -> Result<Vec<(MessageId, State)>> {
    conn.prepare(
        "SELECT id, state FROM message WHERE mine = 1 AND state IN ('queued', 'sent', 'delivered')
         ORDER BY id DESC LIMIT ?1",
    )?
    .query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}
