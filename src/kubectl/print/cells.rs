//! The columns of each kind, and its cells (reference 8.2).

use super::human;
use crate::cluster::object::{Kind, Object, Pod};
use crate::cluster::time::Time;
use crate::cluster::value::Value;
use crate::kubectl::status::{pod_ready, pod_restarts, pod_status};

/// The most endpoints and ports that a cell names.
const NAMED_MAX: usize = 3;
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

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
    let shown = Shown { value: &value, now };
    let name = shown_name(object).unwrap_or_else(|| object.meta().name.to_string());
    let mut cells = match object {
        Object::Pod(pod) => shown.pod(pod),
        _ => shown.plain(object.kind(), wide),
    };
    if wide {
        cells.extend(shown.more(object.kind()));
    }
    if object.kind() != Kind::Event {
        cells.insert(0, name);
    }
    cells
}

/// An object on its way into a row.
struct Shown<'a> {
    value: &'a Value,
    now: Time,
}

impl Shown<'_> {
    fn text(&self, path: &[&str]) -> String {
        self.value.str_at(path).unwrap_or_default().to_owned()
    }

    fn or(&self, path: &[&str], empty: &str) -> String {
        match self.text(path) {
            text if text.is_empty() => empty.to_owned(),
            text => text,
        }
    }

    fn int(&self, path: &[&str]) -> i64 {
        self.value.at(path).and_then(Value::as_int).unwrap_or(0)
    }

    fn items(&self, path: &[&str]) -> &[Value] {
        self.value
            .at(path)
            .and_then(Value::as_list)
            .unwrap_or_default()
    }

    fn since(&self, text: &str) -> String {
        match Time::parse(text) {
            Some(time) => human(self.now.ms_since(time)),
            None => "<unknown>".to_owned(),
        }
    }

    fn age(&self) -> String {
        self.since(&self.text(&["metadata", "creationTimestamp"]))
    }

    fn pod(&self, pod: &Pod) -> Vec<String> {
        let (ready, all) = pod_ready(pod);
        let restarts = pod_restarts(pod);
        let last = pod.status.container_statuses.iter().filter_map(|it| {
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
            self.age(),
        ]
    }

    fn plain(&self, kind: Kind, wide: bool) -> Vec<String> {
        let count = |path: &[&str]| self.int(path).to_string();
        match kind {
            Kind::StatefulSet => vec![
                format!(
                    "{}/{}",
                    self.int(&["status", "readyReplicas"]),
                    self.int(&["spec", "replicas"])
                ),
                self.age(),
            ],
            Kind::Deployment => vec![
                format!(
                    "{}/{}",
                    self.int(&["status", "readyReplicas"]),
                    self.int(&["spec", "replicas"])
                ),
                count(&["status", "updatedReplicas"]),
                count(&["status", "availableReplicas"]),
                self.age(),
            ],
            Kind::ReplicaSet => vec![
                count(&["spec", "replicas"]),
                count(&["status", "replicas"]),
                count(&["status", "readyReplicas"]),
                self.age(),
            ],
            Kind::PersistentVolumeClaim => self.claim(),
            Kind::PersistentVolume => self.volume(),
            Kind::StorageClass => vec![
                self.text(&["provisioner"]),
                self.text(&["reclaimPolicy"]),
                self.text(&["volumeBindingMode"]),
                (self.value.at(&["allowVolumeExpansion"]) == Some(&Value::Bool(true))).to_string(),
                self.age(),
            ],
            Kind::Service => self.service(),
            Kind::Endpoints => vec![self.endpoints(), self.age()],
            Kind::EndpointSlice => self.slice(),
            Kind::ControllerRevision => vec![self.controller(), count(&["revision"]), self.age()],
            Kind::Node => self.node(),
            Kind::Event => self.event(wide),
            Kind::Namespace => vec![self.or(&["status", "phase"], "Active"), self.age()],
            Kind::ConfigMap => vec![self.data(), self.age()],
            Kind::Secret => vec![self.text(&["type"]), self.data(), self.age()],
            Kind::PodDisruptionBudget => {
                let bound = |field| match self.value.at(&["spec", field]) {
                    Some(Value::Text(text)) => text.to_string(),
                    Some(other) => other.to_json(),
                    None => "N/A".to_owned(),
                };
                vec![
                    bound("minAvailable"),
                    bound("maxUnavailable"),
                    count(&["status", "disruptionsAllowed"]),
                    self.age(),
                ]
            }
            _ => vec![self.age()],
        }
    }

    /// The cells that `-o wide` adds.
    fn more(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::Pod => vec![
                self.or(&["status", "podIP"], "<none>"),
                self.or(&["spec", "nodeName"], "<none>"),
                self.or(&["status", "nominatedNodeName"], "<none>"),
                "<none>".to_owned(),
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
                    found.unwrap_or("<none>").to_owned()
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

    fn containers(&self) -> Vec<String> {
        let containers = self.items(&["spec", "template", "spec", "containers"]);
        let each = |field: &str| {
            let texts = containers.iter().filter_map(|it| it.str_at(&[field]));
            texts.collect::<Vec<_>>().join(",")
        };
        vec![each("name"), each("image")]
    }

    fn pairs(&self, path: &[&str]) -> String {
        let map = self.value.at(path).and_then(Value::as_map);
        let pairs = map.into_iter().flat_map(|map| map.iter());
        let pairs: Vec<String> = pairs
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        match pairs.is_empty() {
            true => "<none>".to_owned(),
            false => pairs.join(","),
        }
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

    fn modes(&self, path: &[&str]) -> String {
        let has = |mode: &str| self.items(path).iter().any(|it| it.as_str() == Some(mode));
        let short = [
            ("ReadWriteOnce", "RWO"),
            ("ReadOnlyMany", "ROX"),
            ("ReadWriteMany", "RWX"),
            ("ReadWriteOncePod", "RWOP"),
        ];
        let found = short
            .iter()
            .filter(|(mode, _)| has(mode))
            .map(|(_, short)| *short);
        found.collect::<Vec<_>>().join(",")
    }

    fn claim(&self) -> Vec<String> {
        let volume = self.text(&["spec", "volumeName"]);
        let status = match self.value.at(&["metadata", "deletionTimestamp"]) {
            Some(_) => "Terminating".to_owned(),
            None => self.text(&["status", "phase"]),
        };
        let (capacity, modes) = match volume.is_empty() {
            true => (String::new(), String::new()),
            false => (
                self.text(&["status", "capacity", "storage"]),
                self.modes(&["status", "accessModes"]),
            ),
        };
        vec![
            status,
            volume,
            capacity,
            modes,
            self.text(&["spec", "storageClassName"]),
            self.or(&["spec", "volumeAttributesClassName"], "<unset>"),
            self.age(),
        ]
    }

    fn volume(&self) -> Vec<String> {
        let claim = match self.text(&["spec", "claimRef", "name"]) {
            name if name.is_empty() => String::new(),
            name => format!("{}/{name}", self.text(&["spec", "claimRef", "namespace"])),
        };
        let status = match self.value.at(&["metadata", "deletionTimestamp"]) {
            Some(_) => "Terminating".to_owned(),
            None => self.text(&["status", "phase"]),
        };
        vec![
            self.text(&["spec", "capacity", "storage"]),
            self.modes(&["spec", "accessModes"]),
            self.text(&["spec", "persistentVolumeReclaimPolicy"]),
            status,
            claim,
            self.text(&["spec", "storageClassName"]),
            self.or(&["spec", "volumeAttributesClassName"], "<unset>"),
            self.text(&["status", "reason"]),
            self.age(),
        ]
    }

    fn service(&self) -> Vec<String> {
        let ports = self.items(&["spec", "ports"]).iter().map(|port| {
            let number = |field: &str| port.get(field).and_then(Value::as_int).unwrap_or(0);
            let protocol = port.str_at(&["protocol"]).unwrap_or("TCP");
            match number("nodePort") {
                0 => format!("{}/{protocol}", number("port")),
                node => format!("{}:{node}/{protocol}", number("port")),
            }
        });
        let ports: Vec<String> = ports.collect();
        let kind = self.or(&["spec", "type"], "ClusterIP");
        let external = match &*kind {
            "LoadBalancer" => "<pending>".to_owned(),
            "ExternalName" => self.text(&["spec", "externalName"]),
            _ => "<none>".to_owned(),
        };
        vec![
            kind,
            self.or(&["spec", "clusterIP"], "<none>"),
            external,
            match ports.is_empty() {
                true => "<none>".to_owned(),
                false => ports.join(","),
            },
            self.age(),
        ]
    }

    fn endpoints(&self) -> String {
        let subsets = self.items(&["subsets"]);
        if subsets.is_empty() {
            return "<none>".to_owned();
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
            self.age(),
        ]
    }

    fn controller(&self) -> String {
        let owners = self.items(&["metadata", "ownerReferences"]).iter();
        let mut controllers = owners.filter(|it| it.get("controller") == Some(&Value::Bool(true)));
        let Some(owner) = controllers.next() else {
            return "<none>".to_owned();
        };
        let word = |field: &str| owner.str_at(&[field]).unwrap_or_default();
        let group = word("apiVersion")
            .split_once('/')
            .map_or("", |(group, _)| group);
        let kind = word("kind").to_lowercase();
        match group.is_empty() {
            true => format!("{kind}/{}", word("name")),
            false => format!("{kind}.{group}/{}", word("name")),
        }
    }

    fn node(&self) -> Vec<String> {
        let conditions = self.items(&["status", "conditions"]).iter();
        let mut ready = conditions.filter(|it| it.str_at(&["type"]) == Some("Ready"));
        let mut status = match ready.next().and_then(|it| it.str_at(&["status"])) {
            Some("True") => "Ready",
            Some(_) => "NotReady",
            None => "Unknown",
        }
        .to_owned();
        if self.value.at(&["spec", "unschedulable"]) == Some(&Value::Bool(true)) {
            status.push_str(",SchedulingDisabled");
        }
        vec![
            status,
            "<none>".to_owned(),
            self.age(),
            self.text(&["status", "nodeInfo", "kubeletVersion"]),
        ]
    }

    fn event(&self, wide: bool) -> Vec<String> {
        let first = self.or(&["firstTimestamp"], &self.text(&["eventTime"]));
        let last = self.or(&["lastTimestamp"], &first);
        let object = format!(
            "{}/{}",
            self.text(&["involvedObject", "kind"]).to_lowercase(),
            self.text(&["involvedObject", "name"])
        );
        let (kind, reason, message) = (
            self.text(&["type"]),
            self.text(&["reason"]),
            self.text(&["message"]),
        );
        let message = message.trim().to_owned();
        if !wide {
            return vec![self.since(&last), kind, reason, object, message];
        }
        let component = self.or(
            &["source", "component"],
            &self.text(&["reportingComponent"]),
        );
        let host = self.or(&["source", "host"], &self.text(&["reportingInstance"]));
        let source = match host.is_empty() {
            true => component,
            false => format!("{component}, {host}"),
        };
        vec![
            self.since(&last),
            kind,
            reason,
            object,
            self.text(&["involvedObject", "fieldPath"]),
            source,
            message,
            self.since(&first),
            self.int(&["count"]).max(1).to_string(),
            self.text(&["metadata", "name"]),
        ]
    }
}

/// The first of a list, and how many more there are.
fn named(all: &[String]) -> String {
    let first: Vec<&str> = all.iter().take(NAMED_MAX).map(|it| &**it).collect();
    match all.len().checked_sub(NAMED_MAX) {
        None | Some(0) => first.join(","),
        Some(more) => format!("{} + {more} more...", first.join(",")),
    }
}

/// The name that a default storage class is shown by.
fn shown_name(object: &Object) -> Option<String> {
    let is_default = object.meta().annotation(DEFAULT_CLASS) == Some("true");
    let is_class = object.kind() == Kind::StorageClass;
    (is_class && is_default).then(|| format!("{} (default)", object.meta().name))
}
