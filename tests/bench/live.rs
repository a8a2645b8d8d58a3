//! What happens while one is online: how soon one is, how soon a message is acknowledged, and what a flood does.

use std::time::{Duration, Instant};

use grend_tests::{Headless, Kind, Options, Peer, Server, User};
use serde_json::json;
use tempfile::tempdir;

use crate::Plan;
use crate::probe::{Probe, median, ms, quantile};
use crate::table::Table;

const PATIENCE: Duration = Duration::from_secs(180);

/// Rows of one server.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let server = Server::start(kind, Options::default());
    let [anna, ola] = ["anna", "ola"].map(|name| server.add_user(name, "secret"));
    let folder = tempdir().unwrap();
    let (mut grend, account) = Headless::online(folder.path(), &server, &anna);
    grend.quit();
    let mut starts = Vec::new();
    for _ in 0..plan.rounds() {
        let started = Instant::now();
        let mut grend = Headless::start(folder.path());
        grend.must(json!({"do": "wait_online", "account": account}));
        starts.push(ms(started.elapsed()));
        grend.quit();
    }
    table.row(
        &format!("{kind:?}: start to online"),
        &format!("{:.0} ms", median(&starts)),
        "",
        "200 ms",
    );
    receipts(plan, &server, [&anna, &ola], table);
    flood(plan, &server, [&anna, &ola], table);
}

fn receipts(plan: &Plan, server: &Server, [anna, ola]: [&User; 2], table: &mut Table) {
    let count = if plan.quick { 50 } else { 500 };
    let folder = tempdir().unwrap();
    let (mut grend, _) = Headless::online(folder.path(), server, anna);
    let mut peer = Peer::online(server, ola, "phone");
    let mut ask = |request: &str| {
        let id = peer.ask(json!({"do": request, "to": anna.address, "count": count}));
        let times = peer.answer(id, PATIENCE).expect("the peer can measure")["ms"].take();
        let times: Vec<f64> = times
            .as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_f64)
            .collect();
        format!("{:.1} ms, p99 {:.1} ms", median(&times), quantile(&times, 0.99))
    };
    let pings = ask("pings");
    let receipts = ask("receipts");
    let what = format!("{:?}: message to receipt, median of {count}", server.kind());
    table.row(
        &what,
        &receipts,
        &format!("a ping to the server: {pings}"),
        "5 ms, p99 15 ms",
    );
    grend.quit();
}

fn flood(plan: &Plan, server: &Server, [anna, ola]: [&User; 2], table: &mut Table) {
    let count = if plan.quick { 500 } else { 5_000 };
    let last = |name: &str| format!("{name} {}", count - 1);
    let flood = |name: &str| json!({"do": "flood", "to": anna.address, "body": name, "count": count});
    let folder = tempdir().unwrap();
    let mut peer = Peer::online(server, ola, "phone");

    // First without Grend: how long the same flood takes to a client that only prints it.
    let mut other = Peer::online(server, anna, "pc");
    let started = Instant::now();
    peer.must(flood("rehearsal"));
    let rehearsed = last("rehearsal");
    other.expect_event(PATIENCE, |event| {
        event["event"] == "message" && event["body"] == rehearsed.as_str()
    });
    let beside = started.elapsed().as_secs_f64();
    drop(other);

    let (mut grend, _) = Headless::online(folder.path(), server, anna);
    let (probe, host) = (
        Probe(grend.process().pid()),
        Probe(server.pid().expect("the server runs")),
    );
    let (before, cpu, host_cpu, started) = (probe.memory(), probe.cpu(), host.cpu(), Instant::now());
    // Its answer passes by among the receipts.
    peer.ask(flood("flood"));
    let last = last("flood");
    let arrived = grend.expect_event(PATIENCE, |event| {
        event["event"] == "message" && event["message"]["body"] == last.as_str()
    });
    let stored = started.elapsed().as_secs_f64();
    let id = arrived["message"]["wire_id"].clone();
    peer.expect_event(PATIENCE, |event| event["event"] == "receipt" && event["of"] == id);
    let receipted = started.elapsed().as_secs_f64();
    let cpu = (probe.cpu() - cpu) * 1e3 / f64::from(count);
    let host_cpu = (host.cpu() - host_cpu) / 1e3;
    let after = probe.memory();
    let what = format!("{:?}: {count} messages at once", server.kind());
    let measured = format!("stored {stored:.1} s, receipts {receipted:.1} s");
    table.row(&what, &measured, &format!("slixmpp, no receipts: {beside:.1} s"), "5 s");
    let host = format!("the server: {host_cpu:.1} s in all");
    table.row(&format!("{what}, CPU"), &format!("{cpu:.0} µs/message"), &host, "");
    table.row(
        &format!("{what}, memory"),
        &format!("{before:.1} MB, then {after:.1} MB"),
        "",
        "back afterwards",
    );
    grend.quit();
}
