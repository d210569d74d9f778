//! A session's day, without a browser.

use super::*;
use crate::cluster::object::StatefulSet;
use crate::scene::{Look, Place};

fn place(name: &str) -> Place {
    Place {
        namespace: "default".into(),
        name: name.into(),
    }
}

/// Lets real time pass, and sees what it has brought, as the page does.
fn wait_ms(session: &mut Session, ms: i64) {
    session.update(Msg::Tick(ms));
    session.update(Msg::See);
}

fn wait_s(session: &mut Session, seconds: i64) {
    for _ in 0..seconds * 10 {
        wait_ms(session, 100);
    }
}

fn looks(session: &Session) -> Vec<Option<Look>> {
    let columns = session.scene().shelves.iter().flat_map(|it| &it.columns);
    columns
        .map(|it| it.pod.as_ref().map(|pod| pod.look))
        .collect()
}

fn applied() -> Session {
    let mut session = Session::default();
    session.update(Msg::Apply);
    session
}

#[test]
fn the_first_manifest_is_ready_in_ten_to_fifteen_seconds() {
    let mut session = applied();
    let answer = session.applied().expect("it was applied");
    assert_eq!(
        answer.stdout(),
        "service/nginx created\nstatefulset.apps/web created\n"
    );
    let all_ready = [Some(Look::Ready); 3];
    wait_s(&mut session, 10);
    assert_ne!(looks(&session), all_ready);
    wait_s(&mut session, 5);
    assert_eq!(looks(&session), all_ready);
}

#[test]
fn what_is_done_by_hand_is_shown_as_a_command() {
    let mut session = applied();
    wait_s(&mut session, 20);
    session.update(Msg::Do(Deed::Scale(place("web"), 1)));
    session.update(Msg::Do(Deed::Scale(place("web"), 1)));
    session.update(Msg::Do(Deed::DeletePod(place("web-1"), Force::No)));
    session.update(Msg::Do(Deed::SetImage {
        set: place("web"),
        container: "nginx".into(),
        image: " nginx:1.28 ".into(),
    }));
    let commands: Vec<_> = session.entries().iter().map(|it| &*it.command).collect();
    assert_eq!(
        commands,
        [
            "kubectl apply -f web.yaml",
            "kubectl scale statefulset web --replicas=4",
            "kubectl scale statefulset web --replicas=5",
            "kubectl delete pod web-1",
            "kubectl set image statefulset/web nginx=nginx:1.28",
        ]
    );
    assert!(session.entries().iter().all(|it| it.exit.unwrap_or(0) == 0));
    assert!(session.entries()[3].waits(), "kubectl delete waits");
    wait_s(&mut session, 5);
    assert!(!session.entries()[3].waits(), "until the pod is gone");
}

#[test]
fn an_image_of_any_letters_is_one_word_of_the_command() {
    let mut session = applied();
    for image in ["it's; rm -rf", "", "a b", "$(x)", "☃"] {
        session.update(Msg::Do(Deed::SetImage {
            set: place("web"),
            container: "nginx".into(),
            image: image.into(),
        }));
    }
    assert!(
        session.entries()[1]
            .command
            .ends_with(r"'nginx=it'\''s; rm -rf'")
    );
    let set = session
        .timeline()
        .view()
        .store
        .find::<StatefulSet>("default", "web");
    assert!(set.is_some());
}

#[test]
fn nothing_is_lost_when_the_manifest_is_refused() {
    let mut session = applied();
    wait_s(&mut session, 15);
    let before = Arc::clone(session.scene());
    for text in [
        "",
        "kind: [",
        "a: 1\n\tb",
        "kind: Frob\napiVersion: v1",
        "\u{0}",
        "- - -",
    ] {
        session.update(Msg::Edit(text.to_owned()));
        session.update(Msg::Apply);
        let answer = session.applied().expect("it was tried");
        assert_ne!(answer.exit, Some(0), "{text:?}: {answer:?}");
        assert!(!answer.stderr().is_empty());
        assert_eq!(session.manifest(), text);
    }
    assert_eq!(session.scene().shelves, before.shelves);
}

