//! ReplicaSet: pods without names that stay (reference 1.9).

use std::rc::Rc;

use super::meta::LabelSelector;
use super::pod_spec::PodTemplateSpec;
use crate::{json_struct, resource};

resource! {
    /// A number of interchangeable pods.
    pub struct ReplicaSet {
        /// What is wanted; shared between versions.
        spec: Rc<ReplicaSetSpec> = "spec" always,
        /// What its controller last saw.
        status: ReplicaSetStatus = "status" always,
    }
}

json_struct! {
    /// What a ReplicaSet shall be.
    pub struct ReplicaSetSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Seconds that a pod must be Ready to be Available.
        min_ready_s: i32 = "minReadySeconds",
        /// Which pods are its own.
        selector: Option<LabelSelector> = "selector" always,
        /// What its pods are made from.
        template: PodTemplateSpec = "template",
    }
}

json_struct! {
    /// What the controller last saw.
    pub struct ReplicaSetStatus {
        /// Pods that exist and are neither finished nor being deleted.
        replicas: i32 = "replicas" always,
        /// Pods that have all of the template's labels.
        fully_labeled_replicas: i32 = "fullyLabeledReplicas",
        /// Pods that are Ready.
        ready_replicas: i32 = "readyReplicas",
        /// Pods that are Ready for minReadySeconds.
        available_replicas: i32 = "availableReplicas",
        /// Pods that are being deleted.
        terminating_replicas: Option<i32> = "terminatingReplicas",
        /// The generation that the controller last acted on.
        observed_generation: i64 = "observedGeneration",
    }
}
