//! What a storm is made of: actions drawn from the seed and from what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ordinal::cluster::Cluster;
use ordinal::cluster::fault::Fault;
use ordinal::cluster::object::{Kind, Object, ObjectKey};
use ordinal::cluster::rng::Rng;

use super::{looks, verbs};

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// So many milliseconds pass.
    Wait(i64),
    /// The file `m.yaml` gets this text.
    Edit(String),
    /// A set is opened with `kubectl edit`, gets so many replicas and is applied.
    Pane(String, u64),
    /// A command line or a fault.
    Line(String),
}

impl Act {
    /// The row of the table in which it is counted: the verb or the fault.
    pub(super) fn row(&self) -> String {
        match self {
            Self::Wait(_) => "time".to_owned(),
            Self::Edit(_) => "file".to_owned(),
            Self::Pane(..) => "edit".to_owned(),
            Self::Line(line) => {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words[..] {
                    ["kubectl", verb, what, ..] => {
                        let both = format!("{verb} {what}");
                        match rows().contains(&both) {
                            true => both,
                            false => verb.to_owned(),
                        }
                    }
                    ["kubectl", verb] => verb.to_owned(),
                    [fault, ..] => fault.to_owned(),
                    [] => String::new(),
                }
            }
        }
    }
}

/// The word of a fault.
fn word(fault: &Fault) -> &'static str {
    match fault {
        Fault::SilenceNode(_) => "@silence",
        Fault::ReviveNode(_) => "@revive",
        Fault::Crash(..) => "@crash",
        Fault::FailProbes(_) => "@fail-probes",
        Fault::MendProbes(_) => "@mend-probes",
        Fault::LoseImage(_) => "@lose-image",
        Fault::RestoreImage(_) => "@restore-image",
        Fault::StopProvisioner => "@stop-provisioner",
        Fault::StartProvisioner => "@start-provisioner",
    }
}

/// Everything that must be drawn: every command that kubectl has, every fault, time, and what is written into the file.
pub(super) fn rows() -> &'static BTreeSet<String> {
    static ROWS: OnceLock<BTreeSet<String>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let pod = || ObjectKey::new(Kind::Pod, "default", "web-0");
        // A new fault does not compile in `word`, and then belongs here.
        let faults = [
            Fault::SilenceNode("".into()),
            Fault::ReviveNode("".into()),
            Fault::Crash(pod(), None),
            Fault::FailProbes(pod()),
            Fault::MendProbes(pod()),
            Fault::LoseImage("".into()),
            Fault::RestoreImage("".into()),
            Fault::StopProvisioner,
            Fault::StartProvisioner,
        ];
        let faults = faults.iter().map(|it| word(it).to_owned());
        let others = ["time", "file"].map(str::to_owned);
        ordinal::kubectl::commands()
            .chain(faults)
            .chain(others)
            .collect()
    })
}

pub(super) const IMAGES: &[&str] = &["nginx:1.27", "nginx:1.28", "nginx:1.29", "httpd:2.4"];
pub(super) const SETS: &[&str] = &["web", "db"];

/// A manifest of a set, its headless Service, or a Deployment.
pub(super) fn manifest(rng: &mut Rng) -> String {
    let name = pick(rng, SETS);
    let policy = pick(rng, &["OrderedReady", "OrderedReady", "Parallel"]);
    let retain = pick(rng, &["Retain", "Retain", "Delete"]);
    let scaled = pick(rng, &["Retain", "Retain", "Delete"]);
    let strategy = match rng.below(5) {
        0 => "{type: OnDelete}".to_owned(),
        1 => format!("{{rollingUpdate: {{partition: {}}}}}", rng.below(3)),
        _ => "{}".to_owned(),
    };
    let start = [0, 0, 0, 2][usize::try_from(rng.below(4)).unwrap_or(0)];
    let ready_s = [0, 0, 3][usize::try_from(rng.below(3)).unwrap_or(0)];
    let probe = if rng.below(3) == 0 {
        "readinessProbe: {httpGet: {port: 80}, periodSeconds: 2}"
    } else {
        "ports: [{containerPort: 80}]"
    };
    if rng.below(8) == 0 {
        return format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: front}}\nspec:\n  replicas: {}\n  selector: {{matchLabels: \
             {{app: front}}}}\n  template:\n    metadata: {{labels: {{app: front}}}}\n    spec: {{containers: [{{name: nginx, \
             image: \"{}\"}}]}}\n",
            rng.below(4),
            pick(rng, IMAGES)
        );
    }
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{clusterIP: None, selector: {{app: {name}}}, ports: \
         [{{port: 80}}]}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}, labels: {{app: {name}}}}}\nspec:\n  \
         serviceName: {name}\n  replicas: {}\n  podManagementPolicy: {policy}\n  minReadySeconds: {ready_s}\n  ordinals: {{start: \
         {start}}}\n  updateStrategy: {strategy}\n  persistentVolumeClaimRetentionPolicy: {{whenDeleted: {retain}, whenScaled: \
         {scaled}}}\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      \
         terminationGracePeriodSeconds: 5\n      containers:\n      - name: nginx\n        image: {}\n        {probe}\n  \
         volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: \
         {{storage: 1Gi}}}}}}\n",
        1 + rng.below(4),
        pick(rng, IMAGES)
    )
}

