//! One command and what it has printed, with its names as links.

use std::sync::Arc;

use leptos::prelude::*;

use crate::cluster::object::{KINDS, Kind, ObjectKey};
use crate::session::Entry;
use crate::ui::use_app;

/// The most lines of one command that are shown unasked: the last ones.
const LINES_MAX: usize = 200;

pub(super) fn entry(now: Memo<Option<Arc<Entry>>>) -> AnyView {
    let app = use_app();
    let texts = app.messages().console;
    let all = RwSignal::new(false);
    let hidden = Memo::new(move |_| {
        let now = now.read();
        let chunks = now.iter().flat_map(|it| &it.printed.chunks);
        let lines: usize = chunks.map(|it| it.text.lines().count()).sum();
        lines.saturating_sub(if all.get() { lines } else { LINES_MAX })
    });
    let body = move || {
        let mut skipped = hidden.get();
        let now = now.get()?;
        let chunks = now.printed.chunks.iter().filter_map(|chunk| {
            let count = chunk.text.lines().count();
            let skip = skipped.min(count);
            skipped -= skip;
            let lines = chunk.text.split_inclusive('\n');
            let from: usize = lines.take(skip).map(str::len).sum();
            let text = chunk.text.get(from..).filter(|it| !it.is_empty())?;
            Some(printed(text, chunk.error))
        });
        Some(chunks.collect::<Vec<_>>())
    };
    let rest = move || {
        let hidden = hidden.get();
        (hidden > 0).then(|| {
            view! { <button class="terminal__stop" on:click=move |_| all.set(true)>{(texts.earlier)(hidden)}</button> }
        })
    };
    let hints = move || {
        let now = now.get()?;
        let hint = |it| view! { <p class="commands__why">{(texts.hint)(it)}</p> }.into_any();
        Some(now.hints.iter().map(hint).collect::<Vec<_>>())
    };
    let line = now.get_untracked();
    let (before, command) = line.map_or_else(Default::default, |it| {
        (it.prompt.clone(), it.command.clone())
    });
    view! {
        <div class="commands__entry">
            <div><span class="commands__prompt">{before}</span>{command}</div>
            {rest}
            {body}
            {hints}
        </div>
    }
    .into_any()
}

fn printed(text: &str, error: bool) -> AnyView {
    let class = if error { "commands__error" } else { "" };
    let pieces = use_app().with(|session| session.pieces(text));
    let pieces: Vec<AnyView> = pieces
        .into_iter()
        .map(|piece| match piece.key {
            None => piece.text.into_any(),
            // The same is on the stage for who does not use a pointer: no stop of its own on the way to the prompt.
            Some(key) => {
                view! { <a href="#" tabindex="-1" data-name=name_of(&key)>{piece.text}</a> }
                    .into_any()
            }
        })
        .collect();
    view! { <div class=class>{pieces}</div> }.into_any()
}

/// A key as an attribute.
pub(in crate::ui) fn name_of(key: &ObjectKey) -> String {
    format!("{}/{}/{}", key.kind.name(), key.namespace, key.name)
}

/// The key that an attribute is.
pub(in crate::ui) fn key_of(name: &str) -> Option<ObjectKey> {
    let mut parts = name.split('/');
    let (kind, namespace, name) = (parts.next()?, parts.next()?, parts.next()?);
    let kind: Kind = KINDS.iter().copied().find(|it| it.name() == kind)?;
    Some(ObjectKey::new(kind, namespace, name))
}
