//! Grend without a face: accounts, sessions, protocol and store.
//!
//! Three sentences carry it: the store is the truth; one transaction per event; order is code.
//! ARCHITECTURE.md tells the rest.

mod core;
mod error;
mod live;
pub mod model;
#[allow(dead_code, reason = "the session that uses it comes in another commit")]
mod session;
mod vault;

pub use crate::core::{Change, Changes, Config, Core};
pub use crate::error::{Cause, Certificate, Network};
pub use crate::live::LiveReader;
pub use crate::vault::Vault;