pub(super) fn pick<'a>(rng: &mut Rng, items: &[&'a str]) -> &'a str {
    rng.pick(items).copied().unwrap_or_default()
}

/// The name of an object of a kind, if there is one.
pub(super) fn any(rng: &mut Rng, cluster: &Cluster, kind: Kind) -> Option<String> {
    let store = &cluster.api.store;
    let names: Vec<&str> = store
        .in_namespace(kind, if kind == Kind::Node { "" } else { "default" })
        .map(|object| &*object.meta().name)
        .collect();
    rng.pick(&names).map(|name| (*name).to_owned())
}

/// Faults of which one half is waiting to be mended.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    silent: Vec<String>,
    failing: Vec<String>,
    lost: Vec<String>,
    stopped: bool,
    cordoned: Vec<String>,
    tainted: Vec<String>,
}

impl Open {
    /// What mends everything that is still open.
    pub(super) fn mend(&self) -> Vec<Act> {
        let mut out = Vec::new();
        let mut all = |verb: &str, names: &[String]| {
            out.extend(names.iter().map(|name| Act::Line(format!("{verb} {name}"))));
        };
        all("@revive", &self.silent);
        all("@mend-probes", &self.failing);
        all("@restore-image", &self.lost);
        all("kubectl uncordon", &self.cordoned);
        let untaint = |node: &String| Act::Line(format!("kubectl taint node {node} storm-"));
        out.extend(self.tainted.iter().map(untaint));
        if self.stopped {
            out.push(Act::Line("@start-provisioner".to_owned()));
        }
        out
    }
}

/// The next action.
pub(super) fn act(rng: &mut Rng, cluster: &Cluster, open: &mut Open) -> Act {
    let line = match rng.below(1000) {
        0..330 => return Act::Wait(i64::try_from(50 + rng.below(3000)).unwrap_or(0)),
        330..370 => return Act::Edit(manifest(rng)),
        370..430 => Some("kubectl apply -f m.yaml".to_owned()),
        430..440 => Some("kubectl create -f m.yaml".to_owned()),
        440..460 => Some("kubectl replace -f m.yaml".to_owned()),
        460..545 => delete(rng, cluster),
        545..625 => scale(rng, cluster),
        625..670 => patch(rng, cluster),
        670..715 => set_image(rng, cluster),
        715..740 => mark(rng, cluster),
        740..790 => rollout(rng, cluster),
        790..798 => match any(rng, cluster, Kind::StatefulSet) {
            Some(set) => return Act::Pane(set, rng.below(5)),
            None => None,
        },
        798..835 => verbs::change(rng, cluster),
        835..865 => Some(verbs::make(rng, cluster)),
        865..920 => looks::draw(rng, cluster),
        _ => fault(rng, cluster, open),
    };
    // Where there is nothing to act on, a manifest is applied.
    Act::Line(line.unwrap_or_else(|| "kubectl apply -f m.yaml".to_owned()))
}

fn delete(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let pod = |rng: &mut Rng| any(rng, cluster, Kind::Pod);
    Some(match rng.below(10) {
        0..5 => format!("kubectl delete pod {} --wait=false", pod(rng)?),
        5 => format!("kubectl delete pod {} --force --grace-period=0", pod(rng)?),
        6 => format!("kubectl delete pod -l app={} --wait=false", pick(rng, SETS)),
        7 => format!(
            "kubectl delete pvc {} --wait=false",
            any(rng, cluster, Kind::PersistentVolumeClaim)?
        ),
        8 if rng.below(2) == 0 => verbs::unmake(rng, cluster)?,
        8 => format!(
            "kubectl delete sts {} --wait=false --cascade={}",
            any(rng, cluster, Kind::StatefulSet)?,
            pick(rng, &["background", "foreground", "orphan"])
        ),
        _ => "kubectl delete -f m.yaml --wait=false".to_owned(),
    })
}

fn scale(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    if rng.below(6) == 0 {
        let name = any(rng, cluster, Kind::Deployment)?;
        return Some(format!(
            "kubectl scale deployment {name} --replicas={}",
            rng.below(4)
        ));
    }
    let name = any(rng, cluster, Kind::StatefulSet)?;
    Some(format!(
        "kubectl scale sts {name} --replicas={}",
        rng.below(5)
    ))
}

