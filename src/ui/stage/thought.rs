//! The thought line: who acted last, and what was done or is waited for.

use leptos::prelude::*;

use crate::ui::use_app;

pub(super) fn line() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let thought = Memo::new(move |_| app.scene.read().thought.clone());
    let who = move || thought.with(|it| it.as_ref().map(|it| (texts.who)(it)));
    let did = move || {
        thought.with(|it| match it {
            Some(it) => format!(" {}", (texts.did)(it)),
            None => texts.nobody_acted.to_owned(),
        })
    };
    view! { <p class="thought"><span><b class="thought__who">{who}</b>{did}</span></p> }.into_any()
}
