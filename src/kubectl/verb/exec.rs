//! `kubectl exec` (reference 8.8), and how a command finds the pod and the container that it is for.

use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::error::ApiError;
use crate::cluster::inside::Spot;
use crate::cluster::object::meta::LabelSelector;
use crate::cluster::object::{Deployment, Kind, Pod, PodPhase, ReplicaSet, Service, StatefulSet};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::Next;
use crate::kubectl::target::{self, Resource};

pub(super) const VERB: Verb = Verb {
    name: "exec",
    flags: &[
        value("container", 'c'),
        value("pod-running-timeout", ' ').refused(),
        truth("stdin", 'i'),
        truth("tty", 't'),
        truth("quiet", 'q'),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Run a command in a container.",
        usage: "exec (POD | KIND/NAME) [-c CONTAINER] [options] -- COMMAND [ARG ...]",
        examples: &[
            ("The stable name of a pod", "exec web-0 -- hostname"),
            ("A shell", "exec -it web-0 -- sh"),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.after_dashes.clone();
    if command.args.words.len() > 1 {
        return Err(Fault::client(
            "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n\
             See 'kubectl exec -h' for help and examples",
        ));
    }
    let Some(name) = command.args.words.first().cloned() else {
        return Err(Fault::client(
            "pod, type/name or --filename must be specified",
        ));
    };
    if words.is_empty() {
        return Err(Fault::client(
            "you must specify at least one command for the container",
        ));
    }
    let pod = pod_of(command, &name)?;
    if pod.is_finished() {
        return Err(Fault::client(format!(
            "cannot exec into a container in a completed pod; current phase is {}",
            pod.status.phase.as_str()
        )));
    }
    let container = container_of(command, &pod)?;
    if pod.spec.node_name.is_empty() {
        let text = format!("pod {} does not have a host assigned", pod.meta.name);
        return Err(ApiError::BadRequest(text).into());
    }
    let spot = Spot::of(&pod, &container);
    unless_silent(command, &pod)?;
    if !spot.runs(&command.cluster.api.store) {
        return Err(Fault::client(format!(
            "unable to upgrade connection: container not found ({container:?})"
        )));
    }
    let input = command.args.is_on("stdin");
    let terminal = command.args.is_on("tty");
    command.next = Some(Next::Exec {
        spot,
        words,
        input,
        terminal,
    });
    Ok(())
}

/// The API server reaches containers through their node's kubelet, which may not answer.
pub(super) fn unless_silent(command: &Command<'_>, pod: &Pod) -> Result<(), Fault> {
    let node = &pod.spec.node_name;
    if !command.cluster.controllers.kubelet.silent.contains(node) {
        return Ok(());
    }
    Err(Fault::Plain(format!(
        "Error from server: error dialing backend: dial tcp {}:10250: connect: connection refused",
        pod.status.host_ip
    )))
}

/// What a word names: `web-0`, `pod/web-0`, or what stands for pods: `sts/web`.
pub(super) enum Named {
    /// One pod.
    Pod(Box<Pod>),
    /// The pods that an object selects, by name.
    Pods(Vec<Pod>),
}

/// The pods that a word names; `doing` is what kubectl says that it cannot do with other things.
pub(super) fn pods_of(command: &Command<'_>, word: &str, doing: &str) -> Result<Named, Fault> {
    let namespace = command.scope()?.namespace.unwrap_or_default();
    let store = &command.cluster.api.store;
    let (kind, name) = match word.split_once('/') {
        None => (Kind::Pod, word),
        Some((kind, name)) => match target::resource(kind)? {
            Resource::Known(kind) => (kind, name),
            foreign @ Resource::Foreign(_) => return Err(target::not_found(foreign, name)),
        },
    };
    let missing = || Fault::from(ApiError::not_found(kind, name));
    let cannot = |why: &str| Fault::client(format!("{doing} *v1.{}: {why}", kind.name()));
    let selector = match kind {
        Kind::Pod => {
            let pod = store.find::<Pod>(&namespace, name);
            let pod = pod.ok_or_else(missing)?;
            return Ok(Named::Pod(Box::new(pod.clone())));
        }
        Kind::StatefulSet => store
            .find::<StatefulSet>(&namespace, name)
            .map(|it| it.spec.selector.clone().unwrap_or_default()),
        Kind::Deployment => store
            .find::<Deployment>(&namespace, name)
            .map(|it| it.spec.selector.clone().unwrap_or_default()),
        Kind::ReplicaSet => store
            .find::<ReplicaSet>(&namespace, name)
            .map(|it| it.spec.selector.clone().unwrap_or_default()),
        Kind::Service => store
            .find::<Service>(&namespace, name)
            .map(|it| LabelSelector {
                match_labels: it.spec.selector.clone(),
                ..LabelSelector::default()
            }),
        _ => {
            let why = format!("selector for *v1.{} not implemented", kind.name());
            return Err(cannot(&why));
        }
    };
    let selector = selector.ok_or_else(missing)?;
    if kind == Kind::Service && selector.is_empty() {
        let why = format!("invalid service '{name}': Service is defined without a selector");
        return Err(cannot(&why));
    }
    let fits = |pod: &&Pod| selector.matches(&pod.meta.labels);
    let pods = store.list_in::<Pod>(&namespace).filter(fits);
    let pods: Vec<Pod> = pods.cloned().collect();
    match pods.is_empty() {
        true => Err(Fault::client("timed out waiting for the condition")),
        false => Ok(Named::Pods(pods)),
    }
}

/// The pod that a word names, or the best one of `sts/web` and the like.
pub(super) fn pod_of(command: &Command<'_>, word: &str) -> Result<Pod, Fault> {
    let pods = match pods_of(command, word, "cannot attach to")? {
        Named::Pod(pod) => return Ok(*pod),
        Named::Pods(pods) => pods,
    };
    // Ready ones first, then those that are ready for longest (`ActivePods`).
    let rank = |pod: &Pod| {
        let since = pod
            .condition("Ready")
            .and_then(|it| it.last_transition_time);
        (
            !pod.has_ready_condition(),
            pod.status.phase != PodPhase::Running,
            since,
            pod.meta.name.clone(),
        )
    };
    pods.into_iter()
        .min_by_key(rank)
        .ok_or_else(|| Fault::client("timed out waiting for the condition"))
}

/// The container that is meant; several without a choice are told of.
pub(super) fn container_of(command: &mut Command<'_>, pod: &Pod) -> Result<String, Fault> {
    let asked = command.args.get("container").map(str::to_owned);
    let tells = !command.args.is_on("quiet");
    container_in(command, pod, asked.as_deref(), tells)
}

/// The container of a pod that is asked for, or its first one; `tells` says whether that is told of.
pub(super) fn container_in(
    command: &mut Command<'_>,
    pod: &Pod,
    asked: Option<&str>,
    tells: bool,
) -> Result<String, Fault> {
    let name = &pod.meta.name;
    let all = || pod.spec.containers.iter().map(|it| it.name.to_string());
    let init = || {
        pod.spec
            .init_containers
            .iter()
            .map(|it| it.name.to_string())
    };
    if let Some(asked) = asked {
        if all().chain(init()).any(|it| it == asked) {
            return Ok(asked.to_owned());
        }
        let known: Vec<String> = all().chain(init()).collect();
        return Err(Fault::client(format!(
            "container {asked} is not valid for pod {name} out of: {}",
            known.join(", ")
        )));
    }
    let chosen = pod
        .meta
        .annotations
        .get("kubectl.kubernetes.io/default-container");
    let known = chosen
        .filter(|it| all().any(|name| *name == ***it))
        .map(ToString::to_string);
    let first = known.clone().or_else(|| all().next()).unwrap_or_default();
    if known.is_none() && all().chain(init()).count() > 1 && tells {
        let listed: Vec<String> = all()
            .chain(init().map(|it| format!("{it} (init)")))
            .collect();
        let text = format!(
            "Defaulted container {first:?} out of: {}",
            listed.join(", ")
        );
        command.output.error_in_place(&text);
    }
    Ok(first)
}
