//! `kubectl label`, and what it shares with `kubectl annotate`.

use super::help::{Group, Help};
use super::rollout::CHANGE_CAUSE;
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::admission::text;
use crate::cluster::api::FieldValidation;
use crate::cluster::object::ObjectKey;
use crate::cluster::object::meta::Labels;
use crate::cluster::patch::PatchType;
use crate::cluster::record::Part;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Map, Text, Value};
use crate::kubectl::args::{Flag, RECORD, optional, truth, value};
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
    RECORD,
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
    change(command, Sort::Labels)
}

/// What is set and taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Labels,
    Annotations,
}

impl Sort {
    /// The field of the metadata.
    fn field(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Annotations => "annotations",
        }
    }

    /// The word in messages.
    fn noun(self) -> &'static str {
        match self {
            Self::Labels => "label",
            Self::Annotations => "annotation",
        }
    }
}

/// Sets and takes away labels or annotations.
pub(super) fn change(command: &mut Command<'_>, sort: Sort) -> Result<(), Fault> {
    let (words, pairs) = resources_and_pairs(&command.args.words.clone(), sort.noun())?;
    let changes = read_pairs(&pairs, sort)?;
    for other in ["selector", "field-selector"] {
        if command.args.is_on("all") && command.args.get(other).is_some() {
            let text = format!("cannot set --all and --{other} at the same time");
            return Err(Fault::client(text));
        }
    }
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if pairs.is_empty() && !command.args.is_on("list") {
        let noun = sort.noun();
        return Err(Fault::client(format!(
            "at least one {noun} update is required"
        )));
    }
    let targets = command.keys(&words, Bare::Nothing)?;
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

/// The words that name objects, and behind them the changes, `KEY=VALUE` and `KEY-` (`GetResourcesAndPairs`).
pub(super) fn resources_and_pairs(
    words: &[String],
    noun: &str,
) -> Result<(Vec<String>, Vec<String>), Fault> {
    let is_pair = |word: &String| {
        let sets = word.contains('=') && !word.starts_with('=');
        sets || (word.ends_with('-') && word != "-")
    };
    let first = words.iter().position(is_pair).unwrap_or(words.len());
    let (resources, pairs) = words.split_at(first);
    match pairs.iter().find(|it| !is_pair(it)) {
        Some(late) => Err(Fault::client(format!(
            "all resources must be specified before {noun} changes: {late}"
        ))),
        None => Ok((resources.to_vec(), pairs.to_vec())),
    }
}

/// A key with its new value, or without one to take it away.
type Change = (Text, Option<Text>);

fn read_pairs(pairs: &[String], sort: Sort) -> Result<Vec<Change>, Fault> {
    let mut changes: Vec<Change> = Vec::new();
    for pair in pairs {
        changes.push(match pair.split_once('=') {
            Some((_, value)) if sort == Sort::Labels && value.contains('=') => {
                return Err(Fault::client(format!("invalid label spec: {pair}")));
            }
            Some((key, value)) => {
                check_value(pair, value, sort)?;
                (Text::from(key), Some(Text::from(value)))
            }
            None => (Text::from(pair.strip_suffix('-').unwrap_or(pair)), None),
        });
    }
    let sets = |key: &Text| changes.iter().any(|(it, new)| it == key && new.is_some());
    let taken = changes.iter().filter(|(_, value)| value.is_none());
    let both: Vec<&str> = taken
        .map(|(key, _)| &**key)
        .filter(|it| sets(&Text::from(*it)))
        .collect();
    match (sort, both.is_empty()) {
        (_, true) => Ok(changes),
        (Sort::Labels, false) => Err(Fault::client(
            "can not both modify and remove a label in the same command",
        )),
        (Sort::Annotations, false) => Err(Fault::client(format!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        ))),
    }
}

fn check_value(pair: &str, value: &str, sort: Sort) -> Result<(), Fault> {
    let faults = match sort {
        Sort::Labels => text::label_value(value),
        Sort::Annotations => Vec::new(),
    };
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Fault::client(format!(
            "invalid label value: {pair:?}: {}",
            faults.join(";")
        ))),
    }
}

/// Prints what is set; of several objects each under its name.
fn list(
    command: &mut Command<'_>,
    key: &ObjectKey,
    sort: Sort,
    is_single: bool,
) -> Result<(), Fault> {
    let existing = existing(command, key, sort)?;
    let mut indent = "";
    if !is_single {
        indent = " ";
        let info = key.kind.info();
        let (noun, kind, group) = (sort.field(), info.name, info.group);
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
fn existing(command: &Command<'_>, key: &ObjectKey, sort: Sort) -> Result<Labels, Fault> {
    let object = command.find(key)?;
    let meta = object.meta();
    Ok(match sort {
        Sort::Labels => meta.labels.clone(),
        Sort::Annotations => meta.annotations.clone(),
    })
}

fn one(
    command: &mut Command<'_>,
    key: &ObjectKey,
    changes: &[Change],
    sort: Sort,
) -> Result<(), Fault> {
    let existing = &*existing(command, key, sort)?;
    if !command.args.is_on("overwrite") {
        unless_taken(changes, existing, sort)?;
    }
    let mut patch = Map::new();
    for (name, value) in changes {
        patch.insert(name.clone(), value.clone().map_or(Value::Null, Value::Text));
    }
    let missing = |(name, value): &&Change| value.is_none() && !existing.contains_key(name);
    for (name, _) in changes
        .iter()
        .filter(missing)
        .filter(|_| sort == Sort::Labels)
    {
        command.output.line(&format!("label {name:?} not found."));
    }
    let patch = Value::map([("metadata", Value::map([(sort.field(), Value::Map(patch))]))]);
    let patch = command.with_cause(patch);
    let patch = (PatchType::Merge, &patch);
    let patched = command.patch(key, Part::Main, patch, FieldValidation::Ignore)?;
    let word = result_word(sort, changes, existing, patched.changed);
    command.done(&patched.object, word);
    Ok(())
}

/// What has another value already may only be set with `--overwrite`.
fn unless_taken(
    changes: &[Change],
    existing: &SortedMap<Text, Text>,
    sort: Sort,
) -> Result<(), Fault> {
    let taken: Vec<String> = changes
        .iter()
        // The reason of a change may always be told anew.
        .filter(|(name, _)| sort == Sort::Labels || *name != CHANGE_CAUSE)
        .filter_map(|(name, value)| {
            let (old, new) = (existing.get(name)?, value.as_ref()?);
            (old != new).then(|| format!("'{name}' already has a value ({old})"))
        })
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    if sort == Sort::Annotations {
        return Err(Fault::client(format!(
            "--overwrite is false but found the following declared annotation(s): {}",
            taken.join("; ")
        )));
    }
    let whole: Vec<String> = taken
        .iter()
        .map(|it| format!("{it}, and --overwrite is false"))
        .collect();
    Err(Fault::client(match &*whole {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }))
}

/// `labeled`, `unlabeled`, `not labeled`, `modified`; annotations are always `annotated`.
fn result_word(
    sort: Sort,
    changes: &[Change],
    existing: &SortedMap<Text, Text>,
    changed: bool,
) -> &'static str {
    if sort == Sort::Annotations {
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
