//! The Endpoints controller: the pods behind each Service in the form that EndpointSlices replaced (reference 6.2).

use crate::cluster::large::LargeMap;
use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::service_pods::{self, Dirty, Pods};
use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions};
use crate::cluster::json::Json as _;
use crate::cluster::object::endpoint_slice::{
    EndpointAddress, EndpointPort, EndpointSubset, HEADLESS,
};
use crate::cluster::object::{
    Endpoints, Kind, Meta, Object, ObjectKey, Pod, Resource as _, Service,
};
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
    pods: LargeMap<Text, Place>,
    /// By ports: the addresses in the order of their texts, ready or not.
    subsets: SortedMap<Text, Subset>,
    /// The ports that were looked at last, with their form and text.
    last_ports: Option<(Rc<[EndpointPort]>, Value, Text)>,
}

/// Addresses in the order of their texts, and those of them that were shown last.
#[derive(Clone, Debug, Default)]
struct Listed {
    all: LargeMap<(Text, Text), Rc<EndpointAddress>>,
    shown: Rc<[Rc<EndpointAddress>]>,
    /// Whether all were shown.
    is_whole: bool,
    /// Whether others are to be shown now.
    is_stale: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    ports: Text,
    ip: Text,
}

#[derive(Clone, Debug, Default)]
struct Subset {
    ports: Value,
    ready: Listed,
    not_ready: Listed,
}

impl Controller for EndpointsController {
    const COMPONENT: Component = Component::Endpoints;

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        for key in self.dirty.observe(write, api) {
            wake.add(key, api.config.latency.endpoints_ms);
        }
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
            Pods::Some(names) => {
                for name in names.iter() {
                    known.forget(name);
                    if let Some(pod) = api.store.find::<Pod>(&key.namespace, name) {
                        known.put(&service, pod);
                    }
                }
            }
        }
        let subsets = known.subsets();
        if write(&service, subsets, api).is_ok() {
            Outcome::Done
        } else {
            Outcome::Retry
        }
    }
}

impl EndpointsController {
    /// Compares the lists that are kept with those that are made anew from all addresses.
    pub fn check(&self) -> Result<(), String> {
        for (key, known) in &self.known {
            let (mut kept, mut plain) = (known.clone(), known.clone());
            for (_, subset) in plain.subsets.iter_mut() {
                subset.ready.is_stale = true;
                subset.not_ready.is_stale = true;
            }
            if kept.subsets() != plain.subsets() {
                return Err(format!(
                    "the addresses kept for {key} differ from all of them"
                ));
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
            let key = (place.ip, pod.clone());
            subset.ready.remove(&key);
            subset.not_ready.remove(&key);
            if subset.ready.all.is_empty() && subset.not_ready.all.is_empty() {
                self.subsets.remove(&place.ports);
            }
        }
    }

    /// The ports in core/v1's form, with their text; most pods of a Service have the same.
    fn ports(&mut self, ports: Rc<[EndpointPort]>) -> (Value, Text) {
        match &self.last_ports {
            Some((known, value, text)) if *known == ports => (value.clone(), text.clone()),
            _ => {
                let value = ports_value(&ports);
                let text = Text::from(value.to_json());
                self.last_ports = Some((ports, value.clone(), text.clone()));
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
        let (ports, text) = self.ports(service_pods::ports(service, pod));
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
        let key = (place.ip.clone(), pod.meta.name.clone());
        list.insert(key, Rc::new(address));
        self.pods.insert(pod.meta.name.clone(), place);
    }

    /// The subsets to be stored: at most a thousand addresses, the ready ones first.
    fn subsets(&mut self) -> Rc<[EndpointSubset]> {
        let mut free = ADDRESSES_MAX;
        let subsets = self.subsets.iter_mut().map(|(_, subset)| EndpointSubset {
            addresses: subset.ready.shown(&mut free),
            not_ready_addresses: subset.not_ready.shown(&mut free),
            ports: subset.ports.clone(),
            ..EndpointSubset::default()
        });
        subsets.collect()
    }
}

impl Listed {
    fn insert(&mut self, key: (Text, Text), address: Rc<EndpointAddress>) {
        self.note(&key);
        self.all.insert(key, address);
    }

    fn remove(&mut self, key: &(Text, Text)) {
        if self.all.remove(key).is_some() {
            self.note(key);
        }
    }

    /// What comes after a list that was cut off does not show.
    fn note(&mut self, key: &(Text, Text)) {
        let last = self.shown.last();
        self.is_stale |= last.is_none_or(|last| {
            let name = last.target.as_ref().map(|target| &target.name);
            self.is_whole || (Some(&key.0), Some(&key.1)) <= (Some(&last.ip), name)
        });
    }

    /// The first addresses, as many as are free.
    fn shown(&mut self, free: &mut usize) -> Rc<[Rc<EndpointAddress>]> {
        if self.is_stale
            || (self.shown.len() > *free)
            || (!self.is_whole && self.shown.len() != *free)
        {
            let taken: Vec<_> = self.all.values().take(*free).cloned().collect();
            self.is_whole = taken.len() < *free;
            self.is_stale = false;
            self.shown = taken.into();
        }
        *free -= self.shown.len();
        Rc::clone(&self.shown)
    }
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

fn write(
    service: &Service,
    subsets: Rc<[EndpointSubset]>,
    api: &mut Api,
) -> Result<(), crate::cluster::error::ApiError> {
    let (namespace, name) = (&service.meta.namespace, &service.meta.name);
    let mut labels = Rc::clone(&service.meta.labels);
    let managed = Rc::make_mut(&mut labels);
    let word = Text::new_static;
    let managed_by = word("endpoints.kubernetes.io/managed-by");
    managed.insert(managed_by, word("endpoint-controller"));
    if service.is_headless() {
        managed.insert(word(HEADLESS), Text::default());
    }
    if api.store.get(Kind::Endpoints, namespace, name).is_some() {
        api.modify::<Endpoints>(namespace, name, Part::Main, |it| {
            if it.meta.labels != labels {
                it.meta.labels = labels;
            }
            it.subsets = subsets;
        })?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::endpoint_slice::TargetRef;
    use crate::cluster::rng::Rng;

    #[test]
    fn what_is_shown_are_the_first_of_all_whatever_has_changed() {
        let (mut listed, mut rng) = (Listed::default(), Rng::new(7));
        let mut most = 0;
        for round in 0..20_000 {
            let text = Text::from(format!("{}", rng.below(12)));
            let key = (text.clone(), text.clone());
            let target = TargetRef {
                name: text.clone(),
                ..TargetRef::default()
            };
            let address = EndpointAddress {
                ip: text,
                node_name: Some(format!("{round}").into()),
                target: Some(target),
                ..EndpointAddress::default()
            };
            match rng.below(3) {
                0 => listed.remove(&key),
                _ => listed.insert(key, Rc::new(address)),
            }
            if rng.below(4) == 0 {
                most = rng.below(14) as usize;
            }
            let mut free = most;
            let shown = listed.shown(&mut free);
            let plain: Vec<_> = listed.all.values().take(most).cloned().collect();
            assert_eq!(*shown, *plain);
            assert_eq!(free, most - plain.len());
        }
    }
}
