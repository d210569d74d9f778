//! The disruption controller: counts the pods under each PodDisruptionBudget and how many of them may go.
//!
//! Mirrors `trySync` and `updatePdbStatus` of `pkg/controller/disruption`; evictions themselves count anew (`api::evict`).

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, Says};
use crate::cluster::object::{Kind, Object, ObjectKey, Pod};
use crate::cluster::record::{Component, Part, Verb, Write};
use crate::cluster::value::Value;

/// Keeps the status of budgets.
#[derive(Clone, Debug, Default)]
pub struct DisruptionController;

impl Controller for DisruptionController {
    const COMPONENT: Component = Component::Disruption;
    const WATCHES: &[Kind] = &[Kind::Pod, Kind::PodDisruptionBudget];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let delay_ms = api.config.latency.collector_ms;
        match &*write.object {
            // Its own status writes wake it, too: it then finds nothing to change.
            Object::Plain(it)
                if it.kind == Kind::PodDisruptionBudget && write.verb != Verb::Removed =>
            {
                wake.add(write.object.key(), delay_ms);
            }
            // Most clusters have no budgets, and every write of a pod comes by here.
            Object::Pod(_) if api.store.count(Kind::PodDisruptionBudget) == 0 => {}
            Object::Pod(pod) => {
                let before = match write.before.as_deref() {
                    Some(Object::Pod(before)) => Some(before),
                    _ => None,
                };
                let concerns = |pod: &Pod| api.budgets_of(pod);
                let keys = concerns(pod)
                    .into_iter()
                    .chain(before.map(concerns).unwrap_or_default());
                for key in keys {
                    wake.add(key, delay_ms);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let found = api.store.by_key(key).cloned();
        let Some(Object::Plain(budget)) = found.as_deref() else {
            return Outcome::Done;
        };
        let counts = api.budget_counts(budget);
        if counts.pods == 0 {
            let says = Says::normal("NoPods", "No matching pods found".to_owned());
            api.say(&Object::Plain(budget.clone()), says);
        }
        let allowed = counts.allowed();
        let mut new = budget.clone();
        for (field, count) in [
            ("currentHealthy", counts.healthy),
            ("desiredHealthy", counts.desired),
            ("disruptionsAllowed", allowed),
            ("expectedPods", counts.expected),
            ("observedGeneration", budget.meta.generation),
        ] {
            new.set(&["status", field], Value::Int(count));
        }
        let (status, reason) = match allowed {
            0 => ("False", "InsufficientPods"),
            _ => ("True", "SufficientPods"),
        };
        let old = budget.at(&["status", "conditions"]);
        let old = old.and_then(Value::as_list).and_then(|it| it.first());
        let same = old.filter(|it| it.str_at(&["status"]) == Some(status));
        let since = same.and_then(|it| it.str_at(&["lastTransitionTime"]));
        let since = since.map_or_else(|| api.now.whole_seconds().to_string(), str::to_owned);
        let condition = Value::map([
            ("lastTransitionTime", Value::text(since)),
            ("message", "".into()),
            ("observedGeneration", Value::Int(budget.meta.generation)),
            ("reason", reason.into()),
            ("status", status.into()),
            ("type", "DisruptionAllowed".into()),
        ]);
        new.set(&["status", "conditions"], Value::List(vec![condition]));
        match api.update(Object::Plain(new), Part::Status) {
            Ok(_) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}
