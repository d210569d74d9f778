//! Namespaces, ConfigMaps, Secrets, ServiceAccounts, disruption budgets and Endpoints.

use super::{Described, NONE, Writer, selector};
use crate::cluster::base64;
use crate::cluster::value::Value;
use crate::kubectl::print::or;

/// Endpoints name only so many addresses.
const ADDRESSES_MAX: usize = 10;

impl Described<'_> {
    fn top(&self, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
    }

    /// A namespace; its events are not told.
    pub(super) fn namespace(&self, out: &mut Writer) {
        self.top(out);
        out.field(0, "Status", self.text(&["status", "phase"]));
        out.lines("\nNo resource quota.\n\nNo LimitRange resource.");
    }

    fn entries<'a>(&'a self, field: &str) -> impl Iterator<Item = (&'a str, String)> {
        let map = self.value.get(field).and_then(Value::as_map);
        let all = map.into_iter().flat_map(|map| map.iter());
        all.map(|(key, value)| (&**key, value.plain()))
    }

    pub(super) fn config_map(&self, out: &mut Writer) {
        self.top(out);
        out.lines("\nData\n====");
        for (key, text) in self.entries("data") {
            out.lines(&format!("{key}:\n----\n{text}\n"));
        }
        out.lines("\nBinaryData\n====");
        for (key, text) in self.entries("binaryData") {
            let count = base64::decode(&text).map_or(0, |it| it.len());
            out.line(0, &format!("{key}: {count} bytes"));
        }
        out.line(0, "");
    }

    /// A Secret, whose values are not told, nor its events.
    pub(super) fn secret(&self, out: &mut Writer) {
        self.top(out);
        out.lines(&format!("\nType:\t{}\n\nData\n====", self.text(&["type"])));
        for (key, text) in self.entries("data") {
            let bytes = base64::decode(&text).unwrap_or_default();
            out.line(0, &format!("{key}:\t{} bytes", bytes.len()));
        }
    }

    pub(super) fn service_account(&self, out: &mut Writer) {
        self.top(out);
        let secrets = self.value.list_at(&["imagePullSecrets"]).iter();
        let mut names: Vec<String> = secrets.map(|it| it.plain_at(&["name"])).collect();
        if names.is_empty() {
            names.push(NONE.to_owned());
        }
        for (at, name) in names.iter().enumerate() {
            match at {
                0 => out.field(0, "Image pull secrets", name),
                _ => out.line(0, &format!("\t{name}")),
            }
        }
    }

    pub(super) fn disruption_budget(&self, out: &mut Writer) {
        self.head(out);
        for (key, field) in [
            ("Min available", "minAvailable"),
            ("Max unavailable", "maxUnavailable"),
        ] {
            if let Some(count) = self.value.at(&["spec", field]) {
                out.field(0, key, &count.plain());
                break;
            }
        }
        out.field(
            0,
            "Selector",
            &selector(self.value.at(&["spec", "selector"])),
        );
        out.line(0, "Status:");
        for (key, field) in [
            ("Allowed disruptions", "disruptionsAllowed"),
            ("Current", "currentHealthy"),
            ("Desired", "desiredHealthy"),
            ("Total", "expectedPods"),
        ] {
            let count = or(&self.value.plain_at(&["status", field]), "0");
            out.field(2, key, &count);
        }
    }

    pub(super) fn endpoints_object(&self, out: &mut Writer) {
        self.top(out);
        out.line(0, "Subsets:");
        for subset in self.value.list_at(&["subsets"]) {
            for (key, field) in [
                ("Addresses", "addresses"),
                ("NotReadyAddresses", "notReadyAddresses"),
            ] {
                let all = subset.list_at(&[field]).iter();
                let ips: Vec<&str> = all.filter_map(|it| it.str_at(&["ip"])).collect();
                let more = ips.len().saturating_sub(ADDRESSES_MAX);
                let mut text = or(
                    &ips.get(..ips.len() - more).unwrap_or_default().join(","),
                    NONE,
                );
                if more > 0 {
                    text.push_str(&format!(" + {more} more..."));
                }
                out.field(1, key, &text);
            }
            let ports = subset.list_at(&["ports"]);
            if !ports.is_empty() {
                out.line(1, "Ports:");
                out.line(2, "Name\tPort\tProtocol");
                out.line(2, "----\t----\t--------");
            }
            for port in ports {
                let cell = |field| port.plain_at(&[field]);
                let name = or(&cell("name"), "<unset>");
                out.line(
                    2,
                    &format!("{name}\t{}\t{}", cell("port"), cell("protocol")),
                );
            }
        }
        out.line(0, "");
    }
}

/// The roles of a node, by its labels.
pub(in crate::kubectl) fn roles(value: &Value) -> String {
    let labels = value.at(&["metadata", "labels"]).and_then(Value::as_map);
    let labels = labels.into_iter().flat_map(|map| map.iter());
    let mut roles: Vec<String> = labels
        .filter_map(
            |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
                Some(role) if !role.is_empty() => Some(role.to_owned()),
                _ => (&**key == "kubernetes.io/role").then(|| value.plain()),
            },
        )
        .filter(|it| !it.is_empty())
        .collect();
    crate::cluster::sorted::sort_by(&mut roles, |a, b| a.cmp(b));
    roles.dedup();
    or(&roles.join(","), NONE)
}
