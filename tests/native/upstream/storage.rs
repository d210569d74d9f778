//! Upstream's end-to-end tests of storage, names and taints around a set (reference 11.6).

use ordinal::cluster::dns::{Answer, Query, resolve};
use ordinal::cluster::object::claim::ClaimPhase;
use ordinal::cluster::object::volume::VolumePhase;
use ordinal::cluster::object::{PersistentVolume, PersistentVolumeClaim, Pod, PodPhase};

use crate::support::{Town, web};

/// A claim and, on demand, the volume that it names.
fn claim(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec:\n  \
         accessModes: [ReadWriteOnce]\n  resources: {{requests: {{storage: 1Gi}}}}\n{more}"
    )
}

fn volume(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\nspec:\n  \
         capacity: {{storage: 1Gi}}\n  accessModes: [ReadWriteOnce]\n  storageClassName: \"\"\n  \
         hostPath: {{path: /data}}\n{more}"
    )
}

const NO_CLASS: &str = "  storageClassName: \"\"\n";

fn bound(town: &Town, claim: &str) -> Option<String> {
    let claim = town.get::<PersistentVolumeClaim>(claim);
    let is_bound = claim.phase() == ClaimPhase::Bound;
    is_bound.then(|| claim.spec.volume_name.to_string())
}

/// Upstream: a claim that is not in use is deleted at once
#[test]
fn a_claim_that_nobody_uses_is_deleted_at_once() {
    let mut town = Town::new();
    town.apply(&claim("d", ""));
    town.wait_s(5);
    assert!(bound(&town, "d").is_some());
    town.ok("kubectl delete pvc d --wait=false");
    town.wait_s(1);
    assert!(town.find::<PersistentVolumeClaim>("d").is_none());
}

/// Upstream: a claim in use stays Terminating and new pods on it are unschedulable
#[test]
fn a_claim_in_use_stays_and_takes_no_new_pods() {
    let mut town = Town::new();
    town.apply(&claim("d", ""));
    let user = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  \
             - {{name: nginx, image: nginx}}\n  volumes:\n  - {{name: d, persistentVolumeClaim: \
             {{claimName: d}}}}\n"
        )
    };
    town.apply(&user("first"));
    town.wait_s(10);
    assert_eq!(town.ready(), 1);
    town.ok("kubectl delete pvc d --wait=false");
    town.wait_s(5);
    assert!(town.get::<PersistentVolumeClaim>("d").meta.is_deleting());
    town.apply(&user("second"));
    town.wait_s(10);
    assert_eq!(town.pods(), ["first Running ready", "second Pending"]);
    let said = town.events("FailedScheduling");
    assert!(
        said[0].contains("persistentvolumeclaim \"d\" is being deleted"),
        "{said:?}"
    );
    town.ok("kubectl delete pod first --wait=false");
    town.ok("kubectl delete pod second --wait=false");
    town.wait_s(10);
    assert!(town.find::<PersistentVolumeClaim>("d").is_none());
}

/// Upstream: a bound volume stays Terminating until it is released
#[test]
fn a_bound_volume_stays_until_its_claim_is_gone() {
    let mut town = Town::new();
    town.apply(&volume("v", ""));
    town.apply(&claim("d", NO_CLASS));
    town.wait_s(5);
    assert_eq!(bound(&town, "d").as_deref(), Some("v"));
    town.ok("kubectl delete pv v --wait=false");
    town.wait_s(5);
    assert!(town.get::<PersistentVolume>("v").meta.is_deleting());
    town.ok("kubectl delete pvc d --wait=false");
    town.wait_s(5);
    assert!(town.find::<PersistentVolume>("v").is_none());
}

/// Upstream: a volume that is not bound is deleted at once
#[test]
fn a_volume_that_nobody_has_is_deleted_at_once() {
    let mut town = Town::new();
    town.apply(&volume("v", ""));
    town.wait_s(5);
    town.ok("kubectl delete pv v --wait=false");
    town.wait_s(1);
    assert!(town.find::<PersistentVolume>("v").is_none());
}

/// Upstream: a pre-bound volume binds
/// Upstream: a pre-bound claim binds
#[test]
fn who_names_the_other_side_gets_it() {
    let mut town = Town::new();
    town.apply(&volume("a", ""));
    town.apply(&volume("b", "  claimRef: {namespace: default, name: d}\n"));
    town.apply(&claim("d", NO_CLASS));
    town.wait_s(5);
    assert_eq!(bound(&town, "d").as_deref(), Some("b"), "it is kept for it");
    let mut town = Town::new();
    town.apply(&volume("a", ""));
    town.apply(&volume("b", ""));
    let named = format!("{NO_CLASS}  volumeName: b\n");
    town.apply(&claim("d", &named));
    town.wait_s(5);
    assert_eq!(bound(&town, "d").as_deref(), Some("b"), "it was asked for");
}

