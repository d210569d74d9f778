//! The manifests that the page offers to start with: each comes up, and does what its comments say.

use std::fs;
use std::path::Path;

use ordinal::cluster::dns::{Answer, Query, resolve};
use ordinal::cluster::object::claim::ClaimPhase;
use ordinal::cluster::object::endpoint_slice::SERVICE_NAME;
use ordinal::cluster::object::{
    Deployment, EndpointSlice, Kind, PersistentVolumeClaim, Pod, StatefulSet,
};
use ordinal::cluster::record::{Component, Verb};
use ordinal::i18n::Locale;
use ordinal::manifest;
use ordinal::session::FIRST_MANIFEST;

use super::support::Town;

/// Longer than any of them takes.
const PATIENCE_S: i64 = 300;
/// The one that shall not come up.
const STUCK: &str = "no-class.yaml";

/// Every starter that comes up by itself, by its file name, in order.
fn starters() -> Vec<(String, String)> {
    let mut all = files();
    // Those are refused, and that is what they are for.
    all.retain(|(name, _)| !name.starts_with("seed-000"));
    all
}

/// Every file that the page can start from.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/starters");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut found: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            Some((name, fs::read_to_string(entry.path()).ok()?))
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "there are starters");
    found
}

/// The text of one starter.
fn starter(name: &str) -> String {
    let found = starters().into_iter().find(|(it, _)| it == name);
    found.unwrap_or_else(|| panic!("{name} is there")).1
}

/// A cluster on which one starter was applied a while ago.
fn started(name: &str) -> Town {
    let mut town = Town::new();
    apply(&mut town, name, &starter(name));
    town.wait_s(PATIENCE_S);
    town
}

/// Applies a text under a name, without a complaint.
fn apply(town: &mut Town, name: &str, text: &str) -> String {
    town.workspace
        .files
        .insert(name.to_owned(), text.to_owned());
    let output = town.run(&format!("kubectl apply -f {name}"));
    assert_eq!((output.exit, &*output.stderr), (0, ""), "{name}");
    output.stdout
}

/// How many pods the sets and Deployments want.
fn wanted(town: &Town) -> usize {
    let store = &town.cluster.api.store;
    let sets = store
        .list::<StatefulSet>()
        .map(|set| set.spec.replicas.unwrap_or(1));
    let deployments = store
        .list::<Deployment>()
        .map(|it| it.spec.replicas.unwrap_or(1));
    let sum: i32 = sets.chain(deployments).sum();
    usize::try_from(sum).expect("it is not negative")
}

/// How often anything was written.
fn writes(town: &Town) -> usize {
    let log = town.cluster.api.log.iter();
    log.filter(|record| record.write().is_some()).count()
}

/// What kubectl says of a file that was applied before.
///
/// It compares claim templates as one list, and the server has filled theirs in: a set that has some is always
/// "configured" (kubernetes/kubernetes#66450), though nothing of it changes.
fn said_again(created: &str, town: &Town) -> String {
    let mut said = created.replace(" created", " unchanged");
    let sets = town.cluster.api.store.list::<StatefulSet>();
    for set in sets.filter(|set| !set.spec.claim_templates.is_empty()) {
        let line = |word| format!("statefulset.apps/{} {word}\n", set.meta.name);
        said = said.replace(&line("unchanged"), &line("configured"));
    }
    said
}

/// The image of a pod.
fn image(town: &Town, pod: &str) -> String {
    town.get::<Pod>(pod).spec.containers[0].image.to_string()
}

/// The addresses of a name.
fn addresses(town: &Town, name: &str) -> Vec<String> {
    let answers = resolve(&town.cluster.api, "default", name, Query::A);
    let ip = |answer| match answer {
        Answer::A { ip, .. } => Some(ip.to_string()),
        _ => None,
    };
    answers.into_iter().filter_map(ip).collect()
}

/// The address of a pod.
fn ip(town: &Town, pod: &str) -> String {
    town.get::<Pod>(pod).status.pod_ip.to_string()
}

/// The pods behind a Service that take requests.
fn behind(town: &Town, service: &str) -> Vec<String> {
    let slices = town.cluster.api.store.list::<EndpointSlice>();
    let own = slices.filter(|slice| slice.meta.label(SERVICE_NAME) == Some(service));
    let endpoints = own.flat_map(|slice| slice.endpoints.iter());
    let ready = endpoints.filter(|it| it.conditions.ready == Some(true));
    let mut names: Vec<String> = ready
        .filter_map(|it| Some(it.target.as_ref()?.name.to_string()))
        .collect();
    names.sort();
    names
}

/// The nodes of all pods, each once.
fn nodes(town: &Town) -> Vec<String> {
    let pods = town.cluster.api.store.list::<Pod>();
    let mut nodes: Vec<String> = pods.map(|pod| pod.spec.node_name.to_string()).collect();
    nodes.sort();
    nodes.dedup();
    nodes
}

