//! A pod as a capsule: shape of border, glyph, word and colour all say its phase.

use leptos::prelude::*;

use crate::scene::{Look, Place, PodCard, RevisionTag};
use crate::session::{Deed, Force, Msg};
use crate::ui::use_app;

/// The glyph of a look.
fn glyph(look: Look) -> &'static str {
    match look {
        Look::Pending => "◌",
        Look::Creating => "◔",
        Look::NotReady => "◑",
        Look::Ready => "✔",
        Look::Terminating => "◍",
        Look::Failed => "✖",
        Look::Succeeded => "■",
        Look::Unknown => "?",
    }
}

/// The word on the capsule: kubectl's, but that a Running pod that is Ready says so.
fn word(card: &PodCard) -> String {
    if card.look == Look::Ready && card.word == "Running" {
        "Ready".to_owned()
    } else {
        card.word.to_string()
    }
}

/// A revision as its square: the hash is shown where one points at it or walks on it.
pub(super) fn revision(tag: &RevisionTag) -> AnyView {
    let texts = use_app().messages();
    let (shape, colour) = tag.look();
    view! {
        <i class=format!("revision revision--{shape} revision--{colour}c") data-hash=tag.hash().to_owned()>
            <span class="hidden">{(texts.revision)(&tag.name)}</span>
        </i>
    }
    .into_any()
}

pub(super) fn card(card: &PodCard, place: Place) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let or = |text: &str, empty: &'static str| {
        if text.is_empty() {
            empty.to_owned()
        } else {
            text.to_owned()
        }
    };
    let mut notes = Vec::new();
    if let Some(stop) = &card.waits {
        notes.push((texts.waits)(stop));
    }
    match (card.look, card.grace_left_s) {
        (Look::Unknown, Some(_)) => notes.push(texts.end_unknown.to_owned()),
        (_, Some(left)) => notes.push((texts.grace_left)(left)),
        (Look::Creating, _) if card.waits.is_none() => notes.push(texts.starting.to_owned()),
        (Look::NotReady, _) if card.waits.is_none() => notes.push(texts.not_ready_yet.to_owned()),
        _ => {}
    }
    if card.restarts > 0 {
        notes.push((texts.restarts)(card.restarts));
    }
    if card.life > 1 {
        notes.push((texts.life)(card));
    }
    let notes: Vec<AnyView> = notes
        .into_iter()
        .map(|note| view! { <div class="pod__note">{note}</div> }.into_any())
        .collect();
    let delete = (texts.delete_pod)(&card.name);
    let title = delete.clone();
    let revision = card.revision.as_ref().map(revision);
    let send = move |event: leptos::ev::MouseEvent| {
        // The click is not for the column as well.
        event.stop_propagation();
        app.send(Msg::Do(Deed::DeletePod(place.clone(), Force::No)));
    };
    view! {
        <div class=format!("pod pod--{}", card.look.as_str())>
            <div class="pod__phase">
                <span aria-hidden="true">{glyph(card.look)}</span>
                {word(card)}
                <span class="pod__count">{format!("{}/{}", card.ready.0, card.ready.1)}</span>
            </div>
            <div class="pod__meta">{or(&card.ip, texts.no_ip)}</div>
            <div class="pod__meta">{or(&card.node, texts.no_node)}</div>
            {notes}
            <button class="pod__delete" title=title aria-label=delete on:click=send>
                <span aria-hidden="true">"×"</span>
            </button>
            {revision}
        </div>
    }
    .into_any()
}
