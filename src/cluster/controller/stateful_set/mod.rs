//! The StatefulSet controller (reference chapter 2).
//!
//! One key a set. A sync claims pods ([`claim`]), finds the revisions ([`revision`]), reconciles ([`reconcile`]) and,
//! a little later, writes the status ([`status`]): its requests take time, and what others do meanwhile is not in it.

mod claim;
mod index;
mod pod_control;
mod reconcile;
mod retention;
mod revision;
mod status;

use crate::cluster::sorted::{SortedMap, SortedSet};
use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::Api;
use crate::cluster::object::{
    ControllerRevision, Kind, Object, ObjectKey, Pod, Resource as _, StatefulSet,
};
use crate::cluster::record::{Component, Refusal, Stop, Verb, Write};
use crate::cluster::store::Held;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
pub use index::{Facts, REVISION_LABEL, SetIndex};
use revision::{Candidate, Listed, Template};
use status::Pending;

/// The label with a pod's own name.
pub const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
/// The label with a pod's ordinal.
pub const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";

/// The controller with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct StatefulSetController {
    /// By the set's uid.
    sets: SortedMap<Text, SetIndex>,
    /// Pods that a set owns although they do not match it any more, by the set's uid.
    strays: SortedMap<Text, SortedSet<Text>>,
    /// The revision that each set's template makes, by the set's uid.
    candidates: SortedMap<Text, Candidate>,
    /// The revisions of each set as they were last listed, by the set's uid.
    listed: SortedMap<Text, Listed>,
    /// The templates of the revisions that each set is between, by the set's uid.
    templates: SortedMap<Text, Rc<[Template]>>,
    /// Revisions that others have removed so lately that the controller's cache still has them.
    removed_revisions: Vec<(Time, Held<ControllerRevision>)>,
    /// Syncs whose status is still to be written.
    pending: SortedMap<ObjectKey, Pending>,
}

impl Controller for StatefulSetController {
    const COMPONENT: Component = Component::StatefulSet;
    const WATCHES: &[Kind] = &[
        Kind::ControllerRevision,
        Kind::PersistentVolumeClaim,
        Kind::Pod,
        Kind::StatefulSet,
    ];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.stateful_set_ms;
        match &*write.object {
            Object::StatefulSet(set) => {
                self.observe_set(write, set);
                wake.add(write.object.key(), after_ms);
            }
            Object::Pod(pod) => {
                let before = write.before.as_deref().and_then(Pod::of);
                let own = owner(pod, api);
                self.observe_pod(write, pod, before, own);
                wake_sets(write, pod, before, own, api, &mut |key| {
                    wake.add(key, after_ms);
                });
            }
            // Claims wake nobody (reference 2.2); they only have to be looked at again.
            Object::PersistentVolumeClaim(claim) => {
                for name in api
                    .store
                    .pods_using(&claim.meta.namespace, &claim.meta.name)
                {
                    let pod = api.store.find::<Pod>(&claim.meta.namespace, name);
                    if let Some((index, ordinal)) = pod.and_then(|pod| self.place_of(pod)) {
                        index.unsettle(ordinal);
                    }
                }
            }
            Object::ControllerRevision(_) if write.verb == Verb::Removed && !wake.is_own() => {
                let removed = Held::of(&write.object);
                let removed = removed.map(|revision| (api.now, revision));
                self.removed_revisions.extend(removed);
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        if let Some(pending) = self.pending.remove(key) {
            if pending.due > api.now {
                // The last sync of this set has not ended yet: this one comes after it.
                let due = pending.due;
                self.pending.insert(key.clone(), pending);
                wake.add_later(key.clone(), due);
                wake.add(key.clone(), due.ms_since(api.now));
                return Outcome::Unfinished;
            }
            return self.finish(key, pending, api, wake);
        }
        let Some(set) = api.store.hold::<StatefulSet>(&key.namespace, &key.name) else {
            return Outcome::Done;
        };
        let result = self.start(&set, api);
        let due = api.now.plus_ms(api.config.latency.status_ms);
        match result {
            Ok(pending) => {
                self.pending.insert(key.clone(), Pending { due, ..pending });
                wake.add_later(key.clone(), due);
                Outcome::Unfinished
            }
            Err(error) => {
                api.stop(key, error.into_stop());
                Outcome::Retry
            }
        }
    }
}

/// Why a sync ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncError {
    object: Text,
    message: String,
}

impl SyncError {
    fn new(object: &str, message: impl ToString) -> Self {
        Self {
            object: object.into(),
            message: message.to_string(),
        }
    }

    fn into_stop(self) -> Stop {
        Stop::Refused(Refusal {
            object: self.object,
            message: self.message.into(),
        })
    }
}

impl StatefulSetController {
    /// Steps 3 to 9 of a sync (reference 2.0); the status is written later.
    fn start(&mut self, set: &StatefulSet, api: &mut Api) -> Result<Pending, SyncError> {
        self.adopt_revisions(set, api)?;
        self.claim_pods(set, api)?;
        let listed = self.list_revisions(set, api);
        let revisions = self.revisions(set, &listed, api)?;
        let (status, result) = self.reconcile(set, &revisions, api);
        Ok(Pending {
            due: api.now,
            uid: set.meta.uid.clone(),
            status,
            result,
            listed,
            revisions,
        })
    }

