//! Random conversations, random damage, random bytes: nothing panics, nothing is read wrongly, nothing changes on an error,
//! nothing grows without bound.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod people;

use grend_omemo::{Encrypted, EncryptedKey, Keys, Memory, Session, Unreadable, Version};
use people::{meet, open_from, pair, refuses, text, write};
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Clone, Debug)]
enum Event {
    Write { by: bool, lost: bool },
    Arrive { at: Index, again: bool },
    Damaged { at: Index, byte: Index, bit: u8 },
    BeginAnew { by: bool },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (any::<bool>(), prop::bool::weighted(0.1)).prop_map(|(by, lost)| Event::Write { by, lost }),
        6 => (any::<Index>(), prop::bool::weighted(0.3)).prop_map(|(at, again)| Event::Arrive { at, again }),
        2 => (any::<Index>(), any::<Index>(), 0..8_u8).prop_map(|(at, byte, bit)| Event::Damaged { at, byte, bit }),
        1 => any::<bool>().prop_map(|by| Event::BeginAnew { by }),
    ]
}

/// A message on its way: who wrote it, what it says, whether it is still awaited, whether it was read.
struct Way {
    by: bool,
    text: String,
    message: Encrypted,
    awaited: bool,
    read: bool,
}

const ADDRESSES: [&str; 2] = ["anna@family.example", "bob@family.example"];

struct Conversation {
    version: Version,
    people: [Memory; 2],
    ways: Vec<Way>,
    begun: u8,
}

impl Conversation {
    fn new(version: Version) -> Self {
        let (anna, bob) = pair();
        let mut new = Self {
            version,
            people: [anna, bob],
            ways: Vec::new(),
            begun: 0,
        };
        new.begin(false);
        new.begin(true);
        new
    }

