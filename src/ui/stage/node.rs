//! The nodes as strips with the ordinals that they carry.

use std::sync::Arc;

use leptos::prelude::*;

use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::NodeStrip;
use crate::ui::keyed::keyed;
use crate::ui::terminal::name_of;
use crate::ui::{closer, use_app};

pub(super) fn strips() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let names = Memo::new(move |_| {
        let scene = app.scene.read();
        let names = scene.nodes.iter().map(|it| it.name.to_string());
        names.collect::<Vec<_>>()
    });
    let strips = keyed(move || names.get(), strip);
    view! {
        <section class="nodes" aria-label=texts.nodes>
            <h3 class="hidden">{texts.nodes}</h3>
            <ul>{strips}</ul>
        </section>
    }
    .into_any()
}

fn strip(name: String) -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let key = ObjectKey::new(Kind::Node, "", &*name);
    let shown = name_of(&key);
    let button = closer::name(key, name.clone(), "link");
    let node = Memo::new(move |_| {
        let scene = app.scene.read();
        scene.nodes.iter().find(|it| *it.name == *name).cloned()
    });
    let with = move |read: fn(&NodeStrip) -> String| {
        Memo::new(move |_| node.read().as_ref().map(|it: &Arc<NodeStrip>| read(it)))
    };
    let class = with(|it| match it.is_ready {
        true => "node".to_owned(),
        false => "node node--lost".to_owned(),
    });
    let label = move || {
        let node = node.read();
        node.as_ref()
            .map(|it| (texts.node)(&it.name, &it.word, it.pods.len()))
    };
    let word = with(|it| format!(" · {}", it.word));
    let pods = keyed(
        move || {
            let node = node.read();
            let pods = node.iter().flat_map(|it| it.pods.iter());
            pods.map(ToString::to_string).collect()
        },
        |pod| view! { <b>{pod}</b> }.into_any(),
    );
    view! {
        <li class=class aria-label=label data-name=shown>
            <span>{button}{word}</span>
            <span class="node__pods" aria-hidden="true">{pods}</span>
        </li>
    }
    .into_any()
}
