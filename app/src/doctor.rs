//! An examination of a server in words: for the screen, for the command line, and for whoever runs the server.

use fluent_bundle::FluentValue;
use grend_core::doctor::{Fact, Finding, Report, Verdict};
use jiff::Timestamp;

use crate::l10n::Words;

/// The order in which verdicts matter, and the words above their findings.
pub const VERDICTS: [(Verdict, &str); 4] = [
    (Verdict::Broken, "health-does-not-work"),
    (Verdict::Missing, "health-missing"),
    (Verdict::Unknown, "health-unknown"),
    (Verdict::Good, "health-works"),
];

/// What was found, for the family.
pub fn sentence(words: &Words, report: &Report, finding: &Finding) -> String {
    fill(words, report, finding, "")
}

/// All of it in one sentence.
pub fn summary(words: &Words, report: &Report) -> String {
    let count = |verdict| u32::try_from(report.count(verdict)).unwrap_or(u32::MAX);
    let (broken, missing) = (count(Verdict::Broken), count(Verdict::Missing));
    match (broken, missing) {
        (0, 0) => words.say("health-fine"),
        (0, _) => words.with("health-usable", &[("missing", missing.into())]),
        _ => words.with("health-broken", &[("broken", broken.into())]),
    }
}

/// Everything for whoever runs the server: what is wrong first, each with what to do. Plain text.
pub fn letter(words: &Words, report: &Report) -> String {
    let date = Timestamp::from_millisecond(report.at).unwrap_or_default();
    let date = date.strftime("%Y-%m-%d").to_string();
    let head = [
        ("domain", report.domain.as_str().into()),
        ("date", date.as_str().into()),
    ];
    let mut lines = vec![words.with("health-letter", &head)];
    if let Some(software) = &report.software {
        lines.push(words.fill("health-software", "software", software));
    }
    if !report.inside {
        lines.push(words.say("health-outside"));
    }
    lines.push(summary(words, report));
    for (verdict, heading) in VERDICTS {
        let mut findings = report
            .findings
            .iter()
            .filter(|finding| finding.verdict() == verdict)
            .peekable();
        if findings.peek().is_some() {
            lines.push(format!("\n{}", words.say(heading)));
        }
        for finding in findings {
            lines.push(format!("{} {}", mark(verdict), sentence(words, report, finding)));
            lines.extend(
                to_do(words, report, finding)
                    .into_iter()
                    .map(|line| format!("  {line}")),
            );
        }
    }
    let mut text = lines.join("\n");
    text.push('\n');
    // Direction isolates are for screens; a terminal or a mail may show them as boxes.
    text.replace(['\u{2068}', '\u{2069}'], "")
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "✗",
        Verdict::Missing => "–",
        Verdict::Unknown => "?",
        Verdict::Good => "✓",
    }
}

fn to_do(words: &Words, report: &Report, finding: &Finding) -> Vec<String> {
    if !matches!(finding.verdict(), Verdict::Broken | Verdict::Missing) {
        return Vec::new();
    }
    let mut lines = vec![words.fill("health-to-do", "text", &fill(words, report, finding, "-do"))];
    if let Some((prosody, ejabberd)) = finding.says.settings() {
        let runs = |program: &str| {
            let software = report.software.as_deref().unwrap_or_default();
            software.to_lowercase().contains(program)
        };
        let known = runs("prosody") || runs("ejabberd");
        for (program, settings) in [("Prosody", prosody), ("ejabberd", ejabberd)] {
            if !known || runs(&program.to_lowercase()) {
                lines.push(words.with(
                    "health-setting",
                    &[("program", program.into()), ("text", settings.into())],
                ));
            }
        }
    }
    lines
}

fn fill(words: &Words, report: &Report, finding: &Finding, ending: &str) -> String {
    let mut holes: Vec<(&str, FluentValue<'_>)> = vec![("domain", report.domain.as_str().into())];
    holes.extend(finding.facts.iter().map(|(name, fact)| {
        let value = match fact {
            Fact::Text(text) => text.as_str().into(),
            Fact::Number(number) => (*number).into(),
            Fact::Cause(cause) => words.cause(cause).into(),
        };
        (*name, value)
    }));
    words.with(&format!("doctor-{}{ending}", finding.says.key()), &holes)
}

#[cfg(test)]
mod tests {
    use grend_core::doctor::Says;

    use super::*;

    fn report(says: &[Says], software: Option<&str>) -> Report {
        let names = [
            "host",
            "port",
            "cause",
            "names",
            "issuer",
            "all",
            "reason",
            "status",
            "transport",
            "code",
            "suite",
            "lacks",
            "addresses",
        ];
        let mut facts: Vec<_> = names.map(|name| (name, Fact::Text("x.".to_owned()))).into();
        facts.extend([("days", Fact::Number(3)), ("megabytes", Fact::Number(3))]);
        let findings = says.iter().map(|says| Finding {
            says: *says,
            facts: facts.clone(),
        });
        Report {
            domain: "family.example".to_owned(),
            at: 1_763_818_200_000,
            software: software.map(ToOwned::to_owned),
            inside: true,
            findings: findings.collect(),
        }
    }

    #[test]
    fn there_are_words_for_everything() {
        for locale in ["en", "nb"] {
            let words = Words::new(locale);
            for says in Says::ALL {
                let report = report(&[*says], None);
                let letter = letter(&words, &report);
                assert!(!letter.contains("doctor-") && !letter.contains("{$"), "{letter}");
                assert!(
                    sentence(&words, &report, &report.findings[0]).ends_with(['.', ')']),
                    "{letter}"
                );
            }
        }
    }

    #[test]
    fn the_letter_says_what_to_do_in_the_terms_of_the_server_that_runs() {
        let words = Words::new("en");
        let says = [Says::CarbonsGood, Says::ArchiveNone];
        let unknown = letter(&words, &report(&says, None));
        let place = |text: &str| unknown.find(text).unwrap_or_else(|| panic!("{unknown}"));
        assert!(place("mod_mam") > place("\"mam\"") && place("✓ All your devices") > place("– The server does not"));
        let prosody = letter(&words, &report(&says, Some("Prosody 0.12.3")));
        assert!(prosody.contains("\"mam\"") && !prosody.contains("mod_mam"), "{prosody}");
        assert!(
            prosody.contains("2025-11-22") && !prosody.contains('\u{2068}'),
            "{prosody}"
        );
    }
}