#[test]
fn nesting_without_end_is_refused_and_not_followed() {
    let mut session = Session::default();
    for opening in ["[", "{\"a\":", "- ", "{a: ", "&a [*a, ", "a:\n "] {
        session.update(Msg::Edit(opening.repeat(100_000)));
        session.update(Msg::Apply);
        assert_ne!(
            session.applied().and_then(|it| it.exit),
            Some(0),
            "{opening:?}"
        );
    }
}

#[test]
fn time_stands_still_while_paused_and_a_hidden_page_does_not_leap() {
    let mut session = applied();
    session.update(Msg::Pause);
    wait_s(&mut session, 5);
    assert_eq!(session.timeline().elapsed_ms(), 0);
    session.update(Msg::Play);
    wait_ms(&mut session, 60_000);
    assert_eq!(session.timeline().elapsed_ms(), TICK_MAX_MS);
    session.update(Msg::Speed(400));
    wait_ms(&mut session, 100);
    assert_eq!(session.timeline().elapsed_ms(), TICK_MAX_MS + 400);
    session.update(Msg::Speed(7));
    assert_eq!(session.speed(), 400);
}

#[test]
fn steps_go_to_the_end_and_say_so() {
    let mut session = applied();
    for _ in 0..10_000 {
        session.update(Msg::Step);
        if session.is_nothing_ahead() {
            break;
        }
    }
    assert!(session.is_nothing_ahead());
    assert!(!session.is_playing());
    assert_eq!(looks(&session), [Some(Look::Ready); 3]);
}

#[test]
fn starting_again_keeps_the_manifest_and_the_speed() {
    let mut session = applied();
    session.update(Msg::Edit("kind: Pod".into()));
    session.update(Msg::Speed(200));
    session.update(Msg::StartAgain);
    assert_eq!((session.manifest(), session.speed()), ("kind: Pod", 200));
    assert!(session.entries().is_empty() && session.scene().shelves.is_empty());
    assert_eq!(session.timeline().elapsed_ms(), 0);
}

#[test]
fn a_million_pods_are_refused_in_the_words_of_a_quota_and_the_page_lives_on() {
    let mut session = Session::default();
    let text = FIRST_MANIFEST.replace(
        "replicas: 3",
        "replicas: 1000000\n  podManagementPolicy: Parallel",
    );
    session.update(Msg::Edit(text));
    session.update(Msg::Apply);
    wait_s(&mut session, 5);
    let store = &session.timeline().view().store;
    assert_eq!(store.count(crate::cluster::object::Kind::Pod), 1000);
    let events = store.list::<crate::cluster::object::Event>();
    let refused = "is forbidden: exceeded quota: ordinal, requested: pods=1, used: pods=1000, limited: pods=1000";
    assert!(events.into_iter().any(|it| it.message.contains(refused)));
    session.update(Msg::Do(Deed::Scale(place("web"), -999_999)));
    wait_s(&mut session, 20);
    assert_eq!(looks(&session).iter().flatten().count(), 1);
}

#[test]
fn starting_again_can_be_taken_back() {
    let mut session = applied();
    wait_s(&mut session, 8);
    let (scene, at_ms) = (Arc::clone(session.scene()), session.timeline().elapsed_ms());
    session.update(Msg::StartAgain);
    session.update(Msg::StartAgain);
    assert!(session.can_undo());
    session.update(Msg::Undo);
    assert_eq!(*session.scene(), scene);
    assert_eq!(session.timeline().elapsed_ms(), at_ms);
    assert_eq!(session.entries().len(), 1);
    assert!(!session.can_undo());
}

