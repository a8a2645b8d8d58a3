//! Links that say which keys devices have. What is checked: `core/src/link.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grend_core::check_code(&String::from_utf8_lossy(data)));
