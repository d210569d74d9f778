//! `kubectl get`: finds objects and prints them, and goes on printing with `-w` (reference 8.2 to 8.4).

mod view;
mod watch;

use std::rc::Rc;

pub(in crate::kubectl) use watch::Watch;

use super::done::no_format;
use super::help::{Group, Help, usage};
use super::targets::{Bare, NAME_AND_SELECTOR};
use super::{Command, Verb};
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::kubectl::args::{optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::target::{self, Named, Resource, Scope};
use crate::kubectl::wait::Wait;
use view::View;

pub(super) const VERB: Verb = Verb {
    name: "get",
    flags: &[
        value("filename", 'f'),
        value("output", 'o')
            .says("wide, name, yaml, json, jsonpath=TEMPLATE, go-template=TEMPLATE, or custom-columns=HEADER:PATH,..."),
        value("selector", 'l'),
        value("field-selector", ' '),
        value("label-columns", 'L')
            .or("[]")
            .says("Show these labels in columns of their own."),
        value("sort-by", ' ').says("Sort by the field at this path."),
        value("kustomize", 'k').refused(),
        value("raw", ' ').refused(),
        truth("allow-missing-template-keys", ' ').refused(),
        value("template", ' ').says("The template of -o go-template."),
        value("subresource", ' ').refused(),
        value("chunk-size", ' '),
        truth("all-namespaces", 'A'),
        truth("show-labels", ' ').says("Show all labels in the last column."),
        truth("show-kind", ' ').says("Put the kind before each name."),
        truth("show-managed-fields", ' ').refused(),
        truth("no-headers", ' '),
        truth("watch", 'w').says("Go on with every change."),
        truth("watch-only", ' ').says("Show changes only, not what is there."),
        truth("output-watch-events", ' ')
            .says("With --watch: say what each row is, ADDED, MODIFIED or DELETED."),
        truth("ignore-not-found", ' '),
        truth("recursive", 'R'),
        optional("server-print", "true").refused(),
    ],
    help: Help {
        group: Group::Intermediate,
        about: "Show objects as a table, as YAML or JSON, or as single fields. With -w it goes on with every change.",
        usage: "get KIND [NAME ...] [options]",
        examples: &[
            ("The set, its pods and their claims", "get sts,pods,pvc"),
            ("Watch the pods", "get pods -w"),
            ("The whole object", "get sts web -o yaml"),
            (
                "Where each pod runs",
                "get pods -o custom-columns=POD:.metadata.name,NODE:.spec.nodeName",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    check_format(command)?;
    check_flags(command)?;
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
    let mut view = View::read(command)?;
    let found = find_all(command, &words, &scope, view.is_table())?;
    let store = &command.cluster.api.store;
    let objects: Vec<Rc<Object>> = found
        .keys
        .iter()
        .filter_map(|key| store.by_key(key).cloned())
        .collect();
    let first = found.keys.first();
    let is_mixed = first.is_some_and(|it| found.keys.iter().any(|other| other.kind != it.kind));
    let asks_for_several = |words: &[String]| match words {
        [kinds] => kinds == "all" || kinds.contains(','),
        _ => false,
    };
    view.show_kind |= is_mixed || asks_for_several(&words);
    let name = first.filter(|_| found.named > 0).map(|it| it.name.clone());
    let kind = first.map(|it| it.kind).or(found.kind);
    let mut watch = Watch::new(view, scope, kind, name, command.cluster.api.log.len());
    if watches(command) {
        if !command.args.is_on("watch-only") {
            watch.print_each(&objects, command.cluster, &mut command.output);
        }
        command.fail_all(&found.faults);
        if found.named > 1 {
            return Err(Fault::client(
                "you may only watch a single resource or type of resource at a time",
            ));
        }
        if found.faults.is_empty() {
            command.wait = Some(Wait::Watch(Box::new(watch)));
        }
        return Ok(());
    }
    // Of a single object that is not there nothing is shown; of several, what there is.
    let is_single = found.named == 1;
    let is_quiet = command.args.is_on("ignore-not-found") || is_single;
    if !objects.is_empty() || !is_quiet {
        watch.print(&objects, is_single, command.cluster, &mut command.output)?;
    }
    command.fail_all(&found.faults);
    Ok(())
}

/// What was asked for.
#[derive(Default)]
struct Found {
    /// The objects that are there.
    keys: Vec<ObjectKey>,
    /// What is wrong with those that cannot be had.
    faults: Vec<Fault>,
    /// How many objects were named, by words.
    named: usize,
    /// The kind that was asked for, if it is one of ours; the first of several.
    kind: Option<Kind>,
}

fn find_all(
    command: &mut Command<'_>,
    words: &[String],
    scope: &Scope,
    is_table: bool,
) -> Result<Found, Fault> {
    let mut found = Found::default();
    if command.args.get("filename").is_some() {
        for target in command.keys(words, Bare::All)? {
            find(command, target, &mut found);
        }
        return Ok(found);
    }
    match target::read(words)? {
        Named::Objects(_) if scope.has_selector() => {
            return Err(Fault::client(NAME_AND_SELECTOR));
        }
        Named::Objects(objects) => {
            found.named = objects.len();
            let first = objects.first().map(|it| it.0);
            if watches(command) && objects.iter().any(|it| Some(it.0) != first) {
                return Err(Fault::client("you may only specify a single resource type"));
            }
            for target in command.keys(words, Bare::All)? {
                find(command, target, &mut found);
            }
        }
        Named::Kinds(kinds) => {
            if watches(command) && kinds.len() > 1 {
                return Err(Fault::client("you may only specify a single resource type"));
            }
            for resource in &kinds {
                if let Resource::Known(kind) = resource {
                    scope.check(*kind)?;
                    found.kind = found.kind.or(Some(*kind));
                    found.keys.extend(scope.select(*kind, command.cluster));
                }
            }
            let is_quiet = !is_table || watches(command) || command.args.is_on("ignore-not-found");
            if found.keys.is_empty() && !is_quiet {
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
    Ok(found)
}

fn find(command: &Command<'_>, target: Result<ObjectKey, Fault>, found: &mut Found) {
    match target {
        Ok(key) if command.cluster.api.store.by_key(&key).is_some() => found.keys.push(key),
        Ok(_) if command.args.is_on("ignore-not-found") => {}
        Ok(key) => {
            found.faults.push(command.missing(&key).into());
        }
        Err(fault) => found.faults.push(fault),
    }
}

fn check_format(command: &Command<'_>) -> Result<(), Fault> {
    let Some(format) = command.args.get("output") else {
        return Ok(());
    };
    let name = format.split('=').next().unwrap_or(format);
    let known = "custom-columns go-template json jsonpath name template wide yaml";
    if known.split(' ').any(|it| it == name) {
        return Ok(());
    }
    Err(no_format(VERB.name, format, true))
}

/// Whether the command goes on with every change.
fn watches(command: &Command<'_>) -> bool {
    command.args.is_on("watch") || command.args.is_on("watch-only")
}

/// Refuses flags that do not go together.
fn check_flags(command: &mut Command<'_>) -> Result<(), Fault> {
    let args = &command.args;
    let format = args.get("output").unwrap_or_default();
    if args.is_on("show-labels") && !matches!(format, "" | "wide") {
        return Err(Fault::client(format!(
            "--show-labels option cannot be used with {format} printer"
        )));
    }
    if watches(command) {
        if args.get("sort-by").is_some() {
            let text = match args.is_on("watch-only") {
                true => "warning: --watch-only requested, --sort-by will be ignored",
                false => {
                    "warning: --watch requested, --sort-by will be ignored for watch events received"
                }
            };
            command.output.error_line(text);
        }
    } else if args.is_on("output-watch-events") {
        return Err(usage(
            VERB.name,
            "--output-watch-events option can only be used with --watch or --watch-only",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn a_watch_shows_changes_alone_or_says_what_they_are() {
        let mut kit = Kit::with_web();
        assert_eq!(kit.waits("kubectl get pods --watch-only", 5), "[waits]\n");
        kit.says("kubectl label pod web-1 a=b");
        kit.says("kubectl label pod web-1 a=c --overwrite");
        kit.says("kubectl delete pod web-2 --wait=false");
        let said = kit.waits("kubectl get pods --watch-only --output-watch-events", 9);
        let header = "EVENT      NAME    READY   STATUS      RESTARTS   AGE\nMODIFIED   web-2   0/1     Completed   0          59s\n";
        assert!(said.starts_with(header), "{said}");
        assert!(
            said.contains("\nDELETED    web-2   0/1") && !said.contains("web-1"),
            "{said}"
        );
        let said = kit.waits("kubectl get pod web-1 -w --output-watch-events -L a", 1);
        assert_eq!(
            said,
            "EVENT      NAME    READY   STATUS    RESTARTS   AGE   A\nADDED      web-1   1/1     Running   0          71s   c\n[waits]\n"
        );
        let names = kit.waits(
            "kubectl get pods -w -o custom-columns=POD:.metadata.name,ON:.spec.nodeName --field-selector metadata.name=web-0",
            1,
        );
        assert_eq!(names, "POD     ON\nweb-0   node-a\n[waits]\n");
        let yaml = kit.waits("kubectl get ns -w -o yaml --output-watch-events", 1);
        assert!(yaml.starts_with("object:\n  apiVersion: v1\n"), "{yaml}");
        assert!(yaml.contains("type: ADDED\n---\nobject:\n"), "{yaml}");
        assert_eq!(
            kit.waits("kubectl get pod nope -w", 1),
            "Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n"
        );
    }

    #[test]
    fn flags_that_do_not_fit_together_are_refused() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            (
                "pods --output-watch-events",
                "error: --output-watch-events option can only be used with --watch or --watch-only\n\
                 See 'kubectl get -h' for help and examples",
            ),
            (
                "pods --show-labels -o yaml",
                "error: --show-labels option cannot be used with yaml printer",
            ),
            (
                "pods,svc --watch-only",
                "error: you may only specify a single resource type",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl get {line}")),
                format!("{said}\n[exit 1]\n")
            );
        }
        let said = kit.waits("kubectl get sc -w --sort-by=.metadata.name --no-headers", 1);
        let warning =
            "warning: --watch requested, --sort-by will be ignored for watch events received\n";
        assert!(said.contains(warning), "{said}");
    }
}
