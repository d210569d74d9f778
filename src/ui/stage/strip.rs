//! The columns of a shelf, side by side. Of a compact shelf only those are drawn whole that have come into view, a few in
//! each frame; of the others, their names.

use std::ops::Range;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;

use super::overview;
use crate::browser;
use crate::scene::{Place, Shelf};
use crate::ui::keyed::keyed;
use crate::ui::{App, fold, use_app};

/// From so many columns on the shelf is compact.
const COMPACT_FROM: usize = 13;
/// So many columns on each side of those in view are drawn as well, so that they are there when one scrolls to them.
const BESIDE: usize = 3;
/// How many pods or claims of columns that have come into view are drawn in one frame, and on a slow machine.
const AT_ONCE: [usize; 2] = [4, 1];
/// So many columns are laid out and drawn together.
const PART: i32 = 5;

/// The strip of one shelf.
#[derive(Clone, Copy)]
pub(in crate::ui) struct Strip {
    /// Its element.
    pub(super) element: NodeRef<Div>,
    /// Whether its shelf is compact.
    pub(super) is_compact: Memo<bool>,
    /// The ordinals that have a column.
    places: Memo<Vec<i32>>,
    /// Those whose column is there by now, if only with its name.
    pub(super) drawn: Memo<Vec<i32>>,
    /// The positions that are in view or beside those.
    near: RwSignal<Range<usize>>,
    /// The ordinals whose pods are drawn, and those whose claims are drawn as well.
    opened: [RwSignal<Vec<i32>>; 2],
}

impl Strip {
    /// The strip of the shelf at a place: its ordinals, and the one that is looked at where there are too many.
    pub(super) fn of(
        place: Place,
        shelf: Memo<Option<Arc<Shelf>>>,
        ordinals: Memo<Vec<i32>>,
        looked: RwSignal<i32>,
    ) -> Self {
        let app = use_app();
        let compact = COMPACT_FROM..overview::FROM;
        let strip = Self {
            element: NodeRef::new(),
            is_compact: Memo::new(move |_| compact.contains(&ordinals.read().len())),
            places: Memo::new(move |_| overview::open(&ordinals.read(), looked.get())),
            drawn: Memo::new(move |_| {
                let shelf = shelf.get();
                let columns = shelf.iter().flat_map(|it| it.columns.iter());
                columns.map(|it| it.ordinal).collect()
            }),
            near: RwSignal::new(0..0),
            opened: [RwSignal::new(Vec::new()), RwSignal::new(Vec::new())],
        };
        let forget = {
            let place = place.clone();
            move || {
                app.strips
                    .update_value(|all| all.retain(|(it, _)| *it != place));
            }
        };
        on_cleanup(forget.clone());
        Effect::new(move || {
            forget();
            if strip.is_compact.get() {
                app.strips
                    .update_value(|all| all.push((place.clone(), strip)));
            }
        });
        strip.look_when_resized(app);
        strip
    }

    /// It has another size when there are more columns, when it is presented, and when a pane is folded.
    fn look_when_resized(self, app: App) {
        let look = move || request_animation_frame(move || self.look(app));
        fold::on_change(app, look);
        Effect::new(move || {
            self.places.track();
            app.presenting.track();
            look();
        });
        let resized = window_event_listener(leptos::ev::resize, move |_| self.look(app));
        on_cleanup(move || resized.remove());
    }

    /// Sees which columns are in view now.
    pub(super) fn look(self, app: App) {
        let Some(element) = self.element.get_untracked() else {
            return;
        };
        let (from, to) = browser::part_in_view(&element);
        let count = self.places.with_untracked(Vec::len);
        let at = |part: f64| (part * count as f64) as usize;
        let now = at(from).saturating_sub(BESIDE)..at(to) + 1 + BESIDE;
        if *self.near.read_untracked() != now {
            self.near.set(now);
            app.ask_for_frame();
        }
    }

    /// The style that gives the column of an ordinal its slot in its part, so that it stays there when one before it comes.
    pub(super) fn slot(self, ordinal: i32) -> String {
        let before = |it: &&i32| **it < ordinal;
        let slot = self.places.with(|all| {
            let own = in_part(all, part_of(ordinal));
            own.iter().take_while(before).count() + 1
        });
        format!("--slot: {slot}")
    }

    /// Whether the pod of an ordinal is drawn, and whether its claims are. What was drawn once stays so.
    pub(super) fn is_open(self, ordinal: i32) -> [Memo<bool>; 2] {
        self.opened.map(|opened| {
            Memo::new(move |last| {
                let is_opened = || opened.with(|all| all.contains(&ordinal));
                last == Some(&true) || !self.is_compact.get() || is_opened()
            })
        })
    }

