//! Upstream's own test cases (reference, chapter 11).
//!
//! `tests/upstream.txt` is the table: every case with the tests that hold it, or with the reason why none does.

mod control;
mod controller;
mod e2e;
mod kit;
mod pieces;
mod storage;
mod updates;
mod validation;

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// What the doc comment of a test begins with where it names a case.
const MARK: &str = "/// Upstream: ";

/// A line of the table.
struct Line {
    section: String,
    case: String,
    held_by: String,
}

impl Line {
    /// The tests; none where there is a reason instead.
    fn tests(&self) -> Vec<&str> {
        if self.held_by.starts_with('-') {
            return Vec::new();
        }
        self.held_by.split(',').map(str::trim).collect()
    }

    /// Whether the engine breaks the case, and its test is ignored until it does not.
    fn fails(&self) -> bool {
        self.held_by.starts_with("- fails: ")
    }
}

/// A function of the sources with what stands above it.
#[derive(Default)]
struct Function {
    name: String,
    cases: Vec<String>,
    is_test: bool,
    ignored: bool,
    is_here: bool,
}

fn table() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upstream.txt");
    let text = read_to_string(path).expect("the table is there");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let fields: Vec<String> = line.split(" | ").map(|it| it.trim().to_owned()).collect();
        let [section, case, held_by] = fields.try_into().expect("three fields");
        assert!(!case.is_empty() && held_by.len() > 3, "{section} {case}");
        Line {
            section,
            case,
            held_by,
        }
    });
    read.collect()
}

/// The Rust files of a folder and the folders in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let found = paths.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    });
    found
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

/// The functions of a file, with what stands above each.
fn functions(path: &Path) -> Vec<Function> {
    let text = read_to_string(path).expect("it is text");
    let is_here = path.components().any(|it| it.as_os_str() == "upstream");
    let mut found = Vec::new();
    let mut next = Function::default();
    for line in text.lines().map(str::trim) {
        if let Some(case) = line.strip_prefix(MARK) {
            next.cases.push(case.to_owned());
        } else if line == "#[test]" {
            next.is_test = true;
        } else if line.starts_with("#[ignore") {
            next.ignored = true;
        } else if let Some(rest) = line.strip_prefix("fn ") {
            let (name, _) = rest.split_once(['(', '<']).unwrap_or((rest, ""));
            next.name = name.to_owned();
            next.is_here = is_here;
            found.push(std::mem::take(&mut next));
        } else if line == "}" {
            next = Function::default();
        }
    }
    found
}

#[test]
fn the_table_names_every_case_and_every_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/native", "src"].map(|folder| sources(&root.join(folder)));
    let all: Vec<Function> = folders
        .iter()
        .flatten()
        .flat_map(|it| functions(it))
        .collect();
    let tests: Vec<&Function> = all.iter().filter(|it| it.is_test).collect();
    let table = table();
    let cases: BTreeSet<&str> = table.iter().map(|line| &*line.case).collect();
    assert_eq!(cases.len(), table.len(), "every case has one line");
    for line in &table {
        let (section, case) = (&line.section, &line.case);
        assert!(section.starts_with("11."), "{section} | {case}");
        for name in line.tests() {
            let named: Vec<_> = tests.iter().filter(|it| it.name == name).collect();
            assert!(!named.is_empty(), "{case}: there is no test {name}");
            for test in named.iter().filter(|it| it.is_here) {
                assert!(test.cases.contains(case), "{name} does not name {case}");
                assert!(!test.ignored, "{name} is ignored");
            }
        }
        if line.fails() {
            let mut own = tests.iter().filter(|it| it.cases.contains(case));
            assert!(own.any(|it| it.ignored), "{case} has an ignored test");
        }
    }
    for function in &all {
        for case in &function.cases {
            let name = &function.name;
            assert!(function.is_test, "{name} names {case} and is no test");
            let line = table.iter().find(|line| line.case == *case);
            let line = line.unwrap_or_else(|| panic!("{name}: {case} is not in the table"));
            let listed = line.tests().contains(&&**name);
            let known = function.ignored && line.fails();
            assert!(listed || known, "{case}: the table does not name {name}");
        }
    }
}
