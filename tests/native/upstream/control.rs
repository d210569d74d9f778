//! Upstream's control loop, `stateful_set_control_test.go`: scaling, replacing, failing requests (reference 11.1).

use ordinal::cluster::object::{Kind, PersistentVolumeClaim, Pod};
use ordinal::cluster::record::{Part, Stop, Verb};

use super::kit::{MANAGEMENT, Rule, Stage, counts, each, set};

/// A stage with a set that is up, kubelet by hand.
fn up(replicas: u32, lines: &[&str]) -> Stage {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&set(replicas, lines));
    stage.serve();
    let all = i32::try_from(replicas).expect("it is small");
    assert_eq!(stage.status(), [all; 5]);
    stage
}

/// Upstream: CreatePods
#[test]
fn creates_pods() {
    each(|management, retention| {
        let mut stage = Stage::auto(Rule::of(management));
        stage.town.apply(&set(3, &[management, retention]));
        stage.play(25);
        assert_eq!(stage.status(), [3; 5]);
        assert_eq!(stage.names(), ["web-0", "web-1", "web-2"]);
        assert_eq!(
            stage.claims(),
            ["www-web-0", "www-web-1", "www-web-2"],
            "{management} {retention}"
        );
    });
}

/// Upstream: ScalesUp
/// Upstream: status updater, writes
#[test]
fn scales_up() {
    each(|management, retention| {
        let mut stage = Stage::auto(Rule::of(management));
        stage.town.apply(&set(3, &[management, retention]));
        stage.play(25);
        stage.town.ok("kubectl scale sts web --replicas=4");
        stage.play(15);
        assert_eq!(stage.status(), [4; 5]);
        assert_eq!(stage.created(), ["web-0", "web-1", "web-2", "web-3"]);
    });
}

/// Upstream: ScalesDown
#[test]
fn scales_down() {
    each(|management, retention| {
        let mut stage = Stage::auto(Rule::of(management));
        stage.town.apply(&set(3, &[management, retention]));
        stage.play(25);
        stage.town.ok("kubectl scale sts web --replicas=0");
        stage.play(25);
        assert_eq!(stage.status(), [0; 5]);
        assert_eq!(stage.deleted(), ["web-2", "web-1", "web-0"]);
        let kept = if retention.contains("whenScaled: Retain") {
            3
        } else {
            0
        };
        assert_eq!(stage.claims().len(), kept, "{management} {retention}");
    });
}

/// Upstream: ReplacesPods
#[test]
fn replaces_pods() {
    each(|management, retention| {
        let mut stage = Stage::auto(Rule::Burst);
        stage.town.apply(&set(5, &[management, retention]));
        stage.play(40);
        let uid = |stage: &Stage, pod: &str| stage.town.get::<Pod>(pod).meta.uid.clone();
        let pods = ["web-0", "web-1", "web-2", "web-3", "web-4"];
        let before = pods.map(|pod| uid(&stage, pod));
        stage
            .town
            .ok("kubectl delete pod web-0 web-2 web-4 --force --grace-period=0");
        stage.play(40);
        assert_eq!(stage.status(), [5; 5]);
        stage.check_as(Rule::of(management));
        let after = pods.map(|pod| uid(&stage, pod));
        let other: Vec<bool> = before.iter().zip(&after).map(|(a, b)| a != b).collect();
        assert_eq!(other, [true, false, true, false, true]);
        for claim in stage.claims() {
            let by_pod = stage.owners(&claim).iter().any(|it| it.starts_with("Pod/"));
            assert!(!by_pod, "{claim} {retention}");
        }
    });
}

/// A pod that is over is deleted once and made again by a later sync, after so many failed deletions.
fn recreates(phase: &str, failures: u32) {
    each(|management, retention| {
        let mut stage = up(2, &[management, retention]);
        stage.fail(Verb::Deleting, Part::Main, Kind::Pod, failures);
        let before = stage.town.get::<Pod>("web-0").meta.uid.clone();
        stage.town.ok(&format!("@phase web-0 {phase}"));
        stage.play(5);
        let said = stage.town.events("FailedDelete");
        let words =
            "Delete Pod web-0 in StatefulSet web failed error: etcdserver: request timed out";
        assert_eq!(said, vec![words; failures as usize]);
        assert_eq!(stage.refusals().len(), usize::from(failures > 0));
        assert_eq!(stage.deleted(), ["web-0"], "{management}");
        let (gone, made) = (
            stage.times(Verb::Deleting, "web-0"),
            stage.times(Verb::Created, "web-0"),
        );
        assert_eq!((gone.len(), made.len()), (1, 2));
        assert!(made[1] > gone[0], "a later sync makes it again");
        assert_ne!(stage.town.get::<Pod>("web-0").meta.uid, before);
        stage.serve();
        assert_eq!(stage.status(), [2; 5]);
        assert_eq!(stage.deleted(), ["web-0"], "there is no second deletion");
    });
}

