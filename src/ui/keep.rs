//! Keeping the session over a reload: the text and the log of actions, from which the cluster comes back.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::App;
use super::seat::Seat;
use crate::browser::{self, MANIFEST, RUN, UNREAD};
use crate::i18n::Pane;
use crate::session::{Saved, Waiting};

/// How often the clock is kept.
const KEEP_MS: u32 = 1000;

/// What was kept: who waits behind the page, the run that is to be brought back, and what the person should know.
pub(super) fn kept(texts: &Pane) -> (Waiting, Option<Saved>, Option<String>) {
    let manifest = browser::kept(MANIFEST);
    let fresh = |manifest| Waiting::new(manifest);
    let Some(run) = browser::kept(RUN) else {
        return (fresh(manifest), None, None);
    };
    // If bringing it back breaks the page, the page that says so has it.
    browser::keep_manifest(manifest.as_deref().unwrap_or_default());
    browser::keep_log(run.clone());
    // A run that has broken the page twice while it was brought back is not tried again.
    if browser::tries_to_restore() >= 2 {
        give_up();
        let why = (texts.not_restored)("it broke the page");
        return (fresh(manifest), None, Some(why));
    }
    let saved = Saved {
        manifest: manifest.clone().unwrap_or_default(),
        run,
    };
    match Waiting::restore(&saved) {
        Some(waiting) => (waiting, None, None),
        None => (fresh(manifest), Some(saved), None),
    }
}

/// The run is about to be brought back.
pub(super) fn try_to_restore() {
    browser::set_tries_to_restore(browser::tries_to_restore() + 1);
}

/// It was not what broke the page.
pub(super) fn restored() {
    browser::set_tries_to_restore(0);
}

/// Lays the run aside, where a person can still find it.
pub(super) fn give_up() {
    restored();
    if let Some(run) = browser::kept(RUN) {
        browser::keep(UNREAD, &run);
    }
    browser::forget(RUN);
}

/// Keeps the session from now on.
pub(super) fn start(app: App) {
    let refused = StoredValue::new(false);
    let last = StoredValue::new([String::new(), String::new()]);
    let save = move || {
        if !app.seat.with_value(Seat::is_kept) {
            return;
        }
        let Saved { manifest, run } = app.with(|front| front.save());
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
