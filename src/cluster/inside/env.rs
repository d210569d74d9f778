//! The environment of a container: what its spec says, and the Services that were there before it (`makeEnvironmentVariables`).

use super::{Spot, hostname};
use crate::cluster::base64;
use crate::cluster::engine::Cluster;
use crate::cluster::object::pod_spec::{Container, EnvVar, EnvVarSource};
use crate::cluster::object::{Kind, Node, Object, Pod, Service};
use crate::cluster::quantity::Quantity;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::Value;

/// The variables of a container, by name.
pub fn of(cluster: &Cluster, spot: &Spot) -> SortedMap<String, String> {
    let store = &cluster.api.store;
    let mut out = SortedMap::new();
    let Some((pod, container)) = spot.spec(store) else {
        return out;
    };
    services(cluster, pod, &mut out);
    for from in &container.env_from {
        let sources = [
            (&from.config_map, Kind::ConfigMap),
            (&from.secret, Kind::Secret),
        ];
        for (source, kind) in sources {
            let Some(source) = source else { continue };
            for (key, text) in data(cluster, kind, &pod.meta.namespace, &source.name) {
                out.insert(format!("{}{key}", from.prefix), text);
            }
        }
    }
    for variable in &container.env {
        let text = value(cluster, pod, container, variable, &out);
        out.insert(variable.name.to_string(), text);
    }
    out.insert("HOSTNAME".to_owned(), hostname(pod).to_owned());
    out.insert("HOME".to_owned(), "/root".to_owned());
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    out.insert("PATH".to_owned(), path.to_owned());
    out
}

/// The texts of a ConfigMap or Secret by key.
pub(super) fn data(
    cluster: &Cluster,
    kind: Kind,
    namespace: &str,
    name: &str,
) -> Vec<(String, String)> {
    let found = cluster.api.store.get(kind, namespace, name);
    let Some(Object::Plain(plain)) = found.map(|it| &**it) else {
        return Vec::new();
    };
    let texts = |field: &str| -> Vec<(String, String)> {
        let map = plain.at(&[field]).and_then(Value::as_map);
        let pairs = map.into_iter().flat_map(SortedMap::iter);
        let pairs =
            pairs.filter_map(|(key, text)| Some((key.to_string(), text.as_str()?.to_owned())));
        pairs.collect()
    };
    let mut out = texts("data");
    if kind == Kind::Secret {
        for (_, text) in &mut out {
            let bytes = base64::decode(text).unwrap_or_default();
            *text = String::from_utf8(bytes).unwrap_or_default();
        }
        out.extend(texts("stringData"));
    }
    out
}

fn value(
    cluster: &Cluster,
    pod: &Pod,
    container: &Container,
    variable: &EnvVar,
    known: &SortedMap<String, String>,
) -> String {
    let Some(source) = &variable.value_from else {
        return expand(&variable.value, known);
    };
    let EnvVarSource {
        field_ref,
        config_map_key,
        secret_key,
        ..
    } = source;
    if let Some(field) = field_ref {
        return pod_field(pod, &field.field_path).unwrap_or_default();
    }
    if let Some(source) = source.rest.get("resourceFieldRef") {
        return amount(cluster, pod, container, source);
    }
    let keys = [
        (config_map_key, Kind::ConfigMap),
        (secret_key, Kind::Secret),
    ];
    let found = keys.into_iter().find_map(|(selector, kind)| {
        let selector = selector.as_ref()?;
        let texts = data(cluster, kind, &pod.meta.namespace, &selector.name);
        texts.into_iter().find(|(key, _)| **key == *selector.key)
    });
    found.map(|(_, text)| text).unwrap_or_default()
}

/// An amount of a container's resources; a limit that it does not have is what its node has (`MergeContainerResourceLimits`).
fn amount(cluster: &Cluster, pod: &Pod, container: &Container, source: &Value) -> String {
    let named = source.str_at(&["containerName"]).unwrap_or_default();
    let of_name = pod.spec.containers.iter().find(|it| *it.name == *named);
    let resources = &of_name.unwrap_or(container).resources;
    let resource = source.str_at(&["resource"]).unwrap_or_default();
    let (list, name) = resource.split_once('.').unwrap_or_default();
    let store = &cluster.api.store;
    let of_node = || {
        let node = store.find::<Node>("", &pod.spec.node_name)?;
        node.status.allocatable.get(name)
    };
    let found = match list {
        "limits" => resources.limits.get(name).or_else(of_node),
        _ => resources.requests.get(name),
    };
    let text = found.map_or_else(|| "0".to_owned(), ToString::to_string);
    in_units(&text, &source.plain_at(&["divisor"]))
}

