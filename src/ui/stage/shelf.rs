//! A set: its head with the buttons, and its columns side by side.

use std::sync::Arc;

use leptos::prelude::*;

use super::cells::Cells;
use super::strip::Strip;
use super::{column, overview, pod};
use crate::browser;
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::record::Stop;
use crate::scene::{Container, Place, Shelf, Standing};
use crate::session::{Deed, Msg};
use crate::ui::closer;
use crate::ui::keyed::keyed;
use crate::ui::terminal::name_of;
use crate::ui::use_app;

/// The set at a place, as it is now; what it last was, once it is gone.
fn follow(place: Place) -> Memo<Option<Arc<Shelf>>> {
    let app = use_app();
    Memo::new(move |last: Option<&Option<Arc<Shelf>>>| {
        let now = app.scene.read().shelf(&place).cloned();
        now.or_else(|| last.cloned().flatten())
    })
}

pub(super) fn shelf(place: Place) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let shelf = follow(place.clone());
    let ordinals = Memo::new(move |_| {
        let shelf = shelf.get();
        shelf.map(|it| it.ordinals.to_vec()).unwrap_or_default()
    });
    let looked = RwSignal::new(0);
    let cells = Cells::of(shelf);
    let strip = Strip::of(place.clone(), shelf, ordinals, looked);
    strip.follow(place.clone());
    let has_templates = Memo::new(move |_| {
        let shelf = shelf.read();
        shelf.as_ref().is_some_and(|it| it.has_claim_templates)
    });
    let columns = {
        let place = place.clone();
        strip.parts(move |ordinal| {
            let why = column::why_absent(ordinal, shelf);
            let cell = (cells.get(ordinal), strip);
            column::column(ordinal, &place, cell, has_templates, why)
        })
    };
    let class = move || match strip.is_compact.get() {
        true => "shelf shelf--compact",
        false => "shelf",
    };
    let undrawn = move || {
        let count = shelf.with(|it| it.as_ref().map_or(0, |it| it.undrawn));
        (count > 0).then(|| (texts.undrawn)(count))
    };
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
            {overview::grid(shelf, (ordinals, strip.drawn), looked, cells)}
            <div class="shelf__board">
                <div class="shelf__rows" aria-hidden="true">
                    {row(texts.row_name)}{row(texts.row_pod)}{row(texts.row_claim)}
                </div>
                <div
                    class="shelf__columns"
                    node_ref=strip.element
                    role="grid"
                    aria-label=label
                    tabindex="0"
                    on:keydown=browser::walk_table
                    on:scroll=move |_| strip.look(app)
                >
                    {columns}
                </div>
            </div>
            <p class="shelf__undrawn">{undrawn}</p>
        </section>
    }
    .into_any()
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