#[test]
fn each_comes_up_and_applying_it_again_changes_nothing() {
    for (name, text) in starters() {
        let mut town = Town::new();
        let created = apply(&mut town, &name, &text);
        for line in created.lines() {
            assert!(line.ends_with(" created"), "{name}: {line}");
        }
        town.wait_s(PATIENCE_S);
        if name != STUCK {
            assert_eq!(town.pods().len(), wanted(&town), "{name}");
            assert_eq!(town.ready(), wanted(&town), "{name}: {:?}", town.pods());
            let store = &town.cluster.api.store;
            for claim in store.list::<PersistentVolumeClaim>() {
                assert_eq!(claim.phase(), ClaimPhase::Bound, "{name}");
            }
            for pod in store.list::<Pod>() {
                let restarts = pod.status.container_statuses[0].restart_count;
                assert_eq!(restarts, 0, "{name}: {}", pod.meta.name);
            }
        }
        let before = writes(&town);
        let again = apply(&mut town, &name, &text);
        assert_eq!(again, said_again(&created, &town), "{name}");
        assert_eq!(writes(&town), before, "{name}");
    }
}

#[test]
fn one_may_follow_the_other_on_the_same_cluster() {
    let mut town = Town::new();
    // The lessons' manifests share their names.
    let is_ours = |name: &str| !name.starts_with("seed-");
    for (name, text) in starters().into_iter().filter(|(name, _)| is_ours(name)) {
        let created = apply(&mut town, &name, &text);
        for line in created.lines() {
            assert!(line.ends_with(" created"), "{name}: {line}");
        }
    }
    town.wait_s(PATIENCE_S);
    let stuck = 2;
    assert_eq!(town.ready(), wanted(&town) - stuck, "{:?}", town.pods());
}

#[test]
fn the_one_without_a_class_waits_for_it() {
    let (mut town, text) = (started(STUCK), starter(STUCK));
    assert_eq!(town.pods(), ["stuck-0 Pending"], "the second is not made");
    let claim = town.get::<PersistentVolumeClaim>("data-stuck-0");
    assert_eq!(claim.phase(), ClaimPhase::Pending);
    let reason = "storageclass.storage.k8s.io \"fast-ssd\" not found";
    assert_eq!(town.events("ProvisioningFailed"), [reason]);
    let marked: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .collect();
    assert_eq!(marked[0], reason, "the comment says it");
    let mended = format!("{}\n{text}", marked[1..].join("\n"));
    let said = apply(&mut town, STUCK, &mended);
    assert!(
        said.starts_with("storageclass.storage.k8s.io/fast-ssd created\n"),
        "{said}"
    );
    town.wait_s(15);
    let claim = town.get::<PersistentVolumeClaim>("data-stuck-0");
    assert_eq!(claim.phase(), ClaimPhase::Bound);
    town.wait_s(60);
    assert_eq!(town.ready(), 2, "{:?}", town.pods());
}

#[test]
fn clients_of_postgresql_reach_the_primary_only() {
    let mut town = started("postgresql.yaml");
    assert_eq!(behind(&town, "postgresql-primary"), ["postgresql-0"]);
    assert_eq!(behind(&town, "postgresql").len(), 3);
    let primary = ip(&town, "postgresql-0");
    assert_eq!(addresses(&town, "postgresql-0.postgresql"), [primary]);
    town.ok("kubectl delete pod postgresql-0 --wait=false");
    town.wait_s(1);
    assert_eq!(behind(&town, "postgresql-primary"), [""; 0], "no standby");
    town.wait_s(60);
    assert_eq!(behind(&town, "postgresql-primary"), ["postgresql-0"]);
}

#[test]
fn zookeeper_counts_from_one_and_finds_servers_that_are_not_ready() {
    let mut town = Town::new();
    apply(&mut town, "zookeeper.yaml", &starter("zookeeper.yaml"));
    town.wait_s(2);
    assert_eq!(town.pods().len(), 3, "all at once");
    town.wait_s(PATIENCE_S);
    assert_eq!(nodes(&town).len(), 3, "one a node");
    for id in 1..=3 {
        let name = format!("zookeeper-{id}");
        let index = town.get::<Pod>(&name);
        let index = index.meta.label("apps.kubernetes.io/pod-index");
        assert_eq!(index, Some(&*id.to_string()));
        assert!(starter("zookeeper.yaml").contains(&format!(
            "server.{id}={name}.zookeeper-headless:2888:3888;2181"
        )));
    }
    let claims = town.cluster.api.store.count(Kind::PersistentVolumeClaim);
    assert_eq!(claims, 6);
    town.ok("@fail-probes zookeeper-2");
    town.wait_s(20);
    assert_eq!(town.ready(), 2);
    assert_eq!(
        behind(&town, "zookeeper"),
        ["zookeeper-1", "zookeeper-3"],
        "clients"
    );
    let server = ip(&town, "zookeeper-2");
    assert_eq!(
        addresses(&town, "zookeeper-2.zookeeper-headless"),
        [server],
        "servers"
    );
}

