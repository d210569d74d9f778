//! The volume binder, `persistentvolume-controller` (reference 4.2).
//!
//! Two sorts of keys: claims and volumes. Every 15 s all of them come again; those that a sync has
//! just left as they were are passed by ([`Index`]).

mod index;
pub mod matching;

use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::admission;
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::error::ApiError;
use crate::cluster::object::claim::{
    BETA_STORAGE_PROVISIONER, BIND_COMPLETED, BOUND_BY_CONTROLLER, ClaimPhase, ClaimStatus,
    SELECTED_NODE, STORAGE_PROVISIONER,
};
use crate::cluster::object::volume::{ClaimRef, PROVISIONED_BY, VolumePhase};
use crate::cluster::object::{
    Kind, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Pod, Resource as _,
    StorageClass,
};
use crate::cluster::record::{Component, Part, Refusal, Stop, Verb, Write};
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{self, Text};
use index::Index;

/// The key under which everything comes again.
pub fn resync_key() -> ObjectKey {
    ObjectKey::new(Kind::StorageClass, "", "")
}

/// The binder with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct VolumeBinder {
    index: Index,
    /// What is said of claims that wait for a provisioner, by the provisioner's name: most wait for the same one.
    waiting: SortedMap<Text, Text>,
}

impl Controller for VolumeBinder {
    const COMPONENT: Component = Component::VolumeBinder;
    const WATCHES: &[Kind] = &[Kind::PersistentVolume, Kind::PersistentVolumeClaim];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.binder_ms;
        let gone = write.verb == Verb::Removed;
        match &*write.object {
            Object::PersistentVolumeClaim(claim) => {
                self.index.observe_claim(claim, gone);
                let volume = &claim.spec.volume_name;
                match (gone, volume.is_empty()) {
                    (false, _) => wake.add(write.object.key(), after_ms),
                    (true, false) => wake.add(volume_key(volume), after_ms),
                    (true, true) => {}
                }
            }
            Object::PersistentVolume(volume) => {
                let before = write.before.as_deref();
                self.index.observe_volume(volume, before, gone);
                match &volume.spec.claim_ref {
                    Some(claim) if gone => {
                        let (namespace, name) = (claim.namespace.clone(), claim.name.clone());
                        wake.add(claim_key(namespace, name), after_ms);
                    }
                    _ if gone => {}
                    _ => wake.add(write.object.key(), after_ms),
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let before = api.log.len();
        let result = match key.kind {
            Kind::PersistentVolumeClaim => self.sync_claim(key, api),
            Kind::PersistentVolume => sync_volume(key, api, wake),
            _ => {
                for key in self.index.open() {
                    wake.add(key, 0);
                }
                wake.add_later(
                    key.clone(),
                    api.now.plus_ms(api.config.latency.binder_resync_ms),
                );
                Ok(())
            }
        };
        if result.is_ok() && api.log.len() == before {
            self.index.settle(key, api);
        }
        match result {
            Ok(()) => Outcome::Done,
            Err(error) => {
                let stop = Stop::Refused(Refusal {
                    object: key.name.clone(),
                    message: error.to_string().into(),
                });
                api.stop(key, stop);
                Outcome::Retry
            }
        }
    }
}

fn volume_key(name: &Text) -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolume, "", name.clone())
}

fn claim_key(namespace: Text, name: Text) -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolumeClaim, namespace, name)
}

type Done = Result<(), ApiError>;

