//! What the server refuses and what it only warns of, in its own words (reference chapter 7; pkg/apis/core/validation
//! and pkg/api/pod/warnings.go of v1.36).

use crate::support::{Town, web};

/// A set whose container or spec says this besides.
fn set(spec: &str, pod: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: web}}\nspec:\n{spec}  replicas: 0\n  \
         selector: {{matchLabels: {{app: a}}}}\n  template:\n    metadata: {{labels: {{app: a}}}}\n    spec:\n{pod}      \
         containers:\n      - name: c\n        image: nginx:1\n{container}"
    )
}

#[track_caller]
fn refused(manifest: &str, causes: &[&str]) {
    let said = Town::new().refused(manifest);
    let found: Vec<&str> = match said.split_once(" is invalid: \n") {
        Some((_, causes)) => causes
            .lines()
            .map(|it| it.trim_start_matches("* "))
            .collect(),
        None => said.trim_end().splitn(2, " is invalid: ").skip(1).collect(),
    };
    assert_eq!(found, causes, "{said}");
}

/// What is said in a pod's spec, what in its container, and what is wrong with that.
type Case = (&'static str, &'static str, Vec<String>);

#[track_caller]
fn all_refused(cases: impl IntoIterator<Item = Case>) {
    for (pod, container, causes) in cases {
        let causes: Vec<&str> = causes.iter().map(String::as_str).collect();
        refused(&set("", pod, container), &causes);
    }
}

#[test]
fn fields_of_containers_are_refused_in_upstreams_order_and_words() {
    let at = "spec.template.spec";
    let c = format!("{at}.containers[0]");
    all_refused([
        (
            "",
            "        readinessProbe: {exec: {}}\n",
            vec![format!("{c}.readinessProbe.exec.command: Required value")],
        ),
        (
            "",
            "        livenessProbe: {exec: {command: [ls]}, tcpSocket: {port: 80}}\n",
            vec![format!(
                "{c}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"
            )],
        ),
        (
            "",
            "        env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.nope}}}]\n",
            vec![format!(
                "{c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.nope\": error converting fieldPath: \
                 field label not supported: metadata.nope"
            )],
        ),
        (
            "",
            "        resources: {requests: {cpuu: 1}}\n",
            vec![
                format!(
                    "{c}.resources.requests[cpuu]: Invalid value: \"cpuu\": must be a standard resource type or fully qualified"
                ),
                format!(
                    "{c}.resources.requests[cpuu]: Invalid value: \"cpuu\": must be a standard resource for containers"
                ),
            ],
        ),
        (
            "      volumes: [{name: d, emptyDir: {}, hostPath: {path: /x}}]\n",
            "        volumeMounts: [{name: d, mountPath: /d}]\n",
            vec![
                format!(
                    "{at}.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"
                ),
                format!("{c}.volumeMounts[0].name: Not found: \"d\""),
            ],
        ),
    ]);
}

#[test]
fn fields_of_pods_are_refused_in_upstreams_order_and_words() {
    let at = "spec.template.spec";
    let c = format!("{at}.containers[0]");
    all_refused([
        (
            "      tolerations: [{key: a, effect: Foo}]\n",
            "",
            vec![format!(
                "{at}.tolerations[0].effect: Unsupported value: \"Foo\": supported values: \"NoSchedule\", \
                 \"PreferNoSchedule\", \"NoExecute\""
            )],
        ),
        (
            "      dnsPolicy: Foo\n",
            "",
            vec![format!(
                "{at}.dnsPolicy: Unsupported value: \"Foo\": supported values: \"ClusterFirstWithHostNet\", \
                 \"ClusterFirst\", \"Default\", \"None\""
            )],
        ),
        (
            "      restartPolicy: Foo\n",
            "",
            vec![
                format!(
                    "{at}.restartPolicy: Unsupported value: \"Foo\": supported values: \"Always\", \"OnFailure\", \"Never\""
                ),
                format!(
                    "{at}.restartPolicy: Unsupported value: \"Foo\": supported values: \"Always\""
                ),
            ],
        ),
        (
            "      initContainers: [{name: c, image: x, livenessProbe: {tcpSocket: {port: 1}}}]\n",
            "",
            vec![
                format!("{at}.initContainers[0].name: Duplicate value: \"c\""),
                format!(
                    "{at}.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"
                ),
            ],
        ),
        (
            "",
            "        env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: \"\"}}}]\n",
            vec![format!(
                "{c}.env[0].valueFrom.configMapKeyRef.key: Required value"
            )],
        ),
        (
            "",
            "        lifecycle: {preStop: {}}\n",
            vec![format!(
                "{c}.lifecycle.preStop: Required value: must specify a handler type"
            )],
        ),
        (
            "      activeDeadlineSeconds: 0\n",
            "",
            vec![
                format!(
                    "{at}.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"
                ),
                format!(
                    "{at}.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported"
                ),
            ],
        ),
    ]);
}

