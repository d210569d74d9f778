//! The whole cluster: who waits for what, how it came to this, and the Services.

use leptos::prelude::*;

use super::{history, name, part};
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::record::Stop;
use crate::cluster::value::Text;
use crate::scene::{Endpoint, Scene, ServiceCard};
use crate::ui::keyed::keyed;
use crate::ui::terminal::name_of;
use crate::ui::use_app;

/// The most things that wait and are listed.
const WAITS_MAX: usize = 8;

pub(super) fn whole() -> AnyView {
    let app = use_app();
    let texts = app.messages().closer;
    let waits = Memo::new(move |_| grouped(waiting(&app.told.read())));
    let why = part(texts.why, why(waits));
    let any = Memo::new(move |_| !app.recent.read().is_empty());
    let recent = move || {
        let acted = move || app.recent.read().to_vec();
        any.get().then(|| part(texts.history, history(acted)))
    };
    view! { <h2 class="hidden">{texts.title}</h2>{why}{recent} }.into_any()
}

/// The Services, each as a phone book or a switchboard.
pub(in crate::ui) fn services() -> AnyView {
    let app = use_app();
    let services = Memo::new(move |_| app.scene.read().services.clone());
    let drawn = move || {
        let services = services.get();
        services.iter().map(|it| service(it)).collect::<Vec<_>>()
    };
    drawn.into_any()
}

/// What waits on the stage: sets, pods, claims.
fn waiting(scene: &Scene) -> Vec<(ObjectKey, Stop)> {
    let mut out = Vec::new();
    let mut add = |kind, namespace: &Text, name: &Text, stop: &Option<Stop>| {
        if let Some(stop) = stop.as_ref().filter(|it| **it != Stop::Done) {
            out.push((ObjectKey::new(kind, &**namespace, &**name), stop.clone()));
        }
    };
    for shelf in &scene.shelves {
        let namespace = &shelf.place.namespace;
        add(
            Kind::StatefulSet,
            namespace,
            &shelf.place.name,
            &shelf.waits,
        );
        for column in &shelf.columns {
            if let Some(pod) = &column.pod {
                add(Kind::Pod, namespace, &pod.name, &pod.waits);
            }
            for claim in &column.claims {
                add(
                    Kind::PersistentVolumeClaim,
                    namespace,
                    &claim.name,
                    &claim.waits,
                );
            }
        }
    }
    for heap in &scene.heaps {
        if let Some(set) = &heap.replica_set {
            add(Kind::ReplicaSet, &heap.namespace, set, &heap.waits);
        }
        for pod in &heap.pods {
            add(Kind::Pod, &heap.namespace, &pod.name, &pod.waits);
        }
    }
    for claim in &scene.claims {
        let tab = &claim.tab;
        add(
            Kind::PersistentVolumeClaim,
            &claim.namespace,
            &tab.name,
            &tab.waits,
        );
    }
    out
}

/// Who waits with how many others, and for what.
type Group = (ObjectKey, usize, Stop);

/// Each is drawn once for as long as it holds.
fn why(waits: Memo<Vec<Group>>) -> AnyView {
    let texts = use_app().messages();
    let key = |(key, others, stop): &Group| {
        format!("{}\n{others}\n{}", name_of(key), (texts.waits)(stop))
    };
    let keys = move || waits.with(|it| it.iter().take(WAITS_MAX).map(key).collect());
    let items = keyed(keys, move |shown| {
        let found = waits.with_untracked(|it| it.iter().find(|it| key(it) == shown).cloned());
        let item = found.map(|(key, others, stop)| {
            let shown = key.name.to_string();
            let others = (others > 0).then(|| (texts.closer.and_others)(others));
            view! { <p>{name(key, shown, "link")}{others}": "{(texts.waits)(&stop)}</p> }
        });
        item.into_any()
    });
    let rest = move || match waits.with(Vec::len) {
        0 => texts.closer.nothing_waits.to_owned(),
        count if count > WAITS_MAX => (texts.closer.more)(count - WAITS_MAX),
        _ => String::new(),
    };
    let class = move || match waits.with(Vec::is_empty) {
        true => "",
        false => "closer__why",
    };
    view! { <div class=class>{items}<p>{rest}</p></div> }.into_any()
}

/// Those who wait for the same are listed once: the first, and how many others.
fn grouped(waits: Vec<(ObjectKey, Stop)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (key, stop) in waits {
        let known = groups
            .iter_mut()
            .find(|(first, _, it)| first.kind == key.kind && *it == stop);
        match known {
            Some((_, others, _)) => *others += 1,
            None => groups.push((key, 0, stop)),
        }
    }
    groups
}

fn service(card: &ServiceCard) -> AnyView {
    let texts = use_app().messages().closer;
    let title = (texts.service)(card);
    let empty = match (card.has_selector, card.entries.is_empty()) {
        (false, _) => Some(texts.no_selector),
        (true, true) => Some(texts.no_endpoints),
        (true, false) => None,
    };
    let rows: Vec<AnyView> = card.entries.iter().map(endpoint).collect();
    let more = (card.undrawn > 0).then(|| (texts.more)(card.undrawn));
    let key = ObjectKey::new(Kind::Service, &*card.place.namespace, &*card.place.name);
    let shown = name_of(&key);
    let class = match card.address {
        None => "service service--book",
        Some(_) => "service service--switchboard",
    };
    let content = view! {
        <div class=class data-name=shown>
            <p>{name(key, card.place.name.to_string(), "link")}" "<code>{card.ports.to_string()}</code></p>
            <p>{empty}</p>
            <ul>{rows}</ul>
            <p>{more}</p>
        </div>
    };
    part(title, content.into_any())
}

fn endpoint(endpoint: &Endpoint) -> AnyView {
    let texts = use_app().messages().closer;
    let who = endpoint
        .hostname
        .as_ref()
        .unwrap_or(&endpoint.pod)
        .to_string();
    let (class, what) = match endpoint.is_ready {
        true => ("", endpoint.ip.to_string()),
        false => ("service__off", texts.not_ready.to_owned()),
    };
    view! { <li class=class><span>{who}</span><span>{what}</span></li> }.into_any()
}
