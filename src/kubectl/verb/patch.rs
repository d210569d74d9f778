//! `kubectl patch` (reference 8.10).

use super::{Command, Verb};
use crate::cluster::api::FieldValidation;
use crate::cluster::object::ObjectKey;
use crate::cluster::patch::PatchType;
use crate::cluster::value::Value;
use crate::kubectl::args::{optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::manifest;

pub(super) const VERB: Verb = Verb {
    name: "patch",
    flags: &[
        value("filename", 'f'),
        value("patch", 'p'),
        value("patch-file", ' '),
        value("type", ' '),
        value("subresource", ' '),
        value("output", 'o'),
        truth("local", ' '),
        truth("recursive", 'R'),
        optional("dry-run", "unchanged"),
    ],
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let text = patch_text(command)?;
    let patch_type = match command.args.get("type").unwrap_or("strategic") {
        "strategic" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        other => {
            return Err(Fault::client(format!(
                "--type must be one of [json merge strategic], not {other:?}"
            )));
        }
    };
    let patch = read_patch(&text)?;
    let words = command.args.words.clone();
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "You must provide one or more resources by argument or filename.",
        ));
    }
    let targets = command.targets(&words)?;
    if targets.is_empty() || (words.len() == 1 && !words.iter().any(|word| word.contains('/'))) {
        return Err(Fault::client(
            "resource(s) were provided, but no name was specified",
        ));
    }
    for target in targets {
        let key = target?;
        apply(command, &key, patch_type, &patch)?;
    }
    Ok(())
}

fn patch_text(command: &Command<'_>) -> Result<String, Fault> {
    if let Some(file) = command.args.get("patch-file") {
        let found = command.workspace.files.get(file).cloned();
        return found.ok_or_else(|| {
            Fault::client(format!(
                "unable to read patch file: open {file}: no such file or directory"
            ))
        });
    }
    match command.args.get("patch").filter(|text| !text.is_empty()) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Fault::client(
            "must specify --patch or --patch-file containing the contents of the patch",
        )),
    }
}

/// JSON goes to the server as it is, YAML is converted by kubectl.
fn read_patch(text: &str) -> Result<Value, Fault> {
    if text.trim_start().starts_with('{') {
        return manifest::json::value(text).map_err(|error| Fault::Server {
            error: crate::cluster::error::ApiError::BadRequest(error.to_string()),
            doing: String::new(),
        });
    }
    manifest::value(text)
        .map_err(|error| Fault::client(format!("unable to parse {text:?}: {error}")))
}

fn apply(
    command: &mut Command<'_>,
    key: &ObjectKey,
    patch_type: PatchType,
    patch: &Value,
) -> Result<(), Fault> {
    let mut suffix = command.dry_run().unwrap_or_default().to_owned();
    if command.sends() {
        let patched =
            command.request(|api| api.patch(key, patch_type, patch, FieldValidation::Warn))?;
        command.warn_all(&patched.warnings);
        if !patched.changed {
            suffix.push_str(" (no change)");
        }
    }
    command.output.line(&format!(
        "{}/{} patched{suffix}",
        key.kind.singular(),
        key.name
    ));
    Ok(())
}
