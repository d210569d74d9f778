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
    // Presenting hides the panel in which they stand otherwise.
    let services = move || {
        let shown = app.presenting.get();
        shown.then(|| view! { <section class="stage__services">{closer::services()}</section> })
    };
    flights::watch();
    view! {
        <main class="stage" aria-label=texts.stage>
            {thought::line()}
            {move || is_empty.get().then(|| view! { <p class="stage__empty">{texts.stage_empty}</p> })}
            {shelves}
            {move || heaps.get().iter().map(|it| heap(it)).collect::<Vec<_>>()}
            {loose::part()}
            {node::strips()}
            {services}
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
    let waits = heap.waits.as_ref().map(|stop| {
        let text = (texts.waits)(stop);
        view! { <p class="shelf__waits">{text}</p> }
    });
    let claims: Vec<AnyView> = heap
        .claims
        .iter()
        .map(|it| claim::tab(it, &heap.namespace))
        .collect();
    let wires = (!claims.is_empty()).then(|| view! { <div class="heap__claims">{claims}</div> });
    let class = match wires {
        Some(_) => "heap heap--wired",
        None => "heap",
    };
    let set = heap.replica_set.as_ref();
    let set = set.map(|it| ObjectKey::new(Kind::ReplicaSet, &*heap.namespace, &**it));
    let shown = set.as_ref().map(name_of);
    view! {
        <section class=class data-name=shown>
            <h3>{title}</h3>
            {waits}
            <ul>{cards}</ul>
            {wires}
        </section>
    }
    .into_any()
}
