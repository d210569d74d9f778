//! What the stage shows at an instant.
//!
//! Owns plain data, drawn from objects and from records of who wrote what: a shelf of identities for each
//! StatefulSet, the pods without an ordinal, the nodes, and the thought of whoever acted last.
//! It knows nothing that only a simulation could know, so that the stage can one day show a real cluster.

mod changes;
mod claim;
mod flight;
mod loose;
mod node;
mod pod;
mod revision;
mod service;
mod shelf;
mod thought;
mod waits;

use std::sync::Arc;

pub use changes::{PodChange, changes};
pub use claim::{ClaimTab, Disk};
pub use flight::Flight;
pub use loose::{LooseClaim, LooseDisk};
pub use node::NodeStrip;
pub use pod::{Look, PodCard};
pub use revision::RevisionTag;
pub use service::{Endpoint, ServiceCard};
pub use shelf::{Column, Container, Place, ServiceTag, Shelf, Standing};
pub use thought::{Deed, Thought, thought_at};
pub use waits::waits;

use crate::cluster::log::Log;
use crate::cluster::net::Request;
use crate::cluster::object::{Object, Pod, ReplicaSet, Resource as _, StatefulSet};
use crate::cluster::sorted::SortedSet;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::timeline::View;

/// Everything that is on the stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The sets, by namespace and name.
    pub shelves: Vec<Arc<Shelf>>,
    /// Pods without an ordinal: those of ReplicaSets, and those that nobody owns.
    pub heaps: Vec<Arc<Heap>>,
    /// Claims that stand in no column.
    pub claims: Vec<Arc<LooseClaim>>,
    /// Volumes that no claim has.
    pub disks: Vec<Arc<LooseDisk>>,
    /// The Services, but for the API server's own.
    pub services: Vec<Arc<ServiceCard>>,
    /// The nodes, by name.
    pub nodes: Vec<Arc<NodeStrip>>,
    /// Who acted last, and what was done.
    pub thought: Option<Arc<Thought>>,
    /// The latest requests to pods.
    pub flights: Arc<[Flight]>,
}

/// Pods without columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heap {
    /// The namespace.
    pub namespace: Text,
    /// The ReplicaSet; `None` for pods that nobody owns.
    pub replica_set: Option<Text>,
    /// The pods, by name.
    pub pods: Vec<Arc<PodCard>>,
}

impl Scene {
    /// Draws the cluster as it is at a record. What has not changed since `last` is shared with it.
    pub fn of(view: &View, log: &Log, last: &Self) -> Self {
        let mut shelves: Vec<Arc<Shelf>> = Vec::new();
        for set in view.store.list::<StatefulSet>() {
            let standing = if set.meta.is_deleting() {
                Standing::Deleting
            } else {
                Standing::Kept
            };
            shelves.push(shelf::draw(set, standing, view, last));
        }
        for gone in view.gone() {
            let Object::StatefulSet(set) = &**gone else {
                continue;
            };
            let is_back = view
                .store
                .find::<StatefulSet>(&set.meta.namespace, &set.meta.name)
                .is_some();
            if !is_back {
                let shelf = shelf::draw(set, Standing::Gone, view, last);
                if !shelf.columns.is_empty() {
                    shelves.push(shelf);
                }
            }
        }
        let thought = thought::of(view, log).map(|now| keep(now, last.thought.iter()));
        Self {
            heaps: heaps(view, &shelves, last),
            claims: loose::claims(view, &shelves, last),
            disks: loose::disks(view, last),
            services: service::draw(view, last),
            nodes: node::draw(view, last),
            shelves,
            thought,
            flights: Arc::clone(&last.flights),
        }
    }

    /// The same with the requests that were made up to an instant.
    pub fn with_requests(mut self, requests: &[Request], now: Time) -> Self {
        self.flights = flight::draw(requests, now);
        self
    }

    /// The shelf of a set.
    pub fn shelf(&self, place: &Place) -> Option<&Arc<Shelf>> {
        self.shelves.iter().find(|it| it.place == *place)
    }
}

/// Pods that stand in no column, by their ReplicaSet.
fn heaps(view: &View, shelves: &[Arc<Shelf>], last: &Scene) -> Vec<Arc<Heap>> {
    let columns = shelves.iter().flat_map(|shelf| &shelf.columns);
    let shown: SortedSet<&Text> = columns
        .filter_map(|column| column.pod.as_ref().map(|pod| &pod.uid))
        .collect();
    let in_a_column = |pod: &Pod| shown.contains(&pod.meta.uid);
    let mut heaps: Vec<Heap> = Vec::new();
    for pod in view.store.list::<Pod>().filter(|pod| !in_a_column(pod)) {
        let owner = pod.meta.controller();
        let owner = owner.filter(|it| &*it.kind == ReplicaSet::KIND.name());
        let replica_set = owner.map(|it| it.name.clone());
        let namespace = pod.meta.namespace.clone();
        let card = Arc::new(pod::draw(pod, view));
        let known = heaps
            .iter_mut()
            .find(|it| it.namespace == namespace && it.replica_set == replica_set);
        match known {
            Some(heap) => heap.pods.push(card),
            None => heaps.push(Heap {
                namespace,
                replica_set,
                pods: vec![card],
            }),
        }
    }
    let kept = heaps.into_iter().map(|heap| keep(heap, last.heaps.iter()));
    kept.collect()
}

/// Shares a value with the scene before if it is the same there.
fn keep<'a, T: PartialEq + 'a>(now: T, mut last: impl Iterator<Item = &'a Arc<T>>) -> Arc<T> {
    last.find(|it| ***it == now)
        .map_or_else(|| Arc::new(now), Arc::clone)
}

#[cfg(test)]
mod tests;
