//! `kubectl get`: finds objects and prints them, and goes on printing with `-w` (reference 8.2 to 8.4).

use std::rc::Rc;

use super::help::{Group, Help, usage};
use super::targets::Bare;
use super::{Command, Verb, elsewhere};
use crate::cluster::Cluster;
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::cluster::record::{Verb as Did, What};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};
use crate::kubectl::args::{optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::print::{self, JsonPath, Table};
use crate::kubectl::target::{self, Named, Resource, Scope};
use crate::kubectl::wait::Wait;

pub(super) const VERB: Verb = Verb {
    name: "get",
    flags: &[
        value("filename", 'f'),
        value("output", 'o')
            .says("wide, name, yaml, json, jsonpath=TEMPLATE, or custom-columns=HEADER:PATH,..."),
        value("selector", 'l'),
        value("field-selector", ' '),
        value("label-columns", 'L')
            .or("[]")
            .says("Show these labels in columns of their own."),
        value("sort-by", ' ').says("Sort by the field at this path."),
        value("kustomize", 'k').refused(),
        value("raw", ' ').refused(),
        truth("allow-missing-template-keys", ' ').refused(),
        value("template", ' ').refused(),
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
    let found = find_all(command, &words, &scope)?;
    let view = View::read(command, &words)?;
    let store = &command.cluster.api.store;
    let objects: Vec<Rc<Object>> = found
        .keys
        .iter()
        .filter_map(|key| store.by_key(key).cloned())
        .collect();
    let first = found.keys.first();
    let mut watch = Watch {
        view,
        scope,
        kind: first.map(|it| it.kind).or(found.kind),
        name: first.filter(|_| found.by_name).map(|it| it.name.clone()),
        at: command.cluster.api.log.len(),
        table: Table::default(),
        has_header: false,
    };
    if !watches(command) {
        let is_single = found.by_name && found.keys.len() == 1;
        watch.print(&objects, is_single, command.cluster, &mut command.output)?;
    } else if !command.args.is_on("watch-only") {
        watch.print_each(&objects, command.cluster, &mut command.output);
    }
    command.fail_all(&found.faults);
    if watches(command) && found.faults.is_empty() {
        command.wait = Some(Wait::Watch(Box::new(watch)));
    }
    Ok(())
}

/// What was asked for.
#[derive(Default)]
struct Found {
    /// The objects that are there.
    keys: Vec<ObjectKey>,
    /// What is wrong with those that cannot be had.
    faults: Vec<Fault>,
    /// Whether single objects were named, by words.
    by_name: bool,
    /// The kind that was asked for, if it is one of ours; the first of several.
    kind: Option<Kind>,
}

fn find_all(command: &mut Command<'_>, words: &[String], scope: &Scope) -> Result<Found, Fault> {
    let mut found = Found::default();
    if command.args.get("filename").is_some() {
        for target in command.keys(words, Bare::All)? {
            find(command, target, &mut found);
        }
        return Ok(found);
    }
    match target::read(words)? {
        Named::Objects(_) if scope.has_selector() => {
            return Err(Fault::client(
                "name cannot be provided when a selector is specified",
            ));
        }
        Named::Objects(_) => {
            found.by_name = true;
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
                    found.kind = found.kind.or(Some(*kind));
                    found.keys.extend(scope.select(*kind, command.cluster));
                }
            }
            let is_quiet = watches(command) || command.args.is_on("ignore-not-found");
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

/// How objects are to be shown.
#[derive(Clone, Debug, PartialEq)]
struct View {
    format: Format,
    headers: bool,
    namespaces: bool,
    show_kind: bool,
    show_labels: bool,
    label_columns: Vec<String>,
    sort_by: Option<JsonPath>,
    marks_events: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Format {
    Table { wide: bool },
    Name,
    Yaml,
    Json,
    Path(JsonPath),
    Columns(Vec<(String, JsonPath)>),
}

impl View {
    fn read(command: &Command<'_>, words: &[String]) -> Result<Self, Fault> {
        let args = &command.args;
        let path = |text: &str| {
            JsonPath::read_relaxed(text)
                .map_err(|why| Fault::client(format!("error parsing jsonpath {text}, {why}")))
        };
        let output = args.get("output").unwrap_or_default();
        let (name, rest) = output.split_once('=').unwrap_or((output, ""));
        let format =
            match name {
                "name" => Format::Name,
                "yaml" => Format::Yaml,
                "json" => Format::Json,
                "jsonpath" => Format::Path(JsonPath::read(rest).map_err(|why| {
                    Fault::client(format!("error parsing jsonpath {rest}, {why}"))
                })?),
                "custom-columns" => {
                    let columns = rest.split(',').map(|column| {
                        let (header, spec) = column.split_once(':').unwrap_or((column, ""));
                        Ok((header.to_owned(), path(spec)?))
                    });
                    Format::Columns(columns.collect::<Result<_, Fault>>()?)
                }
                _ => Format::Table {
                    wide: name == "wide",
                },
            };
        let kinds = words.first().map_or(0, |it| it.split(',').count());
        let slashes = words.iter().filter(|it| it.contains('/')).count();
        let several = kinds > 1 || slashes > 1 || words.first().is_some_and(|it| it == "all");
        Ok(Self {
            format,
            headers: !args.is_on("no-headers"),
            namespaces: args.is_on("all-namespaces"),
            show_kind: args.is_on("show-kind") || several || args.get("filename").is_some(),
            show_labels: args.is_on("show-labels"),
            label_columns: args
                .all("label-columns")
                .flat_map(|it| it.split(','))
                .map(str::to_owned)
                .collect(),
            sort_by: args.get("sort-by").map(path).transpose()?,
            marks_events: args.is_on("output-watch-events"),
        })
    }

    fn header(&self, kind: Kind) -> Vec<String> {
        let Format::Table { wide } = self.format else {
            return Vec::new();
        };
        let labels = self.label_columns.iter().map(|key| {
            let name = key.rsplit('/').next().unwrap_or(key);
            name.to_uppercase()
        });
        let headers = print::headers(kind, wide);
        let event = self.marks_events.then(|| "EVENT".to_owned());
        let namespace = (self.namespaces && kind.is_namespaced()).then(|| "NAMESPACE".to_owned());
        let all = self.show_labels.then(|| "LABELS".to_owned());
        event
            .into_iter()
            .chain(namespace)
            .chain(headers)
            .chain(labels)
            .chain(all)
            .collect()
    }

    fn row(&self, object: &Object, event: &str, now: Time) -> Vec<String> {
        let Format::Table { wide } = self.format else {
            return Vec::new();
        };
        let meta = object.meta();
        let mut cells = print::cells(object, wide, now);
        if let Some(first) = cells.first_mut().filter(|_| self.show_kind) {
            *first = format!("{}/{first}", object.kind().singular());
        }
        if self.namespaces && object.kind().is_namespaced() {
            cells.insert(0, meta.namespace.to_string());
        }
        if self.marks_events {
            cells.insert(0, event.to_owned());
        }
        let columns = self.label_columns.iter();
        cells.extend(columns.map(|key| meta.label(key).unwrap_or_default().to_owned()));
        if self.show_labels {
            cells.push(print::joined(meta.labels.iter()));
        }
        cells
    }
}

/// A `get -w` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    view: View,
    scope: Scope,
    kind: Option<Kind>,
    name: Option<Text>,
    at: usize,
    table: Table,
    has_header: bool,
}

impl Eq for Watch {}

impl Watch {
    /// Prints the objects that are there.
    fn print(
        &mut self,
        objects: &[Rc<Object>],
        is_single: bool,
        cluster: &Cluster,
        output: &mut Output,
    ) -> Result<(), Fault> {
        let mut objects = objects.to_vec();
        if let Some(path) = &self.view.sort_by {
            let key = |object: &Object| {
                let value = object.to_value();
                let found = path.find(&value);
                found
                    .first()
                    .map(|it| (it.as_int(), it.as_str().unwrap_or_default().to_owned()))
            };
            sorted::sort_by(&mut objects, |a, b| key(a).cmp(&key(b)));
        }
        let values = || {
            objects
                .iter()
                .map(|it| print::shown(it, cluster))
                .collect::<Vec<_>>()
        };
        let whole = || match &*values() {
            [one] if is_single => one.clone(),
            all => print::list(all.to_vec()),
        };
        match &self.view.format {
            Format::Table { .. } => self.print_tables(&objects, cluster, output),
            Format::Name => {
                for object in &objects {
                    output.line(&format!(
                        "{}/{}",
                        object.kind().singular(),
                        object.meta().name
                    ));
                }
            }
            Format::Yaml => output
                .stdout
                .push_str(&crate::manifest::write::yaml(&whole())),
            Format::Json => output.line(&print::pretty(&whole())),
            Format::Path(path) => {
                let printed = path.print(&whole());
                let printed = printed
                    .map_err(|why| Fault::client(format!("error executing jsonpath: {why}")))?;
                output.stdout.push_str(&printed);
            }
            Format::Columns(columns) => {
                let header = columns.iter().map(|(header, _)| header.clone());
                let header = self.view.headers.then(|| header.collect());
                let values = values();
                let rows = values.iter().map(|it| chosen(columns, it));
                let rows: Vec<Vec<String>> = header.into_iter().chain(rows).collect();
                self.table.print(&rows, &mut output.stdout);
            }
        }
        Ok(())
    }

    /// A table for each run of objects of one kind.
    fn print_tables(&mut self, objects: &[Rc<Object>], cluster: &Cluster, output: &mut Output) {
        let now = cluster.now();
        let mut rest = objects;
        let mut is_first = true;
        while let Some(first) = rest.first() {
            let kind = first.kind();
            let count = rest.iter().take_while(|it| it.kind() == kind).count();
            let (group, others) = rest.split_at(count);
            rest = others;
            if kind == Kind::Endpoints {
                output.error_line("Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
            }
            if !is_first {
                output.stdout.push('\n');
                self.table = Table::default();
            }
            is_first = false;
            let header = self.view.headers.then(|| self.view.header(kind));
            let rows = group.iter().map(|it| self.view.row(it, "ADDED", now));
            let rows: Vec<Vec<String>> = header.into_iter().chain(rows).collect();
            self.table.print(&rows, &mut output.stdout);
            self.has_header = true;
        }
    }

    /// Prints a row for each change since it last looked.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &Cluster, output: &mut Output) {
        while let Some(record) = cluster.api.log.get(self.at) {
            self.at += 1;
            let What::Wrote(write) = &record.what else {
                continue;
            };
            let object = &*write.object;
            let is_named = self
                .name
                .as_ref()
                .is_none_or(|name| *name == object.meta().name);
            let is_wanted = |object: &Object| {
                let namespace = self.scope.namespace.as_ref();
                let is_here = !object.kind().is_namespaced()
                    || namespace.is_none_or(|it| *it == object.meta().namespace);
                self.kind == Some(object.kind()) && is_here && self.scope.matches(object)
            };
            let was = write.before.as_deref().is_some_and(is_wanted);
            let is = is_wanted(object) && write.verb != Did::Removed;
            let event = match (was, is) {
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
                (false, false) => continue,
            };
            if is_named {
                self.print_change(object, event, record.time, cluster, output);
            }
        }
    }

    /// Prints the objects that are there when a watch begins, as rows or each by itself.
    fn print_each(&mut self, objects: &[Rc<Object>], cluster: &Cluster, output: &mut Output) {
        if matches!(self.view.format, Format::Table { .. }) {
            return self.print_tables(objects, cluster, output);
        }
        for object in objects {
            self.print_change(object, "ADDED", cluster.now(), cluster, output);
        }
    }

    /// An object as it is shown by itself; with `--output-watch-events` in what happened to it.
    fn value(&self, object: &Object, event: &str, cluster: &Cluster) -> Value {
        let value = print::shown(object, cluster);
        match self.view.marks_events {
            true => Value::map([("object", value), ("type", Value::text(event))]),
            false => value,
        }
    }

    fn print_change(
        &mut self,
        object: &Object,
        event: &str,
        now: Time,
        cluster: &Cluster,
        output: &mut Output,
    ) {
        match &self.view.format {
            Format::Table { .. } => {
                let mut rows = Vec::new();
                if self.view.headers && !self.has_header {
                    rows.push(self.view.header(object.kind()));
                }
                self.has_header = true;
                rows.push(self.view.row(object, event, now));
                self.table.print(&rows, &mut output.stdout);
            }
            Format::Name => output.line(&format!(
                "{}/{}",
                object.kind().singular(),
                object.meta().name
            )),
            Format::Yaml => {
                let text = crate::manifest::write::yaml(&self.value(object, event, cluster));
                let line = if self.has_header { "---\n" } else { "" };
                self.has_header = true;
                output.stdout.push_str(&format!("{line}{text}"));
            }
            Format::Json => {
                output.line(&print::pretty(&self.value(object, event, cluster)));
            }
            Format::Path(path) => {
                let value = self.value(object, event, cluster);
                let printed = path.print(&value).unwrap_or_default();
                output.stdout.push_str(&printed);
            }
            Format::Columns(columns) => {
                let value = print::shown(object, cluster);
                let header = self.view.headers && !self.has_header;
                let header = header.then(|| columns.iter().map(|(it, _)| it.clone()).collect());
                let rows: Vec<Vec<String>> = header
                    .into_iter()
                    .chain([chosen(columns, &value)])
                    .collect();
                self.has_header = true;
                self.table.print(&rows, &mut output.stdout);
            }
        }
    }
}

/// The cells of chosen columns.
fn chosen(columns: &[(String, JsonPath)], value: &Value) -> Vec<String> {
    let cell = |path: &JsonPath| match path.print(value) {
        Ok(text) if !text.is_empty() => text,
        _ => print::NONE.to_owned(),
    };
    columns.iter().map(|(_, path)| cell(path)).collect()
}

fn find(command: &Command<'_>, target: Result<ObjectKey, Fault>, found: &mut Found) {
    match target {
        Ok(key) if command.cluster.api.store.by_key(&key).is_some() => found.keys.push(key),
        Ok(_) if command.args.is_on("ignore-not-found") => {}
        Ok(key) => {
            let error = crate::cluster::error::ApiError::not_found(key.kind, &key.name);
            found.faults.push(error.into());
        }
        Err(fault) => found.faults.push(fault),
    }
}

fn check_format(command: &Command<'_>) -> Result<(), Fault> {
    let Some(format) = command.args.get("output") else {
        return Ok(());
    };
    let name = format.split('=').next().unwrap_or(format);
    let known = "custom-columns json jsonpath name wide yaml";
    if known.split(' ').any(|it| it == name) {
        return Ok(());
    }
    if FORMATS.contains(&name) {
        return Err(elsewhere(&format!("get -o {name}")));
    }
    Err(Fault::client(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {}",
        FORMATS.join(",")
    )))
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
            let text = "warning: --watch or --watch-only requested, --sort-by will be ignored";
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
            "EVENT   NAME    READY   STATUS    RESTARTS   AGE   A\nADDED   web-1   1/1     Running   0          71s   c\n[waits]\n"
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
        let warning = "warning: --watch or --watch-only requested, --sort-by will be ignored\n";
        assert!(said.contains(warning), "{said}");
    }
}