/// Upstream: RecreatesFailedPod
#[test]
fn recreates_failed_pod() {
    recreates("Failed", 0);
}

/// Upstream: RecreatesSucceededPod
#[test]
fn recreates_succeeded_pod() {
    recreates("Succeeded", 0);
}

/// Upstream: RecreatesFailedPodWithDeleteFailure
#[test]
fn recreates_failed_pod_with_delete_failure() {
    recreates("Failed", 1);
}

/// Upstream: RecreatesSucceededPodWithDeleteFailure
#[test]
fn recreates_succeeded_pod_with_delete_failure() {
    recreates("Succeeded", 1);
}

/// Upstream: CreatePodFailure
#[test]
fn create_pod_failure() {
    each(|management, retention| {
        let mut stage = Stage::manual(Rule::of(management));
        stage.fail(Verb::Created, Part::Main, Kind::Pod, 1);
        stage.town.apply(&set(3, &[management, retention]));
        stage.serve();
        let timed_out = "etcdserver: request timed out";
        assert_eq!(
            stage.refusals(),
            [("web-0".to_owned(), timed_out.to_owned())]
        );
        assert_eq!(
            stage.town.events("FailedCreate"),
            [format!(
                "Create Pod web-0 in StatefulSet web failed error: {timed_out}"
            )]
        );
        assert_eq!(stage.status(), [3; 5]);
    });
}

/// Upstream: UpdatePodFailure
#[test]
fn update_pod_failure() {
    each(|management, retention| {
        let mut stage = up(3, &[management, retention]);
        stage.fail(Verb::Updated, Part::Main, Kind::Pod, 1);
        stage
            .town
            .ok("kubectl label pod web-0 statefulset.kubernetes.io/pod-name=goo-0 --overwrite");
        // Its label is wrong for a moment: the stage must not look.
        stage.town.wait_s(5);
        assert_eq!(stage.refusals()[0].0, "web-0");
        let failed = "Update Pod web-0 in StatefulSet web failed error: ";
        assert_eq!(
            stage.town.events("FailedUpdate"),
            [format!("{failed}etcdserver: request timed out")]
        );
        let label = "statefulset.kubernetes.io/pod-name";
        let pod = stage.town.get::<Pod>("web-0");
        assert_eq!(pod.meta.label(label), Some("web-0"), "the retry mends it");
    });
}

/// Upstream: UpdateSetStatusFailure
/// Upstream: status updater, gives up on other errors
#[test]
fn update_set_status_failure() {
    each(|management, retention| {
        let mut stage = Stage::manual(Rule::of(management));
        stage.fail(Verb::Updated, Part::Status, Kind::StatefulSet, 2);
        stage.town.apply(&set(3, &[management, retention]));
        stage.serve();
        let timed_out = "etcdserver: request timed out".to_owned();
        assert_eq!(stage.refusals()[0], ("web".to_owned(), timed_out));
        assert_eq!(stage.town.cluster.api.outages(), []);
        assert_eq!(stage.status(), [3; 5]);
    });
}

/// Upstream: NewRevisionDeletePodFailure
#[test]
fn new_revision_delete_pod_failure() {
    each(|management, retention| {
        let mut stage = up(3, &[management, retention]);
        let old = stage.web().status.current_revision.clone();
        let written = stage.statuses().len();
        stage.fail(Verb::Deleting, Part::Main, Kind::Pod, 1);
        stage.town.ok("kubectl set image sts/web nginx=nginx:1.28");
        stage.until("the retry deletes", |it| !it.deleted().is_empty());
        let deleted = stage.town.cluster.now();
        stage.until("it is counted", |it| it.status()[3] == 2);
        let after_ms = stage.town.cluster.now().ms_since(deleted);
        let own_ms = stage.town.cluster.api.config.latency.status_ms;
        assert_eq!(after_ms, own_ms, "by the very sync that deletes");
        let statuses = stage.statuses();
        let new: Vec<_> = statuses[written..].iter().collect();
        assert_eq!(new[0].status.current_replicas, 3);
        assert_eq!(new[0].status.current_revision, old);
        assert_ne!(new[0].status.update_revision, old);
        assert_eq!(new[1].status.current_replicas, 2);
        assert_eq!(new[1].status.update_revision, new[0].status.update_revision);
        assert_eq!(stage.deleted(), ["web-2"]);
    });
}

