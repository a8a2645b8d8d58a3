//! Receipts and markers that came before the message they speak of.

use super::{Result, Tx};
use crate::model::{ChatId, State};

/// Keeps a word about a message that is not here.
///
/// **Invariant**: at most 1,000 for a chat; a peer that invents ids pushes out its own older ones.
pub(crate) fn keep(tx: &Tx<'_>, chat: ChatId, mine: bool, wire_id: &str, state: State) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO orphan (chat_id, wire_id, mine, state) VALUES (?1, ?2, ?3, ?4)")?
        .execute((chat, wire_id, mine, state))?;
    tx.prepare_cached(
        "DELETE FROM orphan WHERE chat_id = ?1 AND id <=
            (SELECT id FROM orphan WHERE chat_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET 1000)",
    )?
    .execute([chat])
    .map(drop)
}

/// Takes what was said of a message: the furthest of it.
pub(crate) fn take(tx: &Tx<'_>, chat: ChatId, mine: bool, wire_id: &str) -> Result<Option<State>> {
    let states: Vec<State> = tx
        .prepare_cached("DELETE FROM orphan WHERE chat_id = ?1 AND wire_id = ?2 AND mine = ?3 RETURNING state")?
        .query_map((chat, wire_id, mine), |row| row.get(0))?
        .collect::<Result<_>>()?;
    Ok(states.into_iter().max())
}