#[test]
fn a_saved_session_comes_back_as_it_was() {
    let mut session = applied();
    wait_s(&mut session, 9);
    session.update(Msg::Do(Deed::DeletePod(place("web-0"), Force::No)));
    wait_s(&mut session, 3);
    session.update(Msg::Edit("half: written".into()));
    let back = Session::restore(session.save()).expect("it can be read");
    assert_eq!(back.scene().shelves, session.scene().shelves);
    assert_eq!(back.entries(), session.entries());
    assert_eq!(back.manifest(), "half: written");
    assert_eq!(back.save(), session.save());
    for run in ["", "at x\nseed 1\n", "at 5\nseed 1\nfrob\n"] {
        let saved = Saved {
            manifest: String::new(),
            run: run.to_owned(),
        };
        assert!(Session::restore(saved).is_err(), "{run:?}");
    }
}

#[test]
fn who_goes_back_and_acts_forgets_what_came_after() {
    let mut session = applied();
    wait_s(&mut session, 20);
    session.update(Msg::Do(Deed::Scale(place("web"), 1)));
    wait_s(&mut session, 1);
    for _ in 0..60 {
        session.update(Msg::StepBack);
    }
    assert!(!session.is_playing());
    assert_eq!(session.entries().len(), 1, "the scaling is not yet");
    session.update(Msg::Do(Deed::DeletePod(place("web-0"), Force::Yes)));
    let commands: Vec<_> = session.entries().iter().map(|it| &*it.command).collect();
    assert_eq!(
        commands[1..],
        ["kubectl delete pod web-0 --grace-period=0 --force"]
    );
}

#[test]
fn a_drain_goes_on_while_time_passes_and_prints_what_it_does() {
    let mut session = applied();
    wait_s(&mut session, 20);
    let node = session.scene().shelves[0].columns[0]
        .pod
        .clone()
        .map(|it| it.node.clone());
    let node = node.expect("web-0 has a node");
    session.update(Msg::Do(Deed::Drain(node.clone())));
    assert!(session.entries()[1].waits());
    wait_s(&mut session, 10);
    let entry = &session.entries()[1];
    assert!(!entry.waits());
    let stdout = entry.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.first(), Some(&&*format!("node/{node} cordoned")));
    assert!(lines.contains(&"evicting pod default/web-0"), "{lines:?}");
    assert!(lines.contains(&"pod/web-0 evicted"), "{lines:?}");
    assert_eq!(lines.last(), Some(&&*format!("node/{node} drained")));
}

#[test]
fn deeds_act_where_they_are_meant_whatever_the_namespace_of_the_context() {
    let mut session = applied();
    wait_s(&mut session, 20);
    let run = |session: &mut Session, text: &str| {
        session.update(Msg::Run {
            terminal: 1,
            text: text.into(),
        });
    };
    let delete = Deed::DeletePod(place("web-0"), Force::No);
    let command = |session: &Session| session.command_of(&delete);
    assert_eq!(
        command(&session).as_deref(),
        Some("kubectl delete pod web-0")
    );
    run(&mut session, "kubectl create namespace shop");
    run(
        &mut session,
        "kubectl config set-context --current --namespace=shop",
    );
    run(&mut session, "kubectl apply -f web.yaml");
    wait_s(&mut session, 20);
    let uid = |session: &Session, namespace: &str| {
        let store = &session.timeline.view().store;
        let pod = store.find::<crate::cluster::object::Pod>(namespace, "web-0");
        pod.map(|it| it.meta.uid.clone()).expect("it is there")
    };
    let before = (uid(&session, "default"), uid(&session, "shop"));
    assert_eq!(
        command(&session).as_deref(),
        Some("kubectl delete pod web-0 -n default")
    );
    session.update(Msg::Do(delete.clone()));
    wait_s(&mut session, 60);
    let after = (uid(&session, "default"), uid(&session, "shop"));
    assert_ne!(before.0, after.0);
    assert_eq!(before.1, after.1);
    let shop = Place {
        namespace: "shop".into(),
        ..place("web-0")
    };
    let in_shop = Deed::DeletePod(shop, Force::No);
    assert_eq!(
        session.command_of(&in_shop).as_deref(),
        Some("kubectl delete pod web-0")
    );
    // Who goes back to before the context was changed says the namespace.
    session.update(Msg::Seek(15_000));
    assert_eq!(
        command(&session).as_deref(),
        Some("kubectl delete pod web-0 -n default")
    );
}

