//! The server's side of SCRAM. What is checked: `core/src/session/fuzz.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grend_core::fuzz::challenge(data));
