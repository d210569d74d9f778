//! What a cluster has before anybody asks it for anything.

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::api::Api;
use super::config::{ClassConfig, KUBERNETES_VERSION};
use super::controller::namespace;
use super::json::IntOrString;
use super::object::node::{HOSTNAME, NodeAddress, NodeCondition, NodeStatus};
use super::object::service::{ServicePort, ServiceSpec};
use super::object::storage_class::DEFAULT_CLASS;
use super::object::{Kind, Meta, Node, Object, Plain, Resource as _, Service, StorageClass};
use super::quantity::Quantity;
use super::record::{Because, Component};
use super::time::Time;
use super::value::{Map, Text, Value};

const SYSTEM_NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Makes namespaces, the `kubernetes` Service, the nodes and the standard class, each as old as it shall look.
pub(super) fn furnish(api: &mut Api) {
    let config = Rc::clone(&api.config);
    let start = api.now;
    api.act_as(Component::ApiServer, Because::Start);
    at(api, api.system_start(), |api| {
        for name in SYSTEM_NAMESPACES {
            make_namespace(name, api);
        }
        make_kubernetes_service(api);
    });
    at(api, start.plus_ms(-config.setup_age_ms), |api| {
        for name in &config.namespaces {
            make_namespace(name, api);
        }
        let nodes = config.nodes.iter().filter_map(|it| node(&it.name, api));
        for node in nodes.collect::<Vec<_>>() {
            create(node.into_object(), api);
        }
        if let Some(class) = &config.standard_class {
            make_class(class, api);
        }
    });
    api.now = start;
}

fn at(api: &mut Api, time: Time, make: impl FnOnce(&mut Api)) {
    api.now = time;
    make(api);
}

/// Creates an object of the set-up.
fn create(object: Object, api: &mut Api) {
    let made = api.create(object);
    debug_assert!(made.is_ok(), "the set-up is valid: {made:?}");
}

fn make_namespace(name: &str, api: &mut Api) {
    let plain = Plain {
        kind: Kind::Namespace,
        meta: Meta::named("", name),
        body: Rc::new(Map::new()),
    };
    create(Object::Plain(plain), api);
    namespace::furnish(name, api);
}

fn make_kubernetes_service(api: &mut Api) {
    let port = ServicePort {
        name: "https".into(),
        port: 443,
        target_port: Some(IntOrString::Int(8443)),
        ..ServicePort::default()
    };
    let spec = ServiceSpec {
        ports: vec![port],
        cluster_ip: "10.96.0.1".into(),
        ..ServiceSpec::default()
    };
    let mut meta = Meta::named("default", "kubernetes");
    meta.set_label("component", "apiserver");
    meta.set_label("provider", "kubernetes");
    create(
        Service {
            meta,
            spec: Rc::new(spec),
            ..Service::default()
        }
        .into_object(),
        api,
    );
}

/// The condition of a node whose kubelet is well.
pub(super) fn ready() -> NodeCondition {
    NodeCondition {
        kind: "Ready".into(),
        status: "True".into(),
        reason: "KubeletReady".into(),
        message: "kubelet is posting ready status".into(),
        ..NodeCondition::default()
    }
}

/// A node of the configuration as its kubelet registers it: Ready, without taints; `None` if there is none of this
/// name.
pub(super) fn node(name: &str, api: &Api) -> Option<Node> {
    let mut nodes = api.config.nodes.iter().enumerate();
    let (index, config) = nodes.find(|(_, node)| &*node.name == name)?;
    let mut meta = Meta::named("", config.name.clone());
    meta.labels = Rc::new(config.labels.clone());
    meta.set_label(HOSTNAME, config.name.clone());
    let [a, b, c, d] = api.config.node_address_base;
    let offset = usize::from(d) + index;
    let address = format!("{a}.{b}.{}.{}", usize::from(c) + offset / 256, offset % 256);
    let pods = config.pods.to_string();
    let resources: SortedMap<Text, Quantity> = [
        ("cpu", &*config.cpu),
        ("memory", &config.memory),
        ("pods", &pods),
    ]
    .into_iter()
    .filter_map(|(name, amount)| Some((Text::from(name), Quantity::parse(amount)?)))
    .collect();
    let address_of = |kind: &str, address: &str| NodeAddress {
        kind: kind.into(),
        address: address.into(),
        ..NodeAddress::default()
    };
    let status = NodeStatus {
        capacity: resources.clone(),
        allocatable: resources,
        conditions: vec![ready()],
        addresses: vec![
            address_of("InternalIP", &address),
            address_of("Hostname", &config.name),
        ],
        info: software(),
        ..NodeStatus::default()
    };
    Some(Node {
        meta,
        status: Rc::new(status),
        ..Node::default()
    })
}

fn software() -> Value {
    Value::map([
        ("architecture", "amd64".into()),
        ("bootID", "".into()),
        ("containerRuntimeVersion", "containerd://2.2.0".into()),
        ("kernelVersion", "6.12.0".into()),
        ("kubeProxyVersion", "".into()),
        ("kubeletVersion", KUBERNETES_VERSION.into()),
        ("machineID", "".into()),
        ("operatingSystem", "linux".into()),
        ("osImage", "Debian GNU/Linux 13".into()),
        ("systemUUID", "".into()),
    ])
}

fn make_class(config: &ClassConfig, api: &mut Api) {
    let mut meta = Meta::named("", config.name.clone());
    meta.annotate(DEFAULT_CLASS, "true");
    let mode = if config.waits {
        "WaitForFirstConsumer"
    } else {
        "Immediate"
    };
    let class = StorageClass {
        meta,
        provisioner: config.provisioner.clone(),
        volume_binding_mode: Some(mode.into()),
        ..StorageClass::default()
    };
    create(class.into_object(), api);
}
