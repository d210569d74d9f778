//! What changes on the stage, said to those who do not see it: politely, and at most every few seconds.

use std::sync::Arc;

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::use_app;
use crate::scene::changes;

/// How long changes are gathered before they are said.
const GATHER_MS: u32 = 3000;

pub(super) fn region() -> AnyView {
    let app = use_app();
    let texts = app.messages().closer;
    let said = RwSignal::new(String::new());
    let last = StoredValue::new(app.told.get_untracked());
    let say = move || {
        let now = app.told.get_untracked();
        let found = last.with_value(|last| changes(last, &now));
        last.set_value(Arc::clone(&now));
        if !found.is_empty() {
            said.set((texts.announce)(&found));
        }
    };
    Interval::new(GATHER_MS, say).forget();
    view! { <p class="hidden" role="status" aria-live="polite">{said}</p> }.into_any()
}
