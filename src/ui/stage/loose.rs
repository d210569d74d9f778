//! What stands in no column: claims that no set made, and volumes that no claim has.

use leptos::prelude::*;

use super::claim;
use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::{LooseClaim, LooseDisk};
use crate::ui::keyed::keyed;
use crate::ui::{closer, use_app};

pub(super) fn part() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let both = Memo::new(move |_| {
        let scene = app.scene.read();
        (scene.claims.clone(), scene.disks.clone())
    });
    // Each is drawn once for as long as it stays as it is: then the next scene shares it, and it stands where it stood.
    let keys = move || {
        both.with(|(claims, disks)| {
            let claims = claims.iter().map(|it| format!("{it:p}"));
            claims
                .chain(disks.iter().map(|it| format!("{it:p}")))
                .collect()
        })
    };
    let items = keyed(keys, move |key| {
        both.with_untracked(|(claims, disks)| {
            let claim = claims.iter().find(|it| format!("{it:p}") == key);
            let disk = disks.iter().find(|it| format!("{it:p}") == key);
            claim
                .map(|it| loose_claim(it))
                .or_else(|| disk.map(|it| loose_disk(it)))
                .into_any()
        })
    });
    let class = move || match both.with(|(claims, disks)| claims.is_empty() && disks.is_empty()) {
        true => "loose loose--none",
        false => "loose",
    };
    view! { <section class=class><h3>{texts.loose}</h3><ul>{items}</ul></section> }.into_any()
}

fn loose_claim(claim: &LooseClaim) -> AnyView {
    let texts = use_app().messages();
    let key = ObjectKey::new(
        Kind::PersistentVolumeClaim,
        &*claim.namespace,
        &*claim.tab.name,
    );
    let users = claim.users.join(" ");
    view! {
        <li>
            <h4>{closer::name(key, claim.tab.name.to_string(), "link")}</h4>
            {claim::tab(&claim.tab, &claim.namespace)}
            <p title=users>{(texts.used_by)(claim.users.len())}</p>
        </li>
    }
    .into_any()
}

fn loose_disk(loose: &LooseDisk) -> AnyView {
    let texts = use_app().messages();
    let key = ObjectKey::new(Kind::PersistentVolume, "", &*loose.disk.name);
    let was = (!loose.claim.is_empty()).then(|| loose.claim.to_string());
    view! {
        <li>
            <h4>{closer::name(key, texts.disk_without_claim.to_owned(), "link")}</h4>
            <div class="claim">{claim::disk(&loose.disk)}</div>
            <p>{was}</p>
        </li>
    }
    .into_any()
}
