//! `kubectl rollout` (reference 8.9).

use super::help::{Group, Help, no_subcommand};
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::Cluster;
use crate::cluster::api::FieldValidation;
use crate::cluster::json::Json as _;
use crate::cluster::object::{ControllerRevision, Kind, Object, ObjectKey, StatefulSet};
use crate::cluster::patch::PatchType;
use crate::cluster::record::Verb as Did;
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::{Map, Value};
use crate::kubectl::args::{duration, number, optional, truth, value};
use crate::kubectl::describe;
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::verb::apply::LAST_APPLIED;
use crate::kubectl::wait::Wait;

pub(crate) const VERB: Verb = Verb {
    name: "rollout",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        value("field-manager", ' '),
        value("selector", 'l'),
        truth("watch", 'w')
            .or("true")
            .says("Follow until it is through."),
        duration("timeout").says("How long to follow; 0 is for ever."),
        number("revision").says("Show this revision whole."),
        number("to-revision").says("The revision to go back to; 0 is the one before."),
        value("output", 'o').refused(),
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Deploy,
        about: "Follow and steer how a new template reaches the pods.",
        usage: "rollout SUBCOMMAND KIND NAME [options]",
        examples: &[
            ("Follow an update", "rollout status sts/web"),
            ("The revisions there are", "rollout history sts/web"),
            ("Back to the revision before", "rollout undo sts/web"),
            ("Replace every pod, one by one", "rollout restart sts/web"),
        ],
        subcommands: &[
            ("history", "The revisions, or one of them"),
            ("pause", "Hold the updates of a Deployment"),
            ("restart", "Replace every pod"),
            ("resume", "Let a paused Deployment go on"),
            ("status", "Follow an update until it is through"),
            ("undo", "Go back to an earlier revision"),
        ],
        ..Help::PLAIN
    },
    run,
};

/// The annotation that says why a revision was made.
pub(super) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let first = words.split_first();
    let Some((action, rest)) = first.filter(|(it, _)| VERB.help.has_subcommand(it)) else {
        return no_subcommand(command, &VERB);
    };
    if rest.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client("required resource not specified"));
    }
    let act: fn(&mut Command<'_>, &ObjectKey) -> Result<(), Fault> = match &**action {
        "status" => status,
        "history" => history,
        "undo" => undo,
        "restart" => restart,
        "pause" => |command, key| pause(command, key, true),
        _ => |command, key| pause(command, key, false),
    };
    for target in command.keys(rest, Bare::All)? {
        let key = target?;
        if command.cluster.api.store.by_key(&key).is_none() {
            return Err(command.missing(&key).into());
        }
        act(command, &key)?;
    }
    Ok(())
}

fn refuse(key: &ObjectKey, what: &str) -> Result<(), Fault> {
    Err(Fault::client(format!(
        "{} {:?} {what} is not supported",
        key.kind.resource(),
        key.name
    )))
}

fn stateful_set(command: &Command<'_>, key: &ObjectKey, what: &str) -> Result<StatefulSet, Fault> {
    match command
        .cluster
        .api
        .store
        .by_key(key)
        .map(|object| &**object)
    {
        Some(Object::StatefulSet(set)) => Ok(set.clone()),
        _ => Err(Fault::client(format!(
            "no {what} has been implemented for {:?}",
            key.kind.name()
        ))),
    }
}

/// One line of `rollout status`, and whether it is the last.
pub(crate) fn status_line(set: &StatefulSet) -> (String, bool) {
    let status = &set.status;
    if status.observed_generation == 0 || set.meta.generation > status.observed_generation {
        return (
            "Waiting for statefulset spec update to be observed...".to_owned(),
            false,
        );
    }
    let replicas = set.spec.replicas();
    if status.ready_replicas < replicas {
        return (
            format!(
                "Waiting for {} pods to be ready...",
                replicas - status.ready_replicas
            ),
            false,
        );
    }
    let updated = status.updated_replicas;
    match set.spec.partition() {
        Some(partition) if updated < replicas - partition => {
            let wanted = replicas - partition;
            let text = format!(
                "Waiting for partitioned roll out to finish: {updated} out of {wanted} new pods have been updated..."
            );
            (text, false)
        }
        Some(_) => (
            format!("partitioned roll out complete: {updated} new pods have been updated..."),
            true,
        ),
        None if status.update_revision != status.current_revision => {
            let text = format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision {}...",
                status.update_revision
            );
            (text, false)
        }
        None => {
            let (current, revision) = (status.current_replicas, &status.current_revision);
            (
                format!(
                    "statefulset rolling update complete {current} pods at revision {revision}..."
                ),
                true,
            )
        }
    }
}

