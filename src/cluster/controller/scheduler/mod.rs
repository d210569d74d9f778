//! The scheduler (reference 5.8, 4.3): gives every pod a node, or says why none fits.

mod filter;
mod nodes;
mod score;
mod volumes;

use crate::cluster::sorted::{SortedMap, SortedSet};
use std::rc::Rc;

use super::kubelet::status;
use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, Says};
use crate::cluster::object::pod::PodCondition;
use crate::cluster::object::{Kind, Object, ObjectKey, Pod, Resource as _};
use crate::cluster::record::{Component, Part, Stop, Verb, Write};
use crate::cluster::time::Time;
use crate::cluster::value::{self, Text};
use filter::Verdicts;
use nodes::Nodes;
pub use nodes::host_ports;
use volumes::Claims;

/// The name by which pods ask for it.
const OWN_NAME: &str = "default-scheduler";
/// The first and the longest wait of a pod that fits nowhere.
const BACKOFF_S: (i64, i64) = (1, 10);
/// How long a pod waits for its volumes before another node is looked for.
const BIND_TIMEOUT_S: i64 = 600;

/// The scheduler with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    nodes: Nodes,
    /// Pods that fit nowhere: how often they were tried, and when last.
    waiting: SortedMap<ObjectKey, (u32, Time)>,
    /// Pods whose node is chosen and whose volumes are being bound.
    assumed: SortedMap<ObjectKey, (Text, Time)>,
}

impl Controller for Scheduler {
    const COMPONENT: Component = Component::Scheduler;
    const WATCHES: &[Kind] = &[
        Kind::Node,
        Kind::PersistentVolume,
        Kind::PersistentVolumeClaim,
        Kind::Pod,
        Kind::StorageClass,
    ];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        self.nodes.observe(write);
        let helps_others = match &*write.object {
            Object::Pod(pod) => self.observe_pod(write, pod, api, wake),
            Object::Node(_) => true,
            Object::PersistentVolumeClaim(_)
            | Object::PersistentVolume(_)
            | Object::StorageClass(_) => true,
            _ => false,
        };
        if helps_others {
            self.wake_waiting(api, wake);
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let found = api.store.hold::<Pod>(&key.namespace, &key.name);
        let Some(pod) = found.filter(|pod| is_for_us(pod)) else {
            self.waiting.remove(key);
            self.assumed.remove(key);
            return Outcome::Done;
        };
        if let Some((node, since)) = self.assumed.get(key).cloned() {
            if api.now.ms_since(since) < BIND_TIMEOUT_S * 1000 && self.nodes.knows(&node) {
                return self.bind_when_ready(key, &pod, &node, api, wake);
            }
            self.assumed.remove(key);
        }
        let claims = match Claims::of(&pod, api) {
            Ok(claims) => claims,
            Err(text) => {
                let verdicts = Verdicts::for_all(self.nodes.count(), text);
                return self.fail(key, &pod, &verdicts, api);
            }
        };
        let verdicts = filter::run(&pod, &self.nodes, &claims, api);
        match score::best(&pod, &self.nodes, &verdicts, api) {
            Some(node) => self.choose(key, &pod, &node, &claims, api, wake),
            None => self.fail(key, &pod, &verdicts, api),
        }
    }
}

/// Whether a pod wants a node from this scheduler.
fn is_for_us(pod: &Pod) -> bool {
    pod.spec.node_name.is_empty()
        && &*pod.spec.scheduler_name == OWN_NAME
        && pod.spec.scheduling_gates.is_empty()
        && !pod.meta.is_deleting()
        && !pod.is_finished()
}

impl Scheduler {
    /// Wakes for a pod that wants a node; whether its change may help others.
    fn observe_pod(&mut self, write: &Write, pod: &Pod, api: &Api, wake: &mut Wake<'_>) -> bool {
        let before = write.before.as_deref().and_then(Pod::of);
        if write.verb == Verb::Removed {
            let key = write.object.key();
            self.waiting.remove(&key);
            self.assumed.remove(&key);
            return !pod.spec.node_name.is_empty();
        }
        let is_new = before.is_none_or(|before| !Rc::ptr_eq(&before.spec, &pod.spec));
        if is_for_us(pod) && is_new {
            wake.add(write.object.key(), api.config.latency.schedule_ms);
        }
        // A pod that is placed or over may make affinity hold or room free.
        let placed = before.is_some_and(|before| before.spec.node_name.is_empty())
            && !pod.spec.node_name.is_empty();
        let over = pod.is_finished() && before.is_some_and(|before| !before.is_finished());
        placed || over
    }

