//! The Endpoints controller: the pods behind each Service in the form that EndpointSlices replaced (reference 6.2).

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::service_pods::{self, Dirty, OwnLabels, Pods};
use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions};
use crate::cluster::json::{Json as _, Rest};
use crate::cluster::lookup::Lookup;
use crate::cluster::object::endpoint_slice::{
    EndpointAddress, EndpointPort, EndpointSubset, HEADLESS,
};
use crate::cluster::object::meta::Labels;
use crate::cluster::object::{
    Endpoints, Kind, Meta, Object, ObjectKey, Pod, Resource as _, Service,
};
use crate::cluster::pieces::Pieces;
use crate::cluster::record::{Component, Part, Verb, Write};
use crate::cluster::value::{Text, Value};

/// An Endpoints object lists at most so many addresses.
const ADDRESSES_MAX: usize = 1000;

/// The controller with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct EndpointsController {
    dirty: Dirty,
    /// By Service: its pods.
    known: SortedMap<ObjectKey, Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    /// By pod: where it is listed.
    pods: Lookup<Text, Place>,
    /// By ports: the addresses in the order of their texts, ready or not.
    subsets: SortedMap<Text, Subset>,
    /// The ports that were looked at last, with their form and text.
    last_ports: Option<(Rc<[EndpointPort]>, Rc<Value>, Text)>,
    labels: OwnLabels,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    ports: Text,
    ip: Text,
}

#[derive(Clone, Debug, Default)]
struct Subset {
    ports: Rc<Value>,
    ready: Pieces<EndpointAddress>,
    not_ready: Pieces<EndpointAddress>,
}

impl Controller for EndpointsController {
    const COMPONENT: Component = Component::Endpoints;
    const WATCHES: &[Kind] = &[Kind::Pod, Kind::Service];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        self.dirty.observe(write, api, wake);
        if let (Object::Service(_), Verb::Removed) = (&*write.object, write.verb) {
            self.known.remove(&write.object.key());
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let pods = self.dirty.take(key);
        let own = ObjectKey {
            kind: Kind::Endpoints,
            ..key.clone()
        };
        let Some(service) = api.store.hold::<Service>(&key.namespace, &key.name) else {
            if api.store.by_key(&own).is_some() {
                // What is gone already needs no deleting.
                let _gone = api.delete(&own, &DeleteOptions::default());
            }
            return Outcome::Done;
        };
        if !service.has_endpoints() {
            return Outcome::Done;
        }
        let known = self.known.entry(key.clone()).or_default();
        match pods {
            Pods::All => {
                *known = Known::default();
                service_pods::behind(&service, api).for_each(|pod| known.put(&service, pod));
            }
            Pods::One(_) | Pods::Some(_) => {
                for name in pods.named() {
                    known.forget(name);
                    if let Some(pod) = api.store.find::<Pod>(&key.namespace, name) {
                        known.put(&service, pod);
                    }
                }
            }
        }
        let labels = known.labels.of(&service, labels);
        if write(&service, labels, known.subsets(), api).is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }
}

impl EndpointsController {
    /// Compares where pods are remembered with where they are listed.
    pub fn check(&self) -> Result<(), String> {
        for (key, known) in &self.known {
            let mut listed = 0;
            for (ports, subset) in &known.subsets {
                for list in [&subset.ready, &subset.not_ready] {
                    listed += list.len();
                    if !list.iter().is_sorted_by(|a, b| order_of(a) < order_of(b)) {
                        return Err(format!("the addresses of {key} are out of order"));
                    }
                    for address in list.iter() {
                        let (ip, pod) = order_of(address);
                        let place = known.pods.get(pod);
                        if place.is_none_or(|it| (&it.ports, &it.ip) != (ports, ip)) {
                            return Err(format!("{pod} is listed behind {key} and not remembered"));
                        }
                    }
                }
            }
            if known.pods.len() != listed {
                return Err(format!("a pod is remembered behind {key} and not listed"));
            }
        }
        Ok(())
    }
}

impl Known {
    fn forget(&mut self, pod: &Text) {
        let Some(place) = self.pods.remove(pod) else {
            return;
        };
        if let Some(subset) = self.subsets.get_mut(&place.ports) {
            for list in [&mut subset.ready, &mut subset.not_ready] {
                if let Ok(spot) = list.search(|it| order_of(it).cmp(&(&place.ip, pod))) {
                    list.remove(spot);
                }
            }
            if subset.ready.is_empty() && subset.not_ready.is_empty() {
                self.subsets.remove(&place.ports);
            }
        }
    }

