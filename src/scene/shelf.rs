//! A StatefulSet as a shelf of identities: one column for each ordinal.

use std::fmt;
use std::sync::Arc;

use super::claim::{self, ClaimTab};
use super::pod::{self, PodCard};
use super::revision::{self, RevisionTag};
use super::{Scene, Thought, keep};
use crate::cluster::disk::Disks;
use crate::cluster::object::pod::parent_and_ordinal;
use crate::cluster::object::{
    Kind, PersistentVolumeClaim, Pod, Resource as _, Service, StatefulSet,
};
use crate::cluster::record::{Component, Stop};
use crate::cluster::sorted;
use crate::cluster::value::Text;
use crate::timeline::View;

/// The most columns that are drawn for ordinals of which nothing exists yet.
const EMPTY_COLUMNS_MAX: usize = 100;

/// Where a set stands: its namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The namespace.
    pub namespace: Text,
    /// The name.
    pub name: Text,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl Place {
    /// The place that is written as `namespace/name`.
    pub fn of(text: &str) -> Self {
        let (namespace, name) = text.split_once('/').unwrap_or_default();
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

/// Whether the set itself is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Kept,
    /// It is being deleted.
    Deleting,
    /// It is gone; claims or pods of it are left.
    Gone,
}

/// A set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// Where it stands.
    pub place: Place,
    /// Whether it is there.
    pub standing: Standing,
    /// How many pods are asked for.
    pub replicas: i32,
    /// How many are Ready, as its status says.
    pub ready: i32,
    /// `OrderedReady` or `Parallel`.
    pub policy: Text,
    /// The revision that pods are updated to.
    pub revision: Option<RevisionTag>,
    /// Its containers and their images.
    pub containers: Vec<Container>,
    /// The Service that it names.
    pub service: Option<ServiceTag>,
    /// Whether its pods get claims of their own.
    pub has_claim_templates: bool,
    /// The ordinals that have a column.
    pub ordinals: Arc<Vec<i32>>,
    /// Its columns, by ordinal: all of them, but for a scene on its way.
    pub columns: Vec<Arc<Column>>,
    /// How many of the ordinals asked for are not drawn because there is nothing of them yet.
    pub undrawn: usize,
    /// Why its controller does nothing more.
    pub waits: Option<Stop>,
}

/// A container of the set's template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: Text,
    /// Its image.
    pub image: Text,
}

/// The Service that gives the set its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTag {
    /// Its name.
    pub name: Text,
    /// Whether it has no address of its own; `None` if there is no such Service.
    pub headless: Option<bool>,
}

/// One identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The ordinal.
    pub ordinal: i32,
    /// The name that stays.
    pub name: Text,
    /// Its DNS name; `None` if the set names no Service.
    pub dns: Option<Text>,
    /// Whether the set asks for it.
    pub in_range: bool,
    /// The pod.
    pub pod: Option<Arc<PodCard>>,
    /// Its claims, in the order of the set's templates.
    pub claims: Vec<Arc<ClaimTab>>,
}

pub(super) fn draw(
    set: &StatefulSet,
    standing: Standing,
    (view, disks): (&View, &Disks),
    last: &Scene,
) -> Arc<Shelf> {
    let place = Place {
        namespace: set.meta.namespace.clone(),
        name: set.meta.name.clone(),
    };
    let before = last.shelf(&place);
    let (columns, undrawn) = columns(set, standing, (view, disks), before.map(|it| &**it));
    let tag = |name: &Text| ServiceTag {
        name: name.clone(),
        headless: view
            .store
            .find::<Service>(&set.meta.namespace, name)
            .map(Service::is_headless),
    };
    let waits = view.stop(Component::StatefulSet, &set.key());
    let containers = set.spec.template.spec.containers.iter();
    let ordinals = columns.iter().map(|it| it.ordinal).collect();
    let shelf = Shelf {
        place,
        ordinals: keep(ordinals, before.map(|it| &it.ordinals).into_iter()),
        standing,
        replicas: set.spec.replicas(),
        ready: set.status.ready_replicas,
        policy: set.spec.pod_management_policy.clone(),
        revision: revision::draw(
            &set.meta.namespace,
            &set.meta.name,
            &set.status.update_revision,
            view,
        ),
        containers: containers
            .map(|it| Container {
                name: it.name.clone(),
                image: it.image.clone(),
            })
            .collect(),
        service: Some(&set.spec.service_name)
            .filter(|name| !name.is_empty())
            .map(tag),
        has_claim_templates: !set.spec.claim_templates.is_empty(),
        columns,
        undrawn,
        waits: waits.filter(|_| standing != Standing::Gone).cloned(),
    };
    keep(shelf, before.into_iter())
}

