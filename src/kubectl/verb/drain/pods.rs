//! Which pods of a node have to go (the filters of `k8s.io/kubectl/pkg/drain`).

use super::Asked;
use crate::cluster::Cluster;
use crate::cluster::object::{ObjectKey, Pod, PodPhase, Resource as _};
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::kubectl::selector;

const LOCAL: &str =
    "cannot delete Pods with local storage (use --delete-emptydir-data to override)";
const ALONE: &str = "cannot delete Pods that declare no controller (use --force to override)";
const ALONE_FORCED: &str = "deleting Pods that declare no controller";

/// What a drain found on a node.
pub(super) struct Chosen {
    /// The pods that have to go: key and uid.
    pub pods: Vec<(ObjectKey, Text)>,
    /// What there is to say of them first; nothing if it is empty.
    pub warning: String,
    /// Why some of the pods may not go.
    pub faults: Vec<String>,
}

/// What becomes of one pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
    GoesWith(&'static str),
    MayNot(&'static str),
}

/// Looks through the pods of a node.
pub(super) fn choose(asked: &Asked, node: &str, cluster: &Cluster) -> Chosen {
    let store = &cluster.api.store;
    let wanted = selector::read(&asked.pod_selector).unwrap_or_default();
    let on_node = store.pods_on(node);
    let on_node = on_node.filter_map(|(namespace, name)| store.find::<Pod>(namespace, name));
    let fates: Vec<(&Pod, Fate)> = on_node
        .filter(|pod| wanted.iter().all(|it| it.matches(&pod.meta.labels)))
        .map(|pod| (pod, fate(asked, pod, cluster.now())))
        .collect();
    let told = |what: Fate, text: &str| {
        let pods = fates.iter().filter(|(_, fate)| *fate == what);
        let names: Vec<String> = pods
            .map(|(pod, _)| format!("{}/{}", pod.meta.namespace, pod.meta.name))
            .collect();
        (!names.is_empty()).then(|| format!("{text}: {}", names.join(", ")))
    };
    let goes = |fate: Fate| matches!(fate, Fate::Goes | Fate::GoesWith(_));
    Chosen {
        pods: fates
            .iter()
            .filter(|(_, fate)| goes(*fate))
            .map(|(pod, _)| (pod.key(), pod.meta.uid.clone()))
            .collect(),
        warning: told(Fate::GoesWith(ALONE_FORCED), ALONE_FORCED).unwrap_or_default(),
        faults: [LOCAL, ALONE]
            .into_iter()
            .filter_map(|text| told(Fate::MayNot(text), text))
            .collect(),
    }
}

/// A pod is judged for the first reason only.
fn fate(asked: &Asked, pod: &Pod, now: Time) -> Fate {
    let is_over = matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
    let is_local = pod.spec.volumes.iter().any(|it| it.empty_dir.is_some());
    if skips_at(asked, pod).is_some_and(|at| at <= now) {
        Fate::Stays
    } else if is_over {
        Fate::Goes
    } else if is_local && !asked.takes_local {
        Fate::MayNot(LOCAL)
    } else if pod.meta.controller().is_some() {
        Fate::Goes
    } else if asked.force {
        Fate::GoesWith(ALONE_FORCED)
    } else {
        Fate::MayNot(ALONE)
    }
}

/// From when on a pod that is being deleted is not waited for.
pub(super) fn skips_at(asked: &Asked, pod: &Pod) -> Option<Time> {
    let deleted = pod.meta.deleted.filter(|_| asked.skip_s > 0)?;
    Some(deleted.plus_s(asked.skip_s + 1))
}
