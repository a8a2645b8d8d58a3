//! The Double Ratchet without its messages: which key opens the message with this header. Written from Signal's public text "The
//! Double Ratchet Algorithm"; the names of that text are given where ours differ.

use std::collections::VecDeque;

use crate::curve::{KeyPair, PublicKey, Secret, agree};
use crate::{Unreadable, Version, kdf};

/// So many ratchet keys of the other side are remembered after their chains ended, to tell a message that was read before from garbage.
pub(crate) const REMEMBERED: usize = 32;

impl Version {
    /// The most keys of messages that did not come yet (`MAX_SKIP`): passed over by one message in one chain, and kept in all. libsignal
    /// has 2000, and people's sessions rely on it.
    pub(crate) fn most_skipped(self) -> usize {
        match self {
            Self::Legacy => 2000,
            Self::Two => 1000,
        }
    }
}

/// What a message says about its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The sender's ratchet key (`dh`).
    pub(crate) ratchet: PublicKey,
    /// How many messages the sender's chain before this one had (`pn`).
    pub(crate) previous: u32,
    /// The number of the message in its chain, from 0 (`n`).
    pub(crate) number: u32,
}

/// A chain of message keys, and the number of its next.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) key: Secret,
    pub(crate) next: u32,
}

/// The key of a message that has not come yet.
#[derive(Clone, Debug)]
pub(crate) struct Skipped {
    pub(crate) ratchet: PublicKey,
    pub(crate) number: u32,
    pub(crate) key: Secret,
    /// Whether there may be no such message: it is beyond what the other side counted.
    pub(crate) spare: bool,
}

/// One side of a conversation of two devices.
#[derive(Clone, Debug)]
pub(crate) struct Ratchet {
    pub(crate) root: Secret,
    /// Our ratchet key (`DHs`).
    pub(crate) ours: KeyPair,
    /// Theirs (`DHr`); none before the first message to the side that was written to first.
    pub(crate) theirs: Option<PublicKey>,
    pub(crate) sending: Option<Chain>,
    pub(crate) receiving: Option<Chain>,
    /// How many messages our chain before this one had (`PN`).
    pub(crate) previous: u32,
    /// The oldest first.
    pub(crate) skipped: VecDeque<Skipped>,
    /// Their ratchet keys before `theirs`, the oldest first.
    pub(crate) former: VecDeque<PublicKey>,
}

impl Ratchet {
    /// The side that writes first. Its first ratchet step is with their signed pre-key; `None` if that is no good key.
    pub(crate) fn writes_first(version: Version, secret: &Secret, theirs: PublicKey) -> Option<Self> {
        let ours = KeyPair::generate();
        let (root, key) = kdf::root(version, secret, &*agree(&ours.secret, &theirs)?);
        Some(Self {
            root,
            ours,
            theirs: Some(theirs),
            sending: Some(Chain { key, next: 0 }),
            receiving: None,
            previous: 0,
            skipped: VecDeque::new(),
            former: VecDeque::new(),
        })
    }

    /// The side that is written to; its first ratchet key is its signed pre-key.
    pub(crate) fn reads_first(secret: Secret, ours: KeyPair) -> Self {
        Self {
            root: secret,
            ours,
            theirs: None,
            sending: None,
            receiving: None,
            previous: 0,
            skipped: VecDeque::new(),
            former: VecDeque::new(),
        }
    }

    /// The key for our next message. `None` before the first message came to the side that reads first, and after 2^32 messages
    /// in one chain.
    pub(crate) fn next(&mut self) -> Option<(Header, Secret)> {
        let chain = self.sending.as_mut()?;
        let number = chain.next;
        chain.next = number.checked_add(1)?;
        let (key, rest) = kdf::chain(&chain.key);
        chain.key = rest;
        let header = Header {
            ratchet: self.ours.public,
            previous: self.previous,
            number,
        };
        Some((header, key))
    }

