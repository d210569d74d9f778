//! Nodes, with the pods that they carry.

use super::{Described, NONE, Writer, long_time};
use crate::cluster::object::{Pod, PodPhase};
use crate::cluster::quantity::Quantity;
use crate::cluster::value::Value;
use crate::kubectl::print::age;

impl Described<'_> {
    pub(super) fn node(&self, out: &mut Writer) {
        self.head(out);
        out.field(0, "Roles", &super::roles(self.value));
        self.labels(out);
        self.annotations(out);
        self.created(out);
        self.taints(out);
        let is_off = self.value.at(&["spec", "unschedulable"]) == Some(&Value::Bool(true));
        out.field(0, "Unschedulable", &is_off.to_string());
        let name = self.text(&["metadata", "name"]);
        out.field(
            0,
            "Lease",
            &format!("Failed to get lease: leases.coordination.k8s.io {name:?} not found"),
        );
        self.node_conditions(out);
        let addresses = self.value.list_at(&["status", "addresses"]);
        if !addresses.is_empty() {
            out.line(0, "Addresses:");
        }
        for address in addresses {
            out.field(
                1,
                &address.plain_at(&["type"]),
                &address.plain_at(&["address"]),
            );
        }
        for (key, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
            let map = self.value.at(&["status", field]).and_then(Value::as_map);
            out.line(0, &format!("{key}:"));
            for (name, value) in map.into_iter().flat_map(|map| map.iter()) {
                out.field(1, name, &value.plain());
            }
        }
        out.line(0, "System Info:");
        for (key, field) in [
            ("Machine ID", "machineID"),
            ("System UUID", "systemUUID"),
            ("Boot ID", "bootID"),
            ("Kernel Version", "kernelVersion"),
            ("OS Image", "osImage"),
            ("Operating System", "operatingSystem"),
            ("Architecture", "architecture"),
            ("Container Runtime Version", "containerRuntimeVersion"),
            ("Kubelet Version", "kubeletVersion"),
        ] {
            out.field(1, key, self.text(&["status", "nodeInfo", field]));
        }
        self.node_pods(out);
    }

    fn taints(&self, out: &mut Writer) {
        let mut taints = self.value.list_at(&["spec", "taints"]).to_vec();
        let order = |it: &Value| (it.plain_at(&["effect"]), it.plain_at(&["key"]));
        crate::cluster::sorted::sort_by(&mut taints, |a, b| order(a).cmp(&order(b)));
        if taints.is_empty() {
            out.field(0, "Taints", NONE);
        }
        for (at, taint) in taints.iter().enumerate() {
            let part = |field: &str| taint.plain_at(&[field]);
            let text = match part("value") {
                value if value.is_empty() => format!("{}:{}", part("key"), part("effect")),
                value => format!("{}={value}:{}", part("key"), part("effect")),
            };
            match at {
                0 => out.field(0, "Taints", &text),
                _ => out.line(0, &format!("\t{text}")),
            }
        }
    }

    fn node_conditions(&self, out: &mut Writer) {
        let conditions = self.value.list_at(&["status", "conditions"]);
        if conditions.is_empty() {
            return;
        }
        out.line(0, "Conditions:");
        out.line(
            1,
            "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage",
        );
        out.line(
            1,
            "----\t------\t-----------------\t------------------\t------\t-------",
        );
        for condition in conditions {
            let cell = |field: &str| condition.plain_at(&[field]);
            let time = |field: &str| long_time(&cell(field));
            out.line(
                1,
                &format!(
                    "{} \t{} \t{} \t{} \t{} \t{}",
                    cell("type"),
                    cell("status"),
                    time("lastHeartbeatTime"),
                    time("lastTransitionTime"),
                    cell("reason"),
                    cell("message")
                ),
            );
        }
    }

    fn node_pods(&self, out: &mut Writer) {
        let store = &self.cluster.api.store;
        let on_node = store.pods_on(&self.object.meta().name);
        let pods = on_node.filter_map(|(namespace, name)| store.find::<Pod>(namespace, name));
        let ended = |pod: &&Pod| matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
        let pods: Vec<&Pod> = pods.filter(|it| !ended(it)).collect();
        out.line(
            0,
            &format!("Non-terminated Pods:\t({} in total)", pods.len()),
        );
        let headers =
            "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge";
        out.line(1, headers);
        out.line(
            1,
            "---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
        );
        let columns = [
            ("requests", "cpu"),
            ("limits", "cpu"),
            ("requests", "memory"),
            ("limits", "memory"),
        ];
        for pod in &pods {
            let cells =
                columns.map(|(kind, resource)| self.share(&sum(&[pod], kind, resource), resource));
            let age = age(pod.meta.created, self.now);
            let place = format!("{}\t{}", pod.meta.namespace, pod.meta.name);
            out.line(1, &format!("{place}\t\t{}\t{age}", cells.join("\t")));
        }
        out.line(0, "Allocated resources:");
        out.line(
            1,
            "(Total limits may be over 100 percent, i.e., overcommitted.)",
        );
        out.line(1, "Resource\tRequests\tLimits");
        out.line(1, "--------\t--------\t------");
        for resource in ["cpu", "memory", "ephemeral-storage"] {
            let cell = |kind| self.share(&sum(&pods, kind, resource), resource);
            out.line(
                1,
                &format!("{resource}\t{}\t{}", cell("requests"), cell("limits")),
            );
        }
    }

    /// An amount, and which part of the node's it is.
    fn share(&self, amount: &Quantity, resource: &str) -> String {
        let whole = self
            .value
            .at(&["status", "allocatable", resource])
            .map(Value::plain);
        let whole = whole.and_then(|it| Quantity::parse(&it));
        let percent = match whole.map(|it| it.milli()) {
            Some(whole) if whole > 0 => amount.milli() * 100 / whole,
            _ => 0,
        };
        format!("{amount} ({percent}%)")
    }
}

/// What the containers of pods ask for, in all.
fn sum(pods: &[&Pod], kind: &str, resource: &str) -> Quantity {
    let mut total = Quantity::default();
    for container in pods.iter().flat_map(|it| it.spec.containers.iter()) {
        let of = match kind {
            "requests" => &container.resources.requests,
            _ => &container.resources.limits,
        };
        if let Some(amount) = of.get(resource) {
            total.add(amount);
        }
    }
    total
}
