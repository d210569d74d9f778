//! `kubectl rollout status`: follows how a new template reaches the pods.

use std::collections::VecDeque;

use super::group_kind;
use crate::cluster::Cluster;
use crate::cluster::controller::deployment::REVISION;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Deployment, Object, ObjectKey, StatefulSet};
use crate::cluster::record::Verb as Did;
use crate::cluster::time::Time;
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::verb::{Command, print_faults};
use crate::kubectl::wait::Wait;

/// One line of `rollout status`, and whether it is the last; `revision` is the one that is asked for, or 0.
fn line(object: &Object, revision: i64) -> Result<(String, bool), Fault> {
    match object {
        Object::StatefulSet(set) if !set.spec.is_rolling_update() => Err(Fault::client(
            "rollout status is only available for RollingUpdate strategy type",
        )),
        Object::StatefulSet(set) => Ok(set_line(set)),
        Object::Deployment(deployment) => deployment_line(deployment, revision),
        other => Err(Fault::client(format!(
            "no status viewer has been implemented for {}",
            group_kind(other.kind())
        ))),
    }
}

/// The line of a Deployment (`DeploymentStatusViewer`).
fn deployment_line(deployment: &Deployment, revision: i64) -> Result<(String, bool), Fault> {
    let (meta, status) = (&deployment.meta, &deployment.status);
    let name = &meta.name;
    let number = meta.annotation(REVISION).and_then(|it| it.parse().ok());
    let number: i64 = number.unwrap_or(0);
    if revision > 0 && revision != number {
        return Err(Fault::client(format!(
            "desired revision ({revision}) is different from the running revision ({number})"
        )));
    }
    if meta.generation > status.observed_generation {
        let text = "Waiting for deployment spec update to be observed...";
        return Ok((text.to_owned(), false));
    }
    let mut conditions = status.conditions.iter();
    let progress = conditions.find(|it| &*it.kind == "Progressing");
    if progress.is_some_and(|it| &*it.reason == "ProgressDeadlineExceeded") {
        return Err(Fault::client(format!(
            "deployment {name:?} exceeded its progress deadline"
        )));
    }
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let (updated, available) = (status.updated_replicas, status.available_replicas);
    let what = if updated < wanted {
        format!("{updated} out of {wanted} new replicas have been updated")
    } else if status.replicas > updated {
        let old = status.replicas - updated;
        format!("{old} old replicas are pending termination")
    } else if available < updated {
        format!("{available} of {updated} updated replicas are available")
    } else {
        let text = format!("deployment {name:?} successfully rolled out");
        return Ok((text, true));
    };
    let text = format!("Waiting for deployment {name:?} rollout to finish: {what}...");
    Ok((text, false))
}

/// The line of a StatefulSet (`StatefulSetStatusViewer`).
fn set_line(set: &StatefulSet) -> (String, bool) {
    let status = &set.status;
    if status.observed_generation == 0 || set.meta.generation > status.observed_generation {
        return (
            "Waiting for statefulset spec update to be observed...".to_owned(),
            false,
        );
    }
    let replicas = set.spec.replicas();
    if status.ready_replicas < replicas {
        return (
            format!(
                "Waiting for {} pods to be ready...",
                replicas - status.ready_replicas
            ),
            false,
        );
    }
    let updated = status.updated_replicas;
    match set.spec.partition() {
        Some(partition) if updated < replicas - partition => {
            let wanted = replicas - partition;
            let text = format!(
                "Waiting for partitioned roll out to finish: {updated} out of {wanted} new pods have been updated..."
            );
            (text, false)
        }
        Some(_) => (
            format!("partitioned roll out complete: {updated} new pods have been updated..."),
            true,
        ),
        None if status.update_revision != status.current_revision => {
            let text = format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision {}...",
                status.update_revision
            );
            (text, false)
        }
        None => {
            let (current, revision) = (status.current_replicas, &status.current_revision);
            (
                format!(
                    "statefulset rolling update complete {current} pods at revision {revision}..."
                ),
                true,
            )
        }
    }
}

