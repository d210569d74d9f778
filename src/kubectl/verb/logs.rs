//! `kubectl logs` (reference 8.8): what the programs of containers print, as far as Ordinal knows them.

use std::cmp::Reverse;

use super::exec::{Named, container_in, pods_of};
use super::help::{Group, Help, usage};
use super::{Command, Verb};
use crate::cluster::error::ApiError;
use crate::cluster::inside::Spot;
use crate::cluster::inside::image::{self, App};
use crate::cluster::object::{Kind, Pod, PodPhase};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::kubectl::args::{duration, number, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::{Next, Stream};

pub(super) const VERB: Verb = Verb {
    name: "logs",
    flags: &[
        value("container", 'c'),
        value("selector", 'l'),
        duration("since"),
        value("since-time", ' ').says("Only lines since then: 2026-01-15T10:00:00Z."),
        truth("follow", 'f'),
        truth("previous", 'p'),
        truth("timestamps", ' '),
        truth("all-containers", ' '),
        truth("all-pods", ' ').says("Take every pod, and say of every line which one wrote it."),
        truth("prefix", ' '),
        truth("ignore-errors", ' ').says("Go on with the others if one container cannot be read."),
        truth("insecure-skip-tls-verify-backend", ' ').refused(),
        number("limit-bytes").says("Only so many bytes of each container."),
        number("max-log-requests")
            .or("5")
            .says("How many containers are followed at once at most."),
        number("tail"),
        duration("pod-running-timeout").refused(),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Print what a container has written.",
        usage: "logs [-f] [-p] (POD | KIND/NAME) [-c CONTAINER] [options]",
        examples: &[
            ("What the first pod wrote", "logs web-0"),
            ("The same, and what it goes on to write", "logs -f web-0"),
            (
                "What all of them write from now on",
                "logs -f -l app=nginx --tail=0 --prefix",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

/// How many lines of the end are shown of pods that are selected.
const SELECTED_TAIL: i64 = 10;
/// How many containers are followed at once at most.
const STREAMS_MAX: i64 = 5;

/// What was asked for.
struct Asked {
    /// The container that is named.
    container: Option<String>,
    /// How many lines of the end; below 0 all of them.
    tail: i64,
    /// Only lines since then.
    since: Option<Time>,
    /// Only so many bytes.
    limit: Option<usize>,
}

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let selects = command
        .args
        .get("selector")
        .is_some_and(|it| !it.is_empty());
    if words.len() > 2 || (words.is_empty() && !selects) {
        return Err(usage(
            VERB.name,
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for \
             the logs command",
        ));
    }
    if words.len() == 1 && selects {
        let why = "only a selector (-l) or a POD name is allowed";
        return Err(usage(VERB.name, why));
    }
    let since = since_time(command)?;
    let pods = match words.first() {
        Some(word) => named(command, word),
        None => selected(command),
    }?;
    let asked = asked(command, &words, since)?;
    let pods = choose(command, pods);
    let streams = streams(command, &pods, &asked)?;
    let follows = command.args.is_on("follow");
    let most = command
        .args
        .number("max-log-requests")
        .unwrap_or(STREAMS_MAX);
    let count = streams.len();
    if follows && count > 1 && i64::try_from(count).is_ok_and(|it| it > most) {
        return Err(Fault::client(format!(
            "you are attempting to follow {count} log streams, but maximum allowed concurrency is {most}, use \
             --max-log-requests to increase the limit"
        )));
    }
    let mut followed = Vec::new();
    for (pod, container) in streams {
        match print(command, pod, &container, &asked) {
            Ok(stream) => followed.extend(stream),
            Err(fault) if command.args.is_on("ignore-errors") => {
                command.output.line(&format!("error: {}", bare(&fault)));
            }
            Err(fault) => return Err(fault),
        }
    }
    if follows {
        command.next = Some(Next::Follow(followed));
    }
    Ok(())
}

/// What kubectl says of a fault that it goes on behind.
fn bare(fault: &Fault) -> String {
    match fault {
        Fault::Client(text) => text.clone(),
        Fault::Plain(text) => text.trim_start_matches("Error from server: ").to_owned(),
        Fault::Server { error, .. } => error.to_string(),
    }
}

/// The instant that `--since-time` names.
fn since_time(command: &Command<'_>) -> Result<Option<Time>, Fault> {
    let Some(text) = command.args.get("since-time").filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    match Time::parse(text) {
        Some(time) => Ok(Some(time)),
        None => Err(Fault::client(format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
        ))),
    }
}

/// Reads the flags as kubectl checks them, once it has found the pods.
fn asked(command: &Command<'_>, words: &[String], since: Option<Time>) -> Result<Asked, Fault> {
    let args = &command.args;
    let refuse = |why: &str| Err(Fault::client(why));
    let since_ms = args.duration_ms("since").filter(|ms| *ms != 0);
    if since.is_some() && since_ms.is_some() {
        return refuse("at most one of `sinceTime` or `sinceSeconds` may be specified");
    }
    let inline = words.get(1).cloned();
    let container = inline
        .clone()
        .or_else(|| args.get("container").map(str::to_owned));
    if let Some(name) = container.as_ref().filter(|_| args.is_on("all-containers")) {
        return refuse(&format!(
            "--all-containers=true should not be specified with container name {name}"
        ));
    }
    if inline.is_some() && args.get("container").is_some() {
        return refuse("only one of -c or an inline [CONTAINER] arg is allowed");
    }
    let limit = args.number("limit-bytes").filter(|it| *it != 0);
    if limit.is_some_and(|it| it < 0) {
        return refuse("--limit-bytes must be greater than 0");
    }
    // Spans are sent in whole seconds.
    let since_s = since_ms.map(|ms| (ms + 500).div_euclid(1000));
    if since_s.is_some_and(|it| it < 0) {
        return refuse("--since must be greater than 0");
    }
    let default = if words.is_empty() { SELECTED_TAIL } else { -1 };
    let tail = args.number("tail").unwrap_or(default);
    if tail < -1 {
        return refuse("--tail must be greater than or equal to -1");
    }
    let now = command.cluster.now();
    Ok(Asked {
        container,
        tail,
        since: since.or_else(|| since_s.map(|it| now.plus_s(-it))),
        limit: limit.and_then(|it| usize::try_from(it).ok()),
    })
}

/// The pods that a word names; kubectl says in its own words what is missing.
fn named(command: &Command<'_>, word: &str) -> Result<Named, Fault> {
    pods_of(command, word, "cannot get the logs from").map_err(|fault| match fault {
        Fault::Server { error, .. } if error.is_not_found() => {
            let namespace = command.scope().ok().and_then(|it| it.namespace);
            let namespace = namespace.unwrap_or_default();
            Fault::client(format!(
                "error from server (NotFound): {error} in namespace {:?}",
                &*namespace
            ))
        }
        other => other,
    })
}

/// The pods that `-l` selects, all of which are meant.
fn selected(command: &mut Command<'_>) -> Result<Named, Fault> {
    let scope = command.scope()?;
    scope.check(Kind::Pod)?;
    let keys = scope.select(Kind::Pod, command.cluster);
    let store = &command.cluster.api.store;
    let pods = keys.iter();
    let pods = pods.filter_map(|key| store.find::<Pod>(&key.namespace, &key.name).cloned());
    let pods: Vec<Pod> = pods.collect();
    if pods.is_empty() {
        let namespace = scope.namespace.unwrap_or_default();
        let text = format!("No resources found in {namespace} namespace.");
        command.output.error_line(&text);
    }
    Ok(Named::Pods(pods))
}

/// Of the pods of `sts/web` the best one, and says so; all of those that are selected or asked for.
fn choose(command: &mut Command<'_>, named: Named) -> Vec<Pod> {
    let mut pods = match named {
        Named::Pod(pod) => return vec![*pod],
        Named::Pods(pods) => pods,
    };
    if command.args.words.is_empty() {
        return pods;
    }
    sorted::sort_by_key(&mut pods, rank);
    if !command.args.is_on("all-pods") {
        let count = pods.len();
        pods.truncate(1);
        if let Some(pod) = pods.first().filter(|_| count > 1) {
            let text = format!("Found {count} pods, using pod/{}", pod.meta.name);
            command.output.error_in_place(&text);
        }
    }
    pods
}

/// Which pod is read before which (`ByLogging`).
fn rank(pod: &Pod) -> impl Ord + use<> {
    let ready = pod.has_ready_condition();
    let since = pod
        .condition("Ready")
        .and_then(|it| it.last_transition_time);
    let restarts = pod.status.container_statuses.iter();
    let phase = match pod.status.phase {
        PodPhase::Pending => 2,
        PodPhase::Unknown => 1,
        _ => 0,
    };
    (
        pod.spec.node_name.is_empty(),
        phase,
        !ready,
        since.filter(|_| ready),
        Reverse(restarts.map(|it| it.restart_count).max()),
        pod.meta.created,
        pod.meta.name.clone(),
    )
}

/// The containers that are read, each with its pod.
fn streams<'a>(
    command: &mut Command<'_>,
    pods: &'a [Pod],
    asked: &Asked,
) -> Result<Vec<(&'a Pod, String)>, Fault> {
    let tells = !command.args.is_on("all-pods");
    let mut streams = Vec::new();
    for pod in pods {
        if command.args.is_on("all-containers") {
            let all = pod.spec.init_containers.iter();
            let all = all.chain(&*pod.spec.containers);
            streams.extend(all.map(|it| (pod, it.name.to_string())));
        } else {
            let container = container_in(command, pod, asked.container.as_deref(), tells)?;
            streams.push((pod, container));
        }
    }
    Ok(streams)
}

/// The life of a container that is read: how often it was started again before.
fn life(command: &Command<'_>, pod: &Pod, container: &str) -> Result<i32, Fault> {
    let name = &pod.meta.name;
    let bad_request = |text: String| Fault::from(ApiError::BadRequest(text));
    let spot = Spot::of(pod, container);
    let status = spot.status(&command.cluster.api.store);
    let waiting = status.and_then(|it| it.state.waiting.as_ref());
    let restarts = status.map_or(0, |it| it.restart_count);
    let has_run = restarts > 0 || status.is_some_and(|it| it.state.started_at().is_some());
    if command.args.is_on("previous") {
        return match restarts {
            0 => Err(bad_request(format!(
                "previous terminated container {container:?} in pod {name:?} not found"
            ))),
            _ => Ok(restarts - 1),
        };
    }
    if !has_run {
        let reason = waiting.map_or("ContainerCreating", |it| &*it.reason);
        let why = match reason {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            other => other,
        };
        return Err(bad_request(format!(
            "container {container:?} in pod {name:?} is waiting to start: {why}"
        )));
    }
    // Between two lives the last one is shown.
    match waiting.is_some() && restarts > 0 {
        true => Ok(restarts - 1),
        false => Ok(restarts),
    }
}

/// Prints what a container has printed, and gives what it goes on to print.
fn print(
    command: &mut Command<'_>,
    pod: &Pod,
    container: &str,
    asked: &Asked,
) -> Result<Option<Stream>, Fault> {
    if pod.spec.node_name.is_empty() {
        // An unscheduled pod has no logs, and no error either.
        return Ok(None);
    }
    super::exec::unless_silent(command, pod)?;
    let restarts = life(command, pod, container)?;
    let spot = Spot::of(pod, container);
    let lines: Vec<(Time, String)> = command.cluster.printed(&spot, restarts).to_vec();
    let args = &command.args;
    let is_told = args.is_on("prefix") || args.is_on("all-pods");
    let mut stream = Stream {
        spot: spot.clone(),
        restarts,
        seen: lines.len(),
        prefix: match is_told {
            true => format!("[pod/{}/{container}] ", pod.meta.name),
            false => String::new(),
        },
        timestamps: args.is_on("timestamps"),
        left: asked.limit,
    };
    let skipped = match usize::try_from(asked.tail) {
        Ok(tail) => lines.len().saturating_sub(tail),
        Err(_) => 0,
    };
    let shown = lines.iter().skip(skipped);
    let shown = shown.filter(|(time, _)| asked.since.is_none_or(|since| *time >= since));
    for (time, line) in shown {
        let text = stream.write(*time, line);
        command.output.stdout.push_str(&text);
    }
    let app = spot
        .spec(&command.cluster.api.store)
        .map(|(_, it)| (image::app(it), it.image.clone()));
    if let Some((App::Unknown | App::Mute | App::Nothing, image)) = app
        && lines.is_empty()
    {
        // Our own words: silence would be taken for the program's.
        let text =
            format!("(Ordinal: {image} does not run here, so what it would print is not known)");
        command.output.error_line(&text);
    }
    Ok(Some(stream))
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn containers_before_the_others_are_read_too() {
        let mut kit = Kit::new();
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec:\n  initContainers:\n  - {name: first, image: \
                   'busybox:1.36', command: [sh, -c, 'echo hello']}\n  containers:\n  - {name: main, image: 'nginx:1.27'}\n";
        kit.workspace.files.insert("two.yaml".into(), pod.into());
        kit.says("kubectl apply -f two.yaml");
        kit.cluster.run_for(1_000);
        assert_eq!(
            kit.says("kubectl logs two -c main"),
            "Error from server (BadRequest): container \"main\" in pod \"two\" is waiting to start: PodInitializing\n[exit 1]\n"
        );
        kit.cluster.run_for(30_000);
        assert!(
            !kit.says("kubectl logs two -c first")
                .contains("waiting to start")
        );
        assert!(
            !kit.says("kubectl logs two --all-containers")
                .contains("waiting to start")
        );
        assert_eq!(
            kit.says("kubectl logs two"),
            "Defaulted container \"main\" out of: main, first (init)\n"
        );
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let mut kit = Kit::with_web();
        kit.says("kubectl set image sts/web nginx=nope:1");
        kit.cluster.run_for(30_000);
        let why = "container \"nginx\" in pod \"web-2\" is waiting to start: trying and failing to pull image";
        assert_eq!(
            kit.says("kubectl logs -l app=nginx"),
            format!("Error from server (BadRequest): {why}\n[exit 1]\n")
        );
        assert_eq!(
            kit.says("kubectl logs -l app=nginx --ignore-errors"),
            format!("error: {why}\n")
        );
    }
}
