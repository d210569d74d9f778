//! What a person types and reads: whole stories at one desk.

use super::*;
use crate::cluster::config::Config;

const WEB: &str = "
apiVersion: v1
kind: Service
metadata: {name: nginx, labels: {app: nginx}}
spec: {clusterIP: None, ports: [{port: 80, name: web}], selector: {app: nginx}}
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
    spec:
      containers:
      - name: nginx
        image: registry.k8s.io/nginx-slim:0.24
        ports: [{containerPort: 80, name: web}]
        volumeMounts: [{name: www, mountPath: /usr/share/nginx/html}]
  volumeClaimTemplates:
  - metadata: {name: www}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

/// A desk with the set of seed 002, its pods Ready.
fn desk() -> Desk {
    let mut desk = Desk::new(Cluster::new(Config::page(1)), Workspace::default());
    desk.workspace.files.insert("web.yaml".into(), WEB.into());
    desk.enter(1, "kubectl apply -f web.yaml");
    wait(&mut desk, 30);
    desk
}

fn wait(desk: &mut Desk, seconds: i64) {
    let until = desk.cluster.now().plus_s(seconds);
    desk.run_until(until);
}

/// Types into the first terminal; what every command has printed that began by it.
fn typed(desk: &mut Desk, text: &str) -> String {
    let from = desk.entries().len();
    desk.enter(1, text);
    let begun = desk.entries().iter().skip(from);
    begun
        .flat_map(|it| it.printed.chunks.iter().map(|it| it.text.as_str()))
        .collect()
}

fn last(desk: &Desk) -> &Entry {
    desk.entries().last().expect("something was typed")
}

#[test]
fn a_shell_line_does_what_a_shell_does() {
    let mut desk = desk();
    for (line, printed) in [
        ("for i in 0 1; do echo web-$i; done", "web-0\nweb-1\n"),
        ("echo a; false && echo b || echo c", "a\nc\n"),
        (
            "X=web; echo \"$X-{0..1}\" $X-{0..1} '$X'",
            "web-{0..1} web-0 web-1 $X\n",
        ),
        (
            "echo $(kubectl get sts -o name) ${NONE:-nothing} $?",
            "statefulset.apps/web nothing 0\n",
        ),
        ("kubectl get pods --no-headers | grep -c Running", "2\n"),
        (
            "kubectl get pods -o name | head -1 | cut -d/ -f2",
            "web-0\n",
        ),
        (
            "kubectl get pods -o name | sort -r",
            "pod/web-1\npod/web-0\n",
        ),
        (
            "kubectl get pods -o name | xargs kubectl get -o name",
            "pod/web-0\npod/web-1\n",
        ),
        ("kubectl get nothing 2>/dev/null; echo $?", "1\n"),
        ("kubectl get nothing 2>&1 | wc -l", "1\n"),
        (
            "echo one > a.txt; echo two >> a.txt; cat a.txt; ls",
            "one\ntwo\na.txt  web.yaml\n",
        ),
        ("cat <<EOF | wc -l\n$X\nb\nEOF", "2\n"),
        ("if [ -f a.txt ]; then echo yes; else echo no; fi", "yes\n"),
        (
            "kubectl get pods -o name | while true; do echo once; break; done",
            "",
        ),
    ] {
        if !line.contains("while true") {
            assert_eq!(typed(&mut desk, line), printed, "{line}");
        }
    }
    for (line, printed) in [
        ("nope", "bash: nope: command not found\n"),
        (
            "helm install x",
            "helm: not in this terminal. `help` says what is.\n",
        ),
        ("echo 'a", ""),
        ("'", ""),
        ("done", "bash: syntax error near unexpected token `done'\n"),
        (
            "cat nothing.yaml",
            "cat: nothing.yaml: No such file or directory\n",
        ),
        ("echo a > x/y", "bash: x/y: No such file or directory\n"),
    ] {
        if line != "'" {
            assert_eq!(typed(&mut desk, line), printed, "{line}");
        }
        if line.ends_with("'a") {
            assert_eq!(desk.prompt(1).text, "> ", "a quote is open");
            desk.enter(1, "b'");
            assert_eq!(last(&desk).stdout(), "a\nb\n");
        }
    }
}

