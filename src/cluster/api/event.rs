//! Events, counted and combined as client-go's correlator does (reference 1.11).

use std::collections::VecDeque;
use std::rc::Rc;

use super::Api;
use crate::cluster::config::{Config, SYSTEM_AGE_MS};
use crate::cluster::few::Few;
use crate::cluster::json::Rest;
use crate::cluster::lookup::Lookup;
use crate::cluster::object::event::{EventSource, Involved, Speaker};
use crate::cluster::object::{
    Event, Kind, Meta, Object, PersistentVolume, PersistentVolumeClaim, Pod, Resource as _,
    Service, StatefulSet,
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
    /// Who has spoken, in which tone, and on which node.
    speakers: Lookup<(Component, bool, Text), Rc<Speaker>>,
    /// What the last event was about, and its version.
    involved: Option<(u64, Rc<Involved>)>,
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
    messages: Few<Text>,
    last: Time,
    stamp: u64,
    events: Few<Known>,
}

/// An event that was sent.
#[derive(Clone, Debug)]
struct Known {
    message: Text,
    field: Text,
    /// The name of its object; empty if it has none yet.
    name: Text,
    /// How often it came.
    count: i32,
}

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
        let now = self.now;
        let (topic, field) = ((says.warning, says.reason), says.field);
        let Some(correlated) = self
            .correlator
            .correlate(self.author, about.meta, says, now)
        else {
            return;
        };
        let namespace: Text = if about.meta.namespace.is_empty() {
            "default".into()
        } else {
            about.meta.namespace.clone()
        };
        let known = match correlated.is_new {
            true => None,
            false => {
                let store = &self.store;
                store
                    .get(Kind::Event, &namespace, &correlated.name)
                    .cloned()
            }
        };
        let (verb, event) = match known {
            Some(mut known) => {
                if let Some(event) = Event::of_mut(Rc::make_mut(&mut known)) {
                    event.count = correlated.count;
                    event.message = correlated.message;
                    event.last = Some(now.whole_seconds());
                }
                (Verb::Updated, known)
            }
            None => {
                let correlated = if correlated.is_new {
                    correlated
                } else {
                    self.correlator
                        .rename(self.author, about.meta, topic, correlated, now)
                };
                let event = self.new_event(about, topic, field, correlated, namespace);
                (Verb::Created, Rc::new(Object::Event(event)))
            }
        };
        let stored = self.commit(verb, Part::Main, event);
        let due = now.plus_s(TTL_S);
        self.correlator.expiry.push_back((due, stored));
    }

    fn new_event(
        &mut self,
        about: About<'_>,
        (warning, reason): Topic,
        field: &str,
        correlated: Correlated,
        namespace: Text,
    ) -> Event {
        let mut event = Event {
            meta: Meta {
                name: correlated.name,
                namespace,
                ..Meta::default()
            },
            involved: self.involved(about, field),
            reason: Text::new_static(reason),
            message: correlated.message,
            speaker: self.speaker(warning, about.node),
            first: None,
            last: None,
            count: 0,
            rest: Rest::default(),
        };
        let stamp = self.now.whole_seconds();
        event.meta.created = Some(stamp);
        let meta = &mut event.meta;
        meta.uid = self
            .names
            .uid(&mut self.rng, Kind::Event, &meta.namespace, &meta.name);
        if self.author == Component::Scheduler {
            // The scheduler uses the newer API.
            return event;
        }
        event.first = Some(stamp);
        event.last = Some(stamp);
        event.count = correlated.count;
        event
    }

    /// What an event is about: one part that the events about a version of an object share.
    fn involved(&mut self, about: About<'_>, field: &str) -> Rc<Involved> {
        let (kind, meta) = (about.kind, about.meta);
        let version = meta.resource_version;
        if let Some((known, involved)) = &self.correlator.involved
            && (*known, &involved.uid) == (version, &meta.uid)
            && *involved.field_path == *field
        {
            return Rc::clone(involved);
        }
        let involved = Rc::new(Involved {
            api_version: Text::new_static(kind.api_version()),
            kind: Text::new_static(kind.name()),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            uid: meta.uid.clone(),
            field_path: field.into(),
            resource_version: value::digits(version),
            ..Involved::default()
        });
        self.correlator.involved = Some((version, Rc::clone(&involved)));
        involved
    }

    /// Who the present author is in its events: one part that all of them share.
    fn speaker(&mut self, warning: bool, node: &str) -> Rc<Speaker> {
        let author = self.author;
        let kind = Text::new_static(if warning { "Warning" } else { "Normal" });
        if author == Component::Scheduler {
            return Rc::new(Speaker {
                kind,
                source: EventSource::default(),
                event_time: Value::text(self.now.micro()),
                action: Text::new_static(if warning { "Scheduling" } else { "Binding" }),
                reporting_component: Text::new_static(source_name(author)),
                reporting_instance: Text::new_static("default-scheduler-control-plane"),
            });
        }
        let host = Text::from(if author == Component::Kubelet {
            node
        } else {
            ""
        });
        let config = &self.config;
        let make = || {
            let component = match author {
                Component::Provisioner => provisioner_name(config),
                author => Text::new_static(source_name(author)),
            };
            Rc::new(Speaker {
                kind,
                event_time: Value::Null,
                action: Text::default(),
                reporting_component: component.clone(),
                reporting_instance: host.clone(),
                source: EventSource {
                    component,
                    host: host.clone(),
                    ..EventSource::default()
                },
            })
        };
        let speakers = &mut self.correlator.speakers;
        let known = speakers.or_insert_with((author, warning, host.clone()), make);
        Rc::clone(known)
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
    message: Text,
    /// The name of its object, and whether it was just given.
    name: Text,
    is_new: bool,
    count: i32,
}

