//! How far a device came that was woken for a moment.

use super::AccountId;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatchUp {
    /// All that is new is here, and all that was written has left.
    Done,
    /// These accounts are not there yet, or need the user. Nobody: the store could not be read.
    Behind(Vec<AccountId>),
}
