//! A scene on the way to another one: where much changes at once, it is drawn a part at a time.

use std::sync::Arc;

use super::{Column, Scene, Shelf};

/// To draw a column that is new takes as long as to draw so many that change.
const COST_OF_NEW: usize = 2;

impl Scene {
    /// This scene with who acted last in `goal`, and with the requests there.
    #[must_use]
    pub fn with_thought_of(&self, goal: &Arc<Self>) -> Arc<Self> {
        let next = Self {
            thought: goal.thought.clone(),
            flights: Arc::clone(&goal.flights),
            ..self.clone()
        };
        arrived(next, goal)
    }

    /// This scene with some of the columns of `goal`: of each shelf so many as `at_once` says, half as many of those
    /// that are new, and at least one; the one that was acted on first, the others from the left.
    #[must_use]
    pub fn with_columns_of(
        &self,
        goal: &Arc<Self>,
        at_once: impl Fn(&Shelf) -> usize,
    ) -> Arc<Self> {
        let shelves = goal.shelves.iter().map(|shelf| {
            let shown = self.shelf(&shelf.place);
            let acted = |it: &Column| {
                let thought = goal.thought.as_ref();
                thought.is_some_and(|thought| shelf.is_about(thought, it))
            };
            match columns(shown.map(|it| &**it), shelf, at_once(shelf), acted) {
                None => Arc::clone(shown.unwrap_or(shelf)),
                Some(columns) => {
                    let mut shelf = Shelf::clone(shown.unwrap_or(shelf));
                    shelf.columns = columns;
                    Arc::new(shelf)
                }
            }
        });
        let next = Self {
            shelves: shelves.collect(),
            ..self.clone()
        };
        arrived(next, goal)
    }

    /// All of `goal`, but for the columns and for who acted: they are those of this scene.
    #[must_use]
    pub fn with_rest_of(&self, goal: &Arc<Self>) -> Arc<Self> {
        let shelves = goal.shelves.iter().map(|shelf| {
            let shown = self.shelf(&shelf.place);
            let columns = shown.map_or(&[][..], |it| &it.columns);
            if shelf.columns == columns {
                return Arc::clone(shelf);
            }
            let mut shelf = Shelf::clone(shelf);
            shelf.columns = columns.to_vec();
            Arc::new(shelf)
        });
        let next = Self {
            shelves: shelves.collect(),
            thought: self.thought.clone(),
            flights: Arc::clone(&self.flights),
            ..(**goal).clone()
        };
        arrived(next, goal)
    }
}

/// A scene, or the one that it is on its way to where it is the same.
fn arrived(scene: Scene, goal: &Arc<Scene>) -> Arc<Scene> {
    match scene == **goal {
        true => Arc::clone(goal),
        false => Arc::new(scene),
    }
}

/// The columns of a shelf on its way; `None` if none of them is different.
fn columns(
    shown: Option<&Shelf>,
    goal: &Shelf,
    at_once: usize,
    acted: impl Fn(&Column) -> bool,
) -> Option<Vec<Arc<Column>>> {
    let mut changed: Vec<&Arc<Column>> = goal.changed_since(shown).collect();
    let is_gone = |it: &Arc<Column>| goal.column(it.ordinal).is_none();
    if changed.is_empty() && !shown.is_some_and(|it| it.columns.iter().any(is_gone)) {
        return None;
    }
    if let Some(at) = changed.iter().position(|it| acted(it)) {
        changed[..=at].rotate_right(1);
    }
    let mut cost = 0;
    let is_new = |it: &Column| shown.is_none_or(|shown| shown.column(it.ordinal).is_none());
    let count = changed.iter().take_while(|it| {
        cost += if is_new(it) { COST_OF_NEW } else { 1 };
        cost <= at_once
    });
    let count = count.count().max(1);
    changed.truncate(count);
    let is_taken = |it: &Column| changed.iter().any(|taken| taken.ordinal == it.ordinal);
    let columns = goal.columns.iter().filter_map(|column| {
        if is_taken(column) {
            return Some(Arc::clone(column));
        }
        shown?.column(column.ordinal).cloned()
    });
    Some(columns.collect())
}
