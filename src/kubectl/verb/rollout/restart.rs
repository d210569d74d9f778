//! `kubectl rollout restart`, `pause` and `resume`: patches that kubectl makes itself.

use crate::cluster::api::FieldValidation;
use crate::cluster::object::{Deployment, Kind, ObjectKey};
use crate::cluster::patch::PatchType;
use crate::cluster::value::{Map, Value};
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::Command;

/// The annotation of a template that makes it another one.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// kubectl refuses to make the patch; its text has the `error:` in it, also among several.
fn refuse(key: &ObjectKey, why: &str) -> Fault {
    let resource = key.kind.resource();
    Fault::Plain(format!("error: {resource} {:?} {why}", key.name))
}

/// Sends a patch; whether it changed anything.
fn send(command: &mut Command<'_>, key: &ObjectKey, patch: &Value) -> Result<bool, Fault> {
    let sent =
        command.request(|api| api.patch(key, PatchType::Strategic, patch, FieldValidation::Ignore));
    match sent {
        Ok(patched) => Ok(patched.changed),
        Err(error) => Err(Fault::client(format!("failed to patch: {error}"))),
    }
}

/// Replaces every pod.
pub(super) fn restart(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    if !matches!(key.kind, Kind::StatefulSet | Kind::Deployment) {
        return Err(refuse(key, "restarting is not supported"));
    }
    let store = &command.cluster.api.store;
    let deployment = store
        .find::<Deployment>(&key.namespace, &key.name)
        .filter(|_| key.kind == Kind::Deployment);
    if deployment.is_some_and(|it| it.spec.paused) {
        return Err(refuse(
            key,
            "can't restart paused deployment (run rollout resume first)",
        ));
    }
    let now = command.cluster.now().whole_seconds().to_string();
    let annotations: Map = [(RESTARTED.into(), Value::text(now))].into();
    let mut patch = Value::default();
    patch.set(
        &["spec", "template", "metadata", "annotations"],
        Value::Map(annotations),
    );
    if !send(command, key, &patch)? {
        return Err(Fault::client(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait \
             before attempting to trigger another",
            key.name
        )));
    }
    command.done_now(key, "restarted");
    Ok(())
}

/// Holds a Deployment's rollout, or lets it go on.
pub(super) fn pause(command: &mut Command<'_>, key: &ObjectKey, paused: bool) -> Result<(), Fault> {
    let (doing, done, already) = if paused {
        ("pausing", "paused", "already paused")
    } else {
        ("resuming", "resumed", "not paused")
    };
    if key.kind != Kind::Deployment {
        return Err(refuse(key, &format!("{doing} is not supported")));
    }
    let mut patch = Value::default();
    patch.set(&["spec", "paused"], Value::Bool(paused));
    if !send(command, key, &patch)? {
        return Err(refuse(key, &format!("is {already}")));
    }
    command.done_now(key, done);
    Ok(())
}
