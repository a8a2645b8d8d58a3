//! Plain-text checks of the whole repository: what the design promises and no compiler sees. Each check is a function
//! from a file to complaints, tested below on small strings, so that a check that never complains is seen too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A check: the path from the root of the repository, the text, and what is wrong with it.
type Check = fn(&str, &str) -> Vec<String>;

const CHECKS: [Check; 8] = [
    too_long,
    sql_outside_the_store,
    layers,
    systems_in_the_core,
    waiting_in_tests,
    places_of_one_machine,
    empty_names,
    papers_first,
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the repository")
        .to_owned()
}

/// Every text file that is in the repository or about to be.
fn files() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("tidy asks git which files there are: install git");
    assert!(
        output.status.success(),
        "git: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).expect("names of files are UTF-8");
    let named = names.split('\0').filter(|name| !name.is_empty());
    // What cannot be read as text is a picture or a font; what is not there was just deleted.
    named
        .filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?)))
        .collect()
}

#[test]
fn the_repository_is_tidy() {
    let files = files();
    assert!(
        files.iter().any(|(name, _)| name == "core/src/core.rs"),
        "tidy does not see the repository"
    );
    let mut complaints: Vec<String> = files
        .iter()
        .flat_map(|(name, text)| CHECKS.iter().flat_map(|check| check(name, text)))
        .collect();
    let doap = files
        .iter()
        .find(|(name, _)| name == "grend.doap")
        .map_or("", |(_, text)| text);
    complaints.extend(files.iter().flat_map(|(name, text)| unannounced(name, text, doap)));
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The lines of Rust or Python with their numbers, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| {
        let comment = if line.trim_start().starts_with("//") {
            Some(0)
        } else {
            line.find(" // ")
        };
        (index + 1, &line[..comment.unwrap_or(line.len())])
    })
}

fn is_rust(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

fn too_long(name: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if is_rust(name) && lines > 600 {
        vec![format!("{name}: {lines} lines; 600 is the most")]
    } else {
        Vec::new()
    }
}

/// Complains about each line of code that contains one of the words.
fn without(name: &str, text: &str, words: &[&str], why: &str) -> Vec<String> {
    let found = code(text).filter_map(|(number, line)| {
        let word = words.iter().find(|word| line.contains(**word))?;
        Some(format!("{name}:{number}: `{}`: {why}", word.trim()))
    });
    found.collect()
}

fn sql_outside_the_store(name: &str, text: &str) -> Vec<String> {
    let sql = [
        "SELECT ",
        "INSERT INTO ",
        "INSERT OR ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "CREATE INDEX ",
        "CREATE TRIGGER ",
        "PRAGMA ",
        "\"UPDATE ",
        "ON CONFLICT",
    ];
    let allowed = !is_rust(name) || name.starts_with("core/src/store/") || name == "tests/tests/tidy.rs";
    if allowed {
        Vec::new()
    } else {
        without(name, text, &sql, "SQL stands in core/src/store only")
    }
}

/// The table "Who may use whom" of ARCHITECTURE.md: a folder, and what may not be in its sources.
const LAYERS: [(&str, &[&str]); 7] = [
    (
        "core/omemo/",
        &["tokio", "rusqlite", "minidom", "xmpp_parsers", "rxml", "xso"],
    ),
    (
        "core/src/model/",
        &[
            "crate::store",
            "crate::protocol",
            "crate::session",
            "crate::core",
            "rusqlite",
            "tokio",
        ],
    ),
    (
        "core/src/store/",
        &["crate::protocol", "crate::session", "tokio::spawn", "tokio::task"],
    ),
    (
        "core/src/protocol/",
        &["tokio", ".await", "async fn", "reqwest", "hyper"],
    ),
    ("core/src/session/", &["rusqlite"]),
    ("app/", &["tokio", "rusqlite", "xmpp_parsers", "xmpp-parsers", "winit"]),
    ("platform/", &["rusqlite", "xmpp_parsers", "xmpp-parsers", "minidom"]),
];

fn layers(name: &str, text: &str) -> Vec<String> {
    if !is_rust(name) && !name.ends_with("Cargo.toml") {
        return Vec::new();
    }
    let mine = LAYERS.iter().filter(|(folder, _)| name.starts_with(folder));
    mine.flat_map(|(folder, words)| without(name, text, words, &format!("not in {folder}, says ARCHITECTURE.md")))
        .collect()
}

fn systems_in_the_core(name: &str, text: &str) -> Vec<String> {
    // How soon the system's TCP acknowledges cannot be asked for from outside the connection.
    let ours = is_rust(name) && (name.starts_with("core/") || name.starts_with("app/"));
    let ours = ours && name != "core/src/session/wire.rs";
    // Chosen in one place there, too.
    let chosen = is_rust(name) && name.starts_with("platform/src/") && name != "platform/src/system/mod.rs";
    let words = ["target_os", "cfg(windows)"];
    if ours || chosen {
        without(
            name,
            text,
            &words,
            "operating systems are the business of platform/src/system",
        )
    } else {
        Vec::new()
    }
}

/// A test that sleeps hides a race. Between two looks at something that decides, one may; the line says so.
fn waiting_in_tests(name: &str, text: &str) -> Vec<String> {
    if !name.starts_with("tests/") || !is_rust(name) || name == "tests/tests/tidy.rs" {
        return Vec::new();
    }
    let sleeping = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("sleep(") && !line.contains("// between two looks"));
    sleeping
        .map(|(index, _)| format!("{name}:{}: a sleep hides a race; wait for what you want", index + 1))
        .collect()
}