#[test]
fn what_is_pasted_runs_line_by_line() {
    let mut desk = desk();
    let pasted =
        "# Check pods\n$ kubectl get pods -o name\npod/x\n$ for i in 0 1; do\n> echo $i\n> done\n";
    assert_eq!(typed(&mut desk, pasted), "pod/web-0\npod/web-1\n0\n1\n");
}

#[test]
fn a_loop_without_end_is_cut() {
    let mut desk = desk();
    let printed = typed(&mut desk, "while true; do echo x > /dev/null; done");
    assert!(printed.contains("stopped: too many commands"), "{printed}");
    assert_ne!(last(&desk).exit, Some(0));
    typed(
        &mut desk,
        "while true; do kubectl get pods -o name; sleep 1; done",
    );
    wait(&mut desk, 3);
    assert_eq!(last(&desk).stdout().matches("pod/web-0").count(), 4);
    assert!(last(&desk).waits());
    desk.interrupt(1);
    assert_eq!(last(&desk).exit, Some(130));
    assert!(last(&desk).stdout().ends_with("^C\n"));
}

#[test]
fn a_command_that_waits_has_its_terminal_and_not_the_other() {
    let mut desk = desk();
    typed(&mut desk, "kubectl get pods -w -l app=nginx | grep web-1");
    typed(&mut desk, "echo later");
    assert_eq!(
        last(&desk).command,
        "kubectl get pods -w -l app=nginx | grep web-1"
    );
    assert!(desk.prompt(1).busy.is_some() && desk.prompt(2).busy.is_none());
    desk.enter(2, "kubectl delete pod web-1");
    wait(&mut desk, 60);
    let watch = &desk.entries()[1];
    assert!(watch.stdout().lines().count() > 3, "{watch:?}");
    assert!(!watch.stdout().contains("web-0"));
    let delete = last(&desk);
    assert_eq!((delete.terminal, delete.exit), (2, Some(0)));
    desk.interrupt(1);
    assert_eq!(desk.prompt(1).busy, None);
    assert_eq!(
        last(&desk).command,
        "kubectl delete pod web-1",
        "what was typed ahead is dropped"
    );
}

#[test]
fn programs_in_pods_have_the_pods_name_and_disk() {
    let mut desk = desk();
    let line = r#"for i in 0 1; do kubectl exec "web-$i" -- sh -c 'hostname'; done"#;
    assert_eq!(typed(&mut desk, line), "web-0\nweb-1\n");
    let curl = r#"for i in 0 1; do kubectl exec -i -t "web-$i" -- curl http://localhost/; done"#;
    let forbidden = typed(&mut desk, curl);
    assert_eq!(
        forbidden.matches("<title>403 Forbidden</title>").count(),
        2,
        "{forbidden}"
    );
    let write = r#"for i in 0 1; do kubectl exec "web-$i" -- sh -c 'echo "$(hostname)" > /usr/share/nginx/html/index.html'; done"#;
    assert_eq!(typed(&mut desk, write), "");
    assert_eq!(typed(&mut desk, curl), "web-0\nweb-1\n");
    typed(&mut desk, "kubectl delete pod -l app=nginx");
    wait(&mut desk, 60);
    assert_eq!(
        typed(&mut desk, curl),
        "web-0\nweb-1\n",
        "the disk outlasts the pod"
    );
    for (line, printed) in [
        (
            "kubectl exec web-0 -- hostname -f",
            "web-0.nginx.default.svc.cluster.local\n",
        ),
        (
            "kubectl exec web-0 -- ls /usr/share/nginx/html",
            "index.html\n",
        ),
        (
            "kubectl exec web-0 -- cat /usr/share/nginx/html/index.html",
            "web-0\n",
        ),
        ("kubectl exec sts/web -- hostname", "web-0\n"),
        (
            "kubectl exec web-0 -- sh -c 'exit 3'",
            "command terminated with exit code 3\n",
        ),
        (
            "kubectl exec web-0 -- sh -c 'echo x > /no/file'",
            "sh: 1: cannot create /no/file: Directory nonexistent\ncommand terminated with exit code 2\n",
        ),
        (
            "kubectl exec web-0 -- curl -s http://web-1.nginx/",
            "web-1\n",
        ),
        (
            "kubectl exec web-0 -- curl -s http://web-9.nginx/ -S",
            "curl: (6) Could not resolve host: web-9.nginx\ncommand terminated with exit code 6\n",
        ),
        (
            "kubectl exec web-0 -- printenv HOSTNAME KUBERNETES_SERVICE_HOST",
            "web-0\n",
        ),
        (
            "kubectl exec web-9 -- ls",
            "Error from server (NotFound): pods \"web-9\" not found\n",
        ),
        ("kubectl exec web-0 ls", "error: unknown"),
    ] {
        let found = typed(&mut desk, line);
        if !printed.starts_with("error: unknown") {
            assert_eq!(found, printed, "{line}");
        }
    }
    // What is not on a volume goes with the container.
    typed(&mut desk, "kubectl exec web-0 -- touch /tmp/here");
    assert_eq!(typed(&mut desk, "kubectl exec web-0 -- ls /tmp"), "here\n");
    typed(&mut desk, "kubectl delete pod web-0");
    wait(&mut desk, 60);
    assert_eq!(typed(&mut desk, "kubectl exec web-0 -- ls /tmp"), "");
}