/// Upstream: a volume of Recycle policy returns to Available and empty
#[test]
fn a_recycled_volume_is_available_again() {
    let mut town = Town::new();
    town.apply(&volume("v", "  persistentVolumeReclaimPolicy: Recycle\n"));
    town.apply(&claim("d", NO_CLASS));
    town.wait_s(5);
    assert_eq!(bound(&town, "d").as_deref(), Some("v"));
    town.ok("kubectl delete pvc d --wait=false");
    town.wait_s(20);
    let recycled = town.get::<PersistentVolume>("v");
    assert_eq!(recycled.phase(), VolumePhase::Available);
    assert_eq!(recycled.spec.claim_ref, None);
    assert_eq!(town.events("VolumeRecycled"), ["Volume recycled"]);
    town.apply(&claim("e", NO_CLASS));
    town.wait_s(20);
    assert_eq!(bound(&town, "e").as_deref(), Some("v"), "it binds again");
}

/// Upstream: DNS, a Service by its name
/// Upstream: DNS, SRV records of a named port
/// Upstream: DNS, hostname and subdomain of a pod
/// Upstream: DNS, ExternalName is a CNAME
#[test]
fn services_and_pods_have_their_names() {
    let mut town = Town::new();
    town.apply(&web(2).replace("name: web\n  clusterIP", "name: http\n  clusterIP"));
    town.apply(
        "apiVersion: v1\nkind: Service\nmetadata: {name: away}\nspec:\n  type: ExternalName\n  \
         externalName: example.com\n",
    );
    town.wait_s(20);
    let ask = |name: &str, query| resolve(&town.cluster.api, "default", name, query);
    let ips = |name: &str| {
        let answers = ask(name, Query::A).into_iter();
        let ips = answers.map(|answer| match answer {
            Answer::A { ip, .. } => ip.to_string(),
            other => panic!("{other:?}"),
        });
        let mut ips: Vec<String> = ips.collect();
        ips.sort();
        ips
    };
    let ip = |pod: &str| town.get::<Pod>(pod).status.pod_ip.to_string();
    let mut both = vec![ip("web-0"), ip("web-1")];
    both.sort();
    assert_eq!(ips("nginx.default.svc"), both);
    assert_eq!(ips("web-1.nginx.default.svc.cluster.local"), [ip("web-1")]);
    let ports: Vec<u16> = ask("_http._tcp.nginx.default.svc.cluster.local", Query::Srv)
        .into_iter()
        .map(|answer| match answer {
            Answer::Srv { port, .. } => u16::try_from(port).expect("a port"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ports, [80, 80]);
    let alias = format!("{:?}", ask("away.default.svc.cluster.local", Query::A));
    assert!(alias.contains("example.com"), "{alias}");
}

/// Upstream: DNS, hosts file entries
#[test]
fn a_pod_has_its_names_in_its_hosts_file() {
    let mut town = Town::new();
    let aliases =
        "    spec:\n      hostAliases: [{ip: 10.1.2.3, hostnames: [far, far.example.com]}]\n";
    town.apply(&web(1).replacen("    spec:\n", aliases, 1));
    town.wait_s(20);
    let ip = town.get::<Pod>("web-0").status.pod_ip.to_string();
    let hosts = town.ok("kubectl exec web-0 -- cat /etc/hosts");
    let own = format!(
        "fe00::2\tip6-allrouters\n{ip}\tweb-0.nginx.default.svc.cluster.local\tweb-0\n\n\
         # Entries added by HostAliases.\n10.1.2.3\tfar\tfar.example.com\n"
    );
    assert!(hosts.starts_with("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"));
    assert!(hosts.ends_with(&own), "{hosts}");
    assert_eq!(
        town.ok("kubectl exec web-0 -- hostname -f"),
        "web-0.nginx.default.svc.cluster.local\n"
    );
    // DNS does not know the bare name; the file does. An alias leads to its address, where nobody is.
    assert!(
        town.ok("kubectl exec web-0 -- curl -s http://web-0")
            .contains("nginx")
    );
    let said = town.run("kubectl exec web-0 -- curl -sS http://far").stderr;
    assert!(!said.contains("Could not resolve"), "{said}");
    let said = town
        .run("kubectl exec web-0 -- curl -sS http://farther")
        .stderr;
    assert!(said.contains("Could not resolve"), "{said}");
}

/// A pod on `node-a` that tolerates the taint `gone` for so long.
fn tolerant(seconds: u32) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: stays}}\nspec:\n  nodeName: node-a\n  \
         tolerations:\n  - {{key: gone, operator: Exists, effect: NoExecute, tolerationSeconds: \
         {seconds}}}\n  containers:\n  - {{name: nginx, image: nginx}}\n"
    )
}

const TAINT: &str =
    r#"kubectl patch node node-a -p '{"spec":{"taints":[{"key":"gone","effect":"NoExecute"}]}}'"#;
const NO_TAINT: &str = r#"kubectl patch node node-a --type=merge -p '{"spec":{"taints":null}}'"#;

/// Upstream: NoExecute evicts after tolerationSeconds
/// Upstream: removing the taint in time cancels the eviction
#[test]
fn a_taint_evicts_after_the_time_that_a_pod_tolerates_it() {
    for removed in [false, true] {
        let mut town = Town::new();
        town.apply(&tolerant(30));
        town.wait_s(10);
        assert_eq!(town.get::<Pod>("stays").status.phase, PodPhase::Running);
        town.ok(TAINT);
        town.wait_s(28);
        assert!(!town.get::<Pod>("stays").meta.is_deleting());
        if removed {
            town.ok(NO_TAINT);
        }
        town.wait_s(30);
        assert_eq!(town.find::<Pod>("stays").is_some(), removed);
    }
}
