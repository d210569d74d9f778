//! The nodes as strips with the ordinals that they carry.

use leptos::prelude::*;

use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::NodeStrip;
use crate::ui::closer;
use crate::ui::use_app;

pub(super) fn strips() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let nodes = Memo::new(move |_| app.scene.read().nodes.clone());
    view! {
        <section class="nodes" aria-label=texts.nodes>
            <h3 class="hidden">{texts.nodes}</h3>
            <ul>{move || nodes.get().iter().map(|it| strip(it)).collect::<Vec<_>>()}</ul>
        </section>
    }
    .into_any()
}

fn strip(node: &NodeStrip) -> AnyView {
    let texts = use_app().messages();
    let class = if node.is_ready {
        "node"
    } else {
        "node node--lost"
    };
    let label = (texts.node)(&node.name, &node.word, node.pods.len());
    let key = ObjectKey::new(Kind::Node, "", &*node.name);
    let pods: Vec<AnyView> = node
        .pods
        .iter()
        .map(|it| view! { <b>{it.to_string()}</b> }.into_any())
        .collect();
    view! {
        <li class=class aria-label=label>
            <span>{closer::name(key, node.name.to_string(), "link")}{format!(" · {}", node.word)}</span>
            <span class="node__pods" aria-hidden="true">{pods}</span>
        </li>
    }
    .into_any()
}
