//! Nodes that fall silent, come back or are taken away (reference 5.7).

use ordinal::cluster::object::{Kind, Node, Pod, StatefulSet};
use ordinal::cluster::record::{Component, Verb};
use ordinal::timeline::{Ask, Recording, Timeline};

use super::support::{Town, web};

/// A set of three, one pod a node: web-1 is on node-b.
fn spread() -> Town {
    let mut town = Town::new();
    town.apply(&web(3));
    town.wait_s(20);
    assert_eq!(&*town.get::<Pod>("web-1").spec.node_name, "node-b");
    town
}

#[test]
fn a_silent_node_is_tainted_after_fifty_seconds_and_its_pods_count_as_not_ready() {
    let mut town = spread();
    town.ok("@silence node-b");
    town.wait_s(49);
    assert!(town.get::<Node>("node-b").is_ready());
    town.wait_s(2);
    let node = town.get::<Node>("node-b");
    let ready = node.condition("Ready").expect("it has the condition");
    assert_eq!(
        (&*ready.status, &*ready.reason, &*ready.message),
        (
            "Unknown",
            "NodeStatusUnknown",
            "Kubelet stopped posting node status."
        )
    );
    let unreachable = "node.kubernetes.io/unreachable";
    assert_eq!(
        town.taints("node-b"),
        [
            format!("{unreachable}:NoSchedule"),
            format!("{unreachable}:NoExecute")
        ]
    );
    let pod = town.get::<Pod>("web-1");
    assert!(!pod.has_ready_condition());
    assert!(
        pod.status.container_statuses[0].ready,
        "containers are not asked"
    );
    assert_eq!(town.get::<StatefulSet>("web").status.ready_replicas, 2);
    assert_eq!(town.events("NodeNotReady").len(), 2);
}

#[test]
fn its_pods_are_evicted_after_five_minutes_and_stay_terminating() {
    let mut town = spread();
    town.ok("@silence node-b");
    town.wait_s(349);
    assert!(!town.get::<Pod>("web-1").meta.is_deleting());
    town.wait_s(2);
    let pod = town.get::<Pod>("web-1");
    assert!(pod.meta.is_deleting());
    let target = pod.condition("DisruptionTarget").expect("it says why");
    assert_eq!(&*target.reason, "DeletionByTaintManager");
    assert_eq!(
        town.events("TaintManagerEviction"),
        ["Marking for deletion Pod default/web-1"]
    );
    town.wait_s(3600);
    assert!(
        town.get::<Pod>("web-1").meta.is_deleting(),
        "nobody confirms"
    );
    let made = town.writes(Component::StatefulSet, Kind::Pod, Verb::Created);
    assert_eq!(made.len(), 3, "no replacement while the name is taken");
}

#[test]
fn a_node_that_returns_in_time_keeps_its_pods() {
    let mut town = spread();
    let uid = town.get::<Pod>("web-1").meta.uid.clone();
    town.ok("@silence node-b");
    town.wait_s(200);
    town.ok("@revive node-b");
    town.wait_s(5);
    assert_eq!(town.taints("node-b"), [""; 0]);
    assert_eq!(
        town.events("TaintManagerEviction"),
        ["Cancelling deletion of Pod default/web-1"]
    );
    town.wait_s(600);
    let pod = town.get::<Pod>("web-1");
    assert_eq!(pod.meta.uid, uid);
    assert!(pod.has_ready_condition());
}

#[test]
fn a_pod_forced_off_a_silent_node_waits_for_its_volume() {
    let mut town = spread();
    town.ok("@silence node-b");
    town.wait_s(400);
    town.ok("kubectl delete pod web-1 --force");
    town.wait_s(20);
    let pod = town.get::<Pod>("web-1");
    assert_ne!(&*pod.spec.node_name, "node-b");
    assert!(!pod.has_ready_condition());
    let claim = town.get::<ordinal::cluster::object::PersistentVolumeClaim>("www-web-1");
    let volume = &claim.spec.volume_name;
    assert_eq!(
        town.events("FailedAttachVolume"),
        [format!(
            "Multi-Attach error for volume \"{volume}\" Volume is already used by pod(s) web-1"
        )]
    );
    let ghosts: Vec<String> = town
        .cluster
        .controllers
        .kubelet
        .ghosts()
        .map(|(pod, node)| format!("{} on {node}", pod.name))
        .collect();
    assert_eq!(ghosts, ["web-1 on node-b"]);
    // After six minutes the volume is taken from the lost node.
    town.wait_s(400);
    assert!(town.get::<Pod>("web-1").has_ready_condition());
}

