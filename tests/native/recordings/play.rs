//! Playing a recording and holding the engine to it, step by step.

use std::collections::BTreeMap;

use ordinal::cluster::Cluster;
use ordinal::cluster::config::{ClassConfig, Config, Latency, NodeConfig};
use ordinal::cluster::object::{Kind, Object};
use ordinal::cluster::record::{Component, Record, Verb};
use ordinal::cluster::time::Time;
use ordinal::kubectl::Workspace;
use ordinal::terminal::Desk;
use ordinal::timeline::act;
use serde_json::{Value, json};

use super::compare::{self, Ledger, Write};
use super::file::{Recording, Step};
use super::outputs;
use super::races::Race;
use super::shape::{self, KINDS};
use crate::support::Output;

/// What came of a recording.
#[derive(Debug)]
pub(super) struct Verdict {
    /// How many facts were compared.
    pub facts: usize,
    /// What differs, in the order in which it was found.
    pub differences: Vec<String>,
}

/// Plays a recording.
///
/// When in its period of fifteen seconds the volume binder looks at everything is not fixed by the source ("a replay
/// must accept any", reference, open points), and a recording does not say it. Where all that differs is on the list
/// of such facts, it is played with every other moment of the tick too; all must hold with one and the same. What
/// differs is said of the first. `None` stands for recordings that have no list: any fact may hang on the tick.
pub(super) fn play(recording: &Recording, races: Option<&[Race]>) -> Verdict {
    let first = play_with(recording, None);
    let hangs_on_tick = |difference: &String| {
        races.is_none_or(|races| races.iter().any(|it| it.covers(difference)))
    };
    if first.differences.is_empty() || !first.differences.iter().all(hangs_on_tick) {
        return first;
    }
    let other = ticks(1).find_map(|phase_ms| {
        let verdict = play_with(recording, Some(phase_ms));
        verdict.differences.is_empty().then_some(verdict)
    });
    other.unwrap_or(first)
}

/// What differs when the binder's tick comes at other moments: each second of its period, or every so many.
pub(super) fn with_other_ticks(recording: &Recording, every: usize) -> Vec<String> {
    let verdicts = ticks(every).map(|phase_ms| play_with(recording, Some(phase_ms)));
    verdicts.flat_map(|it| it.differences).collect()
}

/// Moments of the binder's first tick.
fn ticks(every: usize) -> impl Iterator<Item = i64> {
    let period_ms = Latency::real().binder_resync_ms;
    (500..period_ms).step_by(1000 * every)
}

fn play_with(recording: &Recording, binder_phase_ms: Option<i64>) -> Verdict {
    let mut player = Player::new(recording, binder_phase_ms);
    for index in 0..recording.steps.len() {
        player.step(index);
    }
    Verdict {
        facts: player.facts,
        differences: player.differences,
    }
}

struct Player<'a> {
    recording: &'a Recording,
    desk: Desk,
    start: Time,
    /// By object: the states that are right.
    expected: BTreeMap<String, Vec<Value>>,
    /// Slices that were early: their writes are not held in the step after.
    early: Vec<String>,
    facts: usize,
    differences: Vec<String>,
    /// Commands that run on in the background: the line, its entry, and how much of what it printed was compared.
    jobs: Vec<(String, usize, usize)>,
}

impl<'a> Player<'a> {
    fn new(recording: &'a Recording, binder_phase_ms: Option<i64>) -> Self {
        let start = Time::parse(&recording.epoch).unwrap_or_default();
        let mut config = Config::recordings(start);
        if let Some(phase_ms) = binder_phase_ms {
            config.latency.binder_first_resync_ms = phase_ms;
        }
        config.nodes = recording
            .nodes
            .iter()
            .map(|name| NodeConfig::standard(&**name))
            .collect();
        config.namespaces = recording
            .namespaces
            .iter()
            .map(|name| (&**name).into())
            .collect();
        config.standard_class = recording.standard_class.then(ClassConfig::standard);
        if !recording.provisioner {
            config.absent.push(Component::Provisioner);
        }
        let mut cluster = Cluster::new(config);
        // What the set-up itself leads to is over before the first step.
        cluster.run_until(start.plus_ms(-1));
        let workspace = Workspace {
            files: recording.files.clone().into_iter().collect(),
            ..Workspace::default()
        };
        let mut player = Self {
            recording,
            desk: Desk::new(cluster, workspace),
            start,
            expected: BTreeMap::new(),
            early: Vec::new(),
            facts: 0,
            differences: Vec::new(),
            jobs: Vec::new(),
        };
        player.expected = player
            .state()
            .into_iter()
            .map(|(key, value)| (key, vec![value]))
            .collect();
        player
    }

