//! The top line: the name, what is simulated, the theme.

use leptos::prelude::*;

use super::use_app;
use crate::browser;
use crate::cluster::config::KUBERNETES_VERSION;

pub(super) fn top() -> AnyView {
    let texts = use_app().messages();
    view! {
        <header class="top">
            <h1 class="top__brand">
                <span class="top__mark" aria-hidden="true"><i></i><i></i><i></i></span>
                "Ordinal"
            </h1>
            <p class="top__tagline">{texts.tagline}</p>
            <p class="top__version">{(texts.simulates)(KUBERNETES_VERSION)}</p>
            <button class="button" title=texts.theme aria-label=texts.theme on:click=|_| browser::switch_theme()>
                <span aria-hidden="true">"◐"</span>
            </button>
        </header>
    }
    .into_any()
}
