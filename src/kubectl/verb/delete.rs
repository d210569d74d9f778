//! `kubectl delete`: asks for deletions, says so, and waits until the objects are gone (reference 8.6).

use super::{Command, Verb};
use crate::cluster::api::{DeleteOptions, Propagation};
use crate::cluster::object::ObjectKey;
use crate::kubectl::args::{number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::wait::Wait;

pub(super) const VERB: Verb = Verb {
    name: "delete",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k'),
        truth("recursive", 'R'),
        value("selector", 'l'),
        value("field-selector", ' '),
        truth("all", ' '),
        truth("all-namespaces", 'A'),
        truth("force", ' '),
        truth("now", ' '),
        truth("wait", ' '),
        truth("ignore-not-found", ' '),
        truth("interactive", 'i'),
        value("output", 'o'),
        value("timeout", ' '),
        value("raw", ' '),
        number("grace-period"),
        optional("cascade", "background"),
        optional("dry-run", "unchanged"),
    ],
    run,
};

const FORCED: &str = "Immediate deletion does not wait for confirmation that the running resource has been terminated. \
    The resource may continue to run on the cluster indefinitely.";

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let options = options(command)?;
    let words = command.args.words.clone();
    let by_file = command.args.get("filename").is_some();
    if words.is_empty() && !by_file {
        return Err(Fault::client(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   \
             '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        ));
    }
    let selects = command.selects();
    let names = words.iter().skip(1).any(|_| true) || words.iter().any(|word| word.contains('/'));
    if command.args.get("selector").is_some() && names {
        return Err(Fault::client(
            "name cannot be provided when a selector is specified",
        ));
    }
    if command.args.is_on("all") && names {
        return Err(Fault::client(
            "setting 'all' parameter but found a non empty selector. ",
        ));
    }
    // Unknown kinds are found before a missing name is.
    let targets = command.targets(&words)?;
    if !by_file && !selects && !names {
        return Err(Fault::client(
            "resource(s) were provided, but no name was specified",
        ));
    }
    if command.args.is_on("force") && command.dry_run().is_none() {
        command.warn(FORCED);
    }
    let (mut faults, mut waiting, mut found) = (Vec::new(), Vec::new(), 0);
    for target in targets {
        let result = target.and_then(|key| {
            found += 1;
            delete(command, &key, &options, &mut waiting)
        });
        faults.extend(result.err());
    }
    if found == 0 && faults.is_empty() {
        command.output.line("No resources found");
    }
    command.fail_all(&faults);
    if !command.args.is_off("wait") && !waiting.is_empty() {
        let wait = Wait::Gone(waiting);
        if !wait.is_over(command.cluster) {
            command.wait = Some(wait);
        }
    }
    Ok(())
}

fn options(command: &Command<'_>) -> Result<DeleteOptions, Fault> {
    let args = &command.args;
    let force = args.is_on("force");
    let mut grace_s = args.number("grace-period").filter(|seconds| *seconds >= 0);
    if args.is_on("now") {
        if grace_s.is_some() {
            return Err(Fault::client(
                "--now and --grace-period cannot be specified together",
            ));
        }
        grace_s = Some(1);
    }
    if force && grace_s.is_some_and(|seconds| seconds > 0) {
        return Err(Fault::client(
            "--force and --grace-period greater than 0 cannot be specified together",
        ));
    }
    grace_s = match grace_s {
        // Without --force nothing is removed unconfirmed.
        Some(0) if !force => Some(1),
        None if force => Some(0),
        other => other,
    };
    let propagation = match args.get("cascade").unwrap_or("background") {
        "background" | "true" => Propagation::Background,
        "foreground" => Propagation::Foreground,
        "orphan" | "false" => Propagation::Orphan,
        other => {
            return Err(Fault::client(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    Ok(DeleteOptions {
        grace_s,
        propagation: Some(propagation),
        uid: None,
    })
}

fn delete(
    command: &mut Command<'_>,
    key: &ObjectKey,
    options: &DeleteOptions,
    waiting: &mut Vec<(ObjectKey, crate::cluster::value::Text)>,
) -> Result<(), Fault> {
    let uid = command
        .cluster
        .api
        .store
        .by_key(key)
        .map(|object| object.meta().uid.clone());
    match (&uid, command.dry_run()) {
        (None, _) if command.args.is_on("ignore-not-found") => return Ok(()),
        (None, _) => {
            return Err(crate::cluster::error::ApiError::not_found(key.kind, &key.name).into());
        }
        (Some(_), Some(_)) => {}
        (Some(_), None) => {
            command.request(|api| api.delete(key, options))?;
        }
    }
    waiting.extend(uid.map(|uid| (key.clone(), uid)));
    let singular = key.kind.singular();
    if command.args.get("output") == Some("name") {
        command.output.line(&format!("{singular}/{}", key.name));
        return Ok(());
    }
    let place = if key.namespace.is_empty() {
        String::new()
    } else {
        format!(" from {} namespace", key.namespace)
    };
    let word = if command.args.is_on("force") {
        "force deleted"
    } else {
        "deleted"
    };
    let suffix = command.dry_run().unwrap_or_default();
    command
        .output
        .line(&format!("{singular} {:?} {word}{place}{suffix}", key.name));
    if command.dry_run().is_some() {
        waiting.pop();
    }
    Ok(())
}
