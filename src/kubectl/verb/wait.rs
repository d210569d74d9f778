//! `kubectl wait`: holds on until objects are as one wants them (reference 8.8; `k8s.io/kubectl/pkg/cmd/wait`).
//!
//! The objects are waited for one after the other, against one timeout for all, as kubectl does it: after the timeout
//! those that were not looked at yet count as late, whatever they are.

use super::help::{Group, Help};
use super::targets::Bare;
use super::{Command, Verb, elsewhere, print_faults};
use crate::cluster::Cluster;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::record::{Verb as Did, Write};
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};
use crate::kubectl::args::{duration, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::print::JsonPath;
use crate::kubectl::wait::Wait;

/// What a negative timeout stands for: a week.
const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;

pub(super) const VERB: Verb = Verb {
    name: "wait",
    flags: &[
        value("for", ' ').says(
            "What to wait for: condition=NAME[=VALUE], jsonpath='{PATH}'[=VALUE], create, or delete.",
        ),
        duration("timeout").or("30s").says("How long to wait; 0 looks once, below 0 is a week."),
        value("filename", 'f'),
        value("selector", 'l'),
        value("field-selector", ' '),
        value("output", 'o').says("name prints names alone."),
        truth("all", ' '),
        truth("all-namespaces", 'A'),
        truth("recursive", 'R'),
        truth("local", ' ').refused(),
        value("template", ' ').refused(),
        truth("show-managed-fields", ' ').refused(),
    ],
    help: Help {
        group: Group::Advanced,
        about: "Wait until objects are so.",
        usage: "wait (-f FILE | KIND/NAME ... | KIND (-l SELECTOR | --all)) --for=WHAT [options]",
        examples: &[
            ("Until the pods are Ready", "wait pods -l app=nginx --for=condition=Ready --timeout=2m"),
            ("Until the set has three Ready pods", "wait sts/web --for=jsonpath='{.status.readyReplicas}'=3"),
            ("Until the set is there", "wait sts/web --for=create"),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let goal = Goal::read(command.args.get("for").unwrap_or_default())?;
    let is_short = match command.args.get("output").unwrap_or_default() {
        "" => false,
        "name" => true,
        other => return Err(elsewhere(&format!("wait -o {other}"))),
    };
    let words = command.args.words.clone();
    let by_file = command.args.get("filename").is_some();
    let is_listed = !by_file && command.selects();
    let mut keys = Vec::new();
    let mut faults = Vec::new();
    for found in command.keys(&words, Bare::Nothing)? {
        match found {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(fault),
        }
    }
    if keys.is_empty() && faults.is_empty() && goal != Goal::Gone {
        return Err(Fault::client("no matching resources found"));
    }
    let timeout_ms = match command.args.duration_ms("timeout").unwrap_or(30_000) {
        ms if ms < 0 => WEEK_MS,
        ms => ms,
    };
    let targets = keys
        .into_iter()
        .map(|key| (key, Text::default(), is_listed));
    let mut waiting = Waiting::new(goal, targets, timeout_ms, command.cluster);
    waiting.says = if is_short { Says::Name } else { Says::Met };
    waiting.faults = faults;
    waiting.begin(command.cluster, &mut command.output);
    if !waiting.is_over() {
        command.wait = Some(Wait::For(Box::new(waiting)));
    }
    Ok(())
}

/// What objects shall be.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    /// Gone.
    Gone,
    /// There.
    Made,
    /// Of a condition with this status.
    Condition(String, String),
    /// Of a field with this value, or with any.
    Field(JsonPath, Option<String>),
}

impl Goal {
    fn read(text: &str) -> Result<Self, Fault> {
        let lower = text.to_lowercase();
        if lower == "delete" {
            return Ok(Self::Gone);
        }
        if lower == "create" {
            return Ok(Self::Made);
        }
        if let Some(condition) = text.strip_prefix("condition=") {
            let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
            return Ok(Self::Condition(name.to_lowercase(), value.to_lowercase()));
        }
        let Some(path) = text.strip_prefix("jsonpath=") else {
            return Err(Fault::client(format!("unrecognized condition: {text:?}")));
        };
        let parts = split_single(path);
        let (path, wanted) = match &*parts {
            [path] => (path, None),
            [path, value] => (path, Some(value.trim_matches(['\'', '"']))),
            _ => {
                return Err(Fault::client(
                    "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or \
                     --for=jsonpath='{.status.readyReplicas}'",
                ));
            }
        };
        if wanted == Some("") {
            return Err(Fault::client(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            ));
        }
        if path.is_empty() {
            return Err(Fault::client("jsonpath expression cannot be empty"));
        }
        let path = JsonPath::read_relaxed(path).map_err(Fault::Client)?;
        Ok(Self::Field(path, wanted.map(|it| it.trim().to_owned())))
    }

    /// How an object is.
    fn of(&self, object: Option<&Object>, uid: &str) -> State {
        let Some(object) = object.filter(|it| uid.is_empty() || *it.meta().uid == *uid) else {
            return State::Absent;
        };
        match self {
            Self::Gone => State::Unmet,
            Self::Made => State::Met,
            Self::Condition(name, status) => has_condition(&object.to_value(), name, status),
            Self::Field(path, wanted) => match &*path.find(&object.to_value()) {
                [] | [Value::Null] => State::Unmet,
                [Value::Map(_) | Value::List(_)] if wanted.is_some() => {
                    State::Wrong("jsonpath leads to a nested object or list which is not supported")
                }
                [one] => match wanted.as_ref().is_none_or(|it| one.plain().trim() == *it) {
                    true => State::Met,
                    false => State::Unmet,
                },
                _ => State::Wrong("given jsonpath expression matches more than one value"),
            },
        }
    }
}

/// Cuts at single `=`; a double one stays.
fn split_single(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_double = letter == '=' && letters.next_if_eq(&'=').is_some();
        match parts.last_mut() {
            _ if letter == '=' && !is_double => parts.push(String::new()),
            Some(last) if is_double => last.push_str("=="),
            Some(last) => last.push(letter),
            None => {}
        }
    }
    parts
}

/// A condition that was made for an older generation does not count.
fn has_condition(value: &Value, name: &str, status: &str) -> State {
    let conditions = value.list_at(&["status", "conditions"]);
    let word = |condition: &Value, field| condition.plain_at(&[field]).to_lowercase();
    let Some(found) = conditions.iter().find(|it| word(it, "type") == name) else {
        return State::Unmet;
    };
    let number = |value: &Value, path: &[&str]| value.at(path).and_then(Value::as_int);
    let seen = number(found, &["observedGeneration"])
        .or_else(|| number(value, &["status", "observedGeneration"]));
    let is_old = number(value, &["metadata", "generation"])
        .is_some_and(|generation| seen.is_some_and(|seen| seen < generation));
    match !is_old && word(found, "status") == status {
        true => State::Met,
        false => State::Unmet,
    }
}

/// How an object is, seen from a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is not there.
    Absent,
    /// It is not so.
    Unmet,
    /// It is so.
    Met,
    /// It cannot be said.
    Wrong(&'static str),
}

/// One object that is waited for.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    key: ObjectKey,
    /// Which life of it; empty for any.
    uid: Text,
    /// Whether a list named it, so that it was there at the start.
    listed: bool,
    state: State,
}

