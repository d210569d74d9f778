//! Sets, Deployments and their pod templates.

use super::pod::{containers, spread, tolerations, volumes};
use super::{Described, NONE, Writer, annotations, pairs, selector, strings};
use crate::cluster::object::{Pod, PodPhase, ReplicaSet};
use crate::cluster::sorted;
use crate::cluster::value::Value;
use crate::kubectl::print::or;

impl Described<'_> {
    pub(super) fn stateful_set(&self, out: &mut Writer) {
        self.head(out);
        self.created(out);
        out.field(
            0,
            "Selector",
            &selector(self.value.at(&["spec", "selector"])),
        );
        self.labels(out);
        self.annotations(out);
        let desired = self.count(&["spec", "replicas"]);
        let total = self.count(&["status", "replicas"]);
        out.field(0, "Replicas", &format!("{desired} desired | {total} total"));
        out.field(
            0,
            "Update Strategy",
            self.text(&["spec", "updateStrategy", "type"]),
        );
        let rolling = ["spec", "updateStrategy", "rollingUpdate"];
        if self.value.at(&rolling).is_some() {
            let partition = self.count(&["spec", "updateStrategy", "rollingUpdate", "partition"]);
            out.field(1, "Partition", &partition.to_string());
            let most =
                self.value
                    .plain_at(&["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]);
            if !most.is_empty() {
                out.field(1, "MaxUnavailable", &most);
            }
        }
        self.pods_status(out);
        self.template(out);
        self.claim_templates(out);
    }

    pub(super) fn replica_set(&self, out: &mut Writer) {
        self.head(out);
        out.field(
            0,
            "Selector",
            &selector(self.value.at(&["spec", "selector"])),
        );
        self.labels(out);
        self.annotations(out);
        self.controlled_by(out);
        let (current, desired) = (
            self.count(&["status", "replicas"]),
            self.count(&["spec", "replicas"]),
        );
        out.field(
            0,
            "Replicas",
            &format!("{current} current / {desired} desired"),
        );
        self.pods_status(out);
        self.template(out);
        self.conditions(out);
    }

    pub(super) fn deployment(&self, out: &mut Writer) {
        self.head(out);
        self.created(out);
        self.labels(out);
        self.annotations(out);
        out.field(
            0,
            "Selector",
            &selector(self.value.at(&["spec", "selector"])),
        );
        let status = |field| self.count(&["status", field]);
        out.field(
            0,
            "Replicas",
            &format!(
                "{} desired | {} updated | {} total | {} available | {} unavailable",
                self.count(&["spec", "replicas"]),
                status("updatedReplicas"),
                status("replicas"),
                status("availableReplicas"),
                status("unavailableReplicas")
            ),
        );
        out.field(0, "StrategyType", self.text(&["spec", "strategy", "type"]));
        let seconds = self.count(&["spec", "minReadySeconds"]);
        out.field(0, "MinReadySeconds", &seconds.to_string());
        if let Some(rolling) = self.value.at(&["spec", "strategy", "rollingUpdate"]) {
            let bound = |field| rolling.plain_at(&[field]);
            out.field(
                0,
                "RollingUpdateStrategy",
                &format!(
                    "{} max unavailable, {} max surge",
                    bound("maxUnavailable"),
                    bound("maxSurge")
                ),
            );
        }
        self.template(out);
        self.conditions(out);
        self.replica_sets(out);
    }

    /// The ReplicaSets of a Deployment: those of older templates, and that of the present one.
    fn replica_sets(&self, out: &mut Writer) {
        let meta = self.object.meta();
        let all = self
            .cluster
            .api
            .store
            .list_in::<ReplicaSet>(&meta.namespace);
        let mut own: Vec<_> = all
            .filter(|it| it.meta.is_controlled_by(&meta.uid))
            .collect();
        let number = |it: &ReplicaSet| {
            let revision = it.meta.annotation("deployment.kubernetes.io/revision");
            revision.and_then(|it| it.parse::<i64>().ok()).unwrap_or(0)
        };
        sorted::sort_by(&mut own, |a, b| number(a).cmp(&number(b)));
        let newest = own.pop();
        let line = |it: &ReplicaSet| {
            let wanted = it.spec.replicas.unwrap_or(0);
            format!(
                "{} ({}/{wanted} replicas created)",
                it.meta.name, it.status.replicas
            )
        };
        let old: Vec<String> = own.iter().map(|it| line(it)).collect();
        out.field(0, "OldReplicaSets", &or(&old.join(", "), NONE));
        out.field(0, "NewReplicaSet", &newest.map_or(NONE.to_owned(), line));
    }

    fn count(&self, path: &[&str]) -> i64 {
        self.value.at(path).and_then(Value::as_int).unwrap_or(0)
    }

    fn pods_status(&self, out: &mut Writer) {
        let meta = self.object.meta();
        let all = self.cluster.api.store.list_in::<Pod>(&meta.namespace);
        let own: Vec<&Pod> = all
            .filter(|it| it.meta.is_controlled_by(&meta.uid))
            .collect();
        let count = |phase| own.iter().filter(|it| it.status.phase == phase).count();
        out.field(
            0,
            "Pods Status",
            &format!(
                "{} Running / {} Waiting / {} Succeeded / {} Failed",
                count(PodPhase::Running),
                count(PodPhase::Pending),
                count(PodPhase::Succeeded),
                count(PodPhase::Failed)
            ),
        );
    }

    fn template(&self, out: &mut Writer) {
        if let Some(template) = self.value.at(&["spec", "template"]) {
            pod_template(template, out);
        }
    }

    fn conditions(&self, out: &mut Writer) {
        let conditions = self.value.list_at(&["status", "conditions"]);
        if conditions.is_empty() {
            return;
        }
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tReason");
        out.line(1, "----\t------\t------");
        for condition in conditions {
            let cell = |field| condition.plain_at(&[field]);
            out.line(
                1,
                &format!("{} \t{}\t{}", cell("type"), cell("status"), cell("reason")),
            );
        }
    }

    fn claim_templates(&self, out: &mut Writer) {
        let templates = self.value.list_at(&["spec", "volumeClaimTemplates"]);
        if templates.is_empty() {
            out.field(0, "Volume Claims", NONE);
            return;
        }
        out.line(0, "Volume Claims:");
        for template in templates {
            out.field(1, "Name", &template.plain_at(&["metadata", "name"]));
            out.field(
                1,
                "StorageClass",
                &template.plain_at(&["spec", "storageClassName"]),
            );
            pairs(out, 1, "Labels", template.at(&["metadata", "labels"]));
            pairs(
                out,
                1,
                "Annotations",
                template.at(&["metadata", "annotations"]),
            );
            let request = template.plain_at(&["spec", "resources", "requests", "storage"]);
            out.field(1, "Capacity", &or(&request, "<default>"));
            let modes = strings(template, &["spec", "accessModes"]).join(" ");
            out.field(1, "Access Modes", &format!("[{modes}]"));
        }
    }
}

/// A pod template.
pub(super) fn pod_template(template: &Value, out: &mut Writer) {
    out.line(0, "Pod Template:");
    pairs(out, 1, "Labels", template.at(&["metadata", "labels"]));
    let has_annotations = template
        .at(&["metadata", "annotations"])
        .and_then(Value::as_map)
        .is_some_and(|it| !it.is_empty());
    if has_annotations {
        annotations(out, 1, template.at(&["metadata", "annotations"]));
    }
    let Some(spec) = template.get("spec") else {
        return;
    };
    if let Some(account) = spec.str_at(&["serviceAccountName"]) {
        out.field(1, "Service Account", account);
    }
    if !spec.list_at(&["initContainers"]).is_empty() {
        containers(
            out,
            "Init Containers",
            spec.list_at(&["initContainers"]),
            None,
            None,
        );
    }
    containers(out, "Containers", spec.list_at(&["containers"]), None, None);
    volumes(out, spec.list_at(&["volumes"]), true);
    spread(out, 1, spec.list_at(&["topologySpreadConstraints"]));
    pairs(out, 1, "Node-Selectors", spec.get("nodeSelector"));
    tolerations(out, 1, spec.list_at(&["tolerations"]));
}
