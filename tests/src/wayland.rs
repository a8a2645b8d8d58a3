//! A Wayland compositor of our own: Weston, which shows what it composes as one window on a [`Screen`]. So it has a keyboard
//! and a mouse, which Weston without any screen has not.

use std::process::Command;

use tempfile::TempDir;

use crate::process::Process;
use crate::screen::Screen;
use crate::window::Window;

/// A running Weston that makes each window as large as itself.
pub struct Weston<'a> {
    /// What it shows, and a hand on its keyboard and mouse.
    pub window: Window<'a>,
    screen: &'a Screen,
    /// Where its socket lies.
    folder: TempDir,
}

impl<'a> Weston<'a> {
    /// Starts one of `size` pixels.
    pub fn start(screen: &'a Screen, size: (u32, u32)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "weston", "--no-config", "--use-pixman"]);
        command.args([
            "--backend=x11-backend.so",
            "--shell=kiosk-shell.so",
            "--socket=wayland-test",
        ]);
        command.args([format!("--width={}", size.0), format!("--height={}", size.1)]);
        command.env("XDG_RUNTIME_DIR", folder.path());
        let window = Window::run(screen, &mut command, None);
        Self { window, screen, folder }
    }

    /// Starts a program in it, which finds no other screen.
    pub fn run(&self, command: &mut Command) -> Process {
        self.screen.show_here(command, None);
        command
            .env_remove("DISPLAY")
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("WAYLAND_DISPLAY", "wayland-test");
        Process::start("grend", command, "run `cargo build -p grend` first")
    }
}
