//! `kubectl get`: finds objects and prints them, and goes on printing with `-w` (reference 8.2 to 8.4).

use std::rc::Rc;

use super::{Command, Verb};
use crate::cluster::Cluster;
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::cluster::record::{Verb as Did, What};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
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
    if !command.args.is_on("watch-only") {
        let is_single = found.by_name && found.keys.len() == 1;
        watch.print(&objects, is_single, command.cluster, &mut command.output)?;
    }
    command.fail_all(&found.faults);
    if command.args.is_on("watch") || command.args.is_on("watch-only") {
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
        for target in command.targets(words)? {
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
            for target in command.targets(words)? {
                find(command, target, &mut found);
            }
        }
        Named::Kinds(kinds) => {
            if command.args.is_on("watch") && kinds.len() > 1 {
                return Err(Fault::client("you may only specify a single resource type"));
            }
            for resource in &kinds {
                if let Resource::Known(kind) = resource {
                    found.kind = found.kind.or(Some(*kind));
                    found.keys.extend(scope.select(*kind, command.cluster));
                }
            }
            let is_quiet = command.args.is_on("watch") || command.args.is_on("ignore-not-found");
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
                let mut rows: Vec<Vec<String>> = Vec::new();
                if self.view.headers {
                    rows.push(columns.iter().map(|(header, _)| header.clone()).collect());
                }
                for value in values() {
                    let cell = |path: &JsonPath| match path.print(&value) {
                        Ok(text) if !text.is_empty() => text,
                        _ => "<none>".to_owned(),
                    };
                    rows.push(columns.iter().map(|(_, path)| cell(path)).collect());
                }
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
                let text = crate::manifest::write::yaml(&print::shown(object, cluster));
                output.stdout.push_str(&format!("---\n{text}"));
            }
            Format::Json => output.line(&print::pretty(&print::shown(object, cluster))),
            Format::Path(path) => {
                let value = print::shown(object, cluster);
                output
                    .stdout
                    .push_str(&path.print(&value).unwrap_or_default());
            }
            Format::Columns(_) => {}
        }
    }
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
    if FORMATS.contains(&name) {
        return Ok(());
    }
    Err(Fault::client(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {}",
        FORMATS.join(",")
    )))
}
