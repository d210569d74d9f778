//! Upstream's controller, `stateful_set_test.go`: what wakes it, adoption, deletion (reference 11.2).

use ordinal::cluster::object::{Kind, PersistentVolumeClaim, Pod, Service, StatefulSet};
use ordinal::cluster::record::{Component, Stop, Verb};

use super::kit::{MANAGEMENT, RETENTION, Rule, Stage, each, set, up};

/// A second set `api` with the selector of the first, and without pods.
fn second() -> String {
    let manifest = set(0, &[]);
    let (_, manifest) = manifest.split_once("---\n").expect("two documents");
    manifest.replace("name: web}", "name: api}")
}

/// A bare pod, owned by a set or by nobody.
fn pod(name: &str, app: &str, owner: Option<&StatefulSet>) -> String {
    let owners = owner.map_or(String::new(), |set| {
        format!(
            "  ownerReferences:\n  - {{apiVersion: apps/v1, kind: StatefulSet, name: {}, uid: {}, \
             controller: true}}\n",
            set.meta.name, set.meta.uid
        )
    });
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels: {{app: {app}}}\n{owners}\
         spec:\n  containers:\n  - {{name: nginx, image: nginx}}\n"
    )
}

/// Two sets without pods at rest.
fn two_sets() -> Stage {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&set(0, &[]));
    stage.town.apply(&second());
    stage.play(5);
    assert_eq!(stage.woken(), [""; 0]);
    stage
}

/// Upstream: Creates
/// Upstream: Deletes
#[test]
fn a_set_comes_to_its_size_and_to_nothing() {
    for management in MANAGEMENT {
        let mut stage = up(3, &[management]);
        assert_eq!(stage.status(), [3; 5]);
        stage.town.ok("kubectl scale sts web --replicas=0");
        stage.serve();
        assert_eq!(stage.status(), [0; 5]);
        assert_eq!(stage.names(), [""; 0]);
    }
}

/// Upstream: RespectsTermination
#[test]
fn scale_down_waits_while_a_pod_is_terminating() {
    let mut stage = up(3, &[]);
    stage.town.ok("kubectl scale sts web --replicas=1");
    stage.play(20);
    assert_eq!(stage.deleted(), ["web-2"]);
    assert_eq!(stage.stop(), Some(&Stop::PodTerminating("web-2".into())));
    stage.town.ok("@gone web-2");
    stage.play(1);
    assert_eq!(stage.deleted(), ["web-2", "web-1"]);
    stage.serve();
    assert_eq!(stage.names(), ["web-0"]);
}

/// Upstream: BlocksScaling
#[test]
fn a_terminating_first_pod_blocks_scaling() {
    for replicas in [5, 1] {
        let mut stage = up(3, &[]);
        stage.town.ok("kubectl delete pod web-0 --wait=false");
        stage
            .town
            .ok(&format!("kubectl scale sts web --replicas={replicas}"));
        stage.play(20);
        assert_eq!(stage.names(), ["web-0", "web-1", "web-2"]);
        assert_eq!(stage.deleted(), [""; 0]);
        stage.town.ok("@gone web-0");
        stage.play(1);
        assert_eq!(stage.created().last().map(String::as_str), Some("web-0"));
        stage.serve();
        assert_eq!(stage.names().len(), replicas);
    }
}

/// Deletes the set while a finalizer keeps it.
fn delete_held(stage: &mut Stage) {
    let keep = r#"{"metadata":{"finalizers":["example.com/keep"]}}"#;
    stage
        .town
        .ok(&format!("kubectl patch sts web --type=merge -p '{keep}'"));
    stage.town.ok("kubectl delete sts web --wait=false");
}

/// Upstream: DeletionTimestamp
#[test]
fn a_set_that_is_being_deleted_makes_and_adopts_no_pods() {
    let mut stage = up(2, &[]);
    delete_held(&mut stage);
    stage
        .town
        .ok("kubectl delete pod web-1 --force --grace-period=0");
    stage.town.apply(&pod("web-2", "nginx", None));
    stage.play(20);
    assert_eq!(stage.created(), ["web-0", "web-1"]);
    let orphan = stage.town.get::<Pod>("web-2");
    assert!(orphan.meta.owners.is_empty(), "it stays an orphan");
    assert_eq!(stage.stop(), Some(&Stop::BeingDeleted));
}

