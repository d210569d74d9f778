//! Which of the nodes that can take a pod is best: pods of one owner apart, wishes heeded, load even.

use super::filter::Verdicts;
use super::nodes::{NodeInfo, Nodes};
use crate::cluster::api::Api;
use crate::cluster::object::{Node, Pod};
use crate::cluster::value::Text;

/// The best node. Ties go to the name that comes first, where a real scheduler draws lots.
pub(super) fn best(pod: &Pod, nodes: &Nodes, verdicts: &Verdicts, _api: &Api) -> Option<Text> {
    let mut fitting = verdicts.fitting.iter().peekable();
    let mut best: Option<((i64, i64, i64), &Text)> = None;
    for (at, (node, info)) in nodes.iter().enumerate() {
        if fitting.next_if(|it| **it == at).is_none() {
            continue;
        }
        let score = score(pod, node, info);
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, &node.meta.name));
        }
    }
    best.map(|(_, name)| name.clone())
}

/// Higher is better: wishes first, then spreading, then room.
fn score(pod: &Pod, node: &Node, info: &NodeInfo) -> (i64, i64, i64) {
    let siblings = pod
        .meta
        .controller()
        .and_then(|owner| info.owners.get(&owner.uid))
        .copied()
        .unwrap_or(0);
    (wishes(pod, node), -(siblings as i64), room(info))
}

/// Weights of the preferred terms that hold, less the soft taints that are not borne.
fn wishes(pod: &Pod, node: &Node) -> i64 {
    let preferred = pod
        .spec
        .affinity
        .as_ref()
        .and_then(|it| it.node.as_ref())
        .map_or(0, |affinity| {
            let holding = affinity
                .preferred
                .iter()
                .filter(|it| it.preference.matches(&node.meta.labels, &node.meta.name));
            holding.map(|it| i64::from(it.weight)).sum::<i64>()
        });
    let soft = node
        .spec
        .taints
        .iter()
        .filter(|taint| &*taint.effect == "PreferNoSchedule");
    let unborne = soft.filter(|taint| {
        !pod.spec
            .tolerations
            .iter()
            .any(|it| it.tolerates(&taint.key, &taint.value, &taint.effect))
    });
    preferred - 100 * unborne.count() as i64
}

/// The share of a node that is free, in thousandths.
fn room(info: &NodeInfo) -> i64 {
    let share = |used: i64, has: i64| if has > 0 { 1000 - 1000 * used / has } else { 0 };
    share(info.used.milli_cpu, info.has.milli_cpu)
        + share(info.used.memory, info.has.memory)
        + share(info.used.pods, info.has.pods)
}
