//! How long until a window shows something: Grend's beside the smallest one of GTK3, on the same screen.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use grend_tests::picture::Area;
use grend_tests::{Picture, Screen, Window, headless};
use tempfile::tempdir;

use crate::Plan;
use crate::probe::{median, ms};
use crate::table::Table;

/// Across the middle: every window here has something to show there.
const MIDDLE: Area = Area {
    x: 0,
    y: 320,
    width: 1000,
    height: 60,
};

/// One row: the first start, which shows the welcome.
pub fn measure(plan: &Plan, table: &mut Table) {
    let (screen, folder) = (Screen::start(), tempdir().unwrap());
    let hello = hello(folder.path());
    let data = folder.path().join("data");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // One more of each, which does not count: the files are then in memory for both.
    for round in 0..=plan.rounds() {
        let times = (
            frame(&screen, &mut grend(&data)),
            hello.as_deref().map(|it| frame(&screen, &mut Command::new(it))),
        );
        if round > 0 {
            ours.push(times.0);
            theirs.extend(times.1);
        }
    }
    let beside = if theirs.is_empty() {
        "no GTK3: install Debian's libgtk-3-dev".to_owned()
    } else {
        format!("a GTK3 hello window: {:.0} ms", median(&theirs))
    };
    let measured = format!("{:.0} ms", median(&ours));
    table.row("start to first frame, first start", &measured, &beside, "GTK3's");
}

/// The program with a window on a folder.
pub fn grend(data: &Path) -> Command {
    let mut command = Command::new(headless::program());
    command.arg("--data").arg(data);
    command
}

/// Milliseconds from the start of a program to the first picture in its window.
pub fn frame(screen: &Screen, command: &mut Command) -> f64 {
    let started = Instant::now();
    let window = Window::run(screen, command, None);
    ms(window.time_until(started, MIDDLE, Picture::is_drawn))
}

/// Compiles GTK3's window; nothing if there is no GTK3.
fn hello(folder: &Path) -> Option<PathBuf> {
    let flags = Command::new("pkg-config")
        .args(["--cflags", "--libs", "gtk+-3.0"])
        .output()
        .ok()?;
    let flags = flags
        .status
        .success()
        .then(|| String::from_utf8_lossy(&flags.stdout).into_owned())?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/hello_gtk3.c");
    let program = folder.join("hello");
    let mut command = Command::new("cc");
    command
        .args(["-O2", "-o"])
        .arg(&program)
        .arg(source)
        .args(flags.split_ascii_whitespace());
    command.status().ok()?.success().then_some(program)
}