/// `SYNC PV`.
fn sync_volume(key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Done {
    let Some(volume) = api.store.hold::<PersistentVolume>("", &key.name) else {
        return Ok(());
    };
    let Some(reference) = volume.spec.bound_claim() else {
        return set_volume_phase(&volume, VolumePhase::Available, api);
    };
    let found = api
        .store
        .hold::<PersistentVolumeClaim>(&reference.namespace, &reference.name);
    let Some(claim) = found.filter(|claim| claim.meta.uid == reference.uid) else {
        return release(&volume, api);
    };
    if claim.spec.volume_name.is_empty() {
        if claim.spec.mode() != volume.spec.mode() {
            return say_mode_mismatch(&volume, &claim, api);
        }
        let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
        wake.add(claim_key(namespace.clone(), name.clone()), 0);
        return Ok(());
    }
    if claim.spec.volume_name == volume.meta.name {
        return set_volume_phase(&volume, VolumePhase::Bound, api);
    }
    let provisioned = volume.meta.annotation(PROVISIONED_BY).is_some();
    if provisioned && &*volume.spec.reclaim_policy == "Delete" {
        return release(&volume, api);
    }
    give_back(&volume, api)
}

fn say_mode_mismatch(
    volume: &PersistentVolume,
    claim: &PersistentVolumeClaim,
    api: &mut Api,
) -> Done {
    let (volume_name, claim_name) = (&volume.meta.name, &claim.meta.name);
    let about_volume = format!(
        "Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{claim_name}\" due to incompatible \
         volumeMode."
    );
    let about_claim = format!(
        "Cannot bind PersistentVolume \"{volume_name}\" to requested PersistentVolumeClaim due to incompatible \
         volumeMode."
    );
    api.say(volume, Says::warning("VolumeMismatch", about_volume));
    api.say(claim, Says::warning("VolumeMismatch", about_claim));
    Ok(())
}

/// The claim is gone. What a provisioner made is deleted by the provisioner, not by the binder.
fn release(volume: &PersistentVolume, api: &mut Api) -> Done {
    if !matches!(volume.phase(), VolumePhase::Released | VolumePhase::Failed) {
        set_volume_phase(volume, VolumePhase::Released, api)?;
    }
    match &*volume.spec.reclaim_policy {
        "Recycle" => recycle(volume, api),
        "Delete" if volume.meta.annotation(PROVISIONED_BY).is_none() => delete(volume, api),
        _ => Ok(()),
    }
}

/// A volume made by hand: only the plugin for directories of a node can delete one, and only below `/tmp`
/// (`deleteVolumeOperation`, `hostPathDeleter`).
fn delete(volume: &PersistentVolume, api: &mut Api) -> Done {
    if volume.meta.is_deleting() {
        return Ok(());
    }
    let name = &volume.meta.name;
    let path = volume
        .spec
        .rest
        .get("hostPath")
        .map(|it| it.str_at(&["path"]).unwrap_or_default());
    let why = match path.map(|path| (path, path.split_once("/tmp/"))) {
        Some((_, Some((_, inside)))) if !inside.is_empty() => {
            let key = volume_key(name);
            return api.delete(&key, &DeleteOptions::default()).map(|_| ());
        }
        Some((path, _)) => {
            format!("host_path deleter only supports /tmp/.+ but received provided {path}")
        }
        None => format!(
            "error getting deleter volume plugin for volume \"{name}\": no deletable volume plugin matched"
        ),
    };
    if volume.phase() == VolumePhase::Failed {
        return Ok(());
    }
    write_phase(volume, VolumePhase::Failed, &why, api)?;
    api.say(
        &Object::PersistentVolume(volume.clone()),
        Says::warning("VolumeFailedDelete", why),
    );
    Ok(())
}

/// The scrubber, deprecated and done at once here: the volume is empty and free again.
fn recycle(volume: &PersistentVolume, api: &mut Api) -> Done {
    api.say(
        volume,
        Says::normal("VolumeRecycled", "Volume recycled".to_owned()),
    );
    give_back(volume, api)
}

/// The volume's claim is bound elsewhere: the binder's own choice is taken back, a person's keeps its name.
fn give_back(volume: &PersistentVolume, api: &mut Api) -> Done {
    let changed = api.modify::<PersistentVolume>("", &volume.meta.name, Part::Main, |volume| {
        let own = volume.meta.annotation(BOUND_BY_CONTROLLER).is_some();
        let spec = Rc::make_mut(&mut volume.spec);
        match &mut spec.claim_ref {
            Some(claim) if !own => claim.uid = Text::default(),
            reference => *reference = None,
        }
        volume.meta.unannotate(BOUND_BY_CONTROLLER);
    })?;
    match changed.as_deref() {
        Some(Object::PersistentVolume(volume)) => {
            set_volume_phase(&volume.clone(), VolumePhase::Available, api)
        }
        _ => Ok(()),
    }
}

fn set_volume_phase(volume: &PersistentVolume, phase: VolumePhase, api: &mut Api) -> Done {
    write_phase(volume, phase, "", api)
}

fn write_phase(volume: &PersistentVolume, phase: VolumePhase, why: &str, api: &mut Api) -> Done {
    if volume.phase() == phase {
        return Ok(());
    }
    let now = api.now.whole_seconds();
    api.modify::<PersistentVolume>("", &volume.meta.name, Part::Status, |volume| {
        volume.status.phase = Some(phase);
        volume.status.last_phase_transition_time = Some(now);
        volume.status.message = why.into();
    })?;
    Ok(())
}

impl VolumeBinder {
    /// `SYNC CLAIM`.
    fn sync_claim(&mut self, key: &ObjectKey, api: &mut Api) -> Done {
        let found = api
            .store
            .hold::<PersistentVolumeClaim>(&key.namespace, &key.name);
        let Some(claim) = found else {
            return Ok(());
        };
        if !claim.is_bind_completed() {
            return self.bind_open_claim(&claim, api);
        }
        let lost = |why: &str| format!("Bound claim has lost {why}. Data on the volume is lost!");
        if claim.spec.volume_name.is_empty() {
            return lose(
                &claim,
                "ClaimLost",
                lost("reference to PersistentVolume"),
                api,
            );
        }
        match api
            .store
            .hold::<PersistentVolume>("", &claim.spec.volume_name)
        {
            None => lose(&claim, "ClaimLost", lost("its PersistentVolume"), api),
            Some(volume) => match &volume.spec.claim_ref {
                Some(other) if other.uid != claim.meta.uid => {
                    let message =
                        "Two claims are bound to the same volume, this one is bound incorrectly";
                    lose(&claim, "ClaimMisbound", message.to_owned(), api)
                }
                _ => bind(&volume, &claim, api),
            },
        }
    }

    /// `BIND`.
    fn bind_open_claim(&mut self, claim: &PersistentVolumeClaim, api: &mut Api) -> Done {
        let class = class_of(claim);
        let delay = !class.is_empty()
            && api
                .store
                .find::<StorageClass>("", class)
                .is_some_and(StorageClass::waits_for_consumer);
        if !claim.spec.volume_name.is_empty() {
            return bind_named(claim, api);
        }
        if let Some(volume) = self.index.best_match(claim, delay, api).cloned() {
            return bind(&volume, claim, api);
        }
        if claim.spec.storage_class_name.is_none()
            && class.is_empty()
            && let Some(class) = admission::default_class(api)
        {
            let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
            api.modify::<PersistentVolumeClaim>(namespace, name, Part::Main, |claim| {
                Rc::make_mut(&mut claim.spec).storage_class_name = Some(class);
            })?;
            return Ok(());
        }
        let key = claim_key(claim.meta.namespace.clone(), claim.meta.name.clone());
        if delay && claim.meta.annotation(SELECTED_NODE).is_none() {
            say_waits_for_consumer(claim, api);
            api.stop(&key, Stop::FirstConsumer);
        } else if class.is_empty() {
            let message =
                "no persistent volumes available for this claim and no storage class is set";
            api.say(claim, Says::normal("FailedBinding", message.to_owned()));
            api.stop(&key, Stop::NoVolume);
        } else {
            return self.provision(claim, class, api);
        }
        set_claim_pending(claim, api)
    }

    /// `PROVISION`: asks the class's provisioner for a volume.
    fn provision(
        &mut self,
        claim: &PersistentVolumeClaim,
        class_name: &str,
        api: &mut Api,
    ) -> Done {
        let key = claim_key(claim.meta.namespace.clone(), claim.meta.name.clone());
        let Some(class) = api.store.find::<StorageClass>("", class_name) else {
            let message = format!("storageclass.storage.k8s.io \"{class_name}\" not found");
            api.say(claim, Says::warning("ProvisioningFailed", message));
            api.stop(&key, Stop::NoClass(class_name.into()));
            return Ok(());
        };
        let provisioner = class.provisioner.clone();
        if provisioner.starts_with("kubernetes.io/") {
            let message = format!("no volume plugin matched name: {provisioner}");
            api.say(claim, Says::warning("ProvisioningFailed", message));
            api.stop(&key, Stop::Provisioning(provisioner));
            return Ok(());
        }
        let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
        api.modify::<PersistentVolumeClaim>(namespace, name, Part::Main, |claim| {
            for annotation in [BETA_STORAGE_PROVISIONER, STORAGE_PROVISIONER] {
                if claim.meta.annotation(annotation) != Some(&provisioner) {
                    claim.meta.annotate(annotation, provisioner.clone());
                }
            }
        })?;
        let new = || waits_for_volume(&provisioner);
        let message = self
            .waiting
            .entry(provisioner.clone())
            .or_insert_with(new)
            .clone();
        api.say(claim, Says::normal("ExternalProvisioning", message));
        api.stop(&key, Stop::Provisioning(provisioner));
        Ok(())
    }
}

fn waits_for_volume(provisioner: &str) -> Text {
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the \
         system administrator. If volume creation is delayed, please verify that the provisioner is running and \
         correctly registered."
    );
    message.into()
}

