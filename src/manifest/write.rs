//! Writing a value as YAML, as kubectl writes objects (`-o yaml`): keys sorted, lists not indented, and quotes where
//! a plain scalar would read as something else.

use crate::cluster::value::{Map, Value};

/// The YAML of a value.
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Map(map) if !map.is_empty() => write_map(&mut out, map, 0),
        Value::List(items) if !items.is_empty() => write_list(&mut out, items, 0),
        other => write_scalar(&mut out, other, 0),
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
            write_scalar(out, other, indent);
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
            other => write_scalar(out, other, indent),
        }
    }
}

fn key_text(key: &str) -> String {
    match is_plain(key) {
        true => key.to_owned(),
        false => format!("\"{}\"", escaped(key)),
    }
}

fn write_scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Text(text) if text.contains('\n') && is_printable(text) && !is_ragged(text) => {
            out.push_str(&block(text, indent));
        }
        Value::Text(text) if is_plain(text) => fold(out, text, "", indent),
        Value::Text(text) if reads_otherwise(text) || !is_printable(text) || is_ragged(text) => {
            fold(out, &escaped(text), "\"", indent);
        }
        Value::Text(text) => fold(out, &text.replace('\'', "''"), "'", indent),
        Value::Map(_) => out.push_str("{}"),
        Value::List(_) => out.push_str("[]"),
        other => out.push_str(&other.to_json()),
    }
    out.push('\n');
}

/// After so many letters a line is broken at the next blank.
const WIDTH: usize = 80;

