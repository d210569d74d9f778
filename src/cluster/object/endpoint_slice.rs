//! EndpointSlice, and Endpoints, its predecessor (reference 1.7).

use std::rc::Rc;

use crate::cluster::pieces::Pieces;
use crate::cluster::value::{Text, Value};
use crate::{json_struct, resource};

/// The label that names a slice's Service.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// The label that names who keeps a slice.
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// The label of what belongs to a headless Service.
pub const HEADLESS: &str = "service.kubernetes.io/headless";

resource! {
    /// Up to a hundred pods behind a Service.
    pub struct EndpointSlice {
        /// `IPv4`.
        address_type: Text = "addressType" always,
        /// The pods; shared between versions.
        endpoints: Pieces<Endpoint> = "endpoints" always,
        /// The ports that they all have.
        ports: Rc<[EndpointPort]> = "ports" always,
    }
}

json_struct! {
    /// One pod behind a Service.
    pub struct Endpoint {
        /// Its address.
        addresses: Vec<Text> = "addresses" always,
        /// Whether it takes requests.
        conditions: EndpointConditions = "conditions" always,
        /// Its name in DNS.
        hostname: Option<Text> = "hostname",
        /// The pod.
        target: Option<TargetRef> = "targetRef",
        /// The pod's node.
        node_name: Option<Text> = "nodeName",
        /// The node's zone.
        zone: Option<Text> = "zone",
    }
}

json_struct! {
    /// Whether an endpoint takes requests.
    pub struct EndpointConditions {
        /// It does, or its Service does not ask.
        ready: Option<bool> = "ready",
        /// It could.
        serving: Option<bool> = "serving",
        /// It is being stopped.
        terminating: Option<bool> = "terminating",
    }
}

json_struct! {
    /// The pod behind an endpoint.
    pub struct TargetRef {
        /// Always Pod.
        kind: Text = "kind",
        /// Its namespace.
        namespace: Text = "namespace",
        /// Its name.
        name: Text = "name",
        /// Its uid.
        uid: Text = "uid",
    }
}

json_struct! {
    /// One port of a slice.
    pub struct EndpointPort {
        /// Its name; empty for the only one.
        name: Option<Text> = "name",
        /// The port.
        port: Option<i32> = "port",
        /// TCP, UDP or SCTP.
        protocol: Option<Text> = "protocol",
    }
}

resource! {
    /// All pods behind a Service, in the form that EndpointSlices replaced.
    pub struct Endpoints {
        /// One subset for each list of ports.
        subsets: Rc<[EndpointSubset]> = "subsets",
    }
}

json_struct! {
    /// Addresses that share their ports.
    pub struct EndpointSubset {
        /// Those that are ready.
        addresses: Pieces<EndpointAddress> = "addresses",
        /// Those that are not.
        not_ready_addresses: Pieces<EndpointAddress> = "notReadyAddresses",
        /// The ports; each has `name`, `port` and `protocol`.
        ports: Rc<Value> = "ports",
    }
}

json_struct! {
    /// One address.
    pub struct EndpointAddress {
        /// The address.
        ip: Text = "ip" always,
        /// Its name in DNS.
        hostname: Text = "hostname",
        /// The pod's node.
        node_name: Option<Text> = "nodeName",
        /// The pod.
        target: Option<TargetRef> = "targetRef",
    }
}
