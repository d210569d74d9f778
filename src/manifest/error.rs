//! Why a text could not be read, in kubectl's words (reference 7.3).

use super::Place;

/// The first fault of a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Text behind a document separator.
    #[error("invalid Yaml document separator: {0}")]
    Separator(String),
    /// YAML that does not parse.
    #[error("error converting YAML to JSON: {0}")]
    Yaml(YamlError),
}

/// A fault of one YAML document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct YamlError {
    /// What is wrong, in libyaml's words or Go's.
    pub problem: String,
    /// Where the reader stood, in the whole text.
    pub place: Option<Place>,
    /// The line that Go's library names, counted in the document; it differs from the place by its own rules.
    pub line: Option<usize>,
    /// Whether the problem has no YAML prefix: Go's JSON encoder found it.
    pub is_json: bool,
}

impl YamlError {
    fn text(&self) -> String {
        if self.is_json {
            return self.problem.clone();
        }
        match self.line {
            Some(line) => format!("yaml: line {line}: {}", self.problem),
            None => format!("yaml: {}", self.problem),
        }
    }
}

impl ReadError {
    /// Where the reader stood.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Separator(_) => None,
            Self::Yaml(error) => error.place,
        }
    }
}

/// Problems that libyaml's parser finds; its scanner finds the others. Go counts lines differently for the two.
const PARSER_PROBLEMS: [&str; 6] = [
    "did not find expected '-' indicator",
    "did not find expected key",
    "did not find expected node content",
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
    "did not find expected <document start>",
];

/// The fault behind an error of the YAML library.
pub(super) fn from_library(error: &serde_yaml::Error, text: &str, first_line: usize) -> YamlError {
    let shown = error.to_string();
    let cut = [" at line ", " at position "]
        .iter()
        .filter_map(|mark| shown.find(mark))
        .min();
    let problem = cut
        .and_then(|at| shown.get(..at))
        .unwrap_or(&shown)
        .to_owned();
    let location = error.location();
    // The library counts from 1, Go from 0 and adds what depends on who found the problem.
    let line = location
        .as_ref()
        .map_or(0, |location| location.line().saturating_sub(1));
    let place = location.as_ref().map(|location| Place {
        line: first_line + line,
        column: location.column().saturating_sub(1),
    });
    if problem.starts_with("unknown anchor") {
        let name = location
            .map(|location| anchor_at(text, location.index()))
            .unwrap_or_default();
        let problem = format!("unknown anchor '{name}' referenced");
        return YamlError {
            problem,
            place,
            line: None,
            is_json: false,
        };
    }
    if problem.starts_with("repetition limit") {
        let problem = "document contains excessive aliasing".to_owned();
        return YamlError {
            problem,
            place,
            line: None,
            is_json: false,
        };
    }
    let unplaced = shown.contains(" at position ");
    let by_parser = PARSER_PROBLEMS.contains(&&*problem);
    let line = (line > 0 && !unplaced).then_some(if by_parser { line } else { line + 1 });
    YamlError {
        problem,
        place,
        line,
        is_json: false,
    }
}

/// The name behind the `*` at a place.
fn anchor_at(text: &str, index: usize) -> String {
    let rest = text
        .get(index..)
        .unwrap_or_default()
        .trim_start_matches('*');
    rest.chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        .collect()
}