/// What exists of each ordinal, and of those asked for the first that do not.
fn columns(
    set: &StatefulSet,
    standing: Standing,
    (view, disks): (&View, &Disks),
    before: Option<&Shelf>,
) -> (Vec<Arc<Column>>, usize) {
    let mut found = existing(set, view);
    let mut undrawn = 0;
    if standing != Standing::Gone {
        let start = i64::from(set.spec.start());
        let wanted = usize::try_from(set.spec.replicas()).unwrap_or(0);
        let in_range = found.iter().filter(|it| set.spec.has_ordinal(it.ordinal));
        let count = in_range.count();
        let missing = wanted - count.min(wanted);
        undrawn = missing.saturating_sub(EMPTY_COLUMNS_MAX);
        let known: Vec<i32> = found.iter().map(|it| it.ordinal).collect();
        let empty = (start..)
            .map_while(|it| i32::try_from(it).ok())
            .filter(|it| known.binary_search(it).is_err());
        found.extend(empty.take(missing - undrawn).map(Existing::nothing));
        sorted::sort_by(&mut found, |a, b| a.ordinal.cmp(&b.ordinal));
    }
    let columns = found.into_iter().map(|existing| {
        let Existing {
            ordinal,
            pod,
            claims,
        } = existing;
        let name: Text = format!("{}-{ordinal}", set.meta.name).into();
        let namespace = &set.meta.namespace;
        let service = &set.spec.service_name;
        let column = Column {
            ordinal,
            dns: (!service.is_empty()).then(|| format!("{name}.{service}.{namespace}.svc").into()),
            name,
            in_range: standing != Standing::Gone && set.spec.has_ordinal(ordinal),
            pod: pod.map(|pod| Arc::new(pod::draw(pod, view))),
            claims: claims
                .into_iter()
                .map(|claim| Arc::new(claim::draw(claim, view, disks)))
                .collect(),
        };
        let known = before.and_then(|it| it.column(ordinal));
        keep(column, known.into_iter())
    });
    (columns.collect(), undrawn)
}

/// What there is of one ordinal.
struct Existing<'a> {
    ordinal: i32,
    pod: Option<&'a Pod>,
    claims: Vec<&'a PersistentVolumeClaim>,
}

impl Existing<'_> {
    fn nothing(ordinal: i32) -> Self {
        Self {
            ordinal,
            pod: None,
            claims: Vec::new(),
        }
    }
}

/// The pods and claims of a set by ordinal, claims in the order of their templates.
fn existing<'a>(set: &StatefulSet, view: &'a View) -> Vec<Existing<'a>> {
    let namespace = &set.meta.namespace;
    let pods = view.store.list_in::<Pod>(namespace).filter_map(|pod| {
        let (parent, ordinal) = pod.parent_and_ordinal()?;
        (*parent == *set.meta.name).then_some((ordinal, 0, Some(pod), None))
    });
    let mut all: Vec<_> = pods.collect();
    for (at, template) in set.spec.claim_templates.iter().enumerate() {
        let parent = format!("{}-{}", template.meta.name, set.meta.name);
        let claims = view.store.list_in::<PersistentVolumeClaim>(namespace);
        all.extend(claims.filter_map(|claim| {
            let (text, ordinal) = parent_and_ordinal(&claim.meta.name)?;
            (text == parent).then_some((ordinal, at + 1, None, Some(claim)))
        }));
    }
    sorted::sort_by(&mut all, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let mut out: Vec<Existing<'a>> = Vec::new();
    for (ordinal, _, pod, claim) in all {
        if out.last().is_none_or(|it| it.ordinal != ordinal) {
            out.push(Existing::nothing(ordinal));
        }
        if let Some(last) = out.last_mut() {
            last.pod = pod.or(last.pod);
            last.claims.extend(claim);
        }
    }
    out
}

impl Column {
    /// Whether an object is its pod or one of its claims.
    fn is_part(&self, kind: Kind, name: &str) -> bool {
        match kind {
            Kind::Pod => *self.name == *name,
            Kind::PersistentVolumeClaim => self.claims.iter().any(|it| *it.name == *name),
            _ => false,
        }
    }
}

impl Shelf {
    /// The ordinal in which something happened since the shelf was as `last`: where the last deed was done; where that
    /// was elsewhere, the only one that changed.
    pub fn acted(&self, last: Option<&Self>, thought: Option<&Thought>) -> Option<i32> {
        let changed: Vec<&Arc<Column>> = self.changed_since(last).collect();
        let acted = |it: &&&Arc<Column>| thought.is_some_and(|thought| self.is_about(thought, it));
        let found = changed.iter().find(acted);
        let only = changed.first().filter(|_| changed.len() == 1);
        found.or(only).map(|it| it.ordinal)
    }

    /// The columns that are others than in `last`.
    pub fn changed_since<'a>(
        &'a self,
        last: Option<&'a Self>,
    ) -> impl Iterator<Item = &'a Arc<Column>> {
        let was = move |it: &Column| last.and_then(|shelf| shelf.column(it.ordinal));
        self.columns.iter().filter(move |it| was(it) != Some(*it))
    }

    /// Whether a deed was done in one of its columns.
    pub(super) fn is_about(&self, thought: &Thought, column: &Column) -> bool {
        self.place.namespace == thought.namespace && column.is_part(thought.kind, &thought.name)
    }

    /// The column of an ordinal.
    pub fn column(&self, ordinal: i32) -> Option<&Arc<Column>> {
        let at = self.columns.binary_search_by_key(&ordinal, |it| it.ordinal);
        self.columns.get(at.ok()?)
    }
}
