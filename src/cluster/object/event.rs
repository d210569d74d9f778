//! Event: what a component says of an object (reference 1.11).

use std::rc::Rc;

use super::ObjectKey;
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};
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
        /// Who says it.
        source: EventSource = "source",
        /// When it first came; never for the newer API.
        first: Option<Time> = "firstTimestamp" always,
        /// When it last came; never for the newer API.
        last: Option<Time> = "lastTimestamp" always,
        /// How often.
        count: i32 = "count",
        /// `Normal` or `Warning`.
        kind: Text = "type",
        /// When it came, in the newer API: a text with microseconds.
        event_time: Value = "eventTime" always,
        /// What was done, in the newer API.
        action: Text = "action",
        /// Who says it, in the newer API.
        reporting_component: Text = "reportingComponent" always,
        /// Which copy of it.
        reporting_instance: Text = "reportingInstance" always,
    }
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
        Time::parse(self.event_time.as_str()?)
    }

    /// The component that says it, in either API.
    pub fn component(&self) -> &Text {
        if self.source.component.is_empty() {
            &self.reporting_component
        } else {
            &self.source.component
        }
    }
}
