//! Pod specs: volumes, containers and the rest (`ValidatePodSpec`).
//!
//! Every pod that a set makes comes through here: the name of a field is only written out once something is wrong with it.

use std::fmt::Arguments;

use super::{meta, placement};
use crate::cluster::admission::text;
use crate::cluster::error::Causes;
use crate::cluster::json::Json as _;
use crate::cluster::object::pod_spec::{
    Container, PodSpec, Probe, ResourceRequirements, SchedulingGate, Toleration, Volume,
};
use crate::cluster::quantity::Quantity;
use crate::cluster::value::{Text, Value};

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

const FROZEN: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks a pod's spec; `claims` are names of claim templates, which count as volumes.
pub(super) fn spec(spec: &PodSpec, claims: &[&Text], path: &str, causes: &mut Causes) {
    let volumes = volumes(spec, claims, path, causes);
    let at = format_args!("{path}.containers");
    if spec.containers.is_empty() {
        causes.required(&at.to_string(), "");
    }
    let mut names: Vec<&Text> = Vec::new();
    for (index, it) in spec.containers.iter().enumerate() {
        let at = format_args!("{at}[{index}]");
        container(it, at, &mut names, &volumes, causes);
        handlers(it, at, causes);
    }
    init_containers(spec, path, &mut names, &volumes, causes);
    one_of(
        &spec.restart_policy,
        format_args!("{path}.restartPolicy"),
        &["Always", "OnFailure", "Never"],
        causes,
    );
    one_of(
        &spec.dns_policy,
        format_args!("{path}.dnsPolicy"),
        &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
        causes,
    );
    meta::labels(
        &spec.node_selector,
        format_args!("{path}.nodeSelector"),
        causes,
    );
    if let Some(affinity) = &spec.affinity {
        for (it, field) in [
            (&affinity.pod, "podAffinity"),
            (&affinity.pod_anti, "podAntiAffinity"),
        ] {
            let at = format_args!("{path}.affinity.{field}");
            if let Some(it) = it {
                placement::pod_affinity(it, at, causes);
            }
        }
    }
    if !spec.service_account_name.is_empty() {
        for fault in text::subdomain(&spec.service_account_name) {
            let at = format_args!("{path}.serviceAccountName");
            causes.invalid_text(&at.to_string(), &spec.service_account_name, &fault);
        }
    }
    if let Some(seconds) = spec
        .active_deadline_s
        .filter(|it| !(1..=i64::from(i32::MAX)).contains(it))
    {
        causes.invalid(
            &format!("{path}.activeDeadlineSeconds"),
            &Value::Int(seconds),
            "must be between 1 and 2147483647, inclusive",
        );
    }
    for (name, field) in [(&spec.hostname, "hostname"), (&spec.subdomain, "subdomain")] {
        if !name.is_empty() {
            for fault in text::label(name) {
                causes.invalid_text(&format!("{path}.{field}"), name, &fault);
            }
        }
    }
    for (index, toleration) in spec.tolerations.iter().enumerate() {
        placement::toleration(
            toleration,
            format_args!("{path}.tolerations[{index}]"),
            causes,
        );
    }
    // Only pods themselves: templates have always been allowed it.
    if path == "spec" {
        images(&spec.containers, at, causes);
        images(
            &spec.init_containers,
            format_args!("spec.initContainers"),
            causes,
        );
    }
}

fn init_containers<'a>(
    spec: &'a PodSpec,
    path: &str,
    names: &mut Vec<&'a Text>,
    volumes: &[&Text],
    causes: &mut Causes,
) {
    for (index, it) in spec.init_containers.iter().enumerate() {
        let at = format_args!("{path}.initContainers[{index}]");
        container(it, at, names, volumes, causes);
        if it.restart_policy.as_deref() == Some("Always") {
            handlers(it, at, causes);
            continue;
        }
        let forbidden = [
            (it.lifecycle.is_some(), "lifecycle"),
            (it.liveness_probe.is_some(), "livenessProbe"),
            (it.readiness_probe.is_some(), "readinessProbe"),
            (it.startup_probe.is_some(), "startupProbe"),
        ];
        for (_, field) in forbidden.iter().filter(|(set, _)| *set) {
            causes.forbidden(
                &format!("{at}.{field}"),
                "may not be set for init containers without restartPolicy=Always",
            );
        }
    }
}

