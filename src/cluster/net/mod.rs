//! Requests between pods, and from outside through the API server: who answers, with what.
//!
//! A request takes no time. Which pod of a Service answers is drawn evenly, as kube-proxy draws it.

mod serve;

pub use serve::reason;

use super::dns::{self, Query};
use super::engine::Cluster;
use super::hash::fnv1a_64;
use super::inside::{Spot, image};
use super::json::IntOrString;
use super::object::service::ServicePort;
use super::object::{Kind, ObjectKey, Pod, Resource as _, Service};
use super::time::Time;
use super::value::Text;

/// One request that reached a pod, or a Service without pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When.
    pub at: Time,
    /// The pod that asked; `None` for a person outside.
    pub from: Option<ObjectKey>,
    /// The Service that it went through.
    pub service: Option<ObjectKey>,
    /// The pod that answered.
    pub to: ObjectKey,
    /// The status of the answer.
    pub status: u16,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// The host, with a port that is not 80.
    pub host: &'a str,
    /// The path, with a slash at its begin.
    pub path: &'a str,
    /// What is sent along.
    pub body: &'a str,
    /// The program that asks, as it names itself.
    pub agent: &'a str,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// What it says of itself and of its body.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: String,
}

impl Response {
    /// An answer with a body of a type.
    pub fn of(status: u16, kind: &str, body: String) -> Self {
        let headers = vec![
            ("Content-Type", kind.to_owned()),
            ("Content-Length", body.len().to_string()),
        ];
        Self {
            status,
            headers,
            body,
        }
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|it| it.0 == name);
        found.map(|it| it.1.as_str())
    }
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// No such name.
    UnknownHost,
    /// Nothing listens on that port.
    Refused(Text),
    /// Nobody has that address, or its node does not answer.
    NoRoute(Text),
    /// Whoever listens does not speak HTTP.
    Empty(Text),
}

/// Where a Service sends a request.
struct Backend {
    pod: ObjectKey,
    port: i32,
}

impl Cluster {
    /// Asks a host, as a container of a pod does.
    pub fn ask(
        &mut self,
        from: &Spot,
        host: &str,
        port: i32,
        ask: Ask<'_>,
    ) -> Result<Response, Silence> {
        let own = from.key();
        if matches!(host, "localhost" | "127.0.0.1") {
            return self.ask_pod(Some(own.clone()), None, &own, port, ask);
        }
        let found = self.api.store.find::<Pod>(&own.namespace, &own.name);
        let is_own_name = found.is_some_and(|pod| {
            [
                super::inside::hostname(pod),
                &*super::inside::full_name(pod),
            ]
            .contains(&host)
        });
        if is_own_name {
            return self.ask_pod(Some(own.clone()), None, &own, port, ask);
        }
        let ip = self.place(from, host).ok_or(Silence::UnknownHost)?;
        let service = self
            .api
            .store
            .list::<Service>()
            .find(|it| it.spec.cluster_ip == ip);
        if let Some(service) = service.cloned() {
            let mut ports = service.spec.ports.iter();
            let Some(port) = ports.find(|it| it.port == port) else {
                // Nothing forwards that port of the address: packets are dropped.
                return Err(Silence::NoRoute(ip));
            };
            let backend = self
                .backend(&service, port)
                .ok_or_else(|| Silence::Refused(ip.clone()))?;
            let key = service.key();
            return self.ask_pod(Some(own), Some(key), &backend.pod, backend.port, ask);
        }
        let has_ip = |it: &&Pod| it.status.pod_ip == ip && !it.is_finished();
        let pod = self.api.store.list::<Pod>().find(has_ip);
        let key = pod.map(Pod::key);
        let key = key.ok_or(Silence::NoRoute(ip))?;
        self.ask_pod(Some(own), None, &key, port, ask)
    }

