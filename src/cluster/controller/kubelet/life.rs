//! One life of a pod on its node: the stages from the first look to the last word.

use super::container::{ContainerLife, Doing};
use super::program;
use crate::cluster::object::{ObjectKey, Pod, PodPhase, Resource as _};
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// How far a pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The kubelet has written its first status and sets up volumes and sandbox until then.
    Preparing(Time),
    /// The init container of this position is at work.
    Init(usize),
    /// The containers are at work.
    Main,
    /// Its containers are being stopped: those that heed are gone by then.
    Stopping(Time),
    /// Its containers are gone; the kubelet confirms then.
    Confirming(Time),
    /// It is over and needs nothing any more.
    Over,
}

/// A pod on its node.
#[derive(Clone, Debug)]
pub(super) struct Life {
    /// Its name.
    pub key: ObjectKey,
    /// Which pod of this name.
    pub uid: Text,
    /// Its node.
    pub node: Text,
    /// How far it is.
    pub stage: Stage,
    /// Its init containers.
    pub inits: Vec<ContainerLife>,
    /// Its containers.
    pub containers: Vec<ContainerLife>,
    /// Whether what keeps its volumes away was said, and in which words.
    pub said: Option<String>,
    /// When it gets killed, once it is being stopped.
    pub kill_at: Option<Time>,
    /// Whether its application answers probes; a fault may silence it.
    pub answers: bool,
}

impl Life {
    /// The life of a pod that its kubelet has just seen.
    pub(super) fn new(pod: &Pod, until: Time) -> Self {
        let lives = |containers: &[crate::cluster::object::pod_spec::Container]| {
            containers
                .iter()
                .map(|it| ContainerLife::new(it, program::of(it)))
                .collect()
        };
        Self {
            key: pod.key(),
            uid: pod.meta.uid.clone(),
            node: pod.spec.node_name.clone(),
            stage: Stage::Preparing(until),
            inits: lives(&pod.spec.init_containers),
            containers: lives(&pod.spec.containers),
            said: None,
            kill_at: None,
            answers: true,
        }
    }

    /// When something happens by itself.
    pub(super) fn next_due(&self) -> Option<Time> {
        let of = |lives: &[ContainerLife]| lives.iter().filter_map(ContainerLife::next_due).min();
        match self.stage {
            Stage::Preparing(until) | Stage::Confirming(until) => Some(until),
            Stage::Init(_) => of(&self.inits),
            Stage::Main => of(&self.containers)
                .into_iter()
                .chain(of(&self.inits))
                .min(),
            Stage::Stopping(until) => Some(until),
            Stage::Over => None,
        }
    }

    /// Whether an init container at this position stays: a sidecar.
    pub(super) fn is_sidecar(pod: &Pod, index: usize) -> bool {
        pod.spec
            .init_containers
            .get(index)
            .is_some_and(|it| it.restart_policy.as_deref() == Some("Always"))
    }

    /// Whether the init containers are through.
    pub(super) fn is_initialized(&self) -> bool {
        !matches!(self.stage, Stage::Preparing(_) | Stage::Init(_)) || self.inits.is_empty()
    }

    /// The phase that follows from the containers.
    pub(super) fn phase(&self, pod: &Pod) -> PodPhase {
        let policy = &*pod.spec.restart_policy;
        let codes: Vec<i32> = self
            .containers
            .iter()
            .filter_map(|life| match &life.doing {
                Doing::Ended(exit, super::container::Next::Nothing) => Some(exit.code),
                _ => None,
            })
            .collect();
        let all_over = !self.containers.is_empty() && codes.len() == self.containers.len();
        let stopped = matches!(self.stage, Stage::Confirming(_) | Stage::Over);
        if all_over && (stopped || policy != "Always") {
            return if codes.iter().all(|code| *code == 0) {
                PodPhase::Succeeded
            } else {
                PodPhase::Failed
            };
        }
        if matches!(self.stage, Stage::Preparing(_) | Stage::Init(_)) {
            let failed = policy == "Never"
                && self
                    .inits
                    .iter()
                    .any(|it| matches!(&it.doing, Doing::Ended(exit, _) if exit.code != 0));
            return if failed {
                PodPhase::Failed
            } else {
                PodPhase::Pending
            };
        }
        if self.containers.iter().all(ContainerLife::has_run) {
            PodPhase::Running
        } else {
            PodPhase::Pending
        }
    }

    /// Writes the containers into a status.
    pub(super) fn write(&self, pod: &mut Pod) {
        let (meta, spec) = (&pod.meta, &pod.spec);
        let idle = if self.inits.is_empty() || self.is_initialized() {
            "ContainerCreating"
        } else {
            "PodInitializing"
        };
        let show = |lives: &[ContainerLife],
                    containers: &[crate::cluster::object::pod_spec::Container],
                    idle: &str| {
            lives
                .iter()
                .zip(containers)
                .map(|(life, it)| life.status(it, idle, meta))
                .collect()
        };
        let containers = show(&self.containers, &spec.containers, idle);
        let inits = show(&self.inits, &spec.init_containers, "PodInitializing");
        let phase = self.phase(pod);
        let status = pod.status_mut();
        status.container_statuses = containers;
        status.init_container_statuses = inits;
        status.phase = phase;
    }
}
