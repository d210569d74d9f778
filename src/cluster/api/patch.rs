//! Patching objects.

use std::rc::Rc;

use super::Api;
use crate::cluster::admission::decode::decode;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::patch::{
    PatchType, StrategicError, go_text, json_patch, merge, strategic_merge,
};
use crate::cluster::record::Part;
use crate::cluster::value::Value;

/// What the server does about fields that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValidation {
    /// It refuses the request.
    Strict,
    /// It warns and drops them.
    Warn,
    /// It drops them.
    Ignore,
}

/// What came of a patch.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The object afterwards.
    pub object: Rc<Object>,
    /// Whether it is another version than before.
    pub changed: bool,
    /// The server's warnings.
    pub warnings: Vec<String>,
}

impl Api {
    /// Patches an object: merges, decodes, and updates it like any other request.
    pub fn patch(
        &mut self,
        key: &ObjectKey,
        patch_type: PatchType,
        patch: &Value,
        validation: FieldValidation,
    ) -> Result<Patched, ApiError> {
        self.patch_part(key, Part::Main, patch_type, patch, validation)
    }

    /// Patches a part of an object: of the result only this part is kept.
    pub fn patch_part(
        &mut self,
        key: &ObjectKey,
        part: Part,
        patch_type: PatchType,
        patch: &Value,
        validation: FieldValidation,
    ) -> Result<Patched, ApiError> {
        let Some(old) = self.store.by_key(key).cloned() else {
            return Err(ApiError::not_found(key.kind, &key.name));
        };
        let mut value = old.to_value();
        match patch_type {
            PatchType::Merge => merge(&mut value, patch),
            PatchType::Json if patch.as_list().is_none() => {
                let found = patch.type_name();
                return Err(ApiError::BadRequest(format!(
                    "error decoding patch: json: cannot unmarshal {found} into Go value of type []interface {{}}"
                )));
            }
            PatchType::Json => {
                json_patch(&mut value, patch)
                    .map_err(|error| ApiError::InvalidPatch(error.to_string()))?;
            }
            PatchType::Strategic => {
                strategic_merge(key.kind.name(), &mut value, patch).map_err(refuse_strategic)?;
            }
        }
        let decoded = decode(key.kind, &value);
        let quoted = || crate::cluster::error::quote(&go_text(patch));
        if let Some(mismatch) = decoded.mismatch {
            let why = mismatch_in_patch(&mismatch);
            return Err(ApiError::InvalidPatch(format!(
                "patch: Invalid value: {}: {why}",
                quoted()
            )));
        }
        let mut warnings = Vec::new();
        if !decoded.unknown.is_empty() {
            let fields: Vec<String> = decoded
                .unknown
                .iter()
                .map(|path| format!("unknown field \"{path}\""))
                .collect();
            match validation {
                FieldValidation::Strict => {
                    let list = fields.join(", ");
                    let message = format!(
                        "patch: Invalid value: {}: strict decoding error: {list}",
                        quoted()
                    );
                    return Err(ApiError::InvalidPatch(message));
                }
                FieldValidation::Warn => warnings = fields,
                FieldValidation::Ignore => {}
            }
        }
        let mut object = Object::read(key.kind, decoded.value);
        // A patch may name the object, not rename it (`checkName`).
        let meta = object.meta_mut();
        if !meta.name.is_empty() && meta.name != key.name {
            return Err(ApiError::BadRequest(format!(
                "the name of the object ({}) does not match the name on the URL ({})",
                meta.name, key.name
            )));
        }
        if !meta.namespace.is_empty() && meta.namespace != key.namespace {
            return Err(ApiError::BadRequest(format!(
                "the namespace of the object ({}) does not match the namespace on the request ({})",
                meta.namespace, key.namespace
            )));
        }
        meta.name = key.name.clone();
        meta.namespace = key.namespace.clone();
        let object = self.update(object, part)?;
        // The last finalizer taken away is a change, though what comes back is the object as it was.
        let changed = object.meta().resource_version != old.meta().resource_version
            || (!self.trying && self.store.by_key(key).is_none());
        Ok(Patched {
            object,
            changed,
            warnings,
        })
    }
}

fn refuse_strategic(error: StrategicError) -> ApiError {
    match error {
        StrategicError::RetainKeys => ApiError::BadRequest(error.to_string()),
        // The server passes these on without a reason of its own.
        other => ApiError::Internal(other.to_string()),
    }
}

/// The words of the patch's own converter, which knows Go's types but not their fields (reference 8.10).
fn mismatch_in_patch(mismatch: &str) -> String {
    let found = mismatch
        .strip_prefix("json: cannot unmarshal ")
        .and_then(|rest| rest.split_once(' '));
    let wanted = mismatch.rsplit_once(" of type ").map(|(_, wanted)| wanted);
    match (found.map(|(found, _)| found), wanted) {
        (Some("string"), Some(wanted @ ("int32" | "int64" | "bool"))) => {
            format!("unrecognized type: {wanted}")
        }
        (Some("number"), Some("string")) => "cannot convert int64 to string".to_owned(),
        (Some("bool"), Some("string")) => "cannot convert bool to string".to_owned(),
        (Some(found), Some(wanted)) if wanted.starts_with("[]") => {
            format!("cannot restore slice from {found}")
        }
        (Some(found), Some(wanted)) if wanted.starts_with("map[") => {
            format!("cannot restore map from {found}")
        }
        (Some(found), Some(wanted)) if wanted.starts_with("v1.") => {
            format!("cannot restore struct from: {found}")
        }
        _ => mismatch.to_owned(),
    }
}
