//! One identity: what stays, what comes and goes, what stays again. In meaning a row of the set's table.

use std::sync::Arc;

use leptos::prelude::*;

use super::cells::Cell;
use super::strip::Strip;
use super::{claim, cut, pod};
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::record::Stop;
use crate::scene::{Column, Place, PodCard, Shelf};
use crate::ui::terminal::name_of;
use crate::ui::use_app;

/// The column of an ordinal of the set at a place, on its strip, and why it has no pod where it has none. Of one that has
/// not come into view there is the name alone.
pub(super) fn column(
    ordinal: i32,
    place: &Place,
    (column, strip): (Cell, Strip),
    has_templates: Memo<bool>,
    why: Memo<Option<String>>,
) -> AnyView {
    let app = use_app();
    let [is_pod_open, are_claims_open] = strip.is_open(ordinal);
    let slot = move || strip.slot(ordinal);
    let phase = move || column.with(|it| it.as_ref().map(|it| phase(it)));
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
    let of_pod = pod.clone();
    let of_claims = place.namespace.clone();
    // What stays of an identity while its pods come and go.
    let still = Memo::new(move |_| {
        let column = column.read();
        let still = |it: &Arc<Column>| {
            let mut still = Column::clone(it);
            still.pod = None;
            Arc::new(still)
        };
        column.as_ref().map(still)
    });
    let plate = move || still.get().map(|it| plate(&it));
    let has_pod =
        Memo::new(move |_| column.with(|it| it.as_ref().is_some_and(|it| it.pod.is_some())));
    let card = Memo::new(move |last: Option<&Option<Arc<PodCard>>>| {
        let now = column.with(|it| it.as_ref().and_then(|it| it.pod.clone()));
        now.or_else(|| last.cloned().flatten())
    });
    let place_of_pod = Place {
        namespace: pod.namespace.clone(),
        name: pod.name.clone(),
    };
    let body = move || {
        let body = |has_pod| match has_pod {
            true => pod::card(card, place_of_pod.clone()),
            false => absent(why),
        };
        is_pod_open.get().then(|| body(has_pod.get()))
    };
    // Claims appear where there were none; those that are there when the column comes into view do not.
    let appear = StoredValue::new(false);
    let claims = move || {
        let has_templates = has_templates.get();
        let still = still.get().filter(|_| are_claims_open.get())?;
        if still.claims.is_empty() {
            appear.set_value(true);
        }
        let class = match appear.get_value() {
            true => "claims",
            false => "claims claims--still",
        };
        Some(claims(&still, has_templates, &of_claims, class))
    };
    let shown = name_of(&pod);
    let texts = app.messages();
    let label = move || column.with(|it| it.as_ref().map(|it| (texts.column)(it)));
    let selected = {
        let pod = of_pod.clone();
        move || (app.selected.read().as_ref() == Some(&pod)).to_string()
    };
    view! {
        <div class=class style=slot role="row" aria-label=label aria-selected=selected data-name=shown data-ordinal=ordinal.to_string() data-phase=phase>
            <div class="cell" role="rowheader" tabindex="-1">{plate}</div>
            <div class="cell" role="gridcell" tabindex="-1">{body}</div>
            <div class="cell" role="gridcell" tabindex="-1">
                {claims}
            </div>
        </div>
    }
    .into_any()
}

/// Why there is no pod. It is asked of the shelf: an effect that reads a memo and another one that is made of it misses
/// changes.
pub(super) fn why_absent(ordinal: i32, shelf: Memo<Option<Arc<Shelf>>>) -> Memo<Option<String>> {
    let texts = use_app().messages();
    Memo::new(move |_| {
        let shelf = shelf.read();
        let shelf = shelf.as_ref()?;
        let column = shelf.column(ordinal)?;
        if column.pod.is_some() {
            return None;
        }
        let waits = shelf.waits.as_ref().filter(|it| **it != Stop::Done);
        Some(match (column.in_range, waits) {
            (true, Some(stop)) => (texts.not_made_because)(stop),
            (true, None) => texts.not_made_yet.to_owned(),
            (false, _) => (texts.beyond_replicas)(shelf.replicas),
        })
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
            <b><span class=format!("plate__stem {}", cut(&column.name))>{stem}</span>{ordinal}</b>
            <span>{note}</span>
        </div>
    }
    .into_any()
}

fn absent(why: Memo<Option<String>>) -> AnyView {
    let texts = use_app().messages();
    view! {
        <div class="pod pod--absent">
            <div class="pod__phase">{texts.no_pod}</div>
            <div class="pod__notes"><div class="pod__note">{why}</div></div>
        </div>
    }
    .into_any()
}

fn claims(column: &Column, has_templates: bool, namespace: &str, class: &'static str) -> AnyView {
    let texts = use_app().messages();
    if column.claims.is_empty() {
        let word = if has_templates {
            texts.claim_not_made
        } else {
            texts.no_claim
        };
        return view! { <div class="claim-place">{word}</div> }.into_any();
    }
    let tabs = column.claims.iter();
    let tabs: Vec<AnyView> = tabs.map(|it| claim::tab(it, namespace)).collect();
    view! { <div class=class>{tabs}</div> }.into_any()
}