#[test]
fn affinity_needs_a_topology_key() {
    let term = "      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {}}]}}\n";
    let said = Town::new().refused(&set("", term, ""));
    assert!(
        said.contains("[0].topologyKey: Required value: can not be empty\n"),
        "{said}"
    );
    assert!(
        said.contains("[0].topologyKey: Invalid value: \"\": name part must be non-empty\n"),
        "{said}"
    );
}

#[test]
fn a_selector_that_cannot_be_read_is_not_held_against_the_template() {
    let bad = set("", "", "").replace(
        "{matchLabels: {app: a}}",
        "{matchLabels: {app: z}, matchExpressions: [{key: app, operator: In}]}",
    );
    refused(
        &bad,
        &[
            "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
            "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"z\"},\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\"}]}",
        ],
    );
}

#[test]
fn rolling_updates_of_deployments_are_checked() {
    let deployment = |rolling: &str| {
        let strategy = format!("  strategy: {{rollingUpdate: {rolling}}}\n");
        set(&strategy, "", "").replace("StatefulSet", "Deployment")
    };
    let at = "spec.strategy.rollingUpdate";
    refused(
        &deployment("{maxSurge: 0, maxUnavailable: 0}"),
        &[&format!(
            "{at}.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"
        )],
    );
    refused(
        &deployment("{maxSurge: 1, maxUnavailable: -1}"),
        &[&format!(
            "{at}.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"
        )],
    );
    refused(
        &deployment("{maxSurge: x, maxUnavailable: 150%}"),
        &[
            &format!(
                "{at}.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending \
                 '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
            ),
            &format!("{at}.maxUnavailable: Invalid value: \"150%\": must not be greater than 100%"),
        ],
    );
}

#[test]
fn what_may_not_change_on_claims_and_volumes_is_shown_as_a_diff() {
    let mut town = Town::new();
    town.apply(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d}\nspec: {accessModes: [ReadWriteOnce], \
         storageClassName: nope, resources: {requests: {storage: 1Gi}}}\n---\n\
         apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {accessModes: [ReadWriteOnce], \
         capacity: {storage: 1Gi}, hostPath: {path: /a}}\n",
    );
    let said = town.run("kubectl patch pvc d -p '{\"spec\":{\"storageClassName\":\"other\"}}'");
    assert_eq!(
        said.stderr,
        "The PersistentVolumeClaim \"d\" is invalid: spec: Forbidden: spec is immutable after creation except \
         resources.requests and volumeAttributesClassName for bound claims\n@@ -10,7 +10,7 @@\n   }\n  },\n  \
         \"VolumeName\": \"\",\n- \"StorageClassName\": \"nope\",\n+ \"StorageClassName\": \"other\",\n  \
         \"VolumeMode\": \"Filesystem\",\n  \"DataSource\": null,\n  \"DataSourceRef\": null,\n"
    );
    // Validation comes before the plugin that knows which claims may grow.
    let said = town.run(
        "kubectl patch pvc d -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}'",
    );
    assert!(
        said.stderr
            .contains("\n-   \"storage\": \"1Gi\"\n+   \"storage\": \"2Gi\"\n"),
        "{}",
        said.stderr
    );
    let said = town.run("kubectl patch pv v -p '{\"spec\":{\"hostPath\":{\"path\":\"/b\"}}}'");
    assert!(
        said.stderr.ends_with(
            "is immutable after creation\n@@ -2,7 +2,7 @@\n  \"GCEPersistentDisk\": null,\n  \
             \"AWSElasticBlockStore\": null,\n  \"HostPath\": {\n-  \"Path\": \"/a\",\n+  \"Path\": \"/b\",\n   \
             \"Type\": \"\"\n  },\n  \"Glusterfs\": null,\n"
        ),
        "{}",
        said.stderr
    );
}

