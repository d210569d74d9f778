//! What a pod needs before its containers can start: claims, ConfigMaps, Secrets, and its volumes on its node.

use crate::cluster::api::Api;
use crate::cluster::large::LargeMap;
use crate::cluster::lookup::Lookup;
use crate::cluster::object::pod_spec::Container;
use crate::cluster::object::{Kind, Node, ObjectKey, PersistentVolumeClaim, Pod, PodPhase};
use crate::cluster::sorted::SortedMap;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// Why a pod's volumes cannot be mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// An object is missing; the kubelet's event.
    Missing {
        /// The object.
        object: ObjectKey,
        /// The event's message.
        message: String,
    },
    /// A volume is attached to another node; the attach/detach controller's event.
    Attached {
        /// The volume.
        volume: Text,
        /// The event's message.
        message: String,
    },
}

/// What keeps a pod's volumes from being mounted.
pub(super) fn check(pod: &Pod, attached: &Attachments, api: &Api) -> Option<Blocked> {
    let namespace = &pod.meta.namespace;
    for volume in pod.spec.volumes.iter() {
        let name = &volume.name;
        let sources = [
            (
                volume.config_map.as_ref().map(|it| (&it.name, it.optional)),
                Kind::ConfigMap,
            ),
            (
                volume
                    .secret
                    .as_ref()
                    .map(|it| (&it.secret_name, it.optional)),
                Kind::Secret,
            ),
        ];
        for (source, kind) in sources {
            let Some((object, optional)) = source else {
                continue;
            };
            if optional != Some(true) && api.store.get(kind, namespace, object).is_none() {
                let word = kind.name().to_ascii_lowercase();
                let message = format!(
                    "MountVolume.SetUp failed for volume \"{name}\" : {word} \"{object}\" not found"
                );
                let object = ObjectKey::new(kind, namespace.clone(), object.clone());
                return Some(Blocked::Missing { object, message });
            }
        }
    }
    pod.claims()
        .find_map(|(_, claim)| check_claim(pod, claim, attached, api))
}

fn check_claim(pod: &Pod, claim: &Text, attached: &Attachments, api: &Api) -> Option<Blocked> {
    let namespace = &pod.meta.namespace;
    let key = ObjectKey::new(
        Kind::PersistentVolumeClaim,
        namespace.clone(),
        claim.clone(),
    );
    let Some(found) = api.store.find::<PersistentVolumeClaim>(namespace, claim) else {
        let message = format!(
            "Unable to attach or mount volumes: error processing PVC {namespace}/{claim}: failed to fetch PVC from API \
             server: persistentvolumeclaims \"{claim}\" not found"
        );
        return Some(Blocked::Missing {
            object: key,
            message,
        });
    };
    if found.spec.volume_name.is_empty() {
        let message = format!(
            "Unable to attach or mount volumes: error processing PVC {namespace}/{claim}: PVC is not bound"
        );
        return Some(Blocked::Missing {
            object: key,
            message,
        });
    }
    let many = found
        .spec
        .access_modes
        .iter()
        .any(|mode| matches!(&**mode, "ReadWriteMany" | "ReadOnlyMany"));
    if many {
        return None;
    }
    attached.refuse(&found.spec.volume_name, &pod.spec.node_name, api)
}

/// Which node each volume that only one node may have is attached to, and for which pods.
///
/// Stands for the attach/detach controller. A volume that a silent node still has is taken from it only after a
/// while, or when an admin says that the node is off ([`Node::is_out_of_service`]).
#[derive(Clone, Debug, Default)]
pub(super) struct Attachments {
    by_volume: LargeMap<Text, Attachment>,
    by_pod: Lookup<Text, Vec<Text>>,
}

#[derive(Clone, Debug, Default)]
struct Attachment {
    node: Text,
    /// Names of the pods that use it, by uid.
    pods: SortedMap<Text, Text>,
    /// When it is taken away, once none of its pods is left.
    forced_at: Option<Time>,
}

impl Attachments {
    /// Attaches the volumes of a pod to its node.
    pub(super) fn attach(&mut self, pod: &Pod, api: &Api) {
        let (uid, node) = (&pod.meta.uid, &pod.spec.node_name);
        for (_, claim) in pod.claims() {
            let found = api
                .store
                .find::<PersistentVolumeClaim>(&pod.meta.namespace, claim);
            let Some(volume) = found.map(|claim| claim.spec.volume_name.clone()) else {
                continue;
            };
            let slot = self.by_volume.or_default(volume.clone());
            if slot.node != *node {
                *slot = Attachment {
                    node: node.clone(),
                    ..Attachment::default()
                };
            }
            slot.pods.insert(uid.clone(), pod.meta.name.clone());
            self.by_pod.or_default(uid.clone()).push(volume);
        }
    }

