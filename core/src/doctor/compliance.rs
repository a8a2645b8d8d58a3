//! The XMPP Compliance Suites of 2023 (XEP-0479), as far as a client can see whether a server keeps them. What no client
//! can see, such as XEP-0114, is left out.

use super::{Fact, Finding, Says};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Core,
    Advanced,
}

const SUITES: [&str; 4] = ["Core", "IM", "Mobile", "A/V Calling"];

/// Suite, from which level on it is asked for, the paper, and what shows that it is there: one of these.
const ROWS: [(&str, Level, &str, &[Says]); 19] = [
    (
        "Core",
        Level::Core,
        "RFC 7590",
        &[Says::DirectWorks, Says::StarttlsWorks],
    ),
    ("Core", Level::Advanced, "XEP-0368", &[Says::DirectWorks]),
    ("Core", Level::Advanced, "XEP-0115", &[Says::CapabilitiesGood]),
    (
        "Core",
        Level::Advanced,
        "XEP-0163",
        &[Says::EventsGood, Says::EventsOld],
    ),
    ("IM", Level::Core, "XEP-0054", &[Says::ProfilesGood]),
    ("IM", Level::Core, "XEP-0280", &[Says::CarbonsGood]),
    ("IM", Level::Core, "XEP-0045", &[Says::GroupsGood]),
    ("IM", Level::Core, "XEP-0363", &[Says::UploadGood]),
    ("IM", Level::Advanced, "XEP-0398", &[Says::PicturesGood]),
    ("IM", Level::Advanced, "XEP-0191", &[Says::BlockingGood]),
    ("IM", Level::Advanced, "XEP-0402", &[Says::BookmarksGood]),
    ("IM", Level::Advanced, "XEP-0223", &[Says::EventsGood]),
    ("IM", Level::Advanced, "XEP-0049", &[Says::NotesGood]),
    ("IM", Level::Advanced, "XEP-0198", &[Says::ResumptionGood]),
    ("IM", Level::Advanced, "XEP-0313", &[Says::ArchiveGood]),
    ("Mobile", Level::Core, "XEP-0198", &[Says::ResumptionGood]),
    ("Mobile", Level::Core, "XEP-0352", &[Says::StateGood]),
    ("Mobile", Level::Advanced, "XEP-0357", &[Says::PushGood]),
    (
        "A/V Calling",
        Level::Core,
        "XEP-0215",
        &[Says::StunAnswers, Says::TurnWorks],
    ),
];

/// Which level the server reaches in each suite, and what it lacks for the next.
pub(super) fn levels(findings: &[Finding]) -> Vec<Finding> {
    let found = |any: &[Says]| findings.iter().any(|finding| any.contains(&finding.says));
    if !found(&[Says::SignedIn]) {
        return Vec::new();
    }
    let suites = SUITES.iter().map(|suite| {
        let lacks = |level: Level| {
            let rows = ROWS
                .iter()
                .filter(|(of, from, _, by)| of == suite && *from == level && !found(by));
            rows.map(|(_, _, paper, _)| *paper).collect::<Vec<_>>().join(", ")
        };
        let (core, advanced) = (lacks(Level::Core), lacks(Level::Advanced));
        let (says, lacks) = match (core.is_empty(), advanced.is_empty()) {
            (true, true) => (Says::ComplianceAdvanced, advanced),
            (true, false) => (Says::ComplianceCore, advanced),
            (false, _) => (Says::ComplianceBelow, core),
        };
        Finding::new(
            says,
            [("suite", Fact::Text((*suite).to_owned())), ("lacks", Fact::Text(lacks))],
        )
    });
    suites.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(says: &[Says]) -> Vec<(Says, String)> {
        let findings: Vec<_> = says.iter().map(|says| Finding::new(*says, [])).collect();
        let levels = levels(&findings);
        let lacks = |finding: &Finding| match &finding.facts[1].1 {
            Fact::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        levels.iter().map(|level| (level.says, lacks(level))).collect()
    }

    #[test]
    fn a_server_with_everything_is_advanced() {
        let all: Vec<_> = Says::ALL.to_vec();
        assert!(
            level(&all)
                .iter()
                .all(|level| *level == (Says::ComplianceAdvanced, String::new()))
        );
    }

    #[test]
    fn what_lacks_is_named() {
        let some = [
            Says::SignedIn,
            Says::StarttlsWorks,
            Says::ResumptionGood,
            Says::StateGood,
        ];
        let levels = level(&some);
        assert_eq!(
            levels[0],
            (Says::ComplianceCore, "XEP-0368, XEP-0115, XEP-0163".to_owned())
        );
        assert_eq!(levels[1].0, Says::ComplianceBelow);
        assert_eq!(levels[2], (Says::ComplianceCore, "XEP-0357".to_owned()));
        assert_eq!(levels[3], (Says::ComplianceBelow, "XEP-0215".to_owned()));
        assert!(level(&[Says::StarttlsWorks]).is_empty(), "from outside nobody can tell");
    }
}