/// A word must be one of those that are known.
pub(super) fn one_of(word: &str, field: Arguments<'_>, known: &[&str], causes: &mut Causes) {
    if !known.contains(&word) {
        causes.unsupported(&field.to_string(), word, known);
    }
}

fn images(containers: &[Container], at: Arguments<'_>, causes: &mut Causes) {
    for (index, it) in containers.iter().enumerate() {
        if it.image.trim() != &*it.image {
            let detail = "must not have leading or trailing whitespace";
            causes.invalid_text(&format!("{at}[{index}].image"), &it.image, detail);
        }
    }
}

/// Checks the volumes; the names of those that are good, with those of the claim templates.
fn volumes<'a>(
    spec: &'a PodSpec,
    claims: &[&'a Text],
    path: &str,
    causes: &mut Causes,
) -> Vec<&'a Text> {
    let mut names: Vec<&Text> = Vec::with_capacity(spec.volumes.len() + claims.len());
    for (index, volume) in spec.volumes.iter().enumerate() {
        let at = format_args!("{path}.volumes[{index}]");
        let before = causes.0.len();
        source(volume, at, causes);
        if volume.name.is_empty() {
            causes.required(&format!("{at}.name"), "");
        } else {
            for fault in text::label(&volume.name) {
                causes.invalid_text(&format!("{at}.name"), &volume.name, &fault);
            }
        }
        if names.contains(&&volume.name) {
            causes.duplicate(&format!("{at}.name"), &Value::Text(volume.name.clone()));
        }
        if causes.0.len() == before {
            names.push(&volume.name);
        }
    }
    names.extend(claims);
    names
}

/// The sources of a volume that are looked at first, in upstream's order.
const SOURCES: [&str; 8] = [
    "emptyDir",
    "hostPath",
    "secret",
    "nfs",
    "persistentVolumeClaim",
    "downwardAPI",
    "configMap",
    "projected",
];

/// Checks where a volume comes from (`validateVolumeSource`).
fn source(volume: &Volume, at: Arguments<'_>, causes: &mut Causes) {
    if has_one_good_source(volume) {
        return;
    }
    let sources = volume.write_always().into_map();
    let known = SOURCES
        .iter()
        .copied()
        .filter(|it| sources.contains_key(*it));
    let other = sources.keys().map(|it| &**it);
    let other = other.filter(|it| *it != "name" && !SOURCES.contains(it));
    for (number, source) in known.chain(other).enumerate() {
        if number > 0 {
            let detail = "may not specify more than 1 volume type";
            causes.forbidden(&format!("{at}.{source}"), detail);
            continue;
        }
        let needed = match source {
            "persistentVolumeClaim" => "claimName",
            "configMap" => "name",
            "secret" => "secretName",
            "hostPath" => "path",
            _ => continue,
        };
        let value = sources.get(source).and_then(|it| it.str_at(&[needed]));
        if value.is_none_or(str::is_empty) {
            causes.required(&format!("{at}.{source}.{needed}"), "");
        }
    }
}

/// Whether a volume comes from one good source, as all volumes do that a set or the server makes.
fn has_one_good_source(volume: &Volume) -> bool {
    let alone = volume.config_map.is_none()
        && volume.secret.is_none()
        && volume.host_path.is_none()
        && volume.rest.is_empty();
    alone
        && match (&volume.claim, &volume.empty_dir, &volume.projected) {
            (Some(claim), None, None) => !claim.claim_name.is_empty(),
            (None, Some(_), None) | (None, None, Some(_)) => true,
            _ => false,
        }
}

fn container<'a>(
    container: &'a Container,
    at: Arguments<'_>,
    names: &mut Vec<&'a Text>,
    volumes: &[&Text],
    causes: &mut Causes,
) {
    if container.name.is_empty() {
        causes.required(&format!("{at}.name"), "");
    } else {
        for fault in text::label(&container.name) {
            causes.invalid_text(&format!("{at}.name"), &container.name, &fault);
        }
    }
    if container.image.is_empty() {
        causes.required(&format!("{at}.image"), "");
    }
    one_of(
        &container.termination_message_policy,
        format_args!("{at}.terminationMessagePolicy"),
        &["File", "FallbackToLogsOnError"],
        causes,
    );
    ports(container, at, causes);
    env(container, at, causes);
    mounts(container, at, volumes, causes);
    one_of(
        &container.image_pull_policy,
        format_args!("{at}.imagePullPolicy"),
        &["Always", "IfNotPresent", "Never"],
        causes,
    );
    resources(&container.resources, format_args!("{at}.resources"), causes);
    if names.contains(&&container.name) {
        causes.duplicate(&format!("{at}.name"), &Value::Text(container.name.clone()));
    }
    names.push(&container.name);
}