#[test]
fn what_may_not_change_on_pods() {
    let mut town = Town::new();
    town.apply(&web(1));
    town.wait_s(30);
    let mut patch = |body: &str| {
        town.run(&format!("kubectl patch pod web-0 -p '{body}'"))
            .stderr
    };
    assert_eq!(
        patch(r#"{"spec":{"containers":[{"name":"other","image":"x"}]}}"#),
        "The Pod \"web-0\" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers\n"
    );
    assert_eq!(
        patch(r#"{"spec":{"tolerations":[]}}"#),
        "The Pod \"web-0\" is invalid: spec.tolerations: Forbidden: existing toleration can not be modified except its \
         tolerationSeconds\n"
    );
    assert_eq!(
        patch(r#"{"metadata":{"name":"x"}}"#),
        "Error from server (BadRequest): the name of the object (x) does not match the name on the URL (web-0)\n"
    );
    assert_eq!(
        patch(r#"{"metadata":{"finalizers":["x"]}}"#),
        "The Pod \"web-0\" is invalid: metadata.finalizers[0]: Invalid value: \"x\": name is neither a standard finalizer \
         name nor is it fully qualified\n"
    );
}

#[test]
fn the_server_warns_of_what_it_accepts() {
    let warned = |manifest: &str| {
        let mut town = Town::new();
        town.workspace
            .files
            .insert("x.yaml".to_owned(), manifest.to_owned());
        let output = town.run("kubectl create -f x.yaml");
        assert_eq!(output.exit, 0, "{}", output.stderr);
        output.stderr
    };
    let c = "spec.template.spec.containers[0]";
    let cases = [
        (
            set("  revisionHistoryLimit: -1\n", "", ""),
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned(),
        ),
        (
            set("", "      terminationGracePeriodSeconds: -1\n", ""),
            "spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1".to_owned(),
        ),
        (
            set("", "", "        env: [{name: A, value: a}, {name: A, value: b}]\n"),
            format!("{c}.env[1]: hides previous definition of \"A\", which may be dropped when using apply"),
        ),
        (
            set("", "", "        resources: {limits: {memory: 100m}}\n"),
            format!("{c}.resources.limits[memory]: fractional byte value \"100m\" is invalid, must be an integer"),
        ),
        (
            set("", "", "        ports: [{containerPort: 80}, {containerPort: 80}]\n"),
            format!("{c}.ports[1]: duplicate port definition with {c}.ports[0]"),
        ),
        (
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {accessModes: [ReadWriteOnce], \
             capacity: {storage: 1Gi}, hostPath: {path: /a}, persistentVolumeReclaimPolicy: Recycle}\n"
                .to_owned(),
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning."
                .to_owned(),
        ),
    ];
    for (manifest, warning) in cases {
        assert_eq!(warned(&manifest), format!("Warning: {warning}\n"));
    }
    assert_eq!(
        warned(&set(
            "",
            "",
            "        env: [{name: A, value: a}, {name: A, value: $(A)b}]\n"
        )),
        ""
    );
}

#[test]
fn selectors_are_refused_by_the_server_for_the_kind_that_is_asked_for() {
    let mut town = Town::new();
    let said = |resource: &str, labels: &str, fields: &str, why: &str| {
        format!(
            "Error from server (BadRequest): Unable to find \"{resource}\" that match label selector \"{labels}\", field \
             selector \"{fields}\": {why}\n"
        )
    };
    for (line, expected) in [
        (
            "kubectl get sts -l 'a=b=c'",
            said(
                "apps/v1, Resource=statefulsets",
                "a=b=c",
                "",
                "found '=', expected: ',' or 'end of string'",
            ),
        ),
        (
            "kubectl delete pods -l 'a in (b'",
            said(
                "/v1, Resource=pods",
                "a in (b",
                "",
                "unable to parse requirement: found '', expected: ',' or ')'",
            ),
        ),
        (
            "kubectl get pods --field-selector status.phase",
            said(
                "/v1, Resource=pods",
                "",
                "status.phase",
                "invalid selector: 'status.phase'; can't understand 'status.phase'",
            ),
        ),
    ] {
        let output = town.run(line);
        assert_eq!((output.stderr, output.exit), (expected, 1), "{line}");
    }
    assert!(town.ok("kubectl get pods -l 'a>1'").is_empty());
}

#[test]
fn whoever_asks_for_endpoints_is_warned_once() {
    let mut town = Town::new();
    town.apply(&web(1));
    town.wait_s(5);
    let warning =
        "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n";
    for line in [
        "kubectl get svc,ep",
        "kubectl get ep nginx -o name",
        "kubectl describe ep nginx",
        "kubectl delete ep nginx --wait=false",
    ] {
        assert_eq!(town.run(line).stderr, warning, "{line}");
    }
}

#[test]
fn budgets_and_secrets_are_checked() {
    refused(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\nspec: {maxUnavailable: 150%, selector: {}}\n",
        &["spec.maxUnavailable: Invalid value: \"150%\": must not be greater than 100%"],
    );
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: not base64}\n";
    assert_eq!(
        Town::new().refused(secret),
        "Error from server (BadRequest): error when creating \"manifest.yaml\": Secret in version \"v1\" cannot be handled \
         as a Secret: illegal base64 data at input byte 3\n"
    );
}

#[test]
fn a_kind_of_kubernetes_is_not_simulated_and_any_other_kind_is_unknown() {
    let said = |version: &str, kind: &str| {
        Town::new().refused(&format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n"
        ))
    };
    for (version, kind) in [
        ("autoscaling/v1", "HorizontalPodAutoscaler"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("events.k8s.io/v1", "Event"),
        ("authentication.k8s.io/v1", "TokenReview"),
        ("authorization.k8s.io/v1", "SelfSubjectAccessReview"),
    ] {
        let said = said(version, kind);
        let words = format!("error: {kind} ({version}) in \"manifest.yaml\" is not simulated here");
        assert!(said.starts_with(&words), "{said}");
    }
    for (version, kind) in [
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler"),
        ("events.k8s.io/v1beta1", "Event"),
        ("apps/v1", "Pod"),
        ("example.com/v1", "Database"),
    ] {
        assert_eq!(
            said(version, kind),
            format!(
                "error: resource mapping not found for name: \"a\" namespace: \"\" from \"manifest.yaml\": no matches \
                 for kind \"{kind}\" in version \"{version}\"\nensure CRDs are installed first\n"
            )
        );
    }
    let mut town = Town::new();
    for (word, said) in [
        (
            "tokenreviews",
            "error: TokenReview (authentication.k8s.io/v1) is not simulated here\n",
        ),
        (
            "events.events.k8s.io",
            "error: Event (events.k8s.io/v1) is not simulated here\n",
        ),
        (
            "daemonsets.batch",
            "error: the server doesn't have a resource type \"daemonsets.batch\"\n",
        ),
        ("hpa", "No resources found in default namespace.\n"),
    ] {
        assert_eq!(town.run(&format!("kubectl get {word}")).stderr, said);
    }
}
