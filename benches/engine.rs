//! How much processor time the engine needs for a pod.
//!
//! `cargo bench --no-default-features` prints the table that stands in the README.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ordinal::cluster::Cluster;
use ordinal::cluster::config::{Config, NodeConfig};
use ordinal::cluster::object::{Kind, StatefulSet};
use ordinal::kubectl::{self, Workspace};

/// How many pods a node takes here, as on the page's nodes.
const PODS_A_NODE: usize = 100;
/// A limit on virtual time, so that a set that never gets Ready is noticed.
const LIMIT_MS: i64 = 30 * 24 * 3600 * 1000;

fn manifest(replicas: usize, policy: &str) -> String {
    format!(
        r"
apiVersion: v1
kind: Service
metadata: {{name: nginx}}
spec: {{clusterIP: None, selector: {{app: nginx}}, ports: [{{port: 80, name: web}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: nginx
  replicas: {replicas}
  podManagementPolicy: {policy}
  selector: {{matchLabels: {{app: nginx}}}}
  template:
    metadata: {{labels: {{app: nginx}}}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{{containerPort: 80, name: web}}]
        volumeMounts: [{{name: www, mountPath: /usr/share/nginx/html}}]
  volumeClaimTemplates:
  - metadata: {{name: www}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
"
    )
}

/// A cluster with room for so many pods and one more.
fn cluster(replicas: usize) -> Cluster {
    let mut config = Config::page(1);
    config.pods_max = None;
    config.nodes = (0..=replicas.div_ceil(PODS_A_NODE).max(2))
        .map(|index| NodeConfig::standard(format!("node-{index}")))
        .collect();
    Cluster::new(config)
}

fn run(cluster: &mut Cluster, workspace: &mut Workspace, line: &str) {
    let words = line.split(' ').skip(1).map(str::to_owned).collect();
    let answer = kubectl::run(cluster, workspace, words, None);
    assert_eq!(answer.output.exit, 0, "{line}: {}", answer.output.stderr);
}

/// Lets time pass until every pod of the set is Ready and of the newest revision.
fn settle(cluster: &mut Cluster) {
    let end = cluster.now().plus_ms(LIMIT_MS);
    loop {
        let set = cluster.api.store.list::<StatefulSet>().next();
        let through = set.is_some_and(|set| {
            set.status.observed_generation == set.meta.generation
                && set.status.ready_replicas == set.spec.replicas()
                && set.status.updated_replicas == set.spec.replicas()
                && set.status.current_revision == set.status.update_revision
        });
        if through {
            return;
        }
        assert!(cluster.step(end), "the set gets Ready");
    }
}

/// From an empty cluster to a set whose pods are all Ready.
fn bring_up(replicas: usize, policy: &str) -> (Cluster, Workspace) {
    let mut cluster = cluster(replicas);
    let mut workspace = Workspace::default();
    let text = manifest(replicas, policy);
    workspace.files.insert("web.yaml".to_owned(), text);
    run(&mut cluster, &mut workspace, "kubectl apply -f web.yaml");
    settle(&mut cluster);
    assert_eq!(cluster.api.store.count(Kind::Pod), replicas);
    (cluster, workspace)
}

fn sets(criterion: &mut Criterion) {
    for policy in ["Parallel", "OrderedReady"] {
        let mut group = criterion.benchmark_group(policy);
        group.sample_size(10);
        for replicas in [10, 100, 1_000, 10_000] {
            group.throughput(Throughput::Elements(replicas as u64));
            group.bench_with_input(
                BenchmarkId::from_parameter(replicas),
                &replicas,
                |bencher, replicas| bencher.iter_with_large_drop(|| bring_up(*replicas, policy)),
            );
        }
        group.finish();
    }
}

fn rollout(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rolling update");
    group.sample_size(10);
    group.throughput(Throughput::Elements(1_000));
    let (cluster, workspace) = bring_up(1_000, "Parallel");
    group.bench_function("1000", |bencher| {
        bencher.iter_batched(
            || (cluster.clone(), workspace.clone()),
            |(mut cluster, mut workspace)| {
                let line = "kubectl set image sts/web nginx=nginx:1.28";
                run(&mut cluster, &mut workspace, line);
                settle(&mut cluster);
                cluster
            },
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// One event is one thing that was due: a pod is deleted in a set of a hundred, and everything that follows is counted.
fn event(criterion: &mut Criterion) {
    let (cluster, workspace) = bring_up(100, "Parallel");
    let replace = |mut cluster: Cluster, mut workspace: Workspace| {
        let line = "kubectl delete pod web-50 --wait=false";
        run(&mut cluster, &mut workspace, line);
        let end = cluster.now().plus_ms(60_000);
        let mut steps = 0_u64;
        while cluster.step(end) {
            steps += 1;
        }
        (cluster, steps)
    };
    let (_, steps) = replace(cluster.clone(), workspace.clone());
    let mut group = criterion.benchmark_group("one event");
    group.throughput(Throughput::Elements(steps));
    group.bench_function("100", |bencher| {
        bencher.iter_batched(
            || (cluster.clone(), workspace.clone()),
            |(cluster, workspace)| replace(cluster, workspace),
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, sets, rollout, event);
criterion_main!(benches);
