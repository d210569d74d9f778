//! What `kubectl describe` prints of each kind (reference 8.5).

mod events;
mod generic;
mod network;
mod node;
mod plain;
mod pod;
mod storage;
mod workload;
mod writer;

use std::rc::Rc;

pub(super) use plain::roles;
use writer::Writer;

use super::print::{NONE, shown};
use crate::cluster::Cluster;
use crate::cluster::object::{Kind, Object};
use crate::cluster::time::Time;
use crate::cluster::value::Value;
use crate::kubectl::verb::apply::LAST_APPLIED;

/// From so many letters on an annotation's value stands on a line of its own.
const ANNOTATION_MAX: usize = 140;

/// An object, described.
pub(super) fn describe(object: &Rc<Object>, cluster: &Cluster, with_events: bool) -> String {
    let value = shown(object, cluster);
    let it = Described {
        value: &value,
        object,
        cluster,
        now: cluster.now(),
    };
    let mut out = Writer::default();
    match &**object {
        Object::Pod(pod) => it.pod(pod, &mut out),
        Object::StatefulSet(_) => it.stateful_set(&mut out),
        Object::ReplicaSet(_) => it.replica_set(&mut out),
        Object::Deployment(_) => it.deployment(&mut out),
        Object::PersistentVolumeClaim(claim) => it.claim(claim, &mut out),
        Object::PersistentVolume(volume) => it.volume(volume, &mut out),
        Object::StorageClass(_) => it.class(&mut out),
        Object::Service(_) => it.service(&mut out),
        Object::EndpointSlice(_) => it.slice(&mut out),
        Object::Node(_) => it.node(&mut out),
        Object::Endpoints(_) => it.endpoints_object(&mut out),
        other => match other.kind() {
            Kind::Namespace => it.namespace(&mut out),
            Kind::ConfigMap => it.config_map(&mut out),
            Kind::Secret => it.secret(&mut out),
            Kind::ServiceAccount => it.service_account(&mut out),
            Kind::PodDisruptionBudget => it.disruption_budget(&mut out),
            _ => it.generic(&mut out),
        },
    }
    let has_events = !matches!(object.kind(), Kind::Namespace | Kind::Secret);
    if with_events && has_events {
        it.events(&mut out);
    }
    out.aligned()
}

/// A pod template as `kubectl rollout history --revision` prints it: with its tabs.
pub(super) fn template(template: &Value) -> String {
    let mut out = Writer::default();
    workload::pod_template(template, &mut out);
    out.raw()
}

/// An object on its way into a description.
struct Described<'a> {
    value: &'a Value,
    object: &'a Rc<Object>,
    cluster: &'a Cluster,
    now: Time,
}

impl Described<'_> {
    fn text(&self, path: &[&str]) -> &str {
        self.value.str_at(path).unwrap_or_default()
    }

    fn head(&self, out: &mut Writer) {
        out.field(0, "Name", self.text(&["metadata", "name"]));
        if self.object.kind().is_namespaced() {
            out.field(0, "Namespace", self.text(&["metadata", "namespace"]));
        }
    }

    fn labels(&self, out: &mut Writer) {
        pairs(out, 0, "Labels", self.value.at(&["metadata", "labels"]));
    }

    fn annotations(&self, out: &mut Writer) {
        annotations(out, 0, self.value.at(&["metadata", "annotations"]));
    }

    fn finalizers(&self, out: &mut Writer) {
        let all = strings(self.value, &["metadata", "finalizers"]);
        out.field(0, "Finalizers", &format!("[{}]", all.join(" ")));
    }

    fn created(&self, out: &mut Writer) {
        out.field(
            0,
            "CreationTimestamp",
            &long_time(self.text(&["metadata", "creationTimestamp"])),
        );
    }

    /// Since when an object is being deleted, as `Terminating (lasts …)` says it.
    fn terminating(&self) -> Option<String> {
        let due = Time::parse(self.text(&["metadata", "deletionTimestamp"]))?;
        let lasts = super::print::human(self.now.ms_since(due));
        Some(format!("Terminating (lasts {lasts})"))
    }

    fn controlled_by(&self, out: &mut Writer) {
        if let Some(owner) = self.object.meta().controller() {
            out.field(
                0,
                "Controlled By",
                &format!("{}/{}", owner.kind, owner.name),
            );
        }
    }
}

/// `Wed, 15 Jan 2025 10:00:01 +0000`.
fn long_time(text: &str) -> String {
    let Some(time) = Time::parse(text) else {
        return "Mon, 01 Jan 0001 00:00:00 +0000".to_owned();
    };
    let [year, _, day, hour, minute, second, _] = time.civil();
    let (weekday, month) = (time.weekday_name(), time.month_name());
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// The texts of a list.
fn strings<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a str> {
    let items = value.list_at(path).iter();
    items.filter_map(Value::as_str).collect()
}

/// `Labels:` with a line for each.
fn pairs(out: &mut Writer, level: usize, key: &str, map: Option<&Value>) {
    let map = map.and_then(Value::as_map).filter(|it| !it.is_empty());
    let Some(map) = map else {
        out.field(level, key, NONE);
        return;
    };
    for (at, (name, value)) in map.iter().enumerate() {
        let pair = format!("{name}={}", value.plain());
        match at {
            0 => out.field(level, key, &pair),
            _ => out.line(level, &format!("\t{pair}")),
        }
    }
}

fn annotations(out: &mut Writer, level: usize, map: Option<&Value>) {
    let map = map.and_then(Value::as_map);
    let shown = map.into_iter().flat_map(|map| map.iter());
    let shown = shown.filter(|(name, _)| **name != *LAST_APPLIED);
    let mut is_first = true;
    for (name, value) in shown {
        let value = value.plain();
        let is_long = value.len() > ANNOTATION_MAX
            || name.len() + value.len() > ANNOTATION_MAX
            || value.contains('\n');
        let start = match is_first {
            true => "Annotations:\t",
            false => "\t",
        };
        is_first = false;
        if !is_long {
            out.line(level, &format!("{start}{name}: {value}"));
            continue;
        }
        out.line(level, &format!("{start}{name}:"));
        for line in value.trim_end().split('\n') {
            let end = line
                .char_indices()
                .nth(ANNOTATION_MAX - 2)
                .map(|(at, _)| at);
            let cut = end.and_then(|end| line.get(..end));
            let line = cut.map_or_else(|| line.to_owned(), |it| format!("{it}..."));
            out.line(level, &format!("\t  {line}"));
        }
    }
    if is_first {
        out.field(level, "Annotations", NONE);
    }
}

/// A label selector in one line: `app=nginx,tier in (a,b)`.
fn selector(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return NONE.to_owned();
    };
    let labels = value.get("matchLabels").and_then(Value::as_map);
    let labels = labels.into_iter().flat_map(|map| map.iter());
    let mut all: Vec<String> = labels
        .map(|(key, value)| format!("{key}={}", value.plain()))
        .collect();
    for expression in value.list_at(&["matchExpressions"]) {
        let key = expression.plain_at(&["key"]);
        let values = strings(expression, &["values"]).join(",");
        all.push(match expression.str_at(&["operator"]) {
            Some("Exists") => key,
            Some("DoesNotExist") => format!("!{key}"),
            Some("NotIn") => format!("{key} notin ({values})"),
            _ => format!("{key} in ({values})"),
        });
    }
    match all.is_empty() {
        true => NONE.to_owned(),
        false => all.join(","),
    }
}