/// Upstream: DeletionTimestampRace
#[test]
fn a_set_that_has_just_been_deleted_adopts_no_revisions() {
    let mut stage = up(1, &[]);
    delete_held(&mut stage);
    stage.play(1);
    let revision = stage.revisions()[0].0.clone();
    let none = r#"{"metadata":{"ownerReferences":null}}"#;
    stage.town.ok(&format!(
        "kubectl patch controllerrevision {revision} --type=merge -p '{none}'"
    ));
    stage.town.ok("kubectl label sts web look=again");
    stage.play(1);
    let said = stage.refusals();
    let (object, words) = said.first().expect("it is refused");
    assert_eq!(object, "web");
    let start = "can't adopt ControllerRevisions: default/web has just been deleted at ";
    assert!(words.starts_with(start), "{words}");
}

/// Upstream: AddPod
/// Upstream: AddPodOrphan
/// Upstream: AddPodNoSet
#[test]
fn a_new_pod_wakes_its_owner_or_every_matching_set() {
    let mut stage = two_sets();
    let owner = stage.web().clone();
    stage.town.apply(&pod("web-7", "nginx", Some(&owner)));
    assert_eq!(stage.woken(), ["web"]);
    let mut stage = two_sets();
    stage.town.apply(&pod("stray", "nginx", None));
    assert_eq!(stage.woken(), ["api", "web"]);
    let mut stage = two_sets();
    stage.town.apply(&pod("stray", "other", None));
    assert_eq!(stage.woken(), [""; 0]);
}

/// Upstream: UpdatePod
/// Upstream: UpdatePodWithSameVersion
#[test]
fn a_changed_pod_wakes_its_owner_and_an_unchanged_one_nobody() {
    let mut stage = up(1, &[]);
    stage.town.apply(&second());
    stage.play(5);
    stage.town.ok("kubectl label pod web-0 a=b");
    assert_eq!(stage.woken(), ["web"]);
    stage.play(5);
    stage.town.run("kubectl label pod web-0 a=b --overwrite");
    assert_eq!(stage.woken(), [""; 0]);
}

/// Upstream: UpdatePodWithNoSet
/// Upstream: UpdatePodOrphanWithNewLabels
#[test]
fn an_orphan_wakes_the_sets_that_its_new_labels_match() {
    let mut stage = two_sets();
    stage.town.apply(&pod("stray", "other", None));
    stage.play(1);
    stage.town.ok("kubectl label pod stray a=b");
    assert_eq!(stage.woken(), [""; 0]);
    stage
        .town
        .ok("kubectl label pod stray app=nginx --overwrite");
    assert_eq!(stage.woken(), ["api", "web"]);
    stage.play(1);
    stage.town.ok("kubectl annotate pod stray a=b");
    assert_eq!(stage.woken(), [""; 0], "its labels are the same");
}

/// Upstream: UpdatePodChangeControllerRef
#[test]
fn a_pod_that_changes_hands_wakes_both_owners() {
    let mut stage = up(1, &[]);
    stage.town.apply(&second());
    stage.play(5);
    let uid = stage.town.get::<StatefulSet>("api").meta.uid.clone();
    let owners = format!(
        r#"{{"metadata":{{"ownerReferences":[{{"apiVersion":"apps/v1","kind":"StatefulSet","name":"api","uid":"{uid}","controller":true}}]}}}}"#
    );
    stage.town.ok(&format!(
        "kubectl patch pod web-0 --type=merge -p '{owners}'"
    ));
    assert_eq!(stage.woken(), ["api", "web"]);
}

const NO_OWNER: &str =
    r#"kubectl patch pod web-0 --type=merge -p '{"metadata":{"ownerReferences":null}}'"#;

