//! `kubectl drain`: cordons nodes and evicts their pods, one node after the other, again and again while budgets
//! refuse (reference 5.7, 8.6; upstream's `k8s.io/kubectl/pkg/drain`).

mod pods;
mod turn;

use std::collections::VecDeque;

use super::cordon::{nodes, set_unschedulable};
use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::Cluster;
use crate::cluster::object::Node;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::kubectl::args::{duration, number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::selector;
use crate::kubectl::wait::Wait;
use turn::Turn;

pub(super) const VERB: Verb = Verb {
    name: "drain",
    flags: &[
        truth("force", ' ').says("Take pods that nobody makes anew, too."),
        truth("ignore-daemonsets", ' ')
            .says("Leave pods of DaemonSets, of which there are none here."),
        truth("delete-emptydir-data", ' ')
            .says("Take pods with emptyDir volumes, whose data is lost."),
        truth("disable-eviction", ' ').says("Delete the pods and ask no PodDisruptionBudget."),
        value("selector", 'l').says("Take the nodes whose labels are so."),
        value("pod-selector", ' ').says("Take only the pods whose labels are so."),
        value("chunk-size", ' '),
        number("skip-wait-for-delete-timeout").says(
            "Wait no more for pods that should be gone for so many seconds; 0 waits for all.",
        ),
        duration("timeout"),
        number("grace-period"),
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Cluster,
        about: "Empty a node: cordon it and evict its pods, again and again while a PodDisruptionBudget refuses.",
        usage: "drain NODE ... [options]",
        examples: &[
            ("Empty node-b", "drain node-b --ignore-daemonsets"),
            ("Give up after a minute", "drain node-b --timeout=60s"),
        ],
        ..Help::PLAIN
    },
    run,
};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    /// Take pods that nobody makes anew.
    force: bool,
    /// Take pods with `emptyDir` volumes.
    takes_local: bool,
    /// Delete pods and ask no budget.
    deletes: bool,
    /// Which pods.
    pod_selector: String,
    /// The seconds that a pod gets to stop.
    grace_s: Option<i64>,
    /// How long one node is tried.
    timeout_ms: Option<i64>,
    /// From so many seconds behind its time on a pod is not waited for; 0 for ever.
    skip_s: i64,
    /// The suffix under `--dry-run`.
    dry_run: Option<&'static str>,
    /// Whether the server hears of it.
    sends: bool,
}

/// Why a node could not be drained.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// One thing.
    One(String),
    /// Something about single pods.
    Each(Vec<String>),
}

/// A drain under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    asked: Asked,
    /// The node that is emptied now.
    turn: Option<Turn>,
    /// Those that come after it.
    rest: VecDeque<Text>,
    failed: Vec<(Text, Why)>,
}

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let names = nodes(command, "drain")?;
    let args = &command.args;
    let pod_selector = args.get("pod-selector").unwrap_or_default().to_owned();
    if selector::read(&pod_selector).is_err() {
        return Err(Fault::client(
            "--pod-selector=<pod_selector> must be a valid label selector",
        ));
    }
    let asked = Asked {
        force: args.is_on("force"),
        takes_local: args.is_on("delete-emptydir-data"),
        deletes: args.is_on("disable-eviction"),
        pod_selector,
        grace_s: args.number("grace-period").filter(|it| *it >= 0),
        timeout_ms: args.duration_ms("timeout").filter(|ms| *ms > 0),
        skip_s: args.number("skip-wait-for-delete-timeout").unwrap_or(0),
        dry_run: command.dry_run(),
        sends: command.sends(),
    };
    for name in &names {
        let node = command.cluster.api.store.find::<Node>("", name);
        let word = if node.is_some_and(|it| it.spec.unschedulable) {
            "already cordoned"
        } else {
            "cordoned"
        };
        command.request(|api| set_unschedulable(api, name, true))?;
        let suffix = command.dry_run().unwrap_or_default();
        command.output.line(&format!("node/{name} {word}{suffix}"));
    }
    let mut drain = Drain {
        asked,
        turn: None,
        rest: names.into_iter().map(Text::from).collect(),
        failed: Vec::new(),
    };
    drain.begin(command.cluster, &mut command.output);
    drain.poll(command.cluster, &mut command.output);
    if !drain.is_over() {
        command.wait = Some(Wait::Drain(drain));
    }
    Ok(())
}

impl Drain {
    /// Whether every node was seen to.
    pub(in crate::kubectl) fn is_over(&self) -> bool {
        self.turn.is_none()
    }

    /// When the next eviction is tried again, or it gives up.
    pub(in crate::kubectl) fn due(&self) -> Option<Time> {
        self.turn.as_ref()?.due()
    }

