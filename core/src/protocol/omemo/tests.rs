//! Two accounts that encrypt, without a network: `World` plays the servers and their nodes.

mod own_devices;
mod restored;

use grend_omemo::{Device, DeviceList, Version};
use minidom::Element;

use super::nodes::{self, Node};
use crate::model::{Encryption, State, Trust};
use crate::protocol::messages as plain;
use crate::store::{chats, messages, omemo, outbox};
use crate::testing::{NOW, Who, World};

fn friends() -> (World, [Who; 2]) {
    let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
    world.publish(anna);
    world.publish(ola);
    (world, [anna, ola])
}

fn own(world: &mut World, who: Who) -> Device {
    world.write(who, |tx, context| Ok(omemo::identity(tx, context.account, NOW)?.device))
}

/// The stanza of the next message, encrypted as it would go.
fn next(world: &mut World, who: Who) -> Element {
    let job = world.waiting(who).into_iter().next().unwrap();
    world.next(who, &job).unwrap()
}

/// From now on only `omemo:2`.
fn only_two(world: &mut World, who: Who) {
    world.published(who, "eu.siacs.conversations.axolotl.devicelist")[0].take_nodes();
}

#[test]
fn two_people_talk_and_nobody_else_can_read_it() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hemmelig");
    let stanza = String::from(&next(&mut world, anna));
    assert!(!stanza.contains("hemmelig") && stanza.contains("encrypted"), "{stanza}");
    world.settle();
    world.say(ola, anna, "ja & nei");
    world.settle();
    assert_eq!(
        world.transcript(anna, ola),
        "me: hemmelig (displayed)\nola@b.example: ja & nei\n"
    );
    for (who, with) in [(anna, ola), (ola, anna)] {
        let all = world.timeline(who, with).messages;
        assert!(
            all.iter()
                .all(|it| it.encryption == Encryption::Omemo && it.device.is_some())
        );
    }
}

#[test]
fn who_has_only_the_new_version_is_written_to_in_it() {
    let (mut world, [anna, ola]) = friends();
    only_two(&mut world, ola);
    only_two(&mut world, anna);
    world.say(anna, ola, "hei <du>");
    world.settle();
    let got = world.last(ola, anna);
    assert_eq!((got.body.as_str(), got.encryption), ("hei <du>", Encryption::Omemo2));
    world.say(ola, anna, "hei");
    world.settle();
    assert_eq!(world.last(anna, ola).body, "hei");
}

#[test]
fn who_cannot_read_it_is_written_to_in_the_clear_until_once_they_could() {
    let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
    world.publish(anna);
    world.say(anna, ola, "åpent");
    world.settle();
    assert_eq!(world.last(ola, anna).encryption, Encryption::None);
    world.publish(ola);
    let me = world.me(ola);
    world.write(anna, |tx, context| omemo::forget_list(tx, context.account, me.as_str()));
    world.say(anna, ola, "lukket");
    world.settle();
    assert_eq!(world.last(ola, anna).encryption, Encryption::Omemo);
    // Their server says that they have no devices any more: nothing goes out in the clear, and the reason is said.
    world.write(anna, |tx, context| {
        for version in Version::ALL {
            omemo::put_list(tx, (context.account, me.as_str(), version), &DeviceList::default(), NOW)?;
        }
        Ok(())
    });
    world.say(anna, ola, "også lukket");
    world.settle();
    let failed = world.last(anna, ola);
    assert_eq!(
        (failed.state, failed.failure.as_deref()),
        (State::Failed, Some("omemo-no-devices"))
    );
    assert_eq!(world.timeline(ola, anna).messages.len(), 2);
}

#[test]
fn what_was_written_encrypted_stays_so_when_it_is_switched_off() {
    let (mut world, [anna, ola]) = friends();
    let chat = world.chat(anna, ola);
    world.write(anna, |tx, _| chats::set_encrypts(tx, chat, true));
    world.say(anna, ola, "lukket");
    world.write(anna, |tx, _| chats::set_encrypts(tx, chat, false));
    world.say(anna, ola, "åpent");
    world.settle();
    let kinds: Vec<_> = world
        .timeline(ola, anna)
        .messages
        .iter()
        .map(|it| it.encryption)
        .collect();
    assert_eq!(kinds, [Encryption::Omemo, Encryption::None]);
}

