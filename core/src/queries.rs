//! What a screen may ask. Queries never touch the network and never wait for what is being written.

use crate::core::Core;
use crate::error::Cause;
use crate::model::{
    Account, AccountId, Arrivals, BareJid, Chat, ChatId, Contact, Device, Health, Message, MessageId, Readers, State,
    Timeline, Window,
};
use crate::store::{accounts, chats, contacts, messages, omemo, quarantine};

/// At most so many messages in one answer.
const MOST: u32 = 500;
/// So many messages say how late messages come.
const LAST: u32 = 20;
/// ms. Clocks of servers differ by seconds.
const LATE: i64 = 60_000;

impl Core {
    /// The accounts that are signed in on this device.
    pub async fn accounts(&self) -> Result<Vec<Account>, Cause> {
        Ok(self.store().read(accounts::all).await?)
    }

    /// What an account's connection had to put up with.
    pub async fn health(&self, account: AccountId) -> Result<Health, Cause> {
        let health = self.store().read(move |conn| {
            Ok(Health {
                aside: quarantine::count(conn, account)?,
                last: quarantine::newest(conn, account, 20)?,
            })
        });
        Ok(health.await?)
    }

    /// All chats, the one with the newest message first.
    pub async fn chats(&self) -> Result<Vec<Chat>, Cause> {
        Ok(self.store().read(chats::all).await?)
    }

    /// All contacts and those who ask to be, by name.
    pub async fn contacts(&self) -> Result<Vec<Contact>, Cause> {
        Ok(self.store().read(contacts::all).await?)
    }

    /// A window of a conversation, oldest first.
    pub async fn timeline(&self, chat: ChatId, window: Window) -> Result<Timeline, Cause> {
        Ok(self
            .store()
            .read(move |conn| messages::timeline(conn, chat, window))
            .await?)
    }

    /// The devices of an address, our own or a contact's: those that are on its list, and those that ever wrote.
    pub async fn devices(&self, account: AccountId, address: BareJid) -> Result<Vec<Device>, Cause> {
        Ok(self
            .store()
            .read(move |conn| omemo::all(conn, account, &address))
            .await?)
    }

    /// Who can read what is written to an address; of our own address, which devices are ours.
    pub async fn readers(&self, account: AccountId, address: BareJid) -> Result<Readers, Cause> {
        let readers = self.store().read(move |conn| {
            let me = accounts::address(conn, account)?;
            let chat = chats::find(conn, account, &address)?;
            Ok(Readers {
                since: chat.map(|chat| chats::encrypted_at(conn, chat)).transpose()?.flatten(),
                decided: chat.map(|chat| chats::encrypts(conn, chat)).transpose()?.flatten(),
                theirs: if address == me {
                    Vec::new()
                } else {
                    omemo::all(conn, account, &address)?
                },
                ours: omemo::all(conn, account, &me)?,
            })
        });
        Ok(readers.await?)
    }

    /// Our own devices that came by themselves and that the user does not know of yet.
    pub async fn new_devices(&self) -> Result<Vec<Device>, Cause> {
        Ok(self.store().read(omemo::announced).await?)
    }

    /// How late the last messages came.
    pub async fn arrivals(&self) -> Result<Arrivals, Cause> {
        let delays = self.store().read(|conn| messages::delays(conn, LAST)).await?;
        Ok(Arrivals {
            count: u32::try_from(delays.len()).unwrap_or(LAST),
            late: delays.iter().filter(|delay| **delay > LATE).map(|_| 1).sum(),
            longest_ms: delays.into_iter().max().unwrap_or_default(),
        })
    }

    /// Messages stored after `after`, in the order in which they were stored, at most 500.
    pub async fn stored_after(&self, after: MessageId) -> Result<Vec<Message>, Cause> {
        Ok(self
            .store()
            .read(move |conn| messages::stored_after(conn, after, MOST))
            .await?)
    }

    /// The message that was stored last, of any chat.
    pub async fn last_stored(&self) -> Result<MessageId, Cause> {
        Ok(self.store().read(messages::last).await?)
    }

    /// How far these messages got. One that is gone is left out.
    pub async fn states(&self, ids: Vec<MessageId>) -> Result<Vec<(MessageId, State)>, Cause> {
        let states = self.store().read(move |conn| {
            ids.into_iter()
                .filter_map(|id| {
                    messages::state(conn, id)
                        .transpose()
                        .map(|state| state.map(|state| (id, state)))
                })
                .collect()
        });
        Ok(states.await?)
    }

    /// Messages of ours that may still get further, at most 500, the newest first.
    pub async fn unfinished(&self) -> Result<Vec<(MessageId, State)>, Cause> {
        Ok(self.store().read(|conn| messages::unfinished(conn, MOST)).await?)
    }

    /// How many messages of an account are stored.
    pub async fn count(&self, account: AccountId) -> Result<u64, Cause> {
        Ok(self.store().read(move |conn| messages::count(conn, account)).await?)
    }
}
