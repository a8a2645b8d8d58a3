//! Links and emoji in the text of a message. The code itself is taken, because the rest of the app needs a screen.

#![no_main]

#[path = "../../../app/src/text/pieces.rs"]
mod pieces;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pieces::check(&String::from_utf8_lossy(data)));
