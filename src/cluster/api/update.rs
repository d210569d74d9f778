//! Changing objects.

use std::rc::Rc;

use super::Api;
use crate::cluster::admission;
use crate::cluster::error::{ApiError, Causes};
use crate::cluster::object::{Kind, Object, Resource, Service};
use crate::cluster::record::{Part, Verb};

impl Api {
    /// Replaces an object (or the part of it that the request is for).
    ///
    /// A resourceVersion other than 0 must be the stored one. A version that equals the stored one writes nothing.
    /// Source: `Store.Update` of the generic registry.
    pub fn update(&mut self, object: Object, part: Part) -> Result<Rc<Object>, ApiError> {
        let key = object.key();
        self.serve(Verb::Updated, part, key.kind)?;
        let Some(old) = self.store.by_key(&key).cloned() else {
            return Err(ApiError::not_found(key.kind, &key.name));
        };
        let asked = object.meta();
        let moved =
            asked.resource_version != 0 && asked.resource_version != old.meta().resource_version;
        if moved || (!asked.uid.is_empty() && asked.uid != old.meta().uid) {
            return Err(ApiError::modified(&key));
        }
        self.change(Rc::new(object), old, part)
    }

    /// Puts an object in place of its stored version, as far as a request for this part may.
    fn change(
        &mut self,
        mut new: Rc<Object>,
        old: Rc<Object>,
        part: Part,
    ) -> Result<Rc<Object>, ApiError> {
        let object = Rc::make_mut(&mut new);
        prepare(object, &old, part);
        let mut spec_changed = !object.same_spec(&old);
        // Only what changed needs its defaults again: the rest was stored with them.
        if spec_changed && part == Part::Main && admission::default(object) {
            spec_changed = !object.same_spec(&old);
        }
        if object.kind().info().generation && spec_changed && part != Part::Binding {
            object.meta_mut().generation = old.meta().generation + 1;
        }
        if part == Part::Main || part == Part::Scale {
            if spec_changed {
                admission::admit_update(self, object, &old);
            }
            check_finalizers(object, &old)?;
            admission::validate_update(object, &old, spec_changed, &self.config)?;
            self.warn(object, Some(&old));
            if spec_changed {
                admission::review_update(self, object, &old)?;
            }
        }
        if !spec_changed && *object == *old {
            return Ok(old);
        }
        if is_finished(object) {
            return Ok(self.finish(new, &old));
        }
        Ok(self.commit(Verb::Updated, part, new))
    }

    /// Changes an object that a controller has just looked up; `None` if it is gone.
    pub fn modify<T: Resource>(
        &mut self,
        namespace: &str,
        name: &str,
        part: Part,
        change: impl FnOnce(&mut T),
    ) -> Result<Option<Rc<Object>>, ApiError> {
        let Some(old) = self.store.get(T::KIND, namespace, name).cloned() else {
            return Ok(None);
        };
        // The copy is made where it will be kept.
        let mut new = Rc::clone(&old);
        let Some(object) = T::of_mut(Rc::make_mut(&mut new)) else {
            return Ok(None);
        };
        change(object);
        self.serve(Verb::Updated, part, T::KIND)?;
        self.change(new, old, part).map(Some)
    }

    /// The last finalizer of a deleted object is gone, and so is the object.
    ///
    /// The recordings show the removal alone for kinds whose storage returns the deleted object
    /// (`ReturnDeletedObject`), and a change before it for the others (rec set-delete-foreground@9).
    fn finish(&mut self, object: Rc<Object>, old: &Rc<Object>) -> Rc<Object> {
        let key = object.key();
        let returns_deleted = matches!(
            key.kind,
            Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::Pod | Kind::ServiceAccount
        );
        if !returns_deleted {
            self.commit(Verb::Updated, Part::Main, object);
        }
        self.commit_removal(&key).unwrap_or_else(|| Rc::clone(old))
    }
}

/// Keeps what a request for this part may not change.
fn prepare(object: &mut Object, old: &Object, part: Part) {
    match part {
        Part::Main | Part::Scale => object.keep_status_of(old),
        Part::Status => object.keep_spec_of(old),
        Part::Binding => {}
    }
    if let (Object::Service(new), Object::Service(old)) = (&mut *object, old) {
        keep_addresses(new, old);
    }
    let is_deployment = object.kind() == Kind::Deployment;
    let (meta, was) = (object.meta_mut(), old.meta());
    if part == Part::Status {
        if meta == was {
            return;
        }
        let asked = std::mem::replace(meta, was.clone());
        // The number of a roll-out is an annotation that the Deployment controller writes with the status.
        if is_deployment {
            meta.annotations = asked.annotations;
        }
        return;
    }
    meta.uid = was.uid.clone();
    meta.created = was.created;
    meta.generate_name = was.generate_name.clone();
    meta.deleted = was.deleted;
    meta.grace_s = was.grace_s;
    meta.generation = was.generation;
    meta.resource_version = was.resource_version;
}

/// A Service that names no address keeps the one that it was given (`patchAllocatedValues`).
fn keep_addresses(new: &mut Service, old: &Service) {
    let has_address = |it: &Service| &*it.spec.kind != "ExternalName";
    if has_address(new) && has_address(old) && new.spec.cluster_ip.is_empty() {
        let spec = Rc::make_mut(&mut new.spec);
        spec.cluster_ip = old.spec.cluster_ip.clone();
        spec.cluster_ips = old.spec.cluster_ips.clone();
    }
}

/// Whether a deleted object has nothing left to wait for (`ShouldDeleteDuringUpdate`).
fn is_finished(object: &Object) -> bool {
    let meta = object.meta();
    meta.is_deleting()
        && meta.finalizers.is_empty()
        && meta.grace_s.unwrap_or(0) == 0
        && object.kind() != Kind::Namespace
}

fn check_finalizers(object: &Object, old: &Object) -> Result<(), ApiError> {
    if !old.meta().is_deleting() {
        return Ok(());
    }
    let new: Vec<_> = object
        .meta()
        .finalizers
        .iter()
        .filter(|it| !old.meta().has_finalizer(it))
        .map(|it| format!("{it:?}"))
        .collect();
    let mut causes = Causes::default();
    if !new.is_empty() {
        let list = new.join(", ");
        causes.forbidden(
            "metadata.finalizers",
            &format!("no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}"),
        );
    }
    causes.into_result(object.kind(), &object.meta().name)
}
