//! Measures a released Grend: what it costs, beside something else in the same run. `docs/bench.md` says what each row
//! means. Nothing here asserts a time: machines differ, and a person reads the table.
//!
//! `cargo run -p grend-tests --bin bench -- [--quick] [--server prosody|ejabberd] [--only size|omemo|sync|sealed|live|far|window|load|idle]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod far;
mod first_frame;
mod history;
mod idle;
mod live;
mod load;
mod omemo;
mod probe;
mod sealed;
mod sync;
mod table;
mod window;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use grend_tests::{Kind, headless};

use table::Table;

/// What to measure, and how thoroughly.
pub struct Plan {
    /// Less of everything, to see whether it works.
    pub quick: bool,
    kinds: Vec<Kind>,
    only: Option<String>,
}

impl Plan {
    /// How often something is measured whose median counts.
    fn rounds(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

fn main() {
    let plan = arguments();
    headless::use_program(released());
    let mut table = Table::start();
    if plan.wants("omemo") {
        omemo::measure(&plan, &mut table);
    }
    if plan.wants("size") {
        size(&mut table);
    }
    for kind in &plan.kinds {
        if plan.wants("sync") {
            sync::measure(&plan, *kind, &mut table);
        }
        if plan.wants("sealed") {
            sealed::measure(&plan, *kind, &mut table);
        }
        if plan.wants("live") {
            live::measure(&plan, *kind, &mut table);
        }
    }
    if plan.wants("far") {
        far::measure(&plan, &mut table);
    }
    // What a window costs does not depend on the server behind it.
    let kind = plan.kinds[0];
    if plan.wants("window") {
        first_frame::measure(&plan, &mut table);
        window::measure(&plan, kind, &mut table);
    }
    if plan.wants("load") {
        load::measure(&plan, kind, &mut table);
    }
    if plan.wants("idle") {
        idle::measure(&plan, kind, &mut table);
    }
}

fn arguments() -> Plan {
    let mut plan = Plan {
        quick: false,
        kinds: Kind::ALL.to_vec(),
        only: None,
    };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match (word.as_str(), words.by_ref()) {
            ("--quick", _) => plan.quick = true,
            ("--server", rest) => {
                plan.kinds = match rest.next().as_deref() {
                    Some("prosody") => vec![Kind::Prosody],
                    Some("ejabberd") => vec![Kind::Ejabberd],
                    _ => usage(),
                }
            }
            ("--only", rest) => plan.only = rest.next().or_else(|| usage()),
            _ => usage(),
        }
    }
    plan
}

fn usage() -> ! {
    println!(
        "usage: bench [--quick] [--server prosody|ejabberd] [--only size|omemo|sync|sealed|live|far|window|load|idle]"
    );
    std::process::exit(2);
}

/// The program as people get it: what `GREND` names, or the release build beside us. Never a debug build by accident.
fn released() -> PathBuf {
    let beside = || {
        let us = env::current_exe().expect("a program knows where it lies");
        let target = us
            .parent()
            .and_then(Path::parent)
            .expect("a program lies in a profile in the target folder");
        target.join("release").join("grend")
    };
    let program = env::var_os("GREND").map_or_else(beside, PathBuf::from);
    if !program.exists() {
        println!(
            "There is no {}. Build it first: cargo build --release -p grend",
            program.display()
        );
        std::process::exit(1);
    }
    program
}

fn size(table: &mut Table) {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let program = headless::program();
    let stripped = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let done = Command::new("strip")
        .arg("-o")
        .arg(stripped.path())
        .arg(&program)
        .status();
    let program = if done.is_ok_and(|status| status.success()) {
        stripped.path()
    } else {
        &program
    };
    table.row(
        "program, stripped",
        &megabytes(fs::metadata(program).expect("the program is there").len()),
        "",
        "9 MB",
    );
    let packed = Command::new("xz")
        .args(["-9", "--stdout"])
        .arg(program)
        .stderr(Stdio::null())
        .output();
    match packed {
        Ok(packed) if packed.status.success() => {
            table.row("program, xz -9", &megabytes(packed.stdout.len() as u64), "", "3.5 MB");
        }
        _ => table.row("program, xz -9", "no xz here", "", "3.5 MB"),
    }
}
