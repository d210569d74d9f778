//! `kubectl label`, and what it shares with `kubectl annotate`.

use super::{Command, Verb};
use crate::cluster::admission::text;
use crate::cluster::api::FieldValidation;
use crate::cluster::object::ObjectKey;
use crate::cluster::patch::PatchType;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Map, Text, Value};
use crate::kubectl::args::{Flag, optional, truth, value};
use crate::kubectl::fault::Fault;

/// The flags of both verbs.
pub(super) const FLAGS: &[Flag] = &[
    value("filename", 'f'),
    value("selector", 'l'),
    value("field-selector", ' '),
    truth("all", ' '),
    truth("all-namespaces", 'A'),
    truth("overwrite", ' '),
    truth("list", ' '),
    truth("local", ' '),
    truth("recursive", 'R'),
    value("resource-version", ' '),
    value("output", 'o'),
    optional("dry-run", "unchanged"),
];

pub(super) const VERB: Verb = Verb {
    name: "label",
    flags: FLAGS,
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    change(
        command,
        &Sort {
            field: "labels",
            noun: "label",
            check: check_label,
        },
    )
}

/// Labels or annotations.
pub(super) struct Sort {
    /// The field of the metadata.
    pub field: &'static str,
    /// The word in messages.
    pub noun: &'static str,
    /// What is wrong with a pair.
    pub check: fn(&str, &str) -> Result<(), Fault>,
}

fn check_label(key: &str, value: &str) -> Result<(), Fault> {
    match text::label_value(value).first() {
        Some(fault) => Err(Fault::client(format!(
            "invalid label value: {:?}: {fault}",
            format!("{key}={value}")
        ))),
        None => Ok(()),
    }
}

/// Sets and takes away labels or annotations.
pub(super) fn change(command: &mut Command<'_>, sort: &Sort) -> Result<(), Fault> {
    let is_pair = |word: &String| word.contains('=') || word.ends_with('-');
    let (pairs, words): (Vec<String>, Vec<String>) =
        command.args.words.clone().into_iter().partition(is_pair);
    if pairs.is_empty() && !command.args.is_on("list") {
        return Err(Fault::client(format!(
            "at least one {} update is required",
            sort.noun
        )));
    }
    let changes = read_pairs(&pairs, sort)?;
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    let named = words.len() > 1 || words.iter().any(|word| word.contains('/'));
    let targets = command.targets(&words)?;
    if !named && !command.selects() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "resource(s) were provided, but no name was specified",
        ));
    }
    let mut faults = Vec::new();
    for target in targets {
        let result = target.and_then(|key| one(command, &key, &changes, sort));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

/// A key with its new value, or without one to take it away.
type Change = (Text, Option<Text>);

fn read_pairs(pairs: &[String], sort: &Sort) -> Result<Vec<Change>, Fault> {
    let mut changes: Vec<Change> = Vec::new();
    for pair in pairs {
        let change = match pair.split_once('=') {
            Some((key, value)) => {
                (sort.check)(key, value)?;
                (Text::from(key), Some(Text::from(value)))
            }
            None => (Text::from(pair.trim_end_matches('-')), None),
        };
        let clash = changes
            .iter()
            .any(|(key, value)| *key == change.0 && value.is_some() != change.1.is_some());
        if clash {
            return Err(Fault::client(format!(
                "can not both modify and remove a {} in the same command",
                sort.noun
            )));
        }
        changes.push(change);
    }
    Ok(changes)
}

fn one(
    command: &mut Command<'_>,
    key: &ObjectKey,
    changes: &[Change],
    sort: &Sort,
) -> Result<(), Fault> {
    let Some(object) = command.cluster.api.store.by_key(key).cloned() else {
        return Err(crate::cluster::error::ApiError::not_found(key.kind, &key.name).into());
    };
    let meta = object.meta();
    let existing = if sort.field == "labels" {
        &meta.labels
    } else {
        &meta.annotations
    };
    if !command.args.is_on("overwrite") {
        let taken: Vec<String> = changes
            .iter()
            .filter_map(|(name, value)| {
                let old = existing.get(name)?;
                let new = value.as_ref()?;
                (old != new).then(|| {
                    format!("'{name}' already has a value ({old}), and --overwrite is false")
                })
            })
            .collect();
        match &*taken {
            [] => {}
            [one] => return Err(Fault::client(one.clone())),
            many => return Err(Fault::client(format!("[{}]", many.join(", ")))),
        }
    }
    let mut patch = Map::new();
    for (name, value) in changes {
        patch.insert(name.clone(), value.clone().map_or(Value::Null, Value::Text));
    }
    for (name, _) in changes
        .iter()
        .filter(|(name, value)| value.is_none() && !existing.contains_key(name))
    {
        command
            .output
            .line(&format!("{} {name:?} not found.", sort.noun));
    }
    let patch = Value::map([("metadata", Value::map([(sort.field, Value::Map(patch))]))]);
    let mut changed = true;
    if command.sends() {
        let patched = command
            .request(|api| api.patch(key, PatchType::Merge, &patch, FieldValidation::Ignore))?;
        changed = patched.changed;
    }
    let word = result_word(sort, changes, existing, changed);
    let suffix = command.dry_run().unwrap_or_default();
    command.output.line(&format!(
        "{}/{} {word}{suffix}",
        key.kind.singular(),
        key.name
    ));
    Ok(())
}

/// `labeled`, `unlabeled`, `not labeled`, `modified`; annotations are always `annotated`.
fn result_word(
    sort: &Sort,
    changes: &[Change],
    existing: &SortedMap<Text, Text>,
    changed: bool,
) -> &'static str {
    if sort.field == "annotations" {
        return "annotated";
    }
    let sets = changes.iter().any(|(_, value)| value.is_some());
    let takes = changes
        .iter()
        .any(|(name, value)| value.is_none() && existing.contains_key(name));
    match (sets, takes) {
        _ if !changed => "not labeled",
        (true, true) => "modified",
        (false, _) => "unlabeled",
        (true, false) => "labeled",
    }
}
