//! The manifest pane: what to start from, the editor, what is wrong, what Apply would do, and what kubectl answered.

mod changes;
mod problems;

use std::sync::Arc;

use leptos::prelude::*;

use super::use_app;
use crate::browser;
use crate::cluster::value::{Map, Value};
use crate::i18n::Pane;
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
                <h2 class="hidden" id="manifest-title">{texts.manifest}</h2>
                {files()}
                {starters()}
                <button class="button button--main" title=texts.pane.apply_key on:click=move |_| app.send(Msg::Apply)>
                    {texts.apply}
                </button>
            </div>
            <div class="manifest__editor" on:keydown=on_key>{editor()}</div>
            <div class="manifest__said" tabindex="0" role="region" aria-label=texts.answer>
                {problems::list()}
                {changes::list()}
                <div role="status">{move || app.applied.get().map(|entry| answer(&entry, texts.answer))}</div>
                {not_acted_on()}
            </div>
            {saving()}
        </section>
    }
    .into_any()
}

/// What the editor says by itself, as the JSON object that it takes.
fn phrases(pane: &Pane) -> String {
    let pairs = pane.editor_phrases.iter();
    let pairs = pairs.map(|(english, ours)| ((*english).into(), Value::text(*ours)));
    Value::Map(pairs.collect::<Map>()).to_json()
}

/// The text field, and the editor that grows out of it once it is loaded.
fn editor() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let pane = texts.pane;
    let fix = move |event: leptos::ev::CustomEvent| {
        if let Some(number) = event.detail().as_f64() {
            app.send(Msg::Fix(number as usize));
        }
    };
    let edit = move |event| app.send(Msg::Edit(event_target_value(&event)));
    view! {
        <manifest-editor
            value=move || app.manifest.get()
            diagnostics=move || problems::json(&app.check.read(), pane)
            label=texts.manifest_label
            phrases=phrases(pane)
            on:fix=fix
        >
            <textarea
                class="manifest__text"
                aria-label=texts.manifest_label
                aria-describedby="editor-help"
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                wrap="off"
                prop:value=move || app.manifest.get()
                on:input=edit
            ></textarea>
        </manifest-editor>
        <p class="hidden" id="editor-help">{pane.editor_help}</p>
    }
    .into_any()
}

/// The choice of starting manifests; each is fetched when it is chosen.
fn starters() -> AnyView {
    let app = use_app();
    let pane = app.messages().pane;
    let menu = NodeRef::<leptos::html::Details>::new();
    let choice = StoredValue::new(0);
    let choose = move |file: &'static str| {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
        choice.update_value(|it| *it += 1);
        let (own, before) = (choice.get_value(), app.manifest.get_untracked());
        browser::fetch_text(&format!("starters/{file}"), move |text| {
            // Who has chosen again or written on meanwhile wants something else now.
            if choice.get_value() != own || *app.manifest.read_untracked() != before {
                return;
            }
            match text {
                Some(text) => {
                    let file = file_of(file).to_owned();
                    app.send(Msg::Start { file, text });
                }
                None => app.notice.set(Some((pane.not_loaded)(file))),
            }
        });
    };
    let entries: Vec<AnyView> = pane
        .starters
        .iter()
        .map(|(file, name)| {
            view! { <li><button data-starter=*file on:click=move |_| choose(file)>{*name}</button></li> }.into_any()
        })
        .collect();
    view! {
        <details class="starters" node_ref=menu>
            <summary class="button">{pane.choose}</summary>
            <ul>{entries}</ul>
        </details>
    }
    .into_any()
}

/// The name under which a starting manifest is put into the working directory: that of the text it comes from.
fn file_of(starter: &str) -> &str {
    match starter {
        "first.yaml" | "seed-002.yaml" => "web.yaml",
        "seed-000-service.yaml" => "kubia-service.yaml",
        "seed-000-set.yaml" | "seed-001.yaml" => "kubia-stateful.yaml",
        "seed-003.yaml" => "nginx-statefulset.yaml",
        "seed-004.yaml" => "statefulset.yaml",
        other => other,
    }
}

/// The files of the working directory: which of them is in the pane.
fn files() -> AnyView {
    let app = use_app();
    let texts = app.messages().console;
    let menu = NodeRef::<leptos::html::Details>::new();
    let field = NodeRef::<leptos::html::Input>::new();
    let open = move |file: String| {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
        app.send(Msg::Open(file));
    };
    let items = move || {
        let (own, names) = app.files.get();
        let item = |name: String| {
            let is_own = (name == own).to_string();
            let shown = name.clone();
            let choose = move |_| open(name.clone());
            view! { <li><button aria-pressed=is_own on:click=choose>{shown}</button></li> }
                .into_any()
        };
        names.into_iter().map(item).collect::<Vec<_>>()
    };
    let make = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            open(field.value());
            field.set_value("");
        }
    };
    let own = move || app.files.read().0.clone();
    let label = move || (texts.file)(&app.files.read().0);
    view! {
        <details class="starters files" node_ref=menu>
            <summary class="button" title=own aria-label=label><span>{own}</span></summary>
            <ul>
                {items}
                <li>
                    <form on:submit=make>
                        <input node_ref=field aria-label=texts.new_file placeholder="service.yaml" spellcheck="false" autocapitalize="off" />
                        <button class="button">{texts.make_file}</button>
                    </form>
                </li>
            </ul>
        </details>
    }
    .into_any()
}

/// Taking it out to a real cluster.
fn saving() -> AnyView {
    let app = use_app();
    let pane = app.messages().pane;
    let file = move |_| {
        browser::save(
            &app.files.read_untracked().0,
            &app.manifest.read_untracked(),
        );
    };
    let script = move |_| {
        browser::save("ordinal.sh", &app.with(|session| session.script()));
    };
    let nothing_done = move || app.entries.with(Vec::is_empty);
    view! {
        <div class="manifest__saving">
            <button class="button" on:click=file>{pane.save_file}</button>
            <button class="button" disabled=nothing_done on:click=script>{pane.save_script}</button>
        </div>
    }
    .into_any()
}

fn answer(entry: &Arc<Entry>, title: &'static str) -> AnyView {
    let class = if entry.exit.unwrap_or(0) == 0 {
        "answer"
    } else {
        "answer answer--refused"
    };
    let text = format!("{}{}", entry.stdout(), entry.stderr());
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
    let fields = Memo::new(move |_| app.check.read().not_acted_on.clone());
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
