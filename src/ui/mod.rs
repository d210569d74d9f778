//! The page: components that draw signals and send messages.
//!
//! No component changes the session itself; geometry, words and rules live in the layers below.

mod about;
mod announce;
mod app;
mod closer;
mod keep;
mod keyed;
mod manifest;
mod seat;
mod stage;
mod terminal;
mod time;
mod top;

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use crate::browser;
use crate::i18n::Locale;

pub use app::{App, use_app};

/// How often the page does something by itself: about once a frame.
const TURN_MS: u32 = 16;
/// Of so many turns one lets time pass and another one tells of it beside the stage, each in a frame of its own; the
/// others draw.
const ROUND: u32 = 6;
/// Every so many rounds what happened is listed anew: so that it can be read.
const LOOK_EVERY: u32 = 6;

/// Starts the page.
pub fn start() {
    browser::restore_theme();
    let locale = Locale::default();
    browser::watch(locale.messages().broken);
    browser::set_language(locale.tag());
    let app = App::new(locale);
    mount_to_body(move || {
        provide_context(app);
        page()
    });
    browser::load_editor();
    app.go_on();
    keep::start(app);
    wake_on_touch(app);
    let mut last_ms = browser::real_ms();
    let mut turn = 0_u32;
    let clock = Interval::new(TURN_MS, move || {
        turn = turn.wrapping_add(1);
        match turn % ROUND {
            0 => {
                let now_ms = browser::real_ms();
                app.tick((now_ms - last_ms) as i64);
                last_ms = now_ms;
            }
            3 if (turn / ROUND).is_multiple_of(LOOK_EVERY) => app.look(),
            3 => app.tell(),
            it => app.draw(it == ROUND - 1),
        }
    });
    // Time passes as long as the page is open.
    clock.forget();
}

/// Has the cluster's code fetched as soon as a person reaches for something that may need it.
fn wake_on_touch(app: App) {
    window_event_listener(leptos::ev::pointerdown, move |_| app.wake());
    window_event_listener(leptos::ev::keydown, move |_| app.wake());
    window_event_listener(leptos::ev::focusin, move |_| app.wake());
    window_event_listener(leptos::ev::pointerover, move |event| {
        if browser::is_in_control(&event) {
            app.wake();
        }
    });
}

fn page() -> AnyView {
    view! {
        <div class="app">
            {top::top()}
            {manifest::pane()}
            {stage::stage()}
            {closer::panel()}
            {time::bar()}
            {terminal::pane()}
            {announce::region()}
            {about::panel()}
        </div>
    }
    .into_any()
}
