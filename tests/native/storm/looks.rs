//! What changes nothing: verbs that show, follow or explain.

use ordinal::cluster::Cluster;
use ordinal::cluster::object::Kind;
use ordinal::cluster::rng::Rng;

use super::draw::{any, pick};

/// Lines that mean the same in every storm.
const PLAIN: &[&str] = &[
    "kubectl api-resources",
    "kubectl api-versions",
    "kubectl auth",
    "kubectl auth can-i delete pods",
    "kubectl auth whoami",
    "kubectl cluster-info",
    "kubectl config",
    "kubectl config current-context",
    "kubectl config get-contexts",
    "kubectl config set-context --current --namespace=default",
    "kubectl config use-context minikube",
    "kubectl config view",
    "kubectl explain sts.spec.updateStrategy",
    "kubectl events",
    "kubectl get all -o wide",
    "kubectl get nodes,pv,pvc -o yaml",
    "kubectl help",
    "kubectl options",
    "kubectl proxy",
    "kubectl rollout",
    "kubectl set",
    "kubectl top",
    "kubectl top node",
    "kubectl top pod",
    "kubectl version",
];

/// One of them, or one that is about an object.
pub(super) fn draw(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let mut of = |kind| any(rng, cluster, kind);
    let (pod, set) = (of(Kind::Pod), of(Kind::StatefulSet));
    let some = [Kind::Node, Kind::PersistentVolumeClaim, Kind::Service];
    let some = some.map(|kind| Some((kind, of(kind)?)));
    let (kind, name) = rng.pick(&some).cloned().flatten()?;
    let number = rng.below(24);
    Some(match number {
        0 => format!("kubectl describe pod {}", pod?),
        1 => format!("kubectl describe sts {}", set?),
        2 => format!("kubectl describe {kind} {name}"),
        3 => format!("kubectl logs {}", pod?),
        4 => format!("kubectl logs -f {} --tail=5", pod?),
        5 => format!("kubectl attach {}", pod?),
        6 => format!("kubectl port-forward pod/{} 0:80", pod?),
        7 => format!("kubectl exec {} -- cat /etc/hosts", pod?),
        8 => format!(
            "kubectl exec {} -- sh -c 'echo {} > /usr/share/nginx/html/index.html; hostname'",
            pod?,
            pick(rng, &["one", "two"])
        ),
        9 => format!(
            "kubectl wait --for=condition=Ready pod/{} --timeout=20s",
            pod?
        ),
        10 => format!("kubectl wait --for=delete pod/{} --timeout=20s", pod?),
        11 => format!("kubectl apply view-last-applied sts/{}", set?),
        12 => format!("kubectl get pod {} -w", pod?),
        _ => pick(rng, PLAIN).to_owned(),
    })
}
