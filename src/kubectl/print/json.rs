//! JSON as `-o json` writes it: sorted keys, four blanks a level.

use crate::cluster::value::Value;

/// The JSON of a value, over several lines, without a newline at the end.
pub(crate) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0, 4);
    out
}

/// The blanks a level in what the API server writes.
const API_BLANKS: usize = 2;

/// JSON as the API server writes it for people: two blanks a level, and first of what kind it is and its metadata.
///
/// What follows has the order of Go's fields there, and is sorted here.
pub fn of_api(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0, API_BLANKS);
    out
}

fn write(out: &mut String, value: &Value, level: usize, blanks: usize) {
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.push_str(&" ".repeat(blanks * level));
    };
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push('{');
            let mut items: Vec<_> = map.iter().collect();
            if level == 0 && blanks == API_BLANKS {
                let first = ["kind", "apiVersion", "metadata"];
                let rank = |key: &str| first.iter().position(|it| *it == key);
                crate::cluster::sorted::sort_by_key(&mut items, |it| rank(it.0).unwrap_or(3));
            }
            for (at, (key, item)) in items.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, level + 1);
                out.push_str(&Value::Text(key.clone()).to_json());
                out.push_str(": ");
                write(out, item, level + 1, blanks);
            }
            line(out, level);
            out.push('}');
        }
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, level + 1);
                write(out, item, level + 1, blanks);
            }
            line(out, level);
            out.push(']');
        }
        other => out.push_str(&other.to_json()),
    }
}
