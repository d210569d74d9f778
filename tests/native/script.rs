//! The script that is taken out to a real cluster: a shell runs it, and calls what was done, with what was typed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use expect_test::expect;
use ordinal::cluster::value::Text;
use ordinal::scene::Place;
use ordinal::session::{Deed, Force, Front as _, Msg, Session};

/// Notes its words and what it reads; what goes on by itself goes on until it is killed.
const KUBECTL: &str = r#"#!/bin/sh
echo "kubectl $*" >> "$CALLED"
case "$*" in
*'get pods -w'* | *'logs -f'* | port-forward* | proxy*)
    trap 'echo "killed: kubectl $*" >> "$CALLED"; exit 0' TERM
    for i in $(seq 500); do /bin/sleep 0.01; done ;;
*'exec -i'* | *'attach -i'* | *'run -i'* | *'-f -'*)
    while IFS= read -r line; do echo "    < $line" >> "$CALLED"; done ;;
esac
"#;

/// Notes the pause, and sleeps three tenths of it, of a long one as of one second: what runs side by side keeps its order.
const SLEEP: &str = r#"#!/bin/sh
tenths=$(($1 > 9 ? 3 : $1 * 3))
/bin/sleep $((tenths / 10)).$((tenths % 10))
echo "sleep $*" >> "$CALLED"
"#;

/// What a script calls, in its order.
fn called(name: &str, script: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("script-{name}"));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(folder.join("bin")).expect("a folder can be made");
    for (program, text) in [
        ("kubectl", KUBECTL),
        ("sleep", SLEEP),
        ("ssh", "#!/bin/sh\necho \"ssh $*\" >> \"$CALLED\"\n"),
    ] {
        let path = folder.join("bin").join(program);
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }
    fs::write(folder.join("done.sh"), script).expect("a file can be written");
    let read = Command::new("sh")
        .args(["-n", "done.sh"])
        .current_dir(&folder)
        .output()
        .expect("sh is there");
    assert!(
        read.status.success(),
        "{}\n{script}",
        String::from_utf8_lossy(&read.stderr)
    );
    let path = std::env::var("PATH").unwrap_or_default();
    let log = folder.join("called.txt");
    Command::new("sh")
        .arg("done.sh")
        .current_dir(&folder)
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("CALLED", &log)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("sh is there");
    // What was begun at one instant runs side by side.
    let text = fs::read_to_string(log).unwrap_or_default();
    let mut out = String::new();
    for part in text.split_inclusive("sleep ") {
        let (first, rest) = part.split_once('\n').unwrap_or((part, ""));
        let (rest, last) = match rest.strip_suffix("sleep ") {
            Some(rest) => (rest, "sleep "),
            None => (rest, ""),
        };
        let mut lines: Vec<&str> = rest.lines().collect();
        lines.sort_unstable();
        let ends = if part.contains('\n') { "\n" } else { "" };
        out.push_str(&format!("{first}{ends}"));
        for line in lines {
            out.push_str(&format!("{line}\n"));
        }
        out.push_str(last);
    }
    out
}

fn wait(session: &mut Session, seconds: i64) {
    for _ in 0..seconds * 4 {
        session.update(Msg::Tick(250));
    }
}

fn type_in(session: &mut Session, terminal: u8, text: &str) {
    let text = text.to_owned();
    session.update(Msg::Run { terminal, text });
}

fn started() -> Session {
    let mut session = Session::default();
    session.update(Msg::Start {
        file: "web.yaml".into(),
        text: include_str!("../../src/session/first.yaml").into(),
    });
    session.update(Msg::Apply);
    wait(&mut session, 30);
    session
}

fn pod(name: &str) -> Place {
    Place {
        namespace: "default".into(),
        name: Text::from(name),
    }
}

/// The script without the manifest at its beginning.
fn cut(expected: &Session) -> String {
    let script = expected.script();
    let at = script.find("kubectl apply").expect("it is applied");
    script[at..].to_owned()
}

#[test]
fn what_is_typed_into_a_container_is_given_to_it() {
    let mut session = started();
    type_in(&mut session, 1, "kubectl exec -it web-0 -- bash");
    wait(&mut session, 2);
    type_in(&mut session, 1, "echo a > /tmp/x");
    wait(&mut session, 1);
    type_in(&mut session, 2, "kubectl get pvc");
    wait(&mut session, 2);
    type_in(&mut session, 1, "tail -f /tmp/x");
    wait(&mut session, 2);
    session.update(Msg::Interrupt(1));
    type_in(&mut session, 1, "exit");
    type_in(&mut session, 1, "kubectl get pods");
    wait(&mut session, 1);
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        {
        sleep 2
        cat <<'EOF'
        echo a > /tmp/x
        EOF
        sleep 3
        cat <<'EOF'
        tail -f /tmp/x
        EOF
        sleep 2
        cat <<'EOF'
        exit
        EOF
        } | kubectl exec -it web-0 -- bash &
        job_0=$!
        sleep 3
        kubectl get pvc
        wait $job_0
        kubectl get pods
    "#]]
    .assert_eq(&cut(&session));
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        kubectl exec -it web-0 -- bash
        sleep 2
            < echo a > /tmp/x
        sleep 3
        kubectl get pvc
        sleep 3
            < tail -f /tmp/x
        sleep 2
            < exit
        kubectl get pods
    "#]]
    .assert_eq(&called("inside", &session.script()));
}

