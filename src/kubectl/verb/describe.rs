//! `kubectl describe`: which objects, and in which frame (reference 8.5).

use super::help::{Group, Help};
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::object::ObjectKey;
use crate::kubectl::args::{truth, value};
use crate::kubectl::describe::describe;
use crate::kubectl::fault::Fault;
use crate::kubectl::target::{self, Named};

pub(super) const VERB: Verb = Verb {
    name: "describe",
    flags: &[
        value("filename", 'f'),
        value("selector", 'l'),
        value("kustomize", 'k').refused(),
        value("chunk-size", ' '),
        truth("all-namespaces", 'A'),
        truth("show-events", ' ')
            .or("true")
            .says("Show the events, too."),
        truth("recursive", 'R'),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Tell all that is known of objects, with their events.",
        usage: "describe (-f FILE | KIND [NAME]) [options]",
        examples: &[
            ("Tell of the set", "describe sts web"),
            (
                "Tell of the pods of a Service",
                "describe pods -l app=nginx",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of \
             supported resources.",
        ));
    }
    let named = command.args.get("filename").is_some()
        || matches!(target::read(&words)?, Named::Objects(_));
    let targets = command.keys(&words, Bare::All)?;
    if targets.is_empty() {
        let scope = command.scope()?;
        let text = match scope.namespace {
            Some(namespace) => format!("No resources found in {namespace} namespace."),
            None => "No resources found".to_owned(),
        };
        command.output.error_line(&text);
        return Ok(());
    }
    let mut faults = Vec::new();
    let mut found: Vec<ObjectKey> = Vec::new();
    let mut by_prefix = false;
    for target in targets {
        match target {
            Ok(key) if command.cluster.api.store.by_key(&key).is_some() => found.push(key),
            Ok(key) => {
                let near = if named {
                    beginning_with(command, &key)
                } else {
                    Vec::new()
                };
                if near.is_empty() {
                    faults.push(command.missing(&key).into());
                }
                by_prefix |= !near.is_empty();
                found.extend(near);
            }
            Err(fault) => faults.push(fault),
        }
    }
    let with_events = command.args.is_on("show-events") || (found.len() == 1 && !by_prefix);
    let store = &command.cluster.api.store;
    let objects = found.iter().filter_map(|key| store.by_key(key));
    let texts: Vec<String> = objects
        .map(|it| describe(it, command.cluster, with_events))
        .collect();
    let text = match by_prefix {
        true => texts.iter().map(|it| format!("{it}\n")).collect(),
        false => texts.join("\n\n"),
    };
    command.output.stdout.push_str(&text);
    for fault in &faults {
        command.fail(fault);
    }
    Ok(())
}

/// Without an object of that name kubectl takes those whose names begin so.
fn beginning_with(command: &Command<'_>, key: &ObjectKey) -> Vec<ObjectKey> {
    let all = command
        .cluster
        .api
        .store
        .in_namespace(key.kind, &key.namespace);
    all.filter(|object| object.meta().name.starts_with(&*key.name))
        .map(|object| object.key())
        .collect()
}
