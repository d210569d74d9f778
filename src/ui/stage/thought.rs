//! The thought line: who acted last, and what was done or is waited for.

use leptos::prelude::*;

use crate::ui::use_app;

pub(super) fn line() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let thought = Memo::new(move |_| app.scene.read().thought.clone());
    let words = move || match thought.get() {
        None => view! { <span>{texts.nobody_acted}</span> }.into_any(),
        Some(thought) => {
            let (who, did) = ((texts.who)(&thought), (texts.did)(&thought));
            view! { <span><b class="thought__who">{who}</b>" "{did}</span> }.into_any()
        }
    };
    view! { <p class="thought">{words}</p> }.into_any()
}
