//! What is wrong with the fields of an object, at their places.

use super::schema_walk::{Meant, meant, without_positions};
use super::{Diagnostic, Remedy, change};
use crate::cluster::error::Cause;
use crate::cluster::object::{KINDS, Kind};
use crate::cluster::value::Value;
use crate::kubectl::{Preview, Refusal};
use crate::manifest::{self, Document, Edit, Place};

/// One object of a text, under examination.
struct Examined<'a> {
    document: &'a Document,
    preview: &'a Preview,
    text: &'a str,
}

pub(super) fn diagnose(document: &Document, preview: &Preview, text: &str) -> Vec<Diagnostic> {
    let examined = Examined {
        document,
        preview,
        text,
    };
    let mut found: Vec<Diagnostic> = Vec::new();
    for refusal in &preview.refusals {
        match refusal {
            Refusal::UnknownField(path) => found.push(examined.unknown(path)),
            Refusal::WrongType(what) => found.push(examined.wrong_type(what)),
            Refusal::Cause(cause) => found.extend(examined.cause(cause)),
            Refusal::Other(what) => found.push(examined.other(what)),
        }
    }
    // Labels that do not match a selector which is not there are no fault of their own.
    if found.iter().any(|it| it.remedy == Remedy::AddSelector) {
        found.retain(|it| it.remedy != Remedy::MatchLabels);
    }
    found
}

