//! The words on the screen, through Fluent: English and Norwegian Bokmål, chosen by what the machine speaks.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use grend_core::Cause;
use unic_langid::LanguageIdentifier;

const EN: &str = concat!(
    include_str!("../../assets/locales/en.ftl"),
    include_str!("../../assets/locales/doctor.en.ftl"),
);
const NB: &str = concat!(
    include_str!("../../assets/locales/nb.ftl"),
    include_str!("../../assets/locales/doctor.nb.ftl"),
);

/// All texts in one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The texts for a locale such as `nb_NO.UTF-8` or `en-GB`. English, if we have no better.
    pub fn new(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        let (tag, source) = match language {
            "nb" | "no" | "nn" | "da" => ("nb", NB),
            _ => ("en", EN),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse::<LanguageIdentifier>().unwrap_or_default()]);
        // A text with a fault in one line is still worth its other lines; a test holds that there is none.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// A text without holes.
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with one hole, filled with a word. What people chose as names cannot turn the sentence around: Fluent
    /// puts direction isolates around it.
    pub fn fill(&self, key: &str, hole: &str, word: &str) -> String {
        self.with(key, &[(hole, word.into())])
    }

    /// A text that counts.
    pub fn count(&self, key: &str, count: u32) -> String {
        self.with(key, &[("count", count.into())])
    }

    /// A text with several holes.
    pub fn with(&self, key: &str, holes: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = holes.iter().cloned().collect();
        self.format(key, Some(&args))
    }

    /// What went wrong, as a sentence with what to do.
    pub fn cause(&self, cause: &Cause) -> String {
        self.fill(
            &format!("cause-{}", cause.key()),
            "text",
            cause.words().unwrap_or_default(),
        )
    }

    /// Why a message came back, from the server's condition. RFC 6120, section 8.3.3.
    pub fn failure(&self, condition: Option<&str>) -> String {
        let key = match condition.unwrap_or_default() {
            "item-not-found" | "jid-malformed" | "gone" => "failure-unknown-person",
            "forbidden"
            | "not-allowed"
            | "not-acceptable"
            | "policy-violation"
            | "registration-required"
            | "service-unavailable" => "failure-refused",
            "remote-server-not-found" | "remote-server-timeout" | "recipient-unavailable" => "failure-server-gone",
            "resource-constraint" => "failure-full",
            "omemo-no-devices" => "failure-no-devices",
            "not-taken" => "failure-not-taken",
            _ => "failure-other",
        };
        self.fill("failed-because", "reason", &self.say(key))
    }

    /// Why a message cannot be read, from the word that core keeps for it.
    pub fn unreadable(&self, why: &str, mine: bool) -> String {
        self.say(match why {
            _ if mine => "unreadable-mine",
            "not_for_this_device" => "unreadable-not-for-us",
            "no_session" | "unknown_pre_key" => "unreadable-lost",
            "foreign_identity" => "unreadable-foreign",
            "tampered" | "unvouched" => "unreadable-changed",
            _ => "unreadable-other",
        })
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::warn!(key, "a text is missing");
            return key.to_owned();
        };
        let text = self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned();
        // Where nothing turns around, isolates only keep lines from being broken in the right place.
        if text.chars().any(turns) {
            text
        } else {
            text.replace(['\u{2068}', '\u{2069}'], "")
        }
    }
}

/// Whether a character is of a script that is written from right to left, or says such a thing itself (UAX 9).
fn turns(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}' | '\u{2067}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use grend_core::doctor::Says;

    use super::*;

    fn keys(source: &str) -> BTreeSet<&str> {
        assert!(
            FluentResource::try_new(source.to_owned()).is_ok(),
            "a text does not parse"
        );
        source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split(" =").next())
            .collect()
    }

    fn sources(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, into);
            } else {
                into.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(keys(EN), keys(NB));
    }

    #[test]
    fn every_key_in_the_code_exists_and_every_text_is_used() {
        let mut code = String::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        sources(&root.join("src"), &mut code);
        // The tray and notices speak too.
        sources(&root.join("../platform/src"), &mut code);
        let keys = keys(EN);
        // Every place that asks by a literal names a key that exists.
        for ask in ["say(\"", "fill(\"", "count(\"", "with(\""] {
            for found in code.split(ask).skip(1).filter_map(|rest| rest.split('"').next()) {
                let looks_like_key = !found.is_empty() && found.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                assert!(!looks_like_key || keys.contains(found), "the code asks for {found:?}");
            }
        }
        for cause in Cause::keys() {
            assert!(
                keys.contains(format!("cause-{cause}").as_str()),
                "nobody explains {cause}"
            );
        }
        for key in keys {
            let cause = key.strip_prefix("cause-");
            if cause.is_some_and(|cause| Cause::keys().any(|key| key == cause)) {
                continue;
            }
            let finding = key.strip_prefix("doctor-").map(|key| key.trim_end_matches("-do"));
            if finding.is_some_and(|finding| Says::ALL.iter().any(|says| says.key() == finding)) {
                continue;
            }
            let counted = ["weekday-", "month-short-", "month-"]
                .iter()
                .any(|start| key.starts_with(start));
            // What to do about it, where something is said.
            let said = key.strip_suffix("-lift").unwrap_or(key);
            assert!(counted || code.contains(&format!("\"{said}\"")), "nobody says {key}");
        }
    }

    #[test]
    fn a_name_is_isolated_only_where_it_could_turn_the_sentence() {
        let words = Words::new("en");
        assert_eq!(
            words.fill("contact-asks", "name", "Ola"),
            "Ola wants to be your contact"
        );
        for name in ["\u{5d3}\u{5d5}\u{5d3}", "Ola\u{202e}"] {
            assert!(
                words
                    .fill("contact-asks", "name", name)
                    .contains(&format!("\u{2068}{name}\u{2069}"))
            );
        }
    }

    #[test]
    fn plurals_follow_the_language() {
        for (locale, one, many) in [
            ("en_US.UTF-8", "new message", "new messages"),
            ("nb_NO", "ny melding", "nye meldinger"),
        ] {
            let words = Words::new(locale);
            assert!(words.count("unread-count", 1).ends_with(one));
            assert!(words.count("unread-count", 5).ends_with(many));
        }
    }
}
