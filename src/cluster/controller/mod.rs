//! The controllers, one a file, each readable beside the chapter of the reference that it mirrors.
//!
//! A controller sees the objects and its own keys in the queue, as the real ones do, and acts through the same API as
//! a user.
//! It is woken by writes ([`Controller::observe`]) and works on one key at a time ([`Controller::sync`]).

pub mod deployment;
pub mod disruption;
pub mod endpoint_slice;
pub mod endpoints;
pub mod garbage_collector;
pub mod kubelet;
pub mod namespace;
pub mod node_lifecycle;
mod ownership;
pub mod pod_collector;
pub mod protection;
pub mod provisioner;
pub mod replica_set;
pub mod scheduler;
mod service_pods;
pub mod stateful_set;
pub mod taint_eviction;
pub mod volume_binder;
pub mod volume_expander;

use super::api::Api;
use super::object::{KINDS, Kind, ObjectKey};
use super::queue::Queue;
use super::record::{Because, Component, Write};
use super::time::Time;

/// A component that keeps the cluster as it was asked to be.
pub trait Controller {
    /// Who it is.
    const COMPONENT: Component;
    /// What it watches; it sees no write of anything else.
    const WATCHES: &[Kind] = KINDS;

    /// Wakes it for what a write may concern.
    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>);

    /// Works on one key.
    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome;
}

/// What became of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It went well.
    Done,
    /// It is not over yet: the component comes back to the key by itself.
    Unfinished,
    /// Something failed: the key comes again after a back-off.
    Retry,
}

/// A controller's way to its keys in the queue.
#[derive(Debug)]
pub struct Wake<'a> {
    queue: &'a mut Queue,
    component: Component,
    now: Time,
    because: Because,
    author: Component,
}

impl<'a> Wake<'a> {
    /// Opens the queue for a component that `author` has given cause to act.
    pub fn new(
        queue: &'a mut Queue,
        component: Component,
        now: Time,
        because: Because,
        author: Component,
    ) -> Self {
        Self {
            queue,
            component,
            now,
            because,
            author,
        }
    }

    /// Whether the component gave itself cause to act.
    pub fn is_own(&self) -> bool {
        self.author == self.component
    }

    /// Works on a key after so many milliseconds.
    pub fn add(&mut self, key: ObjectKey, after_ms: i64) {
        self.queue.add(
            self.now.plus_ms(after_ms),
            self.component,
            key,
            self.because,
        );
    }

    /// Works on a key at a later time too.
    pub fn add_later(&mut self, key: ObjectKey, at: Time) {
        self.queue.add_later(at.max(self.now), self.component, key);
    }
}
