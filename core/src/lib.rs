//! Grend without a face: accounts, sessions, protocol and store.
//!
//! Three sentences carry it: the store is the truth; one transaction per event; order is code.
//! ARCHITECTURE.md tells the rest.

mod archive;
mod change;
mod clock;
mod core;
pub mod doctor;
mod error;
mod http;
mod inbox;
mod incoming;
mod link;
mod live;
pub mod model;
mod outbox;
mod protocol;
mod queries;
mod random;
mod session;
mod store;
#[cfg(any(test, fuzzing))]
mod testing;
mod vault;
mod wake;

pub use crate::change::{Change, Changes};
pub use crate::core::{Config, Core};
pub use crate::error::{Cause, Certificate, Invalid, Network, Refused, Storage};
#[cfg(fuzzing)]
pub use crate::link::check as check_code;
pub use crate::link::{DeviceLink, NoLink};
pub use crate::live::LiveReader;
#[cfg(fuzzing)]
pub use crate::session::fuzz;
pub use crate::vault::{Nowhere, Secret, Vault};
