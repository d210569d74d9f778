//! The marks of fields that nobody acts on (`inert` in the schema's tables), held to what a cluster does.
//!
//! A small world is played as it is, and once more for every field that its objects can have: with that field changed.
//! A field that is marked must change nothing but the object that it stands in; one that is not marked must change
//! something else, or stand in [`UNSEEN`], which names what this world is too small to show.

use std::collections::{BTreeMap, BTreeSet};

use ordinal::cluster::object::{KINDS, Object};
use ordinal::cluster::record::Record;
use ordinal::cluster::schema::{self, Field, Shape, Type};
use ordinal::cluster::value::{Map, Value};
use ordinal::manifest;

use crate::support::Town;

/// The world: an object of each kind that a person writes, and what they have to do with each other.
const WORLD: &str = include_str!("marks.yaml");

/// What is done in it: seconds that pass, and lines.
const STORY: &[&str] = &[
    "kubectl taint node node-a k=v:NoSchedule j=w:NoSchedule",
    "kubectl apply -f world.yaml",
    "40",
    "kubectl exec p -c web -- id",
    "kubectl exec p -c web -- env",
    "kubectl exec p -c web -- hostname -f",
    "kubectl exec p -c web -- cat /etc/hosts /etc/resolv.conf",
    "kubectl exec p -c web -- sh -c 'cd /m && for d in *; do ls $d; cat $d/*; echo x > $d/x; ls $d; done; df'",
    "kubectl exec p -c web -- ls /var/run/secrets/kubernetes.io/serviceaccount",
    "kubectl exec p -c web -- curl -s http://s",
    "kubectl exec p -c shell -- nslookup s.default.svc.cluster.local",
    "kubectl exec p -c shell -- nslookup bare.default.svc.cluster.local",
    "kubectl exec p -c shell -- nslookup web-0.bare.default.svc.cluster.local",
    "kubectl exec p -c shell -- nslookup alias.default.svc.cluster.local",
    "kubectl exec p -c shell -- nslookup manual.default.svc.cluster.local",
    "kubectl exec p -c shell -- nslookup -type=srv _db._tcp.manual.default.svc.cluster.local",
    "kubectl exec p -c shell -- nslookup h.manual.default.svc.cluster.local",
    "kubectl exec p -c shell -- sh -c 'id; env; ls /x /y'",
    "kubectl exec q -- sh -c 'env; ls /var/run/secrets/kubernetes.io/serviceaccount'",
    "curl -s http://192.168.49.2:30090",
    "kubectl logs p -c web",
    "echo hi | kubectl attach -i p -c shell",
    "@crash p",
    "40",
    "@fail-probes p",
    "60",
    "@mend-probes p",
    "10",
    "kubectl scale sts web --replicas=3",
    "20",
    "kubectl set image sts/web c=nginx:1.28",
    "kubectl set image deployment/front c=nginx:1.28",
    "kubectl set image sts/db c=nginx:1.28",
    "kubectl set image deployment/back c=nginx:1.28",
    "60",
    "kubectl set image sts/web c=nginx:1.29",
    "kubectl set image deployment/front c=nginx:nope",
    "60",
    "kubectl patch pvc made -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"3Gi\"}}}}'",
    "kubectl patch cm kept -p '{\"data\":{\"a\":\"two\"}}'",
    "kubectl patch secret kept -p '{\"stringData\":{\"a\":\"two\"}}'",
    "kubectl drain node-b --ignore-daemonsets --delete-emptydir-data --force --timeout=30s",
    "40",
    "kubectl drain node-c --ignore-daemonsets --delete-emptydir-data --force --timeout=30s",
    "40",
    "kubectl uncordon node-b",
    "kubectl scale sts web --replicas=1",
    "@fail-probes p",
    "20",
    "kubectl drain node-a --ignore-daemonsets --delete-emptydir-data --force --timeout=10s",
    "20",
    "@mend-probes p",
    "10",
    "@silence node-a",
    "90",
    "@revive node-a",
    "20",
    "kubectl delete sts web",
    "kubectl delete pod p q",
    "kubectl delete pvc --all --wait=false",
    "60",
];

/// Fields that are acted on where this world does not show it, each with where it would be seen.
const UNSEEN: &[(&str, &str)] = &[
    (
        "DeploymentSpec.selector",
        "the labels of its template would have to follow",
    ),
    ("Endpoint.nodeName", "`kubectl describe` alone tells it"),
    ("Endpoint.targetRef", "requests go to the pod that it names"),
    (
        "EndpointConditions.serving",
        "`kubectl describe` alone tells it",
    ),
    (
        "EndpointConditions.terminating",
        "`kubectl describe` alone tells it",
    ),
    (
        "EndpointSlice.addressType",
        "its addresses would have to follow",
    ),
    (
        "ObjectFieldSelector.apiVersion",
        "there is one version of a pod",
    ),
    ("Secret.type", "it says which keys are asked for"),
    (
        "ServiceSpec.allocateLoadBalancerNodePorts",
        "the port stands in the Service itself",
    ),
    ("ServiceSpec.clusterIPs", "the first one is `clusterIP`"),
    (
        "StatefulSetSpec.selector",
        "the labels of its template would have to follow",
    ),
    ("Volume.name", "mounts would have to follow"),
];

