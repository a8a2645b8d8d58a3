//! "This query would answer differently now."

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::model::ChatId;

/// Says which query would answer differently; ask it again.
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
    /// Devices that read encrypted messages, and what their keys are worth.
    Devices,
    /// The reader was too slow: ask everything again.
    Everything,
}

/// A reader of changes. Bounded: a reader that lags gets [`Change::Everything`].
pub struct Changes(broadcast::Receiver<Change>);

impl Changes {
    pub(crate) fn new(receiver: broadcast::Receiver<Change>) -> Self {
        Self(receiver)
    }

    /// The next change; `None` when core has stopped.
    pub async fn next(&mut self) -> Option<Change> {
        match self.0.recv().await {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => Some(Change::Everything),
            Err(RecvError::Closed) => None,
        }
    }
}
