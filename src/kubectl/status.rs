//! The STATUS and READY columns of pods, as the server computes them when it prints (reference 5.1).

use crate::cluster::object::Pod;
use crate::cluster::object::pod::{ContainerStatus, PodPhase};
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
pub fn pod_ready(pod: &Pod) -> (usize, usize) {
    let statuses = pod.status.container_statuses.iter();
    let ready = statuses.filter(|it| is_serving(it)).count();
    (ready, pod.spec.containers.len())
}

/// How often its containers were started again.
pub fn pod_restarts(pod: &Pod) -> i32 {
    let statuses = pod.status.container_statuses.iter();
    statuses.map(|it| it.restart_count).sum()
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
        pod.status.phase = PodPhase::Running;
        let status = |state: &ContainerState| ContainerStatus {
            ready: state.running.is_some(),
            state: state.clone(),
            ..ContainerStatus::default()
        };
        pod.status.container_statuses = states.iter().map(status).collect();
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
        leaving.status.phase = PodPhase::Failed;
        leaving.status.reason = "Evicted".into();
        assert_eq!(pod_status(&leaving), "Evicted");
    }
}
