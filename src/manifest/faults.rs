//! Every fault of a text that does not parse, one after the other.
//!
//! A YAML reader stops at its first error. Here the text is mended at that place, as a person would, and read on,
//! so that the faults behind it are found too. A repair never adds or removes a line: places stay those of the text.

use super::{Document, Place, ReadError, read, split};

/// The most faults that are looked for in one text.
const FAULTS_MAX: usize = 50;
/// How far a list item's fields stand to the right of its dash.
const ITEM_INDENT: usize = 2;

/// One fault of a text that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What the reader says.
    pub error: ReadError,
    /// Where, in the whole text.
    pub place: Place,
    /// The one repair that comes into question, if there is one.
    pub repair: Option<Repair>,
}

/// How a fault is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What is done.
    pub kind: RepairKind,
    /// What is written anew.
    pub edits: Vec<Edit>,
}

/// The repairs that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairKind {
    /// Lines that belong to a list item go under it.
    IndentItem,
    /// Tabs at the start of lines become blanks.
    TabsToBlanks,
    /// A value with `: ` in it gets quotes.
    Quote,
}

/// A piece of one line, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its start.
    pub from: Place,
    /// How many characters it has.
    pub length: usize,
    /// What stands there instead.
    pub text: String,
}

/// What can be read of a text once its faults are mended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mended {
    /// The faults, in the order of the text.
    pub faults: Vec<Fault>,
    /// All documents that could be read, before and behind the faults.
    pub documents: Vec<Document>,
    /// The text that they were read from.
    pub text: String,
}

/// Reads a text, mends what does not parse and goes on.
///
/// A document whose fault has no repair is left out, and the next one is read.
pub fn read_all(text: &str) -> Mended {
    let mut mended = Mended {
        text: text.to_owned(),
        ..Mended::default()
    };
    let mut last: Option<Place> = None;
    loop {
        let reading = read(&mended.text);
        mended.documents = reading.documents;
        let Some(error) = reading.error else {
            return mended;
        };
        let place = place_of(&error, &mended.text);
        // A repair that did not help is not tried twice.
        let helped = last.is_none_or(|last| place > last);
        let repair = helped
            .then(|| repair(&mended.text, &error, place))
            .flatten();
        let is_enough = mended.faults.len() >= FAULTS_MAX;
        match &repair {
            Some(repair) if !is_enough => mended.text = apply(&mended.text, &repair.edits),
            _ => mended.text = without_document(&mended.text, place.line),
        }
        if helped {
            mended.faults.push(Fault {
                error,
                place,
                repair,
            });
        }
        if is_enough {
            return mended;
        }
        last = Some(place);
    }
}

/// Where a fault stands; one that is found only at the end of its document stands on the document's last line.
fn place_of(error: &ReadError, text: &str) -> Place {
    let Some(place) = error.place() else {
        return separator(text);
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let is_end = |line: usize| lines.get(line).is_none_or(|it| is_separator(it));
    match place.line.checked_sub(1) {
        Some(line) if is_end(place.line) => Place {
            line: line.min(lines.len() - 1),
            column: 0,
        },
        _ => place,
    }
}

/// Applies edits to a text; of one line only those that do not overlap.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for edit in edits.iter().rev() {
        if let Some(line) = lines.get_mut(edit.from.line) {
            let letters = line.chars();
            let before: String = letters.clone().take(edit.from.column).collect();
            let after: String = letters.skip(edit.from.column + edit.length).collect();
            *line = format!("{before}{}{after}", edit.text);
        }
    }
    lines.join("\n")
}

/// The repair of a line that stands in the column of a list item's dash and belongs under that item.
pub fn indent_item(text: &str, line: usize) -> Option<Repair> {
    under_item(&text.split('\n').collect::<Vec<_>>(), line)
}

