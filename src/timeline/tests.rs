//! Stepping, going back, and acting in the past.

use super::*;
use crate::cluster::object::{Kind, Pod};

const WEB: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: nginx
  replicas: 2
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec: {containers: [{name: nginx, image: nginx}]}
";

/// A run that begins with a manifest being applied, and what kubectl prints.
pub(crate) fn applied(manifest: &str) -> (Timeline, String) {
    let mut timeline = Timeline::new(Recording::new(1));
    timeline.act(Ask::File {
        name: "web.yaml".into(),
        text: manifest.into(),
    });
    let entry = timeline.act(Ask::Line("kubectl apply -f web.yaml".into()));
    let entry = entry.expect("it is a command").clone();
    assert_eq!(entry.exit, Some(0), "{}", entry.stderr());
    (timeline, entry.stdout())
}

fn started() -> Timeline {
    let (timeline, printed) = applied(WEB);
    assert_eq!(printed, "statefulset.apps/web created\n");
    timeline
}

fn pods(timeline: &Timeline) -> Vec<(String, bool)> {
    let pods = timeline.view().store.list::<Pod>();
    pods.map(|pod| (pod.meta.name.to_string(), pod.is_running_and_ready()))
        .collect()
}

/// Everything that the log says, as text.
fn bytes(timeline: &Timeline, until: usize) -> String {
    let records = timeline.log().iter().take(until);
    records.map(|record| format!("{record:?}\n")).collect()
}

#[test]
fn a_run_in_small_pieces_is_the_same_run_and_can_be_acted_on_at_each() {
    let mut whole = started();
    whole.advance(60_000);
    let mut pieces = started();
    let mut instants = Vec::new();
    while pieces.elapsed_ms() < 60_000 {
        let left = 60_000 - pieces.elapsed_ms();
        pieces.advance_some(left, 3);
        instants.push(pieces.elapsed_ms());
        assert!(pieces.elapsed_ms() <= 60_000);
    }
    assert!(instants.len() > 10, "{instants:?}");
    assert_eq!(bytes(&pieces, usize::MAX), bytes(&whole, usize::MAX));
    // Whoever acts amid an instant acts at its end, now and when the recording is repeated.
    for count in 1..10 {
        let mut acted = started();
        for _ in 0..count {
            acted.advance_some(60_000, 3);
        }
        acted.act(Ask::Line("kubectl delete pod web-0 --wait=false".into()));
        acted.advance(60_000);
        let mut again = Timeline::new(acted.recording().clone());
        again.advance(60_000);
        let count = acted.log().len().min(again.log().len());
        assert_eq!(bytes(&acted, count), bytes(&again, count));
    }
}

#[test]
fn a_run_goes_on_by_time_and_by_record() {
    let mut by_time = started();
    let mut by_record = by_time.clone();
    by_time.advance(60_000);
    let ready = [("web-0".to_owned(), true), ("web-1".to_owned(), true)];
    assert_eq!(pods(&by_time), ready);
    for _ in 0..1000 {
        if pods(&by_record) == ready {
            break;
        }
        assert!(by_record.step().is_some());
    }
    assert_eq!(pods(&by_record), ready);
    let both = by_record.view().at;
    assert_eq!(bytes(&by_time, both), bytes(&by_record, both));
}

#[test]
fn nothing_is_done_ahead_of_time_when_nothing_would_happen() {
    let mut timeline = Timeline::new(Recording::new(1));
    timeline.advance(600_000);
    let before = timeline.cluster().now();
    // Nothing writes in an idle cluster but the expiry of events.
    while timeline.step().is_some() {}
    assert!(timeline.cluster().now() >= before);
    assert!(timeline.step().is_none());
}

