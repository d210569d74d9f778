//! `kubectl rollout undo`: back to an earlier revision (upstream's `rollback.go`).

use super::history::{revisions, template};
use super::{no_revisions, replica_sets};
use crate::cluster::api::FieldValidation;
use crate::cluster::controller::deployment::{HASH_LABEL, REVISION};
use crate::cluster::json::Json as _;
use crate::cluster::object::{Deployment, Object, ObjectKey, ReplicaSet, StatefulSet};
use crate::cluster::patch::PatchType;
use crate::cluster::value::{Map, Value};
use crate::kubectl::describe;
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::Command;
use crate::kubectl::verb::apply::LAST_APPLIED;

/// Annotations that belong to the Deployment and are not its revisions' (`annotationsToSkip`).
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// Rolls an object back to the revision that is asked for, or to the one before.
pub(super) fn undo(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    let object = command.cluster.api.store.by_key(key).cloned();
    let Some(object) = object.filter(|it| is_known(it)) else {
        return Err(no_revisions(key.kind, "rollbacker", "rollbacker"));
    };
    if object.meta().annotation(LAST_APPLIED).is_some() {
        let plural = key.kind.info().plural;
        command.warn(&format!(
            "resource {plural}/{} was previously managed with 'kubectl apply'. Rolling back will not update the \
             {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider \
             using 'kubectl apply' with your previous configuration file instead.",
            key.name
        ));
    }
    let done = match &*object {
        Object::StatefulSet(set) => roll_set(command, key, set)?,
        Object::Deployment(deployment) => roll_deployment(command, key, deployment)?,
        _ => return Ok(()),
    };
    command.done_now(key, &done);
    Ok(())
}

fn is_known(object: &Object) -> bool {
    matches!(object, Object::StatefulSet(_) | Object::Deployment(_))
}

/// The revision that is asked for; 0 is the one before.
fn wanted(command: &Command<'_>) -> i64 {
    command.args.number("to-revision").unwrap_or(0)
}

fn not_in_history(wanted: i64) -> Fault {
    Fault::client(format!(
        "unable to find specified revision {wanted} in history"
    ))
}

fn skipped(wanted: i64) -> String {
    format!("skipped rollback (current template already matches revision {wanted})")
}

/// Sends what restores a revision.
fn restore(
    command: &mut Command<'_>,
    key: &ObjectKey,
    kind: PatchType,
    patch: &Value,
) -> Result<String, Fault> {
    let sent = command.request(|api| api.patch(key, kind, patch, FieldValidation::Ignore));
    sent.map_err(|error| {
        let wanted = wanted(command);
        Fault::client(format!("failed restoring revision {wanted}: {error}"))
    })?;
    Ok("rolled back".to_owned())
}

fn roll_set(
    command: &mut Command<'_>,
    key: &ObjectKey,
    set: &StatefulSet,
) -> Result<String, Fault> {
    let wanted = wanted(command);
    let revisions = revisions(command, set);
    if wanted == 0 && revisions.len() <= 1 {
        return Err(Fault::client("no last revision to roll back to"));
    }
    let found = match wanted {
        0 => revisions.iter().rev().nth(1),
        _ => revisions.iter().find(|it| it.revision == wanted),
    };
    let revision = found.ok_or_else(|| not_in_history(wanted))?;
    if !command.sends() {
        let text = describe::template(&template(revision));
        return Ok(format!("will roll back to {text}"));
    }
    let mut current = set.spec.template.write_always();
    current.set(&["$patch"], "replace".into());
    if template(revision) == current {
        return Ok(skipped(wanted));
    }
    restore(command, key, PatchType::Strategic, &revision.data)
}

fn roll_deployment(
    command: &mut Command<'_>,
    key: &ObjectKey,
    deployment: &Deployment,
) -> Result<String, Fault> {
    let wanted = wanted(command);
    let sets = replica_sets(command, deployment);
    let found = match wanted {
        0 => sets.iter().rev().nth(1),
        _ => sets
            .iter()
            .find(|(number, _)| *number == wanted && wanted > 0),
    };
    let Some((_, set)) = found else {
        return Err(match wanted {
            0 => Fault::client(format!(
                "no rollout history found for deployment {:?}",
                key.name
            )),
            _ => not_in_history(wanted),
        });
    };
    let mut template = set.spec.template.write_always();
    if !command.sends() {
        return Ok(describe::template(&template));
    }
    if deployment.spec.paused {
        return Err(Fault::client(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    template.remove(&["metadata", "labels", HASH_LABEL]);
    if template == deployment.spec.template.write_always() {
        return Ok(skipped(wanted));
    }
    let replace = |path, value| {
        Value::map([
            ("op", "replace".into()),
            ("path", Value::text(path)),
            ("value", value),
        ])
    };
    let patch = Value::List(vec![
        replace("/spec/template", template),
        replace("/metadata/annotations", annotations(deployment, set)),
    ]);
    restore(command, key, PatchType::Json, &patch)
}

/// The annotations of a Deployment that goes back to a ReplicaSet: its own ones, and those of the revision.
fn annotations(deployment: &Deployment, set: &ReplicaSet) -> Value {
    let own = deployment.meta.annotations.iter();
    let own = own.filter(|(key, _)| KEPT.contains(&&***key));
    let past = set.meta.annotations.iter();
    let past = past.filter(|(key, _)| !KEPT.contains(&&***key));
    let all: Map = own
        .chain(past)
        .map(|(key, value)| (key.clone(), Value::text(value.clone())))
        .collect();
    Value::Map(all)
}
