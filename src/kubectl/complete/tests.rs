//! What is offered, line by line, in a cluster with a StatefulSet of three and its Service.

use super::complete;
use crate::cluster::Cluster;
use crate::cluster::config::Config;
use crate::kubectl::Workspace;
use crate::kubectl::verb::kit;

const WEB: &str = "
apiVersion: v1
kind: Service
metadata: {name: nginx, labels: {app: nginx}}
spec: {clusterIP: None, selector: {app: nginx}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, labels: {app: nginx, tier: front}}
spec:
  serviceName: nginx
  replicas: 3
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      initContainers: [{name: setup, image: 'busybox:1'}]
      containers: [{name: nginx, image: 'nginx:1'}, {name: sidecar, image: 'log:2'}]
---
apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: own, namespace: team}
";

fn place() -> (Cluster, Workspace) {
    let mut cluster = Cluster::new(Config::page(1));
    let mut workspace = Workspace::default();
    workspace.files.insert("web.yaml".into(), WEB.into());
    workspace.files.insert("notes.txt".into(), String::new());
    let answer = kit::run(&mut cluster, &mut workspace, "kubectl apply -f web.yaml");
    assert_eq!(answer.output.exit, 0, "{}", answer.output.stderr);
    cluster.run_for(60_000);
    (cluster, workspace)
}

/// Checks what lines offer: each line, what stands before the piece that is completed, and the candidates.
#[track_caller]
fn check(cases: &[(&str, &str, &str)]) {
    let (cluster, workspace) = place();
    for (line, before, offered) in cases {
        let completion = complete(&cluster, &workspace, line, line.len());
        let texts: Vec<&str> = completion.candidates.iter().map(|it| &*it.text).collect();
        assert_eq!(texts.join(" "), *offered, "{line}");
        if !texts.is_empty() {
            assert_eq!(&line[..completion.start], *before, "{line}");
        }
    }
}

#[test]
fn commands_begin_a_line_and_what_follows_a_separator() {
    check(&[
        ("ku", "", "kubectl"),
        ("k", "", "k kubectl"),
        ("sleep 1; wa", "sleep 1; ", "watch"),
        ("watch -n 1 kube", "watch -n 1 ", "kubectl"),
        ("for p in $(k", "for p in $(", "k kubectl"),
        ("for p in a; do gr", "for p in a; do ", "grep"),
        ("A=b ec", "A=b ", "echo"),
        ("nothing ku", "", ""),
        ("echo ku", "", ""),
        ("# ku", "", ""),
    ]);
}

#[test]
fn files_are_offered_where_a_file_is_read() {
    check(&[
        ("cat ", "cat ", "notes.txt web.yaml"),
        ("cat ./w", "cat ./", "web.yaml"),
        ("echo a > n", "echo a > ", "notes.txt"),
        ("grep w", "", ""),
        ("grep -i x w", "grep -i x ", "web.yaml"),
        ("kubectl apply -f w", "kubectl apply -f ", "web.yaml"),
        ("kubectl apply -fw", "kubectl apply -f", "web.yaml"),
        (
            "kubectl apply --filename=w",
            "kubectl apply --filename=",
            "web.yaml",
        ),
        (
            "kubectl apply -f a.yaml,n",
            "kubectl apply -f a.yaml,",
            "notes.txt",
        ),
        ("kubectl logs -f w", "kubectl logs -f ", "web-0 web-1 web-2"),
    ]);
}

#[test]
fn verbs_have_their_second_words() {
    check(&[
        ("kubectl de", "kubectl ", "delete describe"),
        ("k -n team ge", "k -n team ", "get"),
        ("kubectl nothing po", "", ""),
        (
            "kubectl rollout ",
            "kubectl rollout ",
            "history pause restart resume status undo",
        ),
        (
            "kubectl set ",
            "kubectl set ",
            "env image resources selector serviceaccount",
        ),
        (
            "kubectl config ",
            "kubectl config ",
            "current-context get-contexts set-context use-context",
        ),
        (
            "kubectl config use-context ",
            "kubectl config use-context ",
            "minikube",
        ),
        (
            "kubectl create service ",
            "kubectl create service ",
            "clusterip externalname loadbalancer nodeport",
        ),
        (
            "kubectl create secret ",
            "kubectl create secret ",
            "generic",
        ),
        ("kubectl create namespace ", "", ""),
        (
            "kubectl create cm x --from-file=key=no",
            "kubectl create cm x --from-file=key=",
            "notes.txt",
        ),
        (
            "kubectl expose pod web-0 --type=N",
            "kubectl expose pod web-0 --type=",
            "NodePort",
        ),
    ]);
}

#[test]
fn every_second_word_is_one_that_the_verb_knows() {
    for (verb, ahead) in [
        ("rollout", ""),
        ("set", ""),
        ("config", ""),
        ("create", ""),
        ("create", "service"),
        ("create", "secret"),
    ] {
        let words: Vec<&str> = ahead.split_whitespace().collect();
        let next = super::kubectl::subverbs(verb, &words);
        assert!(!next.is_empty(), "{verb} {ahead}");
        for word in next {
            let (mut cluster, mut workspace) = place();
            let object = if *word == "current-context" { "" } else { "x" };
            let line = format!("kubectl {verb} {ahead} {word} {object}");
            let answer = kit::run(&mut cluster, &mut workspace, &line);
            let unknown = format!("unknown command \"{word}");
            let refused = answer.output.stderr.contains(&unknown);
            assert!(!refused, "{line}: {}", answer.output.stderr);
        }
    }
}

