//! PersistentVolumeClaim (reference 1.4).

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::meta::LabelSelector;
use crate::cluster::quantity::Quantity;
use crate::cluster::value::{Text, Value};
use crate::{json_enum, json_struct, resource};

/// The finalizer that keeps a claim while a pod uses it.
pub const CLAIM_PROTECTION: &str = "kubernetes.io/pvc-protection";
/// Set by the binder once both sides of a binding are written.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// Set by the binder on what it chose itself.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// The provisioner that shall make the volume.
pub const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
/// The same, by its old name.
pub const BETA_STORAGE_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
/// The node that the scheduler chose for a claim that waits for its first consumer.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

resource! {
    /// A claim to storage.
    pub struct PersistentVolumeClaim {
        /// What is wanted; shared between versions.
        spec: Rc<ClaimSpec> = "spec" always,
        /// What is; shared too.
        status: Rc<ClaimStatus> = "status" always,
    }
}

json_struct! {
    /// What a claim asks for.
    pub struct ClaimSpec {
        /// How it shall be mounted.
        access_modes: Rc<[Text]> = "accessModes",
        /// Labels that the volume must have.
        selector: Option<LabelSelector> = "selector",
        /// How much.
        resources: ClaimResources = "resources" always,
        /// The volume, once chosen.
        volume_name: Text = "volumeName",
        /// Its class; `Some("")` means none.
        storage_class_name: Option<Text> = "storageClassName",
        /// `Filesystem` or `Block`.
        volume_mode: Option<Text> = "volumeMode",
        /// What the volume shall be filled from: kept, not acted on.
        data_source: Option<Value> = "dataSource",
        /// The class of its attributes.
        attributes_class_name: Option<Text> = "volumeAttributesClassName",
    }
}

json_struct! {
    /// How much a claim asks for.
    pub struct ClaimResources {
        /// At most.
        limits: Rc<SortedMap<Text, Quantity>> = "limits",
        /// At least.
        requests: Rc<SortedMap<Text, Quantity>> = "requests",
    }
}

json_enum! {
    /// The phases of a claim.
    pub enum ClaimPhase {
        /// Not bound yet.
        Pending,
        /// Bound to a volume.
        Bound,
        /// Its volume is gone.
        Lost,
    }
}

json_struct! {
    /// What a claim has got.
    pub struct ClaimStatus {
        /// Its phase; a claim template that nobody defaulted has none.
        phase: Option<ClaimPhase> = "phase",
        /// How it can be mounted.
        access_modes: Rc<[Text]> = "accessModes",
        /// What the volume has.
        capacity: Rc<SortedMap<Text, Quantity>> = "capacity",
    }
}

impl ClaimSpec {
    /// The storage asked for.
    pub fn request(&self) -> Quantity {
        self.resources
            .requests
            .get("storage")
            .copied()
            .unwrap_or_default()
    }

    /// The class by name; empty for none.
    pub fn class(&self) -> &str {
        self.storage_class_name.as_deref().unwrap_or_default()
    }

    /// `Filesystem` or `Block`.
    pub fn mode(&self) -> &str {
        self.volume_mode.as_deref().unwrap_or("Filesystem")
    }
}

impl PersistentVolumeClaim {
    /// Its phase.
    pub fn phase(&self) -> ClaimPhase {
        self.status.phase.unwrap_or_default()
    }

    /// Whether the binder has written both sides.
    pub fn is_bind_completed(&self) -> bool {
        self.meta.annotations.contains_key(BIND_COMPLETED)
    }
}
