//! Service (reference 1.7).

use std::rc::Rc;

use super::meta::Labels;
use crate::cluster::json::IntOrString;
use crate::cluster::value::{Text, Value};
use crate::{json_struct, resource};

resource! {
    /// A name for a changing set of pods.
    pub struct Service {
        /// What is wanted; shared between versions.
        spec: Rc<ServiceSpec> = "spec" always,
        /// What a load balancer reported: nothing here.
        status: Value = "status",
    }
}

json_struct! {
    /// What a Service shall be.
    pub struct ServiceSpec {
        /// Its ports.
        ports: Vec<ServicePort> = "ports",
        /// The labels of its pods.
        selector: Labels = "selector",
        /// Its address; `None` makes it headless.
        cluster_ip: Text = "clusterIP",
        /// The same as a list.
        cluster_ips: Vec<Text> = "clusterIPs",
        /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
        kind: Text = "type",
        /// `None` or `ClientIP`.
        session_affinity: Text = "sessionAffinity",
        /// The name that an `ExternalName` stands for.
        external_name: Text = "externalName",
        /// Whether pods are listed before they are Ready.
        publish_not_ready: bool = "publishNotReadyAddresses",
        /// Where traffic from inside goes.
        internal_traffic_policy: Option<Text> = "internalTrafficPolicy",
        /// Where traffic from outside goes.
        external_traffic_policy: Text = "externalTrafficPolicy",
        /// Families of its addresses.
        ip_families: Vec<Text> = "ipFamilies",
        /// One family or two.
        ip_family_policy: Option<Text> = "ipFamilyPolicy",
        /// Whether a load balancer gets node ports.
        allocate_node_ports: Option<bool> = "allocateLoadBalancerNodePorts",
    }
}

json_struct! {
    /// One port of a Service.
    pub struct ServicePort {
        /// Its name.
        name: Text = "name",
        /// TCP, UDP or SCTP.
        protocol: Text = "protocol",
        /// The port.
        port: i32 = "port" always,
        /// The pods' port, by number or name.
        target_port: Option<IntOrString> = "targetPort",
        /// The nodes' port.
        node_port: i32 = "nodePort",
    }
}

impl Service {
    /// Whether it has no address of its own.
    pub fn is_headless(&self) -> bool {
        &*self.spec.cluster_ip == "None"
    }

    /// Whether pods can stand behind it: it selects some and is no alias.
    pub fn has_endpoints(&self) -> bool {
        !self.spec.selector.is_empty() && &*self.spec.kind != "ExternalName"
    }
}
