//! Revisions: the templates that a set has had (reference 1.8, 2.4).

use crate::cluster::sorted;
use std::rc::Rc;

use super::{StatefulSetController, SyncError};
use crate::cluster::admission::defaults;
use crate::cluster::api::{Api, DeleteOptions};
use crate::cluster::error::ApiError;
use crate::cluster::hash::{fnv1_32, safe_encode};
use crate::cluster::json::Json as _;
use crate::cluster::object::pod_spec::PodTemplateSpec;
use crate::cluster::object::stateful_set::StatefulSetSpec;
use crate::cluster::object::{
    ControllerRevision, Kind, Meta, ObjectKey, OwnerReference, Resource as _, StatefulSet,
};
use crate::cluster::record::Part;
use crate::cluster::store::Held;
use crate::cluster::value::{Text, Value};

/// The label with the hash in a revision's name.
pub(super) const HASH_LABEL: &str = "controller.kubernetes.io/hash";
/// A set's name is cut to this length in the names of its revisions.
const NAME_MAX: usize = 223;

/// The revision that a template makes.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    spec: Rc<StatefulSetSpec>,
    data: Rc<Value>,
    text: Rc<str>,
}

/// The revisions of a set as they were last listed.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    spec: Rc<StatefulSetSpec>,
    /// How often any revision had changed.
    changes: u64,
    revisions: Rc<[Held<ControllerRevision>]>,
}

/// The two revisions that a set is between.
#[derive(Clone, Debug)]
pub(super) struct Revisions {
    /// The one that pods are updated from.
    pub current: Held<ControllerRevision>,
    /// The one that pods are updated to.
    pub update: Held<ControllerRevision>,
    /// How often a name was taken.
    pub collisions: i32,
    /// The template of each.
    templates: Rc<[Template]>,
}

/// The template that a revision's data holds.
pub(super) type Template = (Rc<Value>, Rc<PodTemplateSpec>);

impl Revisions {
    /// The template of one of the two.
    pub(super) fn template(&self, revision: &ControllerRevision) -> Rc<PodTemplateSpec> {
        let mut templates = self.templates.iter();
        let known = templates.find(|(data, _)| Rc::ptr_eq(data, &revision.data));
        match known {
            Some((_, template)) => Rc::clone(template),
            None => Rc::new(template(revision)),
        }
    }
}

/// The data of the revision that a template makes: `{"spec":{"template":{…,"$patch":"replace"}}}`.
pub(super) fn data(template: &PodTemplateSpec) -> Value {
    let mut template = template.write_always();
    template.set(&["$patch"], Value::text("replace"));
    Value::map([("spec", Value::map([("template", template)]))])
}

/// The template in a revision's data.
pub(super) fn template(revision: &ControllerRevision) -> PodTemplateSpec {
    let mut template = revision
        .data
        .at(&["spec", "template"])
        .cloned()
        .unwrap_or_default();
    template.remove(&["$patch"]);
    PodTemplateSpec::read(template)
}

/// The name of a revision: the hash of its data and of the number of collisions behind the set's name.
pub(super) fn name(set: &str, data: &str, collisions: i32) -> (Text, String) {
    let hash = safe_encode(fnv1_32(&[
        data.as_bytes(),
        collisions.to_string().as_bytes(),
    ]));
    let prefix: String = set.chars().take(NAME_MAX).collect();
    (format!("{prefix}-{hash}").into(), hash)
}

impl StatefulSetController {
    /// The revisions that a set's selector matches and that it owns or nobody does, oldest first.
    ///
    /// The controller reads them from its cache, which is a little behind: a revision that somebody
    /// else has just removed is still in it (rec set-delete-foreground@6).
    pub(super) fn list_revisions(
        &mut self,
        set: &StatefulSet,
        api: &Api,
    ) -> Rc<[Held<ControllerRevision>]> {
        let behind_ms = api.config.latency.cache_ms;
        self.removed_revisions
            .retain(|(at, _)| api.now.ms_since(*at) < behind_ms);
        if let Some(known) = self.known_list(set, api) {
            return Rc::clone(known);
        }
        let revisions: Rc<[_]> = self.search_revisions(set, api).into();
        if self.removed_revisions.is_empty() {
            let listed = Listed {
                spec: Rc::clone(&set.spec),
                changes: api.store.changes(Kind::ControllerRevision),
                revisions: Rc::clone(&revisions),
            };
            self.listed.insert(set.meta.uid.clone(), listed);
        }
        revisions
    }

    /// What was listed last, if a search would find the same.
    fn known_list(&self, set: &StatefulSet, api: &Api) -> Option<&Rc<[Held<ControllerRevision>]>> {
        let known = self.listed.get(&set.meta.uid)?;
        let is_same = Rc::ptr_eq(&known.spec, &set.spec)
            && known.changes == api.store.changes(Kind::ControllerRevision)
            && self.removed_revisions.is_empty();
        is_same.then_some(&known.revisions)
    }

