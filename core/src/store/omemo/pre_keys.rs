//! Secrets with which others begin sessions with us: given out, used once, and kept for a while.

use grend_omemo::{Bundle, PreKey, SignedPreKey, random_id};
use rusqlite::{Connection, OptionalExtension as _};

use crate::model::AccountId;
use crate::store::{Result, Tx};

/// So many pre-keys are given out.
pub(crate) const PRE_KEYS: usize = 100;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// A signed pre-key is given out for a week, and kept for two months: somebody may have been on a boat.
const ROTATE: i64 = 7 * DAY;
const KEEP: i64 = 60 * DAY;
/// A pre-key that was used is kept for so long, and so many of them at the most: somebody may begin sessions for fun.
const HIDDEN: i64 = 7 * DAY;
const MOST_HIDDEN: i64 = 500;
/// More pre-keys than a device makes between a backup and its end.
const LIFE: u32 = 1 << 20;

fn put_pre_key(tx: &Tx<'_>, account: AccountId, signed: bool, key: &PreKey, now: i64) -> Result<()> {
    tx.prepare_cached("INSERT INTO omemo_prekey (account_id, signed, id, secret, made_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((account, signed, key.id, key.secret().as_slice(), now))
        .map(drop)
}

pub(super) fn get(conn: &Connection, account: AccountId, signed: bool, id: u32) -> Result<Option<PreKey>> {
    conn.prepare_cached("SELECT secret FROM omemo_prekey WHERE account_id = ?1 AND signed = ?2 AND id = ?3")?
        .query_row((account, signed, id), |row| Ok(PreKey::from_secret(id, row.get(0)?)))
        .optional()
}

/// The signed pre-key that is given out now, and the pre-keys.
pub(crate) fn given_out(conn: &Connection, account: AccountId) -> Result<Option<(SignedPreKey, Vec<PreKey>)>> {
    let mut keys = conn.prepare_cached(
        "SELECT signed, id, secret FROM omemo_prekey WHERE account_id = ?1 AND used = 0 ORDER BY made_at DESC, id DESC",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, PreKey::from_secret(row.get(1)?, row.get(2)?)));
    let keys: Vec<(bool, PreKey)> = keys.query_map([account], read)?.collect::<Result<_>>()?;
    let (signed, plain): (Vec<_>, Vec<_>) = keys.into_iter().partition(|(signed, _)| *signed);
    let newest = signed.into_iter().next().map(|(_, key)| key);
    Ok(newest.map(|newest| (newest, plain.into_iter().map(|(_, key)| key).collect())))
}

