//! Manifests and what is said of them.

use super::*;
use crate::cluster::config::Config;
use crate::kubectl;

const SET: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: web
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx
";

fn checked(text: &str) -> Check {
    check(
        &mut Cluster::new(Config::page(1)),
        &Workspace::default(),
        "manifest.yaml",
        text,
    )
}

fn apply() -> Vec<String> {
    ["apply", "-f", "web.yaml"].map(String::from).to_vec()
}

/// What is wrong with a set of which some text is another: the line and the way out of each fault.
fn wrong(from: &str, to: &str) -> Vec<(usize, Remedy)> {
    assert!(SET.contains(from));
    let found = checked(&SET.replace(from, to)).diagnostics;
    found
        .into_iter()
        .map(|it| (it.place.line + 1, it.remedy))
        .collect()
}

/// The text after the fix of its first fault that has one.
fn fixed(text: &str) -> String {
    let found = checked(text).diagnostics;
    let fix = found.iter().find_map(|it| it.fix.as_ref());
    let fix = fix.unwrap_or_else(|| panic!("no fix: {found:#?}"));
    manifest::apply(text, fix)
}

#[test]
fn what_is_right_has_no_diagnostics_and_says_what_will_be() {
    let found = checked(SET);
    assert_eq!(found.diagnostics, []);
    assert!(matches!(&*found.changes, [Change::New(key)] if &*key.name == "web"));
}

#[test]
fn each_fault_stands_at_its_line_with_its_way_out() {
    for (from, to, line, remedy) in [
        ("replicas", "replica", 7, Remedy::Rename("replicas".into())),
        (
            "replicas: 2",
            "replicas: many",
            7,
            Remedy::Type("int32".into()),
        ),
        ("replicas: 2", "replicas: -1", 7, Remedy::Change),
        ("image: nginx", "frob: 1", 18, Remedy::NoSuchField),
        (
            "      containers:",
            "      volumeMounts: []\n      containers:",
            16,
            Remedy::MoveInto("containers".into()),
        ),
        (
            "apps/v1",
            "apps/v1beta1",
            1,
            Remedy::ApiVersion("apps/v1".into()),
        ),
        (
            "kind: StatefulSet",
            "kind: Statefulset",
            2,
            Remedy::Rename("StatefulSet".into()),
        ),
        (
            "kind: StatefulSet",
            "kind: DaemonSet",
            2,
            Remedy::NotSimulated,
        ),
        ("apiVersion: apps/v1\n", "", 1, Remedy::Header),
        (
            "  name: web\nspec",
            "  name: web\n  namespace: shop\nspec",
            5,
            Remedy::CreateNamespace,
        ),
        (
            "        app: web\n    spec",
            "        app: other\n    spec",
            13,
            Remedy::MatchLabels,
        ),
        (
            "        image: nginx",
            "        image: nginx\n        imagePullPolicy: Frob",
            19,
            Remedy::TakeOne,
        ),
        ("- name: web", "- frob: web", 17, Remedy::NoSuchField),
    ] {
        let found = wrong(from, to);
        assert!(
            found.contains(&(line, remedy.clone())),
            "{to:?}: {remedy:?} at {line}, but {found:?}"
        );
    }
}

#[test]
fn where_there_is_only_one_way_out_a_fix_takes_it() {
    for (from, to) in [
        ("replicas", "replica"),
        ("serviceName", "servicename"),
        ("apps/v1", "apps/v1beta2"),
        ("kind: StatefulSet", "kind: Statefulset"),
    ] {
        let broken = SET.replace(from, to);
        let text = fixed(&broken);
        assert_eq!(text, SET, "{to}");
    }
    let without = SET.replace("  selector:\n    matchLabels:\n      app: web\n", "");
    assert_eq!(checked(&fixed(&without)).diagnostics, []);
}

#[test]
fn a_line_of_a_list_item_is_indented_by_a_click() {
    let broken = SET.replace("        image", "      image");
    let found = checked(&broken).diagnostics;
    assert!(found.iter().any(|it| it.remedy == Remedy::IndentItem));
    assert_eq!(fixed(&broken), SET);
}

#[test]
fn the_broken_set_of_seed_000_gives_all_its_faults_at_once() {
    let text = include_str!("../../../tests/manifests/seed-000-2.yaml");
    let found = checked(text).diagnostics;
    let remedies: Vec<&Remedy> = found.iter().map(|it| &it.remedy).collect();
    let item = Remedy::IndentItem;
    let mounts = Remedy::MoveInto("containers".into());
    assert_eq!(
        remedies,
        [&Remedy::AddSelector, &item, &item, &mounts, &item, &item],
        "{found:#?}"
    );
    // One click after the other adds the selector and mends the indentation.
    let mut text = text.to_owned();
    for _ in 0..5 {
        text = fixed(&text);
    }
    assert!(manifest::read(&text).error.is_none(), "{text}");
    let left = checked(&text).diagnostics;
    assert!(
        matches!(&left[..], [it] if it.remedy == mounts),
        "{left:#?}"
    );
}

#[test]
fn what_the_server_fills_in_is_no_change() {
    let mut cluster = Cluster::new(Config::page(1));
    let mut workspace = Workspace::default();
    let text = crate::session::FIRST_MANIFEST;
    workspace.files.insert("web.yaml".into(), text.into());
    kubectl::run(&mut cluster, &mut workspace, apply(), None);
    let found = check(&mut cluster, &workspace, "manifest.yaml", text);
    assert!(
        matches!(&*found.changes, [Change::None(_), Change::None(_)]),
        "{found:?}"
    );
}

#[test]
fn what_may_not_change_is_marked_before_the_server_says_so() {
    let mut cluster = Cluster::new(Config::page(1));
    let mut workspace = Workspace::default();
    workspace.files.insert("web.yaml".into(), SET.into());
    kubectl::run(&mut cluster, &mut workspace, apply(), None);
    let text = SET
        .replace("replicas: 2", "replicas: 5")
        .replace("serviceName: web", "serviceName: other");
    let found = check(&mut cluster, &workspace, "manifest.yaml", &text);
    let [Change::Fields(_, fields)] = &*found.changes else {
        panic!("{found:?}");
    };
    let refused: Vec<(&str, bool)> = fields.iter().map(|it| (&*it.path, it.is_refused)).collect();
    assert_eq!(
        refused,
        [("spec.replicas", false), ("spec.serviceName", true)]
    );
    assert_eq!(fields[0].was.as_deref(), Some("2"));
    assert_eq!(fields[0].now.as_deref(), Some("5"));
    let [diagnostic] = &*found.diagnostics else {
        panic!("{found:?}");
    };
    assert_eq!(
        (diagnostic.place.line, &diagnostic.remedy),
        (5, &Remedy::Immutable)
    );
    assert!(
        diagnostic
            .what
            .starts_with("spec: Forbidden: updates to statefulset spec")
    );
}