/// Values for fields whose type alone does not say what the server takes, or what would be seen.
const VALUES: &[(&str, &str)] = &[
    ("ServiceAccount.automountServiceAccountToken", "false"),
    ("ConfigMapKeySelector.key", "b"),
    ("Container.livenessProbe", "{tcpSocket: {port: 80}}"),
    (
        "Container.readinessProbe",
        "{tcpSocket: {port: 80}, initialDelaySeconds: 5}",
    ),
    ("Container.restartPolicy", "Always"),
    (
        "Container.volumeDevices",
        "[{name: raw, devicePath: /dev/x}]",
    ),
    ("ContainerPort.hostPort", "8081"),
    ("DeploymentSpec.revisionHistoryLimit", "0"),
    ("DeploymentStrategy.type", "Recreate"),
    ("EmptyDirVolumeSource.medium", "Memory"),
    ("EndpointConditions.ready", "false"),
    ("EnvFromSource.configMapRef", "{name: cm}"),
    ("EnvFromSource.secretRef", "{name: se}"),
    ("PodDisruptionBudgetSpec.minAvailable", "1"),
    ("Secret.data", "{b: YQ==}"),
    ("SecretKeySelector.key", "b"),
    ("EndpointPort.port", "5433"),
    ("ResourceFieldSelector.containerName", "shell"),
    ("ResourceFieldSelector.divisor", "1m"),
    (
        "StatefulSetSpec.volumeClaimTemplates",
        "[{metadata: {name: x}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]",
    ),
    ("Probe.exec", "{command: [cat]}"),
    ("Volume.configMap", "{name: cm}"),
    ("Volume.hostPath", "{path: /data}"),
    ("Volume.persistentVolumeClaim", "{claimName: made}"),
    ("Volume.secret", "{secretName: se}"),
    ("StorageClass.reclaimPolicy", "Retain"),
    ("StorageClass.volumeBindingMode", "WaitForFirstConsumer"),
    ("StorageClass.provisioner", "example.com/none"),
    ("PersistentVolumeSpec.capacity", "{storage: 5Gi}"),
    ("PersistentVolumeSpec.accessModes", "[ReadWriteMany]"),
    (
        "PersistentVolumeSpec.persistentVolumeReclaimPolicy",
        "Retain",
    ),
    ("PersistentVolumeSpec.volumeMode", "Block"),
    (
        "PersistentVolumeSpec.nodeAffinity",
        "{required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [b]}]}]}}",
    ),
    ("PersistentVolumeClaimSpec.accessModes", "[ReadWriteMany]"),
    ("PersistentVolumeClaimSpec.volumeMode", "Block"),
    (
        "PersistentVolumeClaimSpec.selector",
        "{matchLabels: {a: b}}",
    ),
    ("VolumeResourceRequirements.requests", "{storage: 3Gi}"),
    ("VolumeResourceRequirements.limits", "{storage: 9Gi}"),
    ("ServicePort.protocol", "UDP"),
    ("ServicePort.nodePort", "30080"),
    ("ServiceSpec.clusterIP", "10.96.7.7"),
    ("ServiceSpec.type", "NodePort"),
    ("ServiceSpec.sessionAffinity", "ClientIP"),
    ("ServiceSpec.ipFamilies", "[IPv4]"),
    ("ServiceSpec.ipFamilyPolicy", "SingleStack"),
    ("ServiceSpec.externalName", "example.org"),
    ("ResourceRequirements.limits", "{cpu: 300m, memory: 1Gi}"),
    ("ResourceRequirements.requests", "{cpu: 50}"),
    ("ContainerPort.protocol", "UDP"),
    ("ObjectFieldSelector.fieldPath", "spec.nodeName"),
    ("Container.image", "nginx:nope"),
    (
        "Container.terminationMessagePolicy",
        "FallbackToLogsOnError",
    ),
    ("Container.imagePullPolicy", "Always"),
    ("Container.volumeMounts", "[{name: cm, mountPath: /x}]"),
    (
        "Container.startupProbe",
        "{exec: {command: [ls]}, initialDelaySeconds: 20}",
    ),
    ("VolumeMount.name", "cm"),
    ("PodSpec.restartPolicy", "Never"),
    ("PodSpec.dnsPolicy", "Default"),
    ("PodSpec.serviceAccountName", "bare"),
    ("PodSpec.serviceAccount", "bare"),
    ("PodSpec.automountServiceAccountToken", "false"),
    ("PodSpec.enableServiceLinks", "false"),
    ("PodSpec.nodeName", "node-b"),
    ("PodSpec.nodeSelector", "{kubernetes.io/hostname: node-z}"),
    (
        "PodSpec.affinity",
        "{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}",
    ),
    ("PodSpec.readinessGates", "[{conditionType: a}]"),
    ("Toleration.operator", "Equal"),
    ("Toleration.effect", "NoExecute"),
    ("Toleration.tolerationSeconds", "300"),
    ("StatefulSetSpec.podManagementPolicy", "Parallel"),
    ("StatefulSetUpdateStrategy.type", "OnDelete"),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted",
        "Delete",
    ),
    (
        "StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled",
        "Delete",
    ),
    (
        "PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy",
        "AlwaysAllow",
    ),
    ("Endpoint.addresses", "[10.1.1.9]"),
];

