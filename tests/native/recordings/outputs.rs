//! What commands print, held to what was recorded: byte for byte, but for the cells that README.md calls free.

use std::collections::BTreeMap;

use serde_json::Value;

use super::file::Recording;

/// The messages of events whose count was not the same in every take.
pub(super) fn varying(recording: &Recording) -> Vec<&str> {
    let events = recording.steps.iter().flat_map(|step| {
        let listed = step.said["events"].as_array().into_iter().flatten();
        listed.chain(step.said["maybe"].as_array().into_iter().flatten())
    });
    let without = events.filter(|it| it["count"].is_null());
    without.filter_map(|it| it["message"].as_str()).collect()
}

/// Whether a text is as recorded.
pub(super) fn is_same(recorded: &str, printed: &str, line: &str, varying: &[&str]) -> bool {
    if recorded == printed {
        return true;
    }
    let has_rows_of_equal_keys =
        line.contains("event") || line.contains("describe") || line.contains("--sort-by");
    if !has_rows_of_equal_keys {
        return false;
    }
    let rows = |text: &str| {
        let mut rows: Vec<(String, String)> = text.lines().map(|it| row(it, varying)).collect();
        // Rows with the same age may come in any order among themselves.
        let mut start = 0;
        for at in 1..=rows.len() {
            if at == rows.len() || rows[at].0 != rows[start].0 || rows[at].0.is_empty() {
                rows[start..at].sort();
                start = at;
            }
        }
        rows
    };
    rows(recorded) == rows(printed)
}

/// The age of an event's row and the rest of it; the age of an event that varies is free, and so is its padding.
fn row(line: &str, varying: &[&str]) -> (String, String) {
    let cells: Vec<&str> = line
        .split("  ")
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    let is_age = |cell: &&str| -> bool {
        let first = cell.split(' ').next().unwrap_or_default();
        first.starts_with(|it: char| it.is_ascii_digit())
            && first.ends_with(['s', 'm', 'h', 'd', 'y'])
    };
    let Some(at) = cells.iter().position(is_age) else {
        return (String::new(), cells.join("  "));
    };
    let is_free = varying.iter().any(|it| line.contains(it));
    let age = if is_free { "~" } else { cells[at] };
    let rest = cells.iter().enumerate().filter(|(it, _)| *it != at);
    let rest: Vec<&str> = rest.map(|(_, cell)| *cell).collect();
    (age.to_owned(), rest.join("  "))
}

/// Lines by the object that they are about: rows of different objects may come in any order.
pub(super) fn by_object<'a>(lines: &[&'a str]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        let name = line.split_whitespace().next().unwrap_or_default();
        out.entry(name).or_default().push(line);
    }
    out
}

/// The texts of a list.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    let texts = value.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).collect()
}

#[test]
fn only_the_age_of_an_event_that_varies_is_free() {
    let recorded = "  Normal  A     3s    from  it varies\n  Normal  B     3s    from  it does not";
    let other = |from: &str, to: &str| recorded.replace(from, to);
    let same = |printed: &str| is_same(recorded, printed, "kubectl describe pod a", &["it varies"]);
    assert!(same(recorded));
    assert!(same(&other(
        "3s    from  it varies",
        "8s (x2 over 9s)  from  it varies"
    )));
    assert!(!same(&other("3s    from  it does", "4s    from  it does")));
    assert!(!same(&other("it does", "it dose")));
    assert!(!is_same(
        "web-0   3s",
        "web-0   4s",
        "kubectl get pods",
        &["it varies"]
    ));
}
