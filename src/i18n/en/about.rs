//! English: the About panel.

use crate::i18n::about::{About, Chapter, grouped};

pub(super) const ABOUT: About = About {
    open: "About",
    title: "What this is",
    close: "Close",
    lead: "Ordinal simulates the control plane of Kubernetes {version} around StatefulSets, inside this page. There is no \
           cluster behind it, and nothing that you do here leaves your browser.",
    chapters: CHAPTERS,
    proof: "Held to the real Kubernetes",
    proof_means: "A recording is a scenario that was played on the real etcd, kube-apiserver, kube-controller-manager and \
                  kubectl. The test run that built this page played each of them on this same engine, and after every \
                  step compared the state, the writes with their authors, their order, the events, and all that kubectl \
                  printed. Scheduler and kubelet were played by hand there: how these two act here follows Kubernetes' \
                  documentation and source.",
    summary: |proof| {
        format!(
            "{} of {} recordings of {} reproduced, {} facts compared",
            proof.reproduced(),
            proof.recordings.len(),
            proof.kubernetes,
            grouped(proof.facts())
        )
    },
    loading: "Loading the recordings …",
    not_loaded: "The list of recordings could not be loaded. Check the connection and try again.",
    retry: "Try again",
    measure: |played| {
        let steps = match played.steps {
            1 => "step",
            _ => "steps",
        };
        format!("{} {steps}, {} facts", played.steps, grouped(played.facts))
    },
    reproduced: "reproduced",
    not_reproduced: "not reproduced",
};

const CHAPTERS: &[Chapter] = &[
    Chapter {
        title: "What is simulated",
        items: &[
            (
                "API server",
                "Strict decoding, defaults, admission, validation and its refusals word by word; generations, finalizers, \
                 owners, graceful deletion.",
            ),
            ("Controllers", "{controllers}."),
            (
                "Scheduler",
                "Requests, node selectors, affinity, taints, ports and volumes, with the reasons it gives.",
            ),
            (
                "Kubelet",
                "Images, volumes, the order of containers, probes, crash loops, grace periods, a node that falls silent.",
            ),
            (
                "Storage",
                "Claims and volumes, classes, a provisioner that makes and deletes volumes, attachment to nodes.",
            ),
            (
                "Network",
                "Services, endpoints, pod addresses, the DNS records of the cluster, and requests to pods: by address, \
                 name, Service, kubectl proxy and port-forward.",
            ),
            (
                "kubectl",
                "What the terminal takes acts and prints as the real one does; what it does not take is refused by name. \
                 Its shell knows loops, pipes, redirections and variables, and says what it does not know.",
            ),
            ("Kinds", "{kinds}."),
        ],
    },
    Chapter {
        title: "What is not",
        items: &[
            (
                "Programs",
                "No container really runs, and no image is pulled from anywhere. nginx and the kubia applications answer \
                 requests; shells and small programs (ls, cat, curl, nslookup, dig …) act on a pod's own files, name and \
                 network. Of all others it is told from image, command and variables how they would behave; what is not \
                 known to end is a server.",
            ),
            (
                "Images",
                "Every image is taken to exist, unless its name or tag plainly says otherwise.",
            ),
            (
                "Packets",
                "Requests take no time and only speak HTTP, nothing answers ICMP; probes take their time and are not \
                 sent, and no network policy is checked.",
            ),
            (
                "Access",
                "You are the administrator: no RBAC, quotas, webhooks or pod security.",
            ),
            (
                "Scheduling",
                "No preemption, no priorities and no topology spread.",
            ),
            (
                "Fields",
                "What a manifest says and nobody here acts on is kept, shown again, and marked in the manifest pane.",
            ),
            (
                "Size",
                "At most {pods} pods; one API server and one of each controller, without etcd and elections.",
            ),
            ("Kinds", "Refused as “not simulated here”: {foreign}."),
        ],
    },
    Chapter {
        title: "Time, chance and privacy",
        items: &[
            (
                "The clock",
                "It is the cluster's own: at 1× a second there lasts a second here. Pausing, stepping and going back move \
                 it, and nothing else does.",
            ),
            (
                "As it is",
                "What Kubernetes itself defines: grace periods, back-offs, the periods of probes, {lost}\u{a0}s until a \
                 silent node counts as lost, {detach}\u{a0}min until its volumes may go elsewhere.",
            ),
            (
                "Made longer",
                "So that the eye can follow: the StatefulSet controller answers after {controller}\u{a0}s (really 1 to \
                 10\u{a0}ms), the scheduler after {scheduler}\u{a0}s (1 to 20\u{a0}ms).",
            ),
            (
                "Made short",
                "So that nobody waits: an image is pulled in {pull}\u{a0}s (really 1 to 120\u{a0}s), a volume made in \
                 {provision}\u{a0}s (up to 60\u{a0}s with a cloud disk), a sandbox set up in {sandbox}\u{a0}s (up to \
                 60\u{a0}s), a process that heeds SIGTERM is gone in {stop}\u{a0}s (up to its grace period).",
            ),
            (
                "Chance",
                "Deterministic: the same actions at the same times give the same cluster, down to the last byte.",
            ),
            (
                "Privacy",
                "The page asks its own host for its files, and nobody for anything else. The manifest and what you did are \
                 kept in this browser, if it allows that.",
            ),
        ],
    },
];
