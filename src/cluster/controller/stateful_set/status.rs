//! The status of a set, and when it is written (reference 2.9).

use std::rc::Rc;

use super::revision::{self, Revisions};
use super::{Outcome, StatefulSetController, SyncError, Wake};
use crate::cluster::api::Api;
use crate::cluster::object::stateful_set::StatefulSetStatus;
use crate::cluster::object::{ControllerRevision, ObjectKey, StatefulSet};
use crate::cluster::record::Part;
use crate::cluster::store::Held;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// The second half of a sync: what is left once its requests have been answered.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// When.
    pub due: Time,
    /// The set that was synced.
    pub uid: Text,
    /// What its status shall be.
    pub status: StatefulSetStatus,
    /// What became of the first half.
    pub result: Result<(), SyncError>,
    /// The revisions as they were at the start.
    pub listed: Rc<[Held<ControllerRevision>]>,
    /// The two revisions that the set is between.
    pub revisions: Revisions,
}

/// `FINISH_STATUS`: an update that is through makes the update revision the current one.
pub(super) fn complete(set: &StatefulSet, status: &mut StatefulSetStatus) {
    let through = status.updated_replicas == status.ready_replicas
        && status.ready_replicas == status.replicas
        && status.replicas == set.spec.replicas();
    if set.spec.is_rolling_update() && through {
        status.current_revision = status.update_revision.clone();
        status.current_replicas = status.updated_replicas;
    }
}

/// Whether a status differs in what makes it worth writing (`inconsistentStatus`).
pub(super) fn is_inconsistent(stored: &StatefulSetStatus, status: &StatefulSetStatus) -> bool {
    status.observed_generation > stored.observed_generation
        || status.replicas != stored.replicas
        || status.current_replicas != stored.current_replicas
        || status.ready_replicas != stored.ready_replicas
        || status.updated_replicas != stored.updated_replicas
        || status.available_replicas != stored.available_replicas
        || status.current_revision != stored.current_revision
        || status.update_revision != stored.update_revision
}

impl StatefulSetController {
    /// Steps 10 to 12 of a sync (reference 2.0).
    pub(super) fn finish(
        &mut self,
        key: &ObjectKey,
        pending: Pending,
        api: &mut Api,
        wake: &mut Wake<'_>,
    ) -> Outcome {
        let found = api.store.hold::<StatefulSet>(&key.namespace, &key.name);
        let Some(set) = found.filter(|set| set.meta.uid == pending.uid) else {
            // Gone in the meantime: the write is refused and the next sync finds nothing.
            return Outcome::Done;
        };
        let written = write(&set, pending.status, api);
        let truncated = self.truncate(&set, &pending.listed, &pending.revisions, api);
        match pending.result.and(written).and(truncated) {
            Ok(()) => {
                self.wake_when_available(&set, api, wake);
                Outcome::Done
            }
            Err(error) => {
                api.stop(key, error.into_stop());
                Outcome::Retry
            }
        }
    }

    fn truncate(
        &self,
        set: &StatefulSet,
        listed: &[Held<ControllerRevision>],
        revisions: &Revisions,
        api: &mut Api,
    ) -> Result<(), SyncError> {
        let index = self.sets.get(&set.meta.uid);
        let is_live = |name: &Text| {
            let of_pods = index.into_iter().flat_map(|it| it.revisions());
            let between = [&revisions.current.meta.name, &revisions.update.meta.name];
            between.into_iter().chain(of_pods).any(|it| it == name)
        };
        revision::truncate(set, listed, is_live, api)
    }

    /// Comes again when the next pod becomes available (reference 2.2, rule 4).
    fn wake_when_available(&self, set: &StatefulSet, api: &Api, wake: &mut Wake<'_>) {
        let min_ready_s = set.spec.min_ready_s;
        let Some(index) = self.sets.get(&set.meta.uid).filter(|_| min_ready_s > 0) else {
            return;
        };
        let waiting = index
            .pods()
            .iter()
            .filter(|it| it.is_running_and_ready() && !it.is_available(min_ready_s, api.now));
        let next = waiting.filter_map(|it| it.since).min();
        if let Some(since) = next {
            let key = ObjectKey::new(
                crate::cluster::object::Kind::StatefulSet,
                set.meta.namespace.clone(),
                set.meta.name.clone(),
            );
            wake.add_later(key, since.plus_s(min_ready_s.into()));
        }
    }
}

fn write(set: &StatefulSet, mut status: StatefulSetStatus, api: &mut Api) -> Result<(), SyncError> {
    complete(set, &mut status);
    if !is_inconsistent(&set.status, &status) {
        return Ok(());
    }
    status.rest = set.status.rest.clone();
    let (namespace, name) = (&set.meta.namespace, &set.meta.name);
    let written = api.modify::<StatefulSet>(namespace, name, Part::Status, |it| it.status = status);
    written
        .map(|_| ())
        .map_err(|error| SyncError::new(name, error))
}
