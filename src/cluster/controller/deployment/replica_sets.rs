//! Which ReplicaSet belongs to which template (`getAllReplicaSetsAndSyncRevision`).

use std::rc::Rc;

use super::{HASH_LABEL, REVISION, Sync, scale, status};
use crate::cluster::api::{Api, Says};
use crate::cluster::error::ApiError;
use crate::cluster::hash::{fnv1_32, safe_encode};
use crate::cluster::json::Json as _;
use crate::cluster::object::replica_set::ReplicaSetSpec;
use crate::cluster::object::{Deployment, Meta, Object, OwnerReference, ReplicaSet, Resource as _};
use crate::cluster::record::Part;
use crate::cluster::value::Text;

/// The annotation with the numbers that a set had before (`RevisionHistoryAnnotation`).
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// Annotations of the Deployment that its sets do not get.
const OWN_ANNOTATIONS: [&str; 5] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    scale::DESIRED,
    scale::MOST,
];

/// Whether a set was made from a Deployment's template (`EqualIgnoreHash`).
pub(super) fn has_template(set: &ReplicaSet, deployment: &Deployment) -> bool {
    let mut template = set.spec.template.clone();
    if template.meta.labels.contains_key(HASH_LABEL) {
        Rc::make_mut(&mut template.meta.labels).remove(HASH_LABEL);
    }
    template == deployment.spec.template
}

/// The number of a set's roll-out; 0 if it has none.
pub(super) fn revision(meta: &Meta) -> i64 {
    let text = meta.annotation(REVISION);
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The hash of a template. Upstream hashes a dump of Go's memory; this is the same hash of the template's JSON, so
/// that its letters look alike (reference, chapter 10).
fn hash(deployment: &Deployment) -> String {
    let text = deployment.spec.template.write_always().to_json();
    safe_encode(fnv1_32(&[text.as_bytes()]))
}

impl Sync<'_> {
    /// Finds the set of the present template, numbers it, and makes it if `make` says so.
    pub(super) fn find_new(&mut self, make: bool, api: &mut Api) -> Result<(), ApiError> {
        let newest = self.old.iter().map(|set| revision(&set.meta)).max();
        let number = newest.unwrap_or(0) + 1;
        match self.new.take() {
            Some(set) => self.new = Some(self.renumber(set, number, api)?),
            None if make => self.new = Some(self.make(number, api)?),
            None => return Ok(()),
        }
        Ok(())
    }

    fn renumber(
        &self,
        set: ReplicaSet,
        number: i64,
        api: &mut Api,
    ) -> Result<ReplicaSet, ApiError> {
        let min_ready_s = self.deployment.spec.min_ready_s;
        let mut numbered = set.clone();
        self.annotate(&mut numbered.meta, number);
        if numbered.spec.min_ready_s != min_ready_s {
            Rc::make_mut(&mut numbered.spec).min_ready_s = min_ready_s;
        }
        if numbered != set {
            let stored = api.update(numbered.into_object(), Part::Main)?;
            return Ok(ReplicaSet::of(&stored).cloned().unwrap_or(set));
        }
        let name = &set.meta.name;
        let text = format!("Found new replica set {name:?}");
        status::note_revision(
            self.deployment,
            revision(&set.meta),
            ("FoundNewReplicaSet", text),
            false,
            api,
        )?;
        Ok(set)
    }

    /// Makes the set of the present template with as many pods as the strategy allows at once.
    fn make(&self, number: i64, api: &mut Api) -> Result<ReplicaSet, ApiError> {
        let deployment = self.deployment;
        let hash = hash(deployment);
        let mut template = deployment.spec.template.clone();
        Rc::make_mut(&mut template.meta.labels).insert(HASH_LABEL.into(), hash.as_str().into());
        let mut selector = deployment.spec.selector.clone().unwrap_or_default();
        Rc::make_mut(&mut selector.match_labels).insert(HASH_LABEL.into(), hash.as_str().into());
        let mut meta = Meta::named(
            &deployment.meta.namespace,
            format!("{}-{hash}", deployment.meta.name),
        );
        meta.labels = Rc::clone(&template.meta.labels);
        meta.add_owner(OwnerReference::controller_of(deployment));
        self.annotate(&mut meta, number);
        scale::annotate(&mut meta, deployment);
        let replicas = self.may_add(0);
        let spec = ReplicaSetSpec {
            replicas: Some(replicas),
            min_ready_s: deployment.spec.min_ready_s,
            selector: Some(selector),
            template,
            ..ReplicaSetSpec::default()
        };
        let set = ReplicaSet {
            meta,
            spec: Rc::new(spec),
            ..ReplicaSet::default()
        };
        let name = set.meta.name.clone();
        let stored = match api.create(set.into_object()) {
            Err(ApiError::AlreadyExists { .. }) => self.existing(&name, api)?,
            made => made?,
        };
        if replicas > 0 {
            let text = format!("Scaled up replica set {name} from 0 to {replicas}");
            api.say(
                &deployment.clone().into_object(),
                Says::normal("ScalingReplicaSet", text),
            );
        }
        let text = format!("Created new replica set {name:?}");
        status::note_revision(
            deployment,
            number,
            ("NewReplicaSetCreated", text),
            true,
            api,
        )?;
        Ok(ReplicaSet::of(&stored).cloned().unwrap_or_default())
    }

    /// A set of this name that is ours already; anybody else's is in the way.
    fn existing(&self, name: &Text, api: &Api) -> Result<Rc<Object>, ApiError> {
        let kind = ReplicaSet::KIND;
        let found = api.store.get(kind, &self.deployment.meta.namespace, name);
        let ours = found.filter(|set| set.meta().is_controlled_by(&self.deployment.meta.uid));
        ours.cloned().ok_or_else(|| ApiError::AlreadyExists {
            resource: kind.resource(),
            name: name.clone(),
        })
    }

    /// The Deployment's annotations and the number of the roll-out (`SetNewReplicaSetAnnotations`).
    fn annotate(&self, meta: &mut Meta, number: i64) {
        for (key, value) in self.deployment.meta.annotations.iter() {
            if !OWN_ANNOTATIONS.contains(&&**key) && meta.annotation(key) != Some(value) {
                Rc::make_mut(&mut meta.annotations).insert(key.clone(), value.clone());
            }
        }
        let was = revision(meta);
        if was >= number {
            return;
        }
        meta.annotate(REVISION, number.to_string());
        if was > 0 {
            let history = match meta.annotation(HISTORY) {
                Some(older) => format!("{older},{was}"),
                None => was.to_string(),
            };
            meta.annotate(HISTORY, history);
        }
    }
}