#[test]
fn flags_are_those_of_the_verb_and_of_every_verb() {
    check(&[
        (
            "kubectl scale --re",
            "kubectl scale ",
            "--recursive --replicas --request-timeout",
        ),
        ("kubectl scale --replicas 2 --rep", "", ""),
        (
            "kubectl apply -f a --file",
            "kubectl apply -f a ",
            "--filename",
        ),
        ("kubectl delete --ca", "kubectl delete ", "--cascade="),
        ("kubectl get -n", "kubectl get ", "-n"),
        ("kubectl get -w", "kubectl get ", "-w"),
        ("kubectl --names", "kubectl ", "--namespace"),
        ("kubectl exec web-0 -- l", "", ""),
    ]);
    let (cluster, workspace) = place();
    let line = "kubectl get -";
    let completion = complete(&cluster, &workspace, line, line.len());
    let found = completion
        .candidates
        .iter()
        .find(|it| it.text == "--selector");
    assert_eq!(found.map(|it| &*it.about), Some("-l"));
    assert_eq!(completion.common, "--");
}

#[test]
fn values_of_flags() {
    check(&[
        (
            "kubectl get pods -n ",
            "kubectl get pods -n ",
            "default kube-node-lease kube-public kube-system team",
        ),
        (
            "kubectl get pods --namespace=te",
            "kubectl get pods --namespace=",
            "team",
        ),
        ("kubectl -n te", "kubectl -n ", "team"),
        (
            "kubectl get pods -o ",
            "kubectl get pods -o ",
            "custom-columns= json jsonpath= name wide yaml",
        ),
        ("kubectl get pods -oy", "kubectl get pods -o", "yaml"),
        (
            "kubectl get pods -o=js",
            "kubectl get pods -o=",
            "json jsonpath=",
        ),
        (
            "kubectl delete sts web --cascade=",
            "kubectl delete sts web --cascade=",
            "background foreground orphan",
        ),
        (
            "kubectl apply --dry-run=s",
            "kubectl apply --dry-run=",
            "server",
        ),
        (
            "kubectl patch sts web --type ",
            "kubectl patch sts web --type ",
            "json merge strategic",
        ),
        (
            "kubectl delete pod web-0 --wait=",
            "kubectl delete pod web-0 --wait=",
            "false true",
        ),
        (
            "kubectl logs web-0 -c ",
            "kubectl logs web-0 -c ",
            "nginx setup sidecar",
        ),
        (
            "kubectl logs sts/web -c s",
            "kubectl logs sts/web -c ",
            "setup sidecar",
        ),
        ("kubectl logs nothing -c s", "", ""),
        (
            "kubectl rollout undo sts web --to-revision ",
            "kubectl rollout undo sts web --to-revision ",
            "1",
        ),
        (
            "kubectl get pods --sort-by .metadata.na",
            "kubectl get pods --sort-by .metadata.",
            "name namespace",
        ),
        (
            "kubectl get pods --field-selector status.phase=P",
            "kubectl get pods --field-selector status.phase=",
            "Pending",
        ),
        (
            "kubectl get pods --field-selector a=b,status",
            "kubectl get pods --field-selector a=b,",
            "status.phase=",
        ),
    ]);
}

#[test]
fn labels_come_from_the_objects() {
    check(&[
        (
            "kubectl get sts -l ",
            "kubectl get sts -l ",
            "app=nginx tier=front",
        ),
        (
            "kubectl get sts -l app=nginx,t",
            "kubectl get sts -l app=nginx,",
            "tier=front",
        ),
        (
            "kubectl get pods -l apps.kubernetes.io/p",
            "kubectl get pods -l ",
            "apps.kubernetes.io/pod-index=",
        ),
        (
            "kubectl get pods -l apps.kubernetes.io/pod-index!=",
            "kubectl get pods -l apps.kubernetes.io/pod-index!=",
            "0 1 2",
        ),
        (
            "kubectl get pods -l 'app=n",
            "kubectl get pods -l 'app=",
            "nginx",
        ),
        ("kubectl get sts -L t", "kubectl get sts -L ", "tier"),
    ]);
}

#[test]
fn kinds_are_offered_in_full_and_short_names_stay() {
    check(&[
        (
            "kubectl get st",
            "kubectl get ",
            "statefulsets.apps storageclasses.storage.k8s.io",
        ),
        (
            "kubectl get po",
            "kubectl get ",
            "poddisruptionbudgets.policy pods",
        ),
        ("kubectl get sts", "kubectl get ", "sts"),
        ("kubectl get pv", "kubectl get ", "pv pvc"),
        (
            "kubectl get pods,statef",
            "kubectl get pods,",
            "statefulsets.apps",
        ),
        ("kubectl get StatefulSet", "kubectl get ", "StatefulSet"),
        ("kubectl get nothing", "", ""),
        (
            "kubectl scale ",
            "kubectl scale ",
            "deployment replicaset statefulset",
        ),
        (
            "kubectl rollout status sts",
            "kubectl rollout status ",
            "sts",
        ),
    ]);
}

