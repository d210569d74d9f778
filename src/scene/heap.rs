//! Pods without columns: those of a ReplicaSet in one heap, wired to the claims that they share, and bare ones.

use std::sync::Arc;

use super::claim::{self, ClaimTab};
use super::pod::{self, PodCard};
use super::{Scene, Shelf, keep};
use crate::cluster::disk::Disks;
use crate::cluster::object::{Deployment, PersistentVolumeClaim, Pod, ReplicaSet, Resource as _};
use crate::cluster::record::{Component, Stop};
use crate::cluster::sorted::SortedSet;
use crate::cluster::value::Text;
use crate::timeline::View;

/// Pods without columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heap {
    /// The namespace.
    pub namespace: Text,
    /// The ReplicaSet; `None` for pods that nobody owns.
    pub replica_set: Option<Text>,
    /// The Deployment that made the ReplicaSet, if one did.
    pub deployment: Option<Text>,
    /// The pods, by name.
    pub pods: Vec<Arc<PodCard>>,
    /// The claims that they share; what bare pods use is each one's own, and is drawn beside the shelf.
    pub claims: Vec<Arc<ClaimTab>>,
    /// Why the ReplicaSet makes no pod, if it was refused.
    pub waits: Option<Stop>,
}

/// The pods that stand in no column, by their ReplicaSet, and the ReplicaSets that are refused theirs.
pub(super) fn draw(
    (view, disks): (&View, &Disks),
    shelves: &[Arc<Shelf>],
    last: &Scene,
) -> Vec<Arc<Heap>> {
    let columns = shelves.iter().flat_map(|shelf| &shelf.columns);
    let shown: SortedSet<&Text> = columns
        .filter_map(|column| column.pod.as_ref().map(|pod| &pod.uid))
        .collect();
    let in_a_column = |pod: &Pod| shown.contains(&pod.meta.uid);
    let mut heaps: Vec<Heap> = Vec::new();
    for set in view.store.list::<ReplicaSet>() {
        let stop = view.stop(Component::ReplicaSet, &set.key());
        if let Some(refused @ Stop::Refused(_)) = stop {
            heaps.push(Heap {
                waits: Some(refused.clone()),
                ..empty(&set.meta.namespace, Some(&set.meta.name), view)
            });
        }
    }
    for pod in view.store.list::<Pod>().filter(|pod| !in_a_column(pod)) {
        let owner = pod.meta.controller();
        let owner = owner.filter(|it| &*it.kind == ReplicaSet::KIND.name());
        let (namespace, set) = (&pod.meta.namespace, owner.map(|it| &it.name));
        let known = heaps
            .iter()
            .position(|it| it.namespace == *namespace && it.replica_set.as_ref() == set);
        let at = known.unwrap_or_else(|| {
            heaps.push(empty(namespace, set, view));
            heaps.len() - 1
        });
        let Some(heap) = heaps.get_mut(at) else {
            continue;
        };
        heap.pods.push(Arc::new(pod::draw(pod, view)));
        let shared = pod.spec.claims().filter(|_| set.is_some());
        for (_, name) in shared {
            let is_new = heap.claims.iter().all(|it| it.name != *name);
            let found = view.store.find::<PersistentVolumeClaim>(namespace, name);
            if let Some(claim) = found.filter(|_| is_new) {
                let tab = claim::draw(claim, view, disks);
                heap.claims.push(Arc::new(tab));
            }
        }
    }
    let kept = heaps.into_iter().map(|heap| keep(heap, last.heaps.iter()));
    kept.collect()
}

fn empty(namespace: &Text, replica_set: Option<&Text>, view: &View) -> Heap {
    let found = replica_set.and_then(|it| view.store.find::<ReplicaSet>(namespace, it));
    let owner = found.and_then(|it| it.meta.controller());
    let owner = owner.filter(|it| &*it.kind == Deployment::KIND.name());
    Heap {
        namespace: namespace.clone(),
        replica_set: replica_set.cloned(),
        deployment: owner.map(|it| it.name.clone()),
        pods: Vec::new(),
        claims: Vec::new(),
        waits: None,
    }
}
