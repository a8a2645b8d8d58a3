//! XEP-0384: databases that were restored from a backup, and keys that two devices took at once.

use grend_omemo::{Device, Memory, Version, begin, encrypt};
use minidom::Element;
use xmpp_parsers::ns;

use super::{bundle, friends, next, own};
use crate::archive::{Fetched, Purpose};
use crate::clock;
use crate::model::State;
use crate::outbox::Job;
use crate::protocol::omemo::wire;
use crate::protocol::query::Fin;
use crate::protocol::{element, with};
use crate::store::{messages, omemo};
use crate::testing::{Who, World};

/// What the archive of an account tells, all of it said just now.
fn archive(world: &mut World, of: Who, stanzas: &[(Who, &Element)]) {
    let stamp = chrono::DateTime::from_timestamp_millis(clock::now()).unwrap();
    let stamp = stamp.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let results = stanzas.iter().enumerate().map(|(at, (from, stanza))| {
        let mut stanza: Element = String::from(*stanza).parse().unwrap();
        let from = format!("{}/test", world.me(*from));
        stanza.set_attr(minidom::rxml::Namespace::NONE, "from".try_into().unwrap(), from);
        let delay = element("delay", ns::DELAY, &[("stamp", &stamp)]);
        let forwarded = with(Element::bare("forwarded", ns::FORWARD), [delay, stanza]);
        with(element("result", ns::MAM, &[("id", &format!("a{at}"))]), [forwarded])
    });
    let page = Fetched {
        purpose: Purpose::Forward,
        results: results.collect(),
        fin: Fin {
            complete: true,
            first: None,
            last: None,
        },
    };
    world.page(of, &page);
}

/// Sends the next message, and answers its stanza, that nobody gets.
fn lost(world: &mut World, from: Who, to: Who, body: &str) -> Element {
    let message = world.say(from, to, body);
    let stanza = world.next(from, &Job::Message(message)).unwrap();
    world.write(from, |tx, _| {
        crate::store::outbox::message_arrived(tx, message)?;
        messages::advance(tx, message, State::Sent)
    });
    stanza
}

fn restored(world: &mut World, who: Who) -> bool {
    let account = world.account(who);
    omemo::number(world.conn(who), account).unwrap().unwrap().1
}

fn talk(world: &mut World, one: Who, other: Who, what: &str) {
    for (from, to) in [(one, other), (other, one)] {
        world.say(from, to, what);
        world.settle();
        let got = world.last(to, from);
        assert_eq!((got.body.as_str(), got.unreadable), (what, None));
        world.upkeep(to);
    }
}

#[test]
fn h47_a_restored_database_begins_its_sessions_anew() {
    let (mut world, [anna, ola]) = friends();
    talk(&mut world, anna, ola, "før");
    let device = own(&mut world, ola);
    let backup = world.backup(ola);
    // In what Ola forgets, keys change on both sides.
    let wrote = lost(&mut world, ola, anna, "glemt");
    world.deliver(ola, &wrote);
    let answer = lost(&mut world, anna, ola, "svar på det glemte");
    world.restore(ola, &backup);
    world.publish(ola);
    assert!(!restored(&mut world, ola), "nothing tells it yet");
    archive(&mut world, ola, &[(ola, &wrote), (anna, &answer)]);
    assert!(restored(&mut world, ola));
    let told: Vec<_> = world.timeline(ola, anna).messages;
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.body.as_str(), it.unreadable.as_deref()))
        .collect();
    let answer = ("svar på det glemte", None);
    assert_eq!(told, [("før", None), ("før", None), ("", Some("own")), answer]);
    world.upkeep(ola);
    assert!(!restored(&mut world, ola));
    talk(&mut world, anna, ola, "etter");
    talk(&mut world, ola, anna, "og tilbake");
    assert_eq!(own(&mut world, ola), device, "the same device");
}

