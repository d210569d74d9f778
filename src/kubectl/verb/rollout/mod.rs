//! `kubectl rollout` (reference 8.9): one subcommand a file.

mod history;
mod restart;
pub(in crate::kubectl) mod status;
mod undo;

pub(super) use history::CHANGE_CAUSE;

use super::help::{Group, Help, no_subcommand};
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::controller::deployment::REVISION;
use crate::cluster::object::{Deployment, Kind, ObjectKey, ReplicaSet};
use crate::cluster::sorted;
use crate::kubectl::args::{duration, number, optional, truth, value};
use crate::kubectl::fault::Fault;

pub(crate) const VERB: Verb = Verb {
    name: "rollout",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        value("field-manager", ' ').of(&["pause", "restart", "resume"]),
        value("selector", 'l'),
        truth("watch", 'w')
            .or("true")
            .says("Follow until it is through.")
            .of(&["status"]),
        duration("timeout")
            .says("How long to follow; 0 is for ever.")
            .of(&["status"]),
        number("revision")
            .says("Show this revision whole.")
            .of(&["history", "status"]),
        number("to-revision")
            .says("The revision to go back to; 0 is the one before.")
            .of(&["undo"]),
        value("output", 'o').of(&["history", "pause", "restart", "resume", "undo"]),
        optional("dry-run", "unchanged").of(&["undo"]),
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

/// What a subcommand does with one object.
type Act = fn(&mut Command<'_>, &ObjectKey) -> Result<(), Fault>;

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let first = words.split_first();
    let Some((action, rest)) = first.filter(|(it, _)| VERB.help.has_subcommand(it)) else {
        return no_subcommand(command, &VERB);
    };
    if rest.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client("required resource not specified"));
    }
    if let Some(wrong) = command.args.number("revision").filter(|it| *it < 0) {
        return Err(Fault::client(format!(
            "revision must be a positive integer: {wrong}"
        )));
    }
    let targets = command.keys(rest, Bare::All)?;
    if targets.is_empty() {
        let namespace = command.scope()?.namespace.unwrap_or_default();
        command
            .output
            .error_line(&format!("No resources found in {namespace} namespace."));
        return Ok(());
    }
    let act: Act = match &**action {
        "status" => {
            status::follow(command, targets);
            return Ok(());
        }
        "history" => history::show,
        "undo" => undo::undo,
        "restart" => restart::restart,
        "pause" => |command, key| restart::pause(command, key, true),
        _ => |command, key| restart::pause(command, key, false),
    };
    // What fails is said once all of them were seen to.
    let mut faults = Vec::new();
    for target in targets {
        let done = target.and_then(|key| {
            command.find(&key)?;
            act(command, &key)
        });
        faults.extend(done.err());
    }
    command.fail_all(&faults);
    Ok(())
}

/// A kind as kubectl names it where it knows no way with it: `ReplicaSet.apps`.
fn group_kind(kind: Kind) -> String {
    match group(kind) {
        "" => kind.name().to_owned(),
        group => format!("{}.{group}", kind.name()),
    }
}

fn group(kind: Kind) -> &'static str {
    kind.info().group
}

/// Nobody keeps revisions of this kind: there is no viewer of its history, or nothing that rolls it back.
fn no_revisions(kind: Kind, what: &str, noun: &str) -> Fault {
    let name = group_kind(kind);
    if matches!(kind, Kind::Pod | Kind::ReplicaSet) {
        return Fault::client(format!("no {what} has been implemented for {name:?}"));
    }
    Fault::client(format!(
        "error retrieving {noun} for {name:?}, no visitor method exists for {{{} {}}}",
        group(kind),
        kind.name()
    ))
}

