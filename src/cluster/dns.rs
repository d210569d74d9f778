//! The cluster's DNS: which names resolve to what, as CoreDNS answers them (reference 6.3).
//!
//! Nothing is stored: an answer follows from Services and EndpointSlices as they are.

use super::api::Api;
use super::object::endpoint_slice::{Endpoint, EndpointPort, SERVICE_NAME};
use super::object::{EndpointSlice, Service};
use super::store::Store;
use super::value::Text;

/// The zone of the cluster.
pub const ZONE: &str = "cluster.local";
/// The address of the DNS server, and its name.
pub const SERVER: &str = "10.96.0.10";
/// The name of the DNS server.
pub const SERVER_NAME: &str = "kube-dns.kube-system.svc.cluster.local";
/// A name with fewer dots is first looked for in the search list (`options ndots:5`).
const NDOTS: usize = 5;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Addresses.
    A,
    /// Where a port of a Service is served.
    Srv,
    /// The name of an address.
    Ptr,
}

/// One record of an answer. Names end without a dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An address.
    A {
        /// The name that has it.
        name: Text,
        /// The address.
        ip: Text,
    },
    /// Where a port is served.
    Srv {
        /// The port.
        port: i32,
        /// A hundredth part of the requests.
        weight: i32,
        /// The host.
        target: Text,
    },
    /// The name of an address, or what an alias stands for.
    Name(Text),
}

impl Answer {
    /// The address, if it is one.
    pub fn ip(self) -> Option<Text> {
        match self {
            Self::A { ip, .. } => Some(ip),
            _ => None,
        }
    }
}

/// Looks a name up as a pod of a namespace does, by way of the search list; empty if it does not exist (`NXDOMAIN`).
///
/// ```
/// use ordinal::cluster::{Cluster, config::Config, dns};
///
/// let cluster = Cluster::new(Config::page(1));
/// let found = dns::resolve(&cluster.api, "default", "kubernetes", dns::Query::A);
/// let name = "kubernetes.default.svc.cluster.local".into();
/// assert_eq!(found, [dns::Answer::A { name, ip: "10.96.0.1".into() }]);
/// ```
pub fn resolve(api: &Api, namespace: &str, name: &str, query: Query) -> Vec<Answer> {
    search(api, namespace, name, query).1
}

/// The same, with the full name that was found; where nothing is found, the name that was asked.
pub fn search(api: &Api, namespace: &str, name: &str, query: Query) -> (String, Vec<Answer>) {
    if let Some(absolute) = name.strip_suffix('.') {
        return (absolute.to_owned(), lookup(api, absolute, query));
    }
    let listed = search_list(namespace)
        .into_iter()
        .map(|domain| format!("{name}.{domain}"));
    let mut candidates: Vec<String> = listed.collect();
    if name.matches('.').count() < NDOTS {
        candidates.push(name.to_owned());
    } else {
        candidates.insert(0, name.to_owned());
    }
    let found = candidates.into_iter().find_map(|name| {
        let answers = lookup(api, &name, query);
        (!answers.is_empty()).then_some((name, answers))
    });
    found.unwrap_or_else(|| (name.to_owned(), Vec::new()))
}

/// Whether a text is an IPv4 address.
pub fn is_address(text: &str) -> bool {
    text.split('.')
        .filter(|it| it.parse::<u8>().is_ok())
        .count()
        == 4
}

/// The domains in which a pod of a namespace looks for short names.
pub fn search_list(namespace: &str) -> [String; 3] {
    [
        format!("{namespace}.svc.{ZONE}"),
        format!("svc.{ZONE}"),
        ZONE.to_owned(),
    ]
}

/// The name of an address: of the pod in the Service that names it, or of a Service.
pub fn reverse(api: &Api, ip: &str) -> Option<Text> {
    let services = || api.store.list::<Service>();
    if let Some(service) = services().find(|it| &*it.spec.cluster_ip == ip) {
        return Some(service_name(service).into());
    }
    let named = services().find_map(|service| {
        let mut hosts = hosts(service, api);
        let found = hosts.find(|host| host.ip() == Some(ip) && host.endpoint.hostname.is_some());
        found.map(|host| host.name(service))
    });
    named.map(Text::from)
}

/// Looks a full name up.
fn lookup(api: &Api, name: &str, query: Query) -> Vec<Answer> {
    if query == Query::Ptr {
        return reverse(api, name).map(Answer::Name).into_iter().collect();
    }
    let Some(inside) = name.strip_suffix(ZONE).and_then(|it| it.strip_suffix('.')) else {
        return Vec::new();
    };
    let labels: Vec<&str> = inside.split('.').collect();
    match labels.as_slice() {
        [dashed, _, "pod"] => pod(name, dashed, query),
        [rest @ .., service, namespace, "svc"] => {
            let Some(service) = api.store.find::<Service>(namespace, service) else {
                return Vec::new();
            };
            of_service(service, rest, query, api)
        }
        _ => Vec::new(),
    }
}

