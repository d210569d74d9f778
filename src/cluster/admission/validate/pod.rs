//! Pod specs: volumes, containers and the rest (`ValidatePodSpec`).

use super::meta;
use crate::cluster::admission::text;
use crate::cluster::error::Causes;
use crate::cluster::json::{IntOrString, Json as _};
use crate::cluster::object::pod_spec::{
    Container, PodSpec, Probe, ResourceRequirements, Toleration,
};
use crate::cluster::quantity::Quantity;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Text, Value};

const FROZEN: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks a pod's spec; `claims` are names of claim templates, which count as volumes.
pub(super) fn spec(spec: &PodSpec, claims: &[&Text], path: &str, causes: &mut Causes) {
    let volumes = volumes(spec, claims, path, causes);
    let at = format!("{path}.containers");
    if spec.containers.is_empty() {
        causes.required(&at, "");
    }
    let mut names: Vec<&Text> = Vec::new();
    for (index, it) in spec.containers.iter().enumerate() {
        container(it, &format!("{at}[{index}]"), &mut names, &volumes, causes);
    }
    for (index, it) in spec.init_containers.iter().enumerate() {
        let at = format!("{path}.initContainers[{index}]");
        container(it, &at, &mut names, &volumes, causes);
        if it.restart_policy.is_none() {
            let forbidden = [
                (&it.liveness_probe, "livenessProbe"),
                (&it.readiness_probe, "readinessProbe"),
                (&it.startup_probe, "startupProbe"),
            ];
            for (_, field) in forbidden.iter().filter(|(probe, _)| probe.is_some()) {
                causes.forbidden(
                    &format!("{at}.{field}"),
                    "may not be set for init containers without restartPolicy=Always",
                );
            }
        }
    }
    if !matches!(&*spec.restart_policy, "Always" | "Never" | "OnFailure") {
        let field = format!("{path}.restartPolicy");
        causes.unsupported(
            &field,
            &spec.restart_policy,
            &["Always", "Never", "OnFailure"],
        );
    }
    if !matches!(
        &*spec.dns_policy,
        "ClusterFirst" | "ClusterFirstWithHostNet" | "Default" | "None"
    ) {
        let field = format!("{path}.dnsPolicy");
        let known = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
        causes.unsupported(&field, &spec.dns_policy, &known);
    }
    meta::labels(&spec.node_selector, &format!("{path}.nodeSelector"), causes);
    if let Some(seconds) = spec
        .termination_grace_period_s
        .filter(|seconds| *seconds < 0)
    {
        let field = format!("{path}.terminationGracePeriodSeconds");
        causes.invalid(
            &field,
            &Value::Int(seconds),
            "must be greater than or equal to 0",
        );
    }
    for (index, toleration) in spec.tolerations.iter().enumerate() {
        tolerations(toleration, &format!("{path}.tolerations[{index}]"), causes);
    }
}

/// Checks the volumes; their names, with those of the claim templates.
fn volumes<'a>(
    spec: &'a PodSpec,
    claims: &[&'a Text],
    path: &str,
    causes: &mut Causes,
) -> Vec<&'a Text> {
    let mut names: Vec<&Text> = Vec::new();
    for (index, volume) in spec.volumes.iter().enumerate() {
        let at = format!("{path}.volumes[{index}]");
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
        names.push(&volume.name);
        if volume.has_many_sources() {
            let mut sources = volume.write_always().into_map();
            sources.remove("name");
            for extra in sources.keys().skip(1) {
                causes.forbidden(
                    &format!("{at}.{extra}"),
                    "may not specify more than 1 volume type",
                );
            }
        }
        if volume
            .claim
            .as_ref()
            .is_some_and(|it| it.claim_name.is_empty())
        {
            causes.required(&format!("{at}.persistentVolumeClaim.claimName"), "");
        }
        if volume
            .config_map
            .as_ref()
            .is_some_and(|it| it.name.is_empty())
        {
            causes.required(&format!("{at}.configMap.name"), "");
        }
        if volume
            .secret
            .as_ref()
            .is_some_and(|it| it.secret_name.is_empty())
        {
            causes.required(&format!("{at}.secret.secretName"), "");
        }
    }
    names.extend(claims);
    names
}

