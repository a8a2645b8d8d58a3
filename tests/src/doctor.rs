//! `grend doctor` as a program: what it prints for programs, and its exit code. `docs/doctor.md` says what they mean.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::dns::Dns;
use crate::headless::program;

/// 20 s, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of an examination.
pub struct Report {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub json: Value,
}

/// `grend doctor ADDRESS`, with a password on its standard input if there is one.
pub fn examine(dns: &Dns, ca: &Path, address: &str, password: Option<&str>) -> Report {
    let (code, out) = run(dns, ca, &[address, "--json"], password);
    let json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    Report { code, json }
}

/// The program with these words: its exit code and what it printed.
///
/// # Panics
/// When it takes longer than it may.
pub fn run(dns: &Dns, ca: &Path, words: &[&str], password: Option<&str>) -> (i32, String) {
    let mut command = Command::new(program());
    command.arg("doctor").args(words).arg("--ca").arg(ca);
    command
        .arg("--dns")
        .arg(dns.address().to_string())
        .env("LC_ALL", "en_US.UTF-8");
    if password.is_some() {
        command.args(["--password-file", "-"]);
    }
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A wrong command line is not read any further.
    let _ = writeln!(input, "{}", password.unwrap_or_default());
    drop(input);
    let output = child.wait_with_output().unwrap();
    let took = begun.elapsed();
    assert!(took < PATIENCE, "it took {took:?}");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

impl Report {
    /// All findings.
    pub fn findings(&self) -> &Vec<Value> {
        self.json["findings"].as_array().unwrap()
    }

    /// A finding.
    pub fn find(&self, key: &str) -> Option<&Value> {
        self.findings().iter().find(|finding| finding["key"] == key)
    }

    /// A finding that must be there.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn expect(&self, key: &str) -> &Value {
        self.find(key).unwrap_or_else(|| panic!("no {key} in {:#}", self.json))
    }

    /// The keys of all with this verdict.
    pub fn keys(&self, verdict: &str) -> Vec<&str> {
        let of = self.findings().iter().filter(|finding| finding["verdict"] == verdict);
        of.map(|finding| finding["key"].as_str().unwrap()).collect()
    }

    /// Exactly these are broken, and the exit code says so.
    #[track_caller]
    pub fn expect_broken(&self, keys: &[&str]) {
        let (mut broken, mut keys) = (self.keys("broken"), keys.to_vec());
        broken.sort_unstable();
        keys.sort_unstable();
        assert_eq!(broken, keys, "{:#}", self.json);
        assert_eq!(self.code, i32::from(!keys.is_empty()));
    }
}