/// The class by name: the field, or the annotation that came before it.
fn class_of(claim: &PersistentVolumeClaim) -> &str {
    claim
        .meta
        .annotation("volume.beta.kubernetes.io/storage-class")
        .unwrap_or(claim.spec.class())
}

fn say_waits_for_consumer(claim: &PersistentVolumeClaim, api: &mut Api) {
    let namespace = &claim.meta.namespace;
    // The first sync of a claim comes before its pod is seen (reference 4.2).
    let is_first = api.stopped(Component::VolumeBinder, &claim.key()).is_none();
    let users = api.store.pods_using(namespace, &claim.meta.name);
    let unscheduled = users.filter(|name| {
        let pod = api.store.find::<Pod>(namespace, name);
        !is_first && pod.is_some_and(|pod| pod.spec.node_name.is_empty() && !pod.is_finished())
    });
    let names: Vec<&str> = unscheduled.map(|name| &**name).collect();
    let says = match &*names {
        [] => {
            let message = "waiting for first consumer to be created before binding";
            Says::normal("WaitForFirstConsumer", Text::new_static(message))
        }
        [pod] => Says::normal(
            "WaitForPodScheduled",
            format!("waiting for pod {pod} to be scheduled"),
        ),
        pods => {
            let pods = pods.join(",");
            Says::normal(
                "WaitForPodScheduled",
                format!("waiting for pods {pods} to be scheduled"),
            )
        }
    };
    api.say(claim, says);
}