/// Checks hooks and probes.
fn handlers(container: &Container, at: Arguments<'_>, causes: &mut Causes) {
    if let Some(lifecycle) = &container.lifecycle {
        for (hook, field) in [
            (&lifecycle.post_start, "postStart"),
            (&lifecycle.pre_stop, "preStop"),
        ] {
            if let Some(hook) = hook {
                handler(hook, format_args!("{at}.lifecycle.{field}"), causes);
            }
        }
    }
    for (it, field) in [
        (&container.liveness_probe, "livenessProbe"),
        (&container.readiness_probe, "readinessProbe"),
        (&container.startup_probe, "startupProbe"),
    ] {
        if let Some(it) = it {
            probe(
                it,
                format_args!("{at}.{field}"),
                field != "readinessProbe",
                causes,
            );
        }
    }
}

fn ports(container: &Container, at: Arguments<'_>, causes: &mut Causes) {
    let mut names: Vec<&Text> = Vec::new();
    for (index, it) in container.ports.iter().enumerate() {
        let at = format_args!("{at}.ports[{index}]");
        if !it.name.is_empty() {
            let faults = text::port_name(&it.name);
            for fault in &faults {
                causes.invalid_text(&format!("{at}.name"), &it.name, fault);
            }
            if faults.is_empty() && names.contains(&&it.name) {
                causes.duplicate(&format!("{at}.name"), &Value::Text(it.name.clone()));
            }
            names.push(&it.name);
        }
        if it.container_port == 0 {
            causes.required(&format!("{at}.containerPort"), "");
        } else if let Some(fault) = text::port(it.container_port.into()) {
            causes.invalid(
                &format!("{at}.containerPort"),
                &Value::Int(it.container_port.into()),
                fault,
            );
        }
        if let Some(fault) = text::port(it.host_port.into()).filter(|_| it.host_port != 0) {
            causes.invalid(
                &format!("{at}.hostPort"),
                &Value::Int(it.host_port.into()),
                fault,
            );
        }
        if !matches!(&*it.protocol, "SCTP" | "TCP" | "UDP") {
            causes.unsupported(
                &format!("{at}.protocol"),
                &it.protocol,
                &["SCTP", "TCP", "UDP"],
            );
        }
    }
}

fn env(container: &Container, at: Arguments<'_>, causes: &mut Causes) {
    for (index, it) in container.env.iter().enumerate() {
        let at = format_args!("{at}.env[{index}]");
        if it.name.is_empty() {
            causes.required(&format!("{at}.name"), "");
        } else if let Some(fault) = text::env_name(&it.name) {
            causes.invalid_text(&format!("{at}.name"), &it.name, fault);
        }
        let Some(source) = &it.value_from else {
            continue;
        };
        let at = format_args!("{at}.valueFrom");
        if let Some(reference) = &source.field_ref {
            field_path(&reference.field_path, format_args!("{at}.fieldRef"), causes);
        }
        for (key, field) in [
            (&source.config_map_key, "configMapKeyRef"),
            (&source.secret_key, "secretKeyRef"),
        ] {
            let Some(key) = key else { continue };
            for fault in text::subdomain(&key.name) {
                causes.invalid_text(&format!("{at}.{field}.name"), &key.name, &fault);
            }
            if key.key.is_empty() {
                causes.required(&format!("{at}.{field}.key"), "");
            } else {
                for fault in text::config_key(&key.key) {
                    causes.invalid_text(&format!("{at}.{field}.key"), &key.key, &fault);
                }
            }
        }
        let detail = match source.write_always().into_map().len() {
            0 => {
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            }
            _ if !it.value.is_empty() => "may not be specified when `value` is not empty",
            1 => continue,
            _ => "may not have more than one field specified at a time",
        };
        causes.invalid_text(&at.to_string(), "", detail);
    }
}

/// The fields of a pod that a variable can take its value from.
const FIELD_PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// Those of which two can be asked for by key, and the others not at all.
const OTHER_PATHS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "spec.restartPolicy",
    "spec.schedulerName",
    "status.phase",
];

