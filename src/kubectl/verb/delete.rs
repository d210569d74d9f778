//! `kubectl delete`: asks for deletions, says so, and waits until the objects are gone (reference 8.6).

use super::help::{Group, Help};
use super::targets::{Bare, Target};
use super::{Command, Verb};
use crate::cluster::api::{DeleteOptions, Propagation};
use crate::cluster::error::ApiError;
use crate::cluster::object::ObjectKey;
use crate::cluster::value::Text;
use crate::kubectl::args::{duration, number, optional, truth, truth_of, value};
use crate::kubectl::fault::Fault;
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
    let targets = command.targets(&words, Bare::Nothing)?;
    if let Some(mode) = command.args.get("output").filter(|it| *it != "name") {
        return Err(Fault::client(format!(
            "unexpected -o output mode: {mode}. We only support '-o name'"
        )));
    }
    if command.args.is_on("force") && command.dry_run().is_none() {
        command.warn(FORCED);
    }
    let (mut faults, mut waiting, mut found) = (Vec::new(), Vec::new(), 0);
    let mut warns = command.args.get("namespace").is_some();
    for target in targets {
        let result = target.and_then(|target| {
            found += 1;
            if warns && !target.key.kind.is_namespaced() {
                command.warn(
                    "deleting cluster-scoped resources, not scoped to the provided namespace",
                );
                warns = false;
            }
            delete(command, &target, &options, &mut waiting)
        });
        faults.extend(result.err());
    }
    if !faults.is_empty() {
        // Who has failed does not wait for the others.
        command.fail_all(&faults);
        return Ok(());
    }
    if found == 0 {
        command.output.line("No resources found");
    }
    if command.args.is_off("wait") || waiting.is_empty() {
        return Ok(());
    }
    match command.args.duration_ms("timeout").filter(|ms| *ms != 0) {
        Some(ms) => {
            let mut waiting = Waiting::until_gone(waiting, ms, command.cluster);
            waiting.begin(command.cluster, &mut command.output);
            command.wait = (!waiting.is_over()).then(|| Wait::For(Box::new(waiting)));
        }
        None => {
            let wait = Wait::Gone(waiting);
            command.wait = (!wait.is_over(command.cluster)).then_some(wait);
        }
    }
    Ok(())
}

fn options(command: &mut Command<'_>) -> Result<DeleteOptions, Fault> {
    let propagation = cascade(command)?;
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
    Ok(DeleteOptions {
        grace_s,
        propagation: Some(propagation),
        uid: None,
    })
}

/// What becomes of the dependents. Booleans are its old values.
fn cascade(command: &mut Command<'_>) -> Result<Propagation, Fault> {
    let given = command.args.get("cascade").unwrap_or("background");
    let truth = truth_of(given);
    let word = match truth {
        Some(true) => "background",
        Some(false) => "orphan",
        None => given,
    };
    let propagation = match word {
        "background" => Propagation::Background,
        "foreground" => Propagation::Foreground,
        "orphan" => Propagation::Orphan,
        other => {
            return Err(Fault::client(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    if truth.is_some() {
        let text = format!(
            "warning: --cascade={given} is deprecated (boolean value) and can be replaced with --cascade={word}."
        );
        command.output.error_line(&text);
    }
    Ok(propagation)
}

fn delete(
    command: &mut Command<'_>,
    target: &Target,
    options: &DeleteOptions,
    waiting: &mut Vec<(ObjectKey, Text)>,
) -> Result<(), Fault> {
    let key = &target.key;
    let found = command.cluster.api.store.by_key(key);
    let uid = found.map(|object| object.meta().uid.clone());
    if uid.is_none() && command.sends() {
        if command.args.is_on("ignore-not-found") {
            return Ok(());
        }
        let error = ApiError::not_found(key.kind, &key.name);
        return Err(match target.file.is_empty() {
            true => error.into(),
            false => Fault::with_file(error, "deleting", &target.file),
        });
    }
    if command.sends() {
        command.request(|api| api.delete(key, options))?;
    }
    if command.dry_run().is_none() {
        waiting.extend(uid.map(|uid| (key.clone(), uid)));
    }
    let singular = key.kind.singular();
    if command.args.get("output") == Some("name") {
        command.output.line(&format!("{singular}/{}", key.name));
        return Ok(());
    }
    let word = match command.args.is_on("force") {
        true => "force deleted",
        false => "deleted",
    };
    let suffix = command.dry_run().unwrap_or_default();
    let line = format!("{} {word}{}{suffix}", called(key), place(key));
    command.output.line(&line);
    Ok(())
}

/// An object in the line that tells of its end: `pod "web-0"`.
pub(super) fn called(key: &ObjectKey) -> String {
    format!("{} {:?}", key.kind.singular(), key.name)
}

/// Where it was: ` from default namespace`.
pub(super) fn place(key: &ObjectKey) -> String {
    match key.namespace.is_empty() {
        true => String::new(),
        false => format!(" from {} namespace", key.namespace),
    }
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