#[test]
fn a_shell_in_a_pod_has_its_own_prompt_until_exit() {
    let mut desk = desk();
    typed(
        &mut desk,
        "kubectl run -i --tty --image busybox:1.28 dns-test --restart=Never --rm /bin/sh",
    );
    assert!(desk.prompt(1).busy.is_some(), "the pod is not there yet");
    wait(&mut desk, 10);
    assert_eq!(desk.prompt(1).text, "/ # ");
    let printed = typed(&mut desk, "nslookup web-0.nginx");
    let ip = desk
        .cluster
        .api
        .store
        .find::<crate::cluster::object::Pod>("default", "web-0")
        .expect("it is there");
    let expected = format!(
        "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      web-0.nginx\n\
         Address 1: {} web-0.nginx.default.svc.cluster.local\n",
        ip.status.pod_ip
    );
    assert_eq!(printed, expected);
    let missing = typed(&mut desk, "nslookup web-9.nginx");
    assert!(
        missing.ends_with("nslookup: can't resolve 'web-9.nginx'\n"),
        "{missing}"
    );
    assert_eq!(last(&desk).prompt, "/ # ");
    typed(&mut desk, "exit");
    wait(&mut desk, 5);
    assert_eq!(
        last(&desk).stdout(),
        "Session ended, resume using 'kubectl attach dns-test -c dns-test -n default -i -t' command\n\
         pod \"dns-test\" deleted from default namespace\n"
    );
    assert_eq!(desk.prompt(1).text, "$ ");
    typed(&mut desk, "kubectl exec -it web-1 -- bash\n");
    assert_eq!(desk.prompt(1).text, "root@web-1:/# ");
    typed(&mut desk, "cd /usr/share; pwd");
    assert_eq!(desk.prompt(1).text, "root@web-1:/usr/share# ");
    desk.enter(2, "kubectl delete pod web-1 --now");
    wait(&mut desk, 30);
    assert_eq!(desk.prompt(1).text, "$ ", "a shell ends with its container");
}

