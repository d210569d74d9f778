//! One identity: what stays, what comes and goes, what stays again.

use std::sync::Arc;

use leptos::prelude::*;

use super::{claim, pod};
use crate::scene::{Column, Place, Shelf};
use crate::ui::use_app;

pub(super) fn column(ordinal: i32, shelf: Memo<Option<Arc<Shelf>>>) -> AnyView {
    let texts = use_app().messages();
    let column = Memo::new(move |last: Option<&Option<Arc<Column>>>| {
        let shelf = shelf.read();
        let now = shelf.as_ref().and_then(|it| it.column(ordinal).cloned());
        now.or_else(|| last.cloned().flatten())
    });
    let label = move || column.with(|it| it.as_ref().map(|it| (texts.column)(it)));
    let phase = move || {
        let look = |it: &Arc<Column>| it.pod.as_ref().map_or("absent", |pod| pod.look.as_str());
        column.with(|it| it.as_ref().map(look))
    };
    let content = move || {
        let column = column.get()?;
        let shelf = shelf.get_untracked()?;
        Some((
            plate(&column),
            body(&column, &shelf),
            claims(&column, &shelf),
        ))
    };
    view! {
        <li class="column" aria-label=label data-ordinal=ordinal.to_string() data-phase=phase>{content}</li>
    }
    .into_any()
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
    view! {
        <div class=class title=dns>
            <b>{column.name.to_string()}</b>
            <span>{note}</span>
        </div>
    }
    .into_any()
}

fn body(column: &Column, shelf: &Shelf) -> AnyView {
    let texts = use_app().messages();
    match &column.pod {
        Some(card) => {
            let place = Place {
                namespace: shelf.place.namespace.clone(),
                name: card.name.clone(),
            };
            pod::card(card, shelf.revision_number(&card.revision), place)
        }
        None => {
            let why = if column.in_range {
                texts.not_made_yet.to_owned()
            } else {
                (texts.beyond_replicas)(shelf.replicas)
            };
            view! {
                <div class="pod pod--absent">
                    <div class="pod__phase"><span aria-hidden="true">"◌"</span>{texts.no_pod}</div>
                    <div class="pod__meta">{why}</div>
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
    let tabs: Vec<AnyView> = column.claims.iter().map(|it| claim::tab(it)).collect();
    view! { <div class="claims">{tabs}</div> }.into_any()
}
