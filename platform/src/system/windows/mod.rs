//! Windows.

pub mod autostart;
pub mod hints;
mod notices;
pub mod pictures;
pub mod power;
mod tray;

use std::io;
use std::process::{Child, Command};

pub use notices::Board;
pub use tray::Tray;
use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};

/// Shows a web page in the user's browser.
pub fn open(link: &str) -> io::Result<Child> {
    Command::new("explorer").arg(link).spawn()
}

/// A program with windows has no terminal by itself: what it says goes where it was started from, if that is one.
#[allow(unsafe_code)]
pub fn find_terminal() {
    // SAFETY: takes a number and touches nothing of ours. Without a terminal, or with pipes, it fails and all stays as it was.
    unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
}
