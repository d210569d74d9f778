//! Validation: what the server refuses, with its field paths and texts (reference chapter 7).
//!
//! One file a group of kinds; causes come in the order in which upstream's validation finds them.

mod diff;
mod meta;
mod placement;
mod pod;
mod service;
mod storage;
mod workload;

use crate::cluster::admission::text;
use crate::cluster::config::Config;
use crate::cluster::error::{ApiError, Causes};
use crate::cluster::json::{IntOrString, Json as _};
use crate::cluster::object::{Kind, Object};
use crate::cluster::value::Value;

/// Checks an object that is to be made.
pub fn validate_create(object: &Object, _config: &Config) -> Result<(), ApiError> {
    let mut causes = Causes::default();
    meta::check(object, None, &mut causes);
    match object {
        Object::StatefulSet(it) => workload::stateful_set(it, true, &mut causes),
        Object::ReplicaSet(it) => workload::replica_set(it, &mut causes),
        Object::Deployment(it) => workload::deployment(it, &mut causes),
        Object::Pod(it) => pod::spec(&it.spec, &[], "spec", &mut causes),
        Object::PersistentVolumeClaim(it) => storage::claim_spec(&it.spec, "spec", &mut causes),
        Object::PersistentVolume(it) => storage::volume(it, &mut causes),
        Object::StorageClass(it) => storage::class(it, &mut causes),
        Object::Service(it) => service::check(it, &mut causes),
        Object::Plain(it) => plain(it, &mut causes),
        _ => {}
    }
    causes.into_result(object.kind(), &object.meta().name)
}

/// Checks a change of an object.
///
/// What did not change was checked when it was written: the spec is looked at only if it did.
pub fn validate_update(
    object: &Object,
    old: &Object,
    spec_changed: bool,
    _config: &Config,
) -> Result<(), ApiError> {
    let mut causes = Causes::default();
    if object.meta() != old.meta() {
        meta::check(object, Some(old.meta()), &mut causes);
    }
    if spec_changed {
        match (object, old) {
            (Object::StatefulSet(new), Object::StatefulSet(old)) => {
                workload::stateful_set(new, false, &mut causes);
                workload::stateful_set_update(new, old, &mut causes);
            }
            (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
                workload::replica_set(new, &mut causes);
                workload::immutable_selector(&new.spec.selector, &old.spec.selector, &mut causes);
            }
            (Object::Deployment(new), Object::Deployment(old)) => {
                workload::deployment(new, &mut causes);
                workload::immutable_selector(&new.spec.selector, &old.spec.selector, &mut causes);
            }
            (Object::Pod(new), Object::Pod(old)) => {
                pod::spec(&new.spec, &[], "spec", &mut causes);
                pod::update(&new.spec, &old.spec, &mut causes);
            }
            (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
                storage::claim_spec(&new.spec, "spec", &mut causes);
                storage::claim_update(new, old, &mut causes);
            }
            (Object::PersistentVolume(new), Object::PersistentVolume(old)) => {
                storage::volume(new, &mut causes);
                storage::volume_update(new, old, &mut causes);
            }
            (Object::StorageClass(new), Object::StorageClass(old)) => {
                storage::class_update(new, old, &mut causes);
            }
            (Object::Service(new), Object::Service(old)) => {
                service::check(new, &mut causes);
                service::update(new, old, &mut causes);
            }
            (Object::ControllerRevision(new), Object::ControllerRevision(old))
                if new.data != old.data =>
            {
                causes.invalid("data", &new.data, "field is immutable");
            }
            (Object::Plain(new), Object::Plain(old)) => {
                plain(new, &mut causes);
                immutable_data(new, old, &mut causes);
            }
            _ => {}
        }
    }
    causes.into_result(object.kind(), &object.meta().name)
}

fn plain(plain: &crate::cluster::object::Plain, causes: &mut Causes) {
    if matches!(plain.kind, Kind::ConfigMap | Kind::Secret) {
        let keys = ["data", "binaryData"]
            .iter()
            .filter_map(|field| Some((field, plain.at(&[field])?.as_map()?)));
        for (field, map) in keys {
            for key in map.keys() {
                for fault in text::config_key(key) {
                    causes.invalid_text(&format!("{field}[{key}]"), key, &fault);
                }
            }
        }
    }
    if plain.kind == Kind::PodDisruptionBudget {
        let both = ["minAvailable", "maxUnavailable"]
            .iter()
            .all(|field| plain.at(&["spec", field]).is_some());
        if both {
            let spec = plain.at(&["spec"]).cloned().unwrap_or(Value::Null);
            causes.invalid(
                "spec",
                &spec,
                "minAvailable and maxUnavailable cannot be both set",
            );
        }
        for field in ["minAvailable", "maxUnavailable"] {
            let value = plain.at(&["spec", field]).cloned().map(IntOrString::read);
            let at = format!("spec.{field}");
            workload::int_or_percent(&value, &at, causes);
            workload::at_most_all(&value, &at, causes);
        }
    }
}

fn immutable_data(
    new: &crate::cluster::object::Plain,
    old: &crate::cluster::object::Plain,
    causes: &mut Causes,
) {
    let frozen = old.at(&["immutable"]) == Some(&Value::Bool(true));
    if !matches!(new.kind, Kind::ConfigMap | Kind::Secret) || !frozen {
        return;
    }
    if new.at(&["immutable"]) != Some(&Value::Bool(true)) {
        causes.forbidden("immutable", "field is immutable when `immutable` is set");
    }
    for field in ["data", "binaryData"] {
        if new.at(&[field]) != old.at(&[field]) {
            causes.forbidden(field, "field is immutable when `immutable` is set");
        }
    }
}
