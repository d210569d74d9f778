//! Which nodes can take a pod, and in whose words the others cannot (reference 5.8).

use super::nodes::{Amounts, NodeInfo, Nodes, host_ports};
use super::volumes::Claims;
use crate::cluster::api::Api;
use crate::cluster::object::affinity::PodAffinityTerm;
use crate::cluster::object::meta::selects;
use crate::cluster::object::{Kind, Node, Pod};
use crate::cluster::sorted::{self, SortedMap};
use crate::cluster::value::Text;

/// What the filters say of every node.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdicts {
    /// Nodes that can take the pod: the places where they stand among all.
    pub fitting: Vec<usize>,
    refused: Vec<Refused>,
    total: usize,
    /// A reason that holds for the pod whatever the node.
    for_all: Option<String>,
}

/// Why one node cannot take the pod.
#[derive(Clone, Debug)]
struct Refused {
    reasons: Vec<&'static str>,
    /// Whether removing other pods could help.
    preemptible: bool,
}

impl Verdicts {
    /// A reason that holds for the pod whatever the node.
    pub(super) fn for_all(total: usize, text: String) -> Self {
        Self {
            total,
            for_all: Some(text),
            ..Self::default()
        }
    }

    /// The scheduler's message: `0/3 nodes are available: …`.
    pub(super) fn message(&self) -> String {
        let total = self.total;
        if total == 0 {
            return "no nodes available to schedule pods".to_owned();
        }
        let (why, help) = match &self.for_all {
            Some(text) => (
                text.clone(),
                vec![(total, "Preemption is not helpful for scheduling")],
            ),
            None => (self.reasons(), self.preemption()),
        };
        let help: Vec<String> = help
            .iter()
            .map(|(count, text)| format!("{count} {text}"))
            .collect();
        format!(
            "0/{total} nodes are available: {why}. preemption: 0/{total} nodes are available: {}.",
            help.join(", ")
        )
    }

    fn reasons(&self) -> String {
        let mut counts: SortedMap<&str, usize> = SortedMap::new();
        for reason in self.refused.iter().flat_map(|it| it.reasons.iter()) {
            *counts.entry(reason).or_default() += 1;
        }
        let mut texts: Vec<String> = counts
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        sorted::sort_by(&mut texts, Ord::cmp);
        texts.join(", ")
    }

    fn preemption(&self) -> Vec<(usize, &'static str)> {
        let helpful = self.refused.iter().filter(|it| it.preemptible).count();
        let others = self.refused.len() - helpful;
        let mut out = vec![
            (others, "Preemption is not helpful for scheduling"),
            (helpful, "No preemption victims found for incoming pod"),
        ];
        out.retain(|(count, _)| *count > 0);
        sorted::sort_by(&mut out, Ord::cmp);
        out
    }
}

/// Runs the filters over every node.
pub(super) fn run(pod: &Pod, nodes: &Nodes, claims: &Claims, api: &Api) -> Verdicts {
    let mut verdicts = Verdicts::default();
    verdicts.fitting.reserve_exact(nodes.count());
    let affinity = Affinity::of(pod, nodes, api);
    let asked = Amounts::of_pod(pod);
    for (at, (node, info)) in nodes.iter().enumerate() {
        verdicts.total += 1;
        match check(pod, asked, node, info, claims, &affinity, api) {
            None => verdicts.fitting.push(at),
            Some(refused) => verdicts.refused.push(refused),
        }
    }
    verdicts
}

/// The first filter that refuses a node, in the order of the default profile.
fn check(
    pod: &Pod,
    asked: Amounts,
    node: &Node,
    info: &NodeInfo,
    claims: &Claims,
    affinity: &Affinity,
    api: &Api,
) -> Option<Refused> {
    let no = |reason| {
        Some(Refused {
            reasons: vec![reason],
            preemptible: false,
        })
    };
    if node.spec.unschedulable && !tolerates_unschedulable(pod) {
        return no("node(s) were unschedulable");
    }
    let untolerated = node.spec.taints.iter().any(|taint| {
        let keeps_away = matches!(&*taint.effect, "NoSchedule" | "NoExecute");
        keeps_away
            && !pod
                .spec
                .tolerations
                .iter()
                .any(|it| it.tolerates(&taint.key, &taint.value, &taint.effect))
    });
    if untolerated {
        return no("node(s) had untolerated taint(s)");
    }
    if !matches_node_affinity(pod, node) {
        return no("node(s) didn't match Pod's node affinity/selector");
    }
    if host_ports(pod).any(|port| info.ports.contains_key(&port)) {
        let reasons = vec!["node(s) didn't have free ports for the requested pod ports"];
        return Some(Refused {
            reasons,
            preemptible: true,
        });
    }
    let (reasons, preemptible) = resources(asked, info);
    if !reasons.is_empty() {
        return Some(Refused {
            reasons,
            preemptible,
        });
    }
    if let Some((reason, preemptible)) = claims.refuse(node, api) {
        return Some(Refused {
            reasons: vec![reason],
            preemptible,
        });
    }
    affinity.refuse(node).map(|(reason, preemptible)| Refused {
        reasons: vec![reason],
        preemptible,
    })
}

