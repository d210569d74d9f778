//! Upstream's end-to-end tests, `test/e2e/apps/statefulset.go` (reference 11.4).

use ordinal::cluster::object::{PersistentVolumeClaim, Pod, PodPhase, Service, StatefulSet};
use ordinal::cluster::record::{Component, Part, Verb};

use super::kit::{MANAGEMENT, RETENTION, Rule, Stage, set};

const OLD: &str = "nginx:1.27";
const NEW: &str = "nginx:1.28";

/// A set that is up, everything runs.
fn up(replicas: u32, lines: &[&str]) -> Stage {
    let mut stage = Stage::auto(Rule::Burst);
    stage.town.apply(&set(replicas, lines));
    stage.play(40);
    assert_eq!(stage.town.ready(), replicas as usize);
    stage
}

/// A set that is up, kubelet by hand.
fn up_by_hand(replicas: u32, lines: &[&str]) -> Stage {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&set(replicas, lines));
    stage.serve();
    stage
}

/// The uid and volume of every claim.
fn storage(stage: &Stage) -> Vec<(String, String)> {
    let claims = stage.town.cluster.api.store.list::<PersistentVolumeClaim>();
    let shown = claims.map(|it| (it.meta.uid.to_string(), it.spec.volume_name.to_string()));
    shown.collect()
}

fn merge(stage: &mut Stage, what: &str, patch: &str) {
    stage
        .town
        .ok(&format!("kubectl patch {what} --type=merge -p '{patch}'"));
}

/// The revision that a pod was made from.
fn revision(stage: &Stage, pod: &str) -> String {
    let pod = stage.town.get::<Pod>(pod);
    let label = pod.meta.label("controller-revision-hash");
    label.expect("every pod has one").to_owned()
}

/// Upstream: provide basic identity
/// Upstream: pod subdomain is serviceName
#[test]
fn every_pod_has_its_name_its_domain_and_its_storage() {
    let mut stage = up(3, &[]);
    // Hostname, subdomain, index and claim are checked by the stage at every step.
    stage.check();
    let before = storage(&stage);
    assert!(before.iter().all(|(_, volume)| volume.starts_with("pvc-")));
    stage.town.ok("kubectl scale sts web --replicas=0");
    stage.play(30);
    assert_eq!(stage.names(), [""; 0]);
    stage.town.ok("kubectl scale sts web --replicas=3");
    stage.play(30);
    assert_eq!(stage.town.ready(), 3);
    assert_eq!(storage(&stage), before, "the data is the same");
    for name in stage.names() {
        assert_eq!(&*stage.town.get::<Pod>(&name).spec.subdomain, "nginx");
    }
}

/// Upstream: adopt matching orphans and release non-matching pods
#[test]
fn orphans_are_adopted_and_pods_with_other_labels_released() {
    let mut stage = up(1, &[]);
    let uid = stage.web().meta.uid.clone();
    let owned = |stage: &Stage| stage.town.get::<Pod>("web-0").meta.is_controlled_by(&uid);
    merge(
        &mut stage,
        "pod web-0",
        r#"{"metadata":{"ownerReferences":null}}"#,
    );
    assert!(!owned(&stage));
    stage.play(1);
    assert!(owned(&stage), "adopted");
    stage.town.ok("kubectl label pod web-0 app=x --overwrite");
    stage.play(1);
    assert!(!owned(&stage), "released");
    stage
        .town
        .ok("kubectl label pod web-0 app=nginx --overwrite");
    stage.play(1);
    assert!(owned(&stage), "adopted again");
    assert_eq!(stage.created(), ["web-0"]);
}

/// Upstream: not deadlock when a pod's predecessor fails
#[test]
fn a_predecessor_that_fails_is_made_again() {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&set(2, &[]));
    stage.play(1);
    stage.town.ok("@boot web-0 node-a");
    stage.play(1);
    stage.town.ok("@bind web-1 node-a");
    stage.town.ok("@running web-1");
    stage.town.ok("kubectl delete pod web-0 --wait=false");
    stage.play(1);
    stage.town.ok("@gone web-0");
    stage.play(1);
    assert_eq!(stage.created(), ["web-0", "web-1", "web-0"]);
    stage.town.ok("@boot web-0 node-a");
    stage.play(1);
    stage.town.ok("@ready web-1");
    stage.play(1);
    assert_eq!(stage.status(), [2; 5]);
}

const PARTITION: &str = "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: ";

