//! The garbage collector: deletes what has no owner any more, and sees deletions in the foreground and with orphans
//! through (reference 3.2).

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions, FOREGROUND, ORPHAN, Propagation};
use crate::cluster::error::ApiError;
use crate::cluster::object::{Meta, Object, ObjectKey, OwnerReference};
use crate::cluster::record::{Component, Part, Stop, Verb, Write};
use crate::cluster::value::Text;

/// The collector. Its graph is the store's index of owners.
#[derive(Clone, Debug, Default)]
pub struct GarbageCollector;

impl Controller for GarbageCollector {
    const COMPONENT: Component = Component::GarbageCollector;

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.collector_ms;
        let meta = write.object.meta();
        if write.verb == Verb::Removed {
            for dependent in api.store.owned_by(&meta.uid) {
                wake.add(dependent.clone(), after_ms);
            }
            wake_owners(meta, api, wake);
            return;
        }
        let before = write.before.as_deref().map(Object::meta);
        let waits = |meta: &Meta| {
            meta.is_deleting() && (meta.has_finalizer(FOREGROUND) || meta.has_finalizer(ORPHAN))
        };
        if waits(meta) && !before.is_some_and(waits) {
            // Dependents first, then the owner itself (`processTransitions`).
            for dependent in api.store.owned_by(&meta.uid) {
                if meta.has_finalizer(FOREGROUND) {
                    wake.add(dependent.clone(), after_ms);
                }
            }
            wake.add(write.object.key(), after_ms);
        }
        let owners_changed = before.is_none_or(|before| !before.has_owners_of(meta));
        if owners_changed {
            // An owner that is there has this object in the graph already; one that is not is looked for.
            let gone = |owner: &OwnerReference| standing(owner, meta, api) == Standing::Dangling;
            if meta.owners.iter().any(gone) {
                wake.add(write.object.key(), after_ms);
            }
            // Somebody who is no owner any more may have waited for this.
            if let Some(before) = before {
                wake_owners(before, api, wake);
            }
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let Some(object) = api.store.by_key(key).cloned() else {
            return Outcome::Done;
        };
        let meta = object.meta();
        let result = if meta.is_deleting() && meta.has_finalizer(ORPHAN) {
            orphan_dependents(key, meta, api)
        } else if meta.is_deleting() && meta.has_finalizer(FOREGROUND) {
            delete_dependents(key, meta, api)
        } else if meta.is_deleting() || meta.owners.is_empty() {
            Ok(())
        } else {
            attempt_to_delete(key, meta, api)
        };
        if result.is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }
}

/// Owners that wait for their dependents look again.
fn wake_owners(meta: &Meta, api: &Api, wake: &mut Wake<'_>) {
    for owner in meta.owners.iter() {
        let Some(key) = api.store.by_uid(&owner.uid) else {
            continue;
        };
        let waits = api
            .store
            .by_key(key)
            .is_some_and(|it| it.meta().has_finalizer(FOREGROUND) && it.meta().is_deleting());
        if waits {
            wake.add(key.clone(), api.config.latency.collector_ms);
        }
    }
}

/// How an owner stands towards its dependent (`classifyReferences`).
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// It is there.
    Solid,
    /// It is gone, or another object has its name.
    Dangling,
    /// It is there until its dependents are gone.
    Waiting,
}

fn standing(owner: &OwnerReference, dependent: &Meta, api: &Api) -> Standing {
    let found = api
        .store
        .by_uid(&owner.uid)
        .and_then(|key| api.store.by_key(key));
    // An owner is cluster-scoped or lives beside its dependent.
    let near = |meta: &Meta| meta.namespace.is_empty() || meta.namespace == dependent.namespace;
    match found.map(|object| object.meta()).filter(|meta| near(meta)) {
        None => Standing::Dangling,
        Some(meta) if meta.is_deleting() && meta.has_finalizer(FOREGROUND) => Standing::Waiting,
        Some(_) => Standing::Solid,
    }
}