    /// The key of a message of theirs, after which the ratchet is turned as far as the message says. Whoever calls this works on
    /// a clone, and keeps it only if the key opens the message: until then nobody knows who wrote the header.
    pub(crate) fn open(&mut self, version: Version, header: &Header) -> Result<Secret, Unreadable> {
        let kept = |skipped: &Skipped| skipped.ratchet == header.ratchet && skipped.number == header.number;
        if let Some(key) = self
            .skipped
            .iter()
            .position(kept)
            .and_then(|at| self.skipped.remove(at))
        {
            return Ok(key.key);
        }
        if self.theirs != Some(header.ratchet) {
            if self.former.contains(&header.ratchet) {
                return Err(Unreadable::Duplicate);
            }
            self.turn(version, header)?;
        }
        self.skip(version, header.number)?;
        let chain = self.receiving.as_mut().ok_or(Unreadable::Tampered)?;
        if header.number < chain.next {
            return Err(Unreadable::Duplicate);
        }
        let (key, rest) = kdf::chain(&chain.key);
        chain.next = chain.next.checked_add(1).ok_or(Unreadable::TooFarAhead)?;
        chain.key = rest;
        Ok(key)
    }

    /// Keeps the keys of their current chain up to, not including, `until`.
    fn skip(&mut self, version: Version, until: u32) -> Result<(), Unreadable> {
        let (Some(chain), Some(ratchet)) = (self.receiving.as_mut(), self.theirs) else {
            return Ok(());
        };
        if until.saturating_sub(chain.next) as usize > version.most_skipped() {
            return Err(Unreadable::TooFarAhead);
        }
        while chain.next < until {
            let (key, rest) = kdf::chain(&chain.key);
            self.skipped.push_back(Skipped {
                ratchet,
                number: chain.next,
                key,
                spare: false,
            });
            chain.next += 1;
            chain.key = rest;
        }
        self.forget(version.most_skipped());
        Ok(())
    }

    /// Forgets the oldest skipped keys beyond `most`.
    pub(crate) fn forget(&mut self, most: usize) {
        let surplus = self.skipped.len().saturating_sub(most);
        self.skipped.drain(..surplus);
    }

