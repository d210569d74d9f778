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
use crate::cluster::value::Value;

/// The pods under a disruption budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// How many there are.
    pub pods: usize,
    /// How many are Ready and not being deleted.
    pub healthy: i64,
    /// How many have to be.
    pub desired: i64,
    /// How many there shall be.
    pub expected: i64,
}

impl Counts {
    /// How many may go now.
    pub fn allowed(&self) -> i64 {
        match self.expected {
            0 => 0,
            _ => (self.healthy - self.desired).max(0),
        }
    }
}

impl Api {
    /// Deletes a pod as `kubectl drain` does, unless a PodDisruptionBudget forbids it now.
    ///
    /// Source: `EvictionREST.Create`. What a budget allows is counted at the request, not read from the status that the
    /// disruption controller keeps: two evictions in one instant are judged as one after the other.
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
    /// A pod that is not Ready may go while the others are enough (`IfHealthyBudget`), or always (`AlwaysAllow`).
    fn allows(&self, budget: &Plain, pod: &Pod) -> bool {
        let counts = self.budget_counts(budget);
        let policy = budget.at(&["spec", "unhealthyPodEvictionPolicy"]);
        let is_enough = counts.desired > 0 && counts.healthy >= counts.desired;
        let spares = is_enough || policy.and_then(Value::as_str) == Some("AlwaysAllow");
        (!pod.has_ready_condition() && spares) || counts.allowed() > 0
    }

    /// The budgets that a pod is under.
    pub fn budgets_of(&self, pod: &Pod) -> Vec<ObjectKey> {
        let budgets = self
            .store
            .in_namespace(Kind::PodDisruptionBudget, &pod.meta.namespace);
        let own = budgets.filter(|object| match &***object {
            Object::Plain(budget) => covers(budget, pod),
            _ => false,
        });
        own.map(|object| object.key()).collect()
    }

    /// The pods under a budget, by what the budget says of them.
    pub fn budget_counts(&self, budget: &Plain) -> Counts {
        let all = self.store.list_in::<Pod>(&budget.meta.namespace);
        let own: Vec<&Pod> = all.filter(|it| covers(budget, it)).collect();
        let is_healthy = |it: &&&Pod| it.has_ready_condition() && !it.meta.is_deleting();
        let bound = |field: &str| {
            let value = budget.at(&["spec", field]).cloned()?;
            Some(IntOrString::read(value))
        };
        let scale = self.expected(&own);
        let (expected, desired) = match (bound("maxUnavailable"), bound("minAvailable")) {
            (Some(most), _) => (scale, (scale - most.of(scale, true)).max(0)),
            (None, Some(IntOrString::Int(least))) => (own.len() as i64, least),
            (None, Some(least)) => (scale, least.of(scale, true)),
            (None, None) => (scale, 1),
        };
        Counts {
            pods: own.len(),
            healthy: own.iter().filter(is_healthy).count() as i64,
            desired,
            expected,
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
