//! A closer look at one object: what the cluster has, what is said of it, who did what to it and why it waits.

use super::deed::{self, Deed};
use crate::cluster::object::{Event, Kind, Object, ObjectKey};
use crate::cluster::record::{Because, Component, Part, Record, Stop, What};
use crate::cluster::sorted;
use crate::cluster::value::Text;
use crate::manifest::write;
use crate::scene::{Thought, thought_at, waits};
use crate::timeline::{Timeline, is_deed};

/// The most deeds and events that are listed.
const LISTED_MAX: usize = 30;
/// The most deeds that are listed while nothing is selected.
const RECENT_MAX: usize = 5;

/// What is known of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Which.
    pub key: ObjectKey,
    /// Its YAML as the cluster has it; `None` if it is not there.
    pub yaml: Option<String>,
    /// Who waits with it, and why.
    pub waits: Vec<(Component, Stop)>,
    /// The files of a volume, or of the one behind a claim: path and text.
    pub files: Vec<(String, String)>,
    /// What can be done with it by hand.
    pub deeds: Vec<Deed>,
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
    let view = timeline.view();
    let object = view.store.by_key(key);
    Inspection {
        key: key.clone(),
        yaml: object.map(|it| write::yaml(&it.to_value())),
        waits: waits(view, key),
        files: files(timeline, object.map(|it| &**it)),
        // What is not there cannot be acted on.
        deeds: object.map_or_else(Vec::new, |_| deed::deeds(key)),
        events: events(timeline, key),
        acted: acted(timeline, key),
    }
}

/// The files of a volume, or of the one behind a claim.
fn files(timeline: &Timeline, object: Option<&Object>) -> Vec<(String, String)> {
    let volume = match object {
        Some(Object::PersistentVolumeClaim(claim)) => &claim.spec.volume_name,
        Some(Object::PersistentVolume(volume)) => &volume.meta.name,
        _ => return Vec::new(),
    };
    let found = timeline.volume_files(volume).into_iter();
    let owned = found.map(|(path, text)| (path.to_owned(), text.to_owned()));
    owned.collect()
}

fn events(timeline: &Timeline, key: &ObjectKey) -> Vec<Told> {
    let all = timeline.view().store.list::<Event>();
    let about = all.filter(|event| event.is_about(key));
    let told = |event: &Event| Told {
        kind: event.speaker.kind.clone(),
        reason: event.reason.clone(),
        message: event.message.clone(),
        count: event.count.max(1),
        at_ms: event
            .last_seen()
            .map_or(0, |it| timeline.since_start_ms(it)),
    };
    let mut events: Vec<Told> = about.map(told).collect();
    sorted::sort_by(&mut events, |a, b| b.at_ms.cmp(&a.at_ms));
    events.truncate(LISTED_MAX);
    events
}

fn acted(timeline: &Timeline, key: &ObjectKey) -> Vec<Acted> {
    list(timeline, LISTED_MAX, |record| match &record.what {
        What::Wrote(write) => is_key(&write.object, key),
        What::Stopped(stopped) => stopped.key == *key,
    })
}

/// What happened last, but for counting and waiting.
pub(super) fn recent(timeline: &Timeline) -> Vec<Acted> {
    let is_told = |kind| !matches!(kind, Kind::EndpointSlice | Kind::Endpoints | Kind::Node);
    list(timeline, RECENT_MAX, |record| match &record.what {
        What::Wrote(write) => {
            let is_count = write.part == Part::Status && write.object.kind() != Kind::Pod;
            is_told(write.object.kind()) && !is_count
        }
        What::Stopped(_) => false,
    })
}

/// The latest deeds of a kind, each with what woke whoever did it.
fn list(timeline: &Timeline, most: usize, is_wanted: impl Fn(&Record) -> bool) -> Vec<Acted> {
    let (view, log) = (timeline.view(), timeline.log());
    let is_wanted = |record: &Record| is_deed(record) && is_wanted(record);
    let latest = (0..view.at)
        .rev()
        .filter(|at| log.get(*at).is_some_and(is_wanted));
    latest
        .take(most)
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
