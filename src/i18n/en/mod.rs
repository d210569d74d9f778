//! English.

mod about;
mod closer;
mod console;
mod pane;

use super::{Broken, Messages, Panes};
use crate::cluster::record::{Component, Stop};
use crate::cluster::time::Time;
use crate::scene::{Column, Deed, Look, PodCard, Shelf, Thought};

pub(super) const MESSAGES: Messages = Messages {
    tagline: "watch a StatefulSet think",
    simulates: |version| format!("simulates Kubernetes {version}"),
    manifest: "Manifest",
    manifest_label: "Manifest to apply: YAML, several documents are separated by ---",
    apply: "Apply",
    answer: "kubectl answered",
    not_acted_on: |count| match count {
        1 => "1 field is kept and not acted on".to_owned(),
        count => format!("{count} fields are kept and not acted on"),
    },
    not_acted_on_means: "The simulated cluster stores and shows these fields, but nothing here depends on them.",
    line: |line| format!("line {line}"),
    stage: "Cluster",
    stage_empty: "Nothing runs yet. Apply a manifest and watch who does what.",
    row_name: ("Name", "stays for ever"),
    row_pod: ("Pod", "comes and goes"),
    row_claim: ("Claim and volume", "stay with the name"),
    ready_of: |shelf: &Shelf| format!("{} of {} ready", shelf.ready, shelf.replicas),
    revision: |name| format!("revision {name}"),
    set_deleting: "being deleted",
    set_gone: "deleted; this is what is left of it",
    service: |name, headless| match headless {
        Some(true) => format!("Service {name} · headless"),
        Some(false) => format!("Service {name} · has an address of its own"),
        None => format!("Service {name} does not exist"),
    },
    scale_down: |name| format!("Scale {name} down by one"),
    scale_up: |name| format!("Scale {name} up by one"),
    replicas: "replicas",
    delete_pod: |name| format!("Delete pod {name}"),
    columns: |name| format!("The ordinals of {name}: identity, pod, claim and volume"),
    image_of: |container| format!("image of {container}"),
    set_image: "Set image",
    scaled_away: "scaled away",
    no_pod: "no pod",
    beyond_replicas: |replicas| format!("beyond replicas: {replicas}"),
    end_unknown: "told to end; it stays until its node says that it has, or it is deleted by force",
    starting: "its kubelet pulls the image and starts it",
    not_ready_yet: "it runs, and is not Ready yet",
    not_made_yet: "not made yet",
    not_made_because: |stop| format!("not made yet: {}", waits(stop)),
    no_ip: "no IP yet",
    no_node: "no node yet",
    life,
    grace_left: |seconds| format!("{seconds} s of grace left"),
    restarts: |count| match count {
        1 => "1 restart".to_owned(),
        count => format!("{count} restarts"),
    },
    no_claim: "no claim",
    claim_not_made: "no claim yet",
    no_volume: "no volume yet",
    column,
    undrawn: |count| format!("… and {count} more ordinals of which nothing exists yet"),
    files: "Files",
    files_more: |count| format!("and {count} more"),
    nodes: "Nodes",
    node: |name, word, pods| match pods {
        1 => format!("{name}: {word}, 1 pod"),
        pods => format!("{name}: {word}, {pods} pods"),
    },
    no_identity: "pods without an identity",
    bare_pods: "Pods that no controller keeps",
    who,
    component,
    did,
    waits,
    nobody_acted: "Nobody has anything to do.",
    pane: &pane::PANE,
    closer: &closer::CLOSER,
    about: &about::ABOUT,
    time: "Time",
    play: "Play",
    pause: "Pause",
    step: "Step to the next record",
    step_back: "Step back to the record before",
    moment: "The moment that is shown",
    undo: "Take back",
    present: "Present",
    overview: |name| format!("All ordinals of {name}; choose one to see its column"),
    loose: "Beside the shelf",
    disk_without_claim: "volume without a claim",
    used_by: |users| match users {
        0 => "used by no pod".to_owned(),
        1 => "used by 1 pod".to_owned(),
        users => format!("used by {users} pods at once"),
    },
    speed: "Speed",
    start_again: "Start again",
    waking: "Starting the cluster…",
    nothing_ahead: "Nothing more will happen by itself.",
    panes: &Panes {
        title: "Panes beside the stage",
        manifest: "Show the manifest",
        terminals: "Show all of the terminals",
        why: "Show why",
    },
    console: &console::CONSOLE,
    theme: "Switch between light and dark",
    broken: &Broken {
        title: "Ordinal has broken",
        text: "This is a fault of the program, not yours. Your manifest and everything that you did are below: copy them \
               before you start again, and please report them.",
        manifest: "Manifest",
        log: "Log of actions",
        error: "Error",
        copy: "Copy all of it",
        copied: "Copied.",
        not_copied: "The browser does not allow copying: select the text and copy it by hand.",
        restart: "Start again",
    },
};

