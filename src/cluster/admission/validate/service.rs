//! Services (`ValidateService`).

use super::meta;
use crate::cluster::admission::text;
use crate::cluster::error::Causes;
use crate::cluster::json::IntOrString;
use crate::cluster::object::Service;
use crate::cluster::value::{Text, Value};

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

/// Checks a Service.
pub(super) fn check(service: &Service, causes: &mut Causes) {
    let spec = &*service.spec;
    let external = &*spec.kind == "ExternalName";
    if spec.ports.is_empty() && !service.is_headless() && !external {
        causes.required("spec.ports", "");
    }
    match &*spec.kind {
        "LoadBalancer" | "NodePort" if service.is_headless() => {
            let detail = format!("may not be set to 'None' for {} services", spec.kind);
            causes.invalid_text("spec.clusterIPs[0]", "None", &detail);
        }
        "ExternalName" if spec.external_name.is_empty() => causes.required("spec.externalName", ""),
        _ => {}
    }
    let several = spec.ports.len() > 1;
    let mut names: Vec<&Text> = Vec::new();
    for (index, port) in spec.ports.iter().enumerate() {
        let at = format!("spec.ports[{index}]");
        if several && port.name.is_empty() {
            causes.required(&format!("{at}.name"), "");
        } else if !port.name.is_empty() {
            for fault in text::label(&port.name) {
                causes.invalid_text(&format!("{at}.name"), &port.name, &fault);
            }
            if names.contains(&&port.name) {
                causes.duplicate(&format!("{at}.name"), &Value::Text(port.name.clone()));
            }
            names.push(&port.name);
        }
        if let Some(fault) = text::port(port.port.into()) {
            causes.invalid(&format!("{at}.port"), &Value::Int(port.port.into()), fault);
        }
        if !matches!(&*port.protocol, "SCTP" | "TCP" | "UDP") {
            causes.unsupported(
                &format!("{at}.protocol"),
                &port.protocol,
                &["SCTP", "TCP", "UDP"],
            );
        }
        match &port.target_port {
            Some(IntOrString::Int(number)) => {
                if let Some(fault) = text::port(*number) {
                    causes.invalid(&format!("{at}.targetPort"), &Value::Int(*number), fault);
                }
            }
            Some(IntOrString::Text(name)) => {
                for fault in text::port_name(name) {
                    causes.invalid_text(&format!("{at}.targetPort"), name, &fault);
                }
            }
            None => {}
        }
    }
    if !matches!(&*spec.cluster_ip, "" | "None") && !text::is_address(&spec.cluster_ip) {
        let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        causes.invalid_text("spec.clusterIPs[0]", &spec.cluster_ip, detail);
    }
    meta::labels(&spec.selector, format_args!("spec.selector"), causes);
    if !matches!(&*spec.session_affinity, "ClientIP" | "None") {
        causes.unsupported(
            "spec.sessionAffinity",
            &spec.session_affinity,
            &["ClientIP", "None"],
        );
    }
    if !TYPES.contains(&&*spec.kind) {
        causes.unsupported("spec.type", &spec.kind, &TYPES);
    }
    duplicate_ports(service, causes);
}

fn duplicate_ports(service: &Service, causes: &mut Causes) {
    for (index, port) in service.spec.ports.iter().enumerate() {
        let same = |other: &crate::cluster::object::service::ServicePort| {
            other.port == port.port && other.protocol == port.protocol
        };
        if service.spec.ports.iter().take(index).any(same) {
            let value = Value::map([
                ("port", Value::Int(port.port.into())),
                ("protocol", Value::Text(port.protocol.clone())),
            ]);
            causes.duplicate(&format!("spec.ports[{index}]"), &value);
        }
    }
}

/// What may not change on a Service (reference 7.2, row 67).
pub(super) fn update(new: &Service, old: &Service, causes: &mut Causes) {
    let both = |kind: &str| &*new.spec.kind != kind && &*old.spec.kind != kind;
    if both("ExternalName") && new.spec.cluster_ip != old.spec.cluster_ip {
        let value = Value::List(vec![Value::Text(new.spec.cluster_ip.clone())]);
        causes.invalid("spec.clusterIPs[0]", &value, "may not change once set");
    }
}
