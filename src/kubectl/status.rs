//! Cells that the stage shows as kubectl does: STATUS and READY of pods as the server computes them (reference 5.1),
//! and the words of nodes, claims, volumes and Services (reference 8.2).

use crate::cluster::object::pod::{ContainerStatus, PodPhase};
use crate::cluster::object::{Node, PersistentVolumeClaim, Pod, Service};
use crate::cluster::value::Text;

/// The word of the STATUS column.
pub fn pod_status(pod: &Pod) -> Text {
    let word = init_word(pod).unwrap_or_else(|| container_word(pod));
    if pod.meta.is_deleting() {
        if &*pod.status.reason == "NodeLost" {
            return "Unknown".into();
        }
        if !matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed) {
            return "Terminating".into();
        }
    }
    word
}

/// How many containers are ready and running, and how many there are.
///
/// Init containers that run on beside them (`restartPolicy: Always`) count, too.
pub fn pod_ready(pod: &Pod) -> (usize, usize) {
    let statuses = pod.status.container_statuses.iter();
    let ready = statuses.filter(|it| is_serving(it)).count();
    let beside = pod.status.init_container_statuses.iter();
    let beside = beside.filter(|it| is_sidecar(pod, &it.name) && it.started == Some(true));
    let sidecars = pod.spec.init_containers.iter();
    let sidecars = sidecars.filter(|it| is_sidecar(pod, &it.name)).count();
    (
        ready + beside.filter(|it| it.ready).count(),
        pod.spec.containers.len() + sidecars,
    )
}

/// The containers whose restarts are counted: the init containers until they are through, then the others.
pub fn counted(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let begins = init_word(pod).is_some();
    let first = pod.status.init_container_statuses.iter();
    let then = pod.status.container_statuses.iter();
    first
        .filter(move |it| begins || is_sidecar(pod, &it.name))
        .chain(then.filter(move |_| !begins))
}

/// How often its containers were started again.
pub fn pod_restarts(pod: &Pod) -> i32 {
    counted(pod).map(|it| it.restart_count).sum()
}

/// The STATUS column of a node.
pub fn node_status(node: &Node) -> String {
    let word = match node.ready() {
        "True" => "Ready",
        "" => "Unknown",
        _ => "NotReady",
    };
    match node.spec.unschedulable {
        true => format!("{word},SchedulingDisabled"),
        false => word.to_owned(),
    }
}

/// The STATUS column of a claim.
pub fn claim_status(claim: &PersistentVolumeClaim) -> &'static str {
    match claim.meta.is_deleting() {
        true => "Terminating",
        false => claim.phase().as_str(),
    }
}

/// Access modes in short, in kubectl's order: `RWO,RWX`.
pub fn access_modes(modes: &[Text]) -> String {
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let found = short
        .iter()
        .filter(|(long, _)| modes.iter().any(|it| it == long));
    found.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

/// The ports of a Service: `80/TCP,443:30443/TCP`; empty if it has none.
pub fn service_ports(service: &Service) -> String {
    let ports = service.spec.ports.iter().map(|it| match it.node_port {
        0 => format!("{}/{}", it.port, it.protocol),
        node_port => format!("{}:{node_port}/{}", it.port, it.protocol),
    });
    ports.collect::<Vec<_>>().join(",")
}

fn is_serving(status: &ContainerStatus) -> bool {
    status.ready && status.state.running.is_some()
}

fn plain_word(pod: &Pod) -> Text {
    let gated = pod
        .condition("PodScheduled")
        .is_some_and(|it| &*it.reason == "SchedulingGated");
    if gated {
        return "SchedulingGated".into();
    }
    if pod.status.reason.is_empty() {
        pod.status.phase.as_str().into()
    } else {
        pod.status.reason.clone()
    }
}

/// The word while init containers are not through.
fn init_word(pod: &Pod) -> Option<Text> {
    let initialized = pod
        .condition("Initialized")
        .is_some_and(|it| &*it.status == "True");
    let statuses = &pod.status.init_container_statuses;
    if initialized {
        return None;
    }
    for (index, status) in statuses.iter().enumerate() {
        if let Some(ended) = &status.state.terminated {
            if ended.exit_code == 0 {
                continue;
            }
            let word = if ended.reason.is_empty() {
                format!("ExitCode:{}", ended.exit_code)
            } else {
                ended.reason.to_string()
            };
            return Some(format!("Init:{word}").into());
        }
        if status.started == Some(true) && is_sidecar(pod, &status.name) {
            continue;
        }
        return Some(match &status.state.waiting {
            Some(waiting)
                if !waiting.reason.is_empty() && &*waiting.reason != "PodInitializing" =>
            {
                format!("Init:{}", waiting.reason).into()
            }
            _ => format!("Init:{index}/{}", pod.spec.init_containers.len()).into(),
        });
    }
    None
}

fn is_sidecar(pod: &Pod, name: &str) -> bool {
    let mut containers = pod.spec.init_containers.iter();
    containers.any(|it| &*it.name == name && it.restart_policy.as_deref() == Some("Always"))
}

/// The word that the containers give: the first container's wins.
fn container_word(pod: &Pod) -> Text {
    let mut word = plain_word(pod);
    let mut serving = false;
    for status in pod.status.container_statuses.iter().rev() {
        let state = &status.state;
        if let Some(waiting) = state.waiting.as_ref().filter(|it| !it.reason.is_empty()) {
            word = waiting.reason.clone();
        } else if let Some(ended) = &state.terminated {
            word = if ended.reason.is_empty() {
                format!("ExitCode:{}", ended.exit_code).into()
            } else {
                ended.reason.clone()
            };
        } else if is_serving(status) {
            serving = true;
        }
    }
    if &*word == "Completed" && serving {
        word = if pod.has_ready_condition() {
            "Running".into()
        } else {
            "NotReady".into()
        };
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::pod::ContainerState;
    use crate::cluster::time::Time;

    fn pod(states: &[ContainerState]) -> Pod {
        let mut pod = Pod::default();
        pod.status_mut().phase = PodPhase::Running;
        let status = |state: &ContainerState| ContainerStatus {
            ready: state.running.is_some(),
            state: state.clone(),
            ..ContainerStatus::default()
        };
        pod.status_mut().container_statuses = states.iter().map(status).collect();
        pod
    }

    #[test]
    fn the_first_container_has_the_word() {
        let waiting = ContainerState::waiting("CrashLoopBackOff", "");
        let running = ContainerState::running(Time(0));
        let ended = ContainerState::terminated(0, "Completed", None, Time(0));
        assert_eq!(pod_status(&pod(&[])), "Running");
        assert_eq!(
            pod_status(&pod(&[waiting.clone(), ended.clone()])),
            "CrashLoopBackOff"
        );
        assert_eq!(
            pod_status(&pod(&[running.clone(), waiting])),
            "CrashLoopBackOff"
        );
        assert_eq!(pod_status(&pod(&[ended.clone(), running])), "NotReady");
        assert_eq!(pod_status(&pod(&[ended])), "Completed");
    }

    #[test]
    fn a_pod_that_is_being_deleted_terminates_unless_it_has_ended() {
        let mut leaving = pod(&[ContainerState::running(Time(0))]);
        leaving.meta.deleted = Some(Time(0));
        assert_eq!(pod_status(&leaving), "Terminating");
        leaving.status_mut().phase = PodPhase::Failed;
        leaving.status_mut().reason = "Evicted".into();
        assert_eq!(pod_status(&leaving), "Evicted");
    }
}
