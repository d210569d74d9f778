//! The columns of each kind, and its cells (reference 8.2).

use super::{NONE, age, fields, human, joined, named, or};
use crate::cluster::object::{
    Event, Kind, Object, PersistentVolume, PersistentVolumeClaim, Pod, Service,
};
use crate::cluster::time::Time;
use crate::cluster::value::Value;
use crate::kubectl::describe::roles;
use crate::kubectl::status::{
    access_modes, claim_status, counted, node_status, pod_ready, pod_restarts, pod_status,
    service_ports,
};

/// The headers of each kind: those that are always there, and those that `-o wide` adds. A blank in one is a `_`.
const HEADERS: &[(Kind, &str, &str)] = &[
    (
        Kind::Pod,
        "NAME READY STATUS RESTARTS AGE",
        "IP NODE NOMINATED_NODE READINESS_GATES",
    ),
    (Kind::StatefulSet, "NAME READY AGE", "CONTAINERS IMAGES"),
    (
        Kind::PersistentVolumeClaim,
        "NAME STATUS VOLUME CAPACITY ACCESS_MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE",
        "VOLUMEMODE",
    ),
    (
        Kind::PersistentVolume,
        "NAME CAPACITY ACCESS_MODES RECLAIM_POLICY STATUS CLAIM STORAGECLASS VOLUMEATTRIBUTESCLASS REASON AGE",
        "VOLUMEMODE",
    ),
    (
        Kind::StorageClass,
        "NAME PROVISIONER RECLAIMPOLICY VOLUMEBINDINGMODE ALLOWVOLUMEEXPANSION AGE",
        "",
    ),
    (
        Kind::Service,
        "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE",
        "SELECTOR",
    ),
    (Kind::Endpoints, "NAME ENDPOINTS AGE", ""),
    (
        Kind::EndpointSlice,
        "NAME ADDRESSTYPE PORTS ENDPOINTS AGE",
        "",
    ),
    (
        Kind::ReplicaSet,
        "NAME DESIRED CURRENT READY AGE",
        "CONTAINERS IMAGES SELECTOR",
    ),
    (
        Kind::Deployment,
        "NAME READY UP-TO-DATE AVAILABLE AGE",
        "CONTAINERS IMAGES SELECTOR",
    ),
    (Kind::ControllerRevision, "NAME CONTROLLER REVISION AGE", ""),
    (
        Kind::Node,
        "NAME STATUS ROLES AGE VERSION",
        "INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME",
    ),
    (Kind::Event, "LAST_SEEN TYPE REASON OBJECT MESSAGE", ""),
    (Kind::Namespace, "NAME STATUS AGE", ""),
    (Kind::ConfigMap, "NAME DATA AGE", ""),
    (Kind::Secret, "NAME TYPE DATA AGE", ""),
    (Kind::ServiceAccount, "NAME AGE", ""),
    (
        Kind::PodDisruptionBudget,
        "NAME MIN_AVAILABLE MAX_UNAVAILABLE ALLOWED_DISRUPTIONS AGE",
        "",
    ),
];
/// Events have other columns between theirs.
const WIDE_EVENT: &str =
    "LAST_SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST_SEEN COUNT NAME";

/// The headers of a kind; `-o wide` has more.
pub(crate) fn headers(kind: Kind, wide: bool) -> Vec<String> {
    let known = HEADERS.iter().find(|(it, ..)| *it == kind);
    let (plain, more) = known.map_or(("NAME AGE", ""), |(_, plain, more)| (*plain, *more));
    let (plain, more) = match (kind, wide) {
        (Kind::Event, true) => (WIDE_EVENT, ""),
        (_, true) => (plain, more),
        (_, false) => (plain, ""),
    };
    let all = plain.split(' ').chain(more.split(' '));
    all.filter(|it| !it.is_empty())
        .map(|it| it.replace('_', " "))
        .collect()
}