#[test]
fn the_api_server_forwards_to_pods_and_services() {
    let mut desk = desk();
    let kubia = "
apiVersion: v1
kind: Service
metadata: {name: kubia-public}
spec: {selector: {app: kubia}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: kubia-0, labels: {app: kubia}}
spec: {containers: [{name: kubia, image: luksa/kubia-pet, ports: [{containerPort: 8080}]}]}
";
    desk.workspace
        .files
        .insert("kubia.yaml".into(), kubia.into());
    typed(&mut desk, "kubectl apply -f kubia.yaml");
    wait(&mut desk, 15);
    let url = "localhost:8001/api/v1/namespaces/default/pods/kubia-0/proxy/";
    let refused = typed(&mut desk, &format!("curl {url}"));
    assert_eq!(
        refused,
        "curl: (7) Failed to connect to localhost port 8001 after 0 ms: Could not connect to server\n"
    );
    desk.enter(2, "kubectl proxy");
    assert_eq!(
        last(&desk).stdout(),
        "Starting to serve on 127.0.0.1:8001\n"
    );
    let first = typed(&mut desk, &format!("curl {url}"));
    assert_eq!(
        first,
        "You've hit kubia-0\nData stored on this pod: No data posted yet\n"
    );
    let post = typed(&mut desk, &format!("curl -X POST -d \"Hey there!\" {url}"));
    assert_eq!(post, "Data stored on pod kubia-0\n");
    let service = "localhost:8001/api/v1/namespaces/default/services/kubia-public/proxy/";
    let second = typed(&mut desk, &format!("curl {service}"));
    assert_eq!(
        second,
        "You've hit kubia-0\nData stored on this pod: Hey there!\n"
    );
    let moved = typed(&mut desk, &format!("curl {}", url.trim_end_matches('/')));
    assert!(moved.contains("Moved Permanently"), "{moved}");
    assert_eq!(desk.cluster.requests_made.len(), 3);
    let missing = typed(
        &mut desk,
        &format!("curl {}", url.replace("kubia-0", "kubia-9")),
    );
    assert!(
        missing.contains("pods \\\"kubia-9\\\" not found"),
        "{missing}"
    );
    desk.interrupt(2);
    assert_eq!(typed(&mut desk, &format!("curl {url}")), refused);
    desk.enter(2, "kubectl port-forward pod/kubia-0 8080:8080");
    assert_eq!(
        typed(&mut desk, "curl -s localhost:8080").lines().next(),
        Some("You've hit kubia-0")
    );
    wait(&mut desk, 1);
    let forward = desk
        .entries()
        .iter()
        .rev()
        .find(|it| it.terminal == 2)
        .expect("it was typed");
    assert!(
        forward.stdout().ends_with("Handling connection for 8080\n"),
        "{forward:?}"
    );
    assert_eq!(
        typed(&mut desk, "kubectl logs kubia-0"),
        "New data has been received and stored.\n"
    );
}

#[test]
fn watch_redraws_and_takes_no_time() {
    let mut desk = desk();
    typed(&mut desk, "watch kubectl get pods");
    let wiped = last(&desk).printed.wiped;
    let screen = last(&desk).stdout();
    assert!(
        screen.starts_with("Every 2.0s: kubectl get pods "),
        "{screen}"
    );
    assert_eq!(screen.lines().count(), 5);
    wait(&mut desk, 3600);
    // It looks when something happens, and not 1800 times.
    let looked = last(&desk).printed.wiped - wiped;
    assert!((1..20).contains(&looked), "{looked}");
    desk.interrupt(1);
    assert_eq!(last(&desk).exit, Some(130));
}

#[test]
fn an_object_is_edited_in_the_pane() {
    let mut desk = desk();
    let printed = typed(&mut desk, "kubectl edit sts web");
    assert!(
        printed.starts_with("statefulset-web.yaml is open"),
        "{printed}"
    );
    assert_eq!(desk.workspace.opened, ["statefulset-web.yaml"]);
    typed(&mut desk, "kubectl apply -f statefulset-web.yaml");
    assert_eq!(last(&desk).exit, Some(0), "{:?}", last(&desk));
}

#[test]
fn what_follows_a_wait_comes_at_the_same_instant_however_time_passes() {
    let told = |tick_s: i64| {
        let mut desk = desk();
        typed(
            &mut desk,
            "kubectl delete pod web-0; kubectl scale sts web --replicas=3",
        );
        desk.enter(2, "kubectl run one --image=busybox:1.28 --rm -i --restart=Never -- nslookup nope; echo $?");
        for _ in 0..60 / tick_s {
            wait(&mut desk, tick_s);
        }
        let records = desk.cluster.api.log.iter().map(|it| format!("{it:?}"));
        (records.collect::<Vec<_>>(), desk.entries().to_vec())
    };
    let (often, seldom) = (told(1), told(60));
    assert_eq!(often.1, seldom.1);
    assert_eq!(often.0, seldom.0);
    let run = often.1.last().expect("it was typed");
    assert!(
        run.stdout()
            .ends_with("deleted from default namespace\n1\n"),
        "{run:?}"
    );
    assert!(
        run.stderr()
            .ends_with("pod default/one terminated (Error)\n"),
        "{run:?}"
    );
}