    /// Tries pods again that fitted nowhere, each after its own back-off.
    fn wake_waiting(&self, api: &Api, wake: &mut Wake<'_>) {
        for (key, (attempts, last)) in &self.waiting {
            let doublings = attempts.saturating_sub(1).min(8);
            let wait_s = (BACKOFF_S.0 << doublings).min(BACKOFF_S.1);
            let due = last
                .plus_s(wait_s)
                .max(api.now.plus_ms(api.config.latency.schedule_ms));
            wake.add(key.clone(), due.ms_since(api.now));
        }
        for key in self.assumed.keys() {
            wake.add(key.clone(), 0);
        }
    }

    /// Takes a node for a pod: at once, or when its volumes are there.
    fn choose(
        &mut self,
        key: &ObjectKey,
        pod: &Pod,
        node: &Text,
        claims: &Claims,
        api: &mut Api,
        wake: &mut Wake<'_>,
    ) -> Outcome {
        if claims.are_bound() {
            return self.bind(key, pod, node, api);
        }
        self.assumed.insert(key.clone(), (node.clone(), api.now));
        let nominated = node.clone();
        let written = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
            pod.status_mut().nominated_node_name = nominated;
        });
        if written.is_err() || claims.select_node(node, api).is_err() {
            return Outcome::Retry;
        }
        wake.add_later(key.clone(), api.now.plus_s(BIND_TIMEOUT_S));
        Outcome::Done
    }

    fn bind_when_ready(
        &mut self,
        key: &ObjectKey,
        pod: &Pod,
        node: &Text,
        api: &mut Api,
        wake: &mut Wake<'_>,
    ) -> Outcome {
        match Claims::of(pod, api) {
            Ok(claims) if claims.are_bound() => self.bind(key, pod, node, api),
            Ok(_) => {
                wake.add_later(key.clone(), api.now.plus_s(BIND_TIMEOUT_S));
                Outcome::Done
            }
            Err(_) => {
                // A claim is gone or going: another look from the start.
                self.assumed.remove(key);
                wake.add(key.clone(), api.config.latency.schedule_ms);
                Outcome::Done
            }
        }
    }

    fn bind(&mut self, key: &ObjectKey, pod: &Pod, node: &Text, api: &mut Api) -> Outcome {
        self.waiting.remove(key);
        self.assumed.remove(key);
        let now = api.now;
        let mut bound = pod.clone();
        Rc::make_mut(&mut bound.spec).node_name = node.clone();
        bound.status_mut().nominated_node_name = Text::default();
        status::set_scheduled(&mut bound, now);
        match api.update(Object::Pod(bound), Part::Binding) {
            Ok(object) => {
                let message = value::concat(&[
                    "Successfully assigned ",
                    &key.namespace,
                    "/",
                    &key.name,
                    " to ",
                    node,
                ]);
                api.say(&*object, Says::normal("Scheduled", message));
                Outcome::Done
            }
            Err(_) => Outcome::Retry,
        }
    }

    /// Says that a pod fits nowhere, and why.
    fn fail(&mut self, key: &ObjectKey, pod: &Pod, verdicts: &Verdicts, api: &mut Api) -> Outcome {
        let message = verdicts.message();
        let (attempts, last) = self.waiting.entry(key.clone()).or_default();
        *attempts += 1;
        *last = api.now;
        let condition = PodCondition {
            kind: "PodScheduled".into(),
            status: "False".into(),
            last_transition_time: Some(api.now.whole_seconds()),
            reason: "Unschedulable".into(),
            message: message.as_str().into(),
            ..PodCondition::default()
        };
        let written = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
            pod.set_condition(condition);
        });
        api.say(pod, Says::warning("FailedScheduling", message.clone()));
        api.stop(key, Stop::Unschedulable(message.into()));
        if written.is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }

    /// Compares what is remembered of nodes with a plain search.
    pub fn check(&self, api: &Api) -> Result<(), String> {
        self.nodes.check(api)
    }

    /// The pods that fit nowhere.
    pub fn waiting(&self) -> SortedSet<ObjectKey> {
        self.waiting.keys().cloned().collect()
    }
}

/// The key of a pod.
pub fn pod_key(pod: &Pod) -> ObjectKey {
    ObjectKey::new(Kind::Pod, pod.meta.namespace.clone(), pod.meta.name.clone())
}
