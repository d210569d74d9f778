//! `kubectl set image`.

use super::help::{Group, Help, no_subcommand};
use super::label::resources_and_pairs;
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::api::FieldValidation;
use crate::cluster::object::pod_spec::PodSpec;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::patch::PatchType;
use crate::cluster::record::Part;
use crate::cluster::value::Value;
use crate::kubectl::args::{RECORD, optional, truth, value};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "set",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        value("field-manager", ' '),
        value("selector", 'l'),
        truth("all", ' '),
        truth("local", ' ').refused(),
        truth("recursive", 'R'),
        value("output", 'o'),
        RECORD,
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Beginner,
        about: "Change the images of containers.",
        usage: "set image (-f FILE | KIND NAME) CONTAINER=IMAGE ... [options]",
        examples: &[
            (
                "A new image for the set, which starts an update",
                "set image sts/web nginx=nginx:1.28",
            ),
            (
                "The same for every container",
                "set image sts/web '*=nginx:1.28'",
            ),
        ],
        subcommands: &[("image", "Change the images of containers")],
        elsewhere: &["env", "resources", "selector", "serviceaccount", "subject"],
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    match words.split_first() {
        Some((word, rest)) if word == "image" => set_image(command, rest),
        _ => no_subcommand(command, &VERB),
    }
}

fn set_image(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    let (words, pairs) = resources_and_pairs(words, "image")?;
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if pairs.is_empty() {
        return Err(Fault::client("at least one image update is required"));
    }
    let images: Vec<(&str, &str)> = pairs
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let mut faults = Vec::new();
    for target in command.keys(&words, Bare::Nothing)? {
        let result = target.and_then(|key| one(command, &key, &images));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

fn one(command: &mut Command<'_>, key: &ObjectKey, images: &[(&str, &str)]) -> Result<(), Fault> {
    let Some(object) = command.cluster.api.store.by_key(key).cloned() else {
        return Err(command.missing(&key).into());
    };
    let Some((path, spec)) = pod_spec(&object) else {
        let kind = key.kind.name();
        return Err(Fault::client(format!(
            "the object {kind}/{} does not have pod containers",
            key.name
        )));
    };
    let mut containers = Vec::new();
    for (name, image) in images {
        let found: Vec<_> = spec
            .containers
            .iter()
            .chain(spec.init_containers.iter())
            .filter(|it| *name == "*" || &*it.name == *name)
            .collect();
        if found.is_empty() {
            return Err(Fault::client(format!(
                "unable to find container named {name:?}"
            )));
        }
        for container in found.into_iter().filter(|it| &*it.image != *image) {
            let is_init = spec
                .init_containers
                .iter()
                .any(|it| it.name == container.name);
            let field = if is_init {
                "initContainers"
            } else {
                "containers"
            };
            let change = Value::map([
                ("name", Value::Text(container.name.clone())),
                ("image", Value::text(*image)),
            ]);
            containers.push((field, change));
        }
    }
    if containers.is_empty() {
        // Nothing to say where the image is that already.
        return Ok(());
    }
    let mut patch = Value::default();
    for field in ["containers", "initContainers"] {
        let changes: Vec<Value> = containers
            .iter()
            .filter(|(it, _)| *it == field)
            .map(|(_, it)| it.clone())
            .collect();
        if !changes.is_empty() {
            let place: Vec<&str> = path.iter().copied().chain([field]).collect();
            patch.set(&place, Value::List(changes));
        }
    }
    let patch = command.with_cause(patch);
    let patch = (PatchType::Strategic, &patch);
    let patched = command.patch(key, Part::Main, patch, FieldValidation::Ignore)?;
    command.done(&patched.object, "image updated");
    Ok(())
}

/// Where an object has containers, and which.
pub(in crate::kubectl) fn pod_spec(object: &Object) -> Option<(&'static [&'static str], &PodSpec)> {
    const TEMPLATE: &[&str] = &["spec", "template", "spec"];
    match object {
        Object::Pod(it) => Some((&["spec"], &it.spec)),
        Object::StatefulSet(it) => Some((TEMPLATE, &it.spec.template.spec)),
        Object::ReplicaSet(it) => Some((TEMPLATE, &it.spec.template.spec)),
        Object::Deployment(it) => Some((TEMPLATE, &it.spec.template.spec)),
        _ => None,
    }
}
