//! What a window costs with a short and with a long history: memory, processor time of a turn of the wheel, and how soon
//! what was written is seen.

use std::path::Path;
use std::time::Instant;

use grend_tests::picture::Area;
use grend_tests::screen::Wheel;
use grend_tests::{Headless, Kind, Options, Screen, Server, Window};
use serde_json::json;
use tempfile::tempdir;

use crate::Plan;
use crate::first_frame::{frame, grend};
use crate::history::import;
use crate::probe::{Probe, median, ms};
use crate::table::Table;

/// More than the client fetches in one go would be jumped over, so a long history comes in steps.
const STEP: i64 = 20_000;
pub const SIZE: (u32, u32) = (1000, 700);
/// Where messages stand at that size, the newest of them, and where one is written.
const MESSAGES: Area = Area {
    x: 350,
    y: 70,
    width: 640,
    height: 560,
};
const NEWEST: Area = Area {
    x: 600,
    y: 560,
    width: 390,
    height: 70,
};
pub const COMPOSER: Area = Area {
    x: 350,
    y: 650,
    width: 530,
    height: 40,
};

/// Rows for both histories.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let counts = if plan.quick { [1_000, 5_000] } else { [1_000, 100_000] };
    let server = Server::start(kind, Options::default());
    let screen = Screen::start();
    for count in counts {
        let [user, ola] = [format!("anna{count}"), format!("ola{count}")].map(|name| server.add_user(&name, "secret"));
        let folder = tempdir().unwrap();
        for from in (0..count).step_by(STEP as usize) {
            import(&server, (&user, &ola), from, count.min(from + STEP));
            let (mut grend, account) = Headless::online(folder.path(), &server, &user);
            let stored = grend.must(json!({"do": "wait_caught_up", "account": account}))["stored"].clone();
            assert_eq!(stored, count.min(from + STEP), "the history came in whole");
            grend.quit();
        }
        one(plan, (&screen, folder.path()), count, table);
    }
}

/// Rows for one history, with whoever is called `ola` and how many messages it has.
pub fn one(plan: &Plan, (screen, data): (&Screen, &Path), count: i64, table: &mut Table) {
    let frames: Vec<_> = (0..plan.rounds()).map(|_| frame(screen, &mut grend(data))).collect();
    let name = format!("window, {count} messages");
    table.row(
        &format!("{name}: start to first frame"),
        &format!("{:.0} ms", median(&frames)),
        "",
        "GTK3's",
    );

    let mut window = Window::open(screen, data, SIZE, None);
    let probe = Probe(window.process().pid());
    window.settled();
    let listed = probe.memory();
    // The family's contact list has everybody: the number tells whom.
    window.press(&["ctrl+k"]);
    window.write(&format!("ola{count}"));
    window.press(&["Return"]);
    let opened = probe.memory();
    let (events, cpu) = scroll(plan, &window, probe);
    let scrolled = probe.memory();
    let memory = format!("{listed:.1} MB; {opened:.1} open; {scrolled:.1} scrolled");
    table.row(&format!("{name}: memory"), &memory, "", "40 MB, aim 24");
    table.row(
        &format!("{name}: CPU of a notch of the wheel"),
        &format!("{cpu:.1} ms"),
        &format!("{events} notches"),
        "8 ms",
    );
    let (letter, line) = write(plan, &window);
    let beside = format!("a letter typed is seen after {letter:.0} ms");
    table.row(
        &format!("{name}: Enter to on the screen"),
        &format!("{line:.0} ms"),
        &beside,
        "",
    );
    window.close();
}

/// Turns the wheel, each notch when the one before is seen, and tells the processor time of one.
fn scroll(plan: &Plan, window: &Window<'_>, probe: Probe) -> (u32, f64) {
    let events = if plan.quick { 20 } else { 200 };
    window.screen().point(MESSAGES.x + 300, MESSAGES.y + 250);
    let mut before = window.settled();
    let cpu = probe.cpu();
    for _ in 0..events {
        window.screen().wheel(Wheel::Up);
        before = window.wait(|now| now.differs_within(&before, MESSAGES));
    }
    window.settled();
    (events, (probe.cpu() - cpu) / f64::from(events))
}

/// Milliseconds from a key to its letter, and from Enter to the bubble: medians.
fn write(plan: &Plan, window: &Window<'_>) -> (f64, f64) {
    let rounds = if plan.quick { 3 } else { 20 };
    // Down again, where what is written appears.
    window.write("x");
    window.press(&["Return"]);
    let (mut letters, mut lines) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let text = format!("hello {round}");
        window.write(&text);
        letters.push(seen_after(window, COMPOSER, "e"));
        window.settled();
        lines.push(seen_after(window, NEWEST, "Return"));
    }
    (median(&letters), median(&lines))
}

/// How long a key takes to change an area by more than a caret.
fn seen_after(window: &Window<'_>, area: Area, key: &str) -> f64 {
    window.settled();
    let before = window.part(Some(area));
    let started = Instant::now();
    window.screen().press(key);
    ms(window.time_until(started, area, |now| now.is_unlike(&before)))
}
