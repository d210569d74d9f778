//! Upstream's control loop, `stateful_set_control_test.go`: revisions and updates (reference 11.1).

use ordinal::cluster::object::Pod;
use ordinal::cluster::record::{Stop, Verb};

use super::kit::{MANAGEMENT, RETENTION, Rule, Stage, set};

const OLD: &str = "nginx:1.27";
const NEW: &str = "nginx:1.28";

/// The sizes of upstream's three variants: an image update alone, with a scale-up, with a scale-down.
const SIZES: [(u32, u32); 3] = [(3, 3), (3, 5), (5, 3)];

/// The manifest of a set with another image.
fn with_image(replicas: u32, lines: &[&str], image: &str) -> String {
    set(replicas, lines).replace(OLD, image)
}

/// A set that is up.
fn up(replicas: u32, lines: &[&str]) -> Stage {
    let mut stage = Stage::auto(Rule::Burst);
    stage.town.apply(&set(replicas, lines));
    stage.play(150);
    assert_eq!(
        stage.status()[1],
        i32::try_from(replicas).expect("it is small")
    );
    stage
}

fn names(ordinals: impl IntoIterator<Item = u32>) -> Vec<String> {
    let names = ordinals.into_iter().map(|it| format!("web-{it}"));
    names.collect()
}

/// Updates a set and changes its size at the same time, under the invariants of an update.
fn rolls(management: &str, retention: &str, from: u32, to: u32) -> Stage {
    let lines = [management, retention];
    let mut stage = up(from, &lines);
    stage.rule = Rule::Update;
    stage.town.apply(&with_image(to, &lines, NEW));
    stage.play(120);
    assert_eq!(stage.images(), vec![NEW; to as usize]);
    assert_eq!(stage.status(), [i32::try_from(to).expect("it is small"); 5]);
    let status = &stage.web().status;
    assert_eq!(status.current_revision, status.update_revision);
    let all: Vec<u32> = (0..from).rev().collect();
    assert_eq!(stage.deleted(), names(all), "highest first, each once");
    stage
}

fn each_roll(from: u32, to: u32, then: impl Fn(&mut Stage, &[&str])) {
    for management in MANAGEMENT {
        for retention in RETENTION {
            let mut stage = rolls(management, retention, from, to);
            then(&mut stage, &[management, retention]);
        }
    }
}

/// Upstream: getSetRevisions, initial
/// Upstream: getSetRevisions, on update
/// Upstream: getSetRevisions, same set
/// Upstream: getSetRevisions, rollback
#[test]
fn only_another_template_makes_a_revision_and_going_back_reuses_the_old_one() {
    let mut stage = up(2, &[]);
    let first = stage.revisions();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].1, 1);
    let status = stage.web().status.clone();
    assert_eq!(*status.current_revision, *first[0].0);
    assert_eq!(status.update_revision, status.current_revision);
    stage.town.apply(&set(3, &["minReadySeconds: 1"]));
    stage.play(20);
    assert_eq!(stage.revisions(), first, "the template is the same");
    stage.town.apply(&with_image(3, &[], NEW));
    stage.play(1);
    let second = stage.revisions();
    assert_eq!(second.len(), 2);
    assert_eq!((&second[0], second[1].1), (&first[0], 2));
    assert_eq!(*stage.web().status.update_revision, *second[1].0);
    assert_eq!(*stage.web().status.current_revision, *first[0].0);
    stage.town.apply(&set(3, &[]));
    stage.play(60);
    let back = [(second[1].0.clone(), 2), (first[0].0.clone(), 3)];
    assert_eq!(stage.revisions(), back);
    assert_eq!(*stage.web().status.update_revision, *first[0].0);
}

/// Upstream: RollingUpdate, image update
/// Upstream: rolling updates and roll backs
/// Upstream: rolling updates and roll backs with PVCs
#[test]
fn rolling_update() {
    each_roll(SIZES[0].0, SIZES[0].1, |_, _| {});
}

/// Upstream: RollingUpdate, image update and scale up
#[test]
fn rolling_update_with_scale_up() {
    each_roll(SIZES[1].0, SIZES[1].1, |_, _| {});
}