/// Checks which field a variable names (`validateObjectFieldSelector`).
fn field_path(path: &str, at: Arguments<'_>, causes: &mut Causes) {
    let field = format_args!("{at}.fieldPath");
    let split = path.strip_suffix("']").and_then(|it| it.split_once("['"));
    let refusal = match split {
        _ if path.is_empty() => return causes.required(&field.to_string(), ""),
        Some((base, key)) if OTHER_PATHS[..2].contains(&base) => {
            for fault in text::qualified(key) {
                causes.invalid_text(&at.to_string(), key, &fault);
            }
            return;
        }
        Some(_) => "field label does not support subscript",
        None if FIELD_PATHS.contains(&path) || path == "spec.host" => return,
        None if OTHER_PATHS.contains(&path) => {
            return causes.unsupported(&field.to_string(), path, &FIELD_PATHS);
        }
        None => "field label not supported",
    };
    let detail = format!("error converting fieldPath: {refusal}: {path}");
    causes.invalid_text(&field.to_string(), path, &detail);
}

fn mounts(container: &Container, at: Arguments<'_>, volumes: &[&Text], causes: &mut Causes) {
    let mut paths: Vec<&Text> = Vec::new();
    for (index, it) in container.volume_mounts.iter().enumerate() {
        let at = format_args!("{at}.volumeMounts[{index}]");
        if it.name.is_empty() {
            causes.required(&format!("{at}.name"), "");
        }
        if !volumes.contains(&&it.name) {
            causes.not_found(&format!("{at}.name"), &it.name);
        }
        if it.mount_path.is_empty() {
            causes.required(&format!("{at}.mountPath"), "");
        }
        if paths.contains(&&it.mount_path) {
            causes.invalid_text(&format!("{at}.mountPath"), &it.mount_path, "must be unique");
        }
        paths.push(&it.mount_path);
    }
    for (index, it) in container.volume_devices.iter().enumerate() {
        if !volumes.contains(&&it.name) {
            causes.not_found(&format!("{at}.volumeDevices[{index}].name"), &it.name);
        }
    }
}

/// The resources of containers that are not of somebody's own.
const RESOURCES: [&str; 3] = ["cpu", "ephemeral-storage", "memory"];
/// Those that are none of a container's.
const RESOURCES_ELSEWHERE: [&str; 10] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "storage",
];

fn resources(resources: &ResourceRequirements, at: Arguments<'_>, causes: &mut Causes) {
    for (name, limit) in &resources.limits {
        resource(name, limit, format_args!("{at}.limits[{name}]"), causes);
    }
    for (name, asked) in &resources.requests {
        resource(name, asked, format_args!("{at}.requests[{name}]"), causes);
        let limit = resources.limits.get(name);
        // What belongs to somebody cannot be promised twice.
        let detail = match limit {
            Some(limit) if is_foreign(name) && asked != limit => {
                format!("must be equal to {name} limit of {limit}")
            }
            Some(limit) if asked > limit => {
                format!("must be less than or equal to {name} limit of {limit}")
            }
            None if is_foreign(name) => {
                let detail = "Limit must be set for non overcommit resources";
                causes.required(&format!("{at}.limits"), detail);
                continue;
            }
            _ => continue,
        };
        causes.invalid_text(&format!("{at}.requests"), &asked.to_string(), &detail);
    }
}

/// Whether a resource is neither Kubernetes' own nor a page of memory.
fn is_foreign(name: &str) -> bool {
    name.contains('/') && !name.contains("kubernetes.io/")
}

fn resource(name: &str, amount: &Quantity, at: Arguments<'_>, causes: &mut Causes) {
    let known = RESOURCES.contains(&name) || name.starts_with("hugepages-");
    for fault in text::qualified(name) {
        causes.invalid_text(&at.to_string(), name, &fault);
    }
    if !name.contains('/') && !known {
        if !RESOURCES_ELSEWHERE.contains(&name) {
            let detail = "must be a standard resource type or fully qualified";
            causes.invalid_text(&at.to_string(), name, detail);
        }
        causes.invalid_text(
            &at.to_string(),
            name,
            "must be a standard resource for containers",
        );
    }
    if amount.nano() < 0 {
        causes.invalid_text(&at.to_string(), &amount.to_string(), NOT_NEGATIVE);
    }
}

fn probe(probe: &Probe, at: Arguments<'_>, one_success: bool, causes: &mut Causes) {
    handler(&probe.write_always(), at, causes);
    for (number, field) in [
        (probe.initial_delay_s, "initialDelaySeconds"),
        (probe.timeout_s, "timeoutSeconds"),
        (probe.period_s, "periodSeconds"),
        (probe.success_threshold, "successThreshold"),
        (probe.failure_threshold, "failureThreshold"),
    ] {
        if number < 0 {
            causes.invalid(
                &format!("{at}.{field}"),
                &Value::Int(number.into()),
                NOT_NEGATIVE,
            );
        }
    }
    if one_success && probe.success_threshold != 1 {
        causes.invalid(
            &format!("{at}.successThreshold"),
            &Value::Int(probe.success_threshold.into()),
            "must be 1",
        );
    }
}