    /// The key beyond the count of a chain is kept as long as the chain is remembered. Where the count is right nothing ever comes
    /// for it, and a long conversation would end up with nothing but such keys.
    fn spare(&mut self, count: u32) {
        if let Some(last) = self.skipped.back_mut()
            && Some(last.ratchet) == self.theirs
        {
            last.spare = last.number == count;
        }
        let spare = self.skipped.iter().filter(|key| key.spare).count();
        let mut surplus = spare.saturating_sub(REMEMBERED);
        self.skipped.retain(|key| {
            let goes = key.spare && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// A new ratchet key of theirs: their old chain ends, and both sides step.
    fn turn(&mut self, version: Version, header: &Header) -> Result<(), Unreadable> {
        // libsignal says the number of the last message, the texts and all others how many there were. One more key is kept, for nothing
        // with the others, and for the last message with libsignal, if it comes late.
        let end = match version {
            Version::Legacy => header.previous.saturating_add(1),
            Version::Two => header.previous,
        };
        self.skip(version, end)?;
        self.spare(header.previous);
        if let Some(former) = self.theirs.replace(header.ratchet) {
            self.former.push_back(former);
            let surplus = self.former.len().saturating_sub(REMEMBERED);
            self.former.drain(..surplus);
        }
        let agreement = agree(&self.ours.secret, &header.ratchet).ok_or(Unreadable::Malformed)?;
        let (root, key) = kdf::root(version, &self.root, &agreement);
        self.receiving = Some(Chain { key, next: 0 });
        self.previous = self.sending.as_ref().map_or(0, |chain| chain.next);
        self.ours = KeyPair::generate();
        let agreement = agree(&self.ours.secret, &header.ratchet).ok_or(Unreadable::Malformed)?;
        let (root, key) = kdf::root(version, &root, &agreement);
        self.root = root;
        self.sending = Some(Chain { key, next: 0 });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(version: Version) -> (Ratchet, Ratchet) {
        let (secret, signed) = (Secret([9; 32]), KeyPair::generate());
        let first = Ratchet::writes_first(version, &secret, signed.public).unwrap();
        (first, Ratchet::reads_first(secret, signed))
    }

    #[test]
    fn both_sides_have_the_same_keys() {
        for version in Version::ALL {
            let (mut anna, mut bob) = pair(version);
            for _ in 0..3 {
                for _ in 0..2 {
                    let (header, key) = anna.next().unwrap();
                    assert_eq!(bob.open(version, &header), Ok(key));
                }
                let (header, key) = bob.next().unwrap();
                assert_eq!(anna.open(version, &header), Ok(key));
            }
        }
    }

    #[test]
    fn who_reads_first_cannot_write_before() {
        let (_, mut bob) = pair(Version::Two);
        assert!(bob.next().is_none());
    }

    /// libsignal counts the messages of a chain one short. If only so many keys were kept, the last message of a chain
    /// that comes after the first of the next chain would be taken for one that was read.
    #[test]
    fn the_last_message_of_an_old_chain_comes_late_and_the_count_is_one_short() {
        let version = Version::Legacy;
        let (mut anna, mut bob) = pair(version);
        let first = anna.next().unwrap();
        let late = anna.next().unwrap();
        assert_eq!(bob.open(version, &first.0), Ok(first.1));
        let answer = bob.next().unwrap();
        assert_eq!(anna.open(version, &answer.0), Ok(answer.1));
        let mut next = anna.next().unwrap();
        assert_eq!(next.0.previous, 2, "we say what the text says");
        next.0.previous = 1; // as libsignal says it
        assert_eq!(bob.open(version, &next.0), Ok(next.1));
        assert_eq!(bob.open(version, &late.0), Ok(late.1));
    }

    #[test]
    fn a_long_conversation_keeps_no_keys_for_messages_that_never_were() {
        for version in Version::ALL {
            let (mut anna, mut bob) = pair(version);
            let (_, _) = anna.next().unwrap();
            for _ in 0..3 * REMEMBERED {
                let (header, _) = anna.next().unwrap();
                bob.open(version, &header).unwrap();
                let (header, _) = bob.next().unwrap();
                anna.open(version, &header).unwrap();
            }
            let spare = if version == Version::Legacy { REMEMBERED } else { 0 };
            assert_eq!(bob.skipped.len(), spare + 1, "and the one that is still missing");
            assert!(!bob.skipped.front().unwrap().spare);
        }
    }

    #[test]
    fn h46_replays_are_known_in_every_chain() {
        for version in Version::ALL {
            let (mut anna, mut bob) = pair(version);
            let mut read = Vec::new();
            for _ in 0..10 {
                let (header, key) = anna.next().unwrap();
                assert_eq!(bob.open(version, &header), Ok(key));
                read.push(header);
                let (header, key) = bob.next().unwrap();
                assert_eq!(anna.open(version, &header), Ok(key));
            }
            for header in read {
                assert_eq!(bob.clone().open(version, &header), Err(Unreadable::Duplicate));
            }
        }
    }

    #[test]
    fn h46_a_flood_of_skipped_keys_is_bounded() {
        for version in Version::ALL {
            let (mut anna, mut bob) = pair(version);
            let most = version.most_skipped();
            let (header, _) = anna.next().unwrap();
            for far in [most as u32 + 1, u32::MAX >> 1, u32::MAX] {
                let far = Header { number: far, ..header };
                assert_eq!(bob.clone().open(version, &far), Err(Unreadable::TooFarAhead));
            }
            bob.open(version, &header).unwrap();
            for _ in 0..5 {
                let last = (0..most).map(|_| anna.next().unwrap()).last().unwrap();
                assert_eq!(bob.open(version, &last.0), Ok(last.1));
                assert!(bob.skipped.len() <= most);
            }
            let lie = Header {
                previous: u32::MAX,
                ratchet: KeyPair::generate().public,
                number: 0,
            };
            assert_eq!(bob.open(version, &lie), Err(Unreadable::TooFarAhead));
        }
    }

    #[test]
    fn former_keys_are_bounded() {
        let version = Version::Two;
        let (mut anna, mut bob) = pair(version);
        for _ in 0..2 * REMEMBERED {
            let (header, _) = anna.next().unwrap();
            bob.open(version, &header).unwrap();
            let (header, _) = bob.next().unwrap();
            anna.open(version, &header).unwrap();
        }
        assert_eq!(bob.former.len(), REMEMBERED);
    }
}
