//! Claims, volumes and classes (`ValidatePersistentVolumeClaim` and its like).

use std::fmt::Arguments;
use std::rc::Rc;

use super::diff;
use crate::cluster::admission::text;
use crate::cluster::error::Causes;
use crate::cluster::json::Json as _;
use crate::cluster::object::claim::{ClaimPhase, ClaimResources, ClaimSpec};
use crate::cluster::object::volume::VolumeSpec;
use crate::cluster::object::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::cluster::quantity::Quantity;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Text, Value};

const MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];

/// Checks what a claim asks for.
pub(super) fn claim_spec(spec: &ClaimSpec, path: &str, causes: &mut Causes) {
    let at = format_args!("{path}.accessModes");
    if spec.access_modes.is_empty() {
        causes.required(&at.to_string(), "at least 1 access mode is required");
    }
    if let Some(selector) = &spec.selector {
        super::workload::label_selector(selector, &format!("{path}.selector"), causes);
    }
    access_modes(&spec.access_modes, at, causes);
    let field = format_args!("{path}.resources[storage]");
    match spec.resources.requests.get("storage") {
        None => causes.required(&field.to_string(), ""),
        Some(amount) => positive(amount, field, causes),
    }
    class_name(spec.class(), path, causes);
    volume_mode(spec.mode(), path, causes);
}

fn positive(amount: &Quantity, field: Arguments<'_>, causes: &mut Causes) {
    if !amount.is_positive() {
        causes.invalid_text(
            &field.to_string(),
            &amount.to_string(),
            "must be greater than zero",
        );
    }
}

fn class_name(name: &str, path: &str, causes: &mut Causes) {
    if !name.is_empty() {
        for fault in text::subdomain(name) {
            causes.invalid_text(&format!("{path}.storageClassName"), name, &fault);
        }
    }
}

fn volume_mode(mode: &str, path: &str, causes: &mut Causes) {
    let known = ["Block", "Filesystem"];
    if !known.contains(&mode) {
        causes.unsupported(&format!("{path}.volumeMode"), mode, &known);
    }
}

fn access_modes(modes: &[Text], at: Arguments<'_>, causes: &mut Causes) {
    for mode in modes.iter().filter(|mode| !MODES.contains(&&***mode)) {
        causes.unsupported(&at.to_string(), mode, &MODES);
    }
    let known = || modes.iter().filter(|mode| MODES.contains(&&***mode));
    let alone = |mode: &&Text| &***mode == "ReadWriteOncePod";
    if known().any(|mode| alone(&mode)) && !known().all(|mode| alone(&mode)) {
        causes.forbidden(
            &at.to_string(),
            "may not use ReadWriteOncePod with other access modes",
        );
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
        let mut shown = (*new.spec).clone();
        if bound {
            let kept = old.spec.resources.requests.get("storage").copied();
            let requests = Rc::make_mut(&mut shown.resources.requests);
            requests.extend(kept.map(|it| ("storage".into(), it)));
            shown.attributes_class_name = old.spec.attributes_class_name.clone();
        }
        let diff = diff::unified(&go_claim(&old.spec), &go_claim(&shown));
        let detail = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound \
             claims\n{diff}"
        );
        causes.forbidden("spec", &detail);
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
    immutable_mode(new.spec.mode(), old.spec.mode(), causes);
}

fn immutable_mode(new: &str, old: &str, causes: &mut Causes) {
    if new != old {
        causes.invalid_text("volumeMode", new, "field is immutable");
    }
}