    /// The state as recordings hold it.
    fn state(&self) -> BTreeMap<String, Value> {
        let objects = KINDS
            .iter()
            .flat_map(|kind| self.desk.cluster.api.store.all(*kind));
        objects
            .map(|object| (shape::key(object), shape::shape(object)))
            .collect()
    }

    fn step(&mut self, index: usize) {
        let recording: &'a Recording = self.recording;
        let step = &recording.steps[index];
        let end = self
            .recording
            .steps
            .get(index + 1)
            .map_or(step.at + step.own_seconds(), |next| next.at);
        self.desk.cluster.set_clock(self.start.plus_s(step.at));
        let from = self.desk.cluster.api.log.len();
        let line = step.line.strip_suffix('&').unwrap_or(&step.line).trim_end();
        let entry = self.desk.entries().len();
        act(&mut self.desk, &self.recording.namespace, line);
        let output = Output::of(&self.desk.entries()[entry]);
        let mut ledger = Ledger::default();
        self.compare_outputs(step, &output, &mut ledger);
        if step.line.ends_with('&') {
            self.jobs.push((line.to_owned(), entry, 0));
        }
        self.desk
            .cluster
            .run_until(self.start.plus_s(end).plus_ms(-1));
        self.compare_background(step, &mut ledger);
        if let Some(exit) = step.said["exit"].as_i64() {
            let found = i64::from(output.exit);
            ledger.fact(found == exit, || {
                format!(
                    "exit is {found}, recorded {exit}: {}",
                    output.stderr.trim_end()
                )
            });
        } else if line.starts_with('@') {
            ledger.fact(output.exit == 0, || output.stderr.clone());
        }
        let early = self.compare_state(index, &mut ledger);
        let records: Vec<Record> = self.desk.cluster.api.log.since(from).cloned().collect();
        self.compare_writes(step, &records, &early, &mut ledger);
        compare_order(step, &records, &mut ledger);
        compare_events(step, &records, &mut ledger);
        self.early = early;
        self.facts += ledger.facts;
        let place = format!("{}@{} {}", self.recording.scenario, step.at, step.line);
        self.differences.extend(
            ledger
                .differences
                .iter()
                .map(|difference| format!("{place}: {difference}")),
        );
    }

    /// Compares what a command printed at once.
    fn compare_outputs(&self, step: &Step, output: &Output, ledger: &mut Ledger) {
        if step.line.starts_with('@') || step.line.ends_with('&') || step.said["timeout"] == true {
            return;
        }
        let varying = outputs::varying(self.recording);
        let either = outputs::texts(&step.said["either"]["stdout"]);
        for (stream, found) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let recorded = step.said[stream].as_str().unwrap_or_default();
            let mut allowed = vec![recorded];
            if stream == "stdout" && !either.is_empty() {
                allowed.clone_from(&either);
            }
            let is_right = allowed
                .iter()
                .any(|it| outputs::is_same(it, found, &step.line, &varying));
            ledger.fact(is_right, || {
                format!("{stream} is\n{found}--- recorded is\n{}", allowed[0])
            });
        }
    }

    /// Compares what the commands in the background printed since the step before.
    fn compare_background(&mut self, step: &Step, ledger: &mut Ledger) {
        self.desk.poll();
        for (line, entry, seen) in &mut self.jobs {
            let stdout = self.desk.entries()[*entry].stdout();
            let printed = stdout.get(*seen..).unwrap_or_default();
            let found: Vec<&str> = printed.lines().collect();
            let either = &step.said["either"]["background"][&**line];
            let mut allowed = vec![outputs::texts(&step.said["background"][&**line])];
            if let Some(either) = either.as_array() {
                allowed = either.iter().map(outputs::texts).collect();
            }
            let is_right = allowed
                .iter()
                .any(|it| outputs::by_object(it) == outputs::by_object(&found));
            ledger.fact(is_right, || {
                let recorded = allowed[0].join("\n");
                format!(
                    "{line} printed\n{}\n--- recorded is\n{recorded}",
                    found.join("\n")
                )
            });
            *seen = stdout.len();
        }
    }

    /// Compares every object; the slices that are early.
    fn compare_state(&mut self, index: usize, ledger: &mut Ledger) -> Vec<String> {
        let step = &self.recording.steps[index];
        for (key, states) in recorded_states(step) {
            self.expected.insert(key, states);
        }
        let next = self
            .recording
            .steps
            .get(index + 1)
            .map(recorded_states)
            .unwrap_or_default();
        let found = self.state();
        let mut early = Vec::new();
        let keys: Vec<String> = self
            .expected
            .keys()
            .chain(found.keys().filter(|key| !self.expected.contains_key(*key)))
            .cloned()
            .collect();
        for key in keys {
            let mine = found.get(&key).cloned().unwrap_or(Value::Null);
            let allowed = self
                .expected
                .get(&key)
                .cloned()
                .unwrap_or_else(|| vec![Value::Null]);
            ledger.facts += compare::leaves(&mine).saturating_sub(1);
            if allowed.contains(&mine) {
                ledger.facts += 1;
                continue;
            }
            if key.starts_with("endpointslice/")
                && next.get(&key).is_some_and(|states| states.contains(&mine))
            {
                ledger.facts += 1;
                early.push(key);
                continue;
            }
            ledger.fact(false, || {
                let recorded = allowed.first().unwrap_or(&Value::Null);
                let why = compare::first_difference("", &mine, recorded).unwrap_or_default();
                format!("state of {key}: {why}")
            });
        }
        early
    }

    fn compare_writes(
        &self,
        step: &Step,
        records: &[Record],
        early: &[String],
        ledger: &mut Ledger,
    ) {
        let found: Vec<Write> = records.iter().filter_map(write).collect();
        let recorded: Vec<Write> = step.said["writes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Write::read)
            .collect();
        let mut objects: Vec<&String> = found
            .iter()
            .chain(&recorded)
            .map(|write| &write.object)
            .collect();
        objects.sort();
        objects.dedup();
        for object in objects {
            let held =
                !step.is_loose(object) && !early.contains(object) && !self.early.contains(object);
            if held {
                compare::writes_of(object, &found, &recorded, ledger);
            }
        }
    }
}