#[test]
fn names_are_those_of_the_kind_and_the_namespace() {
    check(&[
        (
            "kubectl get pods ",
            "kubectl get pods ",
            "web-0 web-1 web-2",
        ),
        (
            "kubectl delete pod web-0 w",
            "kubectl delete pod web-0 ",
            "web-1 web-2",
        ),
        (
            "kubectl get sts,svc ",
            "kubectl get sts,svc ",
            "kubernetes nginx web",
        ),
        ("kubectl get cm o", "", ""),
        ("kubectl get cm -n team o", "kubectl get cm -n team ", "own"),
        ("kubectl get cm -A o", "kubectl get cm -A ", "own"),
        (
            "kubectl delete pod/web-0 pod/w",
            "kubectl delete pod/web-0 pod/",
            "web-1 web-2",
        ),
        (
            "kubectl delete pod/web-0 po",
            "kubectl delete pod/web-0 ",
            "poddisruptionbudgets.policy/ pods/",
        ),
        ("kubectl scale sts ", "kubectl scale sts ", "web"),
        (
            "kubectl rollout status statefulset/",
            "kubectl rollout status statefulset/",
            "web",
        ),
        ("kubectl patch sts web ", "", ""),
        ("kubectl drain ", "kubectl drain ", "node-a node-b node-c"),
        (
            "kubectl cordon node-a node-c n",
            "kubectl cordon node-a node-c ",
            "node-b",
        ),
        (
            "kubectl set image sts/web ",
            "kubectl set image sts/web ",
            "nginx= setup= sidecar=",
        ),
        (
            "kubectl set image sts web nginx=a s",
            "kubectl set image sts web nginx=a ",
            "setup= sidecar=",
        ),
        ("kubectl set image sts ", "kubectl set image sts ", "web"),
    ]);
}

#[test]
fn pods_come_before_what_stands_for_pods() {
    check(&[
        (
            "kubectl logs ",
            "kubectl logs ",
            "web-0 web-1 web-2 deployments/ pods/ replicasets/ services/ statefulsets/",
        ),
        ("kubectl exec st", "kubectl exec ", "statefulsets/"),
        ("kubectl logs sts/", "kubectl logs sts/", "web"),
        (
            "kubectl logs web-0 ",
            "kubectl logs web-0 ",
            "nginx setup sidecar",
        ),
        ("kubectl exec -it web-0 ", "", ""),
    ]);
}

#[test]
fn what_an_object_is_stands_beside_its_name() {
    let (cluster, workspace) = place();
    let about = |line: &str| {
        let completion = complete(&cluster, &workspace, line, line.len());
        let texts = completion.candidates.into_iter();
        texts.map(|it| it.about).collect::<Vec<_>>().join(",")
    };
    assert_eq!(about("kubectl get pods "), "Running,Running,Running");
    assert_eq!(about("kubectl get sts "), "3/3");
    assert_eq!(about("kubectl get nodes node-a n"), "Ready,Ready");
    assert_eq!(about("kubectl set image sts/web n"), "nginx:1");
    assert_eq!(about("kubectl explain sts.spec.rep"), "integer");
}

#[test]
fn explain_goes_down_the_fields() {
    check(&[
        (
            "kubectl explain sta",
            "kubectl explain ",
            "statefulsets.apps",
        ),
        ("kubectl explain sts", "kubectl explain ", "sts"),
        (
            "kubectl explain sts.",
            "kubectl explain sts.",
            "apiVersion kind metadata spec status",
        ),
        (
            "kubectl explain sts.spec.up",
            "kubectl explain sts.spec.",
            "updateStrategy",
        ),
        (
            "kubectl explain statefulsets.apps.spec.o",
            "kubectl explain statefulsets.apps.spec.",
            "ordinals",
        ),
        (
            "kubectl explain pod.spec.containers.na",
            "kubectl explain pod.spec.containers.",
            "name",
        ),
        ("kubectl explain pod.spec.nothing.", "", ""),
    ]);
}

#[test]
fn any_line_and_any_cursor_is_read() {
    let (cluster, workspace) = place();
    let line = "kubectl get ä'pö\"d$(k `-é=, -l 'ü=|` \\";
    for cursor in 0..line.len() + 3 {
        let completion = complete(&cluster, &workspace, line, cursor);
        assert!(line.is_char_boundary(completion.start) && completion.start <= cursor);
    }
    let line = "kubectl get pods and more";
    let completion = complete(&cluster, &workspace, line, "kubectl get po".len());
    assert_eq!((completion.start, &*completion.common), (12, "pod"));
    let line = "kubectl exec st";
    let open = complete(&cluster, &workspace, line, line.len()).candidates;
    assert!(open.iter().all(super::Candidate::is_open));
}
