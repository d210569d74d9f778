//! The page: components that draw signals and send messages.
//!
//! No component changes the session itself; geometry, words and rules live in the layers below.

mod about;
mod announce;
mod app;
mod closer;
mod fold;
mod keep;
mod keyed;
mod manifest;
mod seat;
mod stage;
mod terminal;
mod time;
mod top;
mod turns;

use leptos::prelude::*;

use crate::browser;
use crate::i18n::Locale;

pub use app::{App, use_app};

/// Starts the page.
pub fn start() {
    browser::restore_theme();
    let locale = Locale::default();
    browser::watch(locale.messages().broken);
    browser::set_language(locale.tag());
    let app = App::new(locale);
    mount_to_body(move || {
        provide_context(app);
        page(app)
    });
    browser::load_editor();
    app.go_on();
    keep::start(app);
    wake_on_touch(app);
    app.take_turns();
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

fn page(app: App) -> AnyView {
    view! {
        <div class=move || fold::class(app)>
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
