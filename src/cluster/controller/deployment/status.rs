//! The status of a Deployment and how its roll-out goes (`syncRolloutStatus`, `calculateStatus`).

use super::{REVISION, Sync, size};
use crate::cluster::api::Api;
use crate::cluster::controller::deployment::scale::fence_posts;
use crate::cluster::controller::{Outcome, Wake};
use crate::cluster::error::ApiError;
use crate::cluster::object::deployment::{DeploymentCondition, DeploymentStatus};
use crate::cluster::object::{Deployment, Resource as _};
use crate::cluster::record::Part;
use crate::cluster::time::Time;

const PROGRESSING: &str = "Progressing";
const AVAILABLE: &str = "Available";
/// The reason of a roll-out that is through.
const THROUGH: &str = "NewReplicaSetAvailable";
/// The reason of a roll-out that takes too long.
const TIMED_OUT: &str = "ProgressDeadlineExceeded";
const PAUSED: &str = "DeploymentPaused";

fn condition<'a>(status: &'a DeploymentStatus, kind: &str) -> Option<&'a DeploymentCondition> {
    status.conditions.iter().find(|it| &*it.kind == kind)
}

/// Sets a condition unless it says the same already; its transition is when its status changed.
fn set(status: &mut DeploymentStatus, kind: &str, holds: &str, why: (&str, &str), now: Time) {
    let now = Some(now.whole_seconds());
    let known = condition(status, kind);
    if known.is_some_and(|it| &*it.status == holds && &*it.reason == why.0) {
        return;
    }
    let since = known
        .filter(|it| &*it.status == holds)
        .and_then(|it| it.last_transition_time);
    let condition = DeploymentCondition {
        kind: kind.into(),
        status: holds.into(),
        last_update_time: now,
        last_transition_time: since.or(now),
        reason: why.0.into(),
        message: why.1.into(),
        ..DeploymentCondition::default()
    };
    status.conditions.retain(|it| &*it.kind != kind);
    status.conditions.push(condition);
}

fn has_deadline(deployment: &Deployment) -> bool {
    deployment
        .spec
        .progress_deadline_s
        .is_some_and(|it| it != i32::MAX)
}

/// Whether every pod is new and Available, and no old one is left (`DeploymentComplete`).
pub(super) fn is_complete(deployment: &Deployment, status: &DeploymentStatus) -> bool {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    status.updated_replicas == wanted
        && status.replicas == wanted
        && status.available_replicas == wanted
        && status.observed_generation >= deployment.meta.generation
}

/// Says at the Deployment that it is paused, or not any more; whether it wrote (`checkPausedConditions`).
pub(super) fn note_pause(deployment: &Deployment, api: &mut Api) -> bool {
    let known = condition(&deployment.status, PROGRESSING);
    if !has_deadline(deployment) || known.is_some_and(|it| &*it.reason == TIMED_OUT) {
        return false;
    }
    let noted = known.is_some_and(|it| &*it.reason == PAUSED);
    let why = match (deployment.spec.paused, noted) {
        (true, false) => (PAUSED, "Deployment is paused"),
        (false, true) => ("DeploymentResumed", "Deployment is resumed"),
        _ => return false,
    };
    let now = api.now;
    let meta = &deployment.meta;
    let written = api.modify::<Deployment>(&meta.namespace, &meta.name, Part::Status, |it| {
        set(&mut it.status, PROGRESSING, "Unknown", why, now);
    });
    written.is_ok()
}

/// Notes the number of the roll-out and how it began; `fresh` says that its set was made just now.
pub(super) fn note_revision(
    deployment: &Deployment,
    revision: i64,
    (reason, text): (&str, String),
    fresh: bool,
    api: &mut Api,
) -> Result<(), ApiError> {
    let begins = fresh || condition(&deployment.status, PROGRESSING).is_none();
    let now = api.now;
    let meta = &deployment.meta;
    let number = revision.to_string();
    api.modify::<Deployment>(&meta.namespace, &meta.name, Part::Status, |it| {
        if it.meta.annotation(REVISION) != Some(&number) {
            it.meta.annotate(REVISION, number);
        }
        if begins && has_deadline(deployment) {
            set(&mut it.status, PROGRESSING, "True", (reason, &text), now);
        }
    })
    .map(|_| ())
}

