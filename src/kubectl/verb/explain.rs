//! `kubectl explain`: the fields of a kind, in the layout of kubectl's plaintext template.
//!
//! What there is and of what type comes from the tables of the schema; `explain.txt` has a text of our own for each
//! type and field, in a block for each type. A field without one there takes that of the block `*`.
//! Lines that begin with `enum` say which words a Go type takes.

use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::object::{Foreign, Kind};
use crate::cluster::schema::{self, Field, Shape, Type};
use crate::cluster::sorted;
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;

const TEXTS: &str = include_str!("explain.txt");
/// Where descriptions are wrapped.
const WIDTH: usize = 76;
/// How many words of an enumeration are listed beside a field.
const WORDS_MAX: usize = 4;

pub(super) const VERB: Verb = Verb {
    name: "explain",
    flags: &[
        value("output", 'o'),
        value("api-version", ' '),
        truth("recursive", ' '),
    ],
    help: Help {
        group: Group::Intermediate,
        about: "Say what the fields of a kind mean.",
        usage: "explain KIND[.FIELD ...] [--recursive] [options]",
        examples: &[
            ("A kind", "explain statefulset"),
            ("One of its fields", "explain sts.spec.updateStrategy"),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let word = match &*command.args.words {
        [word] => word.trim_end_matches('.').to_owned(),
        [] => {
            return Err(Fault::client(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list \
                 of supported resources.",
            ));
        }
        _ => {
            return Err(Fault::client(
                "We accept only this format: explain RESOURCE",
            ));
        }
    };
    if word.contains('[') || word.split('.').any(str::is_empty) {
        return Err(Fault::client(
            "invalid jsonpath syntax, first node must be field node",
        ));
    }
    let version = command.args.get("api-version");
    let (first, rest) = word.split_once('.').unwrap_or((&word, ""));
    let found = match version {
        // Under --api-version a group in the word is a field.
        Some(_) => Kind::of_command(first).map(|kind| (kind, rest)),
        None => find(&word),
    };
    let Some((kind, path)) = found else {
        return Err(unknown(first));
    };
    match command.args.get("output") {
        None | Some("plaintext") => {}
        Some("plaintext-openapiv2") => {
            // Our own words: a real cluster knows the old layout too.
            return Err(Fault::client(
                "the output format plaintext-openapiv2 is not simulated here",
            ));
        }
        Some(other) => return Err(Fault::client(format!("unrecognized format: {other}"))),
    }
    if let Some(version) = version.filter(|it| **it != *kind.api_version()) {
        return Err(wrong_version(kind, version));
    }
    let text = &mut command.output.stdout;
    let group = kind.info().group;
    if !group.is_empty() {
        text.push_str(&format!("GROUP:      {group}\n"));
    }
    text.push_str(&format!(
        "KIND:       {kind}\nVERSION:    {}\n\n",
        kind.info().version
    ));
    page(kind, path, command.args.is_on("recursive"), text)
}

fn unknown(word: &str) -> Fault {
    match Foreign::of_command(word) {
        // Our own words: a real cluster has this kind.
        Some(foreign) => Fault::client(format!(
            "{} ({}) is not simulated here; a real cluster would explain it",
            foreign.name, foreign.api_version
        )),
        None => Fault::Plain(format!("the server doesn't have a resource type {word:?}")),
    }
}

fn wrong_version(kind: Kind, version: &str) -> Fault {
    let (group, bare) = version.split_once('/').unwrap_or(("", version));
    let resource = format!("{group}/{bare}, Resource={}", kind.info().plural);
    let kinds = crate::cluster::object::KINDS;
    Fault::client(if kinds.iter().any(|it| it.api_version() == version) {
        format!("GVR ({resource}) not found in OpenAPI schema")
    } else {
        format!("couldn't find resource for \"{resource}\"")
    })
}

/// The kind that a word begins with, and the path of fields behind it: `sts.spec`, `statefulsets.apps.spec`.
pub(in crate::kubectl) fn find(word: &str) -> Option<(Kind, &str)> {
    let (first, rest) = word.split_once('.').unwrap_or((word, ""));
    let kind = Kind::of_command(first)?;
    let info = kind.info();
    let behind = rest.strip_prefix(info.group).filter(|it| {
        let is_whole = it.is_empty() || it.starts_with('.');
        is_whole && !info.group.is_empty() && first == info.plural
    });
    let path = behind.map_or(rest, |it| it.strip_prefix('.').unwrap_or(it));
    Some((kind, path))
}

/// What stands below the header: a field or the kind itself, and the fields in it.
fn page(kind: Kind, path: &str, recursive: bool, text: &mut String) -> Result<(), Fault> {
    let mut owner = schema::find(kind.name());
    let mut parts = vec![type_text(kind.name())];
    let mut field = None;
    for step in path.split('.').filter(|it| !it.is_empty()) {
        let Some((holder, it)) = owner.and_then(|it| Some((it, it.field(step)?))) else {
            let last = path.rsplit('.').next().unwrap_or(path);
            return Err(Fault::client(format!("field {last:?} does not exist")));
        };
        field = Some(it);
        owner = it.shape.element();
        parts = vec![field_text(holder.name, it.name), type_text(leaf(&it.shape))];
    }
    if let Some(field) = field {
        text.push_str(&format!("FIELD: {} <{}>\n", field.name, type_word(field)));
        let words = enumeration(field);
        if !words.is_empty() {
            text.push_str(&format!("ENUM:\n    {}", words.join("\n    ")));
        }
        text.push_str("\n\n");
    }
    text.push_str("DESCRIPTION:\n");
    parts.retain(|it| !it.is_empty());
    for part in &parts {
        wrapped(part, text);
    }
    text.push_str(if parts.is_empty() {
        "    <empty>\n"
    } else {
        "    \n"
    });
    if let Some(owner) = owner {
        text.push_str("FIELDS:\n");
        fields(owner, "  ", recursive, text);
    }
    text.push('\n');
    Ok(())
}

/// The fields of a type in the order of their names.
fn fields(owner: &Type, indent: &str, recursive: bool, text: &mut String) {
    let mut all: Vec<&Field> = owner.fields.iter().collect();
    sorted::sort_by_key(&mut all, |it| it.name);
    for field in all {
        let required = if field.required { " -required-" } else { "" };
        text.push_str(&format!(
            "{indent}{}\t<{}>{required}\n",
            field.name,
            type_word(field)
        ));
        let words = enumeration(field);
        if !words.is_empty() {
            let shown: Vec<&str> = words.iter().take(WORDS_MAX).copied().collect();
            let more = if words.len() > WORDS_MAX {
                ", ...."
            } else {
                ""
            };
            text.push_str(&format!("{indent}enum: {}{more}\n", shown.join(", ")));
        }
        if !recursive {
            match field_text(owner.name, field.name) {
                "" => text.push_str("    <no description>\n"),
                known => wrapped(known, text),
            }
            text.push('\n');
        } else if let Some(inner) = field.shape.element() {
            fields(inner, &format!("{indent}  "), recursive, text);
        }
    }
}

/// A text in lines of their width, four letters in.
fn wrapped(words: &str, text: &mut String) {
    let mut line = String::new();
    for word in words.split(' ') {
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
            text.push_str(&format!("    {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    text.push_str(&format!("    {line}\n"));
}

/// A field's type as `explain` names it, without its brackets: `[]Container`, `map[string]string`, `integer`.
pub(in crate::kubectl) fn type_word(field: &Field) -> String {
    fn word(shape: &Shape) -> String {
        match shape {
            Shape::Text(_) | Shape::Bytes | Shape::Time => "string".to_owned(),
            Shape::Bool => "boolean".to_owned(),
            Shape::Int(_) => "integer".to_owned(),
            Shape::Float => "number".to_owned(),
            Shape::Any => "RawExtension".to_owned(),
            Shape::List(item) => format!("[]{}", word(item)),
            Shape::Map(item) => format!("map[string]{}", word(item)),
            named => leaf(named).to_owned(),
        }
    }
    match (field.name, &field.shape) {
        ("fieldsV1", Shape::Any) => "FieldsV1".to_owned(),
        (_, shape) => word(shape),
    }
}

/// The name of the type that a field, or what it lists, refers to; empty for what is no type of the API.
fn leaf(shape: &Shape) -> &'static str {
    match shape {
        Shape::Struct(name) => name,
        Shape::Quantity => "Quantity",
        Shape::IntOrString => "IntOrString",
        Shape::Time => "Time",
        Shape::List(item) | Shape::Map(item) => leaf(item),
        _ => "",
    }
}

/// The words that a field takes, if they are a closed list.
fn enumeration(field: &Field) -> Vec<&'static str> {
    let Shape::Text(Some(name)) = field.shape else {
        return Vec::new();
    };
    let lists = TEXTS.lines().filter_map(|line| line.strip_prefix("enum "));
    let mut own = lists.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let words = own.next().map(|it| it.split(' ').collect());
    words.unwrap_or_default()
}

/// What a type is; empty if there is no text.
fn type_text(name: &str) -> &'static str {
    let mut lines = TEXTS.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(first, _)| *first == name && !name.is_empty());
    found.map(|(_, text)| text).unwrap_or_default()
}

/// What a field of a type is; empty if there is no text.
fn field_text(owner: &str, field: &str) -> &'static str {
    let own = in_block(owner, field);
    own.or_else(|| in_block("*", field)).unwrap_or_default()
}

