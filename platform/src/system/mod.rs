//! What differs from system to system, behind the same names on each. Chosen here and nowhere else.
//!
//! - `open(link)` shows a web page.
//! - `Board` shows notices; what is pressed on them becomes a wish.
//! - `Tray` is the icon that is there while the window is not.
//! - `autostart` lets Grend start with the computer.
//! - `pictures::choose(title)` lets the user choose a picture, in a window of the system's own.
//! - `find_terminal()` lets the command line say something where a program with windows has no terminal by itself.
//! - `power` says whether the computer saves power and whether the network costs by use, where the system does.
//! - `hints::start(core)` tells core when the network changed or the computer woke up.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub use linux::{Board, Tray, autostart, find_terminal, hints, open, pictures, power};
#[cfg(windows)]
pub use windows::{Board, Tray, autostart, find_terminal, hints, open, pictures, power};
