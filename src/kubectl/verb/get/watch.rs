//! Printing what `kubectl get` has found, and with `-w` every change after it.

use std::rc::Rc;

use super::view::{Format, View, chosen};
use crate::cluster::Cluster;
use crate::cluster::object::{Kind, Object};
use crate::cluster::quantity::Quantity;
use crate::cluster::record::{Verb as Did, What};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::print::{self, JsonPath, Table};
use crate::kubectl::target::Scope;

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
    /// A watch that has printed nothing yet; it goes on from the record at this place.
    pub(super) fn new(
        view: View,
        scope: Scope,
        kind: Option<Kind>,
        name: Option<Text>,
        at: usize,
    ) -> Self {
        Self {
            view,
            scope,
            kind,
            name,
            at,
            table: Table::default(),
            has_header: false,
        }
    }

    /// Prints the objects that are there.
    pub(super) fn print(
        &mut self,
        objects: &[Rc<Object>],
        is_single: bool,
        cluster: &Cluster,
        output: &mut Output,
    ) -> Result<(), Fault> {
        let mut objects = objects.to_vec();
        if let Some(path) = &self.view.sort_by {
            let sorted = sort(objects, path);
            match sorted {
                Some(sorted) => objects = sorted,
                None if self.view.is_table() => {
                    // What the printer of tables makes of a path that leads nowhere.
                    let place = self.scope.namespace.as_ref();
                    let place = place.map(|it| format!(" in {it} namespace."));
                    let place = place.unwrap_or_default();
                    output.error_line(&format!("No resources found{place}"));
                    return Ok(());
                }
                None => {
                    return Err(Fault::client(format!(
                        "couldn't find any field with path {:?} in the list of objects",
                        path.template()
                    )));
                }
            }
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
                let printed = path.tell(&whole()).map_err(Fault::client)?;
                output.stdout.push_str(&printed);
            }
            Format::Template(template) => {
                let printed = template.print(&whole());
                output.stdout.push_str(&printed.map_err(Fault::client)?);
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
            if !is_first {
                if self.view.headers {
                    output.stdout.push('\n');
                }
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
    pub(super) fn print_each(
        &mut self,
        objects: &[Rc<Object>],
        cluster: &Cluster,
        output: &mut Output,
    ) {
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
            Format::Json if self.view.marks_events => {
                let object = print::shown(object, cluster).to_json();
                output.line(&format!("{{\"type\":{event:?},\"object\":{object}}}"));
            }
            Format::Json => {
                output.line(&print::pretty(&self.value(object, event, cluster)));
            }
            Format::Template(template) => {
                let value = self.value(object, event, cluster);
                let printed = template.print(&value).unwrap_or_default();
                output.stdout.push_str(&printed);
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

/// Sorts objects by what a path finds in them; `None` if it finds nothing in any.
fn sort(objects: Vec<Rc<Object>>, path: &JsonPath) -> Option<Vec<Rc<Object>>> {
    let keyed = objects.into_iter().map(|object| {
        let value = object.to_value();
        let key = path.find(&value).first().map(|it| (*it).clone());
        (key, object)
    });
    let mut keyed: Vec<(Option<Value>, Rc<Object>)> = keyed.collect();
    if keyed.len() > 1 && keyed.iter().all(|(key, _)| key.is_none()) {
        return None;
    }
    sorted::sort_by(&mut keyed, |(a, _), (b, _)| match (a, b) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => {
            let quantities = Quantity::parse(a).zip(Quantity::parse(b));
            quantities.map_or_else(|| natural(a, b), |(a, b)| a.nano().cmp(&b.nano()))
        }
        (Some(a), Some(b)) => a.as_int().cmp(&b.as_int()),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    Some(keyed.into_iter().map(|(_, object)| object).collect())
}

/// The order in which `web-2` comes before `web-10`.
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let digits = |text: &str| {
        text.len()
            - text
                .trim_start_matches(|it: char| it.is_ascii_digit())
                .len()
    };
    let (mut a, mut b) = (a, b);
    loop {
        let (in_a, in_b) = (digits(a), digits(b));
        if in_a > 0 && in_b > 0 {
            let (number_a, rest_a) = a.split_at(in_a);
            let (number_b, rest_b) = b.split_at(in_b);
            let of = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
            let order = of(number_a).cmp(&of(number_b));
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            continue;
        }
        let (mut letters_a, mut letters_b) = (a.chars(), b.chars());
        match (letters_a.next(), letters_b.next()) {
            (Some(x), Some(y)) if x == y => (a, b) = (letters_a.as_str(), letters_b.as_str()),
            (x, y) => return x.cmp(&y),
        }
    }
}
