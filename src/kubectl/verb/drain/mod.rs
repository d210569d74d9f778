//! `kubectl drain`: cordons nodes and evicts their pods, again and again while budgets refuse (reference 5.7, 8.6).

use super::cordon::{nodes, set_unschedulable};
use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::Cluster;
use crate::cluster::api::DeleteOptions;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, Node, ObjectKey, Pod, PodPhase, Resource as _};
use crate::cluster::record::Component;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::kubectl::args::{duration, go_duration, number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::target::read_selector;
use crate::kubectl::wait::{Wait, is_gone};

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
        number("skip-wait-for-delete-timeout").refused(),
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

/// How long kubectl waits before it tries a refused eviction again.
const RETRY_S: i64 = 5;

/// A drain under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    nodes: Vec<Text>,
    pods: Vec<Evicted>,
    grace_s: Option<i64>,
    disable_eviction: bool,
    /// When it gives up, and after how long that is.
    timeout: Option<(Time, i64)>,
}

/// One pod that has to go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Evicted {
    key: ObjectKey,
    uid: Text,
    node: Text,
    /// When its eviction is asked for; `None` once the server agreed.
    ask_at: Option<Time>,
}

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let names = nodes(command, "drain")?;
    let timeout_ms = command.args.duration_ms("timeout").filter(|ms| *ms > 0);
    let mut drain = Drain {
        nodes: Vec::new(),
        pods: Vec::new(),
        grace_s: command.args.number("grace-period").filter(|it| *it >= 0),
        disable_eviction: command.args.is_on("disable-eviction"),
        timeout: timeout_ms.map(|ms| (command.cluster.now().plus_ms(ms), ms)),
    };
    for name in &names {
        let Some(node) = command.cluster.api.store.find::<Node>("", name) else {
            return Err(ApiError::not_found(Kind::Node, name).into());
        };
        let word = if node.spec.unschedulable {
            "already cordoned"
        } else {
            "cordoned"
        };
        command.request(|api| set_unschedulable(api, name, true))?;
        let suffix = command.dry_run().unwrap_or_default();
        command.output.line(&format!("node/{name} {word}{suffix}"));
    }
    for (at, name) in names.iter().enumerate() {
        match pods(command, name)? {
            Ok(pods) => {
                drain.nodes.push(name.as_str().into());
                drain.pods.extend(pods);
            }
            Err(why) => {
                let left: String = names.iter().skip(at).map(|it| format!("\n {it}")).collect();
                command.output.error_line(&format!(
                    "error: unable to drain node {name:?} due to error: {why}, continuing command...\nThere are pending \
                     nodes to be drained:{left}\n{why}"
                ));
                command.output.exit = 1;
            }
        }
    }
    if let Some(suffix) = command.dry_run() {
        for pod in &drain.pods {
            let (namespace, name) = (&pod.key.namespace, &pod.key.name);
            command
                .output
                .line(&format!("evicting pod {namespace}/{name}{suffix}"));
        }
        return Ok(());
    }
    drain.poll(command.cluster, &mut command.output);
    if !drain.is_over() {
        command.wait = Some(Wait::Drain(drain));
    }
    Ok(())
}