/// Puts new keys in the place of those that were used or are too old. Whether anything changed: then the bundle is to be published.
///
/// Who used one may not be alone: two devices can have fetched the same bundle, and the archive tells of the second one later. So a
/// used one is kept for a while, hidden.
pub(crate) fn renew(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<bool> {
    let used = tx
        .prepare_cached(
            "UPDATE omemo_prekey SET replaced_at = ?2 WHERE account_id = ?1 AND used = 1 AND replaced_at IS NULL",
        )?
        .execute((account, now))?;
    if used > 0 {
        let (last, _) = newest(tx, account, false)?;
        put_pre_keys(tx, account, (last, used as u32), now)?;
    }
    let (last, made_at) = newest(tx, account, true)?;
    let due = last > 0 && now.saturating_sub(made_at) > ROTATE;
    if due {
        put_pre_key(tx, account, true, &SignedPreKey::generate(after(last, 1)), now)?;
    }
    if used > 0 || due {
        forget_pre_keys(tx, account, now)?;
    }
    Ok(used > 0 || due)
}

/// Whether a bundle of this device was published by a later life of it: ids only grow, and these are beyond what we ever made.
pub(crate) fn is_from_later(conn: &Connection, account: AccountId, bundle: &Bundle) -> Result<bool> {
    let (last, _) = newest(conn, account, false)?;
    let (signed, _) = newest(conn, account, true)?;
    Ok(bundle.signed_pre_key_id > signed || bundle.pre_keys.iter().any(|(id, _)| *id > last))
}

/// The id and the time of the last key that was made.
fn newest(conn: &Connection, account: AccountId, signed: bool) -> Result<(u32, i64)> {
    conn.prepare_cached(
        "SELECT coalesce(max(id), 0), coalesce(max(made_at), 0) FROM omemo_prekey WHERE account_id = ?1 AND signed = ?2",
    )?
    .query_row((account, signed), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Ids only grow, and start again where they end; those given out are far below by then.
fn after(last: u32, steps: u32) -> u32 {
    (last.wrapping_add(steps) & 0x7fff_ffff).max(1)
}

/// Makes so many pre-keys, with ids after the last.
fn put_pre_keys(tx: &Tx<'_>, account: AccountId, (last, count): (u32, u32), now: i64) -> Result<()> {
    (1..=count).try_for_each(|next| put_pre_key(tx, account, false, &PreKey::generate(after(last, next)), now))
}

/// The keys of a new device.
pub(super) fn first(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    put_pre_key(tx, account, true, &SignedPreKey::generate(1), now)?;
    put_pre_keys(tx, account, (0, PRE_KEYS as u32), now)
}

/// New keys in place of all, with ids that a life of this device that is forgotten cannot have given out.
pub(super) fn replace_all(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    let beyond = LIFE + random_id() % LIFE;
    let (last, _) = newest(tx, account, false)?;
    let (signed, _) = newest(tx, account, true)?;
    tx.execute(
        "UPDATE omemo_prekey SET used = 1, replaced_at = coalesce(replaced_at, ?2) WHERE account_id = ?1 AND signed = 0",
        (account, now),
    )?;
    put_pre_keys(tx, account, (after(last, beyond), PRE_KEYS as u32), now)?;
    put_pre_key(tx, account, true, &SignedPreKey::generate(after(signed, beyond)), now)?;
    forget_pre_keys(tx, account, now)
}

/// Forgets the keys with which no message can be expected to begin a session any more.
fn forget_pre_keys(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    let signed = "DELETE FROM omemo_prekey WHERE account_id = ?1 AND signed = 1 AND made_at < ?2";
    tx.execute(signed, (account, now.saturating_sub(KEEP)))?;
    let hidden = "DELETE FROM omemo_prekey WHERE account_id = ?1 AND used = 1 AND (replaced_at < ?2 OR id NOT IN
        (SELECT id FROM omemo_prekey WHERE account_id = ?1 AND used = 1 ORDER BY replaced_at DESC, id DESC LIMIT ?3))";
    tx.execute(hidden, (account, now.saturating_sub(HIDDEN), MOST_HIDDEN))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, World};

    #[test]
    fn a_key_that_was_used_is_kept_for_some_days_and_not_given_out() {
        let (mut world, [ola]) = World::of_friends(["ola@b.example"]);
        world.publish(ola);
        let now = NOW + DAY;
        let mut used = |from: u32, count: u32, now: i64| {
            world.write(ola, |tx, context| {
                for id in from..from + count {
                    tx.execute("UPDATE omemo_prekey SET used = 1 WHERE signed = 0 AND id = ?1", [id])?;
                }
                renew(tx, context.account, now)?;
                let kept = "SELECT count(*), min(id) FROM omemo_prekey WHERE used = 1";
                let kept: (i64, i64) = tx.query_row(kept, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let (_, given_out) = given_out(tx, context.account)?.unwrap();
                assert_eq!(given_out.len(), PRE_KEYS);
                assert!(given_out.iter().all(|key| key.id >= from + count));
                Ok(kept)
            })
        };
        assert_eq!(used(1, 10, now), (10, 1));
        assert_eq!(used(11, 1, now + 6 * DAY), (11, 1));
        assert_eq!(used(12, 1, now + 8 * DAY), (2, 11));
        // Somebody begins sessions without end.
        for round in 0..8 {
            used(13 + round * 100, 100, now + 8 * DAY);
        }
        assert_eq!(used(813, 1, now + 8 * DAY).0, 500);
    }
}
