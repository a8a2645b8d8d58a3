//! What the fuzzer of headless lines calls, and the replay of its corpus. Compiled for fuzzers and tests only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a fuzzer and a test fail by panicking"
)]

use std::path::Path;
use std::sync::Arc;

use grend_core::{Config, Core, Nowhere};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::requests;

/// Core on a folder, without passwords: then no account goes online.
pub fn core(folder: &Path) -> Core {
    Core::open(Config {
        folder: folder.to_owned(),
        vault: Arc::new(Nowhere),
        dns: None,
    })
    .expect("a folder of our own")
}

/// Serves lines that anybody may have written. What would go out to the network is left out.
///
/// Each answer is an object with what was asked for or with an error that has a kind and a text; and what is answered at
/// once is answered once.
pub async fn lines(core: &Core, data: &[u8]) {
    let (lines, mut answers) = mpsc::unbounded_channel::<Value>();
    let mut slow = JoinSet::new();
    for line in String::from_utf8_lossy(data).lines() {
        if requests::goes_out(line) {
            continue;
        }
        let goes_on = requests::take(core, line, &lines, &mut slow).await;
        while let Ok(answer) = answers.try_recv() {
            let error = &answer["error"];
            assert!(
                answer["ok"].is_object() != (error["kind"].is_string() && error["text"].is_string()),
                "{answer}"
            );
        }
        if !goes_on {
            break;
        }
    }
    // Some wait for a connection that never comes.
    slow.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_corpus_of_headless_lines() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/headless");
        let files: Vec<_> = fs::read_dir(corpus).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty());
        let folder = std::env::temp_dir().join(format!("grend-headless-{}", std::process::id()));
        let core = core(&folder);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        for file in files {
            // Shown when it fails.
            println!("{}", file.display());
            runtime.block_on(lines(&core, &fs::read(file).unwrap()));
        }
        runtime.block_on(core.stop());
        fs::remove_dir_all(folder).unwrap();
    }
}
