//! Values of the model as columns, and back.

use jid::BareJid;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Result, Row};

use crate::model::{AccountId, ChatId, DeviceId, Encryption, MessageId, PushState, Reason, Show, State, Tls, Trust};

macro_rules! id {
    ($($name:ident),+) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                i64::column_result(value).map($name)
            }
        }
    )+};
}

id!(AccountId, ChatId, DeviceId, MessageId);

macro_rules! word {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl ToSql for $name {
            fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
                Ok(match self { $(Self::$variant => $word),+ }.into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    };
}

word!(State {
    Queued = "queued",
    Sent = "sent",
    Delivered = "delivered",
    Displayed = "displayed",
    Failed = "failed",
    Received = "received",
});
word!(Reason {
    Unreadable = "unreadable",
    Deep = "deep",
    Large = "large",
    Attributes = "attributes",
    Unstorable = "unstorable",
});
word!(Show {
    Available = "available",
    Away = "away",
    Busy = "busy",
});
word!(Encryption {
    None = "none",
    Omemo = "omemo",
    Omemo2 = "omemo2",
});
word!(Trust {
    Undecided = "undecided",
    Refused = "refused",
    Blind = "blind",
    Verified = "verified",
});
word!(PushState {
    Wanted = "wanted",
    On = "on",
    Refused = "refused",
    Leaving = "leaving",
});
word!(Tls { Direct = "direct", Starttls = "starttls" });

/// Reads a bare address. The store only holds valid ones, but a file can be edited.
pub(super) fn address(row: &Row<'_>, column: usize) -> Result<BareJid> {
    let text: String = row.get(column)?;
    BareJid::new(&text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