/// Upstream: RecreatesPVCForPendingPod
#[test]
fn recreates_pvc_for_pending_pod() {
    each(|management, retention| {
        let mut stage = Stage::manual(Rule::of(management));
        stage.town.apply(&set(1, &[management, retention]));
        stage.play(1);
        let claim = |stage: &Stage| {
            let claim = stage.town.find::<PersistentVolumeClaim>("www-web-0");
            claim.map(|it| it.meta.uid.clone())
        };
        let before = claim(&stage).expect("the pod has its claim");
        stage.town.ok("kubectl delete pvc www-web-0 --wait=false");
        stage.play(1);
        assert_eq!(claim(&stage), None, "claims wake nobody");
        stage.town.ok("kubectl label pod web-0 look=again");
        stage.play(1);
        let after = claim(&stage).expect("it is there again");
        assert_ne!(before, after);
        assert_eq!(stage.created(), ["web-0"], "the pod is the same");
    });
}

/// Upstream: CreatesPodsWithStartOrdinal
#[test]
fn creates_pods_with_start_ordinal() {
    each(|management, retention| {
        let mut stage = Stage::auto(Rule::of(management));
        stage
            .town
            .apply(&set(3, &[management, retention, "ordinals: {start: 2}"]));
        stage.play(25);
        assert_eq!(stage.status(), [3; 5]);
        assert_eq!(stage.names(), ["web-2", "web-3", "web-4"]);
    });
}

/// Upstream: ScaleDownDeleteError
#[test]
fn scale_down_delete_error() {
    each(|management, retention| {
        let mut stage = up(3, &[management, retention]);
        stage.fail(Verb::Deleting, Part::Main, Kind::Pod, 1);
        stage.town.ok("kubectl scale sts web --replicas=0");
        stage.serve();
        assert_eq!(stage.town.events("FailedDelete").len(), 1);
        assert_eq!(stage.refusals()[0].0, "web-2");
        assert_eq!(stage.status(), [0; 5]);
    });
}

/// A batch of a Parallel set is done to its end although one of its deletions fails.
///
/// Upstream: slowStartBatch
#[test]
fn an_error_ends_a_parallel_scale_down_after_its_batch() {
    let mut stage = up(7, &[MANAGEMENT[1]]);
    stage.town.ok("kubectl delete pod web-6 --wait=false");
    stage.play(1);
    stage.fail(Verb::Deleting, Part::Main, Kind::Pod, 1);
    stage.town.ok("kubectl scale sts web --replicas=0");
    stage.until("the sync has failed", |it| !it.refusals().is_empty());
    // The batches are web-6, web-5 and web-4, then the other four: web-5 failed, web-4 is of its batch.
    assert_eq!(stage.deleted(), ["web-4"]);
}

/// Upstream: StatusUpdate, no error
/// Upstream: StatusUpdate, sync error
/// Upstream: StatusUpdate, status error
/// Upstream: StatusUpdate, both errors
/// Upstream: status stays right when pod creation fails
#[test]
fn status_is_written_even_when_the_sync_fails() {
    for (sync_fails, status_fails) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut stage = Stage::manual(Rule::Monotonic);
        let failures = |fails: bool| u32::from(fails) * 1000;
        stage.fail(Verb::Created, Part::Main, Kind::Pod, failures(sync_fails));
        let status = Part::Status;
        stage.fail(
            Verb::Updated,
            status,
            Kind::StatefulSet,
            failures(status_fails),
        );
        stage.town.apply(&set(1, &[]));
        stage.play(1);
        let observed = stage.web().status.observed_generation;
        assert_eq!(observed, i64::from(!status_fails));
        let refused = match (sync_fails, status_fails) {
            (false, false) => vec![],
            (true, _) => vec!["web-0"],
            (false, true) => vec!["web"],
        };
        let found = stage.refusals();
        let mut objects: Vec<&str> = found.iter().map(|(object, _)| object.as_str()).collect();
        objects.dedup();
        assert_eq!(objects, refused);
    }
}

/// A request that goes on failing is made again after 5 ms, 10 ms, 20 ms and so on (reference 2.2, rule 5).
///
/// Upstream: rate-limited retry of a failed sync
#[test]
fn a_sync_that_goes_on_failing_is_retried_ever_more_rarely() {
    let mut stage = Stage::manual(Rule::Monotonic);
    stage.fail(Verb::Created, Part::Main, Kind::Pod, 100_000);
    stage.town.apply(&set(1, &[]));
    stage.town.cluster.run_for(10_000);
    let tries = 100_000 - stage.town.cluster.api.outages()[0].left;
    assert!((8..=16).contains(&tries), "{tries} tries in ten seconds");
}

