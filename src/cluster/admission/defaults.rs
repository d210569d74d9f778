//! Defaults that the server fills in (reference 1.2 to 1.9). Filling them in twice changes nothing.

use std::rc::Rc;

use crate::cluster::base64;
use crate::cluster::json::IntOrString;
use crate::cluster::object::claim::{ClaimPhase, ClaimSpec};
use crate::cluster::object::deployment::RollingUpdateDeployment;
use crate::cluster::object::pod_spec::{
    Container, EnvVarSource, PodSpec, PodTemplateSpec, Probe, Volume,
};
use crate::cluster::object::stateful_set::{RetentionPolicy, RollingUpdate, StatefulSetSpec};
use crate::cluster::object::{
    Deployment, Kind, Object, PersistentVolume, PersistentVolumeClaim, Plain, Pod, ReplicaSet,
    Service, StorageClass,
};
use crate::cluster::value::{Map, Text, Value};

/// Fills the defaults of an object in.
///
/// Whether its kind has defaults at all.
pub fn default(object: &mut Object) -> bool {
    match object {
        Object::StatefulSet(it) => stateful_set(Rc::make_mut(&mut it.spec)),
        Object::ReplicaSet(it) => replica_set(it),
        Object::Deployment(it) => deployment(it),
        Object::Pod(it) => pod(it),
        Object::PersistentVolumeClaim(it) => claim(it),
        Object::PersistentVolume(it) => volume(it),
        Object::StorageClass(it) => storage_class(it),
        Object::Service(it) => service(it),
        Object::Plain(it) => plain(it),
        _ => return false,
    }
    true
}

fn stateful_set(spec: &mut StatefulSetSpec) {
    fill(&mut spec.pod_management_policy, "OrderedReady");
    let strategy = &mut spec.update_strategy;
    if strategy.kind.is_empty() {
        // Only an absent type brings the settings along: the asymmetry of reference 1.2.
        strategy.kind = "RollingUpdate".into();
        let rolling = strategy
            .rolling_update
            .get_or_insert_with(RollingUpdate::default);
        rolling.partition.get_or_insert(0);
    } else if let Some(rolling) = &mut strategy.rolling_update
        && &*strategy.kind == "RollingUpdate"
    {
        rolling.partition.get_or_insert(0);
    }
    let retention = spec.retention.get_or_insert_with(RetentionPolicy::default);
    fill(&mut retention.when_deleted, "Retain");
    fill(&mut retention.when_scaled, "Retain");
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    template(&mut spec.template);
    if spec
        .claim_templates
        .iter()
        .any(|it| it.status.phase.is_none() || it.spec.volume_mode.is_none())
    {
        let mut templates = spec.claim_templates.to_vec();
        templates.iter_mut().for_each(claim);
        spec.claim_templates = templates.into();
    }
}

fn replica_set(set: &mut ReplicaSet) {
    let spec = Rc::make_mut(&mut set.spec);
    spec.replicas.get_or_insert(1);
    template(&mut spec.template);
}

fn deployment(deployment: &mut Deployment) {
    let spec = Rc::make_mut(&mut deployment.spec);
    spec.replicas.get_or_insert(1);
    fill(&mut spec.strategy.kind, "RollingUpdate");
    if &*spec.strategy.kind == "RollingUpdate" {
        let rolling = spec
            .strategy
            .rolling_update
            .get_or_insert_with(RollingUpdateDeployment::default);
        rolling
            .max_unavailable
            .get_or_insert_with(|| IntOrString::Text("25%".into()));
        rolling
            .max_surge
            .get_or_insert_with(|| IntOrString::Text("25%".into()));
    }
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_s.get_or_insert(600);
    template(&mut spec.template);
}

fn template(template: &mut PodTemplateSpec) {
    pod_spec(Rc::make_mut(&mut template.spec));
}

fn pod(pod: &mut Pod) {
    if !needs_defaults(&pod.spec) && pod.spec.enable_service_links.is_some() {
        return;
    }
    let spec = Rc::make_mut(&mut pod.spec);
    spec.enable_service_links.get_or_insert(true);
    if needs_defaults(spec) {
        pod_spec(spec);
    }
    // Only on pods: what is limited is also requested.
    let all = [&mut spec.init_containers, &mut spec.containers];
    let limited = |it: &Container| !it.resources.limits.is_empty();
    for containers in all.into_iter().filter(|all| all.iter().any(limited)) {
        for container in Rc::make_mut(containers) {
            for (name, limit) in container.resources.limits.clone() {
                container.resources.requests.entry(name).or_insert(limit);
            }
        }
    }
}

/// Whether a spec has not been through [`pod_spec`]: controllers make pods from templates that have.
fn needs_defaults(spec: &PodSpec) -> bool {
    let bare = |container: &Container| container.termination_message_path.is_empty();
    spec.security_context.is_none()
        || spec.restart_policy.is_empty()
        || spec
            .containers
            .iter()
            .chain(spec.init_containers.iter())
            .any(bare)
}