impl Target {
    /// The object in messages of its own: `pods/web-0`.
    fn name(&self) -> String {
        format!("{}/{}", self.key.kind.info().plural, self.key.name)
    }
}

/// What is said of an object that is as it shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// That it is.
    Met,
    /// Its name.
    Name,
    /// Nothing.
    Nothing,
}

/// A `kubectl wait` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    goal: Goal,
    /// Those that are left, the one that is waited for first.
    targets: Vec<Target>,
    /// Whether the first one was looked at.
    is_open: bool,
    looks_once: bool,
    until: Time,
    at: usize,
    says: Says,
    faults: Vec<Fault>,
}

impl Eq for Waiting {}

impl Waiting {
    fn new(
        goal: Goal,
        targets: impl Iterator<Item = (ObjectKey, Text, bool)>,
        timeout_ms: i64,
        cluster: &Cluster,
    ) -> Self {
        let store = &cluster.api.store;
        let targets = targets.map(|(key, uid, listed)| Target {
            state: goal.of(store.by_key(&key).map(|it| &**it), &uid),
            key,
            uid,
            listed,
        });
        Self {
            targets: targets.collect(),
            goal,
            is_open: false,
            looks_once: timeout_ms == 0,
            until: cluster.now().plus_ms(timeout_ms),
            at: cluster.api.log.len(),
            says: Says::Met,
            faults: Vec::new(),
        }
    }

    /// Waits silently until these lives of objects are gone.
    pub(super) fn until_gone(
        objects: Vec<(ObjectKey, Text)>,
        timeout_ms: i64,
        cluster: &Cluster,
    ) -> Self {
        let targets = objects.into_iter().map(|(key, uid)| (key, uid, true));
        let mut waiting = Self::new(Goal::Gone, targets, timeout_ms, cluster);
        waiting.says = Says::Nothing;
        waiting
    }

    /// Whether there is nothing left to wait for.
    pub(in crate::kubectl) fn is_over(&self) -> bool {
        self.targets.is_empty()
    }

    /// When it gives up.
    pub(in crate::kubectl) fn due(&self) -> Option<Time> {
        (!self.is_over()).then_some(self.until)
    }

