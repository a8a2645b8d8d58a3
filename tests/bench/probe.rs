//! What Linux tells about a process, and what a row of numbers tells.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

/// The kernel counts processor time for `/proc` in hundredths, whatever it ticks with; in milliseconds.
const TICK: f64 = 10.0;

/// A running process.
#[derive(Clone, Copy)]
pub struct Probe(pub u32);

impl Probe {
    /// Milliseconds of processor time of all its threads so far, in the program and in the kernel for it.
    pub fn cpu(self) -> f64 {
        let stat = self.read("stat");
        // The name in parentheses may hold anything; after it the state is the first field, utime the 12th.
        let fields = stat
            .rsplit_once(')')
            .expect("a stat line has a name")
            .1
            .split_ascii_whitespace();
        let ticks: u32 = fields
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u32>().expect("a number of ticks"))
            .sum();
        TICK * f64::from(ticks)
    }

    /// Memory in MB: its own, and its share of what it shares.
    pub fn memory(self) -> f64 {
        let rollup = self.read("smaps_rollup");
        let line = rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:"))
            .expect("smaps_rollup has a PSS");
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<f64>()
            .expect("a number of kB")
            * 1024.0
            / 1e6
    }

    /// How often each of its threads has gone to wait so far; each time something woke it up.
    pub fn waits(self) -> HashMap<OsString, u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the process is there");
        let waits = threads.filter_map(|thread| {
            // A thread may end between two looks.
            let thread = thread.ok()?;
            let status = fs::read_to_string(thread.path().join("status")).ok()?;
            let waits = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            Some((thread.file_name(), waits.trim().parse().ok()?))
        });
        waits.collect()
    }

    /// How often its threads were woken up since.
    pub fn wakes_since(self, before: &HashMap<OsString, u64>) -> u64 {
        let now = self.waits();
        now.iter()
            .map(|(thread, waits)| waits - before.get(thread).copied().unwrap_or(0))
            .sum()
    }

    fn read(self, name: &str) -> String {
        let path = format!("/proc/{}/{name}", self.0);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
    }
}

/// The value below which `share` of all lie.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len() - 1;
    sorted[(last as f64 * share).round() as usize]
}

/// The one in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// In milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