#[test]
fn a_node_out_of_service_gives_pods_and_volumes_free_at_once() {
    let mut town = spread();
    town.ok("@silence node-b");
    town.wait_s(400);
    town.ok(
        r#"kubectl patch node node-b --type=json -p '[{"op":"add","path":"/spec/taints/-","value":{"key":"node.kubernetes.io/out-of-service","value":"nodeshutdown","effect":"NoExecute"}}]'"#,
    );
    town.wait_s(30);
    let pod = town.get::<Pod>("web-1");
    assert_ne!(&*pod.spec.node_name, "node-b");
    assert!(pod.has_ready_condition());
}

#[test]
fn pods_of_a_deleted_node_are_collected_after_a_quarantine() {
    let mut town = spread();
    town.ok("kubectl delete node node-b");
    town.wait_s(39);
    assert_eq!(&*town.get::<Pod>("web-1").spec.node_name, "node-b");
    town.wait_s(45);
    let pod = town.get::<Pod>("web-1");
    assert_ne!(&*pod.spec.node_name, "node-b");
    assert!(pod.has_ready_condition());
    // A kubelet that is started registers its node again.
    town.ok("@revive node-b");
    town.wait_s(5);
    assert!(town.get::<Node>("node-b").is_ready());
    assert_eq!(town.taints("node-b"), [""; 0]);
}

#[test]
fn nobody_is_evicted_while_no_node_is_well() {
    let mut town = spread();
    for node in ["node-a", "node-b", "node-c"] {
        town.ok(&format!("@silence {node}"));
    }
    town.wait_s(1000);
    for node in ["node-a", "node-b", "node-c"] {
        assert_eq!(
            town.taints(node),
            ["node.kubernetes.io/unreachable:NoSchedule"]
        );
    }
    assert_eq!(town.events("TaintManagerEviction"), [""; 0]);
    town.ok("@revive node-a");
    town.wait_s(400);
    assert!(town.get::<Pod>("web-1").meta.is_deleting());
    assert!(!town.get::<Pod>("web-0").meta.is_deleting());
}

