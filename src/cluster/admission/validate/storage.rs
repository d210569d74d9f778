//! Claims, volumes and classes (`ValidatePersistentVolumeClaim` and its like).

use crate::cluster::error::Causes;
use crate::cluster::json::Json as _;
use crate::cluster::object::claim::{ClaimPhase, ClaimResources, ClaimSpec};
use crate::cluster::object::volume::VolumeSpec;
use crate::cluster::object::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::cluster::value::{Text, Value};

const MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];

/// Checks what a claim asks for.
pub(super) fn claim_spec(spec: &ClaimSpec, path: &str, causes: &mut Causes) {
    let at = format!("{path}.accessModes");
    if spec.access_modes.is_empty() {
        causes.required(&at, "at least 1 access mode is required");
    }
    if let Some(selector) = &spec.selector {
        super::workload::label_selector(selector, &format!("{path}.selector"), causes);
    }
    access_modes(&spec.access_modes, &at, causes);
    match spec.resources.requests.get("storage") {
        None => causes.required(&format!("{path}.resources[storage]"), ""),
        Some(amount) if !amount.is_positive() => {
            let field = format!("{path}.resources[storage]");
            causes.invalid(
                &field,
                &Value::text(amount.to_string()),
                "must be greater than zero",
            );
        }
        Some(_) => {}
    }
    if !matches!(spec.mode(), "Filesystem" | "Block") {
        causes.unsupported(
            &format!("{path}.volumeMode"),
            spec.mode(),
            &["Block", "Filesystem"],
        );
    }
    if !spec.class().is_empty() {
        for fault in super::super::text::subdomain(spec.class()) {
            causes.invalid_text(&format!("{path}.storageClassName"), spec.class(), &fault);
        }
    }
}

