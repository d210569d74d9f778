//! Events, counted and combined as client-go's correlator does (reference 1.11).

use std::collections::VecDeque;
use std::rc::Rc;

use super::Api;
use crate::cluster::config::SYSTEM_AGE_MS;
use crate::cluster::lookup::Lookup;
use crate::cluster::object::event::{EventSource, Involved};
use crate::cluster::object::{
    Event, Kind, Meta, Object, PersistentVolume, PersistentVolumeClaim, Pod, Service, StatefulSet,
};
use crate::cluster::record::{Component, Part, Verb};
use crate::cluster::time::Time;
use crate::cluster::value::{self, Text, Value};

/// Distinct messages that a group remembers; the tenth becomes a combined event.
const SIMILAR: usize = 10;
/// A group that was silent for so long starts anew.
const GROUP_S: i64 = 600;
/// Groups that one component remembers.
const GROUPS: usize = 4096;
/// Events that one component may send about one object before it is slowed down.
const BURST: i64 = 25;
/// The time after which it may send one more.
const REFILL_MS: i64 = 300_000;
/// How long the server keeps an event (`--event-ttl`).
const TTL_S: i64 = 3600;

/// What a component says of an object.
#[derive(Clone, Debug)]
pub struct Says<'a> {
    /// Whether it is a warning.
    pub warning: bool,
    /// One word.
    pub reason: &'static str,
    /// A sentence.
    pub message: Text,
    /// The part of the object, such as `spec.containers{nginx}`.
    pub field: &'a str,
}

impl Says<'_> {
    /// Something normal.
    pub fn normal(reason: &'static str, message: impl Into<Text>) -> Self {
        Self {
            warning: false,
            reason,
            message: message.into(),
            field: "",
        }
    }

    /// A warning.
    pub fn warning(reason: &'static str, message: impl Into<Text>) -> Self {
        Self {
            warning: true,
            reason,
            message: message.into(),
            field: "",
        }
    }
}

/// What an event is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    kind: Kind,
    meta: &'a Meta,
    /// The node of a pod; empty for everything else.
    node: &'a str,
}

impl<'a> From<&'a Object> for About<'a> {
    fn from(object: &'a Object) -> Self {
        match object {
            Object::Pod(pod) => pod.into(),
            other => Self {
                kind: other.kind(),
                meta: other.meta(),
                node: "",
            },
        }
    }
}

impl<'a> From<&'a Pod> for About<'a> {
    fn from(pod: &'a Pod) -> Self {
        Self {
            kind: Kind::Pod,
            meta: &pod.meta,
            node: &pod.spec.node_name,
        }
    }
}

macro_rules! subjects {
    ($($kind:ident),*) => { $(
        impl<'a> From<&'a $kind> for About<'a> {
            fn from(object: &'a $kind) -> Self {
                Self {
                    kind: Kind::$kind,
                    meta: &object.meta,
                    node: "",
                }
            }
        }
    )* };
}

subjects!(
    PersistentVolume,
    PersistentVolumeClaim,
    StatefulSet,
    Service
);

/// What the recorders of all components remember.
#[derive(Clone, Debug, Default)]
pub(super) struct Correlator {
    /// By component and the uid of the object.
    subjects: Lookup<(Component, Text), Subject>,
    /// How many groups there are in all.
    groups: usize,
    /// The groups' uses in their order, to forget the group whose last use is longest ago. A group that was used
    /// again since has a later entry.
    uses: VecDeque<(u64, GroupKey)>,
    clock: u64,
    /// Events in the order in which they were last written, to let them expire.
    expiry: VecDeque<(Time, Rc<Object>)>,
    /// The name under which the provisioner says something.
    provisioner: Text,
}

type GroupKey = (Component, Text, Topic);
/// Whether it is a warning, and its reason.
type Topic = (bool, &'static str);

/// What one component remembers of one object.
#[derive(Clone, Debug, Default)]
struct Subject {
    groups: Vec<(Topic, Group)>,
    /// For normal events and for warnings.
    buckets: [Option<Bucket>; 2],
}

#[derive(Clone, Debug, Default)]
struct Group {
    messages: VecDeque<Text>,
    last: Time,
    stamp: u64,
    /// By message and field; the combined event has neither.
    events: Vec<(Identity, Text, i32)>,
}

type Identity = (Text, Text);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: i64,
    since: Time,
}

