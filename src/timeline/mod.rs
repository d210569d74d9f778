//! The course of a cluster: what was asked of it and when, and the instant of it that is looked at.
//!
//! Owns the clock of the page, steps to the next record and back, and forks: who acts in the past drops what came
//! after.
//! The cluster is a function of the recording, so nothing else needs to be kept: looking back undoes records one by
//! one, and who acts in the past has the cluster computed anew from its start. A copy of the cluster along the way
//! would save that time and cost 9 KB on the wire for the code that copies it.

mod action;
mod done;
mod recording;
mod view;

pub use action::{ActionError, act};
pub use done::{Done, What};
pub use recording::{Action, Ask, LogError, Recording};
pub use view::{Life, View, is_deed, last_deed};

use crate::cluster::Cluster;
use crate::cluster::disk::Disks;
use crate::cluster::log::Log;
use crate::cluster::net::Request;
use crate::cluster::record::{Because, Record};
use crate::cluster::time::Time;
use crate::kubectl::Workspace;
use crate::terminal::{Desk, Entry, Prompt};

/// How far a step looks for the next record: an hour, after which the oldest events expire.
const HORIZON_MS: i64 = 3_600_000;
/// The namespace of faults that name a pod without one.
const FAULT_NAMESPACE: &str = "default";

/// A cluster, its recording and the instant that is shown.
#[derive(Clone, Debug)]
pub struct Timeline {
    recording: Recording,
    head: Desk,
    view: View,
    /// The last instant that was shown since the past was last changed.
    furthest: Time,
}

/// A desk at which nothing was done yet.
fn new_desk(recording: &Recording) -> Desk {
    Desk::new(Cluster::new(recording.config()), Workspace::default())
}

/// The desk after every action of a recording.
fn desk_after(recording: &Recording) -> Desk {
    let mut desk = new_desk(recording);
    for action in &recording.actions {
        take(&mut desk, action);
    }
    desk
}

/// Does an action when it is due.
fn take(desk: &mut Desk, action: &Action) {
    desk.run_until(desk.cluster.api.config.epoch.plus_ms(action.at_ms));
    match &action.ask {
        Ask::File { name, text } => {
            desk.workspace.files.insert(name.clone(), text.clone());
        }
        Ask::Line(line) => act(desk, FAULT_NAMESPACE, line),
        Ask::Typed { terminal, text } => desk.enter(*terminal, text),
        Ask::Interrupt(terminal) => desk.interrupt(*terminal),
    }
}

/// Goes on until something is written; `false` if nothing would be until an instant.
fn find_more(desk: &mut Desk, until: Time) -> bool {
    let known = desk.cluster.api.log.len();
    while desk.cluster.api.log.len() == known {
        let due = desk.due().filter(|due| *due <= until);
        if desk.step(due.unwrap_or(until)) {
            continue;
        }
        let Some(due) = due else { return false };
        desk.run_until(due);
        if desk.due().is_some_and(|it| it <= due) {
            return false;
        }
    }
    desk.poll();
    true
}

impl Timeline {
    /// Starts a run, or repeats one up to its last action.
    pub fn new(recording: Recording) -> Self {
        let head = desk_after(&recording);
        let mut view = View::new(head.cluster.api.config.epoch);
        view.advance(&head.cluster.api.log, head.cluster.now());
        Self {
            recording,
            head,
            furthest: view.now,
            view,
        }
    }

    /// What was asked for.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The cluster at the instant that is shown.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The records up to the instant that is shown, and those that are known after it.
    pub fn log(&self) -> &Log {
        &self.head.cluster.api.log
    }

    /// The cluster as far as it has been computed.
    pub fn cluster(&self) -> &Cluster {
        &self.head.cluster
    }

    /// Milliseconds from the start to the instant that is shown.
    pub fn elapsed_ms(&self) -> i64 {
        self.view.now.ms_since(self.epoch())
    }

