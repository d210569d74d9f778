//! A pod as a capsule: shape of border, glyph, word and colour all say its phase.

use std::sync::Arc;

use leptos::prelude::*;

use crate::scene::{Look, Place, PodCard, RevisionTag};
use crate::session::{Deed, Force, Msg};
use crate::ui::keyed::keyed;
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

/// The parts of a word between which it may be broken, if it must: before one of its capitals, as near to the middle as
/// there is one.
fn halves(word: &str) -> (&str, &str) {
    let letters = word.char_indices().zip(word.chars().skip(1));
    let is_hump = |(at, letter): (usize, char), next: char| {
        (letter.is_lowercase() && next.is_uppercase()).then(|| at + letter.len_utf8())
    };
    let humps = letters.filter_map(|(letter, next)| is_hump(letter, next));
    let middle = humps.min_by_key(|at| (2 * at).abs_diff(word.len()));
    word.split_at(middle.unwrap_or(word.len()))
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

/// A revision that may become another one: it is drawn once for as long as it is the same.
pub(super) fn revision_of(
    tag: impl Fn() -> Option<RevisionTag> + Copy + Send + Sync + 'static,
    draw: fn(&RevisionTag) -> AnyView,
) -> AnyView {
    let name = move || tag().map(|it| it.name.to_string()).into_iter().collect();
    keyed(name, move |_| untrack(tag).as_ref().map(draw).into_any())
}

/// What a pod says of itself under its node.
fn notes(card: &PodCard) -> Vec<String> {
    let texts = use_app().messages();
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
    notes
}

/// A text, or what stands for none.
fn or(text: &str, empty: &'static str) -> String {
    match text.is_empty() {
        true => empty.to_owned(),
        false => text.to_owned(),
    }
}

/// The card of the pod at a place. It is made once: of what changes only the texts and classes are written.
pub(super) fn card(card: Memo<Option<Arc<PodCard>>>, place: Place) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let with = move |read: fn(&PodCard) -> String| {
        move || card.with(|it| it.as_ref().map(|it| read(it)).unwrap_or_default())
    };
    let notes = keyed(
        move || card.with(|it| it.as_ref().map(|it| notes(it)).unwrap_or_default()),
        |note| view! { <div class="pod__note">{note}</div> }.into_any(),
    );
    let tag = move || card.with(|it| it.as_ref().and_then(|it| it.revision.clone()));
    let revision = revision_of(tag, revision);
    let delete = (texts.delete_pod)(&place.name);
    let title = delete.clone();
    let send = move |event: leptos::ev::MouseEvent| {
        // The click is not for the column as well.
        event.stop_propagation();
        app.send(Msg::Do(Deed::DeletePod(place.clone(), Force::No)));
    };
    view! {
        <div class=with(|it| format!("pod pod--{}", it.look.as_str()))>
            <div class="pod__phase">
                <span aria-hidden="true">{with(|it| glyph(it.look).to_owned())}</span>
                <span>
                    {with(|it| halves(&word(it)).0.to_owned())}<wbr/>{with(|it| halves(&word(it)).1.to_owned())}
                </span>
                <span class="pod__count">{with(|it| format!("{}/{}", it.ready.0, it.ready.1))}</span>
            </div>
            <div class="pod__meta">{with(|it| or(&it.ip, use_app().messages().no_ip))}</div>
            <div class="pod__meta">{with(|it| or(&it.node, use_app().messages().no_node))}</div>
            <div class="pod__notes">{notes}</div>
            <button class="pod__delete" title=title aria-label=delete on:click=send>
                <span aria-hidden="true">"×"</span>
            </button>
            {revision}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_be_broken_before_its_capitals() {
        assert_eq!(halves("Ready"), ("Ready", ""));
        assert_eq!(halves("ContainerCreating"), ("Container", "Creating"));
        assert_eq!(halves("ErrImagePull"), ("ErrImage", "Pull"));
        assert_eq!(halves("CrashLoopBackOff"), ("CrashLoop", "BackOff"));
        assert_eq!(halves("OOMKilled"), ("OOMKilled", ""));
        assert_eq!(halves("Init:0/1"), ("Init:0/1", ""));
        assert_eq!(halves(""), ("", ""));
    }
}
