//! `kubectl set`: changes one thing of pod templates (images, resources, variables, the service account), or the selector
//! of a Service.

mod env;
mod image;
mod resources;
mod whole;

use super::help::{Group, Help, no_subcommand};
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
        value("containers", 'c')
            .or("*")
            .says("resources, env: the containers, by a name in which * stands for anything."),
        value("limits", ' ').says("resources: what they may use, as cpu=200m,memory=512Mi."),
        value("requests", ' ').says("resources: what they need, as cpu=100m,memory=256Mi."),
        value("env", 'e').says("env: a variable: NAME=VALUE, or NAME- to take it away."),
        value("from", ' ').says("env: a ConfigMap or Secret whose keys become variables."),
        value("keys", ' ')
            .or("[]")
            .says("env: the keys to take with --from."),
        value("prefix", ' ').says("env: what stands before the names with --from."),
        truth("list", ' ').says("env: print the variables."),
        truth("resolve", ' ').refused(),
        truth("overwrite", ' ')
            .or("true")
            .says("env: replace a value that is already set."),
        value("resource-version", ' ').refused(),
        RECORD,
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Beginner,
        about: "Change images, resources or variables of containers, or a Service's selector.",
        usage: "set SUBCOMMAND (-f FILE | KIND NAME) CHANGE ... [options]",
        examples: &[
            (
                "A new image for the set, which starts an update",
                "set image sts/web nginx=nginx:1.28",
            ),
            (
                "The same for every container",
                "set image sts/web '*=nginx:1.28'",
            ),
            (
                "What every container may use",
                "set resources sts/web --limits=cpu=200m,memory=512Mi",
            ),
            ("A variable", "set env sts/web MODE=quiet"),
        ],
        subcommands: &[
            ("env", "Change the variables of containers, or list them"),
            ("image", "Change the images of containers"),
            ("resources", "Change what containers need and may use"),
            ("selector", "Change which pods a Service is for"),
            ("serviceaccount", "Change the account that pods run as"),
        ],
        elsewhere: &["subject"],
    },
    run,
};

/// A subcommand: its word, another word for it, its own flags, and what it does with the words behind it.
type Subcommand = (
    &'static str,
    &'static str,
    &'static [&'static str],
    fn(&mut Command<'_>, &[String]) -> Result<(), Fault>,
);

const SUBCOMMANDS: &[Subcommand] = &[
    (
        "env",
        "env",
        &[
            "all",
            "containers",
            "env",
            "from",
            "keys",
            "list",
            "overwrite",
            "prefix",
            "resolve",
            "selector",
        ],
        env::run,
    ),
    ("image", "image", &["all", "record", "selector"], image::run),
    (
        "resources",
        "resources",
        &[
            "all",
            "containers",
            "limits",
            "record",
            "requests",
            "selector",
        ],
        resources::run,
    ),
    (
        "selector",
        "selector",
        &["all", "record", "resource-version", "selector"],
        whole::selector,
    ),
    (
        "serviceaccount",
        "sa",
        &["all", "record"],
        whole::service_account,
    ),
];

/// The flags of all of them.
const COMMON: &[&str] = &[
    "dry-run",
    "field-manager",
    "filename",
    "kustomize",
    "local",
    "output",
    "recursive",
];

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let Some((word, rest)) = words.split_first() else {
        return no_subcommand(command, &VERB);
    };
    let found = SUBCOMMANDS
        .iter()
        .find(|(name, alias, ..)| word == name || word == alias);
    let Some((name, _, flags, run)) = found else {
        return no_subcommand(command, &VERB);
    };
    command
        .args
        .only(&format!("{} {name}", VERB.name), |flag| {
            COMMON.contains(&flag) || flags.contains(&flag)
        })?;
    run(command, rest)
}

/// The fields of a pod spec that hold containers, in kubectl's order.
const LISTS: [&str; 2] = ["containers", "initContainers"];

/// An object with a pod spec.
struct Holder {
    key: ObjectKey,
    /// The object as JSON.
    value: Value,
    /// Where its pod spec is.
    path: &'static [&'static str],
}

