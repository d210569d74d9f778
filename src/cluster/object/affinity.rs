//! Affinity: the nodes and pods that a pod wants to be near to or away from.

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::meta::{LabelSelector, Requirement};
use crate::cluster::value::Text;
use crate::json_struct;

json_struct! {
    /// All wishes of a pod about its place.
    pub struct Affinity {
        /// About nodes.
        node: Option<NodeAffinity> = "nodeAffinity",
        /// Pods to be near to.
        pod: Option<PodAffinity> = "podAffinity",
        /// Pods to be away from.
        pod_anti: Option<PodAffinity> = "podAntiAffinity",
    }
}

json_struct! {
    /// Wishes about nodes.
    pub struct NodeAffinity {
        /// What must hold.
        required: Option<NodeSelector> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// What would be nice.
        preferred: Vec<PreferredNode> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}

json_struct! {
    /// Terms of which one must hold.
    pub struct NodeSelector {
        /// The terms.
        terms: Vec<NodeSelectorTerm> = "nodeSelectorTerms" always,
    }
}

json_struct! {
    /// Requirements that must hold together.
    pub struct NodeSelectorTerm {
        /// On labels.
        expressions: Rc<[Requirement]> = "matchExpressions",
        /// On fields: only `metadata.name`.
        fields: Rc<[Requirement]> = "matchFields",
    }
}

json_struct! {
    /// A wish with a weight.
    pub struct PreferredNode {
        /// 1 to 100.
        weight: i32 = "weight" always,
        /// The wish.
        preference: NodeSelectorTerm = "preference" always,
    }
}

json_struct! {
    /// Wishes about other pods.
    pub struct PodAffinity {
        /// What must hold.
        required: Vec<PodAffinityTerm> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// What would be nice.
        preferred: Vec<WeightedPodTerm> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}

json_struct! {
    /// A wish with a weight.
    pub struct WeightedPodTerm {
        /// 1 to 100.
        weight: i32 = "weight" always,
        /// The wish.
        term: PodAffinityTerm = "podAffinityTerm" always,
    }
}

json_struct! {
    /// Pods, and the part of the cluster that counts as near.
    pub struct PodAffinityTerm {
        /// Which pods.
        selector: Option<LabelSelector> = "labelSelector",
        /// In which namespaces; empty means the pod's own.
        namespaces: Vec<Text> = "namespaces",
        /// The node label whose equal values mean "near".
        topology_key: Text = "topologyKey" always,
    }
}

impl NodeSelector {
    /// Whether one of the terms holds for a node.
    pub fn matches(&self, labels: &SortedMap<Text, Text>, name: &str) -> bool {
        self.terms.iter().any(|term| term.matches(labels, name))
    }
}

impl NodeSelectorTerm {
    /// Whether it holds for a node; a term without requirements never does.
    pub fn matches(&self, labels: &SortedMap<Text, Text>, name: &str) -> bool {
        if self.expressions.is_empty() && self.fields.is_empty() {
            return false;
        }
        let fields: SortedMap<Text, Text> =
            [(Text::from("metadata.name"), Text::from(name))].into();
        self.expressions.iter().all(|it| it.matches(labels))
            && self.fields.iter().all(|it| it.matches(&fields))
    }
}
