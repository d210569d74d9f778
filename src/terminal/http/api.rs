//! What the API server answers behind `kubectl proxy`: its objects as JSON, and its proxy to pods and Services.

use crate::cluster::config::KUBERNETES_VERSION;
use crate::cluster::error::ApiError;
use crate::cluster::net::{Ask, Response, Silence};
use crate::cluster::object::{KINDS, Kind, ObjectKey, Pod, Service};
use crate::cluster::value::{Text, Value};
use crate::kubectl;
use crate::terminal::job::World;

/// Paths that are no resources, beside those of the groups.
const PATHS: &[&str] = &[
    "/api",
    "/api/v1",
    "/apis",
    "/healthz",
    "/livez",
    "/metrics",
    "/openapi/v2",
    "/openapi/v3",
    "/readyz",
    "/version",
];

/// The answer to a request.
pub(super) fn answer(whole: &str, ask: Ask<'_>, world: &mut World<'_>) -> Response {
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let parts: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    if let [
        "api",
        "v1",
        "namespaces",
        namespace,
        kind @ ("pods" | "services"),
        name,
        "proxy",
        rest @ ..,
    ] = &parts[..]
    {
        if rest.is_empty() && !path.ends_with('/') {
            let location = format!("{path}/");
            let body = format!("<a href=\"{location}\">Moved Permanently</a>.\n\n");
            let mut response = Response::of(301, "text/html; charset=utf-8", body);
            response.headers.push(("Location", location));
            return response;
        }
        let end = if path.ends_with('/') && !rest.is_empty() {
            "/"
        } else {
            ""
        };
        let inner = format!("/{}{end}", rest.join("/"));
        let ask = Ask {
            path: &inner,
            ..ask
        };
        // `[SCHEME:]NAME[:PORT]`
        let named = name.strip_prefix("http:").unwrap_or(name);
        let (name, port) = match named.split_once(':') {
            Some((name, port)) => (name, Some(port).filter(|it| !it.is_empty())),
            None => (named, None),
        };
        return if *kind == "pods" {
            to_pod(namespace, name, port, ask, world)
        } else {
            to_service(namespace, name, port, ask, world)
        };
    }
    let is_plain = query.is_empty() && matches!(ask.method, "GET" | "HEAD");
    let known = || match &parts[..] {
        _ if !is_plain => None,
        [] => Some(json(&Value::map([("paths", paths())]))),
        ["healthz" | "livez" | "readyz"] => Some(Response::of(
            200,
            "text/plain; charset=utf-8",
            "ok".to_owned(),
        )),
        ["version"] => Some(version()),
        ["api"] => Some(json(&Value::map([
            ("kind", Value::text("APIVersions")),
            ("versions", Value::List(vec![Value::text("v1")])),
        ]))),
        ["api", "v1", rest @ ..] => objects("v1", rest, world),
        ["apis", group, version, rest @ ..] => objects(&format!("{group}/{version}"), rest, world),
        _ => None,
    };
    known().unwrap_or_else(|| {
        let text = format!(
            "(Ordinal: what the API server answers to {} {whole} is not simulated)\n",
            ask.method
        );
        Response::of(501, "text/plain; charset=utf-8", text)
    })
}

/// Objects, and lists of them; `None` if the path does not lead to any.
fn objects(api_version: &str, path: &[&str], world: &World<'_>) -> Option<Response> {
    let kind_of = |plural: &str| {
        let mut kinds = KINDS.iter().copied();
        kinds.find(|it| it.info().plural == plural && it.api_version() == api_version)
    };
    let (namespace, kind, name) = match *path {
        ["namespaces", namespace, plural] => (Some(namespace), kind_of(plural)?, None),
        ["namespaces", namespace, plural, name] => (Some(namespace), kind_of(plural)?, Some(name)),
        [plural] => (None, kind_of(plural)?, None),
        [plural, name] => (None, kind_of(plural)?, Some(name)),
        _ => return None,
    };
    let api = &world.cluster.api;
    if let Some(name) = name {
        let found = api.store.get(kind, namespace.unwrap_or_default(), name);
        return Some(match found {
            Some(object) => json(&object.to_value()),
            None => missing(kind, name),
        });
    }
    let fits = |it: &Text| namespace.is_none_or(|namespace| **it == *namespace);
    let all = api.store.all(kind).filter(|it| fits(&it.meta().namespace));
    let items = all.map(|it| {
        let mut value = it.to_value();
        if let Some(map) = value.as_map_mut() {
            // Only the list says of what kind they are.
            map.remove("kind");
            map.remove("apiVersion");
        }
        value
    });
    let version = Value::text(api.version.to_string());
    Some(json(&Value::map([
        ("kind", Value::text(format!("{}List", kind.name()))),
        ("apiVersion", Value::text(api_version)),
        ("metadata", Value::map([("resourceVersion", version)])),
        ("items", Value::List(items.collect())),
    ])))
}

