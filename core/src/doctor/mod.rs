//! What a server can and cannot do: a look from outside, and, with a password, from inside.
//!
//! Every check has a deadline, those that do not need each other run at once, and all of it ends within 20 s. Nothing that
//! a server says grows without bound, and nothing of a check stays there but one tiny file that says what it is.

mod calls;
mod certificate;
mod compliance;
mod files;
mod inside;
mod outside;
mod questions;
mod says;
mod services;
mod stun;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jid::BareJid;
use tokio::runtime;
use tokio::time::timeout;

use crate::clock;
use crate::error::{Cause, Storage};
use crate::model::{Override, Pins};
use crate::session::connector::Target;

pub use says::{Says, Topic, Verdict};

/// For everything together.
const WHOLE: Duration = Duration::from_secs(20);
/// More findings than this are not told; an honest server comes to fifty.
const MOST: usize = 200;

/// Whose server is examined, and how to get there.
#[derive(Clone)]
pub struct Patient {
    /// An address there, or only the domain.
    pub address: BareJid,
    /// With it, also what can be seen only from inside.
    pub password: Option<String>,
    /// Where the server is, if DNS does not say.
    pub host: Option<Override>,
    /// An extra certificate authority (PEM file).
    pub ca: Option<PathBuf>,
    /// A name server in place of the system's.
    pub dns: Option<SocketAddr>,
}

impl Patient {
    fn target(&self) -> Target {
        Target {
            domain: self.address.domain().to_string(),
            host: self.host.clone(),
            ca: self.ca.clone(),
            dns: self.dns,
        }
    }
}

/// What fills a hole of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Words of the server or of the network, on one line.
    Text(String),
    /// A number.
    Number(i64),
    /// Why it did not work.
    Cause(Cause),
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub says: Says,
    /// What fills the holes of its sentences.
    pub facts: Vec<(&'static str, Fact)>,
}

impl Finding {
    fn new(says: Says, facts: impl IntoIterator<Item = (&'static str, Fact)>) -> Self {
        let facts = facts.into_iter().collect();
        Self { says, facts }
    }

    /// How it stands.
    pub fn verdict(&self) -> Verdict {
        self.says.verdict()
    }
}

/// What was found, topic by topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The part of the address after the `@`.
    pub domain: String,
    /// When, ms UTC.
    pub at: i64,
    /// The server's name for its program and its version, as it says, if it does.
    pub software: Option<String>,
    /// A password was given.
    pub inside: bool,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings stand like this.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.verdict() == verdict)
            .count()
    }
}

/// What is being found. Kept here when the time is over.
#[derive(Default)]
struct Notes(Mutex<(Vec<Finding>, Option<String>)>);

impl Notes {
    fn say(&self, says: Says) {
        self.add(Finding::new(says, []));
    }

    fn tell(&self, says: Says, facts: impl IntoIterator<Item = (&'static str, Fact)>) {
        self.add(Finding::new(says, facts));
    }

    fn either(&self, is: bool, good: Says, bad: Says) {
        self.say(if is { good } else { bad });
    }

    fn add(&self, finding: Finding) {
        let (findings, _) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if findings.len() < MOST && !findings.contains(&finding) {
            findings.push(finding);
        }
    }

    fn set_software(&self, name: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = name;
    }

    fn into_inner(self) -> (Vec<Finding>, Option<String>) {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Examines a server. Ends within 20 s, whatever the server does. `pins`: what is held against it.
pub(crate) async fn examine(patient: Patient, pins: Pins) -> Report {
    let notes = Notes::default();
    let all = async {
        let (offers_binding, bound) = futures::join!(
            outside::examine(&patient, &notes),
            inside::examine(&patient, &pins, &notes)
        );
        if offers_binding && bound == Some(false) {
            notes.say(Says::BindingRefused);
        }
    };
    let in_time = timeout(WHOLE, Box::pin(all)).await.is_ok();
    let (mut findings, software) = notes.into_inner();
    if patient.password.is_some() {
        findings.extend(compliance::levels(&findings));
    }
    if !in_time {
        findings.push(Finding::new(Says::TooSlow, []));
    }
    findings.sort_by_key(|finding| finding.says.topic());
    Report {
        domain: patient.address.domain().to_string(),
        at: clock::now(),
        inside: patient.password.is_some(),
        software,
        findings,
    }
}

/// The same for a program without a core: blocks until the report is there.
pub fn examine_here(patient: Patient) -> Result<Report, Cause> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .build();
    let runtime = runtime.map_err(|_| Cause::from(Storage::Threads))?;
    let report = runtime.block_on(examine(patient, Pins::default()));
    runtime.shutdown_background();
    Ok(report)
}