impl Examined<'_> {
    fn kind(&self) -> &'static str {
        self.preview.key.as_ref().map_or("", |it| it.kind.name())
    }

    /// Where a field stands, or what of its way is there.
    fn place(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.document.places.get(path) {
                return *place;
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = path.get(..cut).unwrap_or_default(),
                None => {
                    let places = self.document.places.values();
                    return places.min().copied().unwrap_or(Place {
                        line: self.document.first_line,
                        column: 0,
                    });
                }
            }
        }
    }

    fn at(&self, path: &str, what: String, remedy: Remedy) -> Diagnostic {
        Diagnostic {
            place: self.place(path),
            length: 0,
            what,
            remedy,
            fix: None,
        }
    }

    fn unknown(&self, path: &str) -> Diagnostic {
        let name = path.rsplit('.').next().unwrap_or(path);
        let (remedy, fix) = match meant(self.kind(), path) {
            Meant::Near(known) => {
                let fix = self.replace(self.place(path), name, &known);
                (Remedy::Rename(known), fix)
            }
            Meant::Inside(field) => match manifest::indent_item(self.text, self.place(path).line) {
                Some(repair) => (Remedy::IndentItem, Some(repair.edits)),
                None => (Remedy::MoveInto(field), None),
            },
            Meant::Outside(field) => (Remedy::MoveOut(field), None),
            Meant::Nothing => (Remedy::NoSuchField, None),
        };
        Diagnostic {
            length: name.chars().count(),
            fix,
            ..self.at(path, format!("unknown field \"{path}\""), remedy)
        }
    }

    /// Another word in place of the one that stands there.
    fn replace(&self, place: Place, word: &str, by: &str) -> Option<Vec<Edit>> {
        let line = self.text.split('\n').nth(place.line)?;
        let rest: String = line.chars().skip(place.column).collect();
        rest.starts_with(word).then(|| {
            vec![Edit {
                from: place,
                length: word.chars().count(),
                text: by.to_owned(),
            }]
        })
    }

    /// The decoder names the field without positions in lists.
    fn wrong_type(&self, what: &str) -> Diagnostic {
        let field = what
            .split_once("Go struct field ")
            .and_then(|(_, rest)| rest.split_once('.'))
            .and_then(|(_, rest)| rest.split_once(" of type "));
        let (field, wanted) = field.unwrap_or(("", ""));
        let known = self.document.places.keys();
        let mut candidates = known.filter(|it| without_positions(it) == field);
        let found = what
            .strip_prefix("json: cannot unmarshal ")
            .and_then(|it| it.split(' ').next());
        // Of several items the one whose value is of the type that the message names.
        let path = candidates
            .clone()
            .find(|it| value_at(&self.document.value, it).map(Value::type_name) == found)
            .or_else(|| candidates.next());
        let path = path.map_or(field, |it| &**it);
        self.at(path, what.to_owned(), Remedy::Type(wanted.to_owned()))
    }

    fn cause(&self, cause: &Cause) -> Vec<Diagnostic> {
        let remedy = match &*cause.body {
            body if body.starts_with("Required value") && cause.field == "spec.selector" => {
                let found = self.at(&cause.field, cause.to_string(), Remedy::AddSelector);
                let fix = self.selector();
                return vec![Diagnostic { fix, ..found }];
            }
            body if body.starts_with("Required value") => Remedy::Add(cause.field.clone()),
            body if body.contains("does not match template `labels`") => Remedy::MatchLabels,
            body if body.starts_with("Unsupported value") => Remedy::TakeOne,
            body if body.starts_with("Duplicate value") => Remedy::Distinct,
            body if body.starts_with("Forbidden") || body.ends_with("field is immutable") => {
                let changes = change::fields(self.preview);
                let refused: Vec<Diagnostic> = changes
                    .iter()
                    .filter(|it| it.is_refused)
                    .map(|it| self.at(&it.path, cause.to_string(), Remedy::Immutable))
                    .collect();
                if !refused.is_empty() {
                    return refused;
                }
                Remedy::Change
            }
            _ => Remedy::Change,
        };
        vec![self.at(&cause.field, cause.to_string(), remedy)]
    }

    /// A selector with the labels of the template, before the first field of the spec.
    fn selector(&self) -> Option<Vec<Edit>> {
        let labels = self
            .document
            .value
            .at(&["spec", "template", "metadata", "labels"])?;
        let spec = self.document.places.get("spec")?;
        let in_spec = self.document.places.iter().filter(|(path, _)| {
            path.strip_prefix("spec.")
                .is_some_and(|rest| !rest.contains(['.', '[']))
        });
        let first = in_spec.map(|(_, place)| *place).min()?;
        if self.document.value.at(&["spec", "selector"]).is_some() {
            return None;
        }
        if self.document.is_json {
            return Some(vec![json_selector(first, spec.line, labels)]);
        }
        if first.line == spec.line {
            return None;
        }
        let indent = " ".repeat(first.column);
        let mut text = format!("{indent}selector:\n{indent}  matchLabels:\n");
        for (key, value) in labels.as_map()? {
            let value = match value {
                Value::Text(text) => manifest::write::yaml(&Value::Text(text.clone())),
                other => other.to_json(),
            };
            text.push_str(&format!("{indent}    {key}: {}\n", value.trim_end()));
        }
        Some(vec![Edit {
            from: Place {
                line: first.line,
                column: 0,
            },
            length: 0,
            text,
        }])
    }

    fn other(&self, what: &str) -> Diagnostic {
        let (path, remedy) = match what {
            it if it.contains("not set") => ("", Remedy::Header),
            it if it.contains("is not simulated here") => ("kind", Remedy::NotSimulated),
            it if it.contains("no matches for kind") => return self.no_such_kind(what),
            it if it.contains("name may not be empty") => ("metadata", Remedy::Name),
            it if it.contains("namespaces \"") && it.contains("not found") => {
                ("metadata.namespace", Remedy::CreateNamespace)
            }
            _ => ("", Remedy::Change),
        };
        self.at(path, what.to_owned(), remedy)
    }

    fn no_such_kind(&self, what: &str) -> Diagnostic {
        let word = |key: &str| self.document.value.str_at(&[key]).unwrap_or_default();
        let (version, kind) = (word("apiVersion"), word("kind"));
        let known = KINDS.iter().find(|it| it.name() == kind);
        let near = || {
            let is_near = |it: &&Kind| {
                it.name().eq_ignore_ascii_case(kind)
                    || crate::kubectl::distance(it.name(), kind) <= 1
            };
            let near = KINDS.iter().find(is_near)?;
            (near.api_version() == version).then(|| near.name())
        };
        let (path, was, now) = match (known, near()) {
            (Some(known), _) => ("apiVersion", version, known.api_version()),
            (None, Some(near)) => ("kind", kind, near),
            (None, None) => return self.at("kind", what.to_owned(), Remedy::NoSuchKind),
        };
        let place = self.value_place(path, was);
        let remedy = match path {
            "kind" => Remedy::Rename(now.to_owned()),
            _ => Remedy::ApiVersion(now.to_owned()),
        };
        let fix = place.and_then(|place| self.replace(place, was, now));
        Diagnostic {
            fix,
            ..self.at(path, what.to_owned(), remedy)
        }
    }

    /// Where the value of a field in one line stands.
    fn value_place(&self, path: &str, value: &str) -> Option<Place> {
        let place = self.document.places.get(path)?;
        let line = self.text.split('\n').nth(place.line)?;
        let after: String = line.chars().skip(place.column).collect();
        let colon = after.find(':')?;
        let at = colon + after.get(colon..)?.find(value)?;
        let column = place.column + after.get(..at)?.chars().count();
        Some(Place { column, ..*place })
    }
}

/// A selector before the first field of a spec that is written as JSON.
fn json_selector(first: Place, spec_line: usize, labels: &Value) -> Edit {
    // Its place is behind the quote.
    let column = first.column.saturating_sub(1);
    let between = match first.line == spec_line {
        true => " ".to_owned(),
        false => format!("\n{}", " ".repeat(column)),
    };
    let labels = labels.to_json();
    Edit {
        from: Place { column, ..first },
        length: 0,
        text: format!("\"selector\": {{\"matchLabels\": {labels}}},{between}"),
    }
}

/// The value behind a path such as `spec.ports[1].port`.
fn value_at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = value;
    for step in path.split(['.', '[']) {
        value = match step.strip_suffix(']') {
            Some(at) => value.as_list()?.get(at.parse::<usize>().ok()?)?,
            None => value.get(step)?,
        };
    }
    Some(value)
}
