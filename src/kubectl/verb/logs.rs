//! `kubectl logs` (reference 8.8): what the programs of containers print, as far as Ordinal knows them.

use super::exec::{container_of, pod_of};
use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::error::ApiError;
use crate::cluster::inside::Spot;
use crate::cluster::inside::image::{self, App};
use crate::cluster::object::{Kind, Pod};
use crate::cluster::time::Time;
use crate::kubectl::args::{number, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::Next;

pub(super) const VERB: Verb = Verb {
    name: "logs",
    flags: &[
        value("container", 'c'),
        value("selector", 'l'),
        value("since", ' '),
        truth("follow", 'f'),
        truth("previous", 'p'),
        truth("timestamps", ' '),
        truth("all-containers", ' '),
        truth("prefix", ' '),
        number("tail"),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Print what a container has written.",
        usage: "logs [-f] [-p] (POD | KIND/NAME) [-c CONTAINER] [options]",
        examples: &[
            ("What the first pod wrote", "logs web-0"),
            ("The same, and what it goes on to write", "logs -f web-0"),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    if command.args.get("since").is_some() {
        return Err(Fault::client("--since is not simulated here; --tail is"));
    }
    if command.args.get("selector").is_some() {
        let scope = command.scope()?;
        let keys = scope.select(Kind::Pod, command.cluster);
        if keys.is_empty() {
            let namespace = scope.namespace.unwrap_or_default();
            let text = format!("No resources found in {namespace} namespace.");
            command.output.error_line(&text);
            return Ok(());
        }
        for key in keys {
            let found = command
                .cluster
                .api
                .store
                .find::<Pod>(&key.namespace, &key.name);
            if let Some(pod) = found.cloned() {
                logs_of(command, &pod, 10)?;
            }
        }
        return Ok(());
    }
    let Some(word) = command.args.words.first().cloned() else {
        return Err(Fault::client(
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for \
             the logs command\nSee 'kubectl logs -h' for help and examples",
        ));
    };
    if !word.contains('/') {
        let namespace = command.scope()?.namespace.unwrap_or_default();
        if command
            .cluster
            .api
            .store
            .find::<Pod>(&namespace, &word)
            .is_none()
        {
            return Err(Fault::client(format!(
                "error from server (NotFound): pods {word:?} not found in namespace {:?}",
                &*namespace
            )));
        }
    }
    let pod = pod_of(command, &word)?;
    logs_of(command, &pod, -1)
}

fn logs_of(command: &mut Command<'_>, pod: &Pod, default_tail: i64) -> Result<(), Fault> {
    if command.args.is_on("all-containers") {
        let names: Vec<String> = pod
            .spec
            .containers
            .iter()
            .map(|it| it.name.to_string())
            .collect();
        return names
            .iter()
            .try_for_each(|name| logs_of_container(command, pod, name, default_tail));
    }
    let container = container_of(command, pod)?;
    logs_of_container(command, pod, &container, default_tail)
}

fn logs_of_container(
    command: &mut Command<'_>,
    pod: &Pod,
    container: &str,
    default_tail: i64,
) -> Result<(), Fault> {
    let name = &pod.meta.name;
    let spot = Spot::of(pod, container);
    let bad_request = |text: String| Fault::from(ApiError::BadRequest(text));
    if pod.spec.node_name.is_empty() {
        // An unscheduled pod has no logs, and no error either.
        return Ok(());
    }
    super::exec::unless_silent(command, pod)?;
    let store = &command.cluster.api.store;
    let status = spot.status(store);
    let waiting = status.and_then(|it| it.state.waiting.as_ref());
    let mut restarts = status.map_or(0, |it| it.restart_count);
    let has_run = restarts > 0 || status.is_some_and(|it| it.state.started_at().is_some());
    if command.args.is_on("previous") {
        if restarts == 0 {
            return Err(bad_request(format!(
                "previous terminated container {container:?} in pod {name:?} not found"
            )));
        }
        restarts -= 1;
    } else if !has_run {
        let reason = waiting.map_or("ContainerCreating", |it| &*it.reason);
        let why = match reason {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            other => other,
        };
        return Err(bad_request(format!(
            "container {container:?} in pod {name:?} is waiting to start: {why}"
        )));
    } else if waiting.is_some() && restarts > 0 {
        // Between two lives the last one is shown.
        restarts -= 1;
    }
    let lines: Vec<(Time, String)> = command.cluster.printed(&spot, restarts).to_vec();
    let tail = command.args.number("tail").unwrap_or(default_tail);
    let skipped = match usize::try_from(tail) {
        Ok(tail) => lines.len().saturating_sub(tail),
        Err(_) => 0,
    };
    for (time, line) in lines.iter().skip(skipped) {
        let mut text = String::new();
        if command.args.is_on("prefix") {
            text.push_str(&format!("[pod/{name}/{container}] "));
        }
        if command.args.is_on("timestamps") {
            text.push_str(&format!("{} ", time.micro()));
        }
        command.output.stdout.push_str(&format!("{text}{line}"));
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
    if command.args.is_on("follow") {
        let seen = lines.len();
        command.next = Some(Next::Follow {
            spot,
            restarts,
            seen,
        });
    }
    Ok(())
}