/// Fields that only the server or a controller writes, or that name the object itself.
fn is_given(owner: &Type, field: &Field) -> bool {
    ["kind", "apiVersion", "metadata", "status"].contains(&field.name)
        && (field.name == "metadata" || KINDS.iter().any(|kind| kind.name() == owner.name))
}

/// A field of the world, and the world with that field changed.
struct Variant {
    /// `Container.tty`, and the fields that it is in; whether they are acted on.
    fields: Vec<(String, bool)>,
    object: Value,
}

/// The variants of a value of a type.
fn variants(owner: &'static Type, value: &Value) -> Vec<Variant> {
    let Value::Map(map) = value else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for field in owner.fields.iter().filter(|it| !is_given(owner, it)) {
        let old = map.get(field.name);
        let Some(rest) = beside(owner, field, map) else {
            continue;
        };
        let name = format!("{}.{}", owner.name, field.name);
        let mut put = |mut fields: Vec<(String, bool)>, inner| {
            let mut map = rest.clone();
            map.insert(field.name.into(), inner);
            fields.push((name.clone(), field.acted_on));
            out.push(Variant {
                fields,
                object: Value::Map(map),
            });
        };
        // Templates are pods and claims again.
        let is_template = ["template", "volumeClaimTemplates"].contains(&field.name);
        match (field.shape.element(), old) {
            (Some(_), Some(_)) if is_template => {}
            (Some(element), Some(Value::List(items))) if field.acted_on => {
                for (at, item) in items.iter().enumerate() {
                    for inner in variants(element, item) {
                        let mut items = items.clone();
                        items[at] = inner.object;
                        put(inner.fields, Value::List(items));
                    }
                }
            }
            (Some(element), Some(old @ Value::Map(_)))
                if field.acted_on && matches!(field.shape, Shape::Struct(_)) =>
            {
                for inner in variants(element, old) {
                    put(inner.fields, inner.object);
                }
            }
            _ => {
                let new = value_for(&name, &field.shape, old);
                put(Vec::new(), new);
            }
        }
    }
    out
}

/// The fields of a value without those that another source of the same thing would replace, or `None` where that
/// would be seen by itself: only an `emptyDir` is like nothing.
fn beside(owner: &Type, field: &Field, map: &Map) -> Option<Map> {
    let is_source = |name: &str| match owner.name {
        "EnvVarSource" => true,
        "Probe" => ["exec", "httpGet", "tcpSocket", "grpc"].contains(&name),
        "Volume" => name != "name",
        "PersistentVolumeSpec" => {
            let field = owner.field(name);
            let is_struct = field.is_some_and(|it| matches!(it.shape, Shape::Struct(_)));
            is_struct && !["claimRef", "nodeAffinity"].contains(&name)
        }
        _ => false,
    };
    if map.contains_key(field.name) || !is_source(field.name) {
        return Some(map.clone());
    }
    let mut others = map.keys().filter(|it| is_source(it));
    others.all(|it| it == "emptyDir").then(|| {
        let mut map = map.clone();
        map.retain(|name, _| !is_source(name));
        map
    })
}

