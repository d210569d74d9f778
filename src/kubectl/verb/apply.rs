//! `kubectl apply`: makes the cluster what a file says, by a patch against what the file said last time
//! (reference 8.6, 8.10).

use std::rc::Rc;

use super::help::{Group, Help};
use super::{Command, Verb, last_applied};
use crate::cluster::admission::decode;
use crate::cluster::api::FieldValidation;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::patch::PatchType;
use crate::cluster::value::{Map, Value};
use crate::kubectl::apply_diff::three_way;
use crate::kubectl::args::{RECORD, number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::files::FileObject;

/// Where a file's content of last time is kept.
pub(in crate::kubectl) const LAST_APPLIED: &str =
    "kubectl.kubernetes.io/last-applied-configuration";

pub(super) const VERB: Verb = Verb {
    name: "apply",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        truth("server-side", ' ').refused(),
        truth("force-conflicts", ' ').refused(),
        truth("force", ' ').refused(),
        truth("overwrite", ' ').refused(),
        truth("wait", ' ').refused(),
        truth("all", ' ').refused(),
        truth("prune", ' ').refused(),
        value("prune-allowlist", ' ').refused(),
        value("timeout", ' ').refused(),
        value("subresource", ' ').refused(),
        number("grace-period").refused(),
        optional("cascade", "background").refused(),
        value("selector", 'l'),
        value("output", 'o'),
        value("field-manager", ' '),
        truth("create-annotation", ' ')
            .says("set-last-applied: make the annotation where there is none."),
        RECORD,
        optional("dry-run", "unchanged"),
        optional("validate", "strict"),
    ],
    help: Help {
        group: Group::Advanced,
        about: "Make the cluster what a manifest says. What is not there is created, what is there is patched, and fields that left the manifest are taken away.",
        usage: "apply -f FILE [options]",
        examples: &[
            ("Apply a manifest", "apply -f web.yaml"),
            (
                "Have the server check every manifest here",
                "apply -f . --dry-run=server",
            ),
        ],
        subcommands: &[
            (
                "set-last-applied",
                "Note a manifest as the one applied last",
            ),
            ("view-last-applied", "The manifest that was applied last"),
        ],
        elsewhere: &["edit-last-applied"],
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    if let Some((word, rest)) = words.split_first()
        && VERB.help.has_subcommand(word)
    {
        return last_applied::run(command, word, rest);
    }
    command.files_only("apply")?;
    let objects = command.file_objects()?;
    if objects.is_empty() {
        return Err(Fault::client("no objects passed to apply"));
    }
    let mut faults = Vec::new();
    for object in objects {
        let result = object.and_then(|object| apply(command, &object));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

/// The text kept in the annotation: the object of the file, compact and with `annotations` always there.
pub(super) fn last_applied_text(value: &Value) -> String {
    let mut kept = value.clone();
    kept.remove(&["metadata", "annotations", LAST_APPLIED]);
    if kept
        .at(&["metadata", "annotations"])
        .is_none_or(|it| *it == Value::Null)
    {
        kept.set(&["metadata", "annotations"], Value::Map(Map::new()));
    }
    format!("{}\n", kept.to_json())
}

/// What the file says, with what it says kept for the next time.
pub(in crate::kubectl) fn modified(object: &FileObject) -> Value {
    let mut modified = object.value.clone();
    let text = last_applied_text(&modified);
    modified.set(
        &["metadata", "annotations", LAST_APPLIED],
        Value::text(text),
    );
    modified
}

/// What must change of an object that is there for it to be as a file says; an empty map if it is.
pub(in crate::kubectl) fn patch(live: &Object, modified: &Value) -> Value {
    let original = live
        .meta()
        .annotation(LAST_APPLIED)
        .and_then(|text| crate::manifest::json::value(text).ok())
        .unwrap_or_default();
    three_way(live.kind().name(), &original, modified, &live.to_value())
}

/// How strictly the server shall read fields.
pub(super) fn validation(command: &Command<'_>) -> Result<FieldValidation, Fault> {
    Ok(
        match command
            .args
            .get("validate")
            .map(str::to_lowercase)
            .as_deref()
        {
            None | Some("strict" | "true") => FieldValidation::Strict,
            Some("warn") => FieldValidation::Warn,
            Some("false" | "ignore") => FieldValidation::Ignore,
            Some(other) => {
                return Err(Fault::client(format!(
                    "invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"
                )));
            }
        },
    )
}

/// Reads a file's object as the server reads it.
pub(super) fn decode_new(
    command: &mut Command<'_>,
    object: &FileObject,
    value: &Value,
    doing: &str,
) -> Result<Object, Fault> {
    let refuse = |why: String| Fault::with_file(ApiError::BadRequest(why), doing, &object.file);
    let validation = validation(command)?;
    if validation == FieldValidation::Strict {
        return decode::decode_strictly(object.kind, value).map_err(refuse);
    }
    let decoded = decode::decode(object.kind, value);
    if let Some(mismatch) = decoded.mismatch {
        return Err(refuse(decode::cannot_be_handled(object.kind, &mismatch)));
    }
    if validation == FieldValidation::Warn {
        for path in &decoded.unknown {
            command.warn(&format!("unknown field \"{path}\""));
        }
    }
    Ok(Object::read(object.kind, decoded.value))
}

fn apply(command: &mut Command<'_>, object: &FileObject) -> Result<(), Fault> {
    let kind = object.kind;
    if object.name.is_empty()
        && let Some(prefix) = object.value.str_at(&["metadata", "generateName"])
    {
        return Err(Fault::client(format!(
            "from {prefix}: cannot use generate name with apply"
        )));
    }
    if object.name.is_empty() {
        return Err(Fault::client(format!(
            "error when retrieving current configuration of:\n{}\nfrom server for: {:?}: resource name may not be empty",
            identity(object),
            object.file
        )));
    }
    let modified = modified(object);
    let key = object.key();
    let live = command.cluster.api.store.by_key(&key).cloned();
    if !command.sends() {
        // The client asks whether the object is there, and neither for its fields nor for what would change.
        let name = format!("{}/{}", kind.singular(), object.name);
        match live {
            Some(live) => command.done(&live, "configured"),
            None => command.say_done(&name, "created", modified),
        }
        return Ok(());
    }
    if let Some(live) = live {
        return configure(command, object, &key, live, &modified);
    }
    let made = decode_new(command, object, &without_nulls(&modified), "creating")?;
    let made = command
        .request(|api| api.create(made))
        .map_err(|error| Fault::with_file(error, "creating", &object.file))?;
    command.done(&made, "created");
    Ok(())
}

/// Patches an object that is there.
fn configure(
    command: &mut Command<'_>,
    object: &FileObject,
    key: &ObjectKey,
    live: Rc<Object>,
    modified: &Value,
) -> Result<(), Fault> {
    if live.meta().annotation(LAST_APPLIED).is_none() {
        let resource = key.kind.info().plural;
        command.warn(&format!(
            "resource {resource}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl \
             apply should only be used on resources created declaratively by either kubectl create --save-config or \
             kubectl apply. The missing annotation will be patched automatically.",
            key.name
        ));
    }
    if live.meta().is_deleting() {
        command.warn(&format!(
            "Detected changes to resource {} which is currently being deleted.",
            key.name
        ));
    }
    let patch = patch(&live, modified);
    if patch == Value::Map(Map::new()) {
        command.done(&live, "unchanged");
        return Ok(());
    }
    let validation = validation(command)?;
    let patched = command
        .request(|api| api.patch(key, PatchType::Strategic, &patch, validation))
        .map_err(|error| while_patching(error, object, &patch))?;
    command.warn_all(&patched.warnings);
    command.done(&patched.object, "configured");
    Ok(())
}

fn while_patching(error: ApiError, object: &FileObject, patch: &Value) -> Fault {
    let doing = format!(
        "error when applying patch:\n{patch}\nto:\n{}\nfor: {:?}: error when patching {:?}: ",
        identity(object),
        object.file,
        object.file
    );
    Fault::Server { error, doing }
}

fn identity(object: &FileObject) -> String {
    let info = object.kind.info();
    let api_version = object.kind.api_version();
    let group = if info.group.is_empty() {
        "/v1"
    } else {
        api_version
    };
    format!(
        "Resource: \"{group}, Resource={}\", GroupVersionKind: \"{group}, Kind={}\"\nName: {:?}, Namespace: {:?}",
        info.plural, info.name, object.name, object.namespace
    )
}

/// The object without its nulls, as it is sent when it is new.
pub(in crate::kubectl) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let kept = map.iter().filter(|(_, value)| **value != Value::Null);
            Value::Map(
                kept.map(|(key, value)| (key.clone(), without_nulls(value)))
                    .collect(),
            )
        }
        Value::List(items) => Value::List(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}
