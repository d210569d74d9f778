//! PersistentVolume (reference 1.5).

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::affinity::NodeSelector;
use crate::cluster::quantity::Quantity;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::{json_enum, json_struct, resource};

/// The finalizer that keeps a volume while a claim is bound to it.
pub const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";
/// The provisioner that made the volume.
pub const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

resource! {
    /// A volume.
    pub struct PersistentVolume {
        /// What it is; shared between versions.
        spec: Rc<VolumeSpec> = "spec" always,
        /// Whose it is.
        status: VolumeStatus = "status" always,
    }
}

json_struct! {
    /// What a volume is. Its source stays in `rest`.
    pub struct VolumeSpec {
        /// How much it holds.
        capacity: Rc<SortedMap<Text, Quantity>> = "capacity",
        /// How it can be mounted.
        access_modes: Rc<[Text]> = "accessModes",
        /// The claim that it is for.
        claim_ref: Option<ClaimRef> = "claimRef",
        /// What becomes of it without its claim: `Retain`, `Delete` or `Recycle`.
        reclaim_policy: Text = "persistentVolumeReclaimPolicy",
        /// Its class; empty for none.
        storage_class_name: Text = "storageClassName",
        /// `Filesystem` or `Block`.
        volume_mode: Option<Text> = "volumeMode",
        /// Where it can be reached from.
        node_affinity: Option<VolumeNodeAffinity> = "nodeAffinity",
        /// The class of its attributes.
        attributes_class_name: Option<Text> = "volumeAttributesClassName",
    }
}

json_struct! {
    /// The claim that a volume is for.
    pub struct ClaimRef {
        /// Always PersistentVolumeClaim.
        kind: Text = "kind",
        /// Its namespace.
        namespace: Text = "namespace",
        /// Its name.
        name: Text = "name",
        /// Its uid; without one the volume is only reserved by name.
        uid: Text = "uid",
        /// Always v1.
        api_version: Text = "apiVersion",
        /// The version of the claim that was bound.
        resource_version: Text = "resourceVersion",
    }
}

json_struct! {
    /// Where a volume can be reached from.
    pub struct VolumeNodeAffinity {
        /// Nodes that fit.
        required: Option<NodeSelector> = "required",
    }
}

json_enum! {
    /// The phases of a volume.
    pub enum VolumePhase {
        /// Nobody has looked at it yet.
        Pending,
        /// Free.
        Available,
        /// Bound to a claim.
        Bound,
        /// Its claim is gone.
        Released,
        /// It could not be reclaimed.
        Failed,
    }
}

json_struct! {
    /// Whose a volume is.
    pub struct VolumeStatus {
        /// Its phase.
        phase: Option<VolumePhase> = "phase",
        /// More about it.
        message: Text = "message",
        /// Why it failed, in one word.
        reason: Text = "reason",
        /// When the phase last changed.
        last_phase_transition_time: Option<Time> = "lastPhaseTransitionTime",
    }
}

impl VolumeSpec {
    /// How much storage it holds.
    pub fn storage(&self) -> Quantity {
        self.capacity.get("storage").copied().unwrap_or_default()
    }

    /// `Filesystem` or `Block`.
    pub fn mode(&self) -> &str {
        self.volume_mode.as_deref().unwrap_or("Filesystem")
    }

    /// The claim that holds it: named with a uid.
    pub fn bound_claim(&self) -> Option<&ClaimRef> {
        self.claim_ref
            .as_ref()
            .filter(|claim| !claim.uid.is_empty())
    }
}

impl PersistentVolume {
    /// Its phase.
    pub fn phase(&self) -> VolumePhase {
        self.status.phase.unwrap_or_default()
    }
}