    /// Milliseconds from the start to an instant.
    pub fn since_start_ms(&self, time: Time) -> i64 {
        time.ms_since(self.epoch())
    }

    fn epoch(&self) -> Time {
        self.head.cluster.api.config.epoch
    }

    /// Lets so many milliseconds pass.
    pub fn advance(&mut self, ms: i64) {
        self.advance_some(ms, usize::MAX);
    }

    /// Lets so many milliseconds pass, or fewer where the cluster would have to do more than so many things for them.
    pub fn advance_some(&mut self, ms: i64, steps: usize) {
        let mut until = self.view.now.plus_ms(ms);
        if until > self.head.cluster.now() {
            self.head.run_some(until, steps);
            until = self.head.cluster.now();
        }
        self.view.advance(&self.head.cluster.api.log, until);
        self.furthest = self.furthest.max(until);
    }

    /// Goes to the next record that a person can see; `None` if nothing will happen by itself.
    pub fn step(&mut self) -> Option<&Record> {
        let until = self
            .head
            .cluster
            .now()
            .max(self.view.now)
            .plus_ms(HORIZON_MS);
        let mut at = self.view.at;
        // The view stays where it is until it is known that there is something to see.
        while !self.log().get(at).is_some_and(is_deed) {
            if self.log().get(at).is_none() && !find_more(&mut self.head, until) {
                return None;
            }
            if self.log().get(at).is_some_and(|it| !is_deed(it)) {
                at += 1;
            }
        }
        while self.view.at <= at {
            self.view.step(&self.head.cluster.api.log);
        }
        self.furthest = self.furthest.max(self.view.now);
        self.last_record()
    }

    /// Goes back to the record before; `None` at the start.
    pub fn step_back(&mut self) -> Option<&Record> {
        let start = self.start();
        while self.view.at > start {
            self.view.step_back(&self.head.cluster.api.log);
            if self.last_record().is_some_and(is_deed) {
                break;
            }
        }
        let epoch = self.epoch();
        self.view.now = self.last_record().map_or(epoch, |it| it.time.max(epoch));
        self.last_record()
    }

    /// Looks at an instant between the start and the last one that was shown so far.
    pub fn seek(&mut self, ms: i64) {
        let epoch = self.epoch();
        let until = epoch.plus_ms(ms.max(0)).min(self.furthest);
        // A step may have stopped amid the last instant: it is shown whole.
        if self.head.cluster.now() <= until {
            self.head.run_until(until);
        }
        let start = self.start();
        while self.view.at > start && self.last_record().is_some_and(|it| it.time > until) {
            self.view.step_back(&self.head.cluster.api.log);
        }
        self.view.now = until;
        self.view.advance(&self.head.cluster.api.log, until);
    }

    /// Milliseconds from the start to the last instant that was shown so far.
    pub fn furthest_ms(&self) -> i64 {
        self.since_start_ms(self.furthest)
    }

    /// The record that happened last before the instant that is shown.
    fn last_record(&self) -> Option<&Record> {
        self.log().get(self.view.at.checked_sub(1)?)
    }

    /// How many records the set-up itself made.
    fn start(&self) -> usize {
        let epoch = self.epoch();
        let set_up = |record: &&Record| record.because == Because::Start;
        let log = self.log().iter();
        log.take_while(|record| record.time <= epoch)
            .take_while(set_up)
            .count()
    }

    /// The commands so far, with what they have printed.
    pub fn entries(&self) -> &[Entry] {
        self.head.entries()
    }

    /// What a terminal is ready for.
    pub fn prompt(&mut self, terminal: u8) -> Prompt {
        self.head.prompt(terminal)
    }

    /// The requests that pods have answered up to the instant that is shown, the latest at the end.
    pub fn requests(&self) -> &[Request] {
        let all = &self.head.cluster.requests_made;
        let count = all.partition_point(|it| it.at <= self.view.now);
        all.get(..count).unwrap_or_default()
    }

    /// What stands on the disks, with its past.
    pub fn disks(&self) -> &Disks {
        &self.head.cluster.disks
    }