fn container<'a>(
    container: &'a Container,
    at: &str,
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
        if names.contains(&&container.name) {
            causes.duplicate(&format!("{at}.name"), &Value::Text(container.name.clone()));
        }
        names.push(&container.name);
    }
    if container.image.is_empty() {
        causes.required(&format!("{at}.image"), "");
    } else if container.image.trim() != &*container.image {
        let detail = "must not have leading or trailing whitespace";
        causes.invalid_text(&format!("{at}.image"), &container.image, detail);
    }
    ports(container, at, causes);
    env(container, at, causes);
    mounts(container, at, volumes, causes);
    if !matches!(
        &*container.image_pull_policy,
        "Always" | "IfNotPresent" | "Never"
    ) {
        let field = format!("{at}.imagePullPolicy");
        causes.unsupported(
            &field,
            &container.image_pull_policy,
            &["Always", "IfNotPresent", "Never"],
        );
    }
    resources(&container.resources, &format!("{at}.resources"), causes);
    for (it, field) in [
        (&container.liveness_probe, "livenessProbe"),
        (&container.readiness_probe, "readinessProbe"),
        (&container.startup_probe, "startupProbe"),
    ] {
        if let Some(it) = it {
            probe(
                it,
                &format!("{at}.{field}"),
                field != "readinessProbe",
                causes,
            );
        }
    }
}