#[test]
fn what_kubectl_has_no_command_for_is_shown_as_what_one_would_do() {
    let mut session = applied();
    wait_s(&mut session, 20);
    session.update(Msg::Do(Deed::Silence("node-a".into())));
    assert_eq!(
        session.entries()[1].command,
        "ssh node-a sudo systemctl stop kubelet"
    );
    wait_s(&mut session, 60);
    assert!(looks(&session).contains(&Some(Look::Unknown)));
    session.update(Msg::Do(Deed::Revive("node-a".into())));
    wait_s(&mut session, 60);
    assert!(!looks(&session).contains(&Some(Look::Unknown)));
    assert!(session.script().contains("systemctl start kubelet"));
}

#[test]
fn what_is_selected_shows_its_yaml_its_events_and_who_did_what() {
    let mut session = applied();
    wait_s(&mut session, 3);
    let key = |kind, name| crate::cluster::object::ObjectKey::new(kind, "default", name);
    use crate::cluster::object::Kind;
    session.update(Msg::Select(Some(key(Kind::Pod, "web-1"))));
    let found = session.inspect().expect("it is selected");
    assert!(found.yaml.is_none() && !found.waits.is_empty(), "{found:?}");
    wait_s(&mut session, 20);
    let found = session.inspect().expect("it is selected");
    assert!(found.waits.is_empty());
    assert!(found.yaml.is_some_and(|it| it.contains("name: web-1\n")));
    assert!(found.events.iter().any(|it| it.reason == "Scheduled"));
    let first = found.acted.last().expect("somebody made it");
    assert_eq!(
        first.thought.who,
        crate::cluster::record::Component::StatefulSet
    );
    assert!(first.because.is_some(), "{first:?}");
    session.update(Msg::Select(None));
    assert!(session.inspect().is_none());
}

#[test]
fn a_manifest_is_checked_once_the_hand_rests() {
    let mut session = Session::default();
    session.update(Msg::Edit(FIRST_MANIFEST.replace("replicas", "replica")));
    assert!(session.check().diagnostics.is_empty());
    session.update(Msg::Fix(0));
    wait_ms(&mut session, 200);
    assert_eq!(session.check().diagnostics.len(), 1);
    session.update(Msg::Fix(0));
    assert_eq!(session.manifest(), FIRST_MANIFEST);
    assert!(session.check().diagnostics.is_empty());
    session.update(Msg::Fix(7));
}

#[test]
fn a_rollout_is_followed_line_by_line_to_its_end() {
    let mut session = applied();
    wait_s(&mut session, 20);
    session.update(Msg::Do(Deed::SetImage {
        set: place("web"),
        container: "nginx".into(),
        image: "nginx:1.28".into(),
    }));
    session.update(Msg::Run {
        terminal: 1,
        text: "$ kubectl rollout status sts/web".into(),
    });
    wait_s(&mut session, 5);
    assert!(session.entries()[2].waits());
    wait_s(&mut session, 60);
    let entry = &session.entries()[2];
    assert!(!entry.waits() && entry.exit == Some(0), "{entry:?}");
    let stdout = entry.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    let waiting =
        "Waiting for partitioned roll out to finish: 1 out of 3 new pods have been updated...";
    assert!(lines.contains(&waiting), "{lines:#?}");
    let last = "partitioned roll out complete: 3 new pods have been updated...";
    assert_eq!(lines.last(), Some(&last));
}

#[test]
fn fields_that_nobody_acts_on_follow_the_text() {
    let mut session = Session::default();
    assert_eq!(session.check().not_acted_on, []);
    let text = FIRST_MANIFEST.replace(
        "clusterIP: None",
        "clusterIP: None\n  sessionAffinity: ClientIP",
    );
    session.update(Msg::Edit(text));
    wait_ms(&mut session, 200);
    let found: Vec<&str> = session
        .check()
        .not_acted_on
        .iter()
        .map(|it| &*it.0)
        .collect();
    assert_eq!(found, ["spec.sessionAffinity"]);
}

