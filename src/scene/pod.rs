//! One life of an identity.

use super::revision::{self, RevisionTag};
use crate::cluster::object::{Node, Pod, PodPhase, Resource as _, StatefulSet};
use crate::cluster::record::{Component, Stop};
use crate::cluster::value::Text;
use crate::kubectl::status::{pod_ready, pod_restarts, pod_status};
use crate::timeline::View;

/// How a pod is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It has no node.
    Pending,
    /// Its node prepares it.
    Creating,
    /// It runs and is not ready.
    NotReady,
    /// It serves.
    Ready,
    /// It is being deleted.
    Terminating,
    /// It ended badly, or cannot start.
    Failed,
    /// It ended well.
    Succeeded,
    /// Its node does not answer.
    Unknown,
}

impl Look {
    /// The look's name in class names and `data-phase`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Creating => "creating",
            Self::NotReady => "not-ready",
            Self::Ready => "ready",
            Self::Terminating => "terminating",
            Self::Failed => "failed",
            Self::Succeeded => "succeeded",
            Self::Unknown => "unknown",
        }
    }
}

/// A pod as a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodCard {
    /// Its name.
    pub name: Text,
    /// Its uid: another life has another.
    pub uid: Text,
    /// How it is drawn.
    pub look: Look,
    /// The word of kubectl's STATUS column.
    pub word: Text,
    /// Containers that are ready, and all of them.
    pub ready: (usize, usize),
    /// Its address; empty if it has none.
    pub ip: Text,
    /// Its node; empty if it has none.
    pub node: Text,
    /// The revision of its set that it was made from; `None` if it is of no set.
    pub revision: Option<RevisionTag>,
    /// Which life of its name this is, from 1 on.
    pub life: usize,
    /// The address of the life before, if there was one.
    pub was_ip: Option<Text>,
    /// How often its containers were started again.
    pub restarts: i32,
    /// Seconds until it is killed, while it terminates.
    pub grace_left_s: Option<i64>,
    /// Why it does not go on, if somebody said so.
    pub waits: Option<Stop>,
}

/// Words that mean that a pod cannot start or does not stay up.
const FAILED_WORDS: &[&str] = &[
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "Error",
    "ImagePullBackOff",
    "InvalidImageName",
    "OOMKilled",
    "RunContainerError",
    "StartError",
];

pub(super) fn draw(pod: &Pod, view: &View) -> PodCard {
    let key = pod.key();
    let lives = view.lives(&key);
    let position = lives.iter().position(|it| it.uid == pod.meta.uid);
    let before = position.and_then(|at| lives.get(at.checked_sub(1)?));
    let word = pod_status(pod);
    let look = look(pod, &word, view);
    let set = pod.meta.controller();
    let set = set.filter(|it| &*it.kind == StatefulSet::KIND.name());
    let revision = pod.meta.label("controller-revision-hash");
    let due = pod.meta.deleted;
    PodCard {
        name: pod.meta.name.clone(),
        uid: pod.meta.uid.clone(),
        look,
        word,
        ready: pod_ready(pod),
        ip: pod.status.pod_ip.clone(),
        node: pod.spec.node_name.clone(),
        revision: set
            .zip(revision)
            .and_then(|(set, name)| revision::draw(&pod.meta.namespace, &set.name, name, view)),
        life: position.map_or(1, |at| at + 1),
        was_ip: before.map(|it| it.ip.clone()).filter(|ip| !ip.is_empty()),
        restarts: pod_restarts(pod),
        grace_left_s: due.map(|due| (due.ms_since(view.now).max(0) + 999) / 1000),
        waits: waits(pod, view).map(|(_, stop)| stop),
    }
}

/// Who waits with a pod, and for what.
pub(super) fn waits(pod: &Pod, view: &View) -> Option<(Component, Stop)> {
    let who = match look(pod, &pod_status(pod), view) {
        Look::Ready | Look::Terminating | Look::Succeeded => return None,
        Look::Unknown => {
            let stop = Stop::NodeSilent(pod.spec.node_name.clone());
            return Some((Component::Kubelet, stop));
        }
        Look::Pending => Component::Scheduler,
        _ => Component::Kubelet,
    };
    let stop = view.stop(who, &pod.key())?;
    Some((who, stop.clone()))
}

fn look(pod: &Pod, word: &str, view: &View) -> Look {
    let node = view.store.find::<Node>("", &pod.spec.node_name);
    let is_lost = !pod.spec.node_name.is_empty() && !node.is_some_and(Node::is_ready);
    match pod.status.phase {
        _ if is_lost => Look::Unknown,
        _ if pod.meta.is_deleting() => Look::Terminating,
        PodPhase::Failed => Look::Failed,
        PodPhase::Succeeded => Look::Succeeded,
        PodPhase::Unknown => Look::Unknown,
        _ if FAILED_WORDS.contains(&word.trim_start_matches("Init:")) => Look::Failed,
        PodPhase::Running if pod.has_ready_condition() => Look::Ready,
        PodPhase::Running => Look::NotReady,
        PodPhase::Pending if pod.spec.node_name.is_empty() => Look::Pending,
        PodPhase::Pending => Look::Creating,
    }
}
