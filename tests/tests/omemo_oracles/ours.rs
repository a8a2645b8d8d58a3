//! Our side of a scenario: `grend-omemo` on a store that has nothing but bytes, as a database does. Whatever it reads it has
//! written before, so everything is saved and loaded at every step.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use grend_omemo::{Device, Encrypted, EncryptedKey, Identity, Keys, PreKey, PublicKey, SignedPreKey, Version};
use grend_tests::oracle::{Bundle, Bytes, Key, Letter, Outcome, Refusal};

use crate::party::Party;

/// After so many messages without an answer there is an empty one.
const HEARTBEAT: u32 = 53;

/// A database.
#[derive(Clone, PartialEq)]
struct Bag {
    device: Device,
    seed: [u8; 32],
    signed: BTreeMap<u32, [u8; 32]>,
    pre_keys: BTreeMap<u32, [u8; 32]>,
    sessions: BTreeMap<(Version, Device), Vec<u8>>,
    met: BTreeMap<Device, [u8; 32]>,
}

impl Bag {
    fn new(device: Device) -> Self {
        let secret = |id| *PreKey::generate(id).secret();
        Self {
            seed: *Identity::generate(device.clone()).seed(),
            device,
            signed: [(1, secret(1))].into(),
            pre_keys: (1..=100).map(|id| (id, secret(id))).collect(),
            sessions: BTreeMap::new(),
            met: BTreeMap::new(),
        }
    }

    /// As after every use: none is missing, none is given out twice.
    fn top_up(&mut self, newest: &Cell<u32>) {
        while self.pre_keys.len() < 100 {
            newest.set(newest.get() + 1);
            self.pre_keys
                .insert(newest.get(), *PreKey::generate(newest.get()).secret());
        }
    }
}

impl Keys for Bag {
    type Error = Infallible;

    fn identity(&mut self) -> Result<Identity, Infallible> {
        Ok(Identity::from_seed(self.device.clone(), self.seed))
    }

    fn signed_pre_key(&mut self, id: u32) -> Result<Option<SignedPreKey>, Infallible> {
        Ok(self.signed.get(&id).map(|secret| PreKey::from_secret(id, *secret)))
    }

    fn pre_key(&mut self, id: u32) -> Result<Option<PreKey>, Infallible> {
        Ok(self.pre_keys.get(&id).map(|secret| PreKey::from_secret(id, *secret)))
    }

    fn pre_key_used(&mut self, id: u32) -> Result<(), Infallible> {
        self.pre_keys.remove(&id);
        Ok(())
    }

    fn session(&mut self, version: Version, device: &Device) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.sessions.get(&(version, device.clone())).cloned())
    }

    fn keep_session(&mut self, version: Version, device: &Device, session: &[u8]) -> Result<(), Infallible> {
        self.sessions.insert((version, device.clone()), session.to_vec());
        Ok(())
    }

    fn known_identity(&mut self, device: &Device) -> Result<Option<PublicKey>, Infallible> {
        Ok(self
            .met
            .get(device)
            .map(|key| PublicKey::from_bytes(*key).expect("a key that was kept")))
    }

    fn met(&mut self, device: &Device, identity: PublicKey) -> Result<(), Infallible> {
        let before = self.met.insert(device.clone(), identity.to_bytes());
        assert_eq!(before, None, "a device is met once");
        Ok(())
    }

    fn may_read(&mut self, device: &Device, identity: PublicKey) -> Result<bool, Infallible> {
        Ok(self.met.get(device) == Some(&identity.to_bytes()))
    }
}

/// A device with our library.
pub struct Ours {
    keys: Bag,
    version: Version,
    other: Device,
    bundle: Option<grend_omemo::Bundle>,
    newest: Cell<u32>,
    /// Whether a session that somebody began is answered, as one should. Else it is begun until we write.
    answers: bool,
    /// How many messages came since the last one that we wrote.
    unanswered: u32,
}

impl Ours {
    /// A new one.
    pub fn new(version: Version, address: &str, other: &str, answers: bool) -> Self {
        let device = Device::new(address, grend_omemo::random_id());
        Self {
            keys: Bag::new(device),
            version,
            other: Device::new(other, 0),
            bundle: None,
            newest: Cell::new(100),
            answers,
            unanswered: 0,
        }
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        let bundle = self.bundle.clone().expect("they have met");
        let Ok(begun) = grend_omemo::begin(&mut self.keys, &self.other, &bundle);
        begun.map_err(|why| Refusal {
            why: format!("{why:?}: {why}"),
            also: Vec::new(),
        })
    }

    fn empty(&mut self) -> Letter {
        let Ok(sealed) = grend_omemo::empty(&mut self.keys, self.version, std::slice::from_ref(&self.other));
        self.unanswered = 0;
        letter(
            sealed
                .message
                .unwrap_or_else(|| panic!("left out: {:?}", sealed.left_out)),
        )
    }
}

