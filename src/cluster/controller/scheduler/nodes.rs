//! What the scheduler remembers of nodes: what their pods use, and how many pods of one owner each carries.

use crate::cluster::sorted::{SortedMap, SortedSet};
use std::rc::Rc;

use crate::cluster::api::Api;
use crate::cluster::object::{Node, Object, Pod, Resource as _};
use crate::cluster::record::{Verb, Write};
use crate::cluster::value::Text;

/// All nodes, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    nodes: SortedMap<Text, NodeInfo>,
    /// Placed pods that keep others away.
    choosy: SortedSet<(Text, Text)>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NodeInfo {
    /// The node itself; pods may come before it is known.
    pub node: Option<Rc<Node>>,
    /// What it has.
    pub has: Amounts,
    /// What its pods have asked for.
    pub used: Amounts,
    /// Its pods by the uid of their controller.
    pub owners: SortedMap<Text, usize>,
    /// Its pods' ports on the node itself.
    pub ports: SortedMap<(Text, i32), usize>,
}

/// Amounts of what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    /// Thousandths of a processor.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Pods.
    pub pods: i64,
}

impl Amounts {
    /// What a pod asks for.
    pub(super) fn of_pod(pod: &Pod) -> Self {
        Self {
            milli_cpu: pod.spec.requests("cpu").milli(),
            memory: pod.spec.requests("memory").value(),
            pods: 1,
        }
    }

    fn add(&mut self, other: Self, sign: i64) {
        self.milli_cpu += sign * other.milli_cpu;
        self.memory += sign * other.memory;
        self.pods += sign * other.pods;
    }
}

impl NodeInfo {
    fn empty() -> Self {
        Self {
            node: None,
            has: Amounts::default(),
            used: Amounts::default(),
            owners: SortedMap::new(),
            ports: SortedMap::new(),
        }
    }

    fn count(&mut self, pod: &Pod, sign: i64) {
        self.used.add(Amounts::of_pod(pod), sign);
        if let Some(owner) = pod.meta.controller() {
            step(&mut self.owners, owner.uid.clone(), sign);
        }
        for port in host_ports(pod) {
            step(&mut self.ports, port, sign);
        }
    }
}

fn step<K: Ord>(counts: &mut SortedMap<K, usize>, key: K, sign: i64) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add_signed(sign as isize);
    counts.retain(|_, count| *count > 0);
}

/// The ports that a pod takes on the node itself, by protocol.
pub fn host_ports(pod: &Pod) -> impl Iterator<Item = (Text, i32)> {
    let ports = pod
        .spec
        .containers
        .iter()
        .flat_map(|container| container.ports.iter());
    ports
        .filter(|port| port.host_port != 0)
        .map(|port| (port.protocol.clone(), port.host_port))
}

/// Whether a pod takes room on its node.
fn takes_room(pod: &Pod) -> bool {
    !pod.spec.node_name.is_empty() && !pod.is_finished()
}

impl Nodes {
    /// Takes in a write of a node or a pod.
    pub(super) fn observe(&mut self, write: &Write) {
        match &*write.object {
            Object::Node(node) if write.verb == Verb::Removed => {
                if let Some(info) = self.nodes.get_mut(&node.meta.name) {
                    info.node = None;
                }
            }
            Object::Node(node) => {
                let amount = |name: &str| {
                    node.status
                        .allocatable
                        .get(name)
                        .copied()
                        .unwrap_or_default()
                };
                let info = self
                    .nodes
                    .entry(node.meta.name.clone())
                    .or_insert_with(NodeInfo::empty);
                info.has = Amounts {
                    milli_cpu: amount("cpu").milli(),
                    memory: amount("memory").value(),
                    pods: amount("pods").value(),
                };
                info.node = Some(Rc::new(node.clone()));
            }
            Object::Pod(pod) => {
                let before = write.before.as_deref().and_then(Pod::of);
                let now = (write.verb != Verb::Removed).then_some(pod);
                let room = |pod: Option<&Pod>| pod.is_some_and(takes_room);
                // Most writes change only the status of a pod that stays where it is.
                if room(before) == room(now)
                    && before.zip(now).is_some_and(|(a, b)| {
                        Rc::ptr_eq(&a.spec, &b.spec) && a.meta.has_owners_of(&b.meta)
                    })
                {
                    return;
                }
                for (pod, sign) in [(before, -1), (now, 1)] {
                    if let Some(pod) = pod.filter(|pod| takes_room(pod)) {
                        let name = pod.spec.node_name.clone();
                        self.nodes
                            .entry(name)
                            .or_insert_with(NodeInfo::empty)
                            .count(pod, sign);
                        self.count_choosy(pod, sign);
                    }
                }
            }
            _ => {}
        }
    }

    fn count_choosy(&mut self, pod: &Pod, sign: i64) {
        if pod
            .spec
            .affinity
            .as_ref()
            .is_some_and(|it| it.pod_anti.is_some())
        {
            let place = (pod.meta.namespace.clone(), pod.meta.name.clone());
            if sign > 0 {
                self.choosy.insert(place);
            } else {
                self.choosy.remove(&place);
            }
        }
    }

    /// Namespace and name of placed pods that keep others away.
    pub(super) fn choosy(&self) -> impl Iterator<Item = &(Text, Text)> {
        self.choosy.iter()
    }

    /// The nodes that exist, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Rc<Node>, &NodeInfo)> {
        self.nodes
            .values()
            .filter_map(|info| Some((info.node.as_ref()?, info)))
    }

    /// How many nodes exist.
    pub(super) fn count(&self) -> usize {
        self.iter().count()
    }

    /// Whether a node exists.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.nodes.get(name).is_some_and(|info| info.node.is_some())
    }

    /// Compares what is remembered with a plain search.
    pub(super) fn check(&self, api: &Api) -> Result<(), String> {
        for (node, info) in self.iter() {
            let mut plain = NodeInfo {
                has: info.has,
                node: info.node.clone(),
                ..NodeInfo::empty()
            };
            let pods = api
                .store
                .list::<Pod>()
                .filter(|pod| pod.spec.node_name == node.meta.name);
            pods.filter(|pod| takes_room(pod))
                .for_each(|pod| plain.count(pod, 1));
            if plain != *info {
                return Err(format!(
                    "the scheduler remembers other pods on {} than there are",
                    node.meta.name
                ));
            }
        }
        Ok(())
    }
}
