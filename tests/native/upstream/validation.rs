//! Upstream's validation tests: what a set may say, and what it may not change (reference 11.5).

use ordinal::cluster::config::Config;
use ordinal::cluster::object::{Pod, StatefulSet};

use super::kit::{MANAGEMENT, RETENTION, set};
use crate::support::Town;

/// The manifest of the set `web` alone, with texts replaced.
fn manifest(edits: &[(&str, &str)]) -> String {
    let both = set(1, &[]);
    let (_, set) = both.split_once("---\n").expect("two documents");
    edits.iter().fold(set.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is there");
        text.replace(from, to)
    })
}

/// The manifest of a set with further lines of its spec.
fn with(lines: &[&str]) -> String {
    let both = set(1, lines);
    let (_, set) = both.split_once("---\n").expect("two documents");
    set.to_owned()
}

const PODS: &str = "    spec:\n      containers:";

/// The template's pod spec with one more line.
fn in_pod(line: &str) -> String {
    manifest(&[(PODS, &format!("    spec:\n      {line}\n      containers:"))])
}

/// A name is accepted, and a pod of it comes up.
fn accepted(name: &str, manifest: &str) -> Town {
    let mut town = Town::new();
    let said = town.apply(manifest);
    assert_eq!(said, format!("statefulset.apps/{name} created\n"));
    town.wait_s(15);
    assert_eq!(town.ready(), 1, "{manifest}");
    town
}

/// Upstream: accepts an alpha name
/// Upstream: accepts an alphanumeric name
#[test]
fn names_of_letters_and_digits_are_accepted() {
    for name in ["abc", "abc123", "abc-123", "1abc"] {
        let to = format!("metadata: {{name: {name}}}");
        accepted(name, &manifest(&[("metadata: {name: web}", &to)]));
    }
}

/// Upstream: accepts hostNetwork
#[test]
fn host_network_is_accepted() {
    let town = accepted("web", &in_pod("hostNetwork: true"));
    assert!(town.get::<Pod>("web-0").spec.host_network);
}

/// Upstream: accepts both management policies
/// Upstream: accepts all retention policies
/// Upstream: accepts both update strategies
/// Upstream: accepts a positive start ordinal
#[test]
fn every_policy_is_accepted() {
    let strategies = [
        "updateStrategy: {type: OnDelete}",
        "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}",
        "updateStrategy: {type: RollingUpdate}",
    ];
    let lines = MANAGEMENT.iter().chain(&RETENTION).chain(&strategies);
    for line in lines {
        accepted("web", &with(&[line]));
    }
    let town = accepted("web", &with(&["ordinals: {start: 2}"]));
    assert_eq!(town.pods(), ["web-2 Running ready"]);
}

/// Upstream: accepts a valid or invalid hostname and subdomain in the template
#[test]
fn hostname_and_subdomain_of_the_template_are_written_over() {
    for line in [
        "hostname: mine",
        "hostname: Not_Valid",
        "subdomain: mine",
        "subdomain: Not_Valid",
    ] {
        let town = accepted("web", &in_pod(line));
        let spec = &town.get::<Pod>("web-0").spec;
        assert_eq!((&*spec.hostname, &*spec.subdomain), ("web-0", "nginx"));
    }
}

/// Upstream: accepts a mount of a claim template
/// Upstream: accepts a template volume with the name of a claim template
#[test]
fn a_claim_template_hides_a_volume_of_its_name() {
    accepted("web", &manifest(&[]));
    let town = accepted("web", &in_pod("volumes: [{name: www, emptyDir: {}}]"));
    let pod = town.get::<Pod>("web-0");
    let claims: Vec<_> = pod.claims().map(|(_, claim)| claim.to_string()).collect();
    assert_eq!(claims, ["www-web-0"]);
    let named = pod.spec.volumes.iter().filter(|it| *it.name == *"www");
    assert_eq!(named.count(), 1);
}

/// A manifest that is refused, and how the server's words begin or, for one cause of several, what they contain.
fn refused(manifest: &str, words: &str) {
    let mut town = Town::new();
    let said = town.refused(manifest);
    assert!(said.contains(words), "{words}\nis not in\n{said}");
    assert!(town.find::<StatefulSet>("web").is_none());
}

