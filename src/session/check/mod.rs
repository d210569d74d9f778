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
    let mut diagnostics = syntax(&mended);
    // Until it parses, the columns of fixes would be those of the mended text.
    let parses = diagnostics.is_empty();
    for preview in &previews {
        let Some(document) = mended.documents.get(preview.document) else {
            continue;
        };
        for found in fields::diagnose(document, preview, &mended.text) {
            let fix = found.fix.filter(|_| parses);
            diagnostics.push(Diagnostic { fix, ..found });
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

/// The faults of the text as YAML.
fn syntax(mended: &Mended) -> Vec<Diagnostic> {
    let diagnose = |fault: &manifest::Fault| Diagnostic {
        place: fault.place,
        length: 0,
        what: fault.error.to_string(),
        remedy: match fault.repair.as_ref().map(|it| it.kind) {
            Some(RepairKind::IndentItem) => Remedy::IndentItem,
            Some(RepairKind::TabsToBlanks) => Remedy::TabsToBlanks,
            Some(RepairKind::Quote) => Remedy::Quote,
            None => Remedy::Syntax,
        },
        fix: None,
    };
    let mut found: Vec<Diagnostic> = mended.faults.iter().map(diagnose).collect();
    // The first repair fits the text as it is; those behind it fit the text as it was mended before them.
    let first = mended.faults.first().and_then(|it| it.repair.as_ref());
    if let (Some(found), Some(repair)) = (found.first_mut(), first) {
        found.fix = Some(repair.edits.clone());
    }
    found
}

#[cfg(test)]
mod tests;
