//! Grend on a phone: the shell that hosts its screens, and what ties it to Android.

mod java;
#[path = "../../src/logging.rs"]
mod logging;
pub mod shell;