    /// Asks for the evictions that are due, and says what is gone.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &mut Cluster, output: &mut Output) {
        while let Some(mut turn) = self.turn.take() {
            match turn.poll(&self.asked, cluster, output) {
                None => {
                    self.turn = Some(turn);
                    return;
                }
                Some(Ok(())) => self.drained(&turn.node, output),
                Some(Err(why)) => {
                    self.tell_left(&turn.node, &why, cluster, output);
                    self.fail(turn.node, why, output);
                }
            }
            self.begin(cluster, output);
        }
    }

    /// Goes to the next node whose pods have to be asked; after the last one says what failed.
    fn begin(&mut self, cluster: &Cluster, output: &mut Output) {
        while let Some(node) = self.rest.pop_front() {
            let chosen = pods::choose(&self.asked, &node, cluster);
            if !chosen.faults.is_empty() {
                self.fail(node, Why::Each(chosen.faults), output);
                continue;
            }
            if !chosen.warning.is_empty() {
                output.error_in_place(&format!("Warning: {}", chosen.warning));
            }
            if self.asked.sends {
                self.turn = Some(Turn::new(node, chosen.pods, &self.asked, cluster));
                return;
            }
            for pod in &chosen.pods {
                let (namespace, name) = (&pod.0.namespace, &pod.0.name);
                output.line(&format!("evicting pod {namespace}/{name} (dry run)"));
            }
            self.drained(&node, output);
        }
        self.finish(output);
    }

    fn drained(&self, node: &str, output: &mut Output) {
        let suffix = self.asked.dry_run.unwrap_or_default();
        output.line(&format!("node/{node} drained{suffix}"));
    }

    /// Names the pods that are still on a node.
    fn tell_left(&self, node: &str, why: &Why, cluster: &Cluster, output: &mut Output) {
        let left = pods::choose(&self.asked, node, cluster);
        if !left.pods.is_empty() {
            let mut text =
                format!("There are pending pods in node {node:?} when an error occurred: {why}");
            for (key, _) in &left.pods {
                text.push_str(&format!("\npod/{}", key.name));
            }
            output.error_in_place(&text);
        }
        if !left.faults.is_empty() {
            // kubectl ends this line with the next message.
            output.stderr.push_str(&format!(
                "Following errors occurred while getting the list of pods to delete:\n{}",
                aggregate(&left.faults)
            ));
        }
    }

    fn fail(&mut self, node: Text, why: Why, output: &mut Output) {
        output.error_in_place(&format!(
            "error: unable to drain node {:?} due to error: {why}, continuing command...",
            &*node
        ));
        self.failed.push((node, why));
    }

    fn finish(&mut self, output: &mut Output) {
        let failed = std::mem::take(&mut self.failed);
        if failed.is_empty() {
            return;
        }
        output.exit = 1;
        output.error_line("There are pending nodes to be drained:");
        for (node, _) in &failed {
            output.error_line(&format!(" {node}"));
        }
        // Of one node each fault has its line, of several each node has.
        match &*failed {
            [(_, Why::One(text))] => output.error_line(&format!("error: {text}")),
            [(_, Why::Each(faults))] => output.error_line(&faults.join("\n")),
            many => {
                for (_, why) in many {
                    output.error_line(&why.to_string());
                }
            }
        }
    }
}