impl Api {
    /// The same in the name of another component.
    pub fn say_as<'a>(&mut self, author: Component, about: impl Into<About<'a>>, says: Says<'_>) {
        let own = std::mem::replace(&mut self.author, author);
        self.say(about, says);
        self.author = own;
    }

    /// Writes or counts an event of the present author about an object.
    pub fn say<'a>(&mut self, about: impl Into<About<'a>>, says: Says<'_>) {
        self.say_about(about.into(), says);
    }

    fn say_about(&mut self, about: About<'_>, says: Says<'_>) {
        let meta = about.meta;
        let now = self.now;
        let group = (self.author, meta.uid.clone(), (says.warning, says.reason));
        let Some(correlated) = self.correlator.correlate(group, &says, now) else {
            return;
        };
        let namespace: Text = if meta.namespace.is_empty() {
            "default".into()
        } else {
            meta.namespace.clone()
        };
        let known = correlated
            .name
            .as_ref()
            .and_then(|name| self.store.find::<Event>(&namespace, name))
            .cloned();
        let stamp = now.whole_seconds();
        let (verb, event) = match known {
            Some(mut event) => {
                event.count = correlated.count;
                event.message = correlated.message.clone();
                event.last = Some(stamp);
                (Verb::Updated, event)
            }
            None => (
                Verb::Created,
                self.new_event(about, &says, &correlated, &namespace),
            ),
        };
        if verb == Verb::Created {
            self.correlator.remember(&correlated, &event.meta.name);
        }
        let stored = self.commit(verb, Part::Main, Object::Event(event));
        let due = now.plus_s(TTL_S);
        self.correlator.expiry.push_back((due, stored));
    }

    fn new_event(
        &mut self,
        about: About<'_>,
        says: &Says<'_>,
        correlated: &Correlated,
        namespace: &Text,
    ) -> Event {
        let (kind, meta) = (about.kind, about.meta);
        self.correlator.clock += 1;
        let nanoseconds =
            (self.now.0 as u64).wrapping_mul(1_000_000) + self.correlator.clock % 1_000_000;
        let involved = Involved {
            api_version: Text::new_static(kind.api_version()),
            kind: Text::new_static(kind.name()),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            uid: meta.uid.clone(),
            field_path: says.field.into(),
            resource_version: value::digits(meta.resource_version, 10),
            ..Involved::default()
        };
        let mut event = Event {
            meta: Meta {
                name: value::concat(&[&meta.name, ".", &value::digits(nanoseconds, 16)]),
                namespace: namespace.clone(),
                ..Meta::default()
            },
            involved: Rc::new(involved),
            reason: Text::new_static(says.reason),
            message: correlated.message.clone(),
            kind: Text::new_static(if says.warning { "Warning" } else { "Normal" }),
            ..Event::default()
        };
        let stamp = self.now.whole_seconds();
        event.meta.created = Some(stamp);
        event.meta.uid = self
            .names
            .uid(&mut self.rng, Kind::Event, namespace, &event.meta.name);
        if self.author == Component::Scheduler {
            // The scheduler uses the newer API.
            event.event_time = Value::text(self.now.micro());
            event.reporting_component = Text::new_static(source_name(self.author));
            event.reporting_instance = Text::new_static("default-scheduler-control-plane");
            event.action = if says.warning {
                "Scheduling"
            } else {
                "Binding"
            }
            .into();
            return event;
        }
        let component = match self.author {
            Component::Provisioner => self.provisioner_name(),
            author => Text::new_static(source_name(author)),
        };
        event.reporting_component = component.clone();
        event.source = EventSource {
            component,
            ..EventSource::default()
        };
        if self.author == Component::Kubelet {
            event.source.host = about.node.into();
            event.reporting_instance = event.source.host.clone();
        }
        event.first = Some(stamp);
        event.last = Some(stamp);
        event.count = correlated.count;
        event
    }

    fn provisioner_name(&mut self) -> Text {
        if self.correlator.provisioner.is_empty() {
            let class = self.config.standard_class.as_ref();
            let class = class.map_or("provisioner", |class| &*class.provisioner);
            self.correlator.provisioner =
                value::concat(&[class, "_provisioner-0_00000000-0000-4000-8000-000000000000"]);
        }
        self.correlator.provisioner.clone()
    }

    /// Removes the events that are older than an hour.
    pub fn expire_events(&mut self) {
        while let Some((_, event)) = self
            .correlator
            .expiry
            .pop_front_if(|(due, ..)| *due <= self.now)
        {
            // An event that was counted since has its own, later entry.
            let key = event.key();
            let stored = self.store.by_key(&key);
            if stored.is_some_and(|stored| Rc::ptr_eq(stored, &event)) {
                self.commit_removal(&key);
            }
        }
    }

    /// When the next event expires.
    pub fn next_expiry(&self) -> Option<Time> {
        self.correlator.expiry.front().map(|(due, ..)| *due)
    }

    /// How old the system's own objects are at the start.
    pub fn system_start(&self) -> Time {
        self.config.epoch.plus_ms(-SYSTEM_AGE_MS)
    }
}

/// What an event becomes once it has met the earlier ones.
struct Correlated {
    group: GroupKey,
    identity: Identity,
    message: Text,
    name: Option<Text>,
    count: i32,
}

