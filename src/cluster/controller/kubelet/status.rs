//! The status of a pod as the kubelet writes it (reference 1.3, 5.2).

use crate::cluster::object::pod::{
    ContainerState, ContainerStatus, PodCondition, PodIp, PodStatus,
};
use crate::cluster::object::pod_spec::Container;
use crate::cluster::object::{Node, Pod, PodPhase};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// The conditions in the order in which the kubelet writes them.
const ORDER: [&str; 5] = [
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
];

/// Sets a condition to a status; its time changes with the status.
fn set(pod: &mut Pod, kind: &str, holds: bool, reason: &str, message: &str, now: Time) {
    pod.set_condition(PodCondition {
        kind: kind.into(),
        status: if holds { "True" } else { "False" }.into(),
        last_transition_time: Some(now.whole_seconds()),
        reason: reason.into(),
        message: message.into(),
        ..PodCondition::default()
    });
}

/// Brings the conditions into the kubelet's order.
fn sort_conditions(pod: &mut Pod) {
    let mut conditions = pod.status.conditions.to_vec();
    let rank = |kind: &str| {
        ORDER
            .iter()
            .position(|it| *it == kind)
            .unwrap_or(ORDER.len())
    };
    sorted::sort_by_key(&mut conditions, |condition| rank(&condition.kind));
    pod.status.conditions = conditions.into();
}

/// The scheduler's word: the pod has a node.
pub fn set_scheduled(pod: &mut Pod, now: Time) {
    set(pod, "PodScheduled", true, "", "", now);
}

/// What the conditions say of a pod whose containers are as its status has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Whether the sandbox is set up.
    pub sandbox: bool,
    /// Whether the init containers are through.
    pub initialized: bool,
}

/// Writes the conditions that follow from the containers.
pub fn set_conditions(pod: &mut Pod, conditions: Conditions, now: Time) {
    let unready: Vec<&str> = pod
        .status
        .container_statuses
        .iter()
        .filter(|status| !status.ready)
        .map(|status| &*status.name)
        .collect();
    let message = format!("containers with unready status: [{}]", unready.join(" "));
    let ready = unready.is_empty() && !pod.is_finished() && conditions.initialized;
    let gates = pod.spec.readiness_gates.clone();
    let held_back = gates.iter().find(|gate| {
        pod.condition(&gate.condition)
            .is_none_or(|condition| &*condition.status != "True")
    });
    set(
        pod,
        "PodReadyToStartContainers",
        conditions.sandbox,
        "",
        "",
        now,
    );
    let (reason, text) = if conditions.initialized {
        ("", String::new())
    } else {
        let waiting: Vec<&str> = pod
            .spec
            .init_containers
            .iter()
            .map(|it| &*it.name)
            .collect();
        (
            "ContainersNotInitialized",
            format!("containers with incomplete status: [{}]", waiting.join(" ")),
        )
    };
    set(
        pod,
        "Initialized",
        conditions.initialized,
        reason,
        &text,
        now,
    );
    let (reason, message) = if ready {
        ("", "")
    } else {
        ("ContainersNotReady", &*message)
    };
    match held_back.filter(|_| ready) {
        Some(gate) => {
            let text = format!(
                "corresponding condition of pod readiness gate {:?} does not exist.",
                gate.condition
            );
            set(pod, "Ready", false, "ReadinessGatesNotReady", &text, now);
        }
        None => set(pod, "Ready", ready, reason, message, now),
    }
    set(pod, "ContainersReady", ready, reason, message, now);
    sort_conditions(pod);
}

/// The kubelet's first status: it has seen the pod.
pub fn set_creating(pod: &mut Pod, node: Option<&Node>, now: Time) {
    let pods_init = !pod.spec.init_containers.is_empty();
    let reason = if pods_init {
        "PodInitializing"
    } else {
        "ContainerCreating"
    };
    pod.status.phase = PodPhase::Pending;
    pod.status.start_time.get_or_insert(now.whole_seconds());
    if let Some(address) = node.and_then(|node| node.address("InternalIP")) {
        pod.status.host_ip = address.clone();
    }
    pod.status.container_statuses = pod
        .spec
        .containers
        .iter()
        .map(|it| waiting(it, reason))
        .collect();
    pod.status.init_container_statuses = pod
        .spec
        .init_containers
        .iter()
        .map(|it| waiting(it, "PodInitializing"))
        .collect();
    set_conditions(
        pod,
        Conditions {
            sandbox: false,
            initialized: !pods_init,
        },
        now,
    );
}

fn waiting(container: &Container, reason: &str) -> ContainerStatus {
    ContainerStatus {
        name: container.name.clone(),
        state: ContainerState::waiting(reason, ""),
        image: container.image.clone(),
        started: Some(false),
        ..ContainerStatus::default()
    }
}

/// The statuses of the containers, made from the spec where there are none yet.
pub fn container_statuses(pod: &Pod) -> Vec<ContainerStatus> {
    pod.spec
        .containers
        .iter()
        .map(|container| {
            let known = pod
                .status
                .container_statuses
                .iter()
                .find(|it| it.name == container.name);
            known
                .cloned()
                .unwrap_or_else(|| waiting(container, "ContainerCreating"))
        })
        .collect()
}

/// Changes the status of every container.
pub fn each_container(pod: &mut Pod, mut change: impl FnMut(&mut ContainerStatus)) {
    let mut statuses = container_statuses(pod);
    for (status, container) in statuses.iter_mut().zip(pod.spec.containers.iter()) {
        status.image = container.image.clone();
        change(status);
    }
    pod.status.container_statuses = statuses.into();
}

/// Gives a pod its address.
pub fn set_address(status: &mut PodStatus, ip: Text) {
    status.pod_ips = vec![PodIp {
        ip: ip.clone(),
        ..PodIp::default()
    }];
    status.pod_ip = ip;
}

/// Every container runs; those that ran before keep their start.
pub fn set_running(pod: &mut Pod, ready: bool, now: Time) {
    each_container(pod, |status| {
        let since = status.state.running.as_ref().and_then(|it| it.started_at);
        status.state = ContainerState::running(since.unwrap_or(now));
        status.ready = ready;
        status.started = Some(true);
    });
    pod.status.phase = PodPhase::Running;
}

/// Every container ended with this code.
pub fn end_containers(pod: &mut Pod, code: i32, reason: &str, now: Time) {
    each_container(pod, |container| {
        let started = container.state.started_at();
        container.state = ContainerState::terminated(code, reason, started, now);
        container.ready = false;
        container.started = Some(false);
    });
}