/// Upstream: UpdatePodRelease
#[test]
fn a_released_pod_wakes_every_matching_set() {
    let mut stage = up(1, &[]);
    stage.town.apply(&second());
    stage.play(5);
    stage.town.ok(NO_OWNER);
    assert_eq!(stage.woken(), ["api", "web"]);
    stage.play(1);
    let pod = stage.town.get::<Pod>("web-0");
    assert!(pod.meta.is_controlled_by(&stage.web().meta.uid), "by name");
}

/// Upstream: DeletePod
/// Upstream: DeletePodOrphan
#[test]
fn a_deleted_pod_wakes_its_owner_and_a_deleted_orphan_nobody() {
    let mut stage = up(1, &[]);
    stage.town.apply(&pod("stray", "nginx", None));
    stage.play(5);
    stage
        .town
        .ok("kubectl delete pod stray --force --grace-period=0");
    assert_eq!(stage.woken(), [""; 0]);
    stage
        .town
        .ok("kubectl delete pod web-0 --force --grace-period=0");
    assert_eq!(stage.woken(), ["web"]);
}

/// Upstream: GetPodsForStatefulSetAdopt
/// Upstream: GetPodsForStatefulSetRelease
/// Upstream: isMemberOf
#[test]
fn pods_are_adopted_by_labels_and_name_and_released_by_labels() {
    let mut stage = up(2, &[]);
    stage.town.apply(&second());
    stage.play(1);
    let other = stage.town.get::<StatefulSet>("api").clone();
    stage.town.apply(&pod("other-0", "nginx", None));
    stage.town.apply(&pod("web-8", "nginx", Some(&other)));
    stage.town.apply(&pod("web-9", "other", None));
    let service = stage.town.get::<Service>("nginx").meta.uid.clone();
    let reference = format!("kind: Service, name: nginx, uid: {service}");
    let foreign =
        pod("web-6", "nginx", Some(&other)).replace("apiVersion: apps/v1", "apiVersion: v1");
    let at = format!("kind: StatefulSet, name: api, uid: {}", other.meta.uid);
    stage.town.apply(&foreign.replace(&at, &reference));
    stage.town.ok(NO_OWNER);
    stage.play(1);
    let owner = |stage: &Stage, name: &str| {
        let owner = stage.town.get::<Pod>(name).meta.controller();
        owner.map(|it| it.name.to_string())
    };
    assert_eq!(owner(&stage, "web-0").as_deref(), Some("web"), "adopted");
    assert_eq!(owner(&stage, "other-0"), None, "another name");
    assert_eq!(owner(&stage, "web-9"), None, "other labels");
    let foreign = owner(&stage, "web-6");
    assert_eq!(foreign.as_deref(), Some("nginx"), "another controller's");
    // `api` releases a pod of another's name, `web` adopts it, and it is one too many there.
    assert_eq!(stage.town.find::<Pod>("web-8").map(|_| ()), None);
    stage
        .town
        .ok("kubectl label pod web-1 app=other --overwrite");
    stage.play(1);
    assert_eq!(owner(&stage, "web-1"), None, "released");
    assert_eq!(stage.created(), ["web-0", "web-1"], "its name is taken");
    assert_eq!(
        stage.refusals().last().map(|it| it.0.as_str()),
        Some("web-1")
    );
}

/// Upstream: AdoptOrphanRevisions
#[test]
fn orphaned_revisions_are_adopted_before_they_are_used() {
    let mut stage = up(1, &[]);
    let before = stage.revisions();
    stage.town.ok("kubectl delete sts web --cascade=orphan");
    stage.play(1);
    assert!(stage.town.find::<StatefulSet>("web").is_none());
    assert_eq!(stage.revisions(), before);
    stage.town.apply(&set(1, &[]));
    stage.serve();
    assert_eq!(stage.revisions(), before, "no other one is made");
    let revisions = stage.town.cluster.api.store.list();
    let owned = |it: &ordinal::cluster::object::ControllerRevision| {
        it.meta.is_controlled_by(&stage.web().meta.uid)
    };
    assert_eq!(revisions.map(owned).collect::<Vec<_>>(), [true]);
    assert_eq!(stage.created(), ["web-0"], "the pod was adopted as well");
}

