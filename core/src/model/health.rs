//! What an account's connection had to put up with.

/// How well an account is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// How many stanzas could not be taken and were kept aside. At most 1,000 are remembered.
    pub aside: u32,
    /// The last of them, the newest first, at most 20.
    pub last: Vec<Aside>,
}

/// A stanza that could not be taken. Its content is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Why.
    pub reason: Reason,
    /// Who sent it, as it said itself: nobody checked that.
    pub sender: Option<String>,
    /// The archive's id, if it came from there.
    pub archive_id: Option<String>,
    /// When it was met, ms UTC.
    pub at: i64,
}

/// Why a stanza could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is not XML, and ended the connection each time it came.
    Unreadable,
    /// Nested more than 100 levels.
    Deep,
    /// More than 10 MB, or more than 256 KB in one attribute.
    Large,
    /// More than 1,000 attributes on one element.
    Attributes,
    /// The database refused it.
    Unstorable,
}

impl Reason {
    /// The word for programs: `unreadable deep large attributes unstorable`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Deep => "deep",
            Self::Large => "large",
            Self::Attributes => "attributes",
            Self::Unstorable => "unstorable",
        }
    }
}
