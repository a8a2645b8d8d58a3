//! Who can read: the devices of somebody and our own, the switch that locks a conversation, and making sure whose a device is.
//!
//! The same screen shows the devices of an account alone. It holds core's answer and asks nothing itself.

mod compare;
mod device;
mod view;

use grend_core::model::{
    Account, AccountId, BareJid, Chat, ChatId, Compared, Device, DeviceId, Readers as Known, Trust,
};

use crate::host::Seen;
use crate::l10n::Words;
use compare::Compare;
use device::Open;

/// The screen.
pub struct Readers {
    account: Account,
    peer: Option<Peer>,
    /// Absent until core has answered.
    known: Option<Known>,
    part: Part,
    /// A code that came before core's answer.
    brought: Option<String>,
}

/// With whom the conversation is.
struct Peer {
    chat: ChatId,
    address: BareJid,
    name: String,
}

/// What of it is shown.
enum Part {
    List,
    Device(Open),
    Compare(Box<Compare>),
}

/// What a user does here, and what core answers.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Back,
    Encrypt(bool),
    Device(DeviceId),
    Name(String),
    KeepName,
    Trust(Trust),
    Remove,
    Keep,
    RemoveSure,
    Compare,
    Copy,
    Typed(String),
    Check,
    Compared(Compared),
    /// A code that a link brought.
    Brought(String),
    Scan,
    ChoosePicture,
    /// What came of it.
    Seen(Seen),
}

/// What the screen wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Leave the screen.
    Back,
    /// From now on what is written in this chat is locked, or not.
    Encrypt(ChatId, bool),
    /// What a device's key is worth.
    Trust(DeviceId, Trust),
    /// What the user calls a device.
    Name(DeviceId, String),
    /// A device of ours is gone.
    Remove(DeviceId),
    /// Compare what was pasted with what is known of this address.
    Compare(AccountId, BareJid, String),
    /// Put this text where it can be pasted from.
    Copy(String),
    /// Look for a code with the camera.
    Scan,
    /// Look for one in a picture that the user chooses.
    ChoosePicture,
}

impl Readers {
    /// Who can read in a chat.
    pub fn of_chat(account: Account, chat: &Chat) -> Self {
        let peer = (chat.address != account.address).then(|| Peer {
            chat: chat.id,
            address: chat.address.clone(),
            name: chat.name.clone(),
        });
        Self::new(account, peer)
    }

    /// The devices of an account.
    pub fn of_account(account: Account) -> Self {
        Self::new(account, None)
    }

    fn new(account: Account, peer: Option<Peer>) -> Self {
        Self {
            account,
            peer,
            known: None,
            part: Part::List,
            brought: None,
        }
    }

    /// Whose devices core is to be asked for.
    pub fn about(&self) -> (AccountId, &BareJid) {
        let address = self.peer.as_ref().map_or(&self.account.address, |peer| &peer.address);
        (self.account.id, address)
    }

    /// Our own devices alone, not those of a chat.
    pub fn is_own(&self) -> bool {
        self.peer.is_none()
    }

    /// The answer to "who can read".
    pub fn set(&mut self, known: Known) {
        self.known = Some(known);
        let gone = matches!(&self.part, Part::Device(open) if self.device(open.id).is_none());
        if gone {
            self.part = Part::List;
        }
        if let Some(code) = self.brought.take() {
            self.compare(code);
        }
    }

    /// A step back inside the screen. False if there is none.
    pub fn back(&mut self) -> bool {
        let inside = !matches!(self.part, Part::List);
        self.part = Part::List;
        inside
    }

    /// Opens the page on which codes are compared, with one that was brought.
    fn compare(&mut self, brought: String) {
        let ours = self.known.as_ref().map(|known| known.ours.as_slice());
        let compare = Compare::new(&self.account.address, ours.unwrap_or_default(), brought);
        self.part = Part::Compare(Box::new(compare));
    }

    fn device(&self, id: DeviceId) -> Option<&Device> {
        let known = self.known.as_ref()?;
        known.theirs.iter().chain(&known.ours).find(|device| device.id == id)
    }

    /// Changes the screen.
    pub fn update(&mut self, message: Message) -> Option<Event> {
        match message {
            Message::Back => return (!self.back()).then_some(Event::Back),
            Message::Encrypt(on) => return self.peer.as_ref().map(|peer| Event::Encrypt(peer.chat, on)),
            Message::Device(id) => {
                let name = self.device(id)?.name.clone().unwrap_or_default();
                self.part = Part::Device(Open::new(id, name));
            }
            Message::Compare => self.compare(String::new()),
            Message::Brought(code) if self.known.is_some() => self.compare(code),
            Message::Brought(code) => self.brought = Some(code),
            Message::Scan => return Some(Event::Scan),
            Message::ChoosePicture => return Some(Event::ChoosePicture),
            Message::Name(_)
            | Message::KeepName
            | Message::Trust(_)
            | Message::Remove
            | Message::Keep
            | Message::RemoveSure => {
                let Part::Device(open) = &mut self.part else {
                    return None;
                };
                let event = open.update(message);
                if matches!(event, Some(Event::Remove(_))) {
                    self.part = Part::List;
                }
                return event;
            }
            Message::Copy | Message::Typed(_) | Message::Check | Message::Compared(_) | Message::Seen(_) => {
                let (account, address) = (self.account.id, self.about().1.clone());
                let Part::Compare(compare) = &mut self.part else {
                    return None;
                };
                return compare.update(message, (account, address));
            }
        }
        None
    }
}

/// What to call a device: what the user calls it, or else its place among the devices of its owner.
pub(super) fn device_name(words: &Words, all: &[Device], device: &Device) -> String {
    match &device.name {
        Some(name) => name.clone(),
        None if device.this => words.say("device-this"),
        None => {
            let place = all.iter().filter(|other| !other.this && other.id < device.id).count();
            words.with("device-unnamed", &[("place", (place + 1).into())])
        }
    }
}
