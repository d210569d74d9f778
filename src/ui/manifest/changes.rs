//! What Apply would do, as a comparison with what the cluster has.

use leptos::prelude::*;

use crate::session::{Change, FieldChange};
use crate::ui::use_app;

/// The most characters of a value that are shown.
const VALUE_MAX: usize = 120;

pub(super) fn list() -> AnyView {
    let app = use_app();
    let pane = app.messages().pane;
    let list = move || {
        let check = app.check.get();
        let changes = &check.changes;
        // Before anything is there it is plain that all of it would be new; afterwards, that nothing would change.
        let is_new = |it: &Change| matches!(it, Change::New(_));
        let is_same = |it: &Change| matches!(it, Change::None(_));
        if changes.iter().all(is_new) || changes.iter().all(is_same) {
            return None;
        }
        let items: Vec<AnyView> = changes.iter().map(change).collect();
        let list = view! {
            <h3 class="manifest__title">{pane.changes}</h3>
            <ul class="changes">{items}</ul>
        };
        Some(list.into_any())
    };
    list.into_any()
}

fn change(change: &Change) -> AnyView {
    let pane = use_app().messages().pane;
    let (title, fields) = match change {
        Change::New(key) => ((pane.change_new)(key), Vec::new()),
        Change::None(key) => ((pane.change_none)(key), Vec::new()),
        Change::Fields(key, fields) => {
            let fields = fields.iter().map(field).collect();
            ((pane.change_fields)(key), fields)
        }
    };
    let fields = (!fields.is_empty()).then(|| view! { <ul>{fields}</ul> }.into_any());
    view! { <li><p>{title}</p>{fields}</li> }.into_any()
}

fn field(field: &FieldChange) -> AnyView {
    let pane = use_app().messages().pane;
    let line = |sign: &'static str, class: &'static str, value: &Option<String>| {
        let value = short(value.as_ref()?);
        Some(view! { <span class=class><b aria-hidden="true">{sign}</b>{value}</span> }.into_any())
    };
    let refused = field
        .is_refused
        .then(|| view! { <em class="changes__refused">{pane.refused}</em> }.into_any());
    view! {
        <li>
            <code>{field.path.clone()}</code>{refused}
            <del>{line("−", "changes__was", &field.was)}</del>
            <ins>{line("+", "changes__now", &field.now)}</ins>
        </li>
    }
    .into_any()
}

fn short(value: &str) -> String {
    match value.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or(value)),
        None => value.to_owned(),
    }
}
