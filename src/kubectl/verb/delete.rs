//! `kubectl delete`: asks for deletions, says so, and waits until the objects are gone (reference 8.6).

use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::api::{DeleteOptions, Propagation};
use crate::cluster::object::ObjectKey;
use crate::kubectl::args::{duration, number, optional, truth, value};
use crate::kubectl::fault::{Fault, MISSING_RESOURCE};
use crate::kubectl::verb::wait::Waiting;
use crate::kubectl::wait::Wait;

pub(super) const VERB: Verb = Verb {
    name: "delete",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        value("selector", 'l'),
        value("field-selector", ' '),
        truth("all", ' '),
        truth("all-namespaces", 'A'),
        truth("force", ' '),
        truth("now", ' ').says("Give pods one second: --grace-period=1."),
        truth("wait", ' ')
            .or("true")
            .says("Wait until the objects are gone."),
        truth("ignore-not-found", ' '),
        truth("interactive", 'i').refused(),
        value("output", 'o').says("name prints names alone."),
        duration("timeout").says("How long to wait for the end; 0 is a week."),
        value("raw", ' ').refused(),
        number("grace-period"),
        optional("cascade", "background"),
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Intermediate,
        about: "Delete objects. It waits until they are really gone: pods for their grace period, claims for as long as pods use them.",
        usage: "delete (-f FILE | KIND [NAME ...]) [options]",
        examples: &[
            ("Delete a pod; the set makes it anew", "delete pod web-0"),
            (
                "Delete the set and keep its pods",
                "delete sts web --cascade=orphan",
            ),
            (
                "Delete the claims of a set",
                "delete pvc -l app=nginx --wait=false",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

const FORCED: &str = "Immediate deletion does not wait for confirmation that the running resource has been terminated. \
    The resource may continue to run on the cluster indefinitely.";

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let options = options(command)?;
    let words = command.args.words.clone();
    let by_file = command.args.get("filename").is_some();
    if words.is_empty() && !by_file {
        return Err(Fault::client(MISSING_RESOURCE));
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
    let timeout_ms = command.args.duration_ms("timeout").filter(|ms| *ms != 0);
    if command.args.is_off("wait") {
        return Ok(());
    }
    if let Some(ms) = timeout_ms {
        let mut waiting = Waiting::until_gone(waiting, ms, command.cluster);
        waiting.begin(command.cluster, &mut command.output);
        command.wait = (!waiting.is_over()).then(|| Wait::For(Box::new(waiting)));
    } else if !waiting.is_empty() {
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

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn it_gives_up_after_its_timeout() {
        let mut kit = Kit::with_web();
        let deleted = "pod \"web-0\" deleted from default namespace\n";
        let start = kit.cluster.now();
        assert_eq!(
            kit.waits("kubectl delete pod web-0 --timeout=1s", 30),
            format!(
                "{deleted}error: timed out waiting for the condition on pods/web-0\n[exit 1]\n"
            )
        );
        assert_eq!(kit.cluster.now(), start.plus_s(1));
        kit.cluster.run_for(60_000);
        // Another life of the pod is not waited for.
        assert_eq!(
            kit.waits("kubectl delete pod web-0 --timeout=1m", 60),
            deleted
        );
    }
}