/// `attemptToDeleteItem`: an object with owners none of which is there goes.
fn attempt_to_delete(key: &ObjectKey, meta: &Meta, api: &mut Api) -> Result<(), ApiError> {
    let standings: Vec<Standing> = meta
        .owners
        .iter()
        .map(|owner| standing(owner, meta, api))
        .collect();
    let has = |wanted: Standing| standings.contains(&wanted);
    if has(Standing::Solid) {
        if has(Standing::Dangling) || has(Standing::Waiting) {
            let gone: Vec<Text> = meta
                .owners
                .iter()
                .zip(&standings)
                .filter(|(_, standing)| **standing != Standing::Solid)
                .map(|(owner, _)| owner.uid.clone())
                .collect();
            disown(key, &gone, api)?;
        }
        return Ok(());
    }
    let has_dependents = api.store.owned_by(&meta.uid).next().is_some();
    let propagation = if has(Standing::Waiting) && has_dependents {
        Propagation::Foreground
    } else if meta.has_finalizer(ORPHAN) {
        Propagation::Orphan
    } else if meta.has_finalizer(FOREGROUND) {
        Propagation::Foreground
    } else {
        Propagation::Background
    };
    let options = DeleteOptions {
        propagation: Some(propagation),
        uid: Some(meta.uid.clone()),
        grace_s: None,
    };
    api.delete(key, &options).map(|_| ())
}

/// `processDeletingDependentsItem`: deletes what blocks, and lets the owner go when nothing does.
fn delete_dependents(key: &ObjectKey, meta: &Meta, api: &mut Api) -> Result<(), ApiError> {
    let blocks = |dependent: &&ObjectKey| {
        let found = api.store.by_key(dependent);
        let owners = found.map(|object| &object.meta().owners);
        owners.is_some_and(|owners| {
            owners
                .iter()
                .any(|it| it.uid == meta.uid && it.block_owner_deletion == Some(true))
        })
    };
    let blocking: Vec<ObjectKey> = api
        .store
        .owned_by(&meta.uid)
        .filter(blocks)
        .cloned()
        .collect();
    if blocking.is_empty() {
        return remove_finalizer(key, FOREGROUND, api);
    }
    for dependent in &blocking {
        let Some(object) = api.store.by_key(dependent).cloned() else {
            continue;
        };
        if !object.meta().is_deleting() {
            attempt_to_delete(dependent, object.meta(), api)?;
        }
    }
    api.stop(key, Stop::Dependents(blocking.len()));
    Ok(())
}

/// `attemptToOrphan`: the dependents lose this owner and stay.
fn orphan_dependents(key: &ObjectKey, meta: &Meta, api: &mut Api) -> Result<(), ApiError> {
    let dependents: Vec<ObjectKey> = api.store.owned_by(&meta.uid).cloned().collect();
    for dependent in dependents {
        disown(&dependent, std::slice::from_ref(&meta.uid), api)?;
    }
    remove_finalizer(key, ORPHAN, api)
}

fn disown(key: &ObjectKey, owners: &[Text], api: &mut Api) -> Result<(), ApiError> {
    change_meta(key, api, |meta| {
        meta.remove_owners(|owner| owners.contains(&owner.uid));
    })
}

fn remove_finalizer(key: &ObjectKey, finalizer: &str, api: &mut Api) -> Result<(), ApiError> {
    change_meta(key, api, |meta| meta.remove_finalizer(finalizer))
}

fn change_meta(
    key: &ObjectKey,
    api: &mut Api,
    change: impl FnOnce(&mut Meta),
) -> Result<(), ApiError> {
    let Some(mut object) = api.store.by_key(key).map(|object| (**object).clone()) else {
        return Ok(());
    };
    change(object.meta_mut());
    api.update(object, Part::Main).map(|_| ())
}