/// Upstream: RollingUpdate, image update and scale down
#[test]
fn rolling_update_with_scale_down() {
    each_roll(SIZES[2].0, SIZES[2].1, |_, _| {});
}

/// Reverts a finished update and changes the size back with it.
fn rolls_back((from, to): (u32, u32)) {
    each_roll(from, to, |stage, lines| {
        let old = stage.revisions()[0].0.clone();
        stage.town.apply(&set(from, lines));
        stage.play(120);
        assert_eq!(stage.images(), vec![OLD; from as usize]);
        let status = &stage.web().status;
        assert_eq!(*status.current_revision, *old, "the prior revision by name");
        assert_eq!(status.update_revision, status.current_revision);
        assert_eq!(stage.revisions().len(), 2);
    });
}

/// Upstream: Rollback, image update
/// Upstream: rolling updates and roll backs
/// Upstream: rolling updates and roll backs with PVCs
#[test]
fn rollback() {
    rolls_back(SIZES[0]);
}

/// Upstream: Rollback, image update and scale up
#[test]
fn rollback_with_scale_up() {
    rolls_back(SIZES[1]);
}

/// Upstream: Rollback, image update and scale down
#[test]
fn rollback_with_scale_down() {
    rolls_back(SIZES[2]);
}

/// Updates a set whose pods a person has to delete.
fn on_delete((from, to): (u32, u32)) {
    for management in MANAGEMENT {
        let lines = [management, "updateStrategy: {type: OnDelete}"];
        let mut stage = up(from, &lines);
        stage.town.apply(&with_image(to, &lines, NEW));
        stage.play(60);
        let kept = from.min(to);
        let condemned: Vec<u32> = (to..from).rev().collect();
        assert_eq!(stage.deleted(), names(condemned), "{management}");
        let images: Vec<&str> = (0..to)
            .map(|it| if it < kept { OLD } else { NEW })
            .collect();
        assert_eq!(stage.images(), images);
        let old = stage.revisions()[0].0.clone();
        // Any order does: the lowest first here, the rest together.
        stage.town.ok("kubectl delete pod web-0 --wait=false");
        stage.play(20);
        assert_eq!(stage.images()[0], NEW);
        stage
            .town
            .ok("kubectl delete pod -l app=nginx --wait=false");
        stage.play(60);
        assert_eq!(stage.images(), vec![NEW; to as usize]);
        let status = &stage.web().status;
        assert_eq!(
            status.ready_replicas,
            i32::try_from(to).expect("it is small")
        );
        assert_eq!(*status.current_revision, *old, "it stays for ever");
    }
}

/// Upstream: OnDeleteUpdate, image update
#[test]
fn on_delete_update() {
    on_delete(SIZES[0]);
}

/// Upstream: OnDeleteUpdate, image update and scale up
#[test]
fn on_delete_update_with_scale_up() {
    on_delete(SIZES[1]);
}

/// Upstream: OnDeleteUpdate, image update and scale down
#[test]
fn on_delete_update_with_scale_down() {
    on_delete(SIZES[2]);
}

const PARTITION_2: &str = "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}";

fn with_partition(from: u32, to: u32) {
    for management in MANAGEMENT {
        let mut stage = up(from, &[management, PARTITION_2]);
        stage.rule = Rule::Update;
        let lines = [management, PARTITION_2];
        stage.town.apply(&with_image(to, &lines, NEW));
        stage.play(60);
        let images: Vec<&str> = (0..to).map(|it| if it < 2 { OLD } else { NEW }).collect();
        assert_eq!(stage.images(), images, "{management}");
        assert!(matches!(stage.stop(), Some(Stop::Partition(2, _))));
        assert_eq!(stage.deleted(), names((2..from).rev()));
    }
}

/// Upstream: RollingUpdateWithPartition
#[test]
fn rolling_update_with_partition() {
    with_partition(4, 4);
}

/// Upstream: RollingUpdateWithPartition, scale up
#[test]
fn rolling_update_with_partition_and_scale_up() {
    with_partition(3, 5);
}