    /// Compares the revisions that are remembered with a plain search.
    pub(super) fn check_listed(&self, set: &StatefulSet, api: &Api) -> Result<(), String> {
        let Some(known) = self.known_list(set, api) else {
            return Ok(());
        };
        let found = self.search_revisions(set, api);
        let version = |it: &Held<ControllerRevision>| it.meta.resource_version;
        if known.iter().map(version).eq(found.iter().map(version)) {
            Ok(())
        } else {
            let name = &set.meta.name;
            Err(format!("the revisions of {name} are remembered otherwise"))
        }
    }

    fn search_revisions(&self, set: &StatefulSet, api: &Api) -> Vec<Held<ControllerRevision>> {
        let Some(selector) = &set.spec.selector else {
            return Vec::new();
        };
        let namespace = &set.meta.namespace;
        let stored = api.store.in_namespace(Kind::ControllerRevision, namespace);
        let stored = stored.filter_map(Held::of);
        let remembered = self.removed_revisions.iter().map(|(_, revision)| revision);
        let remembered = remembered.filter(|it| {
            it.meta.namespace == *namespace
                && api
                    .store
                    .find::<ControllerRevision>(namespace, &it.meta.name)
                    .is_none()
        });
        let remembered = remembered.cloned();
        let own = stored
            .chain(remembered)
            .filter(|it: &Held<ControllerRevision>| {
                let owner = it.meta.controller();
                selector.matches(&it.meta.labels) && owner.is_none_or(|it| it.uid == set.meta.uid)
            });
        let mut revisions: Vec<_> = own.collect();
        sorted::sort_by(&mut revisions, |a, b| {
            let key = |it: &ControllerRevision| (it.revision, it.meta.created);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.meta.name.cmp(&b.meta.name))
        });
        revisions
    }
}

impl StatefulSetController {
    /// Adopts revisions that match and belong to nobody; a set that is being deleted must not.
    pub(super) fn adopt_revisions(
        &mut self,
        set: &StatefulSet,
        api: &mut Api,
    ) -> Result<(), SyncError> {
        if !self.has_orphans(set, api) {
            return Ok(());
        }
        let orphans: Vec<Text> = self
            .list_revisions(set, api)
            .iter()
            .filter(|it| it.meta.controller().is_none())
            .map(|it| it.meta.name.clone())
            .collect();
        if let Some(deleted) = set.meta.deleted.filter(|_| !orphans.is_empty()) {
            let (namespace, name) = (&set.meta.namespace, &set.meta.name);
            let message = format!(
                "can't adopt ControllerRevisions: {namespace}/{name} has just been deleted at {deleted}"
            );
            return Err(SyncError::new(name, message));
        }
        for name in orphans {
            let adopted = api.modify::<ControllerRevision>(
                &set.meta.namespace,
                &name,
                Part::Main,
                |revision| {
                    revision.meta.add_owner(OwnerReference::controller_of(set));
                },
            );
            adopted.map_err(|error| SyncError::new(&name, error))?;
        }
        Ok(())
    }

    /// Whether any revision around a set belongs to nobody.
    fn has_orphans(&self, set: &StatefulSet, api: &Api) -> bool {
        let stored = api.store.list_in::<ControllerRevision>(&set.meta.namespace);
        let removed = self.removed_revisions.iter();
        let mut all = stored.chain(removed.map(|(_, revision)| &**revision));
        all.any(|it| it.meta.controller().is_none())
    }

    fn candidate(&mut self, set: &StatefulSet) -> Candidate {
        if let Some(known) = self
            .candidates
            .get(&set.meta.uid)
            .filter(|it| Rc::ptr_eq(&it.spec, &set.spec))
        {
            return known.clone();
        }
        let data = data(&set.spec.template);
        let candidate = Candidate {
            spec: Rc::clone(&set.spec),
            text: data.to_json().into(),
            data: Rc::new(data),
        };
        self.candidates
            .insert(set.meta.uid.clone(), candidate.clone());
        candidate
    }

    /// `REVISIONS` of reference 2.4.
    pub(super) fn revisions(
        &mut self,
        set: &StatefulSet,
        listed: &[Held<ControllerRevision>],
        api: &mut Api,
    ) -> Result<Revisions, SyncError> {
        let candidate = self.candidate(set);
        let next = listed.last().map_or(1, |newest| newest.revision + 1);
        let mut collisions = set.status.collision_count.unwrap_or(0);
        let same = |it: &&Held<ControllerRevision>| it.data == candidate.data;
        let means_the_same =
            |it: &&Held<ControllerRevision>| same(it) || defaulted(it, set) == *candidate.data;
        let older = listed.iter().rev().find(same);
        let newest = listed.last().filter(|it| match older {
            Some(_) => same(it),
            None => means_the_same(it),
        });
        let update = match (newest, older) {
            (Some(newest), _) => newest.clone(),
            (None, Some(older)) => {
                let raised = api.modify::<ControllerRevision>(
                    &set.meta.namespace,
                    &older.meta.name,
                    Part::Main,
                    |it| {
                        it.revision = next;
                    },
                );
                let raised = raised.map_err(|error| SyncError::new(&older.meta.name, error))?;
                let raised = raised.as_ref().and_then(Held::of);
                raised.unwrap_or_else(|| older.clone())
            }
            (None, None) => create(set, &candidate, next, &mut collisions, api)?,
        };
        let current = listed
            .iter()
            .find(|it| it.meta.name == set.status.current_revision);
        let current = current.unwrap_or(&update).clone();
        Ok(Revisions {
            templates: self.templates(set, [&current, &update]),
            current,
            update,
            collisions,
        })
    }

