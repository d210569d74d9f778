//! What must hold in every storm, checked record by record.

use std::collections::{BTreeMap, BTreeSet};

use ordinal::cluster::log::Log;
use ordinal::cluster::object::{
    Object, OwnerReference, PersistentVolumeClaim, Pod, Resource as _, StatefulSet,
};
use ordinal::cluster::record::{Component, Record, Verb, Write};
use ordinal::cluster::value::Text;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// No two pods have one name at a time, or one uid ever.
    AtMostOnePodPerIdentity,
    /// Under OrderedReady no pod is made while a lower one in range is missing or unavailable.
    OrderedPodsAreMadeInOrder,
    /// Under OrderedReady no two pods go at once by the controller's hand.
    OrderedPodsGoOneAtATime,
    /// A pod mounts the claims of its own ordinal.
    SameOrdinalSameClaim,
    /// A claim that is bound stays with its volume.
    SameClaimSameVolume,
    /// A controller deletes a claim only if all that owned it is gone or goes.
    RetainedClaimsStay,
    /// A claim gets an owner only under a policy that says so.
    ClaimsAreOwnedByPolicy,
    /// With everything mended, nobody but kubelets has anything to do after a while.
    EveryStormComesToRest,
    /// What is remembered for speed is what a plain search finds.
    IndexesFindWhatAPlainSearchFinds,
    /// The same seed and actions give the same log.
    ARepeatedStormGivesTheSameBytes,
    /// Nothing panics.
    NoPanic,
}

impl Property {
    /// All of them.
    pub(super) const ALL: [Self; 11] = [
        Self::AtMostOnePodPerIdentity,
        Self::OrderedPodsAreMadeInOrder,
        Self::OrderedPodsGoOneAtATime,
        Self::SameOrdinalSameClaim,
        Self::SameClaimSameVolume,
        Self::RetainedClaimsStay,
        Self::ClaimsAreOwnedByPolicy,
        Self::EveryStormComesToRest,
        Self::IndexesFindWhatAPlainSearchFinds,
        Self::ARepeatedStormGivesTheSameBytes,
        Self::NoPanic,
    ];
}

/// A property that does not hold, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Which.
    pub property: Property,
    /// What happened.
    pub what: String,
}

fn broken(property: Property, what: String) -> Result<(), Broken> {
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
}

impl Watch {
    /// Sees everything once more.
    pub(super) fn rewind(&mut self) {
        self.at = 0;
    }

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

    /// Looks at one write.
    pub(super) fn look(&mut self, record: &Record, write: &Write) -> Result<(), Broken> {
        let meta = write.object.meta();
        let key = (meta.namespace.clone(), meta.name.clone());
        match &*write.object {
            Object::Pod(pod) => self.pod(record, write, key, pod),
            Object::StatefulSet(set) => {
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
                            Property::SameClaimSameVolume,
                            format!("{} went to {volume}", key.1),
                        );
                    }
                }
                self.owned(record, write, claim)?;
                self.retained(record, write, claim)
            }
            _ => Ok(()),
        }
    }

    /// Whether the owner that a reference names is there, and stays.
    fn stays(&self, namespace: &Text, owner: &OwnerReference) -> bool {
        let key = (namespace.clone(), owner.name.clone());
        let meta = match &*owner.kind {
            "StatefulSet" => self.sets.get(&key).map(|it| &it.meta),
            "Pod" => self.pods.get(&key).map(|it| &it.pod.meta),
            _ => None,
        };
        meta.is_some_and(|it| it.uid == owner.uid && !it.is_deleting())
    }

    /// Only a person, the end of a namespace and what these have begun take away a claim that nobody owns, or whose
    /// owner stays.
    fn retained(
        &self,
        record: &Record,
        write: &Write,
        claim: &PersistentVolumeClaim,
    ) -> Result<(), Broken> {
        let by_hand = [
            Component::User,
            Component::Namespace,
            Component::ClaimProtection,
        ];
        if !matches!(write.verb, Verb::Deleting | Verb::Removed) || by_hand.contains(&record.author)
        {
            return Ok(());
        }
        let before = write.before.as_deref().and_then(PersistentVolumeClaim::of);
        let meta = &before.unwrap_or(claim).meta;
        let mut owners = meta.owners.iter();
        if !meta.owners.is_empty() && !owners.any(|it| self.stays(&meta.namespace, it)) {
            return Ok(());
        }
        broken(
            Property::RetainedClaimsStay,
            format!("{} {} {}", record.author, write.verb.name(), meta.name),
        )
    }

    /// A set's controller makes the set the owner under `whenDeleted: Delete`, a pod under `whenScaled: Delete`.
    fn owned(
        &self,
        record: &Record,
        write: &Write,
        claim: &PersistentVolumeClaim,
    ) -> Result<(), Broken> {
        if record.author != Component::StatefulSet || write.verb == Verb::Removed {
            return Ok(());
        }
        let before = write.before.as_deref().and_then(PersistentVolumeClaim::of);
        let old = |owner: &OwnerReference| before.is_some_and(|it| it.meta.is_owned_by(&owner.uid));
        for owner in claim.meta.owners.iter().filter(|it| !old(it)) {
            let is_set = &*owner.kind == "StatefulSet";
            let name = match is_set {
                true => &*owner.name,
                false => owner.name.rsplit_once('-').map_or("", |(set, _)| set),
            };
            let key = (claim.meta.namespace.clone(), Text::from(name));
            let allows = self.sets.get(&key).is_some_and(|set| match is_set {
                true => set.spec.deletes_when_deleted(),
                false => set.spec.deletes_when_scaled(),
            });
            if !allows {
                let what = format!("{} gets the owner {}", claim.meta.name, owner.name);
                return broken(Property::ClaimsAreOwnedByPolicy, what);
            }
        }
        Ok(())
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
                        Property::AtMostOnePodPerIdentity,
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
        let name = Property::OrderedPodsAreMadeInOrder;
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
                Property::OrderedPodsGoOneAtATime,
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
                Property::SameOrdinalSameClaim,
                format!("{} mounts {claim}", pod.meta.name),
            );
        }
    }
    Ok(())
}
