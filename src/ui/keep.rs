//! Keeping the session over a reload: the text and the log of actions, from which the cluster comes back.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::App;
use crate::browser::{self, MANIFEST, RUN, UNREAD};
use crate::i18n::Pane;
use crate::session::{Saved, Session};

/// How often the clock is kept.
const KEEP_MS: u32 = 1000;

/// The session that was kept, or a new one, and what the person should know about it.
pub(super) fn restore(texts: &Pane) -> (Session, Option<String>) {
    let manifest = browser::kept(MANIFEST);
    let fresh = |manifest: Option<String>| manifest.map_or_else(Session::default, Session::fresh);
    let Some(run) = browser::kept(RUN) else {
        return (fresh(manifest), None);
    };
    // If bringing it back breaks the page, the page that says so has it.
    browser::keep_manifest(manifest.as_deref().unwrap_or_default());
    browser::keep_log(run.clone());
    // A run that has broken the page twice while it was brought back is not tried again.
    let tries = browser::tries_to_restore();
    let why = match tries {
        2.. => "it broke the page".to_owned(),
        _ => {
            browser::set_tries_to_restore(tries + 1);
            let saved = Saved {
                manifest: manifest.clone().unwrap_or_default(),
                run: run.clone(),
            };
            match Session::restore(saved) {
                Ok(session) => {
                    browser::set_tries_to_restore(0);
                    return (session, None);
                }
                Err(error) => error.to_string(),
            }
        }
    };
    browser::set_tries_to_restore(0);
    browser::keep(UNREAD, &run);
    browser::forget(RUN);
    (fresh(manifest), Some((texts.not_restored)(&why)))
}

/// Keeps the session from now on.
pub(super) fn start(app: App) {
    let refused = StoredValue::new(false);
    let last = StoredValue::new([String::new(), String::new()]);
    let save = move || {
        let Saved { manifest, run } = app.with(Session::save);
        let changed = |at: usize, text: &String| last.with_value(|last| last.get(at) != Some(text));
        let keep = |at, key, text| !changed(at, text) || browser::keep(key, text);
        if refused.get_value() || browser::is_broken() {
            return;
        }
        if keep(0, MANIFEST, &manifest) && keep(1, RUN, &run) {
            last.set_value([manifest, run]);
        } else {
            // It is said once; the page works on in memory.
            refused.set_value(true);
            app.notice
                .set(Some(app.messages().pane.not_kept.to_owned()));
        }
    };
    Interval::new(KEEP_MS, save).forget();
    // Another tab keeps its own run in the same place: this one leaves it to that.
    window_event_listener(leptos::ev::storage, move |event| {
        if browser::is_about_run(&event) && !refused.get_value() {
            refused.set_value(true);
            app.notice
                .set(Some(app.messages().pane.other_tab.to_owned()));
        }
    });
    window_event_listener(leptos::ev::pagehide, move |_| save());
}
