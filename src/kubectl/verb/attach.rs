//! `kubectl attach`: the program that a container was made with.

use super::Verb;
use super::exec::{container_of, pod_of, unless_silent};
use super::help::{Group, Help};
use super::run::HINTS;
use crate::cluster::inside::{Spot, image};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::{After, Next, Stream};

pub(super) const VERB: Verb = Verb {
    name: "attach",
    flags: &[
        value("container", 'c'),
        value("pod-running-timeout", ' ').refused(),
        value("detach-keys", ' ').refused(),
        truth("stdin", 'i'),
        truth("tty", 't'),
        truth("quiet", 'q'),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Talk to the program of a container.",
        usage: "attach (POD | KIND/NAME) [-c CONTAINER] [options]",
        examples: &[("What a program prints from now on", "attach web-0")],
        ..Help::PLAIN
    },
    run: |command| {
        let Some(name) = command.args.words.first().cloned() else {
            return Err(Fault::client(
                "at least 1 argument is required for attach\nSee 'kubectl attach -h' for help and examples",
            ));
        };
        let pod = pod_of(command, &name)?;
        if pod.is_finished() {
            return Err(Fault::client(format!(
                "cannot attach a container in a completed pod; current phase is {}",
                pod.status.phase.as_str()
            )));
        }
        let spot = Spot::of(&pod, &container_of(command, &pod)?);
        unless_silent(command, &pod)?;
        let store = &command.cluster.api.store;
        let Some((_, container)) = spot.spec(store).filter(|_| spot.runs(store)) else {
            return Err(Fault::client(format!(
                "unable to upgrade connection: container {} not found in pod {}_{}",
                spot.container, spot.pod, spot.namespace
            )));
        };
        let talks = container.stdin && command.args.is_on("stdin");
        let restarts = spot.status(store).map_or(0, |it| it.restart_count);
        let seen = command.cluster.printed(&spot, restarts).len();
        if command.args.is_on("tty") && !container.tty && !command.args.is_on("quiet") {
            command.output.error_line(&format!(
                "error: Unable to use a TTY - container {} did not allocate one",
                spot.container
            ));
        }
        let hints = match command.args.is_on("quiet") {
            true => "",
            false => HINTS,
        };
        command.next = Some(if talks && image::app(container) == image::App::Nothing {
            let after = After::Nothing;
            Next::Attach { spot, hints, after }
        } else {
            command.output.stderr.push_str(hints);
            Next::Follow(vec![Stream {
                spot,
                restarts,
                seen,
                prefix: String::new(),
                timestamps: false,
                left: None,
            }])
        });
        Ok(())
    },
};
