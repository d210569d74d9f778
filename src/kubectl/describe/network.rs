//! Services and endpoint slices.

use super::{Described, NONE, Writer, strings};
use crate::cluster::object::EndpointSlice;
use crate::cluster::object::endpoint_slice::SERVICE_NAME;
use crate::kubectl::print::{NAMED_MAX, fields, joined, named, or};

impl Described<'_> {
    pub(super) fn service(&self, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
        out.field(
            0,
            "Selector",
            &joined(fields(self.value, &["spec", "selector"])),
        );
        out.field(0, "Type", self.text(&["spec", "type"]));
        if let Some(policy) = self.value.str_at(&["spec", "ipFamilyPolicy"]) {
            out.field(0, "IP Family Policy", policy);
        }
        let families = strings(self.value, &["spec", "ipFamilies"]).join(",");
        out.field(0, "IP Families", &or(&families, NONE));
        out.field(0, "IP", self.text(&["spec", "clusterIP"]));
        let ips = strings(self.value, &["spec", "clusterIPs"]).join(",");
        out.field(0, "IPs", &or(&ips, NONE));
        if let Some(name) = self.value.str_at(&["spec", "externalName"]) {
            out.field(0, "External Name", name);
        }
        for port in self.value.list_at(&["spec", "ports"]) {
            let name = or(&port.plain_at(&["name"]), "<unset>");
            let protocol = port.plain_at(&["protocol"]);
            let number = port.plain_at(&["port"]);
            out.field(0, "Port", &format!("{name}\t{number}/{protocol}"));
            let target = port.plain_at(&["targetPort"]);
            out.field(0, "TargetPort", &format!("{target}/{protocol}"));
            if let Some(node_port) = port.get("nodePort") {
                let node_port = node_port.plain();
                out.field(0, "NodePort", &format!("{name}\t{node_port}/{protocol}"));
            }
            out.field(0, "Endpoints", &self.endpoints(&port.plain_at(&["name"])));
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
        // An unready one behind the last that is named is said as well.
        match unready && ready.len() == NAMED_MAX {
            true => format!("{} + 0 more...", named(&ready)),
            false => named(&ready),
        }
    }

    pub(super) fn slice(&self, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
        out.field(0, "AddressType", self.text(&["addressType"]));
        let ports = self.value.list_at(&["ports"]);
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
                        or(&port.plain_at(&["name"]), "<unset>"),
                        or(&port.plain_at(&["port"]), "<unset>"),
                        port.plain_at(&["protocol"])
                    ),
                );
            }
        }
        let endpoints = self.value.list_at(&["endpoints"]);
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
            let ready = endpoint.plain_at(&["conditions", "ready"]);
            out.field(3, "Ready", &or(&ready, "<unset>"));
            out.field(
                2,
                "Hostname",
                &or(&endpoint.plain_at(&["hostname"]), "<unset>"),
            );
            if endpoint.get("targetRef").is_some() {
                let kind = endpoint.plain_at(&["targetRef", "kind"]);
                let name = endpoint.plain_at(&["targetRef", "name"]);
                out.field(2, "TargetRef", &format!("{kind}/{name}"));
            }
            out.field(
                2,
                "NodeName",
                &or(&endpoint.plain_at(&["nodeName"]), "<unset>"),
            );
            out.field(2, "Zone", &or(&endpoint.plain_at(&["zone"]), "<unset>"));
        }
    }
}
