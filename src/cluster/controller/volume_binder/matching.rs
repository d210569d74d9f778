//! Which volume fits which claim (reference 4.2 `MATCH`).

use crate::cluster::object::volume::{ClaimRef, VolumePhase};
use crate::cluster::object::{PersistentVolume, PersistentVolumeClaim};
use crate::cluster::sorted;
use crate::cluster::value::Text;

/// Whether a volume's reference names a claim, by its uid if it has one.
pub fn is_for(reference: &ClaimRef, claim: &PersistentVolumeClaim) -> bool {
    reference.name == claim.meta.name
        && reference.namespace == claim.meta.namespace
        && (reference.uid.is_empty() || reference.uid == claim.meta.uid)
}

/// Why a volume that a claim names cannot be bound to it (`checkVolumeSatisfyClaim`).
pub(super) fn misfit(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Option<String> {
    if volume.meta.is_deleting() {
        return Some(format!(
            "the volume is marked for deletion \"{}\"",
            volume.meta.name
        ));
    }
    let why = if volume.spec.storage() < claim.spec.request() {
        "requested PV is too small"
    } else if *volume.spec.storage_class_name != *claim.spec.class() {
        "storageClassName does not match"
    } else if !same_attributes(volume, claim) {
        "volumeAttributesClassName does not match"
    } else if volume.spec.mode() != claim.spec.mode() {
        "incompatible volumeMode"
    } else if !has_modes(volume, claim) {
        "incompatible accessMode"
    } else {
        return None;
    };
    Some(why.to_owned())
}

fn same_attributes(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let name = |name: &Option<Text>| name.clone().unwrap_or_default();
    name(&volume.spec.attributes_class_name) == name(&claim.spec.attributes_class_name)
}

fn has_modes(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    claim
        .spec
        .access_modes
        .iter()
        .all(|mode| volume.spec.access_modes.contains(mode))
}

/// The sorted set of a volume's access modes: the group that it belongs to.
fn group(volume: &PersistentVolume) -> Vec<&Text> {
    let mut modes: Vec<&Text> = volume.spec.access_modes.iter().collect();
    sorted::sort_by(&mut modes, Ord::cmp);
    modes.dedup();
    modes
}

/// The best of the candidates: `reserved` are those whose reference names the claim, `free` those
/// without one.
pub(super) fn best<'a>(
    claim: &PersistentVolumeClaim,
    delay: bool,
    reserved: impl Iterator<Item = &'a PersistentVolume>,
    free: impl Iterator<Item = &'a PersistentVolume>,
) -> Option<&'a PersistentVolume> {
    let reserved = reserved
        .filter(|it| {
            it.spec
                .claim_ref
                .as_ref()
                .is_some_and(|it| is_for(it, claim))
        })
        .filter(|it| can_be_reserved(it, claim));
    let free = free.filter(|it| !delay && is_free_for(it, claim));
    // Groups with the fewest modes first; in a group the reserved one, then the smallest, then by name.
    let rank = |volume: &&PersistentVolume| {
        let modes = group(volume);
        let reserved = volume.spec.claim_ref.is_some();
        (
            modes.len(),
            modes.into_iter().cloned().collect::<Vec<_>>(),
            !reserved,
            volume.spec.storage(),
            volume.meta.name.clone(),
        )
    };
    reserved.chain(free).min_by_key(rank)
}

fn can_be_reserved(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    has_modes(volume, claim)
        && volume.spec.storage() >= claim.spec.request()
        && volume.spec.mode() == claim.spec.mode()
        && same_attributes(volume, claim)
        && !volume.meta.is_deleting()
}

fn is_free_for(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let selected = claim
        .spec
        .selector
        .as_ref()
        .is_none_or(|it| it.matches(&volume.meta.labels));
    volume.phase() == VolumePhase::Available && selected && misfit(volume, claim).is_none()
}

/// Whether a volume is free and fits a claim, for the scheduler, which binds where the binder waits.
pub fn fits(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    volume.spec.claim_ref.is_none() && is_free_for(volume, claim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::Meta;
    use crate::cluster::object::volume::VolumeStatus;
    use crate::cluster::quantity::Quantity;
    use std::rc::Rc;

    fn volume(name: &str, size: &str, modes: &[&str]) -> PersistentVolume {
        let mut volume = PersistentVolume {
            meta: Meta::named("", name),
            ..PersistentVolume::default()
        };
        let spec = Rc::make_mut(&mut volume.spec);
        let capacity = Rc::make_mut(&mut spec.capacity);
        capacity.insert("storage".into(), Quantity::parse(size).unwrap());
        spec.access_modes = modes.iter().map(|mode| Text::from(*mode)).collect();
        volume.status = VolumeStatus {
            phase: Some(VolumePhase::Available),
            ..VolumeStatus::default()
        };
        volume
    }

    fn claim(size: &str) -> PersistentVolumeClaim {
        let mut claim = PersistentVolumeClaim {
            meta: Meta::named("default", "data"),
            ..Default::default()
        };
        let spec = Rc::make_mut(&mut claim.spec);
        spec.access_modes = Rc::new(["ReadWriteOnce".into()]);
        let requests = Rc::make_mut(&mut spec.resources.requests);
        requests.insert("storage".into(), Quantity::parse(size).unwrap());
        spec.storage_class_name = Some("".into());
        claim
    }

    fn best_of(claim: &PersistentVolumeClaim, volumes: &[PersistentVolume]) -> Option<String> {
        let reserved = volumes.iter().filter(|it| it.spec.claim_ref.is_some());
        let free = volumes.iter().filter(|it| it.spec.claim_ref.is_none());
        best(claim, false, reserved, free).map(|it| it.meta.name.to_string())
    }

    #[test]
    fn fewest_modes_come_before_smallest_size() {
        let both = ["ReadWriteOnce", "ReadWriteMany"];
        let volumes = [
            volume("a", "1Gi", &both),
            volume("b", "10Gi", &["ReadWriteOnce"]),
            volume("c", "5Gi", &["ReadWriteOnce"]),
        ];
        assert_eq!(best_of(&claim("1Gi"), &volumes).as_deref(), Some("c"));
        assert_eq!(best_of(&claim("8Gi"), &volumes).as_deref(), Some("b"));
        assert_eq!(best_of(&claim("80Gi"), &volumes), None);
    }

    #[test]
    fn a_reserved_volume_wins_at_once() {
        let mut reserved = volume("z", "10Gi", &["ReadWriteOnce"]);
        let spec = Rc::make_mut(&mut reserved.spec);
        spec.claim_ref = Some(ClaimRef {
            namespace: "default".into(),
            name: "data".into(),
            ..ClaimRef::default()
        });
        let volumes = [volume("a", "1Gi", &["ReadWriteOnce"]), reserved];
        assert_eq!(best_of(&claim("1Gi"), &volumes).as_deref(), Some("z"));
    }

    #[test]
    fn what_is_wrong_with_a_volume_is_said_in_order() {
        let small = volume("a", "1Gi", &["ReadWriteMany"]);
        assert_eq!(
            misfit(&small, &claim("2Gi")).as_deref(),
            Some("requested PV is too small")
        );
        assert_eq!(
            misfit(&small, &claim("1Gi")).as_deref(),
            Some("incompatible accessMode")
        );
    }
}
