//! Patches: strategic merge, JSON merge (RFC 7386) and JSON patch (RFC 6902), as the server applies them
//! (reference 8.10).

mod json_patch;
mod strategic;

use super::value::{Map, Value};
pub use json_patch::{JsonPatchError, json_patch};
pub use strategic::{StrategicError, strategic_merge};

/// How a patch is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// Merge by the schema's merge keys.
    Strategic,
    /// Maps are merged, null deletes, lists are replaced.
    Merge,
    /// A list of operations.
    Json,
}

/// Applies a JSON merge patch (RFC 7386).
pub fn merge(live: &mut Value, patch: &Value) {
    let Value::Map(patch) = patch else {
        *live = patch.clone();
        return;
    };
    if live.as_map().is_none() {
        *live = Value::Map(Map::new());
    }
    let Some(map) = live.as_map_mut() else { return };
    for (key, value) in patch {
        if *value == Value::Null {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_default(), value);
        }
    }
}

/// A value as Go's `%v` prints it: `map[spec:map[replicas:3]]`.
pub fn go_text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(go_text).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}:{}", go_text(value)))
                .collect();
            format!("map[{}]", fields.join(" "))
        }
        other => other.to_json(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_patches_follow_rfc_7386() {
        let mut live = Value::map([
            (
                "a",
                Value::map([("b", Value::Int(1)), ("c", Value::Int(2))]),
            ),
            ("list", Value::List(vec![Value::Int(1)])),
        ]);
        let patch = Value::map([
            (
                "a",
                Value::map([("b", Value::Null), ("d", Value::map([("e", Value::Null)]))]),
            ),
            ("list", Value::List(vec![])),
        ]);
        merge(&mut live, &patch);
        assert_eq!(live.to_json(), r#"{"a":{"c":2,"d":{}},"list":[]}"#);
    }

    #[test]
    fn go_prints_maps_in_its_own_way() {
        let value = Value::map([(
            "spec",
            Value::map([
                ("replica", Value::Int(3)),
                ("x", Value::List(vec!["a".into()])),
            ]),
        )]);
        assert_eq!(go_text(&value), "map[spec:map[replica:3 x:[a]]]");
    }
}
