//! XEP-0384: our other devices: which of them are on our lists, and what the user is told of them.

use grend_omemo::Version;

use super::{friends, own};
use crate::model::Trust;
use crate::protocol::omemo::nodes;
use crate::store::omemo;
use crate::testing::{Who, World};

const DAY: i64 = 24 * 60 * 60 * 1000;
const LISTS: [&str; 2] = ["eu.siacs.conversations.axolotl.devicelist", "urn:xmpp:omemo:2:devices"];

fn published(world: &mut World, who: Who) -> [Vec<u32>; 2] {
    LISTS.map(|node| nodes::read_list(Some(world.published(who, node)[0])).ids().to_vec())
}

/// The server tells of a list that somebody published.
fn told(world: &mut World, who: Who, ids: &[u32]) {
    for (node, version) in LISTS.into_iter().zip(Version::ALL) {
        world.publish_list(who, node, ids);
        let list = String::from(&*world.published(who, node)[0]);
        let (me, ns) = (world.me(who), version.namespace());
        assert!(list.contains(ns));
        let event = format!(
            "<message xmlns='jabber:client' from='{me}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>\
             <items node='{node}'><item id='current'>{list}</item></items></event></message>"
        );
        world.inject(who, &event);
    }
}

fn announced(world: &World, who: Who) -> Vec<u32> {
    let all = omemo::announced(world.conn(who)).unwrap();
    all.into_iter().map(|device| device.number).collect()
}

#[test]
fn h43_devices_of_ours_that_are_silent_go_from_the_lists() {
    let (mut world, [anna, ola]) = friends();
    let old = own(&mut world, anna).id;
    world.reinstall(anna);
    world.publish(anna);
    let new = own(&mut world, anna).id;
    world.wait(anna, 41 * DAY);
    world.upkeep(anna);
    assert_eq!(published(&mut world, anna), [vec![old, new], vec![old, new]]);
    world.wait(anna, 2 * DAY);
    world.upkeep(anna);
    assert_eq!(published(&mut world, anna), [vec![new], vec![new]]);
    let bundles = ["eu.siacs.conversations.axolotl.bundles", "urn:xmpp:omemo:2:bundles"];
    assert_eq!(bundles.map(|node| world.published(anna, node).len()), [1, 1]);
    world.say(ola, anna, "hei");
    world.settle();
    assert_eq!(world.last(anna, ola).body, "hei");
    // It was only asleep.
    for node in LISTS {
        world.publish_list(anna, node, &[new, old]);
    }
    world.publish(anna);
    world.wait(anna, 41 * DAY);
    world.upkeep(anna);
    assert_eq!(published(&mut world, anna), [vec![new, old], vec![new, old]]);
    world.wait(anna, 2 * DAY);
    world.upkeep(anna);
    assert_eq!(published(&mut world, anna), [vec![new], vec![new]]);
}

#[test]
fn h48_a_ghost_among_our_own_devices_is_announced() {
    let (mut world, [anna, _]) = friends();
    let this = own(&mut world, anna).id;
    assert!(announced(&world, anna).is_empty());
    // A server that hides us for a moment hides no ghost.
    told(&mut world, anna, &[5]);
    world.upkeep(anna);
    assert_eq!(announced(&world, anna), [5]);
    told(&mut world, anna, &[]);
    told(&mut world, anna, &[this, 5, 6]);
    assert_eq!(announced(&world, anna), [5, 6]);
}

#[test]
fn a_device_that_comes_back_after_it_was_removed_is_announced_and_reads_nothing() {
    let (mut world, [anna, ola]) = friends();
    let stolen = own(&mut world, anna).id;
    world.reinstall(anna);
    world.publish(anna);
    let this = own(&mut world, anna).id;
    world.say(anna, ola, "hei");
    world.settle();
    let me = world.me(anna);
    let row = omemo::all(world.conn(anna), world.account(anna), &me).unwrap();
    let row = row.into_iter().find(|it| it.number == stolen).unwrap();
    assert_eq!((row.trust, row.new), (Some(Trust::Blind), false));
    world.write(anna, |tx, _| omemo::remove(tx, row.id));
    world.upkeep(anna);
    assert_eq!(published(&mut world, anna), [vec![this], vec![this]]);
    told(&mut world, anna, &[this, stolen]);
    world.upkeep(anna);
    assert_eq!(published(&mut world, anna)[0], [this, stolen], "nobody fights about it");
    assert_eq!(announced(&world, anna), [stolen]);
    world.say(anna, ola, "bare for oss");
    let stanza = String::from(&super::next(&mut world, anna));
    assert!(!stanza.contains(&stolen.to_string()), "{stanza}");
}
