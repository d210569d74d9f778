//! A pod's claims as the scheduler sees them (reference 4.3).

use std::rc::Rc;

use crate::cluster::api::Api;
use crate::cluster::controller::volume_binder::matching;
use crate::cluster::error::ApiError;
use crate::cluster::object::claim::{BOUND_BY_CONTROLLER, ClaimPhase, SELECTED_NODE};
use crate::cluster::object::volume::ClaimRef;
use crate::cluster::object::{
    Kind, Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass,
};
use crate::cluster::record::Part;
use crate::cluster::store::Held;
use crate::cluster::value::Text;

/// The claims of one pod.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    bound: Vec<Held<PersistentVolume>>,
    delayed: Vec<PersistentVolumeClaim>,
    /// Claims that only one pod of the cluster may use, and one does.
    taken: bool,
}

impl Claims {
    /// Looks a pod's claims up; a text says what holds for the pod whatever the node.
    pub(super) fn of(pod: &Pod, api: &Api) -> Result<Self, String> {
        let mut claims = Self::default();
        for (_, name) in pod.claims() {
            let namespace = &pod.meta.namespace;
            let Some(claim) = api.store.find::<PersistentVolumeClaim>(namespace, name) else {
                return Err(format!("persistentvolumeclaim \"{name}\" not found"));
            };
            if claim.meta.is_deleting() {
                return Err(format!("persistentvolumeclaim \"{name}\" is being deleted"));
            }
            if claim.phase() == ClaimPhase::Lost {
                let volume = &claim.spec.volume_name;
                return Err(format!(
                    "persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\""
                ));
            }
            claims.taken |= is_taken(claim, pod, api);
            if claim.is_bind_completed() && !claim.spec.volume_name.is_empty() {
                claims.add_bound(claim, api)?;
            } else if waits_for_consumer(claim, api) {
                claims.delayed.push(claim.clone());
            } else {
                return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
            }
        }
        Ok(claims)
    }

    fn add_bound(&mut self, claim: &PersistentVolumeClaim, api: &Api) -> Result<(), String> {
        let volume = &claim.spec.volume_name;
        match api.store.hold::<PersistentVolume>("", volume) {
            Some(found) => {
                self.bound.push(found);
                Ok(())
            }
            None => Err(format!(
                "persistentvolumeclaim \"{}\" bound to non-existent persistentvolume \"{volume}\"",
                claim.meta.name
            )),
        }
    }

    /// Whether every claim is bound.
    pub(super) fn are_bound(&self) -> bool {
        self.delayed.is_empty()
    }

    /// Why a node cannot have the volumes, and whether other pods' leaving could help.
    pub(super) fn refuse(&self, node: &Node, api: &Api) -> Option<(&'static str, bool)> {
        if self.taken {
            let reason = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already \
                          in-use by another pod";
            return Some((reason, true));
        }
        if !self.bound.iter().all(|volume| reaches(volume, node)) {
            return Some((
                "node(s) didn't match PersistentVolume's node affinity",
                false,
            ));
        }
        let unbindable = self
            .delayed
            .iter()
            .any(|claim| !can_be_had(claim, node, api));
        unbindable.then_some((
            "node(s) didn't find available persistent volumes to bind",
            false,
        ))
    }

    /// Binds the open claims for a node: to a free volume that it reaches, or by asking for one there.
    pub(super) fn select_node(&self, node: &Text, api: &mut Api) -> Result<(), ApiError> {
        for claim in &self.delayed {
            let Some(found) = api.store.find::<Node>("", node).cloned() else {
                continue;
            };
            if let Some(volume) =
                static_volume(claim, &found, api).map(|volume| volume.meta.name.clone())
            {
                let reference = ClaimRef {
                    kind: Kind::PersistentVolumeClaim.name().into(),
                    namespace: claim.meta.namespace.clone(),
                    name: claim.meta.name.clone(),
                    uid: claim.meta.uid.clone(),
                    api_version: "v1".into(),
                    ..ClaimRef::default()
                };
                api.modify::<PersistentVolume>("", &volume, Part::Main, |volume| {
                    Rc::make_mut(&mut volume.spec).claim_ref = Some(reference);
                    volume.meta.annotate(BOUND_BY_CONTROLLER, "yes");
                })?;
            } else if claim.meta.annotation(SELECTED_NODE) != Some(node) {
                let (namespace, name) = (&claim.meta.namespace, &claim.meta.name);
                api.modify::<PersistentVolumeClaim>(namespace, name, Part::Main, |claim| {
                    claim.meta.annotate(SELECTED_NODE, node.clone());
                })?;
            }
        }
        Ok(())
    }
}

fn waits_for_consumer(claim: &PersistentVolumeClaim, api: &Api) -> bool {
    let class = claim.spec.class();
    claim.spec.volume_name.is_empty()
        && !class.is_empty()
        && api
            .store
            .find::<StorageClass>("", class)
            .is_some_and(StorageClass::waits_for_consumer)
}

/// Whether a claim for one pod only is used by another.
fn is_taken(claim: &PersistentVolumeClaim, pod: &Pod, api: &Api) -> bool {
    let exclusive = claim
        .spec
        .access_modes
        .iter()
        .any(|mode| &**mode == "ReadWriteOncePod");
    exclusive
        && api
            .store
            .pods_using(&claim.meta.namespace, &claim.meta.name)
            .any(|name| {
                let other = api.store.find::<Pod>(&claim.meta.namespace, name);
                *name != pod.meta.name
                    && other.is_some_and(|it| !it.spec.node_name.is_empty() && !it.is_finished())
            })
}

/// Whether a volume can be reached from a node.
fn reaches(volume: &PersistentVolume, node: &Node) -> bool {
    let required = volume
        .spec
        .node_affinity
        .as_ref()
        .and_then(|it| it.required.as_ref());
    required.is_none_or(|it| it.matches(&node.meta.labels, &node.meta.name))
}

fn static_volume<'a>(
    claim: &PersistentVolumeClaim,
    node: &Node,
    api: &'a Api,
) -> Option<&'a PersistentVolume> {
    let volumes = api.store.list::<PersistentVolume>();
    let fitting = volumes.filter(|volume| matching::fits(volume, claim) && reaches(volume, node));
    fitting.min_by_key(|volume| (volume.spec.storage(), volume.meta.name.clone()))
}

/// Whether a claim can be had on a node: a free volume reaches it, or its class makes one.
fn can_be_had(claim: &PersistentVolumeClaim, node: &Node, api: &Api) -> bool {
    if static_volume(claim, node, api).is_some() {
        return true;
    }
    let class = api.store.find::<StorageClass>("", claim.spec.class());
    class.is_some_and(|class| &*class.provisioner != "kubernetes.io/no-provisioner")
}
