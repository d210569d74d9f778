//! The taint eviction controller (reference 5.7): deletes pods from nodes whose `NoExecute` taints they do not bear.

use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::object::node::Taint;
use crate::cluster::object::pod::PodCondition;
use crate::cluster::object::{Kind, Node, Object, ObjectKey, Pod, Resource as _};
use crate::cluster::record::{Component, Part, Verb, Write};
use crate::cluster::sorted::SortedMap;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// The controller with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct TaintEviction {
    /// Pods that will be evicted: which, since when their time runs, and when it is over.
    marked: SortedMap<ObjectKey, Mark>,
}

#[derive(Clone, Debug)]
struct Mark {
    uid: Text,
    since: Time,
    due: Time,
}

impl Controller for TaintEviction {
    const COMPONENT: Component = Component::TaintEviction;
    const WATCHES: &[Kind] = &[Kind::Node, Kind::Pod];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.node_ms;
        match &*write.object {
            Object::Node(node) => {
                let before = write.before.as_deref().and_then(Node::of);
                let taints = |node: &Node| executing(node).cloned().collect::<Vec<_>>();
                if taints(node) != before.map(taints).unwrap_or_default() {
                    for (namespace, name) in api.store.pods_on(&node.meta.name) {
                        let key = ObjectKey::new(Kind::Pod, namespace.clone(), name.clone());
                        wake.add(key, after_ms);
                    }
                }
            }
            Object::Pod(pod) if write.verb == Verb::Removed => {
                self.marked.remove(&pod.key());
            }
            Object::Pod(pod) => {
                let before = write.before.as_deref().and_then(Pod::of);
                // Most versions have the spec of the one before.
                let respecified = before.is_none_or(|it| !Rc::ptr_eq(&it.spec, &pod.spec));
                let differs = |before: &Pod| {
                    before.spec.node_name != pod.spec.node_name
                        || before.spec.tolerations != pod.spec.tolerations
                };
                let moved = respecified && before.is_none_or(differs);
                // A taint that comes later wakes the pods of its node.
                let concerns = || {
                    let node = api.store.find::<Node>("", &pod.spec.node_name);
                    node.is_some_and(|node| executing(node).next().is_some())
                        || self.marked.contains_key(&pod.key())
                };
                if moved && !pod.spec.node_name.is_empty() && concerns() {
                    wake.add(pod.key(), after_ms);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let Some(pod) = api.store.hold::<Pod>(&key.namespace, &key.name) else {
            self.marked.remove(key);
            return Outcome::Done;
        };
        let node = api.store.find::<Node>("", &pod.spec.node_name);
        let taints: Vec<Taint> = node
            .map(|node| executing(node).cloned().collect())
            .unwrap_or_default();
        match bears(&pod, &taints) {
            Bears::ForEver => Outcome::Done,
            Bears::NoTaint => {
                if self.marked.remove(key).is_some() {
                    say(&pod, "Cancelling deletion of Pod", api);
                }
                Outcome::Done
            }
            Bears::For(seconds) => {
                let known = self.marked.get(key).filter(|mark| mark.uid == pod.meta.uid);
                let since = known.map_or(api.now, |mark| mark.since);
                let due = since.plus_s(seconds);
                if due > api.now {
                    let uid = pod.meta.uid.clone();
                    self.marked.insert(key.clone(), Mark { uid, since, due });
                    wake.add_later(key.clone(), due);
                    return Outcome::Done;
                }
                self.marked.remove(key);
                evict(key, &pod, api)
            }
        }
    }
}

impl TaintEviction {
    /// When a pod will be evicted.
    pub fn due(&self, key: &ObjectKey) -> Option<Time> {
        self.marked.get(key).map(|mark| mark.due)
    }
}

/// How long a pod bears the taints of its node.
enum Bears {
    /// There is none.
    NoTaint,
    /// For ever.
    ForEver,
    /// For so many seconds; 0 if it does not bear one of them at all.
    For(i64),
}

fn executing(node: &Node) -> impl Iterator<Item = &Taint> {
    let taints = node.spec.taints.iter();
    taints.filter(|taint| &*taint.effect == "NoExecute")
}

fn bears(pod: &Pod, taints: &[Taint]) -> Bears {
    if taints.is_empty() {
        return Bears::NoTaint;
    }
    let mut shortest: Option<i64> = None;
    for taint in taints {
        let mut tolerations = pod.spec.tolerations.iter();
        let Some(toleration) =
            tolerations.find(|it| it.tolerates(&taint.key, &taint.value, "NoExecute"))
        else {
            return Bears::For(0);
        };
        if let Some(seconds) = toleration.toleration_s {
            let seconds = seconds.max(0);
            shortest = Some(shortest.map_or(seconds, |it| it.min(seconds)));
        }
    }
    shortest.map_or(Bears::ForEver, Bears::For)
}

fn evict(key: &ObjectKey, pod: &Pod, api: &mut Api) -> Outcome {
    if pod.meta.is_deleting() {
        return Outcome::Done;
    }
    say(pod, "Marking for deletion Pod", api);
    let target = PodCondition::disruption(
        "DeletionByTaintManager",
        "Taint manager: deleting due to NoExecute taint",
        api.now,
    );
    let marked = api.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
        pod.set_condition(target);
    });
    let deleted = api.delete(key, &DeleteOptions::default());
    match (marked, deleted) {
        (Ok(_), Ok(_)) => Outcome::Done,
        _ => Outcome::Retry,
    }
}

fn say(pod: &Pod, what: &str, api: &mut Api) {
    let text = format!("{what} {}/{}", pod.meta.namespace, pod.meta.name);
    let about = pod.clone().into_object();
    api.say(&about, Says::normal("TaintManagerEviction", text));
}
