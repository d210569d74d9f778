//! Pod: one life of an identity, and what the kubelet says of it.

use std::rc::Rc;

use super::pod_spec::PodSpec;
use crate::cluster::json::AlwaysNull;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::{json_enum, json_struct, resource};

resource! {
    /// A pod.
    pub struct Pod {
        /// What is wanted; shared between versions.
        spec: Rc<PodSpec> = "spec" always,
        /// What is; shared too.
        status: Rc<PodStatus> = "status" always,
    }
}

json_enum! {
    /// The phases of a pod's life.
    pub enum PodPhase {
        /// Accepted, not all containers have started.
        Pending,
        /// At least one container runs or restarts.
        Running,
        /// All containers ended with code 0 and will not restart.
        Succeeded,
        /// All containers ended, at least one badly.
        Failed,
        /// Nobody knows.
        Unknown,
    }
}

json_struct! {
    /// What the kubelet (and others) report of a pod.
    pub struct PodStatus {
        /// The phase.
        phase: PodPhase = "phase",
        /// Conditions, in the order in which the kubelet writes them.
        conditions: Rc<[Rc<PodCondition>]> = "conditions",
        /// Why the pod is in its phase, in one word.
        reason: Text = "reason",
        /// The same in a sentence.
        message: Text = "message",
        /// Where the scheduler would like to put it.
        nominated_node_name: Text = "nominatedNodeName",
        /// The node's address.
        host_ip: Text = "hostIP",
        /// The pod's address.
        pod_ip: Text = "podIP",
        /// The same as a list.
        pod_ips: Rc<[PodIp]> = "podIPs",
        /// When the kubelet first saw the pod.
        start_time: Option<Time> = "startTime",
        /// BestEffort, Burstable or Guaranteed.
        qos_class: Text = "qosClass",
        /// The containers.
        container_statuses: Rc<[ContainerStatus]> = "containerStatuses",
        /// The init containers.
        init_container_statuses: Rc<[ContainerStatus]> = "initContainerStatuses",
    }
}

json_struct! {
    /// One address.
    pub struct PodIp {
        /// The address.
        ip: Text = "ip" always,
    }
}

json_struct! {
    /// One condition of a pod.
    pub struct PodCondition {
        /// PodScheduled, Initialized, Ready …
        kind: Text = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Text = "status" always,
        /// Never written.
        last_probe_time: AlwaysNull = "lastProbeTime" always,
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in one word.
        reason: Text = "reason",
        /// Why, in a sentence.
        message: Text = "message",
    }
}

json_struct! {
    /// One container as the kubelet sees it.
    pub struct ContainerStatus {
        /// Its name.
        name: Text = "name" always,
        /// What it does now.
        state: ContainerState = "state",
        /// What it did before its last restart.
        last_state: ContainerState = "lastState",
        /// Whether its readiness probe passed.
        ready: bool = "ready" always,
        /// How often it was restarted.
        restart_count: i32 = "restartCount" always,
        /// Its image.
        image: Text = "image" always,
        /// What the image resolved to.
        image_id: Text = "imageID" always,
        /// The runtime's name for it.
        container_id: Text = "containerID",
        /// Whether its startup probe passed.
        started: Option<bool> = "started",
    }
}

json_struct! {
    /// What a container does: at most one of the three.
    pub struct ContainerState {
        /// It waits.
        waiting: Option<Rc<Waiting>> = "waiting",
        /// It runs.
        running: Option<Running> = "running",
        /// It ended.
        terminated: Option<Rc<Terminated>> = "terminated",
    }
}

json_struct! {
    /// Why a container does not run yet.
    pub struct Waiting {
        /// In one word.
        reason: Text = "reason",
        /// In a sentence.
        message: Text = "message",
    }
}

json_struct! {
    /// Since when a container runs.
    pub struct Running {
        /// Since then.
        started_at: Option<Time> = "startedAt" always,
    }
}

json_struct! {
    /// How a container ended.
    pub struct Terminated {
        /// Its exit code.
        exit_code: i32 = "exitCode" always,
        /// Completed, Error, OOMKilled …
        reason: Text = "reason",
        /// When it had started.
        started_at: Option<Time> = "startedAt" always,
        /// When it ended.
        finished_at: Option<Time> = "finishedAt" always,
        /// The runtime's name for it.
        container_id: Text = "containerID",
    }
}

impl Pod {
    /// The ordinal: the digits behind the last `-` of the name, with the text before it (`getParentNameAndOrdinal`).
    pub fn parent_and_ordinal(&self) -> Option<(&str, i32)> {
        parent_and_ordinal(&self.meta.name)
    }

    /// The status to change.
    pub fn status_mut(&mut self) -> &mut PodStatus {
        Rc::make_mut(&mut self.status)
    }

    /// The condition of this type.
    pub fn condition(&self, kind: &str) -> Option<&PodCondition> {
        let mut conditions = self.status.conditions.iter();
        let found = conditions.find(|condition| &*condition.kind == kind);
        found.map(|condition| &**condition)
    }

    /// Whether the condition Ready is True.
    pub fn has_ready_condition(&self) -> bool {
        self.condition("Ready")
            .is_some_and(|condition| &*condition.status == "True")
    }

    /// Running with the condition Ready.
    pub fn is_running_and_ready(&self) -> bool {
        self.status.phase == PodPhase::Running && self.has_ready_condition()
    }

