//! The heart of a sync: which pods are made, waited for and deleted (reference 2.5, 2.7).
//!
//! Upstream looks at every pod in every sync. Here pods that are settled are passed by: the index
//! knows them, and a storm holds it to a plain search.

use std::ops::Range;

use super::index::{Facts, SetIndex};
use super::revision::Revisions;
use super::{StatefulSetController, SyncError, pod_control, retention};
use crate::cluster::api::Api;
use crate::cluster::object::stateful_set::StatefulSetStatus;
use crate::cluster::object::{Kind, ObjectKey, Pod, PodPhase, StatefulSet};
use crate::cluster::record::{Outdated, Stop};
use crate::cluster::value::Text;

/// The largest batch of a Parallel set's pods.
const BATCH_MAX: i64 = 500;

impl StatefulSetController {
    /// `RECONCILE`: the status to be written, and whether everything went well.
    pub(super) fn reconcile(
        &mut self,
        set: &StatefulSet,
        revisions: &Revisions,
        api: &mut Api,
    ) -> (StatefulSetStatus, Result<(), SyncError>) {
        let index = self.sets.entry(set.meta.uid.clone()).or_default();
        // The pods as they are at the start: what this sync does is counted by the next.
        let mut status = count(set, revisions, index, api);
        let start = i64::from(set.spec.start());
        let wanted = start..start + i64::from(set.spec.replicas());
        let mut sync = Sync {
            set,
            revisions,
            index,
            wanted,
            created: None,
        };
        let result = sync.run(&mut status, api);
        let key = ObjectKey::new(
            Kind::StatefulSet,
            set.meta.namespace.clone(),
            set.meta.name.clone(),
        );
        (status, result.map(|stop| api.stop(&key, stop)))
    }

    /// Checks that every settled pod would be passed by.
    pub(super) fn check_settled(
        &self,
        set: &StatefulSet,
        index: &SetIndex,
        api: &Api,
    ) -> Result<(), String> {
        for facts in index
            .pods()
            .iter()
            .filter(|it| !index.is_unsettled(it.ordinal))
        {
            let namespace = &set.meta.namespace;
            let found = api.store.find::<Pod>(namespace, &facts.name);
            let pod = found.ok_or_else(|| format!("{} is settled and gone", facts.name))?;
            let inside = set.spec.has_ordinal(facts.ordinal);
            let healthy = !facts.is_finished() && facts.phase != PodPhase::Pending;
            let waited_for = !facts.is_running_and_ready() || facts.terminating;
            if inside && (!healthy || (set.spec.is_monotonic() && waited_for)) {
                return Err(format!("{} is settled and not healthy", facts.name));
            }
            let claims = retention::claim_names(set, facts.ordinal);
            if !is_consistent(set, pod, facts.ordinal, &claims, api) {
                return Err(format!("{} is settled and not as it should be", facts.name));
            }
        }
        Ok(())
    }
}

/// Step 2: the counts over all pods.
fn count(
    set: &StatefulSet,
    revisions: &Revisions,
    index: &SetIndex,
    api: &Api,
) -> StatefulSetStatus {
    let current = &revisions.current.meta.name;
    let update = &revisions.update.meta.name;
    StatefulSetStatus {
        observed_generation: set.meta.generation,
        replicas: index.replicas(),
        ready_replicas: index.ready(),
        available_replicas: index.available(set.spec.min_ready_s, api.now),
        current_replicas: index.at_revision(current),
        updated_replicas: index.at_revision(update),
        current_revision: current.clone(),
        update_revision: update.clone(),
        collision_count: Some(revisions.collisions),
        ..StatefulSetStatus::default()
    }
}

/// Whether identity, storage and claim owners are as they should be (step g).
fn is_consistent(set: &StatefulSet, pod: &Pod, ordinal: i32, claims: &[Text], api: &Api) -> bool {
    pod_control::identity_matches(set, pod)
        && (!set.spec.has_ordinal(ordinal) || pod_control::storage_matches(set, pod, claims))
        && retention::claims_match(set, &pod.meta, ordinal, claims, api)
}

/// One sync under way.
struct Sync<'a> {
    set: &'a StatefulSet,
    revisions: &'a Revisions,
    index: &'a mut SetIndex,
    /// The ordinals asked for.
    wanted: Range<i64>,
    /// The highest ordinal that this sync has made a pod for.
    created: Option<i32>,
}

/// Whether a sync goes on to the next pod.
enum Step {
    Next,
    Exit(Stop),
}

