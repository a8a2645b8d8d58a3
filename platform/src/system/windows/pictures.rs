//! The system's own window for choosing a picture.

use std::io;
use std::path::PathBuf;

/// Lets the user choose one; `None` if they would not. Waits for them.
#[allow(clippy::unnecessary_wraps)] // A desktop may have no such window; Windows has.
pub fn choose(title: &str) -> io::Result<Option<PathBuf>> {
    let window = rfd::FileDialog::new()
        .set_title(title)
        .add_filter("PNG, JPEG", &["png", "jpg", "jpeg"]);
    Ok(window.pick_file())
}
