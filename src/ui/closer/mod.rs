//! The panel that says why something is (not) happening: of the whole cluster, or of what is selected.

mod look;
mod whole;

pub(super) use whole::services;

use std::sync::Arc;

use leptos::prelude::*;

use super::keyed::keyed;
use super::time::clock;
use super::use_app;
use crate::cluster::object::ObjectKey;
use crate::cluster::record::{Component, Stop};
use crate::session::{Acted, Inspection, Msg};

pub(super) fn panel() -> AnyView {
    let app = use_app();
    let texts = app.messages().closer;
    let content = move || match app.selected.get() {
        Some(key) => look::look(key),
        None => whole::whole(),
    };
    view! { <aside class="closer" aria-label=texts.title tabindex="0">{content}{whole::services()}</aside> }.into_any()
}

/// A part of the panel under its heading.
fn part(title: impl Into<String>, content: AnyView) -> AnyView {
    view! { <section class="closer__part"><h3>{title.into()}</h3>{content}</section> }.into_any()
}

/// Who waits, and for what.
fn wait(who: Component, stop: &Stop) -> AnyView {
    let texts = use_app().messages();
    view! { <p><b>{(texts.component)(who)}</b>": "{(texts.waits)(stop)}</p> }.into_any()
}

/// Deeds, the latest first; each is drawn once.
fn history(acted: impl Fn() -> Vec<Acted> + Copy + Send + Sync + 'static) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let keys = move || acted().iter().map(|it| it.thought.at.to_string()).collect();
    let items = keyed(keys, move |key| {
        let all = untrack(acted);
        let found = all.iter().find(|it| it.thought.at.to_string() == key);
        let item = found.map(|it| {
            let (who, did) = ((texts.who)(&it.thought), (texts.did)(&it.thought));
            let because = it.because.as_ref().map(|it| (texts.closer.because)(it));
            view! {
                <li>
                    <time>{clock(it.at_ms)}</time>
                    <span><b>{who}</b>" "{did}<small>{because}</small></span>
                </li>
            }
            .into_any()
        });
        item.into_any()
    });
    view! { <ol class="closer__history">{items}</ol> }.into_any()
}

/// The closer look at what is selected; `None` while there is none.
fn inspection() -> Option<Arc<Inspection>> {
    use_app().inspection.get()
}

/// A button with the name of an object, which looks closer at it.
pub(super) fn name(key: ObjectKey, shown: String, class: &'static str) -> AnyView {
    let app = use_app();
    let label = (app.messages().closer.look_at)(&key);
    let pressed = {
        let key = key.clone();
        move || (app.selected.read().as_ref() == Some(&key)).to_string()
    };
    let toggle = move |_| {
        let is_selected = app.selected.read_untracked().as_ref() == Some(&key);
        app.send(Msg::Select((!is_selected).then(|| key.clone())));
    };
    view! {
        <button class=class title=label.clone() aria-label=label aria-pressed=pressed on:click=toggle>{shown}</button>
    }
    .into_any()
}