fn ports(container: &Container, at: &str, causes: &mut Causes) {
    let mut names: Vec<&Text> = Vec::new();
    for (index, it) in container.ports.iter().enumerate() {
        let at = format!("{at}.ports[{index}]");
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

fn env(container: &Container, at: &str, causes: &mut Causes) {
    for (index, it) in container.env.iter().enumerate() {
        let at = format!("{at}.env[{index}]");
        if it.name.is_empty() {
            causes.required(&format!("{at}.name"), "");
        } else if let Some(fault) = text::env_name(&it.name) {
            causes.invalid_text(&format!("{at}.name"), &it.name, fault);
        }
        let Some(source) = &it.value_from else {
            continue;
        };
        let known = source.write_always().into_map().len();
        if known == 0 {
            let detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
            causes.invalid(&format!("{at}.valueFrom"), &Value::text(""), detail);
        } else if known > 1 {
            causes.invalid(
                &format!("{at}.valueFrom"),
                &Value::text(""),
                "may not have more than one field specified at a time",
            );
        } else if !it.value.is_empty() {
            causes.invalid(
                &format!("{at}.valueFrom"),
                &Value::text(""),
                "may not be specified when `value` is not empty",
            );
        }
        for (key, field) in [
            (&source.config_map_key, "configMapKeyRef"),
            (&source.secret_key, "secretKeyRef"),
        ] {
            if key.as_ref().is_some_and(|key| key.key.is_empty()) {
                causes.required(&format!("{at}.valueFrom.{field}.key"), "");
            }
        }
    }
}

fn mounts(container: &Container, at: &str, volumes: &[&Text], causes: &mut Causes) {
    let mut paths: Vec<&Text> = Vec::new();
    for (index, it) in container.volume_mounts.iter().enumerate() {
        let at = format!("{at}.volumeMounts[{index}]");
        if it.name.is_empty() {
            causes.required(&format!("{at}.name"), "");
        } else if !volumes.contains(&&it.name) {
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

fn resources(resources: &ResourceRequirements, at: &str, causes: &mut Causes) {
    let negative = |map: &SortedMap<Text, Quantity>, field: &str, causes: &mut Causes| {
        for (name, quantity) in map.iter().filter(|(_, quantity)| quantity.nano() < 0) {
            let value = Value::text(quantity.to_string());
            causes.invalid(
                &format!("{at}.{field}[{name}]"),
                &value,
                "must be greater than or equal to 0",
            );
        }
    };
    negative(&resources.limits, "limits", causes);
    negative(&resources.requests, "requests", causes);
    for (name, asked) in &resources.requests {
        if let Some(limit) = resources.limits.get(name).filter(|limit| asked > limit) {
            let detail = format!("must be less than or equal to {name} limit of {limit}");
            causes.invalid(
                &format!("{at}.requests"),
                &Value::text(asked.to_string()),
                &detail,
            );
        }
    }
}

fn probe(probe: &Probe, at: &str, one_success: bool, causes: &mut Causes) {
    let handlers = [
        probe.http_get.is_some(),
        probe.tcp_socket.is_some(),
        probe.exec.is_some(),
        probe.grpc.is_some(),
    ];
    match handlers.iter().filter(|set| **set).count() {
        0 => causes.required(at, "must specify a handler type"),
        1 => {}
        _ => causes.forbidden(at, "may not specify more than 1 handler type"),
    }
    if let Some(get) = &probe.http_get
        && let IntOrString::Int(number) = get.port
        && let Some(fault) = text::port(number)
    {
        causes.invalid(&format!("{at}.httpGet.port"), &Value::Int(number), fault);
    }
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
                "must be greater than or equal to 0",
            );
        }
    }
    if one_success && probe.success_threshold > 1 {
        causes.invalid(
            &format!("{at}.successThreshold"),
            &Value::Int(probe.success_threshold.into()),
            "must be 1",
        );
    }
}

fn tolerations(toleration: &Toleration, at: &str, causes: &mut Causes) {
    if toleration.key.is_empty() && &*toleration.operator != "Exists" {
        let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        causes.invalid_text(&format!("{at}.operator"), &toleration.operator, detail);
    }
    if !matches!(&*toleration.operator, "" | "Equal" | "Exists" | "Lt" | "Gt") {
        causes.unsupported(
            &format!("{at}.operator"),
            &toleration.operator,
            &["Equal", "Exists"],
        );
    }
    if !matches!(
        &*toleration.effect,
        "" | "NoExecute" | "NoSchedule" | "PreferNoSchedule"
    ) {
        let known = ["NoExecute", "NoSchedule", "PreferNoSchedule"];
        causes.unsupported(&format!("{at}.effect"), &toleration.effect, &known);
    }
    if toleration.toleration_s.is_some() && &*toleration.effect != "NoExecute" {
        let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        causes.invalid_text(&format!("{at}.effect"), &toleration.effect, detail);
    }
}

/// What may not change on a pod (`ValidatePodUpdate`).
pub(super) fn update(new: &PodSpec, old: &PodSpec, causes: &mut Causes) {
    let mut allowed = new.clone();
    for (mine, theirs) in [
        (&mut allowed.containers, &old.containers),
        (&mut allowed.init_containers, &old.init_containers),
    ] {
        if mine.len() == theirs.len() {
            *mine = mine
                .iter()
                .zip(theirs.iter())
                .map(|(a, b)| Container {
                    image: b.image.clone(),
                    ..a.clone()
                })
                .collect();
        }
    }
    let kept = old
        .tolerations
        .iter()
        .all(|it| new.tolerations.contains(it));
    if kept {
        allowed.tolerations = std::rc::Rc::clone(&old.tolerations);
    }
    allowed.active_deadline_s = old.active_deadline_s;
    if allowed.termination_grace_period_s == Some(1)
        && old.termination_grace_period_s.is_some_and(|it| it < 0)
    {
        allowed.termination_grace_period_s = old.termination_grace_period_s;
    }
    let gates = |spec: &PodSpec| spec.scheduling_gates.len();
    if gates(new) < gates(old) {
        allowed.scheduling_gates = old.scheduling_gates.clone();
    }
    if allowed != *old {
        causes.forbidden("spec", FROZEN);
    }
}