fn in_block(owner: &str, field: &str) -> Option<&'static str> {
    let mut lines = TEXTS.lines();
    lines.find(|line| line.split(' ').next() == Some(owner))?;
    let block = lines.map_while(|line| line.strip_prefix(' '));
    let mut texts = block.filter_map(|line| line.split_once(' '));
    texts.find(|(name, _)| *name == field).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cluster::Cluster;
    use crate::cluster::config::Config;
    use crate::cluster::object::KINDS;
    use crate::kubectl::verb::kit;
    use crate::kubectl::{Output, Workspace};

    fn explain(words: &str) -> Output {
        let mut cluster = Cluster::new(Config::page(1));
        let line = format!("kubectl explain {words}");
        kit::run(&mut cluster, &mut Workspace::default(), &line).output
    }

    #[test]
    fn a_kind_is_explained_with_its_fields() {
        let text = "GROUP:      apps
KIND:       StatefulSet
VERSION:    v1

DESCRIPTION:
    Pods with fixed names, each with volumes of its own, made in order.
    \nFIELDS:
  apiVersion\t<string>
    Group and version of the kind, such as apps/v1.

  kind\t<string>
    Kind of the object, in the singular and with capitals.

  metadata\t<ObjectMeta>
    Name, labels and what else every object has.

  spec\t<StatefulSetSpec>
    What is wanted.

  status\t<StatefulSetStatus>
    What is; written by the system.


";
        for words in [
            "sts",
            "statefulset.",
            "statefulsets.apps",
            "StatefulSet --api-version apps/v1 -o plaintext",
        ] {
            assert_eq!(explain(words).stdout, text, "{words}");
        }
        let core = explain("po").stdout;
        assert!(core.starts_with("KIND:       Pod\nVERSION:    v1\n\nDESCRIPTION:\n"));
    }

    #[test]
    fn a_field_is_explained_with_its_type_and_its_words() {
        let text = "GROUP:      apps
KIND:       StatefulSet
VERSION:    v1

FIELD: type <string>
ENUM:
    OnDelete
    RollingUpdate

DESCRIPTION:
    RollingUpdate replaces the pods itself; OnDelete waits until somebody
    deletes them.
    \n
";
        assert_eq!(explain("sts.spec.updateStrategy.type").stdout, text);
        let text = "GROUP:      apps
KIND:       StatefulSet
VERSION:    v1

FIELD: rollingUpdate <RollingUpdateStatefulSetStrategy>


DESCRIPTION:
    Settings of RollingUpdate.
    Settings of a rolling update, which goes from the highest ordinal down.
    \nFIELDS:
  maxUnavailable\t<IntOrString>
    How many pods may be down at a time, as a number or a percentage; 1 unless
    said otherwise.

  partition\t<integer>
    Pods with a lower ordinal keep the old template; 0 unless said otherwise.


";
        let words = "statefulsets.apps.spec.updateStrategy.rollingUpdate";
        assert_eq!(explain(words).stdout, text);
    }

    #[test]
    fn recursion_lists_the_names_alone() {
        let whole = explain("pods.spec.affinity.nodeAffinity --recursive").stdout;
        let fields = whole.split_once("FIELDS:\n").map(|(_, fields)| fields);
        let term = |indent: &str| {
            format!(
                "{indent}matchExpressions\t<[]NodeSelectorRequirement>
{indent}  key\t<string> -required-
{indent}  operator\t<string> -required-
{indent}  enum: DoesNotExist, Exists, Gt, In, ....
{indent}  values\t<[]string>
{indent}matchFields\t<[]NodeSelectorRequirement>
{indent}  key\t<string> -required-
{indent}  operator\t<string> -required-
{indent}  enum: DoesNotExist, Exists, Gt, In, ....
{indent}  values\t<[]string>
"
            )
        };
        let expected = format!(
            "  preferredDuringSchedulingIgnoredDuringExecution\t<[]PreferredSchedulingTerm>
    preference\t<NodeSelectorTerm> -required-
{}    weight\t<integer> -required-
  requiredDuringSchedulingIgnoredDuringExecution\t<NodeSelector>
    nodeSelectorTerms\t<[]NodeSelectorTerm> -required-
{}
",
            term("      "),
            term("      ")
        );
        assert_eq!(fields, Some(&*expected));
        for kind in KINDS {
            let output = explain(&format!("{} --recursive", kind.info().plural));
            assert!(output.stdout.ends_with("\n\n"), "{kind}");
        }
    }

    #[test]
    fn types_have_the_names_of_the_api() {
        for (path, shown) in [
            ("pod.spec.containers", "containers <[]Container>"),
            ("pod.metadata.labels", "labels <map[string]string>"),
            (
                "pod.metadata.creationTimestamp",
                "creationTimestamp <string>",
            ),
            ("pod.metadata.managedFields.fieldsV1", "fieldsV1 <FieldsV1>"),
            (
                "pvc.spec.resources.requests",
                "requests <map[string]Quantity>",
            ),
            ("controllerrevisions.data", "data <RawExtension>"),
            ("svc.spec.ports.targetPort", "targetPort <IntOrString>"),
            ("secrets.data", "data <map[string]string>"),
        ] {
            let text = explain(path).stdout;
            assert!(text.contains(&format!("\nFIELD: {shown}\n\n\n")), "{text}");
        }
        let text = explain("pod.spec.containers.securityContext").stdout;
        assert!(text.contains("  capabilities\t<Capabilities>\n    <no description>\n\n"));
        let text = explain("pod.spec.containers.securityContext.capabilities.add").stdout;
        assert!(text.ends_with("DESCRIPTION:\n    <empty>\n\n"), "{text}");
    }

    #[test]
    fn what_is_not_there_is_refused_in_kubectls_words() {
        for (words, text) in [
            (
                "",
                "error: You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete \
                 list of supported resources.",
            ),
            (
                "sts web",
                "error: We accept only this format: explain RESOURCE",
            ),
            (
                "nothing.spec",
                "the server doesn't have a resource type \"nothing\"",
            ),
            (
                "sts.spec.no.deeper",
                "error: field \"deeper\" does not exist",
            ),
            (
                "sts.metadata.labels.app",
                "error: field \"app\" does not exist",
            ),
            (
                "statefulset.apps.spec",
                "error: field \"spec\" does not exist",
            ),
            (
                "sts.spec..replicas",
                "error: invalid jsonpath syntax, first node must be field node",
            ),
            ("sts -o xyz", "error: unrecognized format: xyz"),
            (
                "sts --api-version apps/v2",
                "error: couldn't find resource for \"apps/v2, Resource=statefulsets\"",
            ),
            (
                "sts --api-version v1",
                "error: GVR (/v1, Resource=statefulsets) not found in OpenAPI schema",
            ),
            (
                "statefulsets.apps --api-version apps/v1",
                "error: field \"apps\" does not exist",
            ),
            (
                "ds",
                "error: DaemonSet (apps/v1) is not simulated here; a real cluster would explain it",
            ),
        ] {
            let output = explain(words);
            assert_eq!(
                (&*output.stderr, output.exit),
                (&*format!("{text}\n"), 1),
                "{words}"
            );
        }
        // The header is out before the field is looked for.
        let printed = explain("sts.spec.nothing").stdout;
        assert_eq!(
            printed,
            "GROUP:      apps\nKIND:       StatefulSet\nVERSION:    v1\n\n"
        );
    }

    #[test]
    fn every_field_that_is_acted_on_has_a_text() {
        let mut open: Vec<&str> = KINDS.iter().map(|it| it.name()).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            for field in &schema::find(name).unwrap().fields {
                if field.acted_on {
                    assert_ne!(field_text(name, field.name), "", "{name}.{}", field.name);
                    open.extend(field.shape.element().map(|it| it.name));
                }
            }
        }
    }

    #[test]
    fn every_text_is_short_and_about_something_that_is_there() {
        let all = || schema::types().iter().map(|(_, it)| it);
        let mut block = "";
        let mut seen = BTreeSet::new();
        for line in TEXTS.lines() {
            let (head, text) = line.trim_start().split_once(' ').unwrap_or((line, ""));
            assert!(text.len() <= 90 || head == "enum", "{line}");
            let known = if line.starts_with("enum ") {
                let alias = text.split(' ').next();
                let names = |field: &Field| matches!(field.shape, Shape::Text(it) if it == alias);
                all().any(|it| it.fields.iter().any(names))
            } else if !line.starts_with(' ') {
                block = head;
                let plain = ["*", "IntOrString", "Quantity", "Time"];
                plain.contains(&head) || schema::find(head).is_some()
            } else if block == "*" {
                all().any(|it| it.field(head).is_some() && in_block(it.name, head).is_none())
            } else {
                schema::find(block).is_some_and(|it| it.field(head).is_some())
            };
            assert!(known, "{block}: {line}");
            let key = if head == "enum" { text } else { head };
            assert!(seen.insert((block, key)), "twice: {block}: {line}");
        }
    }
}