fn containers(spec: &mut PodSpec) -> impl Iterator<Item = &mut Container> {
    Rc::make_mut(&mut spec.init_containers)
        .iter_mut()
        .chain(Rc::make_mut(&mut spec.containers).iter_mut())
}

fn pod_spec(spec: &mut PodSpec) {
    fill(&mut spec.restart_policy, "Always");
    spec.termination_grace_period_s.get_or_insert(30);
    fill(&mut spec.dns_policy, "ClusterFirst");
    fill(&mut spec.scheduler_name, "default-scheduler");
    spec.security_context
        .get_or_insert_with(|| Value::Map(Map::new()));
    // The old name of the account and its new one go together.
    if spec.service_account_name.is_empty() {
        spec.service_account_name = spec.service_account.clone();
    }
    spec.service_account = spec.service_account_name.clone();
    let host_network = spec.host_network;
    for container in containers(spec) {
        default_container(container, host_network);
    }
    if !spec.volumes.is_empty() {
        Rc::make_mut(&mut spec.volumes)
            .iter_mut()
            .for_each(default_volume);
    }
}

fn default_container(container: &mut Container, host_network: bool) {
    let pull = if has_latest_tag(&container.image) {
        "Always"
    } else {
        "IfNotPresent"
    };
    fill(&mut container.image_pull_policy, pull);
    fill(
        &mut container.termination_message_path,
        "/dev/termination-log",
    );
    fill(&mut container.termination_message_policy, "File");
    for port in &mut container.ports {
        fill(&mut port.protocol, "TCP");
        if host_network && port.host_port == 0 {
            port.host_port = port.container_port;
        }
    }
    let sources = container
        .env
        .iter_mut()
        .filter_map(|it| it.value_from.as_mut());
    for reference in sources.filter_map(|it: &mut EnvVarSource| it.field_ref.as_mut()) {
        fill(&mut reference.api_version, "v1");
    }
    let probes = [
        &mut container.liveness_probe,
        &mut container.readiness_probe,
        &mut container.startup_probe,
    ];
    for probe in probes.into_iter().flatten() {
        default_probe(Rc::make_mut(probe));
    }
    if let Some(lifecycle) = &mut container.lifecycle {
        let lifecycle = Rc::make_mut(lifecycle);
        for hook in [&mut lifecycle.post_start, &mut lifecycle.pre_stop]
            .into_iter()
            .flatten()
        {
            default_http_get(hook);
        }
    }
}

