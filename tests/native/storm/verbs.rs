//! Verbs that make and change what storms otherwise do not touch. All that they make is named `x…`.

use ordinal::cluster::Cluster;
use ordinal::cluster::object::Kind;
use ordinal::cluster::rng::Rng;

use super::draw::{IMAGES, SETS, any, pick};

/// Changes an object that is there.
pub(super) fn change(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let set = any(rng, cluster, Kind::StatefulSet);
    let number = rng.below(4);
    Some(match rng.below(7) {
        0 | 1 => format!("kubectl set env sts/{} TURN={number}", set?),
        2 => format!(
            "kubectl set resources sts/{} --requests=cpu={}m",
            set?,
            10 + number
        ),
        3 => {
            let service = pick(rng, SETS);
            let app = pick(rng, &[service, service, "nobody"]);
            format!("kubectl set selector svc {service} app={app}")
        }
        4 => {
            let account = pick(rng, &["default", "x0"]);
            format!("kubectl set serviceaccount sts {} {account}", set?)
        }
        5 => format!("kubectl set image sts/{} nginx={}", set?, pick(rng, IMAGES)),
        _ => "kubectl apply set-last-applied -f m.yaml --create-annotation".to_owned(),
    })
}

/// Makes something.
pub(super) fn make(rng: &mut Rng, cluster: &Cluster) -> String {
    let name = format!("x{}", rng.below(3));
    let set = pick(rng, SETS);
    match rng.below(12) {
        0 => format!("kubectl create configmap {name} --from-literal=a=1"),
        1 => format!(
            "kubectl create deployment {name} --image={}",
            pick(rng, IMAGES)
        ),
        2 => format!("kubectl create namespace {name}"),
        3 => format!(
            "kubectl create poddisruptionbudget {name} --selector=app={set} {}",
            pick(
                rng,
                &[
                    "--min-available=1",
                    "--max-unavailable=1",
                    "--min-available=100%"
                ]
            )
        ),
        4 => format!("kubectl create secret generic {name} --from-literal=a=1"),
        5 => format!(
            "kubectl create service {} {name} --tcp=80",
            pick(rng, &["clusterip", "nodeport", "loadbalancer"])
        ),
        6 => format!("kubectl create serviceaccount {name}"),
        7 | 8 => match any(rng, cluster, Kind::Pod) {
            Some(pod) => format!("kubectl expose pod {pod} --name={name} --port=80"),
            None => format!("kubectl expose svc {set} --name={name} --port=80"),
        },
        9 => format!("kubectl run {name} --image={}", pick(rng, IMAGES)),
        10 => format!(
            "kubectl run {name} --image=busybox --restart=Never -- sleep {}",
            rng.below(9)
        ),
        _ => {
            format!("kubectl run {name} --image=busybox --rm -i --restart=Never -- nslookup {set}")
        }
    }
}

/// Deletes something that [`make`] made.
pub(super) fn unmake(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let kinds = [
        Kind::ConfigMap,
        Kind::Deployment,
        Kind::Namespace,
        Kind::PodDisruptionBudget,
        Kind::Secret,
        Kind::Service,
        Kind::ServiceAccount,
    ];
    let store = &cluster.api.store;
    let made = kinds.iter().flat_map(|kind| store.all(*kind));
    let mut made: Vec<String> = made
        .filter(|it| it.meta().name.starts_with('x'))
        .filter(|it| ["", "default"].contains(&&*it.meta().namespace))
        .map(|it| format!("{} {}", it.kind(), it.meta().name))
        .collect();
    made.sort();
    let what = rng.pick(&made)?;
    Some(format!("kubectl delete {what} --wait=false"))
}