/// Upstream: canary and phased updates
#[test]
fn a_partition_is_lowered_step_by_step() {
    let mut stage = up(3, &[&format!("{PARTITION}3}}}}")]);
    let apply = |stage: &mut Stage, partition: u32| {
        let manifest = set(3, &[&format!("{PARTITION}{partition}}}}}")]);
        stage.town.apply(&manifest.replace(OLD, NEW));
        stage.play(40);
    };
    apply(&mut stage, 3);
    assert_eq!(
        (stage.images(), stage.deleted().len()),
        (vec![OLD.to_owned(); 3], 0)
    );
    let status = stage.web().status.clone();
    assert_ne!(status.current_revision, status.update_revision);
    apply(&mut stage, 2);
    assert_eq!(stage.images(), [OLD, OLD, NEW]);
    stage.town.ok("kubectl delete pod web-0 web-2 --wait=false");
    stage.play(30);
    assert_eq!(
        stage.images(),
        [OLD, OLD, NEW],
        "each at its proper revision"
    );
    assert_eq!(revision(&stage, "web-0"), *status.current_revision);
    assert_eq!(revision(&stage, "web-2"), *status.update_revision);
    apply(&mut stage, 1);
    assert_eq!(stage.images(), [OLD, NEW, NEW]);
    apply(&mut stage, 0);
    assert_eq!(stage.images(), [NEW; 3]);
    assert_eq!(stage.web().status.current_revision, status.update_revision);
    assert_eq!(stage.deleted(), ["web-2", "web-1", "web-0"]);
}

/// Deletes the pod below the partition: it comes back as it was.
fn below_the_partition(image: &str, held: bool) {
    let lines = [&*format!("{PARTITION}1}}}}")];
    let mut stage = up(3, &lines);
    let old = stage.revisions()[0].0.clone();
    stage.town.apply(&set(3, &lines).replace(OLD, image));
    stage.play(60);
    let before = stage.town.get::<Pod>("web-0").meta.uid.clone();
    if held {
        let keep = r#"{"metadata":{"finalizers":["example.com/keep"]}}"#;
        merge(&mut stage, "pod web-0", keep);
    }
    stage.town.ok("kubectl delete pod web-0 --wait=false");
    stage.play(30);
    if held {
        assert_eq!(
            stage.town.get::<Pod>("web-0").meta.uid,
            before,
            "it is held"
        );
        merge(
            &mut stage,
            "pod web-0",
            r#"{"metadata":{"finalizers":null}}"#,
        );
        stage.play(30);
    }
    assert_ne!(stage.town.get::<Pod>("web-0").meta.uid, before);
    assert_eq!(revision(&stage, "web-0"), old);
    assert_eq!(stage.images()[0], OLD);
    assert_ne!(revision(&stage, "web-2"), old);
}

/// Upstream: partition 1 and delete pod-0, without failing container
/// Upstream: partition and deleted pod
#[test]
fn a_deleted_pod_below_the_partition_comes_back_old() {
    below_the_partition(NEW, false);
    below_the_partition(NEW, true);
}

/// Upstream: partition 1 and delete pod-0, with failing container
#[test]
fn a_deleted_pod_below_the_partition_comes_back_old_while_another_fails() {
    below_the_partition("nginx:nope", false);
    below_the_partition("nginx:nope", true);
}

/// Upstream: maxUnavailable
#[test]
fn never_more_than_two_are_unavailable() {
    for management in MANAGEMENT {
        let strategy = "updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 2}}";
        let mut stage = Stage::gated(false);
        let manifest = set(5, &[management, strategy]);
        stage.town.apply(&manifest);
        stage.play(60);
        stage.town.apply(&manifest.replace(OLD, NEW));
        let mut fewest = 5;
        for _ in 0..1200 {
            stage.town.cluster.run_for(100);
            fewest = fewest.min(stage.town.ready());
        }
        assert_eq!(fewest, 3, "two at a time and no more");
        assert_eq!(stage.images(), [NEW; 5]);
        assert_eq!(stage.status(), [5; 5]);
    }
}

/// Upstream: OnDelete legacy replacement
#[test]
fn deleted_before_the_update_old_deleted_after_it_new() {
    let lines = ["updateStrategy: {type: OnDelete}"];
    let mut stage = up(3, &lines);
    let old = stage.revisions()[0].0.clone();
    stage
        .town
        .ok("kubectl delete pod -l app=nginx --wait=false");
    stage.play(30);
    assert_eq!(stage.images(), [OLD; 3]);
    assert_eq!(revision(&stage, "web-1"), old);
    stage.town.apply(&set(3, &lines).replace(OLD, NEW));
    stage.play(30);
    assert_eq!(stage.images(), [OLD; 3]);
    stage
        .town
        .ok("kubectl delete pod -l app=nginx --wait=false");
    stage.play(30);
    assert_eq!(stage.images(), [NEW; 3]);
    assert_eq!(revision(&stage, "web-1"), stage.revisions()[1].0);
}

