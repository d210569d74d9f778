//! `kubectl cordon` and `kubectl uncordon`.

use std::rc::Rc;

use super::{Command, Verb};
use crate::cluster::api::Api;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, Node};
use crate::cluster::record::Part;
use crate::kubectl::args::{optional, value};
use crate::kubectl::fault::Fault;

pub(super) const CORDON: Verb = Verb {
    name: "cordon",
    flags: &[value("selector", 'l'), optional("dry-run", "unchanged")],
    run: |command| mark(command, "cordon", true),
};

pub(super) const UNCORDON: Verb = Verb {
    name: "uncordon",
    flags: &[value("selector", 'l'), optional("dry-run", "unchanged")],
    run: |command| mark(command, "uncordon", false),
};

fn mark(command: &mut Command<'_>, verb: &str, unschedulable: bool) -> Result<(), Fault> {
    let names: Vec<String> = if command.args.get("selector").is_some() {
        let scope = command.scope()?;
        scope
            .select(Kind::Node, command.cluster)
            .into_iter()
            .map(|key| key.name.to_string())
            .collect()
    } else {
        command.args.words.clone()
    };
    if names.is_empty() {
        return Err(Fault::Plain(format!(
            "error: USAGE: {verb} NODE [flags]\nSee 'kubectl {verb} -h' for help and examples"
        )));
    }
    for name in names {
        let Some(node) = command.cluster.api.store.find::<Node>("", &name) else {
            let error = ApiError::not_found(Kind::Node, &name);
            command.fail(&error.into());
            continue;
        };
        if node.spec.unschedulable == unschedulable {
            command
                .output
                .line(&format!("node/{name} already {verb}ed"));
            continue;
        }
        command.request(|api| set_unschedulable(api, &name, unschedulable))?;
        command.output.line(&format!("node/{name} {verb}ed"));
    }
    Ok(())
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