fn tolerates_unschedulable(pod: &Pod) -> bool {
    let taint = crate::cluster::object::node::UNSCHEDULABLE;
    pod.spec
        .tolerations
        .iter()
        .any(|it| it.tolerates(taint, "", "NoSchedule"))
}

fn matches_node_affinity(pod: &Pod, node: &Node) -> bool {
    let required = pod
        .spec
        .affinity
        .as_ref()
        .and_then(|it| it.node.as_ref())
        .and_then(|it| it.required.as_ref());
    selects(&pod.spec.node_selector, &node.meta.labels)
        && required.is_none_or(|it| it.matches(&node.meta.labels, &node.meta.name))
}

/// What a node has too little of, and whether other pods' leaving could help.
fn resources(asked: Amounts, info: &NodeInfo) -> (Vec<&'static str>, bool) {
    let mut reasons = Vec::new();
    if info.used.pods + 1 > info.has.pods {
        reasons.push("Too many pods");
    }
    if asked.milli_cpu > 0 && info.used.milli_cpu + asked.milli_cpu > info.has.milli_cpu {
        reasons.push("Insufficient cpu");
    }
    if asked.memory > 0 && info.used.memory + asked.memory > info.has.memory {
        reasons.push("Insufficient memory");
    }
    let could_ever = asked.milli_cpu <= info.has.milli_cpu && asked.memory <= info.has.memory;
    (reasons, could_ever)
}

/// Where other pods allow a pod to be: by topology key, the values that they have.
struct Affinity {
    required: Vec<(Text, Option<Vec<Text>>)>,
    forbidden: Vec<(Text, Vec<Text>)>,
}

impl Affinity {
    fn of(pod: &Pod, nodes: &Nodes, api: &Api) -> Self {
        let affinity = pod.spec.affinity.as_ref();
        let terms = |list: Option<&crate::cluster::object::affinity::PodAffinity>| {
            list.map(|it| it.required.clone()).unwrap_or_default()
        };
        let near = terms(affinity.and_then(|it| it.pod.as_ref()));
        let required = near.iter().map(|term| {
            let values = values_of(term, pod, api);
            // The first pod of its kind may go anywhere.
            let first = values.is_empty() && selects_pod(term, pod, pod);
            (term.topology_key.clone(), (!first).then_some(values))
        });
        let forbidden = terms(affinity.and_then(|it| it.pod_anti.as_ref()))
            .iter()
            .map(|term| (term.topology_key.clone(), values_of(term, pod, api)))
            .chain(symmetric(pod, nodes, api))
            .collect();
        Self {
            required: required.collect(),
            forbidden,
        }
    }

    fn refuse(&self, node: &Node) -> Option<(&'static str, bool)> {
        let has = |key: &Text, values: &[Text]| {
            node.meta
                .labels
                .get(key)
                .is_some_and(|value| values.contains(value))
        };
        for (key, values) in &self.required {
            if !node.meta.labels.contains_key(key)
                || values.as_ref().is_some_and(|values| !has(key, values))
            {
                return Some(("node(s) didn't match pod affinity rules", false));
            }
        }
        let clash = self.forbidden.iter().any(|(key, values)| has(key, values));
        clash.then_some(("node(s) didn't match pod anti-affinity rules", true))
    }
}

fn selects_pod(term: &PodAffinityTerm, owner: &Pod, other: &Pod) -> bool {
    let near = if term.namespaces.is_empty() {
        other.meta.namespace == owner.meta.namespace
    } else {
        term.namespaces.contains(&other.meta.namespace)
    };
    near && term
        .selector
        .as_ref()
        .is_some_and(|it| it.matches(&other.meta.labels))
}

/// The values of a term's topology key on the nodes of the pods that it selects.
fn values_of(term: &PodAffinityTerm, pod: &Pod, api: &Api) -> Vec<Text> {
    let placed = api
        .store
        .list::<Pod>()
        .filter(|it| !it.spec.node_name.is_empty() && !it.is_finished());
    let chosen = placed.filter(|other| selects_pod(term, pod, other));
    chosen
        .filter_map(|other| topology_value(other, &term.topology_key, api))
        .collect()
}

fn topology_value(pod: &Pod, key: &str, api: &Api) -> Option<Text> {
    let node = api.store.get(Kind::Node, "", &pod.spec.node_name)?;
    node.meta().labels.get(key).cloned()
}

/// Pods that are placed already may not want this one near either.
fn symmetric(pod: &Pod, nodes: &Nodes, api: &Api) -> Vec<(Text, Vec<Text>)> {
    let mut out = Vec::new();
    for (namespace, name) in nodes.choosy() {
        let Some(other) = api.store.find::<Pod>(namespace, name) else {
            continue;
        };
        let anti = other
            .spec
            .affinity
            .as_ref()
            .and_then(|it| it.pod_anti.as_ref());
        for term in anti.into_iter().flat_map(|it| it.required.iter()) {
            if selects_pod(term, other, pod)
                && let Some(value) = topology_value(other, &term.topology_key, api)
            {
                out.push((term.topology_key.clone(), vec![value]));
            }
        }
    }
    out
}
