//! Devices as the user sees them, and what the user says of them: who may read, names, verified by a link, to be removed.

use grend_omemo::{Device, PublicKey};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{devices, own};
use crate::change::Change;
use crate::link::DeviceLink;
use crate::model::{AccountId, BareJid, Compared, Device as Shown, DeviceId, Trust};
use crate::store::{Result, Tx, accounts, chats, row};

/// 42 days, ms.
const SILENT: i64 = 42 * 24 * 60 * 60 * 1000;

/// The user decides. Answers whether there is such a device with keys.
pub(crate) fn set_trust(tx: &mut Tx<'_>, device: DeviceId, trust: Trust) -> Result<bool> {
    let of: Option<(AccountId, BareJid)> = tx
        .prepare_cached(
            "UPDATE omemo_device SET trust = ?2, announce = 0 WHERE id = ?1 AND identity IS NOT NULL
             RETURNING account_id, address",
        )?
        .query_row((device, trust), |row| Ok((row.get(0)?, row::address(row, 1)?)))
        .optional()?;
    tx.changed(Change::Devices);
    if let Some((account, address)) = of.as_ref().filter(|_| trust == Trust::Verified) {
        decide(tx, *account, address)?;
    }
    Ok(of.is_some())
}

/// Something of this address was verified: what is written to it is never in the clear again by itself.
fn decide(tx: &mut Tx<'_>, account: AccountId, address: &BareJid) -> Result<()> {
    match chats::find(tx, account, address)? {
        Some(chat) if chats::encrypts(tx, chat)?.is_none() => chats::set_encrypts(tx, chat, true),
        _ => Ok(()),
    }
}

/// What the user calls a device.
pub(crate) fn name(tx: &mut Tx<'_>, device: DeviceId, name: Option<&str>) -> Result<()> {
    tx.execute("UPDATE omemo_device SET name = ?2 WHERE id = ?1", (device, name))?;
    tx.changed(Change::Devices);
    Ok(())
}

/// The user knows of a device of theirs.
pub(crate) fn noticed(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    tx.execute("UPDATE omemo_device SET announce = 0 WHERE id = ?1", [device])?;
    tx.changed(Change::Devices);
    Ok(())
}

/// A device of ours is to go: it reads nothing of what we write from now on, and goes from our lists as soon as they can be
/// published. Answers whose it is, unless it is this very device or somebody else's.
pub(crate) fn remove(tx: &mut Tx<'_>, device: DeviceId) -> Result<Option<(AccountId, BareJid)>> {
    let of = tx
        .prepare_cached(
            "UPDATE omemo_device SET unwanted = 1, announce = 0, trust = iif(identity IS NULL, NULL, 'refused')
             WHERE id = ?1 AND address = (SELECT address FROM account WHERE id = account_id)
                AND device IS NOT (SELECT device FROM omemo_self WHERE omemo_self.account_id = omemo_device.account_id)
             RETURNING account_id, address",
        )?
        .query_row([device], |row| Ok((row.get(0)?, row::address(row, 1)?)))
        .optional()?;
    tx.changed(Change::Devices);
    Ok(of)
}

/// Devices of ours that nobody has used for so long are to go from our lists, too: what nobody reads costs a key in every message.
pub(crate) fn expire(tx: &Tx<'_>, account: AccountId, now: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE omemo_device SET unwanted = 1
         WHERE account_id = ?1 AND address = (SELECT address FROM account WHERE id = ?1) AND (omemo = 1 OR omemo2 = 1)
            AND max(coalesce(used_at, 0), coalesce(listed_at, seen_at)) < ?2 AND unwanted = 0
            AND device IS NOT (SELECT device FROM omemo_self WHERE omemo_self.account_id = ?1)",
    )?
    .execute((account, now.saturating_sub(SILENT)))
    .map(drop)
}

/// The devices that are to go from our lists.
pub(crate) fn unwanted(conn: &Connection, account: AccountId) -> Result<Vec<u32>> {
    conn.prepare_cached(
        "SELECT device FROM omemo_device
         WHERE account_id = ?1 AND address = (SELECT address FROM account WHERE id = ?1) AND unwanted = 1",
    )?
    .query_map([account], |row| row.get(0))?
    .collect()
}

