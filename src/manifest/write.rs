//! Writing a value as YAML, as kubectl writes objects (`-o yaml`): keys sorted, lists not indented, and quotes where
//! a plain scalar would read as something else.

use crate::cluster::value::{Map, Value};

/// The YAML of a value.
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Map(map) if !map.is_empty() => write_map(&mut out, map, 0),
        Value::List(items) if !items.is_empty() => write_list(&mut out, items, 0),
        other => {
            out.push_str(&scalar(other, 0));
            out.push('\n');
        }
    }
    out
}

fn write_map(out: &mut String, map: &Map, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 || out.ends_with('\n') || out.is_empty() {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&key_text(key));
        out.push(':');
        write_field(out, value, indent);
    }
}

fn write_field(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push('\n');
            write_map(out, map, indent + 2);
        }
        Value::List(items) if !items.is_empty() => {
            out.push('\n');
            write_list(out, items, indent);
        }
        other => {
            out.push(' ');
            out.push_str(&scalar(other, indent));
            out.push('\n');
        }
    }
}

fn write_list(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        if out.ends_with('\n') || out.is_empty() {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str("- ");
        match item {
            Value::Map(map) if !map.is_empty() => write_map(out, map, indent + 2),
            Value::List(items) if !items.is_empty() => write_list(out, items, indent + 2),
            other => {
                out.push_str(&scalar(other, indent));
                out.push('\n');
            }
        }
    }
}

fn key_text(key: &str) -> String {
    if is_plain(key) {
        key.to_owned()
    } else {
        double_quoted(key)
    }
}

fn scalar(value: &Value, indent: usize) -> String {
    match value {
        Value::Text(text) if text.contains('\n') && is_printable(text) => block(text, indent),
        Value::Text(text) if is_plain(text) => text.to_string(),
        Value::Text(text) if reads_otherwise(text) || !is_printable(text) || text.is_empty() => {
            double_quoted(text)
        }
        Value::Text(text) => single_quoted(text),
        Value::Map(_) => "{}".to_owned(),
        Value::List(_) => "[]".to_owned(),
        other => other.to_json(),
    }
}

/// `|` with the chomping mark that keeps the text's own end.
fn block(text: &str, indent: usize) -> String {
    let chomp = if !text.ends_with('\n') {
        "-"
    } else if text.ends_with("\n\n") || text == "\n" {
        "+"
    } else {
        ""
    };
    let hint = if text.starts_with([' ', '\n']) {
        "2"
    } else {
        ""
    };
    let pad = " ".repeat(indent + 2);
    let body = text.strip_suffix('\n').unwrap_or(text);
    let lines: Vec<String> = body
        .split('\n')
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("{pad}{line}")
            }
        })
        .collect();
    format!("|{hint}{chomp}\n{}", lines.join("\n"))
}

fn is_printable(text: &str) -> bool {
    text.chars()
        .all(|letter| letter == '\n' || letter == '\t' || !letter.is_control())
}

/// Whether a plain scalar would resolve to something that is no string.
fn reads_otherwise(text: &str) -> bool {
    let is_word = matches!(
        text,
        "~" | "null"
            | "Null"
            | "NULL"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "<<"
            | "="
    );
    is_word
        || !matches!(super::scalar::resolve(text), Value::Text(_))
        || text.parse::<f64>().is_ok()
        || is_old_number(text)
}

/// Numbers that only YAML 1.1 knows, base 60 among them: Go's writer quotes them for older readers.
fn is_old_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sixty = digits.contains(':')
        && digits
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit()));
    let special = matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN");
    let date = crate::cluster::time::Time::parse(text).is_some() || is_date(text);
    sixty || special || date
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(&*parts, [year, month, day] if year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len())
        && parts.iter().all(|part| part.bytes().all(|it| it.is_ascii_digit())))
}

/// Whether libyaml's writer would leave the text plain and Go's reader would read it back as a string.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let indicator = "#,[]{}&*!|>'\"%@`".contains(first)
        || ("-?:".contains(first) && text.chars().nth(1).is_none_or(char::is_whitespace));
    let inner = text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || text.contains('\n')
        || text.contains('\t');
    let ends = text.starts_with(' ')
        || text.ends_with(' ')
        || text.starts_with("---")
        || text.starts_with("...");
    !indicator && !inner && !ends && is_printable(text) && !reads_otherwise(text)
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            letter if letter.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_look_as_kubectl_writes_them() {
        let value = Value::map([
            (
                "items",
                Value::List(vec![
                    Value::map([("a", Value::Int(1)), ("b", Value::List(vec!["x".into()]))]),
                    "y".into(),
                ]),
            ),
            ("empty", Value::Map(Map::new())),
            ("yes", "yes".into()),
            ("port", "80".into()),
            ("blank", "".into()),
            ("note", "a: b".into()),
            ("text", "{\"a\":1}\n".into()),
            ("time", "2026-11-21T07:40:37Z".into()),
            ("rest", Value::Null),
        ]);
        expect_test::expect![[r#"
            blank: ""
            empty: {}
            items:
            - a: 1
              b:
              - x
            - "y"
            note: 'a: b'
            port: "80"
            rest: null
            text: |
              {"a":1}
            time: "2026-11-21T07:40:37Z"
            "yes": "yes"
        "#]]
        .assert_eq(&yaml(&value));
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "", " x", "x ", "- a", "a\nb", "a\n\n", "'", "\"", "0x1F", "1_000", "no", "~", "a #b",
            "#", "é", "\u{7}", "1:30", "=", "- ",
        ] {
            let value = Value::map([("a", text.into()), ("b", Value::List(vec![text.into()]))]);
            let written = yaml(&value);
            assert_eq!(
                super::super::value(&written).ok(),
                Some(value),
                "{text:?} as {written:?}"
            );
        }
    }
}