/// Checks what a hook or a probe does (`validateHandler`).
fn handler(handler: &Value, at: Arguments<'_>, causes: &mut Causes) {
    let kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
    let mut chosen = kinds
        .iter()
        .filter_map(|kind| Some((kind, handler.get(kind)?)));
    let Some((kind, first)) = chosen.next() else {
        causes.required(&at.to_string(), "must specify a handler type");
        return;
    };
    match *kind {
        "exec" if first.list_at(&["command"]).is_empty() => {
            causes.required(&format!("{at}.exec.command"), "");
        }
        "httpGet" | "tcpSocket" | "grpc" => {
            let field = format_args!("{at}.{kind}.port");
            match first.get("port") {
                Some(Value::Text(name)) => {
                    for fault in text::port_name(name) {
                        causes.invalid_text(&field.to_string(), name, &fault);
                    }
                }
                other => {
                    let number = other.and_then(Value::as_int).unwrap_or(0);
                    if let Some(fault) = text::port(number) {
                        causes.invalid(&field.to_string(), &Value::Int(number), fault);
                    }
                }
            }
            if let Some(scheme) = first.str_at(&["scheme"]) {
                one_of(
                    scheme,
                    format_args!("{at}.httpGet.scheme"),
                    &["HTTP", "HTTPS"],
                    causes,
                );
            }
        }
        _ => {}
    }
    for (kind, _) in chosen {
        let detail = "may not specify more than 1 handler type";
        causes.forbidden(&format!("{at}.{kind}"), detail);
    }
}

/// What may not change on a pod (`ValidatePodUpdate`).
pub(super) fn update(new: &PodSpec, old: &PodSpec, causes: &mut Causes) {
    let mut allowed = new.clone();
    for (mine, theirs, field) in [
        (&mut allowed.containers, &old.containers, "spec.containers"),
        (
            &mut allowed.init_containers,
            &old.init_containers,
            "spec.initContainers",
        ),
    ] {
        if mine.len() != theirs.len() {
            causes.forbidden(field, "pod updates may not add or remove containers");
            return;
        }
        *mine = mine
            .iter()
            .zip(theirs.iter())
            .map(|(a, b)| Container {
                image: b.image.clone(),
                ..a.clone()
            })
            .collect();
    }
    let deadline = "spec.activeDeadlineSeconds";
    match (new.active_deadline_s, old.active_deadline_s) {
        (Some(seconds), Some(before)) if seconds > before => {
            let detail = "must be less than or equal to previous value";
            causes.invalid(deadline, &Value::Int(seconds), detail);
            return;
        }
        (None, Some(_)) => {
            let detail = "must not update from a positive integer to nil value";
            // Upstream's own way with a pointer to nothing.
            causes.invalid_text(deadline, "null", detail);
        }
        _ => {}
    }
    let kept = |it: &Toleration| {
        let same = |other: &Toleration| {
            Toleration {
                toleration_s: it.toleration_s,
                ..other.clone()
            } == *it
        };
        new.tolerations.iter().any(same)
    };
    if !old.tolerations.iter().all(kept) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        causes.forbidden("spec.tolerations", detail);
    }
    let is_new = |it: &SchedulingGate| !old.scheduling_gates.contains(it);
    for (index, gate) in new.scheduling_gates.iter().enumerate() {
        if is_new(gate) {
            let detail = format!(
                "only deletion is allowed, but found new scheduling gate '{}'",
                gate.name
            );
            causes.forbidden(&format!("spec.schedulingGates[{index}].name"), &detail);
        }
    }
    allowed.tolerations = std::rc::Rc::clone(&old.tolerations);
    allowed.scheduling_gates = old.scheduling_gates.clone();
    allowed.active_deadline_s = old.active_deadline_s;
    if allowed.termination_grace_period_s == Some(1)
        && old.termination_grace_period_s.is_some_and(|it| it < 0)
    {
        allowed.termination_grace_period_s = old.termination_grace_period_s;
    }
    if allowed != *old {
        causes.forbidden("spec", FROZEN);
    }
}
