//! The manual kubelet and scheduler: each verb is one write that a test (or a lesson) asks for.
//!
//! The recordings are driven this way; `tests/recordings/README.md` says what each verb writes.

use std::rc::Rc;

use super::Cluster;
use super::api::DeleteOptions;
use super::controller::kubelet::status::{self, Conditions};
use super::error::ApiError;
use super::object::claim::SELECTED_NODE;
use super::object::pod::ContainerState;
use super::object::{Kind, Node, Object, ObjectKey, PersistentVolumeClaim, Pod, PodPhase};
use super::record::{Component, Part};
use super::value::Text;

/// One verb with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manual {
    /// Something happens to a pod.
    Pod(Text, PodVerb),
    /// The scheduler chose a node for a claim that waits for its consumer.
    Choose {
        /// The claim.
        claim: Text,
        /// The node.
        node: Text,
    },
}

/// What happens to a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodVerb {
    /// The scheduler binds it to a node.
    Bind(Text),
    /// The kubelet has seen it.
    Creating,
    /// Its containers run and are ready, or not.
    Running {
        /// Whether they are ready.
        ready: bool,
    },
    /// Its containers wait.
    Waiting {
        /// Why, in one word.
        reason: Text,
        /// How often they were restarted, if that changes.
        restarts: Option<i32>,
    },
    /// Its containers ended, its phase stays.
    Exited {
        /// The exit code.
        code: i32,
        /// Why, in one word.
        reason: Text,
    },
    /// Its phase changes, nothing else.
    Phase(PodPhase),
    /// Its containers ended for good with this code.
    Stopped(i32),
    /// The kubelet confirms that it is gone.
    Gone,
}

/// The conditions that every verb but the first ones leaves.
const THROUGH: Conditions = Conditions {
    sandbox: true,
    initialized: true,
};

impl Cluster {
    /// Writes what a manual verb says, for an object of a namespace.
    pub fn act_manually(&mut self, namespace: &str, manual: &Manual) -> Result<(), ApiError> {
        match manual {
            Manual::Pod(pod, PodVerb::Gone) => self.confirm_gone(namespace, pod),
            Manual::Pod(name, verb) => {
                let found = self.api.store.find::<Pod>(namespace, name).cloned();
                let mut pod = found.ok_or_else(|| ApiError::not_found(Kind::Pod, name))?;
                self.change(&mut pod, verb);
                let (author, part) = match verb {
                    PodVerb::Bind(_) => (Component::Scheduler, Part::Binding),
                    _ => (Component::Kubelet, Part::Status),
                };
                self.request(author, |api| api.update(Object::Pod(pod), part))
                    .map(|_| ())
            }
            Manual::Choose { claim, node } => self.choose(namespace, claim, node),
        }
    }

    fn change(&mut self, pod: &mut Pod, verb: &PodVerb) {
        let now = self.now();
        match verb {
            PodVerb::Bind(node) => {
                Rc::make_mut(&mut pod.spec).node_name = node.clone();
                status::set_scheduled(pod, now);
            }
            PodVerb::Creating => {
                let node = self.api.store.find::<Node>("", &pod.spec.node_name);
                status::set_creating(pod, node, now);
            }
            PodVerb::Running { ready } => {
                if pod.status.pod_ip.is_empty() {
                    let ip = self.controllers.kubelet.network.next(&pod.spec.node_name);
                    status::set_address(pod.status_mut(), ip);
                }
                status::set_running(pod, *ready, now);
                status::set_conditions(pod, THROUGH, now);
            }
            PodVerb::Waiting { reason, restarts } => {
                status::each_container(pod, |container| {
                    container.state = ContainerState::waiting(reason, "");
                    container.ready = false;
                    container.restart_count = restarts.unwrap_or(container.restart_count);
                });
                status::set_conditions(pod, THROUGH, now);
            }
            PodVerb::Exited { code, reason } => {
                status::end_containers(pod, *code, reason, now);
                status::set_conditions(pod, THROUGH, now);
            }
            PodVerb::Phase(phase) => pod.status_mut().phase = *phase,
            PodVerb::Stopped(code) => {
                let (reason, phase) = match code {
                    0 => ("Completed", PodPhase::Succeeded),
                    _ => ("Error", PodPhase::Failed),
                };
                status::end_containers(pod, *code, reason, now);
                pod.status_mut().phase = phase;
                status::set_conditions(pod, THROUGH, now);
            }
            PodVerb::Gone => {}
        }
    }

    fn confirm_gone(&mut self, namespace: &str, pod: &Text) -> Result<(), ApiError> {
        let key = ObjectKey::new(Kind::Pod, namespace, pod.clone());
        let uid = self
            .api
            .store
            .by_key(&key)
            .map(|object| object.meta().uid.clone());
        let options = DeleteOptions {
            grace_s: Some(0),
            uid,
            propagation: None,
        };
        self.request(Component::Kubelet, |api| api.delete(&key, &options))
            .map(|_| ())
    }

    fn choose(&mut self, namespace: &str, claim: &str, node: &Text) -> Result<(), ApiError> {
        let changed = self.request(Component::Scheduler, |api| {
            api.modify::<PersistentVolumeClaim>(namespace, claim, Part::Main, |it| {
                it.meta.annotate(SELECTED_NODE, node.clone());
            })
        })?;
        changed
            .map(|_| ())
            .ok_or_else(|| ApiError::not_found(Kind::PersistentVolumeClaim, claim))
    }
}
