//! The About panel: what is simulated and what is not, and every recording that the engine is held to.

use leptos::prelude::*;

use super::{App, use_app};
use crate::browser;
use crate::i18n::{Chapter, filled};
use crate::proof::{Played, Proof};

/// The panel's own name in the page.
const ID: &str = "about";
/// The file beside the page that the recordings' test has written.
const FILE: &str = "recordings.json";

/// Opens the panel.
pub(super) fn open(app: App) {
    app.about.set(true);
    browser::show_dialog(ID);
}

pub(super) fn panel() -> AnyView {
    let app = use_app();
    let texts = app.messages().about;
    // The list once it is there, and whether it could not be had.
    let (list, is_missing) = (RwSignal::new(None), RwSignal::new(false));
    // Escape is for the panel alone while it is open.
    let on_key = |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
        }
    };
    let close = move |_| {
        browser::close_dialog(ID);
    };
    let content = move || app.about.get().then(|| content(list, is_missing));
    view! {
        <dialog
            class="about"
            id=ID
            aria-labelledby="about-title"
            on:close=move |_| app.about.set(false)
            on:keydown=on_key
        >
            <div class="about__head">
                <h2 id="about-title">{texts.title}</h2>
                <button class="button" on:click=close>{texts.close}</button>
            </div>
            <div class="about__body" role="region" aria-labelledby="about-title" tabindex="0" autofocus="">
                {content}
            </div>
        </dialog>
    }
    .into_any()
}

fn load(list: RwSignal<Option<String>>, is_missing: RwSignal<bool>) {
    is_missing.set(false);
    browser::fetch_text(FILE, move |text| {
        // Some hosts answer with a page of their own for what they do not have.
        let text = text.filter(|it| Proof::read(it).is_some());
        is_missing.set(text.is_none());
        list.set(text);
    });
}

fn content(list: RwSignal<Option<String>>, is_missing: RwSignal<bool>) -> AnyView {
    let messages = use_app().messages();
    let texts = messages.about;
    if list.read_untracked().is_none() {
        load(list, is_missing);
    }
    let chapters: Vec<AnyView> = texts.chapters.iter().map(chapter).collect();
    let items = move || {
        let proof = Proof::read(list.read().as_deref()?)?;
        Some(proof.recordings.iter().map(item).collect::<Vec<_>>())
    };
    view! {
        <p class="about__lead">{filled(texts.lead, messages)}</p>
        <div class="about__chapters">{chapters}</div>
        <section class="about__part">
            <h3>{texts.proof}</h3>
            <p>{texts.proof_means}</p>
            <div class="about__state" role="status">{move || state(list, is_missing)}</div>
            <ul class="about__list">{items}</ul>
        </section>
    }
    .into_any()
}

fn chapter(chapter: &Chapter) -> AnyView {
    let texts = use_app().messages();
    let items: Vec<AnyView> = chapter
        .items
        .iter()
        .map(|(name, text)| {
            view! { <li><b>{*name}</b><p>{filled(text, texts)}</p></li> }.into_any()
        })
        .collect();
    view! { <section class="about__part"><h3>{chapter.title}</h3><ul>{items}</ul></section> }
        .into_any()
}

/// How far the list is, or what it comes to, and the way out if it cannot be had.
fn state(list: RwSignal<Option<String>>, is_missing: RwSignal<bool>) -> AnyView {
    let texts = use_app().messages().about;
    let proof = list.read().as_deref().and_then(Proof::read);
    let is_missing_now = is_missing.get();
    let (class, text) = match proof {
        Some(proof) if proof.reproduced() == proof.recordings.len() => {
            ("about__good", (texts.summary)(&proof))
        }
        Some(proof) => ("about__bad", (texts.summary)(&proof)),
        None if is_missing_now => ("about__bad", texts.not_loaded.to_owned()),
        None => ("", texts.loading.to_owned()),
    };
    let again = move |_| load(list, is_missing);
    let retry = is_missing_now
        .then(|| view! { <button class="button" on:click=again>{texts.retry}</button> }.into_any());
    view! { <span class=class>{text}</span>{retry} }.into_any()
}

/// A recording: what it is called, what it shows, how much it compares, and whether it is reproduced.
fn item(played: &Played) -> AnyView {
    let texts = use_app().messages().about;
    let (class, glyph, word) = match played.difference {
        None => ("about__good", "✓", texts.reproduced),
        Some(_) => ("about__bad", "✗", texts.not_reproduced),
    };
    let difference = played.difference.clone();
    let difference = difference.map(|it| view! { <pre>{it}</pre> }.into_any());
    // Its name and what it shows are the recording's own words.
    view! {
        <li>
            <b>{played.name.clone()}</b>
            <div lang="en">{played.about.clone()}{difference}</div>
            <span>{(texts.measure)(played)}</span>
            <span class=class><i aria-hidden="true">{glyph}</i>" "{word}</span>
        </li>
    }
    .into_any()
}
