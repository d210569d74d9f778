//! `kubectl label`, and what it shares with `kubectl annotate`.

use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::admission::text;
use crate::cluster::api::FieldValidation;
use crate::cluster::object::ObjectKey;
use crate::cluster::object::meta::Labels;
use crate::cluster::patch::PatchType;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Map, Text, Value};
use crate::kubectl::args::{Flag, optional, truth, value};
use crate::kubectl::fault::Fault;

/// The flags of both verbs.
pub(super) const FLAGS: &[Flag] = &[
    value("filename", 'f'),
    value("kustomize", 'k').refused(),
    value("field-manager", ' '),
    value("selector", 'l'),
    value("field-selector", ' '),
    truth("all", ' '),
    truth("all-namespaces", 'A'),
    truth("overwrite", ' '),
    truth("list", ' ').says("Print what is set, as KEY=VALUE."),
    truth("local", ' ').refused(),
    truth("recursive", 'R'),
    value("resource-version", ' ').refused(),
    value("output", 'o'),
    optional("dry-run", "unchanged"),
];

pub(super) const VERB: Verb = Verb {
    name: "label",
    flags: FLAGS,
    help: Help {
        group: Group::Settings,
        about: "Set or take away labels. Selectors go by them: a pod that loses its labels leaves its set and its Service.",
        usage: "label (-f FILE | KIND NAME) KEY=VALUE ... KEY- ... [options]",
        examples: &[
            ("Give a pod a label", "label pod web-0 role=first"),
            ("Take it away", "label pod web-0 role-"),
            (
                "Take a pod out of its Service and its set",
                "label pod web-0 app=debug --overwrite",
            ),
        ],
        ..Help::PLAIN
    },
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
    let changes = read_pairs(&pairs, sort)?;
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if pairs.is_empty() && !command.args.is_on("list") {
        return Err(Fault::client(format!(
            "at least one {} update is required",
            sort.noun
        )));
    }
    let named = words.len() > 1 || words.iter().any(|word| word.contains('/'));
    let targets = command.targets(&words)?;
    if !named && !command.selects() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "resource(s) were provided, but no name was specified",
        ));
    }
    let mut faults = Vec::new();
    let is_single = targets.len() == 1;
    for target in targets {
        let result = target.and_then(|key| match command.args.is_on("list") {
            true => list(command, &key, sort, is_single),
            false => one(command, &key, &changes, sort),
        });
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

/// Prints what is set; of several objects each under its name.
fn list(
    command: &mut Command<'_>,
    key: &ObjectKey,
    sort: &Sort,
    is_single: bool,
) -> Result<(), Fault> {
    let existing = existing(command, key, sort)?;
    let mut indent = "";
    if !is_single {
        indent = " ";
        let info = key.kind.info();
        let (noun, kind, group) = (sort.field, info.name, info.group);
        let name = &key.name;
        command
            .output
            .line(&format!("Listing {noun} for {kind}.{group}/{name}:"));
    }
    for (name, value) in existing.iter() {
        command.output.line(&format!("{indent}{name}={value}"));
    }
    Ok(())
}

/// The labels or annotations of an object.
fn existing(command: &Command<'_>, key: &ObjectKey, sort: &Sort) -> Result<Labels, Fault> {
    let Some(object) = command.cluster.api.store.by_key(key) else {
        return Err(crate::cluster::error::ApiError::not_found(key.kind, &key.name).into());
    };
    let meta = object.meta();
    Ok(match sort.field {
        "labels" => meta.labels.clone(),
        _ => meta.annotations.clone(),
    })
}

fn one(
    command: &mut Command<'_>,
    key: &ObjectKey,
    changes: &[Change],
    sort: &Sort,
) -> Result<(), Fault> {
    let existing = &*existing(command, key, sort)?;
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
    command.done(key.kind, &key.name, word);
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

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn labels_are_listed() {
        let mut kit = Kit::with_web();
        assert_eq!(kit.says("kubectl label sts web --list"), "");
        assert_eq!(kit.says("kubectl label svc nginx --list"), "app=nginx\n");
        kit.says("kubectl annotate pod web-0 a=b");
        kit.says("kubectl annotate pod web-1 c=d");
        assert_eq!(
            kit.says("kubectl annotate pods web-0 web-1 --list"),
            "Listing annotations for Pod./web-0:\n a=b\nListing annotations for Pod./web-1:\n c=d\n"
        );
    }
}
