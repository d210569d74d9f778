//! Events, counted and combined as client-go's correlator does (reference 1.11).

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::Api;
use crate::cluster::config::SYSTEM_AGE_MS;
use crate::cluster::object::event::{EventSource, Involved};
use crate::cluster::object::{Event, Kind, Meta, Object, ObjectKey};
use crate::cluster::record::{Component, Part, Verb};
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};

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
    pub message: String,
    /// The part of the object, such as `spec.containers{nginx}`.
    pub field: &'a str,
}

impl Says<'_> {
    /// Something normal.
    pub fn normal(reason: &'static str, message: String) -> Self {
        Self {
            warning: false,
            reason,
            message,
            field: "",
        }
    }

    /// A warning.
    pub fn warning(reason: &'static str, message: String) -> Self {
        Self {
            warning: true,
            reason,
            message,
            field: "",
        }
    }
}

/// What the recorders of all components remember.
#[derive(Clone, Debug, Default)]
pub(super) struct Correlator {
    groups: BTreeMap<GroupKey, Group>,
    /// Groups by their last use, to forget the oldest.
    used: BTreeMap<u64, GroupKey>,
    buckets: BTreeMap<(Component, Text, bool), Bucket>,
    clock: u64,
    /// Events in the order in which they were last written, to let them expire.
    expiry: VecDeque<(Time, ObjectKey, u64)>,
}

type GroupKey = (Component, Text, bool, &'static str);

#[derive(Clone, Debug, Default)]
struct Group {
    messages: VecDeque<Text>,
    last: Time,
    stamp: u64,
    /// By message and field; the combined event has neither.
    events: BTreeMap<(Text, Text), (Text, i32)>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: i64,
    since: Time,
}

impl Api {
    /// Writes or counts an event of the present author about an object.
    pub fn say(&mut self, about: &Object, says: Says<'_>) {
        let author = self.author;
        let meta = about.meta();
        let now = self.now;
        let correlated = self.correlator.correlate(
            (author, meta.uid.clone(), says.warning, says.reason),
            &says,
            now,
        );
        if !self
            .correlator
            .may_send((author, meta.uid.clone(), says.warning), now)
        {
            return;
        }
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
                self.new_event(about, &says, &correlated, namespace),
            ),
        };
        let key = ObjectKey {
            kind: Kind::Event,
            namespace: event.meta.namespace.clone(),
            name: event.meta.name.clone(),
        };
        self.correlator.remember(&correlated, &event.meta.name);
        let stored = self.commit(verb, Part::Main, Object::Event(event));
        self.correlator
            .expiry
            .push_back((now.plus_s(TTL_S), key, stored.meta().resource_version));
    }

    fn new_event(
        &mut self,
        about: &Object,
        says: &Says<'_>,
        correlated: &Correlated,
        namespace: Text,
    ) -> Event {
        let meta = about.meta();
        let kind = about.kind();
        self.correlator.clock += 1;
        let nanoseconds =
            (self.now.0 as u64).wrapping_mul(1_000_000) + self.correlator.clock % 1_000_000;
        let involved = Involved {
            api_version: kind.api_version().into(),
            kind: kind.name().into(),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            uid: meta.uid.clone(),
            field_path: says.field.into(),
            resource_version: meta.resource_version.to_string().into(),
            ..Involved::default()
        };
        let mut event = Event {
            meta: Meta::named(&namespace, format!("{}.{nanoseconds:x}", meta.name)),
            involved: Rc::new(involved),
            reason: says.reason.into(),
            message: correlated.message.clone(),
            kind: if says.warning { "Warning" } else { "Normal" }.into(),
            ..Event::default()
        };
        let stamp = self.now.whole_seconds();
        event.meta.created = Some(stamp);
        let identity = format!("Event/{namespace}/{}", event.meta.name);
        event.meta.uid = self.names.uid(&mut self.rng, &identity);
        if self.author == Component::Scheduler {
            // The scheduler uses the newer API.
            event.event_time = Value::text(self.now.micro());
            event.reporting_component = source_name(self.author).into();
            event.reporting_instance = "default-scheduler-control-plane".into();
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
            author => source_name(author).into(),
        };
        event.reporting_component = component.clone();
        event.source = EventSource {
            component,
            ..EventSource::default()
        };
        if let (Component::Kubelet, Object::Pod(pod)) = (self.author, about) {
            event.source.host = pod.spec.node_name.clone();
            event.reporting_instance = pod.spec.node_name.clone();
        }
        event.first = Some(stamp);
        event.last = Some(stamp);
        event.count = correlated.count;
        event
    }

    fn provisioner_name(&self) -> Text {
        let class = self
            .config
            .standard_class
            .as_ref()
            .map_or("provisioner", |class| &*class.provisioner);
        format!("{class}_provisioner-0_00000000-0000-4000-8000-000000000000").into()
    }

    /// Removes the events that are older than an hour.
    pub fn expire_events(&mut self) {
        while let Some((_, key, version)) = self
            .correlator
            .expiry
            .pop_front_if(|(due, ..)| *due <= self.now)
        {
            // An event that was counted since has its own, later entry.
            let current = self
                .store
                .by_key(&key)
                .is_some_and(|event| event.meta().resource_version == version);
            if current {
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
    identity: (Text, Text),
    message: Text,
    name: Option<Text>,
    count: i32,
}

impl Correlator {
    fn correlate(&mut self, key: GroupKey, says: &Says<'_>, now: Time) -> Correlated {
        self.clock += 1;
        let stamp = self.clock;
        let group = self.groups.entry(key.clone()).or_default();
        self.used.remove(&group.stamp);
        if now.ms_since(group.last) > GROUP_S * 1000 {
            group.messages.clear();
        }
        group.last = now;
        group.stamp = stamp;
        let message: Text = says.message.as_str().into();
        if !group.messages.contains(&message) {
            group.messages.push_back(message.clone());
        }
        let combined = group.messages.len() >= SIMILAR;
        if combined {
            group.messages.pop_front();
        }
        let identity = if combined {
            (Text::default(), Text::default())
        } else {
            (message.clone(), Text::from(says.field))
        };
        let text = if combined {
            format!("(combined from similar events): {message}").into()
        } else {
            message
        };
        let (name, count) = group.events.entry(identity.clone()).or_default();
        *count += 1;
        let (name, count) = ((!name.is_empty()).then(|| name.clone()), *count);
        self.used.insert(stamp, key.clone());
        if self.groups.len() > GROUPS
            && let Some((_, oldest)) = self.used.pop_first()
        {
            self.groups.remove(&oldest);
        }
        Correlated {
            group: key,
            identity,
            message: text,
            name,
            count,
        }
    }

    fn remember(&mut self, correlated: &Correlated, name: &Text) {
        if let Some(group) = self.groups.get_mut(&correlated.group) {
            group.events.insert(
                correlated.identity.clone(),
                (name.clone(), correlated.count),
            );
        }
    }

    fn may_send(&mut self, key: (Component, Text, bool), now: Time) -> bool {
        let bucket = self.buckets.entry(key).or_insert(Bucket {
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
        Component::NodeLifecycle => "node-controller",
        other => other.name(),
    }
}
