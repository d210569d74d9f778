//! Event: what a component says of an object (reference 1.11).

use std::rc::Rc;

use super::ObjectKey;
use crate::cluster::json::{Json as _, put, take};
use crate::cluster::time::Time;
use crate::cluster::value::{Map, Text, Value};
use crate::{json_struct, resource};

resource! {
    /// One message, and how often it came.
    pub struct Event {
        /// The object it is about.
        involved: Rc<Involved> = "involvedObject" always,
        /// One word.
        reason: Text = "reason",
        /// A sentence.
        message: Text = "message",
        /// When it first came; never for the newer API.
        first: Option<Time> = "firstTimestamp" always,
        /// When it last came; never for the newer API.
        last: Option<Time> = "lastTimestamp" always,
        /// How often.
        count: i32 = "count",
        ..speaker: Speaker
    }
}

/// Who says it, and how: the same for most of what a component says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speaker {
    /// `Normal` or `Warning`.
    pub kind: Text,
    /// Who says it.
    pub source: EventSource,
    /// When it came, in the newer API: a text with microseconds.
    pub event_time: Value,
    /// What was done, in the newer API.
    pub action: Text,
    /// Who says it, in the newer API.
    pub reporting_component: Text,
    /// Which copy of it.
    pub reporting_instance: Text,
}

json_struct! {
    /// The object that an event is about.
    pub struct Involved {
        /// Group and version.
        api_version: Text = "apiVersion",
        /// Kind.
        kind: Text = "kind",
        /// Namespace.
        namespace: Text = "namespace",
        /// Name.
        name: Text = "name",
        /// Uid.
        uid: Text = "uid",
        /// The part of it, such as `spec.containers{nginx}`.
        field_path: Text = "fieldPath",
        /// Its version.
        resource_version: Text = "resourceVersion",
    }
}

json_struct! {
    /// Who says it.
    pub struct EventSource {
        /// The component.
        component: Text = "component",
        /// Its node, for kubelets.
        host: Text = "host",
    }
}

impl Speaker {
    /// Takes the fields out of an event's map.
    fn take(map: &mut Map) -> Self {
        Self {
            kind: take(map, "type"),
            source: take(map, "source"),
            event_time: take(map, "eventTime"),
            action: take(map, "action"),
            reporting_component: take(map, "reportingComponent"),
            reporting_instance: take(map, "reportingInstance"),
        }
    }

    /// Puts the fields into an event's map; those of the newer API are always there.
    fn put(&self, map: &mut Map) {
        put(map, "type", self.kind.write());
        put(map, "source", self.source.write());
        put(map, "eventTime", Some(self.event_time.write_always()));
        put(map, "action", self.action.write());
        let (component, instance) = (&self.reporting_component, &self.reporting_instance);
        put(map, "reportingComponent", Some(component.write_always()));
        put(map, "reportingInstance", Some(instance.write_always()));
    }
}

impl Event {
    /// Whether it is about the object at a key, in this life or an earlier one.
    pub fn is_about(&self, key: &ObjectKey) -> bool {
        let about = &self.involved;
        *about.kind == *key.kind.name()
            && about.namespace == key.namespace
            && about.name == key.name
    }

    /// When it first came, in either API.
    pub fn first_seen(&self) -> Option<Time> {
        self.first.or_else(|| self.told())
    }

    /// When it last came, in either API.
    pub fn last_seen(&self) -> Option<Time> {
        self.last.or_else(|| self.first_seen())
    }

    /// When it came, in the newer API.
    fn told(&self) -> Option<Time> {
        Time::parse(self.speaker.event_time.as_str()?)
    }

    /// The component that says it, in either API.
    pub fn component(&self) -> &Text {
        let speaker = &self.speaker;
        if speaker.source.component.is_empty() {
            &speaker.reporting_component
        } else {
            &speaker.source.component
        }
    }
}
