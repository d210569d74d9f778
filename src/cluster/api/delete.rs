//! Deleting objects: grace, finalizers and what becomes of dependents (reference 3.1, 3.2).

use std::rc::Rc;

use super::{Api, FOREGROUND, ORPHAN};
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, Meta, Object, ObjectKey, Pod};
use crate::cluster::record::{Part, Verb};
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};

/// What becomes of the objects that a deleted object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted after it.
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay.
    Orphan,
}

/// How an object is to be deleted.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// Seconds to stop in; the pod's own if absent.
    pub grace_s: Option<i64>,
    /// What becomes of dependents; background if absent.
    pub propagation: Option<Propagation>,
    /// Only the object with this uid.
    pub uid: Option<Text>,
}

/// Namespaces that the server keeps (`NamespaceLifecycle`).
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

impl Api {
    /// Deletes an object, or begins to: the object as it is afterwards (or last was).
    ///
    /// Source: `Store.Delete` of the generic registry, `rest.BeforeDelete` and the pods' `CheckGracefulDelete`.
    pub fn delete(
        &mut self,
        key: &ObjectKey,
        options: &DeleteOptions,
    ) -> Result<Rc<Object>, ApiError> {
        self.serve(Verb::Deleting, Part::Main, key.kind)?;
        if key.kind == Kind::Namespace && IMMORTAL.contains(&&*key.name) {
            let why = "this namespace may not be deleted";
            return Err(ApiError::forbidden(key.kind, &key.name, why));
        }
        let Some(old) = self.store.by_key(key).cloned() else {
            return Err(ApiError::not_found(key.kind, &key.name));
        };
        if let Some(uid) = options.uid.as_ref().filter(|uid| **uid != old.meta().uid) {
            let why = format!(
                "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                old.meta().uid
            );
            return Err(ApiError::Conflict {
                resource: key.kind.resource(),
                name: key.name.clone(),
                why,
            });
        }
        let mut object = (*old).clone();
        let graceful = ask_for_deletion(&mut object, options, self.now);
        set_propagation(object.meta_mut(), options.propagation);
        let meta = object.meta();
        let waits = graceful || !meta.finalizers.is_empty() || key.kind == Kind::Namespace;
        if !waits && key.kind != Kind::Pod {
            return Ok(self.commit_removal(key).unwrap_or(old));
        }
        if object != *old {
            let verb = if old.meta().is_deleting() {
                Verb::Updated
            } else {
                Verb::Deleting
            };
            let object = self.commit(verb, Part::Main, Rc::new(object));
            if waits {
                return Ok(object);
            }
        }
        if waits {
            return Ok(old);
        }
        Ok(self.commit_removal(key).unwrap_or(old))
    }
}

/// Sets deletionTimestamp and grace. Whether the object waits for somebody to confirm.
fn ask_for_deletion(object: &mut Object, options: &DeleteOptions, now: Time) -> bool {
    let now = now.whole_seconds();
    let grace_s = match object {
        Object::Pod(pod) => pod_grace_s(pod, options),
        _ => 0,
    };
    if let Object::Plain(plain) = object
        && plain.kind == Kind::Namespace
    {
        plain.set(&["status", "phase"], Value::text("Terminating"));
    }
    let meta = object.meta_mut();
    match (meta.deleted, meta.grace_s) {
        // A second request may shorten the grace period, never lengthen it.
        (Some(_), Some(old)) if grace_s >= old => return old > 0,
        (Some(at), Some(old)) => {
            meta.deleted = Some(at.plus_s(grace_s - old));
            meta.grace_s = Some(grace_s);
        }
        _ => {
            meta.deleted = Some(now.plus_s(grace_s));
            meta.grace_s = Some(grace_s);
            if meta.generation > 0 {
                meta.generation += 1;
            }
        }
    }
    grace_s > 0
}

fn pod_grace_s(pod: &Pod, options: &DeleteOptions) -> i64 {
    if pod.spec.node_name.is_empty() || pod.is_finished() {
        return 0;
    }
    let already = pod.meta.is_deleting().then_some(pod.meta.grace_s).flatten();
    let grace_s = options
        .grace_s
        .or(already)
        .or(pod.spec.termination_grace_period_s)
        .unwrap_or(30);
    if grace_s < 0 { 1 } else { grace_s }
}

/// Puts the finalizer of the propagation in place of any other (`deletionFinalizersForGarbageCollection`).
fn set_propagation(meta: &mut Meta, propagation: Option<Propagation>) {
    let Some(propagation) = propagation else {
        return;
    };
    meta.remove_finalizer(ORPHAN);
    meta.remove_finalizer(FOREGROUND);
    match propagation {
        Propagation::Background => {}
        Propagation::Foreground => meta.add_finalizer(FOREGROUND),
        Propagation::Orphan => meta.add_finalizer(ORPHAN),
    }
}

impl Api {
    /// Takes a namespace away that has been emptied: its own finalizer is the `spec`'s.
    pub fn forget_namespace(&mut self, key: &ObjectKey) {
        self.commit_removal(key);
    }
}