impl Correlator {
    /// What becomes of an event; `None` if its component has sent too many of this object.
    fn correlate(&mut self, key: GroupKey, says: &Says<'_>, now: Time) -> Option<Correlated> {
        self.clock += 1;
        let stamp = self.clock;
        let (component, uid, topic) = &key;
        let subject = self.subjects.or_default((*component, uid.clone()));
        let known = subject.groups.iter().position(|(it, _)| it == topic);
        let at = known.unwrap_or_else(|| {
            self.groups += 1;
            subject.groups.reserve_exact(1);
            subject.groups.push((*topic, Group::default()));
            subject.groups.len() - 1
        });
        let (_, group) = subject.groups.get_mut(at)?;
        if now.ms_since(group.last) > GROUP_S * 1000 {
            group.messages.clear();
        }
        group.last = now;
        group.stamp = stamp;
        let message = says.message.clone();
        if !group.messages.contains(&message) {
            group.messages.reserve_exact(1);
            group.messages.push_back(message.clone());
        }
        let combined = group.messages.len() >= SIMILAR;
        if combined {
            group.messages.pop_front();
        }
        let identity = if combined {
            Identity::default()
        } else {
            (message.clone(), Text::from(says.field))
        };
        let text = if combined {
            value::concat(&["(combined from similar events): ", &message])
        } else {
            message
        };
        let (name, count) = group.count(&identity);
        let may = subject.may_send(says.warning, now);
        self.note_use(stamp, key.clone());
        may.then_some(Correlated {
            group: key,
            identity,
            message: text,
            name,
            count,
        })
    }

    /// Remembers that a group was used, and forgets the one that was not for longest if there are too many.
    fn note_use(&mut self, stamp: u64, key: GroupKey) {
        self.uses.push_back((stamp, key));
        if self.uses.len() <= GROUPS {
            // Each group has one entry at least.
            return;
        }
        while let Some((stamp, (component, uid, topic))) = self.uses.front() {
            let slot = (*component, uid.clone());
            let Some(subject) = self.subjects.get_mut(&slot) else {
                self.uses.pop_front();
                continue;
            };
            let at = subject
                .groups
                .iter()
                .position(|(it, group)| it == topic && group.stamp == *stamp);
            match at {
                Some(_) if self.groups <= GROUPS => return,
                Some(at) => {
                    subject.groups.remove(at);
                    self.groups -= 1;
                }
                None => {}
            }
            self.uses.pop_front();
        }
    }

    fn remember(&mut self, correlated: &Correlated, name: &Text) {
        let (component, uid, topic) = &correlated.group;
        let subject = self.subjects.get_mut(&(*component, uid.clone()));
        let groups = subject.into_iter().flat_map(|subject| &mut subject.groups);
        let mut group = groups.filter(|(it, _)| it == topic);
        if let Some((_, group)) = group.next() {
            group.name(&correlated.identity, name);
        }
    }
}

impl Group {
    /// Counts an event: the name of its object, if there is one already, and how often it came.
    fn count(&mut self, identity: &Identity) -> (Option<Text>, i32) {
        match self.events.iter_mut().find(|(it, ..)| it == identity) {
            Some((_, name, count)) => {
                *count += 1;
                ((!name.is_empty()).then(|| name.clone()), *count)
            }
            None => {
                self.events.reserve_exact(1);
                self.events.push((identity.clone(), Text::default(), 1));
                (None, 1)
            }
        }
    }

    fn name(&mut self, identity: &Identity, name: &Text) {
        let mut events = self.events.iter_mut();
        if let Some((_, known, _)) = events.find(|(it, ..)| it == identity) {
            *known = name.clone();
        }
    }
}

impl Subject {
    fn may_send(&mut self, warning: bool, now: Time) -> bool {
        let [normal, other] = &mut self.buckets;
        let bucket = if warning { other } else { normal };
        let bucket = bucket.get_or_insert(Bucket {
            tokens: BURST,
            since: now,
        });
        let earned = now.ms_since(bucket.since) / REFILL_MS;
        if earned > 0 {
            bucket.tokens = (bucket.tokens + earned).min(BURST);
            bucket.since = bucket.since.plus_ms(earned * REFILL_MS);
        }
        let may = bucket.tokens > 0;
        bucket.tokens -= i64::from(may);
        may
    }
}

/// The name under which a component sends events.
fn source_name(component: Component) -> &'static str {
    match component {
        Component::Scheduler => "default-scheduler",
        Component::VolumeBinder => "persistentvolume-controller",
        Component::VolumeExpander => "volume_expand",
        Component::EndpointSlice => "endpoint-slice-controller",
        Component::NodeLifecycle => "node-controller",
        Component::Disruption => "controllermanager",
        other => other.name(),
    }
}
