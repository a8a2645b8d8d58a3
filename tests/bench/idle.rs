//! What Grend does when nothing happens: processor time, and how often it wakes up.

use std::time::Duration;

use grend_tests::window::{Hidden, grend as program};
use grend_tests::{Desktop, Headless, Kind, Options, Screen, Server, Window};
use tempfile::tempdir;

use crate::Plan;
use crate::probe::Probe;
use crate::table::Table;

/// Rows for a window, a window where somebody could write, one that was closed, one that never was, and no window at all.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let seconds = if plan.quick { 10 } else { 60 };
    let server = Server::start(kind, Options::default());
    let [anna, ola, per, liv, kari] = ["anna", "ola", "per", "liv", "kari"].map(|name| server.add_user(name, "secret"));
    let folders = [&anna, &ola, &per, &liv].map(|user| {
        let folder = tempdir().unwrap();
        let (mut grend, account) = Headless::online(folder.path(), &server, user);
        grend.open(account, &kari.address);
        grend.quit();
        folder
    });
    let screens = [Screen::start(), Screen::start(), Screen::start()];
    let last = tempdir().unwrap();
    let (mut grend, account) = Headless::online(last.path(), &server, &kari);
    let mut list = Window::open(&screens[0], folders[0].path(), (1000, 700), None);
    let mut writing = Window::open(&screens[1], folders[1].path(), (1000, 700), None);
    list.settled();
    writing.after(|screen| screen.click(170, 130));
    writing.settled();
    let desktop = Desktop::start(&["actions"]);
    let mut closed = Window::open(&screens[2], folders[2].path(), (1000, 700), Some(desktop.address()));
    closed.settled();
    let closing = desktop.icon();
    let open = Probe(closed.process().pid()).memory();
    let mut closed = closed.hide();
    let mut command = program(folders[3].path());
    let mut hidden = Hidden::start(&screens[2], command.arg("--hidden"), Some(desktop.address()));
    let waiting = desktop.icon();
    // It shows what came, so it is online.
    let chat = grend.open(account, &liv.address);
    grend.send(chat, "Hei");
    while desktop.notice().text != "Hei" {}
    let what = [
        "headless",
        "a window",
        "a window with a caret that blinks",
        "in the tray, its window closed",
        "in the tray, started hidden",
    ];
    let pids = [list.process().pid(), writing.process().pid(), closed.process().pid()];
    let pids = [grend.process().pid(), pids[0], pids[1], pids[2], hidden.process().pid()];
    let probes = pids.map(Probe);
    let before = probes.map(|probe| (probe.cpu(), probe.waits()));
    std::thread::sleep(Duration::from_secs(seconds)); // between two looks at the counters: idling is what is measured
    for ((what, probe), (cpu, waits)) in what.iter().zip(probes).zip(before) {
        let measured = format!(
            "{:.0} ms CPU, {} wake-ups",
            probe.cpu() - cpu,
            probe.wakes_since(&waits)
        );
        table.row(
            &format!("{what}, online, {seconds} idle seconds"),
            &measured,
            "",
            "none",
        );
    }
    let [.., closed_now, hidden_now] = probes.map(Probe::memory);
    table.row(
        "in the tray: memory",
        &format!("{closed_now:.1} MB; {hidden_now:.1} started hidden"),
        &format!("with its window: {open:.1} MB"),
        "40 MB, aim 24",
    );
    grend.quit();
    closing.choose("Quit");
    closed.leaves();
    waiting.choose("Quit");
    hidden.leaves();
    list.close();
    writing.close();
}
