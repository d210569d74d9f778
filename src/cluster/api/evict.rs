//! Evicting pods: a deletion that PodDisruptionBudgets may refuse.

use super::{Api, DeleteOptions};
use crate::cluster::error::ApiError;
use crate::cluster::json::{IntOrString, Json as _};
use crate::cluster::object::meta::LabelSelector;
use crate::cluster::object::pod::PodCondition;
use crate::cluster::object::{
    Kind, Object, ObjectKey, Plain, Pod, PodPhase, ReplicaSet, StatefulSet,
};
use crate::cluster::record::Part;

impl Api {
    /// Deletes a pod as `kubectl drain` does, unless a PodDisruptionBudget forbids it now.
    ///
    /// Source: `EvictionREST.Create`. What a budget allows is counted at the request and not kept in its status,
    /// because no disruption controller is simulated.
    pub fn evict(&mut self, key: &ObjectKey, options: &DeleteOptions) -> Result<(), ApiError> {
        let Some(pod) = self.store.find::<Pod>(&key.namespace, &key.name).cloned() else {
            return Err(ApiError::not_found(Kind::Pod, &key.name));
        };
        let is_over = !matches!(pod.status.phase, PodPhase::Running | PodPhase::Unknown);
        if !is_over && !pod.meta.is_deleting() {
            self.check_budgets(&pod)?;
        }
        let target =
            PodCondition::disruption("EvictionByEvictionAPI", "Eviction API: evicting", self.now);
        self.modify::<Pod>(&key.namespace, &key.name, Part::Status, |pod| {
            pod.set_condition(target);
        })?;
        self.delete(key, options).map(drop)
    }

    fn check_budgets(&self, pod: &Pod) -> Result<(), ApiError> {
        let namespace = &pod.meta.namespace;
        let budgets = self
            .store
            .in_namespace(Kind::PodDisruptionBudget, namespace);
        let own: Vec<&Plain> = budgets
            .filter_map(|object| match &**object {
                Object::Plain(budget) => Some(budget),
                _ => None,
            })
            .filter(|budget| covers(budget, pod))
            .collect();
        match *own {
            [] => Ok(()),
            [budget] if self.allows(budget, pod) => Ok(()),
            [_] => Err(ApiError::TooManyRequests(
                "Cannot evict pod as it would violate the pod's disruption budget.",
            )),
            _ => Err(ApiError::Internal(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
                    .to_owned(),
            )),
        }
    }

    /// Whether a budget allows one pod of its own to go.
    ///
    /// A pod that is not Ready may go while the others are enough (`IfHealthyBudget`).
    fn allows(&self, budget: &Plain, pod: &Pod) -> bool {
        let all = self.store.list_in::<Pod>(&pod.meta.namespace);
        let own: Vec<&Pod> = all.filter(|it| covers(budget, it)).collect();
        let is_healthy = |it: &&&Pod| it.has_ready_condition() && !it.meta.is_deleting();
        let healthy = own.iter().filter(is_healthy).count() as i64;
        let expected = self.expected(&own);
        let bound = |field: &str| {
            let value = budget.at(&["spec", field]).cloned()?;
            Some(IntOrString::read(value))
        };
        let desired = match (bound("maxUnavailable"), bound("minAvailable")) {
            (Some(most), _) => (expected - most.of(expected, true)).max(0),
            (None, Some(IntOrString::Int(least))) => least,
            (None, Some(least)) => least.of(expected, true),
            (None, None) => 1,
        };
        if pod.has_ready_condition() {
            healthy > desired
        } else {
            healthy >= desired
        }
    }

    /// How many pods the controllers of these want.
    fn expected(&self, pods: &[&Pod]) -> i64 {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        let mut expected = 0;
        for pod in pods {
            let Some(owner) = pod.meta.controller() else {
                continue;
            };
            let known = (&*owner.kind, &*owner.name);
            if seen.contains(&known) {
                continue;
            }
            seen.push(known);
            let namespace = &pod.meta.namespace;
            let sets = self.store.find::<StatefulSet>(namespace, &owner.name);
            let replica_sets = self.store.find::<ReplicaSet>(namespace, &owner.name);
            expected += match &*owner.kind {
                "StatefulSet" => sets.map_or(0, |it| i64::from(it.spec.replicas())),
                _ => replica_sets.map_or(0, |it| i64::from(it.spec.replicas.unwrap_or(1))),
            };
        }
        expected
    }
}

/// Whether a pod is under a budget; a budget without a selector covers none.
fn covers(budget: &Plain, pod: &Pod) -> bool {
    let selector = budget.at(&["spec", "selector"]).cloned();
    selector.is_some_and(|it| LabelSelector::read(it).matches(&pod.meta.labels))
}