/// A change of a pod spec: what it is called once it is made, and how a refusal of it begins.
#[derive(Clone, Copy)]
struct Told {
    word: &'static str,
    refused: &'static str,
}

impl Holder {
    fn find(command: &Command<'_>, key: &ObjectKey) -> Result<Self, Fault> {
        let object = command.find(key)?;
        let Some((path, _)) = pod_spec(&object) else {
            let info = key.kind.info();
            return Err(Fault::client(format!(
                "{}/{} the object is not a pod or does not have a pod template: *v1.{}",
                info.plural, key.name, info.name
            )));
        };
        Ok(Self {
            key: key.clone(),
            value: object.to_value(),
            path,
        })
    }

    /// The containers of a field whose names fit.
    fn containers(&self, list: &str, fits: impl Fn(&str) -> bool) -> Vec<&Value> {
        let path: Vec<&str> = self.path.iter().copied().chain([list]).collect();
        let all = self.value.list_at(&path).iter();
        all.filter(|it| fits(it.str_at(&["name"]).unwrap_or_default()))
            .collect()
    }

    /// Patches containers, each named in what is changed of it.
    fn patch_containers(
        &self,
        command: &mut Command<'_>,
        changes: &[(&str, Value)],
        told: Told,
    ) -> Result<(), Fault> {
        let mut patch = Value::default();
        for list in LISTS {
            let changes = changes.iter().filter(|(it, _)| *it == list);
            let changes: Vec<Value> = changes.map(|(_, it)| it.clone()).collect();
            if !changes.is_empty() {
                let place: Vec<&str> = self.path.iter().copied().chain([list]).collect();
                patch.set(&place, Value::List(changes));
            }
        }
        send(command, &self.key, patch, told)
    }
}

/// Sends a patch and says so.
fn send(command: &mut Command<'_>, key: &ObjectKey, patch: Value, told: Told) -> Result<(), Fault> {
    let patch = command.with_cause(patch);
    let patch = (PatchType::Strategic, &patch);
    let patched = command
        .patch(key, Part::Main, patch, FieldValidation::Ignore)
        .map_err(|error| match told.refused {
            "" => error.into(),
            doing => Fault::client(format!("{doing}{error}")),
        })?;
    command.done(&patched.object, told.word);
    Ok(())
}

/// Does the same to every object that words name.
fn each(
    command: &mut Command<'_>,
    words: &[String],
    mut change: impl FnMut(&mut Command<'_>, &ObjectKey) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut faults = Vec::new();
    for target in command.keys(words, Bare::Nothing)? {
        let result = target.and_then(|key| change(command, &key));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

/// Whether a name fits a text in which `*` stands for anything.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return name == pattern;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return name.ends_with(part);
        }
        match name.split_once(part) {
            Some((_, tail)) => name = tail,
            None => return false,
        }
    }
    true
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

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn names_fit_patterns() {
        for (name, pattern, is_fit) in [
            ("web", "*", true),
            ("web", "w*", true),
            ("web", "*b", true),
            ("web", "w*b", true),
            ("web", "web", true),
            ("web", "b*", false),
            ("web", "we", false),
            ("web", "w*x*b", false),
        ] {
            assert_eq!(super::fits(name, pattern), is_fit, "{name} {pattern}");
        }
    }

    #[test]
    fn subcommands_refuse_what_is_not_theirs() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            (
                "image sts/web nginx=x --limits=cpu=1",
                "unknown flag: --limits\nSee 'kubectl set image --help' for usage.",
            ),
            (
                "sa sts/web x --limits=cpu=1",
                "unknown flag: --limits\nSee 'kubectl set serviceaccount --help' for usage.",
            ),
            (
                "image svc/nginx nginx=x",
                "services/nginx the object is not a pod or does not have a pod template: *v1.Service",
            ),
            (
                "subject x",
                "kubectl set subject is not simulated here; a real kubectl would do it.",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl set {line}")),
                format!("error: {said}\n[exit 1]\n"),
                "{line}"
            );
        }
    }
}
