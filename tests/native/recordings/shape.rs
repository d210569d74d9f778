//! Objects cut down to what recordings hold of them (`tests/recordings/README.md`, "A step").

use ordinal::cluster::object::{Kind, Object};
use ordinal::cluster::value::Value as Own;
use serde_json::{Map, Value, json};

/// The kinds whose state is recorded.
pub(super) const KINDS: &[Kind] = &[
    Kind::ControllerRevision,
    Kind::Deployment,
    Kind::EndpointSlice,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::ReplicaSet,
    Kind::Service,
    Kind::StatefulSet,
    Kind::StorageClass,
];

/// `statefulset/web`, with ` -n ns` outside of default.
pub(super) fn key(object: &Object) -> String {
    let meta = object.meta();
    let base = format!("{}/{}", object.kind().name().to_lowercase(), meta.name);
    let elsewhere = object.kind().is_namespaced() && &*meta.namespace != "default";
    if elsewhere {
        format!("{base} -n {}", meta.namespace)
    } else {
        base
    }
}

/// An object as JSON of serde_json.
pub(super) fn json_of(value: &Own) -> Value {
    match value {
        Own::Null => Value::Null,
        Own::Bool(flag) => json!(flag),
        Own::Int(number) => json!(number),
        Own::Float(number) => json!(number),
        Own::Text(text) => json!(&**text),
        Own::List(items) => Value::Array(items.iter().map(json_of).collect()),
        Own::Map(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.to_string(), json_of(value)))
                .collect(),
        ),
    }
}

/// What a recording holds of an object; empty things are left out.
pub(super) fn shape(object: &Object) -> Value {
    let value = json_of(&object.to_value());
    let mut out = Map::new();
    meta(&value, object.kind(), &mut out);
    match object.kind() {
        Kind::StatefulSet => stateful_set(&value, &mut out),
        Kind::ReplicaSet | Kind::Deployment => {
            out.insert(
                "spec".into(),
                json!({"replicas": value["spec"]["replicas"]}),
            );
            out.insert("status".into(), without(&value["status"], &["conditions"]));
        }
        Kind::Pod => pod(&value, &mut out),
        Kind::PersistentVolumeClaim => claim(&value, &mut out),
        Kind::PersistentVolume => volume(&value, &mut out),
        Kind::Service => {
            out.insert("clusterIP".into(), value["spec"]["clusterIP"].clone());
            out.insert("selector".into(), value["spec"]["selector"].clone());
        }
        Kind::EndpointSlice => slice(&value, &mut out),
        Kind::ControllerRevision => {
            out.insert("revision".into(), value["revision"].clone());
        }
        _ => {}
    }
    without_empty(&Value::Object(out))
}

fn meta(value: &Value, kind: Kind, out: &mut Map<String, Value>) {
    let meta = &value["metadata"];
    out.insert("labels".into(), meta["labels"].clone());
    out.insert("finalizers".into(), meta["finalizers"].clone());
    if kind != Kind::EndpointSlice {
        let owners = meta["ownerReferences"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|owner| {
                let text = |key: &str| owner[key].as_str().unwrap_or_default().to_owned();
                let plain = if owner["controller"] == json!(true) {
                    ""
                } else {
                    " (not controller)"
                };
                json!(format!("{}/{}{plain}", text("kind"), text("name")))
            });
        out.insert("owners".into(), owners.collect());
    }
    if !meta["deletionTimestamp"].is_null() {
        out.insert("deleting".into(), json!(true));
        out.insert("grace".into(), meta["deletionGracePeriodSeconds"].clone());
    }
}

fn without(value: &Value, keys: &[&str]) -> Value {
    let mut out = value.clone();
    if let Some(map) = out.as_object_mut() {
        map.retain(|key, _| !keys.contains(&&**key));
    }
    out
}

fn images(spec: &Value) -> Value {
    spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| it["image"].clone())
        .collect()
}

fn stateful_set(value: &Value, out: &mut Map<String, Value>) {
    let spec = &value["spec"];
    let fields = [
        "replicas",
        "serviceName",
        "podManagementPolicy",
        "updateStrategy",
        "minReadySeconds",
        "ordinals",
        "persistentVolumeClaimRetentionPolicy",
        "revisionHistoryLimit",
    ];
    let kept: Map<String, Value> = fields
        .iter()
        .map(|key| ((*key).to_owned(), spec[*key].clone()))
        .collect();
    out.insert("generation".into(), value["metadata"]["generation"].clone());
    out.insert("spec".into(), Value::Object(kept));
    out.insert("images".into(), images(&spec["template"]["spec"]));
    out.insert("status".into(), without(&value["status"], &["conditions"]));
}

