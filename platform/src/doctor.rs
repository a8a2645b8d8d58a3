//! `grend doctor`: looks at a server and says what it can and cannot do. Needs no folder and disturbs no Grend that runs.
//!
//! Its exit code: 0 nothing is broken (something may be missing), 1 something is broken or it could not be examined, 2 the
//! command line is wrong.

use std::fs;
use std::io::{self, BufRead as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use grend_app::doctor::{letter, sentence};
use grend_app::l10n::Words;
use grend_core::doctor::{Fact, Finding, Patient, Report, Topic, Verdict, examine_here};
use grend_core::model::BareJid;
use serde_json::{Map, Value, json};

use crate::args::Examination;
use crate::say;

/// Examines, prints, and says by the exit code whether something is broken.
pub fn run(examination: &Examination, dns: Option<SocketAddr>) -> ExitCode {
    let words = Words::new(&sys_locale::get_locale().unwrap_or_default());
    let patient = match patient(examination, dns) {
        Ok(patient) => patient,
        Err(text) => return say(&text, ExitCode::from(2)),
    };
    let report = match examine_here(patient) {
        Ok(report) => report,
        Err(cause) => return say(&words.cause(&cause), ExitCode::FAILURE),
    };
    let text = if examination.json {
        format!("{:#}\n", for_programs(&words, &report))
    } else {
        letter(&words, &report)
    };
    let _ = io::stdout().write_all(text.as_bytes());
    match report.count(Verdict::Broken) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn patient(examination: &Examination, dns: Option<SocketAddr>) -> Result<Patient, String> {
    let address = &examination.address;
    let parsed = BareJid::new(address).map_err(|_| format!("{address} is not an address like name@server."))?;
    let password = examination.password_file.as_deref().map(password).transpose()?;
    if password.is_some() && parsed.node().is_none() {
        return Err(format!(
            "{address} is no address to sign in with; it needs a name before the @."
        ));
    }
    Ok(Patient {
        address: parsed,
        password,
        host: None,
        ca: examination.ca.clone(),
        dns,
    })
}

/// The first line.
fn password(path: &Path) -> Result<String, String> {
    let text = if path == Path::new("-") {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    } else {
        fs::read_to_string(path)
    };
    let text = text.map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(line.to_owned()),
        None => Err(format!("{} holds no password.", path.display())),
    }
}

fn for_programs(words: &Words, report: &Report) -> Value {
    let findings = report.findings.iter().map(|finding| {
        json!({
            "topic": topic(finding.says.topic()),
            "verdict": verdict(finding.verdict()),
            "key": finding.says.key(),
            "facts": facts(finding),
            "text": sentence(words, report, finding).replace(['\u{2068}', '\u{2069}'], ""),
        })
    });
    json!({
        "domain": report.domain,
        "at": report.at,
        "software": report.software,
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn facts(finding: &Finding) -> Map<String, Value> {
    let facts = finding.facts.iter().map(|(name, fact)| {
        let value = match fact {
            Fact::Text(text) => text.as_str().into(),
            Fact::Number(number) => (*number).into(),
            Fact::Cause(cause) => cause.key().into(),
        };
        ((*name).to_owned(), value)
    });
    facts.collect()
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "broken",
        Verdict::Missing => "missing",
        Verdict::Unknown => "unknown",
        Verdict::Good => "good",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Names => "names",
        Topic::Connection => "connection",
        Topic::Certificate => "certificate",
        Topic::SigningIn => "signing-in",
        Topic::Messages => "messages",
        Topic::Files => "files",
        Topic::Groups => "groups",
        Topic::People => "people",
        Topic::Push => "push",
        Topic::Calls => "calls",
        Topic::Contact => "contact",
        Topic::Compliance => "compliance",
    }
}
