//! How fast an archive comes in, on a new device and on one that was away, beside a reader that throws pages away.

use std::fs;
use std::path::Path;
use std::time::Instant;

use grend_tests::headless::sign_in;
use grend_tests::{Headless, Kind, Options, Server, User, peer};
use serde_json::json;
use tempfile::tempdir;

use crate::Plan;
use crate::history::import;
use crate::probe::{Probe, median};
use crate::table::Table;

/// What one sync took.
pub struct Sync {
    pub messages: f64,
    pub seconds: f64,
    /// Microseconds of processor time a message.
    pub cpu: f64,
    /// MB afterwards.
    memory: f64,
}

/// Rows of one server.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let count = if plan.quick { 2_000 } else { 20_000 };
    let server = Server::start(kind, Options::default());
    let [anna, ola, kari] = ["anna", "ola", "kari"].map(|name| server.add_user(name, "secret"));

    // Kari was here when there was little; each round has its own copy of her folder.
    import(&server, (&kari, &ola), 0, 100);
    let small = tempdir().unwrap();
    let (mut grend, account) = Headless::online(small.path(), &server, &kari);
    grend.quit();
    import(&server, (&kari, &ola), 100, count);
    import(&server, (&anna, &ola), 0, count);

    let (mut new, mut returning, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds().min(3) {
        raw.push(raw_rate(&server, &anna));
        new.push(new_device(&server, &anna));
        returning.push(returning_device(small.path(), account, 100));
        raw.push(raw_rate(&server, &anna));
    }
    let spread = raw.iter().copied().fold(0.0, f64::max) / raw.iter().copied().fold(f64::MAX, f64::min);
    let raw = median(&raw);
    let name = format!("{kind:?}, {count} messages");
    table.row(
        &format!("{name}: raw page reader"),
        &format!("{raw:.0} messages/s"),
        &format!("itself: {spread:.2}"),
        "",
    );
    for (what, syncs) in [("new device", new), ("returning device", returning)] {
        let of = |value: fn(&Sync) -> f64| median(&syncs.iter().map(value).collect::<Vec<_>>());
        let rate = of(|sync| sync.messages / sync.seconds);
        let beside = format!("raw reader: {:.2} times as long", raw / rate);
        table.row(
            &format!("{name}: {what}"),
            &format!("{rate:.0} messages/s"),
            &beside,
            "1.2 times as long",
        );
        table.row(
            &format!("{name}: {what}, CPU"),
            &format!("{:.0} µs/message", of(|sync| sync.cpu)),
            "",
            "60 µs/message",
        );
        table.row(
            &format!("{name}: {what}, memory after"),
            &format!("{:.1} MB", of(|sync| sync.memory)),
            "",
            "",
        );
    }
}

fn raw_rate(server: &Server, user: &User) -> f64 {
    let read = peer::read_pages(server, user, 250, true);
    read["messages"].as_f64().unwrap() / read["seconds"].as_f64().unwrap()
}

/// From the request to sign in to the last page.
fn new_device(server: &Server, user: &User) -> Sync {
    let folder = tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    grend.must(json!({"do": "accounts"}));
    let probe = Probe(grend.process().pid());
    let (cpu, started) = (probe.cpu(), Instant::now());
    let account = grend.must(sign_in(server, user))["account"].clone();
    let messages =
        grend.must(json!({"do": "wait_caught_up", "account": account, "timeout_ms": 300_000}))["stored"].clone();
    let seconds = started.elapsed().as_secs_f64();
    let sync = told(probe, messages.as_f64().unwrap(), seconds, probe.cpu() - cpu);
    grend.quit();
    sync
}

/// From the start of the program to the last page, without those it had.
pub fn returning_device(before: &Path, account: i64, had: u32) -> Sync {
    let folder = tempdir().unwrap();
    for file in fs::read_dir(before).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    let started = Instant::now();
    let mut grend = Headless::start(folder.path());
    let probe = Probe(grend.process().pid());
    let stored =
        grend.must(json!({"do": "wait_caught_up", "account": account, "timeout_ms": 300_000}))["stored"].clone();
    let seconds = started.elapsed().as_secs_f64();
    let sync = told(probe, stored.as_f64().unwrap() - f64::from(had), seconds, probe.cpu());
    grend.quit();
    sync
}

fn told(probe: Probe, messages: f64, seconds: f64, cpu_ms: f64) -> Sync {
    Sync {
        messages,
        seconds,
        cpu: cpu_ms * 1e3 / messages,
        memory: probe.memory(),
    }
}
