//! A list that keeps the elements of what stays in it.
//!
//! It is one function for all lists: the code of a keyed list costs 2 KB on the wire for each type that it is made for.

use std::sync::Arc;

use leptos::prelude::*;

type Keys = Box<dyn Fn() -> Vec<String> + Send + Sync>;
type Child = Arc<dyn Fn(String) -> AnyView + Send + Sync>;

/// Draws `child` for every key of `keys`, in their order, once for as long as the key is there.
pub(super) fn keyed(
    keys: impl Fn() -> Vec<String> + Send + Sync + 'static,
    child: impl Fn(String) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    list(Box::new(keys), Arc::new(child))
}

fn list(keys: Keys, child: Child) -> AnyView {
    let children = move |key| child(key);
    view! { <For each=keys key=String::clone children=children /> }.into_any()
}