#[test]
fn the_same_message_twice_is_read_once_and_heals_nothing() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    let stanza = next(&mut world, anna);
    for _ in 0..3 {
        world.deliver(anna, &stanza);
    }
    assert_eq!(world.transcript(ola, anna), "anna@a.example: hei\n");
    assert_eq!(world.last(ola, anna).unreadable, None);
    let owed = world.write(ola, |tx, context| omemo::owed(tx, context.account));
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0].1, omemo::Owed::Answer);
}

#[test]
fn a_session_that_was_begun_is_answered_once_and_its_key_replaced() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    let stanza = next(&mut world, anna);
    world.deliver(anna, &stanza);
    let before = nodes::write_bundle(&bundle(&mut world, ola));
    world.upkeep(ola);
    world.upkeep(ola);
    let after = bundle(&mut world, ola);
    assert_eq!(after.pre_keys.len(), omemo::PRE_KEYS);
    assert_ne!(before, nodes::write_bundle(&after));
    let published = world
        .published(ola, "eu.siacs.conversations.axolotl.bundles")
        .remove(0)
        .clone();
    assert_eq!(
        nodes::read_bundle(Version::Legacy, &published).unwrap().pre_keys.len(),
        omemo::PRE_KEYS
    );
    // Anna has the answer, so her next message does not begin the session again.
    let message = world.say(anna, ola, "igjen");
    let job = outbox_job(&world, anna, message);
    let again = String::from(&world.next(anna, &job).unwrap());
    assert!(!again.contains("prekey"), "{again}");
}

fn outbox_job(world: &World, who: Who, message: crate::model::MessageId) -> crate::outbox::Job {
    let jobs = outbox::after(world.conn(who), world.account(who), outbox::JobId(0), 100).unwrap();
    let wanted = crate::outbox::Job::Message(message);
    jobs.into_iter().map(|(_, job)| job).find(|job| *job == wanted).unwrap()
}

fn bundle(world: &mut World, who: Who) -> grend_omemo::Bundle {
    world.write(who, |tx, context| {
        let identity = omemo::identity(tx, context.account, NOW)?;
        let (signed, keys) = omemo::given_out(tx, context.account)?.unwrap();
        Ok(grend_omemo::Bundle::ours(Version::Legacy, &identity, &signed, &keys))
    })
}

#[test]
fn who_lost_the_session_begins_a_new_one_when_the_archive_is_read() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "en");
    world.settle();
    world.say(ola, anna, "to");
    world.settle();
    world.write(ola, |tx, _| crate::store::forget_sessions(tx));
    world.say(anna, ola, "tre");
    world.settle();
    let lost = world.last(ola, anna);
    assert_eq!(
        (lost.body.as_str(), lost.unreadable.as_deref()),
        ("", Some("no_session"))
    );
    world.say(anna, ola, "fire");
    world.settle();
    world.upkeep(ola);
    world.say(anna, ola, "fem");
    world.settle();
    assert_eq!(world.last(ola, anna).body, "fem");
    // Once is enough.
    assert_eq!(
        world.write(ola, |tx, context| omemo::owed(tx, context.account)).len(),
        0
    );
}

#[test]
fn who_is_asked_to_send_again_can_be_read() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "en");
    world.settle();
    world.say(ola, anna, "to");
    world.settle();
    // What Anna writes next is changed on its way, or her session is of another time.
    let message = world.say(anna, ola, "tre");
    let mut stanza = world.next(anna, &outbox_job(&world, anna, message)).unwrap();
    let ns = Version::Legacy.namespace();
    let payload = stanza
        .get_child_mut("encrypted", ns)
        .unwrap()
        .get_child_mut("payload", ns);
    payload.unwrap().append_text_node("AAAA");
    world.deliver(anna, &stanza);
    let unread = world.last(ola, anna);
    assert_eq!(unread.unreadable.as_deref(), Some("tampered"));
    let asked = world.write(ola, |tx, _| super::ask_again(tx, unread.id, "kan du sende det igjen?"));
    let job = outbox_job(&world, ola, asked);
    let begins = String::from(&world.next(ola, &job).unwrap());
    assert!(begins.contains("prekey"), "{begins}");
    world.settle();
    assert_eq!(world.last(anna, ola).body, "kan du sende det igjen?");
    world.say(anna, ola, "tre, igjen");
    world.settle();
    assert_eq!(world.last(ola, anna).body, "tre, igjen");
}

