//! The log: one file in the data folder, and the one before it.
//!
//! Our own crates log at the level that was asked for; others only what goes wrong, for they do not know which words
//! are private.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A file is not longer than this.
const LONGEST: u64 = 1024 * 1024;

/// Begins to log.
pub fn start(folder: &Path, level: Level) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let log = Rotating::open(folder.join("grend.log"))?;
    let ours = ["grend", "grend_core", "grend_app"];
    let filter = Targets::new()
        .with_targets(ours.map(|ours| (ours, level)))
        .with_default(Level::WARN);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Mutex::new(log));
    tracing_subscriber::registry().with(lines).with(filter).init();
    Ok(())
}

struct Rotating {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Rotating {
    fn open(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length })
    }
}

impl Write for Rotating {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.length > LONGEST {
            std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
            *self = Self::open(std::mem::take(&mut self.path))?;
        }
        let written = self.file.write(line)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
