//! What was done so far, as the kubectl commands that it was: the room of the terminal.

use std::sync::Arc;

use leptos::prelude::*;

use super::keyed::keyed;
use super::use_app;
use crate::browser;
use crate::session::{Entry, Msg};

pub(super) fn log() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let end = NodeRef::<leptos::html::Section>::new();
    Effect::new(move |_| {
        app.entries.track();
        if let Some(element) = end.get() {
            browser::scroll_to_end(&element);
        }
    });
    // An entry is drawn anew when its command prints more or ends.
    let key = |entry: &Arc<Entry>| {
        format!(
            "{} {} {}",
            entry.number,
            entry.waits,
            entry.stdout.len() + entry.stderr.len()
        )
    };
    let keys = move || app.entries.with(|it| it.iter().map(key).collect());
    let entries = keyed(keys, move |key| {
        let number = key
            .split(' ')
            .next()
            .and_then(|it| it.parse::<usize>().ok());
        let entry = app.entries.with_untracked(|it| it.get(number?).cloned());
        entry.map(|it| command(&it, texts.still_waits)).into_any()
    });
    let is_empty = move || app.entries.with(Vec::is_empty);
    view! {
        <section class="commands" aria-label=texts.commands node_ref=end tabindex="0">
            <h2 class="hidden">{texts.commands}</h2>
            {move || is_empty().then(|| view! { <p class="commands__hint">{texts.no_commands}</p> })}
            {entries}
            {prompt()}
        </section>
    }
    .into_any()
}

/// Where a person types; the arrow keys bring back what was typed before.
fn prompt() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let field = NodeRef::<leptos::html::Input>::new();
    // How many commands back the line is; 0 is the new one.
    let back = StoredValue::new(0_usize);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            app.send(Msg::Run(field.value()));
            field.set_value("");
            back.set_value(0);
        }
    };
    let recall = move |event: leptos::ev::KeyboardEvent| {
        let entries = app.entries.read_untracked();
        let now = match &*event.key() {
            "ArrowUp" => (back.get_value() + 1).min(entries.len()),
            "ArrowDown" => back.get_value().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        back.set_value(now);
        let line = entries
            .len()
            .checked_sub(now)
            .and_then(|at| entries.get(at));
        if let Some(field) = field.get_untracked() {
            field.set_value(line.map_or("", |it| &it.command));
        }
    };
    view! {
        <form class="commands__line" on:submit=submit>
            <span class="commands__prompt" aria-hidden="true">"$ "</span>
            <input
                node_ref=field
                aria-label=texts.command_line
                placeholder="kubectl get pods"
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                on:keydown=recall
            />
        </form>
    }
    .into_any()
}

fn command(entry: &Arc<Entry>, still_waits: &'static str) -> AnyView {
    let waits = entry.waits.then_some(still_waits);
    let (stdout, stderr) = (entry.stdout.clone(), entry.stderr.clone());
    view! {
        <div class="commands__entry">
            <div><span class="commands__prompt">"$ "</span>{entry.command.clone()}</div>
            <div>{stdout}</div>
            <div class="commands__error">{stderr}</div>
            <div class="commands__waits">{waits}</div>
        </div>
    }
    .into_any()
}