/// Upstream: predictable order, halt if unhealthy
#[test]
fn an_ordered_set_halts_while_a_pod_is_unhealthy() {
    let mut stage = up_by_hand(1, &[]);
    stage.rule = Rule::Monotonic;
    stage.town.ok("@unready web-0");
    stage.town.ok("kubectl scale sts web --replicas=3");
    stage.play(60);
    assert_eq!(stage.names(), ["web-0"], "it halts");
    stage.serve();
    assert_eq!(stage.created(), ["web-0", "web-1", "web-2"]);
    stage.rule = Rule::Burst;
    stage.town.ok("@unready web-0");
    stage.town.ok("@unready web-1");
    stage.town.ok("@unready web-2");
    stage.town.ok("kubectl scale sts web --replicas=0");
    stage.play(60);
    assert_eq!(stage.deleted(), [""; 0], "it halts");
    stage.serve();
    assert_eq!(stage.deleted(), ["web-2", "web-1", "web-0"]);
    assert_eq!(stage.names(), [""; 0]);
}

/// Upstream: burst scaling runs to completion
#[test]
fn a_parallel_set_scales_whatever_its_pods_do() {
    let mut stage = up_by_hand(1, &[MANAGEMENT[1]]);
    stage.town.ok("@unready web-0");
    stage.town.ok("kubectl scale sts web --replicas=3");
    stage.play(1);
    assert_eq!(stage.names(), ["web-0", "web-1", "web-2"]);
    stage.town.ok("@bind web-1 node-a");
    stage.town.ok("@running web-1");
    stage.town.ok("kubectl scale sts web --replicas=0");
    stage.play(1);
    assert_eq!(stage.deleted(), ["web-2", "web-1", "web-0"]);
}

/// A pod that takes port 8080 of a node.
const TAKER: &str = "
apiVersion: v1
kind: Pod
metadata: {name: taker}
spec:
  nodeName: node-a
  containers:
  - name: nginx
    image: nginx:1.27
    ports: [{containerPort: 80, hostPort: 8080}]
";

/// Upstream: recreate evicted statefulset
#[test]
fn a_pod_that_its_node_turns_away_is_made_again_until_it_fits() {
    let mut stage = Stage::auto(Rule::Burst);
    stage.town.apply(TAKER);
    stage.play(10);
    assert_eq!(stage.town.ready(), 1);
    let manifest = set(1, &[])
        .replace(
            "- containerPort: 80\n",
            "- containerPort: 80\n          hostPort: 8080\n",
        )
        .replace(
            "    spec:\n      containers",
            "    spec:\n      nodeName: node-a\n      containers",
        );
    stage.town.apply(&manifest);
    stage.until("it is turned away", |it| {
        let pod = it.town.find::<Pod>("web-0");
        pod.is_some_and(|pod| pod.status.phase == PodPhase::Failed)
    });
    assert_eq!(&*stage.town.get::<Pod>("web-0").status.reason, "NodePorts");
    stage.play(5);
    assert!(stage.deleted().len() > 1, "again and again");
    assert_eq!(stage.town.ready(), 1);
    stage.town.ok("kubectl delete pod taker --wait=false");
    stage.play(20);
    assert_eq!(stage.town.pods(), ["web-0 Running ready"]);
}