/// A `rollout status` that waits: it prints a line for each version of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    key: ObjectKey,
    at: usize,
    /// When it gives up.
    until: Option<Time>,
    is_over: bool,
}

impl Rollout {
    /// Whether the rollout is through, or the set gone.
    pub(in crate::kubectl) fn is_over(&self) -> bool {
        self.is_over
    }

    /// When it gives up.
    pub(in crate::kubectl) fn due(&self) -> Option<Time> {
        self.until.filter(|_| !self.is_over)
    }

    /// Prints what has become of it since it last looked.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &Cluster, output: &mut Output) {
        while let Some(record) = cluster.api.log.get(self.at) {
            if self.is_over || self.until.is_some_and(|until| record.time > until) {
                break;
            }
            self.at += 1;
            let Some(write) = record.write().filter(|it| it.object.key() == self.key) else {
                continue;
            };
            match &*write.object {
                _ if write.verb == Did::Removed => {
                    output.error_line("error: object has been deleted");
                    output.exit = 1;
                    self.is_over = true;
                }
                Object::StatefulSet(set) => {
                    let (line, done) = status_line(set);
                    output.line(&line);
                    self.is_over = done;
                }
                _ => {}
            }
        }
        if self.due().is_some_and(|until| cluster.now() >= until) {
            output.error_line("error: timed out waiting for the condition");
            output.exit = 1;
            self.is_over = true;
        }
    }
}

fn status(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    let set = stateful_set(command, key, "status viewer")?;
    if !set.spec.is_rolling_update() {
        return Err(Fault::client(
            "rollout status is only available for RollingUpdate strategy type",
        ));
    }
    let (line, done) = status_line(&set);
    command.output.line(&line);
    let timeout_ms = command.args.duration_ms("timeout").filter(|ms| *ms > 0);
    if !done && !command.args.is_off("watch") {
        command.wait = Some(Wait::Rollout(Rollout {
            key: key.clone(),
            at: command.cluster.api.log.len(),
            until: timeout_ms.map(|ms| command.cluster.now().plus_ms(ms)),
            is_over: false,
        }));
    }
    Ok(())
}

/// The revisions of a set, oldest first.
fn revisions(command: &Command<'_>, set: &StatefulSet) -> Vec<ControllerRevision> {
    let all = command
        .cluster
        .api
        .store
        .list_in::<ControllerRevision>(&set.meta.namespace);
    let mut own: Vec<_> = all
        .filter(|it| it.meta.is_controlled_by(&set.meta.uid))
        .cloned()
        .collect();
    sorted::sort_by_key(&mut own, |it| it.revision);
    own
}

fn history(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    let set = stateful_set(command, key, "history viewer")?;
    let revisions = revisions(command, &set);
    let name = format!("{}/{}", key.kind.singular(), key.name);
    if let Some(wanted) = command.args.number("revision").filter(|wanted| *wanted > 0) {
        let Some(found) = revisions.iter().find(|it| it.revision == wanted) else {
            return Err(Fault::client("unable to find the specified revision"));
        };
        let template = found.data.at(&["spec", "template"]).cloned();
        let template = describe::template(&template.unwrap_or_default());
        command
            .output
            .line(&format!("{name} with revision #{wanted}"));
        command.output.stdout.push_str(&format!("{template}\n"));
        return Ok(());
    }
    command.output.line(&format!("{name} "));
    command.output.line("REVISION  CHANGE-CAUSE");
    for revision in revisions {
        let cause = revision.meta.annotation(CHANGE_CAUSE).unwrap_or("<none>");
        command
            .output
            .line(&format!("{:<10}{cause}", revision.revision));
    }
    command.output.line("");
    Ok(())
}

