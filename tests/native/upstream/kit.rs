//! What the tests of upstream's cases share: manifests, a stage that is watched at every step, and outages.

use ordinal::cluster::api::Outage;
use ordinal::cluster::config::{Config, NodeConfig};
use ordinal::cluster::object::{
    ControllerRevision, Kind, ObjectKey, PersistentVolumeClaim, Pod, StatefulSet,
};
use ordinal::cluster::record::{Component, Part, Stop, Verb, What};
use ordinal::cluster::time::Time;

use crate::support::{Town, web};

/// Both management policies, as lines of a spec.
pub(super) const MANAGEMENT: [&str; 2] = [
    "podManagementPolicy: OrderedReady",
    "podManagementPolicy: Parallel",
];

/// All four retention policies, as lines of a spec.
pub(super) const RETENTION: [&str; 4] = [
    "persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}",
    "persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Delete}",
    "persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}",
    "persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}",
];

/// Runs a case under both management policies and all retention policies.
pub(super) fn each(run: impl Fn(&str, &str)) {
    for management in MANAGEMENT {
        for retention in RETENTION {
            run(management, retention);
        }
    }
}

/// The set `web` with further lines of its spec.
pub(super) fn set(replicas: u32, lines: &[&str]) -> String {
    let at = format!("  replicas: {replicas}\n");
    let more: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    web(replicas).replacen(&at, &format!("{at}{more}"), 1)
}

/// What must hold after every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Ordinals have no gap, and a pod is Ready only if the one below it is (`assertMonotonicInvariants`).
    Monotonic,
    /// Identity, storage and owners of claims only (`assertBurstInvariants`).
    Burst,
    /// The first pods have the current revision and the last ones the update revision (`assertUpdateInvariants`).
    Update,
}

impl Rule {
    /// The rule for scaling under a management policy.
    pub(super) fn of(management: &str) -> Self {
        if management.ends_with("Parallel") {
            Self::Burst
        } else {
            Self::Monotonic
        }
    }
}

/// A cluster that is watched at every step.
pub(super) struct Stage {
    /// The cluster and who works with it.
    pub(super) town: Town,
    /// What must hold.
    pub(super) rule: Rule,
}

impl Stage {
    /// A cluster of this configuration.
    pub(super) fn with(config: Config, rule: Rule) -> Self {
        Self {
            town: Town::with(config),
            rule,
        }
    }

    /// A cluster in which everything runs.
    pub(super) fn auto(rule: Rule) -> Self {
        Self::with(Config::page(1), rule)
    }

    /// A cluster with room for many pods.
    pub(super) fn large(rule: Rule) -> Self {
        let names = ["a", "b", "c", "d", "e", "f"];
        let config = Config {
            nodes: names.map(NodeConfig::standard).into(),
            ..Config::page(1)
        };
        Self::with(config, rule)
    }

    /// A cluster without scheduler and kubelet: the test does what they would do.
    pub(super) fn manual(rule: Rule) -> Self {
        Self::with(Config::recordings(Time(1_768_471_200_000)), rule)
    }

    /// A cluster with the feature gate MaxUnavailableStatefulSet on, of either sort.
    pub(super) fn gated(manual: bool) -> Self {
        let config = if manual {
            Config::recordings(Time(1_768_471_200_000))
        } else {
            Config::page(1)
        };
        let config = Config {
            max_unavailable_gate: true,
            ..config
        };
        Self::with(config, Rule::Burst)
    }

    /// Lets seconds pass and checks the rule at every step.
    pub(super) fn play(&mut self, seconds: i64) {
        let until = self.town.cluster.now().plus_s(seconds);
        while self.town.cluster.step(until) {
            self.check();
        }
        self.town.cluster.run_until(until);
        self.town.cluster.check().expect("the indexes are right");
    }

