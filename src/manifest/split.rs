//! Cutting a text into documents, as kubectl does before it looks at YAML (reference 7.3).

use super::error::ReadError;

/// One document's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// Its text, without the separator that ends it.
    pub text: &'a str,
    /// The line on which it begins, counted from 0.
    pub first_line: usize,
}

/// Cuts at every line that begins with `---`, wherever it stands; stops at a separator that is none.
///
/// A `---` before any other line belongs to the document that it opens.
pub(super) fn documents(text: &str) -> (Vec<Part<'_>>, Option<ReadError>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parts = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 0, 0);
    let mut has_lines = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let rest = line.strip_prefix("---").map(str::trim_end);
        if let Some(rest) = rest {
            let rest = rest.trim_start();
            if !rest.is_empty() && !rest.starts_with('#') {
                push(&mut parts, text.get(start..at), first_line);
                return (parts, Some(ReadError::Separator(rest.to_owned())));
            }
            if has_lines {
                push(&mut parts, text.get(start..at), first_line);
                (start, first_line) = (at + line.len(), number + 1);
                has_lines = false;
                at += line.len();
                continue;
            }
        }
        has_lines = true;
        at += line.len();
    }
    push(&mut parts, text.get(start..), first_line);
    (parts, None)
}

fn push<'a>(parts: &mut Vec<Part<'a>>, text: Option<&'a str>, first_line: usize) {
    if let Some(text) = text {
        parts.push(Part { text, first_line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(&str, usize)> {
        documents(text)
            .0
            .into_iter()
            .map(|part| (part.text, part.first_line))
            .collect()
    }

    #[test]
    fn separators_end_documents() {
        assert_eq!(texts("a\n---\nb\n"), [("a\n", 0), ("b\n", 2)]);
        assert_eq!(texts("---\na\n"), [("---\na\n", 0)]);
        assert_eq!(texts("a\n---  # why\nb"), [("a\n", 0), ("b", 2)]);
        assert_eq!(texts("a: |\n  x\n---\nb"), [("a: |\n  x\n", 0), ("b", 3)]);
    }

    #[test]
    fn a_second_separator_in_a_row_belongs_to_the_document() {
        assert_eq!(texts("a\n---\n---\nb\n"), [("a\n", 0), ("---\nb\n", 2)]);
    }

    #[test]
    fn what_follows_a_separator_must_be_a_comment() {
        let (parts, error) = documents("a\n----\nb\n");
        assert_eq!(
            (parts.len(), error),
            (1, Some(ReadError::Separator("-".to_owned())))
        );
    }
}