#[test]
fn h48_after_a_verification_a_new_device_waits_for_the_user() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    world.settle();
    let (address, account) = (world.me(ola), world.account(anna));
    let known = omemo::all(world.conn(anna), account, &address).unwrap();
    assert_eq!(known[0].trust, Some(Trust::Blind));
    world.write(anna, |tx, _| omemo::set_trust(tx, known[0].id, Trust::Verified));
    // A ghost: another identity, published for Ola by Ola's server.
    let mut ghost = grend_omemo::Memory::new(Device::new(address.as_str(), 666));
    let list = world
        .published(ola, "eu.siacs.conversations.axolotl.devicelist")
        .remove(0);
    *list = nodes::with_device(Version::Legacy, Some(list), 666, &[]);
    let answer = answer(
        &Node::bundle(Version::Legacy, 666),
        nodes::write_bundle(&ghost.bundle(Version::Legacy).unwrap()),
    );
    let about = super::About::Bundle {
        version: Version::Legacy,
        device: ghost.own().device.clone(),
        heal: false,
    };
    let ids = DeviceList::read([u64::from(known[0].number), 666]);
    world.write(anna, |tx, context| {
        omemo::put_list(tx, (account, address.as_str(), Version::Legacy), &ids, NOW)?;
        super::answered(tx, context, &about, Some(&answer)).map(drop)
    });
    assert_eq!(
        omemo::all(world.conn(anna), account, &address).unwrap()[1].trust,
        Some(Trust::Undecided)
    );
    world.say(anna, ola, "bare for deg");
    let stanza = String::from(&next(&mut world, anna));
    assert!(
        !stanza.contains("rid=\"666\"") && !stanza.contains("rid='666'"),
        "{stanza}"
    );
    ghost.forget_sessions();
    world.settle();
    assert_eq!(world.last(ola, anna).body, "bare for deg");
}

/// A server's answer with one item.
fn answer(node: &Node, payload: Element) -> Element {
    use crate::protocol::{element, with};
    use xmpp_parsers::ns;
    let asked = node.fetch();
    let name = asked.children().next().unwrap().attr("node").unwrap();
    let item = with(element("item", ns::PUBSUB, &[("id", "666")]), [payload]);
    let items = with(element("items", ns::PUBSUB, &[("node", name)]), [item]);
    let pubsub = with(Element::bare("pubsub", ns::PUBSUB), [items]);
    with(element("iq", ns::DEFAULT_NS, &[("type", "result")]), [pubsub])
}

#[test]
fn a_copy_of_what_this_device_wrote_is_known() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    let stanza = String::from(&next(&mut world, anna));
    let stanza = stanza.replacen("<message", "<message from='anna@a.example/test'", 1);
    let page = |id: &str| {
        format!(
            "<result xmlns='urn:xmpp:mam:2' id='{id}'><forwarded xmlns='urn:xmpp:forward:0'>\
             <delay xmlns='urn:xmpp:delay' stamp='2026-11-18T19:06:40Z'/>{stanza}</forwarded></result>"
        )
    };
    for _ in 0..2 {
        let result: Element = page("a1").parse().unwrap();
        world.page(
            anna,
            &crate::archive::Fetched {
                purpose: crate::archive::Purpose::Forward,
                results: vec![result],
                fin: crate::protocol::query::Fin {
                    complete: true,
                    first: None,
                    last: None,
                },
            },
        );
    }
    assert_eq!(world.transcript(anna, ola), "me: hei (sent)\n");
    assert_eq!(world.waiting(anna), []);
}

