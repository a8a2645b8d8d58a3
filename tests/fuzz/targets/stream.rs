//! The reader of XML streams. What is checked: `core/src/session/fuzz.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grend_core::fuzz::stream(data));