impl Party for Ours {
    fn device_id(&self) -> u32 {
        self.keys.device.id
    }

    fn bundle(&mut self) -> Bundle {
        let Ok(identity) = self.keys.identity();
        let (id, secret) = self.keys.signed.last_key_value().expect("a signed prekey");
        let signed = PreKey::from_secret(*id, *secret);
        let keys: Vec<_> = self
            .keys
            .pre_keys
            .iter()
            .map(|(id, secret)| PreKey::from_secret(*id, *secret))
            .collect();
        let bundle = grend_omemo::Bundle::ours(self.version, &identity, &signed, &keys);
        Bundle {
            ik: Bytes(bundle.identity),
            spk_id: bundle.signed_pre_key_id,
            spk: Bytes(bundle.signed_pre_key),
            spks: Bytes(bundle.signature),
            prekeys: bundle.pre_keys.into_iter().map(|(id, key)| (id, Bytes(key))).collect(),
        }
    }

    fn meet(&mut self, device_id: u32, bundle: &Bundle) {
        self.other.id = device_id;
        let keys = bundle.prekeys.iter();
        self.bundle = Some(grend_omemo::Bundle {
            version: self.version,
            identity: bundle.ik.0.clone(),
            signed_pre_key_id: bundle.spk_id,
            signed_pre_key: bundle.spk.0.clone(),
            signature: bundle.spks.0.clone(),
            pre_keys: keys.map(|(id, key)| (*id, key.0.clone())).collect(),
        });
    }

    fn encrypt(&mut self, text: &str) -> Result<Outcome, Refusal> {
        let to = [self.other.clone()];
        let Ok(without) = grend_omemo::without_session(&mut self.keys, self.version, &to);
        if !without.is_empty() {
            self.begin()?;
        }
        let Ok(sealed) = grend_omemo::encrypt(&mut self.keys, self.version, text.as_bytes(), &to);
        self.unanswered = 0;
        match sealed.message {
            Some(message) => Ok(outcome(None, Some(letter(message)), Vec::new())),
            None => Err(Refusal {
                why: format!("{:?}", sealed.left_out),
                also: Vec::new(),
            }),
        }
    }

    fn decrypt(&mut self, letter: &Letter) -> Result<Outcome, Refusal> {
        let before = self.keys.clone();
        let message = encrypted(self.version, &self.keys.device.address, letter);
        let Ok(read) = grend_omemo::decrypt(&mut self.keys, &self.other.address, &message);
        let read = read.map_err(|why| {
            assert!(self.keys == before, "an error has changed the keys: {why}");
            Refusal {
                why: format!("{why:?}: {why}"),
                also: Vec::new(),
            }
        })?;
        self.keys.top_up(&self.newest);
        let text = read
            .content
            .map(|text| String::from_utf8(text.to_vec()).expect("a text"));
        self.unanswered += 1;
        let heartbeat = read.heartbeat && self.unanswered >= HEARTBEAT;
        let answer = self.answers && (read.begun || heartbeat);
        let also = answer.then(|| self.empty()).into_iter().collect();
        Ok(outcome(text, None, also))
    }

    fn replace(&mut self) -> Result<Outcome, Refusal> {
        self.begin()?;
        let empty = self.empty();
        Ok(outcome(None, None, vec![empty]))
    }

    fn rotate(&mut self) {
        let next = self.keys.signed.last_key_value().map_or(1, |(id, _)| id + 1);
        self.keys.signed.insert(next, *PreKey::generate(next).secret());
    }

    fn save_and_load(&mut self) {
        // The store has nothing but what was saved.
    }

    fn is_ours(&self) -> bool {
        true
    }
}

fn outcome(text: Option<String>, letter: Option<Letter>, also: Vec<Letter>) -> Outcome {
    Outcome { text, letter, also }
}

fn letter(message: Encrypted) -> Letter {
    let keys = message.keys.into_iter();
    Letter {
        sid: message.sender,
        keys: keys
            .map(|key| Key {
                rid: key.device,
                kex: key.begins,
                key: Bytes(key.data),
            })
            .collect(),
        iv: (!message.iv.is_empty()).then_some(Bytes(message.iv)),
        payload: message.payload.map(Bytes),
    }
}

/// As it comes from the wire: in the older version a key does not say whose it is.
fn encrypted(version: Version, address: &str, letter: &Letter) -> Encrypted {
    let address = if version == Version::Two { address } else { "" };
    let keys = letter.keys.iter();
    Encrypted {
        version,
        sender: letter.sid,
        keys: keys
            .map(|key| EncryptedKey {
                address: address.to_owned(),
                device: key.rid,
                begins: key.kex,
                data: key.key.0.clone(),
            })
            .collect(),
        iv: letter.iv.clone().map(|iv| iv.0).unwrap_or_default(),
        payload: letter.payload.clone().map(|payload| payload.0),
    }
}
