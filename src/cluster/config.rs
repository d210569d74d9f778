//! How a cluster is set up: its nodes and classes, which components run, how names are made, and how long
//! everything takes.
//!
//! A number that Kubernetes defines (a back-off, a grace period, a resync) is kept as it is.
//! A number that depends on machines and networks is ours, and says what it is on a real cluster and why ours
//! differs: a set of three shall be Ready in 10 to 15 seconds, long enough to follow and short enough not to wait.

use super::names::Naming;
use super::record::Component;
use super::time::Time;
use super::value::Text;
use crate::cluster::sorted::SortedMap;

/// The version that is simulated.
pub const KUBERNETES_VERSION: &str = "v1.36.2";

/// The most pods of the page's cluster.
const PAGE_PODS_MAX: usize = 1000;

/// Ten days, in milliseconds: how old the system's own namespaces are at the start.
pub const SYSTEM_AGE_MS: i64 = 10 * 24 * 3600 * 1000;

/// All that determines a cluster, together with what is asked of it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The seed of all chance.
    pub seed: u64,
    /// The instant at which the cluster's clock starts.
    pub epoch: Time,
    /// How the server makes names.
    pub naming: Naming,
    /// The nodes, in their order.
    pub nodes: Vec<NodeConfig>,
    /// The label, address and software of nodes.
    pub node_address_base: [u8; 4],
    /// The default StorageClass, if there is one.
    pub standard_class: Option<ClassConfig>,
    /// Namespaces besides `default` and the system's own.
    pub namespaces: Vec<Text>,
    /// Milliseconds before the epoch at which nodes, classes and namespaces were made.
    pub setup_age_ms: i64,
    /// Components that do not run.
    pub absent: Vec<Component>,
    /// Whether the provisioner says what it does. The one of the recordings does not.
    pub provisioner_events: bool,
    /// Whether a StatefulSet may replace several pods at once: the feature gate MaxUnavailableStatefulSet, which
    /// v1.36.2 has switched off.
    pub max_unavailable_gate: bool,
    /// The most pods, as a ResourceQuota would have it. A real cluster has none by itself; the page has one, because
    /// a million pods asked for at once would stop the browser.
    pub pods_max: Option<usize>,
    /// How long everything takes.
    pub latency: Latency,
}

/// One node.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its name.
    pub name: Text,
    /// Its processors.
    pub cpu: Text,
    /// Its memory.
    pub memory: Text,
    /// How many pods it takes.
    pub pods: i64,
    /// Labels besides its name.
    pub labels: SortedMap<Text, Text>,
}

/// The default StorageClass.
#[derive(Clone, Debug)]
pub struct ClassConfig {
    /// Its name.
    pub name: Text,
    /// Who makes its volumes.
    pub provisioner: Text,
    /// Whether it waits for the first consumer.
    pub waits: bool,
}

/// How long everything takes, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    /// From a change to the StatefulSet controller's sync. Real: 1 to 10 ms. Ours lets the eye see who acts.
    pub stateful_set_ms: i64,
    /// From a sync's first write to its status write. Real: the time of its requests, 5 to 50 ms.
    pub status_ms: i64,
    /// How far a controller's cache of what others remove is behind. Real: 1 to 50 ms.
    pub cache_ms: i64,
    /// From a change to the ReplicaSet and Deployment controllers' sync. Real: 1 to 10 ms.
    pub replica_set_ms: i64,
    /// From a change to the volume binder's sync. Real: 1 to 10 ms.
    pub binder_ms: i64,
    /// From a claim's annotation to its volume. Real: 1 to 60 s with a cloud disk, 0.1 s with a host path.
    pub provision_ms: i64,
    /// From a change to the claim and volume protection controllers' sync. Real: 5 to 20 ms.
    pub protection_ms: i64,
    /// From a change to the slices of its Service. Real: 1 to 1000 ms.
    pub endpoints_ms: i64,
    /// From a change to the garbage collector's look at it. Real: 1 to 500 ms.
    pub collector_ms: i64,
    /// From a change of a node to the taints, evictions and marks that follow from it. Real: 1 to 100 ms.
    pub node_ms: i64,
    /// From a pod to its node. Real: 1 to 20 ms.
    pub schedule_ms: i64,
    /// From a pod's node to its kubelet's first status. Real: 10 to 1000 ms.
    pub kubelet_ms: i64,
    /// To set up a pod's sandbox, volumes and network. Real: 0.5 to 60 s.
    pub sandbox_ms: i64,
    /// To pull an image that the node does not have. Real: 1 to 120 s.
    pub pull_ms: i64,
    /// To start a container. Real: 0.1 to 1 s.
    pub start_ms: i64,
    /// What an init container runs for. Real: whatever it does.
    pub init_ms: i64,
    /// From SIGTERM to the end of a process that heeds it. Real: 0.1 s to the grace period.
    pub stop_ms: i64,
    /// From a pod's last status to the kubelet's final delete. Real: 0.1 to 2 s.
    pub confirm_ms: i64,
    /// Between two rounds of the binder over everything (`--pvclaimbinder-sync-period`). Real: 15 s, and kept.
    pub binder_resync_ms: i64,
    /// From the start to the binder's first round. Real: anything below the period.
    pub binder_first_resync_ms: i64,
    /// From a kubelet's last word until its node counts as lost (`--node-monitor-grace-period`). Real: 50 s, and
    /// kept.
    pub node_grace_ms: i64,
    /// Between two rounds of the pod garbage collector. Real: 20 s, and kept.
    pub pod_collector_ms: i64,
    /// From a node's end to the removal of its pods. Real: 40 s, and kept.
    pub pod_quarantine_ms: i64,
    /// From a lost node until its volumes may be attached elsewhere. Real: 6 min, and kept.
    pub force_detach_ms: i64,
}