    /// Looks at the objects for the first time.
    pub(super) fn begin(&mut self, cluster: &Cluster, output: &mut Output) {
        self.settle(output);
        if self.looks_once && !self.is_over() {
            self.give_up(output);
        }
        if self.is_over() {
            print_faults(&self.faults, output);
        } else {
            self.poll(cluster, output);
        }
    }

    /// Sees what happened since it last looked, write by write.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &Cluster, output: &mut Output) {
        if self.is_over() {
            return;
        }
        while let Some(record) = cluster.api.log.get(self.at) {
            if self.is_over() || record.time > self.until {
                break;
            }
            self.at += 1;
            if let Some(write) = record.write() {
                self.see(write);
                self.settle(output);
            }
        }
        if !self.is_over() && cluster.now() >= self.until {
            self.give_up(output);
        }
        if self.is_over() {
            print_faults(&self.faults, output);
        }
    }

    fn see(&mut self, write: &Write) {
        let key = write.object.key();
        let is_gone = write.verb == Did::Removed;
        let object = Some(&*write.object).filter(|_| !is_gone);
        for (place, target) in self.targets.iter_mut().enumerate() {
            if target.key != key {
                continue;
            }
            target.state = self.goal.of(object, &target.uid);
            // Who watches an object sees it go, even if another one comes at once.
            if place == 0 && self.is_open && is_gone && self.goal == Goal::Gone {
                target.state = State::Met;
            }
        }
    }

    /// Lets those go for which nothing is left to wait.
    fn settle(&mut self, output: &mut Output) {
        if self.goal == Goal::Made && self.targets.iter().any(|it| it.state == State::Absent) {
            self.settle_missing();
            return;
        }
        while let Some(first) = self.targets.first() {
            let fault = match first.state {
                State::Met => None,
                State::Wrong(why) => Some(Fault::client(why)),
                State::Absent if self.is_open => return,
                State::Absent if self.goal == Goal::Gone => {
                    // A name that is not found is no error here, and no news.
                    if first.listed {
                        self.say(output);
                    }
                    self.next();
                    continue;
                }
                State::Absent => Some(not_found(first)),
                State::Unmet if self.looks_once => Some(Fault::client(format!(
                    "condition not met for {}",
                    first.name()
                ))),
                State::Unmet => {
                    self.is_open = true;
                    return;
                }
            };
            match fault {
                Some(fault) => self.faults.push(fault),
                None => self.say(output),
            }
            self.next();
        }
    }

    /// One that is missing is waited for; the error about several is none that kubectl knows as NotFound.
    fn settle_missing(&mut self) {
        let missing = self.targets.iter().filter(|it| it.state == State::Absent);
        let missing: Vec<Fault> = missing.map(not_found).collect();
        if missing.len() > 1 {
            self.faults.extend(missing);
            self.targets.clear();
        }
    }

    /// The time is over for those that are left.
    fn give_up(&mut self, output: &mut Output) {
        const LATE: &str = "timed out waiting for the condition";
        if self.goal == Goal::Made {
            self.faults.push(Fault::client(LATE));
            self.targets.clear();
        }
        while let Some(first) = self.targets.first() {
            let is_new = !self.is_open;
            match (&self.goal, first.state) {
                (Goal::Gone, State::Absent) if is_new => {
                    if first.listed {
                        self.say(output);
                    }
                }
                (_, State::Absent) if is_new && !first.listed => {
                    self.faults.push(not_found(first));
                }
                _ => {
                    let late = format!("{LATE} on {}", first.name());
                    self.faults.push(Fault::Client(late));
                }
            }
            self.next();
        }
    }

    fn say(&self, output: &mut Output) {
        let Some(Target { key, .. }) = self.targets.first() else {
            return;
        };
        let name = format!("{}/{}", key.kind.singular(), key.name);
        match self.says {
            Says::Met => output.line(&format!("{name} condition met")),
            Says::Name => output.line(&name),
            Says::Nothing => {}
        }
    }

    fn next(&mut self) {
        self.targets.remove(0);
        self.is_open = false;
    }
}

