//! Scenes of one run: what the stage shows at its instants.

use super::*;
use crate::cluster::record::Stop;
use crate::timeline::tests::applied;
use crate::timeline::{Ask, Timeline};

const WEB: &str = "
apiVersion: v1
kind: Service
metadata: {name: nginx}
spec: {clusterIP: None, selector: {app: nginx}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: nginx
  replicas: 2
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec: {containers: [{name: nginx, image: nginx}]}
  volumeClaimTemplates:
  - metadata: {name: www}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

fn started() -> Timeline {
    applied(WEB).0
}

fn act(timeline: &mut Timeline, line: &str) {
    let entry = timeline.act(Ask::Line(line.into())).expect("it is one");
    assert_eq!(entry.exit.unwrap_or(0), 0, "{line}: {}", entry.stderr());
}

fn scene(timeline: &Timeline) -> Scene {
    Scene::of(
        timeline.view(),
        timeline.log(),
        timeline.disks(),
        &Scene::default(),
    )
}

/// Each column in a line: plate, pod, claim.
fn columns(timeline: &Timeline) -> Vec<String> {
    let scene = scene(timeline);
    let shelf = &scene.shelves[0];
    let line = |column: &Arc<Column>| {
        let pod = column.pod.as_ref().map_or("-".to_owned(), |pod| {
            format!("{} {} life {}", pod.look.as_str(), pod.word, pod.life)
        });
        let claims: Vec<String> = column
            .claims
            .iter()
            .map(|it| format!("{} {}", it.name, it.word))
            .collect();
        let range = if column.in_range {
            ""
        } else {
            " (scaled away)"
        };
        format!("{}{range}: {pod}; {}", column.name, claims.join(", "))
    };
    shelf.columns.iter().map(line).collect()
}

#[test]
fn every_ordinal_asked_for_has_its_column_before_anything_exists() {
    let timeline = started();
    assert_eq!(columns(&timeline), ["web-0: -; ", "web-1: -; "]);
    assert_eq!(scene(&timeline).nodes.len(), 3);
}

#[test]
fn columns_fill_in_order_and_keep_their_claims() {
    let mut timeline = started();
    timeline.advance(60_000);
    assert_eq!(
        columns(&timeline),
        [
            "web-0: ready Running life 1; www-web-0 Bound",
            "web-1: ready Running life 1; www-web-1 Bound"
        ]
    );
    let disk = |timeline: &Timeline| scene(timeline).shelves[0].columns[1].claims[0].disk.clone();
    let kept = disk(&timeline);
    assert!(kept.is_some());
    act(&mut timeline, "kubectl delete pod web-1 --wait=false");
    timeline.advance(100);
    assert_eq!(
        columns(&timeline)[1],
        "web-1: terminating Terminating life 1; www-web-1 Bound"
    );
    timeline.advance(60_000);
    assert_eq!(
        columns(&timeline)[1],
        "web-1: ready Running life 2; www-web-1 Bound"
    );
    assert_eq!(disk(&timeline), kept);
    let reborn = scene(&timeline).shelves[0].columns[1]
        .pod
        .clone()
        .expect("it is there");
    assert!(reborn.was_ip.as_ref().is_some_and(|ip| *ip != reborn.ip));
}

#[test]
fn files_stand_on_their_disk_and_outlast_the_pod() {
    let mount = "image: nginx, volumeMounts: [{name: www, mountPath: /data}]}";
    let mut timeline = applied(&WEB.replace("image: nginx}", mount)).0;
    timeline.advance(60_000);
    for (path, text) in [("a.html", "one\ntwo"), ("b", "x"), ("c", ""), ("d", "y")] {
        let write = format!("printf '{text}' > /data/{path}");
        act(
            &mut timeline,
            &format!("kubectl exec web-1 -- sh -c \"{write}\""),
        );
        timeline.advance(1000);
    }
    let disk = |timeline: &Timeline, at: usize| {
        let tab = scene(timeline).shelves[0].columns[at].claims[0].clone();
        let disk = tab.disk.clone().expect("it is bound");
        let lines = disk
            .files
            .iter()
            .map(|it| format!("{}: {}", it.path, it.line));
        (lines.collect::<Vec<_>>(), disk.undrawn)
    };
    let written = (vec!["a.html: two".into(), "b: x".into(), "c: ".into()], 1);
    assert_eq!(disk(&timeline, 1), written);
    assert_eq!(disk(&timeline, 0), (vec![], 0));
    act(&mut timeline, "kubectl delete pod web-1 --wait=false");
    timeline.advance(60_000);
    assert_eq!(disk(&timeline, 1), written);
    timeline.seek(30_000);
    assert_eq!(
        disk(&timeline, 1),
        (vec![], 0),
        "it was not yet written then"
    );
}

#[test]
fn what_is_scaled_away_keeps_its_column_while_its_claim_is_there() {
    let mut timeline = started();
    timeline.advance(60_000);
    act(&mut timeline, "kubectl scale sts web --replicas=1");
    timeline.advance(60_000);
    assert_eq!(
        columns(&timeline)[1],
        "web-1 (scaled away): -; www-web-1 Bound"
    );
    act(&mut timeline, "kubectl delete sts web --wait=false");
    timeline.advance(60_000);
    let scene = scene(&timeline);
    assert_eq!(scene.shelves[0].standing, Standing::Gone);
    assert_eq!(columns(&timeline).len(), 2);
    act(&mut timeline, "kubectl delete pvc --all --wait=false");
    timeline.advance(60_000);
    assert_eq!(
        Scene::of(timeline.view(), timeline.log(), timeline.disks(), &scene)
            .shelves
            .len(),
        0
    );
}

#[test]
fn what_has_not_changed_is_shared_with_the_scene_before() {
    let mut timeline = started();
    timeline.advance(60_000);
    let before = scene(&timeline);
    act(&mut timeline, "kubectl delete pod web-1 --wait=false");
    let after = Scene::of(timeline.view(), timeline.log(), timeline.disks(), &before);
    let column = |scene: &Scene, at: usize| Arc::clone(&scene.shelves[0].columns[at]);
    assert!(Arc::ptr_eq(&column(&before, 0), &column(&after, 0)));
    assert!(!Arc::ptr_eq(&column(&before, 1), &column(&after, 1)));
}

#[test]
fn the_thought_names_who_acts() {
    let mut timeline = started();
    let mut seen = Vec::new();
    while timeline.elapsed_ms() < 60_000 {
        if timeline.step().is_none() {
            break;
        }
        let thought = scene(&timeline).thought.expect("somebody acted");
        if matches!(thought.deed, Deed::Creates) {
            seen.push(format!("{} {}", thought.who, thought.name));
        }
    }
    assert_eq!(
        seen.iter()
            .filter(|it| it.starts_with("statefulset"))
            .count(),
        5,
        "a revision, and for each pod a claim and itself: {seen:?}"
    );
}

#[test]
fn a_set_of_a_million_draws_a_hundred_empty_columns_and_says_so() {
    let mut timeline = started();
    act(&mut timeline, "kubectl scale sts web --replicas=1000000");
    let scene = scene(&timeline);
    assert_eq!(scene.shelves[0].columns.len(), 100);
    assert_eq!(scene.shelves[0].undrawn, 999_900);
}

#[test]
fn a_node_lists_its_ordinals_in_their_order() {
    let mut timeline = started();
    act(&mut timeline, "kubectl cordon node-b");
    act(&mut timeline, "kubectl cordon node-c");
    act(&mut timeline, "kubectl scale sts web --replicas=12");
    timeline.advance(90_000);
    let scene = scene(&timeline);
    let ordinals: Vec<&str> = scene.nodes[0].pods.iter().map(|it| &**it).collect();
    let wanted: Vec<String> = (0..12).map(|it| it.to_string()).collect();
    assert_eq!(ordinals, wanted);
    assert_eq!(scene.nodes[1].word, "Ready,SchedulingDisabled");
}

#[test]
fn a_headless_service_is_a_phone_book_that_follows_readiness() {
    let mut timeline = started();
    let book = |timeline: &Timeline| {
        let scene = scene(timeline);
        let card = &scene.services[0];
        assert_eq!((&*card.place.name, &card.address), ("nginx", &None));
        let names = card.entries.iter().filter(|it| it.is_ready);
        names
            .filter_map(|it| it.hostname.clone())
            .collect::<Vec<_>>()
    };
    assert!(book(&timeline).is_empty());
    timeline.advance(60_000);
    assert_eq!(book(&timeline), ["web-0", "web-1"]);
    act(&mut timeline, "kubectl delete pod web-0 --wait=false");
    timeline.advance(500);
    assert_eq!(book(&timeline), ["web-1"]);
}

#[test]
fn what_has_no_column_is_drawn_beside_the_shelf() {
    let mut timeline = started();
    timeline.advance(60_000);
    let loose = |timeline: &Timeline| {
        let scene = scene(timeline);
        let claims = scene.claims.iter().map(|it| it.tab.name.to_string());
        let disks = scene
            .disks
            .iter()
            .map(|it| format!("{} {}", it.disk.phase, it.claim));
        claims.chain(disks).collect::<Vec<_>>()
    };
    assert_eq!(loose(&timeline), [""; 0]);
    let volume = scene(&timeline).shelves[0].columns[1].claims[0]
        .disk
        .clone();
    let volume = volume.expect("it is bound").name;
    act(
        &mut timeline,
        &format!(
            "kubectl patch pv {volume} -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"Retain\"}}}}'"
        ),
    );
    act(&mut timeline, "kubectl scale sts web --replicas=1");
    timeline.advance(60_000);
    act(&mut timeline, "kubectl delete pvc www-web-1 --wait=false");
    timeline.advance(60_000);
    assert_eq!(loose(&timeline), ["Released www-web-1"]);
}

#[test]
fn changes_tell_what_became_of_each_thing() {
    let mut timeline = started();
    timeline.advance(60_000);
    let before = scene(&timeline);
    assert_eq!(changes(&before, &before), []);
    let said = |before: &Scene, now: &Scene| {
        let changes = changes(before, now);
        let each = changes.iter().map(|it| {
            let now = it.now.as_ref().map(|it| format!("{it:?}"));
            format!(
                "{} {}: {}",
                it.key.kind.name(),
                it.key.name,
                now.unwrap_or("gone".into())
            )
        });
        each.collect::<Vec<_>>()
    };
    act(&mut timeline, "kubectl scale sts web --replicas=1");
    timeline.advance(1_000);
    let now = scene(&timeline);
    assert_eq!(
        said(&before, &now),
        [
            "StatefulSet web: Replicas(1)",
            "Pod web-1: Pod(Terminating)"
        ]
    );
    timeline.advance(60_000);
    let scaled = scene(&timeline);
    assert_eq!(said(&now, &scaled), ["Pod web-1: gone"]);
    // Nodes, claims and their volumes, and pods of a heap.
    act(&mut timeline, "kubectl cordon node-a");
    act(
        &mut timeline,
        "kubectl create deployment shop --image=nginx",
    );
    act(&mut timeline, "kubectl delete pvc www-web-1");
    timeline.advance(60_000);
    let shop = scene(&timeline).heaps[0].pods[0].name.clone();
    assert_eq!(
        said(&scaled, &scene(&timeline)),
        [
            &*format!("Pod {shop}: Pod(Ready)"),
            "Node node-a: Word(\"Ready,SchedulingDisabled\")",
            "PersistentVolumeClaim www-web-1: gone",
        ]
    );
    act(&mut timeline, "kubectl delete sts web --cascade=orphan");
    let orphaned = scene(&timeline);
    assert_eq!(said(&scaled, &orphaned)[0], "StatefulSet web: Deleting");
    timeline.advance(10_000);
    assert_eq!(
        said(&orphaned, &scene(&timeline)),
        ["StatefulSet web: gone"]
    );
}

#[test]
fn a_revision_looks_the_same_for_as_long_as_it_lives() {
    let mut timeline = started();
    timeline.advance(60_000);
    let looks = |timeline: &Timeline| {
        let scene = scene(timeline);
        let columns = scene.shelves[0].columns.iter();
        let tags = columns.filter_map(|it| it.pod.as_ref()?.revision.clone());
        tags.map(|it| (it.name.clone(), it.number))
            .collect::<Vec<_>>()
    };
    let first = looks(&timeline)[0].clone();
    assert_eq!(looks(&timeline), [first.clone(), first.clone()]);
    act(&mut timeline, "kubectl set image sts web nginx=nginx:1.28");
    timeline.advance(3_000);
    let middle = timeline.elapsed_ms();
    timeline.advance(60_000);
    let second = looks(&timeline)[0].clone();
    assert_eq!((first.1, second.1), (0, 1));
    // While the set goes over, and once it has.
    timeline.seek(middle);
    for tag in looks(&timeline) {
        assert!(tag == first || tag == second, "{tag:?}");
    }
    timeline.advance(60_000);
    assert_eq!(looks(&timeline)[0], second);
    // What is gone back to is what it was.
    act(&mut timeline, "kubectl rollout undo sts web");
    timeline.advance(60_000);
    assert_eq!(looks(&timeline)[0], first);
    timeline.seek(0);
    timeline.advance(60_000);
    assert_eq!(looks(&timeline)[0], first);
}

const FRONT: &str = "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shared}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front}
spec:
  replicas: 2
  selector: {matchLabels: {app: front}}
  template:
    metadata: {labels: {app: front}}
    spec:
      containers: [{name: nginx, image: nginx}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: shared}}]
