//! What stands in no column: claims that no set made, and volumes that no claim has.

use leptos::prelude::*;

use super::claim;
use crate::cluster::object::{Kind, ObjectKey};
use crate::scene::{Disk, LooseClaim, LooseDisk};
use crate::ui::keyed::keyed;
use crate::ui::{closer, use_app};

pub(super) fn part() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let both = Memo::new(move |_| {
        let scene = app.scene.read();
        (scene.claims.clone(), scene.disks.clone())
    });
    // Each is drawn once for as long as it stays as it is.
    let keys = move || {
        both.with(|(claims, disks)| {
            let claims = claims.iter().map(|it| key_of_claim(it));
            claims
                .chain(disks.iter().map(|it| key_of_disk(it)))
                .collect()
        })
    };
    let items = keyed(keys, move |key| {
        both.with_untracked(|(claims, disks)| {
            let claim = claims.iter().find(|it| key_of_claim(it) == key);
            let disk = disks.iter().find(|it| key_of_disk(it) == key);
            match (claim, disk) {
                (Some(claim), _) => loose_claim(claim),
                (None, Some(disk)) => loose_disk(disk),
                (None, None) => ().into_any(),
            }
        })
    });
    let class = move || match both.with(|(claims, disks)| claims.is_empty() && disks.is_empty()) {
        true => "loose loose--none",
        false => "loose",
    };
    view! { <section class=class><h3>{texts.loose}</h3><ul>{items}</ul></section> }.into_any()
}

/// All that is drawn of a claim, as one text.
fn key_of_claim(claim: &LooseClaim) -> String {
    let texts = use_app().messages();
    let tab = &claim.tab;
    let why = tab.waits.as_ref().map(|it| (texts.waits)(it));
    let disk = tab.disk.as_ref().map(files_of);
    format!(
        "{}/{} {} {why:?} {disk:?} {:?}",
        claim.namespace, tab.name, tab.word, claim.users
    )
}

/// All that is drawn of a volume, as one text.
fn key_of_disk(loose: &LooseDisk) -> String {
    format!("{} {}", files_of(&loose.disk), loose.claim)
}

fn files_of(disk: &Disk) -> String {
    let files = disk
        .files
        .iter()
        .map(|it| format!("{} {}", it.path, it.line));
    let files: Vec<String> = files.collect();
    format!("{} {} {files:?} {}", disk.name, disk.phase, disk.undrawn)
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