    /// The pods of a set as the controller remembers them.
    pub fn index(&self, uid: &str) -> Option<&SetIndex> {
        self.sets.get(uid)
    }

    fn observe_set(&mut self, write: &Write, set: &StatefulSet) {
        let uid = &set.meta.uid;
        if write.verb == Verb::Removed {
            self.sets.remove(uid);
            self.strays.remove(uid);
            self.candidates.remove(uid);
            self.listed.remove(uid);
            self.templates.remove(uid);
            return;
        }
        let before = write.before.as_deref().and_then(StatefulSet::of);
        let changed = before.is_none_or(|before| !Rc::ptr_eq(&before.spec, &set.spec));
        let index = self.sets.entry(uid.clone()).or_default();
        if changed {
            index.unsettle_all();
        }
    }

    fn observe_pod(
        &mut self,
        write: &Write,
        pod: &Pod,
        before: Option<&Pod>,
        own: Option<&StatefulSet>,
    ) {
        // While owners and labels stay, the pod keeps its place in the index.
        let moved = |before: &&Pod| {
            !before.meta.has_owners_of(&pod.meta) || before.meta.labels != pod.meta.labels
        };
        if let Some(before) = before.filter(moved) {
            self.forget_pod(before);
        }
        if write.verb == Verb::Removed {
            self.forget_pod(pod);
            return;
        }
        if let Some(set) = own {
            let stays = before.is_some_and(|before| !moved(&before));
            self.remember_pod(set, pod, stays);
        }
    }

    /// Takes in a pod of a set; one that stays what it was is where it was.
    fn remember_pod(&mut self, set: &StatefulSet, pod: &Pod, stays: bool) {
        let index = self.sets.entry(set.meta.uid.clone()).or_default();
        let is_known = |facts: &Facts| {
            let known = index.get(facts.ordinal);
            stays && known.is_some_and(|known| known.name == facts.name)
        };
        match Facts::of(pod).filter(|facts| is_known(facts) || claim::is_member(set, pod)) {
            Some(facts) => index.put(facts),
            None => {
                self.strays
                    .entry(set.meta.uid.clone())
                    .or_default()
                    .insert(pod.meta.name.clone());
            }
        }
    }

    fn forget_pod(&mut self, pod: &Pod) {
        let Some(owner) = pod.meta.controller() else {
            return;
        };
        if let Some(names) = self.strays.get_mut(&owner.uid) {
            names.remove(&pod.meta.name);
        }
        if let Some((index, ordinal)) = self.place_of(pod)
            && index
                .get(ordinal)
                .is_some_and(|facts| facts.name == pod.meta.name)
        {
            index.remove(ordinal);
        }
    }

    fn place_of(&mut self, pod: &Pod) -> Option<(&mut SetIndex, i32)> {
        let owner = pod.meta.controller()?;
        let (_, ordinal) = pod.parent_and_ordinal()?;
        Some((self.sets.get_mut(&owner.uid)?, ordinal))
    }

    /// Compares what the controller remembers with a plain search.
    pub fn check(&self, api: &Api) -> Result<(), String> {
        for set in api.store.list::<StatefulSet>() {
            let Some(index) = self.sets.get(&set.meta.uid) else {
                continue;
            };
            let pods = api.store.list_in::<Pod>(&set.meta.namespace);
            let own = pods.filter(|pod| {
                pod.meta.is_controlled_by(&set.meta.uid) && claim::is_member(set, pod)
            });
            index.check(own, set)?;
            self.check_settled(set, index, api)?;
            self.check_listed(set, api)?;
        }
        Ok(())
    }
}

/// The set that manages a pod.
fn owner<'a>(pod: &Pod, api: &'a Api) -> Option<&'a StatefulSet> {
    let owner = pod.meta.controller();
    let owner = owner.filter(|owner| &*owner.kind == Kind::StatefulSet.name())?;
    let set = api
        .store
        .find::<StatefulSet>(&pod.meta.namespace, &owner.name);
    set.filter(|set| set.meta.uid == owner.uid)
}

/// Wakes the sets that a pod's write concerns (reference 2.2, rules 1 and 2).
fn wake_sets(
    write: &Write,
    pod: &Pod,
    before: Option<&Pod>,
    own: Option<&StatefulSet>,
    api: &Api,
    wake: &mut impl FnMut(ObjectKey),
) {
    // Most versions have the owners of the one before.
    let disowned = before.filter(|it| !Rc::ptr_eq(&it.meta.owners, &pod.meta.owners));
    let earlier = disowned.and_then(|before| owner(before, api));
    if let Some(earlier) = earlier.filter(|it| own.is_none_or(|own| own.meta.uid != it.meta.uid)) {
        wake(earlier.key());
    }
    if let Some(own) = own {
        wake(own.key());
    } else if pod.meta.controller().is_none() && write.verb != Verb::Removed {
        let relabeled = before.is_none_or(|before| {
            before.meta.labels != pod.meta.labels || !before.meta.has_owners_of(&pod.meta)
        });
        if relabeled {
            let sets = api.store.list_in::<StatefulSet>(&pod.meta.namespace);
            for set in sets.filter(|set| claim::selects(set, pod)) {
                wake(set.key());
            }
        }
    }
}
