//! One identity: what stays, what comes and goes, what stays again. In meaning a row of the set's table.

use std::sync::Arc;

use leptos::prelude::*;

use super::{claim, pod};
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::record::Stop;
use crate::scene::{Column, Place, Shelf};
use crate::session::Msg;
use crate::ui::terminal::name_of;
use crate::ui::use_app;

pub(super) fn column(ordinal: i32, shelf: Memo<Option<Arc<Shelf>>>) -> AnyView {
    let app = use_app();
    let column = Memo::new(move |last: Option<&Option<Arc<Column>>>| {
        let shelf = shelf.read();
        let now = shelf.as_ref().and_then(|it| it.column(ordinal).cloned());
        now.or_else(|| last.cloned().flatten())
    });
    let phase = move || column.with(|it| it.as_ref().map(|it| phase(it)));
    let place = shelf.with_untracked(|it| it.as_ref().map(|it| it.place.clone()));
    let place = place.unwrap_or_else(|| Place::of(""));
    let pod = ObjectKey::new(
        Kind::Pod,
        &*place.namespace,
        format!("{}-{ordinal}", place.name),
    );
    let class = {
        let pod = pod.clone();
        move || match app.selected.read().as_ref() == Some(&pod) {
            true => "column column--selected",
            false => "column",
        }
    };
    let select = move |key: &ObjectKey| app.send(Msg::Select(Some(key.clone())));
    let of_pod = pod.clone();
    let claim = move || {
        let claims = column.with_untracked(|it| it.as_ref().map(|it| it.claims.clone()))?;
        let name = claims.first()?.name.clone();
        Some(ObjectKey::new(
            Kind::PersistentVolumeClaim,
            &*place.namespace,
            name,
        ))
    };
    let plate = move || column.get().map(|it| plate(&it));
    // What a column says of its set changes with the set alone.
    let of_set = Memo::new(move |_| {
        let shelf = shelf.read();
        let facts = |it: &Arc<Shelf>| (it.replicas, it.has_claim_templates);
        shelf.as_ref().map(facts)
    });
    let waits = waits(ordinal, shelf);
    let body = move || {
        of_set.track();
        let waits = waits.get();
        Some(body(
            &*column.get()?,
            &*shelf.get_untracked()?,
            waits.as_ref(),
        ))
    };
    let claims = move || {
        of_set.track();
        Some(claims(&*column.get()?, &*shelf.get_untracked()?))
    };
    let touched = touched(column);
    let shown = name_of(&pod);
    let texts = app.messages();
    let label = move || column.with(|it| it.as_ref().map(|it| (texts.column)(it)));
    let selected = {
        let pod = of_pod.clone();
        move || (app.selected.read().as_ref() == Some(&pod)).to_string()
    };
    view! {
        <div class=class role="row" aria-label=label aria-selected=selected data-name=shown data-ordinal=ordinal.to_string() data-phase=phase data-touched=touched>
            <div class="cell" role="rowheader" tabindex="-1" on:click=move |_| select(&pod)>{plate}</div>
            <div class="cell" role="gridcell" tabindex="-1" on:click=move |_| select(&of_pod)>{body}</div>
            <div class="cell" role="gridcell" tabindex="-1" on:click=move |_| { claim().as_ref().map(select); }>
                {claims}
            </div>
        </div>
    }
    .into_any()
}

/// Why there is no pod: what the set's controller waits for. It is asked of the shelf: an effect that reads a memo and
/// another one that is made of it misses changes.
fn waits(ordinal: i32, shelf: Memo<Option<Arc<Shelf>>>) -> Memo<Option<Stop>> {
    Memo::new(move |_| {
        let shelf = shelf.read();
        let shelf = shelf.as_ref()?;
        let column = shelf.column(ordinal)?;
        let is_empty = column.pod.is_none() && column.in_range;
        let waits = shelf.waits.clone().filter(|it| *it != Stop::Done);
        waits.filter(|_| is_empty)
    })
}

/// Which part of a column was written last, and which of two pulses answers.
fn touched(column: Memo<Option<Arc<Column>>>) -> Memo<Option<String>> {
    let app = use_app();
    Memo::new(move |_| {
        let scene = app.scene.read();
        let thought = scene.thought.as_ref()?;
        let column = column.read();
        let column = column.as_ref()?;
        if !column.is_part(thought.kind, &thought.name) {
            return None;
        }
        let part = match thought.kind {
            Kind::Pod => "pod",
            _ => "claim",
        };
        // Two names in turn, so that each deed begins its pulse anew.
        Some(format!("{part}{}", thought.at % 2))
    })
}

/// The name of how a column's pod is drawn.
pub(super) fn phase(column: &Column) -> &'static str {
    column
        .pod
        .as_ref()
        .map_or("absent", |pod| pod.look.as_str())
}

fn plate(column: &Column) -> AnyView {
    let texts = use_app().messages();
    let class = if column.in_range {
        "plate"
    } else {
        "plate plate--off"
    };
    let dns = column
        .dns
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let note = if column.in_range {
        dns.clone()
    } else {
        texts.scaled_away.to_owned()
    };
    // Of a long name the end stays: the ordinal.
    let (stem, ordinal) = match column.name.rsplit_once('-') {
        Some((stem, ordinal)) => (stem.to_owned(), format!("-{ordinal}")),
        None => (String::new(), column.name.to_string()),
    };
    let title = match dns.is_empty() {
        true => column.name.to_string(),
        false => dns,
    };
    view! {
        <div class=class title=title>
            <b><span class="plate__stem">{stem}</span>{ordinal}</b>
            <span>{note}</span>
        </div>
    }
    .into_any()
}

fn body(column: &Column, shelf: &Shelf, waits: Option<&Stop>) -> AnyView {
    let texts = use_app().messages();
    match &column.pod {
        Some(card) => {
            let place = Place {
                namespace: shelf.place.namespace.clone(),
                name: card.name.clone(),
            };
            pod::card(card, place)
        }
        None => {
            let why = match (column.in_range, waits) {
                (true, Some(stop)) => (texts.not_made_because)(stop),
                (true, None) => texts.not_made_yet.to_owned(),
                (false, _) => (texts.beyond_replicas)(shelf.replicas),
            };
            view! {
                <div class="pod pod--absent">
                    <div class="pod__phase">{texts.no_pod}</div>
                    <div class="pod__note">{why}</div>
                </div>
            }
            .into_any()
        }
    }
}

fn claims(column: &Column, shelf: &Shelf) -> AnyView {
    let texts = use_app().messages();
    if column.claims.is_empty() {
        let word = if shelf.has_claim_templates {
            texts.claim_not_made
        } else {
            texts.no_claim
        };
        return view! { <div class="claim-place">{word}</div> }.into_any();
    }
    let tabs = column.claims.iter();
    let tabs: Vec<AnyView> = tabs
        .map(|it| claim::tab(it, &shelf.place.namespace))
        .collect();
    view! { <div class="claims">{tabs}</div> }.into_any()
}