/// They are gone from a list. One that comes back is alive, and is left there.
pub(crate) fn gone(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "UPDATE omemo_device SET unwanted = 0 WHERE account_id = ?1 AND unwanted = 1 AND omemo = 0 AND omemo2 = 0",
        [account],
    )
    .map(drop)
}

/// Compares what a link says with the keys we know, and believes it where they are the same or not known yet.
///
/// **Invariant**: where one of them differs, none is verified.
pub(crate) fn compare(tx: &mut Tx<'_>, account: AccountId, link: &DeviceLink, now: i64) -> Result<Compared> {
    let address = link.address.as_str();
    let own = own(tx, account)?;
    let mut said = Vec::new();
    for (number, fingerprint) in &link.devices {
        let Some(key) = PublicKey::from_fingerprint(fingerprint) else {
            return Ok(Compared::NoLink);
        };
        said.push((Device::new(address, *number), key));
    }
    let mut differs = Vec::new();
    for (device, key) in &said {
        let ours = own
            .as_ref()
            .filter(|own| own.device == *device)
            .map(grend_omemo::Identity::key);
        let known = match ours {
            Some(ours) => Some(ours),
            None => devices::worth(tx, account, device)?.map(|(known, _)| known),
        };
        if known.is_some_and(|known| known != *key) {
            differs.push(device.id);
        }
    }
    let all = all_of(tx, account, &link.address)?;
    if !differs.is_empty() {
        return Ok(Compared::Differs(
            all.into_iter().filter(|it| differs.contains(&it.number)).collect(),
        ));
    }
    said.retain(|(device, _)| own.as_ref().is_none_or(|own| own.device != *device));
    for (device, key) in &said {
        devices::seen(tx, account, device, now)?;
        tx.prepare_cached(
            "UPDATE omemo_device SET identity = ?4, trust = 'verified', announce = 0
             WHERE account_id = ?1 AND address = ?2 AND device = ?3",
        )?
        .execute((account, address, device.id, key.to_bytes()))?;
    }
    tx.changed(Change::Devices);
    decide(tx, account, &link.address)?;
    let mentioned = |it: &Shown| it.this || said.iter().any(|(device, _)| device.id == it.number);
    Ok(Compared::Same {
        verified: said.len(),
        others: all.into_iter().filter(|it| it.reads() && !mentioned(it)).collect(),
    })
}

/// The devices of an address as a person sees them: those that are listed, and those that ever wrote.
pub(crate) fn all(conn: &Connection, account: AccountId, address: &BareJid) -> Result<Vec<Shown>> {
    let all = all_of(conn, account, address)?;
    Ok(all.into_iter().filter(|it| it.listed || it.used_at.is_some()).collect())
}

/// Those of our own devices that the user is to be told of, in all accounts.
pub(crate) fn announced(conn: &Connection) -> Result<Vec<Shown>> {
    let mut found = Vec::new();
    for account in accounts::all(conn)? {
        let all = all_of(conn, account.id, &account.address)?.into_iter();
        found.extend(all.filter(|it| it.listed && it.new));
    }
    Ok(found)
}

/// Every row of an address: also devices that we only know from a link.
fn all_of(conn: &Connection, account: AccountId, address: &BareJid) -> Result<Vec<Shown>> {
    let own = own(conn, account)?.filter(|own| own.device.address == address.as_str());
    let read = |row: &Row<'_>| {
        let number: u32 = row.get(2)?;
        let identity: Option<[u8; 32]> = row.get(3)?;
        let listed: bool = row.get(5)?;
        let this = own.as_ref().filter(|own| own.device.id == number);
        let identity = this
            .map(grend_omemo::Identity::key)
            .or_else(|| identity.and_then(PublicKey::from_bytes));
        Ok(Shown {
            id: row.get(0)?,
            account,
            address: row::address(row, 1)?,
            number,
            this: this.is_some(),
            listed,
            fingerprint: identity.map(PublicKey::fingerprint),
            trust: row.get(4)?,
            broken: listed && row.get::<_, Option<i64>>(8)?.is_some(),
            seen_at: row.get(6)?,
            used_at: row.get(7)?,
            name: row.get(9)?,
            new: row.get(10)?,
        })
    };
    conn.prepare_cached(
        "SELECT id, address, device, identity, trust, (omemo = 1 OR omemo2 = 1) AND unwanted = 0, seen_at, used_at, broken_at,
            name, announce
         FROM omemo_device WHERE account_id = ?1 AND address = ?2 ORDER BY id",
    )?
    .query_map((account, address.as_str()), read)?
    .collect()
}

