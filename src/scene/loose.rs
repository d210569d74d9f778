//! What stands in no column: claims that no set made, and volumes that no claim has.

use std::sync::Arc;

use super::claim::{self, ClaimTab, Disk};
use super::{Heap, Scene, Shelf, keep};
use crate::cluster::disk::Disks;
use crate::cluster::object::{PersistentVolume, PersistentVolumeClaim};
use crate::cluster::sorted::SortedSet;
use crate::cluster::value::Text;
use crate::timeline::View;

/// A claim that stands in no column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseClaim {
    /// Its namespace.
    pub namespace: Text,
    /// The claim.
    pub tab: Arc<ClaimTab>,
    /// The pods that use it.
    pub users: Vec<Text>,
}

/// A volume that no claim has (any more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseDisk {
    /// The volume.
    pub disk: Disk,
    /// The claim that it belongs or belonged to; empty for none.
    pub claim: Text,
}

/// The claims that stand in no column of these shelves and in no heap.
pub(super) fn claims(
    (view, disks): (&View, &Disks),
    (shelves, heaps): (&[Arc<Shelf>], &[Arc<Heap>]),
    last: &Scene,
) -> Vec<Arc<LooseClaim>> {
    let columns = shelves.iter().flat_map(|shelf| {
        let place = &shelf.place.namespace;
        shelf.columns.iter().map(move |column| (place, column))
    });
    let in_columns = columns
        .flat_map(|(namespace, column)| column.claims.iter().map(move |it| (namespace, &it.name)));
    let wired = heaps.iter().flat_map(|heap| {
        let claims = heap.claims.iter();
        claims.map(|it| (&heap.namespace, &it.name))
    });
    let shown: SortedSet<(&Text, &Text)> = in_columns.chain(wired).collect();
    let all = view.store.list::<PersistentVolumeClaim>();
    let loose = all.filter(|it| !shown.contains(&(&it.meta.namespace, &it.meta.name)));
    loose
        .map(|it| {
            let (namespace, name) = (&it.meta.namespace, &it.meta.name);
            let users = view.store.pods_using(namespace, name);
            let loose = LooseClaim {
                namespace: namespace.clone(),
                tab: Arc::new(claim::draw(it, view, disks)),
                users: users.cloned().collect(),
            };
            keep(loose, last.claims.iter())
        })
        .collect()
}

/// The volumes whose claim is not there.
pub(super) fn disks((view, disks): (&View, &Disks), last: &Scene) -> Vec<Arc<LooseDisk>> {
    let all = view.store.list::<PersistentVolume>();
    let loose = all.filter_map(|volume| {
        let claim = volume.spec.claim_ref.as_ref();
        let claim_now = claim.and_then(|it| {
            let found = view
                .store
                .find::<PersistentVolumeClaim>(&it.namespace, &it.name);
            found.filter(|found| found.spec.volume_name == volume.meta.name)
        });
        if claim_now.is_some() {
            return None;
        }
        let loose = LooseDisk {
            disk: claim::disk(volume, view, disks),
            claim: claim.map(|it| it.name.clone()).unwrap_or_default(),
        };
        Some(keep(loose, last.disks.iter()))
    });
    loose.collect()
}