/// Writes a scalar, over several lines if it is long (`yaml_emitter_write_plain_scalar` and its like).
fn fold(out: &mut String, text: &str, quote: &str, indent: usize) {
    out.push_str(quote);
    let line = out.rsplit('\n').next().unwrap_or_default();
    let mut column = line.chars().count();
    let pad = " ".repeat(indent + 2);
    let mut after_blank = false;
    for (at, letter) in text.char_indices() {
        let rest = text.get(at + letter.len_utf8()..).unwrap_or_default();
        let is_inner = (quote.is_empty() || at > 0) && !rest.is_empty();
        let is_before_blank = rest.starts_with(' ') && quote != "\"";
        if letter == ' ' && column > WIDTH && is_inner && !after_blank && !is_before_blank {
            out.push('\n');
            out.push_str(&pad);
            column = pad.len();
            if rest.starts_with(' ') {
                out.push('\\');
            }
        } else {
            out.push(letter);
            column += 1;
        }
        after_blank = letter == ' ';
    }
    out.push_str(quote);
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

/// Whether every letter may stand there as it is.
fn is_printable(text: &str) -> bool {
    let fits = |letter: char| letter == '\n' || (!letter.is_control() && letter <= '\u{fffd}');
    text.chars().all(|it| fits(it) && it != '\u{feff}')
}

/// Whether blanks stand where a block would lose them, before the end of a line.
fn is_ragged(text: &str) -> bool {
    text.is_empty() || text.contains(" \n") || (text.contains('\n') && text.ends_with(' '))
}

/// Whether a plain scalar would resolve to something that is no string.
fn reads_otherwise(text: &str) -> bool {
    let is_word = matches!(
        text,
        "~" | "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE"
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

/// The letters of a text between double quotes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        let number = u32::from(letter);
        let short = match letter {
            '"' | '\\' => letter,
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            _ if is_printable(letter.encode_utf8(&mut [0; 4])) => {
                out.push(letter);
                continue;
            }
            _ => {
                out.push_str(&match number {
                    ..=0xff => format!("\\x{number:02X}"),
                    0x100..=0xffff => format!("\\u{number:04X}"),
                    _ => format!("\\U{number:08X}"),
                });
                continue;
            }
        };
        out.extend(['\\', short]);
    }
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

    /// As a real kubectl writes them (`create configmap --from-file --dry-run=client -o yaml`).
    #[test]
    fn words_are_quoted_where_kubectl_quotes_them() {
        for (text, written) in [
            ("=", "="),
            ("y", "\"y\""),
            ("n", "\"n\""),
            ("yes", "\"yes\""),
            ("on", "\"on\""),
            ("~", "\"~\""),
            ("null", "\"null\""),
            ("0x1F", "\"0x1F\""),
            ("1_000", "\"1_000\""),
            ("0o7", "\"0o7\""),
            ("0b1", "\"0b1\""),
            ("1e3", "\"1e3\""),
            (".5", "\".5\""),
            ("+1", "\"+1\""),
            ("1:30", "\"1:30\""),
            ("2020-01-01", "\"2020-01-01\""),
            (".inf", "\".inf\""),
            ("0777", "\"0777\""),
            ("08", "\"08\""),
            ("1.0", "\"1.0\""),
            ("-1", "\"-1\""),
            ("-", "'-'"),
            ("--- a", "'--- a'"),
            ("...", "'...'"),
            ("a:", "'a:'"),
            ("a: b", "'a: b'"),
            ("?a", "?a"),
            (":a", ":a"),
            ("%a", "'%a'"),
            ("@a", "'@a'"),
            ("`a", "'`a'"),
            ("!a", "'!a'"),
            ("&a", "'&a'"),
            ("*a", "'*a'"),
            ("{a", "'{a'"),
            ("a}", "a}"),
            ("[a", "'[a'"),
            ("a]", "a]"),
            ("a,b", "a,b"),
            ("|a", "'|a'"),
            (">a", "'>a'"),
            ("'a", "'''a'"),
            ("\"a", "'\"a'"),
            ("#a", "'#a'"),
            ("a #b", "'a #b'"),
            ("a#b", "a#b"),
            ("1.2.3", "1.2.3"),
            ("10.0.0.1", "10.0.0.1"),
            ("1Gi", "1Gi"),
            ("true", "\"true\""),
            ("False", "\"False\""),
            ("Off", "\"Off\""),
            ("NO", "\"NO\""),
            ("0.", "\"0.\""),
            ("1e", "1e"),
            ("12e03", "\"12e03\""),
            ("+.inf", "\"+.inf\""),
            ("0x", "0x"),
            ("_1", "_1"),
            ("1_", "\"1_\""),
            ("é", "é"),
            (" a", "' a'"),
            ("a ", "'a '"),
            ("?", "'?'"),
            ("? a", "'? a'"),
            ("null ", "'null '"),
            ("Null", "\"Null\""),
            ("nULL", "nULL"),
        ] {
            let value = Value::map([("k", text.into())]);
            assert_eq!(yaml(&value), format!("k: {written}\n"), "{text:?}");
        }
    }

    /// As a real kubectl folds them.
    #[test]
    fn long_lines_are_folded() {
        let texts = [
            (
                "d",
                "\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b 'c d  e",
            ),
            (
                "message",
                "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes",
            ),
            (
                "note",
                "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
            ),
            (
                "q",
                "it's a b' c d: one two three four five six seven eight nine ten eleven twelve 'thirteen' fourteen",
            ),
            (
                "r",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: \"",
            ),
        ];
        let texts = Value::map(texts.map(|(key, text)| (key, text.into())));
        let value = Value::map([("data", texts)]);
        let written = yaml(&value);
        expect_test::expect![[r#"
            data:
              d: "\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                b 'c d  e"
              message: '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient
                cpu. preemption: 0/3 nodes'
              note: one two three four five six seven eight nine ten eleven twelve thirteen fourteen
                fifteen sixteen
              q: 'it''s a b'' c d: one two three four five six seven eight nine ten eleven twelve
                ''thirteen'' fourteen'
              r: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:
                "'
        "#]]
        .assert_eq(&written);
        assert_eq!(super::super::value(&written).ok(), Some(value));
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "",
            " x",
            "x ",
            "- a",
            "a\nb",
            "a\n\n",
            "'",
            "\"",
            "0x1F",
            "1_000",
            "no",
            "~",
            "a #b",
            "#",
            "é",
            "\u{7}",
            "1:30",
            "=",
            "- ",
            "<<",
            "a \nb",
            "\ta\nb",
            "\u{1f600}",
            "a\tb",
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