/// A field of the pod that the downward API offers.
pub fn pod_field(pod: &Pod, path: &str) -> Option<String> {
    let keyed = |prefix: &str| path.strip_prefix(prefix)?.strip_suffix("']");
    if let Some(key) = keyed("metadata.labels['") {
        return pod.meta.labels.get(key).map(ToString::to_string);
    }
    if let Some(key) = keyed("metadata.annotations['") {
        return pod.meta.annotations.get(key).map(ToString::to_string);
    }
    let text = match path {
        "metadata.name" => &pod.meta.name,
        "metadata.namespace" => &pod.meta.namespace,
        "metadata.uid" => &pod.meta.uid,
        "spec.nodeName" => &pod.spec.node_name,
        "spec.serviceAccountName" => &pod.spec.service_account_name,
        "status.podIP" | "status.podIPs" => &pod.status.pod_ip,
        "status.hostIP" | "status.hostIPs" => &pod.status.host_ip,
        _ => return None,
    };
    Some(text.to_string())
}

/// How many whole units an amount is, rounded up (`resource.ExtractContainerResourceValue`); nothing if it is none.
pub fn in_units(amount: &str, divisor: &str) -> String {
    let parse = |text: &str| Quantity::parse(text).map(|it| it.nano());
    let Some(amount) = parse(amount) else {
        return String::new();
    };
    let one = Quantity::parse("1").map_or(1, |it| it.nano());
    let unit = parse(divisor).filter(|it| *it > 0).unwrap_or(one);
    (-(-amount).div_euclid(unit)).to_string()
}

/// `$(NAME)` stands for a variable that is known already; `$$(NAME)` for itself.
fn expand(text: &str, known: &SortedMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("$(") {
        let (before, from) = rest.split_at(at);
        let inner = from.get(2..).unwrap_or_default();
        let Some(end) = inner.find(')') else { break };
        let (name, after) = inner.split_at(end);
        if let Some(plain) = before.strip_suffix('$') {
            out.push_str(&format!("{plain}$({name})"));
        } else {
            out.push_str(before);
            match known.get(name) {
                Some(text) => out.push_str(text),
                None => out.push_str(&format!("$({name})")),
            }
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The variables of the Services that were there before the pod: those of its namespace, and `kubernetes`.
fn services(cluster: &Cluster, pod: &Pod, out: &mut SortedMap<String, String>) {
    let links = pod.spec.enable_service_links != Some(false);
    for service in cluster.api.store.list::<Service>() {
        let is_api = &*service.meta.name == "kubernetes" && &*service.meta.namespace == "default";
        let is_near = links && service.meta.namespace == pod.meta.namespace;
        let is_older = service.meta.created <= pod.status.start_time;
        let has_address = !service.is_headless() && !service.spec.cluster_ip.is_empty();
        let Some(first) = service.spec.ports.first() else {
            continue;
        };
        if !(has_address && is_older && (is_api || is_near)) {
            continue;
        }
        let upper = |text: &str| text.to_ascii_uppercase().replace('-', "_");
        let (name, ip) = (upper(&service.meta.name), &service.spec.cluster_ip);
        let mut put = |key: String, text: String| {
            out.insert(key, text);
        };
        put(format!("{name}_SERVICE_HOST"), ip.to_string());
        put(format!("{name}_SERVICE_PORT"), first.port.to_string());
        for port in &service.spec.ports {
            if !port.name.is_empty() {
                let key = format!("{name}_SERVICE_PORT_{}", upper(&port.name));
                put(key, port.port.to_string());
            }
        }
        let scheme = first.protocol.to_ascii_lowercase();
        put(
            format!("{name}_PORT"),
            format!("{scheme}://{ip}:{}", first.port),
        );
        for port in &service.spec.ports {
            let protocol = port.protocol.to_ascii_lowercase();
            let prefix = format!("{name}_PORT_{}_{}", port.port, upper(&port.protocol));
            put(prefix.clone(), format!("{protocol}://{ip}:{}", port.port));
            put(format!("{prefix}_PROTO"), protocol);
            put(format!("{prefix}_PORT"), port.port.to_string());
            put(format!("{prefix}_ADDR"), ip.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let known: SortedMap<String, String> =
            [("A".to_owned(), "x".to_owned())].into_iter().collect();
        assert_eq!(expand("$(A)-$(B)-$$(A)-$", &known), "x-$(B)-$(A)-$");
    }
}
