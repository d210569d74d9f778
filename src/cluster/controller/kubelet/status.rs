//! The status of a pod as the kubelet writes it (reference 1.3, 5.2).

use std::rc::Rc;

use crate::cluster::object::pod::{
    self, ContainerState, ContainerStatus, PodCondition, PodIp, PodStatus,
};
use crate::cluster::object::pod_spec::Container;
use crate::cluster::object::{Node, Pod, PodPhase};
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::{Text, concat};

/// The conditions in the order in which the kubelet writes them.
const ORDER: [&str; 5] = [
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
];

/// Sets a condition to a status; its time changes with the status.
fn set(
    conditions: &mut Vec<Rc<PodCondition>>,
    kind: &'static str,
    holds: bool,
    reason: &'static str,
    message: Text,
    now: Time,
) {
    let condition = PodCondition {
        kind: Text::new_static(kind),
        status: Text::new_static(if holds { "True" } else { "False" }),
        last_transition_time: Some(now.whole_seconds()),
        reason: Text::new_static(reason),
        message,
        ..PodCondition::default()
    };
    pod::set_condition(conditions, condition);
}

/// Brings the conditions into the kubelet's order.
fn sort_conditions(conditions: &mut Vec<Rc<PodCondition>>) {
    let rank = |kind: &str| {
        ORDER
            .iter()
            .position(|it| *it == kind)
            .unwrap_or(ORDER.len())
    };
    if conditions.is_sorted_by_key(|condition| rank(&condition.kind)) {
        return;
    }
    sorted::sort_by_key(conditions, |condition| rank(&condition.kind));
}

/// The conditions of a pod, with room for those that it lacks.
fn conditions_of(pod: &Pod) -> Vec<Rc<PodCondition>> {
    let known = &pod.status.conditions;
    let mut conditions = Vec::with_capacity(known.len() + ORDER.len());
    conditions.extend_from_slice(known);
    conditions
}

/// The scheduler's word: the pod has a node.
pub fn set_scheduled(pod: &mut Pod, now: Time) {
    let mut conditions = conditions_of(pod);
    let none = Text::default();
    set(&mut conditions, "PodScheduled", true, "", none, now);
    pod.status_mut().conditions = conditions.into();
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
    let ready = unready.is_empty() && !pod.is_finished() && conditions.initialized;
    let held_back = pod.spec.readiness_gates.iter().find(|gate| {
        pod.condition(&gate.condition)
            .is_none_or(|condition| &*condition.status != "True")
    });
    let (initialized, none) = (conditions.initialized, Text::default());
    let sandbox = ("PodReadyToStartContainers", conditions.sandbox);
    let mut conditions = conditions_of(pod);
    set(&mut conditions, sandbox.0, sandbox.1, "", none.clone(), now);
    let (reason, text) = if initialized {
        ("", none.clone())
    } else {
        let waiting: Vec<&str> = pod
            .spec
            .init_containers
            .iter()
            .map(|it| &*it.name)
            .collect();
        (
            "ContainersNotInitialized",
            format!("containers with incomplete status: [{}]", waiting.join(" ")).into(),
        )
    };
    set(
        &mut conditions,
        "Initialized",
        initialized,
        reason,
        text,
        now,
    );
    let (reason, message) = if ready {
        ("", none)
    } else {
        let say = |names: &str| concat(&["containers with unready status: [", names, "]"]);
        let message = match &*unready {
            [one] => say(one),
            all => say(&all.join(" ")),
        };
        ("ContainersNotReady", message)
    };
    match held_back.filter(|_| ready) {
        Some(gate) => {
            let text = format!(
                "corresponding condition of pod readiness gate {:?} does not exist.",
                gate.condition
            );
            let reason = "ReadinessGatesNotReady";
            set(&mut conditions, "Ready", false, reason, text.into(), now);
        }
        None => set(
            &mut conditions,
            "Ready",
            ready,
            reason,
            message.clone(),
            now,
        ),
    }
    let kind = "ContainersReady";
    set(&mut conditions, kind, ready, reason, message, now);
    sort_conditions(&mut conditions);
    if *conditions != *pod.status.conditions {
        pod.status_mut().conditions = conditions.into();
    }
}

/// The kubelet's first status: it has seen the pod.
pub fn set_creating(pod: &mut Pod, node: Option<&Node>, now: Time) {
    let pods_init = !pod.spec.init_containers.is_empty();
    let reason = if pods_init {
        "PodInitializing"
    } else {
        "ContainerCreating"
    };
    let status = Rc::make_mut(&mut pod.status);
    status.phase = PodPhase::Pending;
    status.start_time.get_or_insert(now.whole_seconds());
    if let Some(address) = node.and_then(|node| node.address("InternalIP")) {
        status.host_ip = address.clone();
    }
    let show = |containers: &[Container], reason: &str| {
        let statuses = containers.iter().map(|it| waiting(it, reason));
        statuses.collect()
    };
    status.container_statuses = show(&pod.spec.containers, reason);
    status.init_container_statuses = show(&pod.spec.init_containers, "PodInitializing");
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
    pod.status_mut().container_statuses = statuses.into();
}

/// Gives a pod its address.
pub fn set_address(status: &mut PodStatus, ip: Text) {
    status.pod_ips = Rc::new([PodIp {
        ip: ip.clone(),
        ..PodIp::default()
    }]);
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
    pod.status_mut().phase = PodPhase::Running;
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