/// The states that a step lists, with those that are each right.
fn recorded_states(step: &Step) -> BTreeMap<String, Vec<Value>> {
    let mut out: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (key, value) in step.said["state"].as_object().into_iter().flatten() {
        out.insert(key.clone(), vec![shape::without_empty(value)]);
    }
    for (key, values) in step.said["either"]["state"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let values = values.as_array().into_iter().flatten();
        out.insert(key.clone(), values.map(shape::without_empty).collect());
    }
    // An object without anything to be held is there all the same.
    out
}

/// A record as recordings hold it; `None` if it changed nothing of what they hold.
fn write(record: &Record) -> Option<Write> {
    let write = record.write()?;
    if !KINDS.contains(&write.object.kind()) {
        return None;
    }
    let unchanged = |before: &Object| shape::shape(before) == shape::shape(&write.object);
    if write.verb == Verb::Updated && write.before.as_deref().is_some_and(unchanged) {
        return None;
    }
    Some(Write {
        verb: write.verb.name().to_owned(),
        object: shape::key(&write.object),
        by: record.author.name().to_owned(),
        part: write.part.name().to_owned(),
    })
}

/// The order of the StatefulSet controller's writes of pods, where the recording holds it.
fn compare_order(step: &Step, records: &[Record], ledger: &mut Ledger) {
    let Some(recorded) = step.said["order"].as_array() else {
        return;
    };
    let own = records
        .iter()
        .filter(|record| record.author == Component::StatefulSet)
        .filter_map(write);
    let found: Vec<Value> = own
        .filter(|write| write.object.starts_with("pod/") && write.verb != "Updated")
        .map(|write| json!(format!("{} {}", write.verb, write.object)))
        .collect();
    ledger.facts += recorded.len().saturating_sub(1);
    ledger.fact(found == *recorded, || {
        format!("order is {found:?}, recorded {recorded:?}")
    });
}

fn compare_events(step: &Step, records: &[Record], ledger: &mut Ledger) {
    let mut latest: BTreeMap<String, Value> = BTreeMap::new();
    for record in records {
        let Some(write) = record
            .write()
            .filter(|write| write.object.kind() == Kind::Event)
        else {
            continue;
        };
        if let (Object::Event(event), true) = (&*write.object, write.verb != Verb::Removed) {
            let mut shown = json!({
                "type": &*event.speaker.kind,
                "reason": &*event.reason,
                "message": &*event.message,
                "object": format!("{}/{}", event.involved.kind, event.involved.name),
                "source": &**event.component(),
            });
            if event.count > 0 {
                shown["count"] = json!(event.count);
            }
            latest.insert(
                format!("{}/{}", event.meta.namespace, event.meta.name),
                shown,
            );
        }
    }
    let list = |key: &str| step.said[key].as_array().cloned().unwrap_or_default();
    let found: Vec<Value> = latest.into_values().collect();
    compare::events(&found, &list("events"), &list("maybe"), ledger);
}