/// Upstream: working scale subresource
/// Upstream: spec.replicas change raises generation and is observed
#[test]
fn scaling_changes_the_number_and_raises_the_generation() {
    let mut stage = up(1, &[]);
    assert_eq!(stage.web().meta.generation, 1);
    stage.town.ok("kubectl scale sts web --replicas=2");
    let log = &stage.town.cluster.api.log;
    let writes = log.iter().filter_map(|record| record.write());
    let scales = writes.filter(|write| write.part == Part::Scale).count();
    assert_eq!(scales, 1);
    assert_eq!(stage.web().spec.replicas(), 2);
    assert_eq!(stage.web().meta.generation, 2);
    stage.play(1);
    assert_eq!(stage.web().status.observed_generation, 2);
    merge(&mut stage, "sts web", r#"{"spec":{"replicas":3}}"#);
    assert_eq!(stage.web().meta.generation, 3);
    stage.play(20);
    assert_eq!(stage.status(), [3; 5]);
    assert_eq!(stage.web().status.observed_generation, 3);
}

/// Upstream: list, patch, delete a collection
#[test]
fn sets_are_found_patched_and_deleted_by_their_labels() {
    let mut stage = up(1, &[]);
    stage.town.ok("kubectl label sts web e2e=yes");
    let named = |selector: &str| format!("kubectl get sts -l {selector} -o name");
    assert_eq!(stage.town.ok(&named("e2e=yes")), "statefulset.apps/web\n");
    assert_eq!(stage.town.ok(&named("e2e=no")), "");
    let image =
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.28"}]}}}}"#;
    stage
        .town
        .ok(&format!("kubectl patch sts web -p '{image}'"));
    stage.play(20);
    assert_eq!(stage.images(), [NEW]);
    stage.town.ok("kubectl delete sts -l e2e=no --wait=false");
    assert!(stage.town.find::<StatefulSet>("web").is_some());
    stage.town.ok("kubectl delete sts -l e2e=yes --wait=false");
    stage.play(20);
    assert!(stage.town.find::<StatefulSet>("web").is_none());
    assert_eq!(stage.names(), [""; 0]);
}

/// Upstream: AvailableReplicas updated
#[test]
fn available_replicas_follow_a_change_of_min_ready_seconds() {
    let mut stage = up(2, &[MANAGEMENT[1], "minReadySeconds: 3600"]);
    assert_eq!(stage.status(), [2, 2, 2, 2, 0]);
    merge(&mut stage, "sts web", r#"{"spec":{"minReadySeconds":60}}"#);
    stage.play(60);
    assert_eq!(stage.status(), [2; 5]);
    merge(
        &mut stage,
        "sts web",
        r#"{"spec":{"minReadySeconds":7200}}"#,
    );
    stage.play(1);
    assert_eq!(stage.status(), [2, 2, 2, 2, 0]);
}

/// Upstream: MinReadySeconds honored
/// Upstream: availableReplicas with minReadySeconds
#[test]
fn available_replicas_lag_readiness_by_min_ready_seconds() {
    for management in MANAGEMENT {
        let mut stage = Stage::auto(Rule::of(management));
        stage
            .town
            .apply(&set(2, &[management, "minReadySeconds: 30"]));
        stage.until("the first is Ready", |it| it.status()[1] > 0);
        let ready = stage.town.cluster.now();
        stage.until("the first is available", |it| it.status()[4] > 0);
        let lag = stage.town.cluster.now().ms_since(ready);
        assert!((29_000..=31_000).contains(&lag), "{lag} ms");
        stage.play(60);
        assert_eq!(stage.status(), [2; 5]);
    }
}

/// Upstream: delete PVCs with WhenDeleted
#[test]
fn all_claims_go_with_the_set() {
    for retention in [RETENTION[2], RETENTION[3]] {
        let mut stage = up(3, &[retention]);
        stage.town.ok("kubectl delete sts web --wait=false");
        stage.play(30);
        assert_eq!((stage.names(), stage.claims()), (vec![], vec![]));
    }
}

/// Upstream: delete PVCs with OnScaledown
/// Upstream: owner references per policy after scale-down
#[test]
fn all_but_the_kept_claim_go_on_scale_down() {
    for (retention, kept, owner) in [
        (RETENTION[0], 3, None),
        (RETENTION[1], 1, None),
        (RETENTION[2], 3, Some("StatefulSet/web")),
        (RETENTION[3], 1, Some("StatefulSet/web")),
    ] {
        let mut stage = up(3, &[retention]);
        stage.town.ok("kubectl scale sts web --replicas=1");
        stage.play(30);
        assert_eq!(stage.claims().len(), kept, "{retention}");
        for claim in stage.claims() {
            assert_eq!(stage.owners(&claim), Vec::from_iter(owner));
        }
    }
}

/// Puts a Service as the controller of a claim, in place of every other owner.
fn give_to_service(stage: &mut Stage, claim: &str) {
    let uid = stage.town.get::<Service>("nginx").meta.uid.clone();
    let owners = format!(
        r#"{{"metadata":{{"ownerReferences":[{{"apiVersion":"v1","kind":"Service","name":"nginx","uid":"{uid}","controller":true}}]}}}}"#
    );
    merge(stage, &format!("pvc {claim}"), &owners);
}

/// Upstream: another controller owns the PVC
#[test]
fn a_claim_of_another_controller_survives_scale_down_once() {
    let mut stage = up(2, &[RETENTION[1]]);
    give_to_service(&mut stage, "www-web-1");
    stage.town.ok("kubectl scale sts web --replicas=1");
    stage.play(20);
    assert_eq!(stage.claims(), ["www-web-0", "www-web-1"]);
    assert_eq!(stage.owners("www-web-1"), ["Service/nginx"]);
    merge(
        &mut stage,
        "pvc www-web-1",
        r#"{"metadata":{"ownerReferences":null}}"#,
    );
    stage.town.ok("kubectl scale sts web --replicas=2");
    stage.play(20);
    assert_eq!(stage.town.ready(), 2);
    stage.town.ok("kubectl scale sts web --replicas=1");
    stage.play(20);
    assert_eq!(stage.claims(), ["www-web-0"]);
}

/// Upstream: delete PVCs after adopting pod, WhenDeleted
/// Upstream: delete PVCs after adopting pod, OnScaledown
#[test]
fn the_claim_of_an_adopted_pod_goes_as_well() {
    for (retention, end) in [
        (RETENTION[2], "kubectl delete sts web --wait=false"),
        (RETENTION[1], "kubectl scale sts web --replicas=0"),
    ] {
        let mut stage = up(2, &[retention]);
        for pod in ["web-0", "web-1"] {
            merge(
                &mut stage,
                &format!("pod {pod}"),
                r#"{"metadata":{"ownerReferences":null}}"#,
            );
        }
        stage.play(5);
        stage.town.ok(end);
        stage.play(30);
        assert_eq!((stage.names(), stage.claims()), (vec![], vec![]), "{end}");
    }
}

/// Upstream: not delete PVCs with another controller
#[test]
fn a_claim_of_another_controller_survives_the_set() {
    let mut stage = up(2, &[RETENTION[2]]);
    give_to_service(&mut stage, "www-web-0");
    stage.town.ok("kubectl label pod web-0 look=again");
    stage.town.wait_s(5);
    stage.town.ok("kubectl delete sts web --wait=false");
    stage.town.wait_s(30);
    assert_eq!(stage.claims(), ["www-web-0"]);
    assert_eq!(stage.owners("www-web-0"), ["Service/nginx"]);
}

/// Upstream: not delete PVCs with stale controller
#[test]
fn a_claim_of_an_earlier_set_survives_and_a_lost_flag_is_mended() {
    let mut stage = up(2, &[RETENTION[2]]);
    let service = stage.town.get::<Service>("nginx").meta.uid.clone();
    let owner = |version: &str, kind: &str, name: &str, uid: &str, controller: bool| {
        format!(
            r#"{{"apiVersion":"{version}","kind":"{kind}","name":"{name}","uid":"{uid}","controller":{controller}}}"#
        )
    };
    let stale = owner("apps/v1", "StatefulSet", "web", "stale", true);
    let other = owner("v1", "Service", "nginx", &service, false);
    let patch = |owners: &str| format!(r#"{{"metadata":{{"ownerReferences":[{owners}]}}}}"#);
    merge(
        &mut stage,
        "pvc www-web-0",
        &patch(&format!("{stale},{other}")),
    );
    let set = stage.web().meta.uid.clone();
    let ours = owner("apps/v1", "StatefulSet", "web", &set, false);
    merge(&mut stage, "pvc www-web-1", &patch(&ours));
    stage.town.ok("kubectl label pod web-0 look=again");
    stage.town.wait_s(5);
    let mended = stage.town.get::<PersistentVolumeClaim>("www-web-1");
    assert!(mended.meta.is_controlled_by(&set), "the flag is back");
    // The collector takes the earlier set's reference away, since somebody else still owns the claim.
    let owners = stage.owners("www-web-0");
    assert_eq!(owners, ["Service/nginx", "StatefulSet/web"]);
    let left = stage.town.get::<PersistentVolumeClaim>("www-web-0");
    assert!(left.meta.owners.iter().all(|it| *it.uid != *"stale"));
    stage.town.ok("kubectl delete sts web --wait=false");
    stage.town.wait_s(30);
    assert_eq!(stage.claims(), ["www-web-0"]);
    assert_eq!(stage.owners("www-web-0"), ["Service/nginx"]);
}

/// Upstream: PVC recreated for pending pod
#[test]
fn a_claim_is_made_again_for_a_pod_that_waits_for_a_node() {
    for retention in RETENTION {
        let mut stage = up(1, &[retention]);
        let before = storage(&stage);
        stage.town.ok("kubectl cordon node-a node-b node-c");
        stage.town.ok("kubectl delete pvc www-web-0 --wait=false");
        stage.town.ok("kubectl delete pod web-0 --wait=false");
        stage.play(40);
        assert_eq!(stage.town.pods(), ["web-0 Pending"]);
        assert_eq!(stage.claims(), ["www-web-0"]);
        assert_ne!(storage(&stage), before);
        stage.town.ok("kubectl uncordon node-a node-b node-c");
        stage.play(40);
        assert_eq!(stage.town.pods(), ["web-0 Running ready"]);
    }
}

/// Moves a set's range of ordinals: the pods afterwards, and how many were deleted.
fn moved(from: Option<u32>, to: Option<u32>) -> (Vec<String>, usize) {
    let line = |start: Option<u32>| {
        let line = start.map(|start| format!("ordinals: {{start: {start}}}"));
        line.unwrap_or_else(|| "minReadySeconds: 0".to_owned())
    };
    let mut stage = up(3, &[&line(from)]);
    stage.town.apply(&set(3, &[&line(to)]));
    stage.play(90);
    assert_eq!(stage.status(), [3; 5]);
    stage.check_as(Rule::Monotonic);
    (stage.names(), stage.deleted().len())
}

fn range(ordinals: std::ops::Range<u32>) -> Vec<String> {
    ordinals.map(|it| format!("web-{it}")).collect()
}

/// Upstream: start ordinal, set
/// Upstream: start ordinal, increase
/// Upstream: start ordinal, decrease
/// Upstream: start ordinal, remove
#[test]
fn pods_move_to_the_new_range_of_ordinals() {
    assert_eq!(moved(None, Some(2)), (range(2..5), 2));
    assert_eq!(moved(Some(2), Some(3)), (range(3..6), 1));
    assert_eq!(moved(Some(3), Some(2)), (range(2..5), 1));
    assert_eq!(moved(Some(3), None), (range(0..3), 3));
}

/// Upstream: start ordinal none, 0, 4 and 5 with scale to 1
#[test]
fn a_set_scaled_to_one_keeps_its_first_ordinal() {
    for (line, start) in [
        ("minReadySeconds: 0", 0),
        ("ordinals: {start: 0}", 0),
        ("ordinals: {start: 4}", 4),
        ("ordinals: {start: 5}", 5),
    ] {
        let mut stage = up(3, &[line]);
        assert_eq!(stage.names(), range(start..start + 3));
        stage.town.ok("kubectl scale sts web --replicas=1");
        stage.play(30);
        assert_eq!(stage.names(), range(start..start + 1));
    }
}

/// Upstream: a write of semantically equal claim templates does not count as change
#[test]
fn the_same_amount_in_other_words_is_no_change() {
    let mut stage = up(1, &[]);
    let (before, revisions) = (stage.web().meta.generation, stage.revisions());
    stage.town.apply(&set(1, &[]).replace("1Gi", "1024Mi"));
    stage.play(5);
    assert_eq!(stage.web().meta.generation, before);
    assert_eq!(stage.revisions(), revisions);
    let other = stage.town.refused(&set(1, &[]).replace("1Gi", "2Gi"));
    assert!(other.contains("spec: Forbidden"), "{other}");
}

/// Upstream: replacement waits for a pod held by a finalizer
#[test]
fn a_replacement_waits_for_a_pod_that_a_finalizer_holds() {
    for management in MANAGEMENT {
        let mut stage = up_by_hand(2, &[management]);
        let keep = r#"{"metadata":{"finalizers":["example.com/keep"]}}"#;
        merge(&mut stage, "pod web-1", keep);
        stage.town.ok("kubectl delete pod web-1 --wait=false");
        stage.town.ok("@gone web-1");
        stage.play(30);
        assert_eq!(stage.created(), ["web-0", "web-1"], "it is still there");
        merge(
            &mut stage,
            "pod web-1",
            r#"{"metadata":{"finalizers":null}}"#,
        );
        stage.play(1);
        assert_eq!(stage.created(), ["web-0", "web-1", "web-1"]);
        let gone = stage.town.cluster.api.log.iter().filter(|record| {
            record.author == Component::StatefulSet
                && record.write().is_some_and(|it| it.verb == Verb::Removed)
        });
        assert_eq!(gone.count(), 0, "the set removes nothing itself");
    }
}
