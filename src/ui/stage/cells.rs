//! The columns of a shelf, each to be listened to alone: a thousand that listen to the shelf cost a million steps each
//! time it changes.

use std::sync::Arc;

use leptos::prelude::*;

use crate::cluster::sorted::SortedMap;
use crate::scene::{Column, Shelf};

/// A column as it is now; what it last was, once it is gone.
pub(super) type Cell = RwSignal<Option<Arc<Column>>>;

/// The columns of one shelf by ordinal, each from the moment in which it is first asked for.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    shelf: Memo<Option<Arc<Shelf>>>,
    all: StoredValue<(Owner, SortedMap<i32, Cell>)>,
}

impl Cells {
    /// Follows a shelf for as long as the component in which it is made.
    pub(super) fn of(shelf: Memo<Option<Arc<Shelf>>>) -> Self {
        let owner = Owner::current().unwrap_or_default();
        let all = StoredValue::new((owner, SortedMap::<i32, Cell>::new()));
        Effect::new(move |last: Option<Option<Arc<Shelf>>>| {
            let (now, last) = (shelf.get(), last.flatten());
            let changed = now.iter().flat_map(|it| it.changed_since(last.as_deref()));
            for column in changed {
                let cell = all.with_value(|(_, all)| all.get(&column.ordinal).copied());
                if let Some(cell) = cell {
                    cell.set(Some(Arc::clone(column)));
                }
            }
            now
        });
        Self { shelf, all }
    }

    /// The column of an ordinal.
    pub(super) fn get(self, ordinal: i32) -> Cell {
        let known = self.all.with_value(|(_, all)| all.get(&ordinal).copied());
        known.unwrap_or_else(|| {
            let shelf = self.shelf.read_untracked();
            let now = shelf.as_ref().and_then(|it| it.column(ordinal).cloned());
            // It outlives the element that asks for it first.
            let owner = self.all.with_value(|(owner, _)| owner.clone());
            let cell = owner.with(|| RwSignal::new(now));
            self.all.update_value(|(_, all)| {
                all.insert(ordinal, cell);
            });
            cell
        })
    }
}