/// The pods of a node that have to go, or why they may not.
///
/// Source: the filters of `k8s.io/kubectl/pkg/drain`.
fn pods(command: &Command<'_>, node: &str) -> Result<Result<Vec<Evicted>, String>, Fault> {
    let store = &command.cluster.api.store;
    let wanted = command.args.get("pod-selector").map(read_selector);
    let wanted = wanted.transpose()?.unwrap_or_default();
    let on_node: Vec<&Pod> = store
        .pods_on(node)
        .filter_map(|(namespace, name)| store.find::<Pod>(namespace, name))
        .filter(|pod| wanted.iter().all(|it| it.matches(&pod.meta.labels)))
        .collect();
    let is_over = |pod: &&&Pod| matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
    let named = |pods: &mut dyn Iterator<Item = &&Pod>| {
        let names: Vec<String> = pods
            .map(|pod| format!("{}/{}", pod.meta.namespace, pod.meta.name))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let keeps_local = !command.args.is_on("delete-emptydir-data");
    let local =
        |pod: &&&Pod| !is_over(pod) && pod.spec.volumes.iter().any(|it| it.empty_dir.is_some());
    // A pod is named for the first reason only.
    let alone = |pod: &&&Pod| {
        pod.meta.controller().is_none() && !is_over(pod) && !(keeps_local && local(pod))
    };
    let mut refused = Vec::new();
    if keeps_local && let Some(names) = named(&mut on_node.iter().filter(local)) {
        refused.push(format!(
            "cannot delete Pods with local storage (use --delete-emptydir-data to override): {names}"
        ));
    }
    if !command.args.is_on("force")
        && let Some(names) = named(&mut on_node.iter().filter(alone))
    {
        refused.push(format!(
            "cannot delete Pods that declare no controller (use --force to override): {names}"
        ));
    }
    match &*refused {
        [] => {}
        [one] => return Ok(Err(one.clone())),
        many => return Ok(Err(format!("[{}]", many.join(", ")))),
    }
    let now = command.cluster.now();
    let evicted = |pod: &&Pod| Evicted {
        key: pod.key(),
        uid: pod.meta.uid.clone(),
        node: node.into(),
        ask_at: Some(now),
    };
    Ok(Ok(on_node.iter().map(evicted).collect()))
}

impl Drain {
    /// Whether every pod is gone.
    pub(in crate::kubectl) fn is_over(&self) -> bool {
        self.nodes.is_empty()
    }

    /// When the next eviction is tried again, or it gives up.
    pub(in crate::kubectl) fn due(&self) -> Option<Time> {
        let asks = self.pods.iter().filter_map(|it| it.ask_at);
        asks.chain(self.timeout.map(|(until, _)| until)).min()
    }

    /// Asks for the evictions that are due, and says what is gone.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &mut Cluster, output: &mut Output) {
        let now = cluster.now();
        let (grace_s, disable_eviction) = (self.grace_s, self.disable_eviction);
        let mut refused = Vec::new();
        self.pods.retain_mut(|pod| {
            let is_due = pod.ask_at.is_some_and(|at| at <= now);
            let goes_on = !is_due || ask(pod, grace_s, disable_eviction, cluster, output);
            if !goes_on {
                refused.push(pod.node.clone());
            }
            goes_on
        });
        // A node whose pod may not go at all is given up.
        self.nodes.retain(|node| !refused.contains(node));
        self.pods.retain(|pod| !refused.contains(&pod.node));
        let pods = std::mem::take(&mut self.pods).into_iter();
        let (gone, left) =
            pods.partition(|it| it.ask_at.is_none() && is_gone(cluster, &it.key, &it.uid));
        self.pods = left;
        let gone: Vec<Evicted> = gone;
        let word = if self.disable_eviction {
            "deleted"
        } else {
            "evicted"
        };
        for pod in &gone {
            output.line(&format!("pod/{} {word}", pod.key.name));
        }
        let pods = &self.pods;
        self.nodes.retain(|node| {
            let has_pods = pods.iter().any(|it| it.node == *node);
            if !has_pods {
                output.line(&format!("node/{node} drained"));
            }
            has_pods
        });
        if let Some((until, ms)) = self.timeout
            && now >= until
        {
            self.give_up(ms, output);
        }
    }

    /// The time is over for the nodes that still have pods.
    fn give_up(&mut self, timeout_ms: i64, output: &mut Output) {
        let late = format!("global timeout reached: {}", go_duration(timeout_ms));
        let (mut left, mut all) = (String::new(), Vec::new());
        for node in std::mem::take(&mut self.nodes) {
            let pods = self.pods.iter().filter(|it| it.node == node);
            let faults: Vec<String> = pods
                .map(|pod| {
                    let (namespace, name) = (&pod.key.namespace, &pod.key.name);
                    match pod.ask_at {
                        Some(_) => format!("error when evicting pods/{name:?} -n {namespace:?}: {late}"),
                        None => format!(
                            "error when waiting for pod {name:?} in namespace {namespace:?} to terminate: {late}"
                        ),
                    }
                })
                .collect();
            let why = match &*faults {
                [one] => one.clone(),
                many => format!("[{}]", many.join(", ")),
            };
            left.push_str(&format!("\n {node}"));
            output.error_line(&format!(
                "error: unable to drain node {node:?} due to error: {why}, continuing command...\nThere are pending nodes \
                 to be drained:{left}"
            ));
            all.push((why, faults));
        }
        // Of one node each fault has its line, of several each node has.
        let lines = match &*all {
            [(_, faults)] => faults.join("\n"),
            many => many
                .iter()
                .map(|(why, _)| &**why)
                .collect::<Vec<_>>()
                .join("\n"),
        };
        if !all.is_empty() {
            output.error_line(&lines);
            output.exit = 1;
        }
        self.pods.clear();
    }
}

/// Asks for one eviction; `false` if it is refused for good.
fn ask(
    pod: &mut Evicted,
    grace_s: Option<i64>,
    disable_eviction: bool,
    cluster: &mut Cluster,
    output: &mut Output,
) -> bool {
    let (namespace, name) = (&pod.key.namespace, &pod.key.name);
    let doing = if disable_eviction {
        "deleting"
    } else {
        "evicting"
    };
    output.line(&format!("{doing} pod {namespace}/{name}"));
    let options = DeleteOptions {
        grace_s,
        ..DeleteOptions::default()
    };
    let key = &pod.key;
    let asked = cluster.request(Component::User, |api| {
        if disable_eviction {
            api.delete(key, &options).map(drop)
        } else {
            api.evict(key, &options)
        }
    });
    match asked {
        Err(error @ ApiError::TooManyRequests(_)) => {
            output.error_line(&format!(
                "error when evicting pods/{name:?} -n {namespace:?} (will retry after {RETRY_S}s): {error}"
            ));
            pod.ask_at = Some(cluster.now().plus_s(RETRY_S));
        }
        Err(error) if !error.is_not_found() => {
            output.error_line(&format!(
                "error when evicting pods/{name:?} -n {namespace:?}: {error}"
            ));
            output.exit = 1;
            return false;
        }
        // What is gone meanwhile is what was wanted.
        _ => pod.ask_at = None,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

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
        assert_eq!(kit.cluster.now(), start.plus_s(8));
        assert_eq!(
            said,
            "node/node-b cordoned\nevicting pod default/web-1\nevicting pod default/web-1\n\
             error when evicting pods/\"web-1\" -n \"default\" (will retry after 5s): Cannot evict pod as it would violate \
             the pod's disruption budget.\n\
             error when evicting pods/\"web-1\" -n \"default\" (will retry after 5s): Cannot evict pod as it would violate \
             the pod's disruption budget.\n\
             error: unable to drain node \"node-b\" due to error: error when evicting pods/\"web-1\" -n \"default\": \
             global timeout reached: 8s, continuing command...\nThere are pending nodes to be drained:\n node-b\n\
             error when evicting pods/\"web-1\" -n \"default\": global timeout reached: 8s\n[exit 1]\n"
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