/// Nothing that is true on one machine only, and no registry but the one every Cargo knows.
fn places_of_one_machine(name: &str, text: &str) -> Vec<String> {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("deb.debian", ".org"),
        concat!("registry.npmjs", ".org"),
    ];
    let lines = text.lines().enumerate();
    let found = lines.filter_map(|(index, line)| {
        let place = places.iter().find(|place| line.contains(**place))?;
        Some(format!("{name}:{}: {place} is a place of one machine", index + 1))
    });
    if name == "Cargo.lock" {
        Vec::new()
    } else {
        found.collect()
    }
}

/// Names that say nothing. `Service` alone is a word of the field: the SRV records of RFC 2782.
fn empty_names(name: &str, text: &str) -> Vec<String> {
    if !is_rust(name) || name == "tests/tests/tidy.rs" {
        return Vec::new();
    }
    let types = code(text).filter_map(|(number, line)| {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| !["struct", "enum", "trait", "type"].contains(word));
        let declared = words.nth(1)?.split(|char: char| !char.is_alphanumeric()).next()?;
        let empty = ["Manager", "Service", "Helper", "Helpers", "Util", "Utils"]
            .iter()
            .find(|empty| declared.ends_with(**empty) && declared != "Service")?;
        Some(format!(
            "{name}:{number}: {declared}: what does a {empty} do? Call it that"
        ))
    });
    types.collect()
}

/// A file opens with what it is; a file of the protocol with its XEP or RFC.
fn papers_first(name: &str, text: &str) -> Vec<String> {
    // A `tests.rs` belongs to the file it tests.
    if !is_rust(name) || text.is_empty() || name.ends_with("/tests.rs") {
        return Vec::new();
    }
    let first = text.lines().next().unwrap_or_default();
    if !first.starts_with("//! ") {
        return vec![format!("{name}:1: a file opens with what it is and why (`//! ...`)")];
    }
    let concern = name.starts_with("core/src/protocol/") && !name.ends_with("/mod.rs");
    if concern && numbers(first, "XEP-").is_empty() && numbers(first, "RFC ").is_empty() {
        return vec![format!(
            "{name}:1: the first line of a concern names its XEP-NNNN or RFC NNNN"
        )];
    }
    Vec::new()
}

