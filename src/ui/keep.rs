//! Keeping the session over a reload: the text and the log of actions, from which the cluster comes back.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::App;
use crate::browser::{self, MANIFEST, RESTORING, RUN, UNREAD};
use crate::i18n::Pane;
use crate::session::{Saved, Session};

/// How often the clock is kept.
const KEEP_MS: u32 = 1000;

/// The session that was kept, or a new one, and what the person should know about it.
pub(super) fn restore(texts: &Pane) -> (Session, Option<String>) {
    let manifest = browser::kept(MANIFEST);
    let fresh = |manifest: Option<String>| match manifest {
        Some(text) => Session::default().with_manifest(text),
        None => Session::default(),
    };
    let Some(run) = browser::kept(RUN) else {
        return (fresh(manifest), None);
    };
    // A run that broke the page while it was brought back is not tried again.
    let why = match browser::kept(RESTORING) {
        Some(_) => "it broke the page".to_owned(),
        None => {
            browser::keep(RESTORING, "");
            let saved = Saved {
                manifest: manifest.clone().unwrap_or_default(),
                run: run.clone(),
            };
            match Session::restore(saved) {
                Ok(session) => {
                    browser::forget(RESTORING);
                    return (session, None);
                }
                Err(error) => error.to_string(),
            }
        }
    };
    browser::forget(RESTORING);
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
        if refused.get_value() {
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
    window_event_listener(leptos::ev::pagehide, move |_| save());
}
