//! `kubectl logs` and `kubectl exec`, as far as a pod that is not there: what runs inside of pods comes with the
//! terminal (reference 8.8).

use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, Pod};
use crate::kubectl::args::{number, truth, value};
use crate::kubectl::fault::Fault;

pub(super) const LOGS: Verb = Verb {
    name: "logs",
    flags: &[
        value("container", 'c'),
        value("selector", 'l'),
        value("since", ' '),
        truth("follow", 'f'),
        truth("previous", 'p'),
        truth("timestamps", ' '),
        truth("all-containers", ' '),
        number("tail"),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Print what a container has written.",
        usage: "logs [-f] [-p] (POD | KIND/NAME) [-c CONTAINER] [options]",
        examples: &[
            ("What the first pod wrote", "logs web-0"),
            ("What its earlier container wrote", "logs web-0 -p"),
        ],
        ..Help::PLAIN
    },
    run: |command| {
        let name = pod_name(command, "logs")?;
        let namespace = namespace(command)?;
        if !exists(command, &namespace, &name) {
            return Err(Fault::client(format!(
                "error from server (NotFound): pods {name:?} not found in namespace {namespace:?}"
            )));
        }
        Err(not_here("logs"))
    },
};

pub(super) const EXEC: Verb = Verb {
    name: "exec",
    flags: &[
        value("container", 'c'),
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
    run: |command| {
        let name = pod_name(command, "exec")?;
        let namespace = namespace(command)?;
        if !exists(command, &namespace, &name) {
            return Err(ApiError::not_found(Kind::Pod, &name).into());
        }
        Err(not_here("exec"))
    },
};

fn namespace(command: &Command<'_>) -> Result<String, Fault> {
    let scope = command.scope()?;
    Ok(scope.namespace.unwrap_or_default().to_string())
}

fn exists(command: &Command<'_>, namespace: &str, name: &str) -> bool {
    command
        .cluster
        .api
        .store
        .find::<Pod>(namespace, name)
        .is_some()
}

fn pod_name(command: &Command<'_>, verb: &str) -> Result<String, Fault> {
    let first = command.args.words.first();
    let name = first.map(|it| it.trim_start_matches("pod/").to_owned());
    name.ok_or_else(|| {
        Fault::client(format!(
            "pod, type/name or --filename must be specified for {verb}"
        ))
    })
}

/// Our own words: a real cluster would answer.
fn not_here(verb: &str) -> Fault {
    Fault::client(format!(
        "kubectl {verb} is not simulated here yet: nothing runs inside of these pods. On a real cluster it would answer."
    ))
}
