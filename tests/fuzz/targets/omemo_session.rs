//! Sessions as they are kept. What is checked: `core/omemo/src/fuzz.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grend_omemo::fuzz::session(data));