#[test]
fn a_cordoned_node_takes_no_new_pods() {
    let mut town = spread();
    town.ok("kubectl cordon node-a node-b node-c");
    town.wait_s(1);
    assert_eq!(
        town.taints("node-b"),
        ["node.kubernetes.io/unschedulable:NoSchedule"]
    );
    town.ok("kubectl delete pod web-1 --wait=false");
    town.wait_s(10);
    assert_eq!(
        town.events("FailedScheduling"),
        [
            "0/3 nodes are available: 3 node(s) were unschedulable. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        ]
    );
    town.ok("kubectl uncordon node-b");
    town.wait_s(15);
    assert_eq!(&*town.get::<Pod>("web-1").spec.node_name, "node-b");
    assert_eq!(town.ready(), 3);
}

#[test]
fn faults_that_cannot_happen_are_refused() {
    let mut town = Town::new();
    for (line, said) in [
        ("@silence node-x", "nodes \"node-x\" not found"),
        ("@revive node-a", "node-a is so already"),
        ("@start-provisioner", "provisioner is so already"),
        ("@restore-image nginx", "nginx is so already"),
        (
            "@mend-probes web-0",
            "no container of pod \"web-0\" is running",
        ),
    ] {
        let output = town.run(line);
        assert_eq!(output.stderr, format!("{line}: {said}\n"));
        assert_eq!(output.exit, 1);
    }
}

/// A set of three whose pods spread over the nodes, with a budget.
fn drained(budget: &str) -> (Timeline, String) {
    let mut timeline = Timeline::new(Recording::new(1));
    let text = format!(
        "
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  replicas: 3
  podManagementPolicy: Parallel
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - topologyKey: kubernetes.io/hostname
            labelSelector: {{matchLabels: {{app: web}}}}
      containers: [{{name: web, image: nginx}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  {budget}
"
    );
    timeline.act(Ask::File {
        name: "web.yaml".into(),
        text,
    });
    timeline.act(Ask::Line("kubectl apply -f web.yaml".into()));
    timeline.advance(60_000);
    timeline.act(Ask::Line("kubectl drain node-a".into()));
    timeline.advance(12_000);
    let drain = timeline.entries().last().expect("it was asked");
    let said = format!("{}{}", drain.stdout(), drain.stderr());
    (timeline, said)
}

#[test]
fn a_drain_evicts_what_the_budget_allows() {
    let (timeline, said) = drained("maxUnavailable: 1");
    assert!(said.ends_with("evicted\nnode/node-a drained\n"), "{said}");
    assert!(timeline.entries().last().is_some_and(|it| !it.waits()));
}

#[test]
fn a_drain_tries_again_every_five_seconds_while_the_budget_refuses() {
    for budget in ["maxUnavailable: 0", "minAvailable: 3", "minAvailable: 100%"] {
        let (mut timeline, said) = drained(budget);
        let refused = "(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.";
        assert_eq!(said.matches(refused).count(), 3, "{budget}: {said}");
        assert!(!said.contains("evicted"), "{said}");
        // The same recording gives the same.
        let mut again = Timeline::new(timeline.recording().clone());
        again.advance(12_000);
        let printed = |timeline: &Timeline| timeline.entries().last().map(|it| it.printed.clone());
        assert_eq!(printed(&again), printed(&timeline));
        // Without the budget the next try goes through.
        timeline.act(Ask::Line("kubectl delete pdb web".into()));
        timeline.advance(10_000);
        let drain = timeline.entries().iter().rev().nth(1).expect("it is there");
        assert!(
            drain.stdout().ends_with("node/node-a drained\n"),
            "{drain:?}"
        );
    }
}

#[test]
fn a_drain_refuses_pods_that_nobody_would_make_again() {
    let mut town = Town::new();
    town.apply(
        "{apiVersion: v1, kind: Pod, metadata: {name: lone}, spec: {nodeName: node-a, containers: [{name: a, image: nginx}]}}",
    );
    let output = town.run("kubectl drain node-a");
    assert_eq!(output.stdout, "node/node-a cordoned\n");
    let why =
        "cannot delete Pods that declare no controller (use --force to override): default/lone";
    assert_eq!(
        output.stderr,
        format!(
            "error: unable to drain node \"node-a\" due to error: {why}, continuing command...\nThere are pending nodes to be \
             drained:\n node-a\n{why}\n"
        )
    );
}

#[test]
fn pods_of_a_node_that_is_gone_leave_the_slices_and_not_the_endpoints() {
    let mut town = Town::with(ordinal::cluster::config::Config::recordings(
        Town::new().cluster.now(),
    ));
    town.ok("kubectl create service clusterip front --tcp=80:80");
    town.ok("kubectl run front --image=nginx -l app=front");
    town.ok("@boot front nowhere");
    town.wait_s(4);
    assert_eq!(
        town.ok(
            "kubectl get ep front --no-headers -o custom-columns=A:.subsets[*].addresses[*].ip"
        ),
        "10.244.0.2\n"
    );
    let shown = town.ok("kubectl get endpointslices --no-headers");
    assert!(shown.contains("<unset>"), "{shown}");
    // At once, after one second, and after two more.
    let said = town.ok(
        "kubectl get events --no-headers -o custom-columns=C:.count,S:.source.component,M:.message",
    );
    assert_eq!(
        said,
        "3     endpoint-slice-controller   Error updating Endpoint Slices for Service default/front: skipping Pod front for \
         Service default/front: Node nowhere Not Found\n"
    );
}
