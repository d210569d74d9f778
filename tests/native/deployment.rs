//! Deployments and their ReplicaSets, the contrast to a StatefulSet (reference chapter 10).

use ordinal::cluster::object::{Deployment, Kind, ReplicaSet};
use ordinal::cluster::record::{Component, Verb};

use super::support::Town;

fn manifest(image: &str, strategy: &str) -> String {
    format!(
        r"
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  replicas: 4
  strategy: {{type: {strategy}}}
  selector:
    matchLabels: {{app: shop}}
  template:
    metadata:
      labels: {{app: shop}}
    spec:
      containers:
      - name: shop
        image: {image}
"
    )
}

fn sizes(town: &Town) -> Vec<i32> {
    let mut sets: Vec<&ReplicaSet> = town.cluster.api.store.list::<ReplicaSet>().collect();
    sets.sort_by_key(|set| (set.meta.created, set.meta.resource_version));
    sets.iter()
        .map(|set| set.spec.replicas.unwrap_or(1))
        .collect()
}

#[test]
fn all_pods_come_at_once_and_bear_the_hash_of_their_template() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "RollingUpdate"));
    town.wait_s(10);
    assert_eq!(town.ready(), 4);
    let set = town
        .cluster
        .api
        .store
        .list::<ReplicaSet>()
        .next()
        .expect("a set");
    let hash = set.meta.label("pod-template-hash").expect("a hash");
    assert_eq!(&*set.meta.name, format!("shop-{hash}"));
    assert!(
        town.pods()
            .iter()
            .all(|pod| pod.starts_with(&format!("shop-{hash}-")))
    );
    assert_eq!(
        town.events("ScalingReplicaSet"),
        [format!("Scaled up replica set shop-{hash} from 0 to 4")]
    );
}

#[test]
fn a_rolling_update_surges_and_never_falls_below_its_minimum() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "RollingUpdate"));
    town.wait_s(10);
    town.ok("kubectl set image deployment/shop shop=nginx:1.28");
    let (mut most, mut least) = (0, usize::MAX);
    for _ in 0..600 {
        town.cluster.run_for(100);
        let active = town
            .pods()
            .iter()
            .filter(|pod| !pod.contains("terminating"))
            .count();
        most = most.max(active);
        least = least.min(town.ready());
    }
    assert_eq!(most, 5, "a quarter more, rounded up");
    assert!(least >= 3, "a quarter less, rounded down: {least}");
    assert_eq!(sizes(&town), [0, 4]);
    let status = &town.get::<Deployment>("shop").status;
    let progressing = status
        .conditions
        .iter()
        .find(|it| &*it.kind == "Progressing");
    assert_eq!(
        progressing.map(|it| &*it.reason),
        Some("NewReplicaSetAvailable")
    );
    let revision = town
        .get::<Deployment>("shop")
        .meta
        .annotation("deployment.kubernetes.io/revision");
    assert_eq!(revision, Some("2"));
}

#[test]
fn a_broken_image_leaves_the_old_pods_serving_and_is_late_after_ten_minutes() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "RollingUpdate"));
    town.wait_s(10);
    town.ok("kubectl set image deployment/shop shop=nginx:nope");
    town.wait_s(590);
    assert_eq!(town.ready(), 3);
    assert_eq!(sizes(&town), [3, 2]);
    let reason = |town: &Town| {
        let conditions = &town.get::<Deployment>("shop").status.conditions;
        let found = conditions.iter().find(|it| &*it.kind == "Progressing");
        found.map(|it| it.reason.to_string()).unwrap_or_default()
    };
    assert_eq!(reason(&town), "ReplicaSetUpdated");
    town.wait_s(30);
    assert_eq!(reason(&town), "ProgressDeadlineExceeded");
    // The way back needs no more than the old template.
    town.ok("kubectl set image deployment/shop shop=nginx:1.27");
    town.wait_s(20);
    assert_eq!((town.ready(), sizes(&town)), (4, vec![4, 0]));
}

#[test]
fn recreate_waits_until_every_old_pod_is_gone() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "Recreate"));
    town.wait_s(10);
    town.ok("kubectl set image deployment/shop shop=nginx:1.28");
    for _ in 0..300 {
        town.cluster.run_for(100);
        let images: std::collections::BTreeSet<String> = town
            .cluster
            .api
            .store
            .list::<ordinal::cluster::object::Pod>()
            .map(|pod| pod.spec.containers[0].image.to_string())
            .collect();
        assert!(images.len() <= 1, "never both: {images:?}");
    }
    assert_eq!((town.ready(), sizes(&town)), (4, vec![0, 4]));
}

#[test]
fn scaling_in_the_middle_of_a_rollout_keeps_the_proportions() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "RollingUpdate"));
    town.wait_s(10);
    town.ok("kubectl set image deployment/shop shop=nginx:nope");
    town.wait_s(10);
    assert_eq!(sizes(&town), [3, 2]);
    town.ok("kubectl scale deployment shop --replicas=8");
    town.wait_s(2);
    // Ten pods are allowed; three and two of five grow in proportion.
    assert_eq!(sizes(&town), [6, 4]);
}

#[test]
fn deleting_it_deletes_sets_and_pods() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "RollingUpdate"));
    town.wait_s(10);
    town.ok("kubectl delete deployment shop");
    town.wait_s(10);
    let count = |kind| town.cluster.api.store.count(kind);
    assert_eq!((count(Kind::ReplicaSet), count(Kind::Pod)), (0, 0));
    let by_collector = town.writes(Component::GarbageCollector, Kind::Pod, Verb::Deleting);
    assert_eq!(by_collector.len(), 4);
}

#[test]
fn history_is_cut_to_its_limit() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.0", "Recreate"));
    town.ok(r#"kubectl patch deployment shop -p '{"spec":{"revisionHistoryLimit":2}}'"#);
    town.wait_s(10);
    for minor in 1..6 {
        town.ok(&format!(
            "kubectl set image deployment/shop shop=nginx:1.{minor}"
        ));
        town.wait_s(15);
    }
    assert_eq!(sizes(&town), [0, 0, 4]);
}

#[test]
fn a_paused_rollout_waits_until_it_is_resumed() {
    let mut town = Town::new();
    town.apply(&manifest("nginx:1.27", "RollingUpdate"));
    town.wait_s(10);
    assert_eq!(
        town.ok("kubectl rollout pause deployment/shop"),
        "deployment.apps/shop paused\n"
    );
    let again = town.run("kubectl rollout pause deployment/shop").stderr;
    assert_eq!(
        again,
        "error: deployments.apps \"shop\" is already paused\n"
    );
    town.ok("kubectl set image deployment/shop shop=nginx:1.28");
    town.wait_s(20);
    assert_eq!(sizes(&town), [4], "no new ReplicaSet");
    town.ok("kubectl rollout resume deployment/shop");
    town.wait_s(30);
    assert_eq!(sizes(&town), [0, 4]);
    let again = town.run("kubectl rollout resume deployment/shop").stderr;
    assert_eq!(again, "error: deployments.apps \"shop\" is not paused\n");
}
