//! A large set at a glance: a small capsule for each ordinal. The one that is chosen opens into columns.

use std::sync::Arc;

use leptos::prelude::*;

use super::cells::Cells;
use super::column::phase;
use crate::browser;
use crate::scene::Shelf;
use crate::ui::keyed::keyed;
use crate::ui::use_app;

/// From so many columns on they are drawn as an overview.
pub(super) const FROM: usize = 61;
/// How many columns are open on each side of the one that is looked at.
const BESIDE: usize = 3;

/// The ordinals whose columns are open, of all there are.
pub(super) fn open(all: &[i32], looked: i32) -> Vec<i32> {
    if all.len() < FROM {
        return all.to_vec();
    }
    let at = all.partition_point(|it| *it < looked).min(all.len() - 1);
    let from = at.saturating_sub(BESIDE).min(all.len() - (2 * BESIDE + 1));
    let window = all.iter().skip(from).take(2 * BESIDE + 1);
    window.copied().collect()
}

pub(super) fn grid(
    shelf: Memo<Option<Arc<Shelf>>>,
    (ordinals, drawn): (Memo<Vec<i32>>, Memo<Vec<i32>>),
    looked: RwSignal<i32>,
    cells: Cells,
) -> AnyView {
    let texts = use_app().messages();
    let label = move || shelf.with(|it| it.as_ref().map(|it| (texts.overview)(&it.place.name)));
    let numbers = move || {
        if ordinals.read().len() < FROM {
            return Vec::new();
        }
        drawn.with(|it| it.iter().map(ToString::to_string).collect())
    };
    let capsules = keyed(numbers, move |number| {
        let ordinal: i32 = number.parse().unwrap_or_default();
        let column = cells.get(ordinal);
        let look = move || column.with(|it| it.as_ref().map_or("absent", |it| phase(it)));
        let text = number.clone();
        let label = move || column.with(|it| it.as_ref().map(|it| (texts.column)(it)));
        let pressed = move || (looked.get() == ordinal).to_string();
        view! { <button class="capsule" aria-label=label aria-pressed=pressed data-look=look data-ordinal=number tabindex="-1">{text}</button> }.into_any()
    });
    // One handler for all of them.
    let choose = move |event: leptos::ev::MouseEvent| {
        let ordinal = browser::attribute_of(&event, "data-ordinal");
        if let Some(ordinal) = ordinal.and_then(|it| it.parse().ok()) {
            looked.set(ordinal);
            browser::bring_opened(&event, ".shelf", ".shelf__board");
        }
    };
    let class = move || match ordinals.read().len() < FROM {
        true => "overview overview--none",
        false => "overview",
    };
    view! {
        <div class=class role="group" aria-label=label tabindex="0" on:click=choose on:keydown=browser::walk_list>
            {capsules}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_around_the_one_that_is_looked_at_are_open() {
        let all: Vec<i32> = (0..100).collect();
        assert_eq!(open(&all, 50), (47..=53).collect::<Vec<_>>());
        assert_eq!(open(&all, 0), (0..7).collect::<Vec<_>>());
        assert_eq!(open(&all, 500), (93..100).collect::<Vec<_>>());
        assert_eq!(open(&all[..5], 50), all[..5]);
    }
}
