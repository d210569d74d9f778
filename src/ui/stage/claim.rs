//! A claim as a tab, and the volume as the disk on which it sits.

use leptos::prelude::*;

use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::{ClaimTab, Disk};
use crate::ui::terminal::name_of;
use crate::ui::use_app;

pub(super) fn tab(claim: &ClaimTab, namespace: &str) -> AnyView {
    let texts = use_app().messages();
    let class = if claim.disk.is_some() {
        "claim"
    } else {
        "claim claim--loose"
    };
    let below = match &claim.disk {
        Some(it) => disk(it),
        None => {
            let why = claim.waits.as_ref().map(|stop| (texts.waits)(stop));
            let why = why.unwrap_or_else(|| texts.no_volume.to_owned());
            view! { <div class="claim__why">{why}</div> }.into_any()
        }
    };
    let name = claim.name.to_string();
    let title = name.clone();
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, &*claim.name);
    view! {
        <div class=class data-name=name_of(&key)>
            <div class="claim__tab" title=title><span>{name}</span><em>{claim.word.to_string()}</em></div>
            {below}
        </div>
    }
    .into_any()
}

pub(super) fn disk(disk: &Disk) -> AnyView {
    let name = disk.name.to_string();
    let short = name.get(..12).unwrap_or(&name).to_owned();
    let key = ObjectKey::new(Kind::PersistentVolume, "", &*disk.name);
    let state = (&*disk.phase != "Bound").then(|| disk.phase.to_string());
    view! {
        <div class="disk" title=name data-name=name_of(&key)>
            <b>{short}</b>" "{disk.capacity.to_string()}" "{disk.modes.to_string()}
            <em class="disk__tag">{state}</em>
        </div>
    }
    .into_any()
}