    /// The ports in core/v1's form, with their text; most pods of a Service have the same.
    fn ports(&mut self, service: &Service, pod: &Pod) -> (Rc<Value>, Text) {
        let known = self.last_ports.as_ref().map(|(ports, ..)| ports);
        let ports = service_pods::ports(service, pod, known);
        match &self.last_ports {
            Some((known, value, text)) if *known == ports => (Rc::clone(value), text.clone()),
            _ => {
                let value = Rc::new(ports_value(&ports));
                let text = Text::from(value.to_json());
                self.last_ports = Some((ports, Rc::clone(&value), text.clone()));
                (value, text)
            }
        }
    }

    fn put(&mut self, service: &Service, pod: &Pod) {
        let leaving = pod.meta.is_deleting() && !service.spec.publish_not_ready;
        if leaving
            || !service_pods::is_behind(service, &pod.meta)
            || !service_pods::can_be_listed(pod)
        {
            return;
        }
        let (ports, text) = self.ports(service, pod);
        let place = Place {
            ports: text,
            ip: pod.status.pod_ip.clone(),
        };
        let ready = service.spec.publish_not_ready || pod.has_ready_condition();
        let address = EndpointAddress {
            ip: pod.status.pod_ip.clone(),
            hostname: service_pods::hostname(service, pod).unwrap_or_default(),
            node_name: Some(pod.spec.node_name.clone()),
            target: Some(service_pods::target(pod)),
            ..EndpointAddress::default()
        };
        let subset = self.subsets.entry(place.ports.clone()).or_default();
        subset.ports = ports;
        let list = if ready {
            &mut subset.ready
        } else {
            &mut subset.not_ready
        };
        let own = (&place.ip, &pod.meta.name);
        match list.search(|it| order_of(it).cmp(&own)) {
            Ok(spot) => list.set(spot, Rc::new(address)),
            Err(spot) => list.insert(spot, Rc::new(address)),
        }
        self.pods.insert(pod.meta.name.clone(), place);
    }

    /// The subsets to be stored: at most a thousand addresses, the ready ones first.
    fn subsets(&self) -> Rc<[EndpointSubset]> {
        let mut free = ADDRESSES_MAX;
        let mut first = |list: &Pieces<EndpointAddress>| {
            let shown = list.first(free);
            free -= shown.len();
            shown
        };
        let subsets = self.subsets.values().map(|subset| EndpointSubset {
            addresses: first(&subset.ready),
            not_ready_addresses: first(&subset.not_ready),
            ports: Rc::clone(&subset.ports),
            rest: Rest::default(),
        });
        subsets.collect()
    }
}

/// What addresses are in the order of: their texts, and then the names of their pods.
fn order_of(address: &EndpointAddress) -> (&Text, &Text) {
    static NONE: Text = Text::new_static("");
    let target = address.target.as_ref();
    (&address.ip, target.map_or(&NONE, |target| &target.name))
}

/// The ports in core/v1's form: a name only if there is one.
fn ports_value(ports: &[EndpointPort]) -> Value {
    if ports.is_empty() {
        return Value::Null;
    }
    let plain = ports.iter().map(|port| {
        let named = port.name.clone().filter(|name| !name.is_empty());
        EndpointPort {
            name: named,
            ..port.clone()
        }
        .write_always()
    });
    Value::List(plain.collect())
}

fn labels(service: &Service) -> Labels {
    let mut labels = Rc::clone(&service.meta.labels);
    let managed = Rc::make_mut(&mut labels);
    let word = Text::new_static;
    let managed_by = word("endpoints.kubernetes.io/managed-by");
    managed.insert(managed_by, word("endpoint-controller"));
    if service.is_headless() {
        managed.insert(word(HEADLESS), Text::default());
    }
    labels
}

fn write(
    service: &Service,
    labels: Labels,
    subsets: Rc<[EndpointSubset]>,
    api: &mut Api,
) -> Result<(), crate::cluster::error::ApiError> {
    let (namespace, name) = (&service.meta.namespace, &service.meta.name);
    let (own, listed) = (Rc::clone(&labels), Rc::clone(&subsets));
    let changed = api.modify::<Endpoints>(namespace, name, Part::Main, |it| {
        if it.meta.labels != own {
            it.meta.labels = own;
        }
        it.subsets = listed;
    })?;
    if changed.is_some() {
        return Ok(());
    }
    let meta = Meta {
        labels,
        ..Meta::named(namespace, name.clone())
    };
    let made = Endpoints {
        meta,
        subsets,
        ..Endpoints::default()
    };
    api.create(made.into_object()).map(|_| ())
}
