//! Requests from the person's own computer: through `kubectl proxy` and `kubectl port-forward`, and to a node's port.

use super::{Answer, Url, plain};
use crate::cluster::dns;
use crate::cluster::net::{Ask, Response, Silence};
use crate::cluster::object::{Kind, Node, ObjectKey, Pod, Service};
use crate::cluster::value::Text;
use crate::terminal::job::World;
use crate::terminal::listen::Serves;

/// A request from the person's own computer: to a port at which kubectl listens, or to a node's port.
pub(super) fn ask(url: &Url, ask: Ask<'_>, world: &mut World<'_>) -> Result<Answer, Silence> {
    if matches!(&*url.host, "localhost" | "127.0.0.1") {
        let mut listeners = world.listeners.iter_mut();
        let found = listeners.find(|it| i32::from(it.port) == url.port);
        let Some(listener) = found else {
            return Err(Silence::Refused(Text::default()));
        };
        listener.handled += 1;
        return match listener.serves.clone() {
            Serves::Pod(pod, port) => world
                .cluster
                .ask_pod(None, None, &pod, port, ask)
                .map(plain)
                .map_err(|_| Silence::Empty(Text::default())),
            Serves::Api => Ok(ask_api(url, ask, world)),
        };
    }
    let store = &world.cluster.api.store;
    let is_node = store
        .list::<Node>()
        .any(|it| it.status.addresses.iter().any(|it| *it.address == url.host));
    if is_node {
        let has_port = |it: &&Service| it.spec.ports.iter().any(|port| port.node_port == url.port);
        let service = store.list::<Service>().find(has_port).cloned();
        let Some(service) = service else {
            return Err(Silence::Refused(Text::default()));
        };
        let port = service
            .spec
            .ports
            .iter()
            .find(|it| it.node_port == url.port)
            .map(|it| it.port.to_string());
        let answer = world.cluster.ask_service(&service, port.as_deref(), ask);
        return answer
            .unwrap_or(Err(Silence::Refused(Text::default())))
            .map(plain);
    }
    let is_address = dns::is_address(&url.host);
    // The pods' network and DNS are inside of the cluster.
    Err(if is_address {
        Silence::NoRoute(Text::default())
    } else {
        Silence::UnknownHost
    })
}

/// The API server's answer behind `kubectl proxy`: its proxy to pods and Services.
fn ask_api(url: &Url, ask: Ask<'_>, world: &mut World<'_>) -> Answer {
    let path = url.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let [
        "api",
        "v1",
        "namespaces",
        namespace,
        kind @ ("pods" | "services"),
        name,
        "proxy",
        rest @ ..,
    ] = &parts[..]
    else {
        let text = "the server could not find the requested resource".to_owned();
        return plain(status(404, "NotFound", text, None));
    };
    if rest.is_empty() {
        let location = format!("{path}/");
        let response = Response {
            status: 301,
            server: "",
            kind: "text/html; charset=utf-8",
            body: format!("<a href=\"{location}\">Moved Permanently</a>.\n\n"),
        };
        let location = Some(location);
        return Answer { response, location };
    }
    let inner = format!("/{}", rest.join("/"));
    let ask = Ask {
        path: &inner,
        ..ask
    };
    let (name, port) = match name.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (*name, None),
    };
    plain(if *kind == "pods" {
        to_pod(namespace, name, port, ask, world)
    } else {
        to_service(namespace, name, port, ask, world)
    })
}

fn missing(kind: &str, name: &str) -> Response {
    let text = format!("{kind} {name:?} not found");
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
        return missing("pods", name);
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
        return missing("services", name);
    };
    match world.cluster.ask_service(&service, port, ask) {
        None => {
            let text = format!("no endpoints available for service {name:?}");
            status(503, "ServiceUnavailable", text, None)
        }
        Some(answer) => answer.unwrap_or_else(|silence| {
            let ip = match silence {
                Silence::Refused(ip) | Silence::NoRoute(ip) | Silence::Empty(ip) => ip,
                Silence::UnknownHost => Text::default(),
            };
            unreachable(&format!("dial tcp {ip}: connect: connection refused"))
        }),
    }
}

/// An answer that is a Status.
fn status(code: u16, reason: &str, message: String, details: Option<(&str, &str)>) -> Response {
    let details = details.map_or_else(String::new, |(name, kind)| {
        format!("  \"details\": {{\n    \"name\": {name:?},\n    \"kind\": {kind:?}\n  }},\n")
    });
    let body = format!(
        "{{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {{}},\n  \"status\": \"Failure\",\n  \
         \"message\": {message:?},\n  \"reason\": {reason:?},\n{details}  \"code\": {code}\n}}"
    );
    Response {
        status: code,
        server: "",
        kind: "application/json",
        body,
    }
}