";

#[test]
fn a_heap_is_wired_to_the_one_claim_that_its_pods_share() {
    let mut timeline = applied(FRONT).0;
    timeline.advance(60_000);
    let scene = scene(&timeline);
    let heaps = scene.heaps.iter().map(|it| {
        let claims = it.claims.iter().map(|it| &*it.name);
        (it.pods.len(), claims.collect::<Vec<_>>())
    });
    assert_eq!(heaps.collect::<Vec<_>>(), [(2, vec!["shared"])]);
    assert!(scene.claims.is_empty(), "it is drawn once");
}

#[test]
fn bare_pods_are_not_wired_to_each_others_claims() {
    let pod = |name: &str| {
        let claim = format!("{{name: data, persistentVolumeClaim: {{claimName: {name}}}}}");
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec: {{accessModes: [ReadWriteOnce], \
             resources: {{requests: {{storage: 1Gi}}}}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: \
             {{containers: [{{name: c, image: nginx}}], volumes: [{claim}]}}\n---\n"
        )
    };
    let mut timeline = applied(&(pod("one") + &pod("two"))).0;
    timeline.advance(60_000);
    let scene = scene(&timeline);
    assert_eq!(scene.heaps[0].pods.len(), 2);
    assert!(scene.heaps[0].claims.is_empty());
    let users = scene.claims.iter().map(|it| it.users.join(" "));
    assert_eq!(users.collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn a_replica_set_that_is_refused_its_pods_says_so_without_a_pod() {
    let account = "spec:\n      serviceAccountName: nobody\n      containers:";
    let mut timeline = applied(&FRONT.replace("spec:\n      containers:", account)).0;
    timeline.advance(5_000);
    let scene = scene(&timeline);
    let [heap] = &scene.heaps[..] else {
        panic!("{:#?}", scene.heaps);
    };
    assert!(heap.pods.is_empty());
    let Some(Stop::Refused(refusal)) = &heap.waits else {
        panic!("{:?}", heap.waits);
    };
    assert!(
        refusal
            .message
            .contains("serviceaccount \"nobody\" not found"),
        "{}",
        refusal.message
    );
}

#[test]
fn pods_of_a_lost_node_wait_for_it() {
    let mut timeline = started();
    timeline.advance(60_000);
    let node = scene(&timeline).shelves[0].columns[0]
        .pod
        .clone()
        .expect("it is there")
        .node
        .clone();
    act(&mut timeline, &format!("@silence {node}"));
    timeline.advance(60_000);
    let pod = scene(&timeline).shelves[0].columns[0]
        .pod
        .clone()
        .expect("it is there");
    assert_eq!(
        (pod.look, &pod.waits),
        (Look::Unknown, &Some(Stop::NodeSilent(node)))
    );
}

#[test]
fn with_two_sets_on_a_node_its_pods_go_by_their_names() {
    let mut timeline = started();
    timeline.advance(60_000);
    let pods = |timeline: &Timeline| {
        let scene = scene(timeline);
        let pods = scene.nodes.iter().flat_map(|it| it.pods.iter());
        let mut pods: Vec<String> = pods.map(ToString::to_string).collect();
        pods.sort();
        pods
    };
    assert_eq!(pods(&timeline), ["0", "1"]);
    act(&mut timeline, "kubectl run other-0 --image=nginx");
    timeline.advance(20_000);
    assert_eq!(pods(&timeline), ["other-0", "web-0", "web-1"]);
}

#[test]
fn a_parallel_set_waits_for_no_pod_that_it_has_made() {
    let parallel = WEB.replace(
        "  replicas: 2",
        "  replicas: 2\n  podManagementPolicy: Parallel",
    );
    let said = |manifest: &str| {
        let mut timeline = applied(manifest).0;
        let mut said = Vec::new();
        while timeline.elapsed_ms() < 30_000 && timeline.step().is_some() {
            let waits = scene(&timeline).shelves[0].waits.clone();
            said.extend(waits.filter(|it| *it != Stop::Done));
        }
        assert_eq!(scene(&timeline).shelves[0].ready, 2);
        said.dedup();
        said
    };
    assert_eq!(said(&parallel), []);
    let ordered = said(WEB);
    assert!(
        ordered.contains(&Stop::PodCreated("web-0".into())),
        "{ordered:?}"
    );
}

/// So many columns in one part, all of which are in view.
fn at_once(at_once: usize) -> Pace {
    let in_view = 0..usize::MAX;
    Pace { at_once, in_view }
}

#[test]
fn what_changes_in_view_comes_first_and_what_is_not_in_view_in_greater_numbers() {
    let mut timeline = started();
    act(&mut timeline, "kubectl scale sts web --replicas=20");
    timeline.advance(600_000);
    let begin = Arc::new(scene(&timeline));
    assert_eq!(begin.shelves[0].columns.len(), 20);
    act(&mut timeline, "kubectl delete pods --all --wait=false");
    let goal = Arc::new(scene(&timeline));
    let changed = |now: &Scene, before: &Scene| -> Vec<i32> {
        let changed = now.shelves[0].changed_since(Some(&before.shelves[0]));
        changed.map(|it| it.ordinal).collect()
    };
    let pace = |_: &Shelf| Pace {
        at_once: 2,
        in_view: 4..8,
    };
    let thought = goal.thought.as_deref();
    let first = begin.with_columns_of(&goal, pace);
    let acted = goal.shelves[0].acted(Some(&begin.shelves[0]), thought);
    let acted: Vec<i32> = acted.into_iter().collect();
    let expected = |in_view: &[i32]| {
        let mut all = [&acted, in_view].concat();
        all.sort_unstable();
        all
    };
    // One that is acted on out of view costs a tenth: only one that is in view comes with it.
    assert_eq!(changed(&first, &begin), expected(&[4]));
    let second = first.with_columns_of(&goal, pace);
    assert_eq!(changed(&second, &first), [5, 6]);
    let third = second.with_columns_of(&goal, pace);
    let rest = changed(&third, &second);
    assert_eq!(rest.len(), 11, "one in view and ten that are not: {rest:?}");
    let last = third.with_columns_of(&goal, pace);
    assert_eq!(last.shelves[0].columns, goal.shelves[0].columns);
    // Of new ones not in view, as many as of those that change in view.
    act(&mut timeline, "kubectl scale sts web --replicas=30");
    timeline.advance(1);
    let goal = Arc::new(scene(&timeline));
    let grown = last.with_rest_of(&goal).with_columns_of(&goal, pace);
    assert_eq!(grown.shelves[0].columns.len(), 22);
}

#[test]
fn a_scene_on_its_way_changes_a_few_columns_at_a_time_and_arrives() {
    let mut timeline = started();
    timeline.advance(60_000);
    let begin = Arc::new(scene(&timeline));
    act(&mut timeline, "kubectl scale sts web --replicas=9");
    act(&mut timeline, "kubectl delete pod web-1 --wait=false");
    let goal = Arc::new(scene(&timeline));
    let mut shown = begin.with_thought_of(&goal);
    assert_eq!(shown.thought, goal.thought);
    assert_ne!(shown.thought, begin.thought);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|it: &Vec<i32>| !it.is_empty()) {
        let next = shown.with_columns_of(&goal, |_| at_once(5));
        let known = |it: &Arc<Column>| shown.shelves[0].column(it.ordinal) == Some(it);
        let columns = next.shelves[0].columns.iter();
        let changed: Vec<i32> = columns
            .filter(|it| !known(it))
            .map(|it| it.ordinal)
            .collect();
        assert!(next.shelves[0].columns.is_sorted_by_key(|it| it.ordinal));
        // All else comes by itself.
        assert_eq!(next.shelves[0].replicas, 2);
        assert_eq!(next.thought, goal.thought);
        seen.push(changed);
        shown = next;
    }
    // What was acted on comes first: web-1, then the seven that are new, each of which takes as long as two.
    let new = [
        [1, 2, 3].to_vec(),
        [4, 5].to_vec(),
        [6, 7].to_vec(),
        [8].to_vec(),
    ];
    assert_eq!(seen, [&new[..], &[vec![]]].concat());
    let one = begin.with_columns_of(&goal, |_| at_once(0));
    assert_eq!(
        one.shelves[0]
            .changed_since(Some(&begin.shelves[0]))
            .count(),
        1
    );
    assert_ne!(shown, goal);
    assert!(Arc::ptr_eq(&shown.with_rest_of(&goal), &goal));
    // What stands beside the columns does not wait for them where they never rest.
    let rest = begin.with_rest_of(&goal);
    assert_eq!((rest.shelves[0].replicas, &rest.nodes), (9, &goal.nodes));
    assert_eq!(rest.shelves[0].columns, begin.shelves[0].columns);
    assert_eq!(rest.thought, begin.thought);
    let columns = rest.with_columns_of(&goal, |_| at_once(100));
    assert!(Arc::ptr_eq(&columns.with_thought_of(&goal), &goal));
}

#[test]
fn a_set_that_is_gone_goes_at_once() {
    let mut timeline = started();
    timeline.advance(60_000);
    let begin = scene(&timeline);
    act(&mut timeline, "kubectl delete sts,pvc --all");
    timeline.advance(60_000);
    let goal = Arc::new(scene(&timeline));
    assert!(goal.shelves.is_empty());
    let rest = begin.with_rest_of(&goal);
    assert!(Arc::ptr_eq(&rest.with_thought_of(&goal), &goal));
    let begin = begin.with_thought_of(&goal);
    assert!(Arc::ptr_eq(&begin.with_rest_of(&goal), &goal));
    assert!(
        begin
            .with_columns_of(&goal, |_| at_once(1))
            .shelves
            .is_empty()
    );
}

#[test]
fn a_shelf_says_in_which_of_its_columns_something_happened() {
    let mut timeline = started();
    timeline.advance(60_000);
    let before = scene(&timeline);
    let acted = |now: &Scene| {
        let thought = now.thought.as_deref();
        now.shelves[0].acted(Some(&before.shelves[0]), thought)
    };
    assert_eq!(acted(&before), None);
    act(&mut timeline, "kubectl delete pod web-1 --wait=false");
    let deleted = scene(&timeline);
    assert_eq!(acted(&deleted), Some(1));
    // The last deed is about the set, and one column changed.
    act(
        &mut timeline,
        "kubectl annotate sts web a=b --overwrite=true",
    );
    assert_eq!(acted(&scene(&timeline)), Some(1));
    // Two have changed, and the last deed is about neither.
    act(&mut timeline, "kubectl delete pod web-0 --wait=false");
    act(
        &mut timeline,
        "kubectl annotate sts web a=c --overwrite=true",
    );
    assert_eq!(acted(&scene(&timeline)), None);
}