#[test]
fn going_back_undoes_every_record() {
    let mut timeline = started();
    timeline.advance(30_000);
    timeline.act(Ask::Line("kubectl delete pod web-1 --wait=false".into()));
    timeline.advance(30_000);
    timeline.act(Ask::Line("kubectl delete sts web --wait=false".into()));
    timeline.advance(60_000);
    assert_eq!(timeline.view().gone().count(), 1);
    let end = timeline.view().clone();
    let shown = |timeline: &Timeline, key: &_| {
        let view = timeline.view();
        (
            view.lives(key).to_vec(),
            view.store.count(Kind::Pod),
            pods(timeline),
        )
    };
    let key = crate::cluster::object::ObjectKey::new(Kind::Pod, "default", "web-1");
    let mut forward = Timeline::new(timeline.recording().clone());
    while forward.step_back().is_some() && forward.view().at > forward.start() {}
    assert_eq!(forward.view().store.count(Kind::Pod), 0);
    while timeline.view().at > forward.view().at {
        let before = timeline.view().at;
        timeline.step_back();
        assert!(timeline.view().at < before);
        let mut again = forward.clone();
        while again.view().at < timeline.view().at {
            again.step();
        }
        if timeline.view().at.is_multiple_of(17) {
            assert_eq!(shown(&timeline, &key), shown(&again, &key));
        }
    }
    assert_eq!(timeline.view().gone().count(), 0);
    while timeline.view().at < end.at {
        timeline.step();
    }
    assert_eq!(timeline.view().lives(&key), end.lives(&key));
    assert_eq!(timeline.view().store.check_indexes(), Ok(()));
}

#[test]
fn who_acts_in_the_past_drops_what_came_after() {
    let mut timeline = started();
    timeline.advance(30_000);
    timeline.act(Ask::Line("kubectl scale sts web --replicas=4".into()));
    timeline.advance(30_000);
    assert_eq!(pods(&timeline).len(), 4);
    while timeline.elapsed_ms() > 20_000 {
        timeline.step_back();
    }
    assert_eq!(pods(&timeline).len(), 2);
    let at_ms = timeline.elapsed_ms();
    timeline.act(Ask::Line("kubectl scale sts web --replicas=1".into()));
    timeline.advance(60_000);
    assert_eq!(pods(&timeline), [("web-0".to_owned(), true)]);
    let actions = &timeline.recording().actions;
    assert_eq!((actions.len(), actions[2].at_ms), (3, at_ms));
}

#[test]
fn a_recording_repeated_gives_the_same_bytes() {
    let mut timeline = started();
    for line in [
        "kubectl scale sts web --replicas=3",
        "kubectl delete pod web-0 --wait=false",
        "@silence node-a",
        "kubectl set image sts/web nginx=nginx:1.28",
    ] {
        timeline.advance(7_350);
        timeline.act(Ask::Line(line.into()));
    }
    let again = Timeline::new(timeline.recording().clone());
    assert_eq!(again.log().len(), timeline.log().len());
    let all = again.log().len();
    assert_eq!(bytes(&again, all), bytes(&timeline, all));
}

#[test]
fn what_waits_says_the_same_however_time_passes() {
    let lines = [
        "kubectl wait pods --all --for=condition=Ready --timeout=3s",
        "kubectl wait sts/web --for=jsonpath='{.status.readyReplicas}'=2",
        "kubectl wait pod/web-7 --for=create --timeout=20s",
        "kubectl rollout status sts/web --timeout=4s",
        "kubectl events -w",
    ];
    let told = |tick_ms: i64| {
        let mut timeline = started();
        timeline.advance(500);
        for line in lines {
            timeline.act(Ask::Line(line.into()));
        }
        for _ in 0..60_000 / tick_ms {
            timeline.advance(tick_ms);
        }
        timeline.entries()[1..].to_vec()
    };
    let (often, seldom) = (told(100), told(60_000));
    for (often, seldom) in often.iter().zip(&seldom) {
        assert_eq!(often, seldom);
    }
    let [pods, set, made, status, _] = &often[..] else {
        panic!("every line is answered");
    };
    let late = "error: timed out waiting for the condition";
    assert_eq!(pods.stderr(), format!("{late} on pods/web-0\n"));
    assert_eq!(set.stdout(), "statefulset.apps/web condition met\n");
    assert_eq!(made.stderr(), format!("{late}\n"));
    assert_eq!(status.stderr(), format!("{late}\n"));
}