/// The name of an event's object (`makeEvent`): the time in nanoseconds, of which the clock's are never the same.
fn event_name(about: &Meta, now: Time, clock: u64) -> Text {
    let nanoseconds = (now.0 as u64).wrapping_mul(1_000_000) + clock % 1_000_000;
    let digits = value::hex(nanoseconds);
    let from = digits.iter().position(|digit| *digit != b'0').unwrap_or(15);
    let digits = str::from_utf8(&digits[from..]).unwrap_or_default();
    value::concat(&[&about.name, ".", digits])
}

impl Correlator {
    /// What becomes of an event; `None` if its component has sent too many of this object.
    fn correlate(
        &mut self,
        component: Component,
        about: &Meta,
        says: Says<'_>,
        now: Time,
    ) -> Option<Correlated> {
        self.clock += 1;
        let stamp = self.clock;
        let topic = (says.warning, says.reason);
        let subject = self.subjects.or_default((component, about.uid.clone()));
        let known = subject.groups.iter().position(|(it, _)| *it == topic);
        let at = known.unwrap_or_else(|| {
            self.groups += 1;
            // A kubelet tells of a container that it is pulled, created and started.
            let usual = if component == Component::Kubelet {
                3
            } else {
                1
            };
            if subject.groups.len() == subject.groups.capacity() {
                subject.groups.reserve_exact(usual);
            }
            subject.groups.push((topic, Group::default()));
            subject.groups.len() - 1
        });
        let (_, group) = subject.groups.get_mut(at)?;
        if now.ms_since(group.last) > GROUP_S * 1000 {
            group.messages.clear();
        }
        group.last = now;
        group.stamp = stamp;
        let mut message = says.message;
        let is_same = |known: &Text| *known == message;
        group.messages.find_or_push(is_same, || message.clone());
        let combined = group.messages.len() >= SIMILAR;
        let known = if combined {
            group.messages.pop_first();
            message = value::concat(&["(combined from similar events): ", &message]);
            group.count(&Text::default(), "")
        } else {
            group.count(&message, says.field)
        };
        let may = may_send(&mut subject.buckets, says.warning, now);
        let is_new = may && known.name.is_empty();
        if is_new {
            self.clock += 1;
            known.name = event_name(about, now, self.clock);
        }
        let (name, count) = (known.name.clone(), known.count);
        self.note_use(stamp, (component, about.uid.clone(), topic));
        may.then_some(Correlated {
            message,
            name,
            is_new,
            count,
        })
    }

    /// Gives an event whose object is gone the name of a new one.
    fn rename(
        &mut self,
        component: Component,
        about: &Meta,
        topic: Topic,
        old: Correlated,
        now: Time,
    ) -> Correlated {
        self.clock += 1;
        let name = event_name(about, now, self.clock);
        let subject = self.subjects.get_mut(&(component, about.uid.clone()));
        let groups = subject.into_iter().flat_map(|subject| &mut subject.groups);
        let group = groups.filter(|(it, _)| *it == topic);
        let mut events = group.flat_map(|(_, group)| group.events.iter_mut());
        if let Some(known) = events.find(|known| known.name == old.name) {
            known.name = name.clone();
        }
        Correlated { name, ..old }
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
}

impl Group {
    /// Counts an event by what tells it from others: its message and field; the combined event has neither.
    fn count(&mut self, message: &Text, field: &str) -> &mut Known {
        let events = &mut self.events;
        let same = |known: &Known| known.message == *message && known.field == *field;
        let new = || Known {
            message: message.clone(),
            field: field.into(),
            name: Text::default(),
            count: 0,
        };
        let known = events.find_or_push(same, new);
        known.count += 1;
        known
    }
}

/// Whether a component may send another event about an object; `buckets` are those of the two.
fn may_send(buckets: &mut [Option<Bucket>; 2], warning: bool, now: Time) -> bool {
    let [normal, other] = buckets;
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

fn provisioner_name(config: &Config) -> Text {
    let class = config.standard_class.as_ref();
    let class = class.map_or("provisioner", |class| &*class.provisioner);
    value::concat(&[class, "_provisioner-0_00000000-0000-4000-8000-000000000000"])
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
