//! What the server warns of and does all the same (`WarningsOnCreate` and `WarningsOnUpdate` of upstream's strategies,
//! `pkg/api/pod/warnings.go`).

use super::text;
use crate::cluster::object::affinity::PodAffinity;
use crate::cluster::object::claim::ClaimSpec;
use crate::cluster::object::pod_spec::{Container, EnvVar, PodSpec};
use crate::cluster::object::{LabelSelector, Meta, Object, PersistentVolume};
use crate::cluster::quantity::Quantity;

const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// What the server warns of when an object is made, or changed from an older version.
pub fn warnings(object: &Object, old: Option<&Object>) -> Vec<String> {
    let mut out = Vec::new();
    let meta = object.meta();
    // Templates are looked at again only if the spec changed.
    let changed = old.is_none_or(|old| old.meta().generation != meta.generation);
    match object {
        Object::Pod(pod) => {
            if old.is_none() {
                name(meta, "the Pod's hostname", &mut out);
            }
            pod_spec(&pod.spec, "spec", &mut out);
        }
        Object::StatefulSet(set) => {
            if changed {
                pod_spec(&set.spec.template.spec, "spec.template.spec", &mut out);
            }
            for (index, claim) in set.spec.claim_templates.iter().enumerate() {
                let at = format!("spec.volumeClaimTemplates[{index}].Spec");
                claim_spec(&claim.spec, &at, &mut out);
            }
            if set.spec.revision_history_limit.is_some_and(|it| it < 0) {
                out.push(
                    "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is \
                     recommended"
                        .to_owned(),
                );
            }
        }
        Object::ReplicaSet(set) => {
            replicas(meta, &set.spec.template.spec, old, changed, &mut out);
        }
        Object::Deployment(deployment) => {
            replicas(meta, &deployment.spec.template.spec, old, changed, &mut out);
        }
        Object::PersistentVolumeClaim(claim) => {
            beta_class(meta, &mut out);
            claim_spec(&claim.spec, "spec", &mut out);
        }
        Object::PersistentVolume(volume) => volume_spec(volume, &mut out),
        _ => {}
    }
    out
}

fn replicas(
    meta: &Meta,
    spec: &PodSpec,
    old: Option<&Object>,
    changed: bool,
    out: &mut Vec<String>,
) {
    if old.is_none() {
        name(meta, "Pod names and hostnames", out);
    }
    if changed {
        pod_spec(spec, "spec.template.spec", out);
    }
}

fn name(meta: &Meta, what: &str, out: &mut Vec<String>) {
    let faults = text::label(&meta.name);
    if !faults.is_empty() {
        let faults = faults.join(" ");
        out.push(format!(
            "metadata.name: this is used in {what}, which can result in surprising behavior; a DNS label is recommended: \
             [{faults}]"
        ));
    }
}

fn beta_class(meta: &Meta, out: &mut Vec<String>) {
    if meta.annotation(BETA_CLASS).is_some() {
        out.push(format!(
            "metadata.annotations[{BETA_CLASS}]: deprecated since v1.8; use \"storageClassName\" attribute instead"
        ));
    }
}

fn fraction(amount: Option<&Quantity>, at: String, out: &mut Vec<String>) {
    if let Some(amount) = amount.filter(|it| it.milli() % 1000 != 0) {
        out.push(format!(
            "{at}: fractional byte value \"{amount}\" is invalid, must be an integer"
        ));
    }
}

fn claim_spec(spec: &ClaimSpec, at: &str, out: &mut Vec<String>) {
    let resources = &spec.resources;
    for (amounts, field) in [
        (&resources.requests, "requests"),
        (&resources.limits, "limits"),
    ] {
        let at = format!("{at}.resources.{field}[storage]");
        fraction(amounts.get("storage"), at, out);
    }
}

fn volume_spec(volume: &PersistentVolume, out: &mut Vec<String>) {
    beta_class(&volume.meta, out);
    if &*volume.spec.reclaim_policy == "Recycle" {
        out.push(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning."
                .to_owned(),
        );
    }
    let capacity = volume.spec.capacity.get("storage");
    fraction(capacity, "spec.capacity[storage]".to_owned(), out);
}

fn pod_spec(spec: &PodSpec, at: &str, out: &mut Vec<String>) {
    let numbered = |list: &'static str, containers: &'_ [Container]| {
        let paths = (0..containers.len()).map(|index| format!("{at}.{list}[{index}]"));
        paths.collect::<Vec<String>>()
    };
    let inits = numbered("initContainers", &spec.init_containers);
    let others = numbered("containers", &spec.containers);
    let containers = || {
        let inits = inits.iter().zip(spec.init_containers.iter());
        inits.chain(others.iter().zip(spec.containers.iter()))
    };
    for (at, it) in containers() {
        for resource in ["memory", "ephemeral-storage"] {
            let (limits, requests) = (&it.resources.limits, &it.resources.requests);
            let field = |which: &str| format!("{at}.resources.{which}[{resource}]");
            fraction(limits.get(resource), field("limits"), out);
            fraction(requests.get(resource), field("requests"), out);
        }
        env(&it.env, at, out);
    }
    let ports = containers().flat_map(|(at, it)| {
        let ports = it.ports.iter().enumerate();
        ports.map(move |(index, port)| (format!("{at}.ports[{index}]"), port))
    });
    let ports: Vec<_> = ports.collect();
    for (number, (at, port)) in ports.iter().enumerate() {
        for (first, other) in &ports[..number] {
            let same =
                other.container_port == port.container_port && other.protocol == port.protocol;
            let how = if other.host_port == port.host_port {
                "duplicate"
            } else {
                "overlapping"
            };
            if same && (how == "duplicate" || port.host_port == 0 || other.host_port == 0) {
                out.push(format!("{at}: {how} port definition with {first}"));
            }
        }
    }
    if spec.termination_grace_period_s.is_some_and(|it| it < 0) {
        out.push(format!(
            "{at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
    if let Some(affinity) = &spec.affinity {
        for (it, field) in [
            (&affinity.pod, "podAffinity"),
            (&affinity.pod_anti, "podAntiAffinity"),
        ] {
            if let Some(it) = it {
                selectors(it, &format!("{at}.affinity.{field}"), out);
            }
        }
    }
}

/// A variable that hides an earlier one of its name, unless it is made from it.
fn env(env: &[EnvVar], at: &str, out: &mut Vec<String>) {
    for (index, it) in env.iter().enumerate() {
        let again = env[..index].iter().any(|other| other.name == it.name);
        let own = format!("$({})", it.name);
        let bad = it.value_from.is_some() || *it.value == *own || !it.value.contains(&own);
        if again && bad {
            out.push(format!(
                "{at}.env[{index}]: hides previous definition of \"{}\", which may be dropped when using apply",
                it.name
            ));
        }
    }
}

fn selectors(affinity: &PodAffinity, at: &str, out: &mut Vec<String>) {
    let mut warn = |selector: &Option<LabelSelector>, field: String| {
        if selector.is_none() {
            out.push(format!(
                "{at}.{field}.labelSelector: a null labelSelector results in matching no pod"
            ));
        }
    };
    let when = "DuringSchedulingIgnoredDuringExecution";
    for (index, it) in affinity.required.iter().enumerate() {
        warn(&it.selector, format!("required{when}[{index}]"));
    }
    for (index, it) in affinity.preferred.iter().enumerate() {
        let field = format!("preferred{when}[{index}].podAffinityTerm");
        warn(&it.term.selector, field);
    }
}