    /// The files of a volume at the instant that is shown: path and text.
    pub fn volume_files(&self, volume: &str) -> Vec<(&str, &str)> {
        let cluster = &self.head.cluster;
        cluster.volume_files(&self.view.store, volume, self.view.now)
    }

    /// What was done so far, in its order, and the commands that it names. Does it all again to find out.
    pub fn done(&self) -> (Vec<Done>, Vec<Entry>) {
        let until_ms = self.since_start_ms(self.furthest);
        let (done, desk) = done::done(&self.recording, until_ms);
        (done, desk.entries().to_vec())
    }

    /// The person's files and context.
    pub fn workspace(&self) -> &Workspace {
        &self.head.workspace
    }

    /// The namespace that kubectl works in at the instant that is shown; `None` in a past that may have had another.
    pub fn namespace(&self) -> Option<&str> {
        let is_past = self.head.cluster.elapsed_ms() > self.elapsed_ms();
        let changes = |it: &Action| match &it.ask {
            Ask::Line(text) | Ask::Typed { text, .. } => text.contains(" config "),
            Ask::File { .. } | Ask::Interrupt(_) => false,
        };
        let is_unknown = is_past && self.recording.actions.iter().any(changes);
        (!is_unknown).then_some(&*self.head.workspace.namespace)
    }

    /// Lets something be tried out on the cluster as it is shown, with a person's files.
    pub fn try_out<T>(&mut self, see: impl FnOnce(&mut Cluster, &Workspace) -> T) -> T {
        std::mem::swap(&mut self.head.cluster.api.store, &mut self.view.store);
        let seen = see(&mut self.head.cluster, &self.head.workspace);
        std::mem::swap(&mut self.head.cluster.api.store, &mut self.view.store);
        seen
    }

    /// Does something at the instant that is shown; what was known to come after it is dropped.
    ///
    /// Answers with the command that it began, if it began one.
    pub fn act(&mut self, ask: Ask) -> Option<&Entry> {
        let mut at_ms = self.elapsed_ms();
        if let Ask::File { .. } = ask {
            // Files have no past: writing one changes nothing of what is known to come.
            at_ms = at_ms.max(self.head.cluster.elapsed_ms());
            let action = Action { at_ms, ask };
            take(&mut self.head, &action);
            self.recording.actions.push(action);
            return None;
        }
        if self.head.cluster.elapsed_ms() > at_ms || self.view.at < self.log().len() {
            self.fork(at_ms);
        }
        at_ms = self.elapsed_ms();
        let action = Action { at_ms, ask };
        let known = self.head.entries().len();
        take(&mut self.head, &action);
        self.recording.actions.push(action);
        self.view
            .advance(&self.head.cluster.api.log, self.head.cluster.now());
        self.furthest = self.view.now;
        self.head.entries().get(known)
    }

    /// Computes the cluster anew up to an instant of the past.
    fn fork(&mut self, at_ms: i64) {
        let kept = |action: &&Action| action.at_ms <= at_ms;
        let count = self.recording.actions.iter().take_while(kept).count();
        self.recording.actions.truncate(count);
        let mut head = desk_after(&self.recording);
        head.run_until(self.epoch().plus_ms(at_ms));
        // What was written into files since then is a person's work, and stays.
        let files = std::mem::take(&mut self.head.workspace.files);
        for (name, text) in files.iter() {
            if head.workspace.files.get(name) != Some(text) {
                let (name, text) = (name.clone(), text.clone());
                let action = Action {
                    at_ms,
                    ask: Ask::File { name, text },
                };
                take(&mut head, &action);
                self.recording.actions.push(action);
            }
        }
        // The log up to here is the same, so the view stays where it is and sees the rest of the instant.
        self.head = head;
        self.view
            .advance(&self.head.cluster.api.log, self.head.cluster.now());
    }
}

#[cfg(test)]
pub(crate) mod tests;