/// Gives a set of one pod so many further images, one after the other.
fn history(limit: i32, images: u32) -> Stage {
    let limit = format!("revisionHistoryLimit: {limit}");
    let mut stage = up(1, &[&limit]);
    stage.rule = Rule::Update;
    for number in 0..images {
        let image = format!("nginx:1.{}", 28 + number);
        stage.town.apply(&with_image(1, &[&limit], &image));
        stage.play(20);
        assert_eq!(stage.images(), [image]);
    }
    stage
}

/// Upstream: LimitsHistory
#[test]
fn limits_history() {
    let stage = history(2, 5);
    let numbers: Vec<i64> = stage.revisions().iter().map(|(_, it)| *it).collect();
    assert_eq!(numbers, [4, 5, 6], "the oldest go");
    assert_eq!(
        *stage.web().status.current_revision,
        *stage.revisions()[2].0
    );
}

/// Upstream: HonorRevisionHistoryLimit
#[test]
fn honor_revision_history_limit() {
    assert_eq!(history(0, 4).revisions().len(), 1, "0 keeps none");
    assert_eq!(
        history(-1, 12).revisions().len(),
        13,
        "a negative one keeps all"
    );
    let stage = history(0, 0);
    let lines = ["revisionHistoryLimit: 0", PARTITION_2];
    let mut stage = Stage {
        rule: Rule::Burst,
        ..stage
    };
    stage.town.apply(&with_image(3, &lines, "nginx:1.30"));
    stage.play(30);
    stage.town.apply(&with_image(3, &lines, "nginx:1.31"));
    stage.play(30);
    let status = &stage.web().status;
    let live = stage.revisions();
    assert_eq!(live.len(), 2, "live ones stay");
    assert_eq!(*status.current_revision, *live[0].0);
    assert_eq!(*status.update_revision, *live[1].0);
}

/// Upstream: RollingUpdateRespectsMinReadySeconds
#[test]
fn rolling_update_respects_min_ready_seconds() {
    for management in MANAGEMENT {
        let lines = [management, "minReadySeconds: 30"];
        let mut stage = up(3, &lines);
        stage.play(120);
        stage.rule = Rule::Update;
        stage.town.apply(&with_image(3, &lines, NEW));
        stage.play(300);
        assert_eq!(stage.status(), [3; 5]);
        assert_eq!(stage.images(), [NEW; 3]);
        for (pod, next) in [("web-2", "web-1"), ("web-1", "web-0")] {
            let pod = stage.town.get::<Pod>(pod);
            let ready = pod.condition("Ready").expect("it has the condition");
            let ready = ready.last_transition_time.expect("it has a time");
            let deleted = stage.times(Verb::Deleting, next)[0];
            let waited = deleted.ms_since(ready);
            assert!((30_000..=32_000).contains(&waited), "{next}: {waited} ms");
        }
    }
}

/// Upstream: OnDeleteStrategyIgnoresMinReadySeconds
#[test]
fn on_delete_strategy_ignores_min_ready_seconds() {
    for management in MANAGEMENT {
        let lines = [
            management,
            "minReadySeconds: 30",
            "updateStrategy: {type: OnDelete}",
        ];
        let mut stage = up(1, &lines);
        stage.play(40);
        stage.town.apply(&with_image(1, &lines, NEW));
        stage.play(40);
        assert_eq!(stage.deleted(), [""; 0], "nothing is deleted by itself");
        // A pod that was replaced a moment ago may be replaced again at once.
        for _ in 0..2 {
            stage.town.ok("kubectl delete pod web-0 --wait=false");
            stage.play(10);
            assert_eq!(stage.images(), [NEW]);
            assert_eq!(stage.status()[1], 1);
        }
    }
}