/// A claim's spec as upstream's internal struct.
fn go_claim(spec: &ClaimSpec) -> [(&'static str, Value); 9] {
    let amounts = |it: &SortedMap<Text, Quantity>| it.write().unwrap_or(Value::Null);
    let resources = Value::map([
        ("Limits", amounts(&spec.resources.limits)),
        ("Requests", amounts(&spec.resources.requests)),
    ]);
    let or_null = |value: Option<Value>| value.unwrap_or(Value::Null);
    [
        ("AccessModes", spec.access_modes.write_always()),
        ("Selector", or_null(spec.selector.write())),
        ("Resources", resources),
        ("VolumeName", Value::Text(spec.volume_name.clone())),
        ("StorageClassName", or_null(spec.storage_class_name.write())),
        ("VolumeMode", or_null(spec.volume_mode.write())),
        ("DataSource", or_null(spec.data_source.clone())),
        ("DataSourceRef", Value::Null),
        (
            "VolumeAttributesClassName",
            or_null(spec.attributes_class_name.write()),
        ),
    ]
}

/// Checks a volume.
pub(super) fn volume(volume: &PersistentVolume, causes: &mut Causes) {
    let spec = &*volume.spec;
    if spec.access_modes.is_empty() {
        causes.required("spec.accessModes", "");
    }
    access_modes(&spec.access_modes, format_args!("spec.accessModes"), causes);
    if spec.capacity.is_empty() {
        causes.required("spec.capacity", "");
    }
    if spec.capacity.len() != 1 || !spec.capacity.contains_key("storage") {
        let value = spec.capacity.write().unwrap_or(Value::Null);
        causes.unsupported_raw("spec.capacity", &value.to_json_plain(), &["storage"]);
    }
    for (name, amount) in &*spec.capacity {
        let field = format_args!("spec.capacity[{name}]");
        if amount.value() < 0 {
            let value = Value::Int(amount.value());
            causes.invalid(
                &field.to_string(),
                &value,
                "must be a valid resource quantity",
            );
        }
        positive(amount, field, causes);
    }
    let known = ["Delete", "Recycle", "Retain"];
    if !known.contains(&&*spec.reclaim_policy) {
        causes.unsupported(
            "spec.persistentVolumeReclaimPolicy",
            &spec.reclaim_policy,
            &known,
        );
    }
    let mut sources = sources(spec);
    if sources.next().is_none() {
        causes.required("spec", "must specify a volume type");
    }
    for extra in sources {
        causes.forbidden(
            &format!("spec.{extra}"),
            "may not specify more than 1 volume type",
        );
    }
    let path = |source: &str| {
        spec.rest
            .get(source)
            .map(|it| it.str_at(&["path"]).unwrap_or_default())
    };
    for source in ["hostPath", "local"] {
        if path(source).is_some_and(str::is_empty) {
            causes.required(&format!("spec.{source}.path"), "");
        }
    }
    if path("local").is_some() && spec.node_affinity.is_none() {
        causes.required("spec.nodeAffinity", "Local volume requires node affinity");
    }
    class_name(&spec.storage_class_name, "spec", causes);
    volume_mode(spec.mode(), "spec", causes);
}

/// The sources of a volume, in upstream's order: whatever the engine does not know otherwise.
fn sources(spec: &VolumeSpec) -> impl Iterator<Item = &str> {
    let first = ["hostPath", "nfs"];
    let known = first.into_iter().filter(|it| spec.rest.get(it).is_some());
    let rest = spec.rest.keys().map(|it| &**it);
    known.chain(rest.filter(move |it| *it != "mountOptions" && !first.contains(it)))
}

/// The sources of a volume as upstream's internal struct has them.
const GO_SOURCES: [&str; 22] = [
    "GCEPersistentDisk",
    "AWSElasticBlockStore",
    "HostPath",
    "Glusterfs",
    "NFS",
    "RBD",
    "Quobyte",
    "ISCSI",
    "FlexVolume",
    "Cinder",
    "CephFS",
    "FC",
    "Flocker",
    "AzureFile",
    "VsphereVolume",
    "AzureDisk",
    "PhotonPersistentDisk",
    "PortworxVolume",
    "ScaleIO",
    "Local",
    "StorageOS",
    "CSI",
];

fn go_sources(spec: &VolumeSpec) -> Vec<(&'static str, Value)> {
    let rest = spec.rest.to_map();
    let of = |name: &str| {
        let found = rest.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        // Fields are sorted, which is their order for a path of a node.
        let fields = found?.1.as_map()?.iter();
        let fields = fields.map(|(key, value)| {
            let first = key.get(..1).unwrap_or_default().to_ascii_uppercase();
            (
                format!("{first}{}", &key[first.len()..]).into(),
                value.clone(),
            )
        });
        Some(Value::Map(fields.collect()))
    };
    let all = GO_SOURCES.iter();
    all.map(|name| (*name, of(name).unwrap_or(Value::Null)))
        .collect()
}

/// What may change on a volume (reference 7.2, row 62).
pub(super) fn volume_update(new: &PersistentVolume, old: &PersistentVolume, causes: &mut Causes) {
    let (was, is) = (go_sources(&old.spec), go_sources(&new.spec));
    if was != is {
        let diff = diff::unified(&was, &is);
        let detail = format!("spec.persistentvolumesource is immutable after creation\n{diff}");
        causes.forbidden("spec.persistentvolumesource", &detail);
    }
    immutable_mode(new.spec.mode(), old.spec.mode(), causes);
}

/// Checks a class.
pub(super) fn class(class: &StorageClass, causes: &mut Causes) {
    if class.provisioner.is_empty() {
        causes.required("provisioner", "");
    } else {
        for fault in text::qualified(&class.provisioner.to_ascii_lowercase()) {
            causes.invalid_text("provisioner", &class.provisioner, &fault);
        }
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