#[cfg(test)]
mod tests {
    use grend_omemo::{Identity, Version};

    use super::*;
    use crate::store::omemo;
    use crate::testing::{NOW, Who, World};

    /// Two who wrote to each other, so that each has seen the keys of the other.
    fn met() -> (World, [Who; 2]) {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.publish(anna);
        world.publish(ola);
        world.say(anna, ola, "hei");
        world.settle();
        (world, [anna, ola])
    }

    fn link(world: &World, of: Who) -> DeviceLink {
        let ours = all(world.conn(of), world.account(of), &world.me(of)).unwrap();
        DeviceLink::of(&world.me(of), &ours).unwrap()
    }

    fn compare_with(world: &mut World, who: Who, link: &DeviceLink) -> Compared {
        world.write(who, |tx, context| compare(tx, context.account, link, NOW))
    }

    fn theirs(world: &World, who: Who, of: Who) -> Vec<Shown> {
        all(world.conn(who), world.account(who), &world.me(of)).unwrap()
    }

    /// Another device of an address comes onto its lists.
    fn arrives(world: &mut World, who: Who, of: Who, number: u32) {
        let me = world.me(of);
        world.write(who, |tx, context| {
            for version in Version::ALL {
                let of = (context.account, me.as_str(), version);
                let list = omemo::is_listed(tx, of)?.with(number).unwrap();
                omemo::put_list(tx, of, &list, NOW)?;
            }
            Ok(())
        });
    }

    #[test]
    fn a_link_that_says_what_we_see_verifies() {
        let (mut world, [anna, ola]) = met();
        let link = link(&world, ola);
        arrives(&mut world, anna, ola, 77);
        let Compared::Same { verified: 1, others } = compare_with(&mut world, anna, &link) else {
            panic!("it is the same");
        };
        assert_eq!(others.iter().map(|it| it.number).collect::<Vec<_>>(), [77]);
        assert_eq!(theirs(&world, anna, ola)[0].trust, Some(Trust::Verified));
    }

    #[test]
    fn h53_a_link_with_other_keys_verifies_nothing() {
        let (mut world, [anna, ola]) = met();
        let mut link = link(&world, ola);
        let number = *link.devices.keys().next().unwrap();
        let stranger = Identity::generate(Device::new("ola@b.example", number))
            .key()
            .fingerprint();
        link.devices.insert(number, stranger.clone());
        link.devices.insert(5, stranger);
        let found = compare_with(&mut world, anna, &link);
        assert!(matches!(found, Compared::Differs(devices) if devices[0].number == number));
        let devices = theirs(&world, anna, ola);
        assert!(devices.iter().all(|it| it.trust == Some(Trust::Blind)), "{devices:?}");
        // Nor does a number in place of a key.
        link.devices.insert(number, "f".repeat(64));
        assert_eq!(compare_with(&mut world, anna, &link), Compared::NoLink);
    }

