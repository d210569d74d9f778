//! What becomes of claims: the retention policy, kept with owner references only (reference 2.8).

use std::rc::Rc;

use crate::cluster::api::{Api, Says};
use crate::cluster::error::ApiError;
use crate::cluster::object::stateful_set::StatefulSetSpec;
use crate::cluster::object::{Kind, Meta, OwnerReference, PersistentVolumeClaim, StatefulSet};
use crate::cluster::record::Part;
use crate::cluster::value::Text;

/// Who shall own a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Nobody,
    Set,
    Pod,
}

fn wanted(set: &StatefulSet, ordinal: i32) -> Wanted {
    let condemned = !set.spec.has_ordinal(ordinal);
    match (
        set.spec.deletes_when_scaled(),
        set.spec.deletes_when_deleted(),
    ) {
        (true, _) if condemned => Wanted::Pod,
        (_, true) => Wanted::Set,
        _ => Wanted::Nobody,
    }
}

/// The names of the claims of an ordinal's pod.
pub(super) fn claim_names(set: &StatefulSet, ordinal: i32) -> Rc<[Text]> {
    let templates = set.spec.claim_templates.iter();
    templates
        .map(|template| StatefulSetSpec::claim_name(&template.meta.name, &set.meta.name, ordinal))
        .collect()
}

/// Whether the owners of every claim of a pod that exists are as the policy wants them.
pub(super) fn claims_match(
    set: &StatefulSet,
    pod: &Meta,
    ordinal: i32,
    claims: &[Text],
    api: &Api,
) -> bool {
    claims.iter().all(|name| {
        let claim = api
            .store
            .find::<PersistentVolumeClaim>(&set.meta.namespace, name);
        claim.is_none_or(|claim| is_up_to_date(set, pod, ordinal, claim))
    })
}

fn refers_to(owner: &OwnerReference, kind: Kind, name: &str) -> bool {
    &*owner.kind == kind.name() && &*owner.name == name && *owner.api_version == *kind.api_version()
}

fn refers_to_set(owner: &OwnerReference, set: &StatefulSet) -> bool {
    refers_to(owner, Kind::StatefulSet, &set.meta.name)
}

fn refers_to_pod(owner: &OwnerReference, pod: &Meta) -> bool {
    refers_to(owner, Kind::Pod, &pod.name)
}

/// Whether an earlier object of the set's or the pod's name owns the claim (`hasStaleOwnerRef`).
fn has_stale_owner(set: &StatefulSet, pod: &Meta, claim: &PersistentVolumeClaim) -> bool {
    claim.meta.owners.iter().any(|owner| {
        (refers_to_set(owner, set) && owner.uid != set.meta.uid)
            || (refers_to_pod(owner, pod) && owner.uid != pod.uid)
    })
}

/// Whether somebody else manages the claim (`hasUnexpectedController`).
fn has_unexpected_controller(set: &StatefulSet, pod: &Meta, claim: &PersistentVolumeClaim) -> bool {
    if !set.spec.deletes_when_scaled() && !set.spec.deletes_when_deleted() {
        return false;
    }
    claim.meta.owners.iter().any(|owner| {
        if refers_to_set(owner, set) {
            owner.uid != set.meta.uid
        } else if refers_to_pod(owner, pod) {
            owner.uid != pod.uid
        } else {
            owner.controller == Some(true)
        }
    })
}

/// Whether the claim's owners are as the policy wants them (`isClaimOwnerUpToDate`).
fn is_up_to_date(
    set: &StatefulSet,
    pod: &Meta,
    ordinal: i32,
    claim: &PersistentVolumeClaim,
) -> bool {
    if has_stale_owner(set, pod, claim) {
        // Left to the garbage collector.
        return true;
    }
    let by_set = claim.meta.is_owned_by(&set.meta.uid);
    let by_pod = claim.meta.is_owned_by(&pod.uid);
    if has_unexpected_controller(set, pod, claim) {
        return !by_set && !by_pod;
    }
    let ours = |owner: &&OwnerReference| owner.uid == set.meta.uid || owner.uid == pod.uid;
    if claim
        .meta
        .owners
        .iter()
        .filter(ours)
        .any(|owner| owner.controller != Some(true))
    {
        return false;
    }
    let wanted = wanted(set, ordinal);
    by_set == (wanted == Wanted::Set) && by_pod == (wanted == Wanted::Pod)
}

/// Makes the owners of a pod's claims what the policy wants them to be; claims that do not exist
/// are passed by.
pub(super) fn update_claims(
    set: &StatefulSet,
    pod: &Meta,
    ordinal: i32,
    claims: &[Text],
    api: &mut Api,
) -> Result<(), ApiError> {
    for name in claims {
        let namespace = &set.meta.namespace;
        let Some(claim) = api.store.find::<PersistentVolumeClaim>(namespace, name) else {
            continue;
        };
        let conflicting = has_unexpected_controller(set, pod, claim);
        let up_to_date = is_up_to_date(set, pod, ordinal, claim);
        if conflicting {
            // Upstream's own spelling.
            let message = format!(
                "PersistentVolumeClaim {name} has a conflicting OwnerReference that acts as a manging \
                 controller, the retention policy is ignored for this claim"
            );
            let says = Says::warning("ConflictingController", message);
            api.say(set, says);
        }
        if up_to_date {
            continue;
        }
        let wanted = if conflicting {
            Wanted::Nobody
        } else {
            wanted(set, ordinal)
        };
        let changed = api.modify::<PersistentVolumeClaim>(namespace, name, Part::Main, |claim| {
            let ours =
                |owner: &OwnerReference| refers_to_set(owner, set) || refers_to_pod(owner, pod);
            claim.meta.remove_owners(ours);
            match wanted {
                Wanted::Nobody => {}
                Wanted::Set => claim.meta.add_owner(OwnerReference::controller_of(set)),
                Wanted::Pod => claim
                    .meta
                    .add_owner(OwnerReference::controller(Kind::Pod, pod)),
            }
        });
        changed.map_err(|error| {
            let why = format!("could not update claim {name} for delete policy ownerRefs: {error}");
            ApiError::BadRequest(why)
        })?;
    }
    Ok(())
}

/// Whether a claim still belongs to an earlier pod of this name, which the garbage collector has
/// to see to before the next pod is made (`PodClaimIsStale`).
pub(super) fn has_stale_claim(set: &StatefulSet, claims: &[Text], pod: &str, api: &Api) -> bool {
    set.spec.deletes_when_scaled()
        && claims.iter().any(|name| {
            let claim = api
                .store
                .find::<PersistentVolumeClaim>(&set.meta.namespace, name);
            claim.is_some_and(|claim| {
                claim
                    .meta
                    .owners
                    .iter()
                    .any(|owner| refers_to(owner, Kind::Pod, pod))
            })
        })
}