impl Latency {
    /// The page's: slow enough to be followed.
    pub fn page() -> Self {
        Self {
            stateful_set_ms: 200,
            status_ms: 60,
            cache_ms: 0,
            replica_set_ms: 200,
            binder_ms: 120,
            provision_ms: 250,
            protection_ms: 250,
            endpoints_ms: 150,
            collector_ms: 200,
            node_ms: 200,
            schedule_ms: 700,
            kubelet_ms: 300,
            sandbox_ms: 500,
            pull_ms: 1400,
            start_ms: 450,
            init_ms: 800,
            stop_ms: 1500,
            confirm_ms: 400,
            ..Self::real()
        }
    }

    /// The real controllers' on an idle machine: the setting of the recordings.
    pub fn real() -> Self {
        Self {
            stateful_set_ms: 2,
            status_ms: 6,
            cache_ms: 15,
            replica_set_ms: 2,
            binder_ms: 2,
            provision_ms: 60,
            protection_ms: 10,
            endpoints_ms: 4,
            collector_ms: 2,
            node_ms: 10,
            schedule_ms: 5,
            kubelet_ms: 20,
            sandbox_ms: 500,
            pull_ms: 2000,
            start_ms: 200,
            init_ms: 1000,
            stop_ms: 200,
            confirm_ms: 500,
            binder_resync_ms: 15_000,
            binder_first_resync_ms: 14_500,
            node_grace_ms: 50_000,
            pod_collector_ms: 20_000,
            pod_quarantine_ms: 40_000,
            force_detach_ms: 360_000,
        }
    }
}

impl NodeConfig {
    /// A node like those of the recordings: 8 cpu, 32Gi, 110 pods.
    pub fn standard(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            cpu: "8".into(),
            memory: "32Gi".into(),
            pods: 110,
            labels: SortedMap::new(),
        }
    }

    /// The same with the labels that a kubelet gives its node; those of the recordings have none of them.
    fn of_page(name: &str) -> Self {
        let labels = [
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/os", "linux"),
        ];
        Self {
            labels: labels
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect(),
            ..Self::standard(name)
        }
    }
}

impl ClassConfig {
    /// minikube's class, as in the recordings.
    pub fn standard() -> Self {
        Self {
            name: "standard".into(),
            provisioner: "k8s.io/minikube-hostpath".into(),
            waits: false,
        }
    }
}

impl Config {
    /// The page's cluster: three Ready nodes, the standard class, everything runs.
    pub fn page(seed: u64) -> Self {
        Self {
            seed,
            epoch: Time(1_768_471_200_000),
            naming: Naming::Seeded,
            nodes: ["node-a", "node-b", "node-c"]
                .map(NodeConfig::of_page)
                .into(),
            node_address_base: [192, 168, 49, 2],
            standard_class: Some(ClassConfig::standard()),
            namespaces: Vec::new(),
            setup_age_ms: 5000,
            absent: Vec::new(),
            provisioner_events: true,
            max_unavailable_gate: false,
            pods_max: Some(PAGE_PODS_MAX),
            latency: Latency::page(),
        }
    }

    /// The setting of the recordings: no scheduler, kubelet or node lifecycle, fixed names, a silent provisioner.
    pub fn recordings(epoch: Time) -> Self {
        Self {
            epoch,
            naming: Naming::Recorded,
            absent: vec![
                Component::Scheduler,
                Component::Kubelet,
                Component::NodeLifecycle,
                Component::TaintEviction,
                Component::PodCollector,
            ],
            provisioner_events: false,
            pods_max: None,
            latency: Latency::real(),
            ..Self::page(0)
        }
    }

    /// Whether a component runs.
    pub fn runs(&self, component: Component) -> bool {
        !self.absent.contains(&component)
    }
}
