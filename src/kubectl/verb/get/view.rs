//! How `kubectl get` shows objects: the format, the columns, the rows.

use crate::cluster::object::{Kind, Object};
use crate::cluster::time::Time;
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;
use crate::kubectl::print::{self, JsonPath, Template};
use crate::kubectl::verb::Command;
use crate::kubectl::verb::done::json_path;

/// How objects are to be shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub format: Format,
    pub headers: bool,
    pub namespaces: bool,
    pub show_kind: bool,
    pub show_labels: bool,
    pub label_columns: Vec<String>,
    pub sort_by: Option<JsonPath>,
    pub marks_events: bool,
}

/// What is printed of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Format {
    Table { wide: bool },
    Name,
    Yaml,
    Json,
    Path(JsonPath),
    Template(Template),
    Columns(Vec<(String, Option<JsonPath>)>),
}

impl View {
    /// Reads the flags.
    pub(super) fn read(command: &Command<'_>) -> Result<Self, Fault> {
        let args = &command.args;
        let path = |text: &str| {
            JsonPath::read_relaxed(text)
                .map_err(|why| Fault::client(format!("error parsing jsonpath {text}, {why}")))
        };
        let output = args.get("output").unwrap_or_default();
        let (name, rest) = output.split_once('=').unwrap_or((output, ""));
        let template = args.get("template").unwrap_or(rest);
        let format = match name {
            "name" => Format::Name,
            "yaml" => Format::Yaml,
            "json" => Format::Json,
            "jsonpath" | "go-template" | "template" if template.is_empty() => {
                return Err(Fault::client(
                    "template format specified but no template given",
                ));
            }
            "jsonpath" => Format::Path(json_path(template)?),
            "custom-columns" => Format::Columns(columns(rest)?),
            // A template alone asks for its format, too.
            "go-template" | "template" | "" if !template.is_empty() => {
                let read = Template::read(template);
                Format::Template(read.map_err(|why| {
                    Fault::client(format!("error parsing template {template}, {why}"))
                })?)
            }
            _ => Format::Table {
                wide: name == "wide",
            },
        };
        Ok(Self {
            format,
            headers: !args.is_on("no-headers"),
            namespaces: args.is_on("all-namespaces"),
            show_kind: args.is_on("show-kind"),
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

    /// Whether it shows tables for people.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.format, Format::Table { .. })
    }

    /// The headers of a kind.
    pub(super) fn header(&self, kind: Kind) -> Vec<String> {
        let Format::Table { wide } = self.format else {
            return Vec::new();
        };
        let labels = self.label_columns.iter().map(|key| {
            let name = key.rsplit('/').next().unwrap_or(key);
            name.to_uppercase()
        });
        let headers = print::headers(kind, wide);
        let event = self.marks_events.then(|| mark("EVENT"));
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

    /// The cells of an object.
    pub(super) fn row(&self, object: &Object, event: &str, now: Time) -> Vec<String> {
        let Format::Table { wide } = self.format else {
            return Vec::new();
        };
        let meta = object.meta();
        let mut cells = print::cells(object, wide, now);
        // The kind stands before the name, which of events only `-o wide` shows, at the end.
        let name = match object.kind() {
            Kind::Event if wide => cells.last_mut(),
            Kind::Event => None,
            _ => cells.first_mut(),
        };
        if let Some(name) = name.filter(|_| self.show_kind) {
            *name = format!("{}/{name}", object.kind().singular());
        }
        if self.namespaces && object.kind().is_namespaced() {
            cells.insert(0, meta.namespace.to_string());
        }
        if self.marks_events {
            cells.insert(0, mark(event));
        }
        let columns = self.label_columns.iter();
        cells.extend(columns.map(|key| meta.label(key).unwrap_or_default().to_owned()));
        if self.show_labels {
            cells.push(print::joined(meta.labels.iter()));
        }
        cells
    }
}

/// A cell of the column that says what happened; it is as wide as its widest word.
fn mark(event: &str) -> String {
    format!("{event:<8}")
}

/// Reads `HEADER:PATH,...`.
fn columns(text: &str) -> Result<Vec<(String, Option<JsonPath>)>, Fault> {
    if text.is_empty() {
        return Err(Fault::client(
            "custom-columns format specified but no custom columns given",
        ));
    }
    let columns = text.split(',').map(|column| {
        let Some((header, spec)) = column.split_once(':') else {
            return Err(Fault::client(format!(
                "unexpected custom-columns spec: {column}, expected <header>:<json-path-expr>"
            )));
        };
        let path =
            match spec {
                "" => None,
                spec => Some(JsonPath::read_relaxed(spec).map_err(|why| {
                    Fault::client(format!("error parsing jsonpath {spec}, {why}"))
                })?),
            };
        Ok((header.to_owned(), path))
    });
    columns.collect()
}

/// The cells of chosen columns: what a path finds, as Go prints it.
pub(super) fn chosen(columns: &[(String, Option<JsonPath>)], value: &Value) -> Vec<String> {
    let cell = |path: &Option<JsonPath>| {
        let found = path
            .as_ref()
            .map(|path| path.find(value))
            .unwrap_or_default();
        let texts: Vec<String> = found.into_iter().map(print::go_plain).collect();
        print::or(&texts.join(","), print::NONE)
    };
    columns.iter().map(|(_, path)| cell(path)).collect()
}
