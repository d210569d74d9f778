//! Admission plugins: what the server adds to objects and refuses beyond their fields (reference 1.3, 1.4).

use std::rc::Rc;

use crate::cluster::api::Api;
use crate::cluster::error::ApiError;
use crate::cluster::object::claim::{CLAIM_PROTECTION, ClaimPhase, ClaimStatus};
use crate::cluster::object::node::{NOT_READY, Taint, UNREACHABLE};
use crate::cluster::object::pod::PodStatus;
use crate::cluster::object::pod_spec::{Container, PodSpec, Toleration, Volume, VolumeMount};
use crate::cluster::object::stateful_set::{StatefulSetSpec, StatefulSetStatus};
use crate::cluster::object::volume::{VOLUME_PROTECTION, VolumePhase, VolumeStatus};
use crate::cluster::object::{Kind, Object, PersistentVolumeClaim, Pod, StorageClass};
use crate::cluster::value::{self, Map, Text, Value};

/// Where the token of a pod's account is mounted.
pub(super) const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How long a pod stays on a node that is not ready (`--default-not-ready-toleration-seconds`).
const NOT_READY_S: i64 = 300;

/// Erases what a user cannot set on a new object: its status.
pub fn prepare_create(object: &mut Object) {
    match object {
        Object::StatefulSet(it) => it.status = StatefulSetStatus::default(),
        Object::ReplicaSet(it) => it.status = Default::default(),
        Object::Deployment(it) => it.status = Default::default(),
        Object::Pod(it) => {
            it.status = PodStatus::unknown();
            it.status_mut().qos_class = it.spec.qos_class().into();
        }
        Object::PersistentVolumeClaim(it) => {
            it.status = Rc::new(ClaimStatus {
                phase: Some(ClaimPhase::Pending),
                ..ClaimStatus::default()
            });
        }
        Object::PersistentVolume(it) => {
            it.status = VolumeStatus {
                phase: Some(VolumePhase::Pending),
                ..VolumeStatus::default()
            };
        }
        Object::Service(it) => it.status = Value::map([("loadBalancer", Value::Map(Map::new()))]),
        _ => {}
    }
}

/// Adds what admission adds to a new object, or refuses it.
pub fn admit_create(api: &mut Api, object: &mut Object) -> Result<(), ApiError> {
    match object {
        Object::Pod(pod) => admit_pod(api, pod)?,
        Object::PersistentVolumeClaim(claim) => admit_claim(api, claim),
        Object::PersistentVolume(volume) => volume.meta.add_finalizer(VOLUME_PROTECTION),
        Object::StatefulSet(set) if !api.config.max_unavailable_gate => {
            drop_max_unavailable(&mut set.spec);
        }
        Object::Node(node) if !node.has_taint(NOT_READY, "NoSchedule") && !node.is_ready() => {
            let taint = Taint {
                key: NOT_READY.into(),
                effect: "NoSchedule".into(),
                ..Taint::default()
            };
            Rc::make_mut(&mut node.spec).taints.push(taint);
        }
        _ => {}
    }
    Ok(())
}

/// Drops what the server drops of a change.
pub fn admit_update(api: &Api, object: &mut Object, old: &Object) {
    if let (Object::StatefulSet(new), Object::StatefulSet(old)) = (object, old) {
        let has = |spec: &StatefulSetSpec| {
            spec.update_strategy
                .rolling_update
                .as_ref()
                .is_some_and(|it| it.max_unavailable.is_some())
        };
        if !api.config.max_unavailable_gate && !has(&old.spec) {
            drop_max_unavailable(&mut new.spec);
        }
    }
}

/// Refuses what admission refuses of a change that is valid: validating plugins come after validation.
pub fn review_update(api: &Api, object: &Object, old: &Object) -> Result<(), ApiError> {
    match (object, old) {
        (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
            admit_resize(api, new, old)
        }
        _ => Ok(()),
    }
}

/// With its feature gate off the server drops the field silently (reference 1.2).
fn drop_max_unavailable(spec: &mut Rc<StatefulSetSpec>) {
    let set = spec
        .update_strategy
        .rolling_update
        .as_ref()
        .is_some_and(|it| it.max_unavailable.is_some());
    if set && let Some(rolling) = &mut Rc::make_mut(spec).update_strategy.rolling_update {
        rolling.max_unavailable = None;
    }
}

/// Source: the admission plugin ResourceQuota, for the number of pods of the whole cluster.
fn check_quota(api: &Api, pod: &Pod) -> Result<(), ApiError> {
    let used = api.store.count(Kind::Pod);
    match api.config.pods_max {
        Some(limit) if used >= limit => {
            let why = format!(
                "exceeded quota: ordinal, requested: pods=1, used: pods={used}, limited: pods={limit}"
            );
            Err(ApiError::forbidden(Kind::Pod, &pod.meta.name, why))
        }
        _ => Ok(()),
    }
}

fn admit_pod(api: &mut Api, pod: &mut Pod) -> Result<(), ApiError> {
    check_quota(api, pod)?;
    let suffix = api.volume_suffix();
    let spec = Rc::make_mut(&mut pod.spec);
    if spec.service_account_name.is_empty() {
        spec.service_account_name = "default".into();
    }
    spec.service_account = spec.service_account_name.clone();
    let account = spec.service_account_name.clone();
    let namespace = pod.meta.namespace.clone();
    let Some(found) = api.store.get(Kind::ServiceAccount, &namespace, &account) else {
        let why = format!(
            "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
        );
        return Err(ApiError::forbidden(Kind::Pod, &pod.meta.name, why));
    };
    let account_says = match &**found {
        Object::Plain(plain) => plain
            .at(&["automountServiceAccountToken"])
            .and_then(Value::as_bool),
        _ => None,
    };
    if spec.automount_token.or(account_says) != Some(false) {
        mount_token(spec, &suffix);
    }
    add_tolerations(spec);
    spec.priority.get_or_insert(0);
    spec.preemption_policy
        .get_or_insert_with(|| "PreemptLowerPriority".into());
    Ok(())
}

