//! Node (reference 1.10).

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use crate::cluster::quantity::Quantity;
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};
use crate::{json_struct, resource};

/// The label with a node's name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label with a node's zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";
/// The taint of a node whose kubelet says that it is not ready.
pub const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// The taint of a node whose kubelet says nothing.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// The taint of a cordoned node.
pub const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// The taint by which an admin says that a node is off for good.
pub const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

resource! {
    /// A machine.
    pub struct Node {
        /// What is wanted; shared between versions.
        spec: Rc<NodeSpec> = "spec" always,
        /// What is; shared between versions.
        status: Rc<NodeStatus> = "status" always,
    }
}

json_struct! {
    /// What a node shall do.
    pub struct NodeSpec {
        /// What keeps pods away.
        taints: Vec<Taint> = "taints",
        /// Whether it takes no new pods.
        unschedulable: bool = "unschedulable",
    }
}

json_struct! {
    /// What keeps pods away that do not tolerate it.
    pub struct Taint {
        /// Its key.
        key: Text = "key" always,
        /// Its value.
        value: Text = "value",
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        effect: Text = "effect" always,
        /// When it was put there.
        time_added: Option<Time> = "timeAdded",
    }
}

json_struct! {
    /// What a node is.
    pub struct NodeStatus {
        /// What it has.
        capacity: SortedMap<Text, Quantity> = "capacity",
        /// What pods may use of it.
        allocatable: SortedMap<Text, Quantity> = "allocatable",
        /// How it is.
        conditions: Vec<NodeCondition> = "conditions",
        /// Its addresses.
        addresses: Vec<NodeAddress> = "addresses",
        /// Its software.
        info: Value = "nodeInfo",
    }
}

json_struct! {
    /// One condition of a node.
    pub struct NodeCondition {
        /// `Ready`, …
        kind: Text = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Text = "status" always,
        /// When its kubelet last said so.
        last_heartbeat_time: Option<Time> = "lastHeartbeatTime" always,
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in one word.
        reason: Text = "reason",
        /// Why, in a sentence.
        message: Text = "message",
    }
}

json_struct! {
    /// One address of a node.
    pub struct NodeAddress {
        /// `InternalIP`, `Hostname`, …
        kind: Text = "type" always,
        /// The address.
        address: Text = "address" always,
    }
}

impl Node {
    /// The condition of this type.
    pub fn condition(&self, kind: &str) -> Option<&NodeCondition> {
        self.status.conditions.iter().find(|it| &*it.kind == kind)
    }

    /// The status of the condition Ready; empty if nobody has reported yet.
    pub fn ready(&self) -> &str {
        self.condition("Ready").map_or("", |it| &it.status)
    }

    /// Whether its kubelet says that it is well.
    pub fn is_ready(&self) -> bool {
        self.ready() == "True"
    }

    /// The address of this type.
    pub fn address(&self, kind: &str) -> Option<&Text> {
        self.status
            .addresses
            .iter()
            .find(|it| &*it.kind == kind)
            .map(|it| &it.address)
    }

    /// Whether an admin says that it is off for good.
    pub fn is_out_of_service(&self) -> bool {
        let mut taints = self.spec.taints.iter();
        taints.any(|it| &*it.key == OUT_OF_SERVICE)
    }

    /// Whether it has a taint of this key and effect.
    pub fn has_taint(&self, key: &str, effect: &str) -> bool {
        self.spec
            .taints
            .iter()
            .any(|it| &*it.key == key && &*it.effect == effect)
    }
}
