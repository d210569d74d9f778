//! What is wrong with the text in the manifest pane, and what applying it would do.
//!
//! The words for what is wrong are Kubernetes'; the way out is a [`Remedy`], for which each language has its own.

mod change;
mod fields;
mod remedy;
mod schema_walk;

pub use change::{Change, FieldChange};
pub use remedy::Remedy;

use crate::cluster::Cluster;
use crate::cluster::sorted;
use crate::kubectl::{Preview, Workspace, preview};
use crate::manifest::{self, Edit, Mended, Place, RepairKind};

/// What is said of a manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What applying it would do, object by object.
    pub changes: Vec<Change>,
    /// Fields that are kept and that nobody acts on, with their places.
    pub not_acted_on: Vec<(String, Place)>,
}

impl Check {
    /// Whether the cluster has a say in what was found.
    pub(super) fn depends_on_cluster(&self) -> bool {
        let has_change = |it: &Change| matches!(it, Change::Fields(..));
        !self.diagnostics.is_empty() || self.changes.iter().any(has_change)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub place: Place,
    /// How many characters from there on; 0 for the rest of the line.
    pub length: usize,
    /// What, in Kubernetes' words.
    pub what: String,
    /// The way out.
    pub remedy: Remedy,
    /// The edits that mend it, if there is only one way.
    pub fix: Option<Vec<Edit>>,
}

/// Checks a text against a cluster.
pub(super) fn check(cluster: &mut Cluster, workspace: &Workspace, file: &str, text: &str) -> Check {
    let mended = manifest::read_all(text);
    let previews = preview(cluster, workspace, file, &mended.documents);
    let mut diagnostics = syntax(&mended, text);
    for preview in &previews {
        let Some(document) = mended.documents.get(preview.document) else {
            continue;
        };
        for found in fields::diagnose(document, preview, &mended.text) {
            diagnostics.push(in_own_text(found, &mended));
        }
    }
    sorted::sort_by(&mut diagnostics, |a, b| a.place.cmp(&b.place));
    let known = previews.iter().filter(|it: &&Preview| it.key.is_some());
    Check {
        diagnostics,
        changes: known.filter_map(change::of).collect(),
        not_acted_on: manifest::not_acted_on(&mended.documents),
    }
}

/// Of how many faults each is offered its fix: whether it fits the text as it is takes another reading.
const FIXES_MAX: usize = 12;

/// The faults of the text as YAML.
fn syntax(mended: &Mended, text: &str) -> Vec<Diagnostic> {
    let diagnose = |(at, fault): (usize, &manifest::Fault)| Diagnostic {
        place: fault.place,
        length: 0,
        what: fault.error.to_string(),
        remedy: match fault.repair.as_ref().map(|it| it.kind) {
            Some(RepairKind::IndentItem) => Remedy::IndentItem,
            Some(RepairKind::TabsToBlanks) => Remedy::TabsToBlanks,
            Some(RepairKind::Quote) => Remedy::Quote,
            None => Remedy::Syntax,
        },
        fix: fault
            .repair
            .as_ref()
            .filter(|it| at == 0 || mends_one(mended, text, at, &it.edits))
            .map(|it| it.edits.clone()),
    };
    mended.faults.iter().enumerate().map(diagnose).collect()
}

/// Whether a repair, which fits the text that was mended before it, takes one fault from the text as it is too, and
/// leaves the others where they are.
fn mends_one(mended: &Mended, text: &str, at: usize, edits: &[Edit]) -> bool {
    if mended.faults.len() > FIXES_MAX {
        return false;
    }
    let left = manifest::read_all(&manifest::apply(text, edits)).faults;
    let others = mended.faults.iter().enumerate();
    let others = others.filter(|(number, _)| *number != at);
    left.iter()
        .map(|it| it.place.line)
        .eq(others.map(|(_, it)| it.place.line))
}

/// What was found in the mended text, with its places and its fix as the text itself has them.
fn in_own_text(found: Diagnostic, mended: &Mended) -> Diagnostic {
    let repairs = mended.faults.iter().filter_map(|it| it.repair.as_ref());
    let edits: Vec<&Edit> = repairs.flat_map(|it| &it.edits).collect();
    // By how much a line was moved to the right; `None` if something else was done to it.
    let shift = |line: usize| {
        let own = edits.iter().filter(|it| it.from.line == line);
        let by = |it: &&Edit| is_indent(it).then_some(it.text.len());
        own.map(by).sum::<Option<usize>>()
    };
    let back = |place: Place| {
        let column = place.column.checked_sub(shift(place.line)?)?;
        Some(Place { column, ..place })
    };
    let edit_back = |edit: &Edit| match is_indent(edit) && shift(edit.from.line).is_some() {
        true => Some(edit.clone()),
        false => Some(Edit {
            from: back(edit.from)?,
            ..edit.clone()
        }),
    };
    Diagnostic {
        place: back(found.place).unwrap_or(found.place),
        fix: found.fix.and_then(|it| it.iter().map(edit_back).collect()),
        ..found
    }
}

/// Whether an edit only moves its line to the right.
fn is_indent(edit: &Edit) -> bool {
    edit.from.column == 0 && edit.length == 0 && edit.text.bytes().all(|it| it == b' ')
}

#[cfg(test)]
mod tests;
