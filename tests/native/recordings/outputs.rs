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
///
/// Free is in a table of events the age of one whose count varies, with the padding of the columns beside it, and in
/// every table that is sorted by time the order of rows of one age.
pub(super) fn is_same(recorded: &str, printed: &str, line: &str, varying: &[&str]) -> bool {
    recorded == printed || {
        let by_time = line.contains("--sort-by") && line.contains("imestamp");
        blocks(recorded, by_time, varying) == blocks(printed, by_time, varying)
    }
}

/// A text in blocks: tables whose rows of one age are sorted, and between them lines as they are.
fn blocks(text: &str, by_time: bool, varying: &[&str]) -> Vec<String> {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !is_head(lines[at], by_time) {
            out.push(lines[at].to_owned());
            at += 1;
            continue;
        }
        let indent = indent(lines[at]);
        let inside = |it: &&&str| !it.trim().is_empty() && self::indent(it) >= indent;
        let n_rows = lines[at..].iter().take_while(inside).count();
        out.extend(table(&lines[at..at + n_rows], varying));
        at += n_rows;
    }
    out
}

/// Whether a line is the head of a table of events, or of any that is sorted by time.
fn is_head(line: &str, by_time: bool) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words == ["Type", "Reason", "Age", "From", "Message"]
        || words.starts_with(&["LAST", "SEEN"])
        || (by_time && words.contains(&"AGE"))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The rows of a table.
fn table(lines: &[&str], varying: &[&str]) -> Vec<String> {
    let varies = |line: &&str| varying.iter().any(|it| line.contains(it));
    let is_loose = lines.iter().any(varies);
    let mut rows: Vec<(String, String)> = lines
        .iter()
        .map(|line| {
            let (age, rest) = cells(line);
            let age = if varies(line) { "~".to_owned() } else { age };
            let row = match is_loose {
                true => format!("{}{age}  {rest}", &line[..indent(line)]),
                false => (*line).to_owned(),
            };
            (age, row)
        })
        .collect();
    let mut start = 0;
    for at in 1..=rows.len() {
        if at == rows.len() || rows[at].0 != rows[start].0 || rows[at].0.is_empty() {
            rows[start..at].sort();
            start = at;
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The cell of a row that is its age, and the others.
fn cells(line: &str) -> (String, String) {
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
    let at = cells.iter().position(is_age);
    let age = at.map_or("", |at| cells[at]).to_owned();
    let rest = cells.iter().enumerate().filter(|(it, _)| Some(*it) != at);
    let rest: Vec<&str> = rest.map(|(_, cell)| *cell).collect();
    (age, rest.join("  "))
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
    let head = "Name:  a\nEvents:\n  Type    Reason  Age   From  Message\n  ----    ------  ----  ----  -------\n";
    let recorded = format!(
        "{head}  Normal  A       3s    from  it varies\n  Normal  B       3s    from  it does not\n"
    );
    let same =
        |printed: &str| is_same(&recorded, printed, "kubectl describe pod a", &["it varies"]);
    let other = |from: &str, to: &str| recorded.replace(from, to);
    assert!(same(&recorded));
    assert!(same(&other(
        "3s    from  it varies",
        "8s (x2 over 9s)  from  it varies"
    )));
    for (from, to) in [
        ("3s    from  it does", "4s    from  it does"),
        ("it does", "it dose"),
        ("Name:  a", "Name: a"),
        ("  Normal  A", "Normal  A"),
        ("from  it varies", "of  it varies"),
        ("Events:", "Events: "),
    ] {
        assert!(!same(&other(from, to)), "{from} is held");
    }
}

#[test]
fn only_rows_of_one_age_may_come_in_any_order() {
    let head = "LAST SEEN   TYPE     REASON   OBJECT   MESSAGE\n";
    let rows = [
        "3s          Normal   A        pod/a    x\n",
        "3s          Normal   B        pod/b    y\n",
    ];
    let later = "1s          Normal   C        pod/c    z\n";
    let text = |rows: [&str; 3]| format!("{head}{}", rows.concat());
    let recorded = text([rows[0], rows[1], later]);
    let same = |printed: &str| is_same(&recorded, printed, "kubectl get events", &[]);
    assert!(same(&text([rows[1], rows[0], later])));
    assert!(!same(&text([rows[0], later, rows[1]])));
    assert!(
        !same(&recorded.replace("A        pod", "A  pod")),
        "padding is held"
    );
    let pods = |age: &str| format!("NAME    AGE\nweb-0   {age}\n");
    let line = "kubectl get pods";
    assert!(!is_same(&pods("3s"), &pods("4s"), line, &["web-0"]));
}
