//! One object: why it is as it is, what can be done with it, how it came to this, and what the cluster has.

use leptos::prelude::*;

use super::{history, inspection, part, wait};
use crate::cluster::object::ObjectKey;
use crate::session::{Deed, Inspection, Msg, Told};
use crate::ui::time::clock;
use crate::ui::use_app;

pub(super) fn look(key: ObjectKey) -> AnyView {
    let app = use_app();
    let texts = app.messages().closer;
    let back = move |_| app.send(Msg::Select(None));
    let why_part = move || inspection().map(|it| part(texts.why, why(&it)));
    let deeds_memo =
        Memo::new(move |_| inspection().map(|it| it.deeds.clone()).unwrap_or_default());
    let actions = move || {
        let deeds = deeds_memo.get();
        (!deeds.is_empty()).then(|| part(texts.actions, actions(deeds)))
    };
    let acted = move || inspection().map(|it| it.acted.clone()).unwrap_or_default();
    let acted = part(texts.history, history(acted));
    let events = move || inspection().map(|it| part(texts.events, events(&it.events)));
    let files = move || {
        let files = inspection().map(|it| it.files.clone()).unwrap_or_default();
        (!files.is_empty()).then(|| part(app.messages().console.files, listed(files)))
    };
    let yaml = move || {
        inspection().map(|it| {
            it.yaml
                .clone()
                .unwrap_or_else(|| texts.not_there.to_owned())
        })
    };
    let namespace = match key.namespace.is_empty() {
        true => String::new(),
        false => format!(" · {}", key.namespace),
    };
    view! {
        <header class="closer__head">
            <div>
                <p class="closer__kind">{key.kind.name()}{namespace}</p>
                <h2>{key.name.to_string()}</h2>
            </div>
            <button class="button" title=texts.back aria-label=texts.back on:click=back>
                <span aria-hidden="true">"×"</span>
            </button>
        </header>
        {why_part}
        {actions}
        {acted}
        {events}
        {files}
        <details class="closer__yaml">
            <summary>{texts.yaml}</summary>
            <pre tabindex="0">{yaml}</pre>
        </details>
    }
    .into_any()
}

fn why(inspection: &Inspection) -> AnyView {
    let texts = use_app().messages().closer;
    if inspection.waits.is_empty() {
        return view! { <p>{(texts.all_well)(inspection)}</p> }.into_any();
    }
    let waits: Vec<AnyView> = inspection
        .waits
        .iter()
        .map(|(who, stop)| wait(*who, stop))
        .collect();
    view! { <div class="closer__why">{waits}</div> }.into_any()
}

fn actions(deeds: Vec<Deed>) -> AnyView {
    let app = use_app();
    let texts = app.messages().closer;
    let button = |deed: Deed| {
        let name = (texts.deed)(&deed);
        let command = app.command_of(&deed);
        let send = move |_| app.send(Msg::Do(deed.clone()));
        view! { <li><button class="deed" on:click=send>{name}<code>{command}</code></button></li> }
            .into_any()
    };
    let buttons: Vec<AnyView> = deeds.into_iter().map(button).collect();
    view! { <ul class="closer__deeds">{buttons}</ul> }.into_any()
}

/// The files of a volume with what stands in them.
fn listed(files: Vec<(String, String)>) -> AnyView {
    let items: Vec<AnyView> = files
        .into_iter()
        .map(|(path, text)| view! { <li><code>{path}</code><pre>{text}</pre></li> }.into_any())
        .collect();
    view! { <ul class="closer__files">{items}</ul> }.into_any()
}

fn events(events: &[Told]) -> AnyView {
    let texts = use_app().messages().closer;
    if events.is_empty() {
        return view! { <p>{texts.no_events}</p> }.into_any();
    }
    let items: Vec<AnyView> = events.iter().map(event).collect();
    view! { <ol class="closer__history">{items}</ol> }.into_any()
}

fn event(event: &Told) -> AnyView {
    let texts = use_app().messages().closer;
    let times = (event.count > 1).then(|| (texts.times)(event.count));
    let class = match &*event.kind {
        "Warning" => "closer__warning",
        _ => "",
    };
    view! {
        <li class=class>
            <time>{clock(event.at_ms)}</time>
            <span><b>{format!("{} {}", event.kind, event.reason)}</b>" "{event.message.to_string()}<small>{times}</small></span>
        </li>
    }
    .into_any()
}
