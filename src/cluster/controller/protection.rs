//! Claim and volume protection: the finalizers that keep storage while it is in use (reference 4.4).

use super::{Controller, Outcome, Wake};
use crate::cluster::api::Api;
use crate::cluster::object::claim::CLAIM_PROTECTION;
use crate::cluster::object::volume::{VOLUME_PROTECTION, VolumePhase};
use crate::cluster::object::{
    Kind, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Pod, Resource,
};
use crate::cluster::record::{Component, Part, Stop, Verb, Write};
use crate::cluster::value::Text;

/// Keeps claims while a scheduled pod mentions them.
#[derive(Clone, Debug, Default)]
pub struct ClaimProtection;

impl Controller for ClaimProtection {
    const COMPONENT: Component = Component::ClaimProtection;
    const WATCHES: &[Kind] = &[Kind::Pod, Kind::PersistentVolumeClaim];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.protection_ms;
        match &*write.object {
            Object::PersistentVolumeClaim(claim)
                if claim.meta.is_deleting() && write.verb != Verb::Removed =>
            {
                wake.add(write.object.key(), after_ms);
            }
            // Claims that wait are few, and mostly there is none.
            Object::Pod(pod) if api.store.claims_waiting() > 0 => {
                let namespace = &pod.meta.namespace;
                for (_, name) in pod.claims() {
                    let claim = api.store.find::<PersistentVolumeClaim>(namespace, name);
                    if claim.is_some_and(|claim| claim.meta.is_deleting()) {
                        let key = ObjectKey::new(
                            Kind::PersistentVolumeClaim,
                            namespace.clone(),
                            name.clone(),
                        );
                        wake.add(key, after_ms);
                    }
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let users: Vec<Text> = api
            .store
            .pods_using(&key.namespace, &key.name)
            .filter(|name| {
                let pod = api.store.find::<Pod>(&key.namespace, name);
                pod.is_some_and(|pod| !pod.spec.node_name.is_empty())
            })
            .cloned()
            .collect();
        release::<PersistentVolumeClaim>(key, CLAIM_PROTECTION, users, api)
    }
}

/// Keeps volumes while a claim is bound to them.
#[derive(Clone, Debug, Default)]
pub struct VolumeProtection;

impl Controller for VolumeProtection {
    const COMPONENT: Component = Component::VolumeProtection;
    const WATCHES: &[Kind] = &[Kind::PersistentVolume];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        if let Object::PersistentVolume(volume) = &*write.object
            && volume.meta.is_deleting()
            && write.verb != Verb::Removed
        {
            wake.add(write.object.key(), api.config.latency.protection_ms);
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let volume = api.store.find::<PersistentVolume>("", &key.name);
        let bound = volume.filter(|volume| volume.phase() == VolumePhase::Bound);
        let users = bound
            .and_then(|volume| volume.spec.claim_ref.as_ref())
            .map(|claim| claim.name.clone());
        release::<PersistentVolume>(key, VOLUME_PROTECTION, users.into_iter().collect(), api)
    }
}

/// Takes the finalizer off a deleted object that nobody uses.
fn release<T: Resource>(
    key: &ObjectKey,
    finalizer: &str,
    users: Vec<Text>,
    api: &mut Api,
) -> Outcome {
    let deleting = api
        .store
        .find::<T>(&key.namespace, &key.name)
        .is_some_and(|it| it.meta().is_deleting());
    if !deleting {
        return Outcome::Done;
    }
    if !users.is_empty() {
        api.stop(key, Stop::InUse(users));
        return Outcome::Done;
    }
    let changed = api.modify::<T>(&key.namespace, &key.name, Part::Main, |it| {
        it.meta_mut().remove_finalizer(finalizer);
    });
    if changed.is_ok() {
        Outcome::Done
    } else {
        Outcome::Retry
    }
}
