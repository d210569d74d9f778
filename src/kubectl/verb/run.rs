//! `kubectl run`: a pod from flags, and a terminal in it (reference 8.8).

use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::Cluster;
use crate::cluster::inside::Spot;
use crate::cluster::object::{Kind, Object, Pod};
use crate::cluster::value::{Map, Value};
use crate::kubectl::args::{optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::Next;
use crate::kubectl::output::Output;
use crate::kubectl::wait::{Start, Wait};

pub(super) const VERB: Verb = Verb {
    name: "run",
    flags: &[
        value("image", ' '),
        value("restart", ' '),
        value("env", ' '),
        value("labels", 'l'),
        value("port", ' '),
        value("image-pull-policy", ' '),
        value("pod-running-timeout", ' ').refused(),
        value("output", 'o'),
        truth("stdin", 'i'),
        truth("tty", 't'),
        truth("rm", ' '),
        truth("attach", ' '),
        truth("command", ' '),
        truth("quiet", 'q'),
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Beginner,
        about: "Make a pod from an image.",
        usage: "run NAME --image=IMAGE [options] [-- COMMAND [ARG ...]]",
        examples: &[
            ("A pod with nginx", "run shop --image=nginx"),
            (
                "A shell beside the pods, gone when it is left",
                "run -it --rm dns-test --image=busybox:1.28 --restart=Never",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

/// What kubectl says to who attaches with a terminal.
const HINTS: &str = "All commands and output from this session will be recorded in container logs, including \
    credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try \
    pressing enter.";

/// How long a pod may take to start (`--pod-running-timeout`).
const START_MS: i64 = 60_000;

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let mut words = command.args.words.clone();
    if words.is_empty() {
        return Err(Fault::client(
            "NAME is required for run\nSee 'kubectl run -h' for help and examples",
        ));
    }
    if command.args.get("image").is_none() {
        return Err(Fault::client("required flag(s) \"image\" not set"));
    }
    let name = words.remove(0);
    words.extend(command.args.after_dashes.iter().cloned());
    let restart = command.args.get("restart").unwrap_or("Always");
    if !["Always", "OnFailure", "Never"].contains(&restart) {
        return Err(Fault::client(format!(
            "invalid restart policy: {restart}\nSee 'kubectl run -h' for help and examples"
        )));
    }
    let talks = command.args.is_on("stdin") || command.args.is_on("attach");
    let removes = command.args.is_on("rm");
    if removes && !talks {
        return Err(Fault::client(
            "--rm should only be used for attached containers",
        ));
    }
    if command.args.is_on("tty") && !command.args.is_on("stdin") {
        return Err(Fault::client(
            "-i/--stdin is required for containers with -t/--tty=true",
        ));
    }
    let pod = pod(command, &name, &words, restart)?;
    if let Some(suffix) = command.dry_run() {
        match command.args.get("output") {
            Some("yaml") => {
                let text = crate::manifest::write::yaml(&pod.to_value());
                command.output.stdout.push_str(&text);
            }
            _ => command.output.line(&format!("pod/{name} created{suffix}")),
        }
        return Ok(());
    }
    let made = command.request(|api| api.create(pod))?;
    let Object::Pod(made) = &*made else {
        return Ok(());
    };
    if !talks {
        command.output.line(&format!("pod/{name} created"));
        return Ok(());
    }
    if !command.args.is_on("quiet") && command.args.is_on("tty") {
        command.output.error_line(HINTS);
    }
    let spot = Spot::of(made, &name);
    let until = command.cluster.now().plus_ms(START_MS);
    command.wait = Some(Wait::Start(Start {
        spot: spot.clone(),
        until,
    }));
    command.next = Some(Next::Attach { spot, removes });
    Ok(())
}

fn pod(
    command: &Command<'_>,
    name: &str,
    words: &[String],
    restart: &str,
) -> Result<Object, Fault> {
    let texts = |words: &[String]| Value::List(words.iter().map(Value::text).collect());
    let flag = |name: &str| command.args.get(name);
    let mut container = Value::map([
        ("name", Value::text(name)),
        ("image", Value::text(flag("image").unwrap_or_default())),
        ("resources", Value::Map(Map::new())),
    ]);
    if !words.is_empty() {
        let field = if command.args.is_on("command") {
            "command"
        } else {
            "args"
        };
        container.set(&[field], texts(words));
    }
    if command.args.is_on("stdin") {
        container.set(&["stdin"], Value::Bool(true));
        container.set(&["stdinOnce"], Value::Bool(true));
    }
    if command.args.is_on("tty") {
        container.set(&["tty"], Value::Bool(true));
    }
    if let Some(policy) = flag("image-pull-policy") {
        container.set(&["imagePullPolicy"], Value::text(policy));
    }
    if let Some(port) = flag("port") {
        let number: i64 = port
            .parse()
            .map_err(|_| Fault::client(format!("invalid port: {port}")))?;
        let port = Value::map([("containerPort", Value::Int(number))]);
        container.set(&["ports"], Value::List(vec![port]));
    }
    let variables = command.args.all("env").map(|it| {
        let (name, value) = it
            .split_once('=')
            .ok_or_else(|| Fault::client(format!("invalid env: {it}")))?;
        Ok(Value::map([
            ("name", Value::text(name)),
            ("value", Value::text(value)),
        ]))
    });
    let variables: Vec<Value> = variables.collect::<Result<_, Fault>>()?;
    if !variables.is_empty() {
        container.set(&["env"], Value::List(variables));
    }
    let mut labels = Map::new();
    match flag("labels") {
        None => {
            labels.insert("run".into(), Value::text(name));
        }
        Some(given) => {
            for pair in given.split(',') {
                let (key, value) = pair
                    .split_once('=')
                    .ok_or_else(|| Fault::client(format!("unexpected label spec: {pair}")))?;
                labels.insert(key.into(), Value::text(value));
            }
        }
    }
    let namespace = command.scope()?.namespace.unwrap_or_default();
    let metadata = Value::map([
        ("name", Value::text(name)),
        ("namespace", Value::Text(namespace)),
        ("labels", Value::Map(labels)),
    ]);
    let spec = Value::map([
        ("containers", Value::List(vec![container])),
        ("restartPolicy", Value::text(restart)),
        ("dnsPolicy", Value::text("ClusterFirst")),
    ]);
    let value = Value::map([("metadata", metadata), ("spec", spec)]);
    Ok(Object::read(Kind::Pod, value))
}

impl Start {
    /// Whether the container has started, never will, or was awaited long enough.
    pub(in crate::kubectl) fn is_over(&self, cluster: &Cluster) -> bool {
        let store = &cluster.api.store;
        let started = self.spot.runs(store);
        started || self.spot.find(store).is_none_or(Pod::is_finished) || self.is_late(cluster)
    }

    fn is_late(&self, cluster: &Cluster) -> bool {
        cluster.now() >= self.until && !self.spot.runs(&cluster.api.store)
    }

    /// Says that it has not started in time.
    pub(in crate::kubectl) fn poll(&self, cluster: &Cluster, output: &mut Output) {
        if self.is_late(cluster) {
            output.error_line("error: timed out waiting for the condition");
            output.exit = 1;
        }
    }
}
