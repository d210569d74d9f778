//! Names, labels, annotations, owners and finalizers (`ValidateObjectMeta`).

use std::fmt::Arguments;
use std::rc::Rc;

use crate::cluster::admission::text;
use crate::cluster::error::Causes;
use crate::cluster::object::{Kind, Meta, Object};
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Text, Value};

/// All annotations of an object together may have so many bytes.
const ANNOTATIONS: usize = 262_144;

/// Checks the metadata of an object; what was already there was checked when it came.
pub(super) fn check(object: &Object, old: Option<&Meta>, causes: &mut Causes) {
    let kind = object.kind();
    let meta = object.meta();
    if meta.name.is_empty() {
        causes.required("metadata.name", "name or generateName is required");
    } else if old.is_none() {
        for fault in name_faults(kind, &meta.name) {
            causes.invalid_text("metadata.name", &meta.name, &fault);
        }
    }
    if kind.is_namespaced() && meta.namespace.is_empty() {
        causes.required("metadata.namespace", "");
    }
    if old.is_none_or(|old| old.labels != meta.labels) {
        labels(&meta.labels, format_args!("metadata.labels"), causes);
    }
    if old.is_none_or(|old| !Rc::ptr_eq(&old.annotations, &meta.annotations)) {
        let known = old.map(|old| &*old.annotations);
        new_annotations(&meta.annotations, known, "metadata.annotations", causes);
    }
    if meta
        .owners
        .iter()
        .filter(|owner| owner.controller == Some(true))
        .count()
        > 1
    {
        let list = Value::List(
            meta.owners
                .iter()
                .map(crate::cluster::json::Json::write_always)
                .collect(),
        );
        let detail =
            "Only one reference can have Controller set to true. Found \"true\" in references for";
        causes.invalid("metadata.ownerReferences", &list, detail);
    }
    if old.is_none_or(|old| !Rc::ptr_eq(&old.finalizers, &meta.finalizers)) {
        finalizers(meta, old, causes);
    }
}

fn finalizers(meta: &Meta, old: Option<&Meta>, causes: &mut Causes) {
    let is_known = |finalizer: &str| old.is_some_and(|old| old.has_finalizer(finalizer));
    for finalizer in meta.finalizers.iter().filter(|it| !is_known(it)) {
        for fault in text::qualified(finalizer) {
            causes.invalid_text("metadata.finalizers", finalizer, &fault);
        }
    }
    let standard = ["foregroundDeletion", "kubernetes", "orphan"];
    for (index, finalizer) in meta.finalizers.iter().enumerate() {
        if !finalizer.contains('/') && !standard.contains(&&**finalizer) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            causes.invalid_text(&format!("metadata.finalizers[{index}]"), finalizer, detail);
        }
    }
}

/// Which kinds have names that are DNS labels, and which subdomains (reference 7.1).
fn name_faults(kind: Kind, name: &str) -> Vec<String> {
    match kind {
        Kind::StatefulSet | Kind::Service | Kind::Namespace => text::label(name),
        _ => text::subdomain(name),
    }
}

/// Checks labels.
pub(super) fn labels(labels: &SortedMap<Text, Text>, path: Arguments<'_>, causes: &mut Causes) {
    for (key, value) in labels {
        for fault in text::qualified(key) {
            causes.invalid_text(&path.to_string(), key, &fault);
        }
        for fault in text::label_value(value) {
            causes.invalid_text(&path.to_string(), value, &fault);
        }
    }
}

/// Checks annotations.
pub(super) fn annotations(annotations: &SortedMap<Text, Text>, path: &str, causes: &mut Causes) {
    new_annotations(annotations, None, path, causes);
}

/// Checks annotations, of their keys only those that were not there before.
fn new_annotations(
    annotations: &SortedMap<Text, Text>,
    old: Option<&SortedMap<Text, Text>>,
    path: &str,
    causes: &mut Causes,
) {
    let is_known = |key: &Text| old.is_some_and(|old| old.get(key).is_some());
    for key in annotations.keys().filter(|key| !is_known(key)) {
        // Case does not count here.
        let lower = key.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower = lower.then(|| key.to_ascii_lowercase());
        for fault in text::qualified(lower.as_deref().unwrap_or(key)) {
            causes.invalid_text(path, key, &fault);
        }
    }
    let size: usize = annotations
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if size > ANNOTATIONS {
        causes.too_long(path, ANNOTATIONS);
    }
}