#[test]
fn our_device_comes_back_to_the_list_and_not_for_ever() {
    let (mut world, [anna, _]) = friends();
    let own = own(&mut world, anna).id;
    let event = "<message xmlns='jabber:client' from='anna@a.example' type='headline'>\
         <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='eu.siacs.conversations.axolotl.devicelist'>\
         <item id='current'><list xmlns='eu.siacs.conversations.axolotl'><device id='9'/></list></item></items></event></message>";
    let other: Element = "<list xmlns='eu.siacs.conversations.axolotl'><device id='9'/></list>"
        .parse()
        .unwrap();
    let mut repaired = 0;
    for _ in 0..10 {
        *world.published(anna, "eu.siacs.conversations.axolotl.devicelist")[0] = other.clone();
        world.inject(anna, event);
        world.upkeep(anna);
        let list = world
            .published(anna, "eu.siacs.conversations.axolotl.devicelist")
            .remove(0)
            .clone();
        repaired += usize::from(nodes::read_list(Some(&list)).ids() == [9, own]);
    }
    assert!((1..=4).contains(&repaired), "{repaired}");
}

#[test]
fn only_the_address_itself_speaks_of_its_devices() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    world.settle();
    let before = omemo::all(world.conn(anna), world.account(anna), &world.me(ola)).unwrap();
    let list = "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='eu.siacs.conversations.axolotl.devicelist'>\
         <item id='current'><list xmlns='eu.siacs.conversations.axolotl'/></item></items></event>";
    world.inject(
        anna,
        &format!("<message xmlns='jabber:client' from='eve@c.example' to='anna@a.example'>{list}</message>"),
    );
    let copy = format!(
        "<message xmlns='jabber:client' from='anna@a.example'><received xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='ola@b.example' to='anna@a.example'>{list}\
         </message></forwarded></received></message>"
    );
    world.inject(anna, &copy);
    assert_eq!(
        omemo::all(world.conn(anna), world.account(anna), &world.me(ola)).unwrap(),
        before
    );
}

#[test]
fn h49_a_message_in_the_clear_is_marked_and_switches_nothing() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    world.settle();
    world.inject(
        anna,
        "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='c'><body>åpent</body></message>",
    );
    assert_eq!(world.last(anna, ola).encryption, Encryption::None);
    let chat = world.chat(anna, ola);
    assert_eq!(chats::encrypts(world.conn(anna), chat).unwrap(), Some(true));
}

#[test]
fn h51_what_stands_beside_the_encryption_is_not_shown() {
    let (mut world, [anna, ola]) = friends();
    world.inject(
        anna,
        "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='c'><body>see http://evil.example</body>\
         <encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='5'><key rid='6'>AA==</key><iv>AAAAAAAAAAAAAAAA</iv></header>\
         <payload>AAAA</payload></encrypted></message>",
    );
    let got = world.last(anna, ola);
    assert_eq!(
        (got.body.as_str(), got.unreadable.as_deref()),
        ("", Some("not_for_this_device"))
    );
    assert_eq!(world.waiting(anna), [], "no receipt for what nobody could read");
}

#[test]
fn an_error_undoes_what_reading_changed() {
    let (mut world, [anna, ola]) = friends();
    world.say(anna, ola, "hei");
    let stanza = next(&mut world, anna);
    // The row cannot be written: then the message was not read either, and can be when it is told again.
    world.write(ola, |tx, _| crate::store::refuse_messages(tx, true));
    let mut stanza: Element = String::from(&stanza).parse().unwrap();
    stanza.set_attr(
        minidom::rxml::Namespace::NONE,
        "from".try_into().unwrap(),
        "anna@a.example/test",
    );
    world.write(ola, |tx, context| {
        let mut incoming = crate::incoming::Incoming::open(context, &stanza).unwrap();
        crate::inbox::receive(tx, &mut incoming)
    });
    assert_eq!(messages::count(world.conn(ola), world.account(ola)).unwrap(), 0);
    world.write(ola, |tx, _| crate::store::refuse_messages(tx, false));
    world.deliver(anna, &stanza);
    assert_eq!(world.last(ola, anna).body, "hei");
}

#[test]
fn in_the_clear_is_as_it_was() {
    let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
    world.say(anna, ola, "hei");
    let (message, peer) = (world.last(anna, ola), world.me(ola));
    assert_eq!(next(&mut world, anna), plain::clear(&message, &peer));
}
