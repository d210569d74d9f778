//! The manifest pane: a text field, Apply, and what kubectl answered.

use std::sync::Arc;

use leptos::prelude::*;

use super::use_app;
use crate::manifest;
use crate::session::{Entry, Msg};

pub(super) fn pane() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            app.send(Msg::Apply);
        }
    };
    view! {
        <section class="manifest" aria-labelledby="manifest-title">
            <div class="manifest__head">
                <h2 id="manifest-title">{texts.manifest}</h2>
                <button class="button button--main" title="Ctrl+Enter" on:click=move |_| app.send(Msg::Apply)>
                    {texts.apply}
                </button>
            </div>
            <textarea
                class="manifest__text"
                aria-label=texts.manifest_label
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                wrap="off"
                prop:value=move || app.manifest.get()
                on:input=move |event| app.send(Msg::Edit(event_target_value(&event)))
                on:keydown=on_key
            ></textarea>
            {not_acted_on()}
            <div class="manifest__answer" role="status">
                {move || app.applied.get().map(|entry| answer(&entry, texts.answer))}
            </div>
        </section>
    }
    .into_any()
}

fn answer(entry: &Arc<Entry>, title: &'static str) -> AnyView {
    let class = if entry.exit == 0 {
        "answer"
    } else {
        "answer answer--refused"
    };
    let text = format!("{}{}", entry.stdout, entry.stderr);
    view! {
        <h3 class="manifest__title">{title}</h3>
        <pre class=class>{text}</pre>
    }
    .into_any()
}

/// The fields of the manifest that are kept and marked.
fn not_acted_on() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let fields = Memo::new(move |_| {
        let reading = manifest::read(&app.manifest.read());
        manifest::not_acted_on(&reading.documents)
    });
    let list = move || {
        let fields = fields.get();
        if fields.is_empty() {
            return None;
        }
        let title = (texts.not_acted_on)(fields.len());
        let items: Vec<AnyView> = fields
            .into_iter()
            .map(|(path, place)| {
                let line = (texts.line)(place.line + 1);
                view! { <li><code>{path}</code>" "<span>{line}</span></li> }.into_any()
            })
            .collect();
        let list = view! {
            <details class="inert">
                <summary>{title}</summary>
                <p>{texts.not_acted_on_means}</p>
                <ul>{items}</ul>
            </details>
        };
        Some(list.into_any())
    };
    list.into_any()
}