    /// What is in view, but not drawn: the ordinals whose pods, and those whose claims have to be.
    fn due(self) -> [Vec<i32>; 2] {
        let drawn = self.drawn.read_untracked();
        let places = self.places.read_untracked();
        let near = self.near.get_untracked();
        self.opened.map(|opened| {
            let opened = opened.read_untracked();
            let is_due = |it: &i32| drawn.binary_search(it).is_ok() && !opened.contains(it);
            let near = places.iter().take(near.end).skip(near.start);
            near.copied().filter(is_due).collect()
        })
    }

    /// Scrolls to the column in which something happens to the set at a place.
    pub(super) fn follow(self, place: Place) {
        let app = use_app();
        Effect::new(move |last: Option<Option<Arc<Shelf>>>| {
            let told = app.told.read();
            let shelf = told.shelf(&place).cloned();
            let thought = told.thought.as_deref();
            let acted = shelf
                .as_ref()
                .and_then(|it| it.acted(last.flatten().as_deref(), thought));
            if let Some(ordinal) = acted {
                // Where it stands is asked when the frame is laid out, not while it is being made.
                request_animation_frame(move || self.scroll_to(ordinal));
            }
            shelf
        });
    }

    fn scroll_to(self, ordinal: i32) {
        let (at, count) = self
            .places
            .with_untracked(|all| (all.binary_search(&ordinal), all.len()));
        if let (Some(element), Ok(at)) = (self.element.get_untracked(), at) {
            browser::follow(&element, at, count);
        }
    }

    /// The columns that are there, some of them in a part each, because what is not in view costs the browser by parts.
    /// Each part has its width from the beginning, so that a column that comes moves nothing.
    pub(super) fn parts(
        self,
        column: impl Fn(i32) -> AnyView + Clone + Send + Sync + 'static,
    ) -> AnyView {
        let Self { places, drawn, .. } = self;
        let numbers = move || {
            let mut parts: Vec<i32> =
                places.with(|all| all.iter().map(|it| part_of(*it)).collect());
            parts.dedup();
            parts.iter().map(ToString::to_string).collect()
        };
        keyed(numbers, move |number| {
            // The keys are numbers.
            let part = number.parse().unwrap_or_default();
            let own = Memo::new(move |_| {
                let own = places.with(|all| in_part(all, part).to_vec());
                drawn.with(|drawn| common(own, drawn))
            });
            let count = move || places.with(|all| in_part(all, part).len());
            let width = move || format!("--columns: {}", count());
            let column = column.clone();
            let columns = keyed(
                move || own.with(|own| own.iter().map(ToString::to_string).collect()),
                move |number| column(number.parse().unwrap_or_default()),
            );
            view! { <div class="shelf__part" role="presentation" style=width>{columns}</div> }
                .into_any()
        })
    }
}

/// Whether columns have come into view that are not drawn whole.
pub(in crate::ui) fn is_opening(app: App) -> bool {
    let is_due = |strip: &Strip| strip.due().iter().any(|it| !it.is_empty());
    app.strips
        .with_value(|all| all.iter().any(|(_, it)| is_due(it)))
}

/// Draws a part of that: the pods first.
pub(in crate::ui) fn open_some(app: App, is_slow: bool) {
    let [many, few] = AT_ONCE;
    let mut left = if is_slow { few } else { many };
    for (_, strip) in app.strips.get_value() {
        for (opened, due) in strip.opened.into_iter().zip(strip.due()) {
            let now: Vec<i32> = due.into_iter().take(left).collect();
            left -= now.len();
            if !now.is_empty() {
                opened.update(|opened| opened.extend(now));
            }
        }
    }
}

/// The positions of the columns that are in view or beside those, of a compact shelf.
pub(super) fn in_view(app: App, place: &Place) -> Option<Range<usize>> {
    app.strips.with_value(|all| {
        let strip = all.iter().find(|(it, _)| it == place);
        strip.map(|(_, it)| it.near.get_untracked())
    })
}

/// The part in which an ordinal has its column.
const fn part_of(ordinal: i32) -> i32 {
    ordinal.div_euclid(PART)
}

/// Those of all ordinals, in their order, that have their column in a part.
fn in_part(all: &[i32], part: i32) -> &[i32] {
    let from = all.partition_point(|it| part_of(*it) < part);
    let to = all.partition_point(|it| part_of(*it) <= part);
    all.get(from..to).unwrap_or_default()
}

/// Those of some ordinals that are among others as well.
fn common(mut ordinals: Vec<i32>, others: &[i32]) -> Vec<i32> {
    ordinals.retain(|it| others.binary_search(it).is_ok());
    ordinals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ordinal_is_in_one_part_which_is_the_same_whatever_others_there_are() {
        let all: Vec<i32> = (3..18).filter(|it| *it != 7).collect();
        let parts: Vec<&[i32]> = (-1..5).map(|it| in_part(&all, it)).collect();
        assert_eq!(parts.concat(), all);
        assert_eq!(in_part(&all, 1), [5, 6, 8, 9]);
        assert!(in_part(&all, 4).is_empty());
        assert_eq!(common(vec![5, 6, 8, 9], &[6, 7, 9, 10]), [6, 9]);
    }
}
