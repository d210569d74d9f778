//! The Deployment controller (reference 1.9 and chapter 10): ReplicaSets that replace each other.
//!
//! Mirrors upstream's package `deployment`: `sync.go` is split into [`replica_sets`] (which set is new) and [`scale`]
//! (how many pods each gets), `rolling.go` and `recreate.go` are [`rollout`], `progress.go` is [`status`].

mod replica_sets;
mod rollout;
mod scale;
mod status;

use super::{Controller, Outcome, Wake, ownership};
use crate::cluster::api::Api;
use crate::cluster::object::{Deployment, Kind, Object, ObjectKey, Pod, ReplicaSet, Resource as _};
use crate::cluster::record::{Component, Verb, Write};
use crate::cluster::sorted;

/// The annotation with the number of a roll-out.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The label that keeps the pods of one ReplicaSet apart from those of the next.
pub const HASH_LABEL: &str = "pod-template-hash";

/// The controller. It remembers nothing between syncs.
#[derive(Clone, Debug, Default)]
pub struct DeploymentController;

/// A Deployment with its ReplicaSets, as one sync sees them.
struct Sync<'a> {
    deployment: &'a Deployment,
    /// The set of the present template, once there is one.
    new: Option<ReplicaSet>,
    /// All others, oldest first.
    old: Vec<ReplicaSet>,
}

impl Controller for DeploymentController {
    const COMPONENT: Component = Component::Deployment;
    const WATCHES: &[Kind] = &[Kind::Deployment, Kind::Pod, Kind::ReplicaSet];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.replica_set_ms;
        match &*write.object {
            Object::Deployment(_) => wake.add(write.object.key(), after_ms),
            Object::ReplicaSet(set) => {
                let before = write.before.as_deref().and_then(ReplicaSet::of);
                let owners = [Some(set), before].into_iter().flatten();
                let mut keys: Vec<ObjectKey> =
                    owners.filter_map(|set| owner_of(set, api)).collect();
                if set.meta.controller().is_none() && write.verb != Verb::Removed {
                    let all = api.store.list_in::<Deployment>(&set.meta.namespace);
                    let matching = all.filter(|it| {
                        let selector = it.spec.selector.as_ref();
                        selector.is_some_and(|it| !it.is_empty() && it.matches(&set.meta.labels))
                    });
                    keys.extend(matching.map(Deployment::key));
                }
                keys.dedup();
                for key in keys {
                    wake.add(key, after_ms);
                }
            }
            // Recreate waits until the last old pod is gone.
            Object::Pod(pod) if write.verb == Verb::Removed => {
                let owner = pod.meta.controller();
                let set = owner.and_then(|owner| {
                    let found = api
                        .store
                        .find::<ReplicaSet>(&pod.meta.namespace, &owner.name);
                    found.filter(|set| set.meta.uid == owner.uid)
                });
                if let Some(key) = set.and_then(|set| owner_of(set, api)) {
                    wake.add(key, after_ms);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let found = api.store.find::<Deployment>(&key.namespace, &key.name);
        let Some(deployment) = found.cloned() else {
            return Outcome::Done;
        };
        if status::note_pause(&deployment, api) {
            // The write wakes this controller again.
            return Outcome::Done;
        }
        let mut sync = Sync::of(&deployment, api);
        if deployment.meta.is_deleting() {
            return sync.write_status(api, wake);
        }
        let done = if deployment.spec.paused || sync.is_rescaled() {
            sync.scale(api)
        } else if sync.is_recreate() {
            sync.recreate(api)
        } else {
            sync.roll(api)
        };
        match done {
            Ok(()) => sync.write_status(api, wake),
            Err(_) => Outcome::Retry,
        }
    }
}

/// The key of the Deployment that manages a ReplicaSet.
fn owner_of(set: &ReplicaSet, api: &Api) -> Option<ObjectKey> {
    let owner = set.meta.controller();
    let owner = owner.filter(|owner| &*owner.kind == Kind::Deployment.name())?;
    let found = api
        .store
        .find::<Deployment>(&set.meta.namespace, &owner.name)?;
    (found.meta.uid == owner.uid).then(|| found.key())
}

impl<'a> Sync<'a> {
    fn of(deployment: &'a Deployment, api: &mut Api) -> Self {
        let mut sets: Vec<ReplicaSet> =
            ownership::claim(deployment, deployment.spec.selector.as_ref(), api);
        sorted::sort_by_key(&mut sets, |set| (set.meta.created, set.meta.name.clone()));
        let is_new = |set: &ReplicaSet| replica_sets::has_template(set, deployment);
        let new = sets.iter().position(is_new).map(|at| sets.remove(at));
        Self {
            deployment,
            new,
            old: sets,
        }
    }

    fn wanted(&self) -> i32 {
        self.deployment.spec.replicas.unwrap_or(1)
    }

    fn is_recreate(&self) -> bool {
        &*self.deployment.spec.strategy.kind == "Recreate"
    }

    /// The sets, new and old.
    fn all(&self) -> impl Iterator<Item = &ReplicaSet> {
        self.old.iter().chain(&self.new)
    }

    /// Whether pods of old sets are still there, those that are stopping included (`oldPodsRunning`).
    fn old_pods_run(&self, api: &Api) -> bool {
        if self.old.iter().any(|set| set.status.replicas > 0) {
            return true;
        }
        self.old.iter().any(|set| {
            let pods = api.store.owned_by(&set.meta.uid);
            let mut pods = pods.filter_map(|key| api.store.find::<Pod>(&key.namespace, &key.name));
            pods.any(|pod| !pod.is_finished())
        })
    }
}

/// How many pods a set shall have.
fn size(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1)
}
