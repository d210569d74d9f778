//! Upstream's smaller pieces: pod control, helpers, the status updater and compatibility (reference 11.3).

use ordinal::cluster::config::Config;
use ordinal::cluster::object::{Kind, PersistentVolumeClaim, Pod, Service, StatefulSet};
use ordinal::cluster::record::{Component, Part, Verb};
use ordinal::cluster::time::Time;

use super::kit::{MANAGEMENT, RETENTION, Rule, Stage, set, up};

/// A bare pod of the set's labels or others.
fn stray(name: &str, app: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels: {{app: {app}}}\nspec:\n  \
         containers:\n  - {{name: nginx, image: nginx}}\n"
    )
}

/// Upstream: create makes claims, then the pod
#[test]
fn claims_are_made_before_their_pod() {
    let stage = up(2, &[]);
    let log = stage.town.cluster.api.log.iter();
    let own = log.filter(|record| record.author == Component::StatefulSet);
    let made = own
        .filter_map(|record| record.write())
        .filter(|write| write.verb == Verb::Created)
        .map(|write| write.object.meta().name.to_string())
        .filter(|name| name.contains("web-0") || name.contains("web-1"));
    let pods: Vec<String> = made.filter(|name| !name.contains('.')).collect();
    assert_eq!(pods, ["www-web-0", "web-0", "www-web-1", "web-1"]);
}

/// Upstream: create returns AlreadyExists silently
#[test]
fn a_taken_name_is_an_error_without_an_event() {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&stray("web-0", "other"));
    stage.town.apply(&set(1, &[]));
    stage.play(2);
    let taken = r#"pods "web-0" already exists"#;
    assert_eq!(
        stage.refusals(),
        [("web-0".to_owned(), taken.to_owned())],
        "the sync fails"
    );
    assert_eq!(stage.town.events("FailedCreate"), [""; 0]);
    stage
        .town
        .ok("kubectl delete pod web-0 --force --grace-period=0");
    stage.play(5);
    assert_eq!(stage.created(), ["web-0"], "a retry finds the name free");
}

/// Upstream: a claim that cannot be created prevents the pod and emits FailedCreate
#[test]
fn a_claim_that_cannot_be_made_prevents_its_pod() {
    for management in MANAGEMENT {
        let mut stage = Stage::manual(Rule::Burst);
        stage.fail(Verb::Created, Part::Main, Kind::PersistentVolumeClaim, 1);
        stage.town.apply(&set(1, &[management]));
        stage.until("the sync has failed", |it| !it.refusals().is_empty());
        assert_eq!(stage.created(), [""; 0]);
        let why = "etcdserver: request timed out";
        assert_eq!(
            stage.town.events("FailedCreate"),
            [
                format!(
                    "Create Claim www-web-0 for Pod web-0 in StatefulSet web failed error: {why}"
                ),
                format!(
                    "Create Pod web-0 in StatefulSet web failed error: failed to create PVC www-web-0: {why}"
                ),
            ]
        );
        stage.serve();
        assert_eq!(stage.status(), [1; 5]);
    }
}

/// Upstream: a claim that is being deleted prevents the pod and emits FailedCreate
#[test]
fn a_claim_that_is_being_deleted_prevents_its_pod() {
    let mut stage = up(1, &[]);
    let keep = r#"{"metadata":{"finalizers":["example.com/keep"]}}"#;
    stage.town.ok(&format!(
        "kubectl patch pvc www-web-0 --type=merge -p '{keep}'"
    ));
    stage.town.ok("kubectl delete pvc www-web-0 --wait=false");
    stage
        .town
        .ok("kubectl delete pod web-0 --force --grace-period=0");
    stage.play(1);
    assert_eq!(stage.names(), [""; 0]);
    let said = stage.town.events("FailedCreate");
    let words = "Create Pod web-0 in StatefulSet web failed error: pvc www-web-0 is being deleted";
    assert_eq!(said.first().map(String::as_str), Some(words));
    let free = r#"{"metadata":{"finalizers":null}}"#;
    stage.town.ok(&format!(
        "kubectl patch pvc www-web-0 --type=merge -p '{free}'"
    ));
    stage.play(20);
    assert_eq!(stage.names(), ["web-0"]);
}

