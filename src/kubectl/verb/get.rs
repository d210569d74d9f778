//! `kubectl get`: finds objects. What it prints of them comes with the terminal; their names it prints now.

use super::{Command, Verb};
use crate::cluster::object::ObjectKey;
use crate::kubectl::args::{optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::target::{self, Named, Resource};
use crate::kubectl::wait::Wait;

pub(super) const VERB: Verb = Verb {
    name: "get",
    flags: &[
        value("filename", 'f'),
        value("output", 'o'),
        value("selector", 'l'),
        value("field-selector", ' '),
        value("label-columns", 'L'),
        value("sort-by", ' '),
        value("template", ' '),
        value("subresource", ' '),
        value("chunk-size", ' '),
        truth("all-namespaces", 'A'),
        truth("show-labels", ' '),
        truth("show-kind", ' '),
        truth("show-managed-fields", ' '),
        truth("no-headers", ' '),
        truth("watch", 'w'),
        truth("watch-only", ' '),
        truth("output-watch-events", ' '),
        truth("ignore-not-found", ' '),
        truth("recursive", 'R'),
        optional("server-print", "true"),
    ],
    run,
};

const FORMATS: &[&str] = &[
    "custom-columns",
    "custom-columns-file",
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "wide",
    "yaml",
];

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    check_format(command)?;
    let words = command.args.words.clone();
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::Plain(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported \
             resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed \
             description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples"
                .to_owned(),
        ));
    }
    let scope = command.scope()?;
    let mut keys: Vec<ObjectKey> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    if command.args.get("filename").is_some() {
        for target in command.targets(&words)? {
            find(command, target, &mut keys, &mut faults);
        }
    } else {
        match target::read(&words)? {
            Named::Objects(_) if scope.has_selector() => {
                return Err(Fault::client(
                    "name cannot be provided when a selector is specified",
                ));
            }
            Named::Objects(_) => {
                for target in command.targets(&words)? {
                    find(command, target, &mut keys, &mut faults);
                }
            }
            Named::Kinds(kinds) => {
                if command.args.is_on("watch") && kinds.len() > 1 {
                    return Err(Fault::client("you may only specify a single resource type"));
                }
                for resource in &kinds {
                    if let Resource::Known(kind) = resource {
                        keys.extend(scope.select(*kind, command.cluster));
                    }
                }
                if keys.is_empty()
                    && !command.args.is_on("watch")
                    && !command.args.is_on("ignore-not-found")
                {
                    let namespaced = kinds.iter().all(|it| it.is_namespaced());
                    let text = match &scope.namespace {
                        Some(namespace) if namespaced => {
                            format!("No resources found in {namespace} namespace.")
                        }
                        _ => "No resources found".to_owned(),
                    };
                    command.output.error_line(&text);
                }
            }
        }
    }
    for key in &keys {
        command
            .output
            .line(&format!("{}/{}", key.kind.singular(), key.name));
    }
    command.fail_all(&faults);
    if command.args.is_on("watch") || command.args.is_on("watch-only") {
        command.wait = Some(Wait::Forever);
    }
    Ok(())
}

fn find(
    command: &Command<'_>,
    target: Result<ObjectKey, Fault>,
    keys: &mut Vec<ObjectKey>,
    faults: &mut Vec<Fault>,
) {
    match target {
        Ok(key) if command.cluster.api.store.by_key(&key).is_some() => keys.push(key),
        Ok(_) if command.args.is_on("ignore-not-found") => {}
        Ok(key) => {
            faults.push(crate::cluster::error::ApiError::not_found(key.kind, &key.name).into());
        }
        Err(fault) => faults.push(fault),
    }
}

fn check_format(command: &Command<'_>) -> Result<(), Fault> {
    let Some(format) = command.args.get("output") else {
        return Ok(());
    };
    let name = format.split('=').next().unwrap_or(format);
    if FORMATS.contains(&name) {
        return Ok(());
    }
    Err(Fault::client(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {}",
        FORMATS.join(",")
    )))
}
