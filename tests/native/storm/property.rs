//! What must hold in every storm, checked record by record.

use std::collections::{BTreeMap, BTreeSet};

use ordinal::cluster::log::Log;
use ordinal::cluster::object::{Object, Pod, StatefulSet};
use ordinal::cluster::record::{Component, Record, Verb, Write};
use ordinal::cluster::value::Text;

/// A property that does not hold, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Its name.
    pub property: &'static str,
    /// What happened.
    pub what: String,
}

fn broken(property: &'static str, what: String) -> Result<(), Broken> {
    Err(Broken { property, what })
}

/// One pod as the records tell of it.
#[derive(Clone, Debug)]
struct Seen {
    uid: Text,
    pod: Pod,
    /// The set's controller asked for its end.
    leaves_by_hand: bool,
}

/// Follows the records of a cluster.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    at: usize,
    pods: BTreeMap<(Text, Text), Seen>,
    uids: BTreeSet<Text>,
    sets: BTreeMap<(Text, Text), StatefulSet>,
    /// Claims, by namespace and name: the volume that they are bound to.
    volumes: BTreeMap<(Text, Text), (Text, Text)>,
    /// Sets whose retention policy has been anything but Retain.
    deletes: BTreeSet<(Text, Text)>,
}

impl Watch {
    /// Looks at what was written since it last looked.
    pub(super) fn follow(&mut self, log: &Log) -> Result<(), Broken> {
        while let Some(record) = log.get(self.at) {
            self.at += 1;
            if let Some(write) = record.write() {
                self.look(record, write)?;
            }
        }
        Ok(())
    }

    fn look(&mut self, record: &Record, write: &Write) -> Result<(), Broken> {
        let meta = write.object.meta();
        let key = (meta.namespace.clone(), meta.name.clone());
        match &*write.object {
            Object::Pod(pod) => self.pod(record, write, key, pod),
            Object::StatefulSet(set) => {
                if set.spec.deletes_when_deleted() || set.spec.deletes_when_scaled() {
                    self.deletes.insert(key.clone());
                }
                if write.verb == Verb::Removed {
                    self.sets.remove(&key);
                } else {
                    self.sets.insert(key, set.clone());
                }
                Ok(())
            }
            Object::PersistentVolumeClaim(claim) => {
                let volume = &claim.spec.volume_name;
                let bound = (claim.meta.uid.clone(), volume.clone());
                if write.verb == Verb::Removed {
                    self.volumes.remove(&key);
                } else if !volume.is_empty() {
                    let before = self.volumes.insert(key.clone(), bound.clone());
                    if before.is_some_and(|it| it.0 == bound.0 && it != bound) {
                        return broken(
                            "same_claim_same_volume",
                            format!("{} went to {volume}", key.1),
                        );
                    }
                }
                self.retained(record, write, &key)
            }
            _ => Ok(()),
        }
    }

    /// A claim under Retain is never deleted by a controller.
    fn retained(&self, record: &Record, write: &Write, key: &(Text, Text)) -> Result<(), Broken> {
        let by_hand = [
            Component::User,
            Component::Namespace,
            Component::ClaimProtection,
        ];
        if !matches!(write.verb, Verb::Deleting | Verb::Removed) || by_hand.contains(&record.author)
        {
            return Ok(());
        }
        let set = key.1.rsplit_once('-').map_or("", |(parent, _)| parent);
        let set = set.split_once('-').map_or("", |(_, set)| set);
        if self.deletes.contains(&(key.0.clone(), Text::from(set))) {
            return Ok(());
        }
        broken(
            "retained_claims_stay",
            format!("{} {} {}", record.author, write.verb.name(), key.1),
        )
    }