/// The ReplicaSets of a Deployment with the numbers of their revisions, oldest first.
fn replica_sets(command: &Command<'_>, deployment: &Deployment) -> Vec<(i64, ReplicaSet)> {
    let meta = &deployment.meta;
    let all = command
        .cluster
        .api
        .store
        .list_in::<ReplicaSet>(&meta.namespace);
    let own = all.filter(|it| it.meta.is_controlled_by(&meta.uid));
    let number = |it: &ReplicaSet| {
        let text = it.meta.annotation(REVISION);
        text.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    let mut own: Vec<_> = own.map(|it| (number(it), it.clone())).collect();
    sorted::sort_by_key(&mut own, |(number, _)| *number);
    own
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

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

    /// A Deployment of three with one revision, rolled out.
    fn with_shop() -> Kit {
        let mut kit = Kit::new();
        kit.says("kubectl create deployment shop --image=nginx:1.27 --replicas=3");
        kit.cluster.run_for(60_000);
        kit
    }

    #[test]
    fn a_deployment_is_followed() {
        let mut kit = with_shop();
        assert_eq!(
            kit.says("kubectl rollout status deploy/shop"),
            "deployment \"shop\" successfully rolled out\n"
        );
        assert_eq!(
            kit.says("kubectl rollout status deploy/shop --revision=4"),
            "error: desired revision (4) is different from the running revision (1)\n[exit 1]\n"
        );
        kit.says("kubectl set image deploy/shop nginx=nginx:1.28");
        let said = kit.waits("kubectl rollout status deploy/shop", 120);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines.first(),
            Some(&"Waiting for deployment spec update to be observed...")
        );
        for line in [
            "Waiting for deployment \"shop\" rollout to finish: 1 out of 3 new replicas have been updated...",
            "Waiting for deployment \"shop\" rollout to finish: 1 old replicas are pending termination...",
        ] {
            assert!(lines.contains(&line), "{said}");
        }
        assert!(
            said.ends_with("deployment \"shop\" successfully rolled out\n"),
            "{said}"
        );
    }

    #[test]
    fn a_rollout_that_is_late_fails() {
        let mut kit = with_shop();
        kit.says("kubectl patch deploy shop -p '{\"spec\":{\"progressDeadlineSeconds\":30}}'");
        kit.says("kubectl set image deploy/shop nginx=nope:1");
        let said = kit.waits("kubectl rollout status deploy shop", 120);
        assert!(
            said.ends_with("error: deployment \"shop\" exceeded its progress deadline\n[exit 1]\n"),
            "{said}"
        );
    }

    #[test]
    fn a_deployment_goes_back() {
        let mut kit = with_shop();
        let mut says = |line: &str, said: &str| {
            assert_eq!(kit.says(&format!("kubectl {line}")), said, "{line}");
            kit.cluster.run_for(60_000);
        };
        says(
            "rollout undo deploy/shop",
            "error: no rollout history found for deployment \"shop\"\n[exit 1]\n",
        );
        says(
            "set image deploy/shop nginx=nginx:1.28",
            "deployment.apps/shop image updated\n",
        );
        says(
            "annotate deploy/shop kubernetes.io/change-cause=newer",
            "deployment.apps/shop annotated\n",
        );
        says(
            "rollout history deploy/shop",
            "deployment.apps/shop \nREVISION  CHANGE-CAUSE\n1         <none>\n2         newer\n\n",
        );
        says(
            "rollout undo deploy/shop --to-revision=7",
            "error: unable to find specified revision 7 in history\n[exit 1]\n",
        );
        says(
            "rollout undo deploy/shop --to-revision=2",
            "deployment.apps/shop skipped rollback (current template already matches revision 2)\n",
        );
        says(
            "rollout undo deploy/shop",
            "deployment.apps/shop rolled back\n",
        );
        says(
            "rollout history deploy/shop",
            "deployment.apps/shop \nREVISION  CHANGE-CAUSE\n2         newer\n3         <none>\n\n",
        );
        says("rollout pause deploy/shop", "deployment.apps/shop paused\n");
        says(
            "rollout undo deploy/shop",
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try \
             again\n[exit 1]\n",
        );
        says(
            "rollout restart deploy/shop",
            "error: deployments.apps \"shop\" can't restart paused deployment (run rollout resume first)\n[exit 1]\n",
        );
    }

    #[test]
    fn a_revision_is_shown_whole() {
        let mut kit = with_shop();
        kit.says("kubectl annotate deploy/shop kubernetes.io/change-cause=first");
        kit.cluster.run_for(5_000);
        let hash =
            kit.says("kubectl get rs -o jsonpath={.items[0].metadata.labels.pod-template-hash}");
        let template = |cause: &str| {
            format!(
                "Pod Template:\n  Labels:\tapp=shop\n  \tpod-template-hash={hash}\n{cause}  Containers:\n   nginx:\n    \
                 Image:\tnginx:1.27\n    Port:\t<none>\n    Host Port:\t<none>\n    Environment:\t<none>\n    \
                 Mounts:\t<none>\n  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>\n"
            )
        };
        let cause = "  Annotations:\tkubernetes.io/change-cause: first\n";
        assert_eq!(
            kit.says("kubectl rollout history deploy/shop --revision=1"),
            format!(
                "deployment.apps/shop with revision #1\n{}\n",
                template(cause)
            )
        );
        assert_eq!(
            kit.says("kubectl rollout undo deploy/shop --to-revision=1 --dry-run=client"),
            format!("deployment.apps/shop {} (dry run)\n", template(""))
        );
        let mut kit = Kit::with_web();
        let said = kit.says("kubectl rollout undo sts/web --to-revision=1 --dry-run=client");
        assert!(
            said.contains(
                "statefulset.apps/web will roll back to Pod Template:\n  Labels:\tapp=nginx\n"
            ) && said.contains("  Tolerations:\t<none>\n (dry run)\n"),
            "{said}"
        );
    }

    #[test]
    fn what_fails_does_not_stop_the_others() {
        let mut kit = Kit::new();
        kit.says("kubectl create deployment shop --image=nginx:1.27");
        kit.says("kubectl create deployment tea --image=nginx:1.27");
        kit.says("kubectl rollout pause deploy/shop");
        for (line, said) in [
            (
                "restart deploy",
                "deployment.apps/tea restarted\n\
                 error: deployments.apps \"shop\" can't restart paused deployment (run rollout resume first)\n[exit 1]\n",
            ),
            (
                "resume deploy/nope deploy/shop",
                "deployment.apps/shop resumed\nError from server (NotFound): deployments.apps \"nope\" not found\n[exit 1]\n",
            ),
            (
                "restart deploy tea tea",
                "failed to create patch for tea: if restart has already been triggered within the past second, please wait \
                 before attempting to trigger another\n\
                 failed to create patch for tea: if restart has already been triggered within the past second, please wait \
                 before attempting to trigger another\n[exit 1]\n",
            ),
            (
                "restart sts -l app=nope",
                "No resources found in default namespace.\n",
            ),
            (
                "restart deploy tea --dry-run=client",
                "error: unknown flag: --dry-run\nSee 'kubectl rollout restart --help' for usage.\n[exit 1]\n",
            ),
            ("pause deploy tea -o name", "deployment.apps/tea\n"),
            (
                "undo svc/kubernetes",
                "error: error retrieving rollbacker for \"Service\", no visitor method exists for { Service}\n[exit 1]\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl rollout {line}")), said, "{line}");
        }
    }
}