/// Upstream: update is a no-op when the pod is consistent
#[test]
fn a_pod_that_is_as_it_should_be_is_not_written() {
    for retention in RETENTION {
        let mut stage = up(2, &[retention]);
        for pod in ["web-0", "web-1"] {
            stage
                .town
                .ok(&format!("kubectl label pod {pod} look=again"));
        }
        stage.play(1);
        let writes = stage
            .town
            .writes(Component::StatefulSet, Kind::Pod, Verb::Updated);
        assert_eq!(writes, [""; 0]);
        assert_eq!(stage.town.events("SuccessfulUpdate"), [""; 0]);
    }
}

/// Upstream: update repairs identity
/// Upstream: identityMatches
#[test]
fn a_pod_gets_its_labels_back() {
    for change in [
        "statefulset.kubernetes.io/pod-name-",
        "statefulset.kubernetes.io/pod-name=web-7 apps.kubernetes.io/pod-index=7 --overwrite",
    ] {
        let mut stage = up(2, &[]);
        stage.town.ok(&format!("kubectl label pod web-1 {change}"));
        stage.town.wait_s(1);
        stage.check();
        let said = stage.town.events("SuccessfulUpdate");
        assert_eq!(said, ["Update Pod web-1 in StatefulSet web successful"]);
    }
}

/// The server lets nobody change the volumes of a pod; what the controller asks for shows in the refusal.
///
/// Upstream: update repairs storage
/// Upstream: storageMatches
#[test]
fn a_pod_without_its_volumes_gets_its_claims_and_an_update_that_is_refused() {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(&stray("web-0", "nginx"));
    stage.town.ok("@boot web-0 node-a");
    stage.town.apply(&set(1, &[]));
    stage.town.wait_s(1);
    assert_eq!(stage.claims(), ["www-web-0"]);
    let said = stage.town.events("FailedUpdate");
    let words = "Update Pod web-0 in StatefulSet web failed error: Pod \"web-0\" is invalid: spec: \
                 Forbidden: pod updates may not change fields other than";
    assert!(said[0].starts_with(words), "{said:?}");
    assert!(
        stage
            .town
            .get::<Pod>("web-0")
            .spec
            .volumes
            .iter()
            .all(|it| it.claim.is_none())
    );
}

/// What a claim says about its owners before the controller looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nobody,
    SetWithoutFlag,
    EarlierSet,
    EarlierPod,
    ForeignController,
    ForeignControllerAndSet,
    ForeignOwner,
}

impl Before {
    const ALL: [Self; 7] = [
        Self::Nobody,
        Self::SetWithoutFlag,
        Self::EarlierSet,
        Self::EarlierPod,
        Self::ForeignController,
        Self::ForeignControllerAndSet,
        Self::ForeignOwner,
    ];

    /// The references as JSON.
    fn references(self, stage: &Stage) -> String {
        let reference = |kind: &str, name: &str, uid: &str, flag: bool| {
            let version = match kind {
                "StatefulSet" => "apps/v1",
                _ => "v1",
            };
            format!(
                r#"{{"apiVersion":"{version}","kind":"{kind}","name":"{name}","uid":"{uid}","controller":{flag}}}"#
            )
        };
        let ours = reference("StatefulSet", "web", &stage.web().meta.uid, false);
        let service = &stage.town.get::<Service>("nginx").meta.uid;
        match self {
            Self::Nobody => String::new(),
            Self::SetWithoutFlag => ours,
            Self::EarlierSet => reference("StatefulSet", "web", "earlier", true),
            Self::EarlierPod => reference("Pod", "web-1", "earlier", true),
            Self::ForeignController => reference("Service", "nginx", service, true),
            Self::ForeignControllerAndSet => {
                format!("{},{ours}", reference("Service", "nginx", service, true))
            }
            Self::ForeignOwner => reference("Service", "nginx", service, false),
        }
    }

