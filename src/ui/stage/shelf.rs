//! A set: its head with the buttons, and its columns side by side.

use std::ops::Range;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;

use super::cells::Cells;
use super::{column, overview, pod};
use crate::browser;
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::record::Stop;
use crate::scene::{Container, Place, Shelf, Standing};
use crate::session::{Deed, Msg};
use crate::ui::keyed::keyed;
use crate::ui::terminal::name_of;
use crate::ui::use_app;
use crate::ui::{closer, fold};

/// From so many columns on the shelf is compact.
const COMPACT_FROM: usize = 13;
/// So many columns on each side of those in view are drawn as well, so that they are there when one scrolls to them.
const BESIDE: usize = 3;

/// The set at a place, as it is now; what it last was, once it is gone.
fn follow(place: Place) -> Memo<Option<Arc<Shelf>>> {
    let app = use_app();
    Memo::new(move |last: Option<&Option<Arc<Shelf>>>| {
        let now = app.scene.read().shelf(&place).cloned();
        now.or_else(|| last.cloned().flatten())
    })
}

pub(super) fn shelf(place: Place) -> AnyView {
    let texts = use_app().messages();
    let shelf = follow(place.clone());
    let ordinals = Memo::new(move |_| {
        let shelf = shelf.get();
        let columns = shelf.iter().flat_map(|it| it.columns.iter());
        columns.map(|it| it.ordinal).collect::<Vec<i32>>()
    });
    let looked = RwSignal::new(0);
    let numbers = move || {
        let open = overview::open(&ordinals.read(), looked.get());
        open.iter().map(ToString::to_string).collect()
    };
    let cells = Cells::of(shelf);
    let strip = NodeRef::new();
    let is_compact =
        Memo::new(move |_| (COMPACT_FROM..overview::FROM).contains(&ordinals.with(Vec::len)));
    let (near, look) = near(strip, ordinals);
    let has_templates = Memo::new(move |_| {
        let shelf = shelf.read();
        shelf.as_ref().is_some_and(|it| it.has_claim_templates)
    });
    let columns = {
        let place = place.clone();
        keyed(numbers, move |number| {
            // The keys are ordinals.
            let ordinal = number.parse().unwrap_or_default();
            let why = column::why_absent(ordinal, shelf);
            let is_near = move || {
                let at = ordinals.with(|all| all.binary_search(&ordinal).unwrap_or_default());
                !is_compact.get() || near.with(|near| near.contains(&at))
            };
            // What was seen once stays.
            let is_seen = Memo::new(move |last| last == Some(&true) || is_near());
            let cell = cells.get(ordinal);
            column::column(ordinal, &place, (cell, is_seen), has_templates, why)
        })
    };
    let class = move || match is_compact.get() {
        true => "shelf shelf--compact",
        false => "shelf",
    };
    let undrawn = move || {
        let count = shelf.with(|it| it.as_ref().map_or(0, |it| it.undrawn));
        (count > 0).then(|| (texts.undrawn)(count))
    };
    follow_action(strip, place.clone());
    let row = |(name, note): (&'static str, &'static str)| {
        view! { <div class="shelf__row">{name}<small>{note}</small></div> }.into_any()
    };
    let name = place.name.to_string();
    let label = (texts.columns)(&name);
    let key = ObjectKey::new(Kind::StatefulSet, &*place.namespace, &*place.name);
    view! {
        <section class=class aria-label=name data-name=name_of(&key)>
            {head(place, shelf)}
            <p class="shelf__waits">{move || shelf.get().and_then(|it| waits(&it))}</p>
            {overview::grid(shelf, ordinals, looked, cells)}
            <div class="shelf__board">
                <div class="shelf__rows" aria-hidden="true">
                    {row(texts.row_name)}{row(texts.row_pod)}{row(texts.row_claim)}
                </div>
                <div
                    class="shelf__columns"
                    node_ref=strip
                    role="grid"
                    aria-label=label
                    tabindex="0"
                    on:keydown=browser::walk_table
                    on:scroll=move |_| look()
                >
                    {columns}
                </div>
            </div>
            <p class="shelf__undrawn">{undrawn}</p>
        </section>
    }
    .into_any()
}