fn life(pod: &PodCard) -> String {
    let ordinal = match (pod.life % 10, pod.life % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    let life = format!("{}{ordinal} life", pod.life);
    match &pod.was_ip {
        Some(ip) => format!("{life} · was {ip}"),
        None => life,
    }
}

fn look(look: Look) -> &'static str {
    match look {
        Look::Pending => "Pending",
        Look::Creating => "being created",
        Look::NotReady => "running, not ready",
        Look::Ready => "Ready",
        Look::Terminating => "Terminating",
        Look::Failed => "failed",
        Look::Succeeded => "Completed",
        Look::Unknown => "unknown: its node does not answer",
    }
}

fn column(column: &Column) -> String {
    let mut out = column.name.to_string();
    if !column.in_range {
        out.push_str(", scaled away");
    }
    match &column.pod {
        None => out.push_str(": no pod"),
        Some(pod) => {
            out.push_str(&format!(": {}, {}", pod.word, look(pod.look)));
            if !pod.node.is_empty() {
                out.push_str(&format!(", on {}", pod.node));
            }
        }
    }
    for claim in &column.claims {
        out.push_str(&format!("; claim {} {}", claim.name, claim.word));
    }
    out
}

fn who(thought: &Thought) -> String {
    if thought.who == Component::Kubelet && !thought.node.is_empty() {
        return format!("Kubelet on {}", thought.node);
    }
    component(thought.who).to_owned()
}

fn component(who: Component) -> &'static str {
    match who {
        Component::User => "You",
        Component::ApiServer => "API server",
        Component::Scheduler => "Scheduler",
        Component::Kubelet => "Kubelet",
        Component::Provisioner => "Provisioner",
        Component::StatefulSet => "StatefulSet controller",
        Component::ReplicaSet => "ReplicaSet controller",
        Component::Deployment => "Deployment controller",
        Component::VolumeBinder => "Volume binder",
        Component::ClaimProtection => "Claim protection",
        Component::VolumeProtection => "Volume protection",
        Component::VolumeExpander => "Volume expander",
        Component::AttachDetach => "Attach and detach controller",
        Component::EndpointSlice => "EndpointSlice controller",
        Component::Endpoints => "Endpoints controller",
        Component::GarbageCollector => "Garbage collector",
        Component::NodeLifecycle => "Node lifecycle controller",
        Component::TaintEviction => "Taint eviction controller",
        Component::PodCollector => "Pod garbage collector",
        Component::Namespace => "Namespace controller",
        Component::ServiceAccount => "ServiceAccount controller",
        Component::Disruption => "Disruption controller",
    }
}