fn typed(session: &mut Session, text: &str) {
    session.update(Msg::Run {
        terminal: 1,
        text: text.into(),
    });
}

fn last_words(session: &Session) -> String {
    let last = session.entries().last().expect("something was typed");
    format!("{}{}", last.stdout(), last.stderr())
}

#[test]
fn the_files_of_the_pane_are_those_of_the_terminals() {
    let mut session = Session::default();
    typed(&mut session, "ls");
    assert_eq!(last_words(&session), "web.yaml\n");
    session.update(Msg::Open("other.yaml".into()));
    assert_eq!((session.file(), session.manifest()), ("other.yaml", ""));
    session.update(Msg::Edit("a: 1\n".into()));
    // What was written is there when the file is opened again.
    session.update(Msg::Open("web.yaml".into()));
    assert_eq!(session.manifest(), FIRST_MANIFEST);
    assert_eq!(session.files(), ["other.yaml", "web.yaml"]);
    typed(&mut session, "cat other.yaml");
    assert_eq!(last_words(&session), "a: 1\n");
    // What a command makes of the file that is open is seen, unless a person writes in it.
    typed(&mut session, "echo 'b: 2' > web.yaml");
    assert_eq!(session.manifest(), "b: 2\n");
    session.update(Msg::Edit("c: 3\n".into()));
    wait_ms(&mut session, 100);
    assert_eq!(session.manifest(), "c: 3\n");
    // A new cluster, the same files.
    session.update(Msg::StartAgain);
    typed(&mut session, "cat web.yaml other.yaml");
    assert_eq!(last_words(&session), "c: 3\na: 1\n");
    let kept = Session::restore(session.save()).expect("it can be read");
    assert_eq!((kept.file(), kept.manifest()), ("web.yaml", "c: 3\n"));
    assert_eq!(kept.files(), session.files());
}

#[test]
fn a_starting_manifest_comes_under_its_own_name_and_nothing_written_is_lost() {
    let mut session = Session::default();
    session.update(Msg::Edit("mine: 1\n".into()));
    session.update(Msg::Start {
        file: "parallel.yaml".into(),
        text: "a: 1\n".into(),
    });
    assert_eq!(session.file(), "parallel.yaml");
    session.update(Msg::Open("web.yaml".into()));
    assert_eq!(session.manifest(), "mine: 1\n");
}

#[test]
fn what_edit_opens_is_in_the_pane_and_apply_sends_it() {
    let mut session = Session::default();
    session.update(Msg::Apply);
    typed(&mut session, "kubectl edit sts web");
    assert_eq!(session.file(), "statefulset-web.yaml");
    let text = session.manifest().replace("replicas: 3", "replicas: 5");
    session.update(Msg::Edit(text));
    session.update(Msg::Apply);
    let applied = session.applied().expect("it was applied");
    assert_eq!(applied.command, "kubectl apply -f statefulset-web.yaml");
    assert_eq!(applied.stdout(), "statefulset.apps/web configured\n");
    let sets = session.timeline().view().store.list::<StatefulSet>();
    assert_eq!(sets.map(|it| it.spec.replicas()).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_terminal_goes_on_after_a_reload_and_in_the_past() {
    let mut session = Session::default();
    session.update(Msg::Apply);
    wait_s(&mut session, 30);
    typed(&mut session, "kubectl exec -it web-0 -- bash");
    typed(&mut session, "cd /tmp");
    let shown = |session: &Session| session.prompt(1).map(|it| it.text.clone());
    assert_eq!(shown(&session).as_deref(), Some("root@web-0:/tmp# "));
    let mut again = Session::restore(session.save()).expect("it can be read");
    assert_eq!(shown(&again), shown(&session));
    again.update(Msg::Interrupt(1));
    typed(&mut again, "exit");
    assert_eq!(shown(&again).as_deref(), Some("$ "));
    // Who acts in the past drops what was typed after it.
    again.update(Msg::Seek(10_000));
    typed(&mut again, "echo back");
    assert_eq!(again.entries().len(), 2);
    assert_eq!(last_words(&again), "back\n");
}
