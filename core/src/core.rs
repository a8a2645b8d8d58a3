//! The public face: open, start, stop; queries, intents, requests and hints.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jid::BareJid;

use crate::error::Cause;
use crate::live::LiveReader;
use crate::model::{
    Account, AccountId, Chat, ChatId, Contact, Credentials, Message, MessageId, State, Timeline, Window,
};
use crate::vault::Vault;

/// What core needs to start.
pub struct Config {
    /// The folder of the database. Made if it is not there; one process at a time.
    pub folder: PathBuf,
    /// Where passwords live.
    pub vault: Arc<dyn Vault>,
    /// A DNS server in place of the system's, for tests and odd networks.
    pub dns: Option<SocketAddr>,
}

/// "This query would answer differently now."
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The list of accounts.
    Accounts,
    /// The list of chats.
    Chats,
    /// The timeline of one chat.
    Chat(ChatId),
    /// The contact list.
    Contacts,
    /// The reader was too slow: ask everything again.
    Everything,
}

/// A reader of changes.
pub struct Changes;

impl Changes {
    /// The next change; `None` when core has stopped.
    pub async fn next(&mut self) -> Option<Change> {
        unimplemented!()
    }
}

/// A cheap handle. All futures run on any executor.
#[derive(Clone)]
pub struct Core {
    _p: (),
}

#[allow(unused_variables, clippy::unused_async, missing_docs)]
impl Core {
    /// Opens the folder and begins to connect all accounts. Blocks for the migration of the database.
    pub fn open(config: Config) -> Result<Self, Cause> {
        unimplemented!()
    }
    /// Says goodbye to the servers and closes the database.
    pub async fn stop(&self) {
        unimplemented!()
    }
    pub fn changes(&self) -> Changes {
        unimplemented!()
    }
    pub fn live(&self) -> LiveReader {
        unimplemented!()
    }

    // Queries: never touch the network.
    pub async fn accounts(&self) -> Result<Vec<Account>, Cause> {
        unimplemented!()
    }
    /// All chats, the newest first.
    pub async fn chats(&self) -> Result<Vec<Chat>, Cause> {
        unimplemented!()
    }
    pub async fn contacts(&self) -> Result<Vec<Contact>, Cause> {
        unimplemented!()
    }
    pub async fn timeline(&self, chat: ChatId, window: Window) -> Result<Timeline, Cause> {
        unimplemented!()
    }
    /// Messages stored after `after`, in the order they were stored, at most 500.
    pub async fn stored_after(&self, after: MessageId) -> Result<Vec<Message>, Cause> {
        unimplemented!()
    }
    /// How far these messages got.
    pub async fn states(&self, messages: Vec<MessageId>) -> Result<Vec<(MessageId, State)>, Cause> {
        unimplemented!()
    }

    // Intents: return when written down; work offline.
    /// The conversation with an address, made if there is none.
    pub async fn open_chat(&self, account: AccountId, address: BareJid) -> Result<ChatId, Cause> {
        unimplemented!()
    }
    /// Sends a text. Also clears the draft.
    pub async fn send(&self, chat: ChatId, body: String) -> Result<MessageId, Cause> {
        unimplemented!()
    }
    /// The user has seen everything up to this message.
    pub async fn displayed(&self, chat: ChatId, message: MessageId) -> Result<(), Cause> {
        unimplemented!()
    }
    pub async fn set_draft(&self, chat: ChatId, text: String) -> Result<(), Cause> {
        unimplemented!()
    }
    /// Sends a failed message again.
    pub async fn retry(&self, message: MessageId) -> Result<(), Cause> {
        unimplemented!()
    }
    /// Asks somebody to be a contact.
    pub async fn add_contact(&self, account: AccountId, address: BareJid, name: String) -> Result<(), Cause> {
        unimplemented!()
    }
    /// Answers somebody who asks to be a contact.
    pub async fn answer_contact(&self, account: AccountId, address: BareJid, yes: bool) -> Result<(), Cause> {
        unimplemented!()
    }

    // Requests: need a connection, may fail.
    /// Signs in, and answers when the server accepted it or why not. Keeps the account only if it did.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<AccountId, Cause> {
        unimplemented!()
    }
    /// Signs out and removes the account with its messages from this device.
    pub async fn sign_out(&self, account: AccountId) -> Result<(), Cause> {
        unimplemented!()
    }
    /// Brings one page of older history of a chat. True when there is no more.
    pub async fn fill(&self, chat: ChatId) -> Result<bool, Cause> {
        unimplemented!()
    }

    // Hints: never fail.
    /// The network came or went: try again now.
    pub fn network_changed(&self) {
        unimplemented!()
    }
    /// Whether somebody looks at Grend. XEP-0352.
    pub fn set_active(&self, active: bool) {
        unimplemented!()
    }
    /// Whether the user is typing in a chat. XEP-0085.
    pub fn typing(&self, chat: ChatId, on: bool) {
        unimplemented!()
    }
}