#[test]
fn what_is_piped_reaches_programs_in_pods_and_groups() {
    let mut desk = desk();
    for (line, printed) in [
        (
            "echo hi | kubectl exec -i web-0 -- tee /usr/share/nginx/html/index.html",
            "hi\n",
        ),
        (
            "kubectl exec web-0 -- cat /usr/share/nginx/html/index.html",
            "hi\n",
        ),
        ("echo hostname | kubectl exec -i web-0 -- sh", "web-0\n"),
        ("echo hi | { cat; }", "hi\n"),
        ("(exit 3) || echo failed", "failed\n"),
        ("(cd / 2>/dev/null; X=1); echo \"[$X]\"", "[]\n"),
        ("false; X=1 && echo ok", "ok\n"),
        ("kubectl get pods | grep -c web", "2\n"),
    ] {
        assert_eq!(typed(&mut desk, line), printed, "{line}");
    }
    typed(&mut desk, "kubectl exec -it web-0 -- sh");
    typed(&mut desk, "for i in 1 2; do");
    assert_eq!(desk.prompt(1).text, "> ");
    assert_eq!(typed(&mut desk, "echo $i; done"), "1\n2\n");
    desk.interrupt(1);
    assert_eq!(last(&desk).exit, Some(0), "what has ended is not undone");
}

#[test]
fn a_pod_that_does_not_start_is_not_awaited_for_ever() {
    let mut desk = desk();
    typed(
        &mut desk,
        "kubectl run x --image=nosuch:missing -it --rm --restart=Never -- sh",
    );
    wait(&mut desk, 59);
    assert!(last(&desk).waits());
    wait(&mut desk, 40);
    assert!(!last(&desk).waits(), "{:?}", last(&desk));
    let said = last(&desk).stderr();
    assert!(
        said.contains("error: timed out waiting for the condition"),
        "{said}"
    );
}

#[test]
fn nothing_that_is_typed_grows_without_end() {
    let mut desk = desk();
    let said = typed(&mut desk, "x=aaaa; while true; do x=$x$x; done");
    assert_eq!(
        said,
        "bash: x: value too long\n".repeat(said.lines().count() - 1)
            + said.lines().last().expect("a line")
            + "\n"
    );
    assert!(said.len() < 500_000, "{}", said.len());
    typed(
        &mut desk,
        "echo abc > a; while true; do cat a >> b; cat b >> a; done",
    );
    assert!(
        desk.workspace
            .files
            .values()
            .all(|it| it.len() <= 1_000_000)
    );
    let said = typed(
        &mut desk,
        "kubectl exec web-0 -- sh -c 'echo \"sh /tmp/x\" > /tmp/x; sh /tmp/x'",
    );
    assert!(said.contains("too many shells"), "{said}");
}

#[test]
fn a_pipe_costs_no_more_the_longer_it_runs() {
    let mut desk = desk();
    typed(
        &mut desk,
        "while sleep 1; do kubectl get pods; done | grep web-0",
    );
    // What was filtered is gone: nothing waits in the pipe to be read once more.
    wait(&mut desk, 600);
    let mut lengths = Vec::new();
    let terminal = desk.terminals.get_mut(&1).expect("it was typed in");
    let running = terminal.foreground.as_mut().expect("it runs");
    running.job.unread(&mut lengths);
    assert_eq!(lengths, [0, 0]);
    assert_eq!(last(&desk).stdout().lines().count(), 600);
    desk.interrupt(1);
    // A pipe whose end takes nothing in until all has come is cut.
    let many = "while sleep 1; do seq 20000; done | sort | tail -1";
    typed(&mut desk, many);
    wait(&mut desk, 600);
    assert!(last(&desk).stderr().contains("more than a pipe keeps"));
    // What writes to nobody is stopped.
    typed(
        &mut desk,
        "while sleep 1; do echo x; done | nope; echo over",
    );
    wait(&mut desk, 3);
    assert!(last(&desk).stdout().ends_with("over\n"));
}

#[test]
fn an_hour_of_lines_is_written_behind_a_file() {
    let mut desk = desk();
    let line = "kubectl exec web-0 -- sh -c 'while sleep 0.1; do date >> f; done' &";
    typed(&mut desk, line);
    wait(&mut desk, 300);
    assert_eq!(
        typed(&mut desk, "kubectl exec web-0 -- wc -l f"),
        "3000 f\n"
    );
}