fn access_modes(modes: &[Text], at: &str, causes: &mut Causes) {
    for mode in modes.iter().filter(|mode| !MODES.contains(&&***mode)) {
        causes.unsupported(at, mode, &MODES);
    }
    if modes.len() > 1 && modes.iter().any(|mode| &**mode == "ReadWriteOncePod") {
        causes.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

/// What may change on a claim (reference 7.2, rows 56 and 57).
pub(super) fn claim_update(
    new: &PersistentVolumeClaim,
    old: &PersistentVolumeClaim,
    causes: &mut Causes,
) {
    let frozen = |spec: &ClaimSpec| ClaimSpec {
        resources: ClaimResources {
            requests: Default::default(),
            ..spec.resources.clone()
        },
        attributes_class_name: None,
        ..spec.clone()
    };
    let mut allowed = frozen(&new.spec);
    let before = frozen(&old.spec);
    // The binder may fill in what was open: the volume, and the default class.
    if before.volume_name.is_empty() {
        allowed.volume_name = Text::default();
    }
    if before.storage_class_name.is_none() {
        allowed.storage_class_name = None;
    }
    let bound = old.phase() == ClaimPhase::Bound;
    if allowed != before || (!bound && new.spec.resources.requests != old.spec.resources.requests) {
        let detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        causes.forbidden("spec", detail);
    }
    let (asked, asked_before) = (new.spec.request(), old.spec.request());
    let capacity = old
        .status
        .capacity
        .get("storage")
        .copied()
        .unwrap_or_default();
    if asked < asked_before && asked <= capacity {
        causes.forbidden(
            "spec.resources.requests.storage",
            "field can not be less than status.capacity",
        );
    }
}

/// Checks a volume.
pub(super) fn volume(volume: &PersistentVolume, causes: &mut Causes) {
    let spec = &*volume.spec;
    if spec.access_modes.is_empty() {
        causes.required("spec.accessModes", "");
    }
    access_modes(&spec.access_modes, "spec.accessModes", causes);
    match spec.capacity.get("storage") {
        None if spec.capacity.is_empty() => causes.required("spec.capacity", ""),
        None => {
            let value = spec.capacity.write().unwrap_or(Value::Null);
            causes.unsupported("spec.capacity", &value.to_json(), &["storage"]);
        }
        Some(amount) if !amount.is_positive() => {
            causes.invalid(
                "spec.capacity[storage]",
                &Value::text(amount.to_string()),
                "must be greater than zero",
            );
        }
        Some(_) => {}
    }
    let known = ["Delete", "Recycle", "Retain"];
    if !known.contains(&&*spec.reclaim_policy) {
        causes.unsupported(
            "spec.persistentVolumeReclaimPolicy",
            &spec.reclaim_policy,
            &known,
        );
    }
    let sources = sources(spec);
    match &*sources {
        [] => causes.required("spec", "must specify a volume type"),
        [_] => {}
        [_, more @ ..] => {
            for extra in more {
                causes.forbidden(
                    &format!("spec.{extra}"),
                    "may not specify more than 1 volume type",
                );
            }
        }
    }
    if sources.iter().any(|source| &**source == "local") && spec.node_affinity.is_none() {
        causes.required("spec.nodeAffinity", "Local volume requires node affinity");
    }
    if spec
        .rest
        .get("hostPath")
        .is_some_and(|it| it.str_at(&["path"]).unwrap_or_default().is_empty())
    {
        causes.required("spec.hostPath.path", "");
    }
}

/// The fields of a volume that are sources: whatever the engine does not know otherwise.
fn sources(spec: &VolumeSpec) -> Vec<Text> {
    let others = ["mountOptions"];
    spec.rest
        .to_map()
        .into_keys()
        .filter(|key| !others.contains(&&**key))
        .collect()
}

/// What may change on a volume (reference 7.2, row 62).
pub(super) fn volume_update(new: &PersistentVolume, old: &PersistentVolume, causes: &mut Causes) {
    let source = |spec: &VolumeSpec| -> Vec<_> {
        sources(spec)
            .into_iter()
            .map(|key| (key.clone(), spec.rest.get(&key).cloned()))
            .collect()
    };
    if source(&new.spec) != source(&old.spec) {
        let detail = "spec.persistentvolumesource is immutable after creation";
        causes.forbidden("spec.persistentvolumesource", detail);
    }
    if new.spec.mode() != old.spec.mode() {
        causes.invalid_text("spec.volumeMode", new.spec.mode(), "field is immutable");
    }
}

/// Checks a class.
pub(super) fn class(class: &StorageClass, causes: &mut Causes) {
    if class.provisioner.is_empty() {
        causes.required("provisioner", "");
    }
    let policy = class.reclaim_policy.as_deref().unwrap_or_default();
    if !matches!(policy, "Delete" | "Retain") {
        causes.unsupported("reclaimPolicy", policy, &["Delete", "Retain"]);
    }
    let mode = class.volume_binding_mode.as_deref().unwrap_or_default();
    if !matches!(mode, "Immediate" | "WaitForFirstConsumer") {
        causes.unsupported(
            "volumeBindingMode",
            mode,
            &["Immediate", "WaitForFirstConsumer"],
        );
    }
}

/// What may not change on a class.
pub(super) fn class_update(new: &StorageClass, old: &StorageClass, causes: &mut Causes) {
    let parameters = |class: &StorageClass| class.rest.get("parameters").cloned();
    if parameters(new) != parameters(old) {
        causes.forbidden("parameters", "updates to parameters are forbidden.");
    }
    if new.provisioner != old.provisioner {
        causes.forbidden("provisioner", "updates to provisioner are forbidden.");
    }
    if new.reclaim_policy != old.reclaim_policy {
        causes.forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.");
    }
    if new.volume_binding_mode != old.volume_binding_mode {
        let value = new.volume_binding_mode.as_deref().unwrap_or_default();
        causes.invalid_text("volumeBindingMode", value, "field is immutable");
    }
}
