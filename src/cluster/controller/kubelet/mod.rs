//! The kubelets: each runs the pods of its node (reference chapter 5).
//!
//! One key a pod. Programs are not run: what they would do is told from image, command and environment ([`program`]),
//! what can be pulled is told in [`registry`].

mod container;
mod life;
mod mounts;
pub mod network;
mod program;
pub mod registry;
mod run;
pub mod status;
mod stop;

use crate::cluster::sorted::{SortedMap, SortedSet};
use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, Says};
use crate::cluster::lookup::Lookup;
use crate::cluster::object::{Kind, Node, Object, ObjectKey, Pod, Resource as _};
use crate::cluster::record::{Component, Part, Verb, Write};
use crate::cluster::setup;
use crate::cluster::value::Text;
use container::{ContainerLife, Doing};
use life::{Life, Stage};
use mounts::Attachments;
use network::Network;
use status::Conditions;

/// The kubelets of all nodes.
#[derive(Clone, Debug, Default)]
pub struct Kubelet {
    /// The pod network.
    pub network: Network,
    /// Nodes whose kubelet does not answer.
    pub silent: SortedSet<Text>,
    /// Images that a fault has taken out of the registry.
    pub lost_images: SortedSet<Text>,
    /// In boxes, as each is taken out to be changed.
    lives: Lookup<ObjectKey, Box<Life>>,
    /// Pods that wait for something that is not there.
    blocked: SortedSet<ObjectKey>,
    /// Pods that the API has lost while their node did not answer: they may still run there. By uid.
    ghosts: SortedMap<Text, Life>,
    images: SortedMap<Text, SortedSet<Text>>,
    attached: Attachments,
}

impl Controller for Kubelet {
    const COMPONENT: Component = Component::Kubelet;
    const WATCHES: &[Kind] = &[
        Kind::ConfigMap,
        Kind::Namespace,
        Kind::Node,
        Kind::PersistentVolumeClaim,
        Kind::Pod,
        Kind::PodDisruptionBudget,
        Kind::Secret,
        Kind::ServiceAccount,
    ];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        match &*write.object {
            Object::Pod(pod) => self.observe_pod(write, pod, api, wake),
            Object::Node(node) if write.verb == Verb::Removed => {
                self.attached.detach_node(&node.meta.name);
            }
            // What was missing may be there now.
            Object::PersistentVolumeClaim(_) | Object::Plain(_) if write.verb != Verb::Removed => {
                self.wake_blocked(&write.object, api, wake);
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        if key.kind == Kind::Node {
            return self.report_node(key, api);
        }
        let found = api.store.hold::<Pod>(&key.namespace, &key.name);
        let Some(pod) = found.filter(|pod| !pod.spec.node_name.is_empty()) else {
            self.forget(key, api);
            return Outcome::Done;
        };
        if self.silent.contains(&pod.spec.node_name)
            || api.store.get(Kind::Node, "", &pod.spec.node_name).is_none()
        {
            return Outcome::Done;
        }
        let known = self.lives.get(key);
        match known.map(|life| life.uid == pod.meta.uid) {
            Some(true) => {}
            Some(false) => {
                self.forget(key, api);
                return self.first_look(key, &pod, api, wake);
            }
            None => return self.first_look(key, &pod, api, wake),
        }
        if pod.meta.is_deleting() {
            self.stop(key, &pod, api);
        } else {
            self.advance(key, &pod, api);
        }
        self.report(key, api, wake)
    }
}

impl Kubelet {
    fn observe_pod(&mut self, write: &Write, pod: &Pod, api: &Api, wake: &mut Wake<'_>) {
        if pod.spec.node_name.is_empty() {
            return;
        }
        if write.verb == Verb::Removed {
            // The processes of a pod that was removed by force go on until their kubelet hears of it.
            wake.add(write.object.key(), api.config.latency.kubelet_ms);
            return;
        }
        let before = write.before.as_deref().and_then(Pod::of);
        let placed = before.is_none_or(|before| before.spec.node_name.is_empty());
        let asked_to_go =
            pod.meta.is_deleting() && before.is_none_or(|it| it.meta.deleted != pod.meta.deleted);
        let respecified = before.is_some_and(|it| !Rc::ptr_eq(&it.spec, &pod.spec));
        if placed || asked_to_go || respecified {
            wake.add(write.object.key(), api.config.latency.kubelet_ms);
        }
    }

