//! Plain values that core hands out: owned, without lifetimes, without behaviour beyond reading them.

mod account;
mod arrivals;
mod catch_up;
mod chat;
mod contact;
mod device;
mod health;
mod ids;
mod live;
mod message;
mod pins;
mod wake;

pub use account::{Account, Credentials, Override, Tls};
pub use arrivals::Arrivals;
pub use catch_up::CatchUp;
pub use chat::Chat;
pub use contact::Contact;
pub use device::{Compared, Device, Encryption, Readers, Trust};
pub use health::{Aside, Health, Reason};
pub use ids::{AccountId, ChatId, DeviceId, MessageId};
pub use jid::BareJid;
pub use live::{Connection, Live, Show};
pub use message::{Message, State, Timeline, Window};
pub(crate) use pins::Pins;
pub use wake::{PushState, Wake};
