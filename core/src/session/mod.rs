//! One account's connection to its server.

mod assembly;
mod end;
pub(crate) mod stream;