fn pod(value: &Value, out: &mut Map<String, Value>) {
    let (spec, status) = (&value["spec"], &value["status"]);
    out.insert("phase".into(), status["phase"].clone());
    out.insert("node".into(), spec["nodeName"].clone());
    out.insert("ip".into(), status["podIP"].clone());
    out.insert("hostname".into(), spec["hostname"].clone());
    out.insert("subdomain".into(), spec["subdomain"].clone());
    out.insert("images".into(), images(spec));
    let volumes = spec["volumes"].as_array().into_iter().flatten();
    let claims: Map<String, Value> = volumes
        .filter_map(|volume| {
            let claim = volume["persistentVolumeClaim"]["claimName"].as_str()?;
            Some((volume["name"].as_str()?.to_owned(), json!(claim)))
        })
        .collect();
    out.insert("claims".into(), Value::Object(claims));
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let conditions: Map<String, Value> = conditions
        .filter_map(|it| Some((it["type"].as_str()?.to_owned(), it["status"].clone())))
        .collect();
    out.insert("conditions".into(), Value::Object(conditions));
    let containers = status["containerStatuses"].as_array().into_iter().flatten();
    let containers: Map<String, Value> = containers
        .filter_map(|it| Some((it["name"].as_str()?.to_owned(), container(it))))
        .collect();
    out.insert("containers".into(), Value::Object(containers));
}

fn container(status: &Value) -> Value {
    let mut out = Map::new();
    out.insert("ready".into(), status["ready"].clone());
    out.insert("restarts".into(), status["restartCount"].clone());
    for state in ["running", "waiting", "terminated"] {
        if status["state"][state].is_object() {
            let reason = &status["state"][state]["reason"];
            out.insert(
                state.into(),
                if reason.is_string() {
                    reason.clone()
                } else {
                    json!(true)
                },
            );
        }
    }
    Value::Object(out)
}

fn claim(value: &Value, out: &mut Map<String, Value>) {
    let (spec, status) = (&value["spec"], &value["status"]);
    out.insert("phase".into(), status["phase"].clone());
    out.insert("class".into(), spec["storageClassName"].clone());
    out.insert(
        "request".into(),
        spec["resources"]["requests"]["storage"].clone(),
    );
    out.insert("modes".into(), spec["accessModes"].clone());
    out.insert("volume".into(), spec["volumeName"].clone());
    out.insert("capacity".into(), status["capacity"]["storage"].clone());
    let last_applied = "kubectl.kubernetes.io/last-applied-configuration";
    out.insert(
        "annotations".into(),
        without(&value["metadata"]["annotations"], &[last_applied]),
    );
}

fn volume(value: &Value, out: &mut Map<String, Value>) {
    let spec = &value["spec"];
    out.insert("phase".into(), value["status"]["phase"].clone());
    out.insert("class".into(), spec["storageClassName"].clone());
    out.insert("capacity".into(), spec["capacity"]["storage"].clone());
    out.insert("modes".into(), spec["accessModes"].clone());
    out.insert(
        "policy".into(),
        spec["persistentVolumeReclaimPolicy"].clone(),
    );
    let claim = &spec["claimRef"];
    if let (Some(namespace), Some(name)) = (claim["namespace"].as_str(), claim["name"].as_str()) {
        let mark = if claim["uid"].as_str().unwrap_or_default().is_empty() {
            " (no uid)"
        } else {
            ""
        };
        out.insert("claim".into(), json!(format!("{namespace}/{name}{mark}")));
    }
}

fn slice(value: &Value, out: &mut Map<String, Value>) {
    let endpoints = value["endpoints"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| {
            json!({
                "ip": it["addresses"][0],
                "hostname": it["hostname"],
                "pod": it["targetRef"]["name"],
                "ready": it["conditions"]["ready"],
                "serving": it["conditions"]["serving"],
                "terminating": it["conditions"]["terminating"],
            })
        });
    out.insert("endpoints".into(), endpoints.collect());
    let ports = value["ports"].as_array().into_iter().flatten();
    out.insert(
        "ports".into(),
        ports
            .map(|it| json!({"name": it["name"], "port": it["port"], "protocol": it["protocol"]}))
            .collect(),
    );
}

/// Leaves out what is null or empty, at every depth; endpoints come in the order of their addresses.
pub(super) fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().map(|(key, value)| {
                let mut value = without_empty(value);
                if key == "endpoints"
                    && let Some(items) = value.as_array_mut()
                {
                    items.sort_by_key(|item| item["ip"].to_string());
                }
                (key.clone(), value)
            });
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_empty).collect()),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