    /// The owners afterwards, where `ours` is what the policy wants.
    fn after(self, ours: Option<&str>) -> Vec<&str> {
        let stay: &[&str] = match self {
            Self::Nobody | Self::SetWithoutFlag => &[],
            Self::EarlierSet => return vec!["StatefulSet earlier"],
            Self::EarlierPod => return vec!["Pod earlier"],
            Self::ForeignController | Self::ForeignControllerAndSet => {
                return vec!["Service other"];
            }
            Self::ForeignOwner => &["Service other"],
        };
        stay.iter().copied().chain(ours).collect()
    }
}

/// The owners of the claim of `web-1` after a sync, as kind and who it is.
fn owners_after(retention: &str, before: Before, condemned: bool) -> Vec<String> {
    let mut config = Config::recordings(Time(1_768_471_200_000));
    // The collector would take claims of earlier owners away.
    config.absent.push(Component::GarbageCollector);
    let mut stage = Stage::with(config, Rule::Burst);
    let town = &mut stage.town;
    town.apply(&set(2, &[MANAGEMENT[1], RETENTION[0]]));
    town.wait_s(1);
    town.ok("@boot web-0 node-a");
    town.ok("@boot web-1 node-a");
    town.wait_s(1);
    let references = before.references(&stage);
    let patch = format!(r#"{{"metadata":{{"ownerReferences":[{references}]}}}}"#);
    let town = &mut stage.town;
    town.ok(&format!(
        "kubectl patch pvc www-web-1 --type=merge -p '{patch}'"
    ));
    town.apply(&set(
        if condemned { 1 } else { 2 },
        &[MANAGEMENT[1], retention],
    ));
    town.ok("kubectl label pod web-1 look=again");
    town.wait_s(1);
    let pod = town.get::<Pod>("web-1").meta.uid.clone();
    let set = town.get::<StatefulSet>("web").meta.uid.clone();
    let claim = town.get::<PersistentVolumeClaim>("www-web-1");
    let shown = claim.meta.owners.iter().map(|it| {
        let ours = it.uid == pod || it.uid == set;
        let who = match (ours, it.controller == Some(true)) {
            (true, true) => "ours",
            (true, false) => "without flag",
            (false, _) if *it.uid == *"earlier" => "earlier",
            (false, _) => "other",
        };
        format!("{} {who}", it.kind)
    });
    shown.collect()
}

/// Upstream: claimsMatchRetentionPolicy in every combination
/// Upstream: updateClaimOwnerRefForSetAndPod in every combination
/// Upstream: isClaimOwnerUpToDate with foreign controllers
/// Upstream: isClaimOwnerUpToDate with non-controller owners
/// Upstream: isClaimOwnerUpToDate with stale owners
#[test]
fn owners_of_claims_follow_the_policy_in_every_combination() {
    for retention in RETENTION {
        for condemned in [false, true] {
            let scaled = retention.contains("whenScaled: Delete");
            let deleted = retention.contains("whenDeleted: Delete");
            let ours = match (condemned && scaled, deleted) {
                (true, _) => Some("Pod ours"),
                (false, true) => Some("StatefulSet ours"),
                (false, false) => None,
            };
            for before in Before::ALL {
                // Under Retain alone nobody looks for other controllers: only our own reference goes.
                let expected = before.after(ours);
                assert_eq!(
                    owners_after(retention, before, condemned),
                    expected,
                    "{retention} {before:?} condemned: {condemned}"
                );
            }
        }
    }
}

/// Upstream: claimsMatchRetentionPolicy with missing claims
#[test]
fn a_missing_claim_is_passed_by() {
    for retention in RETENTION {
        let mut stage = up(2, &[]);
        let gone = r#"{"metadata":{"finalizers":null}}"#;
        stage.town.ok("kubectl delete pvc www-web-1 --wait=false");
        stage.town.ok(&format!(
            "kubectl patch pvc www-web-1 --type=merge -p '{gone}'"
        ));
        assert_eq!(stage.claims(), ["www-web-0"]);
        stage.town.apply(&set(2, &[retention]));
        stage.town.wait_s(1);
        assert_eq!(stage.claims(), ["www-web-0"], "a running pod gets none");
        assert_eq!(stage.refusals(), []);
        let expected: &[&str] = if retention.contains("whenDeleted: Delete") {
            &["StatefulSet/web"]
        } else {
            &[]
        };
        assert_eq!(stage.owners("www-web-0"), expected);
    }
}

/// Upstream: getPersistentVolumeClaims, naming and label merge
#[test]
fn claims_are_named_after_template_and_pod_and_bear_the_labels_of_both() {
    let mut stage = Stage::manual(Rule::Burst);
    let template = "- metadata: {name: www, labels: {app: template, tier: db}}";
    let manifest = set(1, &[]).replace("- metadata: {name: www}", template);
    stage.town.apply(&manifest);
    stage.play(1);
    let claim = stage.town.get::<PersistentVolumeClaim>("www-web-0");
    let labels: Vec<String> = claim
        .meta
        .labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    assert_eq!(labels, ["app=nginx", "tier=db"], "the selector wins");
}

/// Upstream: getStatefulSetMaxUnavailable
#[test]
fn a_percentage_of_pods_is_rounded_down_and_at_least_one() {
    for (most, replicas, together) in [
        ("50%", 5, 2),
        ("10%", 5, 1),
        ("100%", 3, 3),
        ("34%", 3, 1),
        ("67%", 3, 2),
        ("3", 5, 3),
    ] {
        let strategy = format!(
            "updateStrategy: {{type: RollingUpdate, rollingUpdate: {{maxUnavailable: {most}}}}}"
        );
        let mut stage = Stage::gated(true);
        let manifest = set(replicas, &[MANAGEMENT[1], &strategy]);
        stage.town.apply(&manifest);
        stage.serve();
        stage
            .town
            .apply(&manifest.replace("nginx:1.27", "nginx:1.28"));
        stage.play(1);
        assert_eq!(stage.deleted().len(), together, "{most} of {replicas}");
    }
}

/// Upstream: ascendingOrdinal
#[test]
fn ordinals_are_ordered_as_numbers() {
    for management in MANAGEMENT {
        let stage = up(12, &[management]);
        let all: Vec<String> = (0..12).map(|it| format!("web-{it}")).collect();
        assert_eq!(stage.created(), all);
    }
}

/// A revision of an older server, without the defaults that came later.
const OLDER: &str = r#"
apiVersion: apps/v1
kind: ControllerRevision
metadata:
  name: web-older
  labels: {app: nginx}
revision: 1
data:
  spec:
    template:
      $patch: replace
      metadata: {labels: {app: nginx}}
      spec:
        containers:
        - name: nginx
          image: nginx:1.27
          ports: [{containerPort: 80, name: web}]
          volumeMounts: [{mountPath: /usr/share/nginx/html, name: www}]
"#;

/// Upstream: revisions stored by 1.33 and 1.34 servers still compare equal
#[test]
fn a_revision_of_an_older_server_is_equal_after_defaulting() {
    let mut stage = Stage::manual(Rule::Burst);
    stage.town.apply(OLDER);
    stage.town.apply(&set(1, &[]));
    stage.serve();
    assert_eq!(stage.revisions(), [("web-older".to_owned(), 1)]);
    assert_eq!(&*stage.web().status.update_revision, "web-older");
}