    /// The templates of the revisions that a set is between, read once for all its pods.
    fn templates(
        &mut self,
        set: &StatefulSet,
        revisions: [&ControllerRevision; 2],
    ) -> Rc<[Template]> {
        let known = self.templates.entry(set.meta.uid.clone()).or_default();
        let is_of = |(data, _): &Template, it: &ControllerRevision| Rc::ptr_eq(data, &it.data);
        let is_known = |it: &ControllerRevision| known.iter().any(|known| is_of(known, it));
        let is_wanted = |known: &Template| revisions.iter().any(|it| is_of(known, it));
        if !revisions.iter().all(|it| is_known(it)) || !known.iter().all(is_wanted) {
            let mut all: Vec<Template> = known.iter().filter(|it| is_wanted(it)).cloned().collect();
            for revision in revisions {
                if !all.iter().any(|known| is_of(known, revision)) {
                    all.push((Rc::clone(&revision.data), Rc::new(template(revision))));
                }
            }
            *known = all.into();
        }
        Rc::clone(known)
    }
}

/// The data of a revision with what the server fills in today (step 5).
fn defaulted(revision: &ControllerRevision, set: &StatefulSet) -> Value {
    let mut spec = (*set.spec).clone();
    spec.template = template(revision);
    let mut object = StatefulSet {
        spec: Rc::new(spec),
        ..set.clone()
    }
    .into_object();
    defaults::default(&mut object);
    StatefulSet::of(&object).map_or(Value::Null, |set| data(&set.spec.template))
}

fn create(
    set: &StatefulSet,
    candidate: &Candidate,
    revision: i64,
    collisions: &mut i32,
    api: &mut Api,
) -> Result<Held<ControllerRevision>, SyncError> {
    let (_, first_hash) = name(&set.meta.name, &candidate.text, *collisions);
    loop {
        let (name, _) = name(&set.meta.name, &candidate.text, *collisions);
        let mut meta = Meta::named(&set.meta.namespace, name.clone());
        meta.labels = Rc::clone(&set.spec.template.meta.labels);
        meta.set_label(HASH_LABEL, first_hash.as_str());
        meta.annotations = Rc::clone(&set.meta.annotations);
        meta.add_owner(OwnerReference::controller_of(set));
        let data = Rc::clone(&candidate.data);
        let made = ControllerRevision {
            meta,
            data,
            revision,
            ..ControllerRevision::default()
        };
        match api.create(made.into_object()) {
            Ok(object) => return Ok(Held::of(&object).expect("it was made as a revision")),
            Err(ApiError::AlreadyExists { .. }) => {
                let existing = api
                    .store
                    .hold::<ControllerRevision>(&set.meta.namespace, &name);
                if let Some(existing) = existing.filter(|it| it.data == candidate.data) {
                    return Ok(existing);
                }
                *collisions += 1;
            }
            Err(error) => return Err(SyncError::new(&name, error)),
        }
    }
}

/// `TRUNCATE_HISTORY` of reference 2.4; `is_live` are names of revisions in use.
pub(super) fn truncate(
    set: &StatefulSet,
    listed: &[Held<ControllerRevision>],
    is_live: impl Fn(&Text) -> bool,
    api: &mut Api,
) -> Result<(), SyncError> {
    let limit = set.spec.revision_history_limit.unwrap_or(10);
    let Ok(limit) = usize::try_from(limit) else {
        return Ok(());
    };
    let history: Vec<_> = listed.iter().filter(|it| !is_live(&it.meta.name)).collect();
    for revision in history.iter().take(history.len().saturating_sub(limit)) {
        let key = ObjectKey::new(
            Kind::ControllerRevision,
            set.meta.namespace.clone(),
            revision.meta.name.clone(),
        );
        match api.delete(&key, &DeleteOptions::default()) {
            Err(error) if !error.is_not_found() => return Err(SyncError::new(&key.name, error)),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example_of_the_reference() {
        // Reference 1.8, worked example 2.
        let data = r#"{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"kubia"}},"spec":{"containers":[{"image":"luksa/kubia-pet","imagePullPolicy":"Always","name":"kubia","ports":[{"containerPort":8080,"name":"web","protocol":"TCP"}],"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","volumeMounts":[{"mountPath":"/var/data","name":"data"}]}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}}"#;
        assert_eq!(data.len(), 535);
        assert_eq!(&*name("kubia", data, 0).0, "kubia-696494f446");
        assert_ne!(name("kubia", data, 1), name("kubia", data, 0));
    }
}
