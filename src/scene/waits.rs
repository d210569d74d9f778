//! Why something is not happening: who waits with an object, and for what.

use super::pod;
use crate::cluster::object::claim::ClaimPhase;
use crate::cluster::object::pod::parent_and_ordinal;
use crate::cluster::object::{Kind, ObjectKey, PersistentVolumeClaim, Pod};
use crate::cluster::record::{Component, Stop};
use crate::cluster::value::Text;
use crate::timeline::View;

/// Who waits with an object, and for what. What a component said that has been overtaken since is left out.
pub fn waits(view: &View, key: &ObjectKey) -> Vec<(Component, Stop)> {
    let mut out = match key.kind {
        Kind::Pod => match view.store.find::<Pod>(&key.namespace, &key.name) {
            Some(pod) => pod::waits(pod, view).into_iter().collect(),
            None => Vec::new(),
        },
        Kind::PersistentVolumeClaim => claim_waits(view, key),
        _ => view.stops(key),
    };
    // A pod that is not there waits for its set's controller, as one that is there may.
    if key.kind == Kind::Pod
        && let Some((parent, _)) = parent_and_ordinal(&key.name)
    {
        let set = ObjectKey::new(Kind::StatefulSet, &*key.namespace, parent);
        out.extend(view.stops(&set));
    }
    out.retain(|(_, stop)| *stop != Stop::Done);
    out
}

fn claim_waits(view: &View, key: &ObjectKey) -> Vec<(Component, Stop)> {
    let claim = view
        .store
        .find::<PersistentVolumeClaim>(&key.namespace, &key.name);
    let is_bound = claim.is_none_or(|it| it.phase() == ClaimPhase::Bound);
    let is_deleting = claim.is_some_and(|it| it.meta.is_deleting());
    let mut stops = view.stops(key);
    stops.retain(|(who, _)| match who {
        Component::ClaimProtection => is_deleting,
        _ => !is_bound,
    });
    stops
}

/// The one who waits with a claim first.
pub(super) fn of_claim(view: &View, namespace: &Text, name: &Text) -> Option<Stop> {
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, &**namespace, &**name);
    claim_waits(view, &key)
        .into_iter()
        .map(|(_, stop)| stop)
        .next()
}
