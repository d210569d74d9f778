//! A claim as a tab, and the volume as the disk on which it sits.

use leptos::prelude::*;

use super::cut;
use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::{ClaimTab, Disk, DiskFile};
use crate::ui::terminal::name_of;
use crate::ui::use_app;

pub(super) fn tab(claim: &ClaimTab, namespace: &str) -> AnyView {
    let texts = use_app().messages();
    let class = if claim.disk.is_some() {
        "claim"
    } else {
        "claim claim--loose"
    };
    let why = claim.waits.as_ref().map(|stop| (texts.waits)(stop));
    let why = why.or_else(|| claim.disk.is_none().then(|| texts.no_volume.to_owned()));
    let why = why.map(|it| view! { <div class="claim__why">{it}</div> });
    let name = claim.name.to_string();
    let title = name.clone();
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, &*claim.name);
    view! {
        <div class=class data-name=name_of(&key)>
            <div class="claim__tab" title=title><span class=cut(&claim.name)>{name}</span><em>{claim.word.to_string()}</em></div>
            {claim.disk.as_ref().map(disk)}
            {why}
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
            {files(disk)}
        </div>
    }
    .into_any()
}

/// What was written on a disk, a line a file: it is seen to survive the pod.
fn files(disk: &Disk) -> Option<AnyView> {
    let texts = use_app().messages();
    let line = |it: &DiskFile| {
        let (path, line) = (it.path.to_string(), it.line.to_string());
        let title = format!("{path}: {line}");
        view! { <li title=title><b>{path}</b>" "{line}</li> }.into_any()
    };
    let lines: Vec<AnyView> = disk.files.iter().map(line).collect();
    if lines.is_empty() {
        return None;
    }
    let more = (disk.undrawn > 0).then(|| view! { <li>{(texts.files_more)(disk.undrawn)}</li> });
    Some(view! { <ul class="disk__files" aria-label=texts.files>{lines}{more}</ul> }.into_any())
}