    /// Wakes pods that wait for a claim, a ConfigMap or a Secret of this name.
    fn wake_blocked(&self, object: &Object, api: &Api, wake: &mut Wake<'_>) {
        let meta = object.meta();
        for key in self
            .blocked
            .iter()
            .filter(|key| key.namespace == meta.namespace)
        {
            wake.add(key.clone(), api.config.latency.kubelet_ms);
        }
    }

    /// A pod that was here is gone; on a node that does not answer it goes on unseen.
    fn forget(&mut self, key: &ObjectKey, api: &Api) {
        let Some(life) = self.lives.remove(key) else {
            return;
        };
        self.blocked.remove(key);
        if self.silent.contains(&life.node) {
            self.attached.abandon(&life.uid, api);
            self.ghosts.insert(life.uid.clone(), *life);
        } else {
            self.attached.detach(&life.uid);
        }
    }

    /// The kubelet sees a pod for the first time.
    fn first_look(
        &mut self,
        key: &ObjectKey,
        pod: &Pod,
        api: &mut Api,
        wake: &mut Wake<'_>,
    ) -> Outcome {
        if pod.is_finished() {
            return self.confirm_unseen(key, pod, api);
        }
        if pod.meta.is_deleting() {
            return self.confirm_unseen(key, pod, api);
        }
        if let Some((reason, message)) = mounts::turn_away(pod, api) {
            let written = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
                let status = pod.status_mut();
                status.phase = crate::cluster::object::PodPhase::Failed;
                status.reason = reason.into();
                status.message = message.into();
            });
            return if written.is_ok() {
                Outcome::Done
            } else {
                Outcome::Retry
            };
        }
        let life = Life::new(pod, api.now.plus_ms(api.config.latency.sandbox_ms));
        let due = life.next_due();
        self.lives.insert(key.clone(), Box::new(life));
        let node = api.store.hold::<Node>("", &pod.spec.node_name);
        let now = api.now;
        let written = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
            status::set_creating(pod, node.as_deref(), now);
        });
        if let Some(due) = due {
            wake.add_later(key.clone(), due);
        }
        if written.is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }

    /// A pod that was over or told to go before its kubelet ran anything of it.
    fn confirm_unseen(&mut self, key: &ObjectKey, pod: &Pod, api: &mut Api) -> Outcome {
        if pod.meta.is_deleting() {
            stop::confirm(key, pod, api);
        }
        Outcome::Done
    }

    /// Writes the status that follows, and comes again when something is due.
    fn report(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let Some(life) = self.lives.get(key) else {
            return Outcome::Done;
        };
        let now = api.now;
        let conditions = Conditions {
            sandbox: !matches!(life.stage, Stage::Preparing(_)),
            initialized: life.is_initialized(),
        };
        let is_preparing = !conditions.sandbox;
        let network = &mut self.network;
        let written = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
            if is_preparing {
                return;
            }
            if pod.status.pod_ip.is_empty() {
                let ip = network.next(&pod.spec.node_name);
                status::set_address(pod.status_mut(), ip);
            }
            life.write(pod);
            status::set_conditions(pod, conditions, now);
        });
        if let Some(due) = life.next_due() {
            wake.add_later(key.clone(), due);
        }
        if written.is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }

    /// A node's kubelet says that it is well; it registers a node that is not there.
    fn report_node(&mut self, key: &ObjectKey, api: &mut Api) -> Outcome {
        if self.silent.contains(&key.name) {
            return Outcome::Done;
        }
        let Some(node) = api.store.find::<Node>("", &key.name).cloned() else {
            let Some(node) = setup::node(&key.name, api) else {
                return Outcome::Done;
            };
            let made = api.create(node.into_object());
            return if made.is_ok() {
                Outcome::Done
            } else {
                Outcome::Retry
            };
        };
        if node.is_ready() {
            return Outcome::Done;
        }
        let now = api.now.whole_seconds();
        let written = api.modify::<Node>("", &key.name, Part::Status, |node| {
            let status = Rc::make_mut(&mut node.status);
            let mut ready = setup::ready();
            ready.last_transition_time = Some(now);
            status.conditions.retain(|it| &*it.kind != "Ready");
            status.conditions.push(ready);
        });
        let text = format!("Node {} status is now: NodeReady", key.name);
        api.say(&node.into_object(), Says::normal("NodeReady", text));
        if written.is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }

    /// A node's kubelet falls silent; whether it was not already.
    pub fn silence(&mut self, node: &str) -> bool {
        self.silent.insert(node.into())
    }

    /// A node's kubelet is back: it looks at itself and at all its pods again, and ends what should not run.
    pub fn revive(&mut self, node: &str, api: &Api, wake: &mut Wake<'_>) {
        self.silent.remove(node);
        let ghosts: Vec<Text> = self
            .ghosts
            .values()
            .filter(|life| &*life.node == node)
            .map(|life| life.uid.clone())
            .collect();
        for uid in ghosts {
            self.ghosts.remove(&uid);
            self.attached.detach(&uid);
        }
        let after_ms = api.config.latency.kubelet_ms;
        wake.add(ObjectKey::new(Kind::Node, "", node), after_ms);
        let lives = self.lives.sorted().into_iter();
        let known = lives
            .filter(|(_, life)| &*life.node == node)
            .map(|(key, _)| key.clone());
        let bound = api
            .store
            .pods_on(node)
            .map(|(namespace, name)| ObjectKey::new(Kind::Pod, namespace.clone(), name.clone()));
        let keys: SortedSet<ObjectKey> = known.chain(bound).collect();
        for key in keys {
            wake.add(key, after_ms + 1);
        }
    }

    /// Ends the program of a container that runs, with a code; whether one of this name (or any) runs.
    pub fn end(
        &mut self,
        key: &ObjectKey,
        container: Option<&str>,
        code: i32,
        wake: &mut Wake<'_>,
    ) -> bool {
        let Some(life) = self.lives.get_mut(key).filter(|it| it.stage == Stage::Main) else {
            return false;
        };
        let named = |it: &&mut ContainerLife| container.is_none_or(|name| &*it.name == name);
        let mut containers = life.containers.iter_mut().filter(named);
        let Some(one) = containers.find(|it| matches!(it.doing, Doing::Running(_))) else {
            return false;
        };
        one.ends_now = Some(code);
        wake.add(key.clone(), 0);
        true
    }

    /// Makes a pod's application answer its probes or not; whether that is a change.
    pub fn set_answers(&mut self, key: &ObjectKey, answers: bool, wake: &mut Wake<'_>) -> bool {
        let Some(life) = self.lives.get_mut(key).filter(|it| it.answers != answers) else {
            return false;
        };
        life.answers = answers;
        wake.add(key.clone(), 0);
        true
    }

    /// The pods that the API has lost and that may still run on nodes that do not answer: names and nodes.
    pub fn ghosts(&self) -> impl Iterator<Item = (&ObjectKey, &Text)> {
        self.ghosts.values().map(|life| (&life.key, &life.node))
    }

    /// Where a volume is attached.
    pub fn attached_to(&self, volume: &str) -> Option<&Text> {
        self.attached.node_of(volume)
    }

    /// Whether a pod's application answers its probes.
    pub fn answers(&self, key: &ObjectKey) -> bool {
        self.lives.get(key).is_none_or(|life| life.answers)
    }
}
