//! The volume expander: says that a bound claim asks for more than it has, and grows it where the page's resizer
//! runs (reference 4.6).

use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, Says};
use crate::cluster::object::claim::ClaimPhase;
use crate::cluster::object::{
    Kind, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Resource as _,
};
use crate::cluster::quantity::Quantity;
use crate::cluster::record::{Component, Part, Verb, Write};

/// The expander.
#[derive(Clone, Debug, Default)]
pub struct VolumeExpander;

impl Controller for VolumeExpander {
    const COMPONENT: Component = Component::VolumeExpander;
    const WATCHES: &[Kind] = &[Kind::PersistentVolumeClaim];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        if let Object::PersistentVolumeClaim(claim) = &*write.object
            && write.verb != Verb::Removed
            && wants_more(claim).is_some()
            && has_grown(claim, write.before.as_deref())
        {
            wake.add(write.object.key(), api.config.latency.binder_ms);
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let found = api
            .store
            .find::<PersistentVolumeClaim>(&key.namespace, &key.name);
        let Some((claim, size)) = found
            .cloned()
            .and_then(|it| Some((wants_more(&it)?, it)))
            .map(|(a, b)| (b, a))
        else {
            return Outcome::Done;
        };
        let message = "waiting for an external controller to expand this PVC".to_owned();
        let about = Object::PersistentVolumeClaim(claim.clone());
        api.say(&about, Says::normal("ExternalExpanding", message));
        // The recordings run no resizer; the page's grows the volume at once.
        if api.config.provisioner_events && grow(&claim, size, api).is_err() {
            return Outcome::Retry;
        }
        Outcome::Done
    }
}

/// Whether more is asked for, or there, than before: nothing else wakes the controller.
fn has_grown(claim: &PersistentVolumeClaim, before: Option<&Object>) -> bool {
    let has = |claim: &PersistentVolumeClaim| claim.status.capacity.get("storage").copied();
    let before = before.and_then(PersistentVolumeClaim::of);
    before.is_none_or(|it| claim.spec.request() > it.spec.request() || has(claim) > has(it))
}

fn wants_more(claim: &PersistentVolumeClaim) -> Option<Quantity> {
    let has = claim
        .status
        .capacity
        .get("storage")
        .copied()
        .unwrap_or_default();
    let wants = claim.spec.request();
    (claim.phase() == ClaimPhase::Bound && wants > has).then_some(wants)
}

fn grow(
    claim: &PersistentVolumeClaim,
    size: Quantity,
    api: &mut Api,
) -> Result<(), crate::cluster::error::ApiError> {
    api.modify::<PersistentVolume>("", &claim.spec.volume_name, Part::Main, |volume| {
        let spec = Rc::make_mut(&mut volume.spec);
        if spec.storage() < size {
            Rc::make_mut(&mut spec.capacity).insert("storage".into(), size);
        }
    })?;
    let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
    api.modify::<PersistentVolumeClaim>(namespace, name, Part::Status, |claim| {
        let status = Rc::make_mut(&mut claim.status);
        Rc::make_mut(&mut status.capacity).insert("storage".into(), size);
    })?;
    Ok(())
}
