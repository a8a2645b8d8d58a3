//! Lines for `grend headless`. The code itself is taken, because the program is no library.

#![no_main]
#![allow(dead_code, reason = "standard input is not fuzzed")]

use std::cell::OnceCell;

use grend_core::Core;
use tokio::runtime::{Builder, Runtime};

#[path = "../../../platform/src/headless/mod.rs"]
mod headless;

thread_local! {
    static CORE: OnceCell<(Runtime, Core)> = const { OnceCell::new() };
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| CORE.with(|core| {
    let (runtime, core) = core.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("grend-fuzz-{}", std::process::id()));
        grend_core::fuzz::folder(&folder);
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        (runtime, headless::fuzz::core(&folder))
    });
    runtime.block_on(headless::fuzz::lines(core, data));
}));