/// A claim that names its volume.
fn bind_named(claim: &PersistentVolumeClaim, api: &mut Api) -> Done {
    let name = claim.spec.volume_name.clone();
    let key = claim_key(claim.meta.namespace.clone(), claim.meta.name.clone());
    let Some(volume) = api.store.hold::<PersistentVolume>("", &name) else {
        api.stop(&key, Stop::VolumeUnfit(name));
        return set_claim_pending(claim, api);
    };
    let says = match &volume.spec.claim_ref {
        Some(reference) if matching::is_for(reference, claim) => return bind(&volume, claim, api),
        Some(_) => {
            let message = format!("volume \"{name}\" already bound to a different claim.");
            Says::warning("FailedBinding", message)
        }
        None => match matching::misfit(&volume, claim) {
            None => return bind(&volume, claim, api),
            Some(why) => {
                let message = format!("Cannot bind to requested volume \"{name}\": {why}");
                Says::warning("VolumeMismatch", message)
            }
        },
    };
    api.say(claim, says);
    api.stop(&key, Stop::VolumeUnfit(name));
    set_claim_pending(claim, api)
}

/// Writes both sides of a binding, as far as they are not written yet.
fn bind(volume: &PersistentVolume, claim: &PersistentVolumeClaim, api: &mut Api) -> Done {
    let reserved = volume
        .spec
        .claim_ref
        .as_ref()
        .is_some_and(|it| matching::is_for(it, claim));
    let complete = volume
        .spec
        .bound_claim()
        .is_some_and(|it| matching::is_for(it, claim));
    let volume_name = &volume.meta.name;
    if !complete {
        api.modify::<PersistentVolume>("", volume_name, Part::Main, |volume| {
            Rc::make_mut(&mut volume.spec).claim_ref = Some(reference_to(claim));
            if !reserved {
                volume.meta.annotate(BOUND_BY_CONTROLLER, "yes");
            }
        })?;
    }
    set_volume_phase(volume, VolumePhase::Bound, api)?;
    let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
    let named = claim.spec.volume_name == *volume_name;
    if !named || !claim.is_bind_completed() {
        api.modify::<PersistentVolumeClaim>(namespace, name, Part::Main, |claim| {
            if !named {
                Rc::make_mut(&mut claim.spec).volume_name = volume_name.clone();
                claim.meta.annotate(BOUND_BY_CONTROLLER, "yes");
            }
            claim.meta.annotate(BIND_COMPLETED, "yes");
        })?;
    }
    api.modify::<PersistentVolumeClaim>(namespace, name, Part::Status, |claim| {
        let grown =
            claim.status.phase == Some(ClaimPhase::Bound) && !claim.status.capacity.is_empty();
        let capacity = &volume.spec.capacity;
        let old = &claim.status;
        let status = ClaimStatus {
            phase: Some(ClaimPhase::Bound),
            access_modes: Rc::clone(&volume.spec.access_modes),
            capacity: Rc::clone(if grown { &old.capacity } else { capacity }),
            rest: old.rest.clone(),
        };
        if *claim.status != status {
            claim.status = Rc::new(status);
        }
    })?;
    Ok(())
}

