//! Pods without an identity in heaps: those of a ReplicaSet, and those that no controller keeps.

use std::sync::Arc;

use leptos::prelude::*;

use super::{claim, pod};
use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::{Heap, Place};
use crate::ui::keyed::keyed;
use crate::ui::terminal::name_of;
use crate::ui::{closer, use_app};

/// Where a heap stands: its namespace and its ReplicaSet, if it has one.
fn place(heap: &Heap) -> Place {
    Place {
        namespace: heap.namespace.clone(),
        name: heap.replica_set.clone().unwrap_or_default(),
    }
}

pub(super) fn heaps() -> AnyView {
    let app = use_app();
    let places = move || {
        let scene = app.scene.read();
        let places = scene.heaps.iter().map(|it| place(it).to_string());
        places.collect()
    };
    keyed(places, |it| one(Place::of(&it)))
}

fn one(at: Place) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let heap = {
        let at = at.clone();
        Memo::new(move |_| {
            let scene = app.scene.read();
            scene.heaps.iter().find(|it| place(it) == at).cloned()
        })
    };
    let key = |kind, name: &str| ObjectKey::new(kind, &*at.namespace, name);
    let set = (!at.name.is_empty()).then(|| key(Kind::ReplicaSet, &at.name));
    let shown = set.as_ref().map(name_of);
    let title = match set {
        Some(set) => {
            let name = closer::name(set, format!("ReplicaSet {}", at.name), "link");
            view! { <span>{name}": "{texts.no_identity}</span> }.into_any()
        }
        None => texts.bare_pods.into_any(),
    };
    let owner = heap.with_untracked(|it| it.as_ref().and_then(|it| it.deployment.clone()));
    let owner = owner.map(|it| {
        let name = format!("Deployment {it}");
        view! { <span class="pill">{closer::name(key(Kind::Deployment, &it), name, "link")}</span> }
    });
    let waits = move || {
        let heap = heap.read();
        let stop = heap.as_ref().and_then(|it| it.waits.as_ref());
        stop.map(|it| (texts.waits)(it))
    };
    let names = move || {
        let heap = heap.read();
        let pods = heap.iter().flat_map(|it| &it.pods);
        pods.map(|it| it.name.to_string()).collect()
    };
    let namespace = at.namespace.clone();
    let cards = keyed(names, move |name| card(&namespace, name, heap));
    let claims = Memo::new(move |_| heap.with(|it| it.as_ref().map(|it| it.claims.clone())));
    let wires = move || {
        let claims = claims.get().unwrap_or_default();
        let tabs = claims.iter().map(|it| claim::tab(it, &at.namespace));
        let tabs: Vec<AnyView> = tabs.collect();
        (!tabs.is_empty()).then(|| view! { <div class="heap__claims">{tabs}</div> })
    };
    let class = move || match claims.with(|it| it.as_ref().is_none_or(Vec::is_empty)) {
        true => "heap",
        false => "heap heap--wired",
    };
    view! {
        <section class=class data-name=shown>
            <h3>{title}{owner}</h3>
            <p class="shelf__waits">{waits}</p>
            <ul>{cards}</ul>
            {wires}
        </section>
    }
    .into_any()
}

fn card(namespace: &str, name: String, heap: Memo<Option<Arc<Heap>>>) -> AnyView {
    let key = ObjectKey::new(Kind::Pod, namespace, &*name);
    let place = Place {
        namespace: key.namespace.clone(),
        name: key.name.clone(),
    };
    let of_heap = name.clone();
    let card = Memo::new(move |_| {
        let heap = heap.read();
        let mut pods = heap.iter().flat_map(|it| &it.pods);
        pods.find(|it| *it.name == *of_heap).cloned()
    });
    let shown = name_of(&key);
    view! {
        <li class="heap__pod" data-name=shown>
            <h4>{closer::name(key, name, "link")}</h4>
            {pod::card(card, place)}
        </li>
    }
    .into_any()
}
