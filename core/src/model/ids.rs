//! Row ids, each of its own type, so that a chat is never taken for a message.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub i64);
    };
}

id!(
    /// An account of the user's in this database.
    AccountId
);
id!(
    /// A conversation of one account with one address.
    ChatId
);
id!(
    /// A device that reads encrypted messages.
    DeviceId
);
id!(
    /// A message; grows with the order in which messages were stored, not with their time.
    MessageId
);