/// Adds the tolerations that evict a pod from a lost node after a while (DefaultTolerationSeconds).
fn add_tolerations(spec: &mut PodSpec) {
    thread_local! {
        // Most pods have these and no others, and share them.
        static BOTH: Rc<[Toleration]> = Rc::new([NOT_READY, UNREACHABLE].map(toleration));
    }
    if spec.tolerations.is_empty() {
        spec.tolerations = BOTH.with(Rc::clone);
        return;
    }
    for taint in [NOT_READY, UNREACHABLE] {
        let mut known = spec.tolerations.iter();
        if !known.any(|it| it.tolerates(taint, "", "NoExecute")) {
            let all = spec.tolerations.iter().cloned();
            spec.tolerations = all.chain([toleration(taint)]).collect();
        }
    }
}

fn toleration(taint: &'static str) -> Toleration {
    Toleration {
        key: Text::new_static(taint),
        operator: Text::new_static("Exists"),
        effect: Text::new_static("NoExecute"),
        toleration_s: Some(NOT_READY_S),
        ..Toleration::default()
    }
}

/// Adds the volume with the account's token, and its mount to every container that has none there.
fn mount_token(spec: &mut PodSpec, suffix: &Text) {
    let name = value::concat(&["kube-api-access-", suffix]);
    let mount = VolumeMount {
        name: name.clone(),
        read_only: true,
        mount_path: Text::new_static(TOKEN_PATH),
        ..VolumeMount::default()
    };
    let has_own = |it: &Container| {
        it.volume_mounts
            .iter()
            .any(|mount| &*mount.mount_path == TOKEN_PATH)
    };
    if spec
        .containers
        .iter()
        .chain(spec.init_containers.iter())
        .all(has_own)
    {
        return;
    }
    for containers in [&mut spec.containers, &mut spec.init_containers] {
        if containers.is_empty() {
            continue;
        }
        for container in Rc::make_mut(containers)
            .iter_mut()
            .filter(|it| !has_own(it))
        {
            container.volume_mounts.push(mount.clone());
        }
    }
    let volume = Volume {
        name,
        projected: Some(token_sources()),
        ..Volume::default()
    };
    spec.volumes = spec.volumes.iter().cloned().chain([volume]).collect();
}

fn token_sources() -> Rc<Value> {
    thread_local! {
        // Made once: every pod of every namespace gets the same.
        static SOURCES: Rc<Value> = Rc::new(Value::map([
            ("defaultMode", Value::Int(420)),
            ("sources", Value::List(vec![
                Value::map([("serviceAccountToken", Value::map([
                    ("expirationSeconds", Value::Int(3607)),
                    ("path", "token".into()),
                ]))]),
                Value::map([("configMap", Value::map([
                    ("items", Value::List(vec![Value::map([("key", "ca.crt".into()), ("path", "ca.crt".into())])])),
                    ("name", "kube-root-ca.crt".into()),
                ]))]),
                Value::map([("downwardAPI", Value::map([("items", Value::List(vec![Value::map([
                    ("fieldRef", Value::map([
                        ("apiVersion", "v1".into()),
                        ("fieldPath", "metadata.namespace".into()),
                    ])),
                    ("path", "namespace".into()),
                ])]))]))]),
            ])),
        ]));
    }
    SOURCES.with(Rc::clone)
}

fn admit_claim(api: &Api, claim: &mut PersistentVolumeClaim) {
    claim.meta.add_finalizer(CLAIM_PROTECTION);
    let beta = "volume.beta.kubernetes.io/storage-class";
    if claim.spec.storage_class_name.is_none()
        && claim.meta.annotation(beta).is_none()
        && let Some(class) = default_class(api)
    {
        Rc::make_mut(&mut claim.spec).storage_class_name = Some(class);
    }
}

/// The default class: the newest of those marked so, then by name (reference 1.6).
pub fn default_class(api: &Api) -> Option<Text> {
    let defaults = api
        .store
        .list::<StorageClass>()
        .filter(|class| class.is_default());
    let newest = defaults.min_by_key(|class| {
        (
            std::cmp::Reverse(class.meta.created),
            class.meta.name.clone(),
        )
    });
    newest.map(|class| class.meta.name.clone())
}

/// Source: the admission plugin PersistentVolumeClaimResize.
fn admit_resize(
    api: &Api,
    new: &PersistentVolumeClaim,
    old: &PersistentVolumeClaim,
) -> Result<(), ApiError> {
    if new.spec.request() <= old.spec.request() {
        return Ok(());
    }
    let refuse = |why: &str| {
        Err(ApiError::forbidden(
            Kind::PersistentVolumeClaim,
            &new.meta.name,
            why,
        ))
    };
    if old.phase() != ClaimPhase::Bound {
        return refuse("Only bound persistent volume claims can be expanded");
    }
    let class = api.store.find::<StorageClass>("", new.spec.class());
    if class.and_then(|class| class.allow_volume_expansion) != Some(true) {
        return refuse(
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support \
             resize",
        );
    }
    Ok(())
}
