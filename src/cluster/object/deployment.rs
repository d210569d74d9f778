//! Deployment: ReplicaSets that replace each other (reference 1.9).

use std::rc::Rc;

use super::meta::LabelSelector;
use super::pod_spec::PodTemplateSpec;
use crate::cluster::json::IntOrString;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::{json_struct, resource};

resource! {
    /// A number of interchangeable pods that are replaced when their template changes.
    pub struct Deployment {
        /// What is wanted; shared between versions.
        spec: Rc<DeploymentSpec> = "spec" always,
        /// What its controller last saw.
        status: DeploymentStatus = "status" always,
    }
}

json_struct! {
    /// What a Deployment shall be.
    pub struct DeploymentSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Which pods are its own.
        selector: Option<LabelSelector> = "selector" always,
        /// What its pods are made from.
        template: PodTemplateSpec = "template" always,
        /// How pods are replaced.
        strategy: DeploymentStrategy = "strategy" always,
        /// Seconds that a pod must be Ready to be Available.
        min_ready_s: i32 = "minReadySeconds",
        /// How many old ReplicaSets are kept.
        revision_history_limit: Option<i32> = "revisionHistoryLimit",
        /// Whether changes wait.
        paused: bool = "paused",
        /// Seconds without progress that count as failure.
        progress_deadline_s: Option<i32> = "progressDeadlineSeconds",
    }
}

json_struct! {
    /// How pods are replaced.
    pub struct DeploymentStrategy {
        /// `RollingUpdate` or `Recreate`.
        kind: Text = "type",
        /// Settings of `RollingUpdate`.
        rolling_update: Option<RollingUpdateDeployment> = "rollingUpdate",
    }
}

json_struct! {
    /// Settings of a rolling update.
    pub struct RollingUpdateDeployment {
        /// How many pods may be missing.
        max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// How many pods there may be too many.
        max_surge: Option<IntOrString> = "maxSurge",
    }
}

json_struct! {
    /// What the controller last saw.
    pub struct DeploymentStatus {
        /// The generation that the controller last acted on.
        observed_generation: i64 = "observedGeneration",
        /// Pods that exist.
        replicas: i32 = "replicas",
        /// Pods of the newest template.
        updated_replicas: i32 = "updatedReplicas",
        /// Pods that are Ready.
        ready_replicas: i32 = "readyReplicas",
        /// Pods that are Available.
        available_replicas: i32 = "availableReplicas",
        /// Pods that are missing.
        unavailable_replicas: i32 = "unavailableReplicas",
        /// Pods that are being deleted.
        terminating_replicas: Option<i32> = "terminatingReplicas",
        /// Progressing and Available.
        conditions: Vec<DeploymentCondition> = "conditions",
    }
}

json_struct! {
    /// One condition of a Deployment.
    pub struct DeploymentCondition {
        /// `Progressing` or `Available`.
        kind: Text = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Text = "status" always,
        /// When it was last looked at.
        last_update_time: Option<Time> = "lastUpdateTime",
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime",
        /// Why, in one word.
        reason: Text = "reason",
        /// Why, in a sentence.
        message: Text = "message",
    }
}