#[test]
fn what_was_queued_in_a_backup_and_sent_since_shows_that_it_is_one() {
    let (mut world, [anna, ola]) = friends();
    talk(&mut world, anna, ola, "før");
    let message = world.say(ola, anna, "kommer");
    let backup = world.backup(ola);
    let stanza = next(&mut world, ola);
    world.restore(ola, &backup);
    archive(&mut world, ola, &[(ola, &stanza)]);
    assert!(restored(&mut world, ola));
    let kept = world.last(ola, anna);
    assert_eq!(
        (kept.id, kept.body.as_str(), kept.state),
        (message, "kommer", State::Sent)
    );
    assert_eq!(world.waiting(ola), []);
}

#[test]
fn what_this_device_wrote_is_no_sign_of_a_backup() {
    let (mut world, [anna, ola]) = friends();
    talk(&mut world, anna, ola, "før");
    let known = lost(&mut world, ola, anna, "sendt");
    let failed = lost(&mut world, ola, anna, "avvist");
    let message = world.last(ola, anna).id;
    world.write(ola, |tx, _| messages::fail(tx, message, "service-unavailable"));
    archive(&mut world, ola, &[(ola, &known), (ola, &failed)]);
    // Sent anew under another id, some time later.
    let later = clock::now() + 60_000;
    assert!(world.write(ola, |tx, _| messages::renew(tx, message, "another", later)));
    archive(&mut world, ola, &[(ola, &failed)]);
    assert!(!restored(&mut world, ola));
}

#[test]
fn a_bundle_that_a_backup_cannot_have_made_shows_that_it_is_one() {
    let (mut world, [anna, ola]) = friends();
    talk(&mut world, anna, ola, "før");
    let backup = world.backup(ola);
    let before = bundle(&mut world, ola);
    let mut tablet = Memory::new(Device::new("anna@a.example", 5));
    let stanza = first(&mut world, &mut tablet, ola, "fra nettbrettet");
    world.deliver(anna, &stanza);
    world.upkeep(ola);
    let later = bundle(&mut world, ola);
    world.restore(ola, &backup);
    assert_eq!(bundle(&mut world, ola), before);
    world.publish(ola);
    assert!(restored(&mut world, ola));
    world.upkeep(ola);
    let anew = bundle(&mut world, ola);
    let ids = |of: &grend_omemo::Bundle| of.pre_keys.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    assert_eq!(anew.pre_keys.len(), omemo::PRE_KEYS);
    assert!(ids(&anew).iter().min() > ids(&later).iter().max());
    assert_ne!(anew.signed_pre_key_id, later.signed_pre_key_id);
    assert_eq!(anew.identity, later.identity);
    // It is published, and now it is what is expected.
    world.publish(ola);
    assert!(!restored(&mut world, ola));
    talk(&mut world, anna, ola, "etter");
}

/// The first message of a device that another program has, begun from a bundle.
fn first(world: &mut World, keys: &mut Memory, to: Who, body: &str) -> Element {
    let bundle = bundle(world, to);
    begun(world, keys, to, (&bundle, body))
}

fn begun(world: &mut World, keys: &mut Memory, to: Who, (bundle, body): (&grend_omemo::Bundle, &str)) -> Element {
    let device = own(world, to);
    begin(keys, &device, bundle).unwrap().unwrap();
    let sealed = encrypt(keys, Version::Legacy, body.as_bytes(), &[device]).unwrap();
    let message = crate::protocol::message(&world.me(to), body);
    with(message, [wire::write(&sealed.message.unwrap())])
}

#[test]
fn two_devices_that_took_the_same_key_are_both_read() {
    let (mut world, [anna, ola]) = friends();
    let mut bundle = bundle(&mut world, ola);
    bundle.pre_keys.truncate(1);
    for (device, body) in [(5, "fra telefonen"), (6, "fra nettbrettet")] {
        let mut keys = Memory::new(Device::new("anna@a.example", device));
        let stanza = begun(&mut world, &mut keys, ola, (&bundle, body));
        world.deliver(anna, &stanza);
        let got = world.last(ola, anna);
        assert_eq!((got.body.as_str(), got.unreadable), (body, None));
        world.upkeep(ola);
    }
}
