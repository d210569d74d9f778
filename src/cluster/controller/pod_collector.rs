//! The pod garbage collector (reference 5.7): removes pods that no kubelet will ever confirm.
//!
//! It works in rounds of 20 s. A round is only waited for while there is something to collect.

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions};
use crate::cluster::object::pod::PodCondition;
use crate::cluster::object::{Kind, Node, Object, ObjectKey, Pod, PodPhase, Resource as _};
use crate::cluster::record::{Component, Part, Verb, Write};
use crate::cluster::sorted::SortedMap;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// The collector with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct PodCollector {
    /// Nodes that are gone, and until when that is not believed.
    quarantine: SortedMap<Text, Time>,
}

/// The one key of the collector.
fn round() -> ObjectKey {
    ObjectKey::new(Kind::Node, "", "")
}

/// Why a pod is removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    NodeGone,
    OutOfService,
    NeverPlaced,
}

impl Controller for PodCollector {
    const COMPONENT: Component = Component::PodCollector;
    const WATCHES: &[Kind] = &[Kind::Node, Kind::Pod];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let concerned = match &*write.object {
            Object::Node(node) => write.verb == Verb::Removed || node.is_out_of_service(),
            Object::Pod(pod) => {
                let node = &pod.spec.node_name;
                let is_homeless =
                    || !node.is_empty() && api.store.get(Kind::Node, "", node).is_none();
                write.verb != Verb::Removed && (pod.meta.is_deleting() || is_homeless())
            }
            _ => false,
        };
        if concerned {
            wake.add_later(round(), next_round(api));
        }
    }

    fn sync(&mut self, _key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let mut victims = Vec::new();
        let mut gone: SortedMap<Text, Time> = SortedMap::new();
        let is_gone = |name: &Text| api.store.get(Kind::Node, "", name).is_none();
        let none_is_gone = !api.store.nodes_of_pods().any(is_gone);
        for pod in api.store.list::<Pod>() {
            if none_is_gone && !pod.meta.is_deleting() {
                continue;
            }
            let name = &pod.spec.node_name;
            let node = api.store.find::<Node>("", name);
            match node {
                Some(node) => {
                    let lost = !node.is_ready() && node.is_out_of_service();
                    if pod.meta.is_deleting() && lost {
                        victims.push((pod.key(), Why::OutOfService));
                    }
                }
                None if name.is_empty() => {
                    if pod.meta.is_deleting() {
                        victims.push((pod.key(), Why::NeverPlaced));
                    }
                }
                None => {
                    let until = api.now.plus_ms(api.config.latency.pod_quarantine_ms);
                    let until = self.quarantine.get(name).copied().unwrap_or(until);
                    gone.insert(name.clone(), until);
                    if until <= api.now {
                        victims.push((pod.key(), Why::NodeGone));
                    }
                }
            }
        }
        self.quarantine = gone;
        let mut failed = false;
        for (key, why) in victims {
            failed |= !remove(&key, why, api);
        }
        // What is left of a node whose quarantine is over waits for somebody else's finalizer.
        if self.quarantine.values().any(|until| *until > api.now) {
            wake.add_later(round(), next_round(api));
        }
        if failed {
            Outcome::Retry
        } else {
            Outcome::Done
        }
    }
}

/// The next round after now; rounds are counted from the cluster's start.
fn next_round(api: &Api) -> Time {
    let period = api.config.latency.pod_collector_ms.max(1);
    let elapsed = api.now.ms_since(api.config.epoch);
    let rounds = elapsed.div_euclid(period) + 1;
    api.config.epoch.plus_ms(rounds * period)
}

/// Marks a pod as failed and removes it without waiting for anybody (`markFailedAndDeletePodWithCondition`).
fn remove(key: &ObjectKey, why: Why, api: &mut Api) -> bool {
    let now = api.now.whole_seconds();
    let marked = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
        if !pod.is_finished() {
            pod.status_mut().phase = PodPhase::Failed;
        }
        if why == Why::NodeGone {
            pod.set_condition(PodCondition::disruption(
                "DeletionByPodGC",
                "PodGC: node no longer exists",
                now,
            ));
        }
    });
    let options = DeleteOptions {
        grace_s: Some(0),
        ..DeleteOptions::default()
    };
    let deleted = api.delete(key, &options);
    marked.is_ok() && deleted.is_ok_and(|_| true)
}