/// The cells of an object at an instant.
pub(crate) fn cells(object: &Object, wide: bool, now: Time) -> Vec<String> {
    let value = object.to_value();
    let shown = Shown {
        object,
        value: &value,
        now,
    };
    let mut cells = shown.plain(wide);
    if wide {
        cells.extend(shown.more(object.kind()));
    }
    if object.kind() != Kind::Event {
        cells.insert(0, shown_name(object));
    }
    cells
}

/// An object on its way into a row.
struct Shown<'a> {
    object: &'a Object,
    value: &'a Value,
    now: Time,
}

impl Shown<'_> {
    fn text(&self, path: &[&str]) -> String {
        self.value.str_at(path).unwrap_or_default().to_owned()
    }

    fn or(&self, path: &[&str], empty: &str) -> String {
        or(&self.text(path), empty)
    }

    fn int(&self, path: &[&str]) -> i64 {
        self.value.at(path).and_then(Value::as_int).unwrap_or(0)
    }

    fn items(&self, path: &[&str]) -> &[Value] {
        self.value.list_at(path)
    }

    fn age(&self) -> String {
        age(self.object.meta().created, self.now)
    }

    fn pod(&self, pod: &Pod) -> Vec<String> {
        let (ready, all) = pod_ready(pod);
        let restarts = pod_restarts(pod);
        let last = counted(pod).filter_map(|it| {
            let ended = it.last_state.terminated.as_ref()?;
            ended.finished_at
        });
        let restarts = match last.max() {
            Some(last) if restarts > 0 => {
                format!("{restarts} ({} ago)", human(self.now.ms_since(last)))
            }
            _ => restarts.to_string(),
        };
        vec![
            format!("{ready}/{all}"),
            pod_status(pod).to_string(),
            restarts,
        ]
    }

    fn plain(&self, wide: bool) -> Vec<String> {
        let count = |path: &[&str]| self.int(path).to_string();
        let ready = || {
            let (ready, all) = (
                self.int(&["status", "readyReplicas"]),
                self.int(&["spec", "replicas"]),
            );
            format!("{ready}/{all}")
        };
        let mut cells = match self.object {
            Object::StatefulSet(_) => vec![ready()],
            Object::Deployment(_) => vec![
                ready(),
                count(&["status", "updatedReplicas"]),
                count(&["status", "availableReplicas"]),
            ],
            Object::ReplicaSet(_) => vec![
                count(&["spec", "replicas"]),
                count(&["status", "replicas"]),
                count(&["status", "readyReplicas"]),
            ],
            Object::PersistentVolumeClaim(it) => self.claim(it),
            Object::PersistentVolume(it) => self.volume(it),
            Object::StorageClass(it) => vec![
                self.text(&["provisioner"]),
                self.text(&["reclaimPolicy"]),
                self.text(&["volumeBindingMode"]),
                (it.allow_volume_expansion == Some(true)).to_string(),
            ],
            Object::Service(it) => self.service(it),
            Object::Endpoints(_) => vec![self.endpoints()],
            Object::EndpointSlice(_) => self.slice(),
            Object::ControllerRevision(_) => vec![self.controller(), count(&["revision"])],
            Object::Node(it) => vec![node_status(it), roles(self.value)],
            Object::Event(it) => return self.event(it, wide),
            Object::Plain(it) => self.of_plain_kind(it.kind),
            Object::Pod(it) => self.pod(it),
        };
        cells.push(self.age());
        // Of all kinds this one alone has a column behind its age.
        if matches!(self.object, Object::Node(_)) {
            cells.push(self.text(&["status", "nodeInfo", "kubeletVersion"]));
        }
        cells
    }

    fn of_plain_kind(&self, kind: Kind) -> Vec<String> {
        let bound = |field| or(&self.value.plain_at(&["spec", field]), "N/A");
        match kind {
            Kind::Namespace => vec![self.or(&["status", "phase"], "Active")],
            Kind::ConfigMap => vec![self.data()],
            Kind::Secret => vec![self.text(&["type"]), self.data()],
            Kind::PodDisruptionBudget => vec![
                bound("minAvailable"),
                bound("maxUnavailable"),
                self.int(&["status", "disruptionsAllowed"]).to_string(),
            ],
            _ => Vec::new(),
        }
    }

    /// The cells that `-o wide` adds.
    fn more(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::Pod => vec![
                self.or(&["status", "podIP"], NONE),
                self.or(&["spec", "nodeName"], NONE),
                self.or(&["status", "nominatedNodeName"], NONE),
                self.gates(),
            ],
            Kind::StatefulSet => self.containers(),
            Kind::ReplicaSet | Kind::Deployment => {
                let mut cells = self.containers();
                cells.push(self.pairs(&["spec", "selector", "matchLabels"]));
                cells
            }
            Kind::PersistentVolumeClaim | Kind::PersistentVolume => {
                vec![self.or(&["spec", "volumeMode"], "<unset>")]
            }
            Kind::Service => vec![self.pairs(&["spec", "selector"])],
            Kind::Node => {
                let address = |kind: &str| {
                    let addresses = self.items(&["status", "addresses"]).iter();
                    let found = addresses.filter(|it| it.str_at(&["type"]) == Some(kind));
                    let found = found.filter_map(|it| it.str_at(&["address"])).next();
                    found.unwrap_or(NONE).to_owned()
                };
                let info = |field| self.or(&["status", "nodeInfo", field], "<unknown>");
                let machine = self.text(&["status", "nodeInfo", "architecture"]);
                let kernel = match machine.is_empty() {
                    true => info("kernelVersion"),
                    false => format!("{} ({machine})", info("kernelVersion")),
                };
                vec![
                    address("InternalIP"),
                    address("ExternalIP"),
                    info("osImage"),
                    kernel,
                    info("containerRuntimeVersion"),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// How many of a pod's readiness gates are open: `0/1`.
    fn gates(&self) -> String {
        let gates = self.items(&["spec", "readinessGates"]);
        let conditions = self.items(&["status", "conditions"]);
        let is_open = |gate: &&Value| {
            let kind = gate.str_at(&["conditionType"]);
            let mut found = conditions.iter().filter(|it| it.str_at(&["type"]) == kind);
            found.next().and_then(|it| it.str_at(&["status"])) == Some("True")
        };
        match gates.len() {
            0 => NONE.to_owned(),
            all => format!("{}/{all}", gates.iter().filter(is_open).count()),
        }
    }

    fn containers(&self) -> Vec<String> {
        let containers = self.items(&["spec", "template", "spec", "containers"]);
        let each = |field: &str| {
            let texts = containers.iter().filter_map(|it| it.str_at(&[field]));
            texts.collect::<Vec<_>>().join(",")
        };
        vec![each("name"), each("image")]
    }

    fn pairs(&self, path: &[&str]) -> String {
        joined(fields(self.value, path))
    }

    fn data(&self) -> String {
        let entries = |field: &str| {
            self.value
                .get(field)
                .and_then(Value::as_map)
                .map_or(0, |it| it.len())
        };
        (entries("data") + entries("binaryData")).to_string()
    }

    fn claim(&self, claim: &PersistentVolumeClaim) -> Vec<String> {
        let volume = claim.spec.volume_name.to_string();
        let (capacity, modes) = match volume.is_empty() {
            true => (String::new(), String::new()),
            false => (
                self.or(&["status", "capacity", "storage"], "0"),
                access_modes(&claim.status.access_modes),
            ),
        };
        vec![
            claim_status(claim).to_owned(),
            volume,
            capacity,
            modes,
            self.text(&["spec", "storageClassName"]),
            self.or(&["spec", "volumeAttributesClassName"], "<unset>"),
        ]
    }

    fn volume(&self, volume: &PersistentVolume) -> Vec<String> {
        let claim = volume.spec.claim_ref.as_ref();
        let claim = claim.map(|it| format!("{}/{}", it.namespace, it.name));
        let status = match volume.meta.is_deleting() {
            true => "Terminating".to_owned(),
            false => self.text(&["status", "phase"]),
        };
        vec![
            self.text(&["spec", "capacity", "storage"]),
            access_modes(&volume.spec.access_modes),
            self.text(&["spec", "persistentVolumeReclaimPolicy"]),
            status,
            claim.unwrap_or_default(),
            self.text(&["spec", "storageClassName"]),
            self.or(&["spec", "volumeAttributesClassName"], "<unset>"),
            self.text(&["status", "reason"]),
        ]
    }

    fn service(&self, service: &Service) -> Vec<String> {
        let kind = or(&service.spec.kind, "ClusterIP");
        let external = match &*kind {
            "LoadBalancer" => "<pending>",
            "ExternalName" => &service.spec.external_name,
            _ => NONE,
        };
        let external = external.to_owned();
        vec![
            kind,
            or(&service.spec.cluster_ip, NONE),
            external,
            or(&service_ports(service), NONE),
        ]
    }

    fn endpoints(&self) -> String {
        let subsets = self.items(&["subsets"]);
        if subsets.is_empty() {
            return NONE.to_owned();
        }
        let mut all = Vec::new();
        for subset in subsets {
            let list = |field: &str| {
                subset
                    .get(field)
                    .and_then(Value::as_list)
                    .unwrap_or_default()
            };
            let ips = list("addresses").iter().filter_map(|it| it.str_at(&["ip"]));
            let ips: Vec<&str> = ips.collect();
            if list("ports").is_empty() {
                all.extend(ips.iter().map(|it| (*it).to_owned()));
            }
            for port in list("ports") {
                let port = port.get("port").and_then(Value::as_int).unwrap_or(0);
                all.extend(ips.iter().map(|ip| format!("{ip}:{port}")));
            }
        }
        named(&all)
    }

    fn slice(&self) -> Vec<String> {
        let unset = |all: Vec<String>| match all.is_empty() {
            true => "<unset>".to_owned(),
            false => named(&all),
        };
        let ports = self.items(&["ports"]).iter();
        let ports = ports
            .filter_map(|it| it.get("port")?.as_int())
            .map(|it| it.to_string());
        let endpoints = self.items(&["endpoints"]).iter();
        let endpoints = endpoints.flat_map(|it| {
            it.get("addresses")
                .and_then(Value::as_list)
                .unwrap_or_default()
        });
        let endpoints = endpoints.filter_map(Value::as_str).map(str::to_owned);
        vec![
            self.text(&["addressType"]),
            unset(ports.collect()),
            unset(endpoints.collect()),
        ]
    }

    fn controller(&self) -> String {
        let Some(owner) = self.object.meta().controller() else {
            return NONE.to_owned();
        };
        let kind = owner.kind.to_lowercase();
        match owner.api_version.split_once('/') {
            Some((group, _)) => format!("{kind}.{group}/{}", owner.name),
            None => format!("{kind}/{}", owner.name),
        }
    }

    fn event(&self, event: &Event, wide: bool) -> Vec<String> {
        let seen = |time| age(time, self.now);
        let object = format!(
            "{}/{}",
            event.involved.kind.to_lowercase(),
            event.involved.name
        );
        let last = seen(event.last_seen());
        let (kind, reason) = (event.speaker.kind.to_string(), event.reason.to_string());
        let message = event.message.trim().to_owned();
        if !wide {
            return vec![last, kind, reason, object, message];
        }
        let host = or(
            &event.speaker.source.host,
            &event.speaker.reporting_instance,
        );
        let source = match host.is_empty() {
            true => event.component().to_string(),
            false => format!("{}, {host}", event.component()),
        };
        vec![
            last,
            kind,
            reason,
            object,
            event.involved.field_path.to_string(),
            source,
            message,
            seen(event.first_seen()),
            event.count.max(1).to_string(),
            event.meta.name.to_string(),
        ]
    }
}

/// The name in the first cell; the default class says that it is that.
fn shown_name(object: &Object) -> String {
    match object {
        Object::StorageClass(class) if class.is_default() => {
            format!("{} (default)", class.meta.name)
        }
        _ => object.meta().name.to_string(),
    }
}
