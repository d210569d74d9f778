//! What is different between two scenes, for those who do not see the stage.

use super::{Look, Scene};
use crate::cluster::value::Text;

/// What became of one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodChange {
    /// Its name.
    pub pod: Text,
    /// How it is drawn now; `None` if it is gone.
    pub now: Option<Look>,
}

/// The pods of sets that are drawn in another way than before, in the order of the stage.
pub fn changes(before: &Scene, now: &Scene) -> Vec<PodChange> {
    let mut out = Vec::new();
    for shelf in &now.shelves {
        let old = before.shelf(&shelf.place);
        for column in &shelf.columns {
            let was = old.and_then(|it| it.column(column.ordinal));
            let was = was.and_then(|it| it.pod.as_ref());
            let is = column.pod.as_ref();
            if was.map(|it| (&it.uid, it.look)) != is.map(|it| (&it.uid, it.look)) {
                out.push(PodChange {
                    pod: column.name.clone(),
                    now: is.map(|it| it.look),
                });
            }
        }
        for column in old.iter().flat_map(|it| &it.columns) {
            if column.pod.is_some() && shelf.column(column.ordinal).is_none() {
                out.push(PodChange {
                    pod: column.name.clone(),
                    now: None,
                });
            }
        }
    }
    out
}
