//! StatefulSet (reference 1.2).

use std::rc::Rc;

use super::claim::PersistentVolumeClaim;
use super::meta::LabelSelector;
use super::pod_spec::PodTemplateSpec;
use crate::cluster::json::IntOrString;
use crate::cluster::value::{self, Text};
use crate::{json_struct, resource};

resource! {
    /// A set of pods with names that stay.
    pub struct StatefulSet {
        /// What is wanted; shared between versions.
        spec: Rc<StatefulSetSpec> = "spec" always,
        /// What its controller last saw.
        status: StatefulSetStatus = "status" always,
    }
}

json_struct! {
    /// What a StatefulSet shall be.
    pub struct StatefulSetSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Which pods are its own.
        selector: Option<LabelSelector> = "selector" always,
        /// What its pods are made from.
        template: PodTemplateSpec = "template" always,
        /// What its claims are made from.
        claim_templates: Rc<[PersistentVolumeClaim]> = "volumeClaimTemplates",
        /// The headless Service that gives its pods their names.
        service_name: Text = "serviceName" always,
        /// `OrderedReady` or `Parallel`.
        pod_management_policy: Text = "podManagementPolicy",
        /// How pods are replaced when the template changes.
        update_strategy: UpdateStrategy = "updateStrategy" always,
        /// How many old revisions are kept; negative keeps all.
        revision_history_limit: Option<i32> = "revisionHistoryLimit",
        /// Seconds that a pod must be Ready to be Available.
        min_ready_s: i32 = "minReadySeconds",
        /// What becomes of claims.
        retention: Option<RetentionPolicy> = "persistentVolumeClaimRetentionPolicy",
        /// Where ordinals begin.
        ordinals: Option<Ordinals> = "ordinals",
    }
}

json_struct! {
    /// How pods are replaced when the template changes.
    pub struct UpdateStrategy {
        /// `RollingUpdate` or `OnDelete`.
        kind: Text = "type",
        /// Settings of `RollingUpdate`; its absence changes rules (reference 1.2).
        rolling_update: Option<RollingUpdate> = "rollingUpdate",
    }
}

json_struct! {
    /// Settings of a rolling update.
    pub struct RollingUpdate {
        /// Ordinals below it stay at the current revision.
        partition: Option<i32> = "partition",
        /// Dropped unless its feature gate is on.
        max_unavailable: Option<IntOrString> = "maxUnavailable",
    }
}

json_struct! {
    /// What becomes of the claims of pods that are scaled away or of a set that is deleted.
    pub struct RetentionPolicy {
        /// When the set is deleted: `Retain` or `Delete`.
        when_deleted: Text = "whenDeleted",
        /// When a pod is scaled away: `Retain` or `Delete`.
        when_scaled: Text = "whenScaled",
    }
}

json_struct! {
    /// Where ordinals begin.
    pub struct Ordinals {
        /// The first ordinal.
        start: i32 = "start" always,
    }
}

json_struct! {
    /// What the controller last saw (reference 1.2 says which counters are left out at 0).
    pub struct StatefulSetStatus {
        /// The generation that the controller last acted on.
        observed_generation: i64 = "observedGeneration",
        /// Pods that exist.
        replicas: i32 = "replicas" always,
        /// Pods that run and are Ready.
        ready_replicas: i32 = "readyReplicas",
        /// Pods at the current revision.
        current_replicas: i32 = "currentReplicas",
        /// Pods at the update revision.
        updated_replicas: i32 = "updatedReplicas",
        /// Name of the revision that pods are updated from.
        current_revision: Text = "currentRevision",
        /// Name of the revision that pods are updated to.
        update_revision: Text = "updateRevision",
        /// How often a revision's name was taken.
        collision_count: Option<i32> = "collisionCount",
        /// Pods that are Ready for minReadySeconds.
        available_replicas: i32 = "availableReplicas" always,
    }
}

/// An ordinal as it stands in names.
pub fn ordinal_text(ordinal: i32) -> Text {
    u64::try_from(ordinal).map_or_else(|_| Text::from(ordinal.to_string()), value::digits)
}

impl StatefulSetSpec {
    /// The number of pods asked for.
    pub fn replicas(&self) -> i32 {
        self.replicas.unwrap_or(1)
    }

    /// The first ordinal.
    pub fn start(&self) -> i32 {
        self.ordinals.as_ref().map_or(0, |ordinals| ordinals.start)
    }

    /// Whether pods are made and taken one after the other.
    pub fn is_monotonic(&self) -> bool {
        &*self.pod_management_policy != "Parallel"
    }

    /// Whether the ordinal is one of those asked for.
    pub fn has_ordinal(&self, ordinal: i32) -> bool {
        let ordinal = i64::from(ordinal);
        let start = i64::from(self.start());
        (start..start + i64::from(self.replicas())).contains(&ordinal)
    }

    /// The partition, if a rolling update has settings at all.
    pub fn partition(&self) -> Option<i32> {
        self.update_strategy
            .rolling_update
            .as_ref()
            .map(|it| it.partition.unwrap_or(0))
    }

    /// Whether pods are replaced by the controller itself.
    pub fn is_rolling_update(&self) -> bool {
        &*self.update_strategy.kind == "RollingUpdate"
    }

    /// Whether claims go when their pod is scaled away.
    pub fn deletes_when_scaled(&self) -> bool {
        self.retention
            .as_ref()
            .is_some_and(|it| &*it.when_scaled == "Delete")
    }

    /// Whether claims go when the set is deleted.
    pub fn deletes_when_deleted(&self) -> bool {
        self.retention
            .as_ref()
            .is_some_and(|it| &*it.when_deleted == "Delete")
    }

    /// The name of the claim that a template gives an ordinal's pod.
    pub fn claim_name(template: &str, set: &str, ordinal: i32) -> Text {
        value::concat(&[template, "-", set, "-", &ordinal_text(ordinal)])
    }
}