fn undo(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    let set = stateful_set(command, key, "rollbacker")?;
    let wanted = command.args.number("to-revision").unwrap_or(0);
    if wanted < 0 {
        return Err(Fault::client(format!(
            "invalid value for flag \"to-revision\": {wanted}"
        )));
    }
    if set.meta.annotation(LAST_APPLIED).is_some() {
        let plural = key.kind.info().plural;
        command.warn(&format!(
            "resource {plural}/{} was previously managed with 'kubectl apply'. Rolling back will not update the \
             {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider \
             using 'kubectl apply' with your previous configuration file instead.",
            key.name
        ));
    }
    let revisions = revisions(command, &set);
    let found = if wanted == 0 {
        if revisions.len() <= 1 {
            return Err(Fault::client("no last revision to roll back to"));
        }
        revisions.iter().rev().nth(1)
    } else {
        revisions.iter().find(|it| it.revision == wanted)
    };
    let Some(revision) = found else {
        return Err(Fault::client(format!(
            "unable to find specified revision {wanted} in history"
        )));
    };
    let mut current = set.spec.template.write_always();
    current.set(&["$patch"], "replace".into());
    let name = format!("{}/{}", key.kind.singular(), key.name);
    if revision.data.at(&["spec", "template"]) == Some(&current) {
        command.output.line(&format!(
            "{name} skipped rollback (current template already matches revision {wanted})"
        ));
        return Ok(());
    }
    if command.sends() {
        let patch = (*revision.data).clone();
        command
            .request(|api| api.patch(key, PatchType::Strategic, &patch, FieldValidation::Ignore))?;
    }
    let suffix = command.dry_run().unwrap_or_default();
    command.output.line(&format!("{name} rolled back{suffix}"));
    Ok(())
}

/// Holds a Deployment's rollout, or lets it go on.
fn pause(command: &mut Command<'_>, key: &ObjectKey, paused: bool) -> Result<(), Fault> {
    let (doing, done, already) = if paused {
        ("pausing", "paused", "already paused")
    } else {
        ("resuming", "resumed", "not paused")
    };
    if key.kind != Kind::Deployment {
        return refuse(key, doing);
    }
    let mut patch = Value::default();
    patch.set(&["spec", "paused"], Value::Bool(paused));
    let patched = command
        .request(|api| api.patch(key, PatchType::Strategic, &patch, FieldValidation::Ignore))?;
    if !patched.changed {
        let resource = key.kind.resource();
        return Err(Fault::client(format!(
            "{resource} {:?} is {already}",
            key.name
        )));
    }
    command
        .output
        .line(&format!("{}/{} {done}", key.kind.singular(), key.name));
    Ok(())
}

fn restart(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    if !matches!(key.kind, Kind::StatefulSet | Kind::Deployment) {
        return refuse(key, "restarting");
    }
    const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";
    let now = command.cluster.now().whole_seconds().to_string();
    let annotations: Map = [(RESTARTED.into(), Value::text(now))].into();
    let mut patch = Value::default();
    patch.set(
        &["spec", "template", "metadata", "annotations"],
        Value::Map(annotations),
    );
    let patched = command
        .request(|api| api.patch(key, PatchType::Strategic, &patch, FieldValidation::Ignore))?;
    if !patched.changed {
        return Err(Fault::client(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait \
             before attempting to trigger another",
            key.name
        )));
    }
    command
        .output
        .line(&format!("{}/{} restarted", key.kind.singular(), key.name));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn following_ends_after_the_timeout() {
        let mut kit = Kit::with_web();
        kit.says("kubectl set image sts/web nginx=nope:1");
        let start = kit.cluster.now();
        let said = kit.waits("kubectl rollout status sts/web --timeout=20s", 60);
        assert!(
            said.ends_with(
                "Waiting for 1 pods to be ready...\nerror: timed out waiting for the condition\n[exit 1]\n"
            ),
            "{said}"
        );
        assert_eq!(kit.cluster.now(), start.plus_s(20));
    }

    #[test]
    fn a_deployment_is_paused_and_goes_on() {
        let mut kit = Kit::new();
        kit.says("kubectl create deployment shop --image=nginx:1.27");
        for (line, said) in [
            ("pause deploy/shop", "deployment.apps/shop paused\n"),
            (
                "pause deploy shop",
                "error: deployments.apps \"shop\" is already paused\n[exit 1]\n",
            ),
            ("resume deploy/shop", "deployment.apps/shop resumed\n"),
            (
                "resume deploy/shop",
                "error: deployments.apps \"shop\" is not paused\n[exit 1]\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl rollout {line}")), said, "{line}");
        }
    }
}