/// A `rollout status`: one object after the other, with a line for each version of it until it is through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// The object that is followed now.
    current: Option<ObjectKey>,
    /// Those that come after it, or why they cannot.
    rest: VecDeque<Result<ObjectKey, Fault>>,
    /// What was wrong so far.
    faults: Vec<Fault>,
    /// The next record of the log.
    at: usize,
    /// When it gives up.
    until: Option<Time>,
    /// How long each object is followed.
    timeout_ms: Option<i64>,
    /// The revision that is asked for, or 0.
    revision: i64,
    /// Whether it waits at all.
    watches: bool,
}

/// Starts to follow objects.
pub(super) fn follow(command: &mut Command<'_>, targets: Vec<Result<ObjectKey, Fault>>) {
    let mut rollout = Rollout {
        current: None,
        rest: targets.into(),
        faults: Vec::new(),
        at: 0,
        until: None,
        timeout_ms: command.args.duration_ms("timeout").filter(|ms| *ms > 0),
        revision: command.args.number("revision").unwrap_or(0),
        watches: !command.args.is_off("watch"),
    };
    rollout.begin(command.cluster, &mut command.output);
    if !rollout.is_over() {
        command.wait = Some(Wait::Rollout(rollout));
    }
}

impl Rollout {
    /// Whether every object is through, gone, or given up.
    pub(in crate::kubectl) fn is_over(&self) -> bool {
        self.current.is_none()
    }

    /// When it gives up.
    pub(in crate::kubectl) fn due(&self) -> Option<Time> {
        self.until.filter(|_| !self.is_over())
    }

    /// Shows the objects that come next, up to one that has to be waited for; after the last one says what failed.
    fn begin(&mut self, cluster: &Cluster, output: &mut Output) {
        self.current = None;
        while let Some(next) = self.rest.pop_front() {
            let shown = next.and_then(|key| match cluster.api.store.by_key(&key) {
                None => Err(ApiError::not_found(key.kind, &key.name).into()),
                Some(object) => Ok((key, self.show(object, output)?)),
            });
            match shown {
                Ok((key, false)) if self.watches => {
                    self.current = Some(key);
                    self.at = cluster.api.log.len();
                    self.until = self.timeout_ms.map(|ms| cluster.now().plus_ms(ms));
                    return;
                }
                Ok(_) => {}
                Err(fault) => self.faults.push(fault),
            }
        }
        print_faults(&self.faults, output);
    }

    /// Prints the line of a version of an object, and says whether it was the last.
    fn show(&self, object: &Object, output: &mut Output) -> Result<bool, Fault> {
        let (line, is_last) = line(object, self.revision)?;
        output.line(&line);
        Ok(is_last)
    }

    /// Prints what has become of the objects since it last looked.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &Cluster, output: &mut Output) {
        while let Some(key) = self.current.clone() {
            match self.look(&key, cluster, output) {
                Ok(false) => return,
                Ok(true) => {}
                Err(fault) => self.faults.push(fault),
            }
            self.begin(cluster, output);
        }
    }

    /// Prints the versions of the object that is followed now; whether it is through.
    fn look(
        &mut self,
        key: &ObjectKey,
        cluster: &Cluster,
        output: &mut Output,
    ) -> Result<bool, Fault> {
        while let Some(record) = cluster.api.log.get(self.at) {
            if self.until.is_some_and(|until| record.time > until) {
                break;
            }
            self.at += 1;
            let Some(write) = record.write().filter(|it| it.object.key() == *key) else {
                continue;
            };
            if write.verb == Did::Removed {
                return Err(Fault::client("object has been deleted"));
            }
            if self.show(&write.object, output)? {
                return Ok(true);
            }
        }
        match self.due() {
            Some(until) if cluster.now() >= until => {
                Err(Fault::client("timed out waiting for the condition"))
            }
            _ => Ok(false),
        }
    }
}
