//! How kubectl shows objects: tables, YAML, JSON, and times of day as ages (reference 8.1 to 8.4).

mod age;
mod cells;
mod json;
mod path;
mod table;
mod template;
mod typed;

pub(super) use age::human;
pub(super) use cells::{cells, headers};
pub use json::of_api;
pub(super) use json::pretty;
pub(super) use path::{JsonPath, go_plain};
pub(super) use table::Table;
pub(super) use template::Template;
pub(super) use typed::{compact_typed, filled, pretty_typed};

use std::fmt::Display;

use crate::cluster::Cluster;
use crate::cluster::names::Naming;
use crate::cluster::object::{Event, Object};
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};

/// What stands for nothing.
pub(super) const NONE: &str = "<none>";
/// The most endpoints and ports that a cell names.
pub(super) const NAMED_MAX: usize = 3;

/// How long ago an instant is.
pub(super) fn age(time: Option<Time>, now: Time) -> String {
    match time {
        Some(time) => human(now.ms_since(time)),
        None => "<unknown>".to_owned(),
    }
}

/// When an event came, and how often.
pub(super) fn interval(event: &Event, now: Time) -> String {
    let first = age(event.first_seen(), now);
    if event.count <= 1 {
        return first;
    }
    let last = age(event.last, now);
    format!("{last} (x{} over {first})", event.count)
}

/// A text, or what stands for nothing.
pub(super) fn or(text: &str, empty: &str) -> String {
    match text.is_empty() {
        true => empty.to_owned(),
        false => text.to_owned(),
    }
}

/// Labels and the like in one line: `app=nginx,tier=web`.
pub(super) fn joined<K: Display, V: Display>(pairs: impl Iterator<Item = (K, V)>) -> String {
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
    or(&pairs.join(","), NONE)
}

/// The fields of the map behind a row of keys, for [`joined`].
pub(super) fn fields<'a>(
    value: &'a Value,
    path: &[&str],
) -> impl Iterator<Item = (&'a Text, String)> {
    let map = value.at(path).and_then(Value::as_map);
    let fields = map.into_iter().flat_map(|map| map.iter());
    fields.map(|(key, value)| (key, value.plain()))
}

/// The first of a list, and how many more there are.
pub(super) fn named(all: &[String]) -> String {
    let first: Vec<&str> = all.iter().take(NAMED_MAX).map(|it| &**it).collect();
    match all.len().checked_sub(NAMED_MAX) {
        None | Some(0) => first.join(","),
        Some(more) => format!("{} + {more} more...", first.join(",")),
    }
}

/// An object as `-o yaml` and `-o json` show it.
pub(super) fn shown(object: &Object, cluster: &Cluster) -> Value {
    let mut value = object.to_value();
    // In the recordings every version is 1.
    if cluster.api.config.naming == Naming::Recorded {
        value.set(&["metadata", "resourceVersion"], Value::text("1"));
        for path in [
            &["involvedObject", "resourceVersion"][..],
            &["spec", "claimRef", "resourceVersion"],
        ] {
            if value.at(path).is_some() {
                value.set(path, Value::text("1"));
            }
        }
    }
    value
}

/// Several objects as one.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::map([
        ("apiVersion", Value::text("v1")),
        ("items", Value::List(items)),
        ("kind", Value::text("List")),
        (
            "metadata",
            Value::map([("resourceVersion", Value::text(""))]),
        ),
    ])
}
