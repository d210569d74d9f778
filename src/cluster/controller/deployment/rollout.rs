//! From the old template to the new one (`rolloutRolling`, `rolloutRecreate`).

use super::replica_sets::revision;
use super::scale::fence_posts;
use super::{Sync, size, status};
use crate::cluster::api::{Api, DeleteOptions};
use crate::cluster::error::ApiError;
use crate::cluster::object::{ReplicaSet, Resource as _};
use crate::cluster::sorted;

impl Sync<'_> {
    /// `RollingUpdate`: the new set grows as far as the surge lets it, the old ones shrink as far as enough pods are
    /// Available.
    pub(super) fn roll(&mut self, api: &mut Api) -> Result<(), ApiError> {
        self.find_new(true, api)?;
        if let Some(new) = self.new.clone() {
            let (has, wanted) = (size(&new), self.wanted());
            let to = if has > wanted {
                wanted
            } else {
                self.may_add(has)
            };
            if has != wanted && self.resize(&new, to, api)? {
                return Ok(());
            }
        }
        if self.shrink_old(api)? {
            return Ok(());
        }
        self.clean_up(api)
    }

    /// `Recreate`: first all old pods go, then the new ones come.
    pub(super) fn recreate(&mut self, api: &mut Api) -> Result<(), ApiError> {
        self.find_new(false, api)?;
        let mut shrunk = false;
        for set in self.old.clone().iter().filter(|set| size(set) > 0) {
            shrunk |= self.resize(set, 0, api)?;
        }
        if shrunk || self.old_pods_run(api) {
            return Ok(());
        }
        if self.new.is_none() {
            self.find_new(true, api)?;
        }
        if let Some(new) = self.new.clone() {
            self.resize(&new, self.wanted(), api)?;
        }
        self.clean_up(api)
    }

    /// Takes pods away from old sets: first those that are not Available anyway (`reconcileOldReplicaSets`).
    fn shrink_old(&mut self, api: &mut Api) -> Result<bool, ApiError> {
        if self.old.iter().map(size).sum::<i32>() == 0 {
            return Ok(false);
        }
        let least = self.wanted() - fence_posts(self.deployment).1;
        let new_missing = self
            .new
            .as_ref()
            .map_or(0, |set| size(set) - set.status.available_replicas);
        let mut most = self.total() - least - new_missing;
        if most <= 0 {
            return Ok(false);
        }
        let mut shrunk = false;
        for set in self.old.clone() {
            let idle = (size(&set) - set.status.available_replicas)
                .max(0)
                .min(most);
            if idle > 0 {
                most -= idle;
                shrunk |= self.resize(&set, size(&set) - idle, api)?;
            }
        }
        let available: i32 = self.all().map(|set| set.status.available_replicas).sum();
        let mut spare = available - least;
        for set in self.old.clone() {
            let fewer = size(&set).min(spare);
            if fewer > 0 {
                spare -= fewer;
                shrunk |= self.resize(&set, size(&set) - fewer, api)?;
            }
        }
        Ok(shrunk)
    }

    /// Deletes the oldest of the old sets beyond what is kept (`cleanupDeployment`).
    fn clean_up(&mut self, api: &mut Api) -> Result<(), ApiError> {
        let spec = &self.deployment.spec;
        let kept = usize::try_from(spec.revision_history_limit.unwrap_or(10)).unwrap_or(0);
        if !status::is_complete(self.deployment, &self.deployment.status) {
            return Ok(());
        }
        let mut past: Vec<ReplicaSet> = self.old.clone();
        past.retain(|set| !set.meta.is_deleting());
        sorted::sort_by_key(&mut past, |set| revision(&set.meta));
        let too_many = past.len().saturating_sub(kept);
        for set in past.iter().take(too_many) {
            let busy = set.status.replicas != 0
                || size(set) != 0
                || set.meta.generation > set.status.observed_generation;
            if !busy {
                match api.delete(&set.key(), &DeleteOptions::default()) {
                    Err(error) if !error.is_not_found() => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
