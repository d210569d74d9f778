//! The top line: the name, what is simulated, what is folded, presenting, what this is, the theme, and what the person
//! should know of the page.

use leptos::prelude::*;

use super::{about, fold, use_app};
use crate::browser;
use crate::cluster::config::KUBERNETES_VERSION;

pub(super) fn top() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let present = move |is_on: bool| {
        app.presenting.set(is_on);
        browser::present(is_on);
    };
    window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && app.presenting.get_untracked() {
            present(false);
        }
    });
    let toggle = move |_| present(!app.presenting.get_untracked());
    let pressed = move || app.presenting.get().to_string();
    view! {
        <header class="top">
            <h1 class="top__brand">
                <span class="top__mark" aria-hidden="true"><i></i><i></i><i></i></span>
                "Ordinal"
            </h1>
            <p class="top__tagline">{texts.tagline}</p>
            <p class="top__version">{(texts.simulates)(KUBERNETES_VERSION)}</p>
            {fold::toggles()}
            <button class="button" aria-pressed=pressed on:click=toggle>{texts.present}</button>
            <button class="button" aria-haspopup="dialog" on:click=move |_| about::open(app)>{texts.about.open}</button>
            <button class="button" title=texts.theme aria-label=texts.theme on:click=|_| browser::switch_theme()>
                <span aria-hidden="true">"◐"</span>
            </button>
            {notice()}
        </header>
    }
    .into_any()
}

/// What the person should know of the page itself, until it is taken away.
fn notice() -> AnyView {
    let app = use_app();
    let dismiss = app.messages().pane.dismiss;
    let shown = move || {
        let text = app.notice.get()?;
        let away = move |_| app.notice.set(None);
        let notice = view! {
            <p class="notice"><span>{text}</span><button class="button" on:click=away>{dismiss}</button></p>
        };
        Some(notice.into_any())
    };
    view! { <div role="status">{shown}</div> }.into_any()
}