fn did(thought: &Thought) -> String {
    let you = thought.who == Component::User;
    let object = format!("{} {}", thought.kind.name(), thought.name);
    let verb = |theirs: &str| {
        if you {
            theirs.strip_suffix('s').unwrap_or(theirs).to_owned()
        } else {
            theirs.to_owned()
        }
    };
    match &thought.deed {
        Deed::Creates => format!("{} {object}", verb("creates")),
        Deed::Updates => format!("{} {object}", verb("updates")),
        Deed::Deletes => format!("{} for the deletion of {object}", verb("asks")),
        Deed::Removes => format!("{} {object}: it is gone", verb("removes")),
        Deed::Binds(node) => format!("{} {object} on {node}", verb("puts")),
        Deed::Reports {
            word,
            ready,
            is_ready,
        } => {
            let is_ready = if *is_ready { ", Ready" } else { "" };
            format!(
                "{} {object}: {word} {}/{}{is_ready}",
                verb("reports"),
                ready.0,
                ready.1
            )
        }
        Deed::Joins(volume) => format!("{} {object} to volume {volume}", verb("binds")),
        Deed::Scales(from, to) => format!("{} {object} from {from} to {to}", verb("scales")),
        Deed::Counts => format!("{} the status of {object}", verb("updates")),
        Deed::Waits(Stop::Done) => format!("has nothing more to do for {object}"),
        Deed::Waits(stop) => format!("waits at {object}: {}", waits(stop)),
    }
}

fn clock(time: Time) -> String {
    let [_, _, _, hour, minute, second, _] = time.civil();
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn waits(stop: &Stop) -> String {
    match stop {
        Stop::PodNotReady(pod) => {
            format!("{pod} is not Running and Ready, and it goes one ordinal at a time")
        }
        Stop::PodNotAvailable(pod, None) => format!("{pod} is not available yet"),
        Stop::PodNotAvailable(pod, Some(at)) => {
            format!(
                "{pod} is Ready, and available only at {} (minReadySeconds)",
                clock(*at)
            )
        }
        Stop::PodTerminating(pod) => {
            format!("{pod} is still terminating, and a name is never carried by two pods")
        }
        Stop::PodDeleted(pod) => {
            format!("it has asked for the deletion of {pod} and waits until it is gone")
        }
        Stop::PodCreated(pod) => {
            format!("it has made {pod} and waits until it is Running and Ready")
        }
        Stop::StaleClaim(claim) => {
            format!("the claim {claim} of an earlier pod is still being deleted")
        }
        Stop::Refused(refusal) => format!(
            "the API server refused {}: {}",
            refusal.object, refusal.message
        ),
        Stop::BeingDeleted => {
            "the set is being deleted, and its controller touches no pod of it".to_owned()
        }
        Stop::OnDelete(outdated) => format!(
            "{} of an old revision: with OnDelete they are replaced only when you delete them",
            pods(outdated.0)
        ),
        Stop::Partition(partition, outdated) => format!(
            "{} of an old revision below the partition {partition} stay as they are",
            pods(outdated.0)
        ),
        Stop::Done => "everything is as it was asked for".to_owned(),
        Stop::NoVolume => "no volume fits, and without a class none is made".to_owned(),
        Stop::NoClass(class) => format!("there is no StorageClass {class}"),
        Stop::FirstConsumer => "waits until a pod that uses it has a node".to_owned(),
        Stop::Provisioning(provisioner) => format!("waits for {provisioner} to make its volume"),
        Stop::VolumeUnfit(volume) => format!("the volume {volume} is missing or does not fit"),
        Stop::InUse(users) => format!("still in use by {}", users.join(", ")),
        Stop::Dependents(count) => format!("{count} objects that depend on it must go first"),
        Stop::Unschedulable(message) => message.to_string(),
        Stop::Missing(key) => format!("{} {} does not exist", key.kind.name(), key.name),
        Stop::ImagePull(image) => format!("the image {image} cannot be pulled"),
        Stop::BackOff(until) => format!(
            "its container ended and is started again at {}",
            clock(*until)
        ),
        Stop::ProbeFails => "its readiness probe fails".to_owned(),
        Stop::Attached(volume) => format!("the volume {volume} is still attached to another node"),
        Stop::NodeSilent(node) => format!("{node} does not answer"),
    }
}

fn pods(count: i32) -> String {
    match count {
        1 => "1 pod".to_owned(),
        count => format!("{count} pods"),
    }
}
