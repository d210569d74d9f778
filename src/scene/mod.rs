//! What the stage shows at an instant.
//!
//! Owns plain data, drawn from objects and from records of who wrote what: a shelf of identities for each
//! StatefulSet, the pods without an ordinal, the nodes, and the thought of whoever acted last.
//! It knows nothing that only a simulation could know, so that the stage can one day show a real cluster.

mod changes;
mod claim;
mod flight;
mod heap;
mod loose;
mod node;
mod pace;
mod pod;
mod revision;
mod service;
mod shelf;
mod thought;
mod waits;

use std::sync::Arc;

pub use changes::{Change, State, changes};
pub use claim::{ClaimTab, Disk, DiskFile};
pub use flight::Flight;
pub use heap::Heap;
pub use loose::{LooseClaim, LooseDisk};
pub use node::NodeStrip;
pub use pace::Pace;
pub use pod::{Look, PodCard};
pub use revision::RevisionTag;
pub use service::{Endpoint, ServiceCard};
pub use shelf::{Column, Container, Place, ServiceTag, Shelf, Standing};
pub use thought::{Deed, Thought, thought_at};
pub use waits::waits;

use crate::cluster::disk::Disks;
use crate::cluster::log::Log;
use crate::cluster::net::Request;
use crate::cluster::object::{Object, StatefulSet};
use crate::cluster::time::Time;
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

impl Scene {
    /// Draws the cluster as it is at a record. What has not changed since `last` is shared with it.
    pub fn of(view: &View, log: &Log, disks: &Disks, last: &Self) -> Self {
        let mut shelves: Vec<Arc<Shelf>> = Vec::new();
        for set in view.store.list::<StatefulSet>() {
            let standing = if set.meta.is_deleting() {
                Standing::Deleting
            } else {
                Standing::Kept
            };
            shelves.push(shelf::draw(set, standing, (view, disks), last));
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
                let shelf = shelf::draw(set, Standing::Gone, (view, disks), last);
                if !shelf.columns.is_empty() {
                    shelves.push(shelf);
                }
            }
        }
        let heaps = heap::draw((view, disks), &shelves, last);
        let thought = thought::of(view, log).map(|now| keep(now, last.thought.iter()));
        Self {
            claims: loose::claims((view, disks), (&shelves, &heaps), last),
            heaps,
            disks: loose::disks((view, disks), last),
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

/// Shares a value with the scene before if it is the same there.
fn keep<'a, T: PartialEq + 'a>(now: T, mut last: impl Iterator<Item = &'a Arc<T>>) -> Arc<T> {
    last.find(|it| ***it == now)
        .map_or_else(|| Arc::new(now), Arc::clone)
}

#[cfg(test)]
mod tests;