    #[test]
    fn a_device_verified_before_it_came_is_held_to_its_key() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.publish(anna);
        world.publish(ola);
        let good = link(&world, ola);
        let Compared::Same { verified: 1, .. } = compare_with(&mut world, anna, &good) else {
            panic!("nothing is known that could differ");
        };
        world.say(anna, ola, "hei");
        world.settle();
        assert_eq!(theirs(&world, anna, ola)[0].trust, Some(Trust::Verified));
        assert!(theirs(&world, anna, ola)[0].reads());
        // Where the key on the server is another than the one that was shown, nothing is written to it.
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.publish(anna);
        world.publish(ola);
        let number = *link(&world, ola).devices.keys().next().unwrap();
        let mut bad = good;
        let shown = bad.devices.pop_first().unwrap().1;
        bad.devices.insert(number, shown);
        world.chat(anna, ola);
        compare_with(&mut world, anna, &bad);
        world.say(anna, ola, "hei");
        world.settle();
        let device = &theirs(&world, anna, ola)[0];
        assert!(device.broken && !device.reads(), "{device:?}");
        assert!(world.timeline(ola, anna).messages.is_empty(), "not in the clear either");
    }

    #[test]
    fn our_own_link_is_compared_with_our_own_key() {
        let (mut world, [anna, _]) = met();
        let mut link = link(&world, anna);
        assert!(matches!(
            compare_with(&mut world, anna, &link),
            Compared::Same { verified: 0, .. }
        ));
        for fingerprint in link.devices.values_mut() {
            *fingerprint = Identity::generate(Device::new("anna@a.example", 1)).key().fingerprint();
        }
        assert!(matches!(compare_with(&mut world, anna, &link), Compared::Differs(_)));
    }

    #[test]
    fn our_devices_that_come_later_are_announced_and_those_before_us_are_not() {
        let (mut world, [anna, _]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        for node in ["eu.siacs.conversations.axolotl.devicelist", "urn:xmpp:omemo:2:devices"] {
            world.publish_list(anna, node, &[41, 42]);
        }
        world.publish(anna);
        assert_eq!(theirs(&world, anna, anna).len(), 3);
        assert_eq!(announced(world.conn(anna)).unwrap(), []);
        arrives(&mut world, anna, anna, 77);
        let new = announced(world.conn(anna)).unwrap();
        assert_eq!(new.iter().map(|it| it.number).collect::<Vec<_>>(), [77]);
        world.write(anna, |tx, _| noticed(tx, new[0].id));
        assert_eq!(announced(world.conn(anna)).unwrap(), []);
    }

    #[test]
    fn a_device_of_ours_that_is_gone_goes_from_the_lists_and_one_that_lives_comes_back() {
        let (mut world, [anna, ola]) = met();
        let node = "eu.siacs.conversations.axolotl.devicelist";
        arrives(&mut world, anna, anna, 77);
        world.publish_list(anna, node, &[77]);
        let of = |world: &World, number| theirs(world, anna, anna).into_iter().find(|it| it.number == number);
        let device = of(&world, 77).unwrap().id;
        assert!(world.write(anna, |tx, _| remove(tx, device)).is_some());
        world.upkeep(anna);
        let left = of(&world, 77);
        assert!(left.is_none(), "it is on no list and never wrote: {left:?}");
        let ours = world.write(anna, |tx, context| {
            Ok(omemo::identity(tx, context.account, NOW)?.device.id)
        });
        let published = |world: &mut World| -> Vec<String> {
            let list = world.published(anna, node).remove(0);
            list.children()
                .filter_map(|it| it.attr("id").map(ToOwned::to_owned))
                .collect()
        };
        assert_eq!(published(&mut world), [ours.to_string()]);
        arrives(&mut world, anna, anna, 77);
        world.publish_list(anna, node, &[ours, 77]);
        world.upkeep(anna);
        assert_eq!(published(&mut world).len(), 2);
        // Neither this device nor somebody else's is ours to remove.
        for whose in [anna, ola] {
            let device = theirs(&world, anna, whose)
                .into_iter()
                .find(|it| it.number != 77)
                .unwrap()
                .id;
            assert_eq!(world.write(anna, |tx, _| remove(tx, device)), None);
        }
    }

    #[test]
    fn since_when_a_chat_is_encrypted_is_known() {
        let (mut world, [anna, ola]) = met();
        let chat = world.chat(anna, ola);
        let since = |world: &World| chats::encrypted_at(world.conn(anna), chat).unwrap();
        let first = since(&world).unwrap();
        assert!((crate::clock::now() - first).abs() < 60_000, "{first}");
        world.write(anna, |tx, _| chats::set_encrypts(tx, chat, true));
        assert_eq!(since(&world), Some(first), "it was already");
        world.write(anna, |tx, _| chats::set_encrypts(tx, chat, false));
        assert_eq!(since(&world), None);
    }

    #[test]
    fn a_name_is_kept_and_taken_away() {
        let (mut world, [anna, ola]) = met();
        let device = theirs(&world, anna, ola)[0].id;
        world.write(anna, |tx, _| name(tx, device, Some("nettbrettet")));
        assert_eq!(theirs(&world, anna, ola)[0].name.as_deref(), Some("nettbrettet"));
        world.write(anna, |tx, _| name(tx, device, None));
        assert_eq!(theirs(&world, anna, ola)[0].name, None);
    }
}
