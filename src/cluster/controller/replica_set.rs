//! The ReplicaSet controller (reference chapter 10): any pods, as many as asked for.

use crate::cluster::sorted::{self, SortedMap};
use std::rc::Rc;

use super::{Controller, Outcome, Wake, ownership};
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::error::ApiError;
use crate::cluster::object::replica_set::ReplicaSetStatus;
use crate::cluster::object::{
    Kind, Meta, Object, ObjectKey, OwnerReference, Pod, PodPhase, ReplicaSet, Resource as _,
};
use crate::cluster::record::{Component, Part, Refusal, Stop, Verb, Write};
use crate::cluster::value::Text;

/// The most pods that one sync makes or deletes.
const BURST: usize = 500;

/// The controller. It remembers nothing between syncs.
#[derive(Clone, Debug, Default)]
pub struct ReplicaSetController;

impl Controller for ReplicaSetController {
    const COMPONENT: Component = Component::ReplicaSet;
    const WATCHES: &[Kind] = &[Kind::Pod, Kind::ReplicaSet];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.replica_set_ms;
        match &*write.object {
            Object::ReplicaSet(_) => wake.add(write.object.key(), after_ms),
            Object::Pod(pod) => {
                let before = write.before.as_deref().and_then(Pod::of);
                let owners = [Some(pod), before]
                    .into_iter()
                    .flatten()
                    .filter_map(|pod| owner_key(pod, api));
                let mut keys: Vec<ObjectKey> = owners.collect();
                if pod.meta.controller().is_none() && write.verb != Verb::Removed {
                    let sets = api.store.list_in::<ReplicaSet>(&pod.meta.namespace);
                    let matching = sets.filter(|set| selects(set, &pod.meta));
                    keys.extend(matching.map(|set| set.key()));
                }
                keys.dedup();
                for key in keys {
                    wake.add(key, after_ms);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let Some(set) = api
            .store
            .find::<ReplicaSet>(&key.namespace, &key.name)
            .cloned()
        else {
            return Outcome::Done;
        };
        let pods = ownership::claim::<Pod>(&set, set.spec.selector.as_ref(), api);
        let (active, terminating): (Vec<Pod>, Vec<Pod>) = pods
            .into_iter()
            .filter(|pod| !pod.is_finished())
            .partition(|pod| !pod.meta.is_deleting());
        let failed = if set.meta.is_deleting() {
            false
        } else {
            manage(&set, &active, api)
        };
        write_status(&set, &active, terminating.len(), api);
        wake_when_available(&set, &active, api, wake);
        if failed {
            Outcome::Retry
        } else {
            Outcome::Done
        }
    }
}

fn selects(set: &ReplicaSet, meta: &Meta) -> bool {
    set.spec
        .selector
        .as_ref()
        .is_some_and(|it| !it.is_empty() && it.matches(&meta.labels))
}

fn owner_key(pod: &Pod, api: &Api) -> Option<ObjectKey> {
    let owner = pod
        .meta
        .controller()
        .filter(|owner| &*owner.kind == Kind::ReplicaSet.name())?;
    let set = api
        .store
        .find::<ReplicaSet>(&pod.meta.namespace, &owner.name)?;
    (set.meta.uid == owner.uid).then(|| set.key())
}

/// Makes what is missing or deletes what is too many; whether something failed.
fn manage(set: &ReplicaSet, active: &[Pod], api: &mut Api) -> bool {
    let wanted = usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0);
    let about = set.clone().into_object();
    if active.len() < wanted {
        let missing = (wanted - active.len()).min(BURST);
        let refused = create(set, missing, &about, api);
        let failed = refused.is_some();
        say_refused(set, refused, api);
        return failed;
    }
    say_refused(set, None, api);
    let mut failed = false;
    for pod in victims(active, active.len() - wanted, api) {
        let key = ObjectKey::new(Kind::Pod, set.meta.namespace.clone(), pod.clone());
        match api.delete(&key, &DeleteOptions::default()) {
            Err(error) if !error.is_not_found() => {
                api.say(
                    &about,
                    Says::warning("FailedDelete", format!("Error deleting: {error}")),
                );
                failed = true;
            }
            _ => api.say(
                &about,
                Says::normal("SuccessfulDelete", format!("Deleted pod: {pod}")),
            ),
        }
    }
    failed
}

/// Says that pods were refused, and takes it back once they are not.
fn say_refused(set: &ReplicaSet, refused: Option<ApiError>, api: &mut Api) {
    let key = set.key();
    match refused {
        Some(error) => {
            let refusal = Refusal {
                object: format!("{}-…", set.meta.name).into(),
                message: error.to_string().into(),
            };
            api.stop(&key, Stop::Refused(refusal));
        }
        None if api.stopped(Component::ReplicaSet, &key).is_some() => api.stop(&key, Stop::Done),
        None => {}
    }
}

/// Batches of 1, 2, 4 …: a batch that fails ends it (`slowStartBatch`), with the reason.
fn create(set: &ReplicaSet, missing: usize, about: &Object, api: &mut Api) -> Option<ApiError> {
    let (mut left, mut size) = (missing, 1);
    while left > 0 {
        let mut failed = None;
        for _ in 0..size.min(left) {
            let mut meta = Meta {
                namespace: set.meta.namespace.clone(),
                ..Meta::default()
            };
            meta.generate_name = format!("{}-", set.meta.name).into();
            meta.labels = Rc::clone(&set.spec.template.meta.labels);
            meta.annotations = Rc::clone(&set.spec.template.meta.annotations);
            meta.finalizers = Rc::clone(&set.spec.template.meta.finalizers);
            meta.add_owner(OwnerReference::controller_of(set));
            let pod = Pod {
                meta,
                spec: Rc::clone(&set.spec.template.spec),
                ..Pod::default()
            };
            match api.create(pod.into_object()) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", pod.meta().name);
                    api.say(about, Says::normal("SuccessfulCreate", message));
                }
                Err(error) => {
                    api.say(
                        about,
                        Says::warning("FailedCreate", format!("Error creating: {error}")),
                    );
                    failed = Some(error);
                }
            }
        }
        if failed.is_some() {
            return failed;
        }
        left -= size.min(left);
        size *= 2;
    }
    None
}

