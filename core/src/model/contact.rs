//! A contact: an entry of the contact list. RFC 6121, section 2.

use jid::BareJid;

use super::AccountId;

/// Somebody in the contact list, or somebody who asks to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whose contact.
    pub account: AccountId,
    /// Their address.
    pub address: BareJid,
    /// What to call them: the name in the list, else the part before the `@`.
    pub name: String,
    /// The groups of the list they are in, shared ones included.
    pub groups: Vec<String>,
    /// We see when they are there.
    pub we_see_them: bool,
    /// They see when we are there.
    pub they_see_us: bool,
    /// They ask to be a contact and wait for an answer.
    pub asks: bool,
    /// We asked, they have not answered.
    pub asked: bool,
}