fn json(value: &Value) -> Response {
    Response::of(200, "application/json", kubectl::api_json(value))
}

fn paths() -> Value {
    let mut paths: Vec<String> = PATHS.iter().map(|it| (*it).to_owned()).collect();
    for group in KINDS
        .iter()
        .map(|it| it.info())
        .filter(|it| !it.group.is_empty())
    {
        paths.push(format!("/apis/{}", group.group));
        paths.push(format!("/apis/{}/{}", group.group, group.version));
    }
    paths.sort();
    paths.dedup();
    Value::List(paths.into_iter().map(Value::text).collect())
}

/// What `/version` says, in its own order.
fn version() -> Response {
    let minor = KUBERNETES_VERSION.split('.').nth(1).unwrap_or_default();
    let fields = [
        ("major", "1"),
        ("minor", minor),
        ("emulationMajor", "1"),
        ("emulationMinor", minor),
        ("gitVersion", KUBERNETES_VERSION),
        ("gitTreeState", "clean"),
        ("compiler", "gc"),
        ("platform", "linux/amd64"),
    ];
    let lines = fields.map(|(name, text)| format!("  {name:?}: {text:?}"));
    let body = format!("{{\n{}\n}}", lines.join(",\n"));
    Response::of(200, "application/json", body)
}

fn missing(kind: Kind, name: &str) -> Response {
    let text = ApiError::not_found(kind, name).to_string();
    status(404, "NotFound", text, Some((name, kind)))
}

fn unreachable(why: &str) -> Response {
    let text = format!("error trying to reach service: {why}");
    status(503, "ServiceUnavailable", text, None)
}

/// The answer of a pod; without a port, of the first one that it names.
fn to_pod(
    namespace: &str,
    name: &str,
    port: Option<&str>,
    ask: Ask<'_>,
    world: &mut World<'_>,
) -> Response {
    let Some(pod) = world.cluster.api.store.find::<Pod>(namespace, name) else {
        return missing(Kind::Pod, name);
    };
    let first = pod.spec.containers.iter().flat_map(|it| &it.ports).next();
    let port = port.and_then(|it| it.parse().ok());
    let port = port.or(first.map(|it| it.container_port)).unwrap_or(80);
    let ip = pod.status.pod_ip.clone();
    let key = ObjectKey::new(Kind::Pod, namespace, name);
    let answer = world.cluster.ask_pod(None, None, &key, port, ask);
    answer.unwrap_or_else(|_| {
        unreachable(&format!(
            "dial tcp {ip}:{port}: connect: connection refused"
        ))
    })
}

/// The answer of one of a Service's pods.
fn to_service(
    namespace: &str,
    name: &str,
    port: Option<&str>,
    ask: Ask<'_>,
    world: &mut World<'_>,
) -> Response {
    let found = world.cluster.api.store.find::<Service>(namespace, name);
    let Some(service) = found.cloned() else {
        return missing(Kind::Service, name);
    };
    match world.cluster.ask_service(&service, port, ask) {
        None => {
            let text = format!("no endpoints available for service {name:?}");
            status(503, "ServiceUnavailable", text, None)
        }
        Some((port, answer)) => answer.unwrap_or_else(|silence| {
            let ip = match silence {
                Silence::Refused(ip) | Silence::NoRoute(ip) | Silence::Empty(ip) => ip,
                Silence::UnknownHost => Text::default(),
            };
            unreachable(&format!(
                "dial tcp {ip}:{port}: connect: connection refused"
            ))
        }),
    }
}

/// An answer that is a Status.
fn status(code: u16, reason: &str, message: String, details: Option<(&str, Kind)>) -> Response {
    let details = details.map_or_else(String::new, |(name, kind)| {
        let info = kind.info();
        let group = match info.group {
            "" => String::new(),
            group => format!("    \"group\": {group:?},\n"),
        };
        let kind = info.plural;
        format!(
            "  \"details\": {{\n    \"name\": {name:?},\n{group}    \"kind\": {kind:?}\n  }},\n"
        )
    });
    let body = format!(
        "{{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {{}},\n  \"status\": \"Failure\",\n  \
         \"message\": {message:?},\n  \"reason\": {reason:?},\n{details}  \"code\": {code}\n}}"
    );
    Response::of(code, "application/json", body)
}