impl Sync<'_> {
    /// Writes the status, and comes back when the roll-out would take too long.
    pub(super) fn write_status(&self, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let meta = &self.deployment.meta;
        let found = api.store.find::<Deployment>(&meta.namespace, &meta.name);
        let Some(old) = found.map(|it| it.status.clone()) else {
            return Outcome::Done;
        };
        let mut status = self.status(&old, api.now);
        let rolls = !self.deployment.spec.paused && !meta.is_deleting() && !self.is_rescaled();
        if rolls {
            self.judge(&old, &mut status, api.now);
        }
        // A moment later, so that it is past then.
        let late = self.due(&status).map(|due| due.plus_s(1));
        if let Some(late) = late.filter(|late| *late > api.now) {
            wake.add_later(self.deployment.key(), late);
        }
        if status == old {
            return Outcome::Done;
        }
        let written = api.modify::<Deployment>(&meta.namespace, &meta.name, Part::Status, |it| {
            it.status = status;
        });
        if written.is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }

    fn status(&self, old: &DeploymentStatus, now: Time) -> DeploymentStatus {
        let sum = |of: fn(&crate::cluster::object::ReplicaSet) -> i32| self.all().map(of).sum();
        let available: i32 = sum(|set| set.status.available_replicas);
        let terminating: i32 = sum(|set| set.status.terminating_replicas.unwrap_or(0));
        let mut status = DeploymentStatus {
            observed_generation: self.deployment.meta.generation,
            replicas: sum(|set| set.status.replicas),
            updated_replicas: self.new.as_ref().map_or(0, |set| set.status.replicas),
            ready_replicas: sum(|set| set.status.ready_replicas),
            available_replicas: available,
            unavailable_replicas: (self.all().map(size).sum::<i32>() - available).max(0),
            terminating_replicas: Some(terminating),
            conditions: old.conditions.clone(),
            rest: old.rest.clone(),
        };
        let least = self.wanted() - fence_posts(self.deployment).1;
        let (holds, why) = if available >= least {
            let text = "Deployment has minimum availability.";
            ("True", ("MinimumReplicasAvailable", text))
        } else {
            let text = "Deployment does not have minimum availability.";
            ("False", ("MinimumReplicasUnavailable", text))
        };
        set(&mut status, AVAILABLE, holds, why, now);
        status
    }

    /// Through, going on, or late.
    fn judge(&self, old: &DeploymentStatus, status: &mut DeploymentStatus, now: Time) {
        let deployment = self.deployment;
        if !has_deadline(deployment) {
            status.conditions.retain(|it| &*it.kind != PROGRESSING);
            return;
        }
        let known = condition(old, PROGRESSING);
        let was_through = status.replicas == status.updated_replicas
            && known.is_some_and(|it| &*it.reason == THROUGH);
        if was_through {
            return;
        }
        let subject = match &self.new {
            Some(set) => format!("ReplicaSet {:?}", set.meta.name),
            None => format!("Deployment {:?}", deployment.meta.name),
        };
        if is_complete(deployment, status) {
            let text = format!("{subject} has successfully progressed.");
            set(status, PROGRESSING, "True", (THROUGH, &text), now);
        } else if progresses(old, status) {
            let since = known
                .filter(|it| &*it.status == "True")
                .and_then(|it| it.last_transition_time);
            status.conditions.retain(|it| &*it.kind != PROGRESSING);
            let text = format!("{subject} is progressing.");
            set(
                status,
                PROGRESSING,
                "True",
                ("ReplicaSetUpdated", &text),
                now,
            );
            if let (Some(since), Some(last)) = (since, status.conditions.last_mut()) {
                last.last_transition_time = Some(since);
            }
        } else if self.due(old).is_some_and(|due| due < now) {
            let text = format!("{subject} has timed out progressing.");
            set(status, PROGRESSING, "False", (TIMED_OUT, &text), now);
        }
    }

    /// When the roll-out must have got on, if it is neither through nor late already (`DeploymentTimedOut`).
    fn due(&self, status: &DeploymentStatus) -> Option<Time> {
        let deadline_s = self.deployment.spec.progress_deadline_s?;
        let known = condition(status, PROGRESSING)?;
        let settled = [THROUGH, TIMED_OUT].contains(&&*known.reason);
        if settled || !has_deadline(self.deployment) || is_complete(self.deployment, status) {
            return None;
        }
        Some(known.last_update_time?.plus_s(i64::from(deadline_s)))
    }
}

/// Whether anything got better since the last status (`DeploymentProgressing`).
fn progresses(old: &DeploymentStatus, new: &DeploymentStatus) -> bool {
    let outdated = |status: &DeploymentStatus| status.replicas - status.updated_replicas;
    new.updated_replicas > old.updated_replicas
        || outdated(new) < outdated(old)
        || new.ready_replicas > old.ready_replicas
        || new.available_replicas > old.available_replicas
}
