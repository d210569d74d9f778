//! What the manifest pane says of a text: every fault at its place, with the way out, and with the fix where it stands.

use expect_test::{Expect, expect};
use ordinal::manifest;
use ordinal::session::{Diagnostic, Front as _, Msg, Remedy, Session};

/// Each fault in a line: where, what, the way out, and what its fix makes of the first line that it touches.
fn told(text: &str) -> String {
    let session = Session::fresh(text.to_owned());
    let line = |it: &Diagnostic| {
        let fix = it.fix.as_ref().map(|edits| {
            let line = edits[0].from.line;
            let fixed = manifest::apply(text, edits);
            format!(" => {:?}", fixed.split('\n').nth(line).unwrap_or_default())
        });
        let (line, column) = (it.place.line + 1, it.place.column + 1);
        let fix = fix.unwrap_or_default();
        format!("{line}:{column} {} | {:?}{fix}\n", it.what, it.remedy)
    };
    session.check().diagnostics.iter().map(line).collect()
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&told(text));
}

/// Takes the fixes one after the other, each time the last one first, until there is none; what is left.
fn mended(text: &str) -> (Session, usize) {
    let mut session = Session::fresh(text.to_owned());
    let mut count = 0;
    loop {
        let found = &session.check().diagnostics;
        let Some(at) = found.iter().rposition(|it| it.fix.is_some()) else {
            return (session, count);
        };
        session.update(Msg::Fix(at));
        count += 1;
        assert!(count < 50, "fixes come to an end");
    }
}

#[test]
fn the_broken_service_of_seed_000_gives_its_faults() {
    let text = include_str!("../manifests/seed-000-1.yaml");
    check(
        text,
        expect![[r#"
        13:9 error converting YAML to JSON: yaml: line 12: did not find expected '-' indicator | IndentItem => "          port: 80"
    "#]],
    );
    let (session, _) = mended(text);
    assert_eq!(session.check().diagnostics, []);
}

#[test]
fn the_broken_set_of_seed_000_gives_its_faults() {
    let text = include_str!("../manifests/seed-000-2.yaml");
    check(
        text,
        expect![[r#"
        7:1 spec.selector: Required value | AddSelector => "    selector:"
        17:17 error converting YAML to JSON: yaml: line 16: did not find expected '-' indicator | IndentItem => "                  image: luksa/kubia-pet"
        20:23 error converting YAML to JSON: yaml: line 19: did not find expected '-' indicator | IndentItem => "                      containerPort: 8080"
        21:13 unknown field "spec.template.spec.volumeMounts" | MoveInto("containers")
        23:17 error converting YAML to JSON: yaml: line 22: did not find expected '-' indicator | IndentItem => "                  mountPath: /var/data"
        27:9 error converting YAML to JSON: yaml: line 26: did not find expected '-' indicator | IndentItem => "          spec:"
    "#]],
    );
    let (session, _) = mended(text);
    let left: Vec<&Remedy> = session
        .check()
        .diagnostics
        .iter()
        .map(|it| &it.remedy)
        .collect();
    assert!(left.len() <= 1, "{left:?}\n{}", session.manifest());
}

#[test]
fn every_fault_has_its_fix_where_it_stands() {
    let text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a: b\nspec:\n  ports:\n  - name: x\n  port: 80\n  \
                - name: y\n  porT: 81\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: c\nspec:\n  port: []\n  \
                clusterip: None\n";
    check(
        text,
        expect![[r#"
        4:10 error converting YAML to JSON: yaml: line 4: mapping values are not allowed in this context | Quote => "  name: \"a: b\""
        9:3 error converting YAML to JSON: yaml: line 8: did not find expected key | Syntax
        16:1 spec.ports: Required value | Add("spec.ports")
        17:3 unknown field "spec.port" | Rename("ports") => "  ports: []"
        18:3 unknown field "spec.clusterip" | Rename("clusterIP") => "  clusterIP: None"
    "#]],
    );
}

#[test]
fn json_has_its_faults_where_they_stand() {
    let first =
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\"}}\n";
    let set = "{\n  \"apiVersion\": \"apps/v1beta1\",\n  \"kind\": \"StatefulSet\"\n}\n";
    check(
        &format!("{first}{set}"),
        expect![[r#"
        3:4 error: resource mapping not found for name: "" namespace: "" from "web.yaml": no matches for kind "StatefulSet" in version "apps/v1beta1"
        ensure CRDs are installed first | ApiVersion("apps/v1") => "  \"apiVersion\": \"apps/v1\","
    "#]],
    );
    let set = "{\n  \"apiVersion\": \"apps/v1\",\n  \"kind\": \"StatefulSet\",\n  \"metadata\": {\"name\": \"web\"},\n  \
               \"spec\": {\n    \"replica\": 2,\n    \"servicename\": \"web\",\n    \"template\": {\n      \"metadata\": \
               {\"labels\": {\"app\": \"web\"}},\n      \"spec\": {\n        \"dnsPolicy\": \"None\",\n        \
               \"containers\": [\n          {\"name\": \"web\", \"image\": 1}\n        ]\n      }\n    }\n  }\n}\n";
    check(
        &format!("{first}{set}"),
        expect![[r#"
        7:6 unknown field "spec.replica" | Rename("replicas") => "    \"replicas\": 2,"
        8:6 unknown field "spec.servicename" | Rename("serviceName") => "    \"serviceName\": \"web\","
        14:28 json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string | Type("string")
    "#]],
    );
    let session = Session::fresh(format!("{first}{set}"));
    let marked = &session.check().not_acted_on;
    let marked: Vec<_> = marked.iter().map(|(path, it)| (&**path, it.line)).collect();
    assert_eq!(marked, [("spec.template.spec.dnsPolicy", 11)]);
    let (session, _) = mended(&set.replace("\"image\": 1", "\"image\": \"nginx\""));
    assert_eq!(session.check().diagnostics, [], "{}", session.manifest());
}
