//! What Grend does when nothing happens: processor time, and how often it wakes up.

use std::time::Duration;

use grend_tests::{Headless, Kind, Options, Screen, Server, Window};
use tempfile::tempdir;

use crate::Plan;
use crate::probe::Probe;
use crate::table::Table;

/// Rows for a window, a window where somebody could write, and no window.
pub fn measure(plan: &Plan, kind: Kind, table: &mut Table) {
    let seconds = if plan.quick { 10 } else { 60 };
    let server = Server::start(kind, Options::default());
    let [anna, ola, kari] = ["anna", "ola", "kari"].map(|name| server.add_user(name, "secret"));
    let folders = [tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap()];
    for (user, folder) in [(&anna, &folders[0]), (&ola, &folders[1])] {
        let (mut grend, account) = Headless::online(folder.path(), &server, user);
        grend.open(account, &kari.address);
        grend.quit();
    }
    let screens = [Screen::start(), Screen::start()];
    let (mut grend, _) = Headless::online(folders[2].path(), &server, &kari);
    let mut list = Window::open(&screens[0], folders[0].path(), (1000, 700), None);
    let mut writing = Window::open(&screens[1], folders[1].path(), (1000, 700), None);
    list.settled();
    writing.after(|screen| screen.click(170, 130));
    writing.settled();
    let what = ["headless", "a window", "a window with a caret that blinks"];
    let probes = [grend.process().pid(), list.process().pid(), writing.process().pid()].map(Probe);
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
    grend.quit();
    list.close();
    writing.close();
}
