//! What can be done by hand on the stage, as the command that it is.

use super::script;
use crate::cluster::object::{Kind, ObjectKey, StatefulSet};
use crate::cluster::store::Store;
use crate::cluster::value::Text;
use crate::scene::Place;

/// Something that a person does to the cluster by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Changes the number of replicas of a set by so many.
    Scale(Place, i32),
    /// Deletes a pod; at once and unconfirmed if forced.
    DeletePod(Place, Force),
    /// Deletes a set.
    DeleteSet(Place, Cascade),
    /// Gives a container of a set an image.
    SetImage {
        /// The set.
        set: Place,
        /// The container.
        container: Text,
        /// The image.
        image: String,
    },
    /// Deletes a claim.
    DeleteClaim(Place),
    /// Keeps new pods off a node.
    Cordon(Text),
    /// Lets them on it again.
    Uncordon(Text),
    /// Evicts the pods of a node.
    Drain(Text),
    /// Stops the kubelet of a node.
    Silence(Text),
    /// Starts it again.
    Revive(Text),
}

/// Whether a pod's deletion is confirmed by its kubelet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// It is, after its grace period.
    No,
    /// The name is free at once.
    Yes,
}

/// What becomes of a set's pods when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cascade {
    /// They are deleted after it.
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay.
    Orphan,
}

impl Cascade {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Background, Self::Foreground, Self::Orphan];

    /// The word that `--cascade` takes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Foreground => "foreground",
            Self::Orphan => "orphan",
        }
    }
}

impl Deed {
    /// The command line for who works in a namespace, if that is known; `None` if what it is about is not there.
    pub fn command(&self, store: &Store, current: Option<&str>) -> Option<String> {
        let in_namespace = |place: &Place| match &*place.namespace {
            namespace if Some(namespace) == current => String::new(),
            namespace => format!(" -n {namespace}"),
        };
        Some(match self {
            Self::Scale(place, by) => {
                let set = store.find::<StatefulSet>(&place.namespace, &place.name)?;
                let replicas = set.spec.replicas().saturating_add(*by).max(0);
                let name = &place.name;
                format!(
                    "kubectl scale statefulset {name} --replicas={replicas}{}",
                    in_namespace(place)
                )
            }
            Self::DeletePod(pod, force) => {
                let force = match force {
                    Force::No => "",
                    Force::Yes => " --grace-period=0 --force",
                };
                format!(
                    "kubectl delete pod {}{force}{}",
                    pod.name,
                    in_namespace(pod)
                )
            }
            Self::DeleteSet(set, cascade) => format!(
                "kubectl delete statefulset {} --cascade={}{}",
                set.name,
                cascade.as_str(),
                in_namespace(set)
            ),
            Self::SetImage {
                set,
                container,
                image,
            } => format!(
                "kubectl set image statefulset/{} {}{}",
                set.name,
                script::word(&format!("{container}={}", image.trim())),
                in_namespace(set)
            ),
            Self::DeleteClaim(claim) => {
                format!("kubectl delete pvc {}{}", claim.name, in_namespace(claim))
            }
            Self::Cordon(node) => format!("kubectl cordon {node}"),
            Self::Uncordon(node) => format!("kubectl uncordon {node}"),
            Self::Drain(node) => {
                format!("kubectl drain {node} --ignore-daemonsets --delete-emptydir-data")
            }
            Self::Silence(node) => format!("@silence {node}"),
            Self::Revive(node) => format!("@revive {node}"),
        })
    }
}

/// What can be done with an object by hand.
pub(super) fn deeds(key: &ObjectKey) -> Vec<Deed> {
    let place = || Place {
        namespace: key.namespace.clone(),
        name: key.name.clone(),
    };
    let node = || key.name.clone();
    match key.kind {
        Kind::Pod => vec![
            Deed::DeletePod(place(), Force::No),
            Deed::DeletePod(place(), Force::Yes),
        ],
        Kind::StatefulSet => Cascade::ALL
            .into_iter()
            .map(|cascade| Deed::DeleteSet(place(), cascade))
            .collect(),
        Kind::PersistentVolumeClaim => vec![Deed::DeleteClaim(place())],
        Kind::Node => vec![
            Deed::Cordon(node()),
            Deed::Uncordon(node()),
            Deed::Drain(node()),
            Deed::Silence(node()),
            Deed::Revive(node()),
        ],
        _ => Vec::new(),
    }
}