    fn pod(
        &mut self,
        record: &Record,
        write: &Write,
        key: (Text, Text),
        pod: &Pod,
    ) -> Result<(), Broken> {
        let by_controller = record.author == Component::StatefulSet;
        match write.verb {
            Verb::Created => {
                if self.pods.contains_key(&key) || !self.uids.insert(pod.meta.uid.clone()) {
                    return broken(
                        "at_most_one_pod_per_identity",
                        format!("a second {}", key.1),
                    );
                }
                if by_controller {
                    self.made_in_order(record, pod)?;
                    made_with_its_claims(pod)?;
                }
            }
            Verb::Deleting if by_controller => self.one_at_a_time(pod)?,
            _ => {}
        }
        if write.verb == Verb::Removed {
            if by_controller {
                // A pod without a node goes in one step.
                self.one_at_a_time(write.before.as_deref().and_then(of_pod).unwrap_or(pod))?;
            }
            self.pods.remove(&key);
            return Ok(());
        }
        let known = self.pods.get(&key);
        let left = known.is_some_and(|it| it.uid == pod.meta.uid && it.leaves_by_hand);
        let seen = Seen {
            uid: pod.meta.uid.clone(),
            pod: pod.clone(),
            leaves_by_hand: left || (by_controller && write.verb == Verb::Deleting),
        };
        self.pods.insert(key, seen);
        Ok(())
    }

    /// The set that a pod belongs to, if it is ordered.
    fn ordered_set(&self, pod: &Pod) -> Option<&StatefulSet> {
        let owner = pod.meta.controller()?;
        let set = self
            .sets
            .get(&(pod.meta.namespace.clone(), owner.name.clone()))?;
        (set.meta.uid == owner.uid && set.spec.is_monotonic()).then_some(set)
    }

    fn others<'a>(
        &'a self,
        set: &'a StatefulSet,
        pod: &'a Pod,
    ) -> impl Iterator<Item = (i32, &'a Seen)> {
        let own = self
            .pods
            .values()
            .filter(|it| it.pod.meta.is_controlled_by(&set.meta.uid));
        let others = own.filter(|it| it.uid != pod.meta.uid);
        others.filter_map(|it| Some((it.pod.parent_and_ordinal()?.1, it)))
    }

    /// Under OrderedReady no pod is made while a lower one in range is missing or unavailable.
    fn made_in_order(&self, record: &Record, pod: &Pod) -> Result<(), Broken> {
        let (Some(set), Some((_, ordinal))) = (self.ordered_set(pod), pod.parent_and_ordinal())
        else {
            return Ok(());
        };
        let name = "ordered_pods_are_made_in_order";
        for lower in (set.spec.start()..ordinal).filter(|it| set.spec.has_ordinal(*it)) {
            let min_ready_s = i64::from(set.spec.min_ready_s);
            let available = |it: &Seen| {
                let pod = &it.pod;
                pod.is_running_and_ready()
                    && pod.is_available(min_ready_s, record.time)
                    && !pod.meta.is_deleting()
            };
            let below = self.others(set, pod).find(|(other, _)| *other == lower);
            if !below.is_some_and(|(_, it)| available(it)) {
                return broken(
                    name,
                    format!("{} was made before {lower} is available", pod.meta.name),
                );
            }
        }
        Ok(())
    }

    /// Under OrderedReady no two pods go at once by the controller's hand.
    ///
    /// Two exceptions are upstream's own (reference 2.5): a pod that has ended is replaced at once, and a scale-down
    /// takes its highest pod while a lower one is still being replaced by an update.
    fn one_at_a_time(&self, pod: &Pod) -> Result<(), Broken> {
        let Some(set) = self.ordered_set(pod) else {
            return Ok(());
        };
        if pod.is_finished() {
            return Ok(());
        }
        let ordinal = pod.parent_and_ordinal().map_or(0, |(_, it)| it);
        let is_condemned = !set.spec.has_ordinal(ordinal);
        let mut leaving = self.others(set, pod).filter(|(other, it)| {
            it.leaves_by_hand && !it.pod.is_finished() && !(is_condemned && *other < ordinal)
        });
        match leaving.next() {
            Some((_, other)) => broken(
                "ordered_pods_go_one_at_a_time",
                format!("{} goes while {} does", pod.meta.name, other.pod.meta.name),
            ),
            None => Ok(()),
        }
    }
}

fn of_pod(object: &Object) -> Option<&Pod> {
    match object {
        Object::Pod(pod) => Some(pod),
        _ => None,
    }
}

/// Same ordinal, same claim.
fn made_with_its_claims(pod: &Pod) -> Result<(), Broken> {
    for (volume, claim) in pod.claims() {
        let wanted = format!("{volume}-{}", pod.meta.name);
        if **claim != *wanted {
            return broken(
                "same_ordinal_same_claim",
                format!("{} mounts {claim}", pod.meta.name),
            );
        }
    }
    Ok(())
}