/// The positions of the columns that are in view or beside those, and what has to be called when one scrolls.
fn near(
    strip: NodeRef<Div>,
    ordinals: Memo<Vec<i32>>,
) -> (RwSignal<Range<usize>>, impl Fn() + Copy + 'static) {
    let app = use_app();
    let near = RwSignal::new(0..COMPACT_FROM);
    let look = move || {
        let Some(strip) = strip.get_untracked() else {
            return;
        };
        let (from, to) = browser::part_in_view(&strip);
        let count = ordinals.with_untracked(Vec::len);
        let at = |part: f64| (part * count as f64) as usize;
        let now = at(from).saturating_sub(BESIDE)..at(to) + 1 + BESIDE;
        if *near.read_untracked() != now {
            near.set(now);
        }
    };
    // It has another size when there are more columns, when it is presented, and when a pane is folded.
    fold::on_change(app, move || request_animation_frame(look));
    Effect::new(move || {
        ordinals.track();
        app.presenting.track();
        request_animation_frame(look);
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || resized.remove());
    (near, look)
}

/// Scrolls to the column in which something happens.
fn follow_action(strip: NodeRef<Div>, place: Place) {
    let app = use_app();
    Effect::new(move |last: Option<Option<Arc<Shelf>>>| {
        let told = app.told.read();
        let shelf = told.shelf(&place).cloned();
        let thought = told.thought.as_deref();
        let acted = shelf
            .as_ref()
            .and_then(|it| it.acted(last.flatten().as_deref(), thought));
        if let Some(ordinal) = acted {
            let child = format!("[data-ordinal='{ordinal}']");
            // Where it stands is asked when the frame is laid out, not while it is being made.
            request_animation_frame(move || {
                if let Some(strip) = strip.get_untracked() {
                    browser::follow(&strip, &child);
                }
            });
        }
        shelf
    });
}

/// What the set's controller waits for, where the eye is.
fn waits(shelf: &Shelf) -> Option<String> {
    let stop = shelf.waits.as_ref().filter(|it| **it != Stop::Done)?;
    Some((use_app().messages().waits)(stop))
}

fn head(place: Place, shelf: Memo<Option<Arc<Shelf>>>) -> AnyView {
    let texts = use_app().messages();
    let with =
        move |read: fn(&Shelf) -> String| move || shelf.with(|it| it.as_ref().map(|it| read(it)));
    let kind = format!("StatefulSet · {}", place.namespace);
    let key = ObjectKey::new(Kind::StatefulSet, &*place.namespace, &*place.name);
    let pills = pills(shelf);
    let containers = Memo::new(move |_| {
        shelf
            .get()
            .map(|it| it.containers.clone())
            .unwrap_or_default()
    });
    let is_kept = Memo::new(move |_| {
        let shelf = shelf.read();
        shelf
            .as_ref()
            .is_some_and(|it| it.standing == Standing::Kept)
    });
    let step = |by: i32, label: String, sign: &'static str, place: Place| {
        let app = use_app();
        let send = move |_| app.send(Msg::Do(Deed::Scale(place.clone(), by)));
        let title = label.clone();
        view! { <button title=title aria-label=label disabled=move || !is_kept.get() on:click=send>{sign}</button> }.into_any()
    };
    let down = step(-1, (texts.scale_down)(&place.name), "−", place.clone());
    let up = step(1, (texts.scale_up)(&place.name), "+", place.clone());
    let set = place.clone();
    let images = move || {
        let list = containers
            .get()
            .iter()
            .map(|it| image(it, &set))
            .collect::<Vec<_>>();
        is_kept.get().then_some(list)
    };
    view! {
        <header class="shelf__head">
            <div>
                <div class="shelf__kind">{kind}</div>
                <h2 class="shelf__name">{closer::name(key, place.name.to_string(), "link")}</h2>
            </div>
            <div class="shelf__scale" role="group" aria-label=texts.replicas>
                {down}
                <output>{with(|it| it.replicas.to_string())}</output>
                {up}
            </div>
            {pills}
            {images}
        </header>
    }
    .into_any()
}

/// What a set is, in a few words; each is drawn once for as long as it holds.
fn pills(shelf: Memo<Option<Arc<Shelf>>>) -> AnyView {
    let words = keyed(
        move || shelf.with(|it| it.as_ref().map(|it| words(it)).unwrap_or_default()),
        |word| view! { <span class="pill">{word}</span> }.into_any(),
    );
    let tag = move || shelf.with(|it| it.as_ref().and_then(|it| it.revision.clone()));
    let revision = pod::revision_of(tag, |tag| {
        let word = (use_app().messages().revision)(&tag.name);
        let square = pod::revision(tag);
        view! { <span class="pill pill--revision">{square}<span aria-hidden="true">{word}</span></span> }
            .into_any()
    });
    view! { {words}{revision} }.into_any()
}

fn words(shelf: &Shelf) -> Vec<String> {
    let texts = use_app().messages();
    let standing = match shelf.standing {
        Standing::Kept => None,
        Standing::Deleting => Some(texts.set_deleting.to_owned()),
        Standing::Gone => Some(texts.set_gone.to_owned()),
    };
    let service = shelf.service.as_ref();
    let words = [
        standing.clone(),
        standing.is_none().then(|| (texts.ready_of)(shelf)),
        Some(shelf.policy.to_string()),
        service.map(|it| (texts.service)(&it.name, it.headless)),
    ];
    words.into_iter().flatten().collect()
}

fn image(container: &Container, set: &Place) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let label = (texts.image_of)(&container.name);
    let field = NodeRef::<leptos::html::Input>::new();
    let (set, name) = (set.clone(), container.name.clone());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get() {
            app.send(Msg::Do(Deed::SetImage {
                set: set.clone(),
                container: name.clone(),
                image: field.value(),
            }));
        }
    };
    view! {
        <form class="shelf__image" on:submit=submit>
            <input
                node_ref=field
                aria-label=label.clone()
                title=label
                value=container.image.to_string()
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
            />
            <button class="button">{texts.set_image}</button>
        </form>
    }
    .into_any()
}
