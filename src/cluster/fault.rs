//! Faults: what goes wrong outside of what a person can ask the API for.

use super::engine::Cluster;
use super::object::{Kind, Node, ObjectKey};
use super::record::Component;
use super::value::Text;

/// Something that goes wrong, or is mended again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A node's kubelet says nothing any more (`systemctl stop kubelet`); its containers go on.
    SilenceNode(Text),
    /// It is back.
    ReviveNode(Text),
    /// A container of a pod ends with code 1: the first that runs, or the one of this name.
    Crash(ObjectKey, Option<Text>),
    /// A pod's application answers its probes no more.
    FailProbes(ObjectKey),
    /// It answers again.
    MendProbes(ObjectKey),
    /// An image is gone from its registry; nodes that have it keep it.
    LoseImage(Text),
    /// It is back.
    RestoreImage(Text),
    /// The provisioner of the standard class is switched off.
    StopProvisioner,
    /// It is back.
    StartProvisioner,
}

/// Why a fault cannot happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such node.
    #[error("nodes {0:?} not found")]
    NoNode(Text),
    /// It is as it would be afterwards.
    #[error("{0} is so already")]
    Already(Text),
    /// No container of this pod runs.
    #[error("no container of pod {0:?} is running")]
    NotRunning(Text),
}

impl Cluster {
    /// Lets something go wrong, or mends it.
    pub fn inject(&mut self, fault: &Fault) -> Result<(), FaultError> {
        match fault {
            Fault::SilenceNode(node) => self.silence(node),
            Fault::ReviveNode(node) => self.revive(node),
            Fault::Crash(pod, container) => {
                let crashed = self.tell(Component::Kubelet, |controllers, _, wake| {
                    controllers.kubelet.end(pod, container.as_deref(), 1, wake)
                });
                changed(crashed, || FaultError::NotRunning(pod.name.clone()))
            }
            Fault::FailProbes(pod) => self.set_answers(pod, false),
            Fault::MendProbes(pod) => self.set_answers(pod, true),
            Fault::LoseImage(image) => {
                let new = self.controllers.kubelet.lost_images.insert(image.clone());
                changed(new, || FaultError::Already(image.clone()))
            }
            Fault::RestoreImage(image) => {
                let lost = self.controllers.kubelet.lost_images.remove(image);
                changed(lost, || FaultError::Already(image.clone()))
            }
            Fault::StopProvisioner => {
                let was = std::mem::replace(&mut self.controllers.provisioner.silent, true);
                changed(!was, || FaultError::Already("provisioner".into()))
            }
            Fault::StartProvisioner => {
                let was = self.controllers.provisioner.silent;
                self.tell(Component::Provisioner, |controllers, api, wake| {
                    controllers.provisioner.start(api, wake);
                });
                changed(was, || FaultError::Already("provisioner".into()))
            }
        }
    }

    /// The program of a container ends with a code, as its shell does on `exit`.
    pub fn end_program(&mut self, pod: &ObjectKey, container: &str, code: i32) {
        self.tell(Component::Kubelet, |controllers, _, wake| {
            controllers.kubelet.end(pod, Some(container), code, wake)
        });
    }

    fn silence(&mut self, node: &Text) -> Result<(), FaultError> {
        if self.api.store.get(Kind::Node, "", node).is_none() {
            return Err(FaultError::NoNode(node.clone()));
        }
        if !self.controllers.kubelet.silence(node) {
            return Err(FaultError::Already(node.clone()));
        }
        self.tell(Component::NodeLifecycle, |controllers, api, wake| {
            controllers.node_lifecycle.lose_touch(node, api, wake);
        });
        Ok(())
    }

    /// A kubelet that is started registers its node if it is gone, so the node's machine is what must be there.
    fn revive(&mut self, node: &Text) -> Result<(), FaultError> {
        let known = self.api.config.nodes.iter().any(|it| it.name == *node);
        if !known {
            return Err(FaultError::NoNode(node.clone()));
        }
        let there = self.api.store.find::<Node>("", node).is_some();
        if there && !self.controllers.kubelet.silent.contains(node) {
            return Err(FaultError::Already(node.clone()));
        }
        self.controllers.node_lifecycle.hear(node);
        self.tell(Component::Kubelet, |controllers, api, wake| {
            controllers.kubelet.revive(node, api, wake);
        });
        Ok(())
    }

    fn set_answers(&mut self, pod: &ObjectKey, answers: bool) -> Result<(), FaultError> {
        let done = self.tell(Component::Kubelet, |controllers, _, wake| {
            controllers.kubelet.set_answers(pod, answers, wake)
        });
        changed(done, || FaultError::NotRunning(pod.name.clone()))
    }
}

fn changed(done: bool, error: impl FnOnce() -> FaultError) -> Result<(), FaultError> {
    if done { Ok(()) } else { Err(error()) }
}