fn not_found(target: &Target) -> Fault {
    ApiError::not_found(target.key.kind, &target.key.name).into()
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn it_waits_until_pods_are_ready() {
        let mut kit = Kit::new();
        kit.says("kubectl apply -f web.yaml");
        kit.cluster.run_for(1000);
        assert_eq!(
            kit.waits("kubectl wait --for=condition=ready pod/web-0", 60),
            "pod/web-0 condition met\n"
        );
        assert_eq!(
            kit.waits(
                "kubectl wait --for=jsonpath='{.status.readyReplicas}'=3 sts web --timeout=1m",
                60
            ),
            "statefulset.apps/web condition met\n"
        );
        assert_eq!(
            kit.says("kubectl wait --for=condition=Ready pods -l app=nginx --timeout=0"),
            "pod/web-0 condition met\npod/web-1 condition met\npod/web-2 condition met\n"
        );
        assert_eq!(
            kit.says("kubectl wait --for=jsonpath=.status.phase pods --all -o name"),
            "pod/web-0\npod/web-1\npod/web-2\n"
        );
    }

    #[test]
    fn the_timeout_is_the_clusters_own_and_the_same_for_all() {
        let mut kit = Kit::with_web();
        let start = kit.cluster.now();
        assert_eq!(
            kit.waits("kubectl wait --for=condition=Ready=false pod/web-0", 60),
            "error: timed out waiting for the condition on pods/web-0\n[exit 1]\n"
        );
        assert_eq!(kit.cluster.now(), start.plus_s(30));
        kit.says("kubectl delete pod web-1 --wait=false");
        kit.says("kubectl set image sts/web nginx=nope:1");
        kit.cluster.run_for(10_000);
        assert_eq!(
            kit.waits(
                "kubectl wait --for=condition=Ready pods --all --timeout=10s",
                60
            ),
            "pod/web-0 condition met\ntimed out waiting for the condition on pods/web-1\n\
             timed out waiting for the condition on pods/web-2\n[exit 1]\n"
        );
        assert_eq!(
            kit.says("kubectl wait --for=condition=Ready=False pod/web-0 --timeout=0s"),
            "error: condition not met for pods/web-0\n[exit 1]\n"
        );
    }

    #[test]
    fn it_waits_until_objects_are_gone_or_there() {
        let mut kit = Kit::with_web();
        assert_eq!(kit.says("kubectl wait --for=delete pod/nope"), "");
        kit.says("kubectl delete pod web-1 --wait=false");
        assert_eq!(
            kit.waits("kubectl wait --for=delete pod/web-1", 30),
            "pod/web-1 condition met\n"
        );
        let waits = kit.waits("kubectl wait --for=create pod/web-5 --timeout=5s", 30);
        assert_eq!(
            waits,
            "error: timed out waiting for the condition\n[exit 1]\n"
        );
        kit.says("kubectl scale sts web --replicas=6");
        assert_eq!(
            kit.waits("kubectl wait --for=create pod/web-5 --timeout=2m", 120),
            "pod/web-5 condition met\n"
        );
        kit.says("kubectl delete sts web --wait=false");
        let said = kit.waits(
            "kubectl wait --for=delete pods -l app=nginx --timeout=-1s",
            120,
        );
        assert_eq!(said.matches("condition met").count(), 6, "{said}");
    }

    #[test]
    fn an_object_that_goes_is_waited_for_until_it_is_back() {
        let mut kit = Kit::with_web();
        kit.says("kubectl delete pod web-2 --wait=false");
        kit.cluster.run_for(100);
        assert_eq!(
            kit.waits(
                "kubectl wait --for=jsonpath='{.metadata.deletionTimestamp}' pod/web-2",
                9
            ),
            "pod/web-2 condition met\n"
        );
        assert_eq!(
            kit.waits("kubectl wait --for=condition=Initialized=nope pod/web-2", 9),
            "[waits]\n"
        );
    }

    #[test]
    fn what_it_cannot_read_it_refuses() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            ("pod/web-0", "error: unrecognized condition: \"\""),
            (
                "pod/web-0 --for=ready",
                "error: unrecognized condition: \"ready\"",
            ),
            (
                "pod/web-0 --for=jsonpath={.a}=b=c",
                "error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or \
                 --for=jsonpath='{.status.readyReplicas}'",
            ),
            (
                "pod/web-0 --for=jsonpath={.a}=",
                "error: jsonpath wait has to have a value after equal sign, like \
                 --for=jsonpath='{.status.readyReplicas}'=3",
            ),
            (
                "pod/web-0 --for=jsonpath={.status}=x",
                "error: jsonpath leads to a nested object or list which is not supported",
            ),
            (
                "pod/web-0 --for=jsonpath='{.status.conditions[*].type}'=x",
                "error: given jsonpath expression matches more than one value",
            ),
            (
                "pod/nope --for=condition=Ready",
                "Error from server (NotFound): pods \"nope\" not found",
            ),
            (
                "pod -l app=nope --for=condition=Ready",
                "error: no matching resources found",
            ),
            (
                "pods --for=condition=Ready",
                "error: resource(s) were provided, but no name was specified",
            ),
            (
                "pod/web-0 --for=condition=Ready --timeout=30",
                "error: invalid argument \"30\" for \"--timeout\" flag: time: missing unit in duration \"30\"\n\
                 See 'kubectl wait --help' for usage.",
            ),
        ] {
            let expected = format!("{said}\n[exit 1]\n");
            assert_eq!(
                kit.says(&format!("kubectl wait {line}")),
                expected,
                "{line}"
            );
        }
    }
}