/// Upstream: PartitionRollingUpdateWithMinReadySeconds
#[test]
fn partition_rolling_update_with_min_ready_seconds() {
    for management in MANAGEMENT {
        let partition = "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}";
        let lines = [management, "minReadySeconds: 30", partition];
        let mut stage = up(3, &lines);
        stage.play(120);
        stage.rule = Rule::Update;
        stage.town.apply(&with_image(3, &lines, NEW));
        stage.play(300);
        assert_eq!(stage.images(), [OLD, NEW, NEW]);
        assert_eq!(stage.deleted(), ["web-2", "web-1"]);
        let apart = stage.times(Verb::Deleting, "web-1")[0]
            .ms_since(stage.times(Verb::Deleting, "web-2")[0]);
        assert!(apart > 30_000, "{apart} ms");
        assert_eq!(stage.status(), [3, 3, 2, 1, 3]);
    }
}

fn at_most(unavailable: &str, partition: u32) -> String {
    format!(
        "updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: {partition}, \
         maxUnavailable: {unavailable}}}}}"
    )
}

/// A set of six with two pods at a time and the first three left alone, up and with another template.
fn two_at_a_time(management: &str) -> Stage {
    let strategy = at_most("2", 3);
    let lines = [management, &strategy];
    let mut stage = Stage::gated(false);
    stage.town.apply(&set(6, &lines));
    stage.play(60);
    assert_eq!(stage.status(), [6; 5]);
    stage.town.apply(&with_image(6, &lines, NEW));
    stage.play(90);
    assert_eq!(stage.images(), [OLD, OLD, OLD, NEW, NEW, NEW]);
    assert_eq!(stage.deleted(), ["web-5", "web-4", "web-3"]);
    let first = |pod| stage.times(Verb::Deleting, pod)[0];
    assert_eq!(first("web-5"), first("web-4"), "they go together");
    stage
}

/// Upstream: RollingUpdateWithMaxUnavailable, ordered
#[test]
fn rolling_update_with_max_unavailable_in_order() {
    let stage = two_at_a_time(MANAGEMENT[0]);
    let again = |pod| stage.times(Verb::Created, pod)[1];
    assert!(
        again("web-4") < again("web-5"),
        "one by one, the lower first"
    );
    let third = stage.times(Verb::Deleting, "web-3")[0];
    assert!(
        third > again("web-5"),
        "an ordered set waits for the first two"
    );
}

/// Upstream: RollingUpdateWithMaxUnavailable, parallel
#[test]
fn rolling_update_with_max_unavailable_in_parallel() {
    let stage = two_at_a_time(MANAGEMENT[1]);
    let again = |pod| stage.times(Verb::Created, pod)[1];
    let third = stage.times(Verb::Deleting, "web-3")[0];
    assert!(
        third > again("web-4").min(again("web-5")),
        "a slot must be free"
    );
}

/// Upstream: RollingUpdateWithMaxUnavailableInOrderedModeVerifyInvariant
#[test]
fn deletions_are_what_max_unavailable_leaves() {
    let down: [&[u32]; 8] = [&[], &[0], &[5], &[0, 5], &[1, 2], &[3], &[4, 5], &[0, 1, 2]];
    for management in MANAGEMENT {
        for most in 1..=3_usize {
            for broken in down {
                let strategy = at_most(&most.to_string(), 0);
                let lines = [management, &strategy];
                let mut stage = Stage::gated(true);
                stage.town.apply(&set(6, &lines));
                stage.serve();
                for ordinal in broken {
                    stage.town.ok(&format!("@unready web-{ordinal}"));
                }
                stage.play(1);
                stage.town.apply(&with_image(6, &lines, NEW));
                stage.play(1);
                // An ordered set with an unavailable pod does not get as far as replacing pods.
                let ordered = management == MANAGEMENT[0] && !broken.is_empty();
                let free = most.saturating_sub(broken.len());
                let expected = if ordered { 0 } else { free };
                let highest = names((0..6).rev().take(expected));
                // A terminating pod that was broken before gives its slot to another one in the next sync.
                let all = stage.deleted();
                let at = |pod: &String| stage.times(Verb::Deleting, pod)[0];
                let first = all.first().map(at);
                let together: Vec<_> = all.iter().filter(|it| Some(at(it)) == first).collect();
                let together: Vec<String> = together.into_iter().cloned().collect();
                assert_eq!(together, highest, "{management} {most} {broken:?}");
            }
        }
    }
}