    /// Lets time pass until something holds, at most ten minutes.
    pub(super) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let limit = self.town.cluster.now().plus_s(600);
        while !holds(self) {
            let stepped = self.town.cluster.step(limit);
            assert!(stepped, "{what}: {:?}", self.town.pods());
            self.check();
        }
    }

    /// Brings every pod up and lets every terminating one go, until nothing changes any more.
    pub(super) fn serve(&mut self) {
        for _ in 0..200 {
            self.play(1);
            if !self.serve_once() {
                return;
            }
        }
        panic!("it comes to rest: {:?}", self.town.pods());
    }

    fn serve_once(&mut self) -> bool {
        let pods = self.town.cluster.api.store.list::<Pod>();
        let lines: Vec<String> = pods
            .filter_map(|pod| {
                let name = &pod.meta.name;
                if pod.meta.is_deleting() {
                    Some(format!("@gone {name}"))
                } else if pod.spec.node_name.is_empty() {
                    Some(format!("@boot {name} node-a"))
                } else if !pod.has_ready_condition() {
                    Some(format!("@ready {name}"))
                } else {
                    None
                }
            })
            .collect();
        for line in &lines {
            self.town.ok(line);
        }
        !lines.is_empty()
    }

    /// The set.
    pub(super) fn web(&self) -> &StatefulSet {
        self.town.get("web")
    }

    /// `replicas`, `readyReplicas`, `updatedReplicas`, `currentReplicas` and `availableReplicas`.
    pub(super) fn status(&self) -> [i32; 5] {
        counts(self.web())
    }

    /// The names of the pods that exist.
    pub(super) fn names(&self) -> Vec<String> {
        let pods = self.town.cluster.api.store.list::<Pod>();
        pods.map(|pod| pod.meta.name.to_string()).collect()
    }

    /// The names of the claims that exist.
    pub(super) fn claims(&self) -> Vec<String> {
        let claims = self.town.cluster.api.store.list::<PersistentVolumeClaim>();
        claims.map(|claim| claim.meta.name.to_string()).collect()
    }

    /// The owners of a claim as `Kind/name`.
    pub(super) fn owners(&self, claim: &str) -> Vec<String> {
        let owners = &self.town.get::<PersistentVolumeClaim>(claim).meta.owners;
        let shown = owners.iter().map(|it| format!("{}/{}", it.kind, it.name));
        shown.collect()
    }

    /// The images of the pods, in the order of their ordinals.
    pub(super) fn images(&self) -> Vec<String> {
        let mut pods: Vec<&Pod> = self.town.cluster.api.store.list::<Pod>().collect();
        pods.sort_by_key(|pod| pod.parent_and_ordinal().map(|(_, ordinal)| ordinal));
        let images = pods
            .iter()
            .map(|pod| pod.spec.containers[0].image.to_string());
        images.collect()
    }

    /// The names and numbers of the revisions, by number.
    pub(super) fn revisions(&self) -> Vec<(String, i64)> {
        let revisions = self.town.cluster.api.store.list::<ControllerRevision>();
        let mut found: Vec<(String, i64)> = revisions
            .map(|it| (it.meta.name.to_string(), it.revision))
            .collect();
        found.sort_by_key(|(_, number)| *number);
        found
    }

    /// The pods whose deletion the set asked for, in order.
    pub(super) fn deleted(&self) -> Vec<String> {
        self.town
            .writes(Component::StatefulSet, Kind::Pod, Verb::Deleting)
    }

    /// The pods that the set made, in order.
    pub(super) fn created(&self) -> Vec<String> {
        self.town
            .writes(Component::StatefulSet, Kind::Pod, Verb::Created)
    }

    /// When the set wrote a pod in this way, every time.
    pub(super) fn times(&self, verb: Verb, pod: &str) -> Vec<Time> {
        let log = self.town.cluster.api.log.iter();
        let own = log.filter(|record| record.author == Component::StatefulSet);
        own.filter(|record| {
            record.write().is_some_and(|write| {
                write.verb == verb
                    && write.object.kind() == Kind::Pod
                    && &*write.object.meta().name == pod
            })
        })
        .map(|record| record.time)
        .collect()
    }

    /// Every status that the controller wrote to the set.
    pub(super) fn statuses(&self) -> Vec<StatefulSet> {
        let log = self.town.cluster.api.log.iter();
        let writes = log
            .filter(|record| record.author == Component::StatefulSet)
            .filter_map(|record| record.write())
            .filter(|write| write.part == Part::Status);
        writes
            .filter_map(|write| match &*write.object {
                ordinal::cluster::object::Object::StatefulSet(set) => Some(set.clone()),
                _ => None,
            })
            .collect()
    }

    /// What the controller said was refused: the object and the words, each time.
    pub(super) fn refusals(&self) -> Vec<(String, String)> {
        let log = self.town.cluster.api.log.iter();
        let own = log.filter(|record| record.author == Component::StatefulSet);
        own.filter_map(|record| match &record.what {
            What::Stopped(stopped) => match &stopped.reason {
                Stop::Refused(refusal) => {
                    Some((refusal.object.to_string(), refusal.message.to_string()))
                }
                _ => None,
            },
            _ => None,
        })
        .collect()
    }

    /// Lets the next requests of the controller for objects of a kind fail.
    pub(super) fn fail(&mut self, verb: Verb, part: Part, kind: Kind, left: u32) {
        self.town.cluster.api.fail_next(Outage {
            author: Component::StatefulSet,
            verb,
            part,
            kind,
            left,
        });
    }

    /// The sets that the controller is to look at, in the order of their names.
    pub(super) fn woken(&self) -> Vec<String> {
        let waiting = self.town.cluster.waiting();
        let mut names: Vec<String> = waiting
            .filter(|(_, task)| task.component == Component::StatefulSet)
            .map(|(_, task)| task.key.name.to_string())
            .collect();
        names.sort();
        names
    }

    /// Why the controller last stopped at the set.
    pub(super) fn stop(&self) -> Option<&Stop> {
        let key = ObjectKey::new(Kind::StatefulSet, "default", "web");
        self.town.cluster.api.stopped(Component::StatefulSet, &key)
    }

    /// Checks the rule.
    pub(super) fn check(&self) {
        self.check_as(self.rule);
    }

    /// Checks this rule.
    pub(super) fn check_as(&self, rule: Rule) {
        let store = &self.town.cluster.api.store;
        let Some(set) = store.find::<StatefulSet>("default", "web") else {
            return;
        };
        let own = |pod: &&Pod| pod.meta.is_controlled_by(&set.meta.uid);
        let mut pods: Vec<&Pod> = store.list::<Pod>().filter(own).collect();
        pods.sort_by_key(|pod| ordinal_of(pod));
        for pod in &pods {
            self.check_identity(set, pod);
        }
        match rule {
            Rule::Monotonic => check_order(set, &pods),
            Rule::Burst => {}
            Rule::Update => check_update(set, &pods),
        }
    }

    fn check_identity(&self, set: &StatefulSet, pod: &Pod) {
        let (name, ordinal) = (&pod.meta.name, ordinal_of(pod));
        assert_eq!(**name, *format!("{}-{ordinal}", set.meta.name));
        let label = |key| pod.meta.label(key).expect("the label is there");
        assert_eq!(label("statefulset.kubernetes.io/pod-name"), &**name);
        assert_eq!(label("apps.kubernetes.io/pod-index"), ordinal.to_string());
        assert_eq!(
            (&*pod.spec.hostname, &*pod.spec.subdomain),
            (&**name, "nginx")
        );
        let claims: Vec<String> = pod.claims().map(|(_, claim)| claim.to_string()).collect();
        let templates = set.spec.claim_templates.iter();
        let wanted: Vec<String> = templates
            .map(|it| format!("{}-{name}", it.meta.name))
            .collect();
        assert_eq!(claims, wanted);
        let seen = set.status.observed_generation == set.meta.generation;
        if !seen || pod.meta.is_deleting() || !pod.is_running_and_ready() {
            return;
        }
        let owners: &[&str] = match (
            set.spec.has_ordinal(ordinal),
            set.spec.deletes_when_scaled(),
            set.spec.deletes_when_deleted(),
        ) {
            (false, true, _) => &["Pod"],
            (_, _, true) => &["StatefulSet"],
            _ => &[],
        };
        for claim in &claims {
            let claim = self.town.get::<PersistentVolumeClaim>(claim);
            let found: Vec<&str> = claim.meta.owners.iter().map(|it| &*it.kind).collect();
            assert_eq!(found, owners, "{}", claim.meta.name);
        }
    }
}

