//! The stage: shelves of identities, heaps of pods without one, nodes, and who acts.

mod cells;
mod claim;
mod column;
mod flights;
mod heap;
mod loose;
mod node;
mod overview;
mod pod;
mod pulse;
mod shelf;
mod strip;
mod thought;

use leptos::prelude::*;

pub(super) use pulse::beat;
pub(super) use strip::{Strip, is_opening, open_some};

use super::keyed::keyed;
use super::terminal::{key_of, name_of};
use super::{App, closer, fold, use_app};
use crate::browser;
use crate::scene::{Pace, Place, Shelf};
use crate::session::Msg;

/// So many letters of a name fit into a column of any width.
const FITTING: usize = 11;

/// The class of a name in a column, which cuts it where it is too long. A short one has none: each text that may be cut
/// costs the browser something in every frame.
fn cut(name: &str) -> &'static str {
    match name.chars().count() > FITTING {
        true => "cut",
        false => "",
    }
}

/// How many columns are drawn in one frame.
const AT_ONCE: usize = 2;

/// How many where each is a small capsule of an overview, but for the few that are open.
const CAPSULES_AT_ONCE: usize = 80;

/// How many columns of a shelf may change in one frame; half of them where the machine is slow.
pub(super) fn pace(app: App, shelf: &Shelf, is_slow: bool) -> Pace {
    let many = match shelf.columns.len() < overview::FROM {
        true => AT_ONCE,
        false => CAPSULES_AT_ONCE,
    };
    Pace {
        at_once: many / if is_slow { 2 } else { 1 },
        in_view: strip::in_view(app, &shelf.place).unwrap_or(0..usize::MAX),
    }
}

pub(super) fn stage() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let is_empty = Memo::new(move |_| {
        app.scene.with(|it| {
            it.shelves.is_empty()
                && it.heaps.is_empty()
                && it.claims.is_empty()
                && it.disks.is_empty()
        })
    });
    let names = move || {
        let scene = app.scene.read();
        scene
            .shelves
            .iter()
            .map(|it| it.place.to_string())
            .collect()
    };
    let shelves = keyed(names, |name| shelf::shelf(Place::of(&name)));
    // Presenting hides the panel in which they stand otherwise.
    let services = move || {
        let shown = app.presenting.get();
        shown.then(|| view! { <section class="stage__services">{closer::services()}</section> })
    };
    flights::watch();
    // The panel that shows what is selected may have taken its place. In the frame in which that is laid out the
    // browser itself scrolls the shelf to the column at which it stood.
    fold::on_change(app, || {
        request_animation_frame(|| {
            request_animation_frame(|| {
                browser::bring_first(".column--selected");
            });
        });
    });
    // What is clicked is what is looked at; a click on a cell beside its parts goes from one of them to the next.
    let choose = move |event: leptos::ev::MouseEvent| {
        let selected = app.selected.read_untracked().as_ref().map(name_of);
        let name = browser::chosen(&event, selected.as_deref());
        if let Some(key) = name.as_deref().and_then(key_of) {
            app.send(Msg::Select(Some(key)));
        }
    };
    view! {
        <main class="stage" aria-label=texts.stage on:click=choose>
            {thought::line()}
            {move || is_empty.get().then(|| view! { <p class="stage__empty">{texts.stage_empty}</p> })}
            {shelves}
            {heap::heaps()}
            {loose::part()}
            {node::strips()}
            {services}
        </main>
    }
    .into_any()
}
