//! The stage: shelves of identities, heaps of pods without one, nodes, and who acts.

mod claim;
mod column;
mod flights;
mod loose;
mod node;
mod overview;
mod pod;
mod shelf;
mod thought;

use leptos::prelude::*;

use super::keyed::keyed;
use super::terminal::name_of;
use super::{closer, use_app};
use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::{Heap, Place};

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
    let heaps = Memo::new(move |_| app.scene.read().heaps.clone());
    let shelves = keyed(names, |name| shelf::shelf(Place::of(&name)));
    flights::watch();
    view! {
        <main class="stage" aria-label=texts.stage>
            {thought::line()}
            {move || is_empty.get().then(|| view! { <p class="stage__empty">{texts.stage_empty}</p> })}
            {shelves}
            {move || heaps.get().iter().map(|it| heap(it)).collect::<Vec<_>>()}
            {loose::part()}
            {node::strips()}
        </main>
    }
    .into_any()
}

fn heap(heap: &Heap) -> AnyView {
    let texts = use_app().messages();
    let title = match &heap.replica_set {
        Some(name) => (texts.replica_set)(name),
        None => texts.bare_pods.to_owned(),
    };
    let place = |name| Place {
        namespace: heap.namespace.clone(),
        name,
    };
    let cards: Vec<AnyView> = heap
        .pods
        .iter()
        .map(|card| {
            let name = card.name.to_string();
            let key = ObjectKey::new(Kind::Pod, &*heap.namespace, &*card.name);
            let shown = name_of(&key);
            view! {
                <li class="heap__pod" data-name=shown>
                    <h4>{closer::name(key, name, "link")}</h4>
                    {pod::card(card, place(card.name.clone()))}
                </li>
            }
            .into_any()
        })
        .collect();
    let set = heap.replica_set.as_ref();
    let set = set.map(|it| ObjectKey::new(Kind::ReplicaSet, &*heap.namespace, &**it));
    let shown = set.as_ref().map(name_of);
    view! {
        <section class="heap" data-name=shown>
            <h3>{title}</h3>
            <ul>{cards}</ul>
        </section>
    }
    .into_any()
}