/// The four digits after each `prefix`.
fn numbers<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let after = line.split(prefix).skip(1);
    after
        .filter_map(|rest| {
            rest.get(..4)
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .collect()
}

/// XEPs in the first line of a concern that `grend.doap` does not announce.
fn unannounced(name: &str, text: &str, doap: &str) -> Vec<String> {
    if !name.starts_with("core/src/protocol/") || !is_rust(name) {
        return Vec::new();
    }
    let first = text.lines().next().unwrap_or_default();
    let missing = numbers(first, "XEP-")
        .into_iter()
        .filter(|number| !doap.contains(&format!("xep-{number}")));
    missing
        .map(|number| format!("{name}:1: XEP-{number} is not in grend.doap"))
        .collect()
}

mod each_check_complains {
    use super::*;

    /// The check complains about the first text and not about the second.
    fn about(check: Check, name: &str, bad: &str, good: &str) {
        assert_eq!(check(name, bad).len(), 1, "{name}: no complaint about {bad}");
        assert_eq!(check(name, good), Vec::<String>::new());
    }

    #[test]
    fn about_long_files() {
        about(too_long, "core/src/a.rs", &"x\n".repeat(601), &"x\n".repeat(600));
    }

    #[test]
    fn about_sql() {
        let bad = "let a = tx.query(\"SELECT id FROM message\");";
        about(
            sql_outside_the_store,
            "core/src/session/a.rs",
            bad,
            "// SELECT is a word",
        );
        about(
            sql_outside_the_store,
            "app/src/a.rs",
            "x(\"PRAGMA user_version\")",
            "let select = 1;",
        );
        assert!(sql_outside_the_store("core/src/store/a.rs", bad).is_empty());
    }

    #[test]
    fn about_layers() {
        about(
            layers,
            "core/src/protocol/a.rs",
            "let a = b.await;",
            "// here is no tokio",
        );
        about(
            layers,
            "core/src/protocol/a.rs",
            "use tokio::sync::mpsc;",
            "let awaited = 1;",
        );
        about(
            layers,
            "app/Cargo.toml",
            "tokio.workspace = true",
            "iced_core.workspace = true",
        );
        about(layers, "app/src/a.rs", "use rusqlite::Row;", "use grend_core::Core;");
        about(
            layers,
            "platform/src/a.rs",
            "use xmpp_parsers::iq::Iq;",
            "use tokio::sync::mpsc;",
        );
        about(
            layers,
            "core/src/store/a.rs",
            "use crate::session::Iq;",
            "use rusqlite::Row;",
        );
        about(
            layers,
            "core/src/model/a.rs",
            "use crate::store::Tx;",
            "use jid::BareJid;",
        );
        about(
            layers,
            "core/omemo/src/a.rs",
            "use minidom::Element;",
            "use sha2::Sha256;",
        );
    }

    #[test]
    fn about_operating_systems() {
        let bad = "#[cfg(target_os = \"linux\")]";
        about(systems_in_the_core, "core/src/a.rs", bad, "#[cfg(test)]");
        about(systems_in_the_core, "platform/src/a.rs", bad, "mod system;");
        assert!(systems_in_the_core("platform/src/system/mod.rs", bad).is_empty());
    }

    #[test]
    fn about_sleeping_tests() {
        about(
            waiting_in_tests,
            "tests/tests/a.rs",
            "sleep(SECOND);",
            "sleep(SECOND); // between two looks; it decides",
        );
    }

    #[test]
    fn about_places() {
        let bad = format!("cd {}root/grend", '/');
        about(places_of_one_machine, "try", &bad, "cd \"$(dirname \"$0\")\"");
        about(
            places_of_one_machine,
            "deny.toml",
            concat!("https://index.crates", ".io/"),
            "crates.io",
        );
    }

    #[test]
    fn about_empty_names() {
        about(
            empty_names,
            "core/src/a.rs",
            "pub struct ChatManager {",
            "pub struct Chat; // no ChatManager",
        );
    }

    #[test]
    fn about_missing_papers() {
        about(
            papers_first,
            "core/src/protocol/a.rs",
            "//! Carbons.",
            "//! Carbons: XEP-0280.",
        );
        about(
            papers_first,
            "core/src/protocol/a.rs",
            "use a;",
            "//! Presence: RFC 6121, section 4.",
        );
        about(papers_first, "app/src/a.rs", "use a;", "//! The chat list.");
    }

    #[test]
    fn about_unannounced_extensions() {
        let text = "//! Carbons: XEP-0280, XEP-0297.";
        let doap = "<xmpp:xep rdf:resource='https://xmpp.org/extensions/xep-0280.html'/>";
        let complaints = unannounced("core/src/protocol/carbons.rs", text, doap);
        assert_eq!(
            complaints,
            ["core/src/protocol/carbons.rs:1: XEP-0297 is not in grend.doap"]
        );
    }
}