/// Upstream: OrphanedPodsWithPVCDeletePolicy
#[test]
fn claims_of_adopted_pods_end_with_the_right_owners() {
    each(|management, retention| {
        let lines = [management, retention];
        let mut stage = up(4, &lines);
        stage.town.ok("kubectl delete sts web --cascade=orphan");
        stage.play(1);
        assert_eq!(stage.town.ready(), 4);
        stage.town.apply(&set(2, &lines));
        stage.serve();
        assert_eq!(stage.names(), ["web-0", "web-1"]);
        assert_eq!(stage.created().len(), 4, "nothing is made anew");
        let all = ["www-web-0", "www-web-1", "www-web-2", "www-web-3"];
        let kept = if retention.contains("whenScaled: Delete") {
            2
        } else {
            4
        };
        assert_eq!(stage.claims(), all[..kept], "{retention}");
        let owners: &[&str] = if retention.contains("whenDeleted: Delete") {
            &["StatefulSet/web"]
        } else {
            &[]
        };
        for claim in &all[..kept] {
            assert_eq!(stage.owners(claim), owners, "{claim} {retention}");
        }
    });
}

/// Upstream: StaleOwnerRefOnScaleup
/// Upstream: isClaimStale
#[test]
fn scale_up_waits_for_a_claim_of_a_pod_that_is_gone() {
    for management in MANAGEMENT {
        for retention in [RETENTION[1], RETENTION[3]] {
            let mut stage = up(3, &[management, retention]);
            let keep = r#"{"metadata":{"finalizers":["example.com/keep"]}}"#;
            stage.town.ok(&format!(
                "kubectl patch pvc www-web-2 --type=merge -p '{keep}'"
            ));
            stage.town.ok("kubectl scale sts web --replicas=2");
            stage.serve();
            let uid = |stage: &Stage| {
                let claim = stage.town.find::<PersistentVolumeClaim>("www-web-2");
                claim.map(|it| it.meta.uid.clone())
            };
            let stale = uid(&stage).expect("the finalizer keeps it");
            stage.town.ok("kubectl scale sts web --replicas=3");
            stage.play(10);
            assert_eq!(stage.names(), ["web-0", "web-1"]);
            assert_eq!(stage.stop(), Some(&Stop::StaleClaim("web-2".into())));
            let free = r#"{"metadata":{"finalizers":null}}"#;
            stage.town.ok(&format!(
                "kubectl patch pvc www-web-2 --type=merge -p '{free}'"
            ));
            stage.town.ok("kubectl label pod web-0 look=again");
            stage.serve();
            assert_eq!(stage.status(), [3; 5]);
            assert_ne!(uid(&stage), Some(stale), "a fresh claim");
        }
    }
}

/// Upstream: AvailabilityCheck
#[test]
fn the_set_is_looked_at_again_when_the_next_pod_becomes_available() {
    let mut stage = up(1, &["minReadySeconds: 100"]);
    stage.play(1);
    let ready = stage.town.get::<Pod>("web-0").condition("Ready").cloned();
    let since = ready.and_then(|it| it.last_transition_time);
    let due = since.expect("it is Ready").plus_s(100);
    let waiting = stage.town.cluster.waiting();
    let own = waiting.filter(|(_, task)| task.component == Component::StatefulSet);
    let times: Vec<_> = own.map(|(at, _)| at).collect();
    assert_eq!(times, [due]);
    stage.town.cluster.run_until(due.plus_ms(50));
    assert_eq!(stage.status(), [1; 5]);
    let writes = |stage: &Stage| {
        stage
            .town
            .writes(Component::StatefulSet, Kind::StatefulSet, Verb::Updated)
            .len()
    };
    let before = writes(&stage);
    stage.play(300);
    assert_eq!((writes(&stage), stage.woken()), (before, vec![]));
}
