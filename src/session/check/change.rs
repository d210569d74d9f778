//! What applying would change, field by field.

use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::value::Value;
use crate::kubectl::{Preview, Prospect, Refusal};

/// What applying would do to one object.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It would be new.
    New(ObjectKey),
    /// Nothing.
    None(ObjectKey),
    /// These fields would be others.
    Fields(ObjectKey, Vec<FieldChange>),
}

/// One field that would be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Which, as in `spec.template.spec.containers[0].image`.
    pub path: String,
    /// What it is; `None` if it is not there.
    pub was: Option<String>,
    /// What it would be; `None` if it would go.
    pub now: Option<String>,
    /// Whether the server refuses this change.
    pub is_refused: bool,
}

pub(super) fn of(preview: &Preview) -> Option<Change> {
    let key = preview.key.clone()?;
    match &preview.prospect {
        Prospect::Unknown => None,
        Prospect::Created => Some(Change::New(key)),
        Prospect::Unchanged => Some(Change::None(key)),
        Prospect::Configured(..) => match fields(preview) {
            // kubectl would send a patch, and nothing would come of it.
            fields if fields.is_empty() => Some(Change::None(key)),
            fields => Some(Change::Fields(key, fields)),
        },
    }
}

/// The fields that would be others.
pub(super) fn fields(preview: &Preview) -> Vec<FieldChange> {
    let Prospect::Configured(was, now) = &preview.prospect else {
        return Vec::new();
    };
    let mut out = Vec::new();
    differences(&mut String::new(), Some(was), Some(now), &mut out);
    let kind = preview.key.as_ref().map(|it| it.kind);
    for change in &mut out {
        change.is_refused = preview.refusals.iter().any(|refusal| match refusal {
            Refusal::Cause(cause) if cause.body.starts_with("Forbidden") => {
                is_within(&change.path, &cause.field)
                    && !kind.is_some_and(|kind| may_change(kind, &change.path))
            }
            Refusal::Cause(cause) => {
                is_within(&cause.field, &change.path) || is_within(&change.path, &cause.field)
            }
            _ => false,
        });
    }
    out
}

/// Whether a path is this one or leads further in.
fn is_within(path: &str, outer: &str) -> bool {
    let rest = path.strip_prefix(outer);
    rest.is_some_and(|it| it.is_empty() || it.starts_with(['.', '[']))
}

/// What may change of a spec that may not change as a whole.
///
/// Source: `ValidateStatefulSetUpdate`, `ValidatePodUpdate` and `ValidatePersistentVolumeClaimUpdate`.
fn may_change(kind: Kind, path: &str) -> bool {
    let fields: &[&str] = match kind {
        Kind::StatefulSet => &[
            "spec.replicas",
            "spec.ordinals",
            "spec.template",
            "spec.updateStrategy",
            "spec.revisionHistoryLimit",
            "spec.persistentVolumeClaimRetentionPolicy",
            "spec.minReadySeconds",
        ],
        Kind::PersistentVolumeClaim => &["spec.resources.requests"],
        Kind::Pod => &[
            "spec.activeDeadlineSeconds",
            "spec.terminationGracePeriodSeconds",
            "spec.tolerations",
        ],
        _ => &[],
    };
    fields.iter().any(|field| is_within(path, field))
        || (kind == Kind::Pod && path.ends_with(".image"))
}

/// Collects what is not the same, as far in as it can be told.
fn differences(
    path: &mut String,
    was: Option<&Value>,
    now: Option<&Value>,
    out: &mut Vec<FieldChange>,
) {
    if was == now {
        return;
    }
    let length = path.len();
    match (was, now) {
        (Some(Value::Map(a)), Some(Value::Map(b))) => {
            let gone = a.keys().filter(|key| !b.contains_key(*key));
            for key in b.keys().chain(gone) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                differences(path, a.get(key), b.get(key), out);
                path.truncate(length);
            }
        }
        (Some(Value::List(a)), Some(Value::List(b))) => {
            for at in 0..a.len().max(b.len()) {
                path.push_str(&format!("[{at}]"));
                differences(path, a.get(at), b.get(at), out);
                path.truncate(length);
            }
        }
        _ => out.push(FieldChange {
            path: path.clone(),
            was: was.map(shown),
            now: now.map(shown),
            is_refused: false,
        }),
    }
}

/// A value in one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => other.to_json(),
    }
}
