//! A conversation as the chat list shows it.

use jid::BareJid;

use super::{AccountId, ChatId, State};

/// One line of the chat list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its row.
    pub id: ChatId,
    /// Whose conversation.
    pub account: AccountId,
    /// With whom.
    pub address: BareJid,
    /// What to call them: contact list name, else the part before the `@`.
    pub name: String,
    /// The last message, if there is one: the text, shortened to 200 characters.
    pub preview: Option<String>,
    /// Whether the last message is ours, and how far it got.
    pub preview_state: Option<State>,
    /// Time of the last message, ms UTC.
    pub last_at: Option<i64>,
    /// How many messages wait to be read.
    pub unread: u32,
    /// What was typed and not sent.
    pub draft: String,
}
