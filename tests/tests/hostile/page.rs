//! `docs/hostile.md` is generated from the suite: the rows of `tests/hostile.tsv`, each with the tests that bear its
//! number, wherever in the repository they stand, or with the reason why nothing of ours is reached by it yet.
//!
//! After a change: `GREND_WRITE=1 cargo test -p grend-tests --test hostile page`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = "docs/hostile.md";
const HEAD: &str = "\
# Hostile input

What a contact, a stranger, a server or somebody between may try, what Grend does about it, and the test that shows it.
Generated from the suite by `tests/tests/hostile/page.rs`: a test fails when this page is out of date. A test's name
begins with the number of its row; where it begins otherwise the table in `tests/hostile.tsv` names it.

| | what is tried | what must happen | tests |
|---|---|---|---|
";

/// One line of the table.
struct Row {
    id: String,
    input: String,
    behaviour: String,
    /// Tests whose names do not begin with the number: `path::name`.
    elsewhere: Vec<String>,
    /// What of it nothing of ours is reached by yet, and why.
    not_yet: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn rows() -> Vec<Row> {
    let table = fs::read_to_string(root().join("tests/hostile.tsv")).unwrap();
    let lines = table.lines().skip(1).map(|line| {
        let [id, input, behaviour, _source, elsewhere, not_yet] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not six columns: {line}");
        };
        Row {
            id: id.to_owned(),
            input: input.to_owned(),
            behaviour: behaviour.to_owned(),
            elsewhere: elsewhere.split_whitespace().map(ToOwned::to_owned).collect(),
            not_yet: not_yet.to_owned(),
        }
    });
    lines.collect()
}

/// Every test of the repository as `path::name`.
fn tests() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.rs"])
        .current_dir(root())
        .output()
        .expect("git tells which files there are: install git");
    let names = String::from_utf8(listed.stdout).unwrap();
    let mut tests = Vec::new();
    for path in names.split('\0').filter(|path| !path.is_empty()) {
        // What is not there was just deleted.
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        let mut marked = false;
        for line in text.lines().map(str::trim) {
            let function = line.trim_start_matches("async ").strip_prefix("fn ");
            if let Some(name) = function
                .and_then(|rest| rest.split(['(', '<']).next())
                .filter(|_| marked)
            {
                tests.push(format!("{path}::{name}"));
            }
            marked = matches!(line, "#[test]" | "#[tokio::test]") || (marked && line.starts_with("#["));
        }
    }
    tests.sort();
    tests.dedup();
    tests
}

/// The number of a row that a test's name begins with: `h01_spoofed_carbon` is one of H01.
fn number(test: &str) -> Option<String> {
    let name = test.rsplit("::").next()?.strip_prefix('h')?;
    let (digits, _) = name.split_once('_')?;
    (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| format!("H{digits}"))
}

/// The page, and what is wrong with the table.
fn page(rows: &[Row], tests: &[String]) -> (String, Vec<String>) {
    let mut by_number: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for test in tests {
        if let Some(number) = number(test) {
            by_number.entry(number).or_default().push(test);
        }
    }
    let (mut text, mut wrong) = (HEAD.to_owned(), Vec::new());
    let (mut tested, mut partly) = (0, 0);
    for row in rows {
        let mut shown = by_number.remove(&row.id).unwrap_or_default();
        for test in &row.elsewhere {
            if tests.contains(test) {
                shown.push(test);
            } else {
                wrong.push(format!("{}: there is no test {test}", row.id));
            }
        }
        if shown.is_empty() && row.not_yet.is_empty() {
            wrong.push(format!(
                "{}: neither a test nor a reason why it reaches nothing",
                row.id
            ));
        }
        tested += usize::from(!shown.is_empty());
        partly += usize::from(!shown.is_empty() && !row.not_yet.is_empty());
        let mut cell: Vec<String> = shown.iter().map(|test| linked(test)).collect();
        if !row.not_yet.is_empty() {
            cell.push(format!("*not yet reachable:* {}", row.not_yet));
        }
        let (input, behaviour) = (plain(&row.input), plain(&row.behaviour));
        writeln!(text, "| {} | {input} | {behaviour} | {} |", row.id, cell.join("<br>")).unwrap();
    }
    for (number, tests) in by_number {
        wrong.push(format!("{tests:?}: there is no row {number}"));
    }
    writeln!(
        text,
        "\n{} rows: {tested} with tests, {partly} of them with a part that is not yet reachable; {} not yet reachable at all.",
        rows.len(),
        rows.len() - tested
    )
    .unwrap();
    (text, wrong)
}

fn linked(test: &str) -> String {
    let (path, name) = test.rsplit_once("::").unwrap();
    format!("[`{name}`](../{path})")
}

/// Text that a table can hold, and that draws nothing.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}

#[test]
fn the_page_is_what_the_suite_says() {
    let (text, wrong) = page(&rows(), &tests());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    let path = root().join(PAGE);
    if std::env::var_os("GREND_WRITE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let fresh = "GREND_WRITE=1 cargo test -p grend-tests --test hostile page";
    assert!(
        text == written,
        "{PAGE} is out of date. Bring it up to date with: {fresh}"
    );
}

fn row(id: &str, elsewhere: &str, not_yet: &str) -> Row {
    Row {
        id: id.to_owned(),
        input: "a | b".to_owned(),
        behaviour: "drop".to_owned(),
        elsewhere: elsewhere.split_whitespace().map(ToOwned::to_owned).collect(),
        not_yet: not_yet.to_owned(),
    }
}

#[test]
fn a_row_without_test_or_reason_is_a_complaint() {
    let tests = ["a.rs::h01_x".to_owned(), "a.rs::other".to_owned()];
    let complaints = |rows: &[Row]| page(rows, &tests).1.len();
    assert_eq!(complaints(&[row("H01", "", "")]), 0);
    assert_eq!(complaints(&[row("H01", "a.rs::other", "a part")]), 0);
    assert_eq!(complaints(&[row("H01", "", ""), row("H02", "", "no such feature")]), 0);
    assert_eq!(complaints(&[row("H01", "", ""), row("H02", "", "")]), 1);
    assert_eq!(complaints(&[row("H01", "a.rs::gone", "")]), 1);
    assert_eq!(
        complaints(&[row("H02", "", "no such feature")]),
        1,
        "a test without a row"
    );
}

#[test]
fn each_row_is_there_once() {
    let ids: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    let expected: Vec<String> = (1..=71).map(|number| format!("H{number:02}")).collect();
    assert_eq!(ids, expected);
}
