//! What a device that was away catches up with, encrypted, beside the same in the clear.

use grend_tests::{Headless, Kind, Options, Server, User};
use serde_json::json;
use tempfile::{TempDir, tempdir};

use crate::Plan;
use crate::probe::median;
use crate::sync::{Sync, returning_device};
use crate::table::Table;

/// Rows of one server.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let count = if plan.quick { 500 } else { 5_000 };
    let server = Server::start(kind, Options::default());
    let (mut clear, mut sealed) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds().min(3) {
        clear.push(away(&server, &format!("clear{round}"), count, false));
        sealed.push(away(&server, &format!("sealed{round}"), count, true));
    }
    let of = |syncs: &[Sync], value: fn(&Sync) -> f64| median(&syncs.iter().map(value).collect::<Vec<_>>());
    let rate = |syncs: &[Sync]| of(syncs, |sync| sync.messages / sync.seconds);
    let cpu = |syncs: &[Sync]| of(syncs, |sync| sync.cpu);
    let name = format!("{kind:?}, {count} encrypted messages, returning device");
    let beside = format!("in the clear: {:.0} messages/s", rate(&clear));
    table.row(&name, &format!("{:.0} messages/s", rate(&sealed)), &beside, "");
    let beside = format!("in the clear: {:.0} µs/message", cpu(&clear));
    table.row(
        &format!("{name}, CPU"),
        &format!("{:.0} µs/message", cpu(&sealed)),
        &beside,
        "",
    );
}

/// Two who know each other; one goes away, the other one writes, and the first one comes back.
fn away(server: &Server, name: &str, count: u32, encrypted: bool) -> Sync {
    let [anna, ola] = ["anna", "ola"].map(|who| server.add_user(&format!("{who}-{name}"), "secret"));
    let [hers, his] = [tempdir().unwrap(), tempdir().unwrap()];
    let (mut him, account) = begin(server, &ola, &his);
    let (mut her, own) = begin(server, &anna, &hers);
    finds(&mut him, account, &anna);
    let chat = her.open(own, &ola.address);
    finds(&mut her, own, &ola);
    let back = him.open(account, &anna.address);
    for (grend, chat) in [(&mut her, chat), (&mut him, back)] {
        grend.must(json!({"do": "encrypt", "chat": chat, "on": encrypted}));
    }
    her.send(chat, "er du der?");
    him.expect_message("er du der?");
    him.send(back, "ikke nå");
    her.expect_message("ikke nå");
    him.quit();
    for number in 1..=count {
        let message = her.send(
            chat,
            &format!("Kan du kjøpe melk, brød og noe til middag på vei hjem? ({number})"),
        );
        // Not more than goes at once.
        if number % 200 == 0 || number == count {
            her.expect_state(message, "sent");
        }
    }
    her.quit();
    let sync = returning_device(his.path(), account, 2);
    assert!((sync.messages - f64::from(count)).abs() < 0.5, "{} came", sync.messages);
    sync
}

/// A device that others can find.
fn begin(server: &Server, user: &User, folder: &TempDir) -> (Headless, i64) {
    let (mut grend, account) = Headless::online(folder.path(), server, user);
    finds(&mut grend, account, user);
    (grend, account)
}

/// Waits until somebody's device is on a list.
fn finds(grend: &mut Headless, account: i64, whose: &User) {
    let request = json!({"do": "devices", "account": account, "address": whose.address});
    loop {
        let devices = grend.must(request.clone())["devices"].take();
        let mut devices = devices.as_array().expect("a list of devices").iter();
        if devices.any(|device| device["listed"] == true) {
            return;
        }
        grend.expect("devices");
    }
}