    /// Detaches what a pod had attached.
    pub(super) fn detach(&mut self, uid: &str) {
        for volume in self.by_pod.remove(uid).unwrap_or_default() {
            if let Some(slot) = self.by_volume.get_mut(&volume) {
                slot.pods.remove(uid);
                if slot.pods.is_empty() {
                    self.by_volume.remove(&volume);
                }
            }
        }
    }

    /// A pod is gone, but its node does not answer: what it had stays attached for a while.
    pub(super) fn abandon(&mut self, uid: &str, api: &Api) {
        let until = api.now.plus_ms(api.config.latency.force_detach_ms);
        for volume in self.by_pod.get(uid).into_iter().flatten() {
            if let Some(slot) = self.by_volume.get_mut(volume) {
                slot.forced_at = Some(until);
            }
        }
    }

    /// Detaches everything from a node.
    pub(super) fn detach_node(&mut self, node: &str) {
        self.by_volume.retain(|_, slot| &*slot.node != node);
    }

    /// Where a volume is attached.
    pub(super) fn node_of(&self, volume: &str) -> Option<&Text> {
        self.by_volume.get(volume).map(|slot| &slot.node)
    }

    fn refuse(&self, volume: &Text, node: &Text, api: &Api) -> Option<Blocked> {
        let slot = self.by_volume.get(volume)?;
        let is_off = |name: &str| {
            let found = api.store.find::<Node>("", name);
            found.is_none_or(Node::is_out_of_service)
        };
        let free = |at: Time| at <= api.now || is_off(&slot.node);
        if slot.node == *node || slot.forced_at.is_some_and(free) {
            return None;
        }
        let names: Vec<&str> = slot.pods.values().map(|name| &**name).collect();
        let message = format!(
            "Multi-Attach error for volume \"{volume}\" Volume is already used by pod(s) {}",
            names.join(", ")
        );
        Some(Blocked::Attached {
            volume: volume.clone(),
            message,
        })
    }
}

/// What a container's environment lacks, in the kubelet's words.
pub(super) fn check_environment(pod: &Pod, container: &Container, api: &Api) -> Option<String> {
    let namespace = &pod.meta.namespace;
    let has = |kind: Kind, name: &str| api.store.get(kind, namespace, name);
    for source in &container.env_from {
        for (reference, kind) in [
            (&source.config_map, Kind::ConfigMap),
            (&source.secret, Kind::Secret),
        ] {
            if let Some(it) = reference.as_ref().filter(|it| it.optional != Some(true))
                && has(kind, &it.name).is_none()
            {
                return Some(format!(
                    "{} \"{}\" not found",
                    kind.name().to_ascii_lowercase(),
                    it.name
                ));
            }
        }
    }
    for source in container.env.iter().filter_map(|it| it.value_from.as_ref()) {
        for (reference, kind) in [
            (&source.config_map_key, Kind::ConfigMap),
            (&source.secret_key, Kind::Secret),
        ] {
            let Some(it) = reference.as_ref().filter(|it| it.optional != Some(true)) else {
                continue;
            };
            let word = kind.name().to_ascii_lowercase();
            let Some(object) = has(kind, &it.name) else {
                return Some(format!("{word} \"{}\" not found", it.name));
            };
            let held = match &**object {
                crate::cluster::object::Object::Plain(plain) => {
                    plain.at(&["data", &it.key]).is_some()
                        || plain.at(&["binaryData", &it.key]).is_some()
                }
                _ => false,
            };
            if !held {
                let shown = if kind == Kind::ConfigMap {
                    "ConfigMap"
                } else {
                    "Secret"
                };
                return Some(format!(
                    "couldn't find key {} in {shown} {namespace}/{}",
                    it.key, it.name
                ));
            }
        }
    }
    None
}

/// Why a node's kubelet turns a pod away that came to it without the scheduler.
pub(super) fn turn_away(pod: &Pod, api: &Api) -> Option<(&'static str, String)> {
    let ports: Vec<_> = super::super::scheduler::host_ports(pod).collect();
    if ports.is_empty() {
        return None;
    }
    let others = api
        .store
        .pods_on(&pod.spec.node_name)
        .filter_map(|(namespace, name)| api.store.find::<Pod>(namespace, name));
    let mut running =
        others.filter(|it| it.meta.uid != pod.meta.uid && it.status.phase == PodPhase::Running);
    let clash =
        running.any(|it| super::super::scheduler::host_ports(it).any(|port| ports.contains(&port)));
    clash.then(|| {
        let text = "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
        ("NodePorts", text.to_owned())
    })
}
