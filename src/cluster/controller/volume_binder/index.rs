//! What the binder remembers: volumes by the claim that they are for, and what a sync may change.

use super::{claim_key, matching, volume_key};
use crate::cluster::api::Api;
use crate::cluster::lookup::Lookup;
use crate::cluster::object::claim::ClaimPhase;
use crate::cluster::object::{
    Kind, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Resource as _,
};
use crate::cluster::sorted::SortedSet;
use crate::cluster::value::Text;

/// Volumes and claims as the binder looks them up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// Volumes that are for nobody.
    free: SortedSet<Text>,
    /// Volumes by namespace and name of the claim that they are for.
    by_claim: Lookup<(Text, Text), SortedSet<Text>>,
    /// Claims and volumes that a sync may change, and claims that it may say something about.
    open: Lookup<ObjectKey, ()>,
}

impl Index {
    /// Takes in a write of a claim.
    pub(super) fn observe_claim(&mut self, claim: &PersistentVolumeClaim, gone: bool) {
        let place = (claim.meta.namespace.clone(), claim.meta.name.clone());
        // A volume's sync looks at its claim.
        for volume in self.by_claim.get(&place).into_iter().flatten() {
            self.open.insert(volume_key(volume), ());
        }
        if gone {
            self.open.remove(&claim_key(place.0, place.1));
        } else {
            self.reopen(place);
        }
    }

    /// Takes in a write of a volume.
    pub(super) fn observe_volume(
        &mut self,
        volume: &PersistentVolume,
        before: Option<&Object>,
        gone: bool,
    ) {
        let name = &volume.meta.name;
        let old = before.and_then(PersistentVolume::of);
        let (was_for, is_for) = (old.and_then(claim_of), claim_of(volume));
        let stays = old.is_some() && was_for == is_for;
        // A claim's sync looks at its volume.
        for claim in was_for.filter(|_| !stays).into_iter().chain(is_for) {
            self.reopen(claim);
        }
        if !gone && stays {
            self.open.insert(volume_key(name), ());
            return;
        }
        self.forget(old.unwrap_or(volume));
        if gone {
            self.open.remove(&volume_key(name));
            return;
        }
        self.open.insert(volume_key(name), ());
        match claim_of(volume) {
            None => {
                self.free.insert(name.clone());
            }
            Some(place) => {
                self.by_claim.or_default(place).insert(name.clone());
            }
        }
    }

    fn reopen(&mut self, place: (Text, Text)) {
        self.open.insert(claim_key(place.0, place.1), ());
    }

    fn forget(&mut self, volume: &PersistentVolume) {
        let Some(place) = claim_of(volume) else {
            self.free.remove(&volume.meta.name);
            return;
        };
        if let Some(names) = self.by_claim.get_mut(&place) {
            names.remove(&volume.meta.name);
            if names.is_empty() {
                self.by_claim.remove(&place);
            }
        }
    }

    /// Notes that a sync of this key changed nothing and would not change anything next time.
    pub(super) fn settle(&mut self, key: &ObjectKey, api: &Api) {
        match key.kind {
            Kind::PersistentVolume => {
                self.open.remove(key);
            }
            Kind::PersistentVolumeClaim => {
                let found = api
                    .store
                    .find::<PersistentVolumeClaim>(&key.namespace, &key.name);
                // An open claim is looked at in every round: a volume that comes up wakes no claim.
                if found.is_none_or(|claim| claim.phase() == ClaimPhase::Bound) {
                    self.open.remove(key);
                }
            }
            _ => {}
        }
    }

    /// Everything that a sync may change: the claims, then the volumes.
    pub(super) fn open(&self) -> Vec<ObjectKey> {
        let all = self.open.sorted().into_iter().map(|(key, ())| key.clone());
        let (claims, volumes): (Vec<_>, Vec<_>) =
            all.partition(|key| key.kind == Kind::PersistentVolumeClaim);
        claims.into_iter().chain(volumes).collect()
    }

    /// The volume that fits a claim best (reference 4.2 `MATCH`).
    pub(super) fn best_match<'a>(
        &self,
        claim: &PersistentVolumeClaim,
        delay: bool,
        api: &'a Api,
    ) -> Option<&'a PersistentVolume> {
        let find = |name: &Text| api.store.find::<PersistentVolume>("", name);
        let place = (claim.meta.namespace.clone(), claim.meta.name.clone());
        let reserved = self
            .by_claim
            .get(&place)
            .into_iter()
            .flatten()
            .filter_map(find);
        matching::best(claim, delay, reserved, self.free.iter().filter_map(find))
    }

    /// Compares the index with a plain search.
    pub(super) fn check(&self, api: &Api) -> Result<(), String> {
        let mut plain = Self::default();
        for volume in api.store.list::<PersistentVolume>() {
            plain.observe_volume(volume, None, false);
        }
        for claim in api.store.list::<PersistentVolumeClaim>() {
            let all = api.store.list::<PersistentVolume>();
            let (reserved, free): (Vec<_>, Vec<_>) =
                all.partition(|it| it.spec.claim_ref.is_some());
            let best = matching::best(claim, false, reserved.into_iter(), free.into_iter());
            if best != self.best_match(claim, false, api) {
                return Err(format!(
                    "the binder finds another volume for {} than a plain search",
                    claim.meta.name
                ));
            }
        }
        if plain.free != self.free || plain.by_claim != self.by_claim {
            return Err("the binder's index of volumes differs from a plain search".to_owned());
        }
        self.check_settled(api)
    }

    fn check_settled(&self, api: &Api) -> Result<(), String> {
        for claim in api.store.list::<PersistentVolumeClaim>() {
            if self.open.contains(&claim.key()) {
                continue;
            }
            let volume = api
                .store
                .find::<PersistentVolume>("", &claim.spec.volume_name);
            let bound = volume.is_some_and(|it| {
                it.spec
                    .bound_claim()
                    .is_some_and(|it| matching::is_for(it, claim))
            });
            if claim.phase() != ClaimPhase::Bound || !bound {
                return Err(format!(
                    "the claim {} is settled and not bound",
                    claim.meta.name
                ));
            }
        }
        Ok(())
    }
}

/// Namespace and name of the claim that a volume is for.
fn claim_of(volume: &PersistentVolume) -> Option<(Text, Text)> {
    let claim = volume.spec.claim_ref.as_ref()?;
    Some((claim.namespace.clone(), claim.name.clone()))
}