/// Scales a Parallel set from one size to another.
fn parallel_scale(from: u32, to: u32) {
    let mut stage = Stage::large(Rule::Burst);
    stage.town.apply(&set(from, &[MANAGEMENT[1]]));
    let all = |stage: &Stage, replicas: u32| {
        stage.status() == [i32::try_from(replicas).expect("it is small"); 5]
    };
    stage.town.cluster.run_for(60_000);
    assert!(all(&stage, from), "{:?}", stage.status());
    stage
        .town
        .ok(&format!("kubectl scale sts web --replicas={to}"));
    stage.town.cluster.run_for(60_000);
    assert!(all(&stage, to), "{:?}", stage.status());
    stage.check();
    let (verb, pods) = if to > from {
        (Verb::Created, from..to)
    } else {
        (Verb::Deleting, to..from)
    };
    let mut times: Vec<_> = pods
        .flat_map(|ordinal| stage.times(verb, &format!("web-{ordinal}")))
        .collect();
    assert_eq!(times.len(), from.abs_diff(to) as usize);
    times.dedup();
    assert_eq!(times.len(), 1, "one sync does it all");
}

/// Upstream: ParallelScale, 3 to 30
#[test]
fn parallel_scale_from_3_to_30() {
    parallel_scale(3, 30);
}

/// Upstream: ParallelScale, 10 to 1
#[test]
fn parallel_scale_from_10_to_1() {
    parallel_scale(10, 1);
}

/// Upstream: ParallelScale, 501 to 0
#[test]
fn parallel_scale_from_501_to_0() {
    parallel_scale(501, 0);
}

/// Upstream: ParallelScale, 0 to n
#[test]
fn parallel_scale_from_0_to_n() {
    parallel_scale(0, 20);
}

/// Upstream: Availability
#[test]
fn a_pod_ready_long_enough_is_available_and_a_fresh_one_is_not() {
    for management in MANAGEMENT {
        let mut stage = Stage::auto(Rule::Burst);
        stage
            .town
            .apply(&set(1, &[management, "minReadySeconds: 3600"]));
        stage.play(3590);
        assert_eq!(stage.status(), [1, 1, 1, 1, 0]);
        stage.play(30);
        assert_eq!(stage.status(), [1; 5]);
        stage.town.ok("kubectl delete pod web-0 --wait=false");
        stage.play(30);
        assert_eq!(stage.status(), [1, 1, 1, 1, 0]);
    }
}

/// Upstream: ScaleDownRespectsMinReadySeconds
#[test]
fn scale_down_waits_until_the_lower_pods_are_available() {
    let mut stage = Stage::auto(Rule::Burst);
    stage.town.apply(&set(3, &["minReadySeconds: 20"]));
    stage.play(120);
    assert_eq!(stage.status(), [3; 5]);
    stage.town.ok("kubectl delete pod web-0 --wait=false");
    stage.town.ok("kubectl scale sts web --replicas=2");
    stage.until("web-0 is Ready again", |it| it.created().len() == 4);
    stage.until("web-0 is Ready again", |it| it.town.ready() == 3);
    let ready = stage.town.cluster.now();
    stage.play(17);
    assert_eq!(stage.deleted(), [""; 0]);
    assert!(matches!(stage.stop(), Some(Stop::PodNotAvailable(pod, _)) if &**pod == "web-0"));
    stage.play(10);
    assert_eq!(stage.deleted(), ["web-2"]);
    let waited = stage.times(Verb::Deleting, "web-2")[0].ms_since(ready);
    assert!((19_000..=22_000).contains(&waited), "{waited} ms");
}

/// Upstream: ZeroMinReadySeconds
#[test]
fn without_min_ready_seconds_ready_is_available() {
    for management in MANAGEMENT {
        let mut stage = Stage::auto(Rule::Burst);
        stage
            .town
            .apply(&set(3, &[management, "minReadySeconds: 0"]));
        stage.play(25);
        stage.town.ok("kubectl delete pod web-1 --wait=false");
        stage.play(25);
        let statuses = stage.statuses();
        let seen: Vec<i32> = statuses.iter().map(|it| counts(it)[1]).collect();
        assert!(seen.contains(&2) && seen.contains(&3), "{seen:?}");
        for status in &statuses {
            let [_, ready, _, _, available] = counts(status);
            assert_eq!(ready, available);
        }
    }
}
