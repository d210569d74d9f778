//! How many pods each ReplicaSet gets (`scale`, `NewRSNewReplicas` and the fence posts of a rolling update).

use crate::cluster::sorted;
use std::cmp::Reverse;
use std::rc::Rc;

use super::{Sync, size};
use crate::cluster::api::{Api, Says};
use crate::cluster::error::ApiError;
use crate::cluster::json::IntOrString;
use crate::cluster::object::{Deployment, Meta, ReplicaSet, Resource as _};
use crate::cluster::record::Part;

/// The annotation with the size of the Deployment when the set was last scaled.
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
/// The annotation with the most pods that there might be then.
pub(super) const MOST: &str = "deployment.kubernetes.io/max-replicas";

/// How many pods there may be too many, and how many may be missing (`ResolveFenceposts`).
pub(super) fn fence_posts(deployment: &Deployment) -> (i32, i32) {
    let wanted = i64::from(deployment.spec.replicas.unwrap_or(1));
    let Some(rolling) = &deployment.spec.strategy.rolling_update else {
        return (0, 0);
    };
    let of = |bound: Option<&IntOrString>, up| bound.map_or(0, |it| it.of(wanted, up));
    let surge = of(rolling.max_surge.as_ref(), true);
    let missing = of(rolling.max_unavailable.as_ref(), false);
    // With neither, nothing could ever move.
    let missing = if surge == 0 && missing == 0 {
        1
    } else {
        missing
    };
    let number = |it: i64| i32::try_from(it).unwrap_or(i32::MAX);
    (number(surge), number(missing.min(wanted)))
}

/// Notes the Deployment's size at a set.
pub(super) fn annotate(meta: &mut Meta, deployment: &Deployment) {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let most = wanted + fence_posts(deployment).0;
    for (key, number) in [(DESIRED, wanted), (MOST, most)] {
        let text = number.to_string();
        if meta.annotation(key) != Some(&text) {
            meta.annotate(key, text);
        }
    }
}

/// A number that was noted at a set.
fn noted(set: &ReplicaSet, key: &str) -> Option<i32> {
    set.meta.annotation(key)?.parse().ok()
}

impl Sync<'_> {
    /// Sets that shall have pods.
    fn active(&self) -> impl Iterator<Item = &ReplicaSet> {
        self.all().filter(|set| size(set) > 0)
    }

    /// How many pods all sets shall have.
    pub(super) fn total(&self) -> i32 {
        self.all().map(size).sum()
    }

    /// The size that the new set, which has `size` now, may have (`NewRSNewReplicas`).
    pub(super) fn may_add(&self, size: i32) -> i32 {
        if self.is_recreate() {
            return self.wanted();
        }
        let most = self.wanted() + fence_posts(self.deployment).0;
        let total = self.total();
        if total >= most {
            return size;
        }
        size + (most - total).min(self.wanted() - size)
    }

    /// Whether the Deployment was scaled since its sets were (`isScalingEvent`).
    pub(super) fn is_rescaled(&self) -> bool {
        let mut active = self.active();
        active.any(|set| noted(set, DESIRED).is_some_and(|desired| desired != self.wanted()))
    }

    /// Scales without rolling: while it is paused, or because its size was changed (`sync` and `scale`).
    pub(super) fn scale(&mut self, api: &mut Api) -> Result<(), ApiError> {
        self.find_new(false, api)?;
        if let Some(one) = self.only_active() {
            return self.resize(&one, self.wanted(), api).map(|_| ());
        }
        if self.is_saturated() {
            for set in self.old.clone().iter().filter(|set| size(set) > 0) {
                self.resize(set, 0, api)?;
            }
            return Ok(());
        }
        if self.is_recreate() {
            return Ok(());
        }
        self.scale_in_proportion(api)
    }

    /// The set that alone has pods, or the newest if none has any (`FindActiveOrLatest`).
    fn only_active(&self) -> Option<ReplicaSet> {
        let mut active = self.active();
        match (active.next(), active.next()) {
            (None, _) => self.new.as_ref().or(self.old.last()).cloned(),
            (Some(one), None) => Some(one.clone()),
            _ => None,
        }
    }

    /// Whether the new set has all that is wanted, and all of it Available (`IsSaturated`).
    fn is_saturated(&self) -> bool {
        let wanted = self.wanted();
        self.new.as_ref().is_some_and(|set| {
            size(set) == wanted
                && noted(set, DESIRED) == Some(wanted)
                && set.status.available_replicas == wanted
        })
    }

    /// In the middle of a roll-out every set gets its share; what rounding leaves goes to the largest.
    fn scale_in_proportion(&mut self, api: &mut Api) -> Result<(), ApiError> {
        let wanted = self.wanted();
        let most = wanted + fence_posts(self.deployment).0;
        let allowed = if wanted > 0 { most } else { 0 };
        let mut sets: Vec<ReplicaSet> = self.active().cloned().collect();
        let add = allowed - self.total();
        // Among equals the newer grows and the older shrinks first.
        sorted::sort_by_key(&mut sets, |set| {
            (Reverse(size(set)), set.meta.created, set.meta.name.clone())
        });
        if add > 0 {
            sorted::sort_by_key(&mut sets, |set| {
                (Reverse(size(set)), Reverse(set.meta.created))
            });
        }
        let mut sizes = Vec::with_capacity(sets.len());
        let mut added = 0;
        for set in &sets {
            let share = if add == 0 {
                0
            } else {
                self.share_of(set, add, added, most)
            };
            added += share;
            sizes.push(size(set) + share);
        }
        if let Some(first) = sizes.first_mut() {
            *first = (*first + add - added).max(0);
        }
        for (set, size) in sets.iter().zip(sizes) {
            self.resize(set, size, api)?;
        }
        Ok(())
    }

    fn share_of(&self, set: &ReplicaSet, add: i32, added: i32, most: i32) -> i32 {
        if add == added {
            return 0;
        }
        let size = size(set);
        let share = if self.wanted() == 0 {
            -size
        } else {
            let before = noted(set, MOST).unwrap_or(self.deployment.status.replicas);
            let scaled = f64::from(size) * f64::from(most) / f64::from(before.max(1));
            scaled.round() as i32 - size
        };
        let left = add - added;
        if add > 0 {
            share.min(left)
        } else {
            share.max(left)
        }
    }

    /// Gives a set another size, and says so; whether the size is another one (`scaleReplicaSetAndRecordEvent`).
    pub(super) fn resize(
        &mut self,
        set: &ReplicaSet,
        to: i32,
        api: &mut Api,
    ) -> Result<bool, ApiError> {
        let from = size(set);
        let mut resized = set.clone();
        if from != to {
            Rc::make_mut(&mut resized.spec).replicas = Some(to);
        }
        annotate(&mut resized.meta, self.deployment);
        if resized == *set {
            return Ok(false);
        }
        let stored = api.update(resized.into_object(), Part::Main)?;
        if let Some(stored) = ReplicaSet::of(&stored) {
            let all = self.old.iter_mut().chain(&mut self.new);
            for slot in all.filter(|it| it.meta.uid == stored.meta.uid) {
                *slot = stored.clone();
            }
        }
        if from != to {
            let direction = if to > from { "up" } else { "down" };
            let name = &set.meta.name;
            let text = format!("Scaled {direction} replica set {name} from {from} to {to}");
            let about = self.deployment.clone().into_object();
            api.say(&about, Says::normal("ScalingReplicaSet", text));
        }
        Ok(from != to)
    }
}
