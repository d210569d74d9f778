//! The terminals: what was typed, what was printed, and where to type.

mod entry;
mod prompt;

pub(super) use entry::{key_of, name_of};

use std::sync::Arc;

use leptos::prelude::*;

use super::keyed::keyed;
use super::{fold, use_app};
use crate::browser;
use crate::session::{Entry, Msg, TERMINALS};
use crate::terminal::BY_HAND;

/// Which terminals are shown: one of them, or all beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    One(u8),
    All,
}

pub(super) fn pane() -> AnyView {
    let app = use_app();
    let texts = app.messages().console;
    let shown = RwSignal::new(Shown::One(1));
    let is_shown = move |number: u8| match shown.get() {
        Shown::One(one) => one == number,
        Shown::All => true,
    };
    let tab = move |number: u8| {
        let choose = move |_| shown.set(Shown::One(number));
        let busy = move || {
            let prompts = app.prompts.read();
            let prompt = prompts.get(usize::from(number - 1));
            prompt
                .is_some_and(|it| it.busy.is_some())
                .then_some(texts.busy)
        };
        view! {
            <button
                class="terminals__tab"
                aria-pressed=move || (shown.get() == Shown::One(number)).to_string()
                on:click=choose
            >
                {(texts.name)(number)}<em>{busy}</em>
            </button>
        }
        .into_any()
    };
    let tabs: Vec<AnyView> = (1..=TERMINALS).map(tab).collect();
    let both = move |_| shown.set(Shown::All);
    let all: Vec<AnyView> = (1..=TERMINALS)
        .map(|number| terminal(number, Signal::derive(move || is_shown(number))))
        .collect();
    view! {
        <section class="commands" aria-label=texts.title>
            <div class="terminals__head">
                {tabs}
                <button
                    class="terminals__tab"
                    aria-pressed=move || (shown.get() == Shown::All).to_string()
                    on:click=both
                >
                    {texts.both}
                </button>
                <small id="terminal-keys">{texts.keys}</small>
            </div>
            <div class="terminals">{all}</div>
        </section>
    }
    .into_any()
}

/// One terminal. What is done by hand is shown in the first.
fn terminal(number: u8, is_shown: Signal<bool>) -> AnyView {
    let app = use_app();
    let texts = app.messages().console;
    let end = NodeRef::<leptos::html::Div>::new();
    let typed = Memo::new(move |_| {
        let entries = app.entries.read();
        let is_own =
            |it: &&Arc<Entry>| it.terminal == number || (number == 1 && it.terminal == BY_HAND);
        entries.iter().filter(is_own).cloned().collect::<Vec<_>>()
    });
    let own = Memo::new(move |_| {
        let own = typed.get();
        let cleared = own.iter().rposition(|it| it.command.trim() == "clear");
        own.into_iter()
            .skip(cleared.map_or(0, |at| at + 1))
            .collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        own.track();
        is_shown.track();
        if let Some(element) = end.get() {
            browser::scroll_to_end(&element);
        }
    });
    // What a command prints goes on in its place.
    let keys = move || own.with(|it| it.iter().map(|it| it.number.to_string()).collect());
    let entries = keyed(keys, move |key| {
        let number = key.parse::<usize>().unwrap_or(usize::MAX);
        let now = Memo::new(move |_| app.entries.read().get(number).cloned());
        entry::entry(now)
    });
    let is_empty = move || own.with(Vec::is_empty);
    let hint = move || {
        let text = if number == 1 {
            texts.empty
        } else {
            texts.empty_second
        };
        is_empty().then(|| view! { <p class="commands__hint">{text}</p> })
    };
    // A click on a name selects what it names.
    let on_click = move |event: leptos::ev::MouseEvent| {
        if let Some(key) = named(&event) {
            event.prevent_default();
            app.send(Msg::Select(Some(key)));
        }
    };
    // As a line it is no place to scroll.
    let tabindex = move || if fold::is_line(app) { "-1" } else { "0" };
    view! {
        <div class="terminal" role="group" aria-label=(texts.name)(number) hidden=move || !is_shown.get()>
            <div class="terminal__screen" node_ref=end tabindex=tabindex role="region" aria-label=(texts.screen)(number)>
                <div role="log" aria-live="polite" aria-label=texts.log on:click=on_click on:mouseover=light on:mouseleave=move |_| { browser::point(None); }>
                    {hint}
                    {entries}
                </div>
            </div>
            {waiting(number)}
            {prompt::prompt(number, typed)}
        </div>
    }
    .into_any()
}

/// A name under the pointer lights what it names on the stage.
fn light(event: leptos::ev::MouseEvent) {
    browser::point(browser::attribute_of(&event, browser::NAME).as_deref());
}

fn named(event: &leptos::ev::MouseEvent) -> Option<crate::cluster::object::ObjectKey> {
    let name = browser::attribute_of(event, browser::NAME)?;
    key_of(&name)
}

/// That a command has the terminal to itself, and how it is stopped.
fn waiting(number: u8) -> AnyView {
    let app = use_app();
    let texts = app.messages().console;
    let busy = Memo::new(move |_| {
        let prompts = app.prompts.read();
        prompts
            .get(usize::from(number - 1))
            .and_then(|it| it.busy.clone())
    });
    let body = move || {
        let command = busy.get()?;
        let stop = move |_| app.send(Msg::Interrupt(number));
        let play = move |_| app.send(Msg::Play);
        let paused = move || {
            let button =
                || view! { <button class="terminal__stop" on:click=play>{texts.play}</button> };
            (!app.playing.get()).then(|| view! { <span>{texts.paused}</span>{button()} })
        };
        let body = view! {
            <div class="commands__waits">
                <span>{(texts.runs)(&command)}</span>
                <button class="terminal__stop" on:click=stop>{texts.stop}</button>
                {paused}
            </div>
        };
        Some(body.into_any())
    };
    body.into_any()
}
