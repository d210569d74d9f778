//! Whom a controller's objects belong to: adoption and release (`controller_ref_manager`).

use crate::cluster::api::Api;
use crate::cluster::object::{LabelSelector, OwnerReference, Resource};
use crate::cluster::record::Part;
use crate::cluster::value::Text;

/// The objects of a type that are an owner's: those that it controls and that match its selector, and orphans that do.
///
/// Orphans are adopted and what does not match any more is released; an owner that is being deleted does neither.
pub(super) fn claim<T: Resource>(
    owner: &impl Resource,
    selector: Option<&LabelSelector>,
    api: &mut Api,
) -> Vec<T> {
    let meta = owner.meta();
    let namespace = &meta.namespace;
    let selects =
        |object: &T| selector.is_some_and(|it| !it.is_empty() && it.matches(&object.meta().labels));
    let own: Vec<Text> = api
        .store
        .owned_by(&meta.uid)
        .filter(|key| key.kind == T::KIND)
        .map(|key| key.name.clone())
        .collect();
    let mut found = Vec::with_capacity(own.len());
    for name in own {
        let Some(object) = api.store.find::<T>(namespace, &name) else {
            continue;
        };
        if !object.meta().is_controlled_by(&meta.uid) {
            continue;
        }
        if selects(object) {
            found.push(object.clone());
        } else if !meta.is_deleting() {
            // What is gone need not be released.
            let _released = api.modify::<T>(namespace, &name, Part::Main, |object| {
                object
                    .meta_mut()
                    .remove_owners(|owner| owner.uid == meta.uid);
            });
        }
    }
    if meta.is_deleting() {
        return found;
    }
    let orphans = api.store.orphans(T::KIND, namespace);
    let orphans: Vec<Text> = orphans
        .filter(|name| {
            let object = api.store.find::<T>(namespace, name);
            object.is_some_and(|object| !object.meta().is_deleting() && selects(object))
        })
        .cloned()
        .collect();
    for name in orphans {
        let adopted = api.modify::<T>(namespace, &name, Part::Main, |object| {
            object
                .meta_mut()
                .add_owner(OwnerReference::controller_of(owner));
        });
        if let Ok(Some(object)) = adopted {
            found.extend(T::of(&object).cloned());
        }
    }
    found
}
