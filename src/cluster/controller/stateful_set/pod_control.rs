//! Making, mending and deleting a set's pods and their claims (reference 2.5 `CREATE`, `UPDATE`,
//! `DELETE`, 2.6 and 1.3).

use std::rc::Rc;

use super::index::REVISION_LABEL;
use super::revision::Revisions;
use super::{POD_INDEX_LABEL, POD_NAME_LABEL, SyncError, retention};
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::error::ApiError;
use crate::cluster::json::Rest;
use crate::cluster::object::pod::PodStatus;
use crate::cluster::object::pod_spec::{ClaimSource, PodTemplateSpec, Volume};
use crate::cluster::object::stateful_set::ordinal_text;
use crate::cluster::object::{
    ControllerRevision, Kind, Meta, ObjectKey, OwnerReference, PersistentVolumeClaim, Pod,
    Resource as _, StatefulSet,
};
use crate::cluster::record::Part;
use crate::cluster::value::{self, Text};

/// Which revision a (re)created pod gets (reference 2.6).
pub(super) fn revision_for<'a>(
    set: &StatefulSet,
    ordinal: i32,
    revisions: &'a Revisions,
) -> &'a ControllerRevision {
    let start = set.spec.start();
    let front = match set.spec.partition() {
        Some(partition) => start.saturating_add(partition),
        None if set.spec.is_rolling_update() => start.saturating_add(set.status.current_replicas),
        None => start,
    };
    if ordinal < front {
        &revisions.current
    } else {
        &revisions.update
    }
}

/// A pod as the controller makes it (reference 1.3).
pub(super) fn new_pod(
    set: &StatefulSet,
    ordinal: i32,
    claims: &[Text],
    revision: &ControllerRevision,
    template: &PodTemplateSpec,
) -> Pod {
    let name = value::concat(&[&set.meta.name, "-", &ordinal_text(ordinal)]);
    let mut meta = Meta::named(&set.meta.namespace, name.clone());
    meta.generate_name = value::concat(&[&set.meta.name, "-"]);
    meta.labels = Rc::clone(&template.meta.labels);
    meta.annotations = Rc::clone(&template.meta.annotations);
    meta.finalizers = Rc::clone(&template.meta.finalizers);
    meta.set_label(REVISION_LABEL, revision.meta.name.clone());
    meta.add_owner(OwnerReference::controller_of(set));
    let mut spec = (*template.spec).clone();
    spec.hostname = name;
    spec.subdomain = set.spec.service_name.clone();
    let mut pod = Pod {
        meta,
        spec: Rc::new(spec),
        status: PodStatus::unknown(),
        rest: Rest::default(),
    };
    set_identity(&mut pod, ordinal);
    set_storage(set, claims, &mut pod);
    pod
}

fn set_identity(pod: &mut Pod, ordinal: i32) {
    let name = pod.meta.name.clone();
    pod.meta.set_label(POD_NAME_LABEL, name);
    pod.meta.set_label(POD_INDEX_LABEL, ordinal_text(ordinal));
}

/// Puts the volumes of the claim templates before the template's own; a claim's name hides another
/// volume of the same name.
fn set_storage(set: &StatefulSet, claims: &[Text], pod: &mut Pod) {
    let templates = &set.spec.claim_templates;
    let is_claim = |volume: &&Volume| templates.iter().any(|it| it.meta.name == volume.name);
    let claims = templates.iter().zip(claims).map(|(template, claim)| {
        let source = ClaimSource {
            claim_name: claim.clone(),
            ..ClaimSource::default()
        };
        Volume {
            name: template.meta.name.clone(),
            claim: Some(source),
            ..Volume::default()
        }
    });
    let own = pod
        .spec
        .volumes
        .iter()
        .filter(|volume| !is_claim(volume))
        .cloned();
    let mut volumes = Vec::with_capacity(templates.len() + pod.spec.volumes.len());
    volumes.extend(claims.chain(own));
    Rc::make_mut(&mut pod.spec).volumes = volumes.into();
}

/// Whether name, namespace and label agree (`identityMatches`).
pub(super) fn identity_matches(set: &StatefulSet, pod: &Pod) -> bool {
    let named = pod
        .parent_and_ordinal()
        .is_some_and(|(parent, _)| parent == &*set.meta.name);
    named && pod.meta.label(POD_NAME_LABEL) == Some(&pod.meta.name)
}

/// Whether every claim template has its volume (`storageMatches`).
pub(super) fn storage_matches(set: &StatefulSet, pod: &Pod, claims: &[Text]) -> bool {
    let mut templates = set.spec.claim_templates.iter().zip(claims);
    templates.all(|(template, wanted)| {
        let mut claims = pod.claims();
        claims.any(|(volume, claim)| *volume == template.meta.name && claim == wanted)
    })
}

/// `CREATE`: the claims, then the pod, then the claims' owners.
pub(super) fn create(
    set: &StatefulSet,
    ordinal: i32,
    claims: &[Text],
    pod: Pod,
    api: &mut Api,
) -> Result<(), SyncError> {
    let name = pod.meta.name.clone();
    if let Err(error) = create_claims(set, claims, &name, api) {
        say_pod(api, set, "Create", "FailedCreate", &name, Some(&error));
        return Err(SyncError::new(&name, error));
    }
    let meta = pod.meta.clone();
    let made = api.create(pod.into_object());
    if let Err(error @ ApiError::AlreadyExists { .. }) = made {
        return Err(SyncError::new(&name, error));
    }
    if let Err(error) = retention::update_claims(set, &meta, ordinal, claims, api) {
        say_pod(api, set, "Update", "FailedUpdate", &name, Some(&error));
        return Err(SyncError::new(&name, error));
    }
    match made {
        Ok(_) => {
            say_pod(api, set, "Create", "SuccessfulCreate", &name, None);
            Ok(())
        }
        Err(error) => {
            say_pod(api, set, "Create", "FailedCreate", &name, Some(&error));
            Err(SyncError::new(&name, error))
        }
    }
}

