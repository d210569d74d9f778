//! How kubectl shows objects: tables, YAML, JSON, and times of day as ages (reference 8.1 to 8.4).

mod age;
mod cells;
mod json;
mod path;
mod table;

pub(super) use age::human;
pub(super) use cells::{cells, headers};
pub(super) use json::pretty;
pub(super) use path::JsonPath;
pub(super) use table::Table;

use crate::cluster::Cluster;
use crate::cluster::names::Naming;
use crate::cluster::object::Object;
use crate::cluster::value::Value;

/// An object as `-o yaml` and `-o json` show it.
pub(super) fn shown(object: &Object, cluster: &Cluster) -> Value {
    let mut value = object.to_value();
    // In the recordings every version is 1.
    if cluster.api.config.naming == Naming::Recorded {
        value.set(&["metadata", "resourceVersion"], Value::text("1"));
        if value.at(&["involvedObject", "resourceVersion"]).is_some() {
            value.set(&["involvedObject", "resourceVersion"], Value::text("1"));
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
