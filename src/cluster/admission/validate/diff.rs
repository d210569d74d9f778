//! What differs between two versions of a part that may not change, as the server shows it: a unified diff of Go's
//! internal structs as JSON (`k8s.io/apimachinery/pkg/util/diff`, with go-difflib).

use crate::cluster::value::Value;

/// Equal lines that are shown around what differs.
const CONTEXT: usize = 3;

/// The diff of two structs: fields in Go's order, with their values.
pub(super) fn unified(old: &[(&str, Value)], new: &[(&str, Value)]) -> String {
    let (old, new) = (lines(old), lines(new));
    let mut equal = Vec::new();
    matches(&old, &new, (0, 0), &mut equal);
    // Every line with the numbers that it has, or would have, in both.
    let mut all: Vec<(char, usize, usize)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (a, b) in equal.into_iter().chain([(old.len(), new.len())]) {
        all.extend((i..a).map(|i| ('-', i, j)));
        all.extend((j..b).map(|j| ('+', a, j)));
        if a < old.len() {
            all.push((' ', a, b));
        }
        (i, j) = (a + 1, b + 1);
    }
    let changed: Vec<usize> = (0..all.len()).filter(|at| all[*at].0 != ' ').collect();
    let mut out = String::new();
    let mut from = 0;
    while let Some(first) = changed.iter().copied().find(|at| *at >= from) {
        let mut last = first;
        for at in changed.iter().copied().filter(|at| *at > first) {
            if at - last <= 2 * CONTEXT + 1 {
                last = at;
            } else {
                break;
            }
        }
        from = last + 1;
        let hunk = &all[first.saturating_sub(CONTEXT)..all.len().min(last + 1 + CONTEXT)];
        let (_, i, j) = hunk[0];
        let count = |other: char| hunk.iter().filter(|it| it.0 != other).count();
        let (minus, plus) = (range(i, count('+')), range(j, count('-')));
        out.push_str(&format!("@@ -{minus} +{plus} @@\n"));
        for (sign, i, j) in hunk {
            let line = if *sign == '+' { &new[*j] } else { &old[*i] };
            out.push_str(&format!("{sign}{line}\n"));
        }
    }
    out
}

fn range(start: usize, length: usize) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

/// Pairs of equal lines: the longest run, then what is before and behind it.
fn matches(old: &[String], new: &[String], at: (usize, usize), out: &mut Vec<(usize, usize)>) {
    let mut best = (0, 0, 0);
    for i in 0..old.len() {
        for j in 0..new.len() {
            let run = old[i..].iter().zip(&new[j..]);
            let length = run.take_while(|(a, b)| a == b).count();
            if length > best.2 {
                best = (i, j, length);
            }
        }
    }
    let (i, j, length) = best;
    if length == 0 {
        return;
    }
    matches(&old[..i], &new[..j], at, out);
    out.extend((0..length).map(|more| (at.0 + i + more, at.1 + j + more)));
    let behind = (at.0 + i + length, at.1 + j + length);
    matches(&old[i + length..], &new[j + length..], behind, out);
}

/// JSON with an indent of one space, line by line.
fn lines(fields: &[(&str, Value)]) -> Vec<String> {
    let mut text = String::from("{");
    for (number, (name, value)) in fields.iter().enumerate() {
        text.push_str(if number > 0 { ",\n \"" } else { "\n \"" });
        text.push_str(name);
        text.push_str("\": ");
        write(&mut text, value, 2);
    }
    text.push_str("\n}");
    text.lines().map(str::to_owned).collect()
}

fn write(text: &mut String, value: &Value, indent: usize) {
    let items: Vec<(String, &Value)> = match value {
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| (format!("{}: ", Value::text(&**key).to_json()), value))
            .collect(),
        Value::List(items) => items.iter().map(|it| (String::new(), it)).collect(),
        _ => Vec::new(),
    };
    if items.is_empty() {
        text.push_str(&value.to_json());
        return;
    }
    let (open, close) = match value {
        Value::List(_) => ('[', ']'),
        _ => ('{', '}'),
    };
    text.push(open);
    for (number, (key, value)) in items.iter().enumerate() {
        text.push_str(if number > 0 { ",\n" } else { "\n" });
        text.push_str(&" ".repeat(indent));
        text.push_str(key);
        write(text, value, indent + 1);
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent - 1));
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_three_lines_around_it() {
        let spec = |class: &str, mode: &str| {
            let modes = Value::List(vec![Value::text("ReadWriteOnce")]);
            [
                ("AccessModes", modes),
                ("Selector", Value::Null),
                ("VolumeName", Value::text("")),
                ("StorageClassName", Value::text(class)),
                ("VolumeMode", Value::text(mode)),
            ]
        };
        assert_eq!(
            unified(&spec("a", "Filesystem"), &spec("b", "Filesystem")),
            "@@ -4,6 +4,6 @@\n  ],\n  \"Selector\": null,\n  \"VolumeName\": \"\",\n- \"StorageClassName\": \"a\",\n\
             + \"StorageClassName\": \"b\",\n  \"VolumeMode\": \"Filesystem\"\n }\n"
        );
        assert_eq!(unified(&spec("a", "Block"), &spec("a", "Block")), "");
    }
}
