//! A Service: a phone book of names if it is headless, a switchboard with one address if not.

use std::sync::Arc;

use super::{Place, Scene, keep};
use crate::cluster::object::endpoint_slice::SERVICE_NAME;
use crate::cluster::object::pod::parent_and_ordinal;
use crate::cluster::object::{EndpointSlice, Service};
use crate::cluster::sorted;
use crate::cluster::value::Text;
use crate::kubectl::status::service_ports;
use crate::timeline::View;

/// The Service of the API server itself, which no manifest makes.
const API_SERVER: &str = "kubernetes";
/// The most entries that are drawn of one Service.
const ENTRIES_MAX: usize = 60;

/// A Service with its endpoints as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCard {
    /// Where it stands.
    pub place: Place,
    /// Its own address; `None` for a headless one.
    pub address: Option<Text>,
    /// Its ports, as kubectl shows them: `80/TCP`.
    pub ports: Text,
    /// Whether it chooses pods at all.
    pub has_selector: bool,
    /// The pods behind it.
    pub entries: Vec<Endpoint>,
    /// How many more there are.
    pub undrawn: usize,
}

/// One pod behind a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The pod.
    pub pod: Text,
    /// Its address.
    pub ip: Text,
    /// Its name in DNS, if it has one of its own.
    pub hostname: Option<Text>,
    /// Whether it takes requests.
    pub is_ready: bool,
}

pub(super) fn draw(view: &View, last: &Scene) -> Vec<Arc<ServiceCard>> {
    let services = view.store.list::<Service>();
    let own = services.filter(|it| &*it.meta.name != API_SERVER);
    own.map(|service| keep(card(service, view), last.services.iter()))
        .collect()
}

fn card(service: &Service, view: &View) -> ServiceCard {
    let (namespace, name) = (&service.meta.namespace, &service.meta.name);
    let slices = view.store.list_in::<EndpointSlice>(namespace);
    let own = slices.filter(|it| it.meta.label(SERVICE_NAME) == Some(name));
    let mut entries: Vec<Endpoint> = own
        .flat_map(|slice| slice.endpoints.iter())
        .map(|endpoint| {
            let pod = endpoint.target.as_ref().map(|it| it.name.clone());
            Endpoint {
                pod: pod.unwrap_or_default(),
                ip: endpoint.addresses.first().cloned().unwrap_or_default(),
                hostname: endpoint.hostname.clone(),
                is_ready: endpoint.conditions.ready == Some(true),
            }
        })
        .collect();
    sorted::sort_by(&mut entries, |a, b| order(&a.pod).cmp(&order(&b.pod)));
    let undrawn = entries.len().saturating_sub(ENTRIES_MAX);
    entries.truncate(ENTRIES_MAX);
    ServiceCard {
        place: Place {
            namespace: namespace.clone(),
            name: name.clone(),
        },
        address: (!service.is_headless()).then(|| service.spec.cluster_ip.clone()),
        ports: service_ports(service).into(),
        has_selector: service.has_endpoints(),
        entries,
        undrawn,
    }
}

/// Ordinals in their order, other names by their letters.
fn order(pod: &Text) -> (&str, i32, &str) {
    match parent_and_ordinal(pod) {
        Some((parent, ordinal)) => (parent, ordinal, ""),
        None => ("", 0, pod),
    }
}
