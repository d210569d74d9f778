//! Which pods are a set's own: adoption and release (reference 2.3).

use super::{StatefulSetController, SyncError};
use crate::cluster::api::Api;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, OwnerReference, Pod, StatefulSet};
use crate::cluster::record::Part;
use crate::cluster::store::Held;
use crate::cluster::value::Text;

/// Whether a set's selector matches a pod.
pub(super) fn selects(set: &StatefulSet, pod: &Pod) -> bool {
    set.spec
        .selector
        .as_ref()
        .is_some_and(|selector| !selector.is_empty() && selector.matches(&pod.meta.labels))
}

/// Whether a pod belongs to a set by labels and by name.
pub(super) fn is_member(set: &StatefulSet, pod: &Pod) -> bool {
    let named = pod
        .parent_and_ordinal()
        .is_some_and(|(parent, _)| parent == &*set.meta.name);
    named && selects(set, pod)
}

impl StatefulSetController {
    /// Releases pods that do not match any more, and adopts orphans that do.
    pub(super) fn claim_pods(&mut self, set: &StatefulSet, api: &mut Api) -> Result<(), SyncError> {
        if set.meta.is_deleting() {
            return Ok(());
        }
        let namespace = &set.meta.namespace;
        let strays: Vec<Text> = self
            .strays
            .get(&set.meta.uid)
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        for name in strays {
            let uid = set.meta.uid.clone();
            let released = api.modify::<Pod>(namespace, &name, Part::Main, |pod| {
                pod.meta.remove_owners(|owner| owner.uid == uid);
            });
            tolerate_gone(released, &name)?;
        }
        let orphans: Vec<Text> = api.store.orphans(Kind::Pod, namespace).cloned().collect();
        for name in orphans {
            let fits = |pod: &Held<Pod>| {
                pod.meta.controller().is_none() && !pod.meta.is_deleting() && is_member(set, pod)
            };
            let Some(pod) = api.store.hold::<Pod>(namespace, &name).filter(fits) else {
                continue;
            };
            let adopted = api.modify::<Pod>(namespace, &name, Part::Main, |pod| {
                pod.meta.add_owner(OwnerReference::controller_of(set));
            });
            tolerate_gone(adopted, &name)?;
            self.forget_pod(&pod);
            if let Some(pod) = api.store.hold::<Pod>(namespace, &name) {
                self.remember_pod(set, &pod, false);
            }
        }
        Ok(())
    }
}

fn tolerate_gone<T>(result: Result<T, ApiError>, name: &str) -> Result<(), SyncError> {
    match result {
        Err(error) if !error.is_not_found() => Err(SyncError::new(name, error)),
        _ => Ok(()),
    }
}