/// Several faults in one text, as upstream's `Aggregate` writes them.
fn aggregate(faults: &[String]) -> String {
    match faults {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(text) => out.write_str(text),
            Self::Each(faults) => out.write_str(&aggregate(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn it_gives_up_after_its_timeout() {
        let mut kit = Kit::with_web();
        let guard = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {minAvailable: 3, \
                     selector: {matchLabels: {app: nginx}}}\n";
        kit.workspace.files.insert("pdb.yaml".into(), guard.into());
        kit.says("kubectl apply -f pdb.yaml");
        kit.cluster.run_for(5_000);
        let start = kit.cluster.now();
        let said = kit.waits("kubectl drain node-b --timeout=8s", 60);
        // kubectl does not look at its time while it sleeps.
        assert_eq!(kit.cluster.now(), start.plus_s(10));
        let late = "error when evicting pods/\"web-1\" -n \"default\": global timeout reached: 8s";
        let again = "error when evicting pods/\"web-1\" -n \"default\" (will retry after 5s): Cannot evict pod as it would \
                     violate the pod's disruption budget.";
        assert_eq!(
            said,
            format!(
                "node/node-b cordoned\nevicting pod default/web-1\nevicting pod default/web-1\nevicting pod \
                 default/web-1\n{again}\n{again}\nThere are pending pods in node \"node-b\" when an error occurred: \
                 {late}\npod/web-1\nerror: unable to drain node \"node-b\" due to error: {late}, continuing \
                 command...\nThere are pending nodes to be drained:\n node-b\n{late}\n[exit 1]\n"
            )
        );
    }

    #[test]
    fn a_pod_that_does_not_stop_in_time_is_told_of() {
        let mut kit = Kit::with_web();
        kit.cluster.controllers.kubelet.silence("node-b");
        let said = kit.waits("kubectl drain node-b --timeout=8s", 60);
        let late = "error when waiting for pod \"web-1\" in namespace \"default\" to terminate: context deadline exceeded";
        assert_eq!(
            said,
            format!(
                "node/node-b cordoned\nevicting pod default/web-1\nThere are pending pods in node \"node-b\" when an \
                 error occurred: {late}\npod/web-1\nerror: unable to drain node \"node-b\" due to error: {late}, \
                 continuing command...\nThere are pending nodes to be drained:\n node-b\n{late}\n[exit 1]\n"
            )
        );
        let said = kit.waits("kubectl drain node-b --timeout=8s --disable-eviction", 60);
        assert!(
            said.ends_with(" node-b\nerror: context deadline exceeded\n[exit 1]\n"),
            "{said}"
        );
        kit.cluster.run_for(30_000);
        assert_eq!(
            kit.waits("kubectl drain node-b --skip-wait-for-delete-timeout=5", 60),
            "node/node-b already cordoned\nnode/node-b drained\n"
        );
    }

    #[test]
    fn nodes_are_drained_one_after_the_other() {
        let mut kit = Kit::with_web();
        let said = kit.waits("kubectl drain node-a node-b", 120);
        assert_eq!(
            said,
            "node/node-a cordoned\nnode/node-b cordoned\nevicting pod default/web-0\npod/web-0 evicted\nnode/node-a \
             drained\nevicting pod default/web-1\npod/web-1 evicted\nnode/node-b drained\n"
        );
    }

    #[test]
    fn it_is_tried_out() {
        let mut kit = Kit::with_web();
        for (side, suffix) in [("client", "dry run"), ("server", "server dry run")] {
            assert_eq!(
                kit.waits(&format!("kubectl drain node/node-b --dry-run={side}"), 60),
                format!(
                    "node/node-b cordoned ({suffix})\nevicting pod default/web-1 ({suffix})\nnode/node-b drained \
                     ({suffix})\n"
                )
            );
        }
        assert_eq!(
            kit.says("kubectl uncordon node-b"),
            "node/node-b already uncordoned\n"
        );
    }

    #[test]
    fn bare_pods_need_force() {
        let mut kit = Kit::new();
        kit.says("kubectl run bare --image=nginx:1.27");
        kit.cluster.run_for(20_000);
        let node = kit.says("kubectl get pod bare -o jsonpath={.spec.nodeName}");
        let why =
            "cannot delete Pods that declare no controller (use --force to override): default/bare";
        assert_eq!(
            kit.says(&format!("kubectl drain {node}")),
            format!(
                "node/{node} cordoned\nerror: unable to drain node \"{node}\" due to error: {why}, continuing \
                 command...\nThere are pending nodes to be drained:\n {node}\n{why}\n[exit 1]\n"
            )
        );
        let answer = kit.run(&format!("kubectl drain {node} --force"));
        assert_eq!(
            answer.output.stderr,
            "Warning: deleting Pods that declare no controller: default/bare\n"
        );
        assert_eq!(
            answer.output.stdout,
            format!("node/{node} already cordoned\nevicting pod default/bare\n")
        );
        // The warning stands between the two lines.
        let before = format!("node/{node} already cordoned\n").len();
        assert_eq!(answer.output.turns, [(before, answer.output.stderr.len())]);
    }

    #[test]
    fn a_budget_says_how_many_may_go() {
        let mut kit = Kit::with_web();
        let guard = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {minAvailable: 2, \
                     selector: {matchLabels: {app: nginx}}}\n";
        kit.workspace.files.insert("pdb.yaml".into(), guard.into());
        kit.says("kubectl apply -f pdb.yaml");
        kit.cluster.run_for(5_000);
        let counts = "-o jsonpath={.status.currentHealthy},{.status.desiredHealthy},{.status.disruptionsAllowed},{.status.expectedPods}";
        assert_eq!(
            kit.says(&format!("kubectl get pdb web {counts}")),
            "3,2,1,3"
        );
        kit.says("kubectl delete pod web-2 --wait=false");
        kit.cluster.run_for(1_000);
        assert_eq!(
            kit.says(&format!("kubectl get pdb web {counts}")),
            "2,2,0,3"
        );
        assert_eq!(
            kit.says("kubectl get pdb web -o jsonpath={.status.conditions[0].reason}"),
            "InsufficientPods"
        );
        kit.cluster.run_for(60_000);
        assert_eq!(
            kit.says(&format!("kubectl get pdb web {counts}")),
            "3,2,1,3"
        );
    }

    #[test]
    fn nodes_and_pods_are_selected_by_labels() {
        let mut kit = Kit::with_web();
        let said = kit.waits(
            "kubectl drain -l kubernetes.io/hostname=node-b --pod-selector=app=other",
            9,
        );
        assert_eq!(said, "node/node-b cordoned\nnode/node-b drained\n");
        let said = kit.waits(
            "kubectl drain -l kubernetes.io/hostname=node-b --pod-selector app=nginx",
            60,
        );
        assert_eq!(
            said,
            "node/node-b already cordoned\nevicting pod default/web-1\npod/web-1 evicted\nnode/node-b drained\n"
        );
        for (line, why) in [
            ("", "USAGE: drain NODE [flags]"),
            (
                "node-a -l a=b",
                "cannot specify both a node name and a --selector option",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl drain {line}")),
                format!("error: {why}\nSee 'kubectl drain -h' for help and examples\n[exit 1]\n")
            );
        }
    }
}
