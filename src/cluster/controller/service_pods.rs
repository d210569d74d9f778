//! What EndpointSlices and Endpoints have in common: which pods stand behind a Service, with which ports, and what
//! wakes those who list them (reference 6.2).

use crate::cluster::large::LargeSet;
use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::Wake;
use crate::cluster::api::Api;
use crate::cluster::json::IntOrString;
use crate::cluster::object::endpoint_slice::{EndpointPort, TargetRef};
use crate::cluster::object::meta::{Labels, selects};
use crate::cluster::object::service::ServicePort;
use crate::cluster::object::{Kind, Meta, Object, ObjectKey, Pod, Resource as _, Service};
use crate::cluster::record::{Verb, Write};
use crate::cluster::value::Text;

/// Pods that changed since a Service was last looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Dirty {
    by_service: SortedMap<ObjectKey, Pods>,
}

/// Which pods of a Service to look at.
#[derive(Clone, Debug)]
pub(super) enum Pods {
    /// Every one.
    All,
    /// The only one that changed: mostly no other does before its Service is looked at.
    One(Text),
    /// Those that changed.
    Some(LargeSet<Text>),
}

impl Pods {
    fn add(&mut self, pod: &Text) {
        match self {
            Self::All => {}
            Self::One(known) if known == pod => {}
            Self::One(known) => {
                *self = Self::Some(LargeSet::from_iter([std::mem::take(known), pod.clone()]));
            }
            Self::Some(names) => names.insert(pod.clone()),
        }
    }

    /// The names of those that changed, in their order.
    pub(super) fn named(&self) -> impl Iterator<Item = &Text> {
        let (one, several) = match self {
            Self::All => (None, None),
            Self::One(name) => (Some(name), None),
            Self::Some(names) => (None, Some(names)),
        };
        one.into_iter()
            .chain(several.into_iter().flat_map(LargeSet::iter))
    }
}

/// The labels of what lists a Service's pods, made once for all versions of the Service that share theirs.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnLabels {
    /// Of which labels they were made, and whether for a headless Service.
    of: Option<(Labels, bool)>,
    made: Labels,
}

impl OwnLabels {
    /// The labels for a Service, which is always the same one.
    pub(super) fn of(
        &mut self,
        service: &Service,
        make: impl FnOnce(&Service) -> Labels,
    ) -> Labels {
        let (labels, headless) = (&service.meta.labels, service.is_headless());
        let known = self.of.as_ref();
        if !known.is_some_and(|(of, was)| Rc::ptr_eq(of, labels) && *was == headless) {
            self.of = Some((Rc::clone(labels), headless));
            self.made = make(service);
        }
        Rc::clone(&self.made)
    }
}

impl Dirty {
    /// Takes in a write, and wakes the Services that it concerns.
    pub(super) fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let after_ms = api.config.latency.endpoints_ms;
        match &*write.object {
            Object::Service(_) => {
                let key = write.object.key();
                self.by_service.insert(key.clone(), Pods::All);
                wake.add(key, after_ms);
            }
            Object::Pod(pod) => {
                let before = write.before.as_deref().and_then(Pod::of);
                let updated = matches!(write.verb, Verb::Updated | Verb::Deleting);
                if updated && before.is_some_and(|before| !endpoint_changed(before, pod)) {
                    return;
                }
                // Most versions have the labels of the one before.
                let relabeled = before.filter(|it| !Rc::ptr_eq(&it.meta.labels, &pod.meta.labels));
                for service in api.store.list_in::<Service>(&pod.meta.namespace) {
                    if is_behind(service, &pod.meta)
                        || relabeled.is_some_and(|before| is_behind(service, &before.meta))
                    {
                        let key = service.key();
                        self.note(&key, &pod.meta.name);
                        wake.add(key, after_ms);
                    }
                }
            }
            _ => {}
        }
    }

    /// Remembers that a pod of a Service is to be looked at.
    fn note(&mut self, key: &ObjectKey, pod: &Text) {
        match self.by_service.get_mut(key) {
            Some(pods) => pods.add(pod),
            None => {
                self.by_service.insert(key.clone(), Pods::One(pod.clone()));
            }
        }
    }

    /// The pods of a Service to look at now.
    pub(super) fn take(&mut self, key: &ObjectKey) -> Pods {
        self.by_service
            .remove(key)
            .unwrap_or(Pods::Some(LargeSet::default()))
    }

    /// Whether no pod of a Service waits to be looked at.
    pub(super) fn is_settled(&self, key: &ObjectKey) -> bool {
        !self.by_service.contains_key(key)
    }

    /// Puts pods back that could not be dealt with.
    pub(super) fn put_back(&mut self, key: &ObjectKey) {
        self.by_service.insert(key.clone(), Pods::All);
    }
}