/// Which pods go first (`ActivePodsWithRanks`).
fn victims(active: &[Pod], many: usize, api: &Api) -> Vec<Text> {
    if many == 0 {
        return Vec::new();
    }
    let mut on_node: SortedMap<&Text, usize> = SortedMap::new();
    for pod in active {
        *on_node.entry(&pod.spec.node_name).or_default() += 1;
    }
    let phase = |pod: &Pod| match pod.status.phase {
        PodPhase::Pending => 0,
        PodPhase::Unknown => 1,
        _ => 2,
    };
    // Times are compared on a logarithmic scale of nanoseconds, so that a little does not decide.
    let log = |ms: i64| {
        if ms > 0 {
            (ms as u64).saturating_mul(1_000_000).ilog2()
        } else {
            0
        }
    };
    let ready_since = |pod: &Pod| {
        let ready = pod.condition("Ready").filter(|it| &*it.status == "True");
        ready
            .and_then(|it| it.last_transition_time)
            .map_or(0, |since| log(api.now.ms_since(since)))
    };
    let cost = |pod: &Pod| -> i64 {
        let annotation = pod
            .meta
            .annotation("controller.kubernetes.io/pod-deletion-cost");
        annotation.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    let restarts = |pod: &Pod| {
        pod.status
            .container_statuses
            .iter()
            .map(|it| it.restart_count)
            .max()
            .unwrap_or(0)
    };
    let age = |pod: &Pod| {
        pod.meta
            .created
            .map_or(0, |created| log(api.now.ms_since(created)))
    };
    let rank = |pod: &Pod| {
        (
            !pod.spec.node_name.is_empty(),
            phase(pod),
            pod.has_ready_condition(),
            cost(pod),
            std::cmp::Reverse(on_node.get(&pod.spec.node_name).copied().unwrap_or(0)),
            ready_since(pod),
            std::cmp::Reverse(restarts(pod)),
            age(pod),
            pod.meta.uid.clone(),
        )
    };
    let mut ranked: Vec<_> = active.iter().map(|pod| (rank(pod), pod)).collect();
    sorted::sort_by(&mut ranked, |a, b| a.0.cmp(&b.0));
    ranked
        .iter()
        .take(many)
        .map(|(_, pod)| pod.meta.name.clone())
        .collect()
}

fn write_status(set: &ReplicaSet, active: &[Pod], terminating: usize, api: &mut Api) {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let template = &set.spec.template.meta.labels;
    let labeled = active
        .iter()
        .filter(|pod| crate::cluster::object::meta::selects(template, &pod.meta.labels));
    let ready = active.iter().filter(|pod| pod.has_ready_condition());
    let min_ready_s = i64::from(set.spec.min_ready_s);
    let available = active
        .iter()
        .filter(|pod| pod.is_available(min_ready_s, api.now));
    let status = ReplicaSetStatus {
        replicas: count(active.len()),
        fully_labeled_replicas: count(labeled.count()),
        ready_replicas: count(ready.count()),
        available_replicas: count(available.count()),
        terminating_replicas: Some(count(terminating)),
        observed_generation: set.meta.generation,
        rest: set.status.rest.clone(),
    };
    if status != set.status {
        // A set that is gone needs no status.
        let _written =
            api.modify::<ReplicaSet>(&set.meta.namespace, &set.meta.name, Part::Status, |set| {
                set.status = status;
            });
    }
}

fn wake_when_available(set: &ReplicaSet, active: &[Pod], api: &Api, wake: &mut Wake<'_>) {
    let min_ready_s = i64::from(set.spec.min_ready_s);
    if min_ready_s == 0 {
        return;
    }
    let waiting = active
        .iter()
        .filter(|pod| pod.has_ready_condition() && !pod.is_available(min_ready_s, api.now));
    let since = waiting
        .filter_map(|pod| pod.condition("Ready")?.last_transition_time)
        .min();
    if let Some(since) = since {
        wake.add_later(set.key(), since.plus_s(min_ready_s));
    }
}
