//! Linux: what desktops share is on D-Bus, and everything may be missing. Then Grend does without.

pub mod autostart;
pub mod hints;
mod notices;
pub mod pictures;
pub mod power;
mod tray;

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub use notices::Board;
pub use tray::Tray;

/// In Flatpak: no names of our own on the bus, and no folder where desktops look for programs to start.
fn is_sandboxed() -> bool {
    Path::new("/.flatpak-info").exists()
}

/// Shows a web page in the user's browser. In a sandbox `xdg-open` asks the portal.
pub fn open(link: &str) -> io::Result<Child> {
    Command::new("xdg-open")
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Every program has the terminal it was started from.
pub fn find_terminal() {}
