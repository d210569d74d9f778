//! The node lifecycle controller (reference 5.7): notices nodes that fall silent and taints them.
//!
//! Real kubelets renew a lease every ten seconds. Here a kubelet's silence itself is told to this controller
//! ([`NodeLifecycle::lose_touch`]); what follows from it, and when, is the same.

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, Says};
use crate::cluster::error::ApiError;
use crate::cluster::object::node::{NOT_READY, NodeCondition, Taint, UNREACHABLE, UNSCHEDULABLE};
use crate::cluster::object::pod::PodCondition;
use crate::cluster::object::{Kind, Node, Object, ObjectKey, Pod, Resource as _};
use crate::cluster::record::{Component, Part, Stop, Verb, Write};
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// How long a node may take to report for the first time (`--node-startup-grace-period`).
const STARTUP_GRACE_S: i64 = 60;

/// The controller with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct NodeLifecycle {
    /// Nodes that have not reported since then.
    silent: SortedMap<Text, Time>,
}

impl Controller for NodeLifecycle {
    const COMPONENT: Component = Component::NodeLifecycle;
    const WATCHES: &[Kind] = &[Kind::Node, Kind::Pod];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.node_ms;
        match &*write.object {
            Object::Node(node) if write.verb == Verb::Removed => {
                self.silent.remove(&node.meta.name);
                wake_all(api, wake);
            }
            Object::Node(node) => {
                let before = write.before.as_deref().and_then(Node::of);
                if before.is_none() && node.condition("Ready").is_none() {
                    // No kubelet has said anything of it yet.
                    self.silent.insert(node.meta.name.clone(), api.now);
                    let due = api.now.plus_s(STARTUP_GRACE_S);
                    wake.add_later(write.object.key(), due);
                }
                if before.is_some_and(|before| before.ready() != node.ready()) {
                    // Whether this was the last node that was well, or the first again, concerns all of them.
                    wake_all(api, wake);
                } else {
                    wake.add(write.object.key(), after_ms);
                }
            }
            // A pod that comes to a lost node is not Ready there either.
            Object::Pod(pod) => {
                let node = &pod.spec.node_name;
                if pod.has_ready_condition() && self.silent.contains_key(node) {
                    wake.add(ObjectKey::new(Kind::Node, "", node.clone()), after_ms);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let Some(node) = api.store.find::<Node>("", &key.name).cloned() else {
            return Outcome::Done;
        };
        if node.ready() != "Unknown"
            && let Some(since) = self.silent.get(&key.name)
        {
            let due = since.plus_ms(api.config.latency.node_grace_ms);
            if due > api.now {
                wake.add_later(key.clone(), due);
            } else if lose(&node, api).is_err() {
                return Outcome::Retry;
            }
        }
        let Some(node) = api.store.find::<Node>("", &key.name).cloned() else {
            return Outcome::Done;
        };
        if node.ready() == "Unknown" {
            api.stop(key, Stop::NodeSilent(key.name.clone()));
            mark_pods(&node, api);
        }
        match taint(&node, api) {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

impl NodeLifecycle {
    /// A node's kubelet says nothing any more.
    pub fn lose_touch(&mut self, node: &str, api: &Api, wake: &mut Wake<'_>) {
        self.silent.entry(node.into()).or_insert(api.now);
        let due = api.now.plus_ms(api.config.latency.node_grace_ms);
        wake.add_later(ObjectKey::new(Kind::Node, "", node), due);
    }

    /// A node's kubelet reports again.
    pub fn hear(&mut self, node: &str) {
        self.silent.remove(node);
    }
}

fn wake_all(api: &Api, wake: &mut Wake<'_>) {
    for node in api.store.list::<Node>() {
        wake.add(node.key(), api.config.latency.node_ms);
    }
}

/// The grace period is over: nobody knows how the node is (`tryUpdateNodeHealth`).
fn lose(node: &Node, api: &mut Api) -> Result<(), ApiError> {
    let now = Some(api.now.whole_seconds());
    let never = node.condition("Ready").is_none();
    let (reason, message) = if never {
        (
            "NodeStatusNeverUpdated",
            "Kubelet never posted node status.",
        )
    } else {
        ("NodeStatusUnknown", "Kubelet stopped posting node status.")
    };
    api.modify::<Node>("", &node.meta.name, Part::Status, |node| {
        let status = Rc::make_mut(&mut node.status);
        if never {
            status.conditions.push(NodeCondition {
                kind: "Ready".into(),
                last_heartbeat_time: node.meta.created,
                ..NodeCondition::default()
            });
        }
        for condition in &mut status.conditions {
            condition.status = "Unknown".into();
            condition.reason = reason.into();
            condition.message = message.into();
            condition.last_transition_time = now;
        }
    })?;
    let text = format!("Node {} status is now: NodeNotReady", node.meta.name);
    api.say(
        &node.clone().into_object(),
        Says::normal("NodeNotReady", text),
    );
    Ok(())
}

/// Pods on a lost node count as not Ready (`MarkPodsNotReady`).
fn mark_pods(node: &Node, api: &mut Api) {
    let pods: Vec<(Text, Text)> = api.store.pods_on(&node.meta.name).cloned().collect();
    for (namespace, name) in pods {
        let found = api.store.find::<Pod>(&namespace, &name);
        let Some(pod) = found.filter(|pod| pod.has_ready_condition()).cloned() else {
            continue;
        };
        let not_ready = PodCondition {
            kind: "Ready".into(),
            status: "False".into(),
            last_transition_time: Some(api.now.whole_seconds()),
            ..PodCondition::default()
        };
        // A pod that is gone needs no mark.
        let _marked = api.modify::<Pod>(&namespace, &name, Part::Status, |pod| {
            pod.set_condition(not_ready);
        });
        let text = "Node is not ready".to_owned();
        api.say(&pod.into_object(), Says::warning("NodeNotReady", text));
    }
}

/// The taints that follow from a node's condition (`doNoScheduleTaintingPass`, `processTaintBaseEviction`).
///
/// While no node at all is well nobody is evicted: then it is more likely that this side is cut off
/// (`stateFullDisruption`).
fn taint(node: &Node, api: &mut Api) -> Result<(), ApiError> {
    let disrupted = api.store.list::<Node>().all(|node| !node.is_ready());
    let lost = match node.ready() {
        "True" => None,
        "False" => Some(NOT_READY),
        _ => Some(UNREACHABLE),
    };
    let lost = lost.filter(|_| node.condition("Ready").is_some());
    let cordoned = node
        .spec
        .unschedulable
        .then_some((UNSCHEDULABLE, "NoSchedule"));
    let evicts = lost.filter(|_| !disrupted).map(|key| (key, "NoExecute"));
    let wanted: Vec<(&str, &str)> = lost
        .map(|key| (key, "NoSchedule"))
        .into_iter()
        .chain(cordoned)
        .chain(evicts)
        .collect();
    let ours = |taint: &Taint| [NOT_READY, UNREACHABLE, UNSCHEDULABLE].contains(&&*taint.key);
    // A node that nobody has reported of keeps the taint that it was admitted with.
    let keeps = |taint: &Taint| {
        node.condition("Ready").is_none() && &*taint.key == NOT_READY
            || wanted.contains(&(&*taint.key, &*taint.effect))
    };
    let missing: Vec<_> = wanted
        .iter()
        .filter(|(key, effect)| !node.has_taint(key, effect))
        .collect();
    let superfluous = node.spec.taints.iter().any(|it| ours(it) && !keeps(it));
    if missing.is_empty() && !superfluous {
        return Ok(());
    }
    let now = Some(api.now.whole_seconds());
    api.modify::<Node>("", &node.meta.name, Part::Main, |node| {
        let spec = Rc::make_mut(&mut node.spec);
        spec.taints.retain(|it| !ours(it) || keeps(it));
        for (key, effect) in missing {
            spec.taints.push(Taint {
                key: (*key).into(),
                effect: (*effect).into(),
                time_added: now,
                ..Taint::default()
            });
        }
    })?;
    Ok(())
}