impl Sync<'_> {
    fn run(&mut self, status: &mut StatefulSetStatus, api: &mut Api) -> Result<Stop, SyncError> {
        if self.set.meta.is_deleting() {
            return Ok(Stop::BeingDeleted);
        }
        let monotonic = self.set.spec.is_monotonic();
        let waits = if monotonic {
            self.ordered(api)?
        } else {
            self.parallel(api)?
        };
        if let Some(stop) = waits.as_ref().filter(|_| monotonic) {
            return Ok(stop.clone());
        }
        self.own_condemned_claims(api)?;
        let condemned = self.condemned(monotonic, api)?;
        if let Some(stop) = condemned.as_ref().filter(|_| monotonic) {
            return Ok(stop.clone());
        }
        let rolled = if self.set.spec.is_rolling_update() {
            self.roll(status, api)?
        } else {
            let outdated = self.index.outdated(&self.revisions.update.meta.name);
            if outdated > 0 {
                Stop::OnDelete(Outdated(outdated))
            } else {
                Stop::Done
            }
        };
        Ok(waits.or(condemned).unwrap_or(rolled))
    }

    /// Step 7 under OrderedReady: ascending, until one pod is to be waited for.
    fn ordered(&mut self, api: &mut Api) -> Result<Option<Stop>, SyncError> {
        let mut from = i32::try_from(self.wanted.start).unwrap_or(i32::MAX);
        let hole = self.index.first_hole(self.wanted.clone());
        loop {
            let unsettled = self
                .index
                .next_unsettled(from)
                .filter(|it| self.wanted.contains(&i64::from(*it)));
            let Some(ordinal) = unsettled
                .into_iter()
                .chain(hole.filter(|it| *it >= from))
                .min()
            else {
                return Ok(None);
            };
            if let Step::Exit(stop) = self.replica(ordinal, api)? {
                return Ok(Some(stop));
            }
            from = ordinal.saturating_add(1);
        }
    }

    /// Step 7 under Parallel: every pod, whatever the others do; an error ends after its batch. For a pod that it has made
    /// it does not wait.
    fn parallel(&mut self, api: &mut Api) -> Result<Option<Stop>, SyncError> {
        let mut first_stop = None;
        let mut failed: Option<(SyncError, i64)> = None;
        for ordinal in self.index.attention(self.wanted.clone()) {
            let position = i64::from(ordinal) - self.wanted.start;
            if is_past(&failed, position) {
                break;
            }
            match self.replica(ordinal, api) {
                Ok(Step::Next | Step::Exit(Stop::PodCreated(_))) => {}
                Ok(Step::Exit(stop)) => {
                    first_stop.get_or_insert(stop);
                }
                Err(error) => {
                    failed.get_or_insert((error, batch_end(position)));
                }
            }
        }
        failed.map_or(Ok(first_stop), |(error, _)| Err(error))
    }

    /// `PROCESS_REPLICA`.
    fn replica(&mut self, ordinal: i32, api: &mut Api) -> Result<Step, SyncError> {
        let monotonic = self.set.spec.is_monotonic();
        let name = |ordinal| retention::claim_names(self.set, ordinal);
        let claims = self.index.claims(ordinal, name);
        let Some(facts) = self.index.get(ordinal).cloned() else {
            return self.fill_hole(ordinal, &claims, api);
        };
        let pod = facts.name.clone();
        if facts.is_finished() {
            if facts.terminating {
                return Ok(Step::Exit(Stop::PodTerminating(pod)));
            }
            pod_control::delete(self.set, &facts.name, api)?;
            return Ok(Step::Exit(Stop::PodDeleted(pod)));
        }
        if facts.phase == PodPhase::Pending {
            self.claims_of_pending(&facts, &claims, api)?;
        }
        if monotonic {
            if facts.terminating {
                return Ok(Step::Exit(Stop::PodTerminating(pod)));
            }
            if !facts.is_running_and_ready() {
                return Ok(Step::Exit(Stop::PodNotReady(pod)));
            }
            let min_ready_s = self.set.spec.min_ready_s;
            if !facts.is_available(min_ready_s, api.now) {
                let at = facts.since.map(|since| since.plus_s(min_ready_s.into()));
                return Ok(Step::Exit(Stop::PodNotAvailable(pod, at)));
            }
        }
        let Some(found) = api.store.hold::<Pod>(&self.set.meta.namespace, &facts.name) else {
            return Ok(Step::Next);
        };
        if !is_consistent(self.set, &found, ordinal, &claims, api) {
            pod_control::update(self.set, ordinal, &claims, &found, api)?;
        }
        let waits_for_time = self.set.spec.min_ready_s > 0;
        if facts.phase != PodPhase::Pending && !waits_for_time {
            self.index.settle(ordinal);
        }
        Ok(Step::Next)
    }

    /// Step b: a hole.
    fn fill_hole(
        &mut self,
        ordinal: i32,
        claims: &[Text],
        api: &mut Api,
    ) -> Result<Step, SyncError> {
        let revision = pod_control::revision_for(self.set, ordinal, self.revisions);
        let pod = pod_control::new_pod(
            self.set,
            ordinal,
            claims,
            revision,
            &self.revisions.template(revision),
        );
        let name = pod.meta.name.clone();
        if retention::has_stale_claim(self.set, claims, &name, api) {
            return Ok(Step::Exit(Stop::StaleClaim(name)));
        }
        pod_control::create(self.set, ordinal, claims, pod, api)?;
        self.created = self.created.max(Some(ordinal));
        Ok(Step::Exit(Stop::PodCreated(name)))
    }

    /// Step c: a pending pod may have lost a claim.
    fn claims_of_pending(
        &mut self,
        facts: &Facts,
        claims: &[Text],
        api: &mut Api,
    ) -> Result<(), SyncError> {
        let changes = |api: &Api| api.store.changes(Kind::PersistentVolumeClaim);
        if self.index.has_good_claims(facts.ordinal, changes(api)) {
            return Ok(());
        }
        let error = |error| SyncError::new(&facts.name, error);
        pod_control::create_claims(self.set, claims, &facts.name, api).map_err(error)?;
        let Some(pod) = api.store.hold::<Pod>(&self.set.meta.namespace, &facts.name) else {
            return Ok(());
        };
        retention::update_claims(self.set, &pod.meta, facts.ordinal, claims, api).map_err(error)?;
        // Where claims can have owners, what is wrong with them may be said every time.
        if !self.set.spec.deletes_when_scaled() && !self.set.spec.deletes_when_deleted() {
            self.index.note_good_claims(facts.ordinal, changes(api));
        }
        Ok(())
    }

    /// Step 8: claims of condemned pods get their owners before the pods go.
    fn own_condemned_claims(&mut self, api: &mut Api) -> Result<(), SyncError> {
        let wanted = self.wanted.clone();
        let outside: Vec<i32> = self
            .index
            .unsettled()
            .filter(|it| !wanted.contains(&i64::from(*it)))
            .collect();
        for ordinal in outside.into_iter().rev() {
            let name = self
                .index
                .get(ordinal)
                .map(|facts| facts.name.clone())
                .unwrap_or_default();
            let Some(pod) = api.store.hold::<Pod>(&self.set.meta.namespace, &name) else {
                continue;
            };
            let claims = retention::claim_names(self.set, ordinal);
            if !retention::claims_match(self.set, &pod.meta, ordinal, &claims, api) {
                retention::update_claims(self.set, &pod.meta, ordinal, &claims, api)
                    .map_err(|error| SyncError::new(&name, error))?;
            }
            if is_consistent(self.set, &pod, ordinal, &claims, api) {
                self.index.settle(ordinal);
            }
        }
        Ok(())
    }

    /// Step 9: `PROCESS_CONDEMNED`, highest first.
    fn condemned(&mut self, monotonic: bool, api: &mut Api) -> Result<Option<Stop>, SyncError> {
        let min_ready_s = self.set.spec.min_ready_s;
        let mut first_stop = None;
        let first_unavailable =
            self.index
                .first_condemned_unavailable(&self.wanted, min_ready_s, api.now);
        let condemned: Vec<Facts> = {
            let all = self.index.condemned(&self.wanted).cloned();
            // Under OrderedReady the first one decides.
            if monotonic {
                all.take(1).collect()
            } else {
                all.collect()
            }
        };
        let mut failed: Option<(SyncError, i64)> = None;
        for (position, facts) in (0..).zip(condemned) {
            if is_past(&failed, position) {
                break;
            }
            let pod = facts.name.clone();
            if facts.terminating {
                first_stop.get_or_insert(Stop::PodTerminating(pod));
                continue;
            }
            let is_first = first_unavailable == Some(facts.ordinal);
            if monotonic && !is_first && !facts.is_running_and_ready() {
                return Ok(Some(Stop::PodNotReady(pod)));
            }
            if monotonic && !is_first && !facts.is_available(min_ready_s, api.now) {
                let at = facts.since.map(|since| since.plus_s(min_ready_s.into()));
                return Ok(Some(Stop::PodNotAvailable(pod, at)));
            }
            match pod_control::delete(self.set, &facts.name, api) {
                Ok(()) => {
                    first_stop.get_or_insert(Stop::PodDeleted(pod));
                }
                Err(error) => {
                    failed.get_or_insert((error, batch_end(position)));
                }
            }
        }
        failed.map_or(Ok(first_stop), |(error, _)| Err(error))
    }

    /// Step 12: `ROLLING_UPDATE`.
    fn roll(&mut self, status: &mut StatefulSetStatus, api: &mut Api) -> Result<Stop, SyncError> {
        let partition = self.set.spec.partition().unwrap_or(0);
        let update = self.revisions.update.meta.name.clone();
        let range =
            (self.wanted.start + i64::from(partition)).min(self.wanted.end)..self.wanted.end;
        if let Some(most) = self.max_unavailable(api) {
            return self.roll_several(most, &range, &update, status, api);
        }
        let min_ready_s = self.set.spec.min_ready_s;
        let waiting = self
            .index
            .last_unavailable(range.clone(), min_ready_s, api.now);
        // A pod made in this very sync is not available yet.
        let waiting = waiting.max(self.created);
        match self.index.last_outdated(range, &update) {
            Some(ordinal) if waiting.is_none_or(|waiting| waiting <= ordinal) => {
                let pod = self.name_of(ordinal);
                pod_control::delete(self.set, &pod, api)?;
                status.current_replicas -= 1;
                Ok(Stop::PodDeleted(pod))
            }
            outdated => Ok(self.after_roll(outdated.and(waiting), partition, &update)),
        }
    }

    fn after_roll(&self, waiting: Option<i32>, partition: i32, update: &str) -> Stop {
        if let Some(facts) = waiting.and_then(|ordinal| self.index.get(ordinal)) {
            let pod = facts.name.clone();
            return if facts.terminating {
                Stop::PodTerminating(pod)
            } else {
                Stop::PodNotReady(pod)
            };
        }
        let outdated = self.index.outdated(update);
        if partition > 0 && outdated > 0 {
            Stop::Partition(partition, Outdated(outdated))
        } else {
            Stop::Done
        }
    }

    /// How many pods may be unavailable, with the feature gate on (reference 2.7).
    fn max_unavailable(&self, api: &Api) -> Option<i32> {
        if !api.config.max_unavailable_gate {
            return None;
        }
        let rolling = self.set.spec.update_strategy.rolling_update.as_ref();
        let replicas = i64::from(self.set.spec.replicas());
        let asked = rolling.and_then(|it| it.max_unavailable.as_ref());
        let most = asked.map_or(1, |it| it.of(replicas, false));
        Some(i32::try_from(most.max(1)).unwrap_or(i32::MAX))
    }

    fn roll_several(
        &mut self,
        most: i32,
        range: &Range<i64>,
        update: &str,
        status: &mut StatefulSetStatus,
        api: &mut Api,
    ) -> Result<Stop, SyncError> {
        let min_ready_s = self.set.spec.min_ready_s;
        let inside = |facts: &&Facts| self.wanted.contains(&i64::from(facts.ordinal));
        let available =
            |facts: &&Facts| !facts.terminating && facts.is_available(min_ready_s, api.now);
        let good = self
            .index
            .pods()
            .iter()
            .filter(inside)
            .filter(available)
            .count();
        let unavailable = i64::from(self.set.spec.replicas()) - good as i64;
        let free = usize::try_from(i64::from(most) - unavailable).unwrap_or(0);
        let from_the_top = self.index.pods().iter().rev();
        let outdated: Vec<_> = from_the_top
            .filter(|it| {
                range.contains(&i64::from(it.ordinal)) && &*it.revision != update && !it.terminating
            })
            .take(free)
            .map(|it| it.name.clone())
            .collect();
        let mut stop = None;
        for pod in outdated {
            pod_control::delete(self.set, &pod, api)?;
            status.current_replicas -= 1;
            stop.get_or_insert(Stop::PodDeleted(pod));
        }
        let partition = self.set.spec.partition().unwrap_or(0);
        let waits = || {
            let waiting = self
                .index
                .last_unavailable(range.clone(), min_ready_s, api.now);
            let outdated = self.index.last_outdated(range.clone(), update);
            self.after_roll(outdated.and(waiting), partition, update)
        };
        Ok(stop.unwrap_or_else(waits))
    }

    fn name_of(&self, ordinal: i32) -> crate::cluster::value::Text {
        self.index
            .get(ordinal)
            .map(|facts| facts.name.clone())
            .unwrap_or_default()
    }
}

/// Whether a position comes after the batch in which a request failed.
fn is_past(failed: &Option<(SyncError, i64)>, position: i64) -> bool {
    failed
        .as_ref()
        .is_some_and(|(_, batch_end)| position >= *batch_end)
}

/// Where the batch ends that a position belongs to: batches have 1, 2, 4 … pods, at most 500.
fn batch_end(position: i64) -> i64 {
    let (mut end, mut size) = (1, 1);
    while end <= position {
        size = (size * 2).min(BATCH_MAX);
        end += size;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::batch_end;

    #[test]
    fn batches_double_up_to_five_hundred() {
        assert_eq!([0, 1, 2, 3, 6, 7].map(batch_end), [1, 3, 3, 7, 7, 15]);
        assert_eq!(
            (
                batch_end(510),
                batch_end(511),
                batch_end(1010),
                batch_end(1011)
            ),
            (511, 1011, 1011, 1511)
        );
    }
}