#[test]
fn what_goes_on_runs_in_the_background_and_is_killed_where_it_was() {
    let mut session = started();
    type_in(&mut session, 1, "kubectl get pods -w");
    type_in(&mut session, 2, "kubectl logs -f web-0 # as it goes");
    wait(&mut session, 2);
    session.update(Msg::Do(Deed::DeletePod(pod("web-1"), Force::No)));
    wait(&mut session, 1);
    session.update(Msg::Do(Deed::Silence("node-b".into())));
    session.update(Msg::Interrupt(1));
    session.update(Msg::Interrupt(2));
    type_in(
        &mut session,
        1,
        "kubectl port-forward web-0 8080:80 &\nsleep 3",
    );
    wait(&mut session, 4);
    type_in(&mut session, 1, "kill %1");
    wait(&mut session, 1);
    type_in(&mut session, 2, "kubectl get pods");
    wait(&mut session, 20);
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        kubectl get pods -w &
        job_0=$!
        {
        kubectl logs -f web-0 # as it goes
        } &
        job_1=$!
        sleep 2
        kubectl delete pod web-1 &
        job_2=$!
        sleep 1
        ssh node-b sudo systemctl stop kubelet
        kill $job_0
        pkill -P $job_1
        kill $job_1
        kubectl port-forward web-0 8080:80 &
        typed_1_1=$!
        sleep 3
        sleep 1
        kill $typed_1_1
        sleep 1
        kubectl get pods
        # This had not ended; Ctrl+C ends it.
        trap 'kill $job_2' INT
        wait $job_2
    "#]]
    .assert_eq(&cut(&session));
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        kubectl get pods -w
        kubectl logs -f web-0
        sleep 2
        kubectl delete pod web-1
        sleep 1
        killed: kubectl get pods -w
        killed: kubectl logs -f web-0
        kubectl port-forward web-0 8080:80
        ssh node-b sudo systemctl stop kubelet
        sleep 3
        sleep 1
        killed: kubectl port-forward web-0 8080:80
        sleep 1
        kubectl get pods
    "#]]
    .assert_eq(&called("background", &session.script()));
}

#[test]
fn what_was_pasted_is_without_its_prompts_and_what_cannot_be_read_is_a_comment() {
    let mut session = started();
    type_in(
        &mut session,
        1,
        "$ kubectl get pods\nNAME  READY\nweb-0 1/1\n$ kubectl get \\\n  sts",
    );
    type_in(&mut session, 1, "done; )");
    type_in(
        &mut session,
        1,
        "for i in 0 1; do\n  kubectl get pod web-$i\ndone",
    );
    type_in(&mut session, 1, "kubectl apply -f - <<E\na: 1\nE");
    type_in(&mut session, 1, "exit");
    wait(&mut session, 1);
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        kubectl get pods
        kubectl get \
          sts
        # done; )
        for i in 0 1; do
          kubectl get pod web-$i
        done
        kubectl apply -f - <<E
        a: 1
        E
        # exit
    "#]]
    .assert_eq(&cut(&session));
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
            < a: 1
        kubectl apply -f -
        kubectl get pod web-0
        kubectl get pod web-1
        kubectl get pods
        kubectl get sts
    "#]]
    .assert_eq(&called("pasted", &session.script()));
}

#[test]
fn what_was_edited_is_fetched_changed_and_applied() {
    let mut session = started();
    type_in(&mut session, 1, "kubectl edit sts web -n default");
    wait(&mut session, 1);
    let text = session.manifest().replace("replicas: 3", "replicas: 2");
    assert!(text.contains("uid:"), "it is open: {text}");
    session.update(Msg::Edit(text));
    session.update(Msg::Apply);
    wait(&mut session, 1);
    let script = cut(&session);
    let (before, after) = script.split_once("<<'EOF'\n").expect("it is written");
    let (text, after) = after.split_once("EOF\n").expect("it ends");
    // What this cluster has put there is not for another one.
    let own = [
        "creationTimestamp:",
        "generation:",
        "resourceVersion:",
        "uid:",
    ];
    let is_own = |line: &&str| own.iter().any(|it| line.trim_start().starts_with(it));
    let edited = session.manifest();
    assert!(
        text.lines().eq(edited.lines().filter(|it| !is_own(it))),
        "{text}"
    );
    assert!(text.contains("\n  replicas: 2\n"), "{text}");
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        kubectl get sts web -n default -o yaml > statefulset-web.yaml
        sleep 1
        cat > statefulset-web.yaml kubectl apply -f statefulset-web.yaml
    "#]]
    .assert_eq(&format!("{before}{after}"));
    expect![[r#"
        kubectl apply -f web.yaml
        sleep 30
        kubectl get sts web -n default -o yaml
        sleep 1
        kubectl apply -f statefulset-web.yaml
    "#]]
    .assert_eq(&called("edited", &script));
}
