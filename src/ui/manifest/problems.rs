//! What is wrong with the manifest: a list below the editor, and marks in it.

use leptos::prelude::*;

use crate::browser;
use crate::cluster::value::{Map, Value};
use crate::i18n::Pane;
use crate::session::{Check, Diagnostic, Msg};
use crate::ui::use_app;

/// The diagnostics as the editor takes them.
pub(super) fn json(check: &Check, texts: &Pane) -> String {
    let numbered = check.diagnostics.iter().enumerate();
    let all = numbered.map(|(number, it)| diagnostic(number, it, texts));
    Value::List(all.collect()).to_json()
}

fn diagnostic(number: usize, found: &Diagnostic, texts: &Pane) -> Value {
    let int = |number: usize| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let (line, column) = (found.place.line, found.place.column);
    let fix = found.fix.as_ref().map_or(Value::Null, |_| {
        Value::map([("title", Value::text(texts.fix)), ("number", int(number))])
    });
    let fields = [
        ("line", int(line)),
        ("column", int(column)),
        ("endLine", int(line)),
        ("endColumn", int(column + found.length)),
        ("severity", Value::text("error")),
        ("message", Value::text(&*found.what)),
        ("hint", Value::text((texts.remedy)(&found.remedy))),
        ("fix", fix),
    ];
    let fields = fields.into_iter().map(|(key, value)| (key.into(), value));
    Value::Map(fields.collect::<Map>())
}

pub(super) fn list() -> AnyView {
    let app = use_app();
    let pane = app.messages().pane;
    let list = move || {
        let check = app.check.get();
        if check.diagnostics.is_empty() {
            return None;
        }
        let numbered = check.diagnostics.iter().enumerate();
        let items: Vec<AnyView> = numbered.map(|(number, it)| problem(number, it)).collect();
        let list = view! {
            <h3 class="manifest__title"><span role="status">{(pane.problems)(items.len())}</span></h3>
            <ul class="problems">{items}</ul>
        };
        Some(list.into_any())
    };
    list.into_any()
}

fn problem(number: usize, found: &Diagnostic) -> AnyView {
    let app = use_app();
    let pane = app.messages().pane;
    let (line, column) = (found.place.line, found.place.column);
    let fix = found.fix.as_ref().map(|_| {
        let send = move |_| app.send(Msg::Fix(number));
        view! { <button class="button problems__fix" on:click=send>{pane.fix}</button> }.into_any()
    });
    view! {
        <li>
            <button class="problems__place" on:click=move |_| { browser::reveal(line, column); }>
                {(pane.place)(line + 1, column + 1)}
            </button>
            <p class="problems__what">{found.what.clone()}</p>
            <p class="problems__hint">{(pane.remedy)(&found.remedy)} {fix}</p>
        </li>
    }
    .into_any()
}
