//! The EndpointSlice controller (reference 6.2): the pods behind each Service, up to a hundred a slice.
//!
//! Only pods that changed are looked at; where each one stands is remembered, and held to a plain search.

use crate::cluster::lookup::Lookup;
use crate::cluster::sorted::{self, SortedMap, SortedSet};
use std::rc::Rc;

use super::service_pods::{self, Dirty, OwnLabels, Pods};
use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::error::ApiError;
use crate::cluster::object::endpoint_slice::{
    Endpoint, EndpointConditions, EndpointPort, HEADLESS, MANAGED_BY, SERVICE_NAME,
};
use crate::cluster::object::meta::Labels;
use crate::cluster::object::node::ZONE;
use crate::cluster::object::{
    EndpointSlice, Kind, Meta, Node, Object, ObjectKey, OwnerReference, Pod, Resource as _, Service,
};
use crate::cluster::pieces::Pieces;
use crate::cluster::record::{Component, Part, Verb, Write};
use crate::cluster::value::Text;

/// The most endpoints of a slice (`--max-endpoints-per-slice`).
const SLICE_MAX: usize = 100;
/// When what a slice lists last changed.
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// The controller with what it remembers.
#[derive(Clone, Debug, Default)]
pub struct EndpointSliceController {
    dirty: Dirty,
    /// By Service: its slices.
    known: SortedMap<ObjectKey, Known>,
}

/// What is remembered of the slices of a Service.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The slice in which each pod stands.
    placed: Lookup<Text, Text>,
    /// Whether all slices were looked at since somebody else wrote any: then only those of pods that change need to be.
    seen: bool,
    labels: OwnLabels,
    /// The ports of the pod that was looked at last: mostly those of all.
    ports: Option<Rc<[EndpointPort]>>,
    /// All slices by name, as long as `seen`; empty if they are not known.
    slices: SortedMap<Text, Filled>,
}

/// What a slice has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Filled {
    ports: Rc<[EndpointPort]>,
    len: usize,
}

impl Controller for EndpointSliceController {
    const COMPONENT: Component = Component::EndpointSlice;
    const WATCHES: &[Kind] = &[Kind::EndpointSlice, Kind::Pod, Kind::Service];

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        self.dirty.observe(write, api, wake);
        if let (Object::EndpointSlice(slice), false) = (&*write.object, wake.is_own()) {
            self.known
                .iter_mut()
                .for_each(|(_, known)| known.seen = false);
            // Somebody else touched a slice: its Service is looked at again a second later.
            if let Some(name) = slice.meta.label(SERVICE_NAME) {
                let key = ObjectKey::new(Kind::Service, slice.meta.namespace.clone(), name);
                if write.verb != Verb::Created && api.store.by_key(&key).is_some() {
                    self.dirty.put_back(&key);
                    wake.add(key, 1000);
                }
            }
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let pods = self.dirty.take(key);
        let Some(service) = api.store.hold::<Service>(&key.namespace, &key.name) else {
            self.known.remove(key);
            return Outcome::Done;
        };
        if service.meta.is_deleting() || !service.has_endpoints() {
            return Outcome::Done;
        }
        let known = self.known.entry(key.clone()).or_default();
        let mut plan = Plan::new(&service, &pods, known, api);
        plan.collect(&pods, known, api);
        if plan.needs_all() && !plan.load_roomy(known, api) {
            plan.load_all(api);
        }
        plan.place();
        let (lost, is_whole) = (std::mem::take(&mut plan.lost), plan.is_whole);
        let written = plan.write(&pods, known, api);
        known.seen |= is_whole && written.is_ok();
        if written.is_ok() && lost.is_empty() {
            return Outcome::Done;
        }
        if written.is_ok() {
            // Pods of nodes that are gone are left out, and looked at again.
            let (namespace, name) = (&key.namespace, &key.name);
            let each = lost.iter().map(|(pod, node)| {
                format!("skipping Pod {pod} for Service {namespace}/{name}: Node {node} Not Found")
            });
            let each: Vec<String> = each.collect();
            let why = match &*each {
                [one] => one.clone(),
                all => format!("[{}]", all.join(", ")),
            };
            let message =
                format!("Error updating Endpoint Slices for Service {namespace}/{name}: {why}");
            let says = Says::warning("FailedToUpdateEndpointSlices", message);
            api.say(&*service, says);
        }
        self.dirty.put_back(key);
        Outcome::Retry
    }
}

