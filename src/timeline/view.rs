//! The cluster as it was at one record of its log.
//!
//! Owns a store that follows the log record by record, forwards and back, and what the log says of the past: the
//! lives that each name has had, and where each component stopped last.

use std::rc::Rc;

use crate::cluster::large::LargeMap;
use crate::cluster::log::Log;
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::cluster::record::{Because, Component, Record, Stop, Verb, What, Write};
use crate::cluster::sorted::SortedMap;
use crate::cluster::store::Store;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// The cluster at a record.
#[derive(Clone, Debug)]
pub struct View {
    /// The objects.
    pub store: Store,
    /// How many records have happened.
    pub at: usize,
    /// The time shown.
    pub now: Time,
    lives: LargeMap<ObjectKey, Vec<Life>>,
    stops: LargeMap<ObjectKey, Vec<(Component, Stop)>>,
    gone: SortedMap<ObjectKey, Vec<Rc<Object>>>,
    revisions: SortedMap<ObjectKey, Vec<Text>>,
}

/// One pod of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its uid.
    pub uid: Text,
    /// The address that it has or last had.
    pub ip: Text,
}

impl View {
    /// Nothing has happened.
    pub fn new(now: Time) -> Self {
        Self {
            store: Store::new(),
            at: 0,
            now,
            lives: LargeMap::default(),
            stops: LargeMap::default(),
            gone: SortedMap::new(),
            revisions: SortedMap::new(),
        }
    }

    /// The pods that a name has had, the present or last one at the end.
    pub fn lives(&self, pod: &ObjectKey) -> &[Life] {
        self.lives.get(pod).map_or(&[], Vec::as_slice)
    }

    /// Why a component does nothing more for an object, in its last word on it.
    pub fn stop(&self, component: Component, key: &ObjectKey) -> Option<&Stop> {
        let all = self.stops.get(key)?;
        let own = all.iter().rev().find(|(author, _)| *author == component);
        own.map(|(_, stop)| stop)
    }

    /// The last word of every component on an object.
    pub fn stops(&self, key: &ObjectKey) -> Vec<(Component, Stop)> {
        let mut out: Vec<(Component, Stop)> = Vec::new();
        for (author, stop) in self.stops.get(key).into_iter().flatten().rev() {
            if out.iter().all(|(known, _)| known != author) {
                out.push((*author, stop.clone()));
            }
        }
        out
    }

    /// The sets that are gone, as they last were.
    pub fn gone(&self) -> impl Iterator<Item = &Rc<Object>> {
        self.gone.values().filter_map(|versions| versions.last())
    }

    /// The position of a revision among all that its set has ever had: it stays while others come and go.
    pub fn revision_number(&self, set: &ObjectKey, revision: &str) -> Option<usize> {
        let all = self.revisions.get(set)?;
        all.iter().position(|it| it == revision)
    }

    /// Goes on by one record; `false` at the end of the log.
    pub fn step(&mut self, log: &Log) -> bool {
        let Some(record) = log.get(self.at) else {
            return false;
        };
        self.at += 1;
        self.now = self.now.max(record.time);
        match &record.what {
            What::Wrote(write) => self.follow(write),
            What::Stopped(stopped) => {
                let stops = self.stops.or_default(stopped.key.clone());
                stops.push((record.author, stopped.reason.clone()));
            }
        }
        true
    }

    /// Goes back by one record; `false` at the start of the log.
    pub fn step_back(&mut self, log: &Log) -> bool {
        let Some(record) = self.at.checked_sub(1).and_then(|at| log.get(at)) else {
            return false;
        };
        self.at -= 1;
        match &record.what {
            What::Wrote(write) => self.unfollow(write),
            What::Stopped(stopped) => {
                if let Some(stops) = self.stops.get_mut(&stopped.key) {
                    stops.pop();
                }
            }
        }
        true
    }

    /// Goes on until an instant, with everything that happened at it.
    pub fn advance(&mut self, log: &Log, until: Time) {
        while log.get(self.at).is_some_and(|next| next.time <= until) {
            self.step(log);
        }
        self.now = self.now.max(until);
    }

