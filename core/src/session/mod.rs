//! One account's connection to its server.

mod assembly;
pub(crate) mod connector;
mod dns;
mod end;
pub(crate) mod login;
mod scram;
pub(crate) mod stream;
mod tls;