/// Another value for a field than it has.
fn value_for(name: &str, shape: &Shape, old: Option<&Value>) -> Value {
    if let Some((_, text)) = VALUES.iter().find(|(it, _)| *it == name) {
        let wrapped = manifest::read(&format!("v: {text}\n"));
        let value = wrapped.documents.first().and_then(|it| it.value.get("v"));
        return value.cloned().expect("the table holds YAML");
    }
    match shape {
        Shape::Text(_) => "a".into(),
        Shape::Bool => Value::Bool(old != Some(&Value::Bool(true))),
        Shape::Int(_) => Value::Int(old.and_then(Value::as_int).unwrap_or(1) + 1),
        Shape::Quantity => "7".into(),
        Shape::IntOrString => Value::Int(2),
        Shape::Bytes => "YQ==".into(),
        Shape::Time => "2026-01-01T00:00:00Z".into(),
        Shape::Float => Value::Float(1.5),
        Shape::Any => Value::map([("a", "a".into())]),
        Shape::List(item) => Value::List(vec![value_for("", item, None)]),
        Shape::Map(item) => Value::map([("a", value_for("", item, None))]),
        Shape::Struct(name) => {
            let described = schema::find(name).expect("it is described");
            let required = described.fields.iter().filter(|it| it.required);
            let pairs = required.map(|it| {
                let name = format!("{name}.{}", it.name);
                (it.name.into(), value_for(&name, &it.shape, None))
            });
            Value::Map(pairs.collect())
        }
    }
}

/// What a record shows of the cluster, the objects of the manifest as they were written aside.
fn shown(record: &Record, own: &BTreeSet<(String, String)>) -> String {
    let Some(write) = record.write() else {
        return format!("{record:?}");
    };
    let key = write.object.key();
    let is_own = own.contains(&(key.kind.name().to_owned(), key.name.to_string()));
    let value = write.object.to_value();
    let value = match &*write.object {
        Object::Event(_) => value,
        _ if is_own => value.get("status").cloned().unwrap_or_default(),
        _ => value,
    };
    format!(
        "{:?} {} {:?} {:?} {key:?} {}",
        record.time,
        record.author,
        write.verb,
        write.part,
        value.to_json_plain()
    )
}

/// Plays the story: what was printed and what was written. The error of the first command if it fails.
fn play(objects: &[Value]) -> Result<Vec<String>, String> {
    let text: Vec<String> = objects.iter().map(Value::to_json_plain).collect();
    let own = objects.iter().map(|it| {
        let text = |path: &[&str]| it.str_at(path).unwrap_or_default().to_owned();
        (text(&["kind"]), text(&["metadata", "name"]))
    });
    let own: BTreeSet<(String, String)> = own.collect();
    let mut town = Town::new();
    town.workspace
        .files
        .insert("world.yaml".to_owned(), text.join("\n---\n"));
    let mut out = Vec::new();
    for (at, line) in STORY.iter().enumerate() {
        if let Ok(seconds) = line.parse() {
            town.wait_s(seconds);
            continue;
        }
        let output = town.run(line);
        if at == 1 && output.exit != 0 {
            return Err(output.stderr);
        }
        out.push(format!("{line}\n{}{}", output.stdout, output.stderr));
    }
    out.extend(town.cluster.api.log.iter().map(|it| shown(it, &own)));
    Ok(out)
}

fn world() -> Vec<Value> {
    let documents = manifest::read(WORLD).documents;
    documents.into_iter().map(|it| it.value).collect()
}

/// What changing a field did: whether the server took it at all, and whether anything else changed.
#[derive(Clone, Debug, Default)]
struct Found {
    acted_on: bool,
    taken: bool,
    acts: bool,
    refusal: String,
}

#[test]
fn marked_fields_change_nothing_and_the_others_do() {
    let world = world();
    let before = play(&world).expect("the world is taken");
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (at, object) in world.iter().enumerate() {
        let kind = object.str_at(&["kind"]).expect("objects have kinds");
        let owner = schema::find(kind).expect("kinds are described");
        for variant in variants(owner, object) {
            // One place is enough: for an effect, and for a marked field that the server takes.
            let is_known = |(field, acted_on): &(String, bool)| {
                let known = found.get(field);
                known.is_some_and(|it| if *acted_on { it.acts } else { it.taken })
            };
            if variant.fields.iter().all(is_known) {
                continue;
            }
            let mut changed = world.clone();
            changed[at] = variant.object;
            let after = play(&changed);
            for (field, acted_on) in variant.fields {
                let entry = found.entry(field).or_default();
                entry.acted_on = acted_on;
                match &after {
                    Ok(after) => {
                        entry.taken = true;
                        entry.acts |= *after != before;
                    }
                    Err(why) => entry.refusal.clone_from(why),
                }
            }
        }
    }
    let mut faults = Vec::new();
    for (field, it) in &found {
        let unseen = UNSEEN.iter().any(|(name, _)| name == field);
        match (it.acted_on && !unseen, it.acts) {
            (true, true) => {}
            (false, false) if it.taken || unseen => {}
            (_, true) => faults.push(format!("{field} acts")),
            (true, false) => faults.push(format!("{field} does not act {}", it.refusal)),
            (false, false) => faults.push(format!("{field} is refused: {}", it.refusal)),
        }
    }
    let stale = UNSEEN.iter().filter(|(name, _)| !found.contains_key(*name));
    faults.extend(stale.map(|(name, _)| format!("{name} is not in the world")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