    /// The address that a host's next request goes to, as a container of a pod finds it.
    pub fn place(&self, from: &Spot, host: &str) -> Option<Text> {
        if host == "localhost" {
            return Some("127.0.0.1".into());
        }
        if dns::is_address(host) {
            return Some(host.into());
        }
        let pod = from.find(&self.api.store);
        let mut hosts = pod.map(super::inside::hosts).into_iter().flatten();
        if let Some((ip, _)) = hosts.find(|(_, names)| names.iter().any(|it| it == host)) {
            return Some(ip);
        }
        let found = dns::resolve(&self.api, &from.namespace, host, Query::A);
        let ips: Vec<Text> = found.into_iter().filter_map(dns::Answer::ip).collect();
        self.draw(&ips).cloned()
    }

    /// Asks a Service as the API server's proxy does, by the name or number of a port, or its first.
    ///
    /// The pod's port comes with the answer; `None` if no pod stands behind it, or it has no such port.
    pub fn ask_service(
        &mut self,
        service: &Service,
        port: Option<&str>,
        ask: Ask<'_>,
    ) -> Option<(i32, Result<Response, Silence>)> {
        let mut ports = service.spec.ports.iter();
        let port = match port {
            None => ports.next(),
            Some(name) => ports.find(|it| &*it.name == name || it.port.to_string() == name),
        };
        let backend = self.backend(service, port?)?;
        let answer = self.ask_pod(None, Some(service.key()), &backend.pod, backend.port, ask);
        Some((backend.port, answer))
    }

    /// One of a Service's ready pods.
    fn backend(&self, service: &Service, port: &ServicePort) -> Option<Backend> {
        let mut found = Vec::new();
        for slice in dns::slices(service, &self.api.store) {
            let mut ports = slice.ports.iter();
            let named = ports.find(|it| it.name.as_deref().unwrap_or_default() == &*port.name);
            let target = named.and_then(|it| it.port).or(match &port.target_port {
                Some(IntOrString::Int(number)) => i32::try_from(*number).ok(),
                _ => Some(port.port),
            });
            for endpoint in slice.endpoints.iter() {
                let pod = endpoint.target.as_ref().map(|it| it.name.clone());
                if let (Some(pod), Some(port), true) =
                    (pod, target, endpoint.conditions.ready != Some(false))
                {
                    let pod = ObjectKey::new(Kind::Pod, service.meta.namespace.clone(), pod);
                    found.push((pod, port));
                }
            }
        }
        let (pod, port) = self.draw(&found)?.clone();
        Some(Backend { pod, port })
    }

    /// One of many, by the number of requests so far: even over time, and the same in every replay.
    fn draw<'a, T>(&self, items: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(items.len()).ok().filter(|it| *it > 0)?;
        let seed = self
            .api
            .config
            .seed
            .wrapping_add(self.requests_made.len() as u64);
        let at = fnv1a_64(&seed.to_le_bytes()) >> 16;
        items.get(usize::try_from(at % count).ok()?)
    }

    /// Asks a pod on a port.
    pub fn ask_pod(
        &mut self,
        from: Option<ObjectKey>,
        service: Option<ObjectKey>,
        to: &ObjectKey,
        port: i32,
        ask: Ask<'_>,
    ) -> Result<Response, Silence> {
        let store = &self.api.store;
        let Some(pod) = store.find::<Pod>(&to.namespace, &to.name).cloned() else {
            return Err(Silence::NoRoute(Text::default()));
        };
        let ip = pod.status.pod_ip.clone();
        // A node whose kubelet fell silent still carries its pods' traffic, as a stopped kubelet's node does.
        let mut containers = pod.spec.containers.iter();
        let container = containers
            .find(|it| Spot::of(&pod, &it.name).runs(store) && image::ports(it).contains(&port));
        let container = container.ok_or_else(|| Silence::Refused(ip.clone()))?;
        let spot = Spot::of(&pod, &container.name);
        let asker = match &from {
            Some(from) => store.find::<Pod>(&from.namespace, &from.name),
            None => None,
        };
        let asker = asker.map_or_else(|| "10.244.0.1".into(), |it| it.status.pod_ip.clone());
        let asker = if from.as_ref() == Some(to) {
            "127.0.0.1".into()
        } else {
            asker
        };
        let answer = self
            .serve(&spot, container, &asker, ask)
            .ok_or(Silence::Empty(ip))?;
        self.requests_made.push(Request {
            at: self.now(),
            from,
            service,
            to: to.clone(),
            status: answer.status,
        });
        Ok(answer)
    }
}
