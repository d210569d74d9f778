//! A scene on the way to another one: where much changes at once, it is drawn a part at a time.

use std::ops::Range;
use std::sync::Arc;

use super::{Column, Scene, Shelf};

/// How much of a shelf may be drawn in one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many columns that change. A new one counts twice; one that is not in view half as much where it is new, and a
    /// tenth where it changes: of it there is little to draw.
    pub at_once: usize,
    /// The positions of the columns that are in view.
    pub in_view: Range<usize>,
}

/// What it costs to draw a column that changes in view.
const COST: usize = 10;

impl Pace {
    const fn cost(is_new: bool, is_in_view: bool) -> usize {
        match (is_in_view, is_new) {
            (true, true) => 2 * COST,
            (true, false) | (false, true) => COST,
            (false, false) => COST / 10,
        }
    }
}

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

    /// This scene with some of the columns of `goal`: of each shelf so many as its pace says, and at least one; the one
    /// that was acted on first, then those in view, the others from the left.
    #[must_use]
    pub fn with_columns_of(&self, goal: &Arc<Self>, pace: impl Fn(&Shelf) -> Pace) -> Arc<Self> {
        let shelves = goal.shelves.iter().map(|shelf| {
            let shown = self.shelf(&shelf.place);
            let acted = |it: &Column| {
                let thought = goal.thought.as_ref();
                thought.is_some_and(|thought| shelf.is_about(thought, it))
            };
            match columns(shown.map(|it| &**it), shelf, &pace(shelf), acted) {
                None => Arc::clone(shown.unwrap_or(shelf)),
                Some(columns) => {
                    let mut next = Shelf::clone(shown.unwrap_or(shelf));
                    next.ordinals = Arc::clone(&shelf.ordinals);
                    next.columns = columns;
                    Arc::new(next)
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
    pace: &Pace,
    acted: impl Fn(&Column) -> bool,
) -> Option<Vec<Arc<Column>>> {
    let is_in_view = |it: &Column| {
        let at = goal.ordinals.binary_search(&it.ordinal);
        at.is_ok_and(|at| pace.in_view.contains(&at))
    };
    let (mut changed, others): (Vec<&Arc<Column>>, Vec<_>) =
        goal.changed_since(shown).partition(|it| is_in_view(it));
    changed.extend(others);
    let is_gone = |it: &Arc<Column>| goal.column(it.ordinal).is_none();
    if changed.is_empty() && !shown.is_some_and(|it| it.columns.iter().any(is_gone)) {
        return None;
    }
    if let Some(at) = changed.iter().position(|it| acted(it)) {
        changed[..=at].rotate_right(1);
    }
    let is_new = |it: &Column| shown.is_none_or(|shown| shown.column(it.ordinal).is_none());
    let mut cost = 0;
    let count = changed.iter().take_while(|it| {
        cost += Pace::cost(is_new(it), is_in_view(it));
        cost <= pace.at_once * COST
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
