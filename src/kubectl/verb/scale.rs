//! `kubectl scale` (reference 8.7).

use std::rc::Rc;

use super::help::{Group, Help};
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::api::Api;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::record::Part;
use crate::kubectl::args::{RECORD, number, optional, truth, value};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "scale",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        value("selector", 'l'),
        truth("all", ' '),
        number("replicas").says("How many pods there shall be."),
        number("current-replicas")
            .or("-1")
            .says("Only if so many are asked for now; -1 does not look."),
        value("resource-version", ' ').refused(),
        value("timeout", ' ').refused(),
        value("output", 'o'),
        truth("recursive", 'R'),
        RECORD,
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Deploy,
        about: "Say how many pods a set shall have.",
        usage: "scale [--current-replicas=COUNT] --replicas=COUNT (-f FILE | KIND NAME) [options]",
        examples: &[
            ("Five pods", "scale sts/web --replicas=5"),
            (
                "Only if there are three now",
                "scale sts/web --current-replicas=3 --replicas=2",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    if command.args.get("replicas").is_none() {
        return Err(Fault::client("required flag(s) \"replicas\" not set"));
    }
    let replicas = command.args.number("replicas").filter(|replicas| *replicas >= 0).ok_or_else(|| {
        Fault::client("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    })?;
    let words = command.args.words.clone();
    let targets = command.keys(&words, Bare::Nothing)?;
    if targets.is_empty() {
        return Err(Fault::client("no objects passed to scale"));
    }
    // The first failure ends it (reference 7.2, row 78b).
    for target in targets {
        let key = target?;
        let live = command.find(&key)?;
        check_current(command, &key)?;
        let scaled = match command.sends() {
            true => command.request(|api| scale(api, &key, replicas))?,
            false => live,
        };
        command.note_cause(&key)?;
        command.done(&scaled, "scaled");
    }
    Ok(())
}

fn check_current(command: &Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    let Some(expected) = command
        .args
        .number("current-replicas")
        .filter(|it| *it >= 0)
    else {
        return Ok(());
    };
    let found = command
        .cluster
        .api
        .store
        .by_key(key)
        .and_then(|object| replicas_of(object));
    match found.map(i64::from) {
        Some(found) if found != expected => Err(Fault::client(format!(
            "Expected replicas to be {expected}, was {found}"
        ))),
        _ => Ok(()),
    }
}

/// How many pods an object asks for.
pub(super) fn replicas_of(object: &Object) -> Option<i32> {
    match object {
        Object::StatefulSet(it) => Some(it.spec.replicas()),
        Object::ReplicaSet(it) => Some(it.spec.replicas.unwrap_or(1)),
        Object::Deployment(it) => Some(it.spec.replicas.unwrap_or(1)),
        _ => None,
    }
}

/// Writes the scale subresource of an object.
pub(super) fn scale(api: &mut Api, key: &ObjectKey, replicas: i64) -> Result<Rc<Object>, ApiError> {
    use crate::cluster::object::Kind;
    if !matches!(
        key.kind,
        Kind::StatefulSet | Kind::ReplicaSet | Kind::Deployment
    ) {
        return Err(ApiError::NoSuchResource);
    }
    let Some(mut object) = api.store.by_key(key).map(|object| (**object).clone()) else {
        return Err(ApiError::not_found(key.kind, &key.name));
    };
    let wanted = Some(i32::try_from(replicas).unwrap_or(i32::MAX));
    match &mut object {
        Object::StatefulSet(it) => Rc::make_mut(&mut it.spec).replicas = wanted,
        Object::ReplicaSet(it) => Rc::make_mut(&mut it.spec).replicas = wanted,
        Object::Deployment(it) => Rc::make_mut(&mut it.spec).replicas = wanted,
        _ => {}
    }
    api.update(object, Part::Scale)
}
