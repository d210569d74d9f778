//! Services and endpoint slices.

use super::{Described, NONE, Writer, items, or, plain_at, strings};
use crate::cluster::object::EndpointSlice;
use crate::cluster::object::endpoint_slice::SERVICE_NAME;
use crate::cluster::value::Value;

/// The most endpoints of a port that are named.
const NAMED_MAX: usize = 3;

impl Described<'_> {
    pub(super) fn service(&self, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
        let selector = self.value.at(&["spec", "selector"]).and_then(Value::as_map);
        let pairs = selector.into_iter().flat_map(|map| map.iter());
        let pairs: Vec<String> = pairs
            .map(|(key, value)| format!("{key}={}", super::plain(value)))
            .collect();
        out.field(0, "Selector", &or(&pairs.join(","), NONE));
        out.field(0, "Type", self.text(&["spec", "type"]));
        out.field(
            0,
            "IP Family Policy",
            self.text(&["spec", "ipFamilyPolicy"]),
        );
        let families = strings(self.value, &["spec", "ipFamilies"]).join(",");
        out.field(0, "IP Families", &or(&families, NONE));
        out.field(0, "IP", self.text(&["spec", "clusterIP"]));
        let ips = strings(self.value, &["spec", "clusterIPs"]).join(",");
        out.field(0, "IPs", &or(&ips, NONE));
        if let Some(name) = self.value.str_at(&["spec", "externalName"]) {
            out.field(0, "External Name", name);
        }
        for port in items(self.value, &["spec", "ports"]) {
            let name = or(&plain_at(port, &["name"]), "<unset>");
            let protocol = plain_at(port, &["protocol"]);
            let number = plain_at(port, &["port"]);
            out.field(0, "Port", &format!("{name}\t{number}/{protocol}"));
            let target = plain_at(port, &["targetPort"]);
            out.field(0, "TargetPort", &format!("{target}/{protocol}"));
            if let Some(node_port) = port.get("nodePort") {
                let node_port = super::plain(node_port);
                out.field(0, "NodePort", &format!("{name}\t{node_port}/{protocol}"));
            }
            out.field(0, "Endpoints", &self.endpoints(&plain_at(port, &["name"])));
        }
        out.field(
            0,
            "Session Affinity",
            self.text(&["spec", "sessionAffinity"]),
        );
        for (key, field) in [
            ("External Traffic Policy", "externalTrafficPolicy"),
            ("Internal Traffic Policy", "internalTrafficPolicy"),
        ] {
            if let Some(policy) = self.value.str_at(&["spec", field]) {
                out.field(0, key, policy);
            }
        }
    }

    /// The ready endpoints of a port, in the order of the slices.
    fn endpoints(&self, port: &str) -> String {
        let meta = self.object.meta();
        let all = self
            .cluster
            .api
            .store
            .list_in::<EndpointSlice>(&meta.namespace);
        let own: Vec<&EndpointSlice> = all
            .filter(|it| it.meta.label(SERVICE_NAME) == Some(&meta.name))
            .collect();
        if own.is_empty() {
            return NONE.to_owned();
        }
        let (mut ready, mut unready) = (Vec::new(), false);
        for slice in own {
            let mut ports = slice.ports.iter();
            let found = ports.find(|it| it.name.as_deref().unwrap_or_default() == port);
            let Some(number) = found.and_then(|it| it.port) else {
                continue;
            };
            for endpoint in slice.endpoints.iter() {
                if endpoint.conditions.ready == Some(false) {
                    unready = true;
                    continue;
                }
                ready.extend(endpoint.addresses.iter().map(|ip| format!("{ip}:{number}")));
            }
        }
        let named: Vec<&str> = ready.iter().take(NAMED_MAX).map(|it| &**it).collect();
        let more = ready.len().saturating_sub(NAMED_MAX);
        if more > 0 || (unready && ready.len() == NAMED_MAX) {
            return format!("{} + {more} more...", named.join(","));
        }
        named.join(",")
    }

    pub(super) fn slice(&self, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
        out.field(0, "AddressType", self.text(&["addressType"]));
        let ports = items(self.value, &["ports"]);
        if ports.is_empty() {
            out.line(0, "Ports: <unset>");
        } else {
            out.line(0, "Ports:");
            out.line(1, "Name\tPort\tProtocol");
            out.line(1, "----\t----\t--------");
            for port in ports {
                out.line(
                    1,
                    &format!(
                        "{}\t{}\t{}",
                        or(&plain_at(port, &["name"]), "<unset>"),
                        or(&plain_at(port, &["port"]), "<unset>"),
                        plain_at(port, &["protocol"])
                    ),
                );
            }
        }
        let endpoints = items(self.value, &["endpoints"]);
        if endpoints.is_empty() {
            out.line(0, "Endpoints: <none>");
            return;
        }
        out.line(0, "Endpoints:");
        for endpoint in endpoints {
            out.line(
                1,
                &format!(
                    "- Addresses:\t{}",
                    strings(endpoint, &["addresses"]).join(", ")
                ),
            );
            out.line(2, "Conditions:");
            let ready = plain_at(endpoint, &["conditions", "ready"]);
            out.field(3, "Ready", &or(&ready, "<unset>"));
            out.field(
                2,
                "Hostname",
                &or(&plain_at(endpoint, &["hostname"]), "<unset>"),
            );
            if endpoint.get("targetRef").is_some() {
                let kind = plain_at(endpoint, &["targetRef", "kind"]);
                let name = plain_at(endpoint, &["targetRef", "name"]);
                out.field(2, "TargetRef", &format!("{kind}/{name}"));
            }
            out.field(
                2,
                "NodeName",
                &or(&plain_at(endpoint, &["nodeName"]), "<unset>"),
            );
            out.field(2, "Zone", &or(&plain_at(endpoint, &["zone"]), "<unset>"));
        }
    }
}
