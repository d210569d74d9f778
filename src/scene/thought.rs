//! Who acted last, and what was done.

use crate::cluster::log::Log;
use crate::cluster::object::claim::ClaimPhase;
use crate::cluster::object::{Kind, Object};
use crate::cluster::record::{Component, Part, Stop, Verb, What, Write};
use crate::cluster::value::Text;
use crate::kubectl::status::{pod_ready, pod_status};
use crate::timeline::{View, last_deed};

/// One deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thought {
    /// Milliseconds since the log's epoch.
    pub time_ms: i64,
    /// Its number in the log.
    pub at: usize,
    /// Who.
    pub who: Component,
    /// The node of the kubelet that acted; empty for others.
    pub node: Text,
    /// The object's kind.
    pub kind: Kind,
    /// The object's namespace; empty if its kind has none.
    pub namespace: Text,
    /// The object's name.
    pub name: Text,
    /// What.
    pub deed: Deed,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It was made.
    Creates,
    /// It changed.
    Updates,
    /// Its deletion was asked for.
    Deletes,
    /// It is gone.
    Removes,
    /// A pod got a node.
    Binds(Text),
    /// A pod's status changed: kubectl's STATUS and READY.
    Reports {
        /// The STATUS word.
        word: Text,
        /// Ready containers, and all.
        ready: (usize, usize),
        /// Whether the condition Ready is True.
        is_ready: bool,
    },
    /// A claim got its volume.
    Joins(Text),
    /// The number of replicas changed.
    Scales(i32, i32),
    /// A status was counted anew.
    Counts,
    /// Nothing more is done.
    Waits(Stop),
}

pub(super) fn of(view: &View, log: &Log) -> Option<Thought> {
    thought_at(log, last_deed(log, view.at)?.0)
}

/// What the record at a position says.
pub fn thought_at(log: &Log, at: usize) -> Option<Thought> {
    let record = log.get(at)?;
    let (key, node, deed) = match &record.what {
        What::Stopped(stopped) => {
            let waits = Deed::Waits(stopped.reason.clone());
            (stopped.key.clone(), Text::default(), waits)
        }
        What::Wrote(write) => {
            let node = match &*write.object {
                Object::Pod(pod) if record.author == Component::Kubelet => {
                    pod.spec.node_name.clone()
                }
                _ => Text::default(),
            };
            (write.object.key(), node, deed(write))
        }
    };
    Some(Thought {
        time_ms: record.time.0,
        at,
        who: record.author,
        node,
        kind: key.kind,
        namespace: key.namespace,
        name: key.name,
        deed,
    })
}

fn deed(write: &Write) -> Deed {
    match (
        write.verb,
        write.part,
        &*write.object,
        write.before.as_deref(),
    ) {
        (Verb::Created, ..) => Deed::Creates,
        (Verb::Deleting, ..) => Deed::Deletes,
        (Verb::Removed, ..) => Deed::Removes,
        (_, Part::Binding, Object::Pod(pod), _) => Deed::Binds(pod.spec.node_name.clone()),
        (_, Part::Status, Object::Pod(pod), _) => Deed::Reports {
            word: pod_status(pod),
            ready: pod_ready(pod),
            is_ready: pod.has_ready_condition(),
        },
        (
            _,
            Part::Status,
            Object::PersistentVolumeClaim(claim),
            Some(Object::PersistentVolumeClaim(before)),
        ) if claim.phase() == ClaimPhase::Bound && before.phase() != ClaimPhase::Bound => {
            Deed::Joins(claim.spec.volume_name.clone())
        }
        (_, _, Object::StatefulSet(now), Some(Object::StatefulSet(before)))
            if now.spec.replicas() != before.spec.replicas() =>
        {
            Deed::Scales(before.spec.replicas(), now.spec.replicas())
        }
        (_, Part::Status, ..) => Deed::Counts,
        _ => Deed::Updates,
    }
}
