//! A scene on the way to another one: where much changes at once, it is drawn a part at a time.

use std::sync::Arc;

use super::{Column, Scene, Shelf};

impl Scene {
    /// This scene with some of the columns of `goal`: of each shelf so many as `at_once` says, the one that was acted
    /// on first, the others from the left. Once all columns are there it is `goal` itself.
    #[must_use]
    pub fn with_columns_of(
        &self,
        goal: &Arc<Self>,
        at_once: impl Fn(&Shelf) -> usize,
    ) -> Arc<Self> {
        let mut is_there = true;
        let shelves = goal.shelves.iter().map(|shelf| {
            let shown = self.shelf(&shelf.place);
            let acted = |it: &Column| {
                let thought = goal.thought.as_ref();
                thought.is_some_and(|thought| shelf.is_about(thought, it))
            };
            match columns(shown.map(|it| &**it), shelf, at_once(shelf), acted) {
                None => Arc::clone(shown.unwrap_or(shelf)),
                Some(columns) => {
                    is_there = false;
                    let mut shelf = Shelf::clone(shown.unwrap_or(shelf));
                    shelf.columns = columns;
                    Arc::new(shelf)
                }
            }
        });
        let shelves = shelves.collect();
        if is_there {
            return Arc::clone(goal);
        }
        Arc::new(Self {
            shelves,
            thought: goal.thought.clone(),
            flights: Arc::clone(&goal.flights),
            ..self.clone()
        })
    }

    /// All of `goal`, but for the columns: they are those of this scene. If there are the same in `goal`, it is `goal`
    /// itself.
    #[must_use]
    pub fn with_rest_of(&self, goal: &Arc<Self>) -> Arc<Self> {
        let shelves: Vec<Arc<Shelf>> = goal
            .shelves
            .iter()
            .map(|shelf| {
                let shown = self.shelf(&shelf.place);
                let columns = shown.map_or(&[][..], |it| &it.columns);
                if shelf.columns == columns {
                    return Arc::clone(shelf);
                }
                let mut shelf = Shelf::clone(shelf);
                shelf.columns = columns.to_vec();
                Arc::new(shelf)
            })
            .collect();
        let mut pairs = shelves.iter().zip(&goal.shelves);
        if pairs.all(|(it, of_goal)| Arc::ptr_eq(it, of_goal)) {
            return Arc::clone(goal);
        }
        Arc::new(Self {
            shelves,
            ..(**goal).clone()
        })
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
    changed.truncate(at_once);
    let is_taken = |it: &Column| changed.iter().any(|taken| taken.ordinal == it.ordinal);
    let columns = goal.columns.iter().filter_map(|column| {
        if is_taken(column) {
            return Some(Arc::clone(column));
        }
        shown?.column(column.ordinal).cloned()
    });
    Some(columns.collect())
}