fn reference_to(claim: &PersistentVolumeClaim) -> ClaimRef {
    ClaimRef {
        kind: Kind::PersistentVolumeClaim.name().into(),
        namespace: claim.meta.namespace.clone(),
        name: claim.meta.name.clone(),
        uid: claim.meta.uid.clone(),
        api_version: "v1".into(),
        resource_version: value::digits(claim.meta.resource_version),
        ..ClaimRef::default()
    }
}

fn lose(
    claim: &PersistentVolumeClaim,
    reason: &'static str,
    message: String,
    api: &mut Api,
) -> Done {
    if claim.phase() == ClaimPhase::Lost {
        return Ok(());
    }
    let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
    api.modify::<PersistentVolumeClaim>(namespace, name, Part::Status, |claim| {
        claim.status = Rc::new(ClaimStatus {
            phase: Some(ClaimPhase::Lost),
            rest: claim.status.rest.clone(),
            ..ClaimStatus::default()
        });
    })?;
    api.say(claim, Says::warning(reason, message));
    Ok(())
}

fn set_claim_pending(claim: &PersistentVolumeClaim, api: &mut Api) -> Done {
    if claim.phase() == ClaimPhase::Pending {
        return Ok(());
    }
    let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
    api.modify::<PersistentVolumeClaim>(namespace, name, Part::Status, |claim| {
        claim.status = Rc::new(ClaimStatus {
            phase: Some(ClaimPhase::Pending),
            ..ClaimStatus::default()
        });
    })?;
    Ok(())
}

impl VolumeBinder {
    /// Compares what the binder remembers with a plain search.
    pub fn check(&self, api: &Api) -> Result<(), String> {
        self.index.check(api)
    }
}