impl EndpointSliceController {
    /// Compares what the slices list with a plain search over the pods, for Services with nothing to do.
    pub fn check(&self, api: &Api) -> Result<(), String> {
        for (key, known) in &self.known {
            for (pod, slice) in known.placed.sorted() {
                let found = api.store.find::<EndpointSlice>(&key.namespace, slice);
                let lists = found
                    .is_some_and(|it| it.endpoints.iter().any(|endpoint| names(endpoint, pod)));
                if found.is_some() && !lists {
                    return Err(format!(
                        "{pod} is remembered in the slice {slice} and not there"
                    ));
                }
            }
            self.check_listed(key, known, api)?;
        }
        Ok(())
    }
}

impl EndpointSliceController {
    /// Whether every pod that a slice lists is remembered there, and no slice waits to be used or deleted.
    fn check_listed(&self, key: &ObjectKey, known: &Known, api: &Api) -> Result<(), String> {
        let service = api.store.find::<Service>(&key.namespace, &key.name);
        let Some(service) = service.filter(|_| self.dirty.is_settled(key)) else {
            return Ok(());
        };
        let own = own_slices(service, api).filter_map(|key| find(key, api));
        let own: Vec<&EndpointSlice> = own.collect();
        let is_kept = known.seen && service.has_endpoints() && !service.meta.is_deleting();
        let has_empty = own.iter().any(|slice| slice.endpoints.is_empty());
        if is_kept && (own.is_empty() || own.len() > 1 && has_empty) {
            return Err(format!(
                "the slices of {key} are not as a look at all leaves them"
            ));
        }
        let filled = own.iter().map(|slice| {
            let (ports, len) = (Rc::clone(&slice.ports), slice.endpoints.len());
            (slice.meta.name.clone(), Filled { ports, len })
        });
        if known.seen && !known.slices.is_empty() && known.slices != filled.collect() {
            return Err(format!("the slices of {key} are remembered otherwise"));
        }
        for slice in own {
            let targets = slice.endpoints.iter().filter_map(|it| it.target.as_ref());
            for target in targets {
                if known.placed.get(&target.name) != Some(&slice.meta.name) {
                    return Err(format!(
                        "{} stands in the slice {} and is not remembered there",
                        target.name, slice.meta.name
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The keys of a Service's slices.
fn own_slices<'a>(service: &'a Service, api: &'a Api) -> impl Iterator<Item = &'a ObjectKey> {
    let own = api.store.owned_by(&service.meta.uid);
    own.filter(|key| key.kind == Kind::EndpointSlice)
}

fn find<'a>(key: &ObjectKey, api: &'a Api) -> Option<&'a EndpointSlice> {
    api.store.find(&key.namespace, &key.name)
}

fn names(endpoint: &Endpoint, pod: &str) -> bool {
    endpoint
        .target
        .as_ref()
        .is_some_and(|target| &*target.name == pod)
}

/// The slices of a Service as they are to become.
struct Plan<'a> {
    service: &'a Service,
    labels: Labels,
    slices: Vec<Draft>,
    /// Whether these are all slices.
    is_whole: bool,
    new: Vec<Listed>,
    /// The pods that were looked at whose nodes do not exist, with these.
    lost: Vec<(Text, Text)>,
}

/// A pod as it is listed: its ports and its endpoint.
type Listed = (Rc<[EndpointPort]>, Rc<Endpoint>);

/// New endpoints that share their ports.
type Group = (Rc<[EndpointPort]>, Vec<Rc<Endpoint>>);

/// One slice as it is to become.
struct Draft {
    /// Its name; `None` for one that is to be made.
    name: Option<Text>,
    ports: Rc<[EndpointPort]>,
    endpoints: Pieces<Endpoint>,
    changed: bool,
    /// The pods that it did not list before.
    fresh: Vec<Text>,
}

impl From<&EndpointSlice> for Draft {
    fn from(slice: &EndpointSlice) -> Self {
        Self {
            name: Some(slice.meta.name.clone()),
            ports: Rc::clone(&slice.ports),
            endpoints: slice.endpoints.clone(),
            changed: false,
            fresh: Vec::new(),
        }
    }
}

impl<'a> Plan<'a> {
    /// Loads the slices that a change may concern: of one pod its own, as long as nobody else writes slices.
    fn new(service: &'a Service, pods: &Pods, known: &mut Known, api: &Api) -> Self {
        let mut plan = Self {
            service,
            labels: known.labels.of(service, slice_labels),
            slices: Vec::new(),
            is_whole: false,
            new: Vec::new(),
            lost: Vec::new(),
        };
        match pods {
            Pods::One(pod) if known.seen => {
                let slice = known.placed.get(pod);
                let slice = slice.and_then(|name| api.store.find(&service.meta.namespace, name));
                let own =
                    slice.filter(|it: &&EndpointSlice| it.meta.is_owned_by(&service.meta.uid));
                plan.slices.extend(own.map(Draft::from));
            }
            _ => plan.load_all(api),
        }
        if let Pods::All = pods {
            let slices = plan.slices.iter_mut().zip(own_slices(service, api));
            for (draft, key) in slices {
                draft.changed = find(key, api).is_some_and(|it| it.meta.labels != plan.labels);
            }
        }
        plan
    }

    /// Whether a change concerns more than the slices that are loaded: a pod is to be placed, or a slice has none.
    fn needs_all(&self) -> bool {
        let is_empty = |draft: &Draft| draft.endpoints.is_empty();
        !self.is_whole && (!self.new.is_empty() || self.slices.iter().any(is_empty))
    }

    /// Loads the slice that takes a new endpoint in, as `place` would find it among all; whether there is one.
    fn load_roomy(&mut self, known: &Known, api: &Api) -> bool {
        let ([(ports, _)], [], true) = (&*self.new, &*self.slices, known.seen) else {
            return false;
        };
        let slices = known.slices.iter();
        // One that is empty would be used for another that is made, or deleted.
        if slices.clone().any(|(_, filled)| filled.len == 0) {
            return false;
        }
        let fitting = slices.filter(|(_, it)| it.len < SLICE_MAX && same_ports(&it.ports, ports));
        let fullest = fitting.max_by_key(|(_, filled)| filled.len);
        let namespace = &self.service.meta.namespace;
        let slice = fullest.and_then(|(name, _)| api.store.find(namespace, name));
        self.slices.extend(slice.map(Draft::from));
        !self.slices.is_empty()
    }

    /// Loads the slices that are not loaded yet.
    fn load_all(&mut self, api: &Api) {
        let loaded = self.slices.pop();
        let own = own_slices(self.service, api).filter_map(|key| find(key, api));
        self.slices.extend(own.map(Draft::from));
        if let Some(draft) = loaded
            && let Some(same) = self.slices.iter_mut().find(|it| it.name == draft.name)
        {
            *same = draft;
        }
        self.is_whole = true;
    }

    /// Compares each pod with where it stands.
    fn collect(&mut self, pods: &Pods, known: &mut Known, api: &Api) {
        let placed = &mut known.placed;
        let mut every: SortedSet<Text> = SortedSet::new();
        if let Pods::All = pods {
            let now = service_pods::behind(self.service, api).map(|pod| pod.meta.name.clone());
            every.extend(now);
            every.extend(placed.sorted().into_iter().map(|(pod, _)| pod.clone()));
        }
        for name in every.iter().chain(pods.named()) {
            let found = api.store.find::<Pod>(&self.service.meta.namespace, name);
            let ports = known.ports.as_ref();
            let wanted = found.map(|pod| endpoint(self.service, pod, ports, api));
            let wanted = wanted.unwrap_or(Ok(None)).unwrap_or_else(|node| {
                self.lost.push((name.clone(), node));
                None
            });
            if let Some((ports, _)) = &wanted {
                known.ports = Some(Rc::clone(ports));
            }
            let wanted = match placed.get(name).cloned() {
                Some(slice) => self.update(name, &slice, wanted, placed),
                None => wanted,
            };
            self.new.extend(wanted);
        }
    }

    /// Updates an endpoint in its place, or takes it out: what is left to be placed anew.
    fn update(
        &mut self,
        pod: &Text,
        slice: &Text,
        wanted: Option<Listed>,
        placed: &mut Lookup<Text, Text>,
    ) -> Option<Listed> {
        let Some(draft) = self
            .slices
            .iter_mut()
            .find(|it| it.name.as_ref() == Some(slice))
        else {
            placed.remove(pod);
            return wanted;
        };
        // Most changes are those of pods that have just come.
        let Some(spot) = draft.endpoints.find_last(|it| names(it, pod)) else {
            placed.remove(pod);
            return wanted;
        };
        if let Some((ports, endpoint)) = &wanted
            && let Some(old) = draft.endpoints.get(spot)
            && same_ports(ports, &draft.ports)
            && is_same(old, endpoint)
        {
            if old != endpoint {
                draft.endpoints.set(spot, Rc::clone(endpoint));
                draft.changed = true;
            }
            return None;
        }
        draft.endpoints.remove(spot);
        draft.changed = true;
        placed.remove(pod);
        wanted
    }

    /// Finds places for new endpoints (reference 6.2).
    fn place(&mut self) {
        let mut groups: Vec<Group> = Vec::new();
        for (ports, endpoint) in std::mem::take(&mut self.new) {
            match groups
                .iter_mut()
                .find(|(known, _)| same_ports(known, &ports))
            {
                Some((_, endpoints)) => endpoints.push(endpoint),
                None => groups.push((ports, vec![endpoint])),
            }
        }
        for (ports, endpoints) in groups {
            let mut rest = endpoints.into_iter().peekable();
            let mut rewritten: Vec<usize> = self.room(&ports, |draft| draft.changed);
            sorted::sort_by_key(&mut rewritten, |index| {
                std::cmp::Reverse(self.filled(*index))
            });
            for index in rewritten {
                self.fill(index, &mut rest);
            }
            while rest.peek().is_some() {
                let left = rest.len();
                let unchanged = self.room(&ports, |draft| !draft.changed);
                let fitting = unchanged
                    .into_iter()
                    .filter(|index| left < SLICE_MAX && self.filled(*index) + left <= SLICE_MAX);
                let index = fitting
                    .max_by_key(|index| self.filled(*index))
                    .unwrap_or_else(|| {
                        self.slices.push(Draft {
                            name: None,
                            ports: Rc::clone(&ports),
                            endpoints: Pieces::default(),
                            changed: true,
                            fresh: Vec::new(),
                        });
                        self.slices.len() - 1
                    });
                self.fill(index, &mut rest);
            }
        }
    }

    fn filled(&self, index: usize) -> usize {
        self.slices
            .get(index)
            .map_or(0, |draft| draft.endpoints.len())
    }

    /// The slices with these ports that have room.
    fn room(&self, ports: &Rc<[EndpointPort]>, wanted: impl Fn(&Draft) -> bool) -> Vec<usize> {
        let fits = |draft: &Draft| {
            draft.endpoints.len() < SLICE_MAX && same_ports(&draft.ports, ports) && wanted(draft)
        };
        self.slices
            .iter()
            .enumerate()
            .filter(|(_, draft)| fits(draft))
            .map(|(index, _)| index)
            .collect()
    }

    fn fill(&mut self, index: usize, rest: &mut impl Iterator<Item = Rc<Endpoint>>) {
        if let Some(draft) = self.slices.get_mut(index) {
            let free = SLICE_MAX - draft.endpoints.len();
            for endpoint in rest.by_ref().take(free) {
                let target = endpoint.target.as_ref();
                draft.fresh.extend(target.map(|it| it.name.clone()));
                draft.endpoints.push(endpoint);
                draft.changed = true;
            }
        }
    }

    /// Writes what changed: slices that would go are used for those that would be made.
    fn write(mut self, pods: &Pods, known: &mut Known, api: &mut Api) -> Result<(), ApiError> {
        // They are remembered again once everything is written.
        let mut slices = std::mem::take(&mut known.slices);
        if self.is_whole {
            slices.clear();
        }
        let mut full = std::mem::take(&mut self.slices);
        let is_empty = |draft: &mut Draft| draft.endpoints.is_empty();
        let mut empty: Vec<Draft> = full.extract_if(.., is_empty).collect();
        if self.is_whole && full.is_empty() {
            // Nobody is there: one placeholder without ports stays, or is made.
            let kept = empty.pop();
            let name = kept.as_ref().and_then(|draft| draft.name.clone());
            let is_placeholder = kept
                .as_ref()
                .is_some_and(|draft| draft.ports.is_empty() && !draft.changed);
            let changed = !(is_placeholder && name.is_some());
            full.push(Draft {
                name,
                ports: Rc::from([]),
                endpoints: Pieces::default(),
                changed,
                fresh: Vec::new(),
            });
        }
        for draft in full.iter_mut().filter(|draft| draft.name.is_none()) {
            draft.name = empty.pop().and_then(|unused| unused.name);
        }
        let is_known = self.is_whole || !slices.is_empty();
        for draft in full {
            let filled = Filled {
                ports: Rc::clone(&draft.ports),
                len: draft.endpoints.len(),
            };
            if !draft.changed {
                slices.extend(draft.name.map(|name| (name, filled)));
                continue;
            }
            let endpoints = draft.endpoints;
            let targets = endpoints.iter().filter_map(|it| it.target.as_ref());
            let standing = match pods {
                // Somebody else may have listed others.
                Pods::All => targets.map(|target| target.name.clone()).collect(),
                Pods::One(_) | Pods::Some(_) => draft.fresh,
            };
            let name = self.put(draft.name, draft.ports, endpoints.clone(), api)?;
            for pod in standing {
                known.placed.insert(pod, name.clone());
            }
            slices.insert(name, filled);
        }
        for name in empty.into_iter().filter_map(|draft| draft.name) {
            let key = ObjectKey::new(
                Kind::EndpointSlice,
                self.service.meta.namespace.clone(),
                name,
            );
            match api.delete(&key, &DeleteOptions::default()) {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => {}
            }
        }
        if is_known {
            known.slices = slices;
        }
        Ok(())
    }

    fn put(
        &self,
        name: Option<Text>,
        ports: Rc<[EndpointPort]>,
        endpoints: Pieces<Endpoint>,
        api: &mut Api,
    ) -> Result<Text, ApiError> {
        let namespace = &self.service.meta.namespace;
        let labels = Rc::clone(&self.labels);
        let trigger = api.now.text();
        if let Some(name) = name {
            api.modify::<EndpointSlice>(namespace, &name, Part::Main, |slice| {
                if slice.meta.labels != labels {
                    slice.meta.labels = labels;
                }
                slice.meta.annotate(TRIGGER_TIME, trigger);
                slice.endpoints = endpoints;
                slice.ports = ports;
            })?;
            return Ok(name);
        }
        let mut meta = Meta {
            namespace: namespace.clone(),
            ..Meta::default()
        };
        meta.generate_name = format!("{}-", self.service.meta.name).into();
        meta.labels = labels;
        meta.annotate(TRIGGER_TIME, trigger);
        meta.add_owner(OwnerReference {
            api_version: "v1".into(),
            kind: Kind::Service.name().into(),
            name: self.service.meta.name.clone(),
            uid: self.service.meta.uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
            ..OwnerReference::default()
        });
        let slice = EndpointSlice {
            meta,
            address_type: "IPv4".into(),
            endpoints,
            ports,
            ..EndpointSlice::default()
        };
        api.create(slice.into_object())
            .map(|slice| slice.meta().name.clone())
    }
}

/// Whether two lists of ports are the same; most are shared.
fn same_ports(one: &Rc<[EndpointPort]>, other: &Rc<[EndpointPort]>) -> bool {
    Rc::ptr_eq(one, other) || one == other
}

/// Whether two endpoints are the same one at different times: address, name and pod.
fn is_same(old: &Endpoint, new: &Endpoint) -> bool {
    let pod = |endpoint: &Endpoint| {
        endpoint
            .target
            .as_ref()
            .map(|it| (it.namespace.clone(), it.name.clone()))
    };
    old.addresses == new.addresses && old.hostname == new.hostname && pod(old) == pod(new)
}

fn slice_labels(service: &Service) -> Labels {
    let mut labels = (*service.meta.labels).clone();
    let word = Text::new_static;
    labels.insert(word(SERVICE_NAME), service.meta.name.clone());
    labels.insert(word(MANAGED_BY), word("endpointslice-controller.k8s.io"));
    if service.is_headless() {
        labels.insert(word(HEADLESS), Text::default());
    }
    Rc::new(labels)
}

/// A pod as an endpoint of a Service, with its ports; `None` if it is not listed, and its node if that does not exist.
fn endpoint(
    service: &Service,
    pod: &Pod,
    known: Option<&Rc<[EndpointPort]>>,
    api: &Api,
) -> Result<Option<Listed>, Text> {
    if !service_pods::is_behind(service, &pod.meta) || !service_pods::can_be_listed(pod) {
        return Ok(None);
    }
    let node = api.store.find::<Node>("", &pod.spec.node_name);
    if node.is_none() && !service.spec.publish_not_ready {
        // The Service is particular about that.
        return Err(pod.spec.node_name.clone());
    }
    let serving = pod.has_ready_condition();
    let terminating = pod.meta.is_deleting();
    let zone = node.and_then(|node| node.meta.labels.get(ZONE));
    let endpoint = Endpoint {
        addresses: vec![pod.status.pod_ip.clone()],
        conditions: EndpointConditions {
            ready: Some(service.spec.publish_not_ready || (serving && !terminating)),
            serving: Some(serving),
            terminating: Some(terminating),
            ..EndpointConditions::default()
        },
        hostname: service_pods::hostname(service, pod),
        target: Some(service_pods::target(pod)),
        node_name: Some(pod.spec.node_name.clone()),
        zone: zone.cloned(),
        ..Endpoint::default()
    };
    let ports = service_pods::ports(service, pod, known);
    Ok(Some((ports, Rc::new(endpoint))))
}