/// The counters of a set's status, in the order of [`Stage::status`].
pub(super) fn counts(set: &StatefulSet) -> [i32; 5] {
    let status = &set.status;
    [
        status.replicas,
        status.ready_replicas,
        status.updated_replicas,
        status.current_replicas,
        status.available_replicas,
    ]
}

fn ordinal_of(pod: &Pod) -> i32 {
    pod.parent_and_ordinal().map_or(-1, |(_, ordinal)| ordinal)
}

fn check_order(set: &StatefulSet, pods: &[&Pod]) {
    let found: Vec<i32> = pods.iter().map(|pod| ordinal_of(pod)).collect();
    let start = set.spec.start();
    let gapless: Vec<i32> = (start..).take(found.len()).collect();
    assert_eq!(found, gapless, "ordinals follow each other");
    for pair in pods.windows(2) {
        let ready = pair.iter().map(|pod| pod.is_running_and_ready());
        let ready: Vec<bool> = ready.collect();
        assert!(
            ready[0] || !ready[1],
            "{} comes too early",
            pair[1].meta.name
        );
    }
}

fn check_update(set: &StatefulSet, pods: &[&Pod]) {
    let seen = set.status.observed_generation == set.meta.generation;
    if !seen || !set.spec.is_rolling_update() {
        return;
    }
    let status = &set.status;
    let revision = |pod: &&Pod| {
        pod.meta
            .label("controller-revision-hash")
            .map(str::to_owned)
    };
    let front = usize::try_from(status.current_replicas).expect("it is not negative");
    for pod in pods.iter().take(front) {
        assert_eq!(revision(pod).as_deref(), Some(&*status.current_revision));
    }
    let back = usize::try_from(status.updated_replicas).expect("it is not negative");
    for pod in pods.iter().rev().take(back) {
        assert_eq!(revision(pod).as_deref(), Some(&*status.update_revision));
    }
}

/// A set that is up, kubelet by hand, and nothing left to do.
pub(super) fn up(replicas: u32, lines: &[&str]) -> Stage {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&set(replicas, lines));
    stage.serve();
    assert_eq!(stage.town.ready(), replicas as usize);
    stage
}