/// Whether a Service's selector matches.
pub(super) fn is_behind(service: &Service, meta: &Meta) -> bool {
    service.has_endpoints() && selects(&service.spec.selector, &meta.labels)
}

/// Whether an update of a pod concerns those who list it; a change of phase alone does not.
fn endpoint_changed(before: &Pod, pod: &Pod) -> bool {
    pod.meta.is_deleting()
        || before.has_ready_condition() != pod.has_ready_condition()
        || before.status.pod_ip != pod.status.pod_ip
        || before.meta.labels != pod.meta.labels
        || before.spec.hostname != pod.spec.hostname
        || before.spec.subdomain != pod.spec.subdomain
}

/// The pods of a Service, by name.
pub(super) fn behind<'a>(service: &'a Service, api: &'a Api) -> impl Iterator<Item = &'a Pod> {
    let pods = api.store.list_in::<Pod>(&service.meta.namespace);
    pods.filter(|pod| is_behind(service, &pod.meta))
}

/// Whether a pod can be listed at all: it has an address and is not over.
pub(super) fn can_be_listed(pod: &Pod) -> bool {
    !pod.status.pod_ip.is_empty() && !pod.is_finished()
}

/// The name that a Service gives a pod in DNS: only the one that the pod names as its subdomain.
pub(super) fn hostname(service: &Service, pod: &Pod) -> Option<Text> {
    let governed = !pod.spec.hostname.is_empty() && pod.spec.subdomain == service.meta.name;
    governed.then(|| pod.spec.hostname.clone())
}

/// The pod as an endpoint's target.
pub(super) fn target(pod: &Pod) -> TargetRef {
    TargetRef {
        kind: Kind::Pod.name().into(),
        namespace: pod.meta.namespace.clone(),
        name: pod.meta.name.clone(),
        uid: pod.meta.uid.clone(),
        ..TargetRef::default()
    }
}

/// The ports of a Service as a pod has them; one whose name the pod does not know is left out. Most pods of a Service
/// have the same, which then are those that are known.
pub(super) fn ports(
    service: &Service,
    pod: &Pod,
    known: Option<&Rc<[EndpointPort]>>,
) -> Rc<[EndpointPort]> {
    let ports = || {
        service.spec.ports.iter().filter_map(|port| {
            let number = target_port(port, pod)?;
            Some(EndpointPort {
                name: Some(port.name.clone()),
                port: Some(number),
                protocol: Some(port.protocol.clone()),
                ..EndpointPort::default()
            })
        })
    };
    let is_known = |known: &&Rc<[EndpointPort]>| {
        let mut ports = ports();
        known.iter().all(|it| ports.next().as_ref() == Some(it)) && ports.next().is_none()
    };
    match known.filter(is_known) {
        Some(known) => Rc::clone(known),
        None => ports().collect(),
    }
}

/// The number that a Service's port has at a pod.
pub(super) fn target_port(port: &ServicePort, pod: &Pod) -> Option<i32> {
    match &port.target_port {
        Some(IntOrString::Int(0)) | None => Some(port.port),
        Some(IntOrString::Int(number)) => i32::try_from(*number).ok(),
        Some(IntOrString::Text(name)) => {
            let all = pod
                .spec
                .containers
                .iter()
                .flat_map(|container| container.ports.iter());
            let named = |it: &&crate::cluster::object::pod_spec::ContainerPort| {
                it.name == *name && it.protocol == port.protocol
            };
            all.clone().find(named).map(|it| it.container_port)
        }
    }
}