#[test]
fn cassandra_finds_its_seed_and_spreads() {
    let mut town = started("cassandra.yaml");
    assert_eq!(nodes(&town).len(), 3);
    let seed = "cassandra-0.cassandra.default.svc.cluster.local";
    assert!(starter("cassandra.yaml").contains(seed));
    town.ok("@fail-probes cassandra-0");
    town.wait_s(60);
    assert_eq!(town.ready(), 2);
    assert_eq!(addresses(&town, seed), [ip(&town, "cassandra-0")]);
}

#[test]
fn pods_of_a_deployment_need_a_disk_for_many() {
    let mut town = started("deployment.yaml");
    assert_eq!(nodes(&town).len(), 3);
    let store = &town.cluster.api.store;
    for pod in store.list::<Pod>() {
        assert!(pod.spec.mounts_claim("pages"), "{}", pod.meta.name);
    }
    let once = starter("deployment.yaml").replace("[ReadWriteMany]", "[ReadWriteOnce]");
    town = Town::new();
    apply(&mut town, "deployment.yaml", &once);
    town.wait_s(PATIENCE_S);
    assert_eq!(town.ready(), 1, "{:?}", town.pods());
    let said = town.events("FailedAttachVolume");
    assert!(
        said.iter().all(|it| it.starts_with("Multi-Attach error")) && !said.is_empty(),
        "{said:?}"
    );
}

#[test]
fn the_parallel_set_starts_and_stops_at_once() {
    let mut town = Town::new();
    apply(&mut town, "parallel.yaml", &starter("parallel.yaml"));
    town.wait_s(1);
    let names = ["parallel-0", "parallel-1", "parallel-2", "parallel-3"];
    assert_eq!(
        town.writes(Component::StatefulSet, Kind::Pod, Verb::Created),
        names
    );
    town.wait_s(60);
    town.ok("kubectl scale statefulset parallel --replicas=0");
    town.wait_s(1);
    assert_eq!(
        town.writes(Component::StatefulSet, Kind::Pod, Verb::Deleting)
            .len(),
        4
    );
}

#[test]
fn the_canary_goes_first_and_alone() {
    let mut town = started("partition.yaml");
    let new = starter("partition.yaml").replace("image: nginx:1.27", "image: nginx:1.28");
    apply(&mut town, "partition.yaml", &new);
    town.wait_s(60);
    let images = |town: &Town| [0, 1, 2, 3].map(|id| image(town, &format!("canary-{id}")));
    assert_eq!(
        images(&town),
        ["nginx:1.27", "nginx:1.27", "nginx:1.27", "nginx:1.28"]
    );
    town.ok("kubectl delete pod canary-1 --wait=false");
    town.wait_s(60);
    assert_eq!(image(&town, "canary-1"), "nginx:1.27", "as it was");
    let all = new.replace("partition: 3", "partition: 0");
    assert_ne!(all, new);
    apply(&mut town, "partition.yaml", &all);
    town.wait_s(PATIENCE_S);
    assert_eq!(images(&town), ["nginx:1.28"; 4]);
    assert_eq!(town.ready(), 4);
}

#[test]
fn the_page_offers_every_file_and_no_other() {
    let pane = Locale::En.messages().pane;
    let mut offered: Vec<&str> = pane.starters.iter().map(|(file, _)| *file).collect();
    offered.sort_unstable();
    let files = files();
    let there: Vec<&str> = files.iter().map(|(name, _)| &**name).collect();
    assert_eq!(offered, there);
}

#[test]
fn the_lessons_manifests_are_those_that_were_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let printed = |name: &str| fs::read_to_string(folder.join(name)).expect("it is there");
    let files = files();
    for (file, parts) in [
        ("seed-000-service.yaml", &["seed-000-1.yaml"][..]),
        ("seed-000-set.yaml", &["seed-000-2.yaml"]),
        (
            "seed-001.yaml",
            &["seed-001-1.yaml", "seed-001-2.yaml", "seed-001-3.yaml"],
        ),
        ("seed-002.yaml", &["seed-002-1.yaml"]),
        ("seed-003.yaml", &["seed-003-1.yaml"]),
        ("seed-004.yaml", &["seed-004-1.yaml", "seed-004-2.yaml"]),
    ] {
        let (_, text) = files
            .iter()
            .find(|(name, _)| name == file)
            .expect("it is there");
        let documents = |text: &str| {
            let read = manifest::read_all(text);
            read.documents
                .into_iter()
                .map(|it| it.value)
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = parts
            .iter()
            .flat_map(|it| documents(&printed(it)))
            .collect();
        assert_eq!(documents(text), all, "{file}");
    }
    let (_, first) = files
        .iter()
        .find(|(name, _)| name == "first.yaml")
        .expect("it is there");
    assert_eq!(first, FIRST_MANIFEST);
}