    /// Ready for at least so many seconds, and ready at all (reference 2.1).
    pub fn is_available(&self, min_ready_s: i64, now: Time) -> bool {
        let Some(ready) = self
            .condition("Ready")
            .filter(|condition| &*condition.status == "True")
        else {
            return false;
        };
        min_ready_s == 0
            || ready
                .last_transition_time
                .is_some_and(|since| since.plus_s(min_ready_s) <= now)
    }

    /// Succeeded or Failed.
    pub fn is_finished(&self) -> bool {
        matches!(self.status.phase, PodPhase::Succeeded | PodPhase::Failed)
    }

    /// The claims that the pod's volumes name, with the volume's name.
    pub fn claims(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.spec.claims()
    }

    /// Sets a condition and stamps the change of its status; the order of conditions stays.
    pub fn set_condition(&mut self, condition: PodCondition) {
        let mut conditions = self.status.conditions.to_vec();
        set_condition(&mut conditions, condition);
        self.status_mut().conditions = conditions.into();
    }
}

impl PodStatus {
    /// The status of a pod of which nobody has reported anything: one that all pods share.
    pub fn unknown() -> Rc<Self> {
        thread_local! {
            static UNKNOWN: Rc<PodStatus> = Rc::default();
        }
        UNKNOWN.with(Rc::clone)
    }
}

impl PodCondition {
    /// That a pod is about to be taken away, and by whom (`DisruptionTarget`).
    pub fn disruption(reason: &'static str, message: &'static str, now: Time) -> Self {
        Self {
            kind: "DisruptionTarget".into(),
            status: "True".into(),
            last_transition_time: Some(now.whole_seconds()),
            reason: reason.into(),
            message: message.into(),
            ..Self::default()
        }
    }
}

/// Replaces the condition of the same type, keeping its time when the status stays, or appends it.
pub fn set_condition(conditions: &mut Vec<Rc<PodCondition>>, mut condition: PodCondition) {
    match conditions.iter_mut().find(|it| it.kind == condition.kind) {
        Some(old) => {
            if old.status == condition.status {
                condition.last_transition_time = old.last_transition_time;
            }
            // What stays is shared with the version before.
            if **old != condition {
                *old = Rc::new(condition);
            }
        }
        None => conditions.push(Rc::new(condition)),
    }
}

/// Splits `web-3` into `web` and 3.
pub fn parent_and_ordinal(name: &str) -> Option<(&str, i32)> {
    let at = name.bytes().rposition(|byte| !byte.is_ascii_digit())?;
    let (parent, digits) = (name.get(..at)?, name.get(at + 1..)?);
    (name.as_bytes().get(at) == Some(&b'-'))
        .then(|| Some((parent, digits.parse().ok()?)))
        .flatten()
}

impl ContainerState {
    /// Waiting for this reason.
    pub fn waiting(reason: &str, message: impl Into<Text>) -> Self {
        let waiting = Waiting {
            reason: reason.into(),
            message: message.into(),
            ..Waiting::default()
        };
        Self {
            waiting: Some(Rc::new(waiting)),
            ..Self::default()
        }
    }

    /// Running since then.
    pub fn running(since: Time) -> Self {
        let running = Running {
            started_at: Some(since.whole_seconds()),
            ..Running::default()
        };
        Self {
            running: Some(running),
            ..Self::default()
        }
    }

    /// Ended with a code, for a reason.
    pub fn terminated(code: i32, reason: &str, started: Option<Time>, finished: Time) -> Self {
        let terminated = Terminated {
            exit_code: code,
            reason: reason.into(),
            started_at: started,
            finished_at: Some(finished.whole_seconds()),
            ..Terminated::default()
        };
        Self {
            terminated: Some(Rc::new(terminated)),
            ..Self::default()
        }
    }

    /// Since when it runs, or ran.
    pub fn started_at(&self) -> Option<Time> {
        let running = self.running.as_ref().and_then(|it| it.started_at);
        running.or_else(|| self.terminated.as_ref().and_then(|it| it.started_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_as_upstream_splits_them() {
        // TestGetParentNameAndOrdinal of upstream's stateful_set_utils_test.go.
        for (name, split) in [
            ("a-1", Some(("a", 1))),
            ("a", None),
            ("a-b-10", Some(("a-b", 10))),
            ("a-", None),
            ("a-1x", None),
            ("a-99999999999", None),
        ] {
            assert_eq!(parent_and_ordinal(name), split, "{name}");
        }
    }

    #[test]
    fn a_condition_keeps_its_time_while_its_status_stays() {
        let ready = |status: &str, at| PodCondition {
            kind: "Ready".into(),
            status: status.into(),
            last_transition_time: Some(Time(at)),
            ..PodCondition::default()
        };
        let mut pod = Pod::default();
        pod.set_condition(ready("False", 1000));
        pod.set_condition(ready("False", 2000));
        assert_eq!(
            pod.condition("Ready")
                .and_then(|it| it.last_transition_time),
            Some(Time(1000))
        );
        pod.set_condition(ready("True", 3000));
        assert!(pod.is_available(2, Time(5000)));
        assert!(!pod.is_available(2, Time(4999)));
        assert!(!pod.is_running_and_ready(), "the phase is still Pending");
    }
}