/// Refused with one cause about the set `web`.
fn invalid(manifest: &str, cause: &str) {
    refused(
        manifest,
        &format!("The StatefulSet \"web\" is invalid: {cause}"),
    );
}

const LABELS: &str = "labels: {app: nginx}";
const SELECTOR: &str = "  selector:\n    matchLabels: {app: nginx}\n";

/// Upstream: rejects 7.2 row 1
/// Upstream: rejects 7.2 row 2
/// Upstream: rejects 7.2 row 3
/// Upstream: rejects 7.2 row 4
#[test]
fn selectors_that_do_not_match_the_template_are_rejected() {
    let mismatch = "`selector` does not match template `labels`";
    let words = |labels: &str| {
        format!("spec.template.metadata.labels: Invalid value: {labels}: {mismatch}")
    };
    invalid(
        &manifest(&[(LABELS, "labels: {app: nginx2}")]),
        &words(r#"{"app":"nginx2"}"#),
    );
    let none = manifest(&[(SELECTOR, "")]);
    refused(&none, "* spec.selector: Required value");
    refused(&none, &format!("* {}", words(r#"{"app":"nginx"}"#)));
    let empty = "spec.selector: Invalid value: {}: empty selector is invalid for statefulset";
    invalid(&manifest(&[(SELECTOR, "  selector: {}\n")]), empty);
    invalid(
        &manifest(&[(LABELS, "annotations: {a: b}")]),
        &words("null"),
    );
}

/// Upstream: rejects 7.2 row 6
/// Upstream: rejects 7.2 row 7
/// Upstream: rejects 7.2 row 8
/// Upstream: rejects 7.2 row 10
/// Upstream: rejects a dotted name
/// Upstream: rejects a long name
/// Upstream: rejects a zero-length name
#[test]
fn names_that_are_no_labels_are_rejected() {
    let named = |name: &str| {
        let to = format!("metadata: {{name: {name}}}");
        manifest(&[("metadata: {name: web}", &to)])
    };
    for name in ["Web", "my_web"] {
        let words = format!(
            "The StatefulSet \"{name}\" is invalid: metadata.name: Invalid value: \"{name}\": a \
             lowercase RFC 1123 label must consist of lower case alphanumeric characters"
        );
        refused(&named(name), &words);
    }
    refused(
        &named("web.v1"),
        "metadata.name: Invalid value: \"web.v1\": must not contain dots",
    );
    let long = "a".repeat(64);
    refused(&named(&long), "must be no more than 63 characters");
    for empty in [
        named("\"\""),
        manifest(&[("metadata: {name: web}", "metadata: {}")]),
    ] {
        refused(&empty, "resource name may not be empty");
    }
}

/// Upstream: rejects 7.2 row 9
#[test]
fn a_set_without_a_name_cannot_be_created() {
    let mut town = Town::new();
    let none = manifest(&[("metadata: {name: web}", "metadata: {}")]);
    town.workspace.files.insert("web.yaml".to_owned(), none);
    let said = town.run("kubectl create -f web.yaml").stderr;
    let words = "The StatefulSet \"\" is invalid: metadata.name: Required value: name or \
                 generateName is required\n";
    assert_eq!(said, words);
}

/// Upstream: rejects 7.2 row 29
/// Upstream: rejects 7.2 row 30
#[test]
fn volumes_that_are_missing_or_doubled_are_rejected() {
    let at = "spec.template.spec";
    invalid(
        &manifest(&[("- name: www\n", "- name: data\n")]),
        &format!("{at}.containers[0].volumeMounts[0].name: Not found: \"data\""),
    );
    invalid(
        &in_pod("volumes: [{name: data, emptyDir: {}}, {name: data, emptyDir: {}}]"),
        &format!("{at}.volumes[1].name: Duplicate value: \"data\""),
    );
}

/// Upstream: rejects 7.2 row 37
/// Upstream: rejects 7.2 row 38
/// Upstream: rejects 7.2 row 39
/// Upstream: rejects 7.2 row 40
/// Upstream: rejects 7.2 row 41
/// Upstream: rejects 7.2 row 42
/// Upstream: rejects 7.2 row 44
/// Upstream: rejects 7.2 row 45
/// Upstream: rejects 7.2 row 46
#[test]
fn policies_that_do_not_exist_are_rejected() {
    invalid(
        &in_pod("restartPolicy: OnFailure"),
        "spec.template.spec.restartPolicy: Unsupported value: \"OnFailure\": supported values: \"Always\"",
    );
    invalid(
        &in_pod("activeDeadlineSeconds: 5"),
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
    );
    let below = "Invalid value: -1: must be greater than or equal to 0";
    for (line, cause) in [
        (
            "podManagementPolicy: Foo",
            "spec.podManagementPolicy: Invalid value: \"Foo\": must be 'OrderedReady' or 'Parallel'",
        ),
        (
            "updateStrategy: {type: Foo}",
            "spec.updateStrategy: Invalid value: {\"Type\":\"Foo\",\"RollingUpdate\":null}: must be 'RollingUpdate' or 'OnDelete'",
        ),
        (
            "updateStrategy: {type: OnDelete, rollingUpdate: {partition: 0}}",
            "spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":0,\"MaxUnavailable\":null}: only allowed for updateStrategy 'RollingUpdate'",
        ),
        (
            "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: -1}}",
            &format!("spec.updateStrategy.rollingUpdate.partition: {below}"),
        ),
        (
            "persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Remove}",
            "spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Remove\": supported values: \"Retain\", \"Delete\"",
        ),
        (
            "minReadySeconds: -1",
            &format!("spec.minReadySeconds: {below}"),
        ),
        (
            "ordinals: {start: -1}",
            &format!("spec.ordinals.start: {below}"),
        ),
    ] {
        invalid(&with(&[line]), cause);
    }
    invalid(
        &manifest(&[("serviceName: nginx", "serviceName: My_Svc")]),
        "spec.serviceName: Invalid value: \"My_Svc\": a lowercase RFC 1123 label",
    );
    invalid(
        &manifest(&[("replicas: 1", "replicas: -1")]),
        &format!("spec.replicas: {below}"),
    );
}

/// Upstream: rejects 7.2 row 11
#[test]
fn a_negative_number_of_replicas_is_rejected() {
    invalid(
        &manifest(&[("replicas: 1", "replicas: -1")]),
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    );
}

/// Upstream: rejects 7.2 row 43
#[test]
fn with_its_gate_on_max_unavailable_is_between_one_and_all() {
    let mut town = Town::with(Config {
        max_unavailable_gate: true,
        ..Config::page(1)
    });
    let at = "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: ";
    for (most, why) in [
        ("0", "0: cannot be 0"),
        ("150%", "\"150%\": must not be greater than 100%"),
    ] {
        let line = format!(
            "updateStrategy: {{type: RollingUpdate, rollingUpdate: {{maxUnavailable: {most}}}}}"
        );
        let said = town.refused(&with(&[&line]));
        assert!(said.contains(at) && said.contains(why), "{said}");
    }
}

/// Upstream: rejects 7.2 row 47
/// Upstream: rejects 7.2 row 48
/// Upstream: rejects 7.2 row 49
/// Upstream: rejects 7.2 row 50
/// Upstream: rejects 7.2 row 51
#[test]
fn claim_templates_that_no_claim_could_have_are_rejected() {
    let at = "spec.volumeClaimTemplates[0].spec";
    let modes = "      accessModes: [ReadWriteOnce]\n";
    let storage = "{storage: 1Gi}";
    for (from, to, cause) in [
        (
            modes,
            "",
            "accessModes: Required value: at least 1 access mode is required",
        ),
        (storage, "{}", "resources[storage]: Required value"),
        (
            "[ReadWriteOnce]",
            "[RWO]",
            "accessModes: Unsupported value: \"RWO\": supported values: \"ReadOnlyMany\", \
             \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"",
        ),
        (
            storage,
            "{storage: \"0\"}",
            "resources[storage]: Invalid value: \"0\": must be greater than zero",
        ),
    ] {
        invalid(&manifest(&[(from, to)]), &format!("{at}.{cause}"));
    }
    refused(
        &manifest(&[(storage, "{storage: 1GB!}")]),
        "cannot be handled as a StatefulSet: quantities must match the regular expression",
    );
}

/// Upstream: rejects 7.2 row 52
/// Upstream: rejects 7.2 row 53
/// Upstream: rejects 7.2 row 54
/// Upstream: rejects 7.2 row 55
#[test]
fn labels_expressions_ports_and_pull_policies_are_checked() {
    invalid(
        &manifest(&[(LABELS, "labels: {app: nginx, x: \"a b\"}")]),
        "spec.template.labels: Invalid value: \"a b\": a valid label must be an empty string or consist of",
    );
    refused(
        &manifest(&[(
            SELECTOR,
            "  selector:\n    matchExpressions: [{key: app, operator: In}]\n",
        )]),
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    );
    invalid(
        &manifest(&[("containerPort: 80", "containerPort: 70000")]),
        "spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    );
    invalid(
        &manifest(&[(
            "image: nginx:1.27",
            "image: nginx:1.27\n        imagePullPolicy: Sometimes",
        )]),
        "spec.template.spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
    );
}

/// Upstream: the server fills in what validation alone would reject as empty
#[test]
fn what_is_left_empty_is_filled_in_before_anybody_rejects_it() {
    let town = accepted(
        "web",
        &with(&[
            "podManagementPolicy: \"\"",
            "updateStrategy: {type: \"\"}",
            "persistentVolumeClaimRetentionPolicy: {whenDeleted: \"\", whenScaled: \"\"}",
        ]),
    );
    let web = town.get::<StatefulSet>("web");
    assert_eq!(&*web.meta.namespace, "default");
    let spec = &web.spec;
    assert_eq!(&*spec.pod_management_policy, "OrderedReady");
    assert_eq!(&*spec.update_strategy.kind, "RollingUpdate");
    let retention = spec.retention.as_ref().expect("it is filled in");
    assert_eq!(
        (&*retention.when_deleted, &*retention.when_scaled),
        ("Retain", "Retain")
    );
    let town = accepted("web", &in_pod("restartPolicy: \"\""));
    assert_eq!(&*town.get::<Pod>("web-0").spec.restart_policy, "Always");
}

/// Upstream: accepts an update of replicas
/// Upstream: accepts an update of the template
/// Upstream: accepts an update of the strategy
/// Upstream: accepts an update of ordinals
/// Upstream: accepts an update of minReadySeconds
/// Upstream: accepts an update of revisionHistoryLimit
/// Upstream: accepts an update of the retention policy
#[test]
fn what_may_change_changes() {
    for spec in [
        r#"{"replicas":2}"#,
        r#"{"template":{"metadata":{"annotations":{"a":"b"}}}}"#,
        r#"{"updateStrategy":{"rollingUpdate":{"partition":1}}}"#,
        r#"{"ordinals":{"start":1}}"#,
        r#"{"minReadySeconds":5}"#,
        r#"{"revisionHistoryLimit":3}"#,
        r#"{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}}"#,
    ] {
        let mut town = accepted("web", &manifest(&[]));
        let said = town.ok(&format!(
            "kubectl patch sts web --type=merge -p '{{\"spec\":{spec}}}'"
        ));
        assert_eq!(said, "statefulset.apps/web patched\n");
        assert_eq!(town.get::<StatefulSet>("web").meta.generation, 2, "{spec}");
    }
}

/// Upstream: rejects an update of anything else
/// Upstream: rejects 7.2 row 5
#[test]
fn what_may_not_change_is_forbidden() {
    let words = "The StatefulSet \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other \
                 than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', \
                 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden\n";
    for spec in [
        r#"{"serviceName":"other"}"#,
        r#"{"podManagementPolicy":"Parallel"}"#,
        r#"{"volumeClaimTemplates":[{"metadata":{"name":"www"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}}]}"#,
        r#"{"selector":{"matchExpressions":[{"key":"app","operator":"Exists"}]}}"#,
    ] {
        let mut town = accepted("web", &manifest(&[]));
        let output = town.run(&format!(
            "kubectl patch sts web --type=merge -p '{{\"spec\":{spec}}}'"
        ));
        assert_eq!(output.stderr, words, "{spec}");
        assert_eq!(town.get::<StatefulSet>("web").meta.generation, 1);
    }
}
