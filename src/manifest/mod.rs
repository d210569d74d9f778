//! Reading manifests: text to documents, each a value with the places of its fields.
//!
//! Reading never fails: it gives what could be read, and the first error in kubectl's words (reference 7.3).
//! What a document means is decided elsewhere: `kubectl` sends it, `cluster::admission` checks it.

mod error;
mod faults;
pub mod json;
mod scalar;
mod split;
pub mod write;
mod yaml;

pub use error::ReadError;
pub use faults::{Edit, Fault, Mended, Repair, RepairKind, apply, indent_item, read_all};

use crate::cluster::schema;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::Value;

/// One document of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it says, with scalars resolved as YAML 1.1.
    pub value: Value,
    /// The line on which it begins, counted from 0.
    pub first_line: usize,
    /// Whether it is written as JSON.
    pub is_json: bool,
    /// Where its keys and list items stand, by path: `spec.template.spec.containers[0].image`.
    pub places: SortedMap<String, Place>,
}

/// A place in a text, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

/// What could be read of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The documents before the first error, without empty ones.
    pub documents: Vec<Document>,
    /// Why reading stopped.
    pub error: Option<ReadError>,
}

/// Reads a text of YAML or JSON documents.
///
/// ```
/// let reading = ordinal::manifest::read("kind: Pod\n---\nkind: Service\n");
/// assert_eq!(reading.documents.len(), 2);
/// assert_eq!(reading.documents[1].value.str_at(&["kind"]), Some("Service"));
/// assert!(reading.error.is_none());
/// ```
pub fn read(text: &str) -> Reading {
    if text.trim_start().starts_with('{')
        && let Ok(documents) = json::stream(text)
    {
        return Reading {
            documents,
            error: None,
        };
    }
    let mut reading = Reading::default();
    let (parts, separator_error) = split::documents(text);
    for part in parts {
        match yaml::document(part.text, part.first_line) {
            Ok(document) if document.value == Value::Null => {}
            Ok(document) => reading.documents.push(document),
            Err(error) => {
                reading.error = Some(error);
                return reading;
            }
        }
    }
    reading.error = separator_error;
    reading
}

/// What documents say and nobody here acts on: the path of each field and where it stands.
pub fn not_acted_on(documents: &[Document]) -> Vec<(String, Place)> {
    let mut out = Vec::new();
    for document in documents {
        let kind = document.value.str_at(&["kind"]).unwrap_or_default();
        for path in schema::not_acted_on(kind, &document.value) {
            let place = document.places.get(&path).copied();
            let whole = Place {
                line: document.first_line,
                column: 0,
            };
            out.push((path, place.unwrap_or(whole)));
        }
    }
    out
}

/// Reads one value of YAML or JSON, as `kubectl patch -p` takes it.
pub fn value(text: &str) -> Result<Value, ReadError> {
    yaml::document(text, 0).map(|document| document.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        read(text)
            .error
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn fields_that_nobody_acts_on_are_found_with_their_lines() {
        let text = "
kind: Service
spec: {sessionAffinity: ClientIP, clusterIP: None}
---
kind: StatefulSet
spec:
  template:
    spec:
      securityContext: {runAsUser: 1, runAsNonRoot: true}
      containers:
      - name: web
        readinessProbe:
          httpGet: {port: 80}
          periodSeconds: 5
";
        let found = not_acted_on(&read(text).documents);
        let found: Vec<_> = found
            .iter()
            .map(|(path, place)| (&**path, place.line))
            .collect();
        assert_eq!(
            found,
            [
                ("spec.sessionAffinity", 2),
                (
                    "spec.template.spec.containers[0].readinessProbe.httpGet",
                    12
                ),
                ("spec.template.spec.securityContext.runAsNonRoot", 8),
            ]
        );
    }

    #[test]
    fn documents_before_an_error_are_kept() {
        let reading = read("a: 1\n---\nb: [\n---\nc: 1\n");
        assert_eq!(reading.documents.len(), 1);
        assert!(reading.error.is_some());
    }

    #[test]
    fn errors_have_kubectls_words_and_lines() {
        for (text, error) in [
            // Each from the recordings refuse-manifests-3 and -4 or from reference 7.3.
            (
                "a: 1\nb: 2\nc: d: e\n",
                "error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context",
            ),
            (
                "a:\n\tb: 1\n",
                "error converting YAML to JSON: yaml: line 2: found character that cannot start any token",
            ),
            (
                "x:\n  - a: 1\n  b: 2\n",
                "error converting YAML to JSON: yaml: line 2: did not find expected '-' indicator",
            ),
            (
                "a: *c\n",
                "error converting YAML to JSON: yaml: unknown anchor 'c' referenced",
            ),
            (
                "a: b: c\n",
                "error converting YAML to JSON: yaml: mapping values are not allowed in this context",
            ),
            ("a: 1\n--- x\nb: 1\n", "invalid Yaml document separator: x"),
            (
                "a: .inf\n",
                "error converting YAML to JSON: json: unsupported value: +Inf",
            ),
        ] {
            assert_eq!(error_of(text), error, "{text:?}");
        }
    }

    #[test]
    fn lines_are_counted_in_their_document() {
        let text = "a: 1\n---\nb: 1\nx:\n  - a\n  c: 1\n";
        assert_eq!(
            error_of(text),
            "error converting YAML to JSON: yaml: line 3: did not find expected '-' indicator"
        );
    }

    #[test]
    fn places_are_those_of_the_whole_text() {
        let reading = read("a: 1\n---\nspec:\n  list:\n  - name: x\n    port: 80\n");
        let places = &reading.documents[1].places;
        assert_eq!(
            places.get("spec.list[0].port"),
            Some(&Place { line: 5, column: 4 })
        );
        assert_eq!(places.get("spec.list"), Some(&Place { line: 3, column: 2 }));
    }
}
