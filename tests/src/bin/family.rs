//! Tries Grend out: a private server with a small family, two windows signed in as two of them, and what one needs to
//! sign in by hand. Everything is gone when both have quit, or at Ctrl-C.
//!
//! `cargo run -p grend-tests --bin family -- [--server prosody|ejabberd] [--no-windows]`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use grend_tests::family::{Family, PASSWORD};
use grend_tests::{Headless, Kind, Process, User, headless};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Whose windows open.
const SHOWN: [&str; 2] = ["anna", "bjorn"];

fn main() {
    let (kind, with_windows) = arguments();
    if with_windows {
        headless::program(); // says at once if it has not been built
    }
    let ended = signals();
    let started = Instant::now();
    let family = Family::start(kind);
    // In the server's folder, which the server itself deletes should we be killed.
    let folder = family.server.folder().join("people");
    let mut windows = Vec::new();
    if with_windows {
        for name in SHOWN {
            windows.push(window(&family, family.person(name), &folder.join(name)));
        }
    }
    println!("Ready after {:.1} s.\n", started.elapsed().as_secs_f32());
    describe(&family);
    wait(&ended, &mut windows);
    println!("Closing the windows and the server, and deleting their folders.");
}

fn arguments() -> (Kind, bool) {
    let (mut kind, mut with_windows) = (Kind::Prosody, true);
    let words: Vec<String> = env::args().skip(1).collect();
    let mut rest: Vec<&str> = words.iter().map(String::as_str).collect();
    loop {
        rest = match rest.as_slice() {
            [] => return (kind, with_windows),
            ["--server", server @ ("prosody" | "ejabberd"), rest @ ..] => {
                kind = if *server == "prosody" {
                    Kind::Prosody
                } else {
                    Kind::Ejabberd
                };
                rest.to_vec()
            }
            ["--no-windows", rest @ ..] => {
                with_windows = false;
                rest.to_vec()
            }
            _ => {
                println!("usage: family [--server prosody|ejabberd] [--no-windows]");
                std::process::exit(2);
            }
        }
    }
}

/// Comes at Ctrl-C and its like, so that we end in order: a default end would leave windows and folders behind.
fn signals() -> Receiver<()> {
    let (sender, receiver) = channel();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).expect("signals can be caught");
    std::thread::spawn(move || {
        for _ in signals.forever() {
            // Nobody listens: we are leaving already.
            let _ = sender.send(());
        }
    });
    receiver
}

/// Signs somebody in without a face first, so that the window opens on what everybody wrote.
fn window(family: &Family, person: &User, data: &Path) -> Process {
    println!("Signing in {} ...", person.address);
    let (mut grend, _) = Headless::online(data, &family.server, person);
    grend.quit();
    let mut command = Command::new(headless::program());
    command.arg("--data").arg(data);
    Process::start("a window of grend", &mut command, "run `cargo build -p grend` first")
}

fn describe(family: &Family) {
    let server = &family.server;
    println!(
        "A family of four is on a private {:?} server on this machine.",
        server.kind()
    );
    println!("To sign in as one of them by hand:\n");
    for person in &family.people {
        println!("  Address   {}", person.address);
    }
    println!("  Password  {PASSWORD}\n\nand under \"Advanced\":\n");
    println!("  Host  127.0.0.1");
    println!(
        "  Port  {} (STARTTLS) or {} (direct TLS)",
        server.port(),
        server.tls_port()
    );
    println!("  Certificate file  {}\n", server.ca().display());
    println!("Ctrl-C ends everything; so does Ctrl+Q in both windows.");
}

/// Until a signal comes, or the last program has quit.
fn wait(ended: &Receiver<()>, windows: &mut [Process]) {
    let shown = !windows.is_empty();
    loop {
        match ended.recv_timeout(Duration::from_millis(300)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        let open = windows
            .iter_mut()
            .filter_map(|window| window.is_running().then_some(()))
            .count();
        if shown && open == 0 {
            // Whatever they said on their way out is the reason if it was too early.
            for window in windows.iter() {
                print!("{}", window.said());
            }
            return;
        }
    }
}
