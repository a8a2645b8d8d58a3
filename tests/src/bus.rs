//! A private D-Bus: nobody is on it but who is put there.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::Process;

/// A running bus. It ends when it is dropped.
pub struct Bus {
    address: String,
    _process: Process,
}

impl Bus {
    /// Starts one.
    pub fn start() -> Self {
        let mut command = Command::new("setpriv");
        command.args([
            "--pdeathsig",
            "KILL",
            "dbus-daemon",
            "--session",
            "--nofork",
            "--print-address=1",
        ]);
        let mut process = Process::start("dbus-daemon", &mut command, "install the Debian package dbus-daemon");
        let address = process
            .line(Instant::now() + Duration::from_secs(10))
            .expect("a bus tells its address");
        Self {
            address,
            _process: process,
        }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }
}
