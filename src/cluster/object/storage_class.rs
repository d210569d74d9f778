//! StorageClass (reference 1.6).

use crate::cluster::value::{Text, Value};
use crate::resource;

/// The annotation that makes a class the default one.
pub const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

resource! {
    /// A way to make volumes.
    pub struct StorageClass {
        /// Who makes them.
        provisioner: Text = "provisioner" always,
        /// What becomes of them without their claim.
        reclaim_policy: Option<Text> = "reclaimPolicy",
        /// Whether claims may grow.
        allow_volume_expansion: Option<bool> = "allowVolumeExpansion",
        /// `Immediate` or `WaitForFirstConsumer`.
        volume_binding_mode: Option<Text> = "volumeBindingMode",
        /// Where its volumes can be: kept, not acted on.
        allowed_topologies: Option<Value> = "allowedTopologies",
    }
}

impl StorageClass {
    /// Whether claims without a class get this one.
    pub fn is_default(&self) -> bool {
        let beta = "storageclass.beta.kubernetes.io/is-default-class";
        [DEFAULT_CLASS, beta]
            .iter()
            .any(|key| self.meta.annotation(key) == Some("true"))
    }

    /// Whether binding waits until a pod that uses the claim has a node.
    pub fn waits_for_consumer(&self) -> bool {
        self.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer")
    }
}