    fn follow(&mut self, write: &Write) {
        let key = write.object.key();
        match write.verb {
            Verb::Removed => {
                self.store.remove(&key);
                if key.kind == Kind::StatefulSet {
                    self.gone
                        .entry(key)
                        .or_default()
                        .push(Rc::clone(&write.object));
                }
            }
            _ => {
                self.store.put(Rc::clone(&write.object));
                if let Some(set) = new_revision_of(write) {
                    let all = self.revisions.entry(set).or_default();
                    all.push(key.name.clone());
                }
                if let Object::Pod(pod) = &*write.object {
                    if write.verb == Verb::Created {
                        self.silence(&key);
                    }
                    let lives = self.lives.or_default(key);
                    if write.verb == Verb::Created {
                        lives.push(Life {
                            uid: pod.meta.uid.clone(),
                            ip: Text::default(),
                        });
                    }
                    if let Some(life) = lives.last_mut() {
                        life.ip = pod.status.pod_ip.clone();
                    }
                }
            }
        }
    }

    /// What was said of an earlier life of a name is not true of the next.
    fn silence(&mut self, key: &ObjectKey) {
        let authors = self.authors(key);
        if let Some(stops) = self.stops.get_mut(key) {
            stops.extend(authors.into_iter().map(|author| (author, Stop::Done)));
        }
    }

    /// Who has said something of an object.
    fn authors(&self, key: &ObjectKey) -> Vec<Component> {
        self.stops(key)
            .into_iter()
            .map(|(author, _)| author)
            .collect()
    }

    fn unfollow(&mut self, write: &Write) {
        let key = write.object.key();
        if write.verb == Verb::Created && key.kind == Kind::Pod {
            let count = self.authors(&key).len();
            if let Some(stops) = self.stops.get_mut(&key) {
                stops.truncate(stops.len() - count);
            }
        }
        let all = new_revision_of(write).and_then(|set| self.revisions.get_mut(&set));
        if let Some(all) = all {
            all.pop();
        }
        match &write.before {
            Some(before) => {
                self.store.put(Rc::clone(before));
            }
            None if write.verb == Verb::Created => {
                self.store.remove(&key);
            }
            None => {
                self.store.put(Rc::clone(&write.object));
            }
        }
        if write.verb == Verb::Removed
            && let Some(versions) = self.gone.get_mut(&key)
        {
            versions.pop();
        }
        if let (Object::Pod(_), Some(lives)) = (&*write.object, self.lives.get_mut(&key)) {
            match (&write.verb, write.before.as_deref()) {
                (Verb::Created, _) => {
                    lives.pop();
                }
                (Verb::Removed, _) => {}
                (_, Some(Object::Pod(before))) => {
                    if let Some(life) = lives.last_mut() {
                        life.ip = before.status.pod_ip.clone();
                    }
                }
                _ => {}
            }
        }
    }
}

/// The set whose revision a write makes.
fn new_revision_of(write: &Write) -> Option<ObjectKey> {
    let Object::ControllerRevision(revision) = &*write.object else {
        return None;
    };
    let meta = &revision.meta;
    let owner = meta.controller()?;
    (write.verb == Verb::Created)
        .then(|| ObjectKey::new(Kind::StatefulSet, &*meta.namespace, &*owner.name))
}

/// Whether a record is something that a component did or waits for, and not an event about it or the set-up.
pub fn is_deed(record: &Record) -> bool {
    let is_told = match &record.what {
        What::Wrote(write) => write.object.kind() != Kind::Event,
        What::Stopped(_) => true,
    };
    is_told && record.because != Because::Start
}

/// The last deed before a position, with its own position.
pub fn last_deed(log: &Log, before: usize) -> Option<(usize, &Record)> {
    (0..before)
        .rev()
        .filter_map(|at| Some((at, log.get(at)?)))
        .find(|(_, record)| is_deed(record))
}
