//! More than a family has: a window while thousands of messages come in, a list of a thousand chats, a conversation of a
//! million messages.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use grend_tests::picture::Area;
use grend_tests::screen::Wheel;
use grend_tests::{Archived, Headless, Kind, Options, Peer, Screen, Server, Window};
use serde_json::json;
use tempfile::tempdir;

use crate::Plan;
use crate::first_frame::{frame, grend};
use crate::probe::{Probe, median, ms, quantile};
use crate::table::Table;
use crate::window::{COMPOSER, SIZE, one};

/// Where the list of chats stands.
const LIST: Area = Area {
    x: 10,
    y: 80,
    width: 300,
    height: 500,
};

/// Rows for all of it.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let server = Server::start(kind, Options::default());
    let screen = Screen::start();
    flood(plan, &server, &screen, table);
    chats(plan, &server, &screen, table);
    million(plan, &server, &screen, table);
}

/// How soon a letter is seen while messages come as fast as the server passes them on.
fn flood(plan: &Plan, server: &Server, screen: &Screen, table: &mut Table) {
    let count: u32 = if plan.quick { 500 } else { 5_000 };
    let [anna, ola] = ["anna", "ola"].map(|name| server.add_user(name, "secret"));
    let folder = tempdir().unwrap();
    let (mut headless, account) = Headless::online(folder.path(), server, &anna);
    headless.open(account, &ola.address);
    headless.quit();
    let mut peer = Peer::online(server, &ola, "phone");
    let mut window = Window::open(screen, folder.path(), SIZE, None);
    let probe = Probe(window.process().pid());
    window.settled();
    window.press(&["ctrl+k"]);
    window.write("ola");
    window.press(&["Return"]);
    let before = probe.memory();
    let (started, flooding) = (
        Instant::now(),
        peer.ask(json!({"do": "flood", "to": anna.address, "body": "flood", "count": count})),
    );
    let mut letters = Vec::new();
    // As long as the other side writes, and then until its last message is confirmed.
    while letters.len() < 20 || started.elapsed() < Duration::from_secs(1) * (count / 1_000) {
        let field = window.part(Some(COMPOSER));
        let pressed = Instant::now();
        window.screen().press("e");
        letters.push(ms(window.time_until(pressed, COMPOSER, |now| now.is_unlike(&field))));
    }
    peer.answer(flooding, Duration::from_secs(180))
        .expect("the peer can flood");
    peer.must(json!({"do": "ping"}));
    window.settled();
    let name = format!("window, {count} messages come in");
    let measured = format!("{:.0} ms, p99 {:.0} ms", median(&letters), quantile(&letters, 0.99));
    table.row(
        &format!("{name}: a letter is seen after"),
        &measured,
        &format!("{} letters", letters.len()),
        "",
    );
    let memory = format!("{before:.1} MB, then {:.1} MB", probe.memory());
    table.row(&format!("{name}: memory"), &memory, "", "back afterwards");
    window.close();
}

fn chats(plan: &Plan, server: &Server, screen: &Screen, table: &mut Table) {
    let user = server.add_user("popular", "secret");
    let messages: Vec<_> = (0..1_000)
        .map(|n| Archived {
            from: format!("person{n}"),
            to: user.name.clone(),
            room: false,
            body: format!("hello from {n}"),
            at: 1_700_000_000_000 + n * 1_000,
            id: format!("hello-{n}"),
        })
        .collect();
    server.import(&messages);
    let folder = tempdir().unwrap();
    Headless::online(folder.path(), server, &user).0.quit();
    let frames: Vec<_> = (0..plan.rounds())
        .map(|_| frame(screen, &mut grend(folder.path())))
        .collect();
    table.row(
        "1000 chats: start to first frame",
        &format!("{:.0} ms", median(&frames)),
        "",
        "",
    );
    let mut window = Window::open(screen, folder.path(), SIZE, None);
    let probe = Probe(window.process().pid());
    window.screen().point(LIST.x + 150, LIST.y + 200);
    let mut seen = window.settled();
    let (cpu, notches) = (probe.cpu(), if plan.quick { 20 } else { 100 });
    for _ in 0..notches {
        window.screen().wheel(Wheel::Down);
        seen = window.wait(|now| now.differs_within(&seen, LIST));
    }
    let each = (probe.cpu() - cpu) / f64::from(notches);
    table.row(
        "1000 chats: CPU of a notch of the wheel",
        &format!("{each:.1} ms"),
        &format!("{notches} notches"),
        "8 ms",
    );
    table.row("1000 chats: memory", &format!("{:.1} MB", probe.memory()), "", "");
    window.close();
}

/// The rows go straight into the database: no server has to tell a million messages.
fn million(plan: &Plan, server: &Server, screen: &Screen, table: &mut Table) {
    let count = if plan.quick { 100_000 } else { 1_000_000 };
    let [user, ola] = [format!("anna{count}"), format!("ola{count}")].map(|name| server.add_user(&name, "secret"));
    let folder = tempdir().unwrap();
    let (mut headless, account) = Headless::online(folder.path(), server, &user);
    headless.open(account, &ola.address);
    headless.quit();
    fill(folder.path(), count);
    one(plan, (screen, folder.path()), count, table);
}

fn fill(data: &Path, count: i64) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/fill.py");
    let mut command = Command::new("/usr/bin/python3");
    let status = command
        .arg(script)
        .arg(data.join("grend.db"))
        .arg(count.to_string())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the database cannot be filled"
    );
}
