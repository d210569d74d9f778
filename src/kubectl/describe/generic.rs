//! Kinds without a describer of their own: all of their fields, by sorted key.

use super::{Described, Writer};
use crate::cluster::value::Value;

/// Parts of a key that are written in capitals.
const CAPITALS: &[&str] = &["api", "url", "uid", "guid"];
/// Fields of the metadata that stand above.
const ABOVE: &[&str] = &[
    "name",
    "namespace",
    "labels",
    "annotations",
    "managedFields",
];

impl Described<'_> {
    pub(super) fn generic(&self, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
        let mut value = self.value.clone();
        for field in ABOVE {
            value.remove(&["metadata", field]);
        }
        fields(&value, 0, out);
    }
}

fn fields(value: &Value, level: usize, out: &mut Writer) {
    for (key, value) in value.as_map().into_iter().flat_map(|map| map.iter()) {
        let key = words(key);
        match value {
            Value::Map(_) => {
                out.line(level, &format!("{key}:"));
                fields(value, level + 1, out);
            }
            Value::List(items) => {
                out.line(level, &format!("{key}:"));
                for item in items {
                    match item {
                        Value::Map(_) => fields(item, level + 1, out),
                        scalar => out.line(level + 1, &scalar.plain()),
                    }
                }
            }
            scalar => out.field(level, &key, &scalar.plain()),
        }
    }
}

/// `creationTimestamp` as `Creation Timestamp`.
fn words(key: &str) -> String {
    if !key.chars().all(|it| it.is_ascii_alphabetic() || it == '-') {
        return key.to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut last_is_upper = true;
    for letter in key.chars() {
        let starts = letter.is_ascii_uppercase() && !last_is_upper;
        match parts.last_mut() {
            Some(part) if !starts => part.push(letter),
            _ => parts.push(letter.to_string()),
        }
        last_is_upper = letter.is_ascii_uppercase();
    }
    let part = |part: &String| {
        if CAPITALS.contains(&&*part.to_lowercase()) {
            return part.to_uppercase();
        }
        let mut letters = part.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    };
    parts.iter().map(part).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn keys_become_words() {
        for (key, shown) in [
            ("uid", "UID"),
            ("apiVersion", "API Version"),
            ("creationTimestamp", "Creation Timestamp"),
            ("$patch", "$patch"),
            ("app", "App"),
            ("app.kubernetes.io/name", "app.kubernetes.io/name"),
        ] {
            assert_eq!(words(key), shown);
        }
    }
}
