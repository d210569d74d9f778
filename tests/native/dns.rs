//! Names and what they resolve to (reference 6.3).

use ordinal::cluster::dns::{Answer, Query, resolve, reverse};
use ordinal::cluster::object::Pod;

use super::support::{Town, web};

fn ips(town: &Town, name: &str) -> Vec<String> {
    let answers = resolve(&town.cluster.api, "default", name, Query::A);
    let ip = |answer| match answer {
        Answer::A { ip, .. } => ip.to_string(),
        other => panic!("{other:?} is no address"),
    };
    answers.into_iter().map(ip).collect()
}

#[test]
fn a_pod_has_its_name_through_the_headless_service_while_it_is_ready() {
    let mut town = Town::new();
    town.apply(&web(2));
    assert_eq!(ips(&town, "web-0.nginx"), [""; 0]);
    town.wait_s(15);
    let ip = town.get::<Pod>("web-0").status.pod_ip.to_string();
    for name in [
        "web-0.nginx",
        "web-0.nginx.default",
        "web-0.nginx.default.svc",
        "web-0.nginx.default.svc.cluster.local",
        "web-0.nginx.default.svc.cluster.local.",
    ] {
        assert_eq!(ips(&town, name), [ip.as_str()], "{name}");
    }
    assert_eq!(ips(&town, "nginx").len(), 2);
    assert_eq!(
        ips(&town, "web-0"),
        [""; 0],
        "a bare pod name has no record"
    );
    assert_eq!(ips(&town, "web-9.nginx"), [""; 0]);
    let name = reverse(&town.cluster.api, &ip);
    assert_eq!(
        name.as_deref(),
        Some("web-0.nginx.default.svc.cluster.local")
    );
    town.ok("@fail-probes web-0");
    town.ok("kubectl delete pod web-1 --wait=false");
    town.wait_s(1);
    assert_eq!(
        ips(&town, "web-1.nginx"),
        [""; 0],
        "a pod that stops is out of DNS"
    );
}

#[test]
fn ports_have_srv_records() {
    let mut town = Town::new();
    town.apply(&web(2));
    town.wait_s(15);
    let target = |pod: &str| format!("{pod}.nginx.default.svc.cluster.local").into();
    let expected = [("web-0", 80), ("web-1", 80)].map(|(pod, port)| Answer::Srv {
        port,
        weight: 50,
        target: target(pod),
    });
    for name in [
        "_web._tcp.nginx.default.svc.cluster.local",
        "nginx.default.svc.cluster.local",
    ] {
        let found = resolve(&town.cluster.api, "default", name, Query::Srv);
        assert_eq!(found, expected, "{name}");
    }
    let none = resolve(&town.cluster.api, "default", "_db._tcp.nginx", Query::Srv);
    assert_eq!(none, []);
}

#[test]
fn other_services_answer_with_their_own_address_or_alias() {
    let mut town = Town::new();
    town.apply(
        r"
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {ports: [{port: 80}], selector: {app: nginx}}
---
apiVersion: v1
kind: Service
metadata: {name: away}
spec: {type: ExternalName, externalName: db.example.com}
",
    );
    assert!(ips(&town, "front")[0].starts_with("10.96."));
    let alias = resolve(&town.cluster.api, "default", "away", Query::A);
    assert_eq!(alias, [Answer::Name("db.example.com".into())]);
    assert_eq!(ips(&town, "10-244-1-6.default.pod"), ["10.244.1.6"]);
}
