//! Encrypted texts. What is checked: `core/omemo/src/fuzz.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grend_omemo::fuzz::payload(data));