/// `10-244-1-6.default.pod`: the name says the address.
fn pod(name: &str, dashed: &str, query: Query) -> Vec<Answer> {
    let ip = dashed.replace('-', ".");
    let found = (is_address(&ip) && query == Query::A).then(|| Answer::A {
        name: name.into(),
        ip: ip.into(),
    });
    found.into_iter().collect()
}

/// A pod behind a Service, with the ports that it is there for.
struct Host<'a> {
    endpoint: &'a Endpoint,
    ports: &'a [EndpointPort],
}

impl Host<'_> {
    fn ip(&self) -> Option<&str> {
        self.endpoint.addresses.first().map(|ip| &**ip)
    }

    /// Its own label, or its address with dashes.
    fn label(&self) -> String {
        match &self.endpoint.hostname {
            Some(hostname) => hostname.to_string(),
            None => self.ip().unwrap_or_default().replace('.', "-"),
        }
    }

    fn name(&self, service: &Service) -> String {
        format!("{}.{}", self.label(), service_name(service))
    }
}

fn service_name(service: &Service) -> String {
    format!(
        "{}.{}.svc.{ZONE}",
        service.meta.name, service.meta.namespace
    )
}

/// The slices of a Service: whose they are their label says, whoever has made them.
pub(super) fn slices<'a>(
    service: &'a Service,
    store: &'a Store,
) -> impl Iterator<Item = &'a EndpointSlice> {
    let all = store.list_in::<EndpointSlice>(&service.meta.namespace);
    all.filter(|it| it.meta.labels.get(SERVICE_NAME) == Some(&service.meta.name))
}

/// The pods behind a Service that DNS knows: those whose endpoint is ready.
fn hosts<'a>(service: &'a Service, api: &'a Api) -> impl Iterator<Item = Host<'a>> {
    slices(service, &api.store).flat_map(|slice| {
        let known = slice.endpoints.iter();
        known
            .filter(|endpoint| endpoint.conditions.ready != Some(false))
            .map(|endpoint| Host {
                endpoint,
                ports: &slice.ports,
            })
    })
}

fn of_service(service: &Service, rest: &[&str], query: Query, api: &Api) -> Vec<Answer> {
    if &*service.spec.kind == "ExternalName" {
        let alias = Answer::Name(service.spec.external_name.clone());
        return if rest.is_empty() {
            vec![alias]
        } else {
            Vec::new()
        };
    }
    match (query, rest) {
        (Query::A, []) if !service.is_headless() => vec![Answer::A {
            name: service_name(service).into(),
            ip: service.spec.cluster_ip.clone(),
        }],
        (Query::A, []) => addresses(service, hosts(service, api)),
        (Query::A, [label]) if service.is_headless() => {
            let named = hosts(service, api).filter(|host| host.label() == *label);
            addresses(service, named)
        }
        (Query::Srv, []) => ports(service, None, api),
        (Query::Srv, [port, protocol]) => {
            match (port.strip_prefix('_'), protocol.strip_prefix('_')) {
                (Some(port), Some(protocol)) => ports(service, Some((port, protocol)), api),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn addresses<'a>(service: &Service, hosts: impl Iterator<Item = Host<'a>>) -> Vec<Answer> {
    hosts
        .filter_map(|host| {
            Some(Answer::A {
                name: host.name(service).into(),
                ip: host.ip()?.into(),
            })
        })
        .collect()
}

/// One record a host and port; all ports, or the one of this name and protocol.
fn ports(service: &Service, wanted: Option<(&str, &str)>, api: &Api) -> Vec<Answer> {
    let fits = |name: &str, protocol: &str| {
        wanted.is_none_or(|(port, of)| port == name && of.eq_ignore_ascii_case(protocol))
    };
    let mut found: Vec<(i32, Text)> = Vec::new();
    if service.is_headless() {
        for host in hosts(service, api) {
            let ports = host.ports.iter().filter(|port| {
                let name = port.name.as_deref().unwrap_or_default();
                fits(name, port.protocol.as_deref().unwrap_or("TCP"))
            });
            let numbers = ports.filter_map(|port| port.port);
            found.extend(numbers.map(|port| (port, Text::from(host.name(service)))));
        }
    } else {
        let ports = service.spec.ports.iter();
        let ports = ports.filter(|port| fits(&port.name, &port.protocol));
        found.extend(ports.map(|port| (port.port, service_name(service).into())));
    }
    let weight = (100 / i32::try_from(found.len().max(1)).unwrap_or(100)).max(1);
    let record = |(port, target)| Answer::Srv {
        port,
        weight,
        target,
    };
    found.into_iter().map(record).collect()
}
