//! A closer look at one object: what the cluster has, what is said of it, who did what to it and why it waits.

use crate::cluster::log::Log;
use crate::cluster::object::{Event, Object, ObjectKey};
use crate::cluster::record::{Because, Component, Stop, What};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::manifest::write;
use crate::scene::{Thought, thought_at, waits};
use crate::timeline::{Timeline, View, is_deed};

/// The most deeds and events that are listed.
const LISTED_MAX: usize = 30;

/// What is known of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Which.
    pub key: ObjectKey,
    /// Its YAML as the cluster has it; `None` if it is not there.
    pub yaml: Option<String>,
    /// Who waits with it, and why.
    pub waits: Vec<(Component, Stop)>,
    /// Events about it, the latest first.
    pub events: Vec<Told>,
    /// Who did what to it, the latest first.
    pub acted: Vec<Acted>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `Normal` or `Warning`.
    pub kind: Text,
    /// One word.
    pub reason: Text,
    /// A sentence.
    pub message: Text,
    /// How often.
    pub count: i32,
    /// When it last came, in milliseconds since the start.
    pub at_ms: i64,
}

/// One deed, and what woke whoever did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// When, in milliseconds since the start.
    pub at_ms: i64,
    /// What.
    pub thought: Thought,
    /// Because of what, if it was another deed.
    pub because: Option<Thought>,
}

/// Looks at an object at the instant that is shown.
pub(super) fn inspect(timeline: &Timeline, key: &ObjectKey) -> Inspection {
    let (view, log) = (timeline.view(), timeline.log());
    let object = view.store.by_key(key);
    Inspection {
        key: key.clone(),
        yaml: object.map(|it| write::yaml(&it.to_value())),
        waits: waits(view, key),
        events: events(timeline, key),
        acted: acted(timeline, view, log, key),
    }
}

fn events(timeline: &Timeline, key: &ObjectKey) -> Vec<Told> {
    let all = timeline.view().store.list::<Event>();
    let about = all.filter(|event| {
        let about = &event.involved;
        *about.kind == *key.kind.name()
            && about.namespace == key.namespace
            && about.name == key.name
    });
    let told = |event: &Event| Told {
        kind: event.kind.clone(),
        reason: event.reason.clone(),
        message: event.message.clone(),
        count: event.count.max(1),
        at_ms: last_time(event).map_or(0, |it| timeline.since_start_ms(it)),
    };
    let mut events: Vec<Told> = about.map(told).collect();
    sorted::sort_by(&mut events, |a, b| b.at_ms.cmp(&a.at_ms));
    events.truncate(LISTED_MAX);
    events
}

fn last_time(event: &Event) -> Option<Time> {
    event
        .last
        .or_else(|| Time::parse(event.event_time.as_str()?))
}

fn acted(timeline: &Timeline, view: &View, log: &Log, key: &ObjectKey) -> Vec<Acted> {
    let is_about = |at: &usize| {
        log.get(*at).is_some_and(|record| {
            is_deed(record)
                && match &record.what {
                    What::Wrote(write) => is_key(&write.object, key),
                    What::Stopped { key: about, .. } => about == key,
                }
        })
    };
    let latest = (0..view.at).rev().filter(is_about).take(LISTED_MAX);
    latest
        .filter_map(|at| {
            let record = log.get(at)?;
            let because = match record.because {
                Because::Record(seq) => thought_at(log, seq.0 as usize),
                _ => None,
            };
            Some(Acted {
                at_ms: timeline.since_start_ms(record.time),
                thought: thought_at(log, at)?,
                because,
            })
        })
        .collect()
}

fn is_key(object: &Object, key: &ObjectKey) -> bool {
    let meta = object.meta();
    object.kind() == key.kind && meta.name == key.name && meta.namespace == key.namespace
}