    fn begin(&mut self, by: bool) {
        // So many states are kept; who begins more often than that loses the oldest.
        if self.begun < 9 {
            let other = self.people[usize::from(!by)].clone();
            meet(&mut self.people[usize::from(by)], &other, self.version).unwrap();
            self.begun += 1;
        }
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Write { by, lost } => {
                let text = format!("{} {}", self.ways.len(), by);
                let other = self.people[usize::from(!by)].clone();
                let message = write(&mut self.people[usize::from(*by)], &other, self.version, &text);
                self.ways.push(Way {
                    by: *by,
                    text,
                    message,
                    awaited: !lost,
                    read: false,
                });
            }
            Event::Arrive { at, again } => {
                let mut open: Vec<_> = self.ways.iter_mut().filter(|way| way.awaited != *again).collect();
                if open.is_empty() {
                    return;
                }
                let at = at.index(open.len());
                let way = &mut *open[at];
                let reader = &mut self.people[usize::from(!way.by)];
                let result = open_from(reader, ADDRESSES[usize::from(way.by)], &way.message);
                match result {
                    Ok(read) => assert_eq!((text(&read), way.read), (way.text.as_str(), false)),
                    Err(why) => assert!(way.read && why == Unreadable::Duplicate, "{why:?}"),
                }
                (way.awaited, way.read) = (false, true);
            }
            Event::Damaged { at, byte, bit } => {
                if self.ways.is_empty() {
                    return;
                }
                let way = &self.ways[at.index(self.ways.len())];
                let mut message = way.message.clone();
                let payload = message.payload.as_mut().unwrap();
                let data = &mut message.keys[0].data;
                let at = byte.index(payload.len() + data.len());
                if at < payload.len() {
                    payload[at] ^= 1 << bit;
                } else {
                    data[at - payload.len()] ^= 1 << bit;
                }
                let reader = &mut self.people[usize::from(!way.by)];
                let before = reader.clone();
                match open_from(reader, ADDRESSES[usize::from(way.by)], &message) {
                    Err(_) => assert!(before == *reader, "a damaged message changed something"),
                    // Some bits are nobody's: the wrapping of a session that is known already says nothing new.
                    Ok(read) => {
                        assert_eq!(text(&read), way.text);
                        *reader = before;
                    }
                }
            }
            Event::BeginAnew { by } => self.begin(*by),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_conversations(two: bool, events in prop::collection::vec(event(), 1..120)) {
        let version = if two { Version::Two } else { Version::Legacy };
        let mut conversation = Conversation::new(version);
        events.iter().for_each(|event| conversation.happen(event));
        // What has not arrived arrives at last.
        while conversation.ways.iter().any(|way| way.awaited) {
            conversation.happen(&Event::Arrive { at: index_0(), again: false });
        }
        for by in 0..2 {
            let device = conversation.people[1 - by].own().device.clone();
            let session = conversation.people[by].session(version, &device).unwrap().unwrap();
            prop_assert!(session.len() < 64 * 1024);
            let again = Session::from_bytes(&session).unwrap().to_bytes();
            prop_assert_eq!(&*again, &session);
        }
    }

    #[test]
    fn any_message_is_refused(two: bool, begins: bool, data: Vec<u8>, iv: Vec<u8>, payload: Option<Vec<u8>>, head: bool) {
        let version = if two { Version::Two } else { Version::Legacy };
        let (mut anna, bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let data = if head { [&[0x33], data.as_slice()].concat() } else { data };
        let key = EncryptedKey { address: ADDRESSES[0].into(), device: 1, begins, data };
        let message = Encrypted { version, sender: 2, keys: vec![key], iv, payload };
        let before = anna.clone();
        prop_assert!(open_from(&mut anna, ADDRESSES[1], &message).is_err());
        prop_assert!(before == anna);
    }

    #[test]
    fn any_session_is_refused(bytes: Vec<u8>, form: bool) {
        let bytes = if form { [&[1], bytes.as_slice()].concat() } else { bytes };
        prop_assert!(Session::from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_damaged_session_is_refused_or_whole(two: bool, at: Index, bit in 0..8_u8) {
        let version = if two { Version::Two } else { Version::Legacy };
        let (mut anna, mut bob) = pair();
        meet(&mut anna, &bob, version).unwrap();
        let message = write(&mut anna, &bob, version, "hei");
        open_from(&mut bob, ADDRESSES[0], &message).unwrap();
        let mut bytes = bob.session(version, &anna.own().device.clone()).unwrap().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        bob.keep_session(version, &anna.own().device.clone(), &bytes).unwrap();
        let message = write(&mut anna, &bob, version, "hei");
        let _ = open_from(&mut bob, ADDRESSES[0], &message);
    }
}

fn index_0() -> Index {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    any::<Index>().new_tree(&mut runner).unwrap().current()
}

/// Keys for this device without end, in one message: a few are tried, and the message is not read.
#[test]
fn h46_a_flood_of_keys_for_one_device_is_bounded() {
    let (mut anna, mut bob) = pair();
    meet(&mut anna, &bob, Version::Legacy).unwrap();
    let mut message = write(&mut anna, &bob, Version::Legacy, "hei");
    let mut wrong = message.keys[0].clone();
    wrong.data.truncate(30);
    message.keys.splice(0..0, std::iter::repeat_n(wrong, 10_000));
    refuses(&mut bob, ADDRESSES[0], &message, Unreadable::Malformed);
}

/// Somebody begins sessions without end: a few are kept.
#[test]
fn h46_a_flood_of_sessions_is_bounded() {
    for version in Version::ALL {
        let (mut anna, mut bob) = pair();
        let mut largest = 0;
        for _ in 0..14 {
            meet(&mut anna, &bob, version).unwrap();
            let last = (0..300).map(|_| write(&mut anna, &bob, version, "hei")).last().unwrap();
            open_from(&mut bob, ADDRESSES[0], &last).unwrap();
            largest = largest.max(bob.session(version, &anna.own().device.clone()).unwrap().unwrap().len());
        }
        assert!(largest < 200 * 1024, "{largest}");
    }
}
