//! JSON as `-o json` writes it: sorted keys, four blanks a level.

use crate::cluster::value::Value;

/// The JSON of a value, over several lines, without a newline at the end.
pub(crate) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, level: usize) {
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.push_str(&" ".repeat(4 * level));
    };
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, level + 1);
                out.push_str(&Value::Text(key.clone()).to_json());
                out.push_str(": ");
                write(out, item, level + 1);
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
                write(out, item, level + 1);
            }
            line(out, level);
            out.push(']');
        }
        other => out.push_str(&other.to_json()),
    }
}