/// Makes the claims of a pod that are missing.
pub(super) fn create_claims(
    set: &StatefulSet,
    claims: &[Text],
    pod: &str,
    api: &mut Api,
) -> Result<(), ApiError> {
    let mut failed: Vec<String> = Vec::new();
    for (template, name) in set.spec.claim_templates.iter().zip(claims) {
        let found = api
            .store
            .find::<PersistentVolumeClaim>(&set.meta.namespace, name);
        let result = match found.map(|claim| claim.meta.is_deleting()) {
            Some(true) => Err(format!("pvc {name} is being deleted")),
            Some(false) => Ok(()),
            None => create_claim(set, template, name, pod, api),
        };
        failed.extend(result.err());
    }
    // Several are said together (`NewAggregate`).
    match &*failed {
        [] => Ok(()),
        [one] => Err(ApiError::BadRequest(one.clone())),
        all => Err(ApiError::BadRequest(format!("[{}]", all.join(", ")))),
    }
}

fn create_claim(
    set: &StatefulSet,
    template: &PersistentVolumeClaim,
    name: &Text,
    pod: &str,
    api: &mut Api,
) -> Result<(), String> {
    let mut claim = template.clone();
    claim.meta.name = name.clone();
    claim.meta.namespace = set.meta.namespace.clone();
    // The set's own selector is merged over the template's labels (reference 1.4).
    let labels = &mut claim.meta.labels;
    match &set.spec.selector {
        Some(selector) if labels.is_empty() => *labels = Rc::clone(&selector.match_labels),
        selector => {
            for (key, value) in selector.iter().flat_map(|it| it.match_labels.iter()) {
                Rc::make_mut(labels).insert(key.clone(), value.clone());
            }
        }
    }
    let set_name = &set.meta.name;
    match api.create(claim.into_object()) {
        Ok(_) => {
            let message = value::concat(&[
                "Create Claim ",
                name,
                " Pod ",
                pod,
                " in StatefulSet ",
                set_name,
                " success",
            ]);
            api.say(set, Says::normal("SuccessfulCreate", message));
            Ok(())
        }
        Err(error) => {
            let message = format!(
                "Create Claim {name} for Pod {pod} in StatefulSet {set_name} failed error: {error}"
            );
            api.say(set, Says::warning("FailedCreate", message));
            Err(format!("failed to create PVC {name}: {error}"))
        }
    }
}

/// `DELETE`: an ordinary delete; a pod that is gone already counts as deleted.
pub(super) fn delete(set: &StatefulSet, name: &Text, api: &mut Api) -> Result<(), SyncError> {
    let key = ObjectKey::new(Kind::Pod, set.meta.namespace.clone(), name.clone());
    match api.delete(&key, &DeleteOptions::default()) {
        Err(error) if !error.is_not_found() => {
            say_pod(api, set, "Delete", "FailedDelete", name, Some(&error));
            Err(SyncError::new(name, error))
        }
        _ => {
            say_pod(api, set, "Delete", "SuccessfulDelete", name, None);
            Ok(())
        }
    }
}

/// `UPDATE`: mends identity, storage and the claims' owners.
pub(super) fn update(
    set: &StatefulSet,
    ordinal: i32,
    claims: &[Text],
    pod: &Pod,
    api: &mut Api,
) -> Result<(), SyncError> {
    let name = &pod.meta.name;
    let result = mend(set, ordinal, claims, pod, api);
    let (reason, error) = match &result {
        Ok(()) => ("SuccessfulUpdate", None),
        Err(error) => ("FailedUpdate", Some(error)),
    };
    say_pod(api, set, "Update", reason, name, error);
    result.map_err(|error| SyncError::new(name, error))
}

fn mend(
    set: &StatefulSet,
    ordinal: i32,
    claims: &[Text],
    pod: &Pod,
    api: &mut Api,
) -> Result<(), ApiError> {
    let mut mended = pod.clone();
    if !identity_matches(set, pod) {
        set_identity(&mut mended, ordinal);
    }
    if !storage_matches(set, pod, claims) {
        set_storage(set, claims, &mut mended);
        create_claims(set, claims, &pod.meta.name, api)?;
    }
    if !retention::claims_match(set, &pod.meta, ordinal, claims, api) {
        retention::update_claims(set, &pod.meta, ordinal, claims, api)?;
    }
    // Where only the claims' owners differed this sends the pod as it is: nothing is written.
    api.update(mended.into_object(), Part::Main).map(|_| ())
}

fn say_pod(
    api: &mut Api,
    about: &StatefulSet,
    verb: &str,
    reason: &'static str,
    pod: &str,
    error: Option<&ApiError>,
) {
    let set = &about.meta.name;
    let says = match error {
        None => Says::normal(
            reason,
            value::concat(&[verb, " Pod ", pod, " in StatefulSet ", set, " successful"]),
        ),
        Some(error) => {
            let message = format!("{verb} Pod {pod} in StatefulSet {set} failed error: {error}");
            Says::warning(reason, message)
        }
    };
    api.say(about, says);
}