fn repair(text: &str, error: &ReadError, place: Place) -> Option<Repair> {
    let ReadError::Yaml(error) = error else {
        return None;
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let mended = match &*error.problem {
        "did not find expected '-' indicator" | "did not find expected key" => {
            under_item(&lines, place.line)
        }
        "found character that cannot start any token" => without_tabs(&lines, place.line),
        "mapping values are not allowed in this context" => under_item(&lines, place.line)
            .filter(|it| improves(text, it, place))
            .or_else(|| quote(&lines, place.line)),
        _ => None,
    };
    mended.filter(|it| improves(text, it, place))
}

/// Whether the next error stands further on.
fn improves(text: &str, repair: &Repair, place: Place) -> bool {
    let next = read(&apply(text, &repair.edits)).error;
    next.is_none_or(|next| next.place().is_none_or(|next| next.line > place.line))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn is_separator(line: &str) -> bool {
    line.starts_with("---")
}

/// A key that stands in the column of a dash above it, with all that follows it: it belongs to that item.
fn under_item(lines: &[&str], at: usize) -> Option<Repair> {
    let own = indent(lines.get(at)?);
    let above = lines.get(..at)?.iter().rev();
    let dash = above
        .filter(|line| !is_blank(line))
        .find(|line| indent(line) <= own)?;
    if indent(dash) != own || !dash.trim_start().starts_with("- ") {
        return None;
    }
    let belongs = |line: &&&str| {
        is_blank(line)
            || (indent(line) >= own && !(indent(line) == own && line.trim_start().starts_with('-')))
    };
    let count = lines
        .get(at..)?
        .iter()
        .take_while(belongs)
        .take_while(|line| !is_separator(line))
        .count();
    let edits = (at..at + count)
        .filter(|line| lines.get(*line).is_some_and(|line| !is_blank(line)))
        .map(|line| Edit {
            from: Place { line, column: 0 },
            length: 0,
            text: " ".repeat(ITEM_INDENT),
        });
    Some(Repair {
        kind: RepairKind::IndentItem,
        edits: edits.collect(),
    })
}

/// Tabs at the start of lines, from here on, as two blanks each.
fn without_tabs(lines: &[&str], at: usize) -> Option<Repair> {
    let lead = |line: &str| -> usize { line.chars().take_while(|it| " \t".contains(*it)).count() };
    let edits: Vec<Edit> = lines
        .iter()
        .enumerate()
        .skip(at)
        .filter_map(|(line, text)| {
            let column = text.find('\t').filter(|column| *column < lead(text))?;
            let length = lead(text) - column;
            Some(Edit {
                from: Place { line, column },
                length,
                text: text.get(column..column + length)?.replace('\t', "  "),
            })
        })
        .collect();
    (!edits.is_empty()).then_some(Repair {
        kind: RepairKind::TabsToBlanks,
        edits,
    })
}

/// The value behind the first `: ` of a line, in quotes.
fn quote(lines: &[&str], at: usize) -> Option<Repair> {
    let line = lines.get(at)?;
    let start = line.find(": ")? + 2;
    let value = line.get(start..)?.trim_end();
    if value.starts_with(['"', '\'', '{', '[', '|', '>', '&', '*', '!']) || value.contains('"') {
        return None;
    }
    let column = line.get(..start)?.chars().count();
    Some(Repair {
        kind: RepairKind::Quote,
        edits: vec![Edit {
            from: Place { line: at, column },
            length: value.chars().count(),
            text: format!("\"{value}\""),
        }],
    })
}

/// The text with the lines of one document emptied.
fn without_document(text: &str, line: usize) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let before = lines.get(..line).unwrap_or(&lines);
    let start = before.iter().rposition(|it| is_separator(it));
    let start = start.map_or(0, |at| at + 1);
    let after = lines.get(line.max(start)..).unwrap_or_default().iter();
    // The separator's own line may be the fault.
    let end = line.max(start) + after.skip(1).take_while(|it| !is_separator(it)).count() + 1;
    let kept = lines.iter().enumerate();
    let kept = kept.map(|(at, text)| if (start..end).contains(&at) { "" } else { text });
    kept.collect::<Vec<_>>().join("\n")
}

/// Where a separator with text behind it stands.
fn separator(text: &str) -> Place {
    let (_, error) = split::documents(text);
    let is_it = |line: &&str| error.is_some() && is_separator(line) && line.trim_end().len() > 3;
    let line = text.split('\n').position(|line| is_it(&line)).unwrap_or(0);
    Place { line, column: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mended: &Mended) -> Vec<String> {
        let fault = |it: &Fault| {
            let kind = it.repair.as_ref().map(|it| it.kind);
            format!("{}: {} {kind:?}", it.place.line + 1, it.error)
        };
        mended.faults.iter().map(fault).collect()
    }

    #[test]
    fn both_manifests_of_seed_000_give_their_faults_one_after_the_other() {
        let service = include_str!("../../tests/manifests/seed-000-1.yaml");
        let mended = read_all(service);
        assert_eq!(mended.faults.len(), 1, "{:?}", shown(&mended));
        assert_eq!(
            mended.documents[0].value.at(&["spec", "ports"]),
            read("- name: http\n  port: 80\n")
                .documents
                .first()
                .map(|it| &it.value)
        );
        let set = include_str!("../../tests/manifests/seed-000-2.yaml");
        let mended = read_all(set);
        assert_eq!(mended.faults.len(), 4, "{:#?}", shown(&mended));
        let all_mended = mended.faults.iter().all(|it| it.repair.is_some());
        assert!(all_mended, "{:#?}", shown(&mended));
        assert_eq!(mended.documents.len(), 1);
        assert_eq!(mended.text.lines().count(), set.lines().count());
    }

    #[test]
    fn tabs_and_colons_are_mended() {
        let mended = read_all("a:\n\tb: 1\n\tc: 2\nd: e: f\n");
        let kinds: Vec<_> = mended
            .faults
            .iter()
            .map(|it| it.repair.clone().map(|it| it.kind))
            .collect();
        assert_eq!(
            kinds,
            [Some(RepairKind::TabsToBlanks), Some(RepairKind::Quote)]
        );
        assert_eq!(mended.text, "a:\n  b: 1\n  c: 2\nd: \"e: f\"\n");
    }

    #[test]
    fn a_document_without_repair_is_left_out_and_the_next_one_read() {
        let mended = read_all("a: 1\n---\nb: [\n---\nc: 1\n---\nd: }\n---\ne: 1\n");
        assert_eq!(mended.documents.len(), 3, "{mended:?}");
        assert_eq!(mended.faults.len(), 2);
        assert!(mended.faults.iter().all(|it| it.repair.is_none()));
    }

    #[test]
    fn any_text_comes_to_an_end() {
        for text in [
            "--- x\n--- y\n",
            "\t\t\t",
            "- - -\n a",
            "[",
            "%",
            "a: b: c: d: e",
            "---\n\t---",
            "&a *a",
            "\u{0}",
        ] {
            let mended = read_all(text);
            assert!(mended.faults.len() <= FAULTS_MAX, "{text:?}");
            let long = text.repeat(300);
            assert!(read_all(&long).faults.len() <= FAULTS_MAX + 1, "{text:?}");
        }
    }
}
