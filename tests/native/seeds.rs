//! Every manifest of the seeds, as printed: applied and Ready, or refused in kubectl's words.

use expect_test::{Expect, expect};
use ordinal::cluster::object::Pod;

use crate::support::Town;

fn read(name: &str) -> String {
    let path = format!("{}/tests/manifests/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect("the manifest is there")
}

/// Applies manifests one after the other; what kubectl prints, and the pods that are Ready a minute later.
fn check(names: &[&str], expected: &Expect) {
    let mut town = Town::new();
    let mut out = String::new();
    for name in names {
        out.push_str(&town.apply(&read(name)));
    }
    town.wait_s(60);
    let pods = town.cluster.api.store.list::<Pod>();
    for pod in pods.filter(|pod| pod.is_running_and_ready()) {
        out.push_str(&format!("{} Ready\n", pod.meta.name));
    }
    expected.assert_eq(&out);
}

#[test]
fn the_seeds_that_hold_apply_and_get_ready() {
    check(
        &["seed-001-1.yaml", "seed-001-2.yaml", "seed-001-3.yaml"],
        &expect![[r#"
            service/kubia created
            statefulset.apps/kubia created
            service/kubia-public created
            kubia-0 Ready
            kubia-1 Ready
        "#]],
    );
    check(
        &["seed-002-1.yaml"],
        &expect![[r#"
        service/nginx created
        statefulset.apps/web created
        web-0 Ready
        web-1 Ready
    "#]],
    );
    check(
        &["seed-003-1.yaml"],
        &expect![[r#"
        service/nginx created
        statefulset.apps/web created
        web-0 Ready
        web-1 Ready
        web-2 Ready
    "#]],
    );
    check(
        &["seed-004-1.yaml", "seed-004-2.yaml"],
        &expect![[r#"
        statefulset.apps/web created
        service/nginx created
        web-0 Ready
        web-1 Ready
    "#]],
    );
}

#[test]
fn the_two_broken_ones_are_refused() {
    let mut town = Town::new();
    let first = town.refused(&read("seed-000-1.yaml"));
    let second = town.refused(&read("seed-000-2.yaml"));
    expect![[r#"
        error: error parsing manifest.yaml: error converting YAML to JSON: yaml: line 12: did not find expected '-' indicator
    "#]].assert_eq(&first);
    expect![[r#"
        error: error parsing manifest.yaml: error converting YAML to JSON: yaml: line 16: did not find expected '-' indicator
    "#]].assert_eq(&second);
    assert_eq!(
        town.cluster
            .api
            .store
            .count(ordinal::cluster::object::Kind::StatefulSet),
        0
    );
}
