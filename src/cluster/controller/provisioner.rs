//! The external provisioner of the standard class: makes volumes for claims that ask for it, and deletes those of
//! its volumes that nobody claims any more (reference 4.2, 4.4).
//!
//! It stands for sig-storage's `external-provisioner` library; like it, it answers only claims that name it.

use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::json::Rest;
use crate::cluster::object::claim::{SELECTED_NODE, STORAGE_PROVISIONER};
use crate::cluster::object::volume::{
    ClaimRef, PROVISIONED_BY, VolumePhase, VolumeSpec, VolumeStatus,
};
use crate::cluster::object::{
    Kind, Meta, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Resource as _,
    StorageClass,
};
use crate::cluster::record::{Component, Verb, Write};
use crate::cluster::value::{self, Text, Value};

/// The provisioner. It remembers nothing: what it does shows in the objects.
#[derive(Clone, Debug, Default)]
pub struct Provisioner {
    /// Whether it is switched off, as a fault.
    pub silent: bool,
}

impl Controller for Provisioner {
    const COMPONENT: Component = Component::Provisioner;
    const WATCHES: &[Kind] = &[Kind::PersistentVolume, Kind::PersistentVolumeClaim];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        if write.verb == Verb::Removed {
            return;
        }
        match &*write.object {
            Object::PersistentVolumeClaim(claim) if asks(claim, api) => {
                wake.add(write.object.key(), api.config.latency.provision_ms);
                let announced = write.before.as_deref().and_then(PersistentVolumeClaim::of);
                if api.config.provisioner_events
                    && !announced.is_some_and(|before| asks(before, api))
                {
                    let key = ObjectKey::new(
                        Kind::Event,
                        claim.meta.namespace.clone(),
                        claim.meta.name.clone(),
                    );
                    wake.add(key, 0);
                }
            }
            Object::PersistentVolume(volume) if is_to_be_deleted(volume, api) => {
                wake.add(write.object.key(), api.config.latency.provision_ms);
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        if self.silent {
            // It finds its work when it comes back.
            return Outcome::Done;
        }
        match key.kind {
            Kind::Event => announce(key, api),
            Kind::PersistentVolumeClaim => provision(key, api),
            _ => delete(key, api),
        }
        Outcome::Done
    }
}

impl Provisioner {
    /// It is back, and looks through all claims and volumes.
    pub fn start(&mut self, api: &Api, wake: &mut Wake<'_>) {
        self.silent = false;
        let after_ms = api.config.latency.provision_ms;
        let claims = api.store.list::<PersistentVolumeClaim>();
        let claims = claims.filter(|claim| asks(claim, api));
        let volumes = api.store.list::<PersistentVolume>();
        let volumes = volumes.filter(|volume| is_to_be_deleted(volume, api));
        let keys = claims.map(PersistentVolumeClaim::key);
        for key in keys.chain(volumes.map(PersistentVolume::key)) {
            wake.add(key, after_ms);
        }
    }
}

fn own_name(api: &Api) -> Option<&str> {
    api.config
        .standard_class
        .as_ref()
        .map(|class| &*class.provisioner)
}

/// Whether a claim asks for a volume of ours.
fn asks(claim: &PersistentVolumeClaim, api: &Api) -> bool {
    let ours = own_name(api).unwrap_or("k8s.io/minikube-hostpath");
    claim.spec.volume_name.is_empty()
        && !claim.meta.is_deleting()
        && claim.meta.annotation(STORAGE_PROVISIONER) == Some(ours)
}

fn is_to_be_deleted(volume: &PersistentVolume, api: &Api) -> bool {
    let ours = own_name(api).unwrap_or("k8s.io/minikube-hostpath");
    volume.phase() == VolumePhase::Released
        && volume.meta.annotation(PROVISIONED_BY) == Some(ours)
        && &*volume.spec.reclaim_policy == "Delete"
        && !volume.meta.is_deleting()
}

fn announce(key: &ObjectKey, api: &mut Api) {
    let found = api
        .store
        .hold::<PersistentVolumeClaim>(&key.namespace, &key.name);
    let Some(claim) = found.filter(|claim| asks(claim, api)) else {
        return;
    };
    let message = value::concat(&[
        "External provisioner is provisioning volume for claim \"",
        &key.namespace,
        "/",
        &key.name,
        "\"",
    ]);
    api.say(&*claim, Says::normal("Provisioning", message));
}

fn provision(key: &ObjectKey, api: &mut Api) {
    let found = api
        .store
        .hold::<PersistentVolumeClaim>(&key.namespace, &key.name);
    let Some(claim) = found.filter(|claim| asks(claim, api)) else {
        return;
    };
    let Some(class) = api.store.hold::<StorageClass>("", claim.spec.class()) else {
        return;
    };
    if class.waits_for_consumer() && claim.meta.annotation(SELECTED_NODE).is_none() {
        return;
    }
    let volume = new_volume(&claim, &class);
    let name = volume.meta.name.clone();
    if api.create(volume.into_object()).is_ok() && api.config.provisioner_events {
        let message = value::concat(&["Successfully provisioned volume ", &name]);
        api.say(&*claim, Says::normal("ProvisioningSucceeded", message));
    }
}

fn new_volume(claim: &PersistentVolumeClaim, class: &StorageClass) -> PersistentVolume {
    let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
    let path = value::concat(&["/tmp/hostpath-provisioner/", namespace, "/", name]);
    let source = Value::map([("path", Value::text(path)), ("type", Value::text(""))]);
    let spec = VolumeSpec {
        capacity: Rc::new([(Text::new_static("storage"), claim.spec.request())].into()),
        access_modes: claim.spec.access_modes.clone(),
        claim_ref: Some(ClaimRef {
            kind: Kind::PersistentVolumeClaim.name().into(),
            namespace: namespace.clone(),
            name: name.clone(),
            uid: claim.meta.uid.clone(),
            api_version: "v1".into(),
            resource_version: value::digits(claim.meta.resource_version),
            ..ClaimRef::default()
        }),
        reclaim_policy: class
            .reclaim_policy
            .clone()
            .unwrap_or_else(|| "Delete".into()),
        storage_class_name: class.meta.name.clone(),
        volume_mode: claim.spec.volume_mode.clone(),
        rest: Rest::new([(Text::from("hostPath"), source)].into()),
        ..VolumeSpec::default()
    };
    let mut meta = Meta::named("", value::concat(&["pvc-", &claim.meta.uid]));
    meta.annotate(PROVISIONED_BY, class.provisioner.clone());
    PersistentVolume {
        meta,
        spec: Rc::new(spec),
        status: VolumeStatus::default(),
        rest: Rest::default(),
    }
}

fn delete(key: &ObjectKey, api: &mut Api) {
    let volume = api.store.find::<PersistentVolume>("", &key.name);
    if volume.is_some_and(|volume| is_to_be_deleted(volume, api)) {
        // What is gone already needs no deleting.
        let _gone = api.delete(key, &DeleteOptions::default());
    }
}
