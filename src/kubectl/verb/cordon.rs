//! `kubectl cordon` and `kubectl uncordon`.

use std::rc::Rc;

use super::help::{Group, Help, usage};
use super::{Command, Verb};
use crate::cluster::api::Api;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, Node};
use crate::cluster::record::Part;
use crate::kubectl::args::{optional, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::target::{self, Resource};

pub(super) const CORDON: Verb = Verb {
    name: "cordon",
    flags: &[value("selector", 'l'), optional("dry-run", "unchanged")],
    help: Help {
        group: Group::Cluster,
        about: "Keep new pods from a node. Those that run there stay.",
        usage: "cordon NODE ... [options]",
        examples: &[("Keep new pods from node-b", "cordon node-b")],
        ..Help::PLAIN
    },
    run: |command| mark(command, "cordon", true),
};

pub(super) const UNCORDON: Verb = Verb {
    name: "uncordon",
    flags: &[value("selector", 'l'), optional("dry-run", "unchanged")],
    help: Help {
        group: Group::Cluster,
        about: "Let new pods come to a node again.",
        usage: "uncordon NODE ... [options]",
        examples: &[("Let pods come to node-b again", "uncordon node-b")],
        ..Help::PLAIN
    },
    run: |command| mark(command, "uncordon", false),
};

fn mark(command: &mut Command<'_>, verb: &str, unschedulable: bool) -> Result<(), Fault> {
    let names = nodes(command, verb)?;
    let suffix = command.dry_run().unwrap_or_default();
    for name in names {
        let Some(node) = command.cluster.api.store.find::<Node>("", &name) else {
            continue;
        };
        if node.spec.unschedulable == unschedulable {
            command
                .output
                .line(&format!("node/{name} already {verb}ed{suffix}"));
            continue;
        }
        command.request(|api| set_unschedulable(api, &name, unschedulable))?;
        command
            .output
            .line(&format!("node/{name} {verb}ed{suffix}"));
    }
    Ok(())
}

/// The nodes that are named (`node-a`, `node/node-a`) or selected. If one of them is missing nothing is done.
pub(super) fn nodes(command: &Command<'_>, verb: &str) -> Result<Vec<String>, Fault> {
    let words = &command.args.words;
    match (words.is_empty(), command.args.get("selector")) {
        (true, None) => return Err(usage(verb, &format!("USAGE: {verb} NODE [flags]"))),
        (false, Some(_)) => {
            return Err(usage(
                verb,
                "cannot specify both a node name and a --selector option",
            ));
        }
        (false, None) => {}
        (true, Some(_)) => {
            let scope = command.scope()?;
            scope.check(Kind::Node)?;
            let keys = scope.select(Kind::Node, command.cluster);
            return Ok(keys.into_iter().map(|it| it.name.to_string()).collect());
        }
    }
    let named = words.iter().map(|word| named(word));
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let mut kinds = named.iter().map(|(kind, _)| kind);
    let first = kinds.next();
    if kinds.any(|it| Some(it) != first) {
        return Err(Fault::client("you may only specify a single resource type"));
    }
    let scope = command.scope()?;
    for (resource, name) in &named {
        let Resource::Known(kind) = *resource else {
            return Err(target::not_found(*resource, name));
        };
        let store = &command.cluster.api.store;
        if store.get(kind, &scope.namespace_of(kind), name).is_none() {
            return Err(ApiError::not_found(kind, name).into());
        }
        if kind != Kind::Node {
            let (group, plural) = (kind.info().group, kind.info().plural);
            return Err(Fault::client(format!(
                "expected resource of type node, got \"{group}/v1, Resource={plural}\""
            )));
        }
    }
    Ok(named.into_iter().map(|(_, name)| name).collect())
}

/// The kind and the name that a word names; a bare word is a node.
fn named(word: &str) -> Result<(Resource, String), Fault> {
    let Some((kind, name)) = word.split_once('/') else {
        return Ok((Resource::Known(Kind::Node), word.to_owned()));
    };
    if name.contains('/') {
        return Err(Fault::client(
            "arguments in resource/name form may not have more than one slash",
        ));
    }
    if kind.is_empty() || name.is_empty() {
        return Err(Fault::client(
            "arguments in resource/name form must have a single resource and name",
        ));
    }
    Ok((target::resource(kind)?, name.to_owned()))
}

/// Marks a node; its taint is the node controller's doing.
pub(super) fn set_unschedulable(
    api: &mut Api,
    name: &str,
    unschedulable: bool,
) -> Result<(), ApiError> {
    api.modify::<Node>("", name, Part::Main, |node| {
        Rc::make_mut(&mut node.spec).unschedulable = unschedulable;
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn nodes_are_marked_and_unmarked() {
        let mut kit = Kit::new();
        for (line, said) in [
            (
                "cordon node-a --dry-run=client",
                "node/node-a cordoned (dry run)\n",
            ),
            (
                "cordon node-a node-b",
                "node/node-a cordoned\nnode/node-b cordoned\n",
            ),
            (
                "cordon -l kubernetes.io/hostname=node-a",
                "node/node-a already cordoned\n",
            ),
            (
                "uncordon node-a nope",
                "Error from server (NotFound): nodes \"nope\" not found\n[exit 1]\n",
            ),
            ("uncordon node-a", "node/node-a uncordoned\n"),
            ("uncordon node-a", "node/node-a already uncordoned\n"),
            (
                "cordon node/node-a no/node-c",
                "node/node-a cordoned\nnode/node-c cordoned\n",
            ),
            ("uncordon nodes/node-a", "node/node-a uncordoned\n"),
            (
                "cordon node/nope",
                "Error from server (NotFound): nodes \"nope\" not found\n[exit 1]\n",
            ),
            (
                "cordon svc/kubernetes",
                "error: expected resource of type node, got \"/v1, Resource=services\"\n[exit 1]\n",
            ),
            (
                "cordon svc/kubernetes node-a",
                "error: you may only specify a single resource type\n[exit 1]\n",
            ),
            (
                "cordon",
                "error: USAGE: cordon NODE [flags]\nSee 'kubectl cordon -h' for help and examples\n[exit 1]\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl {line}")), said, "{line}");
        }
    }
}