fn patch(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let name = any(rng, cluster, Kind::StatefulSet)?;
    let (kind, patch) = match rng.below(4) {
        0 => (
            "merge",
            format!(r#"{{"spec":{{"replicas":{}}}}}"#, rng.below(5)),
        ),
        1 => (
            "strategic",
            format!(
                r#"{{"spec":{{"updateStrategy":{{"rollingUpdate":{{"partition":{}}}}}}}}}"#,
                rng.below(3)
            ),
        ),
        2 => (
            "json",
            format!(
                r#"[{{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"{}"}}]"#,
                pick(rng, IMAGES)
            ),
        ),
        _ => (
            "strategic",
            format!(
                r#"{{"spec":{{"template":{{"metadata":{{"annotations":{{"turn":"{}"}}}}}}}}}}"#,
                rng.below(4)
            ),
        ),
    };
    Some(format!(
        "kubectl patch sts {name} --type={kind} -p '{patch}'"
    ))
}

fn set_image(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let kind = if rng.below(5) == 0 {
        Kind::Deployment
    } else {
        Kind::StatefulSet
    };
    let word = if kind == Kind::Deployment {
        "deployment"
    } else {
        "sts"
    };
    let name = any(rng, cluster, kind)?;
    Some(format!(
        "kubectl set image {word}/{name} nginx={}",
        pick(rng, IMAGES)
    ))
}

fn mark(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let pod = any(rng, cluster, Kind::Pod)?;
    Some(match rng.below(4) {
        0 => format!(
            "kubectl label pod {pod} turn={} --overwrite",
            rng.below(100)
        ),
        1 => format!("kubectl label pod {pod} app=stray --overwrite"),
        2 => format!(
            "kubectl annotate pod {pod} note={} --overwrite",
            rng.below(100)
        ),
        _ => format!(
            "kubectl annotate sts {} note={} --overwrite",
            any(rng, cluster, Kind::StatefulSet)?,
            rng.below(100)
        ),
    })
}

fn rollout(rng: &mut Rng, cluster: &Cluster) -> Option<String> {
    let set = any(rng, cluster, Kind::StatefulSet);
    Some(match rng.below(10) {
        0..3 => format!("kubectl rollout restart sts/{}", set?),
        3..6 => format!("kubectl rollout undo sts/{}", set?),
        6 => format!("kubectl rollout status sts/{}", set?),
        7 => format!("kubectl rollout history sts/{}", set?),
        8 => format!(
            "kubectl rollout pause deployment/{}",
            any(rng, cluster, Kind::Deployment)?
        ),
        _ => format!(
            "kubectl rollout resume deployment/{}",
            any(rng, cluster, Kind::Deployment)?
        ),
    })
}

/// A fault, or the end of one; nodes and the provisioner are rather mended than broken further.
fn fault(rng: &mut Rng, cluster: &Cluster, open: &mut Open) -> Option<String> {
    let take = |rng: &mut Rng, names: &mut Vec<String>| {
        let at = usize::try_from(rng.below(names.len() as u64)).unwrap_or(0);
        (!names.is_empty()).then(|| names.swap_remove(at))
    };
    Some(match rng.below(13) {
        0 if open.silent.is_empty() => {
            let node = any(rng, cluster, Kind::Node)?;
            open.silent.push(node.clone());
            format!("@silence {node}")
        }
        0 | 1 => format!("@revive {}", take(rng, &mut open.silent)?),
        2 => {
            let running = cluster.api.store.in_namespace(Kind::Pod, "default");
            let names: Vec<&str> = running
                .filter_map(|object| match &**object {
                    Object::Pod(pod) if pod.is_running_and_ready() => Some(&*pod.meta.name),
                    _ => None,
                })
                .collect();
            format!("@crash {}", rng.pick(&names)?)
        }
        3 if open.failing.len() < 2 => {
            let pod = any(rng, cluster, Kind::Pod)?;
            open.failing.push(pod.clone());
            format!("@fail-probes {pod}")
        }
        3 | 4 => format!("@mend-probes {}", take(rng, &mut open.failing)?),
        5 if open.lost.is_empty() => {
            let image = pick(rng, IMAGES).to_owned();
            open.lost.push(image.clone());
            format!("@lose-image {image}")
        }
        5 | 6 => format!("@restore-image {}", take(rng, &mut open.lost)?),
        7 if open.stopped => {
            open.stopped = false;
            "@start-provisioner".to_owned()
        }
        7 => {
            open.stopped = true;
            "@stop-provisioner".to_owned()
        }
        8 if open.cordoned.is_empty() => {
            let node = any(rng, cluster, Kind::Node)?;
            open.cordoned.push(node.clone());
            format!("kubectl cordon {node}")
        }
        9 if open.cordoned.is_empty() => {
            let node = any(rng, cluster, Kind::Node)?;
            open.cordoned.push(node.clone());
            format!(
                "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --force --timeout=20s"
            )
        }
        10 if open.tainted.is_empty() => {
            let node = any(rng, cluster, Kind::Node)?;
            open.tainted.push(node.clone());
            let effect = pick(rng, &["NoSchedule", "NoExecute", "PreferNoSchedule"]);
            format!("kubectl taint node {node} storm=1:{effect}")
        }
        10 | 11 => format!(
            "kubectl taint node {} storm-",
            take(rng, &mut open.tainted)?
        ),
        _ => format!("kubectl uncordon {}", take(rng, &mut open.cordoned)?),
    })
}

/// Counts by row.
pub(super) type Table = BTreeMap<String, (u64, u64)>;