fn default_probe(probe: &mut Probe) {
    for (number, default) in [
        (&mut probe.timeout_s, 1),
        (&mut probe.period_s, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ] {
        if *number == 0 {
            *number = default;
        }
    }
    if let Some(get) = &mut probe.http_get {
        fill(&mut get.path, "/");
        fill(&mut get.scheme, "HTTP");
    }
    if let Some(Value::Map(grpc)) = &mut probe.grpc {
        grpc.entry("service".into())
            .or_insert_with(|| Value::text(""));
    }
}

fn default_http_get(hook: &mut Value) {
    if let Some(Value::Map(get)) = hook.as_map_mut().and_then(|map| map.get_mut("httpGet")) {
        get.entry("path".into()).or_insert_with(|| Value::text("/"));
        get.entry("scheme".into())
            .or_insert_with(|| Value::text("HTTP"));
    }
}

fn default_volume(volume: &mut Volume) {
    if let Some(source) = &mut volume.config_map {
        let source = Rc::make_mut(source);
        source.default_mode.get_or_insert(420);
    }
    if let Some(source) = &mut volume.secret {
        let source = Rc::make_mut(source);
        source.default_mode.get_or_insert(420);
    }
    if let Some(Value::Map(source)) = volume.projected.as_mut().map(Rc::make_mut) {
        source
            .entry("defaultMode".into())
            .or_insert(Value::Int(420));
        let sources = source.get_mut("sources").map(std::mem::take);
        if let Some(Value::List(mut sources)) = sources {
            sources.iter_mut().for_each(default_projection);
            source.insert("sources".into(), Value::List(sources));
        }
    }
    if let Some(Value::Map(source)) = &mut volume.host_path {
        source
            .entry("type".into())
            .or_insert_with(|| Value::text(""));
    }
    if has_no_source(volume) {
        volume.empty_dir = Some(Value::Map(Map::new()));
    }
}

fn default_projection(source: &mut Value) {
    if let Some(Value::Map(token)) = source
        .as_map_mut()
        .and_then(|map| map.get_mut("serviceAccountToken"))
    {
        token
            .entry("expirationSeconds".into())
            .or_insert(Value::Int(3600));
    }
    let items = source
        .as_map_mut()
        .and_then(|map| map.get_mut("downwardAPI"));
    if let Some(Value::List(items)) = items
        .and_then(|it| it.as_map_mut())
        .and_then(|map| map.get_mut("items"))
    {
        for item in items {
            if let Some(Value::Map(field)) =
                item.as_map_mut().and_then(|map| map.get_mut("fieldRef"))
            {
                field
                    .entry("apiVersion".into())
                    .or_insert_with(|| Value::text("v1"));
            }
        }
    }
}

fn has_no_source(volume: &Volume) -> bool {
    let bare = Volume {
        name: volume.name.clone(),
        ..Volume::default()
    };
    *volume == bare
}

/// Whether the tag is `latest` or absent.
fn has_latest_tag(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn claim(claim: &mut PersistentVolumeClaim) {
    if claim.status.phase.is_none() {
        Rc::make_mut(&mut claim.status).phase = Some(ClaimPhase::Pending);
    }
    if claim.spec.volume_mode.is_none() {
        let spec: &mut ClaimSpec = Rc::make_mut(&mut claim.spec);
        spec.volume_mode = Some("Filesystem".into());
    }
}

fn volume(volume: &mut PersistentVolume) {
    let spec = Rc::make_mut(&mut volume.spec);
    fill(&mut spec.reclaim_policy, "Retain");
    spec.volume_mode.get_or_insert_with(|| "Filesystem".into());
    if let Some(path @ Value::Map(_)) = spec.rest.get_mut("hostPath")
        && path.get("type").is_none()
    {
        path.set(&["type"], Value::text(""));
    }
    if let Some(reference) = &mut spec.claim_ref {
        fill(&mut reference.kind, "PersistentVolumeClaim");
        fill(&mut reference.api_version, "v1");
    }
}

fn storage_class(class: &mut StorageClass) {
    class.reclaim_policy.get_or_insert_with(|| "Delete".into());
    class
        .volume_binding_mode
        .get_or_insert_with(|| "Immediate".into());
}

fn service(service: &mut Service) {
    let spec = Rc::make_mut(&mut service.spec);
    fill(&mut spec.session_affinity, "None");
    fill(&mut spec.kind, "ClusterIP");
    for port in &mut spec.ports {
        fill(&mut port.protocol, "TCP");
        let unset = match &port.target_port {
            None | Some(IntOrString::Int(0)) => true,
            Some(IntOrString::Text(name)) => name.is_empty(),
            Some(IntOrString::Int(_)) => false,
        };
        if unset {
            port.target_port = Some(IntOrString::Int(i64::from(port.port)));
        }
    }
    let kind = spec.kind.clone();
    if &*kind == "ExternalName" {
        return;
    }
    spec.internal_traffic_policy
        .get_or_insert_with(|| "Cluster".into());
    if matches!(&*kind, "NodePort" | "LoadBalancer") {
        fill(&mut spec.external_traffic_policy, "Cluster");
    }
    if &*kind == "LoadBalancer" {
        spec.allocate_node_ports.get_or_insert(true);
    }
    if spec.ip_families.is_empty() {
        spec.ip_families = vec!["IPv4".into()];
    }
    spec.ip_family_policy
        .get_or_insert_with(|| "SingleStack".into());
    if let Value::Null = service.status {
        service.status = Value::map([("loadBalancer", Value::Map(Map::new()))]);
    }
}

fn plain(plain: &mut Plain) {
    match plain.kind {
        Kind::Secret => {
            if let Some(Value::Map(texts)) = Rc::make_mut(&mut plain.body).remove("stringData") {
                for (key, text) in texts {
                    let bytes = text
                        .as_str()
                        .map(str::as_bytes)
                        .map(base64::encode)
                        .unwrap_or_default();
                    plain.set(&["data", &key], Value::text(bytes));
                }
            }
            if plain.at(&["type"]).is_none() {
                plain.set(&["type"], Value::text("Opaque"));
            }
        }
        Kind::Namespace => {
            if plain.at(&["status", "phase"]).is_none() {
                plain.set(&["status", "phase"], Value::text("Active"));
            }
            plain.set(
                &["spec", "finalizers"],
                Value::List(vec![Value::text("kubernetes")]),
            );
            let name = plain.meta.name.clone();
            plain.meta.set_label("kubernetes.io/metadata.name", name);
        }
        _ => {}
    }
}

fn fill(text: &mut Text, default: &str) {
    if text.is_empty() {
        *text = default.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_update_strategy_is_defaulted_asymmetrically() {
        let mut absent = StatefulSetSpec::default();
        stateful_set(&mut absent);
        assert_eq!(absent.partition(), Some(0));
        let mut explicit = StatefulSetSpec::default();
        explicit.update_strategy.kind = "RollingUpdate".into();
        stateful_set(&mut explicit);
        assert_eq!(explicit.partition(), None);
    }

    #[test]
    fn pull_policies_follow_the_tag() {
        for (image, latest) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("localhost:5000/nginx", true),
            ("nginx:1.25", false),
            ("nginx@sha256:abc", false),
        ] {
            assert_eq!(has_latest_tag(image), latest, "{image}");
        }
    }

    #[test]
    fn defaults_are_filled_in_once() {
        let mut object = Object::Pod(Pod::default());
        default(&mut object);
        let once = object.clone();
        default(&mut object);
        assert_eq!(object, once);
    }
}
